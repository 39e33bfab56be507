//! `report-group-name`: a name that no report group can have.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    code: "report-group-name",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A name that no report group can have",
    doc: "A key below `reports` is the ARN of a report group, a variable that holds a name or an ARN, or a name, to which \
          CodeBuild puts the project's in front: `project-name`. The whole has 2 to 128 characters.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make
reports:
  arn:aws:codebuild:eu-west-1:111122223333:project/unit:
    files:
      - unit.xml
",
        "version: 0.2
phases:
  build:
    commands:
      - make
reports:
  arn:aws:codebuild:eu-west-1:111122223333:report-group/unit:
    files:
      - unit.xml
",
    ),
    reference: "codebuild.md 1.8",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/test-report-group-naming.html"),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for entry in file.entries(&["reports"]) {
        let Some(name) = entry.key.scalar().map(|key| key.text) else { continue };
        let finding = |message: String, label: &str| RULE.at(file.source(), entry.key.span(), message, label);
        if name.contains('$') {
            continue;
        }
        if name.starts_with("arn:") {
            let fields: Vec<_> = name.splitn(6, ':').collect();
            let of_group = matches!(fields[..], ["arn", _, "codebuild", _, _, rest] if rest.starts_with("report-group/"));
            if !of_group {
                findings.push(
                    finding("this is no ARN of a report group".to_owned(), "reports cannot go there")
                        .help("write arn:aws:codebuild:REGION:ACCOUNT:report-group/NAME"),
                );
            }
        } else if name.is_empty() || name.chars().count() > 125 {
            let message = format!("a report group's name has {} characters", name.chars().count());
            findings.push(finding(message, "2 to 128 are allowed, with the project's name"));
        }
    }
}

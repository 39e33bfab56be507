//! `reserved-variable`: a variable whose name belongs to CodeBuild.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    code: "reserved-variable",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A variable whose name begins with `CODEBUILD_`",
    doc: "AWS reserves these names for what CodeBuild sets itself, and does not say what becomes of yours. The settings \
          `CODEBUILD_CONFIG_…` are meant to be set. An empty `AWS_REGION` takes the region from the tools of AWS.",
    example: Example::buildspec(
        "version: 0.2
env:
  variables:
    CODEBUILD_STAGE: test
phases:
  build:
    commands:
      - make
",
        "version: 0.2
env:
  variables:
    STAGE: test
phases:
  build:
    commands:
      - make
",
    ),
    reference: "codebuild.md 1.5, 3.6",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html"),
    check: Check::Buildspec(check),
};

/// Variables that each build has, and that may be set to something else.
const OF_AWS: [&str; 2] = ["AWS_DEFAULT_REGION", "AWS_REGION"];

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for entry in file.variables().chain(file.variables_of_tasks()) {
        let Some(name) = entry.key.text() else { continue };
        if OF_AWS.contains(&name) && entry.value.text().is_some_and(|value| value.trim().is_empty()) {
            let message = format!("this empties `{name}`, which CodeBuild sets");
            let finding =
                RULE.at(file.source(), entry.key.span(), message, "the tools of AWS find no region");
            findings.push(finding.help("remove it, or write a value"));
        }
        if name.starts_with("CODEBUILD_") && !name.starts_with("CODEBUILD_CONFIG_") {
            let message = format!("`{name}` is a name that CodeBuild keeps for itself");
            let finding = RULE.at(file.source(), entry.key.span(), message, "reserved");
            findings.push(finding.help("give it a name of your own"));
        }
    }
}

//! `artifact-identifier`: the name of a secondary artifact that no project can have.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    code: "artifact-identifier",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "The identifier of a secondary artifact that no project can have",
    doc: "A key below `secondary-artifacts` names one of the project's secondary artifacts, or one of the output artifacts of \
          a pipeline's action. A project's identifiers have letters, digits and `_`, fewer than 128; an output artifact may \
          also have `-`.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make
artifacts:
  files:
    - app.zip
  secondary-artifacts:
    test results:
      files:
        - results/**/*
",
        "version: 0.2
phases:
  build:
    commands:
      - make
artifacts:
  files:
    - app.zip
  secondary-artifacts:
    test_results:
      files:
        - results/**/*
",
    ),
    reference: "codebuild.md 1.9, 4.3; codepipeline.md 1.4",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/sample-multi-in-out.html"),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for entry in file.entries(&["artifacts", "secondary-artifacts"]) {
        let Some(name) = entry.key.scalar().map(|key| key.text) else { continue };
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || name.len() >= 128 || !name.chars().all(fits) {
            let message = format!("no artifact can be named `{name}`");
            let finding = RULE.at(file.source(), entry.key.span(), message, "not an identifier");
            findings.push(finding.help("use letters, digits and _, fewer than 128"));
        }
    }
}

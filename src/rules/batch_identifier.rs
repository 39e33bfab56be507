//! `batch-identifier`: the name of a task that CodeBuild refuses.

use std::collections::HashMap;

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    code: "batch-identifier",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "The identifier of a batch's task that CodeBuild refuses",
    doc: "An identifier has letters, digits and `_`, fewer than 128 of them, and is unique in the batch. A hyphen is the \
          usual mistake: such a file was replaced within the hour by one with underscores.",
    example: Example::buildspec(
        "version: 0.2
batch:
  build-list:
    - identifier: unit-tests
      buildspec: unit.yml
",
        "version: 0.2
batch:
  build-list:
    - identifier: unit_tests
      buildspec: unit.yml
",
    ),
    reference: "codebuild.md 1.11, 4.3",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html"),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let mut seen = HashMap::new();
    for task in file.tasks() {
        let Some((name, span)) = task.identifier() else { continue };
        let repaired: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if repaired != name {
            let message = format!("the identifier `{name}` has characters that CodeBuild refuses");
            let finding = RULE.at(file.source(), span, message, "letters, digits and _ only");
            let finding = finding.help(format!("write `{repaired}`, also where `depend-on` names it"));
            findings.push(finding.aws(format!(
                "BATCH_SPEC_VALIDATION_ERROR: BatchSpec has invalid values.. Build Identifiers {name} must contain only \
                 alphanumeric characters and underscores and be less than 128 characters in length."
            )));
        } else if name.is_empty() || name.len() >= 128 {
            let message = format!("an identifier has 1 to 127 characters, not {}", name.len());
            findings.push(RULE.at(file.source(), span, message, "length"));
        }
        if let Some(first) = seen.insert(name, span) {
            let message = format!("two tasks of the batch are named `{name}`");
            findings.push(RULE.at(file.source(), span, message, "again here").label(first, "first here"));
        }
    }
}

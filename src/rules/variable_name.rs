//! `variable-name`: a variable that no shell command can read.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};
use crate::syntax::Kind;

pub(super) const RULE: Rule = Rule {
    code: "variable-name",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A variable that no shell command can read",
    doc: "A shell knows variables of letters, digits and `_` that do not begin with a digit: `$MY-NAME` is `$MY` and the text \
          `-NAME`. AWS does not document which names it takes.",
    example: Example::buildspec(
        "version: 0.2
env:
  variables:
    TARGET-STAGE: test
phases:
  build:
    commands:
      - make
",
        "version: 0.2
env:
  variables:
    TARGET_STAGE: test
phases:
  build:
    commands:
      - make
",
    ),
    reference: "codebuild.md 1.5",
    url: None,
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for entry in file.variables().chain(file.variables_of_tasks()) {
        let Some(name) = entry.key.scalar().map(|key| key.text) else { continue };
        // A mapping there is a section too far in, which the reader says.
        if is_name(name) || entry.value.kind() == Kind::Mapping {
            continue;
        }
        let message = format!("no shell command can read a variable `{name}`");
        let finding = RULE.at(file.source(), entry.key.span(), message, "not a name for a shell");
        findings.push(finding.help("use letters, digits and _, and begin with no digit"));
    }
}

/// Whether this is a name in the sense of POSIX.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

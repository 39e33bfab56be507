//! `empty-value`: a key with nothing behind it.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "empty-value",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A key with nothing behind it",
    doc: "A phase, a list of commands or a variable without a value is accepted and does nothing; a variable is the empty text. \
          Where a path, a name, a flag or a word is expected, `\"\"` is as good as nothing. \
          It is advice where it is meant: `commands: []`, or no commands beside `finally` or `runtime-versions`.",
    example: Example::buildspec(
        "version: 0.2
env:
  variables:
    STAGE:
phases:
  build:
    commands:
      - make
",
        r#"version: 0.2
env:
  variables:
    STAGE: ""
phases:
  build:
    commands:
      - make
"#,
    ),
    reference: "codebuild.md 1.5, 1.7",
    url: None,
    check: Check::Reading,
};

//! `yaml-duplicate-key`: a key that stands twice in one mapping.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "yaml-duplicate-key",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A key that stands twice in one mapping",
    doc: "Both stand in the file, only the later one counts: half of what is written never happens. AWS accepts such files.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make
    commands:
      - make test
",
        "version: 0.2
phases:
  build:
    commands:
      - make
      - make test
",
    ),
    reference: "codebuild.md 10",
    url: None,
    check: Check::Reading,
};

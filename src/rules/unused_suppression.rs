//! `unused-suppression`: a comment that silences nothing any more.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "unused-suppression",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A suppression of what is not found",
    doc: "What it silenced is repaired, or is found elsewhere. Left standing it would hide the next mistake of its kind. Remove it.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make
artifacts: # rehearsal: ignore[unknown-key] read by our own tool
  files:
    - app.zip
",
        "version: 0.2
phases:
  build:
    commands:
      - make
artifacts:
  files:
    - app.zip
",
    ),
    reference: "docs/check.md",
    url: None,
    check: Check::Reading,
};

//! `suppression-without-reason`: a comment that silences findings and does not say why.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "suppression-without-reason",
    severity: Severity::Advice,
    since: "0.1.0",
    summary: "A suppression without a reason",
    doc: "Whoever reads the file next will want to know whether the reason still holds. Write a few words after the brackets.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make
artifact: # rehearsal: ignore[unknown-key]
  files:
    - app.zip
",
        "version: 0.2
phases:
  build:
    commands:
      - make
artifact: # rehearsal: ignore[unknown-key] read by our own tool
  files:
    - app.zip
",
    ),
    reference: "docs/check.md",
    url: None,
    check: Check::Reading,
};

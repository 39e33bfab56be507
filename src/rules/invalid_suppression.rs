//! `invalid-suppression`: a comment that silences nothing, though it was meant to.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "invalid-suppression",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A `# rehearsal: ignore` comment that cannot be understood, or names no code there is",
    doc: "It silences nothing. A suppression is written `# rehearsal: ignore[CODE, CODE] reason`, at the end of a line or alone \
          above it; `# rehearsal: ignore-file[CODE] reason` stands before the first line of content. What makes a file unreadable \
          cannot be silenced, and neither can what is said of suppressions themselves.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make
artifact: # rehearsal: ignore[unknow-key] read by our own tool
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

//! `several-documents`: a second YAML document in the file.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "several-documents",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A second YAML document in the file",
    doc: "A line `---` begins another document. Only the first one is read.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make
---
version: 0.2
",
        "version: 0.2
phases:
  build:
    commands:
      - make
",
    ),
    reference: "codebuild.md 10",
    url: None,
    check: Check::Reading,
};

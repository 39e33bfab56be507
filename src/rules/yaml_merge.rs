//! `yaml-merge`: a merge key that cannot be merged.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "yaml-merge",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A merge key that cannot be merged",
    doc: "`<<` takes a mapping, an alias of one, or a list of them.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    <<: make
    commands: [make]
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

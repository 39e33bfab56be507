//! `empty-command`: an item of a list of commands with nothing in it.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "empty-command",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "An item of a list of commands with nothing in it",
    doc: "CodeBuild passes over it. Mostly a comment has taken its place, or its text slipped to the next line.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make
      -
",
        "version: 0.2
phases:
  build:
    commands:
      - make
",
    ),
    reference: "codebuild.md 1.7",
    url: None,
    check: Check::Reading,
};

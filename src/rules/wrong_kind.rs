//! `wrong-kind`: a mapping, a list or a text where another one belongs.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "wrong-kind",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A mapping, a list or a text where another one belongs",
    doc: "A phase that is a list, a cache that is a list, a variable that is a mapping: AWS refuses the file before it does \
          anything. Pipeline definitions are typed more strictly: a number or a flag for a string is refused as well.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make
cache:
  - node_modules/**/*
",
        "version: 0.2
phases:
  build:
    commands:
      - make
cache:
  paths:
    - node_modules/**/*
",
    ),
    reference: "codebuild.md 1.2 to 1.10; codepipeline.md 1.2 to 1.5",
    url: None,
    check: Check::Reading,
};

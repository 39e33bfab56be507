//! `yaml-unknown-anchor`: an unquoted `*` that makes an alias.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "yaml-unknown-anchor",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "An unquoted `*` that makes an alias",
    doc: "A value that begins with `*` refers to an anchor (`&name`). A glob such as `**/*` needs quotes.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make
artifacts:
  files:
    - *.zip
",
        "version: 0.2
phases:
  build:
    commands:
      - make
artifacts:
  files:
    - '*.zip'
",
    ),
    reference: "codebuild.md 8.2",
    url: None,
    check: Check::Reading,
};

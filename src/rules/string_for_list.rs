//! `string-for-list`: one text where a list is documented.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "string-for-list",
    severity: Severity::Advice,
    since: "0.1.0",
    summary: "One text where a list is documented",
    doc: "AWS takes it as a list of one, as real buildspecs show; the CDK's pipelines write `files` like this. A list says what \
          is meant, and grows.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make
artifacts:
  files: app.zip
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
    reference: "codebuild.md 1.7, 1.9",
    url: None,
    check: Check::Reading,
};

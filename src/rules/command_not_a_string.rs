//! `command-not-a-string`: a command that YAML takes for a mapping or a list.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "command-not-a-string",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A command that YAML takes for a mapping or a list",
    doc: "An unquoted `: ` makes a mapping of `key: value`, a `[` at the beginning a list. CodeBuild stops before the first \
          command. Put the command in quotes, or below `- |`.",
    example: Example::buildspec(
        r#"version: 0.2
phases:
  build:
    commands:
      - echo "Status: $STATUS"
"#,
        r#"version: 0.2
phases:
  build:
    commands:
      - 'echo "Status: $STATUS"'
"#,
    ),
    reference: "codebuild.md 1.7, 8.2",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html"),
    check: Check::Reading,
};

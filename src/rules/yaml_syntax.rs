//! `yaml-syntax`: the text is no YAML.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "yaml-syntax",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "The text is no YAML",
    doc: "CodeBuild stops in DOWNLOAD_SOURCE before the first command, and says `YAML_FILE_ERROR` with the words of its parser. \
          The usual causes: a value that begins with `[`, `{`, `*`, `&`, `!` or a quote and goes on behind it, a tab, a block \
          whose lines are not indented below its key, an unquoted `: `. Whatever can still be read of the file is checked too.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - [ -f Makefile ] && make
",
        "version: 0.2
phases:
  build:
    commands:
      - '[ -f Makefile ] && make'
",
    ),
    reference: "codebuild.md 1.1, 8.2",
    url: None,
    check: Check::Reading,
};

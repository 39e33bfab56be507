//! `shellcheck`: what shellcheck says of a command.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "shellcheck",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "What shellcheck says of a command",
    doc: "Where [shellcheck](https://www.shellcheck.net) is installed, it looks at the commands too: its errors are warnings here, \
          the rest is advice. What makes no sense for items of a buildspec is left out, such as variables that another item sets. \
          `--shellcheck off`, or `REHEARSAL_SHELLCHECK=off`, leaves it alone; so does a check of more than 50 buildspecs. \
          `# shellcheck disable=SC2086` inside a command silences one of its codes there.",
    example: None,
    reference: "codebuild.md 3.4",
    url: None,
    check: Check::Starting,
};

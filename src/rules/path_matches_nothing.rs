//! `path-matches-nothing`: a pattern of `check.paths` without a file.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "path-matches-nothing",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A pattern of `check.paths` that matches no checked file",
    doc: "What it should silence is not silenced: the folder was renamed, or the pattern is misspelt. Patterns match whole paths from \
          the top of the repository: `legacy/**` is everything below `legacy`.",
    example: None,
    reference: "docs/check.md",
    url: None,
    check: Check::Reading,
};

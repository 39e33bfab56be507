//! `yaml-recursive-alias`: an alias inside what it refers to.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "yaml-recursive-alias",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "An alias inside what it refers to",
    doc: "It would have no end.",
    example: None,
    reference: "codebuild.md 4.3",
    url: None,
    check: Check::Reading,
};

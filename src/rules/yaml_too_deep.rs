//! `yaml-too-deep`: nesting deeper than any real file.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "yaml-too-deep",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "Nesting deeper than any real file",
    doc: "Rehearsal reads at most 64 levels, so that a file made to harm costs nothing. AWS documents no limit.",
    example: None,
    reference: "codebuild.md 4.3",
    url: None,
    check: Check::Reading,
};

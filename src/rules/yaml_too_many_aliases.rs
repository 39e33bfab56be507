//! `yaml-too-many-aliases`: aliases that unfold to far more than is written.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "yaml-too-many-aliases",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "Aliases that unfold to far more than is written",
    doc: "Rehearsal unfolds aliases to at most 100,000 values, so that a file made to harm costs nothing. AWS documents no limit.",
    example: None,
    reference: "codebuild.md 4.3",
    url: None,
    check: Check::Reading,
};

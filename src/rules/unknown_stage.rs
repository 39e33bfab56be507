//! `unknown-stage`: a gate that names a stage the pipeline does not have.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "unknown-stage",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A gate that names a stage the pipeline does not have",
    doc: "`before` and the first half of `action` name stages of the pipeline.",
    example: None,
    reference: "codepipeline.md 4.9",
    url: None,
    check: Check::Starting,
};

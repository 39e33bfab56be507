//! `gate-too-early`: a gate that asks for what cannot have happened yet.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "gate-too-early",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A gate that asks for what cannot have happened yet",
    doc: "A gate stands before the first stage, or asks for evidence of an action that runs only once its \
          stage is entered.",
    example: None,
    reference: "codepipeline.md 4.9",
    url: None,
    check: Check::Starting,
};

//! `unknown-action`: a gate that names an action the stage does not have.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "unknown-action",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A gate that names an action the stage does not have",
    doc: "`action` is written `Stage/Action`, as in the pipeline definition.",
    example: None,
    reference: "codepipeline.md 4.9",
    url: None,
    check: Check::Starting,
};

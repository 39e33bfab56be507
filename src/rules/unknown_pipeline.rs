//! `unknown-pipeline`: a gate for a pipeline that is not there.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "unknown-pipeline",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A gate for a pipeline that is not there",
    doc: "It would never be asked, and nothing would be held back by it.",
    example: None,
    reference: "codepipeline.md 4.9",
    url: None,
    check: Check::Starting,
};

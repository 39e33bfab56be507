//! `pipeline-limit`: more stages, actions or entries than CodePipeline allows.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "pipeline-limit",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "More stages, actions or entries than CodePipeline allows",
    doc: "The limits are CodePipeline's and cannot be raised: 50 stages, 50 actions a stage, 1000 actions.",
    example: None,
    reference: "codepipeline.md 7",
    url: Some("https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"),
    check: Check::Reading,
};

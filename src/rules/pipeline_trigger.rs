//! `pipeline-trigger`: a trigger that CodePipeline refuses.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "pipeline-trigger",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A trigger that CodePipeline refuses",
    doc: "A trigger names a source action of provider CodeStarSourceConnection, once; its filters combine only in the ways that \
          are documented.",
    example: None,
    reference: "codepipeline.md 1.5, 3",
    url: Some("https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html"),
    check: Check::Reading,
};

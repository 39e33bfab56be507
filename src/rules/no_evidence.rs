//! `no-evidence`: a gate that asks an action for what it cannot give.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "no-evidence",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A gate that asks an action for what it cannot give",
    doc: "Reports come from CodeBuild actions; a file of an evaluation comes from an output artifact of an
action whose commands write it: what a source brings was evaluated some other time, if ever.",
    example: None,
    reference: "codepipeline.md 4.9; codebuild.md 3.13",
    url: None,
    check: Check::Starting,
};

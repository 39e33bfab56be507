//! `file-too-large`: a file of more than 1 MiB.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "file-too-large",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A file of more than 1 MiB",
    doc: "Rehearsal reads at most 1 MiB of a definition. AWS documents no limit for buildspecs.",
    example: None,
    reference: "codebuild.md 4.3",
    url: None,
    check: Check::Reading,
};

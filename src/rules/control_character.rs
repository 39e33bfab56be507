//! `control-character`: a control character in the text.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "control-character",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A control character in the text",
    doc: "YAML allows no NUL and no other control character except tab and line ends, not even in quotes.",
    example: None,
    reference: "codebuild.md 1.1",
    url: None,
    check: Check::Reading,
};

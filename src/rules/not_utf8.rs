//! `not-utf8`: a file that is not UTF-8.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "not-utf8",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A file that is not UTF-8",
    doc: "AWS reads definitions as UTF-8. Editors on Windows sometimes save UTF-16.",
    example: None,
    reference: "codebuild.md 1.1",
    url: None,
    check: Check::Reading,
};

//! `answer-file`: an answer that cannot be used.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "answer-file",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "An answer file that is missing or no JSON object, or a bucket's folder that is missing",
    doc: "`aws:` in rehearsal.yml names files with the output of an operation, and folders whose files are the objects of a bucket. \
          They lie in the working tree; links that lead out of it are not followed. Nothing starts with one that cannot be \
          used: the call it is for may come after an hour of building.",
    example: None,
    reference: "design of rehearsal.yml",
    url: None,
    check: Check::Starting,
};

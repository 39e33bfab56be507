//! `not-there-yet`: a feature of a pipeline that cannot be rehearsed yet.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "not-there-yet",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A feature of a pipeline that cannot be rehearsed yet",
    doc: "AWS performs it. Said before the pipeline starts; `--until` stops before it.",
    example: None,
    reference: "fidelity",
    url: None,
    check: Check::Starting,
};

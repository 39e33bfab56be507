//! `not-supported-yet`: something that Rehearsal cannot do yet.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "not-supported-yet",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "Something that Rehearsal cannot do yet",
    doc: "AWS takes it. Rehearsal would have to ignore it, and a rehearsal that leaves something out proves nothing; in a \
          pipeline definition this is advice: a start that comes to it says so.",
    example: Example::config(
        "sandbox: container
",
        "sandbox: isolated
",
    ),
    reference: "design of rehearsal.yml",
    url: None,
    check: Check::Reading,
};

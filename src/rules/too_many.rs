//! `too-many`: more of something than AWS allows.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "too-many",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "More of something than AWS allows",
    doc: "Twelve secondary artifacts are the limit of a project, as are its subnets and security groups, and a deployment group's alarms: an error. Five report groups and five fallback keys are \
          documented limits of which it is not known what happens beyond: a warning.",
    example: None,
    reference: "codebuild.md 1.8 to 1.10, 4.3",
    url: None,
    check: Check::Reading,
};

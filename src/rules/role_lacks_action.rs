//! `role-lacks-action`: a role that is not allowed what a build of its project called.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "role-lacks-action",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A role that does not allow what the builds of its project called",
    doc: "`rehearsal permissions` compares what an execution called with the role that the same CloudFormation template gives the \
          project: its inline policies, policies of the template that name it, and those of AWS whose content is certain. A \
          finding is what no statement allows, or one denies, whatever the template's parameters are. On AWS the call fails with \
          `AccessDenied`.\n\nWhat depends on parameters, conditions, other policies or a policy of the resource itself is listed as \
          not judged. The account and the region of a rehearsal do not count.",
    example: None,
    reference: "codebuild.md 8.1",
    url: Some("https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"),
    check: Check::Starting,
};

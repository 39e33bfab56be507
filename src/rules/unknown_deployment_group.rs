//! `unknown-deployment-group`: a CodeDeploy action whose group nobody describes.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "unknown-deployment-group",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A CodeDeploy action whose deployment group rehearsal.yml does not describe",
    doc: "AWS has applications and groups in the account; here they are described in rehearsal.yml, under \
          `deploymentGroups:`. Said before the pipeline starts.",
    example: None,
    reference: "codepipeline.md 2.7; codedeploy.md 10",
    url: None,
    check: Check::Starting,
};

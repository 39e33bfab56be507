//! `appspec-missing`: a deployment of sources that have no appspec.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "appspec-missing",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A deployment of sources that have no appspec",
    doc: "CodeDeploy looks for `appspec.yml` or `appspec.yaml` at the top of the revision. Where a CodeDeploy action takes \
          what a source action gave, unchanged, that can be seen in the commit, and is said before the pipeline starts.",
    example: None,
    reference: "codedeploy.md 2; codepipeline.md 2.7",
    url: Some("https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html"),
    check: Check::Starting,
};

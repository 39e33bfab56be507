//! `appspec-file-name`: an appspec for servers that the agent does not find.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "appspec-file-name",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "An appspec for servers that the agent does not find",
    doc: "The agent looks for `appspec.yml` and `appspec.yaml` at the top of the revision, in that spelling, and not for \
          `appspec.json` or `AppSpec.yml`. Appspecs of Lambda and ECS may have any name. Files with names of another kind, \
          such as `appspec-production.yml`, are let be: a build can rename them.",
    example: None,
    reference: "codedeploy.md 2",
    url: Some("https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html"),
    check: Check::Reading,
};

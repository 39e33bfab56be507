//! `deprecated-image`: a build image that AWS no longer maintains.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "deprecated-image",
    severity: Severity::Advice,
    since: "0.1.0",
    summary: "A build image that AWS no longer maintains",
    doc: "Builds with it still run. The image is no longer kept on the hosts, so that each build waits for its download, and it \
          gets no new runtimes and no fixes.",
    example: None,
    reference: "codebuild.md 5.4",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/deprecated-images.html"),
    check: Check::Reading,
};

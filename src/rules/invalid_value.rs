//! `invalid-value`: a value that is none of those allowed.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "invalid-value",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A value that is none of those allowed",
    doc: "Where AWS would refuse it or the build would prove nothing (`version`, `on-failure`, `env.shell`, a project's time \
          limit, an enum of CodeBuild's or CodeDeploy's API), this is an error; where AWS goes on with another value (a flag, `file-format`, `cache.action`), a warning.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    on-failure: STOP
    commands:
      - make
",
        "version: 0.2
phases:
  build:
    on-failure: ABORT
    commands:
      - make
",
    ),
    reference: "codebuild.md 1.3 to 1.10",
    url: None,
    check: Check::Reading,
};

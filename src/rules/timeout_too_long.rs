//! `timeout-too-long`: scripts of a lifecycle event that may take longer than the event.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "timeout-too-long",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "Scripts of a lifecycle event that may take longer than the event",
    doc: "An event has 3600 seconds for all of its scripts together. Those that come last are ended sooner than they say.",
    example: Example::appspec(
        "version: 0.0
os: linux
hooks:
  AfterInstall:
    - location: scripts/migrate.sh
      timeout: 3000
    - location: scripts/warm-up.sh
      timeout: 1200
",
        "version: 0.0
os: linux
hooks:
  AfterInstall:
    - location: scripts/migrate.sh
      timeout: 2400
    - location: scripts/warm-up.sh
      timeout: 1200
",
    ),
    reference: "codedeploy.md 3.3, 13",
    url: Some(
        "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html",
    ),
    check: Check::Reading,
};

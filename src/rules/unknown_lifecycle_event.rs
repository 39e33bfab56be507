//! `unknown-lifecycle-event`: hooks of an event that there is not, or that runs no scripts.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "unknown-lifecycle-event",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "Hooks of a lifecycle event that there is not",
    doc: "A deployment stops at a key below `hooks` that is no lifecycle event. `Install`, `DownloadBundle`, `Start` and \
          `End` are CodeDeploy's own and run no scripts. Each platform has its own events: Lambda has `BeforeAllowTraffic` and \
          `AfterAllowTraffic`; ECS has these, and `BeforeInstall`, `AfterInstall` and `AfterAllowTestTraffic`. An event in \
          other letters is a warning there.",
    example: Example::appspec(
        "version: 0.0
os: linux
hooks:
  AplicationStart:
    - location: scripts/start.sh
      timeout: 30
",
        "version: 0.0
os: linux
hooks:
  ApplicationStart:
    - location: scripts/start.sh
      timeout: 30
",
    ),
    reference: "codedeploy.md 2.1, 3.3, 4 to 6",
    url: Some(
        "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html",
    ),
    check: Check::Reading,
};

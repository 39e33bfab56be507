//! `octal-mode`: a mode that YAML takes for an octal number.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "octal-mode",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A mode that YAML takes for an octal number",
    doc: "`mode: 0644` is the number 420 to YAML, and the agent then sets the mode 420. Quotes keep the digits.",
    example: Example::appspec(
        "version: 0.0
os: linux
files:
  - source: /
    destination: /srv/service
permissions:
  - object: /srv/service
    mode: 0644
",
        "version: 0.0
os: linux
files:
  - source: /
    destination: /srv/service
permissions:
  - object: /srv/service
    mode: \"0644\"
",
    ),
    reference: "codedeploy.md 3.2",
    url: Some(
        "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-permissions.html",
    ),
    check: Check::Reading,
};

//! `unknown-operation`: an answer for something that no call is.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;
use crate::spec::FileKind;

pub(super) const RULE: Rule = Rule {
    code: "unknown-operation",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "An answer for a service or operation that there is not, or with a member that its output does not have",
    doc: "`aws:` in rehearsal.yml answers calls by `service:Operation`. The service is named as in IAM actions, the operation and \
          the members of its output as in the API reference. A misspelt one would answer nothing, and a client would not find a \
          misspelt member.\n\nA service that resembles none that Rehearsal knows is a warning: AWS may have it since yesterday.",
    example: Some(Example {
        kind: FileKind::Config,
        bad: "aws:\n  ec2:DescribeVpc: answers/vpcs.json\n",
        good: "aws:\n  ec2:DescribeVpcs: answers/vpcs.json\n",
    }),
    reference: "design of rehearsal.yml",
    url: None,
    check: Check::Starting,
};

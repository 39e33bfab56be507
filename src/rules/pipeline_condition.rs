//! `pipeline-condition`: a condition of a stage that CodePipeline refuses.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "pipeline-condition",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A condition of a stage that CodePipeline refuses",
    doc: "`beforeEntry` and `onSuccess` have exactly one condition with one to five rules; `onFailure` has a result of its own \
          too. Before the entry a condition can FAIL or SKIP (with rules of LambdaInvoke and VariableCheck only), after success \
          FAIL or ROLLBACK, after failure ROLLBACK; a stage that failed can ROLLBACK or RETRY. Conditions are checked, and not \
          rehearsed yet.",
    example: None,
    reference: "codepipeline.md 1.3, 4.9",
    url: Some("https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html"),
    check: Check::Reading,
};

//! `trigger-pattern`: a pattern of a trigger that nothing can fit.

use super::record::{Check, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "trigger-pattern",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A pattern of a trigger that nothing can fit",
    doc: "Branches and tags are compared by their names, without `refs/heads/` and `refs/tags/`; file paths begin at the top of \
          the repository, without `/` or `./`. CodePipeline takes any text for a pattern, and the trigger never fires.",
    example: None,
    reference: "codepipeline.md 3.4, 3.5",
    url: Some("https://docs.aws.amazon.com/codepipeline/latest/userguide/syntax-glob.html"),
    check: Check::Reading,
};

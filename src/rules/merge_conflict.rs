//! `merge-conflict`: markers of a merge that was never finished.

use std::sync::Arc;

use super::record::{Check, Example, Rule};
use crate::diagnostic::{Finding, Severity};
use crate::syntax::{SourceFile, Span};

pub(super) const RULE: Rule = Rule {
    code: "merge-conflict",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "Markers of a merge that was never finished",
    doc: "A line that begins with `<<<<<<<` and a later one with `>>>>>>>` are what git leaves where two sides differ. The \
          file is neither of the two, and no YAML.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
<<<<<<< HEAD
      - make
=======
      - make all
>>>>>>> main
",
        "version: 0.2
phases:
  build:
    commands:
      - make all
",
    ),
    reference: "codebuild.md 8.2",
    url: None,
    check: Check::Text(check),
};

fn check(source: &Arc<SourceFile>) -> Option<Finding> {
    let mut open: Option<Span> = None;
    for number in 1..=source.line_count() {
        let Some(span) = source.line_span(number) else { continue };
        let line = source.slice(span);
        if line.starts_with("<<<<<<< ") {
            open = Some(span);
        } else if line.starts_with(">>>>>>> ")
            && let Some(open) = open
        {
            let finding = RULE.at(source, open, "a merge was never finished here", "one side begins");
            return Some(
                finding
                    .label(span, "the other side ends")
                    .help("keep one side, and remove the lines with <<<<<<<, ======= and >>>>>>>"),
            );
        }
    }
    None
}

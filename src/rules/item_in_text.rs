//! `item-in-text`: a list item that became a part of the text before it.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};
use crate::syntax::{Kind, Node, Span, Style};

/// Keys that have a list.
const LISTS: [&str; 7] =
    ["commands", "exclude-paths", "exported-variables", "files", "finally", "git-credential-helper", "paths"];

pub(super) const RULE: Rule = Rule {
    code: "item-in-text",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A list item that became a part of the text before it",
    doc: "A text without quotes goes on over lines that are indented deeper, and takes their `- ` for its own. So does one whose dash \
          has no blank behind it: the whole list is one text then. What looks like two commands is one.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make lint
       - make test
",
        "version: 0.2
phases:
  build:
    commands:
      - make lint
      - make test
",
    ),
    reference: "codebuild.md 1.7",
    url: None,
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    below(file.root(), false, findings);
}

fn below(node: Node<'_>, is_item: bool, findings: &mut Vec<Finding>) {
    match node.kind() {
        // What an alias stands for is looked at where it is written.
        _ if node.span() != node.content_span() => {}
        Kind::Scalar => findings.extend(swallowed(node, is_item)),
        Kind::Sequence => node.items().for_each(|item| below(item, true, findings)),
        Kind::Mapping => node.written_entries().for_each(|entry| below(entry.value, false, findings)),
    }
}

/// The first line of a plain text, behind its own first one, that begins like an item.
fn swallowed(node: Node<'_>, is_item: bool) -> Option<Finding> {
    let scalar = node.scalar().filter(|scalar| scalar.style == Style::Plain && scalar.text.contains("- "))?;
    let span = node.content_span();
    let written = node.source().slice(span);
    // A word alone above items is a key without its `:`, which is told.
    let head = written.lines().next()?.trim_end();
    if !is_item && LISTS.contains(&head) {
        return None;
    }
    let mut at = 0;
    for (number, line) in written.split_inclusive('\n').enumerate() {
        let content = line.trim();
        if number > 0 && content.starts_with("- ") {
            let start = span.start + u32::try_from(at + line.len() - line.trim_start().len()).ok()?;
            let place = Span::new(start, start + u32::try_from(content.len()).ok()?);
            let message = "this item is a part of the text above it";
            let tight = scalar.text.starts_with('-') && !scalar.text.starts_with("--");
            let finding = RULE.at(node.source(), place, message, "no item of its own");
            let first = Span::new(span.start, span.start + u32::try_from(head.len()).ok()?);
            let finding = finding.label(first, "the text begins here");
            return Some(finding.help(match (tight, is_item) {
                (true, _) => "write a blank behind the dash of the first item",
                (false, true) => "begin it below the dash of the item above",
                (false, false) => "write `- ` before the first item, too",
            }));
        }
        at += line.len();
    }
    None
}

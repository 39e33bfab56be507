//! `unusual-space`: a line that is indented by spaces which YAML does not know.

use std::sync::Arc;

use super::record::{Check, Example, Rule};
use crate::diagnostic::{Finding, Severity};
use crate::syntax::{self, Entry, Node, SourceFile, Span, Style};

pub(super) const RULE: Rule = Rule {
    code: "unusual-space",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A line that is indented by spaces which YAML does not know",
    doc: "Texts copied from web pages and chats have spaces that look like any other: the non-breaking one (U+00A0), those of certain \
          widths (U+2000 to U+200B), the ideographic one (U+3000). YAML takes them for letters: the key behind them is another key, \
          and the line stands at another depth. Within texts they are letters like others; of one that a command begins with \
          `not-a-command` speaks.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
\u{a0}\u{a0}\u{a0} commands:
      - make
",
        "version: 0.2
phases:
  build:
    commands:
      - make
",
    ),
    reference: "codebuild.md 1.1, 8.2",
    url: None,
    check: Check::Text(check),
};

fn check(source: &Arc<SourceFile>) -> Option<Finding> {
    let text = source.text();
    if text.is_ascii() {
        return None;
    }
    // Within a text they are letters like others: it is keys that they make others of, and lines that no YAML is.
    let parsed = syntax::parse(source);
    let key = parsed.tree.as_ref().and_then(|tree| strange_key(tree.root()));
    let lost = || parsed.tree.iter().flat_map(syntax::Tree::left_out).find_map(|lines| line(text, *lines));
    let span = key.or_else(lost).or_else(|| {
        let whole = Span::new(0, u32::try_from(text.len()).ok()?);
        parsed.tree.is_none().then(|| line(text, whole)).flatten()
    })?;
    let first = source.slice(span).chars().next()?;
    let message =
        format!("this line is indented by the character U+{:04X}, which is no space to YAML", first as u32);
    let finding = RULE.at(source, span, message, "looks like a space");
    Some(finding.help("write plain spaces here, and in the other lines that were copied with it"))
}

/// The character that a key begins with, when it looks like a space.
fn strange_key(node: Node<'_>) -> Option<Span> {
    let of_key = |entry: Entry<'_>| {
        let is_plain = entry.key.scalar().is_some_and(|key| key.style == Style::Plain);
        let first = entry.key.text()?.chars().next().filter(|c| is_plain && is_unusual(*c))?;
        let start = entry.key.span().start;
        Some(Span::new(start, start + u32::try_from(first.len_utf8()).ok()?))
    };
    node.entries()
        .find_map(|entry| of_key(entry).or_else(|| strange_key(entry.value)))
        .or_else(|| node.items().find_map(strange_key))
}

/// The first such character behind the spaces that a line begins with, among lines that could not be read.
fn line(text: &str, lines: Span) -> Option<Span> {
    let mut at = lines.start as usize;
    for line in text.get(lines.start as usize..lines.end as usize)?.split_inclusive('\n') {
        let plain = line.len() - line.trim_start_matches([' ', '\t']).len();
        if let Some(first) = line[plain..].chars().next().filter(|c| is_unusual(*c)) {
            let [start, end] = [plain, plain + first.len_utf8()].map(|inner| u32::try_from(at + inner));
            return Some(Span::new(start.ok()?, end.ok()?));
        }
        at += line.len();
    }
    None
}

/// Characters that look like a space and are none to YAML and to a shell.
pub(super) fn is_unusual(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{2060}' | '\u{3000}'
    )
}

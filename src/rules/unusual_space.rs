//! `unusual-space`: a line that is indented by spaces which YAML does not know.

use std::sync::Arc;

use super::record::{Check, Example, Rule};
use crate::diagnostic::{Finding, Severity};
use crate::syntax::{SourceFile, Span};

pub(super) const RULE: Rule = Rule {
    code: "unusual-space",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A line that is indented by spaces which YAML does not know",
    doc: "Texts copied from web pages and chats have spaces that look like any other: the non-breaking one (U+00A0), those of certain \
          widths (U+2000 to U+200B), the ideographic one (U+3000). YAML takes them for letters: the key behind them is another key, \
          the line stands at another depth, and a shell takes them for a part of the command's name.",
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
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let plain = line.len() - line.trim_start_matches([' ', '\t']).len();
        let first = line[plain..].chars().next().filter(|c| is_unusual(*c));
        if let Some(first) = first {
            let [start, end] = [plain, plain + first.len_utf8()].map(|inner| u32::try_from(at + inner));
            let span = Span::new(start.unwrap_or_default(), end.unwrap_or_default());
            let message = format!(
                "this line is indented by the character U+{:04X}, which is no space to YAML",
                first as u32
            );
            let finding = RULE.at(source, span, message, "looks like a space");
            return Some(
                finding.help("write plain spaces here, and in the other lines that were copied with it"),
            );
        }
        at += line.len();
    }
    None
}

fn is_unusual(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{2060}' | '\u{3000}'
    )
}

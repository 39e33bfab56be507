//! `stray-quote`: a quote, or a comma, that is a part of a value and was not meant to be.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Edit, Finding, Severity};
use crate::spec::FileKind;
use crate::syntax::{Kind, Node, Span, Style, Tree};

pub(super) const RULE: Rule = Rule {
    code: "stray-quote",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A quote or a comma that is a part of its value",
    doc: "Quotes make a text of YAML only where the value begins with one: in `STAGE: test\"` the quote belongs to the value, and the \
          service looks for a stage, a folder or a role of that name. Typographic quotes, as texts on the web have them, are letters like \
          others. A comma at the end of a line separates nothing outside of `[ … ]` and `{ … }`.",
    example: Example::buildspec(
        "version: 0.2
env:
  variables:
    STAGE: test\"
phases:
  build:
    commands:
      - make
",
        "version: 0.2
env:
  variables:
    STAGE: \"test\"
phases:
  build:
    commands:
      - make
",
    ),
    reference: "codebuild.md 1.1, 1.5",
    url: None,
    check: Check::Buildspec(check),
};

/// Typographic quotes, in pairs.
const PAIRS: [(char, char); 4] = [('“', '”'), ('„', '“'), ('‘', '’'), ('«', '»')];

/// Looks at every value that YAML takes as it stands, but for commands, where quotes are the shell's.
fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    below(file.root(), Commas::Told, findings);
}

/// The same in other files.
pub(super) fn in_values(kind: FileKind, tree: &Tree, findings: &mut Vec<Finding>) {
    let commas = match kind {
        FileKind::AppSpec => Commas::Told,
        // The settings of an action may well be lists.
        FileKind::Pipeline | FileKind::Config => Commas::Meant,
        FileKind::Buildspec | FileKind::Template => return,
    };
    below(tree.root(), commas, findings);
}

/// What a comma at the end of a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Commas {
    /// A slip.
    Told,
    /// Perhaps a part of a list in a text.
    Meant,
}

fn below(node: Node<'_>, commas: Commas, findings: &mut Vec<Finding>) {
    match node.kind() {
        // What an alias stands for is looked at where it is written.
        _ if node.span() != node.content_span() => {}
        Kind::Scalar => findings.extend(stray(node, commas)),
        // A comma behind an item is told by those who know what the list is for.
        Kind::Sequence => node.items().for_each(|item| match item.kind() {
            Kind::Scalar => below(item, Commas::Meant, findings),
            Kind::Sequence | Kind::Mapping => below(item, commas, findings),
        }),
        Kind::Mapping => {
            for entry in node.written_entries() {
                match entry.key.text() {
                    Some("commands" | "finally") => {}
                    Some("variables" | "plaintext") => below(entry.value, Commas::Meant, findings),
                    _ => below(entry.value, commas, findings),
                }
            }
        }
    }
}

fn stray(node: Node<'_>, commas: Commas) -> Option<Finding> {
    let scalar = node.scalar().filter(|scalar| scalar.style == Style::Plain)?;
    let text = scalar.text;
    let last = text.chars().next_back()?;
    if !matches!(last, '"' | '\'' | ',' | '”' | '“' | '’' | '»') || text.contains('\n') {
        return None;
    }
    let bare = text.strip_suffix(last)?;
    // `the users'`, and `19"` of a screen.
    let is_word = last == '\'' && bare.ends_with(['s', 'S']);
    let is_length = bare.bytes().all(|byte| byte.is_ascii_digit() || b". x/'".contains(&byte));
    if is_word || is_length {
        return None;
    }
    let (message, bare) = match last {
        ',' if commas == Commas::Told && !bare.is_empty() => {
            ("the `,` at the end is a part of the value".to_owned(), bare)
        }
        '"' | '\'' if !bare.is_empty() && !bare.contains(last) => {
            (format!("the `{last}` at the end is a part of the value: there is none before it"), bare)
        }
        _ => {
            // A sentence may well begin and end with them.
            let inner = PAIRS
                .iter()
                .find_map(|(open, close)| bare.strip_prefix(*open).filter(|_| last == *close))
                .filter(|inner| !inner.contains(' '))?;
            ("typographic quotes are letters to YAML, and a part of the value".to_owned(), inner)
        }
    };
    // At the sign, and not at all of the value.
    let end = node.content_span().end;
    let span = Span::new(end - u32::try_from(last.len_utf8()).ok()?, end);
    let span = if node.source().slice(span).starts_with(last) { span } else { node.content_span() };
    let finding = RULE.at(node.source(), span, message, "a part of the value");
    let help = if last == ',' { format!("write {bare}") } else { format!("write {bare}, or \"{bare}\"") };
    Some(
        finding
            .help(help)
            .suggest("Remove it", vec![Edit { span: node.content_span(), replacement: bare.to_owned() }]),
    )
}

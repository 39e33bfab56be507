//! Mappings of the files of Lambda and ECS.
//!
//! Owns: keys that count in small and in capital letters (codedeploy.md 2), values that a build writes in later, and the
//! words for what is missing.

use super::read::URL;
use crate::spec::reading::{Reader, head, place};
use crate::spec::spelling::{is_there, nearest, rename};
use crate::syntax::{Entry, Kind, Node, Span, Style};

/// The entry of a key, in whatever letter case: the guide has `resources` for Lambda and `Resources` for ECS.
pub(super) fn find<'t>(node: Node<'t>, key: &str) -> Option<Entry<'t>> {
    node.entries().find(|entry| entry.key.text().is_some_and(|text| text.eq_ignore_ascii_case(key)))
}

/// Whether a text stands for one that is written in before CodeDeploy reads the file: `<TASK_DEFINITION>`, `${VERSION}`,
/// `TARGET_VERSION`. It is not known then.
pub(super) fn is_placeholder(text: &str) -> bool {
    let shouted =
        text.contains('_') && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    shouted || text.contains(['$', '{', '<', '[', '%', '@', '#', '*']) || text.contains("__")
}

/// A mapping, with its path for people.
#[derive(Debug, Clone)]
pub(super) struct Section<'t> {
    pub(super) node: Node<'t>,
    path: String,
    /// Where to point for what is not in it.
    at: Span,
    /// Keys of which it is told that they stand elsewhere.
    told: Vec<&'t str>,
}

impl<'t> Section<'t> {
    pub(super) fn of(node: Node<'t>, path: impl Into<String>, at: Span) -> Self {
        Self { node, path: path.into(), at, told: Vec::new() }
    }

    /// The same, where it is told of some keys that they stand elsewhere.
    pub(super) fn with_told(self, told: &[&'t str]) -> Self {
        Self { told: told.to_vec(), ..self }
    }

    /// The path of a key, as it is written when it is there.
    pub(super) fn path(&self, key: &str) -> String {
        let written = find(self.node, key).and_then(|entry| entry.key.text());
        format!("{}.{}", self.path, written.unwrap_or(key))
    }

    /// The entry of a key that says something.
    pub(super) fn entry(&self, key: &str) -> Option<Entry<'t>> {
        find(self.node, key).filter(|entry| !entry.value.is_null())
    }

    /// The same of a key that may be left out, said when there is nothing behind it.
    pub(super) fn optional(&self, reader: &mut Reader<'t>, key: &str) -> Option<Entry<'t>> {
        let written = find(self.node, key)?;
        if written.value.is_null() {
            reader.no_section(&self.path(key), written, "as if it were not there");
        }
        self.entry(key)
    }

    /// The same, said when it is not there.
    pub(super) fn needed(&self, reader: &mut Reader<'t>, key: &str, help: &str) -> Option<Entry<'t>> {
        let found = self.entry(key);
        let is_told = self.told.iter().any(|told| told.eq_ignore_ascii_case(key));
        if found.is_none() && !self.node.tree().is_partial() && !is_told {
            let message = format!("`{}` has no `{key}`", self.path);
            let written = find(self.node, key).map(|entry| entry.key.span());
            let label =
                if written.is_some() { "nothing here".to_owned() } else { format!("no `{key}` here") };
            let finding = reader.error("missing-key", message, written.unwrap_or(self.at), label);
            reader.push(finding.help(help).url(URL));
        }
        found
    }

    /// Whether a key is missing and what belongs below it stands beside it, which is said.
    pub(super) fn strays(&self, reader: &mut Reader<'t>, key: &str, below: &[&str]) -> bool {
        let stray = self.node.entries().find(|entry| {
            entry.key.text().is_some_and(|name| below.iter().any(|known| known.eq_ignore_ascii_case(name)))
        });
        let Some(stray) = stray.filter(|_| self.entry(key).is_none()) else { return false };
        let name = stray.key.text().unwrap_or_default();
        let message = format!("`{name}` belongs below `{key}`");
        let finding =
            reader.error("missing-key", message, stray.key.span(), "stands beside it, or without it");
        let finding = match find(self.node, key) {
            Some(empty) => {
                finding.label(empty.key.span(), "has nothing below it").help("indent it deeper than that")
            }
            None => finding.help(format!("write `{key}:` above it, and indent it deeper")),
        };
        reader.push(finding.url(URL));
        true
    }

    /// A mapping below a key.
    pub(super) fn below(&self, reader: &mut Reader<'t>, entry: Entry<'t>, key: &str) -> Option<Self> {
        let path = self.path(key);
        let before = reader.count();
        let node = reader.mapping(&path, entry);
        reader.help_since(before, "write its keys below it, indented and without `- `");
        Some(Self::of(node?, path, entry.key.span()))
    }

    /// The text of an entry. What only stands for one is none.
    pub(super) fn text(&self, reader: &mut Reader<'t>, entry: Entry<'t>, key: &str) -> Option<&'t str> {
        if entry.value.kind() != Kind::Scalar {
            reader.wrong_kind(&self.path(key), entry, "a single value");
            return None;
        }
        let text = entry.value.text()?.trim();
        if text.is_empty() {
            let message = format!("`{}` is empty", self.path(key));
            reader.push(reader.error("missing-key", message, place(entry), "nothing here").url(URL));
            return None;
        }
        (!is_placeholder(text)).then_some(text)
    }

    /// A text that must be there.
    pub(super) fn needed_text(&self, reader: &mut Reader<'t>, key: &str, help: &str) -> Option<&'t str> {
        let entry = self.needed(reader, key, help)?;
        self.text(reader, entry, key)
    }

    /// A whole number from `least` on.
    pub(super) fn number(&self, reader: &mut Reader<'t>, key: &str, least: u64, most: u64) -> Option<u64> {
        let entry = self.optional(reader, key)?;
        let text = self.text(reader, entry, key)?;
        let number = text.parse::<u64>().ok().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let bounds =
                if most == u64::MAX { format!("from {least} on") } else { format!("from {least} to {most}") };
            let message = format!("`{}` is {text}; it is a whole number {bounds}", self.path(key));
            refuse(reader, entry, message, "not such a number");
        }
        number
    }

    /// Says which keys mean nothing.
    pub(super) fn unknown(&self, reader: &mut Reader<'t>, known: &[&'static str]) {
        for entry in self.node.entries() {
            let Some(name) = entry.key.scalar().map(|key| key.text) else { continue };
            if known.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                continue;
            }
            let message = format!("CodeDeploy does not know `{}.{name}`", self.path);
            let mut finding = reader.warning("unknown-key", message, entry.key.span(), "not known").url(URL);
            if let Some(meant) = nearest(name, known) {
                finding = rename(finding, entry.key.span(), known, meant, is_there(self.node, meant));
            }
            reader.push(finding);
        }
    }
}

/// Reports an error at a value.
pub(super) fn refuse<'t>(
    reader: &mut Reader<'t>,
    entry: Entry<'t>,
    message: impl Into<String>,
    label: impl Into<String>,
) {
    let span = head(entry.value.source(), place(entry));
    reader.push(reader.error("invalid-value", message, span, label).url(URL));
}

/// Whether a value is in quotes.
pub(super) fn is_quoted(entry: Entry<'_>) -> bool {
    entry.value.scalar().is_some_and(|scalar| scalar.style != Style::Plain)
}

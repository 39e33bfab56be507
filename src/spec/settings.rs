//! Settings of AWS resources: closed sets of words, ranges, patterns.
//!
//! Owns: the small steps that the checks of projects and deployment groups take. A value of a wrong type is none here: it
//! is said where types are known. Leaves to those checks: which settings there are.

use std::ops::RangeInclusive;

use super::reading::{Reader, head, place, replace};
use super::spelling::nearest;
use crate::diagnostic::{Finding, Severity};
use crate::syntax::{Entry, Kind, Node, Span};

/// A mapping of settings, with its path for people.
#[derive(Debug, Clone)]
pub(super) struct Settings<'t> {
    pub(super) node: Node<'t>,
    path: String,
    /// Whether all is written that AWS needs; else it may have what is missing here.
    is_complete: bool,
}

impl<'t> Settings<'t> {
    pub(super) fn of(node: Node<'t>, is_complete: bool) -> Self {
        Self { node, path: String::new(), is_complete }
    }

    /// Others, at a node of their own.
    pub(super) fn beside(&self, node: Node<'t>) -> Self {
        Self { node, ..self.clone() }
    }

    /// The path of a key.
    pub(super) fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The entry of a key that says something.
    pub(super) fn entry(&self, key: &str) -> Option<Entry<'t>> {
        self.node.entry(key).filter(|entry| !entry.value.is_null())
    }

    /// Whether a key says something, known or not.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// A text that is known.
    pub(super) fn text(&self, key: &str) -> Option<&'t str> {
        self.entry(key).filter(|entry| !entry.value.is_unknown()).and_then(|entry| entry.value.text())
    }

    /// A flag that is known; off when it is not written.
    pub(super) fn is_on(&self, key: &str) -> bool {
        self.text(key).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// A number that is known.
    pub(super) fn number(&self, key: &str) -> Option<i64> {
        self.text(key)?.trim().parse().ok()
    }

    /// The settings below a key.
    pub(super) fn below(&self, key: &str) -> Option<Self> {
        let node = self.node.get(key).filter(|node| node.kind() == Kind::Mapping)?;
        Some(Self { node, path: self.path(key), is_complete: self.is_complete })
    }

    /// The settings in a list.
    pub(super) fn each(&self, key: &str) -> Vec<Self> {
        let items = self.node.get(key).into_iter().flat_map(Node::items).enumerate();
        items
            .filter(|(_, node)| node.kind() == Kind::Mapping)
            .map(|(index, node)| Self { path: format!("{}[{index}]", self.path(key)), ..self.beside(node) })
            .collect()
    }

    /// Where to point for the whole.
    pub(super) fn place(&self) -> Span {
        self.node
            .entries()
            .next()
            .map_or_else(|| head(self.node.source(), self.node.span()), |entry| entry.key.span())
    }

    /// One of a closed set of words, when it is one.
    pub(super) fn choice(&self, reader: &mut Reader<'t>, key: &str, known: &[&str]) -> Option<&'t str> {
        let entry = self.entry(key)?;
        let text = self.text(key)?;
        if known.contains(&text) {
            return Some(text);
        }
        word(reader, &self.path(key), entry, known);
        None
    }

    /// Each text of a list is one of a closed set of words.
    pub(super) fn choices(&self, reader: &mut Reader<'t>, key: &str, known: &[&str]) {
        for (index, value) in self.node.get(key).into_iter().flat_map(Node::items).enumerate() {
            let entry = Entry { key: value, value };
            if value.text().is_some_and(|text| !known.contains(&text)) {
                word(reader, &format!("{}[{index}]", self.path(key)), entry, known);
            }
        }
    }

    /// A number in a range.
    pub(super) fn range(
        &self,
        reader: &mut Reader<'t>,
        key: &str,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        let number = self.number(key)?;
        if range.contains(&number) {
            return Some(number);
        }
        let bounds = match *range.end() {
            i64::MAX => format!("begins at {}", range.start()),
            end => format!("is from {} to {end}", range.start()),
        };
        let message = format!("`{}` is {number}; it {bounds}", self.path(key));
        self.refuse(reader, "invalid-value", key, message, "not in range");
        None
    }

    /// A list of bounded length.
    pub(super) fn at_most(&self, reader: &mut Reader<'t>, key: &str, most: usize) {
        let Some(entry) = self.entry(key) else { return };
        let count = entry.value.items().len();
        if count > most {
            let message = format!("`{}` has {count} entries; {most} are allowed", self.path(key));
            reader.push(reader.error("too-many", message, entry.key.span(), "too many"));
        }
    }

    /// Says that a key is missing, where all that AWS needs is written.
    pub(super) fn needs(&self, reader: &mut Reader<'t>, key: &str, message: impl Into<String>) {
        let is_nothing =
            |node: Node<'_>| node.is_blank() || node.kind() == Kind::Sequence && node.items().len() == 0;
        if self.is_complete && self.entry(key).is_none_or(|entry| is_nothing(entry.value)) {
            self.refuse(reader, "missing-key", key, message, format!("no `{key}` here"));
        }
    }

    /// Whether all is written that AWS needs.
    pub(super) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Reports an error at a key's value.
    pub(super) fn refuse(
        &self,
        reader: &mut Reader<'t>,
        code: &'static str,
        key: &str,
        message: impl Into<String>,
        label: impl Into<String>,
    ) {
        if let Some(finding) = self.at(reader, code, key, message, label) {
            reader.push(finding);
        }
    }

    /// An error at a key's value, or at the whole when the key is not there.
    pub(super) fn at(
        &self,
        reader: &Reader<'t>,
        code: &'static str,
        key: &str,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Option<Finding> {
        let span = match self.entry(key) {
            Some(entry) if entry.value.kind() == Kind::Scalar => head(entry.value.source(), place(entry)),
            Some(entry) => entry.key.span(),
            None if self.node.tree().is_partial() => return None,
            None => self.place(),
        };
        Some(Finding::error(code, message, reader.source(), span, label))
    }
}

fn word<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>, known: &[&str]) {
    let text = entry.value.text().unwrap_or_default();
    let finding =
        reader.error("invalid-value", format!("`{path}` cannot be `{text}`"), place(entry), "unknown value");
    // A word in other letters is surely meant.
    let same = known.iter().copied().find(|word| word.eq_ignore_ascii_case(text));
    // `LINUX` is the container, and not the instance.
    let begun = known.iter().copied().find(|word| word.strip_suffix("_CONTAINER") == Some(text));
    // Of `BUILD_GENERAL1_TINY` only the last part tells what is meant.
    let is_meant = |meant: &&str| match (text.rsplit_once('_'), meant.rsplit_once('_')) {
        (Some((begin, last)), Some((other, of_meant))) if begin == other => {
            nearest(last, &[of_meant]).is_some()
        }
        _ => true,
    };
    let finding = if let Some(meant) = same.or(begun).or_else(|| nearest(text, known).filter(is_meant)) {
        finding.help(format!("write `{meant}`"))
    } else {
        let begin = text.rsplit_once('_').map(|(begin, _)| begin);
        let is_like =
            |word: &&&str| begin.is_some() && word.rsplit_once('_').map(|(begin, _)| begin) == begin;
        let like: Vec<_> = known.iter().filter(is_like).copied().collect();
        let words = if like.len() < 3 { known } else { &like };
        finding.help(format!("write one of {}", words.join(", ")))
    };
    let is_plain = entry.value.source().slice(entry.value.span()) == text;
    reader.push(match same {
        // Templates with small letters have worked for years.
        Some(meant) => {
            let finding = Finding { severity: Severity::Warning, ..finding };
            let edits = is_plain.then(|| replace(entry.value.span(), meant));
            match edits {
                Some(edits) => finding.fix("Write the word as the API has it", edits),
                None => finding,
            }
        }
        None => finding,
    });
}

/// The alphabet of identifiers of sources, artifacts and file systems.
pub(super) fn is_identifier(text: &str, most: usize) -> bool {
    !text.is_empty() && text.len() <= most && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

//! Values that are not there.
//!
//! Owns: saying so where something is expected, and finding those of which nothing is said yet. Leaves to the readers: what a service
//! makes of them.

use std::collections::HashSet;

use super::Reader;
use super::place::{place, place_of_item, replace};
use crate::diagnostic::Edit;
use crate::syntax::{Entry, Kind, Node, Span};

/// A value that is not there.
pub(in crate::spec) struct Nothing {
    /// Whose it is, for people: a key, or `an item`.
    pub(in crate::spec) of: String,
    /// Where to point.
    pub(in crate::spec) span: Span,
    /// What to do.
    pub(in crate::spec) help: &'static str,
}

/// The values below some nodes that are nothing, where nothing is said of them. What a tag stands for is not known.
pub(in crate::spec) fn unsaid<'t>(
    reader: &Reader<'t>,
    roots: impl IntoIterator<Item = Node<'t>>,
) -> Vec<Nothing> {
    let said: HashSet<u32> = reader.places().map(|span| span.start).collect();
    let mut below: Vec<_> = roots.into_iter().collect();
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    while let Some(node) = below.pop() {
        // An alias is what its anchor is.
        if node.kind() == Kind::Scalar || !seen.insert(node.span()) {
            continue;
        }
        for item in node.items().filter(|item| is_nothing(*item)) {
            if let Some(span) = place_of_item(item).filter(|span| !said.contains(&span.start)) {
                all.push(Nothing {
                    of: "an item".to_owned(),
                    span,
                    help: "write the value, or remove the item",
                });
            }
        }
        for entry in node.entries().filter(|entry| is_nothing(entry.value)) {
            let is_said =
                [entry.key.span(), entry.value.span()].iter().any(|span| said.contains(&span.start));
            if !is_said {
                all.push(of_key(entry));
            }
        }
        below.extend(node.items());
        below.extend(node.entries().map(|entry| entry.value));
    }
    all
}

fn of_key(entry: Entry<'_>) -> Nothing {
    let name = entry.key.text().unwrap_or_default();
    Nothing { of: format!("`{name}`"), span: place(entry), help: "write the value, or remove the key" }
}

fn is_nothing(node: Node<'_>) -> bool {
    node.is_null() && node.tag().is_none_or(|tag| !tag.starts_with('!'))
}

impl<'t> Reader<'t> {
    /// The text of an entry that means nothing when it is empty, which is said.
    pub(in crate::spec) fn filled(&mut self, path: &str, entry: Entry<'t>) -> Option<String> {
        self.no_section(path, entry, "as if it were not there");
        self.text(path, entry).filter(|_| !entry.value.is_blank())
    }

    /// The text of an entry that is one of a few words: the empty text is a wrong one, and where nothing stands that is said.
    pub(in crate::spec) fn word(&mut self, path: &str, entry: Entry<'t>) -> Option<String> {
        if entry.value.is_null() { self.filled(path, entry) } else { self.text(path, entry) }
    }

    /// Says that a section is empty, when it is.
    pub(in crate::spec) fn no_section(&mut self, path: &str, entry: Entry<'t>, so: &str) {
        let empty = entry.value.kind() == Kind::Sequence && entry.value.items().len() == 0;
        if entry.value.is_blank() || empty {
            let message = format!("`{path}` is empty");
            self.push(self.warning("empty-value", message, place(entry), so));
        }
    }

    /// A list of texts that is there for what it holds: an empty one, and an empty item, are said.
    pub(in crate::spec) fn some_texts(&mut self, path: &str, entry: Entry<'t>, so: &str) -> Vec<String> {
        self.no_section(path, entry, so);
        self.no_items(path, entry);
        if entry.value.is_blank() {
            return Vec::new();
        }
        let mut texts = self.texts(path, entry);
        texts.retain(|text| !text.trim().is_empty());
        texts
    }

    /// Says which items of a list are empty.
    pub(in crate::spec) fn no_items(&mut self, path: &str, entry: Entry<'t>) {
        for (index, item) in entry.value.items().enumerate().filter(|(_, item)| item.is_blank()) {
            let span = place_of_item(item).unwrap_or_else(|| place(entry));
            let message = format!("`{path}[{index}]` is empty");
            self.push(self.warning("empty-value", message, span, "left out").help("remove the item"));
        }
    }

    /// Names and values of a mapping in which the empty text is no value either: `so` says what comes of it.
    pub(in crate::spec) fn filled_pairs(
        &mut self,
        path: &str,
        entry: Entry<'t>,
        so: &str,
        help: &str,
    ) -> Vec<(String, String)> {
        let before = self.count();
        let pairs = self.pairs(path, entry);
        for entry in entry.value.entries().filter(|entry| !entry.value.is_null() && entry.value.is_blank()) {
            if let Some(name) = entry.key.scalar() {
                let message = format!("`{path}.{}` has no value", name.text);
                self.push(self.warning("empty-value", message, place(entry), so));
            }
        }
        self.empty_since(before, so, help);
        pairs
    }

    /// Says of the empty values found since what they mean in their section, and what to write.
    pub(in crate::spec) fn empty_since(&mut self, count: usize, so: &str, help: &str) {
        for finding in self.findings.iter_mut().skip(count).filter(|finding| finding.code == "empty-value") {
            so.clone_into(&mut finding.primary.text);
            finding.help = Some(help.to_owned());
        }
    }

    /// What a comment holds that stands in the place of a value, close behind its `#`: `#fff`.
    pub(in crate::spec) fn commented(&self, entry: Entry<'t>) -> Option<&'t str> {
        // A line of a hostile file can be long: what is far off is not looked for.
        let rest = self.source.slice(Span::new(entry.key.span().end, self.source.len()));
        let end = rest.char_indices().take(200).find(|(_, c)| matches!(c, '\n' | '\r'));
        let behind = match end {
            Some((end, _)) => &rest[..end],
            None if rest.len() < 200 => rest,
            None => return None,
        };
        let text = behind.trim_start_matches(['"', '\'']).strip_prefix(':')?.trim();
        let word = text.strip_prefix('#')?;
        (word.starts_with(|c: char| !c.is_whitespace() && c != '#')).then_some(text)
    }
}

/// What writes the empty text for a name without a value.
pub(in crate::spec) fn empty_text(entry: Entry<'_>) -> Option<Vec<Edit>> {
    let span = entry.value.span();
    if !span.is_empty() {
        return Some(replace(span, "\"\""));
    }
    let source = entry.key.source();
    let end = entry.key.span().end;
    let is_colon = source.slice(Span::new(end, end + 1)) == ":";
    is_colon.then(|| replace(Span::empty(end + 1), " \"\""))
}

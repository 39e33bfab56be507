//! Values that are not there, wherever they are in a file.
//!
//! Owns: finding those of which nothing is said yet. Leaves to the readers: what a service makes of them.

use std::collections::HashSet;

use super::reading::{Reader, dash_before, place};
use crate::syntax::{Entry, Kind, Node, Span};

/// A value that is not there.
pub(super) struct Nothing {
    /// Whose it is, for people: a key, or `an item`.
    pub(super) of: String,
    /// Where to point.
    pub(super) span: Span,
    /// What to do.
    pub(super) help: &'static str,
}

/// The values below some nodes that are nothing, where nothing is said of them. What a tag stands for is not known.
pub(super) fn unsaid<'t>(reader: &Reader<'t>, roots: impl IntoIterator<Item = Node<'t>>) -> Vec<Nothing> {
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
            let span = if item.span().is_empty() { dash_before(item) } else { Some(item.span()) };
            if let Some(span) = span.filter(|span| !said.contains(&span.start)) {
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

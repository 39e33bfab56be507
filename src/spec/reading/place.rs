//! Where to point, and what to write there.

use crate::diagnostic::Edit;
use crate::syntax::{Entry, Node, SourceFile, Span};

/// Where to point for an entry's value: at the key when there is nothing to point at.
pub(in crate::spec) fn place(entry: Entry<'_>) -> Span {
    let span = entry.value.span();
    if span.is_empty() { entry.key.span() } else { span }
}

/// The `-` of an item that has nothing else.
pub(in crate::spec) fn dash_before(item: Node<'_>) -> Option<Span> {
    let before = item.source().text().get(..item.span().start as usize)?;
    // A comment may stand where the text would.
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let comment = before[line..].find(" #").map_or(before.len(), |at| line + at);
    let before = &before[..comment];
    let dash = before.trim_end().strip_suffix('-')?.len();
    let start = u32::try_from(dash).ok()?;
    Some(Span::new(start, start + 1))
}

/// Where to point for an item: at its `-` when there is nothing to point at.
pub(super) fn place_of_item(item: Node<'_>) -> Option<Span> {
    if item.span().is_empty() { dash_before(item) } else { Some(item.span()) }
}

/// The first line of a place: a label under a hundred lines helps nobody.
pub(in crate::spec) fn head(source: &SourceFile, span: Span) -> Span {
    let first = source.slice(span).lines().next().unwrap_or_default().trim_end().len();
    Span::new(span.start, span.start + u32::try_from(first).unwrap_or_default())
}

/// Whether an entry stands between braces, as in JSON. A value before it that ends in a comma makes this a guess, and
/// brackets are right everywhere.
pub(super) fn is_in_flow(entry: Entry<'_>) -> bool {
    let before = entry.key.source().slice(Span::new(0, entry.key.span().start));
    before.trim_end().ends_with(['{', ','])
}

/// A change that writes `to` in place of a span.
pub(in crate::spec) fn replace(span: Span, to: impl Into<String>) -> Vec<Edit> {
    vec![Edit { span, replacement: to.into() }]
}

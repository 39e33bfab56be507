//! Where something stands in a definition, for findings about what the typed model no longer knows the place of.

use std::sync::Arc;

use crate::syntax::{self, Kind, Node, SourceFile, Span};

/// The place of a value of an action, or of the action itself when there is no such value.
pub(super) fn of_action(source: &Arc<SourceFile>, stage: &str, action: &str, path: &[&str]) -> Option<Span> {
    let parsed = syntax::parse(source);
    let root = parsed.tree.as_ref()?.root();
    let pipeline = root.get("pipeline").unwrap_or(root);
    let stage = item_called(pipeline.get("stages")?, stage)?;
    let action = item_called(stage.get("actions")?, action)?;
    let found = path.iter().try_fold(action, |node, key| node.get(key));
    Some(first_line(source, found.or_else(|| action.get("name")).unwrap_or(action).span()))
}

/// The place of a value of a stage, or of the stage's name when there is no such value.
pub(super) fn of_stage(source: &Arc<SourceFile>, stage: &str, key: &str) -> Option<Span> {
    let parsed = syntax::parse(source);
    let root = parsed.tree.as_ref()?.root();
    let stage = item_called(root.get("pipeline").unwrap_or(root).get("stages")?, stage)?;
    let key = stage.entry(key).map(|entry| entry.key);
    Some(first_line(source, key.or_else(|| stage.get("name")).unwrap_or(stage).span()))
}

/// The place of a top-level value of a pipeline.
pub(super) fn of_pipeline(source: &Arc<SourceFile>, key: &str) -> Option<Span> {
    let parsed = syntax::parse(source);
    let root = parsed.tree.as_ref()?.root();
    let value = root.get("pipeline").unwrap_or(root).get(key)?;
    Some(first_line(source, value.span()))
}

/// The place of an item of a top-level list of texts.
pub(super) fn of_item(source: &Arc<SourceFile>, key: &str, text: &str) -> Option<Span> {
    let parsed = syntax::parse(source);
    let list = parsed.tree.as_ref()?.root().get(key)?;
    match list.kind() {
        Kind::Sequence => list.items().find(|item| item.text() == Some(text)).map(Node::span),
        Kind::Scalar | Kind::Mapping => Some(first_line(source, list.span())),
    }
}

fn item_called<'t>(list: Node<'t>, name: &str) -> Option<Node<'t>> {
    if list.kind() != Kind::Sequence {
        return None;
    }
    list.items().find(|item| item.get("name").and_then(Node::text) == Some(name))
}

fn first_line(source: &SourceFile, span: Span) -> Span {
    let line = source.slice(span).lines().next().unwrap_or_default().trim_end().len();
    Span::new(span.start, span.start.saturating_add(u32::try_from(line).unwrap_or(0)))
}

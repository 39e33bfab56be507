//! The keys of `batch` (codebuild.md 1.11).
//!
//! Owns: which keys there are. Leaves to `rules`: what a batch build refuses, since a plain build does not look here.

use super::keys::unknown_keys;
use crate::spec::reading::Reader;
use crate::spec::schema::buildspec::{
    BATCH, DYNAMIC, DYNAMIC_ENV, FANOUT, MATRIX, STATIC, STATIC_ENV, TASK, TASK_ENV,
};
use crate::syntax::{Kind, Node};

/// The keys with a single value that need not be there.
const SINGLE: [&str; 9] = [
    "buildspec",
    "compute-type",
    "debug-session",
    "fast-fail",
    "fleet",
    "ignore-failure",
    "image",
    "privileged-mode",
    "type",
];

/// Says which keys of `batch` CodeBuild does not know.
pub(super) fn keys<'t>(reader: &mut Reader<'t>, batch: Node<'t>) {
    if !section(reader, "batch", batch, BATCH.names) {
        return;
    }
    for list in ["build-list", "build-graph"] {
        // `depend-on` belongs to graphs; a list that has it gets a word of its own from the rules.
        for (index, task) in batch.get(list).into_iter().flat_map(Node::items).enumerate() {
            let path = format!("batch.{list}[{index}]");
            section(reader, &path, task, TASK.names);
            if let Some(env) = task.get("env") {
                section(reader, &format!("{path}.env"), env, TASK_ENV.names);
            }
        }
    }
    if let Some(matrix) = batch.get("build-matrix") {
        section(reader, "batch.build-matrix", matrix, MATRIX.names);
        for (part, keys, env) in [("static", STATIC, STATIC_ENV), ("dynamic", DYNAMIC, DYNAMIC_ENV)] {
            let Some(node) = matrix.get(part) else { continue };
            let path = format!("batch.build-matrix.{part}");
            section(reader, &path, node, keys.names);
            if let Some(node) = node.get("env") {
                section(reader, &format!("{path}.env"), node, env.names);
            }
        }
    }
    if let Some(fanout) = batch.get("build-fanout") {
        section(reader, "batch.build-fanout", fanout, FANOUT.names);
    }
}

/// Whether every build of the batch names a buildspec of its own, so that nothing but `batch` is needed beside it: any
/// other build inherits this buildspec's phases. What cannot be told counts as if it did.
pub(super) fn is_apart(batch: Node<'_>) -> bool {
    let kinds = ["build-list", "build-graph", "build-matrix", "build-fanout"];
    let mut kinds = kinds.iter().filter_map(|kind| Some((*kind, batch.get(kind)?)));
    let (Some((kind, node)), None) = (kinds.next(), kinds.next()) else { return true };
    let named = |node: Node<'_>| node.kind() != Kind::Mapping || node.get("buildspec").is_some();
    match kind {
        "build-fanout" => false,
        "build-matrix" => node.kind() != Kind::Mapping || node.get("dynamic").is_some_and(named),
        _ => node.items().all(named),
    }
}

/// The unknown keys of a mapping; false when it is none.
fn section<'t>(reader: &mut Reader<'t>, path: &str, node: Node<'t>, known: &[&str]) -> bool {
    let mapping = node.kind() == Kind::Mapping;
    if mapping {
        unknown_keys(reader, path, node, known);
        for entry in node.entries() {
            let key = entry.key.text().unwrap_or_default();
            if SINGLE.contains(&key) && known.contains(&key) && entry.value.is_blank() {
                reader.no_section(&format!("{path}.{key}"), entry, "as if it were not there");
            }
        }
    }
    mapping
}

//! The keys of `batch` (codebuild.md 1.11).
//!
//! Owns: which keys there are. Leaves to `rules`: what a batch build refuses, since a plain build does not look here.

use super::keys::unknown_keys;
use crate::spec::reading::Reader;
use crate::syntax::{Kind, Node};

const TASK: [&str; 6] = ["identifier", "buildspec", "debug-session", "env", "ignore-failure", "depend-on"];
const ENV: [&str; 6] = ["compute-type", "fleet", "image", "privileged-mode", "type", "variables"];

/// Says which keys of `batch` CodeBuild does not know.
pub(super) fn keys<'t>(reader: &mut Reader<'t>, batch: Node<'t>) {
    let known = ["fast-fail", "build-list", "build-graph", "build-matrix", "build-fanout"];
    if !section(reader, "batch", batch, &known) {
        return;
    }
    for list in ["build-list", "build-graph"] {
        // `depend-on` belongs to graphs; a list that has it gets a word of its own from the rules.
        for (index, task) in batch.get(list).into_iter().flat_map(Node::items).enumerate() {
            let path = format!("batch.{list}[{index}]");
            section(reader, &path, task, &TASK);
            if let Some(env) = task.get("env") {
                section(reader, &format!("{path}.env"), env, &ENV);
            }
        }
    }
    if let Some(matrix) = batch.get("build-matrix") {
        section(reader, "batch.build-matrix", matrix, &["static", "dynamic"]);
        // `image` stood below `static.env` in an older edition of the reference.
        for (part, keys, env) in [
            ("static", ["ignore-failure", "env"], &["privileged-mode", "type", "image"][..]),
            ("dynamic", ["buildspec", "env"], &["compute-type", "image", "variables"]),
        ] {
            let Some(node) = matrix.get(part) else { continue };
            let path = format!("batch.build-matrix.{part}");
            section(reader, &path, node, &keys);
            if let Some(node) = node.get("env") {
                section(reader, &format!("{path}.env"), node, env);
            }
        }
    }
    if let Some(fanout) = batch.get("build-fanout") {
        section(reader, "batch.build-fanout", fanout, &["parallelism", "ignore-failure"]);
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
    }
    mapping
}

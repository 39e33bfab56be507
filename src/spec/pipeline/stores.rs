//! Where artifacts are kept: `artifactStore`, `artifactStores` (codepipeline.md 1.2), and the regions that actions name.
//!
//! Owns: the shape of a store, and that each region that is used has one.

use std::collections::HashMap;

use super::fields::{self, Alphabet};
use super::read::StageNode;
use super::{Category, Owner, Pipeline};
use crate::diagnostic::Finding;
use crate::spec::reading::{Reader, head, place};
use crate::spec::schema::pipeline::{ENCRYPTION_KEY, STORE};
use crate::syntax::{Entry, Node};

const CODE: &str = "pipeline-structure";

/// Checks the stores of a pipeline.
pub(super) fn check<'t>(reader: &mut Reader<'t>, node: Node<'t>) {
    match node.entry("artifactStore") {
        Some(entry) if entry.value.is_null() => {
            fields::nothing::<()>(reader, "artifactStore", entry, "a mapping");
        }
        Some(entry) => store(reader, "artifactStore", entry),
        None => {}
    }
    let Some(entry) = node.entry("artifactStores") else { return };
    if entry.value.is_null() {
        fields::nothing::<()>(reader, "artifactStores", entry, "a mapping");
        return;
    }
    let Some(node) = reader.mapping("artifactStores", entry) else { return };
    if let (Some(kind), Some(_)) = (node.entry("type"), node.entry("location")) {
        let message = "`artifactStores` has stores by their regions, and here is one store alone";
        let finding = reader.error(CODE, message, kind.key.span(), "a region is expected here");
        reader.push(finding.help("write `artifactStore`, or put the region above the store"));
        return;
    }
    let mut seen = HashMap::new();
    for entry in node.entries() {
        let Some(region) = reader.key("artifactStores", entry) else { continue };
        if let Some(first) = seen.insert(region, entry.key.span()) {
            let message = format!("`artifactStores` has two stores for {region}");
            let finding = reader.error(CODE, message, entry.key.span(), "again here");
            reader.push(finding.label(first, "first here"));
        }
        if let Some(meant) = fields::meant_region(region) {
            let message = format!("there is no region `{region}`");
            let finding = reader.error("invalid-value", message, entry.key.span(), "no region");
            reader.push(finding.help(format!("write {meant}")));
        } else if !(4..=30).contains(&region.chars().count()) {
            let message = format!("`{region}` is no region");
            let finding = reader.error("pipeline-name", message, entry.key.span(), "a region's name");
            reader.push(finding.help("write a region, such as eu-central-1, and its store below it"));
        }
        store(reader, &format!("artifactStores.{region}"), entry);
    }
}

fn store<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) {
    let Some(node) = fields::object(reader, path, entry) else { return };
    // Stores by their regions below the key of the one store.
    let is_store = |store: Node<'_>| store.entry("type").is_some() || store.entry("location").is_some();
    if path == "artifactStore" && node.entries().next().is_some() && node.entries().all(|e| is_store(e.value))
    {
        let message = "`artifactStore` is one store, and here are stores by their regions";
        let first = node.entries().next().map_or(entry.key.span(), |entry| entry.key.span());
        let finding = reader.error(CODE, message, first, "a region, where `type` is expected");
        return reader.push(finding.help("write `artifactStores` above them"));
    }
    fields::only(reader, path, node, &STORE);
    if let Some(entry) = fields::required(reader, path, node, "type") {
        fields::choice(reader, &format!("{path}.type"), entry, &[("S3", ())]);
    }
    if let Some(entry) = fields::required(reader, path, node, "location") {
        bucket(reader, &format!("{path}.location"), entry);
    }
    let Some(entry) = node.entry("encryptionKey").filter(|entry| !entry.value.is_null()) else { return };
    let path = format!("{path}.encryptionKey");
    let Some(node) = fields::object(reader, &path, entry) else { return };
    fields::only(reader, &path, node, &ENCRYPTION_KEY);
    if let Some(entry) = fields::required(reader, &path, node, "id") {
        let id = fields::name(reader, &format!("{path}.id"), entry, Alphabet::Any, 400);
        let arn = id.as_deref().filter(|id| id.starts_with("arn:"));
        if let Some((why, severity)) = arn.and_then(|id| super::arns::arn(id, &["kms"])) {
            let finding = reader.error("invalid-value", format!("`{path}.id` {why}"), place(entry), "no key");
            let finding = finding.help("it looks like arn:aws:kms:REGION:ACCOUNT:key/ID");
            reader.push(Finding { severity, ..finding });
        }
    }
    if let Some(entry) = fields::required(reader, &path, node, "type") {
        fields::choice(reader, &format!("{path}.type"), entry, &[("KMS", ())]);
    }
}

/// The name of a bucket: no folder, no address.
fn bucket<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) {
    let Some(text) = fields::string(reader, path, entry) else { return };
    let span = head(entry.value.source(), place(entry));
    if text.starts_with("arn:") {
        let finding =
            reader.error("pipeline-name", format!("`{path}` is an ARN"), span, "not a bucket's name");
        return reader.push_within(finding.help("write the name of the bucket alone"));
    }
    if super::arns::is_open(&text) {
        return;
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    if let Some(stranger) = text.chars().find(|c| !is_allowed(*c)) {
        let message = format!("`{path}` has the character {stranger:?}, which no bucket's name has");
        let finding = reader.error("pipeline-name", message, span, "not a bucket");
        reader.push(finding.help(match stranger {
            '/' | ':' => "write the bucket's name alone, without a folder",
            _ => "a bucket's name has small letters, digits, `.` and `-`",
        }));
    } else if !(3..=63).contains(&text.len()) {
        let message = format!("`{path}` is {} long; a bucket's name has 3 to 63 characters", text.len());
        reader.push(reader.error("pipeline-name", message, span, "length"));
    }
}

/// The regions of actions, against the stores and each other.
pub(super) fn regions<'t>(
    reader: &mut Reader<'t>,
    pipeline: &Pipeline,
    node: Node<'t>,
    nodes: &[StageNode<'t>],
) {
    let stores = node.get("artifactStores").filter(|stores| stores.entries().next().is_some());
    if stores
        .is_some_and(|stores| stores.is_unknown() || stores.entries().any(|entry| entry.key.is_unknown()))
    {
        return;
    }
    let actions =
        pipeline.stages.iter().zip(nodes).flat_map(|(stage, node)| stage.actions.iter().zip(&node.actions));
    let has_one = node.get("artifactStore").is_some_and(|store| !store.is_null());
    let mut first: Option<(&str, Entry<'t>)> = None;
    let mut at_home: Option<(&str, Entry<'t>)> = None;
    for (action, node) in actions {
        let region = action.region.as_deref().filter(|region| !region.is_empty());
        let Some((region, entry)) = region.zip(node.entry("region")) else { continue };
        let fixed = action.category == Category::Source || action.owner != Owner::Aws;
        if let Some((home, at)) = at_home.filter(|(home, _)| fixed && *home != region) {
            let message = format!(
                "`{}` is in {region}, and another action that cannot leave the pipeline's region in {home}",
                action.name
            );
            let finding =
                reader.error(CODE, message, place(entry), "another region").label(place(at), "here");
            reader.push(
                finding.help(
                    "source actions, and actions of partners and your own, run in the pipeline's region",
                ),
            );
        } else if fixed {
            at_home = Some((region, entry));
        }
        if let Some(stores) = stores {
            if stores.get(region).is_none() {
                let message = format!("there is no artifact store for {region}");
                let finding = reader.error(CODE, message, place(entry), "used here");
                let known = stores.entries().filter_map(|entry| entry.key.text()).collect::<Vec<_>>();
                reader.push(match crate::spec::spelling::nearest(region, &known) {
                    Some(meant) => {
                        finding.help(format!("write `{meant}`, or add {region} to `artifactStores`"))
                    }
                    None => finding.help(format!("add {region} to `artifactStores`")),
                });
            }
        } else if let Some((other, at)) = first.filter(|(other, _)| *other != region) {
            if has_one {
                let message =
                    format!("actions are in {other} and in {region}, and there is one artifact store");
                let finding =
                    reader.error(CODE, message, place(entry), "another region").label(place(at), "here");
                reader.push(finding.help("write `artifactStores`, with a store for each region"));
                return;
            }
        } else {
            first = Some((region, entry));
        }
    }
}

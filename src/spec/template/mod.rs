//! CloudFormation templates: what of them is known before anybody makes a stack of them.
//!
//! Owns: the sections and resources of a template ([`Template`]), what is wrong with them (`structure`, `references`), and
//! the pipelines, projects and deployment groups in it, taken to the shape that the API has for them (`properties`), so
//! that one set of readers serves both. A value that cannot be known (`Ref` of a parameter, `Fn::ImportValue`) is not
//! guessed at: it may stand anywhere, and nothing is wrong with it. Leaves to `pipeline`, `project` and `deployment`: what
//! their settings mean.

mod assembled;
mod attributes;
mod buildspec;
mod calls;
mod circles;
mod conditions;
mod derived;
mod evaluate;
mod fallen_out;
mod frame;
mod function;
mod others;
mod parameters;
mod properties;
mod references;
mod resources;
mod schema;
mod structure;
#[cfg(test)]
mod tests;
mod trust;
mod words;

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

pub use assembled::{Assembled, PSEUDO_PARAMETER};
pub use buildspec::{BuildspecSetting, SettingOf};
pub use derived::{Derived, DerivedKind};
pub use frame::SERVICES;
pub use function::{SubPart, sub_parts};
pub use structure::SECTIONS;

use super::Read;
use super::document::{self, Origin};
use super::not_json;
use super::reading::Reader;
use crate::diagnostic::Finding;
use crate::syntax::{Entry, Kind, Node, Parsed, SourceFile, Tree};

/// A template's tree, with the questions that are asked of it.
#[derive(Debug)]
pub struct Template<'t> {
    tree: &'t Tree,
    parameters: HashMap<&'t str, Node<'t>>,
    mappings: HashMap<&'t str, Node<'t>>,
    conditions: HashMap<&'t str, Node<'t>>,
    resources: Vec<Resource<'t>>,
    ids: HashMap<&'t str, usize>,
    /// Whether macros (`Transform`, `Fn::ForEach`, modules) or tools make something else of it: then what is not there may
    /// yet be.
    is_rewritten: bool,
}

/// A resource.
#[derive(Debug, Clone, Copy)]
pub struct Resource<'t> {
    /// Its logical id, with its place.
    pub id: Node<'t>,
    /// All of it.
    pub node: Node<'t>,
    /// Its type; empty when it has none.
    pub kind: &'t str,
    /// Its properties.
    pub properties: Option<Entry<'t>>,
}

/// Reads a file that is already parsed. What it says is asked of [`Template`].
pub fn load_parsed(source: &Arc<SourceFile>, parsed: &Parsed) -> Read<Vec<Derived>> {
    let mut read = document::load_parsed(source, parsed, Origin::Other, read);
    if read.findings.iter().all(|finding| finding.code != "yaml-syntax") {
        read.findings.extend(no_json(source));
    }
    read
}

/// CloudFormation takes a text that begins with a brace for JSON.
fn no_json(source: &Arc<SourceFile>) -> Option<Finding> {
    source.text().trim_start().starts_with('{').then_some(())?;
    let finding = not_json::finding(source, "template-structure", "CloudFormation stops here")?;
    Some(finding.aws("Template format error: JSON not well-formed."))
}

/// Everything that is wrong with a template, and its pipelines and projects.
pub fn read(tree: &Tree) -> Read<Vec<Derived>> {
    let mut reader = Reader::new(tree, "CloudFormation");
    let template = Template::of(tree);
    structure::check(&mut reader, &template);
    if !template.is_rewritten {
        references::check(&mut reader, &template);
        circles::check(&mut reader, &template);
    }
    for finding in resources::check(&template) {
        reader.push(finding);
    }
    if !template.is_rewritten {
        nothing(&mut reader, tree);
    }
    reader.finish(Some(of_resources(&template)))
}

/// Values that are not there are refused anywhere.
fn nothing<'t>(reader: &mut Reader<'t>, tree: &'t Tree) {
    // Of a file with lines that could not be read it is not known.
    let all = if tree.is_partial() { Vec::new() } else { super::reading::unsaid(reader, [tree.root()]) };
    for nothing in all {
        let message = format!("{} is empty", nothing.of);
        let finding = reader.error("template-structure", message, nothing.span, "nothing here");
        reader.push(finding.help(nothing.help).aws(frame::NULL));
    }
}

/// The pipelines and projects of a template, whatever is wrong with it.
pub fn derived(tree: &Tree) -> Vec<Derived> {
    of_resources(&Template::of(tree))
}

fn of_resources(template: &Template<'_>) -> Vec<Derived> {
    let steps = Cell::new(0);
    let each = template.resources().iter().filter_map(|resource| Derived::of(template, resource, &steps));
    each.collect()
}

impl<'t> Template<'t> {
    /// The template of a tree.
    pub fn of(tree: &'t Tree) -> Self {
        let root = tree.root();
        let section = |name: &str| -> HashMap<&'t str, Node<'t>> {
            let entries = root.get(name).into_iter().flat_map(Node::entries);
            entries.filter_map(|entry| Some((entry.key.text()?, entry.value))).collect()
        };
        let entries = root.get("Resources").into_iter().flat_map(Node::entries);
        let resources: Vec<_> = entries.filter_map(resource).collect();
        let ids = resources.iter().enumerate();
        let ids = ids.filter_map(|(index, resource)| Some((resource.id.text()?, index))).collect();
        let is_generic = |entry: &Entry<'_>| entry.key.text().is_some_and(|key| key.starts_with("Fn::"));
        let loops = |name: &str| {
            root.get(name).is_some_and(|section| section.entries().any(|entry| is_generic(&entry)))
        };
        let is_rewritten = root.get("Transform").is_some()
            || root.entries().any(|entry| is_generic(&entry))
            || ["Resources", "Conditions", "Outputs", "Mappings"].into_iter().any(loops)
            || resources.iter().any(|resource| resource.kind.ends_with("::MODULE"))
            // The Serverless Framework makes a template of this, with resources of its own.
            || ["${self:", "${opt:", "${sls:"].iter().any(|mark| tree.source().text().contains(mark));
        Self {
            tree,
            parameters: section("Parameters"),
            mappings: section("Mappings"),
            conditions: section("Conditions"),
            resources,
            ids,
            is_rewritten,
        }
    }

    /// The resources, in their order.
    pub fn resources(&self) -> &[Resource<'t>] {
        &self.resources
    }

    /// The resource of a logical id.
    pub fn resource(&self, id: &str) -> Option<&Resource<'t>> {
        self.ids.get(id).and_then(|index| self.resources.get(*index))
    }
}

fn resource(entry: Entry<'_>) -> Option<Resource<'_>> {
    let is_generic = entry.key.text()?.starts_with("Fn::");
    let properties =
        entry.value.entry("Properties").filter(|properties| properties.value.kind() == Kind::Mapping);
    let kind = entry.value.get("Type").and_then(Node::text).unwrap_or_default();
    (!is_generic).then_some(Resource { id: entry.key, node: entry.value, kind, properties })
}

//! The sections of a template and their members.
//!
//! Owns: what CloudFormation refuses of a template before it looks at what the resources are, in its own words where they
//! are known. Leaves to `references`: names that lead nowhere; to `properties`: what resources are made of.

use super::function::function;
use super::{Template, frame, parameters, schema};
use crate::spec::reading::{Reader, head, place};
use crate::spec::spelling::{is_misspelt, nearest};
use crate::syntax::{Entry, Kind, Node, Span};

const CODE: &str = "template-structure";

/// The sections of a template.
pub const SECTIONS: [&str; 12] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Globals",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];
/// What a resource may have.
pub(super) const ATTRIBUTES: [&str; 11] = [
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    // Of these two the documentation does not speak; templates of AWS's own have them.
    "Description",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
    "Version",
];
const OUTPUT: [&str; 4] = ["Condition", "Description", "Export", "Value"];
/// The most names that are written in one help.
const MOST_NAMES: usize = 12;
/// Resources of a template (CloudFormation quotas).
const MOST_RESOURCES: usize = 500;

pub(super) fn check<'t>(reader: &mut Reader<'t>, template: &Template<'t>) {
    let root = template.tree.root();
    if !template.is_rewritten {
        for entry in root.entries() {
            let Some(key) = entry.key.text() else { continue };
            if !SECTIONS.contains(&key) {
                let message = format!("a template has no section `{key}`");
                let finding = reader.error(CODE, message, entry.key.span(), "unknown");
                let aws = format!("Invalid template property or properties [{key}]");
                let finding = match nearest(key, &SECTIONS) {
                    Some(meant) => finding.help(format!("write `{meant}`")),
                    None => finding,
                };
                reader.push(finding.aws(aws));
            }
        }
    }
    if let Some(entry) = root.entry("AWSTemplateFormatVersion")
        && entry.value.text() != Some("2010-09-09")
    {
        let finding = reader.error(CODE, "there is one format version only", place(entry), "unknown version");
        reader.push(
            finding
                .help("write 2010-09-09")
                .aws("Template format error: unsupported value for AWSTemplateFormatVersion."),
        );
    }
    frame::sections(reader, root, template.is_rewritten);
    resources(reader, template, root);
    for (section, word, needed) in [("Parameters", "Parameters", "Type"), ("Outputs", "Outputs", "Value")] {
        let known: &[&str] = if section == "Parameters" { &parameters::MEMBERS } else { &OUTPUT };
        let fallen_out = fallen_out(reader, root.get(section), known);
        let entries = root.get(section).into_iter().flat_map(Node::entries);
        for entry in entries.filter(|entry| !fallen_out.contains(&entry.key.span())) {
            if !member(reader, template, entry, word, (needed, known)) {
                continue;
            }
            match section {
                "Parameters" => parameters::check(reader, entry),
                _ if template.is_rewritten => {}
                _ => frame::output(reader, entry, known),
            }
        }
    }
    for entry in root.get("Outputs").into_iter().flat_map(Node::entries) {
        export(reader, entry.value);
    }
}

/// An export has a name.
fn export<'t>(reader: &mut Reader<'t>, output: Node<'t>) {
    let Some(entry) = output.entry("Export") else { return };
    let is_open = entry.value.tree().is_partial() || function(entry.value).is_some();
    if entry.value.get("Name").is_none() && !is_open {
        let finding =
            reader.error(CODE, "an export is a mapping with a `Name`", place(entry), "no `Name` here");
        reader.push(finding.help("write `Export: {Name: …}`"));
    }
}

/// Members of a section that stand beside the name they belong to, which has nothing below it: what is said of the name, and the
/// keys of all of them.
fn fallen_out<'t>(reader: &mut Reader<'t>, section: Option<Node<'t>>, known: &[&str]) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut empty: Option<Entry<'t>> = None;
    let mut names = Vec::new();
    let entries = section.into_iter().flat_map(Node::entries);
    for entry in entries {
        let name = entry.key.text().unwrap_or_default();
        match empty {
            Some(_) if known.contains(&name) => {
                names.push(format!("`{name}`"));
                spans.push(entry.key.span());
            }
            Some(above) if !names.is_empty() => {
                beside(reader, above, &names);
                spans.push(above.key.span());
                names.clear();
                empty = Some(entry).filter(|entry| entry.value.is_null());
            }
            _ => empty = Some(entry).filter(|entry| entry.value.is_null()),
        }
    }
    if let Some(above) = empty.filter(|_| !names.is_empty()) {
        beside(reader, above, &names);
        spans.push(above.key.span());
    }
    spans
}

fn beside<'t>(reader: &mut Reader<'t>, empty: Entry<'t>, names: &[String]) {
    let name = empty.key.text().unwrap_or_default();
    let message = format!("`{name}` is empty: what belongs to it stands beside it, not below it");
    let finding = reader.error(CODE, message, empty.key.span(), "nothing is below this");
    let verb = if names.len() == 1 { "it stands" } else { "they stand" };
    let help = format!("indent {} deeper, so that {verb} below `{name}`", names.join(", "));
    reader.push(finding.help(help));
}

fn resources<'t>(reader: &mut Reader<'t>, template: &Template<'t>, root: Node<'t>) {
    let entry = root.entry("Resources");
    let count = entry.map_or(0, |entry| entry.value.entries().count());
    let span = entry.map_or(head(root.source(), root.span()), |entry| entry.key.span());
    let is_open = template.tree.is_partial() || template.is_rewritten;
    if count == 0 && !is_open && !is_misspelt(root, &SECTIONS, "Resources") {
        let finding = reader.error(CODE, "the template has no resources", span, "nothing to make");
        reader.push(finding.aws("Template format error: At least one Resources member must be defined."));
    } else if count > MOST_RESOURCES {
        let message = format!("the template has {count} resources; {MOST_RESOURCES} are allowed");
        reader.push(reader.error(CODE, message, span, "too many"));
    }
    let fallen_out = fallen_out(reader, entry.map(|entry| entry.value), &ATTRIBUTES);
    for entry in entry.into_iter().flat_map(|entry| entry.value.entries()) {
        if fallen_out.contains(&entry.key.span()) {
            continue;
        }
        if let Some(owner) = owner(root.get("Resources"), entry) {
            let name = owner.key.text().unwrap_or_default();
            let message = format!("`Properties` stands beside `{name}`; it belongs below it");
            let finding = reader.error(CODE, message, entry.key.span(), "not indented enough");
            let finding = finding.label(owner.key.span(), "has no `Properties`");
            reader.push(finding.help(format!("indent `Properties:` as much as the `Type:` of `{name}`")));
            continue;
        }
        let id = entry.key.text().filter(|id| template.parameters.contains_key(id));
        if let Some(id) = id {
            let message = format!("`{id}` is the name of a parameter and of a resource");
            let finding = reader.error(CODE, message, entry.key.span(), "twice");
            reader.push(finding.help("give one of them another name"));
        }
        if !member(reader, template, entry, "Resources", ("Type", &ATTRIBUTES)) {
            continue;
        }
        // A macro may be called anywhere.
        let is_stray =
            |key: &str| !ATTRIBUTES.contains(&key) && !template.is_rewritten && !key.starts_with("Fn::");
        let strays = || entry.value.entries().filter(|attribute| attribute.key.text().is_some_and(is_stray));
        if let Some(empty) = entry.value.entry("Properties").filter(|properties| properties.value.is_null())
            && strays().next().is_some()
        {
            let names: Vec<_> = strays()
                .take(MOST_NAMES)
                .filter_map(|stray| Some(format!("`{}`", stray.key.text()?)))
                .collect();
            beside(reader, empty, &names);
            continue;
        }
        if !template.is_rewritten {
            frame::attributes(reader, entry);
        }
        for attribute in strays() {
            let Some(key) = attribute.key.text() else { continue };
            let message = format!("a resource has no attribute `{key}`");
            let finding = reader.error(CODE, message, attribute.key.span(), "unknown");
            let help = match nearest(key, &ATTRIBUTES) {
                Some(meant) => format!("write `{meant}`"),
                None => "properties of the resource stand below `Properties`".to_owned(),
            };
            reader.push(finding.help(help).aws(format!("Invalid template resource property '{key}'")));
        }
    }
    for resource in &template.resources {
        let Some(node) = resource.node.get("Type").filter(|node| node.text().is_some()) else { continue };
        let service = resource.kind.split("::").nth(1).unwrap_or_default();
        let is_ours = frame::SERVICES.iter().any(|ours| ours.eq_ignore_ascii_case(service));
        let meant = frame::meant_type(resource.kind, &schema::TYPES);
        let is_unknown = meant.is_some()
            || !template.is_rewritten && !frame::is_type(resource.kind)
            || is_ours && !schema::TYPES.contains(&resource.kind);
        if is_unknown && !resource.kind.ends_with("::MODULE") {
            let message = format!("there is no resource type {}", resource.kind);
            let finding = reader.error(CODE, message, node.span(), "unknown");
            let same = schema::TYPES.iter().find(|known| known.eq_ignore_ascii_case(resource.kind)).copied();
            let finding = match same.or(meant).or_else(|| nearest(resource.kind, &schema::TYPES)) {
                Some(meant) => finding.help(format!("write {meant}")),
                None => finding,
            };
            let aws = format!("Template format error: Unrecognized resource types: [{}]", resource.kind);
            reader.push(finding.aws(aws));
        }
    }
}

/// The resource above `Properties` that stand among the resources, and have no type themselves.
fn owner<'t>(resources: Option<Node<'t>>, properties: Entry<'t>) -> Option<Entry<'t>> {
    if properties.key.text() != Some("Properties")
        || properties.value.entry("Type").is_some_and(is_type_of_resource)
    {
        return None;
    }
    let before = resources?.entries().take_while(|entry| entry.key.span() < properties.key.span());
    before
        .last()
        .filter(|above| above.value.entry("Type").is_some() && above.value.entry("Properties").is_none())
}

fn is_type_of_resource(kind: Entry<'_>) -> bool {
    kind.value.text().is_some_and(|text| text.contains("::"))
}

/// Whether the properties of a resource stand beside it, which is told.
pub(super) fn above(resources: Option<Node<'_>>, id: Span) -> bool {
    let properties = resources.and_then(|resources| resources.entry("Properties"));
    properties.and_then(|properties| owner(resources, properties)).is_some_and(|owner| owner.key.span() == id)
}

/// A member of a section: its name, that it is a mapping, and what it has to have.
fn member<'t>(
    reader: &mut Reader<'t>,
    template: &Template<'t>,
    entry: Entry<'t>,
    section: &str,
    (needed, known): (&str, &[&str]),
) -> bool {
    let Some(name) = entry.key.text().filter(|name| !name.starts_with("Fn::")) else { return false };
    let span = entry.key.span();
    if !name.chars().all(|c| c.is_ascii_alphanumeric()) {
        let message = format!("the name `{name}` has other characters than letters and digits");
        let finding = reader.error(CODE, message, span, "not a logical id");
        let aws = format!("Template format error: {section} name {name} is non alphanumeric.");
        reader.push(finding.aws(aws));
    }
    if entry.value.kind() != Kind::Mapping {
        let message = format!("`{name}` is no mapping");
        let finding = reader.error(CODE, message, span, format!("`{needed}` is missing"));
        let words =
            format!("Template format error: [/{section}/{name}] '{section}' members must be objects.");
        reader.push(finding.aws(words));
        return false;
    }
    // Of what is empty or misspelt that is said.
    let is_there = entry.value.get(needed).is_some() || is_misspelt(entry.value, known, needed);
    if !is_there && !template.tree.is_partial() && entry.value.entries().all(|entry| !is_function(entry)) {
        let finding =
            reader.error(CODE, format!("`{name}` has no `{needed}`"), span, format!("no `{needed}` here"));
        reader.push(finding.aws(format!(
            "Template format error: [/{section}/{name}] Every {section} object must contain a {needed} member."
        )));
    }
    true
}

fn is_function(entry: Entry<'_>) -> bool {
    entry.key.text().is_some_and(|key| key.starts_with("Fn::"))
}

//! The frame of a template: what its sections, the attributes of its resources and the members of its outputs are made of.
//!
//! Owns: their kinds and the values of attributes, as CloudFormation refuses them (`Template format error`). Leaves to `structure`:
//! which of them there are; to `parameters`: what a parameter is made of; to `properties`: what stands below `Properties`.

use super::function::function;
use crate::spec::document::kind_words;
use crate::spec::reading::{Reader, place};
use crate::spec::spelling::nearest;
use crate::syntax::{Entry, Kind, Node};

const CODE: &str = "template-structure";

/// What CloudFormation says of a value that is not there, wherever it is.
pub(super) const NULL: &str = "Template format error: 'null' values are not allowed in templates";

/// What becomes of a resource that leaves the template.
const DELETION: [&str; 4] = ["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"];

/// The services whose types are known here.
pub const SERVICES: [&str; 3] = ["CodeBuild", "CodeDeploy", "CodePipeline"];

/// Whether a text has the form of a resource type: three names, of a module four; `Custom::` and a name of one's own.
pub(super) fn is_type(text: &str) -> bool {
    let is_name = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric());
    match text.split_once("::") {
        Some(("Custom", name)) => !name.is_empty(),
        Some(_) => text.split("::").count() >= 3 && text.split("::").all(is_name),
        // Of an empty one that is told.
        None => text.trim().is_empty(),
    }
}

/// The type that a type of no known service was probably meant to be.
pub(super) fn meant_type(kind: &str, types: &[&'static str]) -> Option<&'static str> {
    let (service, name) = kind.strip_prefix("AWS::")?.split_once("::")?;
    let meant = nearest(service, &SERVICES).filter(|meant| *meant != service)?;
    let own: Vec<_> =
        types.iter().filter_map(|known| known.strip_prefix(&format!("AWS::{meant}::"))).collect();
    let name = own.contains(&name).then_some(name).or_else(|| nearest(name, &own))?;
    types.iter().find(|known| known.strip_prefix("AWS::") == Some(&format!("{meant}::{name}"))).copied()
}

/// Sections that are no mapping, and a description that is no text. Of a template that is `rewritten` only who rewrites it.
pub(super) fn sections<'t>(reader: &mut Reader<'t>, root: Node<'t>, rewritten: bool) {
    // A macro, a list of them, or one with its parameters.
    if let Some(entry) = root.entry("Transform").filter(|entry| entry.value.kind() == Kind::Scalar) {
        filled(reader, "", entry);
    }
    if rewritten {
        return;
    }
    for entry in root.entries() {
        match entry.key.text() {
            Some("Description") => of_kind(reader, "", entry, Kind::Scalar),
            Some("Conditions" | "Mappings" | "Metadata" | "Outputs" | "Parameters" | "Rules") => {
                of_kind(reader, "", entry, Kind::Mapping);
            }
            _ => {}
        }
    }
}

/// The attributes of a resource, but for its properties' own values.
pub(super) fn attributes<'t>(reader: &mut Reader<'t>, resource: Entry<'t>) {
    let id = resource.key.text().unwrap_or_default();
    for entry in resource.value.entries() {
        match entry.key.text() {
            Some("Type") => filled(reader, id, entry),
            // That an empty name names nothing is told with the names.
            Some("Condition") => of_kind(reader, id, entry, Kind::Scalar),
            Some("Properties" | "Metadata") => of_kind(reader, id, entry, Kind::Mapping),
            Some("DependsOn") if entry.value.kind() == Kind::Sequence => {
                for value in entry.value.items() {
                    of_kind(reader, id, Entry { key: entry.key, value }, Kind::Scalar);
                }
            }
            Some("DependsOn") => of_kind(reader, id, entry, Kind::Scalar),
            Some(key @ ("DeletionPolicy" | "UpdateReplacePolicy")) => policy(reader, id, key, entry),
            _ => {}
        }
    }
}

fn policy<'t>(reader: &mut Reader<'t>, id: &str, key: &str, entry: Entry<'t>) {
    filled(reader, id, entry);
    let known = if key == "DeletionPolicy" { &DELETION[..] } else { &["Delete", "Retain", "Snapshot"] };
    let Some(text) = entry.value.text().filter(|text| !text.trim().is_empty() && !known.contains(text))
    else {
        return;
    };
    if function(entry.value).is_some() {
        return;
    }
    let message = format!("`{key}` cannot be `{text}`");
    let finding = reader.error(CODE, message, place(entry), "not one of its values");
    let finding = match nearest(text, known) {
        Some(meant) => finding.help(format!("write {meant}")),
        None => finding.help(format!("write one of {}", known.join(", "))),
    };
    reader.push(finding.aws(format!("Template format error: Unrecognized {key} {text} for resource {id}")));
}

/// The members of an output.
pub(super) fn output<'t>(reader: &mut Reader<'t>, output: Entry<'t>, known: &[&str]) {
    let id = output.key.text().unwrap_or_default();
    for entry in output.value.entries() {
        let Some(key) = entry.key.text().filter(|key| !key.starts_with("Fn::")) else { continue };
        match key {
            "Value" | "Condition" | "Description" => of_kind(reader, id, entry, Kind::Scalar),
            "Export" => {
                if let Some(name) = entry.value.entry("Name").filter(|_| function(entry.value).is_none()) {
                    filled(reader, id, name);
                }
            }
            _ => {
                let finding =
                    reader.error(CODE, format!("an output has no `{key}`"), entry.key.span(), "unknown");
                let finding = match nearest(key, known) {
                    Some(meant) => finding.help(format!("write `{meant}`")),
                    None => finding.help(format!("it has {}", known.join(", "))),
                };
                reader.push(finding.aws(format!("Invalid template output property '{key}'")));
            }
        }
    }
}

/// Says that a value is no text, or one with nothing in it.
fn filled<'t>(reader: &mut Reader<'t>, of: &str, entry: Entry<'t>) {
    of_kind(reader, of, entry, Kind::Scalar);
    let node = entry.value;
    if node.is_blank() && !node.is_null() && function(node).is_none() {
        let key = entry.key.text().unwrap_or_default();
        let of = if of.is_empty() { String::new() } else { format!(" of `{of}`") };
        let message = format!("`{key}`{of} is empty; CloudFormation expects a text");
        reader.push(reader.error(CODE, message, place(entry), "nothing here"));
    }
}

/// Says that a value is of another kind than CloudFormation takes there. What a function makes is not known.
fn of_kind<'t>(reader: &mut Reader<'t>, of: &str, entry: Entry<'t>, expected: Kind) {
    let node = entry.value;
    // What a tag of a preprocessor stands for is not known.
    let is_tagged = node.tag().is_some_and(|tag| tag.starts_with('!'));
    if is_tagged || function(node).is_some() || node.kind() == expected && !node.is_null() {
        return;
    }
    if node.entries().any(|entry| entry.key.text().is_some_and(|key| key.starts_with("Fn::"))) {
        return;
    }
    // Of what could not be read nothing is there.
    if node.is_null() && node.tree().is_partial() {
        return;
    }
    let key = entry.key.text().unwrap_or_default();
    let of = if of.is_empty() { String::new() } else { format!(" of `{of}`") };
    let expected = if expected == Kind::Mapping { "a mapping" } else { "a text" };
    let (is, label) =
        if node.is_null() { ("empty", "nothing here") } else { (kind_words(node.kind()), "does not fit") };
    let span = place(entry);
    let message = format!("`{key}`{of} is {is}; CloudFormation expects {expected}");
    let finding = reader.error(CODE, message, span, label);
    reader.push(if node.is_null() { finding.aws(NULL) } else { finding });
}

//! Parameters of a template: what they are made of.
//!
//! Owns: their members, and the values that CloudFormation refuses of them. Leaves to `references`: whether anybody uses them.

use super::function::function;
use crate::spec::reading::{Reader, place};
use crate::spec::spelling::nearest;
use crate::syntax::{Entry, Kind, Node};

const CODE: &str = "template-structure";

/// What a parameter may have.
pub(super) const MEMBERS: [&str; 11] = [
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
];

pub(super) fn check<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) {
    for property in entry.value.entries() {
        let Some(key) = property.key.text().filter(|key| !MEMBERS.contains(key)) else { continue };
        let finding =
            reader.error(CODE, format!("a parameter has no `{key}`"), property.key.span(), "unknown");
        let finding = match nearest(key, &MEMBERS) {
            Some(meant) => finding.help(format!("write `{meant}`")),
            None => finding,
        };
        reader.push(finding.aws(format!("Invalid template parameter property '{key}'")));
    }
    values(reader, entry);
    if let Some(default) = entry.value.entry("Default").filter(|default| {
        default.value.kind() != Kind::Scalar || default.value.tag().is_some_and(|tag| tag.starts_with('!'))
    }) {
        let message = "the default of a parameter is a text that is known: no function, no list";
        let finding = reader.error(CODE, message, place(default), "no text");
        reader.push(finding.aws("Template format error: Every Default member must be a string."));
        return;
    }
    let Some(kind) = entry.value.entry("Type") else { return };
    let Some(text) = kind.value.text() else { return };
    let known = ["String", "Number", "List<Number>", "CommaDelimitedList"];
    if !known.contains(&text) && !text.starts_with("AWS::") && !text.starts_with("List<AWS::") {
        let finding =
            reader.error(CODE, format!("there is no parameter type `{text}`"), place(kind), "unknown");
        let help = nearest(text, &known).map_or_else(|| known.join(", "), str::to_owned);
        reader.push(
            finding
                .help(format!("write {help}"))
                .aws(format!("Template format error: Unrecognized parameter type: {text}")),
        );
    }
    default(reader, entry, text);
}

/// The values of members, each by itself.
fn values<'t>(reader: &mut Reader<'t>, parameter: Entry<'t>) {
    for entry in parameter.value.entries() {
        let (key, node) = (entry.key.text().unwrap_or_default(), entry.value);
        let text = node.text().unwrap_or_default();
        let (is_right, expected) = match key {
            "AllowedValues" => (node.kind() == Kind::Sequence, "a list"),
            "NoEcho" => (flag(text).is_some(), "true or false"),
            "MaxLength" | "MaxValue" | "MinLength" | "MinValue" => (is_number(text), "a number"),
            "AllowedPattern" | "ConstraintDescription" | "Description" => {
                (node.kind() == Kind::Scalar, "a text")
            }
            _ => continue,
        };
        if is_right || function(node).is_some() || node.tree().is_partial() {
            continue;
        }
        let message = format!("`{key}` of a parameter takes {expected}");
        let span = place(entry);
        let finding = reader.error(CODE, message, span, format!("not {expected}"));
        reader.push(if key == "AllowedValues" { finding.help("write a list: [one, two]") } else { finding });
    }
}

/// A default that the parameter itself does not allow.
fn default<'t>(reader: &mut Reader<'t>, entry: Entry<'t>, kind: &str) {
    let Some(default) = entry.value.entry("Default") else { return };
    let Some(value) = default.value.text() else { return };
    let name = entry.key.text().unwrap_or_default();
    if kind == "Number" && !is_number(value.trim()) {
        let message = format!("the default `{value}` of `{name}` is no number");
        let finding = reader.error(CODE, message, place(default), "not a number");
        reader.push(finding.aws(format!("Parameter '{name}' must be a number.")));
        return;
    }
    let Some(allowed) = entry.value.get("AllowedValues").filter(|_| matches!(kind, "String" | "Number"))
    else {
        return;
    };
    // Of an item that is nothing that is said.
    if allowed.kind() == Kind::Sequence
        && !allowed.items().any(Node::is_null)
        && !allowed.items().filter_map(Node::text).any(|item| same(item, value))
    {
        let message = format!("the default `{value}` of `{name}` is none of its allowed values");
        let finding = reader.error(CODE, message, place(default), "not allowed");
        reader.push(finding.aws(format!("Template error: Parameter '{name}' must be one of AllowedValues")));
    }
}

/// What YAML 1.1, by which templates are read, takes for a flag.
fn flag(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match () {
        () if is(&["true", "yes", "on"]) => Some(true),
        () if is(&["false", "no", "off"]) => Some(false),
        () => None,
    }
}

/// Whether two values are the same, flags whatever their words.
fn same(one: &str, other: &str) -> bool {
    one == other || flag(one).is_some() && flag(one) == flag(other)
}

/// What YAML 1.1 takes for a number: `1_000` and `0x10` too.
fn is_number(text: &str) -> bool {
    let plain = text.replace('_', "");
    let hexadecimal = plain.strip_prefix("0x").is_some_and(|digits| u64::from_str_radix(digits, 16).is_ok());
    hexadecimal || plain.parse::<f64>().is_ok()
}

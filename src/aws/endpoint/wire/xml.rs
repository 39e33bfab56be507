//! XML for the protocols that write it.
//!
//! Owns: documents from values, and values from documents without knowing their model. There, elements that repeat are
//! a list, and so are the children of `Items`, children called `member`, and each `Change` in `Changes`; everything else
//! is a structure or a text.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

use super::{Special, ec2, iso, special};

/// How deep a document may be nested.
const DEEPEST: usize = 64;

/// Whose document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Elements of lists are `member`, maps are `entry` with `key` and `value` where the name says map.
    Query,
    /// Elements of lists are `item`, names begin in lower case.
    Ec2,
    /// As `Query`, but elements of `Buckets` are `Bucket`.
    Rest,
}

/// Members of outputs that are maps, not structures (models of SNS, IAM, Elastic Beanstalk).
const MAPS: [&str; 4] = ["Attributes", "SummaryMap", "EvalDecisionDetails", "TagsMap"];

/// Members that hold JSON as a text, which people write as the document itself in answer files.
fn is_document(name: &str) -> bool {
    name.ends_with("PolicyDocument") || name == "TemplateBody" || name == "StackPolicyBody"
}

pub(super) fn open(out: &mut String, name: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
}

pub(super) fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// An element that holds a text.
pub(super) fn text(out: &mut String, name: &str, text: &str) {
    open(out, name);
    out.push_str(&quick_xml::escape::escape(allowed(text)));
    close(out, name);
}

/// XML has no way to write some control characters.
fn allowed(text: &str) -> std::borrow::Cow<'_, str> {
    let is_allowed = |c: char| matches!(c, '\t' | '\n' | '\r') || !(c.is_control() && c < '\u{80}');
    if text.chars().all(is_allowed) {
        return text.into();
    }
    text.chars().map(|c| if is_allowed(c) { c } else { '\u{fffd}' }).collect::<String>().into()
}

/// An element with a value in it.
pub(super) fn element(out: &mut String, name: &str, value: &Value, style: Style) {
    let is_list = value.is_array();
    let tag = match style {
        Style::Ec2 => ec2::name(name, is_list),
        Style::Query | Style::Rest => name.to_owned(),
    };
    match special(value) {
        Some(Special::Timestamp(seconds)) => return text(out, &tag, &iso(seconds)),
        Some(Special::Blob(blob)) => return text(out, &tag, blob),
        None => {}
    }
    match value {
        Value::Null => {}
        Value::Bool(bool) => text(out, &tag, if *bool { "true" } else { "false" }),
        Value::Number(number) => text(out, &tag, &number.to_string()),
        Value::String(string) => text(out, &tag, string),
        Value::Array(items) => {
            open(out, &tag);
            let item = match style {
                Style::Ec2 => "item",
                Style::Query => "member",
                Style::Rest => singular(name),
            };
            for value in items {
                match value {
                    Value::Object(inner) if special(value).is_none() => {
                        open(out, item);
                        members(out, inner, style);
                        close(out, item);
                    }
                    _ => element(out, item, value, Style::Query),
                }
            }
            close(out, &tag);
        }
        Value::Object(_) if is_document(name) => text(out, &tag, &value.to_string()),
        Value::Object(inner) if style != Style::Ec2 && MAPS.contains(&name) => {
            open(out, &tag);
            for (key, value) in inner {
                open(out, "entry");
                text(out, "key", key);
                element(out, "value", value, style);
                close(out, "entry");
            }
            close(out, &tag);
        }
        Value::Object(inner) => {
            open(out, &tag);
            members(out, inner, style);
            close(out, &tag);
        }
    }
}

/// What rest-xml calls the elements of most lists: each `Bucket` of `Buckets`.
fn singular(list: &str) -> &str {
    list.strip_suffix('s').filter(|one| !one.is_empty() && list != "Items").unwrap_or("member")
}

/// The members of a structure.
pub(super) fn members(out: &mut String, members: &Map<String, Value>, style: Style) {
    for (name, value) in members.iter().filter(|(name, _)| is_name(name)) {
        element(out, name, value, style);
    }
}

/// Whether XML allows it as the name of an element; answers of other people may hold anything.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// An element that is open while a document is read.
struct Open {
    name: String,
    text: String,
    children: Vec<(String, Value)>,
}

/// The content of a document's root.
pub(in crate::aws::endpoint) fn input(bytes: &[u8]) -> Result<Value, String> {
    let bad = |why: &str| format!("the body is no XML: {why}");
    let mut reader = Reader::from_str(std::str::from_utf8(bytes).map_err(|error| bad(&error.to_string()))?);
    let mut stack: Vec<Open> = Vec::new();
    loop {
        match reader.read_event().map_err(|error| bad(&error.to_string()))? {
            Event::Start(start) => {
                if stack.len() == DEEPEST {
                    return Err(bad("it is nested too deep"));
                }
                let name = start.local_name().as_ref().to_owned();
                stack.push(Open { name, text: String::new(), children: Vec::new() });
            }
            Event::Empty(empty) => {
                let name = empty.local_name().as_ref().to_owned();
                match stack.last_mut() {
                    Some(parent) => parent.children.push((name, Value::from(""))),
                    None => return Ok(Value::Object(Map::new())),
                }
            }
            Event::End(_) => {
                let Some(done) = stack.pop() else { return Err(bad("an end without a beginning")) };
                let name = done.name.clone();
                let value = value(done);
                match stack.last_mut() {
                    Some(parent) => parent.children.push((name, value)),
                    None if value.is_object() || value.is_array() => return Ok(value),
                    None => return Ok(Value::Object(Map::new())),
                }
            }
            Event::Text(text) => {
                if let Some(open) = stack.last_mut() {
                    open.text.push_str(&text);
                }
            }
            Event::CData(text) => {
                if let Some(open) = stack.last_mut() {
                    open.text.push_str(&text);
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(open) = stack.last_mut() {
                    let resolved = match reference.resolve_char_ref() {
                        Ok(Some(char)) => Some(char.to_string()),
                        Ok(None) => {
                            quick_xml::escape::resolve_predefined_entity(&reference).map(str::to_owned)
                        }
                        Err(_) => None,
                    };
                    open.text.push_str(&resolved.ok_or_else(|| bad("it has an entity of its own"))?);
                }
            }
            Event::Eof => return Err(bad("it ends too early")),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// Whether elements of this name stand in a list of that one: `member` anywhere, `Change` in `Changes`.
fn is_element_of(child: &str, list: &str) -> bool {
    let is_plural = list.strip_suffix("ies").is_some_and(|stem| child.strip_suffix('y') == Some(stem));
    child == "member" || list.strip_suffix('s') == Some(child) || is_plural
}

fn value(element: Open) -> Value {
    let Open { name, text, children } = element;
    if children.is_empty() {
        return Value::String(text);
    }
    if name == "Items" || children.iter().all(|(child, _)| is_element_of(child, &name)) {
        return children.into_iter().map(|(_, value)| value).collect();
    }
    let mut members: Map<String, Value> = Map::new();
    let mut lists: Vec<String> = Vec::new();
    for (name, value) in children {
        match members.get_mut(&name) {
            None => {
                members.insert(name, value);
            }
            Some(Value::Array(items)) if lists.contains(&name) => items.push(value),
            Some(first) => {
                *first = Value::Array(vec![first.take(), value]);
                lists.push(name);
            }
        }
    }
    Value::Object(members)
}

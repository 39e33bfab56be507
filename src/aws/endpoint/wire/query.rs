//! The query protocol: a form in, XML out.
//!
//! Owns: forms with their numbered lists and maps (`Tags.member.1.Key`, `Attribute.1.Name`, `Attributes.entry.1.key`).

use serde_json::{Map, Value};

use super::xml::{self, Style};
use crate::aws::call::ApiError;

/// How many dots a name may hold: as many as the deepest nesting of any API, and some.
const DEEPEST: usize = 32;

/// The pairs of a form or query string, decoded. What is no UTF-8 is replaced.
pub(in crate::aws::endpoint) fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(k, v)| (decoded(k), decoded(v)))
        .collect()
}

/// The parameters in a form. Lists and maps are told by their numbers.
pub(in crate::aws::endpoint) fn input(pairs: &[(String, String)]) -> Result<Value, String> {
    let mut root = Node::default();
    for (name, value) in pairs {
        if name.split('.').count() > DEEPEST {
            return Err(format!(
                "the parameter {}… is nested too deep",
                name.chars().take(60).collect::<String>()
            ));
        }
        let mut node = &mut root;
        for part in name.split('.') {
            let at = node.inner.iter().position(|(own, _)| own == part).unwrap_or(node.inner.len());
            if at == node.inner.len() {
                node.inner.push((part.to_owned(), Node::default()));
            }
            node = &mut node.inner[at].1;
        }
        node.text = Some(value.clone());
    }
    Ok(match root.value("") {
        Value::Object(members) => Value::Object(members),
        _ => Value::Object(Map::new()),
    })
}

/// The body of an answer.
pub(super) fn output(operation: &str, id: &str, output: &Value) -> Vec<u8> {
    let mut text = String::new();
    xml::open(&mut text, &format!("{operation}Response"));
    xml::element(&mut text, &format!("{operation}Result"), output, Style::Query);
    xml::open(&mut text, "ResponseMetadata");
    xml::text(&mut text, "RequestId", id);
    xml::close(&mut text, "ResponseMetadata");
    xml::close(&mut text, &format!("{operation}Response"));
    text.into_bytes()
}

/// The body of an error.
pub(super) fn error(id: &str, error: &ApiError) -> Vec<u8> {
    let mut text = String::new();
    xml::open(&mut text, "ErrorResponse");
    xml::open(&mut text, "Error");
    xml::text(&mut text, "Type", if error.status < 500 { "Sender" } else { "Receiver" });
    xml::text(&mut text, "Code", &error.code);
    xml::text(&mut text, "Message", &error.message);
    xml::close(&mut text, "Error");
    xml::text(&mut text, "RequestId", id);
    xml::close(&mut text, "ErrorResponse");
    text.into_bytes()
}

/// The parameters by the parts of their names.
#[derive(Default)]
struct Node {
    text: Option<String>,
    inner: Vec<(String, Node)>,
}

impl Node {
    fn value(self, name: &str) -> Value {
        if self.inner.is_empty() {
            return Value::String(self.text.unwrap_or_default());
        }
        if self.is_numbered() {
            return self.list();
        }
        if let [(inner, node)] = self.inner.as_slice()
            && node.is_numbered()
            && (inner == "member" || inner == "entry" || is_one_of(inner, name))
        {
            let list = self.inner.into_iter().next().map(|(_, node)| node.list());
            return list.unwrap_or_default();
        }
        self.inner
            .into_iter()
            .map(|(name, node)| (name.clone(), node.value(&name)))
            .collect::<Map<_, _>>()
            .into()
    }

    fn is_numbered(&self) -> bool {
        !self.inner.is_empty()
            && self.inner.iter().all(|(name, _)| {
                (1..=9).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_digit())
            })
    }

    /// A list, or a map when its elements are pairs of `key` and `value`.
    fn list(self) -> Value {
        let mut items: Vec<(u32, Node)> =
            self.inner.into_iter().filter_map(|(number, node)| Some((number.parse().ok()?, node))).collect();
        items.sort_by_key(|(number, _)| *number);
        let is_map = items.iter().all(|(_, node)| {
            let names: Vec<&str> = node.inner.iter().map(|(name, _)| name.as_str()).collect();
            names == ["key", "value"] || names == ["value", "key"]
        });
        let values = items.into_iter().map(|(_, node)| node.value(""));
        if !is_map {
            return values.collect();
        }
        let pairs = values.filter_map(|mut pair| {
            let key = pair.get("key")?.as_str()?.to_owned();
            Some((key, pair.get_mut("value")?.take()))
        });
        pairs.collect::<Map<_, _>>().into()
    }
}

/// Whether a list is called by its own elements' name: `Filters.Filter.1`, `SubnetIds.SubnetIdentifier.1`.
fn is_one_of(element: &str, list: &str) -> bool {
    list.ends_with('s')
        && element.bytes().zip(list.bytes()).take_while(|(one, other)| one == other).count() >= 3
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, behind @ ..]) => {
                match (char::from(*high).to_digit(16), char::from(*low).to_digit(16)) {
                    (Some(high), Some(low)) => {
                        bytes.extend(u8::try_from(high * 16 + low));
                        rest = behind;
                    }
                    _ => bytes.push(b'%'),
                }
            }
            (byte, _) => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

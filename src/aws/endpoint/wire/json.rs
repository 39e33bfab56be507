//! JSON: versions 1.0 and 1.1, and the bodies of rest-json.

use serde_json::{Map, Value, json};

use super::{Special, special};

/// The parameters in a body. No body is no parameters.
pub(in crate::aws::endpoint) fn input(bytes: &[u8]) -> Result<Value, String> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(bytes).map_err(|error| format!("the body is no JSON: {error}"))
}

/// The body of an answer.
pub(super) fn output(value: &Value) -> Vec<u8> {
    plain(value).to_string().into_bytes()
}

/// The body of an error.
pub(super) fn error(code: &str, message: &str) -> Vec<u8> {
    json!({"__type": code, "message": message}).to_string().into_bytes()
}

/// Timestamps become seconds, blobs base64 texts.
fn plain(value: &Value) -> Value {
    match special(value) {
        Some(Special::Timestamp(seconds)) => return Value::from(seconds),
        Some(Special::Blob(text)) => return Value::from(text),
        None => {}
    }
    match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), plain(member))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

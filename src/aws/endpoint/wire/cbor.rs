//! `smithy-rpc-v2-cbor`: the bodies are CBOR (RFC 8949).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ciborium::Value as Cbor;
use serde_json::{Map, Number, Value, json};

use super::{Special, blob, special};

/// The tag of a moment in seconds.
const EPOCH: u64 = 1;

/// The parameters in a body. No body is no parameters.
pub(in crate::aws::endpoint) fn input(bytes: &[u8]) -> Result<Value, String> {
    if bytes.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let value: Cbor =
        ciborium::from_reader(bytes).map_err(|error| format!("the body is no CBOR: {error}"))?;
    Ok(plain(value))
}

/// The body of an answer.
pub(super) fn output(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing into memory does not fail.
    let _ = ciborium::into_writer(&written(value), &mut bytes);
    bytes
}

/// The body of an error.
pub(super) fn error(code: &str, message: &str) -> Vec<u8> {
    output(&json!({"__type": code, "message": message}))
}

fn plain(value: Cbor) -> Value {
    match value {
        Cbor::Integer(number) => integer(number.into()),
        Cbor::Bytes(bytes) => blob(&bytes),
        Cbor::Float(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
        Cbor::Text(text) => Value::String(text),
        Cbor::Bool(bool) => Value::Bool(bool),
        Cbor::Tag(_, inner) => plain(*inner),
        Cbor::Array(items) => items.into_iter().map(plain).collect(),
        Cbor::Map(members) => members
            .into_iter()
            .filter_map(|(name, member)| Some((name.into_text().ok()?, plain(member))))
            .collect(),
        // Null, and what a newer CBOR may bring.
        _ => Value::Null,
    }
}

fn integer(number: i128) -> Value {
    match (i64::try_from(number), u64::try_from(number)) {
        (Ok(number), _) => Value::from(number),
        (_, Ok(number)) => Value::from(number),
        (Err(_), Err(_)) => Value::from(number.to_string()),
    }
}

fn written(value: &Value) -> Cbor {
    match special(value) {
        Some(Special::Timestamp(seconds)) => return Cbor::Tag(EPOCH, Box::new(Cbor::Float(seconds))),
        Some(Special::Blob(text)) => return Cbor::Bytes(STANDARD.decode(text).unwrap_or_default()),
        None => {}
    }
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(bool) => Cbor::Bool(*bool),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Cbor::Integer(number.into()),
            (None, Some(number)) => Cbor::Integer(number.into()),
            (None, None) => Cbor::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Array(items) => Cbor::Array(items.iter().map(written).collect()),
        Value::Object(members) => Cbor::Map(
            members.iter().map(|(name, member)| (Cbor::Text(name.clone()), written(member))).collect(),
        ),
    }
}

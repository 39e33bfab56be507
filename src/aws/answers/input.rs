//! Reading the input of a call.
//!
//! Owns: members by name, whatever protocol they came in: the query protocol writes numbers and flags as texts. Leaves
//! to each service: what they mean.

use serde_json::Value;

use crate::aws::call::{ApiError, Call};

/// A text that has to be there; clients check that before they send, so this is for those that send by hand.
pub(super) fn text<'c>(call: &'c Call, name: &str) -> Result<&'c str, ApiError> {
    call.text(name).filter(|text| !text.is_empty()).ok_or_else(|| missing(name))
}

/// The error for a member that is not there.
pub(super) fn missing(name: &str) -> ApiError {
    let message = format!(
        "1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must not be null"
    );
    ApiError::new("ValidationException", message)
}

/// A flag, false unless given.
pub(super) fn flag(call: &Call, name: &str) -> bool {
    call.parameters.get(name).is_some_and(is_true)
}

/// Whether a member says yes.
pub(super) fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_str() == Some("true"))
}

/// A whole number.
pub(super) fn number(call: &Call, name: &str) -> Option<i64> {
    whole(call.parameters.get(name)?)
}

/// A member as a whole number.
pub(super) fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// The items of a list; nothing when there is none.
pub(super) fn items<'c>(call: &'c Call, name: &str) -> &'c [Value] {
    list(&call.parameters, name)
}

/// The items of a list in `value`.
pub(super) fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// How many elements a list of an XML document has: read without its model, one that is not called `member` stands as
/// `{Changes: {Change: …}}`.
pub(super) fn elements(value: &Value, name: &str, element: &str) -> usize {
    match value.get(name) {
        Some(Value::Array(items)) => items.len(),
        Some(Value::Object(members)) => match members.get(element) {
            Some(Value::Array(items)) => items.len(),
            Some(_) => 1,
            None => 0,
        },
        Some(_) | None => 0,
    }
}

/// The texts of a list; nothing when there is none.
pub(super) fn texts<'c>(call: &'c Call, name: &str) -> Vec<&'c str> {
    items(call, name).iter().filter_map(Value::as_str).collect()
}

/// A text in `value`.
pub(super) fn inner<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

/// The resource's own name: what stands behind the last `/` or `:` of an ARN; other texts are names already.
pub(super) fn short(name: &str) -> &str {
    match name.strip_prefix("arn:") {
        Some(arn) => arn.rsplit(['/', ':']).next().unwrap_or(name),
        None => name,
    }
}

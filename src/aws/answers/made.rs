//! Saying things: outputs, deeds, ids, moments, and the things of this execution that reads find again.
//!
//! Owns: the forms that answers of all services share. Leaves to each service: which.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Outcome, Said};
use crate::aws::call::{Answer, Call};
use crate::aws::desk::Desk;
use crate::aws::effect::Deed;
use crate::clock;

/// An answer to a read.
#[expect(clippy::unnecessary_wraps, reason = "answers end with it")]
pub(super) fn output(value: Value) -> Outcome {
    Ok(Said::read(Answer::Output(value)))
}

/// An answer to a write that was only pretended; `words` follow `would have:`.
#[expect(clippy::unnecessary_wraps, reason = "answers end with it")]
pub(super) fn done(value: Value, words: impl Into<String>) -> Outcome {
    Ok(Said::wrote(Answer::Output(value), Deed::new(words)))
}

/// As [`done`], for what is counted when it happens again.
#[expect(clippy::unnecessary_wraps, reason = "answers end with it")]
pub(super) fn counted(value: Value, words: impl Into<String>, singular: &str) -> Outcome {
    Ok(Said::wrote(Answer::Output(value), Deed::new(words).counted(singular)))
}

/// Nobody here knows.
#[expect(clippy::unnecessary_wraps, reason = "answers end with it")]
pub(super) fn unanswered() -> Outcome {
    Ok(Said::read(Answer::Unanswered))
}

/// The thing of this kind and name that was made in this execution.
pub(super) fn find(desk: &Desk, kind: &str, name: &str) -> Option<Value> {
    desk.world.made().get(kind, name).cloned()
}

/// An answer to a read of one thing: `member` holds it when it was made here.
pub(super) fn found(desk: &Desk, kind: &str, name: &str, member: &str) -> Outcome {
    match find(desk, kind, name) {
        Some(thing) => output(json!({ member: thing })),
        None => unanswered(),
    }
}

/// An answer to a read of all things of a kind: `member` lists them, when there are any.
pub(super) fn listed(desk: &Desk, kind: &str, member: &str) -> Outcome {
    let things = all(desk, kind);
    if things.is_empty() { unanswered() } else { output(json!({ member: things })) }
}

/// All things of a kind.
pub(super) fn all(desk: &Desk, kind: &str) -> Vec<Value> {
    desk.world.made().all(kind).map(|(_, thing)| thing.clone()).collect()
}

/// Makes a thing, or makes it anew.
pub(super) fn put(desk: &Desk, kind: &str, name: &str, thing: &Value) {
    desk.world.made().put(kind, name, thing.clone());
}

/// The next number of a row that begins at 1: versions, revisions.
pub(super) fn next(desk: &Desk, row: &str, name: &str) -> i64 {
    let mut made = desk.world.made();
    let number = made.get(row, name).and_then(Value::as_i64).unwrap_or_default() + 1;
    made.put(row, name, number.into());
    number
}

/// The members of `first` with those of `then` over them; nulls of `then` are left out.
pub(super) fn merged(first: &Value, then: Value) -> Value {
    let mut members = first.as_object().cloned().unwrap_or_default();
    if let Value::Object(then) = then {
        members.extend(then.into_iter().filter(|(_, value)| !value.is_null()));
    }
    Value::Object(members)
}

/// The named members of a call's input, as far as they are given.
pub(super) fn picked(call: &Call, names: &[&str]) -> Value {
    let members: Map<String, Value> = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), call.parameters.get(*name)?.clone())))
        .collect();
    Value::Object(members)
}

/// This moment, as an output holds it.
pub(super) fn now(desk: &Desk) -> Value {
    moment(desk, 0)
}

/// The moment `seconds` from now, as an output holds it.
pub(super) fn moment(desk: &Desk, seconds: i64) -> Value {
    json!({ "$timestamp": desk.world.clock.now().as_second() + seconds })
}

/// A blob, as an output holds it.
pub(super) fn blob(bytes: &[u8]) -> Value {
    json!({ "$blob": STANDARD.encode(bytes) })
}

/// The bytes of a base64 text.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Bytes as base64.
pub(super) fn encoded(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The SHA-256 of some bytes, in hexadecimal digits.
pub(super) fn digest(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Bytes as two hexadecimal digits each.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// `length` letters that always follow from `seed`, out of `alphabet`.
pub(super) fn letters(seed: &str, alphabet: &[u8], length: usize) -> String {
    let mut out = String::with_capacity(length);
    let mut block = 0;
    while out.len() < length {
        let bytes = Sha256::digest(format!("{block}:{seed}"));
        let letter = |byte: &u8| char::from(alphabet[usize::from(*byte) % alphabet.len()]);
        out.extend(bytes.iter().take(length - out.len()).map(letter));
        block += 1;
    }
    out
}

/// An id in the form of a UUID that always follows from `seed`.
pub(super) fn uuid(seed: &str) -> String {
    let digits = letters(seed, HEX, 32);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// Upper-case letters and digits.
pub(super) const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/// Lower-case letters and digits.
pub(super) const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// Hexadecimal digits.
pub(super) const HEX: &[u8] = b"0123456789abcdef";

/// A fresh made-up id of `length` letters of `alphabet` behind `prefix`.
pub(super) fn fresh(prefix: &str, alphabet: &[u8], length: usize) -> String {
    format!("{prefix}{}", letters(&clock::new_id(), alphabet, length))
}

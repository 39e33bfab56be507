//! Key Management Service: a made-up cipher that can be undone.
//!
//! Owns: what is encrypted here can be decrypted here, in every execution; nothing is secret. What AWS encrypted cannot
//! be read, so decrypting it is left unanswered.

use serde_json::{Value, json};

use super::input::{number, text};
use super::made::{HEX, blob, decoded, fresh, output, unanswered, uuid};
use super::{Operation, Outcome};
use crate::aws::call::{ApiError, Call};
use crate::aws::desk::Desk;

/// What KMS answers.
pub(super) const OPERATIONS: &[Operation] = &[
    ("Decrypt", decrypt),
    ("Encrypt", encrypt),
    ("GenerateDataKey", generate_data_key),
    ("GenerateDataKeyWithoutPlaintext", generate_data_key),
    ("GenerateRandom", generate_random),
    ("ReEncrypt", re_encrypt),
];

/// How a made-up ciphertext begins; key and context follow, each with a zero byte behind it.
const MARK: &[u8] = b"rehearsal-kms-1\0";

fn key_arn(call: &Call, desk: &Desk, key: &str) -> String {
    if key.starts_with("arn:") {
        return key.to_owned();
    }
    let id = if key.starts_with("alias/") { uuid(key) } else { key.to_owned() };
    desk.world.arn("kms", &call.region, &format!("key/{id}"))
}

/// The encryption context: decrypting needs the same one. Maps hold their keys in order.
fn context(call: &Call, member: &str) -> String {
    call.parameters.get(member).filter(|it| !it.is_null()).map(Value::to_string).unwrap_or_default()
}

fn sealed(key: &str, context: &str, plain: &[u8]) -> Vec<u8> {
    [MARK, key.as_bytes(), b"\0", context.as_bytes(), b"\0", plain].concat()
}

/// Key, context and plain text.
fn opened(sealed: &[u8]) -> Option<(String, String, Vec<u8>)> {
    let mut parts = sealed.strip_prefix(MARK)?.splitn(3, |byte| *byte == 0);
    let mut next = || parts.next().map(<[u8]>::to_vec);
    let (key, context, plain) = (next()?, next()?, next()?);
    Some((String::from_utf8(key).ok()?, String::from_utf8(context).ok()?, plain))
}

fn bytes(call: &Call, member: &str) -> Vec<u8> {
    call.text(member).and_then(decoded).unwrap_or_default()
}

fn encrypt(call: &Call, desk: &Desk) -> Outcome {
    let key = key_arn(call, desk, text(call, "KeyId")?);
    let sealed = sealed(&key, &context(call, "EncryptionContext"), &bytes(call, "Plaintext"));
    output(json!({
        "CiphertextBlob": blob(&sealed),
        "KeyId": key,
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }))
}

fn invalid() -> ApiError {
    ApiError::new("InvalidCiphertextException", "")
}

fn decrypt(call: &Call, _: &Desk) -> Outcome {
    let Some((key, bound, plain)) = opened(&bytes(call, "CiphertextBlob")) else { return unanswered() };
    if bound != context(call, "EncryptionContext") {
        return Err(invalid());
    }
    output(json!({ "KeyId": key, "Plaintext": blob(&plain), "EncryptionAlgorithm": "SYMMETRIC_DEFAULT" }))
}

fn re_encrypt(call: &Call, desk: &Desk) -> Outcome {
    let Some((source, bound, plain)) = opened(&bytes(call, "CiphertextBlob")) else { return unanswered() };
    if bound != context(call, "SourceEncryptionContext") {
        return Err(invalid());
    }
    let key = key_arn(call, desk, text(call, "DestinationKeyId")?);
    let sealed = sealed(&key, &context(call, "DestinationEncryptionContext"), &plain);
    output(json!({ "CiphertextBlob": blob(&sealed), "SourceKeyId": source, "KeyId": key }))
}

/// Fresh bytes: two digits each.
fn random(count: usize) -> Vec<u8> {
    let digits = fresh("", HEX, count * 2);
    let byte =
        |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    digits.as_bytes().chunks(2).map(|pair| byte(pair).unwrap_or_default()).collect()
}

fn asked_bytes(call: &Call) -> usize {
    let count = number(call, "NumberOfBytes").unwrap_or(match call.text("KeySpec") {
        Some("AES_128") => 16,
        Some(_) | None => 32,
    });
    usize::try_from(count.clamp(1, 1024)).unwrap_or(32)
}

fn generate_data_key(call: &Call, desk: &Desk) -> Outcome {
    let key = key_arn(call, desk, text(call, "KeyId")?);
    let plain = random(asked_bytes(call));
    let sealed = sealed(&key, &context(call, "EncryptionContext"), &plain);
    let shown = (call.operation == "GenerateDataKey").then(|| blob(&plain));
    output(json!({ "CiphertextBlob": blob(&sealed), "Plaintext": shown, "KeyId": key }))
}

fn generate_random(call: &Call, _: &Desk) -> Outcome {
    output(json!({ "Plaintext": blob(&random(asked_bytes(call))) }))
}

//! What a request asks for.
//!
//! Owns: reading members of a call and refusing what S3 refuses whatever the operation: names that no bucket has, keys
//! that no object has, numbers that are none. Leaves to the operations what members mean.

use std::collections::BTreeMap;

use serde_json::Value;

use super::errors::{
    Fallible, invalid_argument, invalid_bucket_name, invalid_request, invalid_uri, no_such_version,
};
use super::key;
use crate::aws::call::{ApiError, Call};

/// Headers that are kept with an object and come back with it, besides `x-amz-meta-…`.
const KEPT: [&str; 11] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
];

/// The start of names of headers that hold the user's own metadata.
const META: &str = "x-amz-meta-";

/// The most metadata of the user's own, in bytes (S3 user guide, "Working with object metadata").
const MOST_META: usize = 2048;

/// The name of the bucket.
pub(super) fn bucket(call: &Call) -> Fallible<&str> {
    let name = call.text("Bucket").unwrap_or_default();
    if is_bucket(name) { Ok(name) } else { Err(invalid_bucket_name()) }
}

/// Whether a bucket can have this name (S3 user guide, "General purpose bucket naming rules"). Old buckets with capitals
/// are not known here.
pub(super) fn is_bucket(name: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = name.bytes().next().is_some_and(letters) && name.bytes().last().is_some_and(letters);
    let is_address =
        name.split('.').count() == 4 && name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (3..=63).contains(&name.len())
        && name.bytes().all(|byte| letters(byte) || byte == b'-' || byte == b'.')
        && ends
        && !name.contains("..")
        && !is_address
}

/// The key of the object.
pub(super) fn key(call: &Call) -> Fallible<&str> {
    // The parameters are text: a path that is none would have lost something on its way there.
    let path = call.target.split('?').next().unwrap_or_default();
    let is_text = key::decoded(path).is_some_and(|bytes| String::from_utf8(bytes).is_ok());
    if !is_text {
        return Err(invalid_uri());
    }
    match key::checked(call.text("Key").unwrap_or_default())? {
        "" => Err(invalid_argument("The key of an object is not empty")),
        key => Ok(key),
    }
}

/// Refuses all versions but the one that buckets without versioning have.
pub(super) fn no_version(call: &Call) -> Fallible<()> {
    match call.text("VersionId") {
        None | Some("" | "null") => Ok(()),
        Some(_) => Err(no_such_version()),
    }
}

/// A member that is a number of at most 31 bits, as all of S3's are.
pub(super) fn number(call: &Call, member: &str) -> Fallible<Option<u64>> {
    let value = match call.parameters.get(member) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64(),
    };
    let value = value.filter(|value| *value <= 0x7fff_ffff);
    let refuse = || invalid_argument(format!("Provided {member} not an integer or within integer range"));
    value.map(Some).ok_or_else(refuse)
}

/// Whether a member that is a yes or no says yes.
pub(super) fn is_true(call: &Call, member: &str) -> bool {
    match call.parameters.get(member) {
        Some(Value::Bool(yes)) => *yes,
        Some(Value::String(text)) => text == "true",
        _ => false,
    }
}

/// The headers that are kept with the object.
pub(super) fn kept_headers(call: &Call) -> Fallible<BTreeMap<String, String>> {
    let mut kept = BTreeMap::new();
    let mut meta = 0;
    for (name, value) in &call.headers {
        if let Some(own) = name.strip_prefix(META) {
            meta += own.len() + value.len();
        } else if !KEPT.contains(&name.as_str()) {
            continue;
        }
        kept.insert(name.clone(), value.clone());
    }
    if meta > MOST_META {
        let message = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(ApiError::new("MetadataTooLarge", message));
    }
    // That the body came in chunks is no matter of the object.
    if let Some(encoding) = kept.remove("content-encoding") {
        let rest: Vec<_> =
            encoding.split(',').map(str::trim).filter(|one| !matches!(*one, "aws-chunked" | "")).collect();
        if !rest.is_empty() {
            kept.insert("content-encoding".to_owned(), rest.join(","));
        }
    }
    // The standard class is not told.
    if kept.get("x-amz-storage-class").is_some_and(|class| class == "STANDARD") {
        kept.remove("x-amz-storage-class");
    }
    kept.entry("content-type".to_owned()).or_insert_with(|| "binary/octet-stream".to_owned());
    kept.entry("x-amz-server-side-encryption".to_owned()).or_insert_with(|| "AES256".to_owned());
    Ok(kept)
}

/// Tags as `x-amz-tagging` has them: written like a query.
pub(super) fn tags(call: &Call) -> Fallible<Vec<(String, String)>> {
    let text = call.header("x-amz-tagging").unwrap_or_default();
    let decoded = |text: &str| {
        let bytes = key::decoded(&text.replace('+', " "))?;
        String::from_utf8(bytes).ok()
    };
    let tags = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decoded(name)?, decoded(value)?))
    });
    let refuse = || {
        invalid_argument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
        )
    };
    tags.collect::<Option<_>>().ok_or_else(refuse)
}

/// Bucket and key that a copy is made of: `x-amz-copy-source`, percent-encoded, with or without a slash in front.
pub(super) fn copy_source(call: &Call) -> Fallible<(String, String)> {
    let refuse =
        || invalid_argument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
    let source = call.header("x-amz-copy-source").unwrap_or_default();
    let (source, version) = source.split_once("?versionId=").unwrap_or((source, "null"));
    if version != "null" {
        return Err(no_such_version());
    }
    let source = key::decoded(source).and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(refuse)?;
    let source = source.strip_prefix('/').unwrap_or(&source);
    if source.starts_with("arn:") {
        return Err(invalid_request("Rehearsal copies from buckets by their names, not from access points"));
    }
    match source.split_once('/') {
        Some((bucket, _)) if !is_bucket(bucket) => Err(invalid_bucket_name()),
        Some((_, "")) | None => Err(refuse()),
        Some((bucket, key)) => Ok((bucket.to_owned(), key::checked(key)?.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_buckets_keep_to_the_rules() {
        for good in ["abc", "my-site", "my.site.example", "1ab", "x--x", &"a".repeat(63)] {
            assert!(is_bucket(good), "{good}");
        }
        for bad in
            ["", "ab", "A-site", "-ab", "ab-", "a..b", "my_site", "1.2.3.4", "a/b", "..", &"a".repeat(64)]
        {
            assert!(!is_bucket(bad), "{bad}");
        }
    }
}

//! CopyObject.
//!
//! Owns: copies within and across buckets, and which metadata they have.

use std::fs::File;

use super::conditions::{Conditions, document_date};
use super::errors::{Fallible, invalid_argument, invalid_request, no_such_key};
use super::object::{checksum_elements, encryption};
use super::store::{Bucket, Found, Object};
use super::xml::Document;
use super::{checksum, content, request};
use crate::aws::call::{Answer, Call};
use crate::aws::world::World;

/// CopyObject.
pub(super) fn copy(call: &Call, world: &World) -> Fallible<Answer> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let key = request::key(call)?;
    let (from, from_key) = request::copy_source(call)?;
    let replaces = directive(call, "x-amz-metadata-directive")?;
    let replaces_tags = directive(call, "x-amz-tagging-directive")?;
    let own = request::kept_headers(call)?;
    if !replaces && from == bucket.name && from_key == key && !changes(call) {
        let message = "This copy request is illegal because it is trying to copy an object to itself without changing \
                       the object's metadata, storage class, website redirect location or encryption attributes.";
        return Err(invalid_request(message));
    }
    let (source, looking) = source(call, world, &from, &from_key)?;
    let mut object = source.object.clone();
    object.modified = world.clock.now();
    object.headers = if replaces {
        own
    } else {
        // What a copy does not take from its source: where it is redirected, its class, its encryption.
        let mut headers = source.object.headers.clone();
        headers.retain(|name, _| !is_not_copied(name));
        headers.extend(own.into_iter().filter(|(name, _)| is_not_copied(name)));
        headers
    };
    if replaces_tags {
        object.tags = request::tags(call)?;
    }
    let folder = bucket.contents()?;
    let staged = if source.ours && source.object.parts.is_empty() {
        content::again(&folder, &source.path)?
    } else {
        // A copy is an object that came whole, with the ETag of such.
        let (staged, sums) = content::piece(&folder, &source.path, 0, source.object.size)?;
        object.etag = checksum::hex(&sums.md5);
        object.size = sums.length;
        object.checksums.clear();
        object.parts.clear();
        staged
    };
    drop(looking);
    let answer = told(&object);
    let change = bucket.change()?;
    Conditions::of(call).write(change.find(key)?.as_ref(), bucket.name)?;
    change.put(key, object, staged)?;
    Ok(answer)
}

/// The object that a copy is made of, and what keeps its content there while it is open.
pub(super) fn source(call: &Call, world: &World, bucket: &str, key: &str) -> Fallible<(Found, Option<File>)> {
    let bucket = Bucket::open(world, bucket)?;
    let looking = bucket.look()?;
    let found = bucket.find(key)?.ok_or_else(|| no_such_key(bucket.name, None))?;
    Conditions::of_source(call).copy(&found.object)?;
    Ok((found, looking))
}

fn told(object: &Object) -> Answer {
    let document = Document::of("CopyObjectResult", |result| {
        result.leaf("LastModified", document_date(object.modified));
        result.leaf("ETag", format!("\"{}\"", object.etag));
        checksum_elements(result, &object.checksums);
    });
    match document.answer() {
        Answer::Raw { status, mut headers, body } => {
            headers.extend(encryption(object));
            Answer::Raw { status, headers, body }
        }
        other @ (Answer::Output(_) | Answer::Error(_) | Answer::Unanswered) => other,
    }
}

/// Whether something is to be replaced, and not copied with the object.
fn directive(call: &Call, header: &str) -> Fallible<bool> {
    match call.header(header) {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(_) => Err(invalid_argument(format!("Unknown {}.", header.trim_start_matches("x-amz-")))),
    }
}

fn is_not_copied(header: &str) -> bool {
    header == "x-amz-storage-class"
        || header == "x-amz-website-redirect-location"
        || header.starts_with("x-amz-server-side-encryption")
}

/// Whether a copy of an object to itself changes something.
fn changes(call: &Call) -> bool {
    call.headers.iter().any(|(name, _)| is_not_copied(name))
}

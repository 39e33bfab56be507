//! Objects: put, get, head, delete.
//!
//! Owns: those operations, and what is told of an object in headers. Leaves to `copy` and `multipart` the other ways in
//! which objects come to be.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::checksum::{ALGORITHMS, Checksums, Claims, hex};
use super::conditions::{Conditions, Verdict, http_date, range};
use super::errors::{
    Fallible, invalid_argument, invalid_part_number, malformed_xml, no_such_key, while_trying,
};
use super::store::{Bucket, Found, Object};
use super::xml::{self, Document};
use super::{content, key, request};
use crate::aws::call::{Answer, Call, Payload};
use crate::aws::world::World;

/// The longest content that is answered from memory, in bytes: opening a file on the way out could come too late, when
/// somebody just put another object in its place.
const SHORT: u64 = 1 << 20;

/// The most keys that are deleted at once (API reference, DeleteObjects).
const MOST_DELETED: usize = 1000;

/// Headers that a read may ask to have another value, and the members that give it.
const OVERRIDDEN: [(&str, &str); 6] = [
    ("cache-control", "ResponseCacheControl"),
    ("content-disposition", "ResponseContentDisposition"),
    ("content-encoding", "ResponseContentEncoding"),
    ("content-language", "ResponseContentLanguage"),
    ("content-type", "ResponseContentType"),
    ("expires", "ResponseExpires"),
];

/// Headers of an answer.
pub(super) type Headers = Vec<(String, String)>;

/// PutObject.
pub(super) fn put(call: &Call, world: &World) -> Fallible<Answer> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let key = request::key(call)?;
    let (headers, tags, claims) = (request::kept_headers(call)?, request::tags(call)?, Claims::of(call)?);
    let conditions = Conditions::of(call);
    // A body that need not have been sent is not brought in.
    conditions.write(bucket.find(key)?.as_ref(), bucket.name)?;
    let (staged, sums) = content::of_body(&bucket.contents()?, &call.body, &claims)?;
    let object = Object {
        content: String::new(),
        size: sums.length,
        etag: hex(&sums.md5),
        modified: world.clock.now(),
        headers,
        checksums: claims.checksums,
        tags,
        parts: Vec::new(),
    };
    let answer = done(&object);
    let change = bucket.change()?;
    conditions.write(change.find(key)?.as_ref(), bucket.name)?;
    change.put(key, object, staged)?;
    Ok(answer)
}

/// GetObject and HeadObject. The server leaves out the body where there is to be none.
pub(super) fn get(call: &Call, world: &World) -> Fallible<Answer> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let key = request::key(call)?;
    request::no_version(call)?;
    let _look = bucket.look()?;
    let Some(found) = bucket.find(key)? else {
        return Err(no_such_key(bucket.name, Some(&call.operation)));
    };
    let object = &found.object;
    if Conditions::of(call).read(object)? == Verdict::NotModified {
        let headers = vec![quoted(&object.etag), dated(object)];
        return Ok(Answer::Raw { status: 304, headers, body: Payload::Memory(Vec::new()) });
    }
    let piece = match (request::number(call, "PartNumber")?, call.header("range")) {
        (Some(_), Some(_)) => {
            let message = "Cannot specify both Range header and partNumber query parameter";
            return Err(super::errors::invalid_request(message));
        }
        (Some(number), None) => Some(part(object, number)?),
        (None, Some(header)) => range(header, object.size)?,
        (None, None) => None,
    };
    let mut headers = described(object);
    for (name, member) in OVERRIDDEN {
        if let Some(value) = call.text(member) {
            headers.retain(|(own, _)| own != name);
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    let (offset, length) = piece.unwrap_or((0, object.size));
    let status = if piece.is_some() {
        let last = (offset + length).saturating_sub(1);
        headers.push(("content-range".to_owned(), format!("bytes {offset}-{last}/{}", object.size)));
        206
    } else {
        200
    };
    let whole = length == object.size;
    if whole && call.header("x-amz-checksum-mode").is_some_and(|mode| mode.eq_ignore_ascii_case("enabled")) {
        headers.extend(checksum_headers(&object.checksums));
    }
    if call.parameters.get("PartNumber").is_some() && !object.parts.is_empty() {
        headers.push(("x-amz-mp-parts-count".to_owned(), object.parts.len().to_string()));
    }
    let body = payload(&found, offset, length, call.method == "HEAD")?;
    Ok(Answer::Raw { status, headers, body })
}

/// DeleteObject. Taking away what is not there succeeds.
pub(super) fn delete(call: &Call, world: &World) -> Fallible<Answer> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let key = request::key(call)?;
    request::no_version(call)?;
    let change = bucket.change()?;
    Conditions::of(call).delete(change.find(key)?.as_ref())?;
    change.delete(key)?;
    Ok(Answer::Raw { status: 204, headers: Vec::new(), body: Payload::Memory(Vec::new()) })
}

/// DeleteObjects. Gives also the keys that are gone now.
pub(super) fn delete_all(call: &Call, world: &World) -> Fallible<(Answer, Vec<String>)> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let request = xml::read(&call.body, "Delete")?;
    let quiet = request.get("Quiet") == Some("true");
    let objects: Vec<_> = request.all("Object").collect();
    if objects.is_empty() || objects.len() > MOST_DELETED {
        return Err(malformed_xml());
    }
    let change = bucket.change()?;
    let mut deleted = Vec::new();
    let mut outcomes = Vec::new();
    for object in objects {
        let Some(key) = object.get("Key").filter(|key| !key.is_empty()) else { return Err(malformed_xml()) };
        let attempt = || {
            key::checked(key)?;
            if !matches!(object.get("VersionId"), None | Some("" | "null")) {
                return Err(super::errors::no_such_version());
            }
            let etag = object.get("ETag").map(|etag| etag.trim_matches('"'));
            let found = change.find(key)?;
            if etag.zip(found.as_ref()).is_some_and(|(etag, found)| etag != found.object.etag) {
                return Err(super::errors::precondition_failed());
            }
            change.delete(key)
        };
        let outcome = attempt();
        if outcome.is_ok() {
            deleted.push(key.to_owned());
        }
        outcomes.push((key, outcome));
    }
    let answer = Document::of("DeleteResult", |result| {
        for (key, outcome) in outcomes {
            match outcome {
                Ok(()) if quiet => {}
                Ok(()) => result.node("Deleted", |deleted| deleted.leaf("Key", key)),
                Err(error) => result.node("Error", |node| {
                    node.leaf("Key", key);
                    node.leaf("Code", &error.code);
                    node.leaf("Message", &error.message);
                }),
            }
        }
    });
    Ok((answer.answer(), deleted))
}

/// The answer to a write that brings nothing but headers.
fn done(object: &Object) -> Answer {
    let mut headers = vec![quoted(&object.etag)];
    headers.extend(checksum_headers(&object.checksums));
    headers.extend(encryption(object));
    Answer::Raw { status: 200, headers, body: Payload::Memory(Vec::new()) }
}

/// What is told of an object in headers.
fn described(object: &Object) -> Headers {
    let mut headers = vec![quoted(&object.etag), dated(object)];
    headers.push(("accept-ranges".to_owned(), "bytes".to_owned()));
    headers.extend(object.headers.clone());
    if !object.tags.is_empty() {
        headers.push(("x-amz-tagging-count".to_owned(), object.tags.len().to_string()));
    }
    headers
}

/// The entity tag.
pub(super) fn quoted(etag: &str) -> (String, String) {
    ("etag".to_owned(), format!("\"{etag}\""))
}

fn dated(object: &Object) -> (String, String) {
    ("last-modified".to_owned(), http_date(object.modified))
}

/// How it is encrypted.
pub(super) fn encryption(object: &Object) -> impl Iterator<Item = (String, String)> {
    let start = "x-amz-server-side-encryption";
    object
        .headers
        .iter()
        .filter(move |(name, _)| name.starts_with(start))
        .map(|(name, value)| (name.clone(), value.clone()))
}

/// Checksums, and what they are of.
pub(super) fn checksum_headers(checksums: &Checksums) -> Headers {
    let mut headers: Headers =
        checksums.iter().map(|(name, value)| (format!("x-amz-checksum-{name}"), value.clone())).collect();
    if let Some(kind) = checksum_type(checksums) {
        headers.push(("x-amz-checksum-type".to_owned(), kind.to_owned()));
    }
    headers
}

/// Whether checksums are of the whole object or of its parts' checksums; none when there are none.
pub(super) fn checksum_type(checksums: &Checksums) -> Option<&'static str> {
    let first = checksums.values().next()?;
    Some(if first.contains('-') { "COMPOSITE" } else { "FULL_OBJECT" })
}

/// Checksums as documents have them.
pub(super) fn checksum_elements(document: &mut Document, checksums: &Checksums) {
    for (name, element) in ALGORITHMS {
        document.optional(element, checksums.get(name));
    }
}

/// Offset and length of a part, counted from one. An object that came whole has one part.
fn part(object: &Object, number: u64) -> Fallible<(u64, u64)> {
    let parts = if object.parts.is_empty() { vec![object.size] } else { object.parts.clone() };
    let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    let index = index
        .ok_or_else(|| invalid_argument("Part number must be an integer between 1 and 10000, inclusive"))?;
    let length = parts.get(index).ok_or_else(invalid_part_number)?;
    Ok((parts[..index].iter().sum(), *length))
}

fn payload(found: &Found, offset: u64, length: u64, unread: bool) -> Fallible<Payload> {
    if unread || length > SHORT {
        return Ok(Payload::File { path: found.path.clone(), offset, length });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    let mut read = || {
        let mut file = File::open(&found.path)?;
        file.seek(SeekFrom::Start(offset))?;
        file.take(length).read_to_end(&mut bytes)
    };
    read().map_err(while_trying("read from"))?;
    Ok(Payload::Memory(bytes))
}

//! What is said about objects besides their headers: tags, access lists, attributes.
//!
//! Owns: those operations. Access lists are not kept: everything belongs to the one account.

use super::conditions::http_date;
use super::errors::{Fallible, invalid_argument, malformed_xml, no_such_key};
use super::list::{owner, owner_id};
use super::multipart::with_headers;
use super::object::{checksum_elements, checksum_type};
use super::store::{Bucket, Found};
use super::xml::{self, Document};
use super::{content, request};
use crate::aws::call::{Answer, Call, Payload};
use crate::aws::world::World;

/// The most tags of an object (S3 user guide, "Categorizing your objects using tags").
const MOST_TAGS: usize = 10;

/// The object that a call names.
fn found<'a>(call: &'a Call, world: &'a World) -> Fallible<(Bucket<'a>, &'a str, Found)> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let key = request::key(call)?;
    request::no_version(call)?;
    let found =
        bucket.find(key)?.ok_or_else(|| no_such_key(bucket.name, call.read.then_some(&call.operation)))?;
    Ok((bucket, key, found))
}

/// GetObjectTagging.
pub(super) fn tags(call: &Call, world: &World) -> Fallible<Answer> {
    let (_, _, found) = found(call, world)?;
    Ok(Document::of("Tagging", |tagging| {
        tagging.node("TagSet", |set| {
            for (name, value) in &found.object.tags {
                set.node("Tag", |tag| {
                    tag.leaf("Key", name);
                    tag.leaf("Value", value);
                });
            }
        });
    })
    .answer())
}

/// PutObjectTagging.
pub(super) fn put_tags(call: &Call, world: &World) -> Fallible<Answer> {
    let wanted = xml::read(&call.body, "Tagging")?;
    let mut tags = Vec::new();
    for tag in wanted.all("TagSet").flat_map(|set| set.all("Tag")) {
        let (name, value) = (tag.get("Key"), tag.get("Value").unwrap_or_default());
        tags.push((name.ok_or_else(malformed_xml)?.to_owned(), value.to_owned()));
    }
    if tags.len() > MOST_TAGS {
        return Err(invalid_argument("Object tags cannot be greater than 10"));
    }
    set_tags(call, world, tags, 200)
}

/// DeleteObjectTagging.
pub(super) fn delete_tags(call: &Call, world: &World) -> Fallible<Answer> {
    set_tags(call, world, Vec::new(), 204)
}

fn set_tags(call: &Call, world: &World, tags: Vec<(String, String)>, status: u16) -> Fallible<Answer> {
    let (bucket, key, before) = found(call, world)?;
    // What lies in a folder of the user's is only read: it is brought in first.
    let staged = if before.ours {
        None
    } else {
        Some(content::piece(&bucket.contents()?, &before.path, 0, before.object.size)?.0)
    };
    let change = bucket.change()?;
    let now = change.find(key)?.ok_or_else(|| no_such_key(bucket.name, None))?;
    let object = super::store::Object { tags, ..now.object };
    match staged {
        Some(staged) if !now.ours => change.put(key, object, staged)?,
        Some(_) | None => change.rewrite(key, &object)?,
    }
    Ok(Answer::Raw { status, headers: Vec::new(), body: Payload::Memory(Vec::new()) })
}

/// GetObjectAcl: the account, which may do everything.
pub(super) fn acl(call: &Call, world: &World) -> Fallible<Answer> {
    found(call, world)?;
    Ok(full_control(world))
}

/// GetBucketAcl: the same.
pub(super) fn bucket_acl(call: &Call, world: &World) -> Fallible<Answer> {
    Bucket::open(world, request::bucket(call)?)?;
    Ok(full_control(world))
}

fn full_control(world: &World) -> Answer {
    const KIND: &str = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"";
    let document = Document::of("AccessControlPolicy", |policy| {
        owner(policy, world);
        policy.node("AccessControlList", |list| {
            list.node("Grant", |grant| {
                grant.node_with("Grantee", KIND, |grantee| grantee.leaf("ID", owner_id(world)));
                grant.leaf("Permission", "FULL_CONTROL");
            });
        });
    });
    document.answer()
}

/// PutObjectAcl, of an object that is there.
pub(super) fn put_acl(call: &Call, world: &World) -> Fallible<Answer> {
    found(call, world)?;
    Ok(Answer::Raw { status: 200, headers: Vec::new(), body: Payload::Memory(Vec::new()) })
}

/// GetObjectAttributes.
pub(super) fn attributes(call: &Call, world: &World) -> Fallible<Answer> {
    let (_, _, found) = found(call, world)?;
    let object = &found.object;
    let wanted: Vec<_> = call
        .headers
        .iter()
        .filter(|(name, _)| name == "x-amz-object-attributes")
        .flat_map(|(_, value)| value.split(','))
        .map(str::trim)
        .collect();
    let wants = |name: &str| wanted.contains(&name);
    let document = Document::of("GetObjectAttributesResponse", |response| {
        if wants("ETag") {
            response.leaf("ETag", &object.etag);
        }
        if wants("Checksum") && !object.checksums.is_empty() {
            response.node("Checksum", |node| {
                checksum_elements(node, &object.checksums);
                node.optional("ChecksumType", checksum_type(&object.checksums));
            });
        }
        if wants("ObjectParts") && !object.parts.is_empty() {
            response.node("ObjectParts", |node| node.leaf("PartsCount", object.parts.len()));
        }
        if wants("StorageClass") {
            response.leaf(
                "StorageClass",
                object.headers.get("x-amz-storage-class").map_or("STANDARD", String::as_str),
            );
        }
        if wants("ObjectSize") {
            response.leaf("ObjectSize", object.size);
        }
    });
    Ok(with_headers(document.answer(), vec![("last-modified".to_owned(), http_date(object.modified))]))
}

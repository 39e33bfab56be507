//! CompleteMultipartUpload.
//!
//! Owns: checking the list of parts and making an object of them.

use std::fs;

use super::checksum::{ALGORITHMS, Checksums, Claims, composite, etag_of_parts};
use super::conditions::Conditions;
use super::errors::{
    Fallible, entity_too_small, invalid_part, invalid_part_order, invalid_request, malformed_xml,
    while_trying,
};
use super::key::url_encoded;
use super::multipart::{Part, named, parts, remove, with_headers};
use super::object::{checksum_elements, checksum_type, encryption};
use super::store::{Bucket, Object};
use super::xml::{self, Document, Element};
use super::{content, request};
use crate::aws::call::{Answer, Call};
use crate::aws::world::World;

/// The least bytes of a part that is not the last (S3 user guide, "Multipart upload limits").
const SMALLEST: u64 = 5 << 20;

/// CompleteMultipartUpload.
pub(super) fn complete(call: &Call, world: &World) -> Fallible<Answer> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let key = request::key(call)?;
    let wanted = xml::read(&call.body, "CompleteMultipartUpload")?;
    let claims = Claims::of(call)?;
    let conditions = Conditions::of(call);

    let change = bucket.change()?;
    let (folder, upload) = named(call, &bucket)?;
    conditions.write(change.find(key)?.as_ref(), bucket.name)?;
    let chosen = chosen(&wanted, parts(&folder)?)?;
    let size = chosen.iter().map(|part| part.size).sum();
    if call.header("x-amz-mp-object-size").is_some_and(|said| said.parse() != Ok(size)) {
        let message = "The provided 'x-amz-mp-object-size' header does not match the total size of the parts";
        return Err(invalid_request(message));
    }
    // From here on nobody else finds the upload: parts can be put together without keeping others from the bucket.
    let claimed = folder.with_extension("done");
    fs::rename(&folder, &claimed).map_err(while_trying("write to"))?;
    drop(change);

    let md5s: Vec<_> = chosen.iter().map(|part| part.md5).collect();
    let mut checksums = claims.checksums;
    if let Some(algorithm) = upload.algorithm.filter(|algorithm| !checksums.contains_key(algorithm)) {
        let sum = composite(&algorithm, chosen.iter().map(|part| part.checksums.get(&algorithm)));
        checksums.extend(sum.map(|sum| (algorithm, sum)));
    }
    let object = Object {
        content: String::new(),
        size,
        etag: etag_of_parts(&md5s),
        modified: world.clock.now(),
        headers: upload.headers,
        checksums,
        tags: upload.tags,
        parts: chosen.iter().map(|part| part.size).collect(),
    };
    let paths: Vec<_> = chosen.iter().map(|part| bucket.content(&part.content)).collect();
    let (first, more) = paths.split_first().ok_or_else(malformed_xml)?;
    let staged = content::joined(&bucket.contents()?, first, more)?;
    let answer = told(&bucket, key, &object);

    let change = bucket.change()?;
    // Parts that are not of the object go with the upload.
    remove(&change, &bucket, &claimed)?;
    conditions.write(change.find(key)?.as_ref(), bucket.name)?;
    change.put(key, object, staged)?;
    Ok(answer)
}

/// The parts that are listed, in order, if they are the ones that were uploaded.
fn chosen(wanted: &Element, mut parts: std::collections::BTreeMap<u64, Part>) -> Fallible<Vec<Part>> {
    let mut chosen = Vec::new();
    let mut before = 0;
    for element in wanted.all("Part") {
        let number = element.get("PartNumber").and_then(|number| number.trim().parse().ok());
        let number: u64 = number.ok_or_else(malformed_xml)?;
        let etag = element.get("ETag").ok_or_else(malformed_xml)?;
        if number <= before {
            return Err(invalid_part_order());
        }
        before = number;
        let part = parts.remove(&number).ok_or_else(invalid_part)?;
        if etag.trim().trim_matches('"') != part.etag() || !agrees(element, &part.checksums) {
            return Err(invalid_part());
        }
        chosen.push(part);
    }
    match chosen.split_last() {
        None => Err(malformed_xml()),
        Some((_, others)) if others.iter().any(|part| part.size < SMALLEST) => Err(entity_too_small()),
        Some(_) => Ok(chosen),
    }
}

/// Whether no checksum is listed that is another than the part's.
fn agrees(element: &Element, checksums: &Checksums) -> bool {
    ALGORITHMS.iter().all(|(name, tag)| match (element.get(tag), checksums.get(*name)) {
        (Some(said), Some(own)) => said.trim() == own,
        (Some(_), None) | (None, _) => true,
    })
}

fn told(bucket: &Bucket<'_>, key: &str, object: &Object) -> Answer {
    let document = Document::of("CompleteMultipartUploadResult", |result| {
        let (name, region) = (bucket.name, &bucket.world.region);
        result.leaf("Location", format!("https://{name}.s3.{region}.amazonaws.com/{}", url_encoded(key)));
        result.leaf("Bucket", name);
        result.leaf("Key", key);
        result.leaf("ETag", format!("\"{}\"", object.etag));
        checksum_elements(result, &object.checksums);
        result.optional("ChecksumType", checksum_type(&object.checksums));
    });
    with_headers(document.answer(), encryption(object).collect())
}

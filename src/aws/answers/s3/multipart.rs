//! Uploads in parts, up to where they are put together.
//!
//! Owns: beginning and giving up an upload, its parts, and listing both. Leaves to `complete` making an object of them.
//! An upload is a folder with `upload.json` and `NUMBER.json` for each part; the bytes are among the bucket's contents.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::checksum::{Checksums, Claims, Sums, hex};
use super::conditions::{document_date, range};
use super::content::{self, Staged};
use super::copy::source;
use super::errors::{Fallible, invalid_argument, no_such_upload, while_trying};
use super::list::{Encoding, owner_id};
use super::object::{Headers, checksum_elements, checksum_headers, quoted};
use super::request;
use super::store::{self, Bucket, Change};
use super::xml::Document;
use crate::aws::call::{Answer, Call, Payload};
use crate::aws::world::World;
use crate::clock::{self, Timestamp};

/// The highest number of a part (S3 user guide, "Multipart upload limits").
const HIGHEST: u64 = 10_000;

/// The most entries of a list.
const MOST: u64 = 1000;

/// An upload that was begun.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Upload {
    /// The key of the object to be.
    pub(super) key: String,
    /// Its headers.
    pub(super) headers: BTreeMap<String, String>,
    /// Its tags.
    pub(super) tags: Vec<(String, String)>,
    /// The algorithm of its checksum, as headers write it, in lower case.
    pub(super) algorithm: Option<String>,
    begun: Timestamp,
}

/// A part that was uploaded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Part {
    /// The name of its content.
    pub(super) content: String,
    /// Bytes.
    pub(super) size: u64,
    /// The MD5, of which the ETag is made.
    pub(super) md5: [u8; 16],
    /// What the client said of it.
    pub(super) checksums: Checksums,
    modified: Timestamp,
}

impl Part {
    /// The entity tag, without its quotes.
    pub(super) fn etag(&self) -> String {
        hex(&self.md5)
    }
}

/// Where an upload is kept. The id comes from a client and may be anything.
pub(super) fn folder(bucket: &Bucket<'_>, id: &str) -> Fallible<PathBuf> {
    let is_ours = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_ours { Ok(bucket.uploads().join(id)) } else { Err(no_such_upload()) }
}

/// The upload that a call names, for the key that it names.
pub(super) fn named(call: &Call, bucket: &Bucket<'_>) -> Fallible<(PathBuf, Upload)> {
    let folder = folder(bucket, call.text("UploadId").unwrap_or_default())?;
    let upload = store::read::<Upload>(&folder.join("upload.json"))?;
    let key = request::key(call)?;
    let upload = upload.filter(|upload| upload.key == key).ok_or_else(no_such_upload)?;
    Ok((folder, upload))
}

/// The parts of an upload, by number.
pub(super) fn parts(folder: &std::path::Path) -> Fallible<BTreeMap<u64, Part>> {
    let mut parts = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(while_trying("list"))? {
        let path = entry.map_err(while_trying("list"))?.path();
        let number = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        let is_part = path.extension().is_some_and(|extension| extension == "json");
        if let (Some(number), true) = (number, is_part)
            && let Some(part) = store::read(&path)?
        {
            parts.insert(number, part);
        }
    }
    Ok(parts)
}

/// CreateMultipartUpload.
pub(super) fn create(call: &Call, world: &World) -> Fallible<Answer> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let key = request::key(call)?;
    let algorithm = call.header("x-amz-checksum-algorithm").map(str::to_lowercase);
    let upload = Upload {
        key: key.to_owned(),
        headers: request::kept_headers(call)?,
        tags: request::tags(call)?,
        algorithm,
        begun: world.clock.now(),
    };
    let id = clock::new_id();
    let _change = bucket.change()?;
    store::write(&folder(&bucket, &id)?.join("upload.json"), &upload)?;
    let document = Document::of("InitiateMultipartUploadResult", |result| {
        result.leaf("Bucket", bucket.name);
        result.leaf("Key", key);
        result.leaf("UploadId", &id);
    });
    let told = ["x-amz-checksum-algorithm", "x-amz-checksum-type"];
    let told = told.iter().filter_map(|name| Some(((*name).to_owned(), call.header(name)?.to_owned())));
    Ok(with_headers(document.answer(), told.collect()))
}

/// UploadPart.
pub(super) fn upload(call: &Call, world: &World) -> Fallible<Answer> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let number = number(call)?;
    let claims = Claims::of(call)?;
    named(call, &bucket)?;
    let (staged, sums) = content::of_body(&bucket.contents()?, &call.body, &claims)?;
    let headers = checksum_headers(&claims.checksums);
    let part = keep(call, &bucket, number, staged, &sums, claims.checksums)?;
    let mut all = vec![quoted(&part.etag())];
    // A part's checksum is of the part: its kind is not told.
    all.extend(headers.into_iter().filter(|(name, _)| name != "x-amz-checksum-type"));
    Ok(Answer::Raw { status: 200, headers: all, body: Payload::Memory(Vec::new()) })
}

/// UploadPartCopy.
pub(super) fn upload_copy(call: &Call, world: &World) -> Fallible<Answer> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let number = number(call)?;
    let (from, from_key) = request::copy_source(call)?;
    named(call, &bucket)?;
    let (source, looking) = source(call, world, &from, &from_key)?;
    let (offset, length) = match call.header("x-amz-copy-source-range") {
        None => (0, source.object.size),
        Some(header) => copied_range(header, source.object.size)?,
    };
    let (staged, sums) = content::piece(&bucket.contents()?, &source.path, offset, length)?;
    drop(looking);
    let part = keep(call, &bucket, number, staged, &sums, Checksums::new())?;
    let document = Document::of("CopyPartResult", |result| {
        result.leaf("LastModified", document_date(part.modified));
        result.leaf("ETag", format!("\"{}\"", part.etag()));
    });
    Ok(document.answer())
}

/// AbortMultipartUpload.
pub(super) fn abort(call: &Call, world: &World) -> Fallible<Answer> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let change = bucket.change()?;
    let (folder, _) = named(call, &bucket)?;
    remove(&change, &bucket, &folder)?;
    Ok(Answer::Raw { status: 204, headers: Vec::new(), body: Payload::Memory(Vec::new()) })
}

/// Takes an upload away, with the contents of its parts.
pub(super) fn remove(_change: &Change<'_>, bucket: &Bucket<'_>, folder: &std::path::Path) -> Fallible<()> {
    for part in parts(folder)?.values() {
        store::forget(&bucket.content(&part.content));
    }
    fs::remove_dir_all(folder).map_err(while_trying("write to"))
}

/// ListParts.
pub(super) fn list_parts(call: &Call, world: &World) -> Fallible<Answer> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let (folder, upload) = named(call, &bucket)?;
    let encoding = Encoding::of(call)?;
    let after = request::number(call, "PartNumberMarker")?.unwrap_or(0);
    let most = request::number(call, "MaxParts")?.unwrap_or(MOST).min(MOST);
    let all = parts(&folder)?;
    let later: Vec<_> = all.iter().filter(|(number, _)| **number > after).collect();
    let shown = &later[..later.len().min(usize::try_from(most).unwrap_or(usize::MAX))];
    Ok(Document::of("ListPartsResult", |result| {
        result.leaf("Bucket", bucket.name);
        encoding.tell(result);
        result.leaf("Key", encoding.text(&upload.key));
        result.leaf("UploadId", call.text("UploadId").unwrap_or_default());
        person(result, "Initiator", world);
        person(result, "Owner", world);
        result.leaf(
            "StorageClass",
            upload.headers.get("x-amz-storage-class").map_or("STANDARD", String::as_str),
        );
        result.optional("ChecksumAlgorithm", upload.algorithm.as_deref().map(str::to_uppercase));
        result.leaf("PartNumberMarker", after);
        result.leaf("NextPartNumberMarker", shown.last().map_or(0, |(number, _)| **number));
        result.leaf("MaxParts", most);
        result.leaf("IsTruncated", shown.len() < later.len());
        for (number, part) in shown {
            result.node("Part", |node| {
                node.leaf("PartNumber", number);
                node.leaf("LastModified", document_date(part.modified));
                node.leaf("ETag", format!("\"{}\"", part.etag()));
                checksum_elements(node, &part.checksums);
                node.leaf("Size", part.size);
            });
        }
    })
    .answer())
}

/// ListMultipartUploads. All of them are on the one page, up to what one page takes.
pub(super) fn list_uploads(call: &Call, world: &World) -> Fallible<Answer> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let encoding = Encoding::of(call)?;
    let prefix = call.text("Prefix").unwrap_or_default();
    let most = request::number(call, "MaxUploads")?.unwrap_or(MOST).min(MOST);
    let after = (
        call.text("KeyMarker").unwrap_or_default().to_owned(),
        call.text("UploadIdMarker").unwrap_or_default().to_owned(),
    );
    let mut uploads: BTreeMap<(String, String), Upload> = BTreeMap::new();
    for entry in fs::read_dir(bucket.uploads()).into_iter().flatten().flatten() {
        let Ok(id) = entry.file_name().into_string() else { continue };
        // One that is being put together has an ending.
        let Ok(folder) = folder(&bucket, &id) else { continue };
        if let Some(upload) = store::read::<Upload>(&folder.join("upload.json"))?
            && upload.key.starts_with(prefix)
        {
            uploads.insert((upload.key.clone(), id), upload);
        }
    }
    // A marker that names a key alone stands behind all its uploads.
    let later = |key: &str, id: &str| {
        after.0.as_str() < key || (after.0 == key && !after.1.is_empty() && after.1.as_str() < id)
    };
    uploads.retain(|(key, id), _| later(key, id));
    let shown: Vec<_> = uploads.iter().take(usize::try_from(most).unwrap_or(usize::MAX)).collect();
    Ok(Document::of("ListMultipartUploadsResult", |result| {
        result.leaf("Bucket", bucket.name);
        result.leaf("KeyMarker", encoding.text(&after.0));
        result.leaf("UploadIdMarker", &after.1);
        if let Some(((key, id), _)) = shown.last() {
            result.leaf("NextKeyMarker", encoding.text(key));
            result.leaf("NextUploadIdMarker", id);
        }
        result.leaf("Prefix", encoding.text(prefix));
        encoding.tell(result);
        result.leaf("MaxUploads", most);
        result.leaf("IsTruncated", shown.len() < uploads.len());
        for ((key, id), upload) in &shown {
            result.node("Upload", |node| {
                node.leaf("Key", encoding.text(key));
                node.leaf("UploadId", id);
                person(node, "Initiator", world);
                person(node, "Owner", world);
                node.leaf("StorageClass", "STANDARD");
                node.leaf("Initiated", document_date(upload.begun));
            });
        }
    })
    .answer())
}

/// Makes a staged content a part, in place of the one that had its number.
fn keep(
    call: &Call,
    bucket: &Bucket<'_>,
    number: u64,
    staged: Staged,
    sums: &Sums,
    checksums: Checksums,
) -> Fallible<Part> {
    let change = bucket.change()?;
    // It may have been given up, or put together, while the body came.
    let (folder, _) = named(call, bucket)?;
    let file = folder.join(format!("{number}.json"));
    let before = store::read::<Part>(&file)?;
    let (size, md5, modified) = (sums.length, sums.md5, bucket.world.clock.now());
    let path = staged.path().to_owned();
    let part = Part { content: staged.keep(), size, md5, checksums, modified };
    if let Err(error) = store::write(&file, &part) {
        store::forget(&path);
        return Err(error);
    }
    if let Some(before) = before {
        store::forget(&bucket.content(&before.content));
    }
    drop(change);
    Ok(part)
}

fn number(call: &Call) -> Fallible<u64> {
    let number = request::number(call, "PartNumber")?.filter(|number| (1..=HIGHEST).contains(number));
    number.ok_or_else(|| invalid_argument("Part number must be an integer between 1 and 10000, inclusive"))
}

/// The range of a copy: both ends are named, and within the source.
fn copied_range(header: &str, size: u64) -> Fallible<(u64, u64)> {
    let ends = header.strip_prefix("bytes=").and_then(|ends| ends.split_once('-'));
    let ends = ends.and_then(|(first, last)| Some((first.parse::<u64>().ok()?, last.parse::<u64>().ok()?)));
    match ends {
        Some((first, last)) if first <= last && last < size => Ok(range(header, size)?.unwrap_or((0, size))),
        Some(_) => {
            Err(invalid_argument(format!("Range specified is not valid for source object of size: {size}")))
        }
        None => Err(invalid_argument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the \
             zero-based offsets of the first and last bytes to copy",
        )),
    }
}

fn person(document: &mut Document, element: &str, world: &World) {
    document.node(element, |person| person.leaf("ID", owner_id(world)));
}

/// The same answer with more headers.
pub(super) fn with_headers(answer: Answer, more: Headers) -> Answer {
    match answer {
        Answer::Raw { status, mut headers, body } => {
            headers.extend(more);
            Answer::Raw { status, headers, body }
        }
        other @ (Answer::Output(_) | Answer::Error(_) | Answer::Unanswered) => other,
    }
}

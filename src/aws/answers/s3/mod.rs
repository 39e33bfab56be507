//! S3: buckets that are folders of the execution.
//!
//! Owns: which operations are answered, and the deed of each. What a build puts, it gets, lists, copies and deletes as
//! from S3; the account at the end tells what would have been written. Any bucket is there until it is deleted: which
//! ones the real account has is not known. Reads see nothing real.
//!
//! | file | owns |
//! | --- | --- |
//! | `request` | what a request asks for |
//! | `object`, `copy`, `list`, `multipart`, `complete`, `bucket`, `about` | the operations |
//! | `conditions`, `checksum` | `If-…`, `Range`, dates; sums |
//! | `store`, `content`, `stand_in`, `key` | buckets on disk: who changes what, bytes, folders underneath, names of files |
//! | `xml`, `errors` | documents, errors |

mod about;
mod bucket;
mod checksum;
mod complete;
mod conditions;
mod content;
mod copy;
mod errors;
mod key;
mod list;
mod multipart;
mod object;
mod request;
mod stand_in;
mod store;
#[cfg(test)]
mod tests;
mod xml;

use errors::Fallible;

use super::{Operation, Said};
use crate::aws::call::{Answer, Call};
use crate::aws::desk::Desk;
use crate::aws::effect::Deed;

/// What is answered.
pub(super) const OPERATIONS: &[Operation] = &[
    ("AbortMultipartUpload", answer),
    ("CompleteMultipartUpload", answer),
    ("CopyObject", answer),
    ("CreateBucket", answer),
    ("CreateMultipartUpload", answer),
    ("DeleteBucket", answer),
    ("DeleteObject", answer),
    ("DeleteObjectTagging", answer),
    ("DeleteObjects", answer),
    ("GetBucketAcl", answer),
    ("GetBucketLocation", answer),
    ("GetBucketVersioning", answer),
    ("GetObject", answer),
    ("GetObjectAcl", answer),
    ("GetObjectAttributes", answer),
    ("GetObjectTagging", answer),
    ("HeadBucket", answer),
    ("HeadObject", answer),
    ("ListBuckets", answer),
    ("ListMultipartUploads", answer),
    ("ListObjects", answer),
    ("ListObjectsV2", answer),
    ("ListParts", answer),
    ("PutObject", answer),
    ("PutObjectAcl", answer),
    ("PutObjectTagging", answer),
    ("UploadPart", answer),
    ("UploadPartCopy", answer),
];

fn answer(call: &Call, desk: &Desk) -> Fallible<Said> {
    let world = &*desk.world;
    let read = |answer: Fallible<Answer>| answer.map(Said::read);
    let wrote = |answer: Fallible<Answer>, deed: fn(&Call) -> Deed| {
        answer.map(|answer| Said::wrote(answer, deed(call)))
    };
    match call.operation.as_str() {
        "PutObject" => wrote(object::put(call, world), written),
        "CopyObject" => wrote(copy::copy(call, world), written),
        "CompleteMultipartUpload" => wrote(complete::complete(call, world), written),
        "GetObject" | "HeadObject" => read(object::get(call, world)),
        "ListObjectsV2" => read(list::objects_v2(call, world)),
        "ListObjects" => read(list::objects(call, world)),
        "DeleteObject" => wrote(object::delete(call, world), |call| deleted(call, &[key_of(call)])),
        "DeleteObjects" => {
            let (answer, keys) = object::delete_all(call, world)?;
            let keys: Vec<_> = keys.iter().map(String::as_str).collect();
            // Where each of them is refused, nothing would have been done.
            let deed = (!keys.is_empty()).then(|| deleted(call, &keys));
            Ok(Said { answer, deed })
        }
        // Parts are nothing until they are put together: no deeds of their own.
        "CreateMultipartUpload" => read(multipart::create(call, world)),
        "UploadPart" => read(multipart::upload(call, world)),
        "UploadPartCopy" => read(multipart::upload_copy(call, world)),
        "AbortMultipartUpload" => read(multipart::abort(call, world)),
        "ListParts" => read(multipart::list_parts(call, world)),
        "ListMultipartUploads" => read(multipart::list_uploads(call, world)),
        "CreateBucket" => {
            wrote(bucket::create(call, world), |call| Deed::new(format!("created {}", place(call))))
        }
        "DeleteBucket" => {
            wrote(bucket::delete(call, world), |call| Deed::new(format!("deleted {}", place(call))))
        }
        "HeadBucket" => read(bucket::head(call, world)),
        "ListBuckets" => read(bucket::list(call, world)),
        "GetBucketLocation" => read(bucket::location(call, world)),
        "GetBucketVersioning" => read(bucket::versioning(call, world)),
        "GetBucketAcl" => read(about::bucket_acl(call, world)),
        "GetObjectAcl" => read(about::acl(call, world)),
        "PutObjectAcl" => wrote(about::put_acl(call, world), |call| changed("access", call)),
        "GetObjectAttributes" => read(about::attributes(call, world)),
        "GetObjectTagging" => read(about::tags(call, world)),
        "PutObjectTagging" => wrote(about::put_tags(call, world), |call| changed("tags", call)),
        "DeleteObjectTagging" => wrote(about::delete_tags(call, world), |call| changed("tags", call)),
        _ => Ok(Said::read(Answer::Unanswered)),
    }
}

/// `s3://BUCKET`.
fn place(call: &Call) -> String {
    format!("s3://{}", call.text("Bucket").unwrap_or_default())
}

fn key_of(call: &Call) -> &str {
    call.text("Key").unwrap_or_default()
}

/// The place by which deeds to objects are counted, `s3://BUCKET` or `s3://BUCKET/FIRST/`, and what of the key is behind.
fn counted_at(call: &Call, key: &str) -> (String, String) {
    match key.split_once('/') {
        Some((first, rest)) if !first.is_empty() && !rest.is_empty() => {
            (format!("{}/{first}/", place(call)), rest.to_owned())
        }
        Some(_) | None => (place(call), key.to_owned()),
    }
}

fn written(call: &Call) -> Deed {
    let (place, rest) = counted_at(call, key_of(call));
    Deed::new(format!("written {place}")).counted("object").with(rest)
}

fn changed(what: &str, call: &Call) -> Deed {
    let (place, rest) = counted_at(call, key_of(call));
    Deed::new(format!("changed {what} in {place}")).counted("object").with(rest)
}

/// Whether objects were there does not matter: the real bucket may have them.
fn deleted(call: &Call, keys: &[&str]) -> Deed {
    let deed = Deed::new(format!("deleted from {}", place(call))).counted("object").times(keys.len());
    match keys {
        [key] => deed.with(*key),
        _ => deed,
    }
}

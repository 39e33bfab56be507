//! S3's errors, with its codes, statuses and sentences.
//!
//! Owns: the words. Leaves to the operations when each is due. Sentences as S3 says them, so that a script that looks for
//! them finds them (API reference, "Error responses"); only [`no_such_key`] says more.

use std::io;

use crate::aws::call::ApiError;

/// What an operation comes to.
pub(super) type Fallible<T> = Result<T, ApiError>;

/// The name cannot be a bucket's.
pub(super) fn invalid_bucket_name() -> ApiError {
    ApiError::new("InvalidBucketName", "The specified bucket is not valid.")
}

/// The bucket was deleted.
pub(super) fn no_such_bucket() -> ApiError {
    ApiError::new("NoSuchBucket", "The specified bucket does not exist").with_status(404)
}

/// Nobody put this key. Says how it can be given: by a folder, and for a read by the operation that may be let through.
pub(super) fn no_such_key(bucket: &str, read: Option<&str>) -> ApiError {
    let forwarded =
        read.map_or_else(String::new, |read| format!(", or run with `--allow s3:{read} --profile PROFILE`"));
    let message = format!(
        "The specified key does not exist. (Nothing in this execution wrote it, and nothing real is read: write \
         `\"s3://{bucket}\": FOLDER` under `aws:` in rehearsal.yml to have a folder stand in for the bucket{forwarded}.)"
    );
    ApiError::new("NoSuchKey", message).with_status(404)
}

/// The multipart upload is not there, or not for this key.
pub(super) fn no_such_upload() -> ApiError {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
                   aborted or completed.";
    ApiError::new("NoSuchUpload", message).with_status(404)
}

/// A version other than the one that a bucket without versioning has.
pub(super) fn no_such_version() -> ApiError {
    ApiError::new("NoSuchVersion", "The specified version does not exist.").with_status(404)
}

/// The bucket still holds objects.
pub(super) fn bucket_not_empty() -> ApiError {
    ApiError::new("BucketNotEmpty", "The bucket you tried to delete is not empty").with_status(409)
}

/// The bucket was made before.
pub(super) fn bucket_already_owned() -> ApiError {
    let message = "Your previous request to create the named bucket succeeded and you already own it.";
    ApiError::new("BucketAlreadyOwnedByYou", message).with_status(409)
}

/// A condition of the request does not hold.
pub(super) fn precondition_failed() -> ApiError {
    let message = "At least one of the pre-conditions you specified did not hold";
    ApiError::new("PreconditionFailed", message).with_status(412)
}

/// A condition that S3 does not know for this operation.
pub(super) fn not_implemented() -> ApiError {
    let message = "A header you provided implies functionality that is not implemented";
    ApiError::new("NotImplemented", message).with_status(501)
}

/// The range lies behind the end.
pub(super) fn invalid_range() -> ApiError {
    ApiError::new("InvalidRange", "The requested range is not satisfiable").with_status(416)
}

/// The object has no such part.
pub(super) fn invalid_part_number() -> ApiError {
    ApiError::new("InvalidPartNumber", "The requested partnumber is not satisfiable").with_status(416)
}

/// A part that is not the last is smaller than 5 MiB.
pub(super) fn entity_too_small() -> ApiError {
    ApiError::new("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
}

/// More than 5 GiB at once.
pub(super) fn entity_too_large() -> ApiError {
    ApiError::new("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
}

/// A part was not uploaded, or is another one.
pub(super) fn invalid_part() -> ApiError {
    let message = "One or more of the specified parts could not be found.  The part may not have been uploaded, or \
                   the specified entity tag may not match the part's entity tag.";
    ApiError::new("InvalidPart", message)
}

/// Parts are not listed in ascending order.
pub(super) fn invalid_part_order() -> ApiError {
    let message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
    ApiError::new("InvalidPartOrder", message)
}

/// The body is not the document that the operation wants.
pub(super) fn malformed_xml() -> ApiError {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    ApiError::new("MalformedXML", message)
}

/// What arrived is not what was said to come; `what` is the checksum's name.
pub(super) fn bad_digest(what: &str) -> ApiError {
    let message = match what {
        "MD5" => "The Content-MD5 you specified did not match what we received.".to_owned(),
        other => format!("The {other} you specified did not match the calculated checksum."),
    };
    ApiError::new("BadDigest", message)
}

/// `Content-MD5` is no MD5.
pub(super) fn invalid_digest() -> ApiError {
    ApiError::new("InvalidDigest", "The Content-MD5 you specified was invalid.")
}

/// The key is longer than 1,024 bytes.
pub(super) fn key_too_long() -> ApiError {
    ApiError::new("KeyTooLongError", "Your key is too long")
}

/// The path is no UTF-8.
pub(super) fn invalid_uri() -> ApiError {
    ApiError::new("InvalidURI", "Couldn't parse the specified URI.")
}

/// An argument makes no sense.
pub(super) fn invalid_argument(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidArgument", message)
}

/// The request makes no sense.
pub(super) fn invalid_request(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidRequest", message)
}

/// Turns an error of the machine into one that clients try again after: `InternalError`.
pub(super) fn while_trying(what: &'static str) -> impl Fn(io::Error) -> ApiError {
    move |error| {
        let message = format!("Rehearsal could not {what} the bucket's folder: {error}");
        ApiError::new("InternalError", message).with_status(500)
    }
}

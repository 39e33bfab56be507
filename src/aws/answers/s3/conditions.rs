//! Conditions of requests, and ranges.
//!
//! Owns: `If-…` headers as S3 takes them (API reference, GetObject, PutObject, CopyObject), `Range`, dates of HTTP.

use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;

use super::errors::{Fallible, invalid_range, no_such_key, not_implemented, precondition_failed};
use super::store::{Found, Object};
use crate::aws::call::Call;
use crate::clock::Timestamp;

/// What a request wants to be true of the object.
#[derive(Debug, Default)]
pub(super) struct Conditions<'a> {
    matches: Option<&'a str>,
    none_match: Option<&'a str>,
    modified_since: Option<Timestamp>,
    unmodified_since: Option<Timestamp>,
}

/// What a read with conditions gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The object.
    Given,
    /// Only that it is as the client knows it.
    NotModified,
}

impl<'a> Conditions<'a> {
    /// Those on the object that the call names.
    pub(super) fn of(call: &'a Call) -> Self {
        Self {
            matches: call.header("if-match"),
            none_match: call.header("if-none-match"),
            modified_since: call.header("if-modified-since").and_then(moment),
            unmodified_since: call.header("if-unmodified-since").and_then(moment),
        }
    }

    /// Those on the object that a copy is made of.
    pub(super) fn of_source(call: &'a Call) -> Self {
        let header = |name: &str| call.header(&format!("x-amz-copy-source-if-{name}"));
        Self {
            matches: header("match"),
            none_match: header("none-match"),
            modified_since: header("modified-since").and_then(moment),
            unmodified_since: header("unmodified-since").and_then(moment),
        }
    }

    /// For a read of `object`. `If-Match` makes `If-Unmodified-Since` count for nothing, and `If-None-Match`
    /// `If-Modified-Since`.
    pub(super) fn read(&self, object: &Object) -> Fallible<Verdict> {
        // HTTP knows no parts of seconds.
        let second = object.modified.as_second();
        let fails = match (self.matches, self.unmodified_since) {
            (Some(etags), _) => !lists(etags, object),
            (None, Some(moment)) => second > moment.as_second(),
            (None, None) => false,
        };
        if fails {
            return Err(precondition_failed());
        }
        let same = match (self.none_match, self.modified_since) {
            (Some(etags), _) => lists(etags, object),
            (None, Some(moment)) => second <= moment.as_second(),
            (None, None) => false,
        };
        Ok(if same { Verdict::NotModified } else { Verdict::Given })
    }

    /// For a copy of `object`: that it did not change is a reason to refuse as well.
    pub(super) fn copy(&self, object: &Object) -> Fallible<()> {
        match self.read(object)? {
            Verdict::Given => Ok(()),
            Verdict::NotModified => Err(precondition_failed()),
        }
    }

    /// For a write in place of `before`, in `bucket`.
    pub(super) fn write(&self, before: Option<&Found>, bucket: &str) -> Fallible<()> {
        match (self.none_match, before) {
            (None, _) | (Some("*"), None) => {}
            (Some("*"), Some(_)) => return Err(precondition_failed()),
            (Some(_), _) => return Err(not_implemented()),
        }
        match (self.matches, before) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(no_such_key(bucket, None)),
            (Some(etags), Some(before)) if lists(etags, &before.object) => Ok(()),
            (Some(_), Some(_)) => Err(precondition_failed()),
        }
    }

    /// For a deletion of `before`.
    pub(super) fn delete(&self, before: Option<&Found>) -> Fallible<()> {
        match (self.matches, before) {
            (None, _) | (_, None) => Ok(()),
            (Some(etags), Some(before)) if lists(etags, &before.object) => Ok(()),
            (Some(_), Some(_)) => Err(precondition_failed()),
        }
    }
}

/// Whether a list of ETags has the object's, or is `*`.
fn lists(etags: &str, object: &Object) -> bool {
    etags
        .split(',')
        .map(|etag| etag.trim().trim_start_matches("W/").trim_matches('"'))
        .any(|etag| etag == "*" || etag == object.etag)
}

/// A moment as HTTP writes it.
fn moment(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

/// A moment as HTTP writes it: `Thu, 01 Jan 1970 00:00:00 GMT`.
pub(super) fn http_date(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A moment as S3's documents write it: `1970-01-01T00:00:00.000Z`.
pub(super) fn document_date(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// Offset and length of the bytes that a `Range` header asks for, of `size` bytes. None for all: S3 does not look at
/// ranges it cannot read, nor at several at once.
pub(super) fn range(header: &str, size: u64) -> Fallible<Option<(u64, u64)>> {
    let Some(range) = header.trim().strip_prefix("bytes=") else { return Ok(None) };
    let Some((first, last)) = range.trim().split_once('-') else { return Ok(None) };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    // More than fits is behind every end.
    let number = |text: &str| text.parse().unwrap_or(u64::MAX);
    if !digits(first) || !digits(last) {
        return Ok(None);
    }
    let (first, last) = match (first, last) {
        ("", "") => return Ok(None),
        ("", last) if number(last) == 0 => return Err(invalid_range()),
        ("", last) => (size.saturating_sub(number(last)), size.saturating_sub(1)),
        (first, "") => (number(first), size.saturating_sub(1)),
        (first, last) if number(last) < number(first) => return Ok(None),
        (first, last) => (number(first), number(last).min(size.saturating_sub(1))),
    };
    if first >= size { Err(invalid_range()) } else { Ok(Some((first, last - first + 1))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_http_has_them() {
        for (header, size, expected) in [
            ("bytes=0-4", 10, Some(Some((0, 5)))),
            ("bytes=5-", 10, Some(Some((5, 5)))),
            ("bytes=-3", 10, Some(Some((7, 3)))),
            ("bytes=-30", 10, Some(Some((0, 10)))),
            ("bytes=8-99", 10, Some(Some((8, 2)))),
            ("bytes=9-9", 10, Some(Some((9, 1)))),
            ("bytes=10-", 10, None),
            ("bytes=0-", 0, None),
            ("bytes=-1", 0, None),
            ("bytes=-0", 10, None),
            ("bytes=99999999999999999999-", 10, None),
            ("bytes=5-2", 10, Some(None)),
            ("bytes=0-1,4-5", 10, Some(None)),
            ("bytes=-", 10, Some(None)),
            ("bytes=a-b", 10, Some(None)),
            ("lines=1-2", 10, Some(None)),
        ] {
            assert_eq!(range(header, size).ok(), expected, "{header} of {size}");
        }
    }

    #[test]
    fn dates_are_written_as_each_reader_wants_them() {
        let moment: Timestamp = "2026-11-05T09:05:07.089Z".parse().unwrap();
        assert_eq!(http_date(moment), "Thu, 05 Nov 2026 09:05:07 GMT");
        assert_eq!(document_date(moment), "2026-11-05T09:05:07.089Z");
        assert_eq!(super::moment(&http_date(moment)).map(Timestamp::as_second), Some(moment.as_second()));
    }
}

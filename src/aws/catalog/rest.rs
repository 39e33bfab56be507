//! Which operation a REST request means.
//!
//! Owns: patterns of paths, what the query string and headers must hold, and which of several that fit is the closest.
//! Nothing on the wire names the operation, so what is required of it decides: `PUT /bucket/key` is `PutObject`, with
//! `partNumber` and `uploadId` it is `UploadPart`, with `x-amz-copy-source` it is `CopyObject`.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::operation::{Operation, Route};
use super::service::Service;

/// The operation, among those of these services, that a request means, and the members that its path gives.
///
/// `path` and `query` are as they stand in the request line, still percent-encoded; `query` without its question mark.
/// `has_header` says whether the request has a header of this name; it compares without regard to case.
pub fn find_rest(
    services: impl IntoIterator<Item = &'static Service>,
    method: &str,
    path: &str,
    query: &str,
    has_header: impl Fn(&str) -> bool,
) -> Option<(&'static Operation, BTreeMap<String, String>)> {
    let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    let query: Vec<(Cow<'_, str>, Cow<'_, str>)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decoded(key, true), decoded(value, true)))
        .collect();
    let mut best: Option<(Closeness, &'static Operation, Labels<'_>)> = None;
    for operation in services.into_iter().flat_map(Service::operations) {
        let Some(route) = operation.route.filter(|route| route.method == method) else { continue };
        let Some((path, labels)) = fits_path(route.path, &segments) else { continue };
        let Some(conditions) = conditions_met(operation, route, &query, &has_header) else { continue };
        let closeness = Closeness { path, conditions };
        if best.as_ref().is_none_or(|(other, ..)| closeness.cmp(other) == Ordering::Greater) {
            best = Some((closeness, operation, labels));
        }
    }
    let (_, operation, labels) = best?;
    let labels =
        labels.into_iter().map(|(name, value)| (name.to_owned(), decoded(&value, false).into_owned()));
    Some((operation, labels.collect()))
}

/// How well an operation fits: a literal segment says more than a label, from left to right; then more conditions do.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Closeness {
    path: Vec<Segment>,
    conditions: usize,
}

/// What a segment of a pattern is, the least definite first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Greedy,
    Label,
    Literal,
}

/// Members of the path with what stands for them, still encoded.
type Labels<'a> = Vec<(&'static str, Cow<'a, str>)>;

fn fits_path<'a>(pattern: &'static str, segments: &[&'a str]) -> Option<(Vec<Segment>, Labels<'a>)> {
    let pattern: Vec<&'static str> = pattern.trim_matches('/').split('/').collect();
    let greedy = pattern.iter().position(|part| part.ends_with("+}"));
    let mut labels = Labels::new();
    let Some(at) = greedy else {
        // Clients put a slash behind a bucket, and some patterns end with one.
        let segments = match segments {
            [start @ .., ""] if !start.is_empty() => start,
            _ => segments,
        };
        let kinds = fits(&pattern, segments, &mut labels)?;
        return Some((kinds, labels));
    };
    let behind = pattern.len() - at - 1;
    let end = segments.len().checked_sub(behind).filter(|end| *end > at)?;
    let mut kinds = fits(&pattern[..at], &segments[..at], &mut labels)?;
    let middle = segments[at..end].join("/");
    if middle.is_empty() {
        return None;
    }
    labels.push((label(pattern[at])?.trim_end_matches('+'), Cow::Owned(middle)));
    kinds.push(Segment::Greedy);
    kinds.extend(fits(&pattern[at + 1..], &segments[end..], &mut labels)?);
    Some((kinds, labels))
}

/// Segment by segment, with no greedy label among them.
fn fits<'a>(pattern: &[&'static str], segments: &[&'a str], labels: &mut Labels<'a>) -> Option<Vec<Segment>> {
    if pattern.len() != segments.len() {
        return None;
    }
    let mut kinds = Vec::with_capacity(pattern.len());
    for (part, segment) in pattern.iter().zip(segments) {
        if let Some(name) = label(part) {
            if segment.is_empty() {
                return None;
            }
            labels.push((name, Cow::Borrowed(*segment)));
            kinds.push(Segment::Label);
        } else {
            if decoded(segment, false) != *part {
                return None;
            }
            kinds.push(Segment::Literal);
        }
    }
    Some(kinds)
}

fn label(part: &'static str) -> Option<&'static str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

/// How many conditions beyond the path a request meets; nothing if one is not met.
fn conditions_met(
    operation: &Operation,
    route: Route,
    query: &[(Cow<'_, str>, Cow<'_, str>)],
    has_header: &impl Fn(&str) -> bool,
) -> Option<usize> {
    let mut met = 0;
    let literals = route.query.split('&').filter(|pair| !pair.is_empty());
    for (key, value) in literals.map(|pair| pair.split_once('=').unwrap_or((pair, ""))) {
        query.iter().find(|(k, v)| k == key && (value.is_empty() || v == value))?;
        met += 1;
    }
    for binding in operation.query_bindings().filter(|binding| binding.is_required) {
        query.iter().find(|(k, _)| k == binding.wire)?;
        met += 1;
    }
    for header in operation.required_headers() {
        if !has_header(header) {
            return None;
        }
        met += 1;
    }
    Some(met)
}

/// Percent-decoded text; in a query string `+` is a space. What is no UTF-8 is replaced.
fn decoded(text: &str, plus_is_space: bool) -> Cow<'_, str> {
    if !text.contains(|c| c == '%' || (plus_is_space && c == '+')) {
        return Cow::Borrowed(text);
    }
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                plain.extend(u8::try_from(high * 16 + low));
                at += 3;
                continue;
            }
            (b'+', ..) if plus_is_space => plain.push(b' '),
            _ => plain.push(byte),
        }
        at += 1;
    }
    Cow::Owned(String::from_utf8_lossy(&plain).into_owned())
}

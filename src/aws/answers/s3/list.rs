//! ListObjects and ListObjectsV2.
//!
//! Owns: which keys and common prefixes are on a page, and both documents. A page is a pure function of the keys.

use std::collections::BTreeSet;
use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use super::conditions::document_date;
use super::errors::{Fallible, invalid_argument};
use super::key::url_encoded;
use super::object::checksum_type;
use super::request;
use super::store::Bucket;
use super::xml::Document;
use crate::aws::call::{Answer, Call};
use crate::aws::world::World;

/// The most entries of a page (API reference, ListObjectsV2).
const MOST: u64 = 1000;

/// What is asked for.
#[derive(Debug, Default)]
struct Query<'a> {
    prefix: &'a str,
    delimiter: &'a str,
    /// Entries up to this one are left out, and it too.
    after: &'a str,
    most: u64,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Entry {
    /// An object.
    Key(String),
    /// All objects whose keys begin so.
    Prefix(String),
}

impl Entry {
    fn text(&self) -> &str {
        match self {
            Self::Key(text) | Self::Prefix(text) => text,
        }
    }
}

/// A page: its entries, and whether there are more.
fn page(keys: &BTreeSet<String>, query: &Query<'_>) -> (Vec<Entry>, bool) {
    let mut entries: Vec<Entry> = Vec::new();
    if query.most == 0 {
        return (entries, false);
    }
    let from = query.prefix.max(query.after);
    for key in keys.range::<str, _>((Bound::Included(from), Bound::Unbounded)) {
        let Some(rest) = key.strip_prefix(query.prefix) else { break };
        let common = match rest.find(query.delimiter) {
            Some(at) if !query.delimiter.is_empty() => {
                Some(&key[..query.prefix.len() + at + query.delimiter.len()])
            }
            Some(_) | None => None,
        };
        let text = common.unwrap_or(key);
        let told = entries.last().is_some_and(|last| common.is_some() && last.text() == text);
        if text <= query.after || told {
            continue;
        }
        if entries.len() as u64 == query.most {
            return (entries, true);
        }
        entries.push(match common {
            Some(common) => Entry::Prefix(common.to_owned()),
            None => Entry::Key(key.clone()),
        });
    }
    (entries, false)
}

/// ListObjectsV2.
pub(super) fn objects_v2(call: &Call, world: &World) -> Fallible<Answer> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let token = call.text("ContinuationToken");
    let after = match token {
        Some(token) => {
            let bytes = BASE64.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            bytes.ok_or_else(|| invalid_argument("The continuation token provided is incorrect"))?
        }
        None => call.text("StartAfter").unwrap_or_default().to_owned(),
    };
    let query = query(call, &after)?;
    let encoding = Encoding::of(call)?;
    let (entries, more) = page(&bucket.keys()?, &query);
    let owned = request::is_true(call, "FetchOwner");
    Ok(Document::of("ListBucketResult", |result| {
        head(result, &bucket, &query, encoding);
        result.leaf("KeyCount", entries.len());
        result.optional("ContinuationToken", token);
        result.optional("StartAfter", call.text("StartAfter").map(|text| encoding.text(text)));
        result.leaf("IsTruncated", more);
        if let Some(last) = entries.last().filter(|_| more) {
            result.leaf("NextContinuationToken", BASE64.encode(last.text()));
        }
        body(result, &bucket, &entries, encoding, owned);
    })
    .answer())
}

/// ListObjects, the first version.
pub(super) fn objects(call: &Call, world: &World) -> Fallible<Answer> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let marker = call.text("Marker").unwrap_or_default();
    let query = query(call, marker)?;
    let encoding = Encoding::of(call)?;
    let (entries, more) = page(&bucket.keys()?, &query);
    Ok(Document::of("ListBucketResult", |result| {
        head(result, &bucket, &query, encoding);
        result.leaf("Marker", encoding.text(marker));
        result.leaf("IsTruncated", more);
        // Without a delimiter clients go on behind the last key.
        if let Some(last) = entries.last().filter(|_| more && !query.delimiter.is_empty()) {
            result.leaf("NextMarker", encoding.text(last.text()));
        }
        body(result, &bucket, &entries, encoding, true);
    })
    .answer())
}

fn query<'a>(call: &'a Call, after: &'a str) -> Fallible<Query<'a>> {
    Ok(Query {
        prefix: call.text("Prefix").unwrap_or_default(),
        delimiter: call.text("Delimiter").unwrap_or_default(),
        after,
        most: request::number(call, "MaxKeys")?.unwrap_or(MOST).min(MOST),
    })
}

/// How texts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As they are.
    Plain,
    /// With percent signs.
    Url,
}

impl Encoding {
    /// As the call wants it.
    pub(super) fn of(call: &Call) -> Fallible<Self> {
        match call.text("EncodingType") {
            None | Some("") => Ok(Self::Plain),
            Some("url") => Ok(Self::Url),
            Some(_) => Err(invalid_argument("Invalid Encoding Method specified in Request")),
        }
    }

    /// A text, written so.
    pub(super) fn text(self, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Url => url_encoded(text),
        }
    }

    /// Tells it, when it is not the usual one.
    pub(super) fn tell(self, document: &mut Document) {
        match self {
            Self::Plain => {}
            Self::Url => document.leaf("EncodingType", "url"),
        }
    }
}

fn head(result: &mut Document, bucket: &Bucket<'_>, query: &Query<'_>, encoding: Encoding) {
    result.leaf("Name", bucket.name);
    result.leaf("Prefix", encoding.text(query.prefix));
    if !query.delimiter.is_empty() {
        result.leaf("Delimiter", encoding.text(query.delimiter));
    }
    result.leaf("MaxKeys", query.most);
    encoding.tell(result);
}

fn body(result: &mut Document, bucket: &Bucket<'_>, entries: &[Entry], encoding: Encoding, owned: bool) {
    for entry in entries {
        match entry {
            Entry::Prefix(prefix) => {
                result.node("CommonPrefixes", |node| node.leaf("Prefix", encoding.text(prefix)));
            }
            Entry::Key(key) => {
                // What was taken away since the keys were listed is left out.
                let Ok(Some(found)) = bucket.find(key) else { continue };
                result.node("Contents", |node| {
                    node.leaf("Key", encoding.text(key));
                    node.leaf("LastModified", document_date(found.object.modified));
                    node.leaf("ETag", format!("\"{}\"", found.object.etag));
                    for name in found.object.checksums.keys() {
                        node.leaf("ChecksumAlgorithm", name.to_uppercase());
                    }
                    node.optional("ChecksumType", checksum_type(&found.object.checksums));
                    node.leaf("Size", found.object.size);
                    let class = found.object.headers.get("x-amz-storage-class");
                    node.leaf("StorageClass", class.map_or("STANDARD", String::as_str));
                    if owned {
                        owner(node, bucket.world);
                    }
                });
            }
        }
    }
}

/// Who owns everything.
pub(super) fn owner(node: &mut Document, world: &World) {
    node.node("Owner", |owner| owner.leaf("ID", owner_id(world)));
}

/// The canonical id that stands for the account: 64 digits, of which nobody can tell the real one.
pub(super) fn owner_id(world: &World) -> String {
    format!("{:0>64}", world.account)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries of a page: prefixes end in a star.
    fn listed(keys: &[&str], query: &Query<'_>) -> String {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        let (entries, more) = page(&keys, query);
        let mut words: Vec<String> = entries
            .into_iter()
            .map(|entry| match entry {
                Entry::Key(key) => key,
                Entry::Prefix(prefix) => format!("{prefix}*"),
            })
            .collect();
        if more {
            words.push("...".to_owned());
        }
        words.join(" ")
    }

    /// API reference, ListObjectsV2, and user guide, "Organizing objects using prefixes".
    #[test]
    fn pages_hold_keys_and_common_prefixes_in_order() {
        const KEYS: [&str; 8] = ["a", "a/", "a/b", "a/c/d", "b", "c//x", "c/y", "\u{e9}"];
        for (prefix, delimiter, after, most, expected) in [
            ("", "", "", 1000, "a a/ a/b a/c/d b c//x c/y \u{e9}"),
            ("", "/", "", 1000, "a a/* b c/* \u{e9}"),
            ("a", "/", "", 1000, "a a/*"),
            ("a/", "/", "", 1000, "a/ a/b a/c/*"),
            ("c/", "/", "", 1000, "c//* c/y"),
            ("x", "/", "", 1000, ""),
            ("", "", "", 3, "a a/ a/b ..."),
            ("", "", "a/b", 3, "a/c/d b c//x ..."),
            ("", "", "c//x", 3, "c/y \u{e9}"),
            ("", "/", "", 2, "a a/* ..."),
            ("", "/", "a/", 2, "b c/* ..."),
            ("", "/", "c/", 2, "\u{e9}"),
            ("", "/", "a/b", 1000, "b c/* \u{e9}"),
            ("", "", "a\u{0}", 1, "a/ ..."),
            ("", "", "", 0, ""),
            ("a/", "", "b", 1000, ""),
            ("b", "", "a", 1000, "b"),
            ("", "c/", "", 1000, "a a/ a/b a/c/* b c/* \u{e9}"),
            ("", "/", "", 5, "a a/* b c/* \u{e9}"),
        ] {
            let query = Query { prefix, delimiter, after, most };
            assert_eq!(listed(&KEYS, &query), expected, "{query:?}");
        }
    }
}

//! Uploads in parts.

use serde_json::json;

use super::{Bench, Reply};
use crate::aws::call::Body;

const MIB: usize = 1 << 20;

/// The list of parts for the end of an upload.
fn list(parts: &[(u32, &str)]) -> Body {
    let part = |(number, etag): &(u32, &str)| {
        format!("<Part><ETag>{etag}</ETag><PartNumber>{number}</PartNumber></Part>")
    };
    let parts = parts.iter().map(part).collect::<Vec<_>>().concat();
    Body::Memory(format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>").into())
}

struct Upload<'a> {
    bench: &'a Bench,
    id: String,
}

impl<'a> Upload<'a> {
    fn new(bench: &'a Bench, headers: &[(&str, &str)]) -> Self {
        let reply =
            bench.send("CreateMultipartUpload", json!({"Key": "big"}), headers, Body::Memory(Vec::new()));
        assert_eq!(reply.deed, None);
        Self { bench, id: reply.texts("UploadId").remove(0) }
    }

    fn send(&self, operation: &str, number: u32, headers: &[(&str, &str)], body: Body) -> Reply {
        let members = json!({"Key": "big", "UploadId": self.id, "PartNumber": number});
        self.bench.send(operation, members, headers, body)
    }

    /// Uploads a part and gives its ETag.
    fn part(&self, number: u32, bytes: Vec<u8>) -> String {
        let reply = self.send("UploadPart", number, &[], Body::Memory(bytes));
        assert_eq!(reply.deed, None);
        reply.header("etag").to_owned()
    }

    fn complete(&self, parts: &[(u32, &str)]) -> Reply {
        self.send("CompleteMultipartUpload", 0, &[], list(parts))
    }
}

/// User guide, "Uploading and copying objects using multipart upload".
#[test]
fn parts_become_an_object() {
    let bench = Bench::new();
    bench.put("big", "before");
    let upload = Upload::new(&bench, &[("content-type", "x/y"), ("x-amz-meta-a", "1")]);
    let second = upload.part(2, vec![b'2'; 7]);
    upload.part(1, vec![b'0'; 10]);
    let first = upload.part(1, vec![b'1'; 5 * MIB]);
    upload.part(9, vec![b'9'; 3]);
    assert_eq!(bench.contents(), 4, "a part that was uploaded again is there once");
    let listed = upload.send("ListParts", 0, &[], Body::Memory(Vec::new()));
    assert_eq!(listed.texts("PartNumber"), ["1", "2", "9"]);
    assert_eq!(listed.texts("Size"), ["5242880", "7", "3"]);
    let uploads = bench.call("ListMultipartUploads", json!({}));
    assert_eq!(
        (uploads.texts("Key"), uploads.texts("UploadId")),
        (vec!["big".into()], vec![upload.id.clone()])
    );
    assert_eq!(bench.get("big").text(), "before", "nothing is seen of it yet");

    let done = upload.complete(&[(1, &first), (2, &second)]);
    assert_eq!(done.texts("Location"), ["https://site.s3.eu-west-1.amazonaws.com/big"]);
    assert_eq!(done.deed.clone().map(|deed| deed.words).as_deref(), Some("written s3://site"));
    // python3: md5(md5(b"1" * 5 MiB) + md5(b"2" * 7))
    assert_eq!(done.texts("ETag"), ["\"62e4b9007ed28c44d1c2f6cd5898eb3c-2\""]);
    let got = bench.get("big");
    assert_eq!(
        (got.body.len(), got.header("content-type"), got.header("x-amz-meta-a")),
        (5 * MIB + 7, "x/y", "1")
    );
    assert!(got.body.starts_with(b"11") && got.body.ends_with(b"12222222"));
    assert_eq!(got.header("etag"), done.texts("ETag")[0]);
    assert_eq!(bench.contents(), 1, "parts that were left out are gone");

    let last = bench.call("GetObject", json!({"Key": "big", "PartNumber": 2}));
    assert_eq!((last.status, last.text(), last.header("x-amz-mp-parts-count")), (206, "2222222", "2"));
    assert_eq!(last.header("content-range"), "bytes 5242880-5242886/5242887");
    assert_eq!(upload.complete(&[(1, &first)]).code, "NoSuchUpload");
    assert_eq!(bench.call("ListMultipartUploads", json!({})).texts("UploadId"), Vec::<String>::new());
}

#[test]
fn lists_of_parts_that_are_wrong_are_refused_and_the_upload_stays() {
    let bench = Bench::new();
    let upload = Upload::new(&bench, &[]);
    let (first, second) = (upload.part(1, vec![b'1'; 10]), upload.part(2, vec![b'2'; 10]));
    for (parts, code) in [
        (vec![], "MalformedXML"),
        (vec![(2, second.as_str()), (1, first.as_str())], "InvalidPartOrder"),
        (vec![(1, first.as_str()), (1, first.as_str())], "InvalidPartOrder"),
        (vec![(1, second.as_str())], "InvalidPart"),
        (vec![(3, first.as_str())], "InvalidPart"),
        (vec![(1, first.as_str()), (2, second.as_str())], "EntityTooSmall"),
    ] {
        assert_eq!(upload.complete(&parts).code, code, "{parts:?}");
    }
    let sized = [("x-amz-mp-object-size", "11")];
    let wrong = upload.send("CompleteMultipartUpload", 0, &sized, list(&[(1, &first)]));
    assert_eq!(wrong.code, "InvalidRequest");
    bench.put("big", "there");
    let once = [("if-none-match", "*")];
    let refused = upload.send("CompleteMultipartUpload", 0, &once, list(&[(1, &first)]));
    assert_eq!(refused.code, "PreconditionFailed");
    let other = json!({"Key": "other", "UploadId": upload.id});
    assert_eq!(bench.call("AbortMultipartUpload", other).code, "NoSuchUpload", "it is of another key");
    assert_eq!(
        upload.complete(&[(2, first.replace(&first, &second).as_str())]).status,
        200,
        "one small part is enough"
    );
    assert_eq!(bench.get("big").text(), "2222222222");
}

#[test]
fn an_upload_that_is_given_up_leaves_nothing() {
    let bench = Bench::new();
    let upload = Upload::new(&bench, &[]);
    upload.part(1, vec![b'1'; 10]);
    assert_eq!(upload.send("AbortMultipartUpload", 0, &[], Body::Memory(Vec::new())).status, 204);
    assert_eq!(bench.contents(), 0);
    for operation in ["UploadPart", "ListParts", "AbortMultipartUpload"] {
        let reply = upload.send(operation, 1, &[], Body::Memory(Vec::new()));
        assert_eq!(reply.code, "NoSuchUpload", "{operation}");
    }
    assert_eq!(bench.contents(), 0);
    assert_eq!(bench.keys(), Vec::<String>::new());
}

/// User guide, "Checking object integrity": composite checksums.
#[test]
fn checksums_of_parts_make_one_of_the_object() {
    let bench = Bench::new();
    let upload = Upload::new(&bench, &[("x-amz-checksum-algorithm", "CRC32")]);
    let sum = [("x-amz-checksum-crc32", "y/Q5Jg==")];
    let part = upload.send("UploadPart", 1, &sum, Body::Memory(b"123456789".into()));
    assert_eq!(part.header("x-amz-checksum-crc32"), "y/Q5Jg==");
    let wrong = upload.send("UploadPart", 1, &sum, Body::Memory(b"12345678".into()));
    assert_eq!(wrong.code, "BadDigest");
    let etag = part.header("etag");
    let said = |sum: &str| {
        let part = format!(
            "<Part><PartNumber>1</PartNumber><ETag>{etag}</ETag><ChecksumCRC32>{sum}</ChecksumCRC32></Part>"
        );
        let body = format!("<CompleteMultipartUpload>{part}</CompleteMultipartUpload>");
        upload.send("CompleteMultipartUpload", 0, &[], Body::Memory(body.into()))
    };
    assert_eq!(said("AAAAAA==").code, "InvalidPart");
    let done = said("y/Q5Jg==");
    // python3: crc32 of the four bytes of 0xcbf43926
    assert_eq!(done.texts("ChecksumCRC32"), ["7kxlUA==-1"]);
    assert_eq!(done.texts("ChecksumType"), ["COMPOSITE"]);
    let mode = [("x-amz-checksum-mode", "ENABLED")];
    let got = bench.send("HeadObject", json!({"Key": "big"}), &mode, Body::Memory(Vec::new()));
    assert_eq!(got.header("x-amz-checksum-crc32"), done.texts("ChecksumCRC32")[0]);
}

/// API reference, UploadPartCopy.
#[test]
fn parts_are_copied_from_objects() {
    let bench = Bench::new();
    bench.put("source", "0123456789");
    let upload = Upload::new(&bench, &[]);
    let copy = |range: &str| {
        let headers = [("x-amz-copy-source", "site/source"), ("x-amz-copy-source-range", range)];
        upload.send("UploadPartCopy", 1, &headers, Body::Memory(Vec::new()))
    };
    for bad in ["bytes=0-10", "bytes=5-4", "bytes=5-", "0-4"] {
        assert_eq!(copy(bad).code, "InvalidArgument", "{bad}");
    }
    copy("bytes=2-4");
    let whole =
        upload.send("UploadPartCopy", 1, &[("x-amz-copy-source", "site/source")], Body::Memory(Vec::new()));
    assert_eq!(whole.texts("ETag"), ["\"781e5e245d69b566979b86e28d23f2c7\""]);
    let etag = whole.texts("ETag").remove(0);
    upload.complete(&[(1, &etag)]);
    assert_eq!((bench.get("big").text(), bench.get("source").text()), ("0123456789", "0123456789"));
}

#[test]
fn uploads_and_parts_are_listed_page_by_page() {
    let bench = Bench::new();
    let upload = Upload::new(&bench, &[]);
    for number in 1..=3 {
        upload.part(number, vec![b'x']);
    }
    let page = |members: serde_json::Value| {
        let mut all = json!({"Key": "big", "UploadId": upload.id});
        all.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        bench.call("ListParts", all)
    };
    let first = page(json!({"MaxParts": 2}));
    assert_eq!(
        (first.texts("PartNumber"), first.texts("IsTruncated")),
        (vec!["1".into(), "2".into()], vec!["true".into()])
    );
    let second = page(json!({"MaxParts": "2", "PartNumberMarker": "2"}));
    assert_eq!(
        (second.texts("PartNumber"), second.texts("IsTruncated")),
        (vec!["3".into()], vec!["false".into()])
    );

    let other = Upload::new(&bench, &[]);
    let first = bench.call("ListMultipartUploads", json!({"MaxUploads": 1}));
    let rest = bench.call(
        "ListMultipartUploads",
        json!({"KeyMarker": first.texts("NextKeyMarker")[0], "UploadIdMarker": first.texts("NextUploadIdMarker")[0]}),
    );
    let mut ids = [first.texts("UploadId"), rest.texts("UploadId")].concat();
    let mut expected = [upload.id.clone(), other.id.clone()];
    ids.sort();
    expected.sort();
    assert_eq!(ids, expected);
    assert_eq!(bench.call("ListMultipartUploads", json!({"KeyMarker": "big"})).texts("UploadId").len(), 0);
    assert_eq!(bench.call("ListMultipartUploads", json!({"Prefix": "x"})).texts("UploadId").len(), 0);
}

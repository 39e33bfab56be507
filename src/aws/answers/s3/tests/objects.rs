//! Conditions, ranges, checksums, deletions, and what is said about objects.

use serde_json::json;

use super::{Bench, Reply};
use crate::aws::call::Body;

/// API reference, GetObject: conditions together; RFC 9110, 13.
#[test]
fn reads_under_conditions() {
    let bench = Bench::new();
    bench.put("a", "hello");
    let same = "\"5d41402abc4b2a76b9719d911017c592\"";
    let (then, before, later) =
        ("Wed, 25 Nov 2026 09:00:00 GMT", "Wed, 25 Nov 2026 08:59:59 GMT", "Wed, 25 Nov 2026 09:00:01 GMT");
    for (headers, status) in [
        (vec![("if-match", same)], 200),
        (vec![("if-match", "5d41402abc4b2a76b9719d911017c592")], 200),
        (vec![("if-match", "\"x\", *")], 200),
        (vec![("if-match", "\"x\"")], 412),
        (vec![("if-none-match", same)], 304),
        (vec![("if-none-match", "\"x\"")], 200),
        (vec![("if-modified-since", then)], 304),
        (vec![("if-modified-since", before)], 200),
        (vec![("if-modified-since", "yesterday")], 200),
        (vec![("if-unmodified-since", then)], 200),
        (vec![("if-unmodified-since", before)], 412),
        (vec![("if-match", same), ("if-unmodified-since", before)], 200),
        (vec![("if-none-match", same), ("if-modified-since", before)], 304),
        (vec![("if-none-match", "\"x\""), ("if-modified-since", later)], 200),
    ] {
        let reply = bench.send("GetObject", json!({"Key": "a"}), &headers, Body::Memory(Vec::new()));
        assert_eq!(reply.status, status, "{headers:?}");
        if status == 304 {
            assert_eq!((reply.header("etag"), reply.body.len()), (same, 0));
        }
    }
}

/// An object `a` of nine bytes, with its checksum.
fn put_digits(bench: &Bench) {
    let sum = [("x-amz-checksum-crc32", "y/Q5Jg==")];
    bench.send("PutObject", json!({"Key": "a"}), &sum, Body::Memory(b"123456789".into()));
}

#[test]
fn ranges_give_a_piece() {
    let bench = Bench::new();
    put_digits(&bench);
    let get = |range: &str| {
        let headers = [("range", range), ("x-amz-checksum-mode", "ENABLED")];
        bench.send("GetObject", json!({"Key": "a"}), &headers, Body::Memory(Vec::new()))
    };
    let piece = get("bytes=2-4");
    assert_eq!((piece.status, piece.text(), piece.header("content-range")), (206, "345", "bytes 2-4/9"));
    assert_eq!(piece.header("x-amz-checksum-crc32"), "", "it is of the whole");
    let whole = get("bytes=0-1,3-4");
    assert_eq!((whole.status, whole.header("x-amz-checksum-crc32")), (200, "y/Q5Jg=="));
    assert_eq!(whole.header("x-amz-checksum-type"), "FULL_OBJECT");
    let first = bench.call("GetObject", json!({"Key": "a", "PartNumber": 1}));
    assert_eq!((first.status, first.text()), (206, "123456789"));
}

#[test]
fn long_bodies_are_moved_and_not_copied() {
    let bench = Bench::new();
    let path = bench.dir.path().join("spool");
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    std::fs::write(&path, &bytes).unwrap();
    let body = Body::File { path: path.clone(), length: 3_000_000 };
    let wrong = [("x-amz-checksum-crc32", "AAAAAA==")];
    let refused = bench.send("PutObject", json!({"Key": "a"}), &wrong, body.clone());
    assert_eq!((refused.code.as_str(), path.exists()), ("BadDigest", true));
    assert_eq!(bench.send("PutObject", json!({"Key": "a"}), &[], body).status, 200);
    assert!(!path.exists());
    let got: Reply = bench.get("a");
    assert!(got.body == bytes);
    let huge = Body::File { path: bench.dir.path().join("none"), length: (5 << 30) + 1 };
    assert_eq!(bench.send("PutObject", json!({"Key": "b"}), &[], huge).code, "EntityTooLarge");
}

/// API reference, DeleteObjects.
#[test]
fn several_objects_are_deleted_at_once() {
    let bench = Bench::new();
    for key in ["a", "b&c", "d"] {
        bench.put(key, "x");
    }
    let long = "x".repeat(1025);
    let body = format!(
        "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>b&amp;c</Key></Object><Object><Key>never</Key></Object>\
         <Object><Key>d</Key><VersionId>7</VersionId></Object><Object><Key>{long}</Key></Object></Delete>"
    );
    let delete = |body: &str| bench.send("DeleteObjects", json!({}), &[], Body::Memory(body.into()));
    let reply = delete(&body);
    assert_eq!(reply.texts("Code"), ["NoSuchVersion", "KeyTooLongError"]);
    assert_eq!(reply.texts("Key")[..3], ["b&c", "never", "d"]);
    assert_eq!(reply.deed.map(|deed| deed.times), Some(2));
    assert_eq!(bench.keys(), ["a", "d"]);
    let quiet = delete("<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>");
    assert_eq!(quiet.texts("Key"), Vec::<String>::new());
    assert_eq!(bench.keys(), ["d"]);
    let many = format!("<Delete>{}</Delete>", "<Object><Key>k</Key></Object>".repeat(1001));
    for bad in ["", "<Delete/>", "<Delete><Object/></Delete>", "<Other/>", &many] {
        assert_eq!(delete(bad).code, "MalformedXML");
    }
}

#[test]
fn tags_access_lists_and_attributes_are_told() {
    let bench = Bench::new();
    put_digits(&bench);
    let tagging = |tags: usize| {
        let tag = "<Tag><Key>k</Key><Value>v&lt;</Value></Tag>".repeat(tags);
        Body::Memory(format!("<Tagging><TagSet>{tag}</TagSet></Tagging>").into())
    };
    let put = |tags: usize| bench.send("PutObjectTagging", json!({"Key": "a"}), &[], tagging(tags));
    assert_eq!(put(1).deed.map(|deed| deed.words).as_deref(), Some("changed tags in s3://site"));
    assert_eq!(bench.call("GetObjectTagging", json!({"Key": "a"})).texts("Value"), ["v&lt;"]);
    assert_eq!(put(11).code, "InvalidArgument");
    assert_eq!(bench.call("DeleteObjectTagging", json!({"Key": "a"})).status, 204);
    assert_eq!(bench.call("GetObjectTagging", json!({"Key": "a"})).texts("Value"), Vec::<String>::new());
    assert_eq!(bench.get("a").text(), "123456789");

    assert_eq!(bench.call("GetObjectAcl", json!({"Key": "a"})).texts("Permission"), ["FULL_CONTROL"]);
    assert_eq!(bench.call("PutObjectAcl", json!({"Key": "a"})).status, 200);
    for operation in ["GetObjectAcl", "PutObjectAcl", "GetObjectTagging", "GetObjectAttributes"] {
        assert_eq!(bench.call(operation, json!({"Key": "none"})).code, "NoSuchKey", "{operation}");
    }
    let wanted = [
        ("x-amz-object-attributes", "ETag,Checksum,ObjectSize"),
        ("x-amz-object-attributes", "StorageClass"),
    ];
    let told = bench.send("GetObjectAttributes", json!({"Key": "a"}), &wanted, Body::Memory(Vec::new()));
    insta::assert_snapshot!(told.text(), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <GetObjectAttributesResponse xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><ETag>25f9e794323b453885f5181f1b624d0b</ETag><Checksum><ChecksumCRC32>y/Q5Jg==</ChecksumCRC32><ChecksumType>FULL_OBJECT</ChecksumType></Checksum><StorageClass>STANDARD</StorageClass><ObjectSize>9</ObjectSize></GetObjectAttributesResponse>
    "#);
}

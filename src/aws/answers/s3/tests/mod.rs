//! S3 as builds meet it, call by call: what is put comes back, and errors are S3's own.
//!
//! Owns: the bench that calls are tried on, and the semantics of putting, getting and copying.

mod buckets;
mod model;
mod objects;
mod uploads;
mod wire;

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::key::url_encoded;
use crate::aws::account::Account;
use crate::aws::answers::Said;
use crate::aws::call::{Answer, Body, Call, Payload, Protocol};
use crate::aws::desk::Desk;
use crate::aws::effect::{Deed, Effect, Handling, Subject};
use crate::aws::world::{AnswerFile, World};
use crate::clock::{ManualClock, Timestamp};

/// A world with S3 in it.
struct Bench {
    dir: TempDir,
    desk: Desk,
    clock: Arc<ManualClock>,
}

/// What was said to a call.
#[derive(Debug)]
struct Reply {
    status: u16,
    /// The code of an error; empty when it is none.
    code: String,
    message: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
    deed: Option<Deed>,
}

impl Bench {
    fn new() -> Self {
        Self::with(&[])
    }

    /// With folders that stand in for buckets.
    fn with(stand_ins: &[(&str, &Path)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new("2026-11-25T09:00:00Z".parse().unwrap()));
        let (folder, shared) = (dir.path().join("aws"), dir.path().join("shared"));
        let mut world = World::new("111122223333", "eu-west-1", folder, shared, Arc::clone(&clock) as _);
        for (bucket, folder) in stand_ins {
            let answer = Ok(AnswerFile::Folder(folder.to_path_buf()));
            world.answers.insert(format!("s3://{bucket}"), answer);
        }
        let desk = Desk::open(Arc::new(world), None, &dir.path().join("effects")).unwrap();
        Self { dir, desk, clock }
    }

    fn folder(&self, bucket: &str) -> PathBuf {
        self.dir.path().join("aws/s3").join(bucket)
    }

    fn ask(&self, operation: &str, members: Value, headers: &[(&str, &str)], body: Body) -> Call {
        let mut parameters = members;
        if parameters.get("Bucket").is_none() {
            parameters["Bucket"] = "site".into();
        }
        let target = format!(
            "/{}/{}",
            parameters["Bucket"].as_str().unwrap_or_default(),
            // Spaces are plus signs only in queries.
            url_encoded(parameters["Key"].as_str().unwrap_or_default()).replace('+', "%20")
        );
        let method = match operation.strip_prefix("Head") {
            Some(_) => "HEAD",
            None => "GET",
        };
        Call {
            service: "s3".into(),
            operation: operation.into(),
            read: false,
            parameters,
            region: "eu-west-1".into(),
            access_key: self.desk.access_key().into(),
            protocol: Protocol::RestXml,
            method: method.into(),
            target,
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body,
        }
    }

    fn send(&self, operation: &str, members: Value, headers: &[(&str, &str)], body: Body) -> Reply {
        reply(super::super::answer(&self.ask(operation, members, headers, body), &self.desk))
    }

    fn call(&self, operation: &str, members: Value) -> Reply {
        self.send(operation, members, &[], Body::Memory(Vec::new()))
    }

    fn put(&self, key: &str, body: impl Into<Vec<u8>>) -> Reply {
        self.send("PutObject", json!({"Key": key}), &[], Body::Memory(body.into()))
    }

    fn get(&self, key: &str) -> Reply {
        self.call("GetObject", json!({"Key": key}))
    }

    /// The keys of the bucket, as the first page has them.
    fn keys(&self) -> Vec<String> {
        self.call("ListObjectsV2", json!({})).texts("Key")
    }

    /// How many contents there are, of objects and of parts.
    fn contents(&self) -> usize {
        std::fs::read_dir(self.folder("site").join("content")).map_or(0, Iterator::count)
    }
}

fn reply(said: Said) -> Reply {
    let Said { answer, deed } = said;
    let (status, code, message, headers, body) = match answer {
        Answer::Raw { status, headers, body } => (status, String::new(), String::new(), headers, bytes(body)),
        Answer::Error(error) => (error.status, error.code, error.message, Vec::new(), Vec::new()),
        Answer::Unanswered => (0, "Unanswered".into(), String::new(), Vec::new(), Vec::new()),
        Answer::Output(output) => panic!("S3 writes its own documents: {output}"),
    };
    Reply { status, code, message, headers: headers.into_iter().collect(), body, deed }
}

fn bytes(body: Payload) -> Vec<u8> {
    match body {
        Payload::Memory(bytes) => bytes,
        Payload::File { path, offset, length } => {
            let mut file = std::fs::File::open(path).unwrap();
            file.seek(SeekFrom::Start(offset)).unwrap();
            let mut bytes = Vec::new();
            file.take(length).read_to_end(&mut bytes).unwrap();
            bytes
        }
    }
}

impl Reply {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The texts of all elements of this name.
    fn texts(&self, element: &str) -> Vec<String> {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        let pieces = self.text().split(&open).skip(1);
        let texts = pieces.map(|piece| piece.split(&close).next().unwrap());
        texts.map(|text| text.replace("&quot;", "\"").replace("&amp;", "&")).collect()
    }
}

#[test]
fn what_is_put_is_listed_told_and_given_back() {
    let bench = Bench::new();
    let headers = [
        ("content-type", "text/html"),
        ("cache-control", "max-age=60"),
        ("content-encoding", "gzip,aws-chunked"),
        ("x-amz-meta-commit", "abc"),
        ("x-amz-tagging", "team=web&x=a%20b"),
        ("content-length", "5"),
        ("authorization", "x"),
    ];
    let put = bench.send("PutObject", json!({"Key": "index.html"}), &headers, Body::Memory(b"hello".into()));
    assert_eq!((put.status, put.header("etag")), (200, "\"5d41402abc4b2a76b9719d911017c592\""));
    for operation in ["GetObject", "HeadObject"] {
        let got = bench.call(operation, json!({"Key": "index.html"}));
        assert_eq!(got.status, 200);
        assert_eq!(got.body, b"hello", "the server leaves it out for HEAD");
        for (name, value) in [
            ("etag", "\"5d41402abc4b2a76b9719d911017c592\""),
            ("last-modified", "Wed, 25 Nov 2026 09:00:00 GMT"),
            ("content-type", "text/html"),
            ("cache-control", "max-age=60"),
            ("content-encoding", "gzip"),
            ("x-amz-meta-commit", "abc"),
            ("x-amz-tagging-count", "2"),
            ("x-amz-server-side-encryption", "AES256"),
            ("authorization", ""),
            ("content-length", ""),
        ] {
            assert_eq!(got.header(name), value, "{operation} {name}");
        }
    }
    let other = bench.call("GetObject", json!({"Key": "index.html", "ResponseContentType": "text/plain"}));
    assert_eq!(other.header("content-type"), "text/plain");
    insta::assert_snapshot!(bench.call("ListObjectsV2", json!({"FetchOwner": true})).text(), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>site</Name><Prefix></Prefix><MaxKeys>1000</MaxKeys><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated><Contents><Key>index.html</Key><LastModified>2026-11-25T09:00:00.000Z</LastModified><ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag><Size>5</Size><StorageClass>STANDARD</StorageClass><Owner><ID>0000000000000000000000000000000000000000000000000000111122223333</ID></Owner></Contents></ListBucketResult>
    "#);
    insta::assert_snapshot!(bench.call("ListObjects", json!({"Prefix": "x y", "EncodingType": "url"})).text(), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>site</Name><Prefix>x+y</Prefix><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><Marker></Marker><IsTruncated>false</IsTruncated></ListBucketResult>
    "#);
}

#[test]
fn a_key_that_nobody_put_says_how_to_give_it() {
    let bench = Bench::new();
    let got = bench.get("config.json");
    assert_eq!((got.status, got.code.as_str()), (404, "NoSuchKey"));
    insta::assert_snapshot!(got.message, @r#"The specified key does not exist. (Nothing in this execution wrote it, and nothing real is read: write `"s3://site": FOLDER` under `aws:` in rehearsal.yml to have a folder stand in for the bucket, or run with `--allow s3:GetObject --profile PROFILE`.)"#);
    assert!(!bench.folder("site").exists(), "reads make nothing");
}

/// User guide, "Naming Amazon S3 objects"; API reference, PutObject.
#[test]
fn requests_that_s3_refuses_are_refused() {
    let bench = Bench::new();
    bench.put("a", "x");
    let long = "k".repeat(1025);
    let none: &[(&str, &str)] = &[];
    let meta = "m".repeat(2048);
    for (operation, members, headers, code) in [
        ("PutObject", json!({"Bucket": "Site", "Key": "a"}), none, "InvalidBucketName"),
        ("PutObject", json!({"Bucket": "..", "Key": "a"}), none, "InvalidBucketName"),
        ("PutObject", json!({"Key": long}), none, "KeyTooLongError"),
        ("PutObject", json!({"Key": "b"}), &[("content-md5", "AAAA")], "InvalidDigest"),
        ("PutObject", json!({"Key": "b"}), &[("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")], "BadDigest"),
        ("PutObject", json!({"Key": "b"}), &[("x-amz-checksum-crc32", "AAAAAQ==")], "BadDigest"),
        ("PutObject", json!({"Key": "b"}), &[("x-amz-checksum-sha256", "AAAA")], "BadDigest"),
        ("PutObject", json!({"Key": "b"}), &[("x-amz-meta-big", &meta)], "MetadataTooLarge"),
        ("PutObject", json!({"Key": "b"}), &[("x-amz-tagging", "a=%f")], "InvalidArgument"),
        ("PutObject", json!({"Key": "a"}), &[("if-none-match", "*")], "PreconditionFailed"),
        ("PutObject", json!({"Key": "a"}), &[("if-none-match", "abc")], "NotImplemented"),
        ("PutObject", json!({"Key": "a"}), &[("if-match", "\"abc\"")], "PreconditionFailed"),
        ("PutObject", json!({"Key": "b"}), &[("if-match", "*")], "NoSuchKey"),
        ("DeleteObject", json!({"Key": "a"}), &[("if-match", "abc")], "PreconditionFailed"),
        ("GetObject", json!({"Key": "a", "VersionId": "abc"}), none, "NoSuchVersion"),
        ("GetObject", json!({"Key": "a", "PartNumber": "2"}), none, "InvalidPartNumber"),
        ("GetObject", json!({"Key": "a"}), &[("range", "bytes=1-")], "InvalidRange"),
        ("CopyObject", json!({"Key": "b"}), &[("x-amz-copy-source", "site/none")], "NoSuchKey"),
        ("CopyObject", json!({"Key": "b"}), &[("x-amz-copy-source", "site")], "InvalidArgument"),
        ("CopyObject", json!({"Key": "b"}), &[("x-amz-copy-source", "S/a")], "InvalidBucketName"),
        ("CopyObject", json!({"Key": "a"}), &[("x-amz-copy-source", "/site/a")], "InvalidRequest"),
        ("CopyObject", json!({"Key": "b"}), &[("x-amz-copy-source", "site/a?versionId=1")], "NoSuchVersion"),
        ("CopyObject", json!({"Key": "b"}), none, "InvalidArgument"),
        ("ListObjectsV2", json!({"MaxKeys": "-1"}), none, "InvalidArgument"),
        ("ListObjectsV2", json!({"ContinuationToken": "%"}), none, "InvalidArgument"),
        ("ListObjectsV2", json!({"EncodingType": "x"}), none, "InvalidArgument"),
        ("UploadPart", json!({"Key": "a", "UploadId": "../x", "PartNumber": 1}), none, "NoSuchUpload"),
        ("UploadPart", json!({"Key": "a", "UploadId": "x", "PartNumber": 0}), none, "InvalidArgument"),
        ("GetBucketPolicy", json!({}), none, "Unanswered"),
        ("PutBucketWebsite", json!({}), none, "Unanswered"),
    ] {
        let reply = bench.send(operation, members.clone(), headers, Body::Memory(Vec::new()));
        assert_eq!(reply.code, code, "{operation} {members} {headers:?}");
        assert_eq!(reply.deed, None, "what is refused is no deed: {operation}");
    }
    assert_eq!((bench.keys(), bench.contents()), (vec!["a".to_owned()], 1), "nothing is left behind");

    let mut call = bench.ask("GetObject", json!({"Key": "\u{fffd}"}), &[], Body::Memory(Vec::new()));
    call.target = "/site/%ff".to_owned();
    assert_eq!(reply(super::super::answer(&call, &bench.desk)).code, "InvalidURI");
}

#[test]
fn the_account_counts_objects_by_bucket_and_first_folder() {
    let bench = Bench::new();
    let delete = "<Delete><Object><Key>old/1</Key></Object><Object><Key>old/2</Key></Object></Delete>";
    let replies = [
        bench.put("index.html", "x"),
        bench.put("assets/app.js", "x"),
        bench.put("assets/css/app.css", "x"),
        bench.put("v1.2/app.zip", "x"),
        bench.get("index.html"),
        bench.call("DeleteObject", json!({"Key": "old.html"})),
        bench.send("DeleteObjects", json!({}), &[], Body::Memory(delete.into())),
        bench.put("folder/", ""),
        bench.call("CreateBucket", json!({"Bucket": "other"})),
    ];
    let mut account = Account::default();
    for deed in replies.into_iter().filter_map(|reply| reply.deed) {
        account.add(&Effect {
            home: None,
            at: Timestamp::UNIX_EPOCH,
            phase: None,
            command: None,
            subject: Subject::Connection { host: String::new(), port: 0 },
            handling: Handling::Simulated,
            deed: Some(deed),
        });
    }
    insta::assert_snapshot!(account.lines().join("\n"), @"
    written s3://site (2 objects)
    written s3://site/assets/ (2 objects)
    written s3://site/v1.2/ (app.zip)
    deleted from s3://site (3 objects)
    created s3://other
    ");
}

#[test]
fn a_copy_takes_what_it_is_told_to_take() {
    let bench = Bench::new();
    let headers = [
        ("content-type", "text/css"),
        ("x-amz-meta-a", "1"),
        ("x-amz-tagging", "t=1"),
        ("x-amz-storage-class", "GLACIER"),
    ];
    bench.send("PutObject", json!({"Key": "a b+ü/ä"}), &headers, Body::Memory(b"hello".into()));
    bench.clock.advance(Duration::from_secs(60));
    let source = ("x-amz-copy-source", "/site/a%20b%2B%C3%BC/%C3%A4");
    let copy = |to: &str, more: &[(&str, &str)]| {
        let headers = [&[source], more].concat();
        bench.send("CopyObject", json!({"Bucket": "other", "Key": to}), &headers, Body::Memory(Vec::new()))
    };
    let told = copy("plain", &[]);
    assert_eq!(told.texts("ETag"), ["\"5d41402abc4b2a76b9719d911017c592\""]);
    assert_eq!(told.texts("LastModified"), ["2026-11-25T09:01:00.000Z"]);
    copy(
        "new",
        &[
            ("x-amz-metadata-directive", "REPLACE"),
            ("x-amz-meta-b", "2"),
            ("x-amz-tagging-directive", "REPLACE"),
        ],
    );
    assert_eq!(copy("bad", &[("x-amz-metadata-directive", "OTHER")]).code, "InvalidArgument");
    assert_eq!(copy("bad", &[("x-amz-copy-source-if-match", "\"x\"")]).code, "PreconditionFailed");
    let none_match = ("x-amz-copy-source-if-none-match", "\"5d41402abc4b2a76b9719d911017c592\"");
    assert_eq!(copy("bad", &[none_match]).code, "PreconditionFailed");
    for (key, kind, a, b, tags) in
        [("plain", "text/css", "1", "", "1"), ("new", "binary/octet-stream", "", "2", "")]
    {
        let got = bench.call("GetObject", json!({"Bucket": "other", "Key": key}));
        assert_eq!(got.text(), "hello");
        let told =
            ["content-type", "x-amz-meta-a", "x-amz-meta-b", "x-amz-tagging-count", "x-amz-storage-class"];
        assert_eq!(told.map(|name| got.header(name)), [kind, a, b, tags, ""], "{key}");
    }
    // A copy does not change with its source, and outlives it.
    bench.put("a b+ü/ä", "other");
    bench.call("DeleteObject", json!({"Key": "a b+ü/ä"}));
    assert_eq!(bench.call("GetObject", json!({"Bucket": "other", "Key": "plain"})).text(), "hello");
    assert_eq!(copy("gone", &[]).code, "NoSuchKey");
}

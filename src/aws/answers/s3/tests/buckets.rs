//! Buckets as such, folders that stand in for them, and several calls at once.

use serde_json::json;

use super::Bench;
use crate::aws::call::Body;
use crate::aws::effect::Deed;

#[test]
fn buckets_are_there_until_they_are_deleted() {
    let bench = Bench::new();
    assert_eq!(bench.call("HeadBucket", json!({})).header("x-amz-bucket-region"), "eu-west-1");
    assert_eq!(bench.call("ListBuckets", json!({})).texts("Name"), Vec::<String>::new());
    bench.put("a", "x");
    assert_eq!(bench.call("ListBuckets", json!({})).texts("Name"), ["site"]);
    assert_eq!(bench.call("DeleteBucket", json!({})).code, "BucketNotEmpty");
    bench.call("DeleteObject", json!({"Key": "a"}));
    assert_eq!(bench.call("DeleteBucket", json!({})).status, 204);
    for operation in
        ["HeadBucket", "ListObjectsV2", "DeleteBucket", "GetBucketLocation", "ListMultipartUploads"]
    {
        assert_eq!(bench.call(operation, json!({})).code, "NoSuchBucket", "{operation}");
    }
    assert_eq!((bench.put("a", "x").code.as_str(), bench.contents()), ("NoSuchBucket", 0));
    assert_eq!(bench.call("ListBuckets", json!({})).texts("Name"), Vec::<String>::new());

    let make = |region: &str| {
        let body = format!(
            "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
        );
        bench.send("CreateBucket", json!({}), &[], Body::Memory(body.into()))
    };
    assert_eq!(make("eu-central-1").deed, Some(Deed::new("created s3://site")));
    assert_eq!(make("eu-central-1").code, "BucketAlreadyOwnedByYou");
    assert_eq!(bench.call("CreateBucket", json!({})).status, 200, "in us-east-1 once more is no error");
    assert_eq!(bench.call("GetBucketLocation", json!({})).texts("LocationConstraint"), Vec::<String>::new());
    assert_eq!(bench.put("a", "x").status, 200);
}

#[test]
fn a_folder_stands_in_for_a_bucket_and_is_only_read() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("stand-in");
    std::fs::create_dir_all(folder.join("data/deep")).unwrap();
    std::fs::write(folder.join("data/deep/model.bin"), "model").unwrap();
    std::fs::write(folder.join("top"), "top").unwrap();
    std::fs::write(dir.path().join("secret"), "secret").unwrap();
    std::os::unix::fs::symlink("../secret", folder.join("out")).unwrap();
    std::os::unix::fs::symlink("top", folder.join("within")).unwrap();
    std::os::unix::fs::symlink("..", folder.join("up")).unwrap();
    let bench = Bench::with(&[("site", &folder)]);

    assert_eq!(bench.keys(), ["data/deep/model.bin", "top", "within"]);
    assert_eq!(bench.get("data/deep/model.bin").text(), "model");
    for key in ["out", "up/secret", "../secret", "data", "data/", "/top", "data//deep/model.bin"] {
        assert_eq!(bench.get(key).code, "NoSuchKey", "{key}");
    }
    let etag = bench.get("top").header("etag").to_owned();
    assert!(bench.call("ListObjectsV2", json!({})).texts("ETag").contains(&etag));
    assert_eq!(bench.call("ListBuckets", json!({})).texts("Name"), ["site"]);

    // Written over, deleted, copied, tagged: the folder stays as it is.
    bench.put("top", "new");
    assert_eq!(bench.get("top").text(), "new");
    bench.call("DeleteObject", json!({"Key": "top"}));
    assert_eq!(bench.get("top").code, "NoSuchKey");
    let from = [("x-amz-copy-source", "site/data/deep/model.bin")];
    let copy = bench.send("CopyObject", json!({"Key": "copy"}), &from, Body::Memory(Vec::new()));
    assert_eq!(copy.texts("ETag"), ["\"20f35e630daf44dbfa4c3f68f5399d8c\""], "the MD5 of its content");
    let tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    bench.send("PutObjectTagging", json!({"Key": "within"}), &[], Body::Memory(tags.into()));
    assert_eq!(bench.call("GetObjectTagging", json!({"Key": "within"})).texts("Value"), ["b"]);
    assert_eq!(bench.get("within").text(), "top");
    assert_eq!(bench.keys(), ["copy", "data/deep/model.bin", "within"]);
    assert_eq!(std::fs::read_to_string(folder.join("top")).unwrap(), "top");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 5);
    bench.put("top", "again");
    assert_eq!(bench.get("top").text(), "again");
}

#[test]
fn people_can_look_at_what_would_be_in_the_bucket() {
    let bench = Bench::new();
    let seen = |path: &str| std::fs::read_to_string(bench.folder("site").join("files").join(path)).ok();
    bench.put("a/b.txt", "1");
    bench.put("a", "in the way");
    bench.put("../../x", "out");
    bench.put("a/b.txt", "2");
    assert_eq!(seen("a/b.txt").as_deref(), Some("2"));
    assert_eq!(bench.get("a").text(), "in the way");
    bench.call("DeleteObject", json!({"Key": "a/b.txt"}));
    assert_eq!(seen("a/b.txt"), None);
    assert!(!bench.folder("site").join("files/a").exists(), "no empty folders stay");
    assert!(!bench.folder("x").exists());
}

#[test]
fn calls_may_come_at_once() {
    let bench = Bench::new();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let bench = &bench;
            scope.spawn(move || {
                for round in 0..25 {
                    let own = format!("own/{thread}/{round}");
                    bench.put(&own, own.as_str());
                    bench.put("shared", vec![b'0' + thread; 100]);
                    let got = bench.get("shared");
                    assert_eq!(got.status, 200, "{got:?}");
                    assert!(got.body.len() == 100 && got.body.iter().all(|byte| *byte == got.body[0]));
                    assert!(bench.keys().contains(&own));
                }
            });
        }
        let lock = scope.spawn(|| {
            let tries = (0..20).map(|_| {
                bench.send(
                    "PutObject",
                    json!({"Key": "once"}),
                    &[("if-none-match", "*")],
                    Body::Memory(b"x".into()),
                )
            });
            tries.filter(|reply| reply.status == 200).count()
        });
        let tries = (0..20).map(|_| {
            bench.send(
                "PutObject",
                json!({"Key": "once"}),
                &[("if-none-match", "*")],
                Body::Memory(b"y".into()),
            )
        });
        let here = tries.filter(|reply| reply.status == 200).count();
        assert_eq!(here + lock.join().unwrap(), 1, "one alone is the first");
    });
    assert_eq!((bench.keys().len(), bench.contents()), (102, 102));
}

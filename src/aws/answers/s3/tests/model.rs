//! A bucket against a map: whatever is put, copied and deleted under whatever keys, both hold the same.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::Bench;
use crate::aws::call::Body;
use crate::testing::cases;

/// What is done to a bucket.
#[derive(Debug, Clone)]
enum Step {
    Put(String, Vec<u8>),
    Copy(String, String),
    Delete(String),
    DeleteBoth(String, String),
}

/// Keys that collide, as far as keys can: many of each other's prefixes, and many that no file may have.
fn a_key() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a",
        "A",
        "b",
        "/",
        "//",
        ".",
        "..",
        "/../",
        " ",
        "+",
        "%2f",
        "%",
        "&",
        "<",
        "é",
        "É",
        "\u{1}",
        "\\",
        ".json",
        ".gone",
        "\u{1f600}",
        "~",
        "*",
    ]);
    let long = select(vec![200_usize, 256, 1000]).prop_map(|length| "x/y".repeat(400)[..length].to_owned());
    prop_oneof![
        8 => prop::collection::vec(piece, 1..4).prop_map(|pieces| pieces.concat()),
        1 => long,
    ]
}

fn a_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (a_key(), prop::collection::vec(any::<u8>(), 0..20)).prop_map(|(key, body)| Step::Put(key, body)),
        1 => (a_key(), a_key()).prop_map(|(from, to)| Step::Copy(from, to)),
        1 => a_key().prop_map(Step::Delete),
        1 => (a_key(), a_key()).prop_map(|(one, other)| Step::DeleteBoth(one, other)),
    ]
}

/// All keys, page by page, as a client that decodes them sees them.
fn listed(bench: &Bench, members: &serde_json::Value) -> Vec<String> {
    let mut members = members.clone();
    members["EncodingType"] = "url".into();
    let mut keys = Vec::new();
    loop {
        let page = bench.call("ListObjectsV2", members.clone());
        let decode = |text: &String| super::super::key::decoded(&text.replace('+', " ")).unwrap();
        keys.extend(page.texts("Key").iter().map(|key| String::from_utf8(decode(key)).unwrap()));
        match page.texts("NextContinuationToken").first() {
            Some(token) => members["ContinuationToken"] = token.as_str().into(),
            None => return keys,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(40)))]

    #[test]
    fn a_bucket_is_a_map(
        below in prop::collection::btree_map("[ab]{1,2}(/[ab]){0,2}", prop::collection::vec(any::<u8>(), 0..5), 0..4),
        steps in prop::collection::vec(a_step(), 1..30),
        prefix in a_key(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut model: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (key, bytes) in below {
            let path = dir.path().join(&key);
            let made = std::fs::create_dir_all(path.parent().unwrap()).and_then(|()| std::fs::write(path, &bytes));
            if made.is_ok() {
                model.insert(key, bytes);
            }
        }
        let bench = Bench::with(&[("site", dir.path())]);
        for step in &steps {
            match step {
                Step::Put(key, body) => {
                    prop_assert_eq!(bench.put(key, body.clone()).status, 200);
                    model.insert(key.clone(), body.clone());
                }
                Step::Copy(from, to) => {
                    let source = format!("site/{}", super::url_encoded(from).replace('+', "%20"));
                    let headers = [("x-amz-copy-source", source.as_str()), ("x-amz-metadata-directive", "REPLACE")];
                    let reply = bench.send("CopyObject", json!({"Key": to}), &headers, Body::Memory(Vec::new()));
                    let body = model.get(from).cloned();
                    prop_assert_eq!(reply.status, if body.is_some() { 200 } else { 404 });
                    model.extend(body.map(|body| (to.clone(), body)));
                }
                Step::Delete(key) => {
                    prop_assert_eq!(bench.call("DeleteObject", json!({"Key": key})).status, 204);
                    model.remove(key);
                }
                Step::DeleteBoth(one, other) => {
                    let element = |key: &str| {
                        let key = key.replace('&', "&amp;").replace('<', "&lt;").replace('\u{1}', "&#1;");
                        format!("<Object><Key>{key}</Key></Object>")
                    };
                    let body = format!("<Delete>{}{}</Delete>", element(one), element(other));
                    let reply = bench.send("DeleteObjects", json!({}), &[], Body::Memory(body.into()));
                    prop_assert_eq!(reply.status, 200);
                    model.remove(one);
                    model.remove(other);
                }
            }
        }
        let keys: Vec<String> = model.keys().cloned().collect();
        prop_assert_eq!(&listed(&bench, &json!({})), &keys);
        prop_assert_eq!(&listed(&bench, &json!({"MaxKeys": 2})), &keys);
        let some: Vec<String> = keys.iter().filter(|key| key.starts_with(&prefix)).cloned().collect();
        prop_assert_eq!(&listed(&bench, &json!({"Prefix": prefix, "MaxKeys": 3})), &some);
        for (key, body) in &model {
            prop_assert_eq!(&bench.get(key).body, body);
        }
        // Each object that is not the folder's has one content, and nothing else is left.
        let ours = model.keys().filter(|key| bench.get(key).header("etag").len() == 34).count();
        prop_assert_eq!(bench.contents(), ours);
    }
}

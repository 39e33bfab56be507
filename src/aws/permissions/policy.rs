//! The least policy: what covers needs, and nothing more that can be avoided.
//!
//! Owns: the document, the same for the same needs. Objects of one bucket are joined by the folder that they have in
//! common, since their names change with every build.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::need::Needs;
use super::resource::Resource;

/// The policy as IAM reads it.
pub fn policy(needs: &Needs) -> Value {
    let mut by_action: BTreeMap<&str, BTreeSet<&Resource>> = BTreeMap::new();
    for need in needs.needs.keys() {
        by_action.entry(&need.action).or_default().insert(&need.resource);
    }
    // Actions of one service on the same resources stand together.
    let mut statements: BTreeMap<(&str, Vec<String>), Vec<&str>> = BTreeMap::new();
    for (action, resources) in by_action {
        let service = action.split_once(':').map_or(action, |(service, _)| service);
        statements.entry((service, joined(&resources))).or_default().push(action);
    }
    let statements: Vec<_> = statements
        .into_iter()
        .map(|((_, resources), actions)| json!({"Effect": "Allow", "Action": actions, "Resource": resources}))
        .collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// The resources of one action.
fn joined(resources: &BTreeSet<&Resource>) -> Vec<String> {
    if resources.iter().any(|resource| resource.written() == "*") {
        return vec!["*".to_owned()];
    }
    let mut objects: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut written = BTreeSet::new();
    for arn in resources.iter().map(|resource| resource.written()) {
        match arn.split_once(":s3:::").and_then(|(start, rest)| Some((start, rest.split_once('/')?))) {
            Some((start, (bucket, key))) => {
                objects.entry(&arn[..start.len() + ":s3:::".len() + bucket.len()]).or_default().push(key);
            }
            None => {
                written.insert(arn.to_owned());
            }
        }
    }
    for (bucket, keys) in objects {
        match keys.as_slice() {
            [only] => written.insert(format!("{bucket}/{only}")),
            several => written.insert(format!("{bucket}/{}*", folder(several))),
        };
    }
    written.into_iter().collect()
}

/// The folder that keys have in common, with its slash.
fn folder<'a>(keys: &[&'a str]) -> &'a str {
    let Some(first) = keys.first() else { return "" };
    let ends = first.match_indices('/').map(|(at, _)| at + 1).rev();
    let mut folders = ends.filter_map(|end| first.get(..end));
    folders.find(|folder| keys.iter().all(|key| key.starts_with(folder))).unwrap_or("")
}

//! Buckets as such: make, take away, list, ask for.
//!
//! Owns: those operations, and the few settings that are the same for every bucket here. Leaves unanswered what sets a
//! bucket up: policies, websites, life cycles.

use std::collections::BTreeMap;
use std::fs;

use super::conditions::document_date;
use super::errors::{Fallible, bucket_already_owned, bucket_not_empty, no_such_bucket};
use super::list::owner;
use super::request;
use super::store::{self, Bucket, State};
use super::xml::{self, Document};
use crate::aws::call::{Answer, Body, Call, Payload};
use crate::aws::world::World;
use crate::clock::Timestamp;

/// The region in which buckets have no location.
const FIRST_REGION: &str = "us-east-1";

/// CreateBucket. One that was only written to before, because the account may well have it, can still be made.
pub(super) fn create(call: &Call, world: &World) -> Fallible<Answer> {
    let name = request::bucket(call)?;
    let bucket = Bucket::any(world, name)?;
    let is_empty = matches!(&call.body, Body::Memory(bytes) if bytes.is_empty());
    let wanted = if is_empty { None } else { Some(xml::read(&call.body, "CreateBucketConfiguration")?) };
    let region = wanted.as_ref().and_then(|wanted| wanted.get("LocationConstraint")).unwrap_or(FIRST_REGION);
    let change = bucket.change()?;
    let before = change.state()?;
    let is_made = match &before {
        Some(state) => !state.deleted && state.region.is_some(),
        None => bucket.stands_in(),
    };
    // In the first region, making one's own bucket again succeeds.
    if is_made && region != FIRST_REGION {
        return Err(bucket_already_owned());
    }
    let since = before.filter(|state| !state.deleted).map_or_else(|| world.clock.now(), |state| state.since);
    change.set_state(&State { since, region: Some(region.to_owned()), deleted: false })?;
    let headers = vec![("location".to_owned(), format!("/{name}"))];
    Ok(Answer::Raw { status: 200, headers, body: Payload::Memory(Vec::new()) })
}

/// DeleteBucket.
pub(super) fn delete(call: &Call, world: &World) -> Fallible<Answer> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let change = bucket.change()?;
    let state = change.state()?;
    if state.as_ref().is_some_and(|state| state.deleted) {
        return Err(no_such_bucket());
    }
    if !change.is_empty()? {
        return Err(bucket_not_empty());
    }
    let since = state.map_or_else(|| world.clock.now(), |state| state.since);
    change.set_state(&State { since, region: None, deleted: true })?;
    Ok(Answer::Raw { status: 204, headers: Vec::new(), body: Payload::Memory(Vec::new()) })
}

/// HeadBucket.
pub(super) fn head(call: &Call, world: &World) -> Fallible<Answer> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let headers = vec![("x-amz-bucket-region".to_owned(), region(&bucket)?)];
    Ok(Answer::Raw { status: 200, headers, body: Payload::Memory(Vec::new()) })
}

/// GetBucketLocation.
pub(super) fn location(call: &Call, world: &World) -> Fallible<Answer> {
    let bucket = Bucket::open(world, request::bucket(call)?)?;
    let region = region(&bucket)?;
    let told = if region == FIRST_REGION { "" } else { &region };
    Ok(Document::of("LocationConstraint", |location| location.raw(told)).answer())
}

/// GetBucketVersioning: no bucket has it here.
pub(super) fn versioning(call: &Call, world: &World) -> Fallible<Answer> {
    Bucket::open(world, request::bucket(call)?)?;
    Ok(Document::of("VersioningConfiguration", |_| {}).answer())
}

/// ListBuckets: those that were made or written to in this execution, and those that folders stand in for.
pub(super) fn list(call: &Call, world: &World) -> Fallible<Answer> {
    let prefix = call.text("Prefix").unwrap_or_default();
    let mut buckets: BTreeMap<String, Timestamp> = BTreeMap::new();
    let stand_ins = world.answers.keys().filter_map(|name| name.strip_prefix("s3://"));
    let written = fs::read_dir(store::folder(world)).into_iter().flatten().flatten();
    let written = written.filter_map(|entry| entry.file_name().into_string().ok());
    for name in stand_ins.map(str::to_owned).chain(written).filter(|name| request::is_bucket(name)) {
        if !name.starts_with(prefix) {
            continue;
        }
        let bucket = Bucket::any(world, &name)?;
        match bucket.state()? {
            Some(state) if state.deleted => {}
            Some(state) => {
                buckets.insert(name, state.since);
            }
            None if bucket.stands_in() => {
                buckets.insert(name, world.clock.now());
            }
            None => {}
        }
    }
    Ok(Document::of("ListAllMyBucketsResult", |result| {
        owner(result, world);
        result.node("Buckets", |all| {
            for (name, since) in &buckets {
                all.node("Bucket", |bucket| {
                    bucket.leaf("Name", name);
                    bucket.leaf("CreationDate", document_date(*since));
                });
            }
        });
    })
    .answer())
}

fn region(bucket: &Bucket<'_>) -> Fallible<String> {
    let made = bucket.state()?.and_then(|state| state.region);
    Ok(made.unwrap_or_else(|| bucket.world.region.clone()))
}

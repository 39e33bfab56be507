//! The stacks that were last rehearsed: a file for each account and region, beside the record of executions.
//!
//! Owns: its form (version 1), reading and writing it whole under a lock. Values of parameters with `NoEcho` are never
//! written. Leaves to `change`: what happens to stacks.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::aws::call::ApiError;
use crate::aws::desk::Desk;
use crate::aws::stack_change::ResourceTraits;

/// All stacks of one account and region.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Stacks {
    version: u32,
    pub(super) stacks: BTreeMap<String, Stack>,
}

/// A stack. Moments are seconds of the Unix epoch.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Stack {
    pub(super) id: String,
    /// Which execution rehearsed it last.
    pub(super) execution: String,
    pub(super) status: String,
    /// The ARN of the role that CloudFormation has for it.
    #[serde(default)]
    pub(super) role: Option<String>,
    /// Whether a macro changes its template.
    #[serde(default)]
    pub(super) is_transformed: bool,
    pub(super) description: Option<String>,
    pub(super) created: i64,
    pub(super) updated: Option<i64>,
    /// The template's text.
    pub(super) template: String,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) capabilities: Vec<String>,
    pub(super) tags: Vec<Value>,
    pub(super) resources: Vec<Resource>,
    pub(super) outputs: Vec<Output>,
    pub(super) change_sets: BTreeMap<String, ChangeSet>,
    pub(super) events: Vec<Event>,
}

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Resource {
    pub(super) logical: String,
    pub(super) physical: String,
    pub(super) kind: String,
    /// `CREATE_COMPLETE` or `UPDATE_COMPLETE`.
    pub(super) status: String,
    pub(super) at: i64,
    /// The SHA-256 of what it was made from.
    pub(super) digest: String,
    /// What the template tells of it.
    #[serde(default)]
    pub(super) traits: ResourceTraits,
}

/// An output of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Output {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) description: Option<String>,
    pub(super) export: Option<String>,
}

/// A change of a stack that waits to be executed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ChangeSet {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) reason: Option<String>,
    pub(super) execution_status: String,
    pub(super) at: i64,
    /// As `DescribeChangeSet` lists them.
    pub(super) changes: Vec<Value>,
    /// The stack as it will be.
    pub(super) wanted: Box<Stack>,
}

/// Something that happened to a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) logical: String,
    pub(super) physical: String,
    pub(super) kind: String,
    pub(super) status: String,
    pub(super) at: i64,
}

/// A stack keeps that many events.
const MOST_EVENTS: usize = 200;

impl Stack {
    /// Notes what happened to a resource, or to the stack itself.
    pub(super) fn note(&mut self, logical: &str, physical: &str, kind: &str, status: &str, at: i64) {
        self.events.push(Event {
            logical: logical.to_owned(),
            physical: physical.to_owned(),
            kind: kind.to_owned(),
            status: status.to_owned(),
            at,
        });
        let more = self.events.len().saturating_sub(MOST_EVENTS);
        self.events.drain(..more);
    }
}

impl Stacks {
    /// Names of exports and their values.
    pub(super) fn exports(&self) -> BTreeMap<String, String> {
        let outputs = self.stacks.values().flat_map(|stack| &stack.outputs);
        outputs.filter_map(|output| Some((output.export.clone()?, output.value.clone()))).collect()
    }

    /// The stack of this name or id.
    pub(super) fn find(&self, name: &str) -> Option<(&str, &Stack)> {
        let mut stacks = self.stacks.iter();
        let found = stacks.find(|(own, stack)| *own == name || stack.id == name);
        found.map(|(own, stack)| (own.as_str(), stack))
    }
}

/// Which execution this is.
pub(super) fn execution(desk: &Desk) -> String {
    crate::aws::answers::made::digest(desk.world.folder.to_string_lossy().as_bytes())
}

/// Reads the stacks.
pub(super) fn read(desk: &Desk, region: &str) -> Result<Stacks, ApiError> {
    load(&path(desk, region)).map_err(|error| trouble(&error))
}

/// Changes the stacks: what `change` leaves is written, unless it fails.
pub(super) fn change<T>(
    desk: &Desk,
    region: &str,
    change: impl FnOnce(&mut Stacks) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    static CHANGING: Mutex<()> = Mutex::new(());
    let _here = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
    let path = path(desk, region);
    // Other processes wait for this file, which is never replaced.
    let _elsewhere = lock(&path).map_err(|error| trouble(&error))?;
    let mut stacks = load(&path).map_err(|error| trouble(&error))?;
    let out = change(&mut stacks)?;
    store(&path, &stacks).map_err(|error| trouble(&error))?;
    Ok(out)
}

fn path(desk: &Desk, region: &str) -> PathBuf {
    // The region comes from a signature that anybody may have written.
    let plain: String = region.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect();
    desk.world.shared.join("stacks").join(format!("{}-{plain}.json", desk.world.account))
}

fn lock(path: &std::path::Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let file = File::options().create(true).truncate(false).write(true).open(path.with_extension("lock"))?;
    file.lock()?;
    Ok(file)
}

fn load(path: &std::path::Path) -> std::io::Result<Stacks> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(std::io::Error::from),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Stacks::default()),
        Err(error) => Err(error),
    }
}

fn store(path: &std::path::Path, stacks: &Stacks) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    // A temporary file is readable by its owner alone, and keeps that under its final name.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let written = Stacks { version: 1, stacks: stacks.stacks.clone() };
    file.write_all(&serde_json::to_vec(&written)?)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

fn trouble(error: &std::io::Error) -> ApiError {
    ApiError::new("RehearsalStacks", format!("failed to keep the stacks that were rehearsed: {error}"))
}

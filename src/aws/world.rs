//! What answers are made from.
//!
//! Owns: the account and region, stand-ins, folders, and the things that were made in this execution. Leaves to
//! `answers`: what each service makes of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::clock::Clock;

/// Values by name, or why there is none (an unset variable of the user, a file that cannot be read).
pub type Values = BTreeMap<String, Result<String, String>>;

/// Everything answers are made from: one for each execution.
pub struct World {
    /// The account, twelve digits.
    pub account: String,
    /// The region builds run in.
    pub region: String,
    /// Stand-ins for Parameter Store.
    pub parameters: Values,
    /// Stand-ins for Secrets Manager: the whole text of each.
    pub secrets: Values,
    /// Whether marked dummies are given for names that have no stand-in (`--placeholder-secrets`).
    pub placeholders: bool,
    /// `aws` of rehearsal.yml: answer files by `service:Operation`, read when the execution began; or why one cannot be
    /// read. `s3://BUCKET` names a folder that stands in for the bucket, a key with spaces what commands of a tool print.
    pub answers: BTreeMap<String, Result<AnswerFile, String>>,
    /// A folder of this execution, which may not be there yet: `s3/BUCKET/…` and long bodies on their way.
    pub folder: PathBuf,
    /// A folder of the repository, which may not be there yet: what was last rehearsed (stacks).
    pub shared: PathBuf,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What was made so far.
    made: Mutex<Made>,
}

/// A dummy that says what it is.
pub fn placeholder(name: &str) -> String {
    format!("placeholder-for-{name}")
}

/// What the account says of one that was given; `title` names what it stands for: `the secret db`.
pub fn placeholder_read(title: &str) -> String {
    format!("read {title}, for which a placeholder stood in")
}

/// What `aws` of rehearsal.yml gives for an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerFile {
    /// The output, as JSON text.
    Output(String),
    /// The folder that stands in for a bucket.
    Folder(PathBuf),
}

/// Things that commands made in this execution, by kind (`lambda:function`) and name, each as the API would describe it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Made(BTreeMap<String, BTreeMap<String, Value>>);

impl Made {
    /// The thing of this kind and name.
    pub fn get(&self, kind: &str, name: &str) -> Option<&Value> {
        self.0.get(kind)?.get(name)
    }

    /// Makes a thing, or makes it anew.
    pub fn put(&mut self, kind: &str, name: &str, thing: Value) {
        self.0.entry(kind.to_owned()).or_default().insert(name.to_owned(), thing);
    }

    /// Takes a thing away.
    pub fn remove(&mut self, kind: &str, name: &str) -> Option<Value> {
        self.0.get_mut(kind)?.remove(name)
    }

    /// All of a kind, by name.
    pub fn all(&self, kind: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.0.get(kind).into_iter().flatten().map(|(name, thing)| (name.as_str(), thing))
    }
}

impl World {
    /// A world in which nothing was made yet and no stand-ins are given.
    pub fn new(account: &str, region: &str, folder: PathBuf, shared: PathBuf, clock: Arc<dyn Clock>) -> Self {
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
            parameters: Values::new(),
            secrets: Values::new(),
            placeholders: false,
            answers: BTreeMap::new(),
            folder,
            shared,
            clock,
            made: Mutex::default(),
        }
    }

    /// What was made so far. Hold it shortly: every call may want it.
    pub fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ARN of a resource of this account in `region`.
    pub fn arn(&self, service: &str, region: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{region}:{}:{resource}", self.account)
    }
}

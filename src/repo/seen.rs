//! Which commits the branches and tags were last seen at.
//!
//! Owns: snapshots of refs, their differences, and the memory of them in the store, across restarts. Only branches and
//! tags of the repository itself count: neither `HEAD` nor the branches of remotes.
//!
//! A difference of snapshots cannot take `git pack-refs` or `git gc` for a deletion, as a look at files would.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::revision::{CommitId, RefKind};
use super::Repository;
use crate::clock::Timestamp;
use crate::store::{self, AppendError, NewEvent, Store};

/// The stream of the memory. It belongs to no execution, so retention leaves it alone.
const STREAM: &str = "watch";

/// The kind of its events: each holds the refs that were seen to differ, the first one all there were.
const KIND: &str = "refs-seen/1";

/// Branches and tags by their full names, with the commits they lead to.
pub type Snapshot = BTreeMap<String, CommitId>;

/// The branches and tags as they are now.
pub fn snapshot(repository: &dyn Repository) -> Result<Snapshot, Error> {
    let refs = repository.refs()?.into_iter();
    let ours = refs.filter(|reference| matches!(reference.kind, RefKind::Branch | RefKind::Tag));
    Ok(ours.map(|reference| (reference.name, reference.commit)).collect())
}

/// A ref that is not where it was seen last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Its full name.
    pub name: String,
    /// Where it was; none when it is new.
    pub from: Option<CommitId>,
    /// Where it is; none when it was deleted.
    pub to: Option<CommitId>,
}

/// What was seen.
#[derive(Debug)]
pub struct Seen {
    store: Store,
    seq: u64,
    /// None until something was remembered.
    refs: Option<Snapshot>,
}

/// Why the memory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SeenError {
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// An event is in a form that this version cannot read.
    #[error("cannot read event {seq} of {STREAM}: {why}")]
    Unreadable {
        /// The event's sequence number.
        seq: u64,
        /// What is wrong with it.
        why: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct Body {
    /// Where each ref is; none: it was deleted.
    refs: BTreeMap<String, Option<CommitId>>,
}

impl Seen {
    /// What was remembered in `store`.
    pub fn open(store: &Store) -> Result<Self, SeenError> {
        let mut seen = Self { store: store.clone(), seq: 0, refs: None };
        seen.refresh()?;
        Ok(seen)
    }

    /// Whether nothing was ever remembered.
    pub fn is_first(&self) -> bool {
        self.refs.is_none()
    }

    /// What is not as it was seen, in the order of names.
    pub fn moved(&self, now: &Snapshot) -> Vec<Moved> {
        let nothing = Snapshot::new();
        difference(self.refs.as_ref().unwrap_or(&nothing), now)
    }

    /// Remembers that these refs were seen. With none, that there are none is remembered.
    pub fn remember(&mut self, at: Timestamp, moved: &[Moved]) -> Result<(), SeenError> {
        let refs = moved.iter().map(|moved| (moved.name.clone(), moved.to.clone())).collect();
        let body = serde_json::to_string(&Body { refs })
            .map_err(|why| SeenError::Unreadable { seq: self.seq + 1, why: why.to_string() })?;
        let event = NewEvent { execution: None, at, kind: KIND.to_owned(), body };
        loop {
            match self.store.append(STREAM, self.seq, std::slice::from_ref(&event)) {
                Ok(_) => return self.refresh(),
                Err(AppendError::Conflict { .. }) => self.refresh()?,
                Err(AppendError::Store(error)) => return Err(error.into()),
            }
        }
    }

    fn refresh(&mut self) -> Result<(), SeenError> {
        for event in self.store.events(STREAM, self.seq)? {
            let unreadable = |why: String| SeenError::Unreadable { seq: event.seq, why };
            if event.kind != KIND {
                return Err(unreadable(format!("kind `{}` is of a newer version", event.kind)));
            }
            let body: Body = serde_json::from_str(&event.body).map_err(|why| unreadable(why.to_string()))?;
            let refs = self.refs.get_or_insert_default();
            for (name, commit) in body.refs {
                match commit {
                    Some(commit) => refs.insert(name, commit),
                    None => refs.remove(&name),
                };
            }
            self.seq = event.seq;
        }
        Ok(())
    }
}

fn difference(before: &Snapshot, now: &Snapshot) -> Vec<Moved> {
    let moved = now.iter().filter(|(name, commit)| before.get(*name) != Some(commit)).map(|(name, commit)| Moved {
        name: name.clone(),
        from: before.get(name).cloned(),
        to: Some(commit.clone()),
    });
    let gone = before.iter().filter(|(name, _)| !now.contains_key(*name)).map(|(name, commit)| Moved {
        name: name.clone(),
        from: Some(commit.clone()),
        to: None,
    });
    let mut all: Vec<_> = moved.chain(gone).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

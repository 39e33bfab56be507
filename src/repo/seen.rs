//! Which commits the branches and tags were last seen at.
//!
//! Owns: snapshots of refs, their differences, and the memory of them in the store, across restarts. Only branches and
//! tags of the repository itself count: neither `HEAD` nor the branches of remotes.
//!
//! A difference of snapshots cannot take `git pack-refs` or `git gc` for a deletion, as a look at files would.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Repository;
use super::error::Error;
use super::revision::{CommitId, RefKind};
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
        let refs: BTreeMap<_, _> = moved.iter().map(|moved| (moved.name.clone(), moved.to.clone())).collect();
        // Also when it cannot be written down: who looks again would take it for new, again and again.
        self.apply(refs.clone());
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
            self.apply(body.refs);
            self.seq = event.seq;
        }
        Ok(())
    }

    fn apply(&mut self, moved: BTreeMap<String, Option<CommitId>>) {
        let refs = self.refs.get_or_insert_default();
        for (name, commit) in moved {
            match commit {
                Some(commit) => refs.insert(name, commit),
                None => refs.remove(&name),
            };
        }
    }
}

fn difference(before: &Snapshot, now: &Snapshot) -> Vec<Moved> {
    let moved =
        now.iter().filter(|(name, commit)| before.get(*name) != Some(commit)).map(|(name, commit)| Moved {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::fixture::Grown;
    use crate::store::Paths;

    /// A repository with what is remembered of it.
    struct Watched {
        grown: Grown,
        folder: tempfile::TempDir,
    }

    impl Watched {
        fn new() -> Self {
            let watched = Self { grown: Grown::from("history"), folder: tempfile::tempdir().unwrap() };
            watched.look();
            watched
        }

        /// What moved since the last look, as `name from to`; each look remembers, in a store opened anew.
        fn look(&self) -> Vec<String> {
            let store = Store::open(&Paths::under(self.folder.path()).unwrap()).unwrap();
            let mut seen = Seen::open(&store).unwrap();
            let moved = seen.moved(&snapshot(&self.grown.open()).unwrap());
            seen.remember(Timestamp::UNIX_EPOCH, &moved).unwrap();
            let word = |commit: &Option<CommitId>| commit.as_ref().map_or("nothing", |_| "commit").to_owned();
            let line = |moved: &Moved| format!("{}: {} {}", moved.name, word(&moved.from), word(&moved.to));
            moved.iter().map(line).collect()
        }

        fn git(&self, line: &str) {
            self.grown.git(&line.split(' ').collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_moved_is_told_once_and_across_restarts() {
        let watched = Watched::new();
        assert_eq!(watched.look(), Vec::<String>::new());
        watched.git("tag new-tag main");
        watched.git("branch topic/a/b main~1");
        assert_eq!(
            watched.look(),
            ["refs/heads/topic/a/b: nothing commit", "refs/tags/new-tag: nothing commit"]
        );
        watched.git("branch --force topic/a/b main");
        assert_eq!(watched.look(), ["refs/heads/topic/a/b: commit commit"]);
        watched.git("branch -D topic/a/b");
        assert_eq!(watched.look(), ["refs/heads/topic/a/b: commit nothing"]);
        assert_eq!(watched.look(), Vec::<String>::new());
    }

    #[test]
    fn packing_and_remotes_and_head_move_nothing() {
        let watched = Watched::new();
        for line in [
            "pack-refs --all --prune",
            "gc --quiet",
            "checkout --quiet --detach main~1",
            "update-ref refs/remotes/origin/other main",
            "update-ref refs/notes/x main",
        ] {
            watched.git(line);
            assert_eq!(watched.look(), Vec::<String>::new(), "{line}");
        }
    }

    #[test]
    fn the_first_look_is_known_even_where_there_are_no_refs() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Paths::under(folder.path()).unwrap()).unwrap();
        let mut seen = Seen::open(&store).unwrap();
        assert!(seen.is_first());
        seen.remember(Timestamp::UNIX_EPOCH, &[]).unwrap();
        assert!(!seen.is_first() && !Seen::open(&store).unwrap().is_first());
    }

    #[test]
    fn an_event_of_a_newer_version_is_not_guessed_at() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Paths::under(folder.path()).unwrap()).unwrap();
        let event = NewEvent {
            execution: None,
            at: Timestamp::UNIX_EPOCH,
            kind: "refs-seen/2".to_owned(),
            body: "{}".to_owned(),
        };
        store.append(STREAM, 0, &[event]).unwrap();
        insta::assert_snapshot!(
            Seen::open(&store).unwrap_err(),
            @"cannot read event 1 of watch: kind `refs-seen/2` is of a newer version"
        );
    }
}

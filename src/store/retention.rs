//! Removing old executions.
//!
//! Owns: which go (the oldest beyond a number or a size), and in what order their traces go: the records in one
//! transaction, then the files. A crash in between leaves files that no record names; the next time removes them.
//! Leaves to the caller: which must stay whatever their age.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::error::Error;
use super::ownership::Ownership;
use super::{Store, name, remove_tree};

/// How much history is kept (design 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// So many of the newest executions.
    pub executions: usize,
    /// So many bytes of events, logs and artifacts; the newest execution stays even when it has more.
    pub bytes: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Self { executions: 20, bytes: 2_000_000_000 }
    }
}

/// What went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retained {
    /// Executions that are no longer there, oldest first.
    pub removed: Vec<String>,
    /// Bytes of logs and artifacts that were freed.
    pub freed: u64,
}

impl Store {
    /// Removes what `policy` does not keep, except the executions in `keep` and those that somebody owns.
    ///
    /// All events of a removed execution go, in whatever stream they are, and nothing else: sequence numbers keep
    /// their place, and events without an execution stay. Each of these streams gives up one number more, so that
    /// whoever has read the events meets a conflict before appending another that builds on them.
    pub fn retain(&self, policy: &Policy, keep: &BTreeSet<String>) -> Result<Retained, Error> {
        let mut leaving = Vec::new();
        for execution in self.leaving(policy, keep)? {
            // Owning them means that nobody starts to use one now.
            leaving.extend(self.own(&execution)?);
        }
        let mut retained = Retained { removed: self.forget(&leaving)?, freed: 0 };
        for owned in &leaving {
            let logs = self.logs().join(owned.execution());
            retained.freed += size(&logs);
            remove_tree(&logs).map_err(Error::at("remove", &logs))?;
        }
        self.remove_bells()?;
        retained.freed += self.remove_unheld()? + self.remove_abandoned()?;
        Ok(retained)
    }

    /// The executions to remove, oldest first: those beyond the policy, and those of which only files are left.
    fn leaving(&self, policy: &Policy, keep: &BTreeSet<String>) -> Result<Vec<String>, Error> {
        let failed = self.failed("read");
        let connection = self.connection();
        let executions = executions(&connection).map_err(failed)?;
        let mut artifacts = artifacts(&connection).map_err(failed)?;
        drop(connection);

        let mut leaving: BTreeSet<String> = artifacts.keys().cloned().collect();
        leaving.extend(names(&self.logs())?);
        // Of those whose process died before their first event, there is only the lock.
        leaving.extend(self.0.owners.names()?);
        let mut orphans = leaving;
        let mut leaving = Vec::new();
        let (mut bytes, mut counted) = (0, HashSet::new());
        for (position, (execution, events)) in executions.iter().enumerate() {
            orphans.remove(execution);
            bytes += events + size(&self.logs().join(execution));
            for digest in artifacts.remove(execution).unwrap_or_default() {
                let path = self.artifacts().join(&digest);
                if counted.insert(digest) {
                    bytes += size(&path);
                }
            }
            let beyond = position >= policy.executions || (position > 0 && bytes > policy.bytes);
            if beyond && !keep.contains(execution) {
                leaving.push(execution.clone());
            }
        }
        leaving.extend(orphans.into_iter().filter(|orphan| !keep.contains(orphan)));
        leaving.reverse();
        leaving.retain(|execution| name::checked("an execution", execution).is_ok());
        Ok(leaving)
    }

    /// Removes all records of executions, and returns those that had events.
    fn forget(&self, leaving: &[Ownership]) -> Result<Vec<String>, Error> {
        if leaving.is_empty() {
            return Ok(Vec::new());
        }
        let failed = self.failed("remove events from");
        let mut connection = self.connection();
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let mut removed = Vec::new();
        for execution in leaving.iter().map(Ownership::execution) {
            transaction
                .execute(
                    "UPDATE streams SET last_seq = last_seq + 1
                     WHERE stream IN (SELECT stream FROM events WHERE execution = ?)",
                    [execution],
                )
                .map_err(failed)?;
            let events =
                transaction.execute("DELETE FROM events WHERE execution = ?", [execution]).map_err(failed)?;
            transaction.execute("DELETE FROM artifacts WHERE execution = ?", [execution]).map_err(failed)?;
            if events > 0 {
                removed.push(execution.to_owned());
            }
        }
        transaction.commit().map_err(failed)?;
        Ok(removed)
    }

    /// Removes the bells of streams that hold no events any more: builds alone have a stream each. Whoever still waits
    /// for one looks again, and the next append makes it anew.
    fn remove_bells(&self) -> Result<(), Error> {
        let streams = self.streams()?;
        let kept: HashSet<_> = streams.iter().map(|stream| self.bell_file(stream)).collect();
        let folder = self.path().join("bells");
        for name in names(&folder)? {
            let bell = folder.join(name);
            if !kept.contains(&bell) {
                remove_tree(&bell).map_err(Error::at("remove", &bell))?;
            }
        }
        Ok(())
    }

    /// Removes the artifacts that no execution holds.
    fn remove_unheld(&self) -> Result<u64, Error> {
        let failed = self.failed("read");
        let mut connection = self.connection();
        // Nobody can begin to hold one of them until this ends.
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let mut freed = 0;
        for digest in names(&self.artifacts())? {
            let held = transaction
                .query_row("SELECT 1 FROM artifacts WHERE digest = ?", [&digest], |_| Ok(()))
                .optional()
                .map_err(failed)?;
            if held.is_none() {
                let path = self.artifacts().join(&digest);
                freed += size(&path);
                remove_tree(&path).map_err(Error::at("remove", &path))?;
            }
        }
        transaction.commit().map_err(failed)?;
        Ok(freed)
    }
}

/// All executions with the bytes of their events, newest first.
fn executions(connection: &Connection) -> rusqlite::Result<Vec<(String, u64)>> {
    let mut query = connection.prepare_cached(
        "SELECT execution, sum(octet_length(body)) FROM events WHERE execution IS NOT NULL
         GROUP BY execution ORDER BY min(at) DESC, execution DESC",
    )?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
    rows.collect()
}

/// The artifacts that each execution holds.
fn artifacts(connection: &Connection) -> rusqlite::Result<BTreeMap<String, Vec<String>>> {
    let mut query = connection.prepare_cached("SELECT execution, digest FROM artifacts")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut held: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows {
        let (execution, digest) = row?;
        held.entry(execution).or_default().push(digest);
    }
    Ok(held)
}

/// The names in `folder` that are ours.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = std::fs::read_dir(folder).map_err(Error::at("list", folder))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.filter(|entry| name::checked("an execution", entry).is_ok()).collect())
}

/// The bytes of a file, or of the files in a folder.
fn size(path: &Path) -> u64 {
    let Ok(metadata) = path.symlink_metadata() else { return 0 };
    if !metadata.is_dir() {
        return metadata.len();
    }
    let Ok(entries) = path.read_dir() else { return 0 };
    entries.flatten().filter_map(|entry| Some(entry.metadata().ok()?.len())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Stream;
    use crate::clock::Timestamp;
    use crate::store::{Digest, NewEvent, Paths, StoredEvent};

    struct History {
        dir: tempfile::TempDir,
        store: Store,
    }

    impl History {
        /// Executions `e1`, `e2`, … of the stream `s`, each with a log of 1000 bytes, an artifact of 1000 bytes of
        /// its own, and one of 500 that all share.
        fn of(executions: u32) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let store = Store::open(&Paths::under(dir.path()).unwrap()).unwrap();
            let history = Self { dir, store };
            for number in 1..=executions {
                history.run(number);
            }
            history
        }

        fn run(&self, number: u32) {
            let execution = format!("e{number}");
            let event = |execution: Option<String>, kind: &str| NewEvent {
                execution,
                at: Timestamp::from_second(number.into()).unwrap(),
                kind: kind.to_owned(),
                body: String::new(),
            };
            let events = [event(Some(execution.clone()), "Started"), event(None, "Noted")];
            self.store.append("s", self.store.last_seq("s").unwrap(), &events).unwrap();
            let mut log = self.store.log_writer(&execution, "action").unwrap();
            log.write(Timestamp::UNIX_EPOCH, Stream::Stdout, &[b'x'; 1_000 - 17]).unwrap();
            for (name, content) in [("own", number.to_string().repeat(1_000)), ("shared", "s".repeat(500))] {
                let file = self.dir.path().join(name);
                std::fs::write(&file, &content[..content.len().min(1_000)]).unwrap();
                self.store.keep_artifact(&execution, &file).unwrap();
            }
        }

        fn retain(&self, policy: Policy, keep: &[&str]) -> Retained {
            self.store.retain(&policy, &keep.iter().map(ToString::to_string).collect()).unwrap()
        }

        /// The executions that have events, after checking that they alone have files, and have all.
        fn remaining(&self) -> Vec<String> {
            let events = self.store.events("s", 0).unwrap();
            let executions: Vec<String> = events.into_iter().filter_map(|event| event.execution).collect();
            let mut logs = names(&self.store.logs()).unwrap();
            logs.sort();
            let mut sorted = executions.clone();
            sorted.sort();
            assert_eq!(logs, sorted);
            let shared = usize::from(!executions.is_empty());
            assert_eq!(names(&self.store.artifacts()).unwrap().len(), executions.len() + shared);
            executions
        }
    }

    const ALL: Policy = Policy { executions: 20, bytes: u64::MAX };

    #[test]
    fn the_newest_stay_and_those_to_be_kept() {
        let history = History::of(6);
        assert_eq!(history.retain(ALL, &[]), Retained::default());
        let retained = history.retain(Policy { executions: 2, ..ALL }, &["e2", "absent"]);
        assert_eq!(
            retained,
            Retained { removed: ["e1", "e3", "e4"].map(String::from).into(), freed: 3 * 2_000 }
        );
        assert_eq!(history.remaining(), ["e2", "e5", "e6"]);
    }

    #[test]
    fn the_oldest_go_when_there_is_too_much_and_the_newest_stays_even_so() {
        // Newest first: 2500, then 2000 each.
        for (bytes, left) in [(6_500, 3), (6_499, 2), (2_500, 1), (0, 1)] {
            let history = History::of(4);
            history.retain(Policy { bytes, ..ALL }, &[]);
            assert_eq!(history.remaining().len(), left, "{bytes}");
        }
    }

    #[test]
    fn numbers_keep_their_place() {
        let history = History::of(3);
        history.retain(Policy { executions: 0, ..ALL }, &[]);
        assert_eq!(history.remaining(), Vec::<String>::new());
        let left: Vec<(u64, String)> = history
            .store
            .events("s", 0)
            .unwrap()
            .into_iter()
            .map(|StoredEvent { seq, kind, .. }| (seq, kind))
            .collect();
        assert_eq!(left, [2, 4, 6].map(|seq| (seq, "Noted".to_owned())));
        // One number for each execution that left, none of which is given again.
        assert_eq!(history.store.last_seq("s").unwrap(), 9);
        history.run(4);
        assert_eq!(history.store.last_seq("s").unwrap(), 11);
    }

    #[test]
    fn bells_go_with_the_last_event_of_their_stream() {
        let history = History::of(2);
        let store = &history.store;
        let event = NewEvent {
            execution: Some("alone".to_owned()),
            at: Timestamp::UNIX_EPOCH,
            kind: "Started".to_owned(),
            body: String::new(),
        };
        store.append("build/project/alone", 0, std::slice::from_ref(&event)).unwrap();
        let mut bell = store.bell("build/project/alone").unwrap();
        history.retain(Policy { executions: 2, ..ALL }, &[]);
        assert!(store.bell_file("s").exists() && !store.bell_file("build/project/alone").exists());
        let seq = store.last_seq("build/project/alone").unwrap();
        store.append("build/project/alone", seq, &[event]).unwrap();
        assert!(bell.wait(std::time::Duration::ZERO).unwrap());
    }

    #[test]
    fn what_somebody_owns_stays() {
        let history = History::of(3);
        let owned = history.store.own("e1").unwrap();
        history.retain(Policy { executions: 1, ..ALL }, &[]);
        assert_eq!(history.remaining(), ["e1", "e3"]);
        drop(owned);
        history.retain(Policy { executions: 1, ..ALL }, &[]);
        assert_eq!(history.remaining(), ["e3"]);
    }

    #[test]
    fn what_a_crash_left_goes() {
        let history = History::of(2);
        let store = &history.store;
        // A retention that died after its records, before the files.
        store.connection().execute("DELETE FROM events WHERE execution = 'e1'", []).unwrap();
        // A writer that died while it took an artifact in, and one that is at it.
        let incoming = store.artifacts().join(".incoming");
        std::fs::write(incoming.join("dead"), "").unwrap();
        std::fs::write(incoming.join("dead.part"), "half").unwrap();
        let locks = crate::store::lock::Locks::at(incoming.clone()).unwrap();
        let _alive = locks.claim("alive").unwrap();
        std::fs::write(incoming.join("alive.part"), "half").unwrap();
        // Processes that owned an execution of which there is no event: one that died, and one that is about to start.
        std::fs::write(store.path().join("owners/never"), "").unwrap();
        let _starting = store.own("starting").unwrap().unwrap();
        // An artifact that was renamed but not recorded.
        std::fs::write(store.artifacts().join(Digest::of(b"x").as_str()), "x").unwrap();

        let retained = history.retain(ALL, &[]);
        assert_eq!(retained, Retained { removed: Vec::new(), freed: 2_000 + 4 + 1 });
        assert_eq!(history.remaining(), ["e2"]);
        assert_eq!(locks.names().unwrap(), ["alive", "alive.part"]);
        assert_eq!(store.0.owners.names().unwrap(), ["starting"]);
    }
}

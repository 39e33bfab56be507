//! What outlives a command: the event log, logs, artifacts; and what must not: workspaces.
//!
//! | file | owns |
//! | --- | --- |
//! | `place` | which folders are used |
//! | `database` | opening the SQLite file: journal, format, migrations |
//! | `event` | appending and reading events |
//! | `doorbell` | noticing that somebody appended |
//! | `ownership` | who performs an execution's effects |
//! | `log` | the output of actions |
//! | `artifact` | content-addressed files |
//! | `retention` | removing old executions |
//! | `archive` | ZIP files: packing and unpacking |
//! | `workspace` | folders that end with their process |
//! | `lock` | claims on names that end with their holder |
//! | `line` | places that only so many may hold at once, and the line for them |
//!
//! The layout below [`Paths::state`]: `events.sqlite3` (with `-wal` and `-shm`), `artifacts/`, `logs/`, `bells/`,
//! `owners/`, `lines/`. The database is the truth; files that no record names are left-overs of a crash, and retention
//! removes them. So whoever writes logs or keeps artifacts for an execution owns it meanwhile ([`Store::own`]).
//! Bodies of events are opaque here.

pub mod archive;
mod artifact;
mod database;
mod digest;
mod doorbell;
mod error;
mod event;
mod line;
mod lock;
mod log;
mod name;
mod ownership;
mod place;
mod retention;
mod workspace;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use digest::{Digest, NotADigest};
pub use doorbell::Bell;
pub use error::Error;
pub use event::{AppendError, Appended, Lookup, NewEvent, StoredEvent};
pub use line::{Line, Place, Turn};
pub use log::{LogChunk, LogLine, LogReader, LogWriter};
pub use ownership::Ownership;
pub use place::{Paths, Surroundings};
pub use retention::{Policy, Retained};
pub use workspace::{Workspace, remove_tree, sweep};

use lock::Locks;

/// The file in [`Paths::state`] that holds the events.
const DATABASE: &str = "events.sqlite3";

/// An open store. Clones share one connection; processes share the file.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: PathBuf,
    database: PathBuf,
    connection: Mutex<rusqlite::Connection>,
    owners: Locks,
}

impl Store {
    /// Opens the store in [`Paths::state`], and makes it when there is none.
    pub fn open(paths: &Paths) -> Result<Self, Error> {
        let state = paths.state().to_owned();
        let database = state.join(DATABASE);
        let connection = database::open(&database)?;
        for folder in ["artifacts", "logs", "bells"] {
            let folder = state.join(folder);
            std::fs::create_dir_all(&folder).map_err(Error::at("create", &folder))?;
        }
        let owners = Locks::at(state.join("owners"))?;
        Ok(Self(Arc::new(Inner { state, database, connection: Mutex::new(connection), owners })))
    }

    /// The folder that holds the store.
    pub fn path(&self) -> &Path {
        &self.0.state
    }

    fn connection(&self) -> MutexGuard<'_, rusqlite::Connection> {
        // A panic while the lock was held has rolled its transaction back.
        self.0.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An error of the database, for use with `map_err`.
    fn failed<'a>(&'a self, attempted: &'a str) -> impl FnOnce(rusqlite::Error) -> Error + Copy + 'a {
        Error::database(attempted, &self.0.database)
    }
}

#[cfg(test)]
mod tests;

//! Opening the database.
//!
//! Owns: the journal mode, the format's number, and the steps from one format to the next. A format newer than the
//! newest known is refused before anything is written.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::error::Error;

/// How long another process may hold the database before that is an error.
const PATIENCE: Duration = Duration::from_secs(10);

/// The step to format `n + 1` is the entry `n`. Entries are only ever added.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE streams (
        stream TEXT PRIMARY KEY,
        last_seq INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE events (
        stream TEXT NOT NULL,
        seq INTEGER NOT NULL,
        execution TEXT,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (stream, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX events_by_execution ON events (execution, at) WHERE execution IS NOT NULL;
    CREATE TABLE artifacts (
        execution TEXT NOT NULL,
        digest TEXT NOT NULL,
        PRIMARY KEY (execution, digest)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX artifacts_by_digest ON artifacts (digest);
"];

/// The newest format that this version reads and writes.
const KNOWN: i64 = MIGRATIONS.len().cast_signed() as i64;

/// Opens the database at `path`, makes it when there is none, and brings it to the newest format.
pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    let failed = Error::database("open", path);
    let mut connection = Connection::open(path).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    if format(&connection, path)? < KNOWN {
        // Changing the journal mode does not wait for others as transactions do, so first comers form a queue.
        let _queue = queue(path)?;
        use_write_ahead_log(&connection).map_err(failed)?;
        migrate(&mut connection, path)?;
    }
    // An acknowledged event survives a power cut, not only the death of the process.
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    Ok(connection)
}

fn format(connection: &Connection, path: &Path) -> Result<i64, Error> {
    let found = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(Error::database("open", path))?;
    if found > KNOWN {
        return Err(Error::Newer { path: path.to_owned(), found, known: KNOWN });
    }
    Ok(found)
}

fn queue(path: &Path) -> Result<File, Error> {
    let path = path.with_extension("opening");
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(Error::at("open", &path))?;
    file.lock().map_err(Error::at("lock", &path))?;
    Ok(file)
}

/// Readers and a writer at once need memory shared between processes. Where the file system has none, the ordinary
/// journal does: slower, and no less safe.
fn use_write_ahead_log(connection: &Connection) -> rusqlite::Result<()> {
    use rusqlite::ffi::{SQLITE_IOERR_SHMLOCK, SQLITE_IOERR_SHMMAP, SQLITE_IOERR_SHMOPEN};
    let set = |mode: &str| connection.query_row(&format!("PRAGMA journal_mode = {mode}"), [], |_| Ok(()));
    // The mode is written down at once, but shared memory is first used by the first read.
    let tried =
        set("WAL").and_then(|()| connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())));
    match tried.as_ref().err().and_then(rusqlite::Error::sqlite_error).map(|error| error.extended_code) {
        Some(SQLITE_IOERR_SHMLOCK | SQLITE_IOERR_SHMMAP | SQLITE_IOERR_SHMOPEN) => set("DELETE"),
        Some(_) | None => tried,
    }
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    let failed = Error::database("create or update", path);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    // Somebody else may have done it by now, or done more.
    let found = usize::try_from(format(&transaction, path)?).unwrap_or(0);
    for step in &MIGRATIONS[found..] {
        transaction.execute_batch(step).map_err(failed)?;
    }
    transaction.pragma_update(None, "user_version", KNOWN).map_err(failed)?;
    transaction.commit().map_err(failed)
}

#[cfg(test)]
mod tests {
    use rusqlite::OpenFlags;

    use super::*;

    #[test]
    fn without_shared_memory_the_ordinary_journal_does() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("events.sqlite3");
        // The way to open files that SQLite has for file systems without shared memory.
        let mut connection =
            Connection::open_with_flags_and_vfs(&path, OpenFlags::default(), c"unix-dotfile").unwrap();
        use_write_ahead_log(&connection).unwrap();
        migrate(&mut connection, &path).unwrap();
        let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
        assert_eq!((mode.as_str(), format(&connection, &path).unwrap()), ("delete", KNOWN));
    }
}

//! What can go wrong in the store, in sentences for people.
//!
//! Owns: the error type, and telling "no space left" apart from everything else, whoever reports it.
//! Leaves to `archive`: what is wrong with an archive somebody else wrote.

use std::io;
use std::path::{Path, PathBuf};

/// The store could not do its work. Exit code 4.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store was written by a later version. Nothing was changed.
    #[error(
        "{} was written by a newer version of Rehearsal (store format {found}, this one knows {known}): \
         use that version, or move the folder away to begin a new history",
        path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format this version knows.
        known: i64,
    },
    /// The disk, the quota or the file system's table of files is full. What was under way has not happened.
    #[error("no space left to {attempted} {}: free some space there, then try again", path.display())]
    Full {
        /// What was attempted, with its preposition: `write`, `record events in`.
        attempted: String,
        /// Where.
        path: PathBuf,
    },
    /// The database is damaged, is no database, or lies on a file system that cannot hold one.
    #[error("cannot {attempted} the store {}: {source}{}", path.display(), hint(source))]
    Unreadable {
        /// What was attempted: `open`, `read`, `record events in`.
        attempted: String,
        /// The database.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// Another process held the database for too long.
    #[error("another process keeps the store {} locked: wait for it to end, then try again", path.display())]
    Busy {
        /// The database.
        path: PathBuf,
    },
    /// A file or folder could not be used.
    #[error("cannot {attempted} {}: {source}", path.display())]
    Io {
        /// What was attempted, as a verb.
        attempted: String,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A name that would not stay inside its folder, or would not be one file.
    #[error("`{name}` cannot name {what}: letters, digits, `.`, `_` and `-` only, and no dot in front")]
    Name {
        /// What was to be named.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// No folder could be used.
    #[error("no folder for {what} can be used; {tried}")]
    NoPlace {
        /// What the folder is for.
        what: &'static str,
        /// What was tried, and why each did not do.
        tried: String,
    },
}

/// What SQLite's reason means where its own words do not say it.
fn hint(source: &rusqlite::Error) -> &'static str {
    use rusqlite::ffi;
    match source.sqlite_error().map(|error| error.extended_code) {
        Some(
            ffi::SQLITE_IOERR_SHMOPEN
            | ffi::SQLITE_IOERR_SHMMAP
            | ffi::SQLITE_IOERR_SHMLOCK
            | ffi::SQLITE_IOERR_LOCK
            | ffi::SQLITE_PROTOCOL,
        ) => {
            " (its file system does not let processes lock files or share memory: it has to be on a local disk)"
        }
        Some(code) if code & 0xff == ffi::SQLITE_CORRUPT || code & 0xff == ffi::SQLITE_NOTADB => {
            " (the file is damaged: move the folder away to begin a new history)"
        }
        Some(_) | None => "",
    }
}

impl Error {
    /// An error about `path`, for use with `map_err`.
    pub(super) fn at<'a>(attempted: &'a str, path: &'a Path) -> impl FnOnce(io::Error) -> Self + 'a {
        move |source| Self::io(attempted, path, source)
    }

    /// An error about `path`: [`Error::Full`] when that is what the system says.
    pub(super) fn io(attempted: &str, path: &Path, source: io::Error) -> Self {
        let (attempted, path) = (attempted.to_owned(), path.to_owned());
        if is_full(&source) {
            return Self::Full { attempted, path };
        }
        Self::Io { attempted, path, source }
    }

    /// An error of the database at `path`, for use with `map_err`.
    pub(super) fn database<'a>(
        attempted: &'a str,
        path: &'a Path,
    ) -> impl FnOnce(rusqlite::Error) -> Self + Copy + 'a {
        move |source| {
            use rusqlite::ErrorCode;
            let (attempted, path) = (attempted.to_owned(), path.to_owned());
            match source.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => Self::Full { attempted, path },
                // A write that failed for want of space has other codes too: a file that could not be made,
                // shared memory that could not grow, an exceeded quota.
                Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) if has_no_space(&path) => {
                    Self::Full { attempted, path }
                }
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
                _ => Self::Unreadable { attempted, path, source },
            }
        }
    }
}

/// Whether the system says that there is no room.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Whether the file system that holds `path` has no room for another page or another file.
fn has_no_space(path: &Path) -> bool {
    let place = path.parent().unwrap_or(path);
    rustix::fs::statvfs(place).is_ok_and(|space| {
        space.f_bavail.saturating_mul(space.f_frsize) < 64 * 1024
            || (space.f_files > 0 && space.f_favail == 0)
    })
}

impl From<Error> for crate::action::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Io { attempted, path, source } => {
                Self { attempted: format!("cannot {attempted} {}", path.display()), source }
            }
            Error::Full { ref attempted, ref path } => {
                let attempted = format!("cannot {attempted} {}", path.display());
                Self { attempted, source: io::Error::new(io::ErrorKind::StorageFull, error.to_string()) }
            }
            Error::Newer { .. }
            | Error::Unreadable { .. }
            | Error::Busy { .. }
            | Error::Name { .. }
            | Error::NoPlace { .. } => {
                Self { attempted: "the store cannot be used".to_owned(), source: io::Error::other(error) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_having_no_space_is_one_error() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            let error = Error::io("write", Path::new("/x"), kind.into());
            assert_eq!(error.to_string(), "no space left to write /x: free some space there, then try again");
        }
        let full =
            rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL), None);
        assert!(matches!(Error::database("write", Path::new("/x"))(full), Error::Full { .. }));
    }

    #[test]
    fn an_action_hears_the_same_reason() {
        let error = crate::action::Error::from(Error::io(
            "write",
            Path::new("/x"),
            io::ErrorKind::StorageFull.into(),
        ));
        assert_eq!(error.source.kind(), io::ErrorKind::StorageFull);
        assert!(error.to_string().starts_with("cannot write /x: no space left"));
    }
}

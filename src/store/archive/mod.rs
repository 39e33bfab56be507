//! Archives: the ZIP files that artifacts are (codepipeline.md 6).
//!
//! `pack` owns writing them, `unpack` reading them, also hostile ones, and `look` reading one file out of them. What holds for both:
//!
//! - Modes (the permission bits), symbolic links (as links) and empty folders survive; owners, times, hard links and
//!   extended attributes do not. Sockets, pipes and devices are left out.
//! - Names are the bytes that the file system has, not necessarily UTF-8, as Info-ZIP writes them on Unix.
//! - The same input gives the same bytes: entries are in the order of their names, and dated 1980-01-01.

mod look;
mod pack;
mod unpack;

use std::path::{Path, PathBuf};

pub use look::{Content, look, same};
pub use pack::{Packed, Selection, pack};
pub use unpack::{Limits, Unpacked, unpack};

/// Why an archive could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no ZIP file, is damaged, encrypted, or packed in a way that is not known.
    #[error("{} is not a usable ZIP archive: {source}", archive.display())]
    Damaged {
        /// The archive.
        archive: PathBuf,
        /// What is wrong with it.
        source: zip::result::ZipError,
    },
    /// An entry would have been written where it must not be. What came before it has been written.
    #[error("{} holds an entry `{entry}` that {why}", archive.display())]
    Refused {
        /// The archive.
        archive: PathBuf,
        /// The entry's name.
        entry: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// More came out of it than was allowed.
    #[error("{} unpacks to more than {limit} {unit}", archive.display())]
    TooLarge {
        /// The archive.
        archive: PathBuf,
        /// What was allowed.
        limit: u64,
        /// Of what: `bytes` or `entries`.
        unit: &'static str,
    },
    /// Two of the selected files would have one name in the archive.
    #[error("two files would be `{name}` in the archive: {} and {}", first.display(), second.display())]
    Clash {
        /// The name in the archive.
        name: String,
        /// The one file.
        first: PathBuf,
        /// The other file.
        second: PathBuf,
    },
    /// A name that cannot be in an archive: absolute, empty, too long or leading out of it.
    #[error("`{name}` cannot be the name of {} in an archive", source_path.display())]
    Name {
        /// The name.
        name: String,
        /// The file that was to have it.
        source_path: PathBuf,
    },
    /// A file could not be read or written.
    #[error(transparent)]
    System(#[from] super::Error),
}

impl Error {
    /// A file could not be used, for use with `map_err`.
    fn at<'a>(attempted: &'a str, path: &'a Path) -> impl FnOnce(std::io::Error) -> Self + 'a {
        move |source| Self::System(super::Error::io(attempted, path, source))
    }
}

impl From<Error> for crate::action::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::System(error) => error.into(),
            Error::Damaged { .. }
            | Error::Refused { .. }
            | Error::TooLarge { .. }
            | Error::Clash { .. }
            | Error::Name { .. } => {
                Self { attempted: "cannot use an archive".to_owned(), source: std::io::Error::other(error) }
            }
        }
    }
}

const FILE_TYPE: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const DIRECTORY: u32 = 0o040_000;
const SYMLINK: u32 = 0o120_000;

#[cfg(test)]
mod tests;

//! What is found at a path, in a commit or in a folder.
//!
//! Owns: the words for what is there instead of a file, the same for both. Only what lies inside is a file: content from
//! elsewhere on the machine is neither built from nor quoted.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path};

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A file, with its content.
    File(Vec<u8>),
    /// Nothing.
    Nothing,
    /// Something that cannot be read as a file. The words follow "is": `a folder`.
    Other(&'static str),
}

/// What the words of [`Found::Other`] are.
pub(super) const FOLDER: &str = "a folder";
/// A link that ends at a folder.
pub(super) const TO_FOLDER: &str = "a link to a folder";
/// A link to what is not there.
pub(super) const DANGLING: &str = "a link that leads nowhere";
/// A link to what does not belong to the source.
pub(super) const ESCAPING: &str = "a link that leads out of the source";
/// A chain of links without an end.
pub(super) const CIRCULAR: &str = "a link that leads in a circle";
/// Another repository.
pub(super) const SUBMODULE: &str = "a submodule";
/// What the system calls a circle of links.
const LOOP: i32 = rustix::io::Errno::LOOP.raw_os_error();

/// What no build should read.
const SPECIAL: &str = "no ordinary file";

impl Found {
    /// The content, if it is a file.
    pub fn file(self) -> Option<Vec<u8>> {
        match self {
            Self::File(bytes) => Some(bytes),
            Self::Nothing | Self::Other(_) => None,
        }
    }

    /// Whether it is a folder, or a link to one.
    pub fn is_folder(&self) -> bool {
        matches!(self, Self::Other(FOLDER | TO_FOLDER))
    }

    /// What is at `path` below the folder `root`, of a file at most `limit` bytes. Nothing outside of the folder is read.
    pub fn below(root: &Path, path: &Path, limit: u64) -> io::Result<Self> {
        let inside = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !inside {
            return Self::by_way_of_parents(root, path, limit);
        }
        let whole = root.join(path);
        let absent = |error: &io::Error| {
            matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
        };
        let is_link = match fs::symlink_metadata(&whole) {
            Ok(found) => found.is_symlink(),
            Err(error) if absent(&error) => return Ok(Self::Nothing),
            Err(error) => return Err(error),
        };
        let real = match whole.canonicalize() {
            Ok(real) => real,
            Err(error) if absent(&error) => return Ok(Self::Other(dangling(root, &whole))),
            Err(error) if error.raw_os_error() == Some(LOOP) => return Ok(Self::Other(CIRCULAR)),
            Err(error) => return Err(error),
        };
        if !real.starts_with(root.canonicalize()?) {
            return Ok(Self::Other(ESCAPING));
        }
        let found = fs::metadata(&real)?;
        if found.is_dir() {
            return Ok(Self::Other(if is_link { TO_FOLDER } else { FOLDER }));
        }
        if !found.is_file() {
            // A named pipe would keep its reader waiting for ever.
            return Ok(Self::Other(SPECIAL));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(found.len().min(limit)).unwrap_or_default());
        fs::File::open(&real)?.take(limit).read_to_end(&mut bytes)?;
        Ok(Self::File(bytes))
    }

    /// A path with `..` in it counts as far as it stays inside.
    fn by_way_of_parents(root: &Path, path: &Path, limit: u64) -> io::Result<Self> {
        let (Ok(root), Ok(real)) = (root.canonicalize(), root.join(path).canonicalize()) else {
            return Ok(Self::Nothing);
        };
        match real.strip_prefix(&root) {
            Ok(inside) if path.is_relative() => Self::below(&root, inside, limit),
            _ => Ok(Self::Nothing),
        }
    }
}

/// Whether a link that ends nowhere would have ended inside.
fn dangling(root: &Path, link: &Path) -> &'static str {
    match fs::read_link(link) {
        Ok(target) if target.is_absolute() && !target.starts_with(root) => ESCAPING,
        Ok(_) | Err(_) => DANGLING,
    }
}

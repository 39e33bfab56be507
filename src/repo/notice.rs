//! What a copy of some files does not hold, or holds in another form.
//!
//! Owns: the notices that exporting gives back, and their wording. Leaves to callers: where they are shown.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// Files written, and what is to be said about them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Exported {
    /// How many files and links were written.
    pub files: usize,
    /// What is missing or different, in the order of the paths.
    pub notices: Vec<Notice>,
}

/// Something that is not in the copy as a user may expect it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notice {
    /// The copy holds a Git LFS pointer in place of the content.
    LfsPointer {
        /// The path.
        path: PathBuf,
    },
    /// A submodule: the copy holds an empty folder.
    Submodule {
        /// The path.
        path: PathBuf,
    },
    /// Left out because of `export-ignore`.
    ExportIgnored {
        /// The path of the file or folder.
        path: PathBuf,
    },
    /// An attribute that git would apply and Rehearsal does not, such as `ident`.
    NotApplied {
        /// The attribute, with its value if it has one.
        attribute: String,
        /// The path.
        path: PathBuf,
    },
    /// A repository inside the working tree, left out as git leaves it out.
    NestedRepository {
        /// The path.
        path: PathBuf,
    },
    /// Neither a file nor a folder nor a link (a socket, a device), left out.
    SpecialFile {
        /// The path.
        path: PathBuf,
    },
    /// The repository is a shallow clone, so the history ends early.
    Shallow,
}

impl Notice {
    /// The line this belongs to, and the path to name in it.
    fn parts(&self) -> (String, Option<&PathBuf>) {
        match self {
            Self::LfsPointer { path } => ("Git LFS pointers, not their contents".into(), Some(path)),
            Self::Submodule { path } => ("submodules left empty".into(), Some(path)),
            Self::ExportIgnored { path } => ("left out by export-ignore".into(), Some(path)),
            Self::NotApplied { attribute, path } => {
                (format!("attribute `{attribute}` not applied"), Some(path))
            }
            Self::NestedRepository { path } => {
                ("repositories inside the working tree left out".into(), Some(path))
            }
            Self::SpecialFile { path } => ("neither files nor folders, left out".into(), Some(path)),
            Self::Shallow => ("the repository is a shallow clone: its history ends early".into(), None),
        }
    }
}

/// One line for each kind of notice, naming the first few paths.
pub fn summary(notices: &[Notice]) -> Vec<String> {
    const NAMED: usize = 3;
    let mut lines: Vec<(String, Vec<&PathBuf>)> = Vec::new();
    for notice in notices {
        let (text, path) = notice.parts();
        match lines.iter_mut().find(|(known, _)| *known == text) {
            Some((_, paths)) => paths.extend(path),
            None => lines.push((text, path.into_iter().collect())),
        }
    }
    let describe = |(text, paths): (String, Vec<&PathBuf>)| {
        let named: Vec<_> = paths.iter().take(NAMED).map(|path| path.display().to_string()).collect();
        match paths.len() {
            0 => text,
            count @ 1..=NAMED => format!("{text} ({count}): {}", named.join(", ")),
            count => format!("{text} ({count}): {}, …", named.join(", ")),
        }
    };
    lines.into_iter().map(describe).collect()
}

/// A path of git, which is bytes, as a path of this system.
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_of_one_kind_share_a_line() {
        let pointer = |name: &str| Notice::LfsPointer { path: name.into() };
        let notices = [
            pointer("a"),
            Notice::Shallow,
            pointer("b"),
            Notice::Submodule { path: "lib".into() },
            pointer("c"),
        ];
        assert_eq!(
            summary(&notices),
            [
                "Git LFS pointers, not their contents (3): a, b, c",
                "the repository is a shallow clone: its history ends early",
                "submodules left empty (1): lib",
            ]
        );
        assert_eq!(
            summary(&["a", "b", "c", "d"].map(pointer)),
            ["Git LFS pointers, not their contents (4): a, b, c, …"]
        );
    }
}

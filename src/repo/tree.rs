//! What is in a commit.
//!
//! Owns: reading one file, listing all, and comparing two commits. Leaves to `export`: writing files.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use git2::{FileMode, ObjectType, Oid, Tree, TreeEntry};

use super::error::Error;
use super::found::{self, Found};
use super::notice::path_of;
use super::revision::CommitId;

/// More files and folders than one can sensibly build from, and fewer than what a commit made to fill a disk unfolds
/// to. An artifact cannot hold more either.
const MOST_ENTRIES: usize = 1_000_000;

/// The kernel's longest path.
const LONGEST_PATH: usize = 4096;

/// As many links in a row as the kernel follows.
const MOST_LINKS: usize = 40;

/// The tree of a commit.
pub(super) fn of_commit<'r>(objects: &'r git2::Repository, commit: &CommitId) -> Result<Tree<'r>, Error> {
    let tree = commit.oid().and_then(|oid| objects.find_commit(oid)).and_then(|commit| commit.tree());
    tree.map_err(Error::git(format!("read the commit {commit}")))
}

/// A tree within a commit; `path` is for the message.
pub(super) fn find<'r>(objects: &'r git2::Repository, id: Oid, path: &[u8]) -> Result<Tree<'r>, Error> {
    objects
        .find_tree(id)
        .map_err(Error::git(format!("read the folder {} of the commit", path_of(path).display())))
}

/// The content of a file or the target of a link; `path` is for the message.
pub(super) fn content<'r>(
    objects: &'r git2::Repository,
    id: Oid,
    path: &[u8],
) -> Result<git2::Blob<'r>, Error> {
    objects.find_blob(id).map_err(Error::git(format!("read {} of the commit", path_of(path).display())))
}

/// What an entry is. git writes no other modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Folder,
    File { executable: bool },
    Link,
    Submodule,
}

/// `None` for a mode or an object that does not belong in a tree.
pub(super) fn kind_of(entry: &TreeEntry<'_>) -> Option<Kind> {
    const LINK: i32 = 0o120_000;
    const FILE: i32 = 0o100_000;
    const FORMAT: i32 = 0o170_000;
    match (entry.kind()?, entry.filemode_raw()) {
        (ObjectType::Tree, _) => Some(Kind::Folder),
        (ObjectType::Commit, _) => Some(Kind::Submodule),
        (ObjectType::Blob, mode) if mode & FORMAT == LINK => Some(Kind::Link),
        (ObjectType::Blob, mode) if mode & FORMAT == FILE => {
            Some(Kind::File { executable: mode & 0o100 != 0 })
        }
        _ => None,
    }
}

/// `folder/name`, in git's bytes.
pub(super) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

/// Whether the file at `path` is executable.
pub(super) fn is_executable(root: &Tree<'_>, path: &Path) -> Option<bool> {
    match kind_of(&root.get_path(path).ok()?)? {
        Kind::File { executable } => Some(executable),
        Kind::Folder | Kind::Link | Kind::Submodule => None,
    }
}

/// What is at `path`, through links that stay inside the commit.
pub(super) fn look(objects: &git2::Repository, root: &Tree<'_>, path: &Path) -> Result<Found, Error> {
    let reversed =
        |path: &[u8]| path.split(|byte| *byte == b'/').rev().map(<[u8]>::to_vec).collect::<Vec<_>>();
    if path.is_absolute() {
        return Ok(Found::Nothing);
    }
    let mut pending = reversed(path.as_os_str().as_bytes());
    let mut folders = vec![root.clone()];
    let mut links = 0;
    while let Some(name) = pending.pop() {
        if matches!(&name[..], b"" | b".") {
            continue;
        }
        if name == b".." {
            folders.pop();
        }
        let Some(folder) = folders.last() else {
            return Ok(if links > 0 { Found::Other(found::ESCAPING) } else { Found::Nothing });
        };
        if name == b".." {
            continue;
        }
        let Some(entry) = folder.get_name_bytes(&name).map(|entry| entry.to_owned()) else {
            return Ok(if links > 0 { Found::Other(found::DANGLING) } else { Found::Nothing });
        };
        match kind_of(&entry) {
            Some(Kind::Folder) => folders.push(find(objects, entry.id(), &name)?),
            Some(Kind::File { .. }) if pending.is_empty() => {
                return content(objects, entry.id(), &name).map(|blob| Found::File(blob.content().to_vec()));
            }
            Some(Kind::Link) if links < MOST_LINKS => {
                let target = content(objects, entry.id(), &name)?;
                if target.content().starts_with(b"/") {
                    return Ok(Found::Other(found::ESCAPING));
                }
                pending.extend(reversed(target.content()));
                links += 1;
            }
            Some(Kind::Link) => return Ok(Found::Other(found::CIRCULAR)),
            Some(Kind::Submodule) if pending.is_empty() => return Ok(Found::Other(found::SUBMODULE)),
            Some(Kind::File { .. }) if links > 0 => return Ok(Found::Other(found::DANGLING)),
            Some(Kind::File { .. } | Kind::Submodule) | None => return Ok(Found::Nothing),
        }
    }
    Ok(Found::Other(if links > 0 { found::TO_FOLDER } else { found::FOLDER }))
}

/// Calls `visit` with each entry below `root` and its path, and refuses a commit that unfolds to more than a
/// computer can hold: a handful of small trees can stand for billions of files.
pub(super) fn walk(
    objects: &git2::Repository,
    root: &Tree<'_>,
    mut visit: impl FnMut(&TreeEntry<'_>, &[u8]),
) -> Result<(), Error> {
    let mut pending = vec![(root.id(), Vec::new())];
    let mut seen = 0;
    while let Some((id, folder)) = pending.pop() {
        for entry in &find(objects, id, &folder)? {
            let path = join(&folder, entry.name_bytes());
            seen += 1;
            if seen > MOST_ENTRIES {
                return Err(Error::InvalidTree {
                    reason: "it unfolds to too many files",
                    path: path_of(&path),
                });
            }
            if path.len() >= LONGEST_PATH {
                return Err(Error::InvalidTree { reason: "its paths are too long", path: path_of(&path) });
            }
            visit(&entry, &path);
            if kind_of(&entry) == Some(Kind::Folder) {
                pending.push((entry.id(), path));
            }
        }
    }
    Ok(())
}

/// The paths of all files and links.
pub(super) fn list(objects: &git2::Repository, root: &Tree<'_>) -> Result<Vec<PathBuf>, Error> {
    let mut paths = Vec::new();
    walk(objects, root, |entry, path| match kind_of(entry) {
        Some(Kind::File { .. } | Kind::Link) => paths.push(path_of(path)),
        Some(Kind::Folder | Kind::Submodule) | None => {}
    })?;
    paths.sort_unstable_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
    Ok(paths)
}

/// The paths that differ.
pub(super) fn changed(
    objects: &git2::Repository,
    from: Option<&Tree<'_>>,
    to: &Tree<'_>,
) -> Result<Vec<PathBuf>, Error> {
    let mut options = git2::DiffOptions::new();
    options.skip_binary_check(true).include_typechange(true);
    let difference = objects.diff_tree_to_tree(from, Some(to), Some(&mut options));
    let difference = difference.map_err(Error::git("compare two commits"))?;
    let files = difference.deltas().flat_map(|delta| [delta.old_file(), delta.new_file()]);
    let is_there = |file: &git2::DiffFile<'_>| file.mode() != FileMode::Unreadable;
    let paths: BTreeSet<_> =
        files.filter(is_there).filter_map(|file| file.path_bytes().map(<[u8]>::to_vec)).collect();
    Ok(paths.iter().map(|path| path_of(path)).collect())
}

//! Listing the files below a folder.
//!
//! Owns: the order (by name, so that the same tree gives the same artifact) and that links to folders are not followed,
//! which also keeps a link to a parent from never ending.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The names in `folder`, in order.
pub(super) fn entries(folder: &Path) -> io::Result<Vec<OsString>> {
    let mut names: Vec<OsString> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<_, _>>()?;
    names.sort();
    Ok(names)
}

/// Hands every file and link below `top`, at most `depth` names deep, to `each`, by the names they have when `top` is
/// called `start`. Nothing when there is no such folder.
pub(super) fn files(
    top: &Path,
    start: &Path,
    depth: Option<usize>,
    each: &mut dyn FnMut(&Path),
) -> Result<(), (PathBuf, io::Error)> {
    let mut waiting = vec![(PathBuf::new(), 0)];
    if !top.is_dir() {
        return Ok(());
    }
    while let Some((path, level)) = waiting.pop() {
        let full = top.join(&path);
        let is_dir = match fs::symlink_metadata(&full) {
            Ok(metadata) => level == 0 || metadata.is_dir(),
            // A process that the build left running may be tidying up.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err((full, error)),
        };
        if !is_dir {
            each(&start.join(&path));
        } else if depth.is_none_or(|depth| level < depth) {
            let names = entries(&full).map_err(|error| (full, error))?;
            waiting.extend(names.into_iter().rev().map(|name| (path.join(name), level + 1)));
        }
    }
    Ok(())
}

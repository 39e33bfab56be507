//! Copying an object store.
//!
//! Owns: which files of `objects` are copied, and that none of them stays shared. Leaves to `history`: what the objects
//! are for.
//!
//! Whole files are copied, so objects come along that the history does not need. Picking out those it needs would mean
//! packing them again, for which libgit2 takes ten seconds for each thirty thousand objects; a copy takes a tenth of one.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::error::Error;

/// git follows this many stores that borrow from each other.
const DEEPEST: usize = 5;

/// A store that git is tidying up meanwhile is looked at this often.
const ATTEMPTS: usize = 5;

/// Copies all objects of the store at `from`, and of those it borrows from, into the empty store at `into`.
pub(super) fn copy(from: &Path, into: &Path) -> Result<(), Error> {
    let mut last = Ok(());
    for _ in 0..ATTEMPTS {
        last = pass(from, into);
        match &last {
            // Packed into another file since we looked: the next pass finds that one.
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            Ok(()) | Err(_) => break,
        }
    }
    last
}

fn pass(from: &Path, into: &Path) -> Result<(), Error> {
    for store in with_alternates(from)? {
        for folder in entries(&store)? {
            if is_hexadecimal(&folder, 2) {
                copy_files(&store.join(&folder), &into.join(&folder), |name| is_hexadecimal(name, 38))?;
            }
        }
        let pack = store.join("pack");
        if pack.is_dir() {
            copy_files(&pack, &into.join("pack"), is_pack)?;
        }
    }
    Ok(())
}

/// A pack and its index; what else lies beside them (bitmaps, marks) is not needed.
fn is_pack(name: &OsStr) -> bool {
    name.as_bytes().starts_with(b"pack-")
        && [&b".pack"[..], b".idx"].iter().any(|end| name.as_bytes().ends_with(end))
}

fn is_hexadecimal(name: &OsStr, length: usize) -> bool {
    name.len() == length && name.as_bytes().iter().all(u8::is_ascii_hexdigit)
}

/// The names in a folder, in order.
fn entries(folder: &Path) -> Result<BTreeSet<OsString>, Error> {
    let names =
        fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect());
    names.map_err(Error::io("read the folder", folder))
}

/// Copies the files that are not there yet: their names say what is in them, so those that are there are right. From
/// the last to the first, since a pack without its index is nothing to git, and an index without its pack an error.
fn copy_files(from: &Path, into: &Path, is_wanted: fn(&OsStr) -> bool) -> Result<(), Error> {
    fs::create_dir_all(into).map_err(Error::io("make the folder", into))?;
    for name in entries(from)?.into_iter().rev().filter(|name| is_wanted(name)) {
        let (source, target) = (from.join(&name), into.join(&name));
        if !target.exists() {
            fs::copy(&source, &target).map_err(Error::io("copy", &source))?;
        }
    }
    Ok(())
}

/// The store itself and those it borrows from (gitrepository-layout(5), `objects/info/alternates`).
fn with_alternates(store: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = vec![store.to_path_buf()];
    let mut newest = found.clone();
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        for store in newest {
            let list = store.join("info/alternates");
            let content = match fs::read(&list) {
                Ok(content) => content,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(Error::io("read", &list)(error)),
            };
            let lines =
                content.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && line[0] != b'#');
            next.extend(lines.map(|line| store.join(OsString::from_vec(line.to_vec()))));
        }
        next.retain(|store| store.is_dir() && !found.contains(store));
        found.extend_from_slice(&next);
        newest = next;
    }
    Ok(found)
}

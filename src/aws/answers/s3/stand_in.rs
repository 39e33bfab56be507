//! Folders that stand in for buckets: `"s3://BUCKET": FOLDER` under `aws` of rehearsal.yml.
//!
//! Owns: which of a folder's files show as objects. They are only read, and nothing outside the folder is: a link that
//! leads out of it is no object. Leaves to `store` what was written over them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use md5::{Digest as _, Md5};

use super::checksum::hex;
use super::key;
use super::store::{Found, Object};
use crate::clock::Timestamp;

/// Folders inside each other, at most: keys are no deeper.
const DEEPEST: usize = 512;

/// The object that a file of `folder` shows as.
pub(super) fn find(folder: &Path, key: &str) -> Option<Found> {
    let path = inside(&folder.canonicalize().ok()?, &folder.join(key::plain(key)?))?;
    let about = fs::metadata(&path).ok()?;
    let modified = about.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
    let modified = modified.unwrap_or(Timestamp::UNIX_EPOCH);
    // Reading every file for each listing would take long. An ETag like that of an upload in parts promises nothing of
    // the content but that it is the same where the ETag is.
    let state = format!("{key}\0{}\0{}", about.len(), modified.as_nanosecond());
    let headers = [("content-type", "binary/octet-stream"), ("x-amz-server-side-encryption", "AES256")];
    let object = Object {
        content: String::new(),
        size: about.len(),
        etag: format!("{}-1", hex(&Md5::digest(state))),
        modified,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        checksums: BTreeMap::new(),
        tags: Vec::new(),
        parts: Vec::new(),
    };
    Some(Found { object, path, ours: false })
}

/// The keys of all files of `folder`.
pub(super) fn keys(folder: &Path) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let Ok(top) = folder.canonicalize() else { return keys };
    let mut folders = vec![(top.clone(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            let Ok(name) = entry.file_name().into_string() else { continue };
            let key = format!("{prefix}{name}");
            if kind.is_dir() && depth < DEEPEST {
                folders.push((entry.path(), format!("{key}/"), depth + 1));
            } else if key::plain(&key).is_some()
                && key::checked(&key).is_ok()
                && (kind.is_file() || (kind.is_symlink() && inside(&top, &entry.path()).is_some()))
            {
                keys.insert(key);
            }
        }
    }
    keys
}

/// The file at `path`, links followed, when it is one and lies below `top`.
fn inside(top: &Path, path: &Path) -> Option<PathBuf> {
    let path = path.canonicalize().ok()?;
    (path.starts_with(top) && path.is_file()).then_some(path)
}

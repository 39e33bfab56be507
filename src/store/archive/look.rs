//! Reading single files out of an archive, without unpacking it.
//!
//! Owns: finding entries by name or by content, and that no more than a limit is read, whatever the archive declares.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use zip::ZipArchive;

use super::unpack::damaged;
use super::{Error, FILE_TYPE, SYMLINK};

/// What an entry that was looked for holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A file with this content.
    File(Vec<u8>),
    /// A symbolic link.
    Link,
}

/// Every entry of `archive` but folders that `wanted` says yes to by its name and declared size, with what it holds;
/// `limit` bytes of content in all.
pub fn look(
    archive: &Path,
    wanted: &dyn Fn(&str, u64) -> bool,
    limit: u64,
) -> Result<Vec<(String, Content)>, Error> {
    let file = File::open(archive).map_err(Error::at("read", archive))?;
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(archive, error))?;
    let mut found = Vec::new();
    let mut left = limit;
    for index in 0..zip.len() {
        let entry = zip.by_index_raw(index).map_err(|error| damaged(archive, error))?;
        // A name that is no text cannot be asked for.
        let Ok(name) = std::str::from_utf8(entry.name_raw()).map(str::to_owned) else { continue };
        if name.ends_with('/') || !wanted(&name, entry.size()) {
            continue;
        }
        let link = entry.unix_mode().is_some_and(|mode| mode & FILE_TYPE == SYMLINK);
        drop(entry);
        if link {
            found.push((name, Content::Link));
            continue;
        }
        let entry = zip.by_index(index).map_err(|error| damaged(archive, error))?;
        let mut content = Vec::new();
        entry.take(left + 1).read_to_end(&mut content).map_err(|error| damaged(archive, error.into()))?;
        left = left.checked_sub(content.len() as u64).ok_or_else(|| Error::TooLarge {
            archive: archive.to_owned(),
            limit,
            unit: "bytes",
        })?;
        found.push((name, Content::File(content)));
    }
    Ok(found)
}

/// The name of a file of `archive` that has exactly this content, whatever it is called; links do not count.
pub fn same(archive: &Path, content: &[u8]) -> Result<Option<String>, Error> {
    let file = File::open(archive).map_err(Error::at("read", archive))?;
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(archive, error))?;
    let length = content.len() as u64;
    for index in 0..zip.len() {
        let entry = zip.by_index_raw(index).map_err(|error| damaged(archive, error))?;
        let link = entry.unix_mode().is_some_and(|mode| mode & FILE_TYPE == SYMLINK);
        if link || entry.is_dir() || entry.size() != length {
            continue;
        }
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        drop(entry);
        let entry = zip.by_index(index).map_err(|error| damaged(archive, error))?;
        // One byte more than declared would be another content.
        let mut own = Vec::new();
        entry.take(length + 1).read_to_end(&mut own).map_err(|error| damaged(archive, error.into()))?;
        if own == content {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::super::{Selection, pack};
    use super::*;

    #[test]
    fn files_are_found_by_name_within_bounds() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        std::fs::create_dir_all(root.join("out")).unwrap();
        std::fs::write(root.join("out/a.json"), "{}").unwrap();
        std::fs::write(root.join("a.json"), "[1]").unwrap();
        std::os::unix::fs::symlink("a.json", root.join("link.json")).unwrap();
        let archive = dir.path().join("a.zip");
        pack(Selection::Folder(&root), &archive).unwrap();
        let file = |text: &str| Content::File(text.as_bytes().to_vec());
        let of = |wanted: &dyn Fn(&str, u64) -> bool, limit| look(&archive, wanted, limit);
        assert_eq!(of(&|name, _| name == "a.json", 3).unwrap(), [("a.json".to_owned(), file("[1]"))]);
        assert_eq!(of(&|name, _| name == "link.json", 3).unwrap(), [("link.json".to_owned(), Content::Link)]);
        assert_eq!(of(&|_, size| size == 2, 9).unwrap(), [("out/a.json".to_owned(), file("{}"))]);
        assert_eq!(of(&|name, _| name == "out" || name == "out/", 9).unwrap(), []);
        assert!(matches!(of(&|name, _| name == "a.json", 2), Err(Error::TooLarge { limit: 2, .. })));
        assert_eq!(same(&archive, b"[1]").unwrap().as_deref(), Some("a.json"));
        assert_eq!(same(&archive, b"{}").unwrap().as_deref(), Some("out/a.json"));
        // The target of a link is no file's content.
        for none in [&b"a.json"[..], b"[2]", b"[1]\n", b""] {
            assert_eq!(same(&archive, none).unwrap(), None);
        }
        std::fs::write(&archive, "no archive").unwrap();
        assert!(matches!(same(&archive, b"[1]"), Err(Error::Damaged { .. })));
        assert!(matches!(of(&|_, _| true, 9), Err(Error::Damaged { .. })));
    }
}

//! Where definition files are read from: a commit, or the working tree.

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::repo::{CommitId, Error, Found, Repository};
use crate::syntax::LIMITS;

/// How many folders deep definitions are looked for.
const DEPTH: usize = 2;

/// Folders that hold other people's files, or files that are not meant to run.
const SKIPPED: [&str; 10] =
    [".git", "node_modules", "vendor", "target", "fixtures", "testdata", "tests", "test", "examples", "docs"];

/// Files to read definitions from.
pub trait Files {
    /// Where these files are, in words: `commit 1a2b3c4d`, `the working tree`.
    fn place(&self) -> String;

    /// Paths of files near the top, in order.
    fn shallow(&self) -> Result<Vec<PathBuf>, Error>;

    /// What is at a path. Nothing outside of these files is read.
    fn look(&self, path: &Path) -> Result<Found, Error>;

    /// Whether no commit of these files would have what is at a path: git ignores it, or it is a folder without files.
    fn is_passed_over(&self, _: &Path) -> bool {
        false
    }

    /// Whether a file may be executed; none where that is not known.
    fn is_executable(&self, _: &Path) -> Option<bool> {
        None
    }

    /// The content of a file; none when there is no such file.
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.look(path)?.file())
    }
}

/// The files of a commit.
pub struct CommitFiles<'a> {
    /// Where it is.
    pub repository: &'a dyn Repository,
    /// Which one.
    pub commit: &'a CommitId,
}

impl Files for CommitFiles<'_> {
    fn place(&self) -> String {
        format!("commit {}", self.commit.short())
    }

    fn shallow(&self) -> Result<Vec<PathBuf>, Error> {
        let paths = self.repository.list(self.commit)?;
        Ok(paths.into_iter().filter(|path| is_near(path)).collect())
    }

    fn look(&self, path: &Path) -> Result<Found, Error> {
        self.repository.look(self.commit, path)
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        self.repository.is_executable(Some(self.commit), path).ok()?
    }
}

/// The files of a folder as they are now.
pub struct FolderFiles<'a> {
    /// The folder.
    pub root: &'a Path,
}

impl Files for FolderFiles<'_> {
    fn place(&self) -> String {
        "the working tree".to_owned()
    }

    fn shallow(&self) -> Result<Vec<PathBuf>, Error> {
        let mut found = Vec::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            // A folder that cannot be listed holds no definition for us.
            let Ok(entries) = std::fs::read_dir(self.root.join(&folder)) else { continue };
            for entry in entries.flatten() {
                let path = folder.join(entry.file_name());
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.extend(is_near(&path.join("file")).then_some(path)),
                    Ok(_) => found.extend(is_near(&path).then_some(path)),
                    Err(_) => {}
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn look(&self, path: &Path) -> Result<Found, Error> {
        // One byte more than is ever decoded, so that whoever decodes it says that it is too much.
        Found::below(self.root, path, LIMITS.bytes as u64 + 1).map_err(|source| Error::Io {
            attempted: format!("read {}", self.root.join(path).display()),
            source,
        })
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        let metadata = std::fs::metadata(self.root.join(path)).ok()?;
        Some(metadata.permissions().mode() & 0o111 != 0)
    }
}

/// The files of a repository's working tree as they are now.
pub struct WorkTreeFiles<'a> {
    /// Its folder.
    pub folder: FolderFiles<'a>,
    /// The repository.
    pub repository: &'a dyn Repository,
}

impl Files for WorkTreeFiles<'_> {
    fn place(&self) -> String {
        self.folder.place()
    }

    fn shallow(&self) -> Result<Vec<PathBuf>, Error> {
        self.folder.shallow()
    }

    fn look(&self, path: &Path) -> Result<Found, Error> {
        self.folder.look(path)
    }

    /// As the file is, or as git will give it to others: a file system may know no such thing.
    fn is_executable(&self, path: &Path) -> Option<bool> {
        let there = self.folder.is_executable(path);
        let tracked = self.repository.is_executable(None, path).ok().flatten();
        there.into_iter().chain(tracked).reduce(|there, tracked| there || tracked)
    }

    fn is_passed_over(&self, path: &Path) -> bool {
        let is_ignored = |path: &Path| self.repository.ignores(path).unwrap_or(false);
        is_ignored(path)
            || path.ancestors().skip(1).any(|folder| folder != Path::new("") && is_ignored(folder))
            || {
                let entries = std::fs::read_dir(self.folder.root.join(path));
                entries.is_ok_and(|mut entries| entries.next().is_none())
            }
    }
}

/// Files of which some have another content than they are read with.
pub struct Overlaid<'a> {
    /// All of them.
    pub files: &'a dyn Files,
    /// The other contents, by path.
    pub written: HashMap<PathBuf, Vec<u8>>,
}

impl Files for Overlaid<'_> {
    fn place(&self) -> String {
        self.files.place()
    }

    fn shallow(&self) -> Result<Vec<PathBuf>, Error> {
        self.files.shallow()
    }

    fn look(&self, path: &Path) -> Result<Found, Error> {
        match self.written.get(path) {
            Some(bytes) => Ok(Found::File(bytes.clone())),
            None => self.files.look(path),
        }
    }

    fn is_passed_over(&self, path: &Path) -> bool {
        self.files.is_passed_over(path)
    }

    fn is_executable(&self, path: &Path) -> Option<bool> {
        self.files.is_executable(path)
    }
}

/// Whether a file is near the top and in no folder that is skipped.
fn is_near(path: &Path) -> bool {
    let folders: Vec<_> = path.parent().into_iter().flat_map(Path::components).collect();
    folders.len() <= DEPTH && !is_skipped(path)
}

/// Whether a file is in a folder that holds other people's files, or files that are not meant to run.
pub fn is_skipped(path: &Path) -> bool {
    let mut folders = path.parent().into_iter().flat_map(Path::components);
    folders.any(|folder| SKIPPED.iter().any(|skipped| folder.as_os_str() == *skipped))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_looked_for_near_the_top() {
        for (path, near) in [
            ("pipeline.yml", true),
            (".aws/pipeline.json", true),
            ("ci/aws/pipeline.yml", true),
            ("a/b/c/pipeline.yml", false),
            ("node_modules/x/pipeline.yml", false),
            ("tests/pipeline.yml", false),
        ] {
            assert_eq!(is_near(Path::new(path)), near, "{path}");
        }
    }

    #[test]
    fn a_folder_gives_its_files_as_they_are_now() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("ci/deep/er")).unwrap();
        for path in ["pipeline.yml", "ci/other.json", "ci/deep/er/far.yml"] {
            std::fs::write(root.path().join(path), "text").unwrap();
        }
        let files = FolderFiles { root: root.path() };
        assert_eq!(files.shallow().unwrap(), [PathBuf::from("ci/other.json"), "pipeline.yml".into()]);
        assert_eq!(files.read(Path::new("ci/other.json")).unwrap().unwrap(), b"text");
        for absent in ["absent", "ci", "pipeline.yml/below"] {
            assert_eq!(files.read(Path::new(absent)).unwrap(), None, "{absent}");
        }
    }
}

//! Making a new repository, with a history, in a folder of its own.
//!
//! Owns: the only writing this module does, and it is never done to a repository that was there before. Content is
//! committed as it is given: no filter, hook, template or setting of the user has a part in it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use git2::{IndexEntry, IndexTime, RepositoryInitOptions, Signature, Time};

use super::error::Error;
use crate::clock::Timestamp;

/// A file of a commit.
#[derive(Debug, Clone, Copy)]
pub struct NewFile<'a> {
    /// Its path, relative to the top.
    pub path: &'a str,
    /// Its content.
    pub content: &'a [u8],
    /// Whether it may be executed.
    pub executable: bool,
}

/// A commit to be made, which holds the files of those before it too.
#[derive(Debug, Clone)]
pub struct NewCommit<'a> {
    /// Its message.
    pub message: &'a str,
    /// When it was made.
    pub at: Timestamp,
    /// The files that are new or different in it.
    pub files: Vec<NewFile<'a>>,
}

/// Makes a repository in `folder`, which must be empty or not there, with these commits on `branch`, and checks the last
/// one out. `author` is a name and an e-mail address.
pub fn create(
    folder: &Path,
    branch: &str,
    author: (&str, &str),
    commits: &[NewCommit<'_>],
) -> Result<(), Error> {
    let wrong = || Error::git("make a repository");
    std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let mut options = RepositoryInitOptions::new();
    options.no_reinit(true).external_template(false).initial_head(branch);
    let repository = git2::Repository::init_opts(folder, &options).map_err(wrong())?;
    let mut index = repository.index().map_err(wrong())?;
    let mut parent: Option<git2::Oid> = None;
    for commit in commits {
        for file in &commit.files {
            write(folder, file)?;
            let id = repository.blob(file.content).map_err(wrong())?;
            index.add(&entry(file, id)).map_err(wrong())?;
        }
        parent = Some(record(&repository, &mut index, author, commit, parent).map_err(wrong())?);
    }
    index.write().map_err(wrong())
}

/// Commits what the index holds.
fn record(
    repository: &git2::Repository,
    index: &mut git2::Index,
    author: (&str, &str),
    commit: &NewCommit<'_>,
    parent: Option<git2::Oid>,
) -> Result<git2::Oid, git2::Error> {
    let tree = repository.find_tree(index.write_tree()?)?;
    let who = Signature::new(author.0, author.1, &Time::new(commit.at.as_second(), 0))?;
    let parent = parent.map(|id| repository.find_commit(id)).transpose()?;
    let parents: Vec<_> = parent.iter().collect();
    repository.commit(Some("HEAD"), &who, &who, commit.message, &tree, &parents)
}

fn write(folder: &Path, file: &NewFile<'_>) -> Result<(), Error> {
    let path = folder.join(file.path);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
    }
    std::fs::write(&path, file.content).map_err(Error::io("write", &path))?;
    let mode = if file.executable { 0o755 } else { 0o644 };
    let permissions = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(&path, permissions).map_err(Error::io("change the mode of", &path))
}

fn entry(file: &NewFile<'_>, id: git2::Oid) -> IndexEntry {
    let never = IndexTime::new(0, 0);
    IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode: if file.executable { 0o100_755 } else { 0o100_644 },
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: file.path.as_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::{Repository, discover};

    #[test]
    fn a_new_repository_has_the_commits_and_a_clean_working_tree() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("new");
        let file = |path, content: &'static str, executable| NewFile {
            path,
            content: content.as_bytes(),
            executable,
        };
        let commits = [
            NewCommit {
                message: "Begin",
                at: Timestamp::UNIX_EPOCH,
                files: vec![file("a.txt", "one\r\n", false), file("bin/run", "#!/bin/sh\n", true)],
            },
            NewCommit {
                message: "Go on",
                at: Timestamp::UNIX_EPOCH,
                files: vec![file("a.txt", "two\r\n", false)],
            },
        ];
        create(&folder, "main", ("A U Thor", "author@example.com"), &commits).unwrap();
        let repository = discover(&folder).unwrap();
        let head = repository.head().unwrap();
        assert_eq!((head.branch.as_deref(), head.message.as_str()), (Some("main"), "Go on"));
        assert_eq!(repository.read(&head.id, Path::new("a.txt")).unwrap().unwrap(), b"two\r\n");
        assert_eq!(repository.uncommitted(&["."]).unwrap(), Vec::<std::path::PathBuf>::new());
        let before = repository.resolve("HEAD^").unwrap();
        assert_eq!(repository.read(&before.id, Path::new("a.txt")).unwrap().unwrap(), b"one\r\n");
        let copy = place.path().join("copy");
        repository.export(&head.id, &copy).unwrap();
        let mode = std::fs::metadata(copy.join("bin/run")).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111);
        // What is there is never written over.
        assert!(create(&folder, "main", ("A U Thor", "author@example.com"), &commits).is_err());
    }
}

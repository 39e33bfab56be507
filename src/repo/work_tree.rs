//! The user's working tree: a copy of it, and what in it is not committed.
//!
//! Owns: which files a copy holds, and making it. Only reads: the user's index is not refreshed. Leaves to `export`:
//! files of a commit.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::fs::{self, File, FileType, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use git2::{Status, StatusOptions, StatusShow};

use super::error::Error;
use super::export::prepare;
use super::notice::{Exported, Notice, path_of};

/// Which of `paths` differ between the working tree and `HEAD`.
pub(super) fn uncommitted(repository: &git2::Repository, paths: &[&str]) -> Result<Vec<PathBuf>, Error> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let mut options = reading();
    options.show(StatusShow::IndexAndWorkdir).disable_pathspec_match(true);
    for path in paths {
        options.pathspec(*path);
    }
    let statuses = statuses(repository, "compare the working tree", &mut options)?;
    let changed =
        statuses.iter().filter(|entry| !matches!(entry.status(), Status::CURRENT | Status::IGNORED));
    let paths: BTreeSet<_> = changed.map(|entry| entry.path_bytes().to_vec()).collect();
    Ok(paths.iter().map(|path| path_of(path)).collect())
}

/// Whether `git add` would pass over `path`.
pub(super) fn ignores(repository: &git2::Repository, path: &Path) -> Result<bool, Error> {
    let attempted = format!("ask whether {} is ignored", path.display());
    let tracked = repository
        .index()
        .map_err(|error| Error::work_tree(repository, &attempted, error))?
        .get_path(path, 0)
        .is_some();
    let ignored = repository.is_path_ignored(path).map_err(Error::git(attempted))?;
    Ok(ignored && !tracked)
}

/// Whether the index has the file at `path` as an executable one.
pub(super) fn is_executable(repository: &git2::Repository, path: &Path) -> Result<Option<bool>, Error> {
    let attempted = format!("ask whether {} is executable", path.display());
    let index = repository.index().map_err(|error| Error::work_tree(repository, &attempted, error))?;
    Ok(index.get_path(path, 0).map(|entry| entry.mode & 0o111 != 0))
}

fn statuses<'r>(
    repository: &'r git2::Repository,
    attempted: &str,
    options: &mut StatusOptions,
) -> Result<git2::Statuses<'r>, Error> {
    repository.statuses(Some(options)).map_err(|error| Error::work_tree(repository, attempted, error))
}

fn reading() -> StatusOptions {
    let mut options = StatusOptions::new();
    options
        .include_untracked(true)
        .recurse_untracked_dirs(true)
        .include_ignored(false)
        .exclude_submodules(true)
        .no_refresh(true)
        .update_index(false);
    options
}

/// The paths of what is in the working tree, in order; that of another repository inside it ends in `/`.
fn present(repository: &git2::Repository) -> Result<BTreeSet<Vec<u8>>, Error> {
    let mut options = reading();
    options.show(StatusShow::Workdir).include_unmodified(true);
    let statuses = statuses(repository, "list the working tree", &mut options)?;
    let present = statuses.iter().filter(|entry| !entry.status().contains(Status::WT_DELETED));
    Ok(present.map(|entry| entry.path_bytes().to_vec()).collect())
}

/// The paths of the files and links of the working tree, and of folders that cannot be listed: those end in `/`.
pub(super) fn list(repository: &git2::Repository, work_dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let paths = present(repository)?;
    let mut paths: Vec<_> =
        paths.iter().filter(|path| !path.ends_with(b"/")).map(|path| path_of(path)).collect();
    let closed = closed(repository, work_dir, &paths);
    if !closed.is_empty() {
        paths.extend(closed);
        paths.sort();
    }
    Ok(paths)
}

/// Folders beside what was found that cannot be listed. libgit2 passes over them in silence.
fn closed(repository: &git2::Repository, work_dir: &Path, paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut known: HashSet<&Path> = HashSet::from([Path::new("")]);
    for path in paths {
        // Whoever knows a folder knows those above it.
        let above = path.ancestors().skip(1);
        above.take_while(|folder| known.insert(folder)).for_each(drop);
    }
    let mut closed = Vec::new();
    for folder in &known {
        for entry in fs::read_dir(work_dir.join(folder)).into_iter().flatten().flatten() {
            let path = folder.join(entry.file_name());
            let is_other = entry.file_type().is_ok_and(|kind| kind.is_dir()) && !known.contains(&*path);
            let is_closed = is_other
                && fs::read_dir(entry.path())
                    .is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied);
            if is_closed && !repository.is_path_ignored(&path).unwrap_or(false) {
                closed.push(path.join(""));
            }
        }
    }
    closed
}

/// Copies the working tree at `work_dir` into `into`.
pub(super) fn export(repository: &git2::Repository, work_dir: &Path, into: &Path) -> Result<Exported, Error> {
    let paths = present(repository)?;
    let mut copy = Copy::new(work_dir, into)?;
    for path in &paths {
        match path.strip_suffix(b"/") {
            // git lists a folder only when it does not look inside: another repository.
            Some(nested) => copy.exported.notices.push(Notice::NestedRepository { path: path_of(nested) }),
            None => copy.take(&path_of(path))?,
        }
    }
    for submodule in submodules(repository)? {
        copy.folder(&submodule)?;
        copy.exported.notices.push(Notice::Submodule { path: submodule });
    }
    copy.exported.notices.sort_unstable();
    Ok(copy.exported)
}

fn submodules(repository: &git2::Repository) -> Result<Vec<PathBuf>, Error> {
    const SUBMODULE: u32 = 0o160_000;
    let index = repository.index().map_err(Error::git("read the index"))?;
    Ok(index.iter().filter(|entry| entry.mode == SUBMODULE).map(|entry| path_of(&entry.path)).collect())
}

/// Copies a folder that is in no repository into `into`: everything but what is called `.git`, and but `into` itself.
pub fn copy_folder(from: &Path, into: &Path) -> Result<Exported, Error> {
    let mut copy = Copy::new(from, into)?;
    let skipped = fs::canonicalize(into).map_err(Error::io("find", into))?;
    let mut pending = vec![PathBuf::new()];
    while let Some(folder) = pending.pop() {
        let source = from.join(&folder);
        for entry in fs::read_dir(&source).map_err(Error::io("read the folder", &source))? {
            let entry = entry.map_err(Error::io("read the folder", &source))?;
            let path = folder.join(entry.file_name());
            if entry.file_name() == OsStr::new(".git") {
                continue;
            }
            let kind = entry.file_type().map_err(Error::io("examine", &entry.path()))?;
            if !kind.is_dir() {
                copy.take(&path)?;
            } else if fs::canonicalize(entry.path()).map_err(Error::io("find", &entry.path()))? != skipped {
                copy.folder(&path)?;
                pending.push(path);
            }
        }
    }
    copy.exported.notices.sort_unstable();
    Ok(copy.exported)
}

/// A copy in the making. Everything in the target is new, so a link in it is never followed.
struct Copy<'a> {
    from: &'a Path,
    into: &'a Path,
    folders: HashSet<PathBuf>,
    exported: Exported,
}

impl<'a> Copy<'a> {
    fn new(from: &'a Path, into: &'a Path) -> Result<Self, Error> {
        prepare(into)?;
        Ok(Self { from, into, folders: HashSet::from([PathBuf::new()]), exported: Exported::default() })
    }

    /// Copies a file or a link. One that has vanished meanwhile is as if it had never been there.
    fn take(&mut self, path: &Path) -> Result<(), Error> {
        let source = self.from.join(path);
        let metadata = match fs::symlink_metadata(&source) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::io("examine", &source)(error)),
        };
        let target = self.into.join(path);
        let kind: FileType = metadata.file_type();
        if kind.is_file() {
            self.parent(path)?;
            let executable = metadata.permissions().mode() & 0o100 != 0;
            let mut from = File::open(&source).map_err(Error::io("read", &source))?;
            let new = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(if executable { 0o755 } else { 0o644 })
                .open(&target);
            let mut to = new.map_err(Error::io("make the file", &target))?;
            io::copy(&mut from, &mut to).map_err(Error::io("copy to", &target))?;
        } else if kind.is_symlink() {
            self.parent(path)?;
            let leads_to = fs::read_link(&source).map_err(Error::io("read the link", &source))?;
            symlink(leads_to, &target).map_err(Error::io("make the link", &target))?;
        } else if kind.is_dir() {
            return Ok(());
        } else {
            self.exported.notices.push(Notice::SpecialFile { path: path.to_path_buf() });
            return Ok(());
        }
        self.exported.files += 1;
        Ok(())
    }

    fn parent(&mut self, path: &Path) -> Result<(), Error> {
        path.parent().map_or(Ok(()), |parent| self.folder(parent))
    }

    /// Makes a folder and those it is in.
    fn folder(&mut self, path: &Path) -> Result<(), Error> {
        let missing: Vec<_> = path.ancestors().take_while(|folder| !self.folders.contains(*folder)).collect();
        for folder in missing.into_iter().rev() {
            let target = self.into.join(folder);
            fs::create_dir(&target).map_err(Error::io("make the folder", &target))?;
            self.folders.insert(folder.to_path_buf());
        }
        Ok(())
    }
}

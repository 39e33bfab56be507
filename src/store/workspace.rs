//! Workspaces: folders that live no longer than the process that made them.
//!
//! Owns: making a folder nobody else uses, removing it with whatever builds left in it (folders without write
//! permission too, as Go's module cache has them), and removing those whose owner was killed.
//! Leaves to `place`: where workspaces may be, which is never below a git directory.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::lock::{Claim, Locks};
use super::name;
use crate::clock;

const LOCKS: &str = ".locks";

/// What lies deeper below a folder that is to be removed is moved up first.
const DEEPEST: u32 = 64;

/// Likewise what lies in a folder whose path has more bytes: the system takes 4095, and a name up to 255.
const LONGEST: usize = 3500;

/// A folder of one's own, removed when this is dropped.
///
/// When its process is killed, the folder stays until the next [`sweep`].
#[derive(Debug)]
pub struct Workspace {
    path: PathBuf,
    /// Given back only after the folder is gone.
    _claim: Claim,
}

impl Workspace {
    /// Makes the folder `<work>/<id>`, where `work` is [`super::Paths::work`] and `id` has not been used before.
    pub fn create(work: &Path, id: &str) -> Result<Self, Error> {
        let path = work.join(name::checked("a workspace", id)?);
        let taken = || Error::io("create", &path, io::ErrorKind::AlreadyExists.into());
        let claim = Locks::at(work.join(LOCKS))?.claim(id)?.ok_or_else(taken)?;
        std::fs::create_dir(&path).map_err(Error::at("create", &path))?;
        Ok(Self { path, _claim: claim })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next sweep.
        let _ = remove_tree(&self.path);
    }
}

/// Removes the workspaces below `work` whose owner is dead, and returns those that could not be removed.
///
/// A workspace in which a process is still writing may withstand; the next sweep removes it.
pub fn sweep(work: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = match std::fs::read_dir(work) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("list", work, error)),
    };
    let locks = Locks::at(work.join(LOCKS))?;
    let folders = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut names: Vec<String> = folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    // Claims whose holder died before there was a folder.
    names.extend(locks.names()?);
    names.sort();
    names.dedup();
    let mut remaining = Vec::new();
    for name in names.iter().filter(|name| name::checked("a workspace", name).is_ok()) {
        if let Some(_claim) = locks.claim(name)? {
            let path = work.join(name);
            if remove_tree(&path).is_err() {
                remaining.push(path);
            }
        }
    }
    Ok(remaining)
}

/// Removes `path` and everything below it, following no link; what is not there is as good as removed.
pub fn remove_tree(path: &Path) -> io::Result<()> {
    prepare(path);
    let removed = match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => std::fs::remove_file(path),
        other => other,
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Lets the owner list and change every folder below `path`, as far as that is allowed, and moves up what lies deep:
/// removing takes an open file and a piece of the stack for each level, and neither is without end.
fn prepare(path: &Path) {
    let mut folders = vec![(path.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let Ok(metadata) = std::fs::symlink_metadata(&folder) else { continue };
        let mode = metadata.permissions().mode();
        if metadata.is_dir() && mode & 0o700 != 0o700 {
            let _ = std::fs::set_permissions(&folder, Permissions::from_mode(mode | 0o700));
        }
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        let inner = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        for inner in inner.map(|entry| entry.path()) {
            if depth < DEEPEST && folder.as_os_str().len() < LONGEST {
                folders.push((inner, depth + 1));
                continue;
            }
            let up = path.join(format!(".deep-{}", clock::new_id()));
            if std::fs::rename(&inner, &up).is_ok() {
                folders.push((up, 1));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_workspace_is_gone_when_it_is_dropped() {
        let work = tempfile::tempdir().unwrap();
        let workspace = Workspace::create(work.path(), "one").unwrap();
        assert!(Workspace::create(work.path(), "one").is_err());
        std::fs::create_dir_all(workspace.path().join("deep/er")).unwrap();
        std::fs::write(workspace.path().join("deep/er/file"), "x").unwrap();
        std::os::unix::fs::symlink("/", workspace.path().join("root")).unwrap();
        drop(workspace);
        assert_eq!(names(work.path()), [".locks"]);
        assert_eq!(names(&work.path().join(".locks")), [".gate"]);
    }

    #[test]
    fn the_sweep_takes_the_dead_and_leaves_the_living() {
        let work = tempfile::tempdir().unwrap();
        let living = Workspace::create(work.path(), "living").unwrap();
        // What SIGKILL leaves: the folder and a lock file that nobody holds.
        std::fs::create_dir(work.path().join("dead")).unwrap();
        std::fs::write(work.path().join(".locks/dead"), "").unwrap();
        std::fs::write(work.path().join(".locks/died-early"), "").unwrap();
        assert_eq!(sweep(work.path()).unwrap(), Vec::<PathBuf>::new());
        assert_eq!(names(work.path()), [".locks", "living"]);
        assert_eq!(names(&work.path().join(".locks")), [".gate", "living"]);
        drop(living);
        assert_eq!(sweep(&work.path().join("absent")).unwrap(), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_tree_deeper_than_a_process_can_have_files_open_is_removed() {
        let work = tempfile::tempdir().unwrap();
        let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        let tree = work.path().join("tree");
        std::fs::create_dir(&tree).unwrap();
        // From the inside out, since no path reaches that deep.
        let (inside, spare) = (work.path().join("inside"), work.path().join("spare"));
        std::fs::create_dir(&inside).unwrap();
        for _ in 0..files.unwrap_or(0).clamp(3_000, 30_000) + 10 {
            std::fs::create_dir(&spare).unwrap();
            std::fs::rename(&inside, spare.join("d")).unwrap();
            std::fs::rename(&spare, &inside).unwrap();
        }
        std::fs::rename(&inside, tree.join("d")).unwrap();
        remove_tree(&tree).unwrap();
        assert_eq!(names(work.path()), Vec::<String>::new());
    }

    #[test]
    fn folders_without_write_permission_are_opened_up_for_removal() {
        let work = tempfile::tempdir().unwrap();
        let inner = work.path().join("tree/mod@v1.0.0");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::write(inner.join("go.mod"), "module x").unwrap();
        std::os::unix::fs::symlink("/", inner.join("root")).unwrap();
        let root_mode = std::fs::metadata("/").unwrap().permissions().mode();
        for folder in [&inner, &work.path().join("tree")] {
            std::fs::set_permissions(folder, Permissions::from_mode(0o500)).unwrap();
        }
        prepare(&work.path().join("tree"));
        assert_eq!(std::fs::metadata(&inner).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(std::fs::metadata("/").unwrap().permissions().mode(), root_mode);
        remove_tree(&work.path().join("tree")).unwrap();
        assert_eq!(names(work.path()), Vec::<String>::new());
    }
}

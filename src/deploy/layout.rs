//! Where a deployment root keeps what (codedeploy.md 8.1), and how nothing leaves it.
//!
//! A deployment root is a folder that stands for the `/` of an instance: the agent's own folder is at its usual place
//! below it, and so are the destinations of `files`.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use super::lifecycle::Record;
use crate::action::Error;
use crate::spec::quotas;
use crate::store;

/// The agent's own folder, below the deployment root. Nothing is installed there.
pub(super) const AGENTS: &str = "opt/codedeploy-agent";

/// The agent's `root_dir`, below the deployment root.
pub(super) const AGENT: &str = "opt/codedeploy-agent/deployment-root";

/// One group's share of a deployment root.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    root: PathBuf,
    agent: PathBuf,
    group: String,
}

impl Layout {
    /// Makes the deployment root, when it is not there, and the agent's folders in it.
    pub(super) fn make(root: &Path, group: &str) -> Result<Self, Error> {
        fs::create_dir_all(root).map_err(Error::at("create", root))?;
        let root = root.canonicalize().map_err(Error::at("find", root))?;
        let agent = root.join(AGENT);
        fs::create_dir_all(&agent).map_err(Error::at("create", &agent))?;
        // Hooks write in the root as they like; what they left must not send us elsewhere.
        let real = agent.canonicalize().map_err(Error::at("find", &agent))?;
        if real != agent {
            let why = io::Error::other(format!("it is a link to {}", real.display()));
            return Err(Error::at("use", &agent)(why));
        }
        let layout = Self { root, agent, group: group.to_owned() };
        for folder in [layout.instructions(), layout.ongoing(), layout.group_folder()] {
            fs::create_dir_all(&folder).map_err(Error::at("create", &folder))?;
        }
        Ok(layout)
    }

    /// The folder that stands for `/`, without links on the way.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of a deployment.
    pub(super) fn deployment(&self, id: &str) -> PathBuf {
        self.group_folder().join(id)
    }

    /// Where its revision is unpacked.
    pub(super) fn archive(&self, id: &str) -> PathBuf {
        self.deployment(id).join("deployment-archive")
    }

    /// The list of what the next deployment removes first.
    pub(super) fn cleanup(&self) -> PathBuf {
        self.instructions().join(format!("{}-cleanup", self.group))
    }

    /// What Install did.
    pub(super) fn install(&self) -> PathBuf {
        self.instructions().join(format!("{}-install.json", self.group))
    }

    /// Which action execution a deployment belongs to.
    pub(super) fn action(&self, id: &str) -> PathBuf {
        self.deployment(id).join("action-execution")
    }

    /// Whether somebody who is alive says that something of this deployment runs.
    pub(super) fn is_running(&self, id: &str) -> bool {
        let file = File::open(self.running(id));
        file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Says so, until the file is closed.
    pub(super) fn claim_running(&self, id: &str) -> Result<File, Error> {
        let path = self.running(id);
        let file = open(&path)?;
        file.lock_shared().map_err(Error::at("lock", &path))?;
        Ok(file)
    }

    /// The right to deploy to the group, until the file is closed; nothing when somebody else has it.
    pub(super) fn claim_group(&self) -> Result<Option<File>, Error> {
        let path = self.ongoing().join(format!("{}.lock", self.group));
        let file = open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::at("lock", &path)(error)),
        }
    }

    fn running(&self, id: &str) -> PathBuf {
        self.deployment(id).join("running.lock")
    }

    fn group_folder(&self) -> PathBuf {
        self.agent.join(&self.group)
    }

    fn instructions(&self) -> PathBuf {
        self.agent.join("deployment-instructions")
    }

    fn ongoing(&self) -> PathBuf {
        self.agent.join("ongoing-deployment")
    }

    fn record_file(&self, record: Record) -> PathBuf {
        let name = match record {
            Record::MostRecent => "most_recent_install",
            Record::LastSuccessful => "last_successful_install",
        };
        self.instructions().join(format!("{}_{name}", self.group))
    }

    /// Writes down which deployment it was.
    pub(super) fn record(&self, record: Record, id: &str) -> Result<(), Error> {
        replace(&self.record_file(record), self.deployment(id).as_os_str().as_bytes())
    }

    /// The deployment whose revision was installed last, if its folder is still there.
    pub(super) fn last_successful(&self) -> Option<String> {
        let text = fs::read_to_string(self.record_file(Record::LastSuccessful)).ok()?;
        // Only the name counts: the file lies where hooks can write.
        let id = Path::new(text.trim_end()).file_name()?.to_str()?.to_owned();
        self.deployment(&id).is_dir().then_some(id)
    }

    /// The deployments whose folders are there.
    pub(super) fn deployments(&self) -> Vec<String> {
        let entries = fs::read_dir(self.group_folder()).into_iter().flatten().flatten();
        entries
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect()
    }

    /// Removes the oldest revisions but the one that was installed last, so that with `present` no more than five are
    /// kept (codedeploy.md 8.3).
    pub(super) fn prune(&self, present: &str) -> Result<(), Error> {
        let last = self.last_successful();
        let mut others: Vec<_> = self
            .deployments()
            .into_iter()
            .filter(|id| id != present)
            .map(|id| (fs::metadata(self.deployment(&id)).and_then(|data| data.modified()).ok(), id))
            .collect();
        others.sort();
        let surplus = (others.len() + 1).saturating_sub(quotas::REVISIONS_KEPT.value as usize);
        let old = others.into_iter().map(|(_, id)| id);
        let old = old.filter(|id| Some(id) != last.as_ref() && !self.is_running(id));
        for id in old.take(surplus) {
            let folder = self.deployment(&id);
            store::remove_tree(&folder).map_err(Error::at("remove", &folder))?;
        }
        Ok(())
    }
}

fn open(path: &Path) -> Result<File, Error> {
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path);
    file.map_err(Error::at("open", path))
}

/// Writes a file whole or not at all, and over no link.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<(), Error> {
    let failed = |error| Error::at("write", path)(error);
    let parent = path.parent().unwrap_or(path);
    let mut file = tempfile::NamedTempFile::new_in(parent).map_err(failed)?;
    io::Write::write_all(&mut file, content).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// An absolute path of the instance as a path below its `/`; like the kernel's, its `/..` is `/`.
pub(super) fn below_root(path: &str) -> PathBuf {
    let mut below = PathBuf::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(name) => below.push(name),
            Component::ParentDir => {
                below.pop();
            }
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    below
}

/// A path of the bundle, or nothing when it leads out of it.
pub(super) fn in_bundle(path: &str) -> Option<PathBuf> {
    let mut inside = PathBuf::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(name) => inside.push(name),
            Component::ParentDir if !inside.pop() => return None,
            Component::ParentDir | Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    Some(inside)
}

/// A link on the way to a place leads out of the folder that it must be in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Escape {
    /// The link.
    pub(super) link: PathBuf,
}

/// Where `below` is in `folder`, with every link before its last part followed. `folder` has none itself.
pub(super) fn inside(folder: &Path, below: &Path) -> Result<PathBuf, Escape> {
    let mut path = folder.to_owned();
    let mut parts = below.components().peekable();
    while let Some(part) = parts.next() {
        path.push(part);
        if parts.peek().is_some() {
            path = followed(folder, path)?;
        }
    }
    Ok(path)
}

/// `path` with its last part followed too, when it is a link.
pub(super) fn followed(folder: &Path, path: PathBuf) -> Result<PathBuf, Escape> {
    match path.canonicalize() {
        Ok(real) if real.starts_with(folder) => Ok(real),
        // Not there at all is fine: it is made as a folder. A link to nothing is not.
        Err(_) if path.symlink_metadata().is_err() => Ok(path),
        Ok(_) | Err(_) => Err(Escape { link: path }),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn destinations_stay_below_the_root_by_their_own_words() {
        for (path, expected) in [
            ("/opt/app", "opt/app"),
            ("/", ""),
            ("opt/./app/", "opt/app"),
            ("/../../etc", "etc"),
            ("/opt/../../../etc/./x", "etc/x"),
        ] {
            assert_eq!(below_root(path), Path::new(expected), "{path}");
        }
        for (path, expected) in
            [("/", Some("")), ("a/../b", Some("b")), ("/a", Some("a")), ("../a", None), ("a/../../b", None)]
        {
            assert_eq!(in_bundle(path).as_deref(), expected.map(Path::new), "{path}");
        }
    }

    #[test]
    fn links_are_followed_inside_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("releases/1")).unwrap();
        symlink(root.join("releases/1"), root.join("current")).unwrap();
        symlink("/tmp", root.join("out")).unwrap();
        symlink("/nowhere/at/all", root.join("dangling")).unwrap();
        assert_eq!(inside(&root, Path::new("current/a")).unwrap(), root.join("releases/1/a"));
        assert_eq!(inside(&root, Path::new("new/b/a")).unwrap(), root.join("new/b/a"));
        // The last part itself is not followed: it is what gets replaced.
        assert_eq!(inside(&root, Path::new("out")).unwrap(), root.join("out"));
        for (path, link) in [("out/a", "out"), ("dangling/a/b", "dangling")] {
            assert_eq!(inside(&root, Path::new(path)), Err(Escape { link: root.join(link) }), "{path}");
        }
    }

    #[test]
    fn five_revisions_are_kept_and_the_installed_one_always() {
        // codedeploy.md 8.3
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::make(folder.path(), "g").unwrap();
        let now = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        for age in 0..7 {
            let id = format!("d-{age}");
            fs::create_dir_all(layout.archive(&id)).unwrap();
            let time = now - std::time::Duration::from_secs(60 * age);
            File::open(layout.deployment(&id)).unwrap().set_modified(time).unwrap();
        }
        layout.record(Record::LastSuccessful, "d-6").unwrap();
        layout.prune("d-0").unwrap();
        let mut kept = layout.deployments();
        kept.sort();
        assert_eq!(kept, ["d-0", "d-1", "d-2", "d-3", "d-6"]);
        assert_eq!(layout.last_successful().as_deref(), Some("d-6"));
    }
}

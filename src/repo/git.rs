//! The repository as libgit2 reads it.
//!
//! Owns: finding and opening a repository, and the two handles through which questions are asked. Leaves to its
//! siblings: the answers.

use std::path::{Path, PathBuf};

use git2::RepositoryOpenFlags as Open;

use super::error::Error;
use super::export::{self, Manner};
use super::found::Found;
use super::history::PrivateClone;
use super::notice::{Exported, Notice};
use super::push::{self, HooksDir};
use super::revision::{Commit, CommitId, Ref};
use super::{Repository, history, resolve, tree, work_tree};

/// A git repository on this machine. Holds no handle open, so it can be shared between threads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitRepository {
    /// The git directory: of a linked worktree, its own.
    own: PathBuf,
    /// The git directory that all worktrees share.
    common: PathBuf,
    /// The working tree.
    work: Option<PathBuf>,
}

/// Finds the repository that `from` is in, looking upwards as git does. The environment (`GIT_DIR` and the like) has
/// no part in it.
pub fn discover(from: &Path) -> Result<GitRepository, Error> {
    let found = open(from, Open::empty())?;
    Ok(GitRepository {
        own: found.path().to_path_buf(),
        common: found.commondir().to_path_buf(),
        work: found.workdir().map(Path::to_path_buf),
    })
}

fn open(path: &Path, flags: Open) -> Result<git2::Repository, Error> {
    const NO_CEILING: [&Path; 0] = [];
    git2::Repository::open_ext(path, flags, NO_CEILING).map_err(|source| Error::opening(path, source))
}

impl GitRepository {
    /// For questions about refs, the index and the working tree.
    pub(super) fn handle(&self) -> Result<git2::Repository, Error> {
        open(&self.own, Open::NO_SEARCH)
    }

    /// For questions about objects: the object store alone, without refs, index, working tree and settings.
    pub(super) fn objects(&self) -> Result<git2::Repository, Error> {
        let repository = self.handle()?;
        let bare = || {
            let objects = git2::Repository::from_odb(repository.odb()?)?;
            objects.set_config(&git2::Config::new()?)?;
            Ok(objects)
        };
        bare().map_err(Error::git("open the object store"))
    }

    /// Where git looks for the hooks of this repository.
    pub fn hooks_dir(&self) -> Result<HooksDir, Error> {
        push::hooks_dir(&self.handle()?, self.work.as_deref(), &self.common)
    }

    /// The URLs of the remotes, as the settings have them; none that cannot be read.
    pub fn remotes(&self) -> Vec<String> {
        let read = || {
            let repository = self.handle().ok()?;
            let names = repository.remotes().ok()?;
            let url = |name: &str| repository.find_remote(name).ok()?.url().map(str::to_owned).ok();
            Some(names.iter().flatten().flatten().filter_map(url).collect())
        };
        read().unwrap_or_default()
    }

    fn work_dir_or_error(&self) -> Result<&Path, Error> {
        self.work.as_deref().ok_or_else(|| Error::NoWorkTree { path: self.own.clone() })
    }
}

impl Repository for GitRepository {
    fn resolve(&self, rev: &str) -> Result<Commit, Error> {
        resolve::resolve(&self.handle()?, rev)
    }

    fn branch(&self) -> Result<Option<String>, Error> {
        resolve::branch(&self.handle()?)
    }

    fn default_branch(&self) -> Result<Option<String>, Error> {
        resolve::default_branch(&self.handle()?)
    }

    fn refs(&self) -> Result<Vec<Ref>, Error> {
        resolve::refs(&self.handle()?)
    }

    fn look(&self, commit: &CommitId, path: &Path) -> Result<Found, Error> {
        let objects = self.objects()?;
        tree::look(&objects, &tree::of_commit(&objects, commit)?, path)
    }

    fn is_executable(&self, commit: Option<&CommitId>, path: &Path) -> Result<Option<bool>, Error> {
        let Some(commit) = commit else { return work_tree::is_executable(&self.handle()?, path) };
        let objects = self.objects()?;
        Ok(tree::is_executable(&tree::of_commit(&objects, commit)?, path))
    }

    fn list(&self, commit: &CommitId) -> Result<Vec<PathBuf>, Error> {
        let objects = self.objects()?;
        tree::list(&objects, &tree::of_commit(&objects, commit)?)
    }

    fn changed_paths(&self, from: Option<&CommitId>, to: &CommitId) -> Result<Vec<PathBuf>, Error> {
        let objects = self.objects()?;
        let from = from.map(|from| tree::of_commit(&objects, from)).transpose()?;
        tree::changed(&objects, from.as_ref(), &tree::of_commit(&objects, to)?)
    }

    fn uncommitted(&self, paths: &[&str]) -> Result<Vec<PathBuf>, Error> {
        match self.work {
            Some(_) => work_tree::uncommitted(&self.handle()?, paths),
            None => Ok(Vec::new()),
        }
    }

    fn ignores(&self, path: &Path) -> Result<bool, Error> {
        work_tree::ignores(&self.handle()?, path)
    }

    fn export(&self, commit: &CommitId, into: &Path) -> Result<Exported, Error> {
        let objects = self.objects()?;
        export::export(&objects, &tree::of_commit(&objects, commit)?, Manner::Archive, into)
    }

    fn list_work_tree(&self) -> Result<Vec<PathBuf>, Error> {
        let work_dir = self.work_dir_or_error()?;
        work_tree::list(&self.handle()?, work_dir)
    }

    fn export_work_tree(&self, into: &Path) -> Result<Exported, Error> {
        let work_dir = self.work_dir_or_error()?;
        work_tree::export(&self.handle()?, work_dir, into)
    }

    fn export_with_history(
        &self,
        commit: &CommitId,
        clone: &PrivateClone<'_>,
        into: &Path,
    ) -> Result<Exported, Error> {
        let objects = self.objects()?;
        let tree = tree::of_commit(&objects, commit)?;
        let mut exported = export::export(&objects, &tree, Manner::Checkout, into)?;
        exported.notices.extend(self.write_history(commit, clone, into)?);
        Ok(exported)
    }

    fn write_history(
        &self,
        commit: &CommitId,
        clone: &PrivateClone<'_>,
        into: &Path,
    ) -> Result<Vec<Notice>, Error> {
        history::write(&self.handle()?, &self.common, commit, clone, into)
    }

    fn work_dir(&self) -> Option<&Path> {
        self.work.as_deref()
    }

    fn common_dir(&self) -> &Path {
        &self.common
    }
}

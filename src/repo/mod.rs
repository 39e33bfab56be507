//! git: resolving revisions, refs, copies of a commit, and the actions that hand a commit to a pipeline.
//!
//! Owns: everything that reads a repository, behind the small [`Repository`] trait, and its one implementation with
//! libgit2, [`GitRepository`]. Leaves to `store`: packing artifacts and where copies live. Leaves to `pipeline`: what
//! starts an execution.
//!
//! Nothing here writes to the user's repository ([`create`] makes new ones elsewhere): not to its objects, refs or index, and not to the working tree. What a
//! copy of a commit holds depends on that commit alone, never on the working tree, `info/attributes`, the
//! configuration (the repository's, the user's or the system's) or the environment (`GIT_*`, `HOME`).

mod attributes;
mod convert;
mod create;
mod error;
mod export;
mod found;
mod git;
mod history;
mod notice;
mod objects;
mod push;
mod resolve;
mod revision;
mod seen;
mod source;
mod tree;
mod watch;
mod work_tree;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use create::{NewCommit, NewFile, create};
pub use error::Error;
pub use found::Found;
pub use git::{GitRepository, discover};
pub use history::PrivateClone;
pub use notice::{Exported, Notice, summary};
pub use push::{HooksDir, NotPushed, Pushed, pushed};
pub use revision::{Commit, CommitId, Person, Ref, RefKind};
pub use seen::{Moved, Seen, SeenError, Snapshot, snapshot};
pub use source::GitSource;
pub use watch::RefBell;
pub use work_tree::copy_folder;

/// A repository, as far as Rehearsal asks anything of one.
///
/// Each call looks at the repository as it is then. Copies are made in a folder that does not exist yet or is empty;
/// what a failed call leaves in it is the caller's to remove.
pub trait Repository: Send + Sync {
    /// The commit that `rev` names: a branch, a tag, `HEAD`, an id or the beginning of one, or what gitrevisions(7)
    /// makes of these.
    fn resolve(&self, rev: &str) -> Result<Commit, Error>;

    /// The commit that is checked out.
    fn head(&self) -> Result<Commit, Error> {
        self.resolve("HEAD")
    }

    /// The branch that is checked out, also when it has no commit yet; `None` when `HEAD` is detached.
    fn branch(&self) -> Result<Option<String>, Error>;

    /// The branch that the project takes for its default one: the one that `origin` says, else `main` or `master` where
    /// there is one, else the branch that is checked out. `None` when none of these is there.
    fn default_branch(&self) -> Result<Option<String>, Error>;

    /// All branches, tags and branches of remotes that lead to a commit, by name.
    fn refs(&self) -> Result<Vec<Ref>, Error>;

    /// What is at a path of a commit, through links that stay inside it.
    fn look(&self, commit: &CommitId, path: &Path) -> Result<Found, Error>;

    /// Whether a file of a commit, or without one a file that is tracked, is executable to git; none when there is no such file.
    fn is_executable(&self, commit: Option<&CommitId>, path: &Path) -> Result<Option<bool>, Error>;

    /// The content of a file of a commit, through links that stay inside it. `None` when there is no such file.
    fn read(&self, commit: &CommitId, path: &Path) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.look(commit, path)?.file())
    }

    /// The paths of all files and links of a commit, in order.
    fn list(&self, commit: &CommitId) -> Result<Vec<PathBuf>, Error>;

    /// The paths of the files and links of the working tree: tracked ones, and untracked ones that are not ignored. What
    /// lies in submodules and in other repositories is left out. Folders that cannot be listed are there too, and end in `/`.
    fn list_work_tree(&self) -> Result<Vec<PathBuf>, Error>;

    /// The paths that differ between two commits, in order; without `from`, all paths of `to`. A renamed file is there
    /// under both names.
    fn changed_paths(&self, from: Option<&CommitId>, to: &CommitId) -> Result<Vec<PathBuf>, Error>;

    /// Which of `paths` (or what is below them) differ between the working tree and `HEAD`, ignored files excepted.
    fn uncommitted(&self, paths: &[&str]) -> Result<Vec<PathBuf>, Error>;

    /// Whether `git add` would pass over a path of the working tree: it is ignored, and not tracked all the same.
    fn ignores(&self, path: &Path) -> Result<bool, Error>;

    /// Writes the files of a commit into `into`, as `git archive` would: no `.git`, `export-ignore` honoured.
    fn export(&self, commit: &CommitId, into: &Path) -> Result<Exported, Error>;

    /// Copies the working tree into `into`: tracked files as they are now, and untracked files that are not ignored.
    fn export_work_tree(&self, into: &Path) -> Result<Exported, Error>;

    /// Writes the files of a commit into `into`, with a `.git` of their own: the history of the commit, its tags, and
    /// a branch (or a detached `HEAD`) at the commit. It has no other ref, no hook and no setting of the user,
    /// and is linked to nothing of the user's, so a build can do to it what it likes.
    fn export_with_history(
        &self,
        commit: &CommitId,
        clone: &PrivateClone<'_>,
        into: &Path,
    ) -> Result<Exported, Error>;

    /// Writes only the `.git` of [`Repository::export_with_history`], into an existing folder.
    fn write_history(
        &self,
        commit: &CommitId,
        clone: &PrivateClone<'_>,
        into: &Path,
    ) -> Result<Vec<Notice>, Error>;

    /// The folder of the working tree; `None` for a bare repository.
    fn work_dir(&self) -> Option<&Path>;

    /// The git directory that all worktrees share.
    fn common_dir(&self) -> &Path;
}

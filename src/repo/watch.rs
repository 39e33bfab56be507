//! Noticing that refs changed.
//!
//! Owns: the watch on the files that hold refs, in the git directory that all worktrees share. It is a doorbell and
//! nothing more: one ring or thirty, some of which get lost; what changed is read from a snapshot ([`super::Seen`]).
//! Leaves to the caller: waiting until it is quiet, and looking now and then without being rung.

use std::path::Path;

use notify::{RecursiveMode, Watcher as _};

use super::Repository;

/// Rings until it is dropped.
pub struct RefBell {
    _watcher: notify::RecommendedWatcher,
}

impl RefBell {
    /// Calls `ring` whenever a ref of `repository` may have changed. An error says why nobody can be told; whoever looks
    /// now and then misses nothing.
    pub fn hang(repository: &dyn Repository, ring: impl Fn() + Send + 'static) -> Result<Self, String> {
        let (common, refs) = (repository.common_dir().to_owned(), repository.common_dir().join("refs"));
        let said = |error: notify::Error| error.to_string();
        let folder = refs.clone();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let of_refs = |path: &Path| path.starts_with(&folder) || path.ends_with("packed-refs");
            let rings = event.map_or(true, |event| {
                // An event without a path tells that some were lost.
                let ours = event.paths.is_empty() || event.paths.iter().any(|path| of_refs(path));
                !event.kind.is_access() && ours
            });
            if rings {
                ring();
            }
        })
        .map_err(said)?;
        watcher.watch(&common, RecursiveMode::NonRecursive).map_err(said)?;
        watcher.watch(&refs, RecursiveMode::Recursive).map_err(said)?;
        Ok(Self { _watcher: watcher })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;
    use crate::repo::fixture::Grown;

    const CEILING: Duration = Duration::from_secs(30);

    #[test]
    fn it_rings_for_refs_of_every_worktree() {
        let grown = Grown::from("history");
        let worktree = grown.beside("worktree");
        grown.git(&["worktree", "add", "--quiet", worktree.to_str().unwrap(), "feature/login"]);
        let repository = crate::repo::discover(&worktree).unwrap();
        let (sender, rings) = channel();
        let _bell = RefBell::hang(&repository, move || {
            let _ = sender.send(());
        })
        .unwrap();
        grown.git(&["tag", "rings"]);
        rings.recv_timeout(CEILING).unwrap();
        grown.git_in(&worktree, &["branch", "deep/er/branch"]);
        rings.recv_timeout(CEILING).unwrap();
    }
}

//! Where things are in a build's workspace, and what commands call them.
//!
//! Owns: the folders of a workspace, and their places in the isolated sandbox, which are those of a build on AWS. Leaves to
//! `process::sandbox`: everything else that commands see there.
//!
//! Paths are those of this machine, which Rehearsal itself opens, unless they are said to be inside.

use std::path::{Path, PathBuf};

use super::request::Host;
use crate::action::Error;
use crate::process::GuardOptions;
use crate::process::sandbox::{Room, Sandbox, View};

/// A folder of the workspace, and its place in the isolated sandbox.
type Place = (&'static str, &'static str);

/// Sources, scripts and CodeBuild's own commands.
const CODEBUILD: Place = ("codebuild", "/codebuild");

/// The private HOME.
const HOME: Place = ("home", "/root");

/// The private folder for temporary files.
const TEMP: Place = ("tmp", "/tmp");

/// Stand-ins for commands, which builds may not change.
const SHIMS: Place = ("shims", "/rehearsal/shims");

/// Where the isolated sandbox has the repository's cache folders.
const CACHES: &str = "/var/cache/rehearsal";

/// Where things are in a build's workspace.
#[derive(Debug, Clone)]
pub struct Layout {
    pub(super) root: PathBuf,
    /// What is worth telling of the sandbox.
    pub(super) notes: Vec<String>,
    view: View,
}

impl Layout {
    /// The layout of the workspace `root`, which must exist under that name without symbolic links on the way: on the
    /// host, the names of these folders are what commands see as their working directory.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), notes: Vec::new(), view: View::host() }
    }

    /// The same in the sandbox that builds of `host` run in, and how the guard is started there.
    pub(super) fn enter(root: &Path, host: &Host) -> Result<(Self, GuardOptions), Error> {
        let mut layout = Self::new(root);
        let places =
            [CODEBUILD, HOME, TEMP].map(|(folder, inside)| (root.join(folder), PathBuf::from(inside)));
        let caches = host.caches.iter().map(|caches| (caches.clone(), PathBuf::from(CACHES)));
        let writable: Vec<_> = places.into_iter().chain(caches).collect();
        let readable = [(layout.shims(), PathBuf::from(SHIMS.1))];
        match host.sandbox {
            Sandbox::Host => {}
            // What is to be shown has to be there.
            Sandbox::Isolated(_) => {
                for (folder, _) in writable.iter().chain(&readable) {
                    std::fs::create_dir_all(folder).map_err(Error::at("create", folder))?;
                }
            }
        }
        let room = Room {
            host: &host.environment,
            writable: &writable,
            readable: &readable,
            private: &host.private,
            files: &root.join("sandbox"),
        };
        let entered =
            host.sandbox.enter(&host.guard, &room).map_err(Error::at("prepare a sandbox in", root))?;
        (layout.view, layout.notes) = (entered.view, entered.notes);
        Ok((layout, entered.guard))
    }

    /// Where a caller puts a source that is no archive; on AWS `/codebuild/output/src<digits>/src`.
    pub fn checkout(&self) -> PathBuf {
        self.root.join("codebuild/output/src1/src")
    }

    /// Where stand-ins for commands, and the commands that CodeBuild adds, are put before the first command runs. Commands see the folder read-only in the
    /// isolated sandbox; [`Layout::inside`] says where.
    pub fn shims(&self) -> PathBuf {
        self.root.join(SHIMS.0)
    }

    /// Where the archive of this source is unpacked; on AWS `/codebuild/output/src<digits>/src/s3/00` and so on.
    pub(super) fn unpacked(&self, index: usize) -> PathBuf {
        self.checkout().join(format!("s3/{index:02}"))
    }

    /// Where the scripts and their state are.
    pub(super) fn state(&self) -> PathBuf {
        self.root.join("codebuild/output/tmp")
    }

    /// Where an inline buildspec is said to be.
    pub(super) fn inline_buildspec(&self) -> PathBuf {
        self.root.join("codebuild/readonly/buildspec.yml")
    }

    /// The private HOME.
    pub(super) fn home(&self) -> PathBuf {
        self.root.join(HOME.0)
    }

    /// The private folder for temporary files.
    pub(super) fn temp(&self) -> PathBuf {
        self.root.join(TEMP.0)
    }

    /// The folders that commands may write to: what each is called inside, and where it is.
    pub(super) fn writable(&self) -> Vec<(PathBuf, PathBuf)> {
        let all = [CODEBUILD.0, HOME.0, TEMP.0].map(|folder| self.root.join(folder));
        all.into_iter().map(|folder| (self.inside(&folder), folder)).collect()
    }

    /// The folder above which git is not to look for a repository.
    pub(super) fn ceiling(&self) -> PathBuf {
        if self.view.is_host() { self.root.clone() } else { self.root.join(CODEBUILD.0) }
    }

    /// How commands see files.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// What commands call a file; one that they cannot see keeps its name, which means nothing to them.
    pub fn inside(&self, outside: &Path) -> PathBuf {
        self.view.inside(outside).unwrap_or_else(|| outside.to_owned())
    }
}

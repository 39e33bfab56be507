//! What a build is asked to do, and what comes of it.
//!
//! Owns: the public types that `cli` and the providers fill in and read.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::service::Identity;
use super::stand_in::StandIns;
use crate::action::{Failure, PhaseStatus, Report};
use crate::aws::Forward;
use crate::clock::Clock;
use crate::diagnostic::Finding;
use crate::process::GuardOptions;
use crate::spec::buildspec::Buildspec;
pub use crate::spec::buildspec::BuildspecFile;
use crate::spec::config::{Project, ProjectVariable};

/// The machine that builds run on: the same for all of them.
#[derive(Clone)]
pub struct Host {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How guards are started.
    pub guard: GuardOptions,
    /// The user's environment. Of it, builds see only what `process::environment` lets through.
    pub environment: BTreeMap<OsString, OsString>,
    /// `local.inherit` of rehearsal.yml.
    pub inherit: Vec<String>,
    /// Where cache folders are kept for this repository; `None` gives each build empty ones.
    pub caches: Option<PathBuf>,
    /// Performs the calls that `--allow` lets through.
    pub forward: Option<Arc<dyn Forward>>,
}

/// One build.
#[derive(Debug, Clone)]
pub struct BuildRequest {
    /// Who it is.
    pub identity: Identity,
    /// The project it is a build of: image, environment, buildspec.
    pub project: Project,
    /// What it does.
    pub instructions: Instructions,
    /// Variables of this start, which beat the project's (codebuild.md 1.5).
    pub overrides: Vec<ProjectVariable>,
    /// `CODEBUILD_WEBHOOK_*` and others, where they are known.
    pub known: Vec<(String, String)>,
    /// The commit, where it is known.
    pub revision: Option<String>,
    /// The source that holds the buildspec.
    pub primary: Source,
    /// Other sources, each with its identifier.
    pub secondary: Vec<(String, Source)>,
    /// Stand-ins for parameters and secrets.
    pub stand_ins: StandIns,
    /// The artifacts that are expected of it.
    pub outputs: Outputs,
    /// How long it may take.
    pub time_limit: Duration,
    /// A folder of its own. The caller removes it.
    pub workspace: PathBuf,
}

/// Where a build's instructions come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Instructions {
    /// A buildspec (codebuild.md 1.1).
    File(BuildspecFile),
    /// Instructions without a file: those of a Commands action.
    Given(Box<Buildspec>),
}

/// One source of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What it holds.
    pub content: Content,
    /// `CODEBUILD_SOURCE_VERSION`
    pub version: Option<String>,
    /// `CODEBUILD_SOURCE_REPO_URL`
    pub repository: Option<String>,
}

/// Where the files of a source are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A ZIP, to be unpacked.
    Archive(PathBuf),
    /// A folder that belongs to this build alone and is used where it is (see [`Layout::checkout`]).
    Folder(PathBuf),
}

/// The artifacts that a build is expected to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outputs {
    /// Whatever the buildspec defines.
    Declared,
    /// None, whatever the buildspec defines.
    Nothing,
    /// The buildspec's `artifacts`, as the output of this name.
    Primary(String),
    /// Those of the `secondary-artifacts` that have these identifiers.
    Secondary(Vec<String>),
}

/// What a build hands back.
#[derive(Debug, Clone)]
pub struct BuildResult {
    /// How it ended.
    pub status: PhaseStatus,
    /// What went wrong first; present unless it succeeded.
    pub failure: Option<Failure>,
    /// What is to say about the buildspec.
    pub findings: Vec<Finding>,
    /// What it made.
    pub artifacts: Vec<BuiltArtifact>,
    /// What its `reports` say (codebuild.md 3.13).
    pub reports: Vec<Report>,
    /// `exported-variables` and their values.
    pub exported: BTreeMap<String, String>,
    /// What had a dummy for its value (`--placeholder-secrets`), a line each: this counts as simulated.
    pub placeholders: Vec<String>,
}

/// An artifact of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltArtifact {
    /// Its identifier in the buildspec; `None` for the primary one.
    pub identifier: Option<String>,
    /// Its name: that of the output it was made for, else the buildspec's `name`, else the project's name.
    pub name: String,
    /// The ZIP, in the workspace.
    pub archive: PathBuf,
    /// How many files are in it.
    pub files: usize,
}

/// Where things are in a build's workspace.
#[derive(Debug, Clone)]
pub struct Layout {
    pub(super) root: PathBuf,
}

impl Layout {
    /// The layout of the workspace `root`, which must exist under that name without symbolic links on the way: the
    /// names of these folders are what commands see as their working directory.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Where a caller puts a source that is no archive; on AWS `/codebuild/output/src<digits>/src`.
    pub fn checkout(&self) -> PathBuf {
        self.root.join("codebuild/output/src1/src")
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

    /// The commands that CodeBuild adds.
    pub(super) fn tools(&self) -> PathBuf {
        self.root.join("codebuild/bin")
    }

    /// The private HOME.
    pub(super) fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// The private folder for temporary files.
    pub(super) fn temp(&self) -> PathBuf {
        self.root.join("tmp")
    }
}

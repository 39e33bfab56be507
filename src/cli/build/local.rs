//! The provider of a build alone: its source comes from the working tree, a folder or a commit, not from an artifact,
//! and what its commands write is passed on while they run.

use std::io::{self, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::action::{
    self, Cancel, Failure, Job, Outcome, PhaseStatus, Progress, Provider, Sink, Status, Stream,
};
use crate::build::{
    self, BuildRequest, BuildspecFile, Content, Identity, Instructions, Layout, Numbers, Outputs, Queue,
    Source, StandIns,
};
use crate::clock::{Timestamp, new_id};
use crate::repo::{self, CommitId, Exported, PrivateClone, Repository, copy_folder};
use crate::spec::config::{Project, ProjectSource, ProjectVariable};

/// Where the files of the build come from.
#[derive(Clone)]
pub(super) enum Origin {
    /// A commit.
    Commit(Arc<dyn Repository>, CommitId),
    /// The working tree: tracked files, and others that are not ignored.
    WorkTree(Arc<dyn Repository>),
    /// A folder that is in no repository.
    Folder(PathBuf),
}

impl Origin {
    /// Writes the files into `into`; with a `.git` of their own, where there is a repository to clone and the project's
    /// source is one.
    fn export(&self, source: &ProjectSource, into: &Path) -> Result<Exported, repo::Error> {
        let clone = PrivateClone {
            // CodeBuild checks out the commit.
            branch: None,
            depth: NonZeroU32::new(source.git_clone_depth),
            origin: source.location.as_deref(),
        };
        let cloned = source.is_cloned();
        match self {
            Self::Commit(repository, commit) if cloned => {
                repository.export_with_history(commit, &clone, into)
            }
            Self::Commit(repository, commit) => repository.export(commit, into),
            Self::WorkTree(repository) => {
                let mut exported = repository.export_work_tree(into)?;
                // Before the first commit there is nothing to clone.
                if let Some(head) = repository.head().ok().filter(|_| cloned) {
                    exported.notices.extend(repository.write_history(&head.id, &clone, into)?);
                }
                Ok(exported)
            }
            Self::Folder(folder) => copy_folder(folder, into),
        }
    }

    fn revision(&self) -> Option<String> {
        match self {
            Self::Commit(_, commit) => Some(commit.to_string()),
            Self::WorkTree(_) | Self::Folder(_) => None,
        }
    }

    /// The commit that commands see as the resolved version of their source: of a working tree, the one it is on.
    fn resolved(&self) -> Option<String> {
        match self {
            Self::WorkTree(repository) => repository.resolve("HEAD").ok().map(|commit| commit.id.to_string()),
            Self::Commit(..) | Self::Folder(_) => self.revision(),
        }
    }
}

/// One build, ready to run.
pub(super) struct Local {
    pub(super) host: build::Host,
    pub(super) project: Project,
    pub(super) buildspec: BuildspecFile,
    pub(super) overrides: Vec<ProjectVariable>,
    pub(super) origin: Origin,
    pub(super) initiator: String,
    pub(super) region: String,
    pub(super) account: String,
    pub(super) stand_ins: StandIns,
    pub(super) numbers: Numbers,
    pub(super) queue: Queue,
    pub(super) time_limit: Duration,
    /// Whether output is passed on while it comes.
    pub(super) streams: bool,
}

impl Provider for Local {
    fn perform(&self, job: &Job, sink: &mut dyn Sink, cancel: &Cancel) -> Result<Outcome, action::Error> {
        let checkout = Layout::new(&job.workspace).checkout();
        if let Some(parent) = checkout.parent() {
            std::fs::create_dir_all(parent).map_err(action::Error::at("create", parent))?;
        }
        match self.origin.export(&self.project.source, &checkout) {
            Ok(exported) => {
                for line in repo::summary(&exported.notices) {
                    sink.progress(Progress::Note(line));
                }
            }
            Err(error) => return source_failed(error),
        }
        let revision = self.origin.revision();
        let source = &self.project.source;
        let repository = source.location.clone().filter(|_| source.is_cloned());
        let request = BuildRequest {
            run: job.action_execution.clone(),
            identity: Identity {
                id: new_id(),
                number: (self.numbers)(&self.project.name)?,
                initiator: self.initiator.clone(),
                region: self.region.clone(),
                account: self.account.clone(),
            },
            project: self.project.clone(),
            instructions: Instructions::File(self.buildspec.clone()),
            overrides: self.overrides.clone(),
            known: Vec::new(),
            revision: self.origin.resolved(),
            primary: Source { content: Content::Folder(checkout), version: revision, repository },
            secondary: Vec::new(),
            stand_ins: self.stand_ins.clone(),
            outputs: Outputs::Declared,
            time_limit: self.time_limit,
            workspace: job.workspace.clone(),
        };
        let build_id = request.identity.build_id(&self.project.name);
        let who =
            format!("rehearsal build {} {}", self.project.name, job.execution.get(..8).unwrap_or_default());
        let admitted = self.queue.enter(&self.project, &who, &*self.host.clock, sink, cancel)?;
        let _admitted = match admitted {
            Ok(admitted) => admitted,
            Err(away) => {
                return Ok(Outcome {
                    external_execution_id: Some(build_id),
                    ..Outcome::with_status(status_of(away.status), Some(away.failure))
                });
            }
        };
        let result =
            build::run(&self.host, &request, &mut Tee { inner: sink, streams: self.streams }, cancel)?;
        Ok(Outcome {
            external_execution_id: Some(build_id),
            artifacts: result.artifacts.into_iter().map(|made| (made.name, made.archive)).collect(),
            variables: result.exported,
            reports: result.reports,
            simulated: result.simulated,
            simulated_files: result.simulated_files,
            revision: self.origin.revision(),
            ..Outcome::with_status(status_of(result.status), result.failure)
        })
    }
}

fn status_of(build: PhaseStatus) -> Status {
    match build {
        PhaseStatus::Succeeded => Status::Succeeded,
        PhaseStatus::Failed => Status::Failed,
        PhaseStatus::TimedOut => Status::TimedOut,
        PhaseStatus::Stopped => Status::Stopped,
    }
}

/// A source that cannot be had fails the build, as on AWS; a disk that is full is our own trouble.
fn source_failed(error: repo::Error) -> Result<Outcome, action::Error> {
    match error {
        repo::Error::Io { attempted, source } => {
            Err(action::Error { attempted: format!("cannot {attempted}"), source })
        }
        other => Ok(Outcome::failed(Failure {
            code: "CLIENT_ERROR".to_owned(),
            message: other.to_string(),
            phase: Some("DOWNLOAD_SOURCE".to_owned()),
            ..Failure::default()
        })),
    }
}

/// Passes output on to the terminal as well. A reader that goes away does not end the build.
struct Tee<'a> {
    inner: &'a mut dyn Sink,
    streams: bool,
}

impl Sink for Tee<'_> {
    fn output(&mut self, at: Timestamp, stream: Stream, bytes: &[u8]) {
        if self.streams {
            let written = match stream {
                Stream::Stdout => pass_on(&mut io::stdout().lock(), bytes),
                Stream::Stderr | Stream::Agent => pass_on(&mut io::stderr().lock(), bytes),
            };
            self.streams = written.is_ok();
        }
        self.inner.output(at, stream, bytes);
    }

    fn progress(&mut self, progress: Progress) {
        self.inner.progress(progress);
    }
}

fn pass_on(stream: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)?;
    stream.flush()
}

//! What an action is, for those who run one (the pipeline's driver) and those who are one (sources, CodeBuild, …).
//!
//! Owns: the job an action is handed, the outcome it hands back, the evidence in it, the progress it reports on the
//! way, and the token that asks it to end. Knows nothing of pipelines, stores or processes.

mod cancel;
mod evidence;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use cancel::{Cancel, StopReason};
pub use evidence::{
    Condition, Judgement, LineCounts, Report, ReportKind, ReportStatus, SimulatedFiles, TestCounts, Trouble,
    TroubleKind, Verdict,
};

use crate::clock::Timestamp;

/// One action execution as the driver hands it out. All `#{namespace.key}` references are resolved.
#[derive(Debug, Clone)]
pub struct Job {
    /// The pipeline's name.
    pub pipeline: String,
    /// The pipeline execution's identifier.
    pub execution: String,
    /// The stage's name.
    pub stage: String,
    /// The action's name, unique in its stage.
    pub action: String,
    /// The action execution's identifier; a retry has a new one.
    pub action_execution: String,
    /// The provider, for example `CodeBuild`.
    pub provider: String,
    /// The `configuration` map (codepipeline.md 1.4: every value is a string).
    pub configuration: BTreeMap<String, String>,
    /// `commands` of a Commands action.
    pub commands: Vec<String>,
    /// `environmentVariables` of the action itself (not the JSON string in a CodeBuild configuration).
    pub environment_variables: Vec<(String, String)>,
    /// `outputVariables` of a Commands action: names of shell variables to export.
    pub output_variables: Vec<String>,
    /// Input artifacts, in the order of the definition.
    pub inputs: Vec<InputArtifact>,
    /// Output artifacts, in the order of the definition.
    pub outputs: Vec<OutputArtifact>,
    /// A folder that belongs to this action execution alone, made and removed by the driver.
    pub workspace: PathBuf,
    /// The source revision of the execution (a commit id), where one is known.
    pub revision: Option<String>,
}

/// An artifact that an earlier action produced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputArtifact {
    /// Its name in the pipeline.
    pub name: String,
    /// The ZIP that holds it, to be read only.
    pub archive: PathBuf,
}

/// An artifact that this action is to produce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputArtifact {
    /// Its name in the pipeline.
    pub name: String,
    /// `files` of a compute action's output artifact; empty elsewhere.
    pub files: Vec<String>,
}

/// How an action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// All went well.
    Succeeded,
    /// It failed on its own account.
    Failed,
    /// A time limit ended it.
    TimedOut,
    /// Somebody asked it to end.
    Stopped,
}

/// What an action hands back.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// One line for people, as the API's `summary`.
    pub summary: Option<String>,
    /// The provider's own identifier (a build id).
    pub external_execution_id: Option<String>,
    /// Output artifacts: name and the ZIP, inside the workspace, that the driver is to keep.
    pub artifacts: Vec<(String, PathBuf)>,
    /// Output variables (codepipeline.md 5).
    pub variables: BTreeMap<String, String>,
    /// The source revision (a commit id), from source actions only.
    pub revision: Option<String>,
    /// Reports of tests and coverage.
    pub reports: Vec<Report>,
    /// What would have happened, but was answered or recorded instead: a line each, which follows `would have:`.
    pub simulated: Vec<String>,
    /// Files of the artifacts that are no evidence, since something was simulated while they were written.
    pub simulated_files: SimulatedFiles,
    /// What went wrong; present unless the status is `Succeeded`.
    pub failure: Option<Failure>,
}

impl Outcome {
    /// A success with nothing to say.
    pub fn succeeded() -> Self {
        Self::with_status(Status::Succeeded, None)
    }

    /// A failure.
    pub fn failed(failure: Failure) -> Self {
        Self::with_status(Status::Failed, Some(failure))
    }

    /// An outcome of this status, everything else empty.
    pub fn with_status(status: Status, failure: Option<Failure>) -> Self {
        Self {
            status,
            summary: None,
            external_execution_id: None,
            artifacts: Vec::new(),
            variables: BTreeMap::new(),
            revision: None,
            reports: Vec::new(),
            simulated: Vec::new(),
            simulated_files: SimulatedFiles::default(),
            failure,
        }
    }
}

/// What went wrong in an action, in the service's own terms where it has them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Failure {
    /// The service's code, such as `COMMAND_EXECUTION_ERROR` or `YAML_FILE_ERROR`.
    pub code: String,
    /// The sentence for people.
    pub message: String,
    /// The build phase it happened in.
    pub phase: Option<String>,
    /// The command that failed, whole.
    pub command: Option<String>,
    /// Its exit status.
    pub exit_status: Option<i32>,
}

/// The state of a build phase when it ends (codebuild.md 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PhaseStatus {
    /// Every command succeeded.
    Succeeded,
    /// A command, or the phase itself, failed.
    Failed,
    /// The build's time limit passed in this phase.
    TimedOut,
    /// The build was stopped in this phase.
    Stopped,
}

/// Something worth telling while an action runs. The driver records it, views show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// A build phase began, for example `PRE_BUILD`.
    PhaseStarted {
        /// The phase's API name.
        phase: String,
    },
    /// A build phase ended.
    PhaseEnded {
        /// The phase's API name.
        phase: String,
        /// How it ended.
        status: PhaseStatus,
        /// The phase context, when the phase did not succeed: `CODE: message`.
        context: Option<String>,
    },
    /// Something the user should know: an assumption, a limit of the rehearsal.
    Note(String),
}

/// Which stream of a command some output came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// Rehearsal's own lines (CodeBuild's `[Container] …` lines).
    Agent,
}

/// Where an action's output and progress go. Implemented by the driver (files and events) and by tests.
pub trait Sink: Send {
    /// Takes output as it comes; chunks may end anywhere, also inside a character.
    fn output(&mut self, at: Timestamp, stream: Stream, bytes: &[u8]);

    /// Takes a piece of progress.
    fn progress(&mut self, progress: Progress);
}

/// Something that can perform jobs: a source, a build, a deployment. One implementation per provider.
pub trait Provider: Send + Sync {
    /// Performs `job` to its end, reporting to `sink`, and ends early when `cancel` asks for it.
    ///
    /// What goes wrong inside the job is an [`Outcome`]; an [`Error`] means that Rehearsal itself could not go on.
    fn perform(&self, job: &Job, sink: &mut dyn Sink, cancel: &Cancel) -> Result<Outcome, Error>;

    /// Ends what `job`, which succeeded, left running on purpose (a deployed service), because the process lets go of
    /// the execution: it has ended, or waits for somebody. Says in lines for people what was ended and how; nothing
    /// when nothing of this job runs here. When `cancel` asks for it, it is ended at once instead of gently.
    fn wind_down(&self, job: &Job, sink: &mut dyn Sink, cancel: &Cancel) -> Result<Vec<String>, Error> {
        let _ = (job, sink, cancel);
        Ok(Vec::new())
    }

    /// Starts again what `job` left running in a process that has since let go of the execution, before anything else
    /// of the execution is carried on. Says in lines for people what was started.
    fn resume(&self, job: &Job, sink: &mut dyn Sink, cancel: &Cancel) -> Result<Vec<String>, Error> {
        let _ = (job, sink, cancel);
        Ok(Vec::new())
    }
}

/// Rehearsal itself could not go on (disk full, no descriptors). Exit code 4.
#[derive(Debug, thiserror::Error)]
#[error("{attempted}: {source}")]
pub struct Error {
    /// What was attempted, as a lower-case fragment.
    pub attempted: String,
    /// Why it did not work.
    #[source]
    pub source: std::io::Error,
}

impl Error {
    /// An error about `attempted`, for use with `map_err`.
    pub fn during(attempted: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let attempted = attempted.into();
        move |source| Self { attempted, source }
    }

    /// An error about a path, for use with `map_err`.
    pub fn at<'a>(verb: &'a str, path: &'a Path) -> impl FnOnce(std::io::Error) -> Self + 'a {
        move |source| Self { attempted: format!("cannot {verb} {}", path.display()), source }
    }
}

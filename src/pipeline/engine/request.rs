//! What can be asked of a pipeline, and the refusals, with the API's exception names.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::{Judgement, Progress};
use crate::spec::pipeline::Pipeline;

use super::event::{ActionResult, Origin, Trigger};
use super::state::IllegalEvent;
use super::status::{Answer, ExecutionStatus, RetryMode, StopCause, StopMode};

/// A request. Requests of the first kind come from people (or the API); those of the second are reports of the process
/// that owns the execution. Identifiers come with the request: nothing in the engine makes one up.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Start an execution (`StartPipelineExecution`).
    Start(Box<Start>),
    /// Stop an execution (`StopPipelineExecution`).
    Stop {
        /// The execution.
        execution: String,
        /// What happens to running actions.
        mode: StopMode,
        /// Who asks.
        cause: StopCause,
    },
    /// Run the failed or stopped stage of an execution again (`RetryStageExecution`).
    Retry {
        /// The execution.
        execution: String,
        /// The stage; without one, the stage the execution ended in.
        stage: Option<String>,
        /// Which actions run again.
        mode: RetryMode,
    },
    /// Answer an approval that waits (`PutApprovalResult`, codepipeline.md 4.8).
    Answer(Box<Answering>),
    /// The time of an approval is up.
    ExpireApproval {
        /// The execution.
        execution: String,
        /// The action execution.
        action_execution: String,
    },
    /// The owner has judged the gate before the stage that the execution is in.
    ReportJudgement {
        /// The execution.
        execution: String,
        /// The stage.
        stage: String,
        /// What the gate said.
        judgement: Judgement,
    },
    /// The owner has ended what an action had left running.
    ReportWoundDown {
        /// The execution.
        execution: String,
        /// The action execution.
        action_execution: String,
        /// What was ended, a line each.
        lines: Vec<String>,
    },
    /// The owner has started again what an action had left running.
    ReportResumed {
        /// The execution.
        execution: String,
        /// The action execution.
        action_execution: String,
        /// What was started, a line each.
        lines: Vec<String>,
    },
    /// The owner is about to start an action that is due.
    StartAction {
        /// The execution.
        execution: String,
        /// The stage.
        stage: String,
        /// The action.
        action: String,
        /// The new action execution's identifier.
        action_execution: String,
    },
    /// A running action has something to tell.
    ReportProgress {
        /// The execution.
        execution: String,
        /// The action execution.
        action_execution: String,
        /// What it tells.
        progress: Progress,
    },
    /// A running action ended.
    ReportResult {
        /// The execution.
        execution: String,
        /// The action execution.
        action_execution: String,
        /// How it ended.
        result: Box<ActionResult>,
    },
    /// The process that owned the execution is dead.
    Interrupt {
        /// The execution.
        execution: String,
    },
}

/// An answer to an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answering {
    /// The execution.
    pub execution: String,
    /// The stage.
    pub stage: String,
    /// The action.
    pub action: String,
    /// The token that the approval got when it started: its action execution's identifier.
    pub token: String,
    /// What is said.
    pub answer: Answer,
    /// The reviewer's comment, at most 512 characters.
    pub summary: Option<String>,
    /// Who answers.
    pub by: String,
}

/// What an execution is started with.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// The new execution's identifier.
    pub execution: String,
    /// The definition, which the execution keeps.
    pub definition: Pipeline,
    /// Digest of the definition's text.
    pub definition_digest: String,
    /// Values for pipeline variables; the others take their defaults.
    pub variables: BTreeMap<String, String>,
    /// Commit ids for single source actions, by action name.
    pub source_revisions: BTreeMap<String, String>,
    /// What starts it.
    pub trigger: Trigger,
    /// Which files it is started from.
    pub origin: Origin,
    /// The last stage to run, when not the definition's last.
    pub until: Option<String>,
    /// The stages that have a gate before them.
    pub gates: BTreeSet<String>,
}

/// Why a request was refused. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request itself is not acceptable.
    #[error("{0}")]
    Validation(String),
    /// The definition needs something that is not there yet.
    #[error("{0} is not there yet")]
    NotThereYet(String),
    /// No such execution.
    #[error("there is no execution {0}")]
    ExecutionNotFound(String),
    /// No such stage.
    #[error("there is no stage `{0}`")]
    StageNotFound(String),
    /// No such action in that stage.
    #[error("there is no action `{0}`")]
    ActionNotFound(String),
    /// The token is not that of an approval that waits for an answer.
    #[error("{0}")]
    InvalidApprovalToken(String),
    /// Somebody answered before.
    #[error("approval `{0}` has been answered already")]
    ApprovalAlreadyCompleted(String),
    /// The execution is not in progress.
    #[error("execution {execution} cannot be stopped: it is {}", status.api_name())]
    NotStoppable {
        /// The execution.
        execution: String,
        /// Its status.
        status: ExecutionStatus,
    },
    /// It was asked to stop before, at least as strongly.
    #[error("execution {0} was asked to stop already")]
    DuplicatedStopRequest(String),
    /// Its stage is not in a state that can be retried.
    #[error("execution {execution} cannot be retried: {why}")]
    StageNotRetryable {
        /// The execution.
        execution: String,
        /// Why.
        why: String,
    },
    /// A later execution entered the stage meanwhile.
    #[error("execution {execution} cannot be retried: {later} entered stage `{stage}` after it")]
    NotLatestPipelineExecution {
        /// The execution.
        execution: String,
        /// The stage.
        stage: String,
        /// The later execution.
        later: String,
    },
    /// The request does not fit the state of things any more, for example a report about an abandoned action.
    #[error("{0}")]
    Conflict(String),
    /// The engine contradicted itself. Never seen, if the tests are worth anything.
    #[error("the pipeline's state machine contradicts itself: {0}")]
    Contradiction(IllegalEvent),
}

impl Refusal {
    /// The API's exception; none for refusals that only Rehearsal has.
    pub fn api_name(&self) -> Option<&'static str> {
        match self {
            Self::Validation(_) => Some("ValidationException"),
            Self::ExecutionNotFound(_) => Some("PipelineExecutionNotFoundException"),
            Self::StageNotFound(_) => Some("StageNotFoundException"),
            Self::ActionNotFound(_) => Some("ActionNotFoundException"),
            Self::InvalidApprovalToken(_) => Some("InvalidApprovalTokenException"),
            Self::ApprovalAlreadyCompleted(_) => Some("ApprovalAlreadyCompletedException"),
            Self::NotStoppable { .. } => Some("PipelineExecutionNotStoppableException"),
            Self::DuplicatedStopRequest(_) => Some("DuplicatedStopRequestException"),
            Self::StageNotRetryable { .. } => Some("StageNotRetryableException"),
            Self::NotLatestPipelineExecution { .. } => Some("NotLatestPipelineExecutionException"),
            Self::Conflict(_) => Some("ConflictException"),
            Self::NotThereYet(_) | Self::Contradiction(_) => None,
        }
    }
}

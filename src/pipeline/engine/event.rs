//! What happened: the facts of a pipeline's log, and their form in the store.
//!
//! Owns: the fact types, their stable kind strings and versions. Leaves to `apply` what a fact changes, and to `decide`
//! which facts follow from a request.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::action::{Failure, Judgement, Progress, Report, SimulatedFiles};
use crate::clock::Timestamp;
use crate::spec::pipeline::Pipeline;

use super::status::{ActionStatus, ExecutionStatus, Reason, RetryMode, StageStatus, StopCause, StopMode};

/// One fact about one execution, at the moment it was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The pipeline execution it is about.
    pub execution: String,
    /// When it was recorded.
    pub at: Timestamp,
    /// What happened.
    pub fact: Fact,
}

/// An event with its place in the stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The sequence number in its stream, from 1.
    pub seq: u64,
    /// The event.
    pub event: Event,
}

/// What happened to an execution. Tense: everything here is past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Fact {
    /// The execution began to exist. It carries the definition it keeps to its end.
    ExecutionStarted(Box<Beginning>),
    /// It reached a stage that another execution holds, and waits before it (AWS: an inbound execution).
    InboundArrived {
        /// The stage it waits for.
        stage: String,
    },
    /// It entered a stage, and holds the stage's lock from here on.
    StageEntered {
        /// The stage.
        stage: String,
    },
    /// An action began.
    ActionStarted(Box<ActionStart>),
    /// A running action had something to tell.
    ActionProgressed {
        /// The stage.
        stage: String,
        /// The action.
        action: String,
        /// The action execution.
        action_execution: String,
        /// What it told.
        progress: Progress,
    },
    /// An action ended.
    ActionFinished(Box<ActionEnd>),
    /// The gate before a stage was judged: the execution is inside, and no action of the stage has started.
    GateJudged {
        /// The stage.
        stage: String,
        /// What the gate said.
        judgement: Judgement,
    },
    /// What an action had left running on purpose (a deployed service) was ended, because its execution has ended or
    /// is left waiting for somebody. The execution may have ended before.
    ActionWoundDown(Box<Aftermath>),
    /// What an action had left running, and what was ended when its execution was left waiting, runs again.
    ActionResumed(Box<Aftermath>),
    /// A stage ended and gave up its lock.
    StageFinished {
        /// The stage.
        stage: String,
        /// How it ended; never `InProgress`.
        status: StageStatus,
    },
    /// Somebody asked for the execution to stop.
    StopRequested {
        /// What happens to running actions.
        mode: StopMode,
        /// Who or what asked.
        cause: StopCause,
    },
    /// The process that carried the execution died.
    ExecutionInterrupted,
    /// The execution ended.
    ExecutionFinished {
        /// How it ended; never `InProgress` or `Stopping`.
        status: ExecutionStatus,
        /// Why, where the status does not say it all.
        reason: Option<Reason>,
    },
    /// A failed or stopped stage was started again (codepipeline.md 4.7).
    StageRetried {
        /// The stage.
        stage: String,
        /// Which of its actions run again.
        mode: RetryMode,
        /// The number of this attempt; the first run of the stage was attempt 1.
        attempt: u32,
    },
}

/// How an execution began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Beginning {
    /// The definition, kept to the end.
    pub definition: Pipeline,
    /// Digest of the definition's text, to tell one definition from another.
    pub definition_digest: String,
    /// Pipeline variables with their values for this execution (codepipeline.md 5).
    pub variables: BTreeMap<String, String>,
    /// Commit ids to be used by single source actions instead of the origin's commit (codepipeline.md 4.11).
    pub source_revisions: BTreeMap<String, String>,
    /// What started it.
    pub trigger: Trigger,
    /// Which files it was started from.
    pub origin: Origin,
    /// The last stage to run, when not the definition's last.
    pub until: Option<String>,
    /// The stages that have a gate before them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub gates: BTreeSet<String>,
}

/// What started an execution (codepipeline.md 3.1, `trigger`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// The API's `triggerType`.
    pub kind: TriggerType,
    /// The API's `triggerDetail`: who or what, in words.
    pub detail: Option<String>,
}

/// The API's `TriggerType`, as far as something here starts executions that way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TriggerType {
    /// A person asked for it: `rehearsal run`.
    StartPipelineExecution,
    /// An event rule of a CodeCommit source.
    CloudWatchEvent,
    /// Looking for changes of a source now and then.
    PollForSourceChanges,
    /// A push to the branch of a connection without trigger, or of a GitHub source.
    Webhook,
    /// A trigger let a push through.
    WebhookV2,
}

impl TriggerType {
    /// The API's name.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::StartPipelineExecution => "StartPipelineExecution",
            Self::CloudWatchEvent => "CloudWatchEvent",
            Self::PollForSourceChanges => "PollForSourceChanges",
            Self::Webhook => "Webhook",
            Self::WebhookV2 => "WebhookV2",
        }
    }
}

/// The files an execution was started from, as far as they are not in the definition.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Origin {
    /// The commit's id; none outside a repository's history.
    pub commit: Option<String>,
    /// The branch or tag the commit was named by.
    pub reference: Option<String>,
    /// Whether the files of the working tree were taken instead of the commit's.
    pub worktree: bool,
    /// Path of the definition in the commit; none when the definition was assumed.
    pub definition_path: Option<String>,
    /// Text of the rehearsal.yml that counts beside the definition, so that whoever carries the execution on reads the
    /// same projects.
    pub configuration: Option<String>,
}

/// What became of something that an action had left running.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aftermath {
    /// The stage.
    pub stage: String,
    /// The action.
    pub action: String,
    /// The action execution.
    pub action_execution: String,
    /// What was ended or started, a line each, for people.
    pub lines: Vec<String>,
}

/// How an action began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionStart {
    /// The stage.
    pub stage: String,
    /// The action.
    pub action: String,
    /// The action execution's identifier; each attempt has its own.
    pub action_execution: String,
    /// When it stops waiting, of an approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// What it runs with, all references resolved. None when a reference or an input could not be resolved; the action
    /// has then failed before its provider was called.
    pub resolved: Option<Resolved>,
}

/// What an action runs with (the API's `resolvedConfiguration` and input artifacts).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Resolved {
    /// `configuration`.
    pub configuration: BTreeMap<String, String>,
    /// `commands`.
    pub commands: Vec<String>,
    /// `environmentVariables`: name and value.
    pub environment_variables: Vec<(String, String)>,
    /// Input artifacts, in the definition's order.
    pub inputs: Vec<Artifact>,
    /// The source revision it works on, where one is known.
    pub revision: Option<String>,
}

/// An artifact as kept in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Its name in the pipeline.
    pub name: String,
    /// The digest its content is addressed by.
    pub digest: String,
}

/// How an action ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionEnd {
    /// The stage.
    pub stage: String,
    /// The action.
    pub action: String,
    /// The action execution.
    pub action_execution: String,
    /// How it ended.
    #[serde(flatten)]
    pub result: ActionResult,
}

/// The result of an action execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionResult {
    /// The API's status; never `InProgress`.
    pub status: ActionStatus,
    /// Why, where the status does not say it all.
    pub reason: Option<Reason>,
    /// One line for people.
    pub summary: Option<String>,
    /// The provider's own identifier: a build id, the token of an approval.
    pub external_execution_id: Option<String>,
    /// Who answered, of approvals (the API's `lastUpdatedBy`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_updated_by: Option<String>,
    /// Output artifacts.
    pub artifacts: Vec<Artifact>,
    /// Output variables.
    pub variables: BTreeMap<String, String>,
    /// The source revision, from source actions.
    pub revision: Option<String>,
    /// Reports of tests and coverage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<Report>,
    /// What would have happened, but was answered or recorded instead: a line each, which follows `would have:`.
    pub simulated: Vec<String>,
    /// Files of the artifacts that are no evidence, since something was simulated while they were written.
    #[serde(default, skip_serializing_if = "SimulatedFiles::is_empty")]
    pub simulated_files: SimulatedFiles,
    /// What went wrong.
    pub failure: Option<Failure>,
}

impl ActionResult {
    /// A result of this status, everything else empty.
    pub fn new(status: ActionStatus) -> Self {
        Self {
            status,
            reason: None,
            summary: None,
            external_execution_id: None,
            last_updated_by: None,
            artifacts: Vec::new(),
            variables: BTreeMap::new(),
            revision: None,
            reports: Vec::new(),
            simulated: Vec::new(),
            simulated_files: SimulatedFiles::default(),
            failure: None,
        }
    }
}

/// The version of every kind there is. A fact whose body changes in a way older readers cannot read gets its own.
const VERSION: &str = "1";

/// An event in the store's form that this version of Rehearsal cannot read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A kind from a newer Rehearsal.
    #[error("event of unknown kind `{0}`: the log was written by a newer version")]
    Kind(String),
    /// A body that is not what its kind promises.
    #[error("event of kind `{kind}` with a body that does not fit it: {why}")]
    Body {
        /// The kind.
        kind: String,
        /// What the decoder said.
        why: String,
    },
}

impl Fact {
    /// The fact's name, as in the stream of `--json`: `action-started`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ExecutionStarted(_) => "execution-started",
            Self::InboundArrived { .. } => "inbound-arrived",
            Self::StageEntered { .. } => "stage-entered",
            Self::ActionStarted(_) => "action-started",
            Self::ActionProgressed { .. } => "action-progressed",
            Self::ActionFinished(_) => "action-finished",
            Self::GateJudged { .. } => "gate-judged",
            Self::ActionWoundDown(_) => "action-wound-down",
            Self::ActionResumed(_) => "action-resumed",
            Self::StageFinished { .. } => "stage-finished",
            Self::StopRequested { .. } => "stop-requested",
            Self::ExecutionInterrupted => "execution-interrupted",
            Self::ExecutionFinished { .. } => "execution-finished",
            Self::StageRetried { .. } => "stage-retried",
        }
    }

    /// The stage it is about, if one.
    pub fn stage(&self) -> Option<&str> {
        match self {
            Self::InboundArrived { stage }
            | Self::StageEntered { stage }
            | Self::ActionProgressed { stage, .. }
            | Self::StageFinished { stage, .. }
            | Self::GateJudged { stage, .. }
            | Self::StageRetried { stage, .. } => Some(stage),
            Self::ActionStarted(start) => Some(&start.stage),
            Self::ActionFinished(end) => Some(&end.stage),
            Self::ActionWoundDown(aftermath) | Self::ActionResumed(aftermath) => Some(&aftermath.stage),
            Self::ExecutionStarted(_)
            | Self::StopRequested { .. }
            | Self::ExecutionInterrupted
            | Self::ExecutionFinished { .. } => None,
        }
    }

    /// Another execution that this fact is about too.
    pub fn concerns(&self) -> Option<&str> {
        match self {
            Self::ExecutionFinished { reason: Some(Reason::Superseded { by, .. }), .. } => Some(by),
            Self::ExecutionFinished { .. }
            | Self::ExecutionStarted(_)
            | Self::InboundArrived { .. }
            | Self::StageEntered { .. }
            | Self::ActionStarted(_)
            | Self::ActionProgressed { .. }
            | Self::ActionFinished(_)
            | Self::GateJudged { .. }
            | Self::ActionWoundDown(_)
            | Self::ActionResumed(_)
            | Self::StageFinished { .. }
            | Self::StopRequested { .. }
            | Self::ExecutionInterrupted
            | Self::StageRetried { .. } => None,
        }
    }
}

impl Event {
    /// Kind and body, as the store keeps them.
    pub fn encode(&self) -> Result<(String, String), serde_json::Error> {
        let mut body = serde_json::to_value(&self.fact)?;
        if let Some(fields) = body.as_object_mut() {
            fields.remove("event");
        }
        Ok((format!("{}/{VERSION}", self.fact.name()), body.to_string()))
    }

    /// The event behind a kind and a body of the store.
    pub fn decode(execution: &str, at: Timestamp, kind: &str, body: &str) -> Result<Self, Unreadable> {
        let Some((name, VERSION)) = kind.rsplit_once('/') else { return Err(Unreadable::Kind(kind.into())) };
        let unfit = |why: serde_json::Error| Unreadable::Body { kind: kind.into(), why: why.to_string() };
        let mut fields: serde_json::Map<_, _> = serde_json::from_str(body).map_err(unfit)?;
        fields.insert("event".into(), name.into());
        let fact = serde_json::from_value(fields.into()).map_err(|why| {
            if why.to_string().starts_with("unknown variant") {
                Unreadable::Kind(kind.into())
            } else {
                unfit(why)
            }
        })?;
        Ok(Self { execution: execution.into(), at, fact })
    }
}

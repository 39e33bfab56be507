//! Words of the API for the state of executions, stages and actions (codepipeline.md 4.1), and the reasons beside them.
//!
//! Only values that something can reach are here: `Cancelled`, `Skipped` and the condition statuses come with what
//! produces them.

use serde::{Deserialize, Serialize};

/// The status of a pipeline execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExecutionStatus {
    /// It runs, or waits before a stage.
    InProgress,
    /// It was asked to stop, and running actions have not ended yet.
    Stopping,
    /// It stopped.
    Stopped,
    /// Every stage succeeded.
    Succeeded,
    /// A newer execution took its place before a stage.
    Superseded,
    /// A stage failed.
    Failed,
}

impl ExecutionStatus {
    /// Whether the execution has not ended.
    pub fn is_live(self) -> bool {
        match self {
            Self::InProgress | Self::Stopping => true,
            Self::Stopped | Self::Succeeded | Self::Superseded | Self::Failed => false,
        }
    }

    /// The API's name.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
            Self::Succeeded => "Succeeded",
            Self::Superseded => "Superseded",
            Self::Failed => "Failed",
        }
    }
}

/// The status of a stage execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StageStatus {
    /// An execution is inside.
    InProgress,
    /// The execution inside was asked to stop.
    Stopping,
    /// The execution stopped here.
    Stopped,
    /// All actions succeeded.
    Succeeded,
    /// An action failed.
    Failed,
}

impl StageStatus {
    /// The API's name.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }
}

/// The status of an action execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActionStatus {
    /// It runs.
    InProgress,
    /// It succeeded.
    Succeeded,
    /// It failed, or was ended.
    Failed,
    /// Its execution was stopped without waiting for it.
    Abandoned,
}

impl ActionStatus {
    /// The API's name.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Abandoned => "Abandoned",
        }
    }
}

/// Why an action or an execution ended the way it did, where its status does not say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Reason {
    /// A time limit passed.
    Timeout,
    /// It was stopped on request.
    Stopped,
    /// The user pressed Ctrl-C, or the process was told to end.
    Signal {
        /// The signal's number.
        number: i32,
    },
    /// The process that carried it died.
    Interrupted,
    /// A newer execution arrived where this one waited.
    Superseded {
        /// The newer execution.
        by: String,
        /// The stage it waited for.
        stage: String,
    },
    /// An approval was rejected.
    Rejected,
    /// The gate before a stage did not let it through.
    Gate {
        /// The stage.
        stage: String,
    },
    /// It was started to run until this stage only.
    Until {
        /// The stage.
        stage: String,
    },
}

impl Reason {
    /// The word that stands for the reason in machine-readable output.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Stopped => "stopped",
            Self::Signal { .. } => "signal",
            Self::Interrupted => "interrupted",
            Self::Superseded { .. } => "superseded",
            Self::Rejected => "rejected",
            Self::Gate { .. } => "gate",
            Self::Until { .. } => "until",
        }
    }
}

/// What a stop does to running actions; each mode is stronger than the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopMode {
    /// They run to their end (AWS: stop and wait).
    Wait,
    /// They are asked to end, and how they ended is recorded: what stop and wait together with a stopped build does.
    Cancel,
    /// They count as `Abandoned` at once (AWS: stop and abandon), and are ended.
    Abandon,
}

/// Who or what asked for a stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum StopCause {
    /// `rehearsal stop` or the API's `StopPipelineExecution`.
    Request {
        /// The reason given, at most 200 characters.
        reason: Option<String>,
    },
    /// A signal to the process that carries the execution.
    Signal {
        /// The signal's number.
        number: i32,
    },
}

impl StopCause {
    /// The reason that actions and the execution end with.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Request { .. } => Reason::Stopped,
            Self::Signal { number } => Reason::Signal { number: *number },
        }
    }
}

/// What somebody says to an approval (the API's `ApprovalStatus`; case matters there).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// Go on.
    Approved,
    /// Do not.
    Rejected,
}

/// Which actions of a stage a retry runs again (the API's `retryMode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RetryMode {
    /// Those that failed or were abandoned.
    FailedActions,
    /// All of them.
    AllActions,
}

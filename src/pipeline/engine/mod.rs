//! The pure state machine of CodePipeline: a pipeline with all its executions.
//!
//! [`State`] is what a log of [`Event`]s adds up to; [`decide`] turns a [`Request`] into the events that follow;
//! [`effects`] says what the owner of an execution has to see to. Time and identifiers come in with requests, and
//! nothing here touches a clock, a file, a process or a thread. The words are those of the API: an execution is in
//! progress, inbound before a stage, superseded, stopping.

mod answer;
mod apply;
mod decide;
mod effect;
mod event;
mod execution;
mod request;
mod resolve;
mod state;
mod status;
#[cfg(test)]
mod tests;
mod variables;

pub use decide::decide;
pub use effect::{Effect, effects};
pub use event::{
    ActionEnd, ActionResult, ActionStart, Aftermath, Artifact, Beginning, Event, Fact, Origin, Recorded,
    Resolved, Trigger, TriggerType, Unreadable,
};
pub use execution::{ActionRun, ActionSlot, Execution, PendingApproval, Position, StageRun};
pub use request::{Answering, Refusal, Request, Start};
pub use state::{IllegalEvent, State};
pub use status::{
    ActionStatus, Answer, ExecutionStatus, Reason, RetryMode, StageStatus, StopCause, StopMode,
};
pub use variables::{Scope, Unresolved};

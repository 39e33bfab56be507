//! A pipeline with all its executions.
//!
//! Owns: who holds a stage, who waits before it, who entered it last. There is no table of locks: they follow from
//! where the executions are, so the two cannot disagree.

use std::collections::BTreeMap;

use super::event::{Event, Recorded};
use super::execution::Execution;
use super::status::ExecutionStatus;

/// The state of one stream: a pipeline and every execution its log tells of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    pub(super) executions: Vec<Execution>,
    /// Stage name to the execution that entered it last.
    pub(super) latest: BTreeMap<String, String>,
}

/// An event that cannot happen in the state it was applied to: the log is corrupt, or was about to become so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {event} of execution {execution} cannot happen here: {why}")]
pub struct IllegalEvent {
    /// The event's name.
    pub event: &'static str,
    /// The execution it is about.
    pub execution: String,
    /// What speaks against it.
    pub why: String,
}

impl State {
    /// The state that a log adds up to.
    pub fn replay<'a>(log: impl IntoIterator<Item = &'a Recorded>) -> Result<Self, IllegalEvent> {
        log.into_iter().try_fold(Self::default(), |state, recorded| state.apply(&recorded.event))
    }

    /// The state after `event`.
    pub fn apply(mut self, event: &Event) -> Result<Self, IllegalEvent> {
        match super::apply::apply(&mut self, event) {
            Ok(()) => Ok(self),
            Err(why) => {
                Err(IllegalEvent { event: event.fact.name(), execution: event.execution.clone(), why })
            }
        }
    }

    /// All executions, oldest first.
    pub fn executions(&self) -> &[Execution] {
        &self.executions
    }

    /// One execution.
    pub fn execution(&self, id: &str) -> Option<&Execution> {
        self.executions.iter().find(|execution| execution.id == id)
    }

    /// Executions that have not ended, oldest first.
    pub fn live(&self) -> impl Iterator<Item = &Execution> {
        self.executions.iter().filter(|execution| execution.status.is_live())
    }

    /// Executions that retention is to leave alone: those that have not ended, and the last that succeeded (design 2).
    pub fn worth_keeping(&self) -> impl Iterator<Item = &Execution> {
        let green = |execution: &&Execution| execution.status == ExecutionStatus::Succeeded;
        self.live().chain(self.executions.iter().filter(green).max_by_key(|execution| execution.ended))
    }

    /// The execution inside a stage.
    pub fn holder(&self, stage: &str) -> Option<&Execution> {
        self.live().find(|execution| execution.held_stage() == Some(stage))
    }

    /// The execution that waits before a stage.
    pub fn inbound(&self, stage: &str) -> Option<&Execution> {
        self.live().find(|execution| execution.awaited_stage() == Some(stage))
    }

    /// The execution that entered a stage last.
    pub fn latest(&self, stage: &str) -> Option<&str> {
        self.latest.get(stage).map(String::as_str)
    }
}

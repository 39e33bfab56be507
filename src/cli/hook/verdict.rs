//! What is known of files that were rehearsed before.
//!
//! Owns: which files are the same, and where the execution that ran them is kept. The verdict itself is read from that
//! execution, so that a retry changes it, and history that is removed takes it along.

use crate::build::STAND_IN_MISSING;
use crate::cli::ending::Failure;
use crate::cli::history;
use crate::cli::plan::Plan;
use crate::clock::Clock;
use crate::pipeline::Journal;
use crate::pipeline::driver::{INTERNAL_ERROR, NOT_PERFORMED};
use crate::pipeline::engine::{ActionRun, ActionSlot, Execution, ExecutionStatus, Reason};
use crate::store::{AppendError, Digest, NewEvent, Store};

/// The stream that tells which execution ran which files.
const STREAM: &str = "hook";

/// The kind of its events. The body is a key.
const KIND: &str = "rehearsed/1";

/// The codes of failures that are none of the files'.
const OURS: [&str; 3] = [STAND_IN_MISSING, NOT_PERFORMED, INTERNAL_ERROR];

/// What is run: these files, by this definition and configuration, this far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key(Digest);

impl Key {
    /// Two commits with the same tree are the same files. What stands in for secrets counts by its description: a
    /// changed value in a file or a variable is not seen.
    pub(super) fn of(plan: &Plan<'_>) -> Self {
        let parts = serde_json::json!({
            "program": env!("CARGO_PKG_VERSION"),
            "tree": plan.commit.tree,
            "pipeline": plan.definition.pipeline.name,
            // What is assumed follows from the files, but for the branch, which is where it is pushed to.
            "definition": plan.definition.path.as_ref().map(|_| &plan.definition.digest),
            "configuration": plan.configuration.text(),
            "own": format!("{:?}", plan.configuration.config.working_tree),
            "until": plan.last_stage(),
        });
        Self(Digest::of(parts.to_string().as_bytes()))
    }
}

/// What an execution says about its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// All went well.
    Green,
    /// Something failed that would fail again.
    Red,
    /// It says nothing: it was stopped, interrupted, lacked something on this machine, or has not ended.
    Nothing,
}

/// The verdict of an execution.
pub(super) fn of(execution: &Execution) -> Known {
    match (execution.status, &execution.reason) {
        (ExecutionStatus::Succeeded, _) | (ExecutionStatus::Stopped, Some(Reason::Until { .. })) => {
            Known::Green
        }
        (ExecutionStatus::Failed, Some(Reason::Interrupted)) => Known::Nothing,
        (ExecutionStatus::Failed, None) if failed_only_here(execution) => Known::Nothing,
        (ExecutionStatus::Failed, _) => Known::Red,
        (
            ExecutionStatus::Stopped
            | ExecutionStatus::Superseded
            | ExecutionStatus::InProgress
            | ExecutionStatus::Stopping,
            _,
        ) => Known::Nothing,
    }
}

/// Whether all that failed has failed for want of something on this machine: the files may be as good as any.
fn failed_only_here(execution: &Execution) -> bool {
    let actions = execution.stages.iter().flat_map(|stage| &stage.actions);
    let mut failures = actions.filter_map(ActionSlot::current).filter_map(ActionRun::failure).peekable();
    failures.peek().is_some() && failures.all(|failure| OURS.contains(&failure.code.as_str()))
}

/// The newest execution of these files that says something.
pub(super) fn find(store: &Store, key: &Key) -> Result<Option<Execution>, Failure> {
    let events = store.events(STREAM, 0)?;
    let same = events.iter().rev().filter(|event| event.kind == KIND && event.body == key.0.as_str());
    for id in same.filter_map(|event| event.execution.as_deref()) {
        let journal = Journal::open(store, &history::hook_stream(id))?;
        if let Some(execution) = journal.state().execution(id).filter(|found| of(found) != Known::Nothing) {
            return Ok(Some(execution.clone()));
        }
    }
    Ok(None)
}

/// Remembers which execution ran these files.
pub(super) fn remember(store: &Store, clock: &dyn Clock, key: &Key, execution: &str) -> Result<(), Failure> {
    let event = NewEvent {
        execution: Some(execution.to_owned()),
        at: clock.now(),
        kind: KIND.to_owned(),
        body: key.0.as_str().to_owned(),
    };
    loop {
        match store.append(STREAM, store.last_seq(STREAM)?, std::slice::from_ref(&event)) {
            Ok(_) => return Ok(()),
            Err(AppendError::Conflict { .. }) => {}
            Err(AppendError::Store(error)) => return Err(error.into()),
        }
    }
}

//! What every command does first: completing the record of executions whose process died.
//!
//! An execution in progress that nobody alive owns, and that is inside a stage, ends as Failed (interrupted); this frees
//! its stage. One that waits before a stage, or got into it and has begun nothing, keeps its place there: whoever frees the
//! stage or runs next carries it on; one that only waits for an answer to an approval waits on, until its time is up (design 2, "Approvals"). Leaves to `process` and `store` the processes and folders that such a death leaves behind.

use std::time::Duration;

use crate::clock::Clock;
use crate::store::Store;

use super::engine::{Execution, Recorded, Refusal, Request, State};
use super::journal::{Journal, JournalError, Watcher, is_pipeline_stream};

/// How long an execution has to be found without an owner.
const GRACE: Duration = Duration::from_millis(100);

/// An execution that was found without a living owner, and whose record was completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// Its stream.
    pub stream: String,
    /// Its identifier.
    pub execution: String,
    /// What was recorded.
    pub what: Completion,
}

/// What was missing in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completion {
    /// The process that ran it died.
    Interrupted,
    /// The time of an approval was up.
    Expired {
        /// The approval's stage.
        stage: String,
        /// The approval.
        action: String,
    },
}

/// Ends every approval whose time is up, and every execution that nobody alive owns and that does not wait for something.
pub fn recover(store: &Store, clock: &dyn Clock) -> Result<Vec<Completed>, JournalError> {
    let mut completed = Vec::new();
    for stream in store.streams()?.into_iter().filter(|stream| is_pipeline_stream(stream)) {
        let mut journal = Journal::open(store, &stream)?;
        for (execution, what) in expire(&mut journal, store, clock)? {
            completed.push(Completed { stream: stream.clone(), execution, what });
        }
        while let Some(execution) = next(&mut journal, store, clock)? {
            completed.push(Completed { stream: stream.clone(), execution, what: Completion::Interrupted });
        }
    }
    Ok(completed)
}

fn next(journal: &mut Journal, store: &Store, clock: &dyn Clock) -> Result<Option<String>, JournalError> {
    let holders: Vec<_> = journal.state().live().filter(|e| e.needs_owner()).map(|e| e.id.clone()).collect();
    for execution in holders {
        if interrupt_if_dead(journal, store, clock, &execution, &mut |_: &Recorded, _: &State| {})? {
            return Ok(Some(execution));
        }
    }
    Ok(None)
}

/// Ends the approvals of executions without an owner whose time is up, which frees their stages. Tells which.
fn expire(
    journal: &mut Journal,
    store: &Store,
    clock: &dyn Clock,
) -> Result<Vec<(String, Completion)>, JournalError> {
    let now = clock.now();
    let waiting = journal.state().live().filter(|execution| execution.waits_for_an_answer());
    let late: Vec<_> = waiting
        .flat_map(|execution| execution.pending_approvals().map(move |pending| (execution, pending)))
        .filter(|(_, pending)| pending.expires <= now)
        .map(|(execution, pending)| {
            let what =
                Completion::Expired { stage: pending.stage.into(), action: pending.action.name.clone() };
            (execution.id.clone(), pending.run.id.clone(), what)
        })
        .collect();
    let mut expired = Vec::new();
    for (execution, action_execution, what) in late {
        let Some(_ownership) = store.own(&execution)? else { continue };
        let request = Request::ExpireApproval { execution: execution.clone(), action_execution };
        match journal.request(now, &request, &mut |_: &Recorded, _: &State| {}) {
            Ok(()) => expired.push((execution, what)),
            // Answered in the same moment.
            Err(JournalError::Refused(Refusal::Conflict(_))) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(expired)
}

/// Ends an execution when nobody alive owns it and it needs an owner. Tells whether it did.
pub(super) fn interrupt_if_dead(
    journal: &mut Journal,
    store: &Store,
    clock: &dyn Clock,
    execution: &str,
    watcher: Watcher<'_>,
) -> Result<bool, JournalError> {
    let is_dead =
        |journal: &Journal| journal.state().execution(execution).is_some_and(Execution::needs_owner);
    // Asking disturbs nobody. One who hands an execution over has it again a moment later.
    if store.is_owned(execution)? {
        return Ok(false);
    }
    journal.refresh(watcher)?;
    if !is_dead(journal) {
        return Ok(false);
    }
    clock.wait(GRACE);
    // Held until the end is recorded, so that nobody starts to carry the execution on meanwhile.
    let Some(_ownership) = store.own(execution)? else { return Ok(false) };
    journal.refresh(watcher)?;
    if !is_dead(journal) {
        return Ok(false);
    }
    match journal.request(clock.now(), &Request::Interrupt { execution: execution.into() }, watcher) {
        Ok(()) => Ok(true),
        // Stopped in the same moment, which needs no owner.
        Err(JournalError::Refused(Refusal::Conflict(_))) => Ok(false),
        Err(error) => Err(error),
    }
}

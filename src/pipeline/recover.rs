//! What every command does first: completing the record of executions whose process died.
//!
//! An execution in progress that nobody alive owns, and that is inside a stage, ends as Failed (interrupted); this frees
//! its stage. One that waits before a stage keeps its place there: whoever frees the stage carries it on; one that only
//! waits for an answer to an approval waits on, until its time is up (design 2, "Approvals"). Leaves to `process` and `store` the processes and folders that such a death leaves behind.

use std::time::Duration;

use crate::clock::Clock;
use crate::store::Store;

use super::engine::{Execution, Recorded, Refusal, Request, State};
use super::journal::{Journal, JournalError, Watcher, is_pipeline_stream};

/// How long an execution has to be found without an owner.
const GRACE: Duration = Duration::from_millis(100);

/// An execution that was found without a living owner, and has been ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interrupted {
    /// Its stream.
    pub stream: String,
    /// Its identifier.
    pub execution: String,
}

/// Ends every execution of the store that nobody alive owns and that does not wait for something.
pub fn recover(store: &Store, clock: &dyn Clock) -> Result<Vec<Interrupted>, JournalError> {
    let mut interrupted = Vec::new();
    for stream in store.streams()?.into_iter().filter(|stream| is_pipeline_stream(stream)) {
        let mut journal = Journal::open(store, &stream)?;
        expire(&mut journal, store, clock)?;
        // A stage that gets free lets the next one in, which may be nobody's either.
        while let Some(execution) = next(&mut journal, store, clock)? {
            interrupted.push(Interrupted { stream: stream.clone(), execution });
        }
    }
    Ok(interrupted)
}

fn next(journal: &mut Journal, store: &Store, clock: &dyn Clock) -> Result<Option<String>, JournalError> {
    let holders: Vec<_> = journal.state().live().filter(|e| needs_owner(e)).map(|e| e.id.clone()).collect();
    for execution in holders {
        if interrupt_if_dead(journal, store, clock, &execution, &mut |_: &Recorded, _: &State| {})? {
            return Ok(Some(execution));
        }
    }
    Ok(None)
}

/// Whether nothing will ever happen to a live execution unless somebody owns it. One that waits for a stage, or only for
/// an answer, is carried on by whoever frees the stage or answers (design 2, "Approvals").
fn needs_owner(execution: &Execution) -> bool {
    execution.awaited_stage().is_none() && !execution.waits_for_an_answer()
}

/// Ends the approvals of executions without an owner whose time is up, which frees their stages.
fn expire(journal: &mut Journal, store: &Store, clock: &dyn Clock) -> Result<(), JournalError> {
    let now = clock.now();
    let waiting = journal.state().live().filter(|execution| execution.waits_for_an_answer());
    let late: Vec<_> = waiting
        .flat_map(|execution| execution.pending_approvals().map(move |pending| (execution, pending)))
        .filter(|(_, pending)| pending.expires <= now)
        .map(|(execution, pending)| (execution.id.clone(), pending.run.id.clone()))
        .collect();
    for (execution, action_execution) in late {
        let Some(_ownership) = store.own(&execution)? else { continue };
        let request = Request::ExpireApproval { execution, action_execution };
        match journal.request(now, &request, &mut |_: &Recorded, _: &State| {}) {
            // Answered in the same moment.
            Ok(()) | Err(JournalError::Refused(Refusal::Conflict(_))) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Ends an execution when nobody alive owns it and it needs an owner. Tells whether it did.
pub(super) fn interrupt_if_dead(
    journal: &mut Journal,
    store: &Store,
    clock: &dyn Clock,
    execution: &str,
    watcher: Watcher<'_>,
) -> Result<bool, JournalError> {
    let is_dead = |journal: &Journal| {
        journal.state().execution(execution).is_some_and(|e| e.status.is_live() && needs_owner(e))
    };
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

//! Between the driver and its journal: making requests, and who hears of what was recorded.

use std::collections::BTreeMap;

use crate::pipeline::engine::{Fact, Recorded, Refusal, Request, State};
use crate::pipeline::journal::JournalError;

use super::{Driver, Error, Observer, Owned};

impl Driver<'_> {
    pub(super) fn refresh(&mut self) -> Result<(), Error> {
        let watcher = &mut audience(&self.owned, &mut self.entered, &mut *self.observer);
        Ok(self.journal.refresh(watcher)?)
    }

    pub(super) fn request(&mut self, request: &Request) -> Result<(), Error> {
        self.claim_waiting()?;
        let watcher = &mut audience(&self.owned, &mut self.entered, &mut *self.observer);
        Ok(self.journal.request(self.settings.clock.now(), request, watcher)?)
    }

    /// A request that may have become pointless meanwhile, for example a report about an abandoned action.
    pub(super) fn report(&mut self, request: &Request) -> Result<(), Error> {
        match self.request(request) {
            Err(Error::Journal(JournalError::Refused(refusal))) => match refusal {
                Refusal::Contradiction(_) => Err(JournalError::Refused(refusal).into()),
                Refusal::Conflict(_)
                | Refusal::NotStoppable { .. }
                | Refusal::DuplicatedStopRequest(_)
                | Refusal::ExecutionNotFound(_)
                | Refusal::StageNotFound(_)
                | Refusal::ActionNotFound(_)
                | Refusal::InvalidApprovalToken(_)
                | Refusal::ApprovalAlreadyCompleted(_)
                | Refusal::StageNotRetryable { .. }
                | Refusal::NotLatestPipelineExecution { .. }
                | Refusal::NotThereYet(_)
                | Refusal::Validation(_) => Ok(()),
            },
            other => other,
        }
    }
}

/// Passes on what concerns the owned executions, and remembers who enters a stage.
pub(super) fn audience<'b>(
    owned: &'b BTreeMap<String, Owned>,
    entered: &'b mut BTreeMap<String, Recorded>,
    observer: &'b mut Observer<'_>,
) -> impl FnMut(&Recorded, &State) + 'b {
    move |recorded, state| {
        let event = &recorded.event;
        if owned.contains_key(&event.execution)
            || event.fact.concerns().is_some_and(|id| owned.contains_key(id))
        {
            observer(recorded, state);
        } else if matches!(event.fact, Fact::StageEntered { .. }) {
            entered.insert(event.execution.clone(), recorded.clone());
        }
    }
}

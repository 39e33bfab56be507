//! Which executions this process carries: taking them over, giving them back, and looking after those it waits for.

use std::collections::BTreeSet;

use crate::pipeline::engine::{Effect, Request, effects};
use crate::pipeline::recover::interrupt_if_dead;

use super::record::audience;
use super::{Driver, Error, Owned};

impl Driver<'_> {
    /// Takes over executions that entered a stage and that nobody alive owns: whoever frees a stage carries on who
    /// waited for it (design 2).
    pub(super) fn adopt(&mut self) -> Result<(), Error> {
        for (execution, recorded) in std::mem::take(&mut self.entered) {
            // After a signal this process only ends; what it leaves is ended by the next command.
            if self.signal.is_none() && self.is_live(&execution) && self.own(&execution)? {
                (self.observer)(&recorded, self.journal.state());
                self.refresh()?;
                if self.is_half_done(&execution) {
                    // It had an owner, who went in and died there.
                    self.report(&Request::Interrupt { execution })?;
                }
            }
        }
        self.claimed.clear();
        Ok(())
    }

    /// Finds executions that got into a stage and that nobody alive owns there, to be taken over.
    pub(super) fn find_untouched(&mut self) -> Result<(), Error> {
        let state = self.journal.state();
        let untouched = state.live().filter(|execution| execution.untouched_stage().is_some());
        let unknown = untouched
            .map(|execution| execution.id.clone())
            .filter(|id| !self.owned.contains_key(id) && !self.entered.contains_key(id));
        for execution in unknown.collect::<Vec<_>>() {
            if !self.settings.store.is_owned(&execution)? {
                let recorded = self.journal.entering(&execution)?;
                self.entered.extend(recorded.map(|recorded| (execution, recorded)));
            }
        }
        Ok(())
    }

    /// Claims executions that nobody carries and that wait for a stage that is held here.
    pub(super) fn claim_waiting(&mut self) -> Result<(), Error> {
        self.refresh()?;
        let state = self.journal.state();
        let held = self.owned.keys().filter_map(|id| state.execution(id)?.held_stage());
        let waiting: Vec<_> = held.filter_map(|stage| Some(state.inbound(stage)?.id.clone())).collect();
        for execution in waiting {
            if !self.owned.contains_key(&execution) && !self.claimed.contains_key(&execution) {
                let ownership = self.settings.store.own(&execution)?;
                self.claimed.extend(ownership.map(|ownership| (execution, ownership)));
            }
        }
        Ok(())
    }

    /// Gives back executions that have ended and of which nothing runs here any more.
    pub(super) fn release(&mut self) -> Result<(), Error> {
        let busy: BTreeSet<_> = self.running.values().map(|running| running.execution.clone()).collect();
        let ended: Vec<_> =
            self.owned.keys().filter(|id| !busy.contains(*id) && !self.is_live(id)).cloned().collect();
        for execution in ended {
            self.wind_down(&execution)?;
            // Retried meanwhile, it is kept: nobody is to find it without an owner.
            self.refresh()?;
            if self.is_live(&execution) {
                self.resume_later(&execution);
                continue;
            }
            self.owned.remove(&execution);
            // A retry may have been recorded in the last moment.
            self.refresh()?;
            if self.is_live(&execution) {
                self.own(&execution)?;
            }
        }
        Ok(())
    }

    pub(super) fn is_live(&self, execution: &str) -> bool {
        self.journal.state().execution(execution).is_some_and(|found| found.status.is_live())
    }

    /// Whether an action of the execution is under way according to the log, and not here.
    pub(super) fn is_half_done(&self, execution: &str) -> bool {
        effects(self.journal.state(), execution).iter().any(|effect| match effect {
            Effect::PerformAction { action_execution, .. } => !self.running.contains_key(action_execution),
            Effect::StartAction { .. }
            | Effect::AwaitStage { .. }
            | Effect::AwaitApproval { .. }
            | Effect::JudgeGate { .. } => false,
        })
    }

    /// Whether the execution is owned here, or can be now.
    pub(super) fn own(&mut self, execution: &str) -> Result<bool, Error> {
        if self.owned.contains_key(execution) {
            return Ok(true);
        }
        let claimed = self.claimed.remove(execution);
        let ownership = if claimed.is_some() { claimed } else { self.settings.store.own(execution)? };
        let Some(ownership) = ownership else { return Ok(false) };
        self.owned.insert(execution.into(), Owned::new(ownership));
        Ok(true)
    }

    /// Ends executions inside stages that are waited for here, when their owners have died.
    pub(super) fn look_after_holders(&mut self) -> Result<(), Error> {
        let mut holders = BTreeSet::new();
        for execution in self.owned.keys() {
            for effect in effects(self.journal.state(), execution) {
                match effect {
                    Effect::AwaitStage { held_by, .. } if !self.owned.contains_key(&held_by) => {
                        holders.insert(held_by);
                    }
                    Effect::AwaitStage { .. }
                    | Effect::AwaitApproval { .. }
                    | Effect::JudgeGate { .. }
                    | Effect::StartAction { .. }
                    | Effect::PerformAction { .. } => {}
                }
            }
        }
        for holder in holders {
            let (store, clock) = (&self.settings.store, &*self.settings.clock);
            let watcher = &mut audience(&self.owned, &mut self.entered, &mut *self.observer);
            interrupt_if_dead(&mut self.journal, store, clock, &holder, watcher)?;
        }
        Ok(())
    }
}

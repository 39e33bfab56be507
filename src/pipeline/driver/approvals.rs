//! Approvals: answering them, asking somebody, waiting, or leaving the execution to whoever answers later.
//!
//! Owns: the policy, the expiry of approvals that are owned here, and giving an execution away that waits for somebody.
//! Leaves to `engine` what an answer changes, and to `cli` how a person is asked.

use crate::pipeline::engine::{
    Answer, Answering, Effect, Execution, PendingApproval, Refusal, Request, effects,
};
use crate::pipeline::journal::JournalError;

use super::{Driven, Driver, Error, Handle, Message};

/// Asks somebody about an approval; the answer comes back through a [`Handle`].
pub type Ask<'a> = dyn FnMut(&Execution, &PendingApproval<'_>) + 'a;

/// What a driver does about approvals.
#[derive(Default)]
pub enum Approvals<'a> {
    /// Lets go of an execution once it only waits for an answer.
    #[default]
    Leave,
    /// Waits until somebody answers elsewhere.
    Wait,
    /// Answers every approval of the executions it carries.
    Answer {
        /// What is said.
        answer: Answer,
        /// Who says it.
        by: String,
    },
    /// Asks once an execution only waits for an answer.
    Ask(Box<Ask<'a>>),
}

impl Handle {
    /// Gives the answer to an approval.
    pub fn answer(&self, answering: Answering) {
        let _ = self.0.send(Message::Answer(Box::new(answering)));
    }

    /// Nobody here is going to answer: executions that only wait for an answer are let go.
    pub fn leave(&self) {
        let _ = self.0.send(Message::Leave);
    }
}

impl Driver<'_> {
    /// Answers an approval of an execution. When nobody alive owns it, carries it on to its end.
    pub fn answer(mut self, answering: Answering) -> Result<Driven, Error> {
        let execution = answering.execution.clone();
        let request = Request::Answer(Box::new(answering));
        if !self.own(&execution)? {
            self.request(&request)?;
            if !self.own(&execution)? {
                return Ok(Driven::Elsewhere);
            }
            // Its owner let it go, or died, a moment ago.
            self.refresh()?;
            // Even when the answer ended it: the stage that this freed may have let somebody in.
            if self.is_half_done(&execution) {
                self.report(&Request::Interrupt { execution: execution.clone() })?;
            }
            return self.carry(&execution);
        }
        self.refresh()?;
        self.drive(&execution, &request)
    }

    /// Sees to the approvals of the owned executions, as the policy says.
    pub(super) fn see_to_approvals(&mut self) -> Result<(), Error> {
        let now = self.settings.clock.now();
        for execution in self.owned.keys().cloned().collect::<Vec<_>>() {
            for effect in effects(self.journal.state(), &execution) {
                let Effect::AwaitApproval { stage, action, action_execution, expires } = effect else {
                    continue;
                };
                let execution = execution.clone();
                if now >= expires {
                    self.report(&Request::ExpireApproval { execution, action_execution })?;
                } else if let Approvals::Answer { answer, by } = &self.approvals {
                    let answering = Answering {
                        execution,
                        stage,
                        action,
                        token: action_execution,
                        answer: *answer,
                        summary: None,
                        by: by.clone(),
                    };
                    self.report(&Request::Answer(Box::new(answering)))?;
                }
            }
        }
        self.ask();
        self.leave_what_waits()
    }

    /// Asks about each approval once, when there is nothing else to do for its execution.
    fn ask(&mut self) {
        let Approvals::Ask(ask) = &mut self.approvals else { return };
        let state = self.journal.state();
        let waiting = self.owned.keys().filter_map(|id| state.execution(id));
        for execution in waiting.filter(|execution| execution.waits_for_an_answer()) {
            for pending in execution.pending_approvals() {
                if self.asked.insert(pending.run.id.clone()) {
                    ask(execution, &pending);
                }
            }
        }
    }

    /// Lets go of executions that only somebody else can help.
    fn leave_what_waits(&mut self) -> Result<(), Error> {
        for execution in self.owned.keys().cloned().collect::<Vec<_>>() {
            if !self.is_left_waiting(&execution)? {
                continue;
            }
            self.wind_down(&execution)?;
            // Answered meanwhile, it is kept: nobody is to find it without an owner.
            self.refresh()?;
            if self.is_live(&execution) && !self.is_left_waiting(&execution)? {
                self.resume_later(&execution);
                continue;
            }
            self.owned.remove(&execution);
            // An answer, or the freeing of the stage, may have been recorded in the last moment.
            self.refresh()?;
            if self.is_live(&execution) && !self.is_left_waiting(&execution)? {
                self.own(&execution)?;
            } else if self.is_live(&execution) {
                self.left = true;
            }
        }
        Ok(())
    }

    /// Whether the policy leaves the execution to others: it waits for an answer, or before a stage whose execution
    /// waits for one and that nobody carries.
    fn is_left_waiting(&self, id: &str) -> Result<bool, Error> {
        let state = self.journal.state();
        let Some(execution) = state.execution(id) else { return Ok(false) };
        if execution.waits_for_an_answer() {
            return Ok(matches!(self.approvals, Approvals::Leave));
        }
        if matches!(self.approvals, Approvals::Wait) || self.signal.is_some() {
            return Ok(false);
        }
        let holder = execution.awaited_stage().and_then(|stage| state.holder(stage));
        let Some(holder) = holder.filter(|holder| holder.waits_for_an_answer()) else { return Ok(false) };
        Ok(!self.owned.contains_key(&holder.id) && !self.settings.store.is_owned(&holder.id)?)
    }

    /// What the person who was asked, or another thread, says. An answer that came too late is no error.
    pub(super) fn hear_answer(&mut self, answering: Answering) -> Result<(), Error> {
        match self.request(&Request::Answer(Box::new(answering))) {
            Err(Error::Journal(JournalError::Refused(
                Refusal::ApprovalAlreadyCompleted(_)
                | Refusal::InvalidApprovalToken(_)
                | Refusal::ExecutionNotFound(_),
            ))) => Ok(()),
            other => other,
        }
    }
}

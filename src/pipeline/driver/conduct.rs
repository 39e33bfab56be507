//! The driver's loop: what is heard, and making what this process does agree with what the state asks for.

use std::collections::BTreeSet;

use crate::action::{self, Cancel, StopReason};
use crate::clock::new_id;
use crate::pipeline::engine::{ActionResult, Effect, Request, Resolved, StopCause, StopMode, effects};

use super::{Approvals, Driver, Error, Message, Running, providers, worker};

impl Driver<'_> {
    /// Carries the owned executions until all have ended.
    pub(super) fn run(&mut self) -> Result<(), Error> {
        self.refresh()?;
        self.find_untouched()?;
        loop {
            // After a signal nobody is taken over.
            self.hear_all()?;
            self.agree()?;
            if self.owned.is_empty() {
                return Ok(());
            }
            // The driver holds a sender itself, so there is always one.
            let Ok(message) = self.receiver.recv() else { return Ok(()) };
            self.hear(message)?;
        }
    }

    /// Hears what has come so far.
    fn hear_all(&mut self) -> Result<(), Error> {
        while let Ok(message) = self.receiver.try_recv() {
            self.hear(message)?;
        }
        Ok(())
    }

    pub(super) fn hear(&mut self, message: Message) -> Result<(), Error> {
        match message {
            Message::Progress { action_execution, progress } => {
                let Some(running) = self.running.get(&action_execution) else { return Ok(()) };
                let execution = running.execution.clone();
                self.report(&Request::ReportProgress { execution, action_execution, progress })
            }
            Message::Ended { action_execution, result } => {
                let Some(running) = self.running.remove(&action_execution) else { return Ok(()) };
                self.tidying.push(running.thread);
                let result = (*result).unwrap_or_else(|trouble| {
                    let message = trouble.to_string();
                    self.trouble.get_or_insert(trouble);
                    worker::failed(worker::INTERNAL_ERROR, message)
                });
                self.finish(running.execution, action_execution, result)
            }
            // Whoever waits for it hears it first.
            Message::Aside(_) => Ok(()),
            Message::Bell => {
                self.refresh()?;
                self.look_after_holders()?;
                self.find_untouched()
            }
            Message::Deaf(error) => Err(error.into()),
            Message::Answer(answering) => self.hear_answer(*answering),
            Message::Leave => {
                self.approvals = Approvals::Leave;
                Ok(())
            }
            Message::Signal(number) => {
                self.signal = Some(number);
                let cause = StopCause::Signal { number };
                for execution in self.owned.keys().cloned().collect::<Vec<_>>() {
                    let stop = Request::Stop { execution, mode: StopMode::Cancel, cause: cause.clone() };
                    self.report(&stop)?;
                }
                Ok(())
            }
        }
    }

    fn finish(
        &mut self,
        execution: String,
        action_execution: String,
        result: ActionResult,
    ) -> Result<(), Error> {
        self.report(&Request::ReportResult { execution, action_execution, result: Box::new(result) })
    }

    /// Makes what this process does agree with what the state asks for, until neither changes the other any more.
    fn agree(&mut self) -> Result<(), Error> {
        loop {
            let seq = self.journal.seq();
            self.adopt()?;
            self.release()?;
            self.resume_adopted()?;
            // Before anything new begins: a signal or a stop may be among it.
            self.hear_all()?;
            self.see_to_approvals()?;
            let (mut wanted, mut missing, mut due, mut gate) = (BTreeSet::new(), Vec::new(), None, None);
            for execution in self.owned.keys() {
                for effect in effects(self.journal.state(), execution) {
                    match effect {
                        Effect::PerformAction { stage, action, action_execution, resolved, end } => {
                            match (self.running.get(&action_execution), end) {
                                (Some(running), Some(reason)) => running.cancel.request(reason),
                                (Some(_), None) => {}
                                (None, _) => {
                                    let run = action_execution.clone();
                                    missing.push((execution.clone(), stage, action, run, resolved, end));
                                }
                            }
                            wanted.insert(action_execution);
                        }
                        Effect::StartAction { stage, action } => {
                            due.get_or_insert((execution.clone(), stage, action));
                        }
                        Effect::JudgeGate { stage } => {
                            gate.get_or_insert((execution.clone(), stage));
                        }
                        Effect::AwaitStage { .. } | Effect::AwaitApproval { .. } => {}
                    }
                }
            }
            // Abandoned: the record does not wait for them, but nothing may be left behind.
            for (_, running) in self.running.iter().filter(|(id, _)| !wanted.contains(*id)) {
                running.cancel.request(StopReason::Stopped);
            }
            for (execution, stage, action, run, resolved, end) in missing {
                self.perform(&execution, &stage, &action, run.clone(), &resolved)?;
                if let (Some(running), Some(reason)) = (self.running.get(&run), end) {
                    running.cancel.request(reason);
                }
            }
            if let Some((execution, stage)) = gate {
                self.judge(&execution, stage)?;
            }
            if let Some((execution, stage, action)) = due
                && self.running.len() < self.settings.concurrency.get()
            {
                let action_execution = new_id();
                self.report(&Request::StartAction { execution, stage, action, action_execution })?;
            }
            if self.journal.seq() == seq {
                return Ok(());
            }
        }
    }

    /// Has the gate before a stage judged.
    fn judge(&mut self, execution: &str, stage: String) -> Result<(), Error> {
        let Some(found) = self.journal.state().execution(execution) else { return Ok(()) };
        let Some(owned) = self.owned.get_mut(execution) else { return Ok(()) };
        let providers = owned.providers.get_or_insert_with(|| (self.equip)(found));
        let judgement = match providers {
            Ok(providers) => providers.judge(found, &stage)?,
            Err(why) => providers::not_judged(why),
        };
        self.report(&Request::ReportJudgement { execution: execution.into(), stage, judgement })
    }

    /// Starts the thread of an action execution.
    fn perform(
        &mut self,
        execution: &str,
        stage: &str,
        action: &str,
        run: String,
        resolved: &Resolved,
    ) -> Result<(), Error> {
        let found = self.journal.state().execution(execution);
        let declared = found.and_then(|found| Some((found, found.declaration(stage, action)?)));
        let (Some((found, declared)), Some(owned)) = (declared, self.owned.get_mut(execution)) else {
            let why = format!("the definition has no action `{stage}/{action}`");
            return self.finish(execution.into(), run, worker::failed(worker::INTERNAL_ERROR, why));
        };
        let providers = owned.providers.get_or_insert_with(|| (self.equip)(found));
        let provider = match providers {
            Ok(providers) => providers.of(declared).cloned().ok_or_else(|| {
                format!(
                    "provider {} of category {} is not there yet",
                    declared.provider,
                    declared.category.api_name()
                )
            }),
            Err(why) => Err(why.clone()),
        };
        let provider = match provider {
            Ok(provider) => provider,
            Err(why) => {
                return self.finish(execution.into(), run, worker::failed(worker::NOT_PERFORMED, why));
            }
        };
        let cancel = Cancel::new().map_err(action::Error::during("cannot open a pipe"))?;
        let task = worker::Task {
            job: worker::job(found, stage, declared, &run, resolved),
            inputs: resolved.inputs.clone(),
            provider,
            cancel: cancel.clone(),
            store: self.settings.store.clone(),
            work: self.settings.work.clone(),
        };
        let sender = self.sender.clone();
        let thread = std::thread::Builder::new()
            .name(format!("{stage}/{action}"))
            .spawn(move || worker::work(task, sender))
            .map_err(action::Error::during("cannot start a thread"))?;
        self.running.insert(run, Running { execution: execution.into(), cancel, thread });
        Ok(())
    }
}

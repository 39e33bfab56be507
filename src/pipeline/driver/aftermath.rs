//! What actions leave running on purpose: ended when this process lets go of their execution, started again when it
//! takes over one that was left waiting.
//!
//! Owns: when that happens, and its record. Leaves to the providers what is ended or started, and how.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use crate::action::{self, Cancel, Job, Provider, Sink, StopReason};
use crate::clock::new_id;
use crate::pipeline::engine::{ActionStatus, Request};
use crate::store::Workspace;

use super::{Driver, Error, Message, worker};

/// What came of calling a provider beside its job.
struct Aside {
    lines: Result<Vec<String>, action::Error>,
    /// Whether what was heard meanwhile could be acted upon.
    heard: Result<(), Error>,
}

/// Tells the driver what a provider said, also by panic.
struct Report {
    sender: Sender<Message>,
    lines: Option<Result<Vec<String>, action::Error>>,
}

impl Drop for Report {
    fn drop(&mut self) {
        let lines = self.lines.take().unwrap_or_else(|| {
            let source = io::Error::other("its thread panicked");
            Err(action::Error {
                attempted: "cannot end or resume what an action left running".into(),
                source,
            })
        });
        // The driver waits for this.
        let _ = self.sender.send(Message::Aside(Box::new(lines)));
    }
}

impl Driver<'_> {
    /// Ends what actions of an execution left running here: all of it, even when some cannot be recorded.
    pub(super) fn wind_down(&mut self, execution: &str) -> Result<(), Error> {
        let signal = self.signal;
        let mut outcome = Ok(());
        // Without providers nothing was performed here.
        for (job, provider) in self.succeeded(execution, false) {
            let run = job.action_execution.clone();
            // Heard while something else of it was ended: whoever gave it does not want to wait.
            let hurry = self.signal.filter(|_| signal.is_none());
            let act = move |job: &Job, sink: &mut dyn Sink, cancel: &Cancel| {
                if let Some(number) = hurry {
                    cancel.request(StopReason::Signal(number));
                }
                provider.wind_down(job, sink, cancel)
            };
            let Aside { lines, heard } = self.aside(job, None, act);
            let recorded = self.told(lines).map_or(Ok(()), |lines| {
                let (execution, action_execution) = (execution.to_owned(), run);
                self.report(&Request::ReportWoundDown { execution, action_execution, lines })
            });
            outcome = outcome.and(heard).and(recorded);
        }
        outcome
    }

    /// What was ended is to be started again, for the execution is carried on here after all.
    pub(super) fn resume_later(&mut self, execution: &str) {
        if let Some(owned) = self.owned.get_mut(execution) {
            owned.resumed = false;
        }
    }

    /// Starts again what actions of executions that were taken over had left running, before anything else happens to
    /// them.
    pub(super) fn resume_adopted(&mut self) -> Result<(), Error> {
        let adopted = self.owned.iter().filter(|(_, owned)| !owned.resumed);
        for execution in adopted.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            // One that waits before a stage needs nothing yet, and everything once it is inside.
            let found = self.journal.state().execution(&execution);
            if found.is_none_or(|execution| execution.held_stage().is_none()) {
                continue;
            }
            if let Some(owned) = self.owned.get_mut(&execution) {
                owned.resumed = true;
            }
            for (job, provider) in self.succeeded(&execution, true) {
                let run = job.action_execution.clone();
                if self.is_asked_to_stop(&execution) {
                    break;
                }
                let act =
                    move |job: &Job, sink: &mut dyn Sink, cancel: &Cancel| provider.resume(job, sink, cancel);
                let Aside { lines, heard } = self.aside(job, Some(&execution), act);
                if let Some(lines) = self.told(lines) {
                    let (execution, action_execution) = (execution.clone(), run);
                    self.report(&Request::ReportResumed { execution, action_execution, lines })?;
                }
                heard?;
            }
        }
        Ok(())
    }

    /// The jobs of an execution that have succeeded, in the order of the definition, with their providers, which are
    /// made when `equip` says so.
    fn succeeded(&mut self, execution: &str, equip: bool) -> Vec<(Job, Arc<dyn Provider>)> {
        let Some(found) = self.journal.state().execution(execution) else { return Vec::new() };
        let Some(owned) = self.owned.get_mut(execution) else { return Vec::new() };
        if equip {
            owned.providers.get_or_insert_with(|| (self.equip)(found));
        }
        let Some(Ok(providers)) = &owned.providers else { return Vec::new() };
        let mut jobs = Vec::new();
        for (stage, declared) in found.definition.actions() {
            let run = found.stages.iter().find(|run| run.name == stage.name);
            let run = run.and_then(|run| run.action(&declared.name)?.current());
            let run = run.filter(|run| run.result.status == ActionStatus::Succeeded);
            let resolved = run.and_then(|run| Some((run, run.resolved.as_ref()?)));
            if let (Some((run, resolved)), Some(provider)) = (resolved, providers.of(declared)) {
                let mut job = worker::job(found, &stage.name, declared, &run.id, resolved);
                // What is not kept any more is missing here as it would be on a retry.
                job.inputs = worker::inputs(&self.settings.store, &resolved.inputs).unwrap_or_default();
                jobs.push((job, Arc::clone(provider)));
            }
        }
        jobs
    }

    fn is_asked_to_stop(&self, execution: &str) -> bool {
        self.journal.state().execution(execution).is_none_or(|found| found.stop.is_some())
    }

    /// Calls a provider beside its job: on a thread and in a workspace of its own, at the end of the job's log. Meanwhile
    /// this thread hears what it always hears; a signal asks the provider to end, and so does a stop of the execution
    /// `until_stopped`.
    fn aside(
        &mut self,
        mut job: Job,
        until_stopped: Option<&str>,
        act: impl FnOnce(&Job, &mut dyn Sink, &Cancel) -> Result<Vec<String>, action::Error> + Send,
    ) -> Aside {
        let cancel = match Cancel::new() {
            Ok(cancel) => cancel,
            Err(error) => {
                let lines = Err(action::Error::during("cannot open a pipe")(error));
                return Aside { lines, heard: Ok(()) };
            }
        };
        let (store, work) = (self.settings.store.clone(), self.settings.work.clone());
        let (sender, asked) = (self.sender.clone(), cancel.clone());
        let perform = move || {
            let mut report = Report { sender: sender.clone(), lines: None };
            let act = || {
                let workspace = Workspace::create(&work, &new_id())?;
                workspace.path().clone_into(&mut job.workspace);
                let mut recorder = worker::Recorder::new(&store, &job, &asked, sender)?;
                let lines = act(&job, &mut recorder, &asked)?;
                recorder.finish().map(|()| lines)
            };
            report.lines = Some(act());
        };
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().name("aside".into()).spawn_scoped(scope, perform);
            let thread = match thread {
                Ok(thread) => thread,
                Err(error) => {
                    let lines = Err(action::Error::during("cannot start a thread")(error));
                    return Aside { lines, heard: Ok(()) };
                }
            };
            let mut heard = Ok(());
            // The driver holds a sender itself, so there is always one.
            let lines = loop {
                match self.receiver.recv() {
                    Err(_) => break Ok(Vec::new()),
                    Ok(Message::Aside(lines)) => break *lines,
                    Ok(message) => {
                        if let Message::Signal(number) = message {
                            cancel.request(StopReason::Signal(number));
                        }
                        // What comes after trouble is heard as well, as far as that goes.
                        let result = self.hear(message);
                        heard = heard.and(result);
                        if until_stopped.is_some_and(|execution| self.is_asked_to_stop(execution)) {
                            cancel.request(StopReason::Stopped);
                        }
                    }
                }
            };
            // A panic was reported in its place.
            let _ = thread.join();
            Aside { lines, heard }
        })
    }

    /// Lines that tell something; trouble is kept until the drive has come to its end.
    fn told(&mut self, lines: Result<Vec<String>, action::Error>) -> Option<Vec<String>> {
        match lines {
            Ok(lines) => (!lines.is_empty()).then_some(lines),
            Err(trouble) => {
                self.trouble.get_or_insert(trouble);
                None
            }
        }
    }
}

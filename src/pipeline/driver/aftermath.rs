//! What actions leave running on purpose: ended when this process lets go of their execution, started again when it
//! takes over one that was left waiting.
//!
//! Owns: when that happens, and its record. Leaves to the providers what is ended or started, and how.

use std::sync::Arc;

use crate::action::{self, Cancel, Job, Provider, Sink};
use crate::clock::new_id;
use crate::pipeline::engine::{ActionStatus, Request};
use crate::store::Workspace;

use super::{Driver, Error, worker};

impl Driver<'_> {
    /// Ends what actions of an execution left running here.
    pub(super) fn wind_down(&mut self, execution: &str) -> Result<(), Error> {
        // Without providers nothing was performed here.
        for (job, provider) in self.succeeded(execution, false) {
            let run = job.action_execution.clone();
            let lines = self.aside(job, |job, sink, _| provider.wind_down(job, sink));
            if let Some(lines) = self.told(lines) {
                let (execution, action_execution) = (execution.to_owned(), run);
                self.report(&Request::ReportWoundDown { execution, action_execution, lines })?;
            }
        }
        Ok(())
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
                let lines = self.aside(job, |job, sink, cancel| provider.resume(job, sink, cancel));
                if let Some(lines) = self.told(lines) {
                    let (execution, action_execution) = (execution.clone(), run);
                    self.report(&Request::ReportResumed { execution, action_execution, lines })?;
                }
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

    /// Calls a provider on this thread, beside its job: in a workspace of its own, at the end of the job's log.
    fn aside(
        &self,
        mut job: Job,
        act: impl FnOnce(&Job, &mut dyn Sink, &Cancel) -> Result<Vec<String>, action::Error>,
    ) -> Result<Vec<String>, action::Error> {
        let cancel = Cancel::new().map_err(action::Error::during("cannot open a pipe"))?;
        let workspace = Workspace::create(&self.settings.work, &new_id())?;
        workspace.path().clone_into(&mut job.workspace);
        let mut recorder = worker::Recorder::new(&self.settings.store, &job, &cancel, self.sender.clone())?;
        let lines = act(&job, &mut recorder, &cancel)?;
        recorder.finish().map(|()| lines)
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

//! One deployment from its first lifecycle event to its last.
//!
//! Owns: performing events. Leaves to `lifecycle`: which event follows, to `hooks`: scripts, to `install`: files.

use std::path::Path;

use super::hooks::{Fault, Scripts};
use super::install::{self, Problem};
use super::layout::{Layout, replace};
use super::lifecycle::{Ended, Event, State, Supplier};
use super::log::Log;
use super::revision;
use crate::action::{Cancel, Error, Failure, PhaseStatus, Status};
use crate::spec::appspec::AppSpec;

/// The revision that was installed before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Previous {
    /// There is none: the first deployment to the group.
    Nothing,
    /// The revision of this deployment, of which something runs.
    Running(String),
    /// The revision of this deployment, of which something runs that may not be stopped: hooks are not allowed.
    Untouchable(String),
    /// The revision of this deployment. What ran of it has been ended with its execution.
    AtRest(String),
}

/// A deployment under way.
pub(super) struct Rollout<'a, 'l> {
    /// The input artifact.
    pub(super) bundle: &'a Path,
    pub(super) previous: Previous,
    pub(super) scripts: &'a mut Scripts,
    pub(super) log: &'a mut Log<'l>,
    pub(super) cancel: &'a Cancel,
    /// The new revision's appspec, once it has been read.
    pub(super) spec: Option<AppSpec>,
}

/// Why a deployment did not succeed.
pub(super) struct Unsuccessful {
    pub(super) status: Status,
    pub(super) failure: Failure,
}

impl Rollout<'_, '_> {
    /// Performs the events. A failure says in which of them it was.
    pub(super) fn run(mut self) -> Result<Option<Unsuccessful>, Error> {
        let mut state = State::Created.started();
        let mut unsuccessful = None;
        while let State::InProgress(event) = state {
            self.log.began(event.name());
            let result = match self.cancel.reason() {
                Some(reason) => Err(Fault::stopped(reason)),
                None => self.event(event),
            };
            let (ended, status, outcome, failure) = match result {
                Ok(()) => (Ended::Succeeded, PhaseStatus::Succeeded, Status::Succeeded, None),
                Err(Fault::Failed(failure)) => {
                    (Ended::Failed, PhaseStatus::Failed, Status::Failed, Some(failure))
                }
                Err(Fault::Ended(status, failure)) => {
                    let phase =
                        if status == Status::TimedOut { PhaseStatus::TimedOut } else { PhaseStatus::Stopped };
                    (Ended::Stopped, phase, status, Some(failure))
                }
                Err(Fault::Broken(error)) => return Err(error),
            };
            let context = failure.as_ref().map(|failure| format!("{}: {}", failure.code, failure.message));
            if let Some(context) = &context {
                self.log.agent(context);
            }
            self.log.ended(event.name(), status, context);
            unsuccessful = failure.map(|failure| {
                let phase = Some(event.name().to_owned());
                Unsuccessful { status: outcome, failure: Failure { phase, ..failure } }
            });
            state = state.ended(ended);
        }
        Ok(unsuccessful)
    }

    fn layout(&self) -> Layout {
        self.scripts.layout().clone()
    }

    fn id(&self) -> String {
        self.scripts.identity().deployment.clone()
    }

    fn event(&mut self, event: Event) -> Result<(), Fault> {
        match event {
            Event::DownloadBundle => self.download()?,
            Event::Install => self.install()?,
            _ => match event.supplier() {
                Supplier::Previous => self.stop_previous(event)?,
                Supplier::New => {
                    let archive = self.layout().archive(&self.id());
                    let spec = self.spec()?;
                    self.scripts_of(event, &spec, &archive)?;
                }
                Supplier::Nobody => {}
            },
        }
        if let Some(record) = event.records() {
            self.layout().record(record, &self.id())?;
        }
        Ok(())
    }

    fn scripts_of(&mut self, event: Event, spec: &AppSpec, archive: &Path) -> Result<(), Fault> {
        let scripts = spec.scripts(event.name());
        self.scripts.run(event.name(), scripts, archive, self.log, self.cancel)
    }

    /// The previous revision's own scripts, by its own appspec (codedeploy.md 0, trap 2), if anything of it runs.
    fn stop_previous(&mut self, event: Event) -> Result<(), Fault> {
        match self.previous.clone() {
            // As on an instance that was never deployed to: without a word.
            Previous::Nothing => Ok(()),
            Previous::AtRest(id) => {
                self.log.note(&format!(
                    "ApplicationStop was skipped: nothing of {id}, which was installed before, runs any more"
                ));
                Ok(())
            }
            Previous::Untouchable(id) => {
                self.log.note(&format!(
                    "ApplicationStop of {id}, which runs, was skipped: hooks run on this machine only with --allow \
                     host-hooks"
                ));
                Ok(())
            }
            Previous::Running(id) => {
                let archive = self.layout().archive(&id);
                let log = &mut *self.log;
                let spec = revision::appspec(&archive, &mut |text| log.remark(text))?;
                self.scripts_of(event, &spec, &archive)
            }
        }
    }

    fn download(&mut self) -> Result<(), Fault> {
        let (layout, id) = (self.layout(), self.id());
        layout.prune(&id)?;
        let entries = revision::unpack(self.bundle, &layout.archive(&id))?;
        self.log.remark(&format!("unpacked {entries} files and folders"));
        Ok(())
    }

    /// The new revision's appspec. It is read when it is first needed, after it was unpacked.
    fn spec(&mut self) -> Result<AppSpec, Fault> {
        if let Some(spec) = &self.spec {
            return Ok(spec.clone());
        }
        let archive = self.layout().archive(&self.id());
        let log = &mut *self.log;
        let spec = revision::appspec(&archive, &mut |text| log.remark(text))?;
        self.spec = Some(spec.clone());
        Ok(spec)
    }

    fn install(&mut self) -> Result<(), Fault> {
        let (layout, spec) = (self.layout(), self.spec()?);
        let archive = layout.archive(&self.id());
        let refused = |problem| match problem {
            Problem::Refused(message) => Fault::unknown(message),
            Problem::Broken(error) => Fault::Broken(error),
        };
        let removed = install::clean_up(layout.root(), &layout.cleanup()).map_err(refused)?;
        if removed > 0 {
            let what = if removed == 1 {
                "1 file or folder".to_owned()
            } else {
                format!("{removed} files and folders")
            };
            self.log.remark(&format!("removed {what} of the last deployment"));
        }
        let mut plan = install::plan(&spec, &archive, layout.root()).map_err(refused)?;
        let document = serde_json::to_vec_pretty(&install::document(&plan)).unwrap_or_default();
        replace(&layout.install(), &document)?;
        let notes = install::execute(&plan, layout.root(), &layout.cleanup()).map_err(refused)?;
        plan.notes.extend(notes);
        plan.notes.dedup();
        for note in &plan.notes {
            self.log.note(note);
        }
        Ok(())
    }
}

//! Carrying an execution to its end while its events are shown: what `run`, `retry` and `build` have in common.
//!
//! Owns: signals, the view, the last words and the exit code. Leaves to the driver: everything that happens.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use super::arguments::{self, Report};
use super::ending::{Ending, Failure};
use super::history::{self, Record};
use super::host::Host;
use super::output::{Ink, Output};
use super::place::Place;
use super::prompt::Prompt;
use super::signals::Listener;
use super::view::{View, json, pending, story, summary};
use super::words;
use crate::pipeline::Journal;
use crate::pipeline::driver::{self, Approvals, Driven, Driver, Providers, Settings};
use crate::pipeline::engine::{
    Answer, Event, Execution, ExecutionStatus, Fact, PendingApproval, Recorded, State,
};
use crate::store::Policy;

/// What is carried, and how it is shown.
pub(crate) struct Drive<'a> {
    /// Where.
    pub(crate) place: &'a Place,
    /// Where to print.
    pub(crate) output: &'a Output,
    /// How to report.
    pub(crate) report: Report,
    /// The stream of the execution.
    pub(crate) stream: &'a str,
    /// The execution.
    pub(crate) execution: &'a str,
    /// Its pipeline's name.
    pub(crate) pipeline: &'a str,
    /// Warnings told before it starts, which count when the user is strict.
    pub(crate) warnings: usize,
    /// What to type to run it again, where `retry` cannot.
    pub(crate) again: Option<String>,
    /// What was done when that is all, because another process carries the execution.
    pub(crate) done: Option<String>,
    /// Whether commands write to the terminal themselves, so that nothing may be drawn over.
    pub(crate) streams_output: bool,
    /// What is done about approvals.
    pub(crate) approving: Approving,
    /// What was allowed for this command, as flags that carry it on the same way; they begin with a blank.
    pub(crate) flags: String,
    /// In whose name approvals are answered.
    pub(crate) by: String,
}

/// What is done about approvals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Approving {
    /// Executions that wait for an answer are left to whoever gives it.
    Leave,
    /// Waits for an answer from another terminal.
    Wait,
    /// Asks at this terminal.
    Ask,
    /// Gives every approval this answer.
    Answer(Answer),
}

impl Approving {
    /// As the user asked for; otherwise, asks where somebody sits.
    pub(crate) fn of(asked: arguments::Approving, host: &Host, report: Report) -> Self {
        match asked {
            arguments::Approving { approve: true, .. } => Self::Answer(Answer::Approved),
            arguments::Approving { reject: true, .. } => Self::Answer(Answer::Rejected),
            arguments::Approving { wait: true, .. } => Self::Wait,
            arguments::Approving { .. } => Self::at(host, report),
        }
    }

    /// Asks where somebody sits.
    pub(crate) fn at(host: &Host, report: Report) -> Self {
        if host.interactive && !report.json { Self::Ask } else { Self::Leave }
    }
}

impl Drive<'_> {
    /// Lets `begin` start or retry the execution, shows what happens, and says how it ended.
    pub(crate) fn carry(
        &self,
        equip: impl Fn(&Execution) -> Result<Providers, String>,
        begin: impl FnOnce(Driver<'_>) -> Result<Driven, driver::Error>,
    ) -> Result<Ending, Failure> {
        self.carry_as(self.view(), |handle| self.heed_signals(handle), |_| {}, equip, begin)
    }

    /// The same in another view, and with other ears for signals: `listen` gets what tells the driver of them, and what it
    /// gives is kept until the end. `hear` hears of every event once it
    /// was shown.
    pub(crate) fn carry_as<L>(
        &self,
        view: View,
        listen: impl FnOnce(driver::Handle) -> Result<L, Failure>,
        hear: impl Fn(&Event),
        equip: impl Fn(&Execution) -> Result<Providers, String>,
        begin: impl FnOnce(Driver<'_>) -> Result<Driven, driver::Error>,
    ) -> Result<Ending, Failure> {
        let view = RefCell::new(view);
        let began = RefCell::new(None);
        let prompt = RefCell::new(None::<Prompt>);
        let settings = Settings {
            store: self.place.store.clone(),
            clock: self.place.clock.clone(),
            work: self.place.work()?,
            concurrency: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        };
        let observer = |recorded: &Recorded, _: &State| {
            let event = &recorded.event;
            if event.execution == self.execution
                && matches!(event.fact, Fact::ExecutionStarted(_) | Fact::StageRetried { .. })
            {
                began.replace(Some(event.at));
            }
            if let (Fact::ActionFinished(end), Some(prompt)) = (&event.fact, &mut *prompt.borrow_mut()) {
                prompt.ended(&end.action_execution);
            }
            view.borrow_mut().event(event);
            hear(event);
        };
        let driven = {
            let driver = Driver::new(settings, self.stream, equip, observer)?;
            let handle = driver.handle();
            if self.approving == Approving::Ask {
                let asked = Prompt::new(*self.output, self.by.clone(), handle.clone())
                    .map_err(|error| Failure::broken(format!("cannot start a thread: {error}")))?;
                prompt.replace(Some(asked));
            }
            let driver = driver.with_approvals(self.approvals(&view, &prompt));
            let _listener = listen(handle)?;
            begin(driver)
        };
        let mut view = view.into_inner();
        view.close();
        let ending = match driven {
            Ok(Driven::Ended(execution)) => {
                let began = began.into_inner().unwrap_or(execution.started);
                self.last_words(&mut view, *execution, began)
            }
            Ok(Driven::Pending(execution)) => self.left(&mut view, &execution),
            Ok(Driven::Elsewhere) => {
                let id = words::short(self.execution);
                if let Some(done) = &self.done {
                    self.output.talk(done);
                }
                self.output.talk(format_args!("{id} is carried on by the process that runs it"));
                self.output.talk(format_args!("follow it with: rehearsal logs -f {id}"));
                Ok(Ending::Well)
            }
            Err(error) => {
                let failure = Failure::from(error);
                if began.into_inner().is_some() {
                    self.broken(&mut view, &failure);
                }
                Err(failure)
            }
        };
        if let Ok(Ending::Signal(_)) = ending {
            self.left_behind()?;
        }
        self.retain();
        match view.trouble() {
            Some(error) if ending.is_ok() => Err(error.into()),
            Some(_) | None => ending,
        }
    }

    fn approvals<'b>(
        &'b self,
        view: &'b RefCell<View>,
        prompt: &'b RefCell<Option<Prompt>>,
    ) -> Approvals<'b> {
        match self.approving {
            Approving::Leave => Approvals::Leave,
            Approving::Wait => Approvals::Wait,
            Approving::Answer(answer) => Approvals::Answer { answer, by: self.by.clone() },
            Approving::Ask => {
                Approvals::Ask(Box::new(move |execution: &Execution, approval: &PendingApproval<'_>| {
                    view.borrow_mut().make_room();
                    if let Some(prompt) = &mut *prompt.borrow_mut() {
                        prompt.ask(execution, approval);
                    }
                }))
            }
        }
    }

    /// The last words on an execution that is left waiting for somebody.
    fn left(&self, view: &mut View, execution: &Execution) -> Result<Ending, Failure> {
        if self.report.json {
            let mut line = json::finished(execution, self.place.clock.now());
            line["reason"] = "pending".into();
            line["approvals"] = json::approvals(execution);
            view.result(&json::text(&line));
            return Ok(Ending::Pending);
        }
        let journal = Journal::open(&self.place.store, self.stream)?;
        self.output.talk("");
        view.result(
            &pending::left(self.output.out, execution, journal.state(), &self.flags).unwrap_or_default(),
        );
        Ok(Ending::Pending)
    }

    /// Whom the end by a signal let into a stage: nobody is taken over after one.
    fn left_behind(&self) -> Result<(), Failure> {
        let journal = Journal::open(&self.place.store, self.stream)?;
        for execution in journal.state().live() {
            if let Some(text) = pending::nobodys(self.output.err, execution, &self.place.store)? {
                self.output.talk(text);
            }
        }
        Ok(())
    }

    /// Tells the driver of signals from now on.
    pub(crate) fn heed_signals(&self, handle: driver::Handle) -> Result<Listener, Failure> {
        let output = *self.output;
        // The line of a live view may still stand at the cursor.
        let last = move || output.talk("\nended at once; the next command completes the record");
        Listener::start(move |number| handle.signal(number), last)
            .map_err(|error| Failure::broken(format!("cannot listen for signals: {error}")))
    }

    /// The view that `--json` or its absence asks for.
    pub(crate) fn view(&self) -> View {
        if self.report.json {
            let (store, execution) = (self.place.store.clone(), self.execution.to_owned());
            let log = move |run: &str| {
                let reader = store.log_reader(&execution, run).ok().flatten()?;
                Some(reader.path().display().to_string())
            };
            View::for_programs(*self.output, self.execution, self.pipeline, log)
        } else if self.streams_output {
            View::beside_output(*self.output, self.execution, self.pipeline)
        } else {
            View::for_people(*self.output, self.execution, self.pipeline)
        }
    }

    fn last_words(
        &self,
        view: &mut View,
        execution: Execution,
        began: crate::clock::Timestamp,
    ) -> Result<Ending, Failure> {
        let ending = summary::ending(&execution, self.report.strict, self.warnings);
        let ended = execution.ended.unwrap_or_else(|| self.place.clock.now());
        if self.report.json {
            view.result(&json::text(&json::finished(&execution, ended)));
            return Ok(ending);
        }
        let record = Record { stream: self.stream.to_owned(), execution };
        let took = words::between(began, ended);
        // Beside streamed output, results would be taken for the commands' own.
        let paint = if self.streams_output { self.output.err } else { self.output.out };
        let mut lines = Vec::new();
        if record.execution.status != ExecutionStatus::Superseded {
            let store = &self.place.store;
            for report in summary::failures(paint, store, &record, !self.streams_output)? {
                lines.extend([report, String::new()]);
            }
        }
        lines.push(story::closing(paint, &record.execution, took));
        lines.extend(story::account(usize::MAX, record.execution.simulated()));
        if let Some(next) = summary::next_step(&record) {
            lines.push(format!("run it again from there: {}", paint.ink(Ink::Strong, next)));
        }
        let unsuccessful =
            matches!(record.execution.status, ExecutionStatus::Failed | ExecutionStatus::Stopped);
        if let (Some(again), true) = (&self.again, unsuccessful) {
            lines.push(format!("run it again: {}", paint.ink(Ink::Strong, again)));
        }
        if ending == Ending::NotWell && record.execution.status == ExecutionStatus::Succeeded {
            let warnings = words::count(self.warnings, "warning", "warnings");
            let simulated = record.execution.simulated().count();
            lines.push(format!("not good enough for --strict: {warnings}, {simulated} simulated"));
        }
        let text = lines.join("\n");
        if text.contains('\n') {
            self.output.talk("");
        }
        if self.streams_output {
            self.output.talk(text);
        } else {
            view.result(&text);
        }
        Ok(ending)
    }

    /// The last line of JSON events also comes when Rehearsal itself could not go on: it tells what is known.
    fn broken(&self, view: &mut View, failure: &Failure) {
        if self.report.json
            && let Ok(record) = history::find(&self.place.store, Some(self.execution))
        {
            let mut line = json::finished(&record.execution, self.place.clock.now());
            line["reason"] = "broken".into();
            line["message"] = failure.message.as_str().into();
            view.result(&json::text(&line));
        }
    }

    /// Removes old history. The newest success of each pipeline stays, and what has not ended.
    fn retain(&self) {
        let kept = || -> Result<(), Failure> {
            let mut green = BTreeSet::new();
            let mut keep = BTreeSet::new();
            for Record { stream, execution } in history::all(&self.place.store)? {
                let first_success = execution.status == ExecutionStatus::Succeeded
                    && green.insert(history::family(&stream).to_owned());
                if execution.status.is_live() || first_success {
                    keep.insert(execution.id);
                }
            }
            self.place.store.retain(&Policy::default(), &keep)?;
            Ok(())
        };
        if let Err(failure) = kept() {
            self.output.warn(format_args!("cannot remove old history: {}", failure.message));
        }
    }
}

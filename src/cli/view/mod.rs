//! What executions look like.
//!
//! Owns: live lines at a terminal, plain lines elsewhere, JSON events, tables, the report on a failure. Leaves to each
//! command which of them it shows.

pub(crate) mod effects;
pub(crate) mod failure;
pub(crate) mod gate;
pub(crate) mod json;
mod live;
pub(crate) mod pending;
pub(crate) mod reports;
pub(crate) mod story;
pub(crate) mod summary;
pub(crate) mod table;

use std::collections::BTreeMap;
use std::io;

use live::Live;

use super::output::{Ink, Output};
use super::words;
use crate::action::{Judgement, Progress, Verdict};
use crate::clock::Timestamp;
use crate::pipeline::engine::{Event, Fact, Reason, RetryMode, StopCause};

/// Shows an execution's events as they come.
pub(crate) struct View {
    output: Output,
    /// The execution that was asked for. Others may be carried on by the way.
    execution: String,
    pipeline: String,
    form: Form,
    /// Whose each running action is, and when it began.
    began: BTreeMap<String, (String, Timestamp)>,
    /// What keeps standard output from taking more. A run goes on without it.
    deaf: Option<io::Error>,
}

/// Where the log of an action execution is.
type Log = Box<dyn Fn(&str) -> Option<String>>;

enum Form {
    /// One line per action, drawn over again.
    Live(Live),
    /// A line when something begins or ends.
    Plain,
    /// Only what the commands' own output, which is beside it, does not tell.
    Sparse,
    /// That something begins; the end is told by others. What runs may be drawn meanwhile.
    Brief(Option<Live>),
    /// An event a line, on standard output.
    Json(Log),
}

impl View {
    /// A view for people: live where lines may be drawn over again.
    pub(crate) fn for_people(output: Output, execution: &str, pipeline: &str) -> Self {
        let form = if output.live { Form::Live(Live::new()) } else { Form::Plain };
        Self::new(output, execution, pipeline, form)
    }

    /// A view for people who see what the commands write.
    pub(crate) fn beside_output(output: Output, execution: &str, pipeline: &str) -> Self {
        Self::new(output, execution, pipeline, Form::Sparse)
    }

    /// A view of one execution among others that run beside it.
    pub(crate) fn among_others(output: Output, execution: &str, pipeline: &str) -> Self {
        Self::new(output, execution, pipeline, Form::Brief(None))
    }

    /// A view that keeps no line for what went well, and draws what runs where lines may be drawn over again.
    pub(crate) fn briefly(output: Output, execution: &str, pipeline: &str) -> Self {
        Self::new(output, execution, pipeline, Form::Brief(output.live.then(Live::new)))
    }

    /// A view for programs. `log` knows where the log of an action execution is.
    pub(crate) fn for_programs(
        output: Output,
        execution: &str,
        pipeline: &str,
        log: impl Fn(&str) -> Option<String> + 'static,
    ) -> Self {
        Self::new(output, execution, pipeline, Form::Json(Box::new(log)))
    }

    fn new(output: Output, execution: &str, pipeline: &str, form: Form) -> Self {
        let (execution, pipeline) = (execution.to_owned(), pipeline.to_owned());
        Self { output, execution, pipeline, form, began: BTreeMap::new(), deaf: None }
    }

    /// Shows one event.
    pub(crate) fn event(&mut self, event: &Event) {
        if let Form::Json(log) = &self.form {
            let ours = event.execution == self.execution;
            if let Some(line) = json::line(event, &self.pipeline, ours, log) {
                self.result(&json::text(&line));
            }
            return;
        }
        self.draw(event);
        if let Form::Brief(_) = self.form {
            self.brief(event);
            return;
        }
        if let Some(line) = self.words(event) {
            let ends = matches!(event.fact, Fact::ExecutionFinished { .. });
            if event.execution == self.execution || ends {
                self.say(&line);
            } else {
                self.say(&format!("  {} {}", words::short(&event.execution), line.trim_start()));
            }
        }
    }

    /// The line of an execution that begins, waits, or was carried on by the way and ends.
    fn brief(&mut self, event: &Event) {
        let ours = event.execution == self.execution;
        let id = words::short(&event.execution);
        let line = match &event.fact {
            Fact::ExecutionStarted(beginning) if ours => {
                story::opening(self.output.err, &event.execution, beginning)
            }
            Fact::InboundArrived { stage } => format!("  {id} {}", waiting(stage)),
            Fact::ExecutionFinished { reason: Some(Reason::Superseded { .. }), .. } => return,
            Fact::ExecutionFinished { status, .. } if !ours => format!("  {id} is {}", status.api_name()),
            Fact::GateJudged { stage, judgement } if judgement.verdict() != Verdict::Passed => {
                self.gate(stage, judgement)
            }
            Fact::ActionWoundDown(_) | Fact::ActionResumed(_) => match self.words(event) {
                Some(words) => words,
                None => return,
            },
            Fact::ExecutionStarted(_)
            | Fact::ExecutionFinished { .. }
            | Fact::GateJudged { .. }
            | Fact::StageEntered { .. }
            | Fact::ActionStarted(_)
            | Fact::ActionProgressed { .. }
            | Fact::ActionFinished(_)
            | Fact::StageFinished { .. }
            | Fact::StopRequested { .. }
            | Fact::ExecutionInterrupted
            | Fact::StageRetried { .. } => return,
        };
        self.say(&line);
    }

    /// What an event changes about the live lines.
    fn draw(&mut self, event: &Event) {
        let (Form::Live(live) | Form::Brief(Some(live))) = &mut self.form else { return };
        match &event.fact {
            Fact::InboundArrived { stage } => live.wait(&event.execution, &waiting(stage)),
            Fact::StageEntered { .. } | Fact::ExecutionFinished { .. } => live.end(&event.execution),
            Fact::ActionStarted(start) => {
                live.start(&start.action_execution, &format!("{}/{}", start.stage, start.action));
                if start.expires.is_some() {
                    live.phase(&start.action_execution, "waits for an answer");
                }
            }
            Fact::ActionProgressed { action_execution, progress, .. } => match progress {
                Progress::PhaseStarted { phase } => live.phase(action_execution, phase),
                Progress::PhaseEnded { .. } | Progress::Note(_) => {}
            },
            Fact::ActionFinished(end) => live.end(&end.action_execution),
            Fact::ExecutionStarted(_)
            | Fact::StageFinished { .. }
            | Fact::GateJudged { .. }
            | Fact::ActionWoundDown(_)
            | Fact::ActionResumed(_)
            | Fact::StopRequested { .. }
            | Fact::ExecutionInterrupted
            | Fact::StageRetried { .. } => {}
        }
    }

    /// The line an event is worth, in this form.
    fn words(&mut self, event: &Event) -> Option<String> {
        let paint = self.output.err;
        let plain = matches!(self.form, Form::Plain);
        let sparse = matches!(self.form, Form::Sparse);
        match &event.fact {
            Fact::ExecutionStarted(beginning) => {
                (!sparse).then(|| story::opening(paint, &event.execution, beginning))
            }
            Fact::StageRetried { stage, mode, attempt } => {
                let which = match mode {
                    RetryMode::FailedActions => "failed actions",
                    RetryMode::AllActions => "all actions",
                };
                let pipeline = paint.ink(Ink::Strong, &self.pipeline);
                let id = words::short(&event.execution);
                Some(format!("{pipeline} {id}: {which} of stage {stage} again, attempt {attempt}"))
            }
            Fact::InboundArrived { stage } => plain.then(|| format!("  {}", waiting(stage))),
            Fact::ActionStarted(start) => {
                let began = (event.execution.clone(), event.at);
                self.began.insert(start.action_execution.clone(), began);
                let what = if start.expires.is_some() { "waits for an answer" } else { "started" };
                plain.then(|| format!("  {}/{} {what}", start.stage, start.action))
            }
            Fact::ActionProgressed { stage, action, progress, .. } => match progress {
                Progress::Note(text) => {
                    let text = words::one_line(text, usize::MAX);
                    let whose = if sparse { "note".to_owned() } else { format!("  {stage}/{action}") };
                    Some(format!("{}: {text}", paint.ink(Ink::Active, whose)))
                }
                Progress::PhaseStarted { .. } | Progress::PhaseEnded { .. } => None,
            },
            Fact::ActionFinished(end) => {
                let began = self.began.remove(&end.action_execution).map_or(event.at, |(_, began)| began);
                let (verb, ink) = story::verb(&end.result);
                let took = words::duration(words::between(began, event.at));
                let verb = paint.ink(ink, verb);
                let how = match story::reviewer(&end.result) {
                    none if none.is_empty() => {
                        format!(" in {took}{}", story::simulated(end.result.simulated.len()))
                    }
                    reviewer => reviewer,
                };
                (!sparse).then(|| format!("  {}/{} {verb}{how}", end.stage, end.action))
            }
            Fact::StopRequested { mode, cause } => {
                let runs = self.began.values().any(|(execution, _)| *execution == event.execution);
                let what = if runs { story::stopping(*mode) } else { "no action runs" };
                Some(match cause {
                    StopCause::Request { reason: Some(reason) } => {
                        format!("  stopping ({}): {what}", words::one_line(reason, self.output.width))
                    }
                    StopCause::Request { reason: None } => format!("  stopping: {what}"),
                    StopCause::Signal { .. } if !runs => format!("  stopping: {what}"),
                    StopCause::Signal { .. } => format!("  stopping: {what} (once more to end at once)"),
                })
            }
            Fact::ExecutionFinished { reason: Some(Reason::Superseded { by, stage }), .. }
                if *by == self.execution =>
            {
                Some(format!(
                    "  supersedes {}, which waited before stage {stage}",
                    words::short(&event.execution)
                ))
            }
            Fact::ExecutionFinished { status, .. } => {
                // How the execution that was asked for ended is told at the very end, with more.
                let other = event.execution != self.execution;
                other.then(|| format!("  {} is {}", words::short(&event.execution), status.api_name()))
            }
            Fact::GateJudged { stage, judgement } => Some(self.gate(stage, judgement)),
            Fact::ActionWoundDown(aftermath) | Fact::ActionResumed(aftermath) => {
                let whose = paint.ink(Ink::Active, format!("  {}/{}", aftermath.stage, aftermath.action));
                let lines = aftermath.lines.iter();
                let lines = lines.map(|line| format!("{whose}: {}", words::one_line(line, usize::MAX)));
                Some(lines.collect::<Vec<_>>().join("\n"))
            }
            Fact::ExecutionInterrupted | Fact::StageEntered { .. } | Fact::StageFinished { .. } => None,
        }
    }

    /// What a gate said, below the line of its execution.
    fn gate(&self, stage: &str, judgement: &Judgement) -> String {
        let block = gate::block(self.output.err, self.output.width.saturating_sub(2), stage, judgement);
        block.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
    }

    /// Removes what is drawn over again, for a question; what happens next is drawn again.
    pub(crate) fn make_room(&mut self) {
        self.close();
    }

    /// Removes what is drawn over again, for good.
    pub(crate) fn close(&mut self) {
        if let Form::Live(live) | Form::Brief(Some(live)) = &mut self.form {
            live.close();
        }
    }

    /// A line of talk, above the live lines.
    fn say(&self, line: &str) {
        match &self.form {
            Form::Live(live) | Form::Brief(Some(live)) => live.above(|| self.output.talk(line)),
            Form::Plain | Form::Sparse | Form::Brief(None) | Form::Json(_) => self.output.talk(line),
        }
    }

    /// A line on standard output. When that takes no more, the run goes on.
    pub(crate) fn result(&mut self, line: &str) {
        if self.deaf.is_none() {
            self.deaf = self.output.result(line).err();
        }
    }

    /// What kept results from being written, unless it was only a reader that went away.
    pub(crate) fn trouble(self) -> Option<io::Error> {
        self.deaf.filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
    }
}

fn waiting(stage: &str) -> String {
    format!("waits before stage {stage}, where another execution is")
}

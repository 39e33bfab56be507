//! `rehearsal stop`: asks whoever carries an execution to stop it.

use super::arguments::Stop;
use super::ending::{Ending, Failure};
use super::history;
use super::host::Host;
use super::output::Output;
use super::place::Place;
use super::view::story;
use super::words;
use crate::pipeline::Journal;
use crate::pipeline::engine::{ExecutionStatus, Fact, Recorded, Request, State, StopCause, StopMode};

/// The API's limit (codepipeline.md 4.7).
const REASON_CHARACTERS: usize = 200;

pub(super) fn perform(arguments: &Stop, host: &Host, output: &Output) -> Result<Ending, Failure> {
    let reason = arguments.reason.clone();
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > REASON_CHARACTERS) {
        return Err(Failure::unusable(format!("the reason has more than {REASON_CHARACTERS} characters")));
    }
    let Some(place) = Place::of_history(host, output)? else {
        return Err(match arguments.execution.as_deref() {
            None => history::nothing_runs(),
            part => history::not_found(part),
        });
    };
    let record = history::find_live(&place.store, arguments.execution.as_deref())?;
    let execution = record.execution.id.clone();
    // Stopping a build ends its commands, as StopBuild does; a pipeline lets its actions finish (codepipeline.md 4.7).
    let mode = match arguments.abandon {
        true => StopMode::Abandon,
        false if record.is_build() => StopMode::Cancel,
        false => StopMode::Wait,
    };
    let mut journal = Journal::open(&place.store, &record.stream)?;
    let request = Request::Stop { execution: execution.clone(), mode, cause: StopCause::Request { reason } };
    let mut entered = Vec::new();
    journal.request(place.clock.now(), &request, &mut |recorded: &Recorded, _: &State| {
        if let Fact::StageEntered { stage } = &recorded.event.fact {
            entered.push((recorded.event.execution.clone(), stage.clone()));
        }
    })?;
    let id = words::short(&execution);
    match journal.state().execution(&execution).map(|execution| execution.status) {
        Some(ExecutionStatus::Stopping) => {
            output.talk(format_args!("stopping {id}: {}", story::stopping(mode)));
        }
        Some(_) | None => output.talk(format_args!("stopped {id}")),
    }
    // Whoever carries it goes on by itself.
    for (other, stage) in entered {
        if !place.store.is_owned(&other)? {
            let other = words::short(&other);
            output.talk(format_args!(
                "{other} waited for it, and is next in stage {stage}; nobody carries it on"
            ));
            output.talk(format_args!("go on with it: rehearsal retry {other}"));
        }
    }
    Ok(Ending::Well)
}

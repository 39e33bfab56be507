//! `rehearsal retry`: the failed or stopped stage of an execution once more, and what comes behind it.

use super::arguments::Retry;
use super::drive::{Approving, Drive};
use super::ending::{Ending, Failure};
use super::equip::Equipment;
use super::history;
use super::host::Host;
use super::output::Output;
use super::place::Place;
use super::words;
use crate::pipeline::engine::{ExecutionStatus, Reason, RetryMode};

pub(super) fn perform(arguments: &Retry, host: &Host, output: &Output) -> Result<Ending, Failure> {
    let Some(place) = Place::of_history(host, output)? else {
        return Err(history::not_found(arguments.execution.as_deref()));
    };
    let record = history::find(&place.store, arguments.execution.as_deref())?;
    if record.is_build() {
        return Err(
            Failure::unusable("a build alone has no stage to retry").hint("run `rehearsal build` again")
        );
    }
    if let (ExecutionStatus::Stopped, Some(Reason::Until { stage })) =
        (record.execution.status, &record.execution.reason)
    {
        let id = words::short(&record.execution.id);
        let message = format!("{id} ended as asked after stage {stage}: there is nothing to retry");
        return Err(Failure::unusable(message).hint("a new `rehearsal run` goes further"));
    }
    let mode = if arguments.all_actions { RetryMode::AllActions } else { RetryMode::FailedActions };
    let equipment = Equipment::new(host, &place, arguments.timeout, output)?.allowing(
        &arguments.allowing,
        host,
        &place,
    )?;
    let drive = Drive {
        place: &place,
        output,
        report: arguments.report,
        stream: &record.stream,
        execution: &record.execution.id,
        pipeline: &record.execution.definition.name,
        warnings: 0,
        again: None,
        done: None,
        streams_output: false,
        approving: Approving::of(arguments.approving, host, arguments.report),
        flags: arguments.allowing.flags(),
        by: host.user(),
    };
    drive.carry(
        |execution| equipment.providers(execution),
        |driver| driver.retry(&record.execution.id, None, mode),
    )
}

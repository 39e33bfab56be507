//! `rehearsal approve` and `rehearsal reject`: the answer to an approval, and what comes behind it.

use super::arguments::Reply;
use super::drive::{Approving, Drive};
use super::ending::{Ending, Failure};
use super::equip::Equipment;
use super::history::{self, Record};
use super::host::Host;
use super::output::Output;
use super::place::Place;
use super::words;
use crate::pipeline::engine::{Answer, Answering, Execution};

pub(super) fn perform(
    arguments: &Reply,
    answer: Answer,
    host: &Host,
    output: &Output,
) -> Result<Ending, Failure> {
    let Some(place) = Place::of_history(host, output)? else {
        return Err(history::not_found(arguments.execution.as_deref()));
    };
    let record = find(&place, arguments.execution.as_deref())?;
    let (stage, action, token) = approval(&record.execution, arguments.action.as_deref())?;
    let verb = match answer {
        Answer::Approved => "approved",
        Answer::Rejected => "rejected",
    };
    let done = Some(format!("{verb} {stage}/{action}"));
    let answering = Answering {
        execution: record.execution.id.clone(),
        stage,
        action,
        token,
        answer,
        summary: arguments.comment.clone(),
        by: host.user(),
    };
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
        done,
        streams_output: false,
        approving: if arguments.wait { Approving::Wait } else { Approving::at(host, arguments.report) },
        flags: arguments.allowing.flags(),
        by: host.user(),
    };
    drive.carry(|execution| equipment.providers(execution), |driver| driver.answer(answering))
}

/// The execution that is named, or the only one that waits for an answer.
fn find(place: &Place, part: Option<&str>) -> Result<Record, Failure> {
    if part.is_some() {
        return history::find(&place.store, part);
    }
    let mut waiting = history::all(&place.store)?;
    waiting.retain(|record| record.execution.pending_approvals().next().is_some());
    match <[Record; 1]>::try_from(waiting) {
        Ok([record]) => Ok(record),
        Err(none) if none.is_empty() => Err(Failure::unusable("no execution waits for an answer")),
        Err(several) => {
            let ids: Vec<_> = several.iter().map(|record| words::short(&record.execution.id)).collect();
            Err(Failure::unusable(format!("{} executions wait for an answer", several.len()))
                .hint(format!("name one of {}", ids.join(", "))))
        }
    }
}

/// Stage, action and token of the approval that is meant.
fn approval(execution: &Execution, named: Option<&str>) -> Result<(String, String, String), Failure> {
    let id = words::short(&execution.id);
    let pending: Vec<_> = execution
        .pending_approvals()
        .map(|pending| (pending.stage.to_owned(), pending.action.name.clone(), pending.run.id.clone()))
        .collect();
    let names: Vec<_> = pending.iter().map(|(stage, action, _)| format!("{stage}/{action}")).collect();
    let found = match named {
        Some(named) => {
            let at = names.iter().position(|name| name == named);
            at.or_else(|| pending.iter().position(|(_, action, _)| action == named))
        }
        None if pending.len() == 1 => Some(0),
        None => None,
    };
    if let Some(found) = found.and_then(|found| pending.into_iter().nth(found)) {
        return Ok(found);
    }
    Err(match (names.as_slice(), named) {
        ([], _) => {
            Failure::unusable(format!("{id} waits for no answer: it is {}", execution.status.api_name()))
        }
        (names, None) => Failure::unusable(format!("{id} waits for {} answers", names.len()))
            .hint(format!("name one with --action: {}", names.join(", "))),
        (names, Some(named)) => {
            let failure = Failure::unusable(format!("{id} has no approval `{named}` that waits"));
            failure.hint(format!("what waits is {}", names.join(", ")))
        }
    })
}

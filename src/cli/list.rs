//! `rehearsal list`: the executions there are, newest first.

use serde_json::{Value, json};

use super::arguments::List;
use super::ending::{Ending, Failure};
use super::history::{self, Record};
use super::host::Host;
use super::output::{Ink, Output};
use super::place::Place;
use super::view::{self, story, table};
use super::words;
use crate::pipeline::engine::Reason;

pub(super) fn perform(arguments: &List, host: &Host, output: &Output) -> Result<Ending, Failure> {
    let place = Place::of_history(host, output)?;
    let mut records = place.as_ref().map_or_else(|| Ok(Vec::new()), |place| history::all(&place.store))?;
    if let Some(name) = &arguments.pipeline {
        let known: Vec<_> = records.iter().map(|record| record.execution.definition.name.clone()).collect();
        records.retain(|record| record.execution.definition.name == *name);
        if records.is_empty() {
            let failure = Failure::unusable(format!("nothing called `{name}` was run here"));
            return Err(match words::nearest(name, known.iter().map(String::as_str)) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure,
            });
        }
    }
    if arguments.json {
        let executions: Vec<_> = records.iter().map(entry).collect();
        output.result(view::json::text(&json!({"version": 1, "executions": executions})))?;
    } else if let (Some(place), false) = (&place, records.is_empty()) {
        let now = place.clock.now();
        let rows: Vec<_> = records
            .iter()
            .map(|Record { execution, .. }| {
                let (status, ink) = story::status(execution);
                let nobodys = execution.untouched_stage().is_some()
                    && place.store.is_owned(&execution.id).is_ok_and(|owned| !owned);
                let origin = &execution.origin;
                let took = words::between(execution.started, execution.ended.unwrap_or(now));
                vec![
                    table::Cell::inked(Ink::Strong, words::short(&execution.id)),
                    execution.definition.name.as_str().into(),
                    table::Cell::inked(
                        ink,
                        if execution.waits_for_an_answer() {
                            format!("{status}, asks")
                        } else if nobodys {
                            format!("{status}, left")
                        } else {
                            status.to_owned()
                        },
                    ),
                    words::moment(execution.started, &host.zone).into(),
                    words::duration(took).into(),
                    story::source(origin.commit.as_deref(), origin.reference.as_deref(), origin.worktree)
                        .into(),
                ]
            })
            .collect();
        let heading = ["id", "pipeline", "status", "started", "took", "source"];
        output.result(table::table(output.out, output.columns, &heading, &rows))?;
    } else {
        output.talk("nothing was run here yet");
    }
    Ok(Ending::Well)
}

/// One entry of design 2's documented shape, with more beside it.
fn entry(record: &Record) -> Value {
    let execution = &record.execution;
    json!({
        "id": execution.id,
        "pipeline": execution.definition.name,
        "stream": record.stream,
        "status": execution.status.api_name(),
        "reason": execution.reason.as_ref().map(Reason::word),
        "commit": execution.origin.commit,
        "worktree": execution.origin.worktree,
        "started": execution.started.to_string(),
        "ended": execution.ended.map(|ended| ended.to_string()),
        "simulated": execution.simulated().count(),
    })
}

//! `rehearsal show`: one execution, with its stages, actions, artifacts and variables.

use serde_json::{Value, json};

use super::arguments::Show;
use super::ending::{Ending, Failure};
use super::history::{self, Record};
use super::host::Host;
use super::output::{Ink, Output};
use super::place::Place;
use super::view::table::{self, Cell};
use super::view::{self, effects, gate, pending, story, summary};
use super::words;
use crate::aws;
use crate::clock::Timestamp;
use crate::pipeline::Journal;
use crate::pipeline::engine::{
    ActionRun, ActionSlot, ActionStatus, Execution, Reason, StageRun, StageStatus,
};
use crate::store::Store;

pub(super) fn perform(arguments: &Show, host: &Host, output: &Output) -> Result<Ending, Failure> {
    let Some(place) = Place::of_history(host, output)? else {
        return Err(history::not_found(arguments.execution.as_deref()));
    };
    let record = history::find(&place.store, arguments.execution.as_deref())?;
    if arguments.effects {
        let runs = effects_of(&record.execution, &place.store)?;
        return said(output, arguments.json.then(|| effects::document(&record.execution.id, &runs)), || {
            effects::listing(output.out, output.columns, &runs)
        });
    }
    if arguments.json {
        output.result(view::json::text(&document(&record, &place.store)?))?;
        return Ok(Ending::Well);
    }
    let (paint, execution, now) = (output.out, &record.execution, place.clock.now());
    let mut blocks = vec![heading(&record, host, output, now)];
    let rows = execution.stages.iter().flat_map(|stage| stage_rows(stage, now)).collect::<Vec<_>>();
    blocks.push(table::table(paint, output.columns, &["stage/action", "status", "took", "note"], &rows));
    blocks.extend(view::reports::section(paint, output.columns, execution));
    let judged = execution.stages.iter().filter_map(|stage| Some((stage, stage.judgement.as_ref()?)));
    blocks
        .extend(judged.map(|(stage, judgement)| gate::block(paint, output.columns, &stage.name, judgement)));
    let variables = output_variables(execution);
    if !variables.is_empty() {
        blocks.push(listed(output, "variables", &variables));
    }
    blocks.extend(story::account(output.columns, execution.simulated()));
    blocks.extend(summary::failures(paint, &place.store, &record, true)?);
    if execution.status.is_live() {
        let journal = Journal::open(&place.store, &record.stream)?;
        blocks.extend(pending::left(paint, execution, journal.state(), ""));
        blocks.extend(pending::nobodys(paint, execution, &place.store)?);
    }
    if let Some(next) = summary::next_step(&record) {
        blocks.push(format!("run it again from there: {}", paint.ink(Ink::Strong, next)));
    }
    output.result(blocks.join("\n\n"))?;
    Ok(Ending::Well)
}

/// Prints the document, or where none is wanted the text.
fn said(output: &Output, document: Option<Value>, text: impl FnOnce() -> String) -> Result<Ending, Failure> {
    output.result(document.map_or_else(text, |document| view::json::text(&document)))?;
    Ok(Ending::Well)
}

/// What the commands of each run asked of AWS and of tools.
fn effects_of(execution: &Execution, store: &Store) -> Result<Vec<effects::Run>, Failure> {
    let mut runs = Vec::new();
    for stage in &execution.stages {
        for action in &stage.actions {
            for run in &action.runs {
                let path = store.effects_path(&execution.id, &run.id)?;
                let effects = aws::read_effects(&path)
                    .map_err(|error| Failure::broken(format!("cannot read {}: {error}", path.display())))?;
                let action = format!("{}/{}", stage.name, action.name);
                runs.push(effects::Run { action, id: run.id.clone(), effects });
            }
        }
    }
    Ok(runs)
}

fn heading(record: &Record, host: &Host, output: &Output, now: Timestamp) -> String {
    let (paint, execution) = (output.out, &record.execution);
    let (status, ink) = story::status(execution);
    let origin = &execution.origin;
    let mut source = story::source(origin.commit.as_deref(), origin.reference.as_deref(), origin.worktree);
    if let (Some(commit), false) = (&origin.commit, origin.worktree) {
        source = source.replacen(words::short(commit), commit, 1);
    }
    let took = words::duration(words::between(execution.started, execution.ended.unwrap_or(now)));
    let started = words::moment(execution.started, &host.zone);
    let mut fields = vec![("source", source)];
    if !record.is_build() {
        let definition =
            origin.definition_path.clone().unwrap_or_else(|| "assumed: Source and Build".to_owned());
        fields.push(("definition", definition));
    }
    fields.push(("started", started));
    fields.push((if execution.ended.is_some() { "took" } else { "so far" }, took));
    let why = execution.reason.as_ref().map(story::reason);
    let said = story::stop_reason(execution).map(|text| format!("({})", words::printable(text)));
    let why: Vec<_> = why.into_iter().chain(said).collect();
    if !why.is_empty() {
        fields.push(("reason", why.join(" ")));
    }
    let declared = &execution.definition.variables;
    let by_default = |name: &str, value: &str| {
        let declared = declared.iter().find(|variable| variable.name == name);
        declared.and_then(|variable| variable.default_value.as_deref()) == Some(value)
    };
    let variables = execution.variables.iter().filter(|(name, value)| !by_default(name, value));
    let variables = variables.map(|(name, value)| pair(name, value, output.columns));
    let variables: Vec<_> = variables.collect();
    if !variables.is_empty() {
        fields.push(("given", variables.join("\n")));
    }
    format!(
        "{} {} {}\n{}",
        paint.ink(Ink::Strong, &execution.definition.name),
        execution.id,
        paint.ink(ink, status),
        table::fields(paint, "  ", &fields)
    )
}

fn stage_rows(stage: &StageRun, now: Timestamp) -> Vec<Vec<Cell>> {
    let attempts = if stage.attempt > 1 { format!("attempt {}", stage.attempt) } else { String::new() };
    let mut rows = vec![vec![
        Cell::inked(Ink::Strong, stage.name.as_str()),
        stage.status.map_or_else(
            || Cell::inked(Ink::Faint, "did not run"),
            |status| Cell::inked(stage_ink(status), status.api_name()),
        ),
        took(stage.started, stage.ended, now).into(),
        attempts.into(),
    ]];
    rows.extend(stage.actions.iter().map(|action| action_row(action, now)));
    rows
}

fn action_row(action: &ActionSlot, now: Timestamp) -> Vec<Cell> {
    let name = format!("  {}", action.name);
    let Some(run) = action.runs.last() else {
        return vec![name.into(), Cell::inked(Ink::Faint, "did not run"), "".into(), "".into()];
    };
    let ink = story::verb(&run.result).1;
    let status = run.result.status.api_name();
    vec![
        name.into(),
        Cell::inked(ink, status),
        took(Some(run.started), run.ended, now).into(),
        note(action, run).into(),
    ]
}

/// What is worth saying about an action on the rest of its line.
fn note(action: &ActionSlot, run: &ActionRun) -> String {
    let mut parts = Vec::new();
    if let (ActionStatus::InProgress, Some(phase)) = (run.result.status, &run.phase) {
        parts.push(phase.clone());
    }
    if let (ActionStatus::InProgress, Some(expires)) = (run.result.status, run.expires) {
        parts.push(format!("waits for an answer until {}", pending::moment(expires)));
    }
    if let Some(failure) = run.failure() {
        let phase = failure.phase.iter().map(String::as_str);
        parts.push(phase.chain([failure.code.as_str()]).collect::<Vec<_>>().join(": "));
    } else if run.result.last_updated_by.is_some() {
        parts.push(format!("{}{}", story::verb(&run.result).0, story::reviewer(&run.result)));
    } else {
        parts.extend(run.result.summary.clone());
    }
    if !run.result.simulated.is_empty() {
        parts.push(format!("{} simulated", run.result.simulated.len()));
    }
    if action.runs.len() > 1 {
        parts.push(format!("run {}", action.runs.len()));
    }
    let artifacts: Vec<_> = run.result.artifacts.iter().map(|artifact| artifact.name.as_str()).collect();
    if !artifacts.is_empty() {
        parts.push(format!("gave {}", artifacts.join(", ")));
    }
    parts.join("; ")
}

fn took(started: Option<Timestamp>, ended: Option<Timestamp>, now: Timestamp) -> String {
    started.map_or_else(String::new, |started| {
        words::duration(words::between(started, ended.filter(|ended| *ended >= started).unwrap_or(now)))
    })
}

fn stage_ink(status: StageStatus) -> Ink {
    match status {
        StageStatus::InProgress => Ink::Active,
        StageStatus::Succeeded => Ink::Good,
        StageStatus::Failed => Ink::Bad,
        StageStatus::Stopping | StageStatus::Stopped => Ink::Warning,
    }
}

/// Output variables as later actions refer to them.
fn output_variables(execution: &Execution) -> Vec<String> {
    let mut found = Vec::new();
    for stage in &execution.stages {
        for action in &stage.actions {
            let Some(run) = action.current() else { continue };
            let declared = execution.declaration(&stage.name, &action.name);
            let namespace = declared.and_then(|declared| declared.namespace.as_deref());
            let prefix = namespace.map_or_else(|| format!("{}/{}", stage.name, action.name), str::to_owned);
            let variables = run.result.variables.iter();
            found.extend(variables.map(|(name, value)| pair(&format!("{prefix}.{name}"), value, 200)));
        }
    }
    found
}

fn pair(name: &str, value: &str, width: usize) -> String {
    words::one_line(&format!("{name}={value}"), width)
}

fn listed(output: &Output, title: &str, items: &[String]) -> String {
    let mut text = output.out.ink(Ink::Faint, title);
    for item in items {
        text.push_str("\n  ");
        text.push_str(&words::one_line(item, output.columns.saturating_sub(2)));
    }
    text
}

fn document(record: &Record, store: &Store) -> Result<Value, Failure> {
    let execution = &record.execution;
    let mut stages = Vec::new();
    for stage in &execution.stages {
        let mut actions = Vec::new();
        for action in &stage.actions {
            let runs: Result<Vec<_>, Failure> = action
                .runs
                .iter()
                .map(|run| Ok(view::json::run(run, log_of(store, execution, run)?.as_deref())))
                .collect();
            actions.push(json!({"name": action.name, "runs": runs?}));
        }
        stages.push(json!({
            "name": stage.name,
            "status": stage.status.map(StageStatus::api_name),
            "attempt": stage.attempt,
            "started": stage.started.map(|at| at.to_string()),
            "ended": stage.ended.map(|at| at.to_string()),
            "gate": stage.judgement.as_ref().map(view::json::judgement),
            "actions": actions,
        }));
    }
    let origin = &execution.origin;
    Ok(json!({"version": 1, "execution": {
        "id": execution.id,
        "pipeline": execution.definition.name,
        "stream": record.stream,
        "status": execution.status.api_name(),
        "reason": execution.reason.as_ref().map(Reason::word),
        "stop_reason": story::stop_reason(execution),
        "commit": origin.commit,
        "ref": origin.reference,
        "worktree": origin.worktree,
        "definition": origin.definition_path,
        "variables": execution.variables,
        "started": execution.started.to_string(),
        "ended": execution.ended.map(|at| at.to_string()),
        "simulated": execution.simulated().collect::<Vec<_>>(),
        "approvals": view::json::approvals(execution),
        "stages": stages,
    }}))
}

fn log_of(store: &Store, execution: &Execution, run: &ActionRun) -> Result<Option<String>, Failure> {
    let log = store.log_reader(&execution.id, &run.id)?;
    Ok(log.map(|log| log.path().display().to_string()))
}

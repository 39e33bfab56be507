//! What each fact changes, and when it cannot be one.
//!
//! A fact that does not fit is refused with the reason, so a wrong log cannot be written and a corrupt one not loaded.

use std::sync::Arc;

use crate::clock::Timestamp;

use super::event::{ActionEnd, ActionResult, ActionStart, Beginning, Event, Fact};
use super::execution::{ActionRun, ActionSlot, Execution, Position, StageRun, is_failure};
use super::state::State;
use super::status::{ActionStatus, ExecutionStatus, Reason, RetryMode, StageStatus, StopMode};

/// Changes `state` as `event` says, or says why the event cannot happen. On error the state is not to be used.
pub(super) fn apply(state: &mut State, event: &Event) -> Result<(), String> {
    let at = event.at;
    match &event.fact {
        Fact::ExecutionStarted(beginning) => return start(state, &event.execution, at, beginning),
        Fact::InboundArrived { stage } => arrive(state, &event.execution, stage)?,
        Fact::StageEntered { stage } => enter(state, &event.execution, stage, at)?,
        Fact::StageRetried { stage, mode, attempt } => {
            require(
                state.latest(stage) == Some(&event.execution),
                "another execution entered the stage later",
            )?;
            retry(find(state, &event.execution)?, stage, *mode, *attempt, at)?;
        }
        Fact::ActionStarted(start) => start_action(find(state, &event.execution)?, start, at)?,
        Fact::ActionProgressed { stage, action, action_execution, progress } => {
            running(find(state, &event.execution)?, stage, action, action_execution)?.note(progress);
        }
        Fact::ActionFinished(end) => finish_action(find(state, &event.execution)?, end, at)?,
        Fact::GateJudged { stage, judgement } => {
            let execution = find(state, &event.execution)?;
            require(execution.gate_to_judge() == Some(stage), "no gate is to be judged there")?;
            let index = execution.stage_index().ok_or("it is in no stage")?;
            execution.stages[index].judgement = Some(judgement.clone());
        }
        Fact::ActionWoundDown(aftermath) | Fact::ActionResumed(aftermath) => {
            let execution = find(state, &event.execution)?;
            let stage = execution.stages.iter_mut().find(|stage| stage.name == aftermath.stage);
            let mut slots = stage.ok_or("no such stage")?.actions.iter_mut();
            let slot = slots.find(|slot| slot.name == aftermath.action).ok_or("no such action")?;
            let run = slot.runs.iter_mut().find(|run| run.id == aftermath.action_execution);
            let run = run.ok_or("no such action execution")?;
            require(run.result.status == ActionStatus::Succeeded, "the action did not succeed")?;
            run.aftermath.extend(aftermath.lines.iter().cloned());
        }
        Fact::StageFinished { stage, status } => {
            finish_stage(find(state, &event.execution)?, stage, *status, at)?;
        }
        Fact::StopRequested { mode, cause } => {
            let execution = find(state, &event.execution)?;
            require(stop_is_new(execution, *mode), "it was asked to stop already")?;
            execution.status = ExecutionStatus::Stopping;
            execution.stop = Some((*mode, cause.clone()));
            if let Position::Inside(index) = execution.position {
                execution.stages[index].status = Some(StageStatus::Stopping);
            }
        }
        Fact::ExecutionInterrupted => {
            let execution = find(state, &event.execution)?;
            require(execution.status.is_live(), "it has ended")?;
            require(!execution.interrupted, "it was interrupted already")?;
            execution.interrupted = true;
        }
        Fact::ExecutionFinished { status, reason } => {
            finish(find(state, &event.execution)?, *status, reason.as_ref(), at)?;
        }
    }
    Ok(())
}

fn require(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}

fn find<'a>(state: &'a mut State, id: &str) -> Result<&'a mut Execution, String> {
    state.executions.iter_mut().find(|execution| execution.id == id).ok_or_else(|| "no such execution".into())
}

/// Whether a stop of this mode says anything new.
pub(super) fn stop_is_new(execution: &Execution, mode: StopMode) -> bool {
    execution.status.is_live() && execution.stop.as_ref().is_none_or(|(asked, _)| *asked < mode)
}

fn start(state: &mut State, id: &str, at: Timestamp, beginning: &Beginning) -> Result<(), String> {
    require(state.execution(id).is_none(), "it exists already")?;
    require(!beginning.definition.stages.is_empty(), "its definition has no stage")?;
    let stages = beginning.definition.stages.iter().map(|stage| StageRun {
        name: stage.name.clone(),
        status: None,
        attempt: 0,
        started: None,
        ended: None,
        judgement: None,
        actions: stage
            .actions
            .iter()
            .map(|action| ActionSlot { name: action.name.clone(), runs: Vec::new(), counts: false })
            .collect(),
    });
    let stages = stages.collect();
    state.executions.push(Execution {
        id: id.into(),
        definition: Arc::new(beginning.definition.clone()),
        definition_digest: beginning.definition_digest.clone(),
        variables: beginning.variables.clone(),
        source_revisions: beginning.source_revisions.clone(),
        gates: beginning.gates.clone(),
        trigger: beginning.trigger.clone(),
        origin: beginning.origin.clone(),
        until: beginning.until.clone(),
        status: ExecutionStatus::InProgress,
        reason: None,
        position: Position::Starting,
        waited: false,
        stages,
        started: at,
        ended: None,
        stop: None,
        interrupted: false,
    });
    Ok(())
}

/// The index of the stage the execution goes to next, which must be called `stage`.
fn next(execution: &Execution, stage: &str) -> Result<usize, String> {
    require(execution.status == ExecutionStatus::InProgress, "it is not in progress")?;
    require(execution.outcome().is_none(), "it goes no further")?;
    let next = execution.next_stage().ok_or("it is between no two stages")?;
    require(execution.stages[next].name == stage, "another stage comes next")?;
    Ok(next)
}

fn arrive(state: &mut State, id: &str, stage: &str) -> Result<(), String> {
    // Whether somebody is inside is not asked: that execution's events may have left the log with the end of their
    // retention.
    require(state.inbound(stage).is_none(), "another execution waits there")?;
    let execution = find(state, id)?;
    execution.position = Position::Inbound(next(execution, stage)?);
    Ok(())
}

fn enter(state: &mut State, id: &str, stage: &str, at: Timestamp) -> Result<(), String> {
    require(state.holder(stage).is_none(), "another execution is inside")?;
    let waits_first = state.inbound(stage).is_none_or(|waiting| waiting.id == id);
    require(waits_first, "another execution waits there")?;
    let execution = find(state, id)?;
    let index = match execution.position {
        Position::Inbound(index) => {
            require(execution.status == ExecutionStatus::InProgress, "it is not in progress")?;
            require(execution.stages[index].name == stage, "it waits for another stage")?;
            index
        }
        Position::Starting | Position::Left(_) | Position::Inside(_) => next(execution, stage)?,
    };
    execution.waited = matches!(execution.position, Position::Inbound(_));
    execution.position = Position::Inside(index);
    let run = &mut execution.stages[index];
    run.status = Some(StageStatus::InProgress);
    run.attempt += 1;
    run.started = Some(at);
    state.latest.insert(stage.into(), id.into());
    Ok(())
}

fn start_action(execution: &mut Execution, start: &ActionStart, at: Timestamp) -> Result<(), String> {
    require(execution.run(&start.action_execution).is_none(), "its identifier is taken")?;
    require(execution.due().contains(&start.action.as_str()), "the action is not due")?;
    let slot = slot(execution, &start.stage, &start.action)?;
    slot.counts = true;
    slot.runs.push(ActionRun {
        id: start.action_execution.clone(),
        resolved: start.resolved.clone(),
        result: ActionResult::new(ActionStatus::InProgress),
        expires: start.expires,
        phase: None,
        aftermath: Vec::new(),
        started: at,
        ended: None,
    });
    Ok(())
}

/// The slot of an action of the stage the execution is in.
fn slot<'a>(execution: &'a mut Execution, stage: &str, action: &str) -> Result<&'a mut ActionSlot, String> {
    let Position::Inside(index) = execution.position else { return Err("it is in no stage".into()) };
    let run = &mut execution.stages[index];
    require(run.name == stage, "it is in another stage")?;
    run.actions.iter_mut().find(|slot| slot.name == action).ok_or_else(|| "no such action".into())
}

fn running<'a>(
    execution: &'a mut Execution,
    stage: &str,
    action: &str,
    action_execution: &str,
) -> Result<&'a mut ActionRun, String> {
    require(execution.status.is_live(), "it has ended")?;
    let slot = slot(execution, stage, action)?;
    let run =
        slot.runs.last_mut().filter(|run| run.id == action_execution).ok_or("it is not the current run")?;
    require(run.result.status == ActionStatus::InProgress, "the action has ended")?;
    Ok(run)
}

fn finish_action(execution: &mut Execution, end: &ActionEnd, at: Timestamp) -> Result<(), String> {
    require(end.result.status != ActionStatus::InProgress, "an end is not in progress")?;
    let run = running(execution, &end.stage, &end.action, &end.action_execution)?;
    run.result = end.result.clone();
    run.ended = Some(at);
    Ok(())
}

fn finish_stage(
    execution: &mut Execution,
    stage: &str,
    status: StageStatus,
    at: Timestamp,
) -> Result<(), String> {
    let Position::Inside(index) = execution.position else { return Err("it is in no stage".into()) };
    require(execution.status.is_live(), "it has ended")?;
    require(execution.stages[index].name == stage, "it is in another stage")?;
    require(execution.stage_outcome() == Some(status), "the stage has not ended so")?;
    execution.position = Position::Left(index);
    execution.stages[index].status = Some(status);
    execution.stages[index].ended = Some(at);
    Ok(())
}

fn finish(
    execution: &mut Execution,
    status: ExecutionStatus,
    reason: Option<&Reason>,
    at: Timestamp,
) -> Result<(), String> {
    require(execution.status.is_live(), "it has ended")?;
    if status == ExecutionStatus::Superseded {
        let awaited = execution.awaited_stage().ok_or("only an execution that waits can be superseded")?;
        let told = matches!(reason, Some(Reason::Superseded { stage, .. }) if stage == awaited);
        require(told, "it waits for another stage")?;
    } else {
        require(
            execution.outcome().is_some_and(|(s, r)| s == status && r.as_ref() == reason),
            "it has not ended so",
        )?;
    }
    execution.status = status;
    execution.reason = reason.cloned();
    execution.ended = Some(at);
    Ok(())
}

/// Why a stage of the execution cannot be retried; none when it can.
pub(super) fn retry_obstacle(execution: &Execution, stage: &str, mode: RetryMode) -> Option<&'static str> {
    let (index, ended) = match execution.position {
        Position::Left(index) => (index, true),
        Position::Inside(index) => (index, false),
        Position::Starting | Position::Inbound(_) => return Some("it is in no stage"),
    };
    let run = &execution.stages[index];
    if run.name != stage {
        return Some("it ended in another stage");
    }
    if ended {
        return match (execution.status, run.status) {
            (ExecutionStatus::Failed, Some(StageStatus::Failed)) => None,
            (ExecutionStatus::Stopped, Some(StageStatus::Stopped)) => None,
            _ => Some("its stage has neither failed nor been stopped"),
        };
    }
    if execution.status != ExecutionStatus::InProgress || execution.interrupted {
        return Some("it is about to end");
    }
    if !run.has_failed() {
        return Some("no action of its stage has failed");
    }
    match mode {
        RetryMode::AllActions if run.has_running() => Some("actions of its stage are still in progress"),
        RetryMode::AllActions | RetryMode::FailedActions => None,
    }
}

fn retry(
    execution: &mut Execution,
    stage: &str,
    mode: RetryMode,
    attempt: u32,
    at: Timestamp,
) -> Result<(), String> {
    if let Some(why) = retry_obstacle(execution, stage, mode) {
        return Err(why.into());
    }
    let index = execution.stage_index().ok_or("it is in no stage")?;
    let run = &mut execution.stages[index];
    require(attempt == run.attempt + 1, "another attempt comes next")?;
    run.attempt = attempt;
    // The evidence may be another one by now.
    if matches!(execution.position, Position::Left(_)) {
        run.judgement = None;
    }
    run.status = Some(StageStatus::InProgress);
    run.started = Some(at);
    run.ended = None;
    for slot in &mut run.actions {
        let again = match mode {
            RetryMode::FailedActions => is_failure(slot.current().map(|run| run.result.status)),
            RetryMode::AllActions => true,
        };
        if again {
            slot.counts = false;
        }
    }
    execution.status = ExecutionStatus::InProgress;
    execution.reason = None;
    execution.position = Position::Inside(index);
    execution.waited = false;
    execution.ended = None;
    execution.stop = None;
    execution.interrupted = false;
    Ok(())
}

//! An execution that has ended: why actions failed, and what to type next.

use super::failure::{self, FailedAction};
use super::story;
use crate::cli::ending::{Ending, Failure};
use crate::cli::history::Record;
use crate::cli::output::Paint;
use crate::cli::words;
use crate::pipeline::engine::{
    ActionResult, ActionRun, ActionSlot, ActionStatus, Execution, ExecutionStatus, Reason,
};
use crate::store::{LogReader, Store};
use crate::{action, build};

/// A report on every action that failed, each with the end of its log unless that was seen already. What somebody
/// stopped needs no explanation.
pub(crate) fn failures(
    paint: Paint,
    store: &Store,
    record: &Record,
    with_tail: bool,
) -> Result<Vec<String>, Failure> {
    let execution = &record.execution;
    let mut reports = Vec::new();
    for stage in &execution.stages {
        for action in &stage.actions {
            let Some(run) = action.current() else { continue };
            if !is_worth_a_report(&run.result) {
                continue;
            }
            let command = run.failure().and_then(|failure| failure.command.as_deref());
            let log = store.log_reader(&execution.id, &run.id)?;
            let name = if record.is_build() {
                execution.definition.name.clone()
            } else {
                format!("{}/{}", stage.name, action.name)
            };
            let searched = log.as_ref().filter(|_| with_tail);
            let lines = searched.map(|log| log.tail(failure::SEARCHED)).transpose()?.unwrap_or_default();
            reports.push(failure::report(
                paint,
                &FailedAction {
                    name: &name,
                    verb: story::verb(&run.result).0,
                    failure: run.failure(),
                    log: log.as_ref().map(LogReader::path),
                    tail: &failure::tail(&lines, command),
                },
            ));
        }
    }
    Ok(reports)
}

fn is_worth_a_report(result: &ActionResult) -> bool {
    match (result.status, &result.reason) {
        (ActionStatus::InProgress | ActionStatus::Succeeded | ActionStatus::Abandoned, _)
        | (ActionStatus::Failed, Some(Reason::Stopped | Reason::Signal { .. } | Reason::Rejected)) => false,
        (
            ActionStatus::Failed,
            None
            | Some(
                Reason::Timeout
                | Reason::Interrupted
                | Reason::Superseded { .. }
                | Reason::Gate { .. }
                | Reason::Until { .. },
            ),
        ) => true,
    }
}

/// What to type to go on, when there is something.
pub(crate) fn next_step(record: &Record) -> Option<String> {
    let execution = &record.execution;
    let retry = || format!("rehearsal retry {}", words::short(&execution.id));
    if record.is_build() {
        return None;
    }
    match (execution.status, &execution.reason) {
        (ExecutionStatus::Stopped, Some(Reason::Until { .. })) => None,
        (ExecutionStatus::Failed | ExecutionStatus::Stopped, _) if has_run(execution) => Some(retry()),
        (ExecutionStatus::Failed | ExecutionStatus::Stopped, _) => None,
        (ExecutionStatus::InProgress | ExecutionStatus::Stopping, _) => None,
        (ExecutionStatus::Succeeded | ExecutionStatus::Superseded, _) => None,
    }
}

/// Whether it entered a stage: what never did cannot be retried (codepipeline.md 4.7).
fn has_run(execution: &Execution) -> bool {
    execution.stages.iter().any(|stage| stage.attempt > 0)
}

/// Whether all that failed has failed by a quota of the service, and not on its own account.
fn hit_a_quota(execution: &Execution) -> bool {
    let actions = execution.stages.iter().flat_map(|stage| &stage.actions);
    let mut failures = actions.filter_map(ActionSlot::current).filter_map(ActionRun::failure).peekable();
    let of_quota = |failure: &action::Failure| build::QUOTA_ERRORS.contains(&failure.code.as_str());
    failures.peek().is_some() && failures.all(of_quota)
}

/// The exit code's kind for an execution.
pub(crate) fn ending(execution: &Execution, strict: bool, warnings: usize) -> Ending {
    match (execution.status, &execution.reason) {
        (ExecutionStatus::Succeeded, _) | (ExecutionStatus::Stopped, Some(Reason::Until { .. })) => {
            if strict && (warnings > 0 || execution.simulated().next().is_some()) {
                Ending::NotWell
            } else {
                Ending::Well
            }
        }
        (ExecutionStatus::Failed, None) if hit_a_quota(execution) => Ending::Limit,
        (_, Some(Reason::Timeout)) => Ending::Limit,
        (_, Some(Reason::Signal { number })) => Ending::Signal(*number),
        (ExecutionStatus::InProgress | ExecutionStatus::Stopping, _) => Ending::Pending,
        (ExecutionStatus::Failed | ExecutionStatus::Stopped | ExecutionStatus::Superseded, _) => {
            Ending::NotWell
        }
    }
}

//! Approvals: which ones wait, until when, and what an answer or its absence leads to (codepipeline.md 2.6, 4.8).

use crate::action::Failure;
use crate::clock::Timestamp;
use crate::spec::pipeline::{Action, Category};
use crate::spec::quotas;

use super::event::ActionResult;
use super::execution::{ActionRun, ActionSlot, Execution, PendingApproval, Position};
use super::request::{Answering, Refusal};
use super::status::{ActionStatus, Answer, ExecutionStatus, Reason};

/// The longest comment of a reviewer.
const SUMMARY_CHARACTERS: usize = 512;

/// Whether an action is performed by people.
pub(super) fn is_approval(action: &Action) -> bool {
    action.category == Category::Approval
}

/// When an approval that started then stops waiting.
pub(super) fn expiry(action: &Action, started: Timestamp) -> Timestamp {
    let asked = action.timeout_in_minutes.map(|minutes| quotas::Unit::Minutes.span(minutes));
    let span = asked.unwrap_or(quotas::APPROVAL_TIMEOUT_DEFAULT.duration()).unwrap_or_default();
    started.checked_add(span).unwrap_or(Timestamp::MAX)
}

impl Execution {
    /// The approvals that wait for an answer.
    pub fn pending_approvals(&self) -> impl Iterator<Item = PendingApproval<'_>> {
        let inside = match self.position {
            Position::Inside(index) if self.status.is_live() => Some(index),
            Position::Inside(_) | Position::Starting | Position::Inbound(_) | Position::Left(_) => None,
        };
        inside.into_iter().flat_map(|index| {
            let stage = &self.definition.stages[index];
            stage.actions.iter().zip(&self.stages[index].actions).filter_map(move |(action, slot)| {
                let run = running(slot)?;
                Some(PendingApproval { stage: &stage.name, action, run, expires: run.expires? })
            })
        })
    }

    /// Whether nothing happens to it until somebody answers an approval.
    pub fn waits_for_an_answer(&self) -> bool {
        let Position::Inside(index) = self.position else { return false };
        let running = self.stages[index].actions.iter().filter(|slot| running(slot).is_some()).count();
        self.status == ExecutionStatus::InProgress
            && running > 0
            && running == self.pending_approvals().count()
            && self.due().is_empty()
    }
}

fn running(slot: &ActionSlot) -> Option<&ActionRun> {
    slot.current().filter(|run| run.result.status == ActionStatus::InProgress)
}

/// The result that an answer at the moment `at` gives its approval.
pub(super) fn answered(
    execution: &Execution,
    at: Timestamp,
    answering: &Answering,
) -> Result<ActionResult, Refusal> {
    let Answering { stage, action, token, answer, summary, by, .. } = answering;
    if summary.as_ref().is_some_and(|summary| summary.chars().count() > SUMMARY_CHARACTERS) {
        return Err(Refusal::Validation(format!(
            "the comment on an approval has at most {SUMMARY_CHARACTERS} characters"
        )));
    }
    if execution.definition.stage(stage).is_none() {
        return Err(Refusal::StageNotFound(stage.clone()));
    }
    let name = format!("{stage}/{action}");
    if !execution.declaration(stage, action).is_some_and(is_approval) {
        return Err(Refusal::ActionNotFound(name));
    }
    let runs = execution.stages.iter().find(|run| run.name == *stage).and_then(|run| run.action(action));
    let run = runs.and_then(|slot| slot.runs.iter().find(|run| run.id == *token));
    let run = run.ok_or_else(|| {
        Refusal::InvalidApprovalToken(format!("approval `{name}` does not wait under the token {token}"))
    })?;
    if run.result.status != ActionStatus::InProgress {
        return Err(Refusal::ApprovalAlreadyCompleted(name));
    }
    if run.expires.is_some_and(|expires| at >= expires) {
        return Err(Refusal::InvalidApprovalToken(format!("the time to answer approval `{name}` is over")));
    }
    let (status, reason) = match answer {
        Answer::Approved => (ActionStatus::Succeeded, None),
        Answer::Rejected => (ActionStatus::Failed, Some(Reason::Rejected)),
    };
    let mut result = ActionResult::new(status);
    result.reason = reason;
    result.summary.clone_from(summary);
    result.external_execution_id = Some(token.clone());
    result.last_updated_by = Some(by.clone());
    Ok(result)
}

/// The result of an approval that nobody answered in time, which is treated like a failure.
pub(super) fn expired(
    execution: &Execution,
    at: Timestamp,
    action_execution: &str,
) -> Result<ActionResult, Refusal> {
    let pending = execution.pending_approvals().find(|pending| pending.run.id == action_execution);
    let pending = pending
        .ok_or_else(|| Refusal::Conflict(format!("approval {action_execution} does not wait any more")))?;
    if at < pending.expires {
        return Err(Refusal::Conflict(format!("approval {action_execution} has time left")));
    }
    let mut result = ActionResult::new(ActionStatus::Failed);
    result.reason = Some(Reason::Timeout);
    result.external_execution_id = Some(action_execution.to_owned());
    let message = format!("nobody answered until {}", pending.expires);
    result.failure = Some(Failure { message, ..Failure::default() });
    Ok(result)
}

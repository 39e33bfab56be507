//! What the owner of an execution has to see to, as a function of the state alone.
//!
//! The driver compares this list with what it is doing and makes the two agree, so that recovery is replay and a request
//! of another process needs no message of its own.

use crate::action::StopReason;
use crate::clock::Timestamp;

use super::event::Resolved;
use super::execution::{ActionRun, Position};
use super::state::State;
use super::status::{ActionStatus, StopCause, StopMode};

/// Something the owner of an execution has to see to now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// An action is due: request `StartAction`, then perform it.
    StartAction {
        /// The stage.
        stage: String,
        /// The action.
        action: String,
    },
    /// An action execution is under way, and is to be performed to its end. Running actions without this effect are
    /// not wanted any more, and are to be ended.
    PerformAction {
        /// The stage.
        stage: String,
        /// The action.
        action: String,
        /// The action execution.
        action_execution: String,
        /// What it runs with.
        resolved: Resolved,
        /// Why it is to be ended, when somebody asked for that. How it ended is still to be reported.
        end: Option<StopReason>,
    },
    /// An approval waits for an answer. One whose time is up is to be reported as expired.
    AwaitApproval {
        /// The stage.
        stage: String,
        /// The action.
        action: String,
        /// The action execution, whose identifier is the token.
        action_execution: String,
        /// When it stops waiting.
        expires: Timestamp,
    },
    /// The gate before the stage that the execution has entered is to be judged.
    JudgeGate {
        /// The stage.
        stage: String,
    },
    /// Another execution holds the stage that this one is to enter: wait until it does.
    AwaitStage {
        /// The stage.
        stage: String,
        /// The execution inside.
        held_by: String,
    },
}

/// The effects of one execution; none when it has ended or is not known.
pub fn effects(state: &State, execution: &str) -> Vec<Effect> {
    let Some(execution) = state.execution(execution).filter(|execution| execution.status.is_live()) else {
        return Vec::new();
    };
    let index = match execution.position {
        Position::Inside(index) => index,
        Position::Inbound(_) | Position::Starting | Position::Left(_) => {
            let awaited = execution.awaited_stage().and_then(|stage| Some((stage, state.holder(stage)?)));
            let wait = awaited.map(|(stage, holder)| Effect::AwaitStage {
                stage: stage.into(),
                held_by: holder.id.clone(),
            });
            return wait.into_iter().collect();
        }
    };
    let stage = &execution.stages[index];
    let end = execution.stop.as_ref().and_then(|(mode, cause)| match mode {
        StopMode::Wait => None,
        StopMode::Cancel | StopMode::Abandon => Some(match cause {
            StopCause::Request { .. } => StopReason::Stopped,
            StopCause::Signal { number } => StopReason::Signal(*number),
        }),
    });
    let approvals = execution.pending_approvals().map(|pending| Effect::AwaitApproval {
        stage: pending.stage.into(),
        action: pending.action.name.clone(),
        action_execution: pending.run.id.clone(),
        expires: pending.expires,
    });
    let gate = execution.gate_to_judge().map(|stage| Effect::JudgeGate { stage: stage.into() });
    let waits = |run: &ActionRun| execution.pending_approvals().any(|pending| pending.run.id == run.id);
    let running = stage.actions.iter().filter_map(|slot| {
        let run =
            slot.current().filter(|run| run.result.status == ActionStatus::InProgress && !waits(run))?;
        Some(Effect::PerformAction {
            stage: stage.name.clone(),
            action: slot.name.clone(),
            action_execution: run.id.clone(),
            resolved: run.resolved.clone()?,
            end,
        })
    });
    let due = execution
        .due()
        .into_iter()
        .map(|action| Effect::StartAction { stage: stage.name.clone(), action: action.into() });
    gate.into_iter().chain(running).chain(approvals).chain(due).collect()
}

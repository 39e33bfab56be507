//! One execution as the facts about it add up: where it is, what its stages and actions did, what follows of itself.
//!
//! Owns: the questions that concern one execution alone (which actions are due, how its stage and itself have ended).
//! Leaves to `state` what concerns several executions: locks and the place before a stage.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::action::{Failure, Judgement, Progress, Verdict};
use crate::clock::Timestamp;
use crate::spec::pipeline::{Action, Pipeline};

use super::event::{ActionResult, Artifact, Origin, Resolved, Trigger};
use super::status::{ActionStatus, ExecutionStatus, Reason, StageStatus, StopCause, StopMode};

/// Where an execution is. The numbers count the stages of its definition from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Before its first stage, not waiting for it yet.
    Starting,
    /// It waits before this stage.
    Inbound(usize),
    /// It is in this stage and holds the lock.
    Inside(usize),
    /// It has left this stage.
    Left(usize),
}

/// A pipeline execution.
#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    /// Its identifier.
    pub id: String,
    /// The definition it was started with.
    pub definition: Arc<Pipeline>,
    /// Digest of the definition's text.
    pub definition_digest: String,
    /// Pipeline variables and their values.
    pub variables: BTreeMap<String, String>,
    /// Commit ids for single source actions.
    pub source_revisions: BTreeMap<String, String>,
    /// The stages that have a gate before them.
    pub gates: BTreeSet<String>,
    /// What started it.
    pub trigger: Trigger,
    /// Which files it was started from.
    pub origin: Origin,
    /// The last stage to run, when not the definition's last.
    pub until: Option<String>,
    /// Its status.
    pub status: ExecutionStatus,
    /// Why it ended so, where the status does not say it all.
    pub reason: Option<Reason>,
    /// Where it is, or was when it ended.
    pub position: Position,
    /// Whether it waited before the stage it is in, and has not been retried there.
    pub waited: bool,
    /// Its stages, as in the definition.
    pub stages: Vec<StageRun>,
    /// When it started.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// The stop asked for, in this attempt.
    pub stop: Option<(StopMode, StopCause)>,
    /// Whether its owner died in this attempt.
    pub interrupted: bool,
}

/// What a stage did in an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct StageRun {
    /// The stage's name.
    pub name: String,
    /// Its status; none before the execution enters it.
    pub status: Option<StageStatus>,
    /// How often it was run: 0 before the execution enters it.
    pub attempt: u32,
    /// When the execution entered it, or retried it last.
    pub started: Option<Timestamp>,
    /// When it ended last.
    pub ended: Option<Timestamp>,
    /// What the gate before it said in this attempt; none when there is no gate, or it was not judged yet.
    pub judgement: Option<Judgement>,
    /// Its actions, as in the definition.
    pub actions: Vec<ActionSlot>,
}

/// An action of a stage, with every run it had.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionSlot {
    /// The action's name.
    pub name: String,
    /// Its runs, oldest first.
    pub runs: Vec<ActionRun>,
    /// Whether the newest run counts. A retry takes that away, and the action is due again.
    pub counts: bool,
}

impl ActionSlot {
    /// The run that counts now.
    pub fn current(&self) -> Option<&ActionRun> {
        if self.counts { self.runs.last() } else { None }
    }

    fn status(&self) -> Option<ActionStatus> {
        self.current().map(|run| run.result.status)
    }
}

/// One action execution.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionRun {
    /// Its identifier.
    pub id: String,
    /// What it runs with; none when that could not be resolved.
    pub resolved: Option<Resolved>,
    /// How it is, and once it ended, what it gave.
    pub result: ActionResult,
    /// When it stops waiting, of an approval.
    pub expires: Option<Timestamp>,
    /// The build phase it is in or ended in.
    pub phase: Option<String>,
    /// What became of what it left running, a line each.
    pub aftermath: Vec<String>,
    /// When it started.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

/// An approval that waits for an answer.
#[derive(Debug, Clone, Copy)]
pub struct PendingApproval<'a> {
    /// The stage's name.
    pub stage: &'a str,
    /// Its declaration.
    pub action: &'a Action,
    /// Its run, whose identifier is the token.
    pub run: &'a ActionRun,
    /// When it stops waiting.
    pub expires: Timestamp,
}

impl ActionRun {
    /// What went wrong, if something did.
    pub fn failure(&self) -> Option<&Failure> {
        self.result.failure.as_ref()
    }

    pub(super) fn note(&mut self, progress: &Progress) {
        match progress {
            Progress::PhaseStarted { phase } => self.phase = Some(phase.clone()),
            Progress::PhaseEnded { .. } | Progress::Note(_) => {}
        }
    }
}

impl StageRun {
    /// The slot of an action.
    pub fn action(&self, name: &str) -> Option<&ActionSlot> {
        self.actions.iter().find(|slot| slot.name == name)
    }

    /// Whether an action of this stage runs.
    pub fn has_running(&self) -> bool {
        self.actions.iter().any(|slot| slot.status() == Some(ActionStatus::InProgress))
    }

    /// Whether a run that counts failed or was abandoned.
    pub fn has_failed(&self) -> bool {
        self.actions.iter().any(|slot| is_failure(slot.status()))
    }

    fn has_succeeded(&self) -> bool {
        self.actions.iter().all(|slot| slot.status() == Some(ActionStatus::Succeeded))
    }
}

/// Whether a status asks for another run.
pub(super) fn is_failure(status: Option<ActionStatus>) -> bool {
    matches!(status, Some(ActionStatus::Failed | ActionStatus::Abandoned))
}

impl Execution {
    /// The stage it is in, waits for, or was in last.
    pub fn stage_index(&self) -> Option<usize> {
        match self.position {
            Position::Starting => None,
            Position::Inbound(index) | Position::Inside(index) | Position::Left(index) => Some(index),
        }
    }

    /// The name of the stage whose lock it holds.
    pub fn held_stage(&self) -> Option<&str> {
        match self.position {
            Position::Inside(index) if self.status.is_live() => Some(&self.stages[index].name),
            Position::Inside(_) | Position::Starting | Position::Inbound(_) | Position::Left(_) => None,
        }
    }

    /// The name of the stage it waits before.
    pub fn awaited_stage(&self) -> Option<&str> {
        match self.position {
            Position::Inbound(index) if self.status.is_live() => Some(&self.stages[index].name),
            Position::Inbound(_) | Position::Starting | Position::Inside(_) | Position::Left(_) => None,
        }
    }

    /// The name of the stage that it waited for and has got into, while nothing was begun there. Nobody may have carried
    /// it when it got in, and nothing is lost by that: whoever carries it on begins there.
    pub fn untouched_stage(&self) -> Option<&str> {
        let Position::Inside(index) = self.position else { return None };
        let stage = &self.stages[index];
        let untouched = self.waited
            && self.status == ExecutionStatus::InProgress
            && !self.interrupted
            && stage.judgement.is_none()
            && stage.actions.iter().all(|slot| !slot.counts);
        untouched.then_some(stage.name.as_str())
    }

    /// Whether nothing will ever happen to it unless somebody owns it. One that waits for a stage, has just got into it, or
    /// waits only for an answer, is carried on by whoever frees the stage, runs next or answers (design 2, "Approvals").
    pub fn needs_owner(&self) -> bool {
        self.status.is_live()
            && self.awaited_stage().is_none()
            && self.untouched_stage().is_none()
            && !self.waits_for_an_answer()
    }

    /// The index of the stage it goes to next; none after the last.
    pub(super) fn next_stage(&self) -> Option<usize> {
        let next = match self.position {
            Position::Starting => 0,
            Position::Left(index) => index + 1,
            Position::Inbound(_) | Position::Inside(_) => return None,
        };
        (next < self.stages.len()).then_some(next)
    }

    /// The declaration of an action in its definition.
    pub fn declaration(&self, stage: &str, action: &str) -> Option<&Action> {
        let stage = self.definition.stages.iter().find(|declared| declared.name == stage)?;
        stage.actions.iter().find(|declared| declared.name == action)
    }

    /// The run with this action execution identifier, with the names of its stage and action.
    pub fn run(&self, action_execution: &str) -> Option<(&str, &str, &ActionRun)> {
        self.stages.iter().find_map(|stage| {
            stage.actions.iter().find_map(|slot| {
                let run = slot.runs.iter().find(|run| run.id == action_execution)?;
                Some((stage.name.as_str(), slot.name.as_str(), run))
            })
        })
    }

    /// Names of actions that may start now: those of the lowest `runOrder` that has not succeeded as a whole. A failed
    /// sibling does not hold them back, later groups wait (codepipeline.md 4.2).
    pub fn due(&self) -> Vec<&str> {
        let Position::Inside(index) = self.position else { return Vec::new() };
        if self.status != ExecutionStatus::InProgress || self.interrupted || !self.is_let_through(index) {
            return Vec::new();
        }
        let slots = self.group(index);
        slots.filter(|(_, slot)| !slot.counts).map(|(_, slot)| slot.name.as_str()).collect()
    }

    /// Whether nothing is in the way of the stage's actions: it has no gate, or the gate let the execution through.
    fn is_let_through(&self, index: usize) -> bool {
        let stage = &self.stages[index];
        !self.gates.contains(&stage.name)
            || stage.judgement.as_ref().is_some_and(|judgement| judgement.verdict() == Verdict::Passed)
    }

    /// The stage whose gate is to be judged now.
    pub(super) fn gate_to_judge(&self) -> Option<&str> {
        let Position::Inside(index) = self.position else { return None };
        let stage = &self.stages[index];
        let waits = self.status == ExecutionStatus::InProgress
            && !self.interrupted
            && self.gates.contains(&stage.name)
            && stage.judgement.is_none();
        waits.then_some(stage.name.as_str())
    }

    /// The actions of the lowest `runOrder` that has not succeeded as a whole.
    fn group(&self, index: usize) -> impl Iterator<Item = (&Action, &ActionSlot)> {
        let declared = &self.definition.stages[index].actions;
        let pairs = move || declared.iter().zip(&self.stages[index].actions);
        let order = pairs()
            .filter(|(_, slot)| slot.status() != Some(ActionStatus::Succeeded))
            .map(|(action, _)| action.run_order)
            .min();
        pairs().filter(move |(action, _)| Some(action.run_order) == order)
    }

    /// How the stage it is in has ended, once nothing runs there and nothing more will start.
    pub(super) fn stage_outcome(&self) -> Option<StageStatus> {
        let Position::Inside(index) = self.position else { return None };
        let stage = &self.stages[index];
        if stage.has_running() {
            return None;
        }
        if self.stop.is_some() {
            return Some(StageStatus::Stopped);
        }
        if self.interrupted {
            return Some(StageStatus::Failed);
        }
        if !self.is_let_through(index) {
            return stage.judgement.as_ref().map(|_| StageStatus::Failed);
        }
        if stage.has_succeeded() {
            return Some(StageStatus::Succeeded);
        }
        let started = self.group(index).all(|(_, slot)| slot.counts);
        (started && stage.has_failed()).then_some(StageStatus::Failed)
    }

    /// How the execution has ended, once it is outside every stage and goes no further.
    pub(super) fn outcome(&self) -> Option<(ExecutionStatus, Option<Reason>)> {
        let stage = match self.position {
            Position::Left(index) => Some(&self.stages[index]),
            Position::Starting | Position::Inbound(_) => None,
            Position::Inside(_) => return None,
        };
        if let Some((_, cause)) = &self.stop {
            return Some((ExecutionStatus::Stopped, Some(cause.reason())));
        }
        if self.interrupted {
            return Some((ExecutionStatus::Failed, Some(Reason::Interrupted)));
        }
        let stage = stage?;
        match stage.status {
            Some(StageStatus::Failed) => Some((ExecutionStatus::Failed, why_failed(stage))),
            Some(StageStatus::Succeeded) if self.next_stage().is_none() => {
                Some((ExecutionStatus::Succeeded, None))
            }
            Some(StageStatus::Succeeded) if self.until.as_ref() == Some(&stage.name) => {
                Some((ExecutionStatus::Stopped, Some(Reason::Until { stage: stage.name.clone() })))
            }
            Some(StageStatus::Succeeded | StageStatus::InProgress | StageStatus::Stopping) => None,
            Some(StageStatus::Stopped) | None => None,
        }
    }

    /// Every artifact its actions have produced so far; a later run of an action replaces what an earlier one gave.
    pub fn artifacts(&self) -> BTreeMap<&str, &Artifact> {
        let runs = self.succeeded().flat_map(|run| &run.result.artifacts);
        runs.map(|artifact| (artifact.name.as_str(), artifact)).collect()
    }

    fn succeeded(&self) -> impl Iterator<Item = &ActionRun> {
        self.stages.iter().flat_map(|stage| &stage.actions).filter_map(|slot| {
            slot.runs.iter().rev().find(|run| run.result.status == ActionStatus::Succeeded)
        })
    }

    /// Everything that was answered or recorded instead of done, by the runs that count.
    pub fn simulated(&self) -> impl Iterator<Item = &str> {
        let slots = self.stages.iter().flat_map(|stage| &stage.actions);
        slots.filter_map(ActionSlot::current).flat_map(|run| &run.result.simulated).map(String::as_str)
    }
}

/// Why a stage failed, where one cause explains it: its gate, a rejection, or time limits alone. An action that failed
/// on its own account weighs more than a time limit.
fn why_failed(stage: &StageRun) -> Option<Reason> {
    if stage.judgement.as_ref().is_some_and(|judgement| judgement.verdict() != Verdict::Passed) {
        return Some(Reason::Gate { stage: stage.name.clone() });
    }
    let failed = || {
        let current = stage.actions.iter().filter_map(ActionSlot::current);
        current.filter(|run| is_failure(Some(run.result.status))).map(|run| run.result.reason.as_ref())
    };
    if failed().any(|reason| reason == Some(&Reason::Rejected)) {
        return Some(Reason::Rejected);
    }
    failed().all(|reason| reason == Some(&Reason::Timeout)).then_some(Reason::Timeout)
}

//! From a request to the facts that follow from it.
//!
//! Owns: which requests are acceptable, and what follows of itself: a stage ends, its execution moves on, the execution
//! that waited enters, the one that waited before that is superseded. Each consequence is read from the state, one at a
//! time, until nothing more follows; so one call tells everything, and the log never needs a second look.

use std::collections::{BTreeMap, BTreeSet};

use crate::action::Failure;
use crate::clock::Timestamp;
use crate::spec::pipeline::{ExecutionMode, Pipeline, VariableKind};

use super::answer::{answered, expired, expiry, is_approval};
use super::apply::{retry_obstacle, stop_is_new};
use super::event::{ActionEnd, ActionResult, ActionStart, Aftermath, Beginning, Event, Fact};
use super::execution::{Execution, Position};
use super::request::{Answering, Refusal, Request, Start};
use super::resolve::resolve;
use super::state::State;
use super::status::{ActionStatus, ExecutionStatus, Reason, RetryMode, StopCause, StopMode};

/// The longest reason of a stop (codepipeline.md 4.7).
const STOP_REASON_CHARACTERS: usize = 200;

/// The longest value of a pipeline variable (codepipeline.md 5).
const VARIABLE_CHARACTERS: usize = 1000;

/// The facts that follow when `request` arrives at the moment `at`: all of them, in order, none of which
/// [`State::apply`] refuses.
pub fn decide(state: &State, at: Timestamp, request: &Request) -> Result<Vec<Event>, Refusal> {
    let mut decision = Decision { state: state.clone(), at, events: Vec::new() };
    match request {
        Request::Start(start) => decision.start(start)?,
        Request::Stop { execution, mode, cause } => {
            let found = decision.execution(execution)?;
            if !found.status.is_live() {
                return Err(Refusal::NotStoppable { execution: execution.clone(), status: found.status });
            }
            if !stop_is_new(found, *mode) {
                return Err(Refusal::DuplicatedStopRequest(execution.clone()));
            }
            if let StopCause::Request { reason: Some(reason) } = cause
                && reason.chars().count() > STOP_REASON_CHARACTERS
            {
                return Err(Refusal::Validation(format!(
                    "the reason of a stop has at most {STOP_REASON_CHARACTERS} characters"
                )));
            }
            decision.record(execution, Fact::StopRequested { mode: *mode, cause: cause.clone() })?;
            let mut result = ActionResult::new(ActionStatus::Abandoned);
            result.reason = Some(cause.reason());
            // An approval has no work to finish: whatever the mode, nobody is asked any more.
            decision.end_running(execution, &result, *mode != StopMode::Abandon)?;
        }
        Request::Retry { execution, stage, mode } => decision.retry(execution, stage.as_deref(), *mode)?,
        Request::StartAction { execution, stage, action, action_execution } => {
            decision.start_action(execution, stage, action, action_execution)?;
        }
        Request::ReportProgress { execution, action_execution, progress } => {
            let (stage, action) = decision.running(execution, action_execution)?;
            let fact = Fact::ActionProgressed {
                stage,
                action,
                action_execution: action_execution.clone(),
                progress: progress.clone(),
            };
            decision.record(execution, fact)?;
        }
        Request::ReportResult { execution, action_execution, result } => {
            let (stage, action) = decision.running(execution, action_execution)?;
            if result.status == ActionStatus::InProgress {
                return Err(Refusal::Validation("a result is not in progress".into()));
            }
            decision.end(execution, stage, action, action_execution, (**result).clone())?;
        }
        Request::Interrupt { execution } => {
            let found = decision.execution(execution)?;
            if !found.status.is_live() {
                return Err(Refusal::Conflict(format!("execution {execution} has ended")));
            }
            decision.record(execution, Fact::ExecutionInterrupted)?;
            let mut result = ActionResult::new(ActionStatus::Failed);
            result.reason = Some(Reason::Interrupted);
            decision.end_running(execution, &result, false)?;
        }
        Request::Answer(answering) => {
            let Answering { execution, stage, action, token, .. } = &**answering;
            let result = answered(decision.execution(execution)?, at, answering)?;
            decision.end(execution, stage.clone(), action.clone(), token, result)?;
        }
        Request::ExpireApproval { execution, action_execution } => {
            let result = expired(decision.execution(execution)?, at, action_execution)?;
            let (stage, action) = decision.running(execution, action_execution)?;
            decision.end(execution, stage, action, action_execution, result)?;
        }
        Request::ReportJudgement { execution, stage, judgement } => {
            if decision.execution(execution)?.gate_to_judge() != Some(stage) {
                return Err(Refusal::Conflict(format!("no gate before stage `{stage}` is to be judged")));
            }
            let (stage, judgement) = (stage.clone(), judgement.clone());
            decision.record(execution, Fact::GateJudged { stage, judgement })?;
        }
        Request::ReportWoundDown { execution, action_execution, lines } => {
            let aftermath = decision.aftermath(execution, action_execution, lines)?;
            decision.record(execution, Fact::ActionWoundDown(Box::new(aftermath)))?;
        }
        Request::ReportResumed { execution, action_execution, lines } => {
            let aftermath = decision.aftermath(execution, action_execution, lines)?;
            decision.record(execution, Fact::ActionResumed(Box::new(aftermath)))?;
        }
    }
    decision.settle()?;
    Ok(decision.events)
}

/// A decision in the making: the state as it will be, and the facts so far.
struct Decision {
    state: State,
    at: Timestamp,
    events: Vec<Event>,
}

impl Decision {
    fn record(&mut self, execution: &str, fact: Fact) -> Result<(), Refusal> {
        let event = Event { execution: execution.into(), at: self.at, fact };
        let state = std::mem::take(&mut self.state);
        self.state = state.apply(&event).map_err(Refusal::Contradiction)?;
        self.events.push(event);
        Ok(())
    }

    fn execution(&self, id: &str) -> Result<&Execution, Refusal> {
        self.state.execution(id).ok_or_else(|| Refusal::ExecutionNotFound(id.into()))
    }

    fn start(&mut self, start: &Start) -> Result<(), Refusal> {
        if self.state.execution(&start.execution).is_some() {
            return Err(Refusal::Conflict(format!("execution {} exists already", start.execution)));
        }
        acceptable(&start.definition)?;
        let stages = || start.definition.stages.iter();
        if let Some(until) = start.until.as_ref().filter(|until| stages().all(|stage| stage.name != **until))
        {
            return Err(Refusal::StageNotFound(until.clone()));
        }
        if let Some(gate) = start.gates.iter().find(|gate| stages().all(|stage| stage.name != **gate)) {
            return Err(Refusal::StageNotFound(gate.clone()));
        }
        if let Some(action) = start
            .source_revisions
            .keys()
            .find(|name| stages().flat_map(|stage| &stage.actions).all(|action| action.name != **name))
        {
            return Err(Refusal::Validation(format!("source revision of unknown action `{action}`")));
        }
        let beginning = Beginning {
            definition: start.definition.clone(),
            definition_digest: start.definition_digest.clone(),
            variables: variables(&start.definition, &start.variables)?,
            source_revisions: start.source_revisions.clone(),
            trigger: start.trigger.clone(),
            origin: start.origin.clone(),
            until: start.until.clone(),
            gates: start.gates.clone(),
        };
        self.record(&start.execution, Fact::ExecutionStarted(Box::new(beginning)))
    }

    fn retry(&mut self, id: &str, stage: Option<&str>, mode: RetryMode) -> Result<(), Refusal> {
        let execution = self.execution(id)?;
        let not_retryable = |why: &str| Refusal::StageNotRetryable { execution: id.into(), why: why.into() };
        if let Some(stage) = stage.filter(|stage| execution.stages.iter().all(|run| run.name != *stage)) {
            return Err(Refusal::StageNotFound(stage.into()));
        }
        let last = execution.stage_index().map(|index| &execution.stages[index]);
        let last = last.ok_or_else(|| not_retryable("it is in no stage"))?;
        let stage = stage.unwrap_or(&last.name).to_owned();
        if let Some(why) = retry_obstacle(execution, &stage, mode) {
            return Err(not_retryable(why));
        }
        if let Some(later) = self.state.latest(&stage).filter(|latest| *latest != id) {
            return Err(Refusal::NotLatestPipelineExecution {
                execution: id.into(),
                stage,
                later: later.into(),
            });
        }
        let attempt = last.attempt + 1;
        self.record(id, Fact::StageRetried { stage, mode, attempt })
    }

    fn start_action(&mut self, id: &str, stage: &str, action: &str, run: &str) -> Result<(), Refusal> {
        let execution = self.execution(id)?;
        let Position::Inside(index) = execution.position else {
            return Err(Refusal::Conflict(format!("execution {id} is in no stage")));
        };
        if execution.stages[index].name != stage || !execution.due().contains(&action) {
            return Err(Refusal::Conflict(format!("action `{stage}/{action}` is not due")));
        }
        if execution.run(run).is_some() {
            return Err(Refusal::Conflict(format!("action execution {run} exists already")));
        }
        let (resolved, trouble) = match resolve(execution, index, action) {
            Ok(resolved) => (Some(resolved), None),
            Err(trouble) => (None, Some(trouble)),
        };
        let declared = execution.declaration(stage, action).filter(|action| is_approval(action));
        let start = ActionStart {
            stage: stage.into(),
            action: action.into(),
            action_execution: run.into(),
            expires: declared.map(|approval| expiry(approval, self.at)),
            resolved,
        };
        self.record(id, Fact::ActionStarted(Box::new(start)))?;
        let Some(message) = trouble else { return Ok(()) };
        // The provider is never called (codepipeline.md 5). The code is one of the API's FailureType.
        let mut result = ActionResult::new(ActionStatus::Failed);
        result.summary = Some(message.clone());
        result.failure = Some(Failure { code: "ConfigurationError".into(), message, ..Failure::default() });
        self.end(id, stage.into(), action.into(), run, result)
    }

    /// Stage and action of a running action execution.
    fn running(&self, id: &str, action_execution: &str) -> Result<(String, String), Refusal> {
        let execution = self.execution(id)?;
        let found = execution.run(action_execution);
        match found.filter(|(_, _, run)| run.result.status == ActionStatus::InProgress) {
            Some((stage, action, _)) => Ok((stage.into(), action.into())),
            None => Err(Refusal::Conflict(format!("action execution {action_execution} is not in progress"))),
        }
    }

    fn end(
        &mut self,
        id: &str,
        stage: String,
        action: String,
        run: &str,
        result: ActionResult,
    ) -> Result<(), Refusal> {
        let end = ActionEnd { stage, action, action_execution: run.into(), result };
        self.record(id, Fact::ActionFinished(Box::new(end)))
    }

    /// What became of something that a succeeded action had left running.
    fn aftermath(&self, id: &str, run: &str, lines: &[String]) -> Result<Aftermath, Refusal> {
        let found = self.execution(id)?.run(run);
        let found = found.filter(|(_, _, run)| run.result.status == ActionStatus::Succeeded);
        let (stage, action, _) =
            found.ok_or_else(|| Refusal::Conflict(format!("action execution {run} did not succeed here")))?;
        Ok(Aftermath {
            stage: stage.into(),
            action: action.into(),
            action_execution: run.into(),
            lines: lines.to_vec(),
        })
    }

    /// Ends every running action of an execution, or only its approvals, with the same result.
    fn end_running(&mut self, id: &str, result: &ActionResult, only_approvals: bool) -> Result<(), Refusal> {
        let execution = self.execution(id)?;
        let stages = execution.stages.iter();
        let running: Vec<_> = stages
            .flat_map(|stage| stage.actions.iter().map(move |slot| (stage, slot)))
            .filter_map(|(stage, slot)| Some((stage, slot, slot.current()?)))
            .filter(|(_, _, run)| run.result.status == ActionStatus::InProgress)
            .filter(|(stage, slot, _)| {
                !only_approvals || execution.declaration(&stage.name, &slot.name).is_some_and(is_approval)
            })
            .map(|(stage, slot, run)| (stage.name.clone(), slot.name.clone(), run.id.clone()))
            .collect();
        for (stage, action, run) in running {
            self.end(id, stage, action, &run, result.clone())?;
        }
        Ok(())
    }

    /// Records what follows of itself until nothing does.
    fn settle(&mut self) -> Result<(), Refusal> {
        while let Some((execution, fact)) = consequence(&self.state) {
            self.record(&execution, fact)?;
        }
        Ok(())
    }
}

/// The next fact that follows of itself.
fn consequence(state: &State) -> Option<(String, Fact)> {
    let ends = state.live().find_map(|execution| {
        let status = execution.stage_outcome()?;
        let stage = execution.held_stage()?.to_owned();
        Some((execution.id.clone(), Fact::StageFinished { stage, status }))
    });
    let enters = || {
        state.live().filter(|execution| execution.outcome().is_none()).find_map(|execution| {
            let stage = execution.awaited_stage().filter(|stage| state.holder(stage).is_none())?;
            Some((execution.id.clone(), Fact::StageEntered { stage: stage.into() }))
        })
    };
    let moves = || {
        state.live().find_map(|execution| {
            if let Some((status, reason)) = execution.outcome() {
                return Some((execution.id.clone(), Fact::ExecutionFinished { status, reason }));
            }
            let stage = execution.stages[execution.next_stage()?].name.clone();
            if state.holder(&stage).is_none() {
                return Some((execution.id.clone(), Fact::StageEntered { stage }));
            }
            Some(match state.inbound(&stage) {
                // A newer arrival makes the waiting one Superseded, for good (codepipeline.md 4.3).
                Some(waiting) => {
                    let reason = Some(Reason::Superseded { by: execution.id.clone(), stage });
                    let status = ExecutionStatus::Superseded;
                    (waiting.id.clone(), Fact::ExecutionFinished { status, reason })
                }
                None => (execution.id.clone(), Fact::InboundArrived { stage }),
            })
        })
    };
    ends.or_else(enters).or_else(moves)
}

/// Refuses what the engine cannot run at all; everything else about a definition was judged before.
fn acceptable(definition: &Pipeline) -> Result<(), Refusal> {
    match definition.execution_mode {
        ExecutionMode::Superseded => {}
        ExecutionMode::Queued => return Err(Refusal::NotThereYet("execution mode QUEUED".into())),
        ExecutionMode::Parallel => return Err(Refusal::NotThereYet("execution mode PARALLEL".into())),
    }
    if definition.stages.is_empty() {
        return Err(Refusal::Validation("a pipeline has at least one stage".into()));
    }
    let mut stages = BTreeSet::new();
    for stage in &definition.stages {
        let mut actions = BTreeSet::new();
        let mut variables = stage.actions.iter().flat_map(|action| &action.environment_variables);
        if variables.any(|variable| variable.kind == VariableKind::SecretsManager) {
            return Err(Refusal::NotThereYet(
                "an environment variable of type SECRETS_MANAGER in an action".into(),
            ));
        }
        if !stages.insert(&stage.name) || !stage.actions.iter().all(|action| actions.insert(&action.name)) {
            return Err(Refusal::Validation(format!("names at stage `{}` are not unique", stage.name)));
        }
    }
    Ok(())
}

/// The pipeline's variables with their values for one execution (codepipeline.md 4.11 and 5).
fn variables(
    definition: &Pipeline,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Refusal> {
    let declared = &definition.variables;
    if let Some(name) = given.keys().find(|name| declared.iter().all(|variable| variable.name != **name)) {
        return Err(Refusal::Validation(format!("the pipeline has no variable `{name}`")));
    }
    let values = declared.iter().map(|variable| {
        let name = &variable.name;
        let value = given.get(name).or(variable.default_value.as_ref()).ok_or_else(|| {
            Refusal::Validation(format!("variable `{name}` has no default value, so the start must give one"))
        })?;
        if value.is_empty() || value.chars().count() > VARIABLE_CHARACTERS {
            return Err(Refusal::Validation(format!(
                "the value of variable `{name}` must have 1 to {VARIABLE_CHARACTERS} characters"
            )));
        }
        Ok((name.clone(), value.clone()))
    });
    values.collect()
}

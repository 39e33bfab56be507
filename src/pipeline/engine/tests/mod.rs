//! The bench the state machine is tried on: requests go in, the log and the state come out, and at every step the state
//! is compared with a replay of the log in its stored form.

mod approving;
mod execution;
mod gates;
mod log;
mod properties;
mod retrying;
mod stopping;
mod superseding;
mod variables;

use crate::action::{Condition, Judgement, Verdict};
use crate::pipeline::testing::{at, start};
use crate::spec::pipeline::Pipeline;

use super::*;

struct Bench {
    state: State,
    log: Vec<Recorded>,
    ids: u32,
}

impl Bench {
    fn new() -> Self {
        Self { state: State::default(), log: Vec::new(), ids: 0 }
    }

    /// Makes a request and tells the events that follow, a short line each.
    fn request(&mut self, request: &Request) -> Result<Vec<String>, Refusal> {
        let now = at(self.log.len());
        let events = decide(&self.state, now, request)?;
        let mut lines = Vec::new();
        for event in events {
            lines.push(line(&event));
            self.state = std::mem::take(&mut self.state).apply(&event).unwrap();
            let (kind, body) = event.encode().unwrap();
            let stored = Event::decode(&event.execution, event.at, &kind, &body).unwrap();
            assert_eq!(stored, event);
            self.log.push(Recorded { seq: self.log.len() as u64 + 1, event });
        }
        assert_eq!(State::replay(&self.log).unwrap(), self.state);
        Ok(lines)
    }

    fn start(&mut self, id: &str, definition: &Pipeline) -> Vec<String> {
        self.request(&Request::Start(Box::new(start(id, definition)))).unwrap()
    }

    /// Starts the action that is due under this name; its action execution is called like it with a number.
    fn begin(&mut self, execution: &str, action: &str) -> String {
        self.ids += 1;
        let id = format!("{action}-{}", self.ids);
        let effects = effects(&self.state, execution);
        let due = effects.into_iter().find_map(|effect| match effect {
            Effect::StartAction { stage, action: due } if due == action => Some(stage),
            _ => None,
        });
        let stage = due.unwrap_or_else(|| panic!("{action} is not due in {execution}"));
        let request = Request::StartAction {
            execution: execution.into(),
            stage,
            action: action.into(),
            action_execution: id.clone(),
        };
        self.request(&request).unwrap();
        id
    }

    /// Ends a running action with a result.
    fn end(&mut self, execution: &str, action_execution: &str, result: ActionResult) -> Vec<String> {
        let request = Request::ReportResult {
            execution: execution.into(),
            action_execution: action_execution.into(),
            result: Box::new(result),
        };
        self.request(&request).unwrap()
    }

    /// Starts an action and ends it with this status.
    fn run(&mut self, execution: &str, action: &str, status: ActionStatus) -> Vec<String> {
        let id = self.begin(execution, action);
        self.end(execution, &id, ActionResult::new(status))
    }

    fn due(&self, execution: &str) -> Vec<String> {
        effects(&self.state, execution)
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::StartAction { stage, action } => Some(format!("{stage}/{action}")),
                Effect::PerformAction { .. }
                | Effect::AwaitStage { .. }
                | Effect::AwaitApproval { .. }
                | Effect::JudgeGate { .. } => None,
            })
            .collect()
    }

    fn status(&self, execution: &str) -> ExecutionStatus {
        self.state.execution(execution).unwrap().status
    }
}

/// A judgement of one condition.
fn judged(verdict: Verdict) -> Judgement {
    let condition =
        Condition { subject: "tests".into(), wanted: "none failed".into(), seen: "one".into(), verdict };
    Judgement { conditions: vec![condition] }
}

/// An answer to an approval of a stage called `Approve`.
fn answering(execution: &str, action: &str, token: &str, answer: Answer) -> Answering {
    Answering {
        execution: execution.into(),
        stage: "Approve".into(),
        action: action.into(),
        token: token.into(),
        answer,
        summary: None,
        by: "alice".into(),
    }
}

/// A stop that lets running actions go on.
fn stop(execution: &str, mode: StopMode) -> Request {
    Request::Stop { execution: execution.into(), mode, cause: StopCause::Request { reason: None } }
}

fn retry(execution: &str, mode: RetryMode) -> Request {
    Request::Retry { execution: execution.into(), stage: None, mode }
}

fn line(event: &Event) -> String {
    let execution = &event.execution;
    match &event.fact {
        Fact::ExecutionFinished { status, reason } => {
            let reason = reason.as_ref().map(|reason| format!(" ({})", reason.word())).unwrap_or_default();
            format!("{execution} finished {}{reason}", status.api_name())
        }
        Fact::StageFinished { stage, status } => format!("{execution} {stage} {}", status.api_name()),
        Fact::StageEntered { stage } => format!("{execution} enters {stage}"),
        Fact::InboundArrived { stage } => format!("{execution} waits for {stage}"),
        Fact::StageRetried { stage, attempt, .. } => format!("{execution} retries {stage} attempt {attempt}"),
        Fact::GateJudged { stage, judgement } => {
            format!("{execution} gate before {stage} {}", judgement.verdict().word())
        }
        Fact::ActionFinished(end) => format!("{execution} {} {}", end.action, end.result.status.api_name()),
        Fact::ExecutionStarted(_)
        | Fact::ActionStarted(_)
        | Fact::ActionProgressed { .. }
        | Fact::ActionWoundDown(_)
        | Fact::ActionResumed(_)
        | Fact::StopRequested { .. }
        | Fact::ExecutionInterrupted => format!("{execution} {}", event.fact.name()),
    }
}

//! Events as JSON lines: the documented, versioned form of design 2.
//!
//! Every line is an object with `event`, `at` (RFC 3339) and `execution`; the first line carries `"version": 1`. The last
//! line is `finished`, with `status` (the API's names), `reason` where the status does not say it all, and `simulated`.
//! New events and new fields may come; what is there stays.

use serde_json::{Map, Value, json};

use super::story;
use crate::action::{Judgement, Progress};
use crate::clock::Timestamp;
use crate::pipeline::engine::{
    ActionEnd, ActionResult, ActionRun, ActionStart, Aftermath, Beginning, Event, Execution, Fact, Reason,
};

/// The version of the form.
const VERSION: u32 = 1;

/// One event as its line. None for the end of the execution that was asked for, which [`finished`] tells with more;
/// other executions, which are carried on by the way, end with `execution-finished`.
pub(crate) fn line(
    event: &Event,
    pipeline: &str,
    ours: bool,
    log: impl Fn(&str) -> Option<String>,
) -> Option<Value> {
    let (name, fields) = match &event.fact {
        Fact::ExecutionStarted(beginning) => ("started", started(beginning)),
        Fact::StageRetried { stage, attempt, .. } => {
            ("stage-retried", json!({"stage": stage, "attempt": attempt}))
        }
        Fact::InboundArrived { stage } => ("inbound-arrived", json!({"stage": stage})),
        Fact::StageEntered { stage } => ("stage-started", json!({"stage": stage})),
        Fact::StageFinished { stage, status } => {
            ("stage-finished", json!({"stage": stage, "status": status.api_name()}))
        }
        Fact::ActionStarted(start) => ("action-started", action_started(start)),
        Fact::ActionProgressed { stage, action, action_execution, progress } => {
            let mut fields = json!({"stage": stage, "action": action, "action_execution": action_execution});
            let (name, more) = progressed(progress);
            extend(&mut fields, more);
            (name, fields)
        }
        Fact::ActionFinished(end) => {
            ("action-finished", action_finished(end, log(&end.action_execution).as_deref()))
        }
        Fact::GateJudged { stage, judgement } => {
            let mut fields = json!({"stage": stage});
            extend(&mut fields, self::judgement(judgement));
            ("gate-judged", fields)
        }
        Fact::ActionWoundDown(aftermath) => ("action-wound-down", self::aftermath(aftermath)),
        Fact::ActionResumed(aftermath) => ("action-resumed", self::aftermath(aftermath)),
        Fact::StopRequested { .. } => ("stop-requested", json!({})),
        Fact::ExecutionInterrupted => ("interrupted", json!({})),
        Fact::ExecutionFinished { .. } if ours => return None,
        Fact::ExecutionFinished { status, reason: why } => {
            let mut fields = json!({"status": status.api_name()});
            extend(&mut fields, reason(why.as_ref()));
            ("execution-finished", fields)
        }
    };
    let mut line = json!({"event": name, "at": event.at.to_string(), "execution": event.execution});
    if matches!(event.fact, Fact::ExecutionStarted(_)) {
        extend(&mut line, json!({"version": VERSION, "pipeline": pipeline}));
    }
    extend(&mut line, fields);
    Some(line)
}

/// The last line.
pub(crate) fn finished(execution: &Execution, at: Timestamp) -> Value {
    let mut line = json!({
        "event": "finished",
        "at": at.to_string(),
        "execution": execution.id,
        "pipeline": execution.definition.name,
        "status": execution.status.api_name(),
        "commit": execution.origin.commit,
        "simulated": execution.simulated().count(),
    });
    extend(&mut line, reason(execution.reason.as_ref()));
    extend(&mut line, json!({"stop_reason": story::stop_reason(execution)}));
    line
}

/// `reason`, with what belongs to it; nothing where the status says it all.
pub(crate) fn reason(reason: Option<&Reason>) -> Value {
    let Some(reason) = reason else { return json!({}) };
    let mut fields = json!({"reason": reason.word()});
    let more = match reason {
        Reason::Superseded { by, stage } => json!({"superseded_by": by, "stage": stage}),
        Reason::Signal { number } => json!({"signal": number}),
        Reason::Until { stage } | Reason::Gate { stage } => json!({"stage": stage}),
        Reason::Rejected | Reason::Timeout | Reason::Stopped | Reason::Interrupted => json!({}),
    };
    extend(&mut fields, more);
    fields
}

fn started(beginning: &Beginning) -> Value {
    json!({
        "commit": beginning.origin.commit,
        "ref": beginning.origin.reference,
        "worktree": beginning.origin.worktree,
        "definition": beginning.origin.definition_path,
        "trigger": beginning.trigger.kind.api_name(),
        "variables": beginning.variables,
        "until": beginning.until,
    })
}

fn action_started(start: &ActionStart) -> Value {
    let mut fields =
        json!({"stage": start.stage, "action": start.action, "action_execution": start.action_execution});
    extend(&mut fields, json!({"expires": start.expires.map(|at| at.to_string())}));
    fields
}

/// What a gate said.
pub(crate) fn judgement(judgement: &Judgement) -> Value {
    json!({"verdict": judgement.verdict().word(), "conditions": judgement.conditions})
}

fn aftermath(aftermath: &Aftermath) -> Value {
    let Aftermath { stage, action, action_execution, lines } = aftermath;
    json!({"stage": stage, "action": action, "action_execution": action_execution, "lines": lines})
}

/// The approvals that wait for an answer.
pub(crate) fn approvals(execution: &Execution) -> Value {
    let pending = execution.pending_approvals().map(|pending| {
        json!({
            "stage": pending.stage,
            "action": pending.action.name,
            "token": pending.run.id,
            "expires": pending.expires.to_string(),
        })
    });
    pending.collect()
}

fn progressed(progress: &Progress) -> (&'static str, Value) {
    match progress {
        Progress::PhaseStarted { phase } => ("phase-started", json!({"phase": phase})),
        Progress::PhaseEnded { phase, status, context } => {
            ("phase-finished", json!({"phase": phase, "status": status, "context": context}))
        }
        Progress::Note(text) => ("note", json!({"text": text})),
    }
}

fn action_finished(end: &ActionEnd, log: Option<&str>) -> Value {
    let mut fields =
        json!({"stage": end.stage, "action": end.action, "action_execution": end.action_execution});
    extend(&mut fields, result(&end.result, log));
    fields
}

/// One run of an action, as `show --json` tells it.
pub(crate) fn run(run: &ActionRun, log: Option<&str>) -> Value {
    let mut fields = json!({
        "action_execution": run.id,
        "started": run.started.to_string(),
        "ended": run.ended.map(|at| at.to_string()),
        "phase": run.phase,
    });
    extend(&mut fields, result(&run.result, log));
    fields
}

fn result(result: &ActionResult, log: Option<&str>) -> Value {
    let artifacts: Vec<_> = result.artifacts.iter().map(|artifact| &artifact.name).collect();
    let mut fields = json!({
        "status": result.status.api_name(),
        "summary": result.summary,
        "external_execution_id": result.external_execution_id,
        "last_updated_by": result.last_updated_by,
        "artifacts": artifacts,
        "reports": result.reports,
        "variables": result.variables,
        "simulated": result.simulated,
        "failure": result.failure,
        "log": log,
    });
    extend(&mut fields, reason(result.reason.as_ref()));
    fields
}

/// An object on one line: what it is, its version, when and of which execution first, the rest by name.
pub(crate) fn text(event: &Value) -> String {
    let Value::Object(fields) = event else { return event.to_string() };
    let first = ["event", "version", "at", "execution"];
    let leading = first.iter().filter_map(|name| fields.get_key_value(*name));
    let rest = fields.iter().filter(|(name, _)| !first.contains(&name.as_str()));
    let fields: Vec<_> =
        leading.chain(rest).map(|(name, value)| format!("{}:{value}", json!(name))).collect();
    format!("{{{}}}", fields.join(","))
}

/// Adds fields that have a value; what is not known is not there rather than null.
pub(super) fn extend(line: &mut Value, fields: Value) {
    if let (Value::Object(line), Value::Object(fields)) = (line, fields) {
        line.extend(fields.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>());
    }
}

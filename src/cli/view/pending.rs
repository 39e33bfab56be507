//! What is said of an execution that waits for somebody: the question, who could answer, and what to type.

use crate::cli::output::{Ink, Paint};
use crate::cli::words::{self, printable};
use crate::clock::Timestamp;
use crate::pipeline::engine::{Execution, PendingApproval, State};
use crate::store::{self, Store};

/// The approval as a question: its name, until when it waits, and what its definition tells the reviewer.
pub(crate) fn question(paint: Paint, approval: &PendingApproval<'_>) -> String {
    let name = paint.ink(Ink::Strong, format_args!("{}/{}", approval.stage, approval.action.name));
    let mut lines = vec![format!("{name} waits for an answer until {}", moment(approval.expires))];
    let resolved = approval.run.resolved.as_ref();
    for key in ["CustomData", "ExternalEntityLink"] {
        if let Some(text) = resolved.and_then(|resolved| resolved.configuration.get(key)) {
            lines.extend(text.lines().map(|line| format!("  {}", printable(line))));
        }
    }
    lines.join("\n")
}

/// When an approval stops waiting. Reviewers may sit in other time zones.
pub(crate) fn moment(expires: Timestamp) -> String {
    expires.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// What is said of an execution that only somebody else can help; nothing of any other.
///
/// `flags` are those of the command that left it, which the one that answers needs too.
pub(crate) fn left(paint: Paint, execution: &Execution, state: &State, flags: &str) -> Option<String> {
    if let Some(holder) = execution.awaited_stage().and_then(|stage| state.holder(stage)) {
        let stage = execution.awaited_stage().unwrap_or_default();
        if !holder.waits_for_an_answer() {
            return None;
        }
        let (id, other) = (words::short(&execution.id), words::short(&holder.id));
        let mut lines = vec![format!("{id} waits before stage {stage}, where {other} waits for an answer:")];
        lines.extend(holder.pending_approvals().map(|approval| indent(&question(paint, &approval))));
        lines.push(format!("whoever answers it carries both on:\n{}", commands(paint, holder, flags)));
        return Some(lines.join("\n"));
    }
    let mut lines: Vec<_> =
        execution.pending_approvals().map(|approval| question(paint, &approval)).collect();
    if lines.is_empty() {
        return None;
    }
    lines.push(commands(paint, execution, flags));
    Some(lines.join("\n"))
}

/// What is said of an execution that got into a stage, when nobody carries it on there; nothing of any other.
pub(crate) fn nobodys(
    paint: Paint,
    execution: &Execution,
    store: &Store,
) -> Result<Option<String>, store::Error> {
    let Some(stage) = execution.untouched_stage() else { return Ok(None) };
    if store.is_owned(&execution.id)? {
        return Ok(None);
    }
    let id = words::short(&execution.id);
    let retry = paint.ink(Ink::Strong, format_args!("rehearsal retry {id}"));
    Ok(Some(format!("{id} is next in stage {stage}; nobody carries it on\ngo on with it: {retry}")))
}

/// What to type to answer.
fn commands(paint: Paint, execution: &Execution, flags: &str) -> String {
    let id = words::short(&execution.id);
    let approvals: Vec<_> = execution.pending_approvals().collect();
    let which = |approval: &PendingApproval<'_>| match approvals.len() {
        1 => String::new(),
        _ => format!(" --action {}/{}", approval.stage, approval.action.name),
    };
    let lines = approvals.iter().map(|approval| {
        let typed = |verb: &str, flags: &str| {
            paint.ink(Ink::Strong, format_args!("rehearsal {verb} {id}{}{flags}", which(approval)))
        };
        format!("approve it: {}\nreject it:  {}", typed("approve", flags), typed("reject", ""))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

//! What an execution's events say in words: the lines that the live and the plain view share, and the last line.

use std::time::Duration;

use crate::cli::output::{Ink, Paint};
use crate::cli::words::{self, printable};
use crate::pipeline::engine::{
    ActionResult, ActionSlot, ActionStatus, Beginning, Execution, ExecutionStatus, Reason, StopCause,
    StopMode,
};

/// The line an execution begins with: `service 3f2a91c0: a1b2c3d4 (main)`.
pub(crate) fn opening(paint: Paint, id: &str, beginning: &Beginning) -> String {
    let what = source(
        beginning.origin.commit.as_deref(),
        beginning.origin.reference.as_deref(),
        beginning.origin.worktree,
    );
    format!("{} {}: {what}", paint.ink(Ink::Strong, &beginning.definition.name), words::short(id))
}

/// Which files an execution runs for.
pub(crate) fn source(commit: Option<&str>, reference: Option<&str>, worktree: bool) -> String {
    let short = |reference: &str| {
        let prefixes = ["refs/heads/", "refs/tags/"];
        prefixes.iter().find_map(|prefix| reference.strip_prefix(prefix)).unwrap_or(reference).to_owned()
    };
    match (commit, reference.map(short)) {
        (Some(commit), _) if worktree => format!("working tree on {}", words::short(commit)),
        (Some(commit), Some(reference)) => format!("{} ({reference})", words::short(commit)),
        (Some(commit), None) => words::short(commit).to_owned(),
        (None, _) => "working tree".to_owned(),
    }
}

/// How an action ended, as a verb.
pub(crate) fn verb(result: &ActionResult) -> (&'static str, Ink) {
    match (result.status, &result.reason) {
        (ActionStatus::InProgress, _) => ("runs", Ink::Active),
        (ActionStatus::Succeeded, _) if result.last_updated_by.is_some() => ("was approved", Ink::Good),
        (ActionStatus::Failed, Some(Reason::Rejected)) => ("was rejected", Ink::Bad),
        (ActionStatus::Succeeded, _) => ("succeeded", Ink::Good),
        (ActionStatus::Abandoned, _) => ("was abandoned", Ink::Warning),
        (ActionStatus::Failed, Some(Reason::Timeout)) => ("timed out", Ink::Bad),
        (ActionStatus::Failed, Some(Reason::Stopped | Reason::Signal { .. })) => {
            ("was stopped", Ink::Warning)
        }
        (ActionStatus::Failed, Some(Reason::Interrupted)) => ("was interrupted", Ink::Bad),
        (
            ActionStatus::Failed,
            Some(Reason::Superseded { .. } | Reason::Until { .. } | Reason::Gate { .. }) | None,
        ) => ("failed", Ink::Bad),
    }
}

/// The status of an execution with the colour it has.
pub(crate) fn status(execution: &Execution) -> (&'static str, Ink) {
    let ink = match (execution.status, &execution.reason) {
        (ExecutionStatus::Succeeded, _) | (ExecutionStatus::Stopped, Some(Reason::Until { .. })) => Ink::Good,
        (ExecutionStatus::InProgress, _) => Ink::Active,
        (ExecutionStatus::Stopping | ExecutionStatus::Stopped | ExecutionStatus::Superseded, _) => {
            Ink::Warning
        }
        (ExecutionStatus::Failed, _) => Ink::Bad,
    };
    (execution.status.api_name(), ink)
}

/// Why an execution ended as it did, in words; nothing where the status says it all.
pub(crate) fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Timeout => "a time limit passed".to_owned(),
        Reason::Stopped => "stopped on request".to_owned(),
        Reason::Signal { number: 2 } => "stopped by Ctrl-C".to_owned(),
        Reason::Signal { number: 15 } => "stopped by SIGTERM".to_owned(),
        Reason::Signal { number: 1 } => "stopped because the terminal went away (SIGHUP)".to_owned(),
        Reason::Signal { number } => format!("stopped by signal {number}"),
        Reason::Interrupted => "the process that ran it died".to_owned(),
        Reason::Superseded { by, stage } => {
            format!("execution {} is newer and took its place before stage {stage}", words::short(by))
        }
        Reason::Rejected => "an approval was rejected".to_owned(),
        Reason::Gate { stage } => format!("the gate before stage {stage} did not let it through"),
        Reason::Until { stage } => format!("stage {stage} was to be the last"),
    }
}

/// Who answered an approval, and the comment: ` by alice: not today`.
pub(crate) fn reviewer(result: &ActionResult) -> String {
    let Some(by) = &result.last_updated_by else { return String::new() };
    let comment = result.summary.as_deref().map_or_else(String::new, |text| format!(": {}", printable(text)));
    format!(" by {}{comment}", printable(by))
}

/// What was given as the reason when it was asked to stop.
pub(crate) fn stop_reason(execution: &Execution) -> Option<&str> {
    match &execution.stop {
        Some((_, StopCause::Request { reason })) => reason.as_deref(),
        Some((_, StopCause::Signal { .. })) | None => None,
    }
}

/// How many things were simulated, behind a status: `, 4 simulated`; nothing when none was.
pub(crate) fn simulated(count: usize) -> String {
    match count {
        0 => String::new(),
        count => format!(", {count} simulated"),
    }
}

/// What would have happened: a block whose lines stand below one another; nothing when all was real.
pub(crate) fn account<'a>(width: usize, lines: impl Iterator<Item = &'a str>) -> Option<String> {
    const LABEL: &str = "would have: ";
    let mut text = String::new();
    for line in lines {
        text.push_str(if text.is_empty() { LABEL } else { "\n            " });
        text.push_str(&words::one_line(line, width.saturating_sub(LABEL.len())));
    }
    (!text.is_empty()).then_some(text)
}

/// The last line: `Succeeded service 3f2a91c0 in 12s, 4 simulated`.
pub(crate) fn closing(paint: Paint, execution: &Execution, took: Duration) -> String {
    let (status, ink) = status(execution);
    let name = &execution.definition.name;
    let (id, took) = (words::short(&execution.id), words::duration(took));
    let simulated = simulated(execution.simulated().count());
    let why = match &execution.reason {
        Some(Reason::Until { stage }) => format!(", as asked after stage {stage}"),
        Some(Reason::Rejected) => {
            let runs =
                execution.stages.iter().flat_map(|stage| &stage.actions).filter_map(ActionSlot::current);
            let mut rejected = runs.filter(|run| run.result.reason == Some(Reason::Rejected));
            format!(": rejected{}", rejected.next().map(|run| reviewer(&run.result)).unwrap_or_default())
        }
        Some(why) => format!(": {}", reason(why)),
        None => String::new(),
    };
    let said = stop_reason(execution).map_or_else(String::new, |text| format!(" ({})", printable(text)));
    format!("{} {name} {id} in {took}{simulated}{why}{said}", paint.ink(ink, status))
}

/// What a stop does to running actions.
pub(crate) fn stopping(mode: StopMode) -> &'static str {
    match mode {
        StopMode::Wait => "actions that run come to their end first",
        StopMode::Cancel => "actions that run are being ended",
        StopMode::Abandon => "actions that run are abandoned",
    }
}

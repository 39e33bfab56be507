//! Stopping, and what the death of an owner leaves (codepipeline.md 4.7).

use super::*;
use crate::action::StopReason;
use crate::pipeline::testing::pipeline;

fn two_running() -> (Bench, String, String) {
    let mut bench = Bench::new();
    bench.start("A", &pipeline("Source=get Build=lint+compile,package"));
    bench.run("A", "get", ActionStatus::Succeeded);
    let (lint, compile) = (bench.begin("A", "lint"), bench.begin("A", "compile"));
    (bench, lint, compile)
}

fn ends(bench: &Bench) -> Vec<Option<StopReason>> {
    let ends = effects(&bench.state, "A").into_iter().filter_map(|effect| match effect {
        Effect::PerformAction { end, .. } => Some(end),
        Effect::StartAction { .. }
        | Effect::AwaitStage { .. }
        | Effect::AwaitApproval { .. }
        | Effect::JudgeGate { .. } => None,
    });
    ends.collect()
}

#[test]
fn stop_and_wait_lets_running_actions_end_and_starts_nothing_more() {
    let (mut bench, lint, compile) = two_running();
    assert_eq!(bench.request(&stop("A", StopMode::Wait)).unwrap(), ["A stop-requested"]);
    assert_eq!(bench.status("A"), ExecutionStatus::Stopping);
    assert_eq!(bench.state.execution("A").unwrap().stages[1].status, Some(StageStatus::Stopping));
    assert_eq!(ends(&bench), [None, None]);
    bench.end("A", &lint, ActionResult::new(ActionStatus::Succeeded));
    let lines = bench.end("A", &compile, ActionResult::new(ActionStatus::Succeeded));
    assert_eq!(lines, ["A compile Succeeded", "A Build Stopped", "A finished Stopped (stopped)"]);
}

#[test]
fn a_signal_asks_running_actions_to_end_and_records_how_they_did() {
    let (mut bench, lint, compile) = two_running();
    let cause = StopCause::Signal { number: 2 };
    let request = Request::Stop { execution: "A".into(), mode: StopMode::Cancel, cause };
    bench.request(&request).unwrap();
    assert_eq!(ends(&bench), [Some(StopReason::Signal(2)); 2]);
    bench.end("A", &lint, ActionResult::new(ActionStatus::Failed));
    let lines = bench.end("A", &compile, ActionResult::new(ActionStatus::Succeeded));
    assert_eq!(lines, ["A compile Succeeded", "A Build Stopped", "A finished Stopped (signal)"]);
}

#[test]
fn stop_and_abandon_ends_everything_at_once_and_late_reports_are_refused() {
    let (mut bench, lint, _) = two_running();
    bench.request(&stop("A", StopMode::Wait)).unwrap();
    let lines = bench.request(&stop("A", StopMode::Abandon)).unwrap();
    assert_eq!(
        lines,
        [
            "A stop-requested",
            "A lint Abandoned",
            "A compile Abandoned",
            "A Build Stopped",
            "A finished Stopped (stopped)"
        ]
    );
    assert!(effects(&bench.state, "A").is_empty());
    let late = Request::ReportResult {
        execution: "A".into(),
        action_execution: lint,
        result: Box::new(ActionResult::new(ActionStatus::Succeeded)),
    };
    assert_eq!(bench.request(&late).unwrap_err().api_name(), Some("ConflictException"));
}

#[test]
fn refusals_have_the_names_of_the_api() {
    let (mut bench, _, _) = two_running();
    let long = StopCause::Request { reason: Some("x".repeat(201)) };
    let request = Request::Stop { execution: "A".into(), mode: StopMode::Wait, cause: long };
    assert_eq!(bench.request(&request).unwrap_err().api_name(), Some("ValidationException"));
    bench.request(&stop("A", StopMode::Wait)).unwrap();
    let again = bench.request(&stop("A", StopMode::Wait)).unwrap_err();
    assert_eq!(again.api_name(), Some("DuplicatedStopRequestException"));
    bench.request(&stop("A", StopMode::Abandon)).unwrap();
    let ended = bench.request(&stop("A", StopMode::Abandon)).unwrap_err();
    assert_eq!(ended.api_name(), Some("PipelineExecutionNotStoppableException"));
    let unknown = bench.request(&stop("X", StopMode::Wait)).unwrap_err();
    assert_eq!(unknown.api_name(), Some("PipelineExecutionNotFoundException"));
}

#[test]
fn an_execution_that_waits_stops_at_once() {
    let definition = pipeline("Source=get Build=compile");
    let mut bench = Bench::new();
    bench.start("A", &definition);
    bench.start("B", &definition);
    let lines = bench.request(&stop("B", StopMode::Wait)).unwrap();
    assert_eq!(lines, ["B stop-requested", "B finished Stopped (stopped)"]);
    // A stopped inbound execution cannot be retried (codepipeline.md 4.7).
    let refusal = bench.request(&retry("B", RetryMode::FailedActions)).unwrap_err();
    assert_eq!(refusal.api_name(), Some("StageNotRetryableException"));
}

#[test]
fn the_death_of_the_owner_fails_what_ran_and_frees_the_stage() {
    let (mut bench, lint, _) = two_running();
    bench.end("A", &lint, ActionResult::new(ActionStatus::Succeeded));
    bench.start("B", &pipeline("Source=get Build=compile"));
    bench.run("B", "get", ActionStatus::Succeeded);
    let lines = bench.request(&Request::Interrupt { execution: "A".into() }).unwrap();
    assert_eq!(
        lines,
        [
            "A execution-interrupted",
            "A compile Failed",
            "A Build Failed",
            "B enters Build",
            "A finished Failed (interrupted)"
        ]
    );
    let again = bench.request(&Request::Interrupt { execution: "A".into() }).unwrap_err();
    assert_eq!(again.api_name(), Some("ConflictException"));
}

#[test]
fn an_execution_interrupted_while_it_stops_has_stopped() {
    let (mut bench, _, _) = two_running();
    bench.request(&stop("A", StopMode::Wait)).unwrap();
    let lines = bench.request(&Request::Interrupt { execution: "A".into() }).unwrap();
    assert_eq!(lines.last().unwrap(), "A finished Stopped (stopped)");
}

//! Retry of a stage (codepipeline.md 4.7, RetryStageExecution).

use super::*;
use crate::pipeline::testing::pipeline;

/// An execution whose `Build` stage failed: `lint` succeeded, `compile` failed, `package` never ran.
fn failed() -> Bench {
    let mut bench = Bench::new();
    bench.start("A", &pipeline("Source=get Build=lint+compile,package Test=suite"));
    bench.run("A", "get", ActionStatus::Succeeded);
    bench.run("A", "lint", ActionStatus::Succeeded);
    bench.run("A", "compile", ActionStatus::Failed);
    bench
}

#[test]
fn failed_actions_run_again_and_later_groups_and_stages_follow() {
    let mut bench = failed();
    let lines = bench.request(&retry("A", RetryMode::FailedActions)).unwrap();
    assert_eq!(lines, ["A retries Build attempt 2"]);
    assert_eq!(bench.status("A"), ExecutionStatus::InProgress);
    assert_eq!(bench.due("A"), ["Build/compile"]);
    bench.run("A", "compile", ActionStatus::Succeeded);
    bench.run("A", "package", ActionStatus::Succeeded);
    bench.run("A", "suite", ActionStatus::Succeeded);
    assert_eq!(bench.status("A"), ExecutionStatus::Succeeded);
    // History keeps both runs, each with its own identifier.
    let slot = bench.state.execution("A").unwrap().stages[1].action("compile").unwrap();
    let runs: Vec<_> = slot.runs.iter().map(|run| (run.id.as_str(), run.result.status)).collect();
    assert_eq!(runs, [("compile-3", ActionStatus::Failed), ("compile-4", ActionStatus::Succeeded)]);
}

#[test]
fn all_actions_run_again_from_the_first() {
    let mut bench = failed();
    bench.request(&retry("A", RetryMode::AllActions)).unwrap();
    assert_eq!(bench.due("A"), ["Build/lint", "Build/compile"]);
}

#[test]
fn failed_actions_may_be_retried_while_siblings_run_but_not_all() {
    let mut bench = Bench::new();
    bench.start("A", &pipeline("Source=get Build=lint+compile"));
    bench.run("A", "get", ActionStatus::Succeeded);
    let compile = bench.begin("A", "compile");
    let refusal = bench.request(&retry("A", RetryMode::FailedActions)).unwrap_err();
    assert_eq!(refusal.api_name(), Some("StageNotRetryableException"));
    bench.run("A", "lint", ActionStatus::Failed);
    let refusal = bench.request(&retry("A", RetryMode::AllActions)).unwrap_err();
    assert_eq!(refusal.api_name(), Some("StageNotRetryableException"));
    bench.request(&retry("A", RetryMode::FailedActions)).unwrap();
    assert_eq!(bench.due("A"), ["Build/lint"]);
    bench.end("A", &compile, ActionResult::new(ActionStatus::Succeeded));
    bench.run("A", "lint", ActionStatus::Succeeded);
    assert_eq!(bench.status("A"), ExecutionStatus::Succeeded);
}

#[test]
fn stopped_and_interrupted_executions_go_on_where_they_were() {
    let interrupt = Request::Interrupt { execution: "A".into() };
    for end in [stop("A", StopMode::Abandon), stop("A", StopMode::Cancel), interrupt] {
        let mut bench = Bench::new();
        bench.start("A", &pipeline("Source=get Build=lint+compile,package"));
        bench.run("A", "get", ActionStatus::Succeeded);
        bench.run("A", "lint", ActionStatus::Succeeded);
        let running = bench.begin("A", "compile");
        bench.request(&end).unwrap();
        if bench.status("A") == ExecutionStatus::Stopping {
            bench.end("A", &running, ActionResult::new(ActionStatus::Failed));
        }
        bench.request(&retry("A", RetryMode::FailedActions)).unwrap();
        assert_eq!(bench.due("A"), ["Build/compile"], "{end:?}");
        bench.run("A", "compile", ActionStatus::Succeeded);
        bench.run("A", "package", ActionStatus::Succeeded);
        assert_eq!(bench.status("A"), ExecutionStatus::Succeeded);
    }
}

#[test]
fn a_stage_stopped_after_its_last_action_is_left_by_a_retry_at_once() {
    let mut bench = Bench::new();
    bench.start("A", &pipeline("Source=get Build=compile"));
    let get = bench.begin("A", "get");
    bench.request(&stop("A", StopMode::Wait)).unwrap();
    bench.end("A", &get, ActionResult::new(ActionStatus::Succeeded));
    assert_eq!(bench.status("A"), ExecutionStatus::Stopped);
    let lines = bench.request(&retry("A", RetryMode::FailedActions)).unwrap();
    assert_eq!(lines, ["A retries Source attempt 2", "A Source Succeeded", "A enters Build"]);
}

#[test]
fn a_later_execution_in_the_stage_ends_retryability() {
    let mut bench = failed();
    bench.start("B", &pipeline("Source=get Build=compile"));
    // B entered another stage so far.
    bench.request(&retry("A", RetryMode::FailedActions)).unwrap();
    bench.run("A", "compile", ActionStatus::Failed);
    bench.run("B", "get", ActionStatus::Succeeded);
    let refusal = bench.request(&retry("A", RetryMode::FailedActions)).unwrap_err();
    assert_eq!(
        refusal,
        Refusal::NotLatestPipelineExecution {
            execution: "A".into(),
            stage: "Build".into(),
            later: "B".into()
        }
    );
    assert_eq!(refusal.api_name(), Some("NotLatestPipelineExecutionException"));
}

#[test]
fn nothing_else_can_be_retried() {
    let definition = pipeline("Source=get Build=compile");
    let mut bench = Bench::new();
    bench.start("A", &definition);
    bench.start("B", &definition);
    bench.start("C", &definition);
    bench.run("A", "get", ActionStatus::Succeeded);
    bench.run("A", "compile", ActionStatus::Succeeded);
    let mut refused = |execution: &str, stage: Option<&str>| {
        let stage = stage.map(str::to_owned);
        let mode = RetryMode::FailedActions;
        let request = Request::Retry { execution: execution.into(), stage, mode };
        bench.request(&request).unwrap_err().api_name().unwrap()
    };
    assert_eq!(refused("A", None), "StageNotRetryableException"); // succeeded
    assert_eq!(refused("B", None), "StageNotRetryableException"); // superseded
    assert_eq!(refused("C", None), "StageNotRetryableException"); // in progress, nothing failed
    assert_eq!(refused("C", Some("Build")), "StageNotRetryableException"); // not there
    assert_eq!(refused("C", Some("Nowhere")), "StageNotFoundException");
    assert_eq!(refused("X", None), "PipelineExecutionNotFoundException");
}

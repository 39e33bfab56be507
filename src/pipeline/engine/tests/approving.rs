//! Manual approvals (codepipeline.md 2.6, 4.8).

use super::*;
use crate::pipeline::testing::{edit, pipeline};

const LINE: &str = "Source=get Approve=lint+ask? Deploy=ship";

/// An execution in which the approval waits and its sibling has ended.
fn waiting() -> (Bench, String) {
    let mut bench = Bench::new();
    bench.start("A", &pipeline(LINE));
    bench.run("A", "get", ActionStatus::Succeeded);
    let token = bench.begin("A", "ask");
    assert!(!bench.state.execution("A").unwrap().waits_for_an_answer(), "its sibling is due");
    bench.run("A", "lint", ActionStatus::Succeeded);
    assert!(bench.state.execution("A").unwrap().waits_for_an_answer());
    (bench, token)
}

fn answer(bench: &mut Bench, token: &str, answer: Answer) -> Result<Vec<String>, Refusal> {
    bench.request(&Request::Answer(Box::new(answering("A", "ask", token, answer))))
}

#[test]
fn an_approval_holds_its_stage_until_it_is_answered() {
    let (mut bench, token) = waiting();
    assert_eq!(
        effects(&bench.state, "A"),
        [Effect::AwaitApproval {
            stage: "Approve".into(),
            action: "ask".into(),
            action_execution: token.clone(),
            // Seven days where the action names no time.
            expires: bench.state.execution("A").unwrap().pending_approvals().next().unwrap().expires,
        }]
    );
    let lines = answer(&mut bench, &token, Answer::Approved).unwrap();
    assert_eq!(lines, ["A ask Succeeded", "A Approve Succeeded", "A enters Deploy"]);
    let (_, _, run) = bench.state.execution("A").unwrap().run(&token).unwrap();
    assert_eq!(run.result.last_updated_by.as_deref(), Some("alice"));
    assert_eq!(run.result.external_execution_id.as_deref(), Some(token.as_str()));
}

#[test]
fn a_rejection_fails_action_stage_and_execution() {
    let (mut bench, token) = waiting();
    let lines = answer(&mut bench, &token, Answer::Rejected).unwrap();
    assert_eq!(lines, ["A ask Failed", "A Approve Failed", "A finished Failed (rejected)"]);
    // A retry asks anew, under another token.
    bench.request(&retry("A", RetryMode::FailedActions)).unwrap();
    assert_eq!(bench.due("A"), ["Approve/ask"]);
    assert_ne!(bench.begin("A", "ask"), token);
    let late = answer(&mut bench, &token, Answer::Approved).unwrap_err();
    assert_eq!(late.api_name(), Some("ApprovalAlreadyCompletedException"));
}

#[test]
fn answers_that_do_not_fit_are_refused_with_the_names_of_the_api() {
    let (mut bench, token) = waiting();
    let request = answering("A", "ask", &token, Answer::Approved);
    for (wrong, name) in [
        (Answering { token: "other".into(), ..request.clone() }, "InvalidApprovalTokenException"),
        (Answering { stage: "Ship".into(), ..request.clone() }, "StageNotFoundException"),
        (Answering { action: "lint".into(), ..request.clone() }, "ActionNotFoundException"),
        (Answering { execution: "X".into(), ..request.clone() }, "PipelineExecutionNotFoundException"),
        (Answering { summary: Some("x".repeat(513)), ..request.clone() }, "ValidationException"),
    ] {
        let refusal = bench.request(&Request::Answer(Box::new(wrong.clone()))).unwrap_err();
        assert_eq!(refusal.api_name(), Some(name), "{wrong:?}");
    }
    answer(&mut bench, &token, Answer::Approved).unwrap();
    let again = answer(&mut bench, &token, Answer::Rejected).unwrap_err();
    assert_eq!(again.api_name(), Some("ApprovalAlreadyCompletedException"));
}

#[test]
fn an_approval_that_nobody_answers_in_time_fails_for_that_reason() {
    let mut definition = pipeline("Source=get Approve=ask? Deploy=ship");
    edit(&mut definition, "ask").timeout_in_minutes = Some(5);
    let mut bench = Bench::new();
    bench.start("A", &definition);
    bench.run("A", "get", ActionStatus::Succeeded);
    let token = bench.begin("A", "ask");
    let execution = bench.state.execution("A").unwrap();
    let pending = execution.pending_approvals().next().unwrap();
    assert_eq!(pending.expires.duration_since(pending.run.started).as_mins(), 5);
    let expires = pending.expires;

    let expire = Request::ExpireApproval { execution: "A".into(), action_execution: token.clone() };
    let early = decide(&bench.state, expires - jiff::SignedDuration::from_secs(1), &expire).unwrap_err();
    assert_eq!(early.api_name(), Some("ConflictException"));
    // Too late to answer, whether or not somebody has noticed.
    let request = Request::Answer(Box::new(answering("A", "ask", &token, Answer::Approved)));
    let late = decide(&bench.state, expires, &request).unwrap_err();
    assert_eq!(late.api_name(), Some("InvalidApprovalTokenException"));
    let events = decide(&bench.state, expires, &expire).unwrap();
    let lines: Vec<_> = events.iter().map(line).collect();
    assert_eq!(lines, ["A ask Failed", "A Approve Failed", "A finished Failed (timeout)"]);
}

#[test]
fn a_stop_asks_nobody_any_more() {
    for mode in [StopMode::Wait, StopMode::Cancel, StopMode::Abandon] {
        let (mut bench, _) = waiting();
        let lines = bench.request(&stop("A", mode)).unwrap();
        let expected =
            ["A stop-requested", "A ask Abandoned", "A Approve Stopped", "A finished Stopped (stopped)"];
        assert_eq!(lines, expected, "{mode:?}");
    }
}

#[test]
fn a_stop_lets_the_sibling_of_an_approval_go_on() {
    let mut bench = Bench::new();
    bench.start("A", &pipeline(LINE));
    bench.run("A", "get", ActionStatus::Succeeded);
    bench.begin("A", "ask");
    let lint = bench.begin("A", "lint");
    assert_eq!(bench.request(&stop("A", StopMode::Wait)).unwrap(), ["A stop-requested", "A ask Abandoned"]);
    let lines = bench.end("A", &lint, ActionResult::new(ActionStatus::Succeeded));
    assert_eq!(lines, ["A lint Succeeded", "A Approve Stopped", "A finished Stopped (stopped)"]);
}

#[test]
fn what_was_left_running_is_told_of_after_the_end_too() {
    let mut bench = Bench::new();
    bench.start("A", &pipeline("Source=get Deploy=ship"));
    bench.run("A", "get", ActionStatus::Succeeded);
    let run = bench.begin("A", "ship");
    let report = Request::ReportWoundDown {
        execution: "A".into(),
        action_execution: run.clone(),
        lines: vec!["ended the service".into()],
    };
    let early = bench.request(&report).unwrap_err();
    assert_eq!(early.api_name(), Some("ConflictException"), "it runs");
    bench.end("A", &run, ActionResult::new(ActionStatus::Succeeded));
    assert_eq!(bench.status("A"), ExecutionStatus::Succeeded);
    assert_eq!(bench.request(&report).unwrap(), ["A action-wound-down"]);
    let (_, _, run) = bench.state.execution("A").unwrap().run(&run).unwrap();
    assert_eq!(run.aftermath, ["ended the service"]);
}

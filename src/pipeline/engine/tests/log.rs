//! The log: stable names, unknown kinds, and logs that cannot be.

use super::*;
use crate::pipeline::testing::pipeline;

fn log() -> Vec<Recorded> {
    let mut bench = Bench::new();
    let definition = pipeline("Source=get Build=compile");
    bench.start("A", &definition);
    bench.start("B", &definition);
    bench.start("C", &definition);
    bench.run("A", "get", ActionStatus::Succeeded);
    let compile = bench.begin("A", "compile");
    let progress = crate::action::Progress::PhaseStarted { phase: "BUILD".into() };
    let request =
        Request::ReportProgress { execution: "A".into(), action_execution: compile.clone(), progress };
    bench.request(&request).unwrap();
    bench.end("A", &compile, ActionResult::new(ActionStatus::Failed));
    bench.request(&retry("A", RetryMode::FailedActions)).unwrap();
    bench.begin("A", "compile");
    bench.request(&Request::Interrupt { execution: "A".into() }).unwrap();
    bench.request(&stop("C", StopMode::Wait)).unwrap();
    bench.log
}

#[test]
fn kinds_are_named_and_versioned() {
    let mut kinds: Vec<_> = log().iter().map(|recorded| recorded.event.encode().unwrap().0).collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "action-finished/1",
            "action-progressed/1",
            "action-started/1",
            "execution-finished/1",
            "execution-interrupted/1",
            "execution-started/1",
            "inbound-arrived/1",
            "stage-entered/1",
            "stage-finished/1",
            "stage-retried/1",
            "stop-requested/1",
        ]
    );
}

#[test]
fn the_names_in_bodies_are_those_of_the_facts() {
    for recorded in log() {
        let body = serde_json::to_value(&recorded.event.fact).unwrap();
        assert_eq!(body["event"], recorded.event.fact.name());
    }
}

#[test]
fn what_a_newer_version_wrote_is_told_from_what_is_broken() {
    for (kind, body, expected) in [
        ("moon-landed/1", "{}", Unreadable::Kind("moon-landed/1".into())),
        ("stage-entered/2", "{\"stage\":\"Build\"}", Unreadable::Kind("stage-entered/2".into())),
        ("stage-entered", "{\"stage\":\"Build\"}", Unreadable::Kind("stage-entered".into())),
    ] {
        assert_eq!(Event::decode("A", at(0), kind, body), Err(expected));
    }
    for body in ["", "[]", "{}", "{\"stage\":1}", "{\"stage\":"] {
        let unreadable = Event::decode("A", at(0), "stage-entered/1", body).unwrap_err();
        assert!(matches!(unreadable, Unreadable::Body { .. }), "{body}: {unreadable}");
    }
}

#[test]
fn a_fact_can_happen_only_once_and_only_in_its_place() {
    let log = log();
    for index in 0..log.len() {
        let mut doubled = log.clone();
        doubled.insert(index + 1, log[index].clone());
        let progress = matches!(log[index].event.fact, Fact::ActionProgressed { .. });
        assert_eq!(State::replay(&doubled).is_ok(), progress, "twice: {}", line(&log[index].event));
    }
    // Without its beginning, no log can be loaded.
    for beginning in ["A", "C"] {
        let torn: Vec<_> = log
            .iter()
            .filter(|recorded| {
                !(recorded.event.execution == beginning
                    && matches!(recorded.event.fact, Fact::ExecutionStarted(_)))
            })
            .cloned()
            .collect();
        State::replay(&torn).unwrap_err();
    }
}

#[test]
fn illegal_events_are_refused_with_a_reason() {
    let event = |execution: &str, fact: Fact| Event { execution: execution.into(), at: at(0), fact };
    let enter = |stage: &str| Fact::StageEntered { stage: stage.into() };
    let finished = |status| Fact::ExecutionFinished { status, reason: None };
    let definition = pipeline("Source=get Build=compile");
    let mut bench = Bench::new();
    bench.start("A", &definition);
    bench.start("B", &definition);
    for (event, why) in [
        (event("X", Fact::ExecutionInterrupted), "no such execution"),
        (event("B", enter("Source")), "another execution is inside"),
        (event("A", enter("Build")), "it is between no two stages"),
        (event("B", Fact::InboundArrived { stage: "Source".into() }), "another execution waits there"),
        (event("A", finished(ExecutionStatus::Succeeded)), "it has not ended so"),
        (event("A", finished(ExecutionStatus::Superseded)), "only an execution that waits can be superseded"),
        (
            event("A", Fact::StageFinished { stage: "Source".into(), status: StageStatus::Succeeded }),
            "the stage has not ended so",
        ),
        (
            event(
                "B",
                Fact::StageRetried { stage: "Source".into(), mode: RetryMode::AllActions, attempt: 2 },
            ),
            "another execution entered the stage later",
        ),
    ] {
        let refused = bench.state.clone().apply(&event).unwrap_err();
        assert_eq!(refused.why, why, "{refused}");
    }
}

//! Several executions of one pipeline in SUPERSEDED mode (codepipeline.md 4.3).

use super::*;
use crate::pipeline::testing::pipeline;

#[test]
fn of_three_runs_at_once_the_second_is_superseded_by_the_third() {
    let definition = pipeline("Source=get Build=compile");
    let mut bench = Bench::new();
    bench.start("A", &definition);
    assert_eq!(bench.start("B", &definition), ["B execution-started", "B waits for Source"]);
    assert_eq!(
        bench.start("C", &definition),
        ["C execution-started", "B finished Superseded (superseded)", "C waits for Source"]
    );
    let reason = bench.state.execution("B").unwrap().reason.clone();
    assert_eq!(reason, Some(Reason::Superseded { by: "C".into(), stage: "Source".into() }));
    assert_eq!(
        bench.run("A", "get", ActionStatus::Succeeded),
        ["A get Succeeded", "A Source Succeeded", "C enters Source", "A enters Build"]
    );
}

#[test]
fn an_execution_inside_a_stage_is_never_superseded_and_those_behind_wait_their_turn() {
    let definition = pipeline("Source=get Build=compile");
    let mut bench = Bench::new();
    bench.start("A", &definition);
    bench.run("A", "get", ActionStatus::Succeeded);
    bench.start("B", &definition);
    assert_eq!(
        bench.run("B", "get", ActionStatus::Succeeded),
        ["B get Succeeded", "B Source Succeeded", "B waits for Build"]
    );
    let wait = Effect::AwaitStage { stage: "Build".into(), held_by: "A".into() };
    assert_eq!(effects(&bench.state, "B"), [wait]);
    bench.start("C", &definition);
    assert_eq!(
        bench.run("C", "get", ActionStatus::Succeeded),
        ["C get Succeeded", "C Source Succeeded", "B finished Superseded (superseded)", "C waits for Build"]
    );
    // A failure releases the lock too.
    assert_eq!(
        bench.run("A", "compile", ActionStatus::Failed),
        ["A compile Failed", "A Build Failed", "C enters Build", "A finished Failed"]
    );
}

#[test]
fn stages_are_locked_by_name_across_definitions() {
    let mut bench = Bench::new();
    bench.start("A", &pipeline("Source=get Build=compile"));
    bench.run("A", "get", ActionStatus::Succeeded);
    bench.start("B", &pipeline("Source=get Lint=lint Build=compile"));
    bench.run("B", "get", ActionStatus::Succeeded);
    assert_eq!(
        bench.run("B", "lint", ActionStatus::Succeeded),
        ["B lint Succeeded", "B Lint Succeeded", "B waits for Build"]
    );
}

#[test]
fn a_stop_of_the_execution_inside_lets_the_waiting_one_enter() {
    let definition = pipeline("Source=get Build=compile");
    let mut bench = Bench::new();
    bench.start("A", &definition);
    bench.begin("A", "get");
    bench.start("B", &definition);
    assert_eq!(
        bench.request(&stop("A", StopMode::Abandon)).unwrap(),
        [
            "A stop-requested",
            "A get Abandoned",
            "A Source Stopped",
            "B enters Source",
            "A finished Stopped (stopped)"
        ]
    );
}

//! Gates before stages: judged inside the stage, before its actions, as a `beforeEntry` condition with the result FAIL is
//! (codepipeline.md 4.9).

use super::*;
use crate::pipeline::testing::pipeline;

/// An execution that has entered its gated stage.
fn before_the_gate() -> Bench {
    let mut bench = Bench::new();
    let definition = pipeline("Source=get Deploy=ship+tell");
    let gates = ["Deploy".to_owned()].into();
    bench.request(&Request::Start(Box::new(Start { gates, ..start("A", &definition) }))).unwrap();
    bench.run("A", "get", ActionStatus::Succeeded);
    bench
}

fn judge(bench: &mut Bench, verdict: Verdict) -> Vec<String> {
    let judgement = judged(verdict);
    bench
        .request(&Request::ReportJudgement { execution: "A".into(), stage: "Deploy".into(), judgement })
        .unwrap()
}

#[test]
fn no_action_is_due_before_the_gate_has_let_the_execution_through() {
    let mut bench = before_the_gate();
    assert_eq!(effects(&bench.state, "A"), [Effect::JudgeGate { stage: "Deploy".into() }]);
    assert_eq!(judge(&mut bench, Verdict::Passed), ["A gate before Deploy passed"]);
    assert_eq!(bench.due("A"), ["Deploy/ship", "Deploy/tell"]);
    let again = Request::ReportJudgement {
        execution: "A".into(),
        stage: "Deploy".into(),
        judgement: judged(Verdict::Failed),
    };
    assert_eq!(bench.request(&again).unwrap_err().api_name(), Some("ConflictException"));
}

#[test]
fn every_other_verdict_fails_the_stage_and_a_retry_judges_again() {
    for verdict in [Verdict::Failed, Verdict::Error, Verdict::Inconclusive] {
        let mut bench = before_the_gate();
        let lines = judge(&mut bench, verdict);
        let word = verdict.word();
        let told = format!("A gate before Deploy {word}");
        assert_eq!(lines, [told.as_str(), "A Deploy Failed", "A finished Failed (gate)"]);
        assert!(
            bench.state.execution("A").unwrap().stages[1].actions.iter().all(|slot| slot.runs.is_empty())
        );
        bench.request(&retry("A", RetryMode::FailedActions)).unwrap();
        assert_eq!(effects(&bench.state, "A"), [Effect::JudgeGate { stage: "Deploy".into() }]);
        judge(&mut bench, Verdict::Passed);
        bench.run("A", "ship", ActionStatus::Succeeded);
        let lines = bench.run("A", "tell", ActionStatus::Succeeded);
        assert_eq!(lines.last().unwrap(), "A finished Succeeded");
    }
}

#[test]
fn a_stop_before_the_gate_is_judged_stops_the_stage() {
    let mut bench = before_the_gate();
    let lines = bench.request(&stop("A", StopMode::Wait)).unwrap();
    assert_eq!(lines, ["A stop-requested", "A Deploy Stopped", "A finished Stopped (stopped)"]);
}

#[test]
fn a_gate_stands_before_a_stage_that_there_is() {
    let mut bench = Bench::new();
    let gates = ["Ship".to_owned()].into();
    let start = Start { gates, ..start("A", &pipeline("Source=get Deploy=ship")) };
    let refusal = bench.request(&Request::Start(Box::new(start))).unwrap_err();
    assert_eq!(refusal.api_name(), Some("StageNotFoundException"));
}

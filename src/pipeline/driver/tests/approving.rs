//! Approvals and gates, as a driver sees to them.

use super::*;
use crate::action::{Condition, Judgement, Verdict};
use crate::pipeline::engine::{Answer, Answering, PendingApproval, Reason};
use crate::pipeline::recover::{Completed, Completion, recover};

const LINE: &str = "Source=get Approve=ask? Deploy=ship";

pub(super) fn answer(place: &Place, execution: &str, answer: Answer) -> Answering {
    let state = place.state();
    let pending = state.execution(execution).unwrap().pending_approvals().next().unwrap();
    Answering {
        execution: execution.into(),
        stage: pending.stage.into(),
        action: pending.action.name.clone(),
        token: pending.run.id.clone(),
        answer,
        summary: None,
        by: "alice".into(),
    }
}

/// Starts an execution and leaves it at its approval.
pub(super) fn left(place: &Place, providers: Providers, line: &str) {
    let begin = start("A", &pipeline(line));
    let driver = Driver::new(place.settings(), STREAM, move |_| Ok(providers.clone()), |_, _| {}).unwrap();
    let Driven::Pending(execution) = driver.start(begin).unwrap() else { panic!("not left") };
    assert!(execution.waits_for_an_answer());
    assert!(!place.store().is_owned("A").unwrap());
}

#[test]
fn an_execution_that_waits_for_an_answer_is_left_and_carried_on_by_who_answers() {
    for (said, status) in
        [(Answer::Approved, ExecutionStatus::Succeeded), (Answer::Rejected, ExecutionStatus::Failed)]
    {
        let place = Place::new();
        let scripted = Scripted::new();
        left(&place, scripted.providers(), LINE);
        // Nobody has to own it meanwhile.
        assert_eq!(recover(&place.store(), &ManualClock::new(Timestamp::UNIX_EPOCH)).unwrap(), []);
        let answering = answer(&place, "A", said);
        let process =
            Process::spawn(place.settings(), scripted.providers(), move |driver| driver.answer(answering));
        assert_eq!(process.ended().status, status);
        assert_eq!(scripted.performed().contains(&"ship".to_owned()), said == Answer::Approved);
    }
}

#[test]
fn an_answer_from_elsewhere_reaches_the_process_that_waits() {
    let place = Place::new();
    // What was waited for goes on at once: held up behind the answer, its process is there while that is given.
    let gate = Gate::new();
    let providers = Scripted::new().gated("ship", &gate).providers();
    let begin = start("A", &pipeline(LINE));
    let waiting = Process::spawn(place.settings(), providers.clone(), |driver| {
        driver.with_approvals(Approvals::Wait).start(begin)
    });
    waiting.await_event("A stage-finished");
    while place.state().execution("A").unwrap().pending_approvals().next().is_none() {
        waiting.events.recv_timeout(CEILING).unwrap();
    }
    let answering = answer(&place, "A", Answer::Approved);
    let other = Process::spawn(place.settings(), providers, move |driver| driver.answer(answering));
    assert_eq!(other.join().unwrap(), Driven::Elsewhere);
    gate.open();
    assert_eq!(waiting.ended().status, ExecutionStatus::Succeeded);
}

#[test]
fn somebody_is_asked_once_and_the_answer_counts() {
    let place = Place::new();
    let providers = Scripted::new().providers();
    let begin = start("A", &pipeline(LINE));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    let process = Process::spawn(place.settings(), providers, move |driver| {
        let handle = driver.handle();
        let ask = move |execution: &Execution, approval: &PendingApproval<'_>| {
            heard.lock().unwrap().push(approval.action.name.clone());
            handle.answer(Answering {
                execution: execution.id.clone(),
                stage: approval.stage.into(),
                action: approval.action.name.clone(),
                token: approval.run.id.clone(),
                answer: Answer::Rejected,
                summary: Some("not today".into()),
                by: "bob".into(),
            });
        };
        driver.with_approvals(Approvals::Ask(Box::new(ask))).start(begin)
    });
    let execution = process.ended();
    assert_eq!((execution.status, execution.reason), (ExecutionStatus::Failed, Some(Reason::Rejected)));
    assert_eq!(*asked.lock().unwrap(), ["ask"]);
}

#[test]
fn approvals_answered_beforehand_hold_nothing_up() {
    let place = Place::new();
    let providers = Scripted::new().providers();
    let begin = start("A", &pipeline("Source=get Approve=ask?+sure? Deploy=ship"));
    let process = Process::spawn(place.settings(), providers, move |driver| {
        let approvals = Approvals::Answer { answer: Answer::Approved, by: "alice".into() };
        driver.with_approvals(approvals).start(begin)
    });
    assert_eq!(process.ended().status, ExecutionStatus::Succeeded);
}

#[test]
fn time_runs_out_with_and_without_an_owner() {
    let place = Place::new();
    left(&place, Scripted::new().providers(), LINE);
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    let span = |minutes: u64| Duration::from_secs(minutes * 60);
    clock.advance(span(10_079));
    recover(&place.store(), &clock).unwrap();
    assert!(place.state().execution("A").unwrap().waits_for_an_answer());
    clock.advance(span(1));
    recover(&place.store(), &clock).unwrap();
    let execution = place.state().execution("A").unwrap().clone();
    assert_eq!((execution.status, execution.reason), (ExecutionStatus::Failed, Some(Reason::Timeout)));

    let place = Place::new();
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let settings = Settings { clock: clock.clone(), ..place.settings() };
    let begin = start("A", &pipeline(LINE));
    let waiting = Process::spawn(settings, Scripted::new().providers(), |driver| {
        driver.with_approvals(Approvals::Wait).start(begin)
    });
    while place.state().execution("A").is_none_or(|found| !found.waits_for_an_answer()) {
        waiting.events.recv_timeout(CEILING).unwrap();
    }
    clock.advance(span(10_080));
    assert_eq!(waiting.ended().reason, Some(Reason::Timeout));
}

#[test]
fn one_that_comes_behind_an_execution_nobody_carries_is_left_too_and_adopted_later() {
    let place = Place::new();
    let scripted = Scripted::new();
    left(&place, scripted.providers(), LINE);
    let process = Process::start(place.settings(), &scripted, "B", &pipeline(LINE));
    let Driven::Pending(behind) = process.join().unwrap() else { panic!("not left") };
    assert_eq!(behind.awaited_stage(), Some("Approve"));
    assert!(!place.store().is_owned("B").unwrap());
    // Whoever rejects the first frees the stage, and carries on the second until it waits for an answer itself.
    let answering = answer(&place, "A", Answer::Rejected);
    let process =
        Process::spawn(place.settings(), scripted.providers(), move |driver| driver.answer(answering));
    assert_eq!(process.ended().status, ExecutionStatus::Failed);
    assert!(place.state().execution("B").unwrap().waits_for_an_answer());
    assert!(!place.store().is_owned("B").unwrap());
}

#[test]
fn a_retry_does_not_end_what_waits_for_an_answer() {
    let place = Place::new();
    let scripted = Scripted::new();
    left(&place, scripted.providers(), LINE);
    let process = Process::spawn(place.settings(), scripted.providers(), |driver| {
        driver.retry("A", None, RetryMode::FailedActions)
    });
    let error = process.join().unwrap_err();
    assert!(error.to_string().contains("no action of its stage has failed"), "{error}");
    assert!(place.state().execution("A").unwrap().waits_for_an_answer());
}

#[test]
fn an_answer_that_ends_what_was_let_go_a_moment_ago_lets_the_next_one_in() {
    let place = Place::new();
    let scripted = Scripted::new();
    left(&place, scripted.providers(), LINE);
    let behind = Process::start(place.settings(), &scripted, "B", &pipeline(LINE));
    assert!(matches!(behind.join().unwrap(), Driven::Pending(_)));
    // Its owner lets it go between the first look and the answer.
    let ownership = place.store().own("A").unwrap().unwrap();
    let settings = Settings { clock: Meanwhile::clock(|| drop(ownership)), ..place.settings() };
    let answering = answer(&place, "A", Answer::Rejected);
    let process = Process::spawn(settings, scripted.providers(), move |driver| driver.answer(answering));
    assert_eq!(process.ended().status, ExecutionStatus::Failed);
    assert!(place.state().execution("B").unwrap().waits_for_an_answer());
    assert!(!place.store().is_owned("B").unwrap());
}

#[test]
fn who_gets_into_a_stage_by_an_expiry_or_beside_a_signal_keeps_its_place() {
    for by_signal in [true, false] {
        let place = Place::new();
        let scripted = Scripted::new();
        left(&place, scripted.providers(), LINE);
        let behind = Process::start(place.settings(), &scripted, "B", &pipeline(LINE));
        assert!(matches!(behind.join().unwrap(), Driven::Pending(_)));
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        if by_signal {
            let answering = answer(&place, "A", Answer::Approved);
            let process = Process::spawn(place.settings(), scripted.providers(), |driver| {
                driver.handle().signal(2);
                driver.answer(answering)
            });
            assert_eq!(process.ended().reason, Some(Reason::Signal { number: 2 }));
        } else {
            clock.advance(Duration::from_secs(60 * 10_080));
            let what = Completion::Expired { stage: "Approve".into(), action: "ask".into() };
            let expired = Completed { stream: STREAM.into(), execution: "A".into(), what };
            assert_eq!(recover(&place.store(), &clock).unwrap(), [expired]);
        }
        // Other commands leave it alone, and whoever goes on with it loses nothing.
        assert_eq!(recover(&place.store(), &clock).unwrap(), []);
        assert_eq!(place.state().execution("B").unwrap().untouched_stage(), Some("Approve"));
        let process = Process::spawn(place.settings(), scripted.providers(), |driver| {
            driver.retry("B", None, RetryMode::FailedActions)
        });
        let Driven::Pending(execution) = process.join().unwrap() else { panic!("not left") };
        assert!(execution.waits_for_an_answer());
    }
}

/// Judges every gate the same.
struct Constant(Verdict);

impl Judge for Constant {
    fn judge(&self, _: &Execution, stage: &str) -> Result<Judgement, action::Error> {
        let condition = Condition {
            subject: stage.into(),
            wanted: "good".into(),
            seen: "something".into(),
            verdict: self.0,
        };
        Ok(Judgement { conditions: vec![condition] })
    }
}

#[test]
fn a_gate_is_judged_before_the_actions_of_its_stage() {
    for (judge, status, reason) in [
        (Some(Verdict::Passed), ExecutionStatus::Succeeded, None),
        (Some(Verdict::Inconclusive), ExecutionStatus::Failed, Some("gate")),
        // Nobody who judges lets nobody through.
        (None, ExecutionStatus::Failed, Some("gate")),
    ] {
        let place = Place::new();
        let scripted = Scripted::new();
        let mut begin = start("A", &pipeline("Source=get Deploy=ship"));
        begin.gates = ["Deploy".to_owned()].into();
        let providers = match judge {
            Some(verdict) => scripted.providers().judged_by(Arc::new(Constant(verdict))),
            None => scripted.providers(),
        };
        let execution =
            Process::spawn(place.settings(), providers, move |driver| driver.start(begin)).ended();
        assert_eq!(execution.status, status);
        assert_eq!(execution.reason.as_ref().map(Reason::word), reason);
        assert_eq!(scripted.performed().contains(&"ship".to_owned()), status == ExecutionStatus::Succeeded);
    }
}

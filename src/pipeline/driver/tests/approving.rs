//! Approvals, gates and what deployments leave running, as a driver sees to them.

use super::*;
use crate::action::{Condition, Judgement, Verdict};
use crate::pipeline::engine::{Answer, Answering, PendingApproval, Reason};
use crate::pipeline::recover::{Completed, Completion, recover};

const LINE: &str = "Source=get Approve=ask? Deploy=ship";

/// A provider whose action `ship` leaves something running.
#[derive(Clone, Default)]
struct Lasting {
    said: Arc<Mutex<Vec<String>>>,
    /// What does not go on until its gate opens or it is asked to end.
    slow: Option<(&'static str, Gate)>,
}

impl Lasting {
    fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    fn say(&self, what: &str, job: &Job) -> Vec<String> {
        assert!(job.workspace.is_dir());
        let lines = if job.action == "ship" { vec![format!("{what} {}", job.action)] } else { Vec::new() };
        self.said.lock().unwrap().extend(lines.clone());
        lines
    }

    fn stand(&self, what: &str, job: &Job, cancel: &Cancel) {
        if let Some((slow, gate)) = &self.slow
            && (*slow, "ship") == (what, job.action.as_str())
        {
            gate.pass(cancel);
        }
    }

    fn providers(&self) -> Providers {
        let provider: Arc<dyn Provider> = Arc::new(self.clone());
        let table = Providers::new().with(Category::Source, "CodeCommit", Arc::clone(&provider));
        table.with(Category::Build, "CodeBuild", provider)
    }
}

impl Provider for Lasting {
    fn perform(&self, job: &Job, _: &mut dyn Sink, _: &Cancel) -> Result<Outcome, action::Error> {
        self.say("performed", job);
        Ok(Outcome::succeeded())
    }

    fn wind_down(
        &self,
        job: &Job,
        sink: &mut dyn Sink,
        cancel: &Cancel,
    ) -> Result<Vec<String>, action::Error> {
        self.stand("wind_down", job, cancel);
        sink.output(Timestamp::UNIX_EPOCH, Stream::Stdout, b"stopping\n");
        Ok(self.say("ended", job))
    }

    fn resume(&self, job: &Job, _: &mut dyn Sink, cancel: &Cancel) -> Result<Vec<String>, action::Error> {
        self.stand("resume", job, cancel);
        Ok(self.say("resumed", job))
    }
}

fn answer(place: &Place, execution: &str, answer: Answer) -> Answering {
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
fn left(place: &Place, providers: Providers, line: &str) {
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
    let providers = Scripted::new().providers();
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
fn what_runs_is_ended_with_its_execution_and_that_is_recorded() {
    let place = Place::new();
    let lasting = Lasting::default();
    let begin = start("A", &pipeline("Source=get Deploy=ship"));
    let execution =
        Process::spawn(place.settings(), lasting.providers(), move |driver| driver.start(begin)).ended();
    assert_eq!(execution.status, ExecutionStatus::Succeeded);
    assert_eq!(lasting.said(), ["performed ship", "ended ship"]);
    let run = execution.stages[1].actions[0].current().unwrap();
    assert_eq!(run.aftermath, ["ended ship"]);
    let log = place.store().log_reader("A", &run.id).unwrap().unwrap();
    assert_eq!(log.tail(10).unwrap().last().unwrap().text, "stopping");
    assert!(place.left_behind().is_empty());
}

#[test]
fn what_runs_is_ended_at_an_approval_and_resumed_by_who_carries_on() {
    let place = Place::new();
    let lasting = Lasting::default();
    left(&place, lasting.providers(), "Source=get Deploy=ship Approve=ask? Test=suite");
    assert_eq!(lasting.said(), ["performed ship", "ended ship"]);
    let answering = answer(&place, "A", Answer::Approved);
    let process =
        Process::spawn(place.settings(), lasting.providers(), move |driver| driver.answer(answering));
    assert_eq!(process.ended().status, ExecutionStatus::Succeeded);
    assert_eq!(lasting.said(), ["performed ship", "ended ship", "resumed ship", "ended ship"]);
}

#[test]
fn what_runs_is_resumed_also_for_who_carries_on_what_waits_before_a_stage() {
    const LINE: &str = "Source=get Deploy=ship Approve=ask? Test=suite";
    let place = Place::new();
    left(&place, Scripted::new().providers(), LINE);
    let lasting = Lasting::default();
    let begin = start("B", &pipeline(LINE));
    let behind = Process::spawn(place.settings(), lasting.providers(), move |driver| driver.start(begin));
    assert!(matches!(behind.join().unwrap(), Driven::Pending(_)));
    assert_eq!(lasting.said(), ["performed ship", "ended ship"]);

    let process = Process::spawn(place.settings(), lasting.providers(), |driver| {
        driver.with_approvals(Approvals::Wait).retry("B", None, RetryMode::FailedActions)
    });
    while !place.store().is_owned("B").unwrap() {
        std::thread::yield_now();
    }
    place.request(&Request::Answer(Box::new(answer(&place, "A", Answer::Rejected))));
    process.await_event("B stage-entered");
    while place.state().execution("B").unwrap().pending_approvals().next().is_none() {
        process.events.recv_timeout(CEILING).unwrap();
    }
    place.request(&Request::Answer(Box::new(answer(&place, "B", Answer::Approved))));
    assert_eq!(process.ended().status, ExecutionStatus::Succeeded);
    assert_eq!(lasting.said(), ["performed ship", "ended ship", "resumed ship", "ended ship"]);
}

#[test]
fn signals_and_stops_are_heard_while_something_is_resumed() {
    const LINE: &str = "Source=get Deploy=ship Approve=ask? Test=suite";
    for (by_signal, reason) in [(true, Reason::Signal { number: 2 }), (false, Reason::Stopped)] {
        let place = Place::new();
        left(&place, Scripted::new().providers(), LINE);
        let gate = Gate::new();
        let slow = Lasting { slow: Some(("resume", gate.clone())), ..Lasting::default() };
        let answering = answer(&place, "A", Answer::Approved);
        let process = Process::spawn(place.settings(), slow.providers(), |driver| driver.answer(answering));
        gate.await_arrival();
        if by_signal {
            process.handle.signal(2);
        } else {
            let cause = StopCause::Request { reason: None };
            place.request(&Request::Stop { execution: "A".into(), mode: StopMode::Wait, cause });
        }
        let execution = process.ended();
        assert_eq!((execution.status, execution.reason), (ExecutionStatus::Stopped, Some(reason)));
        assert!(execution.stages[3].actions[0].runs.is_empty(), "nothing began after that");
        assert_eq!(slow.said(), ["resumed ship", "ended ship"]);
    }
}

#[test]
fn a_signal_is_heard_while_something_is_ended() {
    let place = Place::new();
    let gate = Gate::new();
    let slow = Lasting { slow: Some(("wind_down", gate.clone())), ..Lasting::default() };
    let begin = start("A", &pipeline("Source=get Deploy=ship"));
    let process = Process::spawn(place.settings(), slow.providers(), move |driver| driver.start(begin));
    gate.await_arrival();
    process.handle.signal(15);
    // It had come to its end before.
    assert_eq!(process.ended().status, ExecutionStatus::Succeeded);
    assert_eq!(slow.said(), ["performed ship", "ended ship"]);
}

#[test]
fn what_is_answered_while_it_is_let_go_is_carried_on_here() {
    const LINE: &str = "Source=get Deploy=ship Approve=ask? Test=suite";
    let place = Place::new();
    let gate = Gate::new();
    let slow = Lasting { slow: Some(("wind_down", gate.clone())), ..Lasting::default() };
    let begin = start("A", &pipeline(LINE));
    let process = Process::spawn(place.settings(), slow.providers(), move |driver| driver.start(begin));
    gate.await_arrival();
    place.request(&Request::Answer(Box::new(answer(&place, "A", Answer::Approved))));
    gate.open();
    assert_eq!(process.ended().status, ExecutionStatus::Succeeded);
    assert_eq!(slow.said(), ["performed ship", "ended ship", "resumed ship", "ended ship"]);
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
fn what_runs_is_ended_also_when_rehearsal_cannot_go_on() {
    struct Broken;
    impl Judge for Broken {
        fn judge(&self, _: &Execution, _: &str) -> Result<Judgement, action::Error> {
            let source = std::io::Error::other("the disk is gone");
            Err(action::Error { attempted: "cannot judge".into(), source })
        }
    }
    let place = Place::new();
    let lasting = Lasting::default();
    let mut begin = start("A", &pipeline("Source=get Deploy=ship Test=suite"));
    begin.gates = ["Test".to_owned()].into();
    let providers = lasting.providers().judged_by(Arc::new(Broken));
    let process = Process::spawn(place.settings(), providers, move |driver| driver.start(begin));
    assert_eq!(process.join().unwrap_err().to_string(), "cannot judge: the disk is gone");
    assert_eq!(lasting.said(), ["performed ship", "ended ship"]);
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

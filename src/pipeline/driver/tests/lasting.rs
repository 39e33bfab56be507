//! What deployments leave running, as a driver sees to it.

use super::approving::{answer, left};
use super::*;
use crate::action::Judgement;
use crate::pipeline::engine::{Answer, Reason};

const LINE: &str = "Source=get Deploy=ship Approve=ask? Test=suite";

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
    left(&place, lasting.providers(), LINE);
    assert_eq!(lasting.said(), ["performed ship", "ended ship"]);
    let answering = answer(&place, "A", Answer::Approved);
    let process =
        Process::spawn(place.settings(), lasting.providers(), move |driver| driver.answer(answering));
    assert_eq!(process.ended().status, ExecutionStatus::Succeeded);
    assert_eq!(lasting.said(), ["performed ship", "ended ship", "resumed ship", "ended ship"]);
}

#[test]
fn what_runs_is_resumed_also_for_who_carries_on_what_waits_before_a_stage() {
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
    // Whoever records it enters the stage: the process may find it so, and hear of nothing before its approval.
    while place.state().execution("B").unwrap().pending_approvals().next().is_none() {
        process.events.recv_timeout(CEILING).unwrap();
    }
    place.request(&Request::Answer(Box::new(answer(&place, "B", Answer::Approved))));
    assert_eq!(process.ended().status, ExecutionStatus::Succeeded);
    assert_eq!(lasting.said(), ["performed ship", "ended ship", "resumed ship", "ended ship"]);
}

#[test]
fn signals_and_stops_are_heard_while_something_is_resumed() {
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

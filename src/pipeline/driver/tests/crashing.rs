//! The process dies at any moment; the record is completed, and a retry completes the work.

use std::collections::BTreeSet;

use super::*;
use crate::pipeline::engine::{ActionStatus, Reason};
use crate::pipeline::recover::{Completed, Completion, interrupt_if_dead, recover};
use crate::store::{NewEvent, Policy};

fn recovered(place: &Place) -> Vec<String> {
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    recover(&place.store(), &clock).unwrap().into_iter().map(|found| found.execution).collect()
}

#[test]
fn whatever_was_recorded_last_recovery_tells_the_truth_and_a_retry_completes_it() {
    let definition = pipeline("Source=get Build=lint+compile,package Test=suite");
    let whole = Place::new();
    carried(&whole, &Scripted::new(), &definition);
    let log = whole.store().events(STREAM, 0).unwrap();
    assert!(log.len() > 15);
    for length in 1..log.len() {
        let place = Place::new();
        let events = log[..length].iter().map(|stored| NewEvent {
            execution: stored.execution.clone(),
            at: stored.at,
            kind: stored.kind.clone(),
            body: stored.body.clone(),
        });
        place.store().append(STREAM, 0, &events.collect::<Vec<_>>()).unwrap();
        // Facts of one decision are recorded together or not at all, so an execution is never found between stages.
        if place.state().execution("A").unwrap().held_stage().is_none() {
            continue;
        }
        assert_eq!(recovered(&place), ["A"], "after {length} events");
        assert_eq!(recovered(&place), Vec::<String>::new());
        let state = place.state();
        let execution = state.execution("A").unwrap();
        assert_eq!(execution.status, ExecutionStatus::Failed);
        assert_eq!(execution.reason, Some(Reason::Interrupted));
        let scripted = Scripted::new();
        let process = Process::spawn(place.settings(), scripted.providers(), |driver| {
            driver.retry("A", None, RetryMode::FailedActions)
        });
        let execution = process.ended();
        assert_eq!(execution.status, ExecutionStatus::Succeeded, "after {length} events");
        // What had succeeded was not done again.
        let before: Vec<_> =
            log[..length].iter().filter(|stored| stored.kind == "action-finished/1").collect();
        assert_eq!(scripted.performed().len(), 5 - before.len(), "after {length} events");
    }
}

#[test]
fn a_retry_finds_an_owner_that_died_a_moment_ago() {
    let place = Place::new();
    place.request(&Request::Start(Box::new(start("A", &pipeline("Source=get Build=compile")))));
    let scripted = Scripted::new();
    let process = Process::spawn(place.settings(), scripted.providers(), |driver| {
        driver.retry("A", None, RetryMode::FailedActions)
    });
    process.await_event("A execution-interrupted");
    assert_eq!(process.ended().status, ExecutionStatus::Succeeded);
}

#[test]
fn a_retry_carries_on_what_waits_and_nobody_owns() {
    let gate = Gate::new();
    let held = Scripted::new().gated("get", &gate);
    let place = Place::new();
    let definition = pipeline("Source=get Build=compile");
    let holder = Process::start(place.settings(), &held, "A", &definition);
    gate.await_arrival();
    place.request(&Request::Start(Box::new(start("B", &definition))));
    let free = Scripted::new();
    let process = Process::spawn(place.settings(), free.providers(), |driver| {
        driver.retry("B", None, RetryMode::FailedActions)
    });
    while !place.store().is_owned("B").unwrap() && !process.thread.is_finished() {
        std::thread::yield_now();
    }
    gate.open();
    assert_eq!(process.ended().status, ExecutionStatus::Succeeded);
    assert_eq!(holder.ended().status, ExecutionStatus::Succeeded);
    assert_eq!(free.performed(), ["get", "compile"]);
}

#[test]
fn a_retry_does_not_perform_again_what_an_owner_that_dies_meanwhile_had_begun() {
    let place = Place::new();
    let store = place.store();
    let ownership = store.own("A").unwrap().unwrap();
    place.request(&Request::Start(Box::new(start("A", &pipeline("Source=get+fetch")))));
    for action in ["get", "fetch"] {
        place.begin("A", "Source", action);
    }
    place.end("A", "get", ActionStatus::Failed);
    let scripted = Scripted::new();
    let settings = Settings { clock: Meanwhile::clock(|| drop(ownership)), ..place.settings() };
    let process = Process::spawn(settings, scripted.providers(), |driver| {
        driver.retry("A", None, RetryMode::FailedActions)
    });
    assert_eq!(process.ended().status, ExecutionStatus::Succeeded);
    let runs: Vec<_> = scripted.jobs.lock().unwrap().iter().map(|job| job.action_execution.clone()).collect();
    assert_eq!(runs.len(), 2);
    assert!(!runs.contains(&"A-fetch".to_owned()), "{runs:?}");
}

#[test]
fn an_end_that_comes_before_the_interruption_is_no_trouble() {
    let place = Place::new();
    place.request(&Request::Start(Box::new(start("A", &pipeline("Source=get Build=compile")))));
    let stop = || {
        let cause = StopCause::Request { reason: None };
        place.request(&Request::Stop { execution: "A".into(), mode: StopMode::Abandon, cause });
    };
    // Folded while the holder is looked at, and stopped in the same moment.
    let mut stopped = false;
    let store = place.store();
    let mut journal = Journal::open(&store, "pipeline/service").unwrap();
    place.request(&Request::Start(Box::new(start("B", &pipeline("Source=get Build=compile")))));
    let watcher = &mut |_: &Recorded, _: &State| {
        if !std::mem::replace(&mut stopped, true) {
            stop();
        }
    };
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    let interrupted = interrupt_if_dead(&mut journal, &store, &clock, "A", watcher);
    assert!(!interrupted.unwrap());
    assert_eq!(place.state().execution("A").unwrap().status, ExecutionStatus::Stopped);
}

#[test]
fn an_execution_that_has_an_owner_again_a_moment_later_is_not_interrupted() {
    /// While this clock waits, somebody takes the execution.
    struct Taken(Store, Mutex<Option<Ownership>>);
    impl Clock for Taken {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
        fn wait(&self, _: Duration) {
            *self.1.lock().unwrap() = self.0.own("A").unwrap();
        }
    }
    let place = Place::new();
    place.request(&Request::Start(Box::new(start("A", &pipeline("Source=get Build=compile")))));
    let clock = Taken(place.store(), Mutex::default());
    assert_eq!(recover(&place.store(), &clock).unwrap(), []);
    assert!(clock.1.lock().unwrap().is_some());
    assert_eq!(place.state().execution("A").unwrap().status, ExecutionStatus::InProgress);
}

#[test]
fn what_retention_removed_is_not_brought_back_by_a_request_that_had_seen_it() {
    let place = Place::new();
    let store = place.store();
    let definition = pipeline("Source=get Build=compile");
    let retry = || Request::Retry { execution: "A".into(), stage: None, mode: RetryMode::FailedActions };
    // Once as the last that happened, and once with something after it.
    for others in [0, 1] {
        place.request(&Request::Start(Box::new(start("A", &definition))));
        assert_eq!(recovered(&place), ["A"]);
        let mut journal = Journal::open(&store, STREAM).unwrap();
        let nothing = Policy { executions: 0, bytes: 0 };
        assert_eq!(store.retain(&nothing, &BTreeSet::new()).unwrap().removed, ["A"]);
        for _ in 0..others {
            place.request(&Request::Start(Box::new(start("B", &definition))));
        }
        let refused = journal.request(Timestamp::UNIX_EPOCH, &retry(), &mut |_, _| {});
        assert!(matches!(refused, Err(JournalError::Refused(Refusal::ExecutionNotFound(_)))), "{refused:?}");
        assert!(Journal::open(&store, STREAM).unwrap().state().execution("A").is_none());
    }
}

#[test]
fn recovery_leaves_the_living_and_the_waiting_alone() {
    let place = Place::new();
    let definition = pipeline("Source=get Build=compile");
    let store = place.store();
    let alive = store.own("alive").unwrap().unwrap();
    place.request(&Request::Start(Box::new(start("alive", &definition))));
    place.request(&Request::Start(Box::new(start("waiting", &definition))));
    assert_eq!(recovered(&place), Vec::<String>::new());
    drop(alive);
    // The one that waited enters what became free, and is nobody's there. Nothing of it is lost.
    assert_eq!(recovered(&place), ["alive"]);
    assert_eq!(recovered(&place), Vec::<String>::new());
    assert_eq!(place.state().execution("waiting").unwrap().untouched_stage(), Some("Source"));
    // Once something was begun there, it needs somebody.
    place.begin("waiting", "Source", "get");
    assert_eq!(recovered(&place), ["waiting"]);
}

#[test]
fn what_got_into_a_stage_and_is_nobodys_is_carried_on_by_a_retry_or_by_whoever_comes_next() {
    for by_retry in [true, false] {
        let place = Place::new();
        let definition = pipeline("Source=get Build=compile");
        for id in ["dead", "A"] {
            place.request(&Request::Start(Box::new(start(id, &definition))));
        }
        assert_eq!(recovered(&place), ["dead"]);
        let scripted = Scripted::new();
        let process = if by_retry {
            Process::spawn(place.settings(), scripted.providers(), |driver| {
                driver.retry("A", None, RetryMode::FailedActions)
            })
        } else {
            let next = Process::start(place.settings(), &scripted, "B", &definition);
            next.await_event("A stage-entered");
            next
        };
        assert_eq!(process.ended().status, ExecutionStatus::Succeeded);
        let state = place.state();
        let carried = state.execution("A").unwrap();
        assert_eq!((carried.status, carried.stages[0].attempt), (ExecutionStatus::Succeeded, 1));
        assert!(!place.store().is_owned("A").unwrap());
    }
}

#[test]
fn recovery_looks_at_every_stream_of_pipelines_and_at_no_other() {
    let place = Place::new();
    let store = place.store();
    let definition = pipeline("Source=get Build=compile");
    for stream in ["hook/one", "pipeline/service", "worktree/two"] {
        let mut journal = Journal::open(&store, stream).unwrap();
        let request = Request::Start(Box::new(start(&stream.replace('/', "-"), &definition)));
        journal.request(Timestamp::UNIX_EPOCH, &request, &mut |_, _| {}).unwrap();
    }
    let foreign = NewEvent {
        execution: Some("x".into()),
        at: Timestamp::UNIX_EPOCH,
        kind: "build-started/1".into(),
        body: "{}".into(),
    };
    store.append("build/project", 0, &[foreign]).unwrap();
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    let interrupted = recover(&store, &clock).unwrap();
    let found = |stream: &str, execution: &str| Completed {
        stream: stream.into(),
        execution: execution.into(),
        what: Completion::Interrupted,
    };
    assert_eq!(
        interrupted,
        [
            found("hook/one", "hook-one"),
            found("pipeline/service", "pipeline-service"),
            found("worktree/two", "worktree-two"),
        ]
    );
}

#[test]
fn a_stream_whose_executions_have_left_goes_on() {
    let place = Place::new();
    let definition = pipeline("Source=get Build=compile");
    carried(&place, &Scripted::new(), &definition);
    let store = place.store();
    let nothing = Policy { executions: 0, bytes: 0 };
    assert_eq!(store.retain(&nothing, &BTreeSet::new()).unwrap().removed, ["A"]);
    let execution = carried(&place, &Scripted::new(), &definition);
    assert_eq!(execution.status, ExecutionStatus::Succeeded);
    store.retain(&nothing, &BTreeSet::new()).unwrap();
    let process = Process::spawn(place.settings(), Providers::new(), |driver| {
        driver.retry("A", None, RetryMode::FailedActions)
    });
    let error = process.join().unwrap_err();
    assert_eq!(error.to_string(), "there is no execution A");
    assert!(store.events(STREAM, 0).unwrap().is_empty());
}

#[test]
fn processes_that_append_at_once_write_one_log() {
    const PROCESSES: usize = 6;
    let place = Place::new();
    let definition = pipeline("Source=get Build=compile");
    std::thread::scope(|scope| {
        for number in 0..PROCESSES {
            let (place, definition) = (&place, &definition);
            scope.spawn(move || {
                let mut journal = Journal::open(&place.store(), STREAM).unwrap();
                for round in 0..5 {
                    let id = format!("{number}-{round}");
                    let begin = Request::Start(Box::new(start(&id, definition)));
                    journal.request(Timestamp::UNIX_EPOCH, &begin, &mut |_, _| {}).unwrap();
                    // The execution may be superseded or inside a stage by now; both are answers.
                    let cause = StopCause::Request { reason: None };
                    let stop = Request::Stop { execution: id, mode: StopMode::Abandon, cause };
                    match journal.request(Timestamp::UNIX_EPOCH, &stop, &mut |_, _| {}) {
                        Ok(()) | Err(JournalError::Refused(Refusal::NotStoppable { .. })) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
    });
    let state = place.state();
    assert_eq!(state.executions().len(), PROCESSES * 5);
    assert!(state.live().next().is_none());
}

#[test]
fn a_log_that_cannot_be_is_refused() {
    let place = Place::new();
    let store = place.store();
    let event = |execution: Option<&str>, kind: &str| NewEvent {
        execution: execution.map(str::to_owned),
        at: Timestamp::UNIX_EPOCH,
        kind: kind.into(),
        body: "{}".into(),
    };
    for (stream, event) in [
        ("pipeline/newer", event(Some("A"), "moon-landed/1")),
        ("pipeline/of-the-stream", event(None, "transition-disabled/1")),
    ] {
        store.append(stream, 0, &[event]).unwrap();
        let error = Journal::open(&store, stream).unwrap_err();
        assert!(matches!(error, JournalError::Unreadable { seq: 1, .. }), "{error}");
    }
    store.append("pipeline/corrupt", 0, &[event(Some("A"), "execution-interrupted/1")]).unwrap();
    let error = Journal::open(&store, "pipeline/corrupt").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the log of pipeline/corrupt contradicts itself at 1: event execution-interrupted of execution A cannot \
         happen here: no such execution"
    );
}

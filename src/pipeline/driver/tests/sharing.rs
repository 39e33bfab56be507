//! Several processes on one pipeline.

use super::*;
use crate::pipeline::engine::{Fact, Reason};
use crate::pipeline::recover::recover;

#[test]
fn of_three_runs_at_once_the_second_ends_superseded() {
    let gate = Gate::new();
    let held = Scripted::new().gated("get", &gate);
    let free = Scripted::new();
    let place = Place::new();
    let definition = pipeline("Source=get Build=compile");
    let first = Process::start(place.settings(), &held, "A", &definition);
    gate.await_arrival();
    let second = Process::start(place.settings(), &free, "B", &definition);
    second.await_event("B inbound-arrived");
    let third = Process::start(place.settings(), &free, "C", &definition);
    // The third hears of what it did to the second.
    third.await_event("B execution-finished");
    third.await_event("C inbound-arrived");
    let superseded = second.ended();
    assert_eq!(superseded.status, ExecutionStatus::Superseded);
    assert_eq!(superseded.reason, Some(Reason::Superseded { by: "C".into(), stage: "Source".into() }));
    gate.open();
    assert_eq!(first.ended().status, ExecutionStatus::Succeeded);
    assert_eq!(third.ended().status, ExecutionStatus::Succeeded);
    assert_eq!(free.performed(), ["get", "compile"]);
}

#[test]
fn two_streams_do_not_wait_for_each_other() {
    let gate = Gate::new();
    let held = Scripted::new().gated("get", &gate);
    let place = Place::new();
    let definition = pipeline("Source=get Build=compile");
    let first = Process::start(place.settings(), &held, "A", &definition);
    gate.await_arrival();
    let begin = start("B", &definition);
    let providers = Scripted::new().providers();
    let driver = Driver::new(place.settings(), "hook/B", |_| Ok(providers.clone()), |_, _| {}).unwrap();
    let Driven::Ended(execution) = driver.start(begin).unwrap() else { panic!("not driven here") };
    assert_eq!(execution.status, ExecutionStatus::Succeeded);
    gate.open();
    first.ended();
}

#[test]
fn a_stop_by_another_process_is_noticed() {
    for (mode, status) in
        [(StopMode::Abandon, ActionStatus::Abandoned), (StopMode::Cancel, ActionStatus::Failed)]
    {
        let gate = Gate::new();
        let scripted = Scripted::new().gated("get", &gate);
        let place = Place::new();
        let process = Process::start(place.settings(), &scripted, "A", &pipeline("Source=get Build=compile"));
        gate.await_arrival();
        let cause = StopCause::Request { reason: Some("not needed".into()) };
        place.request(&Request::Stop { execution: "A".into(), mode, cause });
        process.await_event("A stop-requested");
        let execution = process.ended();
        assert_eq!(execution.status, ExecutionStatus::Stopped);
        let run = execution.stages[0].actions[0].current().unwrap();
        assert_eq!((run.result.status, run.result.reason.clone()), (status, Some(Reason::Stopped)));
        assert_eq!(place.left_behind(), Vec::<String>::new());
    }
}

#[test]
fn a_retry_of_a_failed_sibling_reaches_the_owner() {
    let gate = Gate::new();
    let failing = Mutex::new(true);
    let scripted = Scripted::new().gated("compile", &gate).on("lint", move |_, _, _| {
        let failed = std::mem::take(&mut *failing.lock().unwrap());
        Ok(if failed {
            Outcome::with_status(Status::Failed, Some(Failure::default()))
        } else {
            Outcome::succeeded()
        })
    });
    let place = Place::new();
    let owner = Process::start(place.settings(), &scripted, "A", &pipeline("Source=get Build=lint+compile"));
    gate.await_arrival();
    owner.await_event("A stage-entered");
    while !place.state().execution("A").unwrap().stages[1].has_failed() {
        owner.events.recv_timeout(CEILING).unwrap();
    }
    let other = Process::spawn(place.settings(), Providers::new(), |driver| {
        driver.retry("A", None, RetryMode::FailedActions)
    });
    assert_eq!(other.join().unwrap(), Driven::Elsewhere);
    owner.await_event("A stage-retried");
    owner.await_event("A action-finished");
    gate.open();
    assert_eq!(owner.ended().status, ExecutionStatus::Succeeded);
}

#[test]
fn whoever_waits_ends_a_holder_whose_process_died_and_enters() {
    let place = Place::new();
    let definition = pipeline("Source=get Build=compile");
    place.request(&Request::Start(Box::new(start("dead", &definition))));
    let process = Process::start(place.settings(), &Scripted::new(), "A", &definition);
    process.await_event("A inbound-arrived");
    // Nobody rings when somebody dies; looking without being woken does the same a little later.
    place.store().ring(STREAM);
    assert_eq!(process.ended().status, ExecutionStatus::Succeeded);
    let state = place.state();
    let dead = state.execution("dead").unwrap();
    assert_eq!((dead.status, dead.reason.clone()), (ExecutionStatus::Failed, Some(Reason::Interrupted)));
}

#[test]
fn whoever_frees_a_stage_carries_on_the_unowned_execution_that_waits_before_it() {
    let gate = Gate::new();
    let scripted = Scripted::new().gated("get", &gate);
    let place = Place::new();
    let definition = pipeline("Source=get Build=compile");
    let process = Process::start(place.settings(), &scripted, "A", &definition);
    gate.await_arrival();
    place.request(&Request::Start(Box::new(start("B", &definition))));
    gate.open();
    process.await_event("B stage-entered");
    process.await_event("B execution-finished");
    assert_eq!(process.ended().id, "A");
    assert_eq!(place.state().execution("B").unwrap().status, ExecutionStatus::Succeeded);
    assert!(!place.store().is_owned("B").unwrap());
}

#[test]
fn who_waited_is_nobodys_at_no_moment_when_a_stage_is_freed() {
    let gate = Gate::new();
    let scripted = Scripted::new().gated("get", &gate);
    let place = Place::new();
    let definition = pipeline("Source=get Build=compile");
    let store = place.store();
    // What another command does that starts just when the stage was freed.
    let observer = move |recorded: &Recorded, _: &State| {
        if matches!(recorded.event.fact, Fact::StageFinished { .. }) {
            recover(&store, &ManualClock::new(Timestamp::UNIX_EPOCH)).unwrap();
        }
    };
    let (settings, providers, begin) = (place.settings(), scripted.providers(), start("A", &definition));
    let owner = std::thread::spawn(move || {
        Driver::new(settings, STREAM, |_| Ok(providers.clone()), observer).unwrap().start(begin)
    });
    gate.await_arrival();
    place.request(&Request::Start(Box::new(start("B", &definition))));
    gate.open();
    owner.join().unwrap().unwrap();
    let state = place.state();
    let waited = state.execution("B").unwrap();
    assert_eq!((waited.status, waited.reason.clone()), (ExecutionStatus::Succeeded, None));
    assert!(!place.store().is_owned("B").unwrap());
}

#[test]
fn what_another_process_had_begun_when_it_died_is_not_performed_again_here() {
    let place = Place::new();
    let definition = pipeline("Source=get Build=compile");
    let ownership = place.store().own("B").unwrap().unwrap();
    place.request(&Request::Start(Box::new(start("B", &definition))));
    place.begin("B", "Source", "get");
    let (tell, told) = channel();
    let (release, released) = channel::<()>();
    let observer = move |recorded: &Recorded, _: &State| {
        if matches!(recorded.event.fact, Fact::InboundArrived { .. }) {
            tell.send(()).unwrap();
            released.recv_timeout(CEILING).unwrap();
        }
    };
    let scripted = Scripted::new();
    let (settings, providers, begin) = (place.settings(), scripted.providers(), start("A", &definition));
    let waiting = std::thread::spawn(move || {
        Driver::new(settings, STREAM, |_| Ok(providers.clone()), observer).unwrap().start(begin)
    });
    told.recv_timeout(CEILING).unwrap();
    // Before the one that waits looks again, the other goes on to the next stage, begins an action, and dies.
    place.end("B", "get", ActionStatus::Succeeded);
    place.begin("B", "Build", "compile");
    drop(ownership);
    release.send(()).unwrap();
    let Driven::Ended(execution) = waiting.join().unwrap().unwrap() else { panic!("not driven here") };
    assert_eq!(execution.status, ExecutionStatus::Succeeded);
    let jobs = scripted.jobs.lock().unwrap();
    assert!(jobs.iter().all(|job| job.execution == "A"), "{jobs:?}");
    let state = place.state();
    let dead = state.execution("B").unwrap();
    assert_eq!((dead.status, dead.reason.clone()), (ExecutionStatus::Failed, Some(Reason::Interrupted)));
}

#[test]
fn an_execution_that_somebody_owns_is_not_carried_on_here() {
    let gate = Gate::new();
    let scripted = Scripted::new().gated("get", &gate);
    let place = Place::new();
    let definition = pipeline("Source=get Build=compile");
    let process = Process::start(place.settings(), &scripted, "A", &definition);
    gate.await_arrival();
    let store = place.store();
    let ownership = store.own("B").unwrap().unwrap();
    place.request(&Request::Start(Box::new(start("B", &definition))));
    gate.open();
    assert_eq!(process.ended().status, ExecutionStatus::Succeeded);
    let state = place.state();
    assert_eq!(state.execution("B").unwrap().held_stage(), Some("Source"));
    drop(ownership);
}

#[test]
fn events_of_others_are_not_told() {
    let gate = Gate::new();
    let held = Scripted::new().gated("compile", &gate);
    let place = Place::new();
    let definition = pipeline("Source=get Build=compile");
    let first = Process::start(place.settings(), &held, "A", &definition);
    gate.await_arrival();
    let second = Process::start(place.settings(), &Scripted::new(), "B", &definition);
    second.await_event("B inbound-arrived");
    gate.open();
    first.ended();
    let mut told = Vec::new();
    while let Ok(event) = second.events.recv_timeout(CEILING) {
        told.push(event);
    }
    assert!(told.iter().all(|event| event.starts_with("B ")), "{told:?}");
    assert!(matches!(told.last(), Some(last) if last == "B execution-finished"));
    second.ended();
}

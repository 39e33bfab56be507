//! One process, one execution.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::pipeline::engine::{ActionRun, Reason};

fn run<'a>(execution: &'a Execution, stage: &str, action: &str) -> &'a ActionRun {
    let stage = execution.stages.iter().find(|run| run.name == stage).unwrap();
    stage.action(action).unwrap().current().unwrap()
}

/// An outcome with one artifact, whose content is `text`.
fn with_artifact(job: &Job, name: &str, text: &str) -> Outcome {
    let archive = job.workspace.join("artifact.zip");
    write(&archive, text);
    Outcome { artifacts: vec![(name.into(), archive)], ..Outcome::succeeded() }
}

#[test]
fn a_commit_goes_through_its_stages_with_artifacts_variables_and_logs() {
    let mut definition = pipeline("Source=get Build=compile");
    edit(&mut definition, "get").output_artifacts = vec![output("Code")];
    edit(&mut definition, "get").namespace = Some("Source".into());
    let compile = edit(&mut definition, "compile");
    compile.input_artifacts = vec!["Code".into()];
    compile.output_artifacts = vec![output("Binary")];
    compile.configuration.insert("ProjectName".into(), "#{Source.Name}-build".into());
    let scripted = Scripted::new()
        .on("get", |job, sink, _| {
            sink.output(Timestamp::UNIX_EPOCH, Stream::Stdout, b"fetched\n");
            let mut outcome = with_artifact(job, "Code", "the sources");
            outcome.variables.insert("Name".into(), "service".into());
            outcome.revision = job.revision.clone();
            Ok(outcome)
        })
        .on("compile", |job, sink, _| {
            assert_eq!(std::fs::read_to_string(&job.inputs[0].archive).unwrap(), "the sources");
            sink.progress(Progress::PhaseStarted { phase: "BUILD".into() });
            Ok(Outcome {
                external_execution_id: Some("service-build:1".into()),
                simulated: vec!["pushed an image".into()],
                ..with_artifact(job, "Binary", "the binary")
            })
        });
    let place = Place::new();
    let execution = carried(&place, &scripted, &definition);
    assert_eq!(execution.status, ExecutionStatus::Succeeded);
    assert_eq!(execution.simulated().collect::<Vec<_>>(), ["pushed an image"]);

    let job = scripted.job("compile");
    assert_eq!(job.configuration["ProjectName"], "service-build");
    assert_eq!((job.pipeline.as_str(), job.stage.as_str()), ("service", "Build"));
    assert_eq!(job.revision.as_deref(), Some("commit-of-A"));
    assert_eq!(job.outputs, [action::OutputArtifact { name: "Binary".into(), files: Vec::new() }]);

    let compile = run(&execution, "Build", "compile");
    assert_eq!(compile.id, job.action_execution);
    assert_eq!(compile.phase.as_deref(), Some("BUILD"));
    assert_eq!(compile.result.external_execution_id.as_deref(), Some("service-build:1"));
    let store = place.store();
    let kept = store.artifact(&compile.result.artifacts[0].digest.parse().unwrap()).unwrap();
    assert_eq!(std::fs::read_to_string(kept).unwrap(), "the binary");
    let get = run(&execution, "Source", "get");
    let lines = store.log_reader("A", &get.id).unwrap().unwrap().tail(20).unwrap();
    assert_eq!(lines[0].text, "fetched");

    // The record says the same, and nothing is left behind.
    assert_eq!(place.state().execution("A"), Some(&execution));
    assert_eq!(place.left_behind(), Vec::<String>::new());
    assert!(!store.is_owned("A").unwrap());
}

#[test]
fn actions_of_a_group_run_at_the_same_time() {
    let meeting = Arc::new(Barrier::new(2));
    let meet = move |_: &Job, _: &mut dyn Sink, _: &Cancel| {
        meeting.wait();
        Ok(Outcome::succeeded())
    };
    let scripted = Scripted::new().on("lint", meet.clone()).on("compile", meet);
    let place = Place::new();
    let execution = carried(&place, &scripted, &pipeline("Source=get Build=lint+compile"));
    assert_eq!(execution.status, ExecutionStatus::Succeeded);
}

#[test]
fn no_more_actions_run_at_once_than_allowed() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let count = move |_: &Job, _: &mut dyn Sink, _: &Cancel| {
        seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::yield_now();
        now.fetch_sub(1, Ordering::SeqCst);
        Ok(Outcome::succeeded())
    };
    let actions = ["a", "b", "c", "d", "e"];
    let scripted = actions.into_iter().fold(Scripted::new(), |script, name| script.on(name, count.clone()));
    let place = Place::new();
    let settings = Settings { concurrency: NonZeroUsize::MIN, ..place.settings() };
    let process = Process::start(settings, &scripted, "A", &pipeline("Source=get Build=a+b+c+d+e"));
    assert_eq!(process.ended().status, ExecutionStatus::Succeeded);
    assert_eq!(most.load(Ordering::SeqCst), 1);
}

#[test]
fn outcomes_become_the_statuses_and_reasons_of_the_api() {
    for (status, expected, reason) in [
        (Status::Failed, ExecutionStatus::Failed, None),
        (Status::TimedOut, ExecutionStatus::Failed, Some(Reason::Timeout)),
        (Status::Stopped, ExecutionStatus::Failed, None),
    ] {
        let scripted = Scripted::new().on("compile", move |_, _, _| {
            let failure = Failure { code: "CODE".into(), ..Failure::default() };
            Ok(Outcome::with_status(status, Some(failure)))
        });
        let place = Place::new();
        let execution = carried(&place, &scripted, &pipeline("Source=get Build=compile Test=suite"));
        assert_eq!((execution.status, execution.reason.clone()), (expected, reason));
        assert_eq!(run(&execution, "Build", "compile").failure().unwrap().code, "CODE");
        assert_eq!(scripted.performed(), ["get", "compile"]);
    }
}

#[test]
fn a_provider_that_is_not_there_fails_the_action() {
    let place = Place::new();
    let definition = pipeline("Source=get Build=compile");
    let start = start("A", &definition);
    let process = Process::spawn(place.settings(), Providers::new(), move |driver| driver.start(start));
    let execution = process.ended();
    assert_eq!(execution.status, ExecutionStatus::Failed);
    let failure = run(&execution, "Source", "get").failure().unwrap();
    assert_eq!(failure.code, NOT_PERFORMED);
    assert_eq!(failure.message, "provider CodeCommit of category Source is not there yet");
}

type Broken = fn(&Job, &mut dyn Sink, &Cancel) -> Result<Outcome, action::Error>;

#[test]
fn trouble_of_our_own_is_recorded_and_handed_on() {
    let broken: [Broken; 3] = [
        |_, _, _| Err(action::Error::during("cannot write")(std::io::ErrorKind::StorageFull.into())),
        |_, _, _| panic!("a bug"),
        |_, _, _| {
            let gone = ("Code".to_owned(), "/nowhere/artifact.zip".into());
            Ok(Outcome { artifacts: vec![gone], ..Outcome::succeeded() })
        },
    ];
    for deed in broken {
        let scripted = Scripted::new().on("get", deed);
        let place = Place::new();
        let error = carry(&place, &scripted, &pipeline("Source=get Build=compile")).unwrap_err();
        assert!(matches!(error, Error::Action(_)), "{error}");
        let state = place.state();
        let execution = state.execution("A").unwrap();
        assert_eq!(execution.status, ExecutionStatus::Failed);
        let failure = run(execution, "Source", "get").failure().unwrap();
        assert_eq!((failure.code.as_str(), &failure.message), ("InternalError", &error.to_string()));
        assert_eq!(place.left_behind(), Vec::<String>::new());
    }
}

#[test]
fn a_start_that_is_refused_leaves_nothing() {
    let place = Place::new();
    let definition = pipeline("Source=get Build=compile");
    let refused = Start { until: Some("Nowhere".into()), ..start("A", &definition) };
    let process = Process::spawn(place.settings(), Providers::new(), |driver| driver.start(refused));
    let error = process.join().unwrap_err();
    assert!(matches!(error, Error::Journal(JournalError::Refused(Refusal::StageNotFound(_)))), "{error}");
    assert!(place.state().executions().is_empty());
    assert!(!place.store().is_owned("A").unwrap());
}

#[test]
fn a_signal_ends_what_runs_and_the_record_says_so() {
    let gate = Gate::new();
    let scripted = Scripted::new().gated("compile", &gate);
    let place = Place::new();
    let definition = pipeline("Source=get Build=compile+lint Test=suite");
    let process = Process::start(place.settings(), &scripted, "A", &definition);
    gate.await_arrival();
    process.handle.signal(15);
    process.handle.signal(15);
    let execution = process.ended();
    assert_eq!(execution.status, ExecutionStatus::Stopped);
    assert_eq!(execution.reason, Some(Reason::Signal { number: 15 }));
    let compile = &run(&execution, "Build", "compile").result;
    assert_eq!(compile.reason, Some(Reason::Signal { number: 15 }));
    assert!(!scripted.performed().contains(&"suite".to_owned()));
    assert_eq!(place.left_behind(), Vec::<String>::new());
}

#[test]
fn a_signal_before_anything_ran_is_heard_too() {
    let place = Place::new();
    let scripted = Scripted::new();
    let begin = start("A", &pipeline("Source=get Build=compile"));
    let process = Process::spawn(place.settings(), scripted.providers(), |driver| {
        driver.handle().signal(2);
        driver.start(begin)
    });
    assert_eq!(process.ended().status, ExecutionStatus::Stopped);
    assert_eq!(scripted.performed(), Vec::<String>::new());
}

#[test]
fn a_failed_execution_is_retried_where_it_failed() {
    let place = Place::new();
    let definition = pipeline("Source=get Build=lint+compile Test=suite");
    let broken = Scripted::new()
        .on("compile", |_, _, _| Ok(Outcome::with_status(Status::Failed, Some(Failure::default()))));
    assert_eq!(carried(&place, &broken, &definition).status, ExecutionStatus::Failed);
    let mended = Scripted::new();
    let process = Process::spawn(place.settings(), mended.providers(), |driver| {
        driver.retry("A", None, RetryMode::FailedActions)
    });
    let execution = process.ended();
    assert_eq!(execution.status, ExecutionStatus::Succeeded);
    assert_eq!(mended.performed(), ["compile", "suite"]);
    assert_eq!(execution.stages[1].action("compile").unwrap().runs.len(), 2);
}

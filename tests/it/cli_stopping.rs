//! Ctrl-C, `rehearsal stop`, and executions that meet each other.

use std::path::PathBuf;

use rustix::process::Signal;

use crate::env::{Env, Running, buildspec, pipeline, render, until, until_file};

/// A pipeline whose build says that it runs, and then waits for a file to appear in the test's folder.
fn waiting(env: &Env, stages: &[&str]) {
    let gate = env.root().join("gate");
    let command = format!("echo $$ > {0}.running; while ! test -e {0}; do sleep 0.05; done", gate.display());
    let stages: Vec<_> = stages.iter().map(|stage| (*stage, command.as_str())).collect();
    env.file("pipeline.yml", &pipeline("service", &stages));
    env.commit("a pipeline that waits");
}

fn running(env: &Env) -> PathBuf {
    env.root().join("gate.running")
}

fn open(env: &Env) {
    std::fs::write(env.root().join("gate"), "").unwrap();
}

/// Whether a process is there.
fn lives(pid: &str) -> bool {
    let pid = pid.trim().parse().ok().and_then(rustix::process::Pid::from_raw).unwrap();
    rustix::process::test_kill_process(pid).is_ok()
}

fn newest(env: &Env) -> serde_json::Value {
    let list: serde_json::Value = serde_json::from_str(&env.stdout(["list", "--json"], 0)).unwrap();
    list["executions"][0].clone()
}

fn start_and_wait(env: &Env, arguments: &[&str]) -> (Running, String) {
    let run = env.start(arguments.iter().copied());
    let pid = until_file(&running(env));
    (run, pid)
}

#[test]
fn ctrl_c_ends_what_runs_and_is_recorded() {
    let env = Env::repository();
    waiting(&env, &["Build"]);
    let (run, pid) = start_and_wait(&env, &["run"]);
    run.signal(Signal::INT);
    let output = run.finish();
    insta::assert_snapshot!(render(&output), @"
    exit: 130
    --- stdout
    Stopped service [SHORT] in [TIME]: stopped by Ctrl-C
    run it again from there: rehearsal retry [SHORT]
    --- stderr
    service [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Build/Run started
      stopping: actions that run are being ended (once more to end at once)
      Build/Run was stopped in [TIME]
    ");
    assert!(!lives(&pid));
    assert_eq!(newest(&env)["reason"], "signal");
}

#[test]
fn a_signal_that_was_to_be_ignored_stays_ignored() {
    let env = Env::repository();
    waiting(&env, &["Build"]);
    let mut command = env.prepare("bash");
    command.args(["-c", "trap '' HUP; exec \"$0\" run", env!("CARGO_BIN_EXE_rehearsal")]);
    let run = Running::of(command);
    until_file(&running(&env));
    run.signal(Signal::HUP);
    open(&env);
    let output = run.finish();
    assert_eq!(output.status.code(), Some(0), "{}", render(&output));
}

#[test]
fn each_signal_has_its_exit_code() {
    for (signal, code) in [(Signal::HUP, 129), (Signal::INT, 130), (Signal::TERM, 143)] {
        let env = Env::repository();
        waiting(&env, &["Build"]);
        let (run, pid) = start_and_wait(&env, &["run", "--json"]);
        run.signal(signal);
        let output = run.finish();
        assert_eq!(output.status.code(), Some(code));
        let last = String::from_utf8(output.stdout).unwrap();
        let last: serde_json::Value = serde_json::from_str(last.lines().last().unwrap()).unwrap();
        assert_eq!((&last["event"], &last["status"]), (&"finished".into(), &"Stopped".into()));
        assert!(!lives(&pid));
    }
}

#[test]
fn a_second_signal_does_not_wait_for_the_grace_period() {
    let env = Env::repository();
    let pid = running(&env);
    let stubborn =
        format!("trap '' TERM INT HUP; echo $$ > {}; while true; do sleep 0.05; done", pid.display());
    env.file("pipeline.yml", &pipeline("service", &[("Build", &stubborn)]));
    env.commit("ignores signals");
    let (run, pid) = start_and_wait(&env, &["run"]);
    run.signal(Signal::INT);
    until("the first signal to be recorded", || {
        env.stdout(["show", "--json"], 0).contains("\"Stopping\"").then_some(())
    });
    run.signal(Signal::INT);
    assert_eq!(run.finish().status.code(), Some(130));
    until("the guard to end the command", || (!lives(&pid)).then_some(()));
    insta::assert_snapshot!(env.stdout(["show"], 0).lines().next().unwrap(), @"service [ID] Stopped");
}

#[test]
fn ctrl_c_ends_a_build() {
    let env = Env::repository();
    waiting(&env, &["Build"]);
    let gate = env.root().join("gate.running");
    env.file("buildspec.yml", &buildspec(&[&format!("echo $$ > {}; sleep 600", gate.display())]));
    let (run, pid) = start_and_wait(&env, &["build"]);
    run.signal(Signal::INT);
    let output = run.finish();
    assert_eq!(output.status.code(), Some(130));
    let text = String::from_utf8(output.stderr).unwrap();
    insta::assert_snapshot!(text.lines().filter(|line| !line.starts_with("[Container]")).collect::<Vec<_>>().join("\n"), @"
      stopping: actions that run are being ended (once more to end at once)

    Stopped work [SHORT] in [TIME]: stopped by Ctrl-C
    run it again: rehearsal build
    ");
    assert!(!lives(&pid));
}

#[test]
fn a_stop_from_another_terminal_lets_actions_finish() {
    let env = Env::repository();
    waiting(&env, &["Build", "Test"]);
    let (run, _) = start_and_wait(&env, &["run"]);
    insta::assert_snapshot!(env.run(["stop", "--reason", "lunch"]), @"
    exit: 0
    --- stderr
    stopping [SHORT]: actions that run come to their end first
    ");
    insta::assert_snapshot!(env.run(["stop"]), @"
    exit: 2
    --- stderr
    error: execution [ID] was asked to stop already (DuplicatedStopRequestException)
    ");
    open(&env);
    insta::assert_snapshot!(render(&run.finish()), @"
    exit: 1
    --- stdout
    Stopped service [SHORT] in [TIME]: stopped on request (lunch)
    run it again from there: rehearsal retry [SHORT]
    --- stderr
    service [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Build/Run started
      stopping (lunch): actions that run come to their end first
      Build/Run succeeded in [TIME]
    ");
    let id = newest(&env)["id"].as_str().unwrap().to_owned();
    insta::assert_snapshot!(env.run(["stop", &id]), @"
    exit: 2
    --- stderr
    error: execution [ID] cannot be stopped: it is Stopped (PipelineExecutionNotStoppableException)
    ");
    insta::assert_snapshot!(env.run(["stop"]), @"
    exit: 2
    --- stderr
    error: nothing is running here
    ");
}

#[test]
fn the_reason_of_a_stop_is_shown_afterwards() {
    let env = Env::repository();
    waiting(&env, &["Build"]);
    let (run, _) = start_and_wait(&env, &["run", "--json"]);
    env.stdout(["stop", "--abandon", "--reason", "wrong \"branch\""], 0);
    let events = String::from_utf8(run.finish().stdout).unwrap();
    let last: serde_json::Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
    assert_eq!((&last["reason"], &last["stop_reason"]), (&"stopped".into(), &"wrong \"branch\"".into()));
    let shown: serde_json::Value = serde_json::from_str(&env.stdout(["show", "--json"], 0)).unwrap();
    assert_eq!(shown["execution"]["stop_reason"], "wrong \"branch\"");
    let shown = env.stdout(["show"], 0);
    assert!(shown.contains("reason      stopped on request (wrong \"branch\")\n"), "{shown}");
}

#[test]
fn an_abandoning_stop_ends_actions_at_once() {
    let env = Env::repository();
    waiting(&env, &["Build"]);
    let (run, pid) = start_and_wait(&env, &["run"]);
    insta::assert_snapshot!(env.run(["stop", "--abandon"]), @"
    exit: 0
    --- stderr
    stopped [SHORT]
    ");
    insta::assert_snapshot!(render(&run.finish()), @"
    exit: 1
    --- stdout
    Stopped service [SHORT] in [TIME]: stopped on request
    run it again from there: rehearsal retry [SHORT]
    --- stderr
    service [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Build/Run started
      stopping: actions that run are abandoned
      Build/Run was abandoned in [TIME]
    ");
    assert!(!lives(&pid));
}

#[test]
fn a_stop_ends_a_build_alone() {
    let env = Env::repository();
    let gate = env.root().join("gate.running");
    env.file("buildspec.yml", &buildspec(&[&format!("echo $$ > {}; sleep 600", gate.display())]));
    let (run, pid) = start_and_wait(&env, &["build", "--json"]);
    env.stdout(["stop"], 0);
    assert_eq!(run.finish().status.code(), Some(1));
    assert_eq!(newest(&env)["status"], "Stopped");
    assert!(!lives(&pid));
}

#[test]
fn a_stopped_or_failed_stage_is_retried_from_there() {
    let env = Env::repository();
    waiting(&env, &["Build", "Test"]);
    let (run, _) = start_and_wait(&env, &["run"]);
    run.signal(Signal::INT);
    run.finish();
    open(&env);
    insta::assert_snapshot!(env.run(["retry"]), @"
    exit: 0
    --- stdout
    Succeeded service [SHORT] in [TIME]
    --- stderr
    service [SHORT]: failed actions of stage Build again, attempt 2
      Build/Run started
      Build/Run succeeded in [TIME]
      Test/Run started
      Test/Run succeeded in [TIME]
    ");
    insta::assert_snapshot!(env.run(["retry"]), @"
    exit: 2
    --- stderr
    error: execution [ID] cannot be retried: its stage has neither failed nor been stopped (StageNotRetryableException)
    ");
}

#[test]
fn of_three_runs_at_once_the_second_is_superseded() {
    let env = Env::repository();
    waiting(&env, &["Build"]);
    let (first, _) = start_and_wait(&env, &["run"]);
    let second = env.start(["run"]);
    // It waits before stage Build as soon as its source has succeeded.
    until("the second to wait", || {
        let shown = env.run(["show"]);
        (shown.contains("Source        Succeeded") && shown.contains("Build         did not run"))
            .then_some(())
    });
    let third = env.start(["run"]);
    insta::assert_snapshot!(render(&second.finish()), @"
    exit: 1
    --- stdout
    Superseded service [SHORT] in [TIME]: execution [SHORT] is newer and took its place before stage Build
    --- stderr
    service [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      waits before stage Build, where another execution is
    ");
    open(&env);
    assert_eq!(first.finish().status.code(), Some(0));
    insta::assert_snapshot!(render(&third.finish()), @"
    exit: 0
    --- stdout
    Succeeded service [SHORT] in [TIME]
    --- stderr
    service [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      supersedes [SHORT], which waited before stage Build
      waits before stage Build, where another execution is
      Build/Run started
      Build/Run succeeded in [TIME]
    ");
}

#[test]
fn two_pipelines_do_not_wait_for_each_other() {
    let env = Env::repository();
    waiting(&env, &["Build"]);
    env.file("website.yml", &pipeline("website", &[("Build", "true")]));
    env.commit("another pipeline");
    let (first, _) = start_and_wait(&env, &["run", "service"]);
    env.stdout(["run", "website"], 0);
    env.stdout(["run", "service", "--until", "Source"], 0);
    open(&env);
    assert_eq!(first.finish().status.code(), Some(0));
}

#[test]
fn runs_of_the_working_tree_do_not_wait_for_others() {
    let env = Env::repository();
    waiting(&env, &["Build"]);
    let (first, _) = start_and_wait(&env, &["run"]);
    env.file("pipeline.yml", &pipeline("service", &[("Build", "true")]));
    env.stdout(["run", "--worktree"], 0);
    open(&env);
    assert_eq!(first.finish().status.code(), Some(0));
}

#[test]
fn a_log_is_followed_until_the_execution_ends() {
    let env = Env::repository();
    let gate = env.root().join("gate");
    let command = format!(
        "echo early; echo $$ > {0}.running; while ! test -e {0}; do sleep 0.05; done; echo late",
        gate.display()
    );
    env.file("pipeline.yml", &pipeline("service", &[("Build", &command), ("Test", "echo tested")]));
    env.commit("a pipeline that waits");
    let (run, _) = start_and_wait(&env, &["run"]);
    let follower = env.start(["logs", "-f"]);
    open(&env);
    assert_eq!(run.finish().status.code(), Some(0));
    let text = String::from_utf8(follower.finish().stdout).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| ["early", "late", "tested"].contains(line)).collect();
    assert_eq!(lines, ["early", "late", "tested"]);
}

#[test]
fn after_a_kill_nothing_lives_and_the_next_command_tells_the_truth() {
    let env = Env::repository();
    waiting(&env, &["Build"]);
    let (run, pid) = start_and_wait(&env, &["run"]);
    run.signal(Signal::KILL);
    run.finish();
    until("the guard to end the command", || (!lives(&pid)).then_some(()));
    insta::assert_snapshot!(env.run(["list"]), @"
    exit: 0
    --- stdout
    id        pipeline  status  started              took  source
    [SHORT]  service   Failed  [WHEN]  [TIME]  [SHORT] (main)
    --- stderr
    note: [SHORT] was interrupted: the process that ran it died
    ");
    open(&env);
    env.stdout(["retry"], 0);
}

#[test]
fn ctrl_c_of_a_run_that_waits_ends_nothing_and_says_so() {
    let env = Env::repository();
    waiting(&env, &["Build"]);
    let (first, _) = start_and_wait(&env, &["run"]);
    let second = env.start(["run"]);
    until("the second to wait", || {
        let shown = env.run(["show"]);
        (shown.contains("Source        Succeeded") && shown.contains("Build         did not run"))
            .then_some(())
    });
    second.signal(Signal::INT);
    let output = second.finish();
    assert_eq!(output.status.code(), Some(130));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.trim_end().ends_with("\n  stopping: no action runs"), "{told}");
    open(&env);
    assert_eq!(first.finish().status.code(), Some(0));
}

#[test]
fn what_ended_as_asked_is_not_retried() {
    let env = Env::with(&[("pipeline.yml", &pipeline("service", &[("Build", "true"), ("Test", "true")]))]);
    env.stdout(["run", "--until", "Build"], 0);
    insta::assert_snapshot!(env.run(["retry"]), @"
    exit: 2
    --- stderr
    error: [SHORT] ended as asked after stage Build: there is nothing to retry
    hint: a new `rehearsal run` goes further
    ");
}

//! Approvals: left pending, answered from another terminal, asked about at a terminal, answered beforehand.

use crate::env::{Env, Running, pipeline, render, until};

/// A pipeline that asks between its stages.
fn asking() -> String {
    let ask = "    - name: Approve
      actions:
        - name: Ask
          actionTypeId: { category: Approval, owner: AWS, provider: Manual, version: \"1\" }
          configuration: { CustomData: \"Release to production?\", ExternalEntityLink: \"https://example.com/changes\" }
    - name: Ship";
    pipeline("service", &[("Ship", "echo shipped > \"$CODEBUILD_SRC_DIR/shipped\"; echo shipped")]).replacen(
        "    - name: Ship",
        ask,
        1,
    )
}

fn repository() -> Env {
    Env::with(&[("pipeline.yml", &asking())])
}

/// The status of the newest execution, as `list --json` has it.
fn newest(env: &Env) -> serde_json::Value {
    let listed: serde_json::Value = serde_json::from_str(&env.stdout(["list", "--json"], 0)).unwrap();
    listed["executions"][0].clone()
}

fn await_question(env: &Env) {
    until("a pending approval", || {
        let shown = env.output(["show", "--json"]);
        let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).ok()?;
        (!shown["execution"]["approvals"].as_array()?.is_empty()).then_some(())
    });
}

#[test]
fn away_from_a_terminal_a_run_stops_at_the_approval_and_says_how_to_answer() {
    let env = repository();
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 5
    --- stdout
    Approve/Ask waits for an answer until [WHEN]
      Release to production?
      https://example.com/changes
    approve it: rehearsal approve [SHORT]
    reject it:  rehearsal reject [SHORT]
    --- stderr
    service [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Approve/Ask waits for an answer
    ");
    insta::assert_snapshot!(env.run(["show"]), @"
    exit: 0
    --- stdout
    service [ID] InProgress
      source      [COMMIT] (main)
      definition  pipeline.yml
      started     [WHEN]
      so far      [TIME]

    stage/action  status       took  note
    Source        Succeeded    [TIME]
      Checkout    Succeeded    [TIME]  first commit; gave Sources
    Approve       InProgress   [TIME]
      Ask         InProgress   [TIME]  waits for an answer until [WHEN]
    Ship          did not run
      Run         did not run

    variables
      Source.AuthorDate=[WHEN]
      Source.BranchName=main
      Source.CommitId=[COMMIT]
      Source.CommitMessage=first commit
      Source.CommitterDate=[WHEN]
      Source.RepositoryName=service

    Approve/Ask waits for an answer until [WHEN]
      Release to production?
      https://example.com/changes
    approve it: rehearsal approve [SHORT]
    reject it:  rehearsal reject [SHORT]
    ");
    insta::assert_snapshot!(env.run(["list"]), @"
    exit: 0
    --- stdout
    id        pipeline  status            started              took  source
    [SHORT]  service   InProgress, asks  [WHEN]  [TIME]  [SHORT] (main)
    ");
    insta::assert_snapshot!(env.run(["approve", "--comment", "looks good"]), @"
    exit: 0
    --- stdout
    Succeeded service [SHORT] in [TIME]
    --- stderr
      Approve/Ask was approved by rehearsal: looks good
      Ship/Run started
      Ship/Run succeeded in [TIME]
    ");
    assert_eq!(newest(&env)["status"], "Succeeded");
    insta::assert_snapshot!(env.run(["approve"]), @"
    exit: 2
    --- stderr
    error: no execution waits for an answer
    ");
}

#[test]
fn a_rejection_fails_the_execution_and_a_retry_asks_again() {
    let env = repository();
    assert_eq!(env.output(["run"]).status.code(), Some(5));
    insta::assert_snapshot!(env.run(["reject", "--comment", "not today"]), @"
    exit: 1
    --- stdout
    Failed service [SHORT] in [TIME]: rejected by rehearsal: not today
    run it again from there: rehearsal retry [SHORT]
    --- stderr
      Approve/Ask was rejected by rehearsal: not today
    ");
    insta::assert_snapshot!(env.run(["retry"]), @"
    exit: 5
    --- stdout
    Approve/Ask waits for an answer until [WHEN]
      Release to production?
      https://example.com/changes
    approve it: rehearsal approve [SHORT]
    reject it:  rehearsal reject [SHORT]
    --- stderr
    service [SHORT]: failed actions of stage Approve again, attempt 2
      Approve/Ask waits for an answer
    ");
    env.stdout(["approve"], 0);
}

#[test]
fn answers_may_be_given_beforehand() {
    let env = repository();
    insta::assert_snapshot!(env.run(["run", "--approve"]), @"
    exit: 0
    --- stdout
    Succeeded service [SHORT] in [TIME]
    --- stderr
    service [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Approve/Ask waits for an answer
      Approve/Ask was approved by rehearsal
      Ship/Run started
      Ship/Run succeeded in [TIME]
    ");
    insta::assert_snapshot!(env.run(["run", "--reject"]), @"
    exit: 1
    --- stdout
    Failed service [SHORT] in [TIME]: rejected by rehearsal
    run it again from there: rehearsal retry [SHORT]
    --- stderr
    service [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Approve/Ask waits for an answer
      Approve/Ask was rejected by rehearsal
    ");
    assert_eq!(env.output(["run", "--approve", "--reject"]).status.code(), Some(2));
}

#[test]
fn a_run_that_waits_goes_on_when_somebody_answers_elsewhere() {
    let env = repository();
    let waiting = env.start(["run", "--wait"]);
    await_question(&env);
    insta::assert_snapshot!(env.run(["approve"]), @"
    exit: 0
    --- stderr
    approved Approve/Ask
    [SHORT] is carried on by the process that runs it
    follow it with: rehearsal logs -f [SHORT]
    ");
    let output = waiting.finish();
    assert_eq!(output.status.code(), Some(0), "{}", render(&output));
}

#[test]
fn programs_are_told_what_is_pending() {
    let env = repository();
    let printed = env.stdout(["run", "--json"], 5);
    let last: serde_json::Value = serde_json::from_str(printed.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event"], &last["status"]), (&"finished".into(), &"InProgress".into()));
    assert_eq!(last["reason"], "pending");
    assert_eq!(last["approvals"][0]["action"], "Ask");
    assert_eq!(last["approvals"][0]["token"].as_str().unwrap().len(), 36);
}

#[test]
fn a_pending_approval_is_stopped_without_a_process() {
    let env = repository();
    assert_eq!(env.output(["run"]).status.code(), Some(5));
    insta::assert_snapshot!(env.run(["stop"]), @"
    exit: 0
    --- stderr
    stopped [SHORT]
    ");
    assert_eq!(newest(&env)["status"], "Stopped");
}

#[test]
fn a_run_behind_one_that_is_left_says_what_holds_the_stage() {
    let env = repository();
    assert_eq!(env.output(["run"]).status.code(), Some(5));
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 5
    --- stdout
    [SHORT] waits before stage Approve, where [SHORT] waits for an answer:
      Approve/Ask waits for an answer until [WHEN]
        Release to production?
        https://example.com/changes
    whoever answers it carries both on:
    approve it: rehearsal approve [SHORT]
    reject it:  rehearsal reject [SHORT]
    --- stderr
    service [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      waits before stage Approve, where another execution is
    ");
    // A third takes the place of the second.
    assert_eq!(env.output(["run"]).status.code(), Some(5));
    let listed: serde_json::Value = serde_json::from_str(&env.stdout(["list", "--json"], 0)).unwrap();
    let statuses: Vec<_> = listed["executions"].as_array().unwrap().iter().map(|e| &e["status"]).collect();
    assert_eq!(statuses, ["InProgress", "Superseded", "InProgress"]);
    // The third is carried on until it asks too.
    let first = env.output(["approve", listed["executions"][2]["id"].as_str().unwrap()]);
    assert_eq!(first.status.code(), Some(0), "{}", render(&first));
    assert!(String::from_utf8_lossy(&first.stderr).contains(" Approve/Ask waits for an answer"));
    assert_eq!(env.output(["approve"]).status.code(), Some(0));
    assert_eq!(newest(&env)["status"], "Succeeded");
}

#[test]
fn what_cannot_be_answered_says_why() {
    let env = repository();
    insta::assert_snapshot!(env.run(["approve"]), @"
    exit: 2
    --- stderr
    error: nothing was run here yet
    hint: `rehearsal run` runs a pipeline, `rehearsal build` a build
    ");
    env.stdout(["run", "--approve"], 0);
    let id = newest(&env)["id"].as_str().unwrap().to_owned();
    insta::assert_snapshot!(env.run(["approve", &id]), @"
    exit: 2
    --- stderr
    error: [SHORT] waits for no answer: it is Succeeded
    ");
    assert_eq!(env.output(["run"]).status.code(), Some(5));
    insta::assert_snapshot!(env.run(["reject", "--action", "Ship/Run"]), @"
    exit: 2
    --- stderr
    error: [SHORT] has no approval `Ship/Run` that waits
    hint: what waits is Approve/Ask
    ");
    let long = "x".repeat(513);
    insta::assert_snapshot!(env.run(["reject", "--comment", &long]), @"
    exit: 2
    --- stderr
    error: the comment on an approval has at most 512 characters (ValidationException)
    ");
}

/// A program that types at the terminal of a run. What it sends follows what it has seen.
const TYPIST: &str = "
import os, pty, subprocess, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], 'run'])
seen, steps = b'', iter(eval(sys.argv[2]))
step = next(steps, None)
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    seen += data
    sys.stdout.buffer.write(data)
    while step is not None and step[0].encode() in seen:
        seen = seen.split(step[0].encode(), 1)[1]
        if step[1] is None:
            subprocess.run([sys.argv[1], 'approve'], check=True, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        else:
            os.write(fd, step[1].encode())
        step = next(steps, None)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
";

/// Runs at a terminal; each step is what must be seen, and what is then typed (`None`: somebody approves elsewhere).
fn typing(env: &Env, steps: &str) -> (Option<i32>, String) {
    let program = env.rehearsal([]);
    let mut command = env.prepare("python3");
    for name in ["GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL"] {
        command.env_remove(name);
    }
    for who in ["AUTHOR", "COMMITTER"] {
        for what in ["NAME", "EMAIL", "DATE"] {
            command.env_remove(format!("GIT_{who}_{what}"));
        }
    }
    command.env_remove("COLUMNS").args(["-c", TYPIST]).arg(program.get_program()).arg(steps);
    let output = Running::of(command).finish();
    let screen = String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n");
    (output.status.code(), screen)
}

#[test]
fn at_a_terminal_somebody_is_asked() {
    let env = repository();
    let (code, screen) = typing(&env, "[('later? ', 'perhaps\\n'), ('later? ', 'approve ship it\\n')]");
    assert_eq!(code, Some(0), "{screen}");
    insta::assert_snapshot!(screen, @"
    service [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Approve/Ask waits for an answer
    Approve/Ask waits for an answer until [WHEN]
      Release to production?
      https://example.com/changes
    approve, reject or later? perhaps
    approve, reject or later? approve ship it
      Approve/Ask was approved by rehearsal: ship it
      Ship/Run started
      Ship/Run succeeded in [TIME]
    Succeeded service [SHORT] in [TIME]
    ");
    let (code, screen) = typing(&env, "[('later? ', 'no\\n')]");
    assert_eq!(code, Some(1), "{screen}");
    assert!(screen.contains("was rejected by"), "{screen}");
}

#[test]
fn the_answer_of_another_terminal_wakes_the_question() {
    let env = repository();
    let (code, screen) = typing(&env, "[('later? ', None)]");
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains("answered elsewhere\n"), "{screen}");
}

#[test]
fn whoever_does_not_want_to_say_leaves_it_pending() {
    let env = repository();
    for typed in ["later\\n", "\\x04"] {
        let (code, screen) = typing(&env, &format!("[('later? ', '{typed}')]"));
        assert_eq!(code, Some(5), "{screen}");
        assert!(screen.contains("approve it: rehearsal approve"), "{screen}");
        env.stdout(["stop"], 0);
    }
    let (code, screen) = typing(&env, "[('later? ', '\\x03')]");
    assert_eq!(code, Some(130), "{screen}");
    assert_eq!(newest(&env)["status"], "Stopped");
}

#[test]
fn stopping_what_is_left_says_who_was_waiting_for_it() {
    let env = repository();
    assert_eq!(env.output(["run"]).status.code(), Some(5));
    let first = newest(&env)["id"].as_str().unwrap().to_owned();
    assert_eq!(env.output(["run"]).status.code(), Some(5));
    insta::assert_snapshot!(env.run(["stop", &first]), @"
    exit: 0
    --- stderr
    stopped [SHORT]
    [SHORT] waited for it, and is next in stage Approve; nobody carries it on
    go on with it: rehearsal retry [SHORT]
    ");
    // Other commands leave it alone, and say the same.
    let listed = env.run(["list"]);
    assert!(listed.contains(", left  ") && !listed.contains("interrupted"), "{listed}");
    let shown = env.stdout(["show"], 0);
    assert!(shown.contains(" is next in stage Approve; nobody carries it on\n"), "{shown}");
    // The hint works as it is typed.
    let second = newest(&env)["id"].as_str().unwrap()[..8].to_owned();
    assert_eq!(env.output(["retry", &second]).status.code(), Some(5));
    env.stdout(["approve", &second], 0);
}

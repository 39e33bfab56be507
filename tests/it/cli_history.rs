//! `rehearsal list`, `show`, `logs` and `artifacts`: what is remembered of executions, for people and for programs.

use crate::env::{Env, buildspec, pipeline};

fn service(commands: &[(&str, &str)]) -> Env {
    Env::with(&[("pipeline.yml", &pipeline("service", commands))])
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn nothing_was_run_yet() {
    let env = service(&[("Build", "true")]);
    insta::assert_snapshot!(env.run(["list"]), @"
    exit: 0
    --- stderr
    nothing was run here yet
    ");
    insta::assert_snapshot!(env.run(["list", "--json"]), @r#"
    exit: 0
    --- stdout
    {"version":1,"executions":[]}
    "#);
    insta::assert_snapshot!(env.run(["show"]), @"
    exit: 2
    --- stderr
    error: nothing was run here yet
    hint: `rehearsal run` runs a pipeline, `rehearsal build` a build
    ");
}

#[test]
fn executions_are_listed_newest_first() {
    let env = service(&[("Build", "true"), ("Test", "exit 1")]);
    env.file("buildspec.yml", &buildspec(&["true"]));
    env.stdout(["run"], 1);
    env.stdout(["run", "--until", "Build"], 0);
    env.stdout(["build"], 0);
    let list = json(&env.stdout(["list", "--json"], 0));
    let executions = list["executions"].as_array().unwrap();
    let statuses: Vec<_> = executions.iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!((&list["version"], statuses), (&1.into(), vec!["Succeeded", "Stopped", "Failed"]));
    let mut oldest = executions[2].clone();
    oldest["started"].take();
    oldest["ended"].take();
    insta::assert_snapshot!(serde_json::to_string_pretty(&oldest).unwrap(), @r#"
    {
      "commit": "[COMMIT]",
      "ended": null,
      "id": "[ID]",
      "pipeline": "service",
      "reason": null,
      "simulated": 0,
      "started": null,
      "status": "Failed",
      "stream": "pipeline/service",
      "worktree": false
    }
    "#);
    assert_eq!(env.stdout(["list", "service"], 0).lines().count(), 3);
    insta::assert_snapshot!(env.run(["list", "servise"]), @"
    exit: 2
    --- stderr
    error: nothing called `servise` was run here
    hint: did you mean `service`?
    ");
}

#[test]
fn an_execution_is_shown_with_its_stages_artifacts_and_variables() {
    let env = service(&[("Build", "echo broken; exit 4"), ("Test", "true")]);
    env.stdout(["run"], 1);
    insta::assert_snapshot!(env.stdout(["show"], 0), @"
    service [ID] Failed
      source      [COMMIT] (main)
      definition  pipeline.yml
      started     [WHEN]
      took  [TIME]

    stage/action  status       took  note
    Source        Succeeded    [TIME]
      Checkout    Succeeded    [TIME]  first commit; gave Sources
    Build         Failed       [TIME]
      Run         Failed       [TIME]  BUILD: COMMAND_EXECUTION_ERROR
    Test          did not run
      Run         did not run

    variables
      Source.AuthorDate=[WHEN]
      Source.BranchName=main
      Source.CommitId=[COMMIT]
      Source.CommitMessage=first commit
      Source.CommitterDate=[WHEN]
      Source.RepositoryName=service

    Build/Run failed in phase BUILD
      command      echo broken; exit 4
      exit status  4
      reason       COMMAND_EXECUTION_ERROR: Error while executing command: echo broken; exit 4. Reason: exit status 4
      log          [WORK]/.git/rehearsal/logs/[ID]/[ID].log

      │ [Container] [WHEN] Running command echo broken; exit 4
      │ broken
      │ [Container] [WHEN] Command did not exit successfully echo broken; exit 4 exit status 4

    run it again from there: rehearsal retry [SHORT]
    ");
}

#[test]
fn an_execution_is_shown_to_programs() {
    let env = service(&[("Build", "exit 4")]);
    env.stdout(["run"], 1);
    let document = json(&env.stdout(["show", "--json"], 0));
    assert_eq!(document["version"], 1);
    let execution = &document["execution"];
    assert_eq!((&execution["pipeline"], &execution["status"]), (&"service".into(), &"Failed".into()));
    let run = &execution["stages"][1]["actions"][0]["runs"][0];
    assert_eq!((&run["status"], &run["failure"]["exit_status"]), (&"Failed".into(), &4.into()));
    assert!(std::path::Path::new(run["log"].as_str().unwrap()).is_file());
}

#[test]
fn the_beginning_of_an_id_is_enough_when_it_is_one_only() {
    let env = service(&[("Build", "true")]);
    env.stdout(["run"], 0);
    env.stdout(["run"], 0);
    let list = json(&env.stdout(["list", "--json"], 0));
    let older = list["executions"][1]["id"].as_str().unwrap().to_owned();
    for part in [&older[..8], &older[..13], &older, &older.to_uppercase()] {
        assert!(env.stdout(["show", part], 0).contains(&older), "{part}");
    }
    insta::assert_snapshot!(env.run(["show", ""]).lines().take(3).collect::<Vec<_>>().join("\n"), @"
    exit: 2
    --- stderr
    error: 2 executions begin with ``
    ");
    insta::assert_snapshot!(env.run(["show", "service"]), @"
    exit: 2
    --- stderr
    error: no execution's id begins with `service`
    hint: `rehearsal list service` shows the executions of that name
    ");
    let mut near = older[..8].to_owned();
    near.replace_range(..1, if older.starts_with('z') { "y" } else { "z" });
    assert!(env.run(["show", &near]).contains(&format!("hint: did you mean {}?", &older[..8])));
}

#[test]
fn logs_hold_exactly_what_commands_wrote() {
    let env =
        service(&[("Build", "printf 'a\\033[31mred\\033[0m\\0b\\n'; echo err >&2"), ("Test", "echo tested")]);
    env.stdout(["run"], 0);
    let log = env.stdout(["logs", "--action", "Build/Run"], 0);
    assert!(log.contains("a\u{1b}[31mred\u{1b}[0m\0b\n") && log.contains("\nerr\n"), "{log:?}");
    let all = env.stdout(["logs"], 0);
    let headings: Vec<_> = all.lines().filter(|line| line.starts_with("==> ")).collect();
    assert_eq!(headings, ["==> Build/Run", "==> Test/Run"]);
    let stamped = env.stdout(["logs", "--timestamps", "--action", "Test/Run"], 0);
    let line = stamped.lines().find(|line| line.ends_with(" tested")).unwrap();
    insta::assert_snapshot!(line, @"[WHEN] [Container] [WHEN] Running command echo tested");
    insta::assert_snapshot!(env.run(["logs", "--action", "Build/Rnu"]), @"
    exit: 2
    --- stderr
    error: service has no action `Build/Rnu`
    hint: did you mean `Build/Run`?
    ");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let env = service(&[("Build", "head -c 2000000 /dev/zero | tr '\\0' '\\n'")]);
    env.stdout(["run"], 0);
    let mut command = env.rehearsal(["logs"]);
    let mut child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[test]
fn artifacts_are_listed_and_unpacked() {
    let env =
        Env::with(&[("pipeline.yml", &pipeline("service", &[("Build", "true")])), ("src/main", "text")]);
    env.stdout(["run"], 0);
    insta::assert_snapshot!(env.stdout(["artifacts"], 0), @"
    name     action           size   archive
    Sources  Source/Checkout  691 B  [WORK]/.git/rehearsal/artifacts/[SHA256]
    ");
    let list = json(&env.stdout(["artifacts", "--json"], 0));
    assert_eq!((&list["version"], &list["artifacts"][0]["name"]), (&1.into(), &"Sources".into()));
    insta::assert_snapshot!(env.run(["artifacts", "--extract", "Sources", "out"]), @"
    exit: 0
    --- stderr
    unpacked 3 entries into [WORK]/out
    ");
    assert_eq!(std::fs::read_to_string(env.work().join("out/src/main")).unwrap(), "text");
    insta::assert_snapshot!(env.run(["artifacts", "--extract", "Sources", "out"]), @"
    exit: 2
    --- stderr
    error: [WORK]/out is not empty
    ");
    insta::assert_snapshot!(env.run(["artifacts", "--extract", "Binary", "other"]), @"
    exit: 2
    --- stderr
    error: [SHORT] gave no artifact `Binary`
    hint: it gave Sources
    ");
}

#[test]
fn a_worktree_shares_the_history_of_its_repository() {
    let env = service(&[("Build", "true")]);
    env.git(["worktree", "add", "--quiet", "../tmp/other"]);
    let mut command = env.rehearsal(["run"]);
    let output = command.current_dir(env.root().join("tmp/other")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", crate::env::render(&output));
    let list = env.stdout(["list"], 0);
    assert!(list.contains("service") && list.contains("(other)"), "{list}");
}

#[test]
fn retention_keeps_the_newest_and_the_last_success() {
    let env = service(&[("Build", "true")]);
    env.stdout(["run"], 0);
    let green = json(&env.stdout(["list", "--json"], 0))["executions"][0]["id"].clone();
    env.file("pipeline.yml", &pipeline("service", &[("Build", "exit 1")]));
    env.commit("broken");
    for _ in 0..21 {
        env.stdout(["run"], 1);
    }
    let list = json(&env.stdout(["list", "--json"], 0));
    let executions = list["executions"].as_array().unwrap();
    assert_eq!((executions.len(), &executions.last().unwrap()["id"]), (21, &green));
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_left_alone() {
    let env = service(&[("Build", "true")]);
    env.stdout(["run"], 0);
    let store = env.work().join(".git/rehearsal/events.sqlite3");
    let script =
        "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute('PRAGMA user_version = 99')";
    assert!(env.prepare("python3").args(["-c", script]).arg(&store).status().unwrap().success());
    insta::assert_snapshot!(env.run(["list"]), @"
    exit: 4
    --- stderr
    error: [WORK]/.git/rehearsal/events.sqlite3 was written by a newer version of Rehearsal (store format 99, this one knows 1): use that version, or move the folder away to begin a new history
    ");
}

#[test]
fn given_variables_are_shown_and_cut_lines_are_marked() {
    let definition = pipeline("service", &[("Build", "true")])
        + "  variables: [{ name: TAG, defaultValue: latest }, { name: WHO, defaultValue: nobody }]\n";
    let env = Env::repository();
    env.file("pipeline.yml", &definition);
    env.commit("subject\n\nbody");
    env.stdout(["run", "--var", "WHO=one\ntwo"], 0);
    let shown = env.stdout(["show"], 0);
    assert!(shown.contains("\n  given       WHO=one…\n"), "{shown}");
    assert!(!shown.contains("TAG"), "{shown}");
    assert!(shown.contains("\n  Source.CommitMessage=subject…\n"), "{shown}");
}

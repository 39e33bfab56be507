//! `rehearsal run`: what it prints, reads and refuses to read, and how it ends.

use crate::env::{Env, buildspec, pipeline, render};

#[test]
fn a_buildspec_alone_gives_a_pipeline_and_what_was_assumed_is_said() {
    let env = Env::with(&[("buildspec.yml", &buildspec(&["echo hello"]))]);
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 0
    --- stdout
    Succeeded work [SHORT] in [TIME]
    --- stderr
    note: commit [SHORT] has no pipeline definition: assumed pipeline `work`, Source (branch main) and Build
    note: assumed project `work`: buildspec.yml, CodeBuild's default settings
    work [SHORT]: [SHORT] (main)
      Source/Source started
      Source/Source succeeded in [TIME]
      Build/Build started
      Build/Build succeeded in [TIME]
    ");
}

#[test]
fn a_pipeline_goes_through_its_stages_with_variables_and_artifacts() {
    let env = Env::with(&[(
        "pipeline.yml",
        &pipeline("service", &[("Build", "echo building #{Source.CommitId}"), ("Test", "true")]),
    )]);
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 0
    --- stdout
    Succeeded service [SHORT] in [TIME]
    --- stderr
    service [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Build/Run started
      Build/Run succeeded in [TIME]
      Test/Run started
      Test/Run succeeded in [TIME]
    ");
    let log = env.stdout(["logs", "--action", "Build/Run"], 0);
    let printed: String = log.lines().filter(|line| !line.starts_with("[Container]")).collect();
    insta::assert_snapshot!(printed, @"building [COMMIT]");
}

#[test]
fn a_failure_names_phase_command_status_log_and_what_to_type_next() {
    let env = Env::with(&[(
        "pipeline.yml",
        &pipeline("service", &[("Build", "echo about to fail; exit 3"), ("Test", "true")]),
    )]);
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 1
    --- stdout
    Build/Run failed in phase BUILD
      command      echo about to fail; exit 3
      exit status  3
      reason       COMMAND_EXECUTION_ERROR: Error while executing command: echo about to fail; exit 3. Reason: exit status 3
      log          [WORK]/.git/rehearsal/logs/[ID]/[ID].log

      │ [Container] [WHEN] Running command echo about to fail; exit 3
      │ about to fail
      │ [Container] [WHEN] Command did not exit successfully echo about to fail; exit 3 exit status 3

    Failed service [SHORT] in [TIME]
    run it again from there: rehearsal retry [SHORT]
    --- stderr
    service [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Build/Run started
      Build/Run failed in [TIME]
    ");
}

#[test]
fn both_of_two_parallel_actions_run_and_each_failure_is_reported() {
    let mut definition = pipeline("service", &[("Build", "echo one; exit 1")]);
    definition.push_str(
        "        - name: Other
          actionTypeId: { category: Compute, owner: AWS, provider: Commands, version: \"1\" }
          inputArtifacts: [{ name: Sources }]
          commands: [\"echo two; exit 2\"]
",
    );
    let env = Env::with(&[("pipeline.yml", &definition)]);
    let output = env.output(["run"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    for part in ["Build/Run failed in phase BUILD", "exit status  1", "Build/Other failed", "exit status  2"]
    {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
}

#[test]
fn until_stops_behind_a_stage_and_is_no_failure() {
    let env = Env::with(&[("pipeline.yml", &pipeline("service", &[("Build", "true"), ("Test", "exit 1")]))]);
    insta::assert_snapshot!(env.run(["run", "--until", "Build"]), @"
    exit: 0
    --- stdout
    Stopped service [SHORT] in [TIME], as asked after stage Build
    --- stderr
    service [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Build/Run started
      Build/Run succeeded in [TIME]
    ");
    insta::assert_snapshot!(env.run(["run", "--until", "Biuld"]), @"
    exit: 2
    --- stderr
    error: pipeline service has no stage `Biuld`
    hint: did you mean `Build`?
    ");
}

#[test]
fn pipeline_variables_are_given_and_checked() {
    let mut definition = pipeline("service", &[("Build", "echo tag=#{variables.TAG}")]);
    definition.push_str("  variables: [{ name: TAG, defaultValue: latest }, { name: WHO }]\n");
    let env = Env::with(&[("pipeline.yml", &definition)]);
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 2
    --- stderr
    error: variable `WHO` has no default value
    hint: give it one: --var WHO=VALUE
    ");
    insta::assert_snapshot!(env.run(["run", "--var", "WHO=me", "--var", "TGA=1"]), @"
    exit: 2
    --- stderr
    error: pipeline service has no variable `TGA`
    hint: did you mean `TAG`?
    ");
    insta::assert_snapshot!(env.run(["run", "--var", "WHO=me", "--var", "WHO=you"]), @"
    exit: 2
    --- stderr
    error: --var WHO is given twice
    ");
    env.stdout(["run", "--var", "WHO=me", "--var", "TAG=a b"], 0);
    let log = env.stdout(["logs", "--action", "Build/Run"], 0);
    assert!(log.contains("\ntag=a b\n"), "{log}");
}

#[test]
fn events_are_json_lines_that_begin_with_started_and_end_with_finished() {
    let env = Env::with(&[("pipeline.yml", &pipeline("service", &[("Build", "exit 3")]))]);
    let text = env.stdout(["run", "--json"], 1);
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(text.lines().all(|line| line.starts_with("{\"event\":\"")), "{text}");
    let (first, last) = (&lines[0], lines.last().unwrap());
    assert_eq!((&first["event"], &first["version"]), (&"started".into(), &1.into()));
    assert_eq!((&last["event"], &last["status"]), (&"finished".into(), &"Failed".into()));
    assert!(lines.iter().all(|line| line["execution"] == first["execution"]));
    let names: Vec<_> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    let documented = include_str!("../../docs/json.md");
    assert!(names.iter().all(|name| documented.contains(&format!("| `{name}` |"))), "{names:?}");
    insta::assert_snapshot!(names.join("\n"), @"
    started
    stage-started
    action-started
    action-finished
    stage-finished
    stage-started
    action-started
    phase-started
    phase-finished
    phase-started
    phase-finished
    phase-started
    phase-finished
    phase-started
    phase-finished
    phase-started
    phase-finished
    phase-started
    phase-finished
    phase-started
    phase-finished
    action-finished
    stage-finished
    finished
    ");
    let ended =
        lines.iter().find(|line| line["event"] == "action-finished" && line["stage"] == "Build").unwrap();
    let log = std::fs::read_to_string(ended["log"].as_str().unwrap()).unwrap();
    assert!(log.contains("Running command exit 3"), "{log}");
    insta::assert_snapshot!(ended["failure"], @r#"{"code":"COMMAND_EXECUTION_ERROR","command":"exit 3","exit_status":3,"message":"Error while executing command: exit 3. Reason: exit status 3","phase":"BUILD"}"#);
}

#[test]
fn definitions_come_from_the_commit_and_changes_are_named() {
    let env = Env::with(&[("pipeline.yml", &pipeline("service", &[("Build", "echo committed")]))]);
    env.file("pipeline.yml", &pipeline("service", &[("Build", "echo changed"), ("Extra", "true")]));
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 0
    --- stdout
    Succeeded service [SHORT] in [TIME]
    --- stderr
    warning: pipeline.yml is changed and not committed; what runs is commit [SHORT] (--worktree runs the changes)
    service [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Build/Run started
      Build/Run succeeded in [TIME]
    ");
    insta::assert_snapshot!(env.run(["run", "--worktree"]), @"
    exit: 0
    --- stdout
    Succeeded service [SHORT] in [TIME]
    --- stderr
    service [SHORT]: working tree on [SHORT]
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Build/Run started
      Build/Run succeeded in [TIME]
      Extra/Run started
      Extra/Run succeeded in [TIME]
    ");
    assert!(env.stdout(["logs", "--action", "Build/Run"], 0).contains("\nchanged\n"));
}

#[test]
fn stand_ins_and_inherited_variables_come_from_the_working_tree_only() {
    let spec = "version: 0.2
env:
  parameter-store: { TOKEN: /service/token }
  secrets-manager: { PASSWORD: 'service/db:password' }
phases:
  build:
    commands: ['echo token=$TOKEN | tr a-z A-Z', 'echo $PASSWORD | wc -c', 'echo region=$SERVICE_REGION']
";
    let theirs = "parameters: { /service/token: theirs }\nlocal: { inherit: [SERVICE_REGION] }\n";
    let mut env = Env::with(&[("buildspec.yml", spec), ("rehearsal.yml", theirs)]);
    env.set("SERVICE_REGION", "eu-north-1");
    env.file(
        "rehearsal.yml",
        "parameters: { /service/token: { command: 'printf mine' } }\nsecrets: { service/db: { file: db.json } }\n",
    );
    env.file("db.json", "{\"password\": \"1234567\"}");
    env.stdout(["run"], 0);
    let log = env.stdout(["logs", "--action", "Build/Build"], 0);
    for line in ["TOKEN=MINE", "8", "region="] {
        assert!(log.lines().any(|found| found == line), "{line} is missing:\n{log}");
    }
}

#[test]
fn several_pipelines_are_listed_and_one_is_run_by_its_name() {
    let env = Env::with(&[
        ("service.yml", &pipeline("service", &[("Build", "true")])),
        ("ci/website.yml", &pipeline("website", &[("Build", "true")])),
    ]);
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 2
    --- stderr
    error: commit [SHORT] has 2 pipelines
    hint: name one of them:
      website  (ci/website.yml)
      service  (service.yml)
    ");
    insta::assert_snapshot!(env.run(["run", "website"]), @"
    exit: 0
    --- stdout
    Succeeded website [SHORT] in [TIME]
    --- stderr
    website [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Build/Run started
      Build/Run succeeded in [TIME]
    ");
    insta::assert_snapshot!(env.run(["run", "websiet"]), @"
    exit: 2
    --- stderr
    error: commit [SHORT] has no pipeline called `websiet`
    hint: did you mean `website`?
    ");
}

#[test]
fn another_commit_branch_or_tag_is_run_when_named() {
    let env = Env::with(&[("pipeline.yml", &pipeline("service", &[("Build", "echo old")]))]);
    env.git(["tag", "v1"]);
    env.file("pipeline.yml", &pipeline("service", &[("Build", "echo new")]));
    env.commit("second commit");
    insta::assert_snapshot!(env.run(["run", "--commit", "v1"]), @"
    exit: 0
    --- stdout
    Succeeded service [SHORT] in [TIME]
    --- stderr
    service [SHORT]: [SHORT] (v1)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Build/Run started
      Build/Run succeeded in [TIME]
    ");
    insta::assert_snapshot!(env.run(["run", "--commit", "HEAD~1"]), @"
    exit: 0
    --- stdout
    Succeeded service [SHORT] in [TIME]
    --- stderr
    service [SHORT]: [SHORT]
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Build/Run started
      Build/Run succeeded in [TIME]
    ");
}

#[test]
fn a_run_goes_on_when_nobody_reads_its_events() {
    let env = Env::with(&[("pipeline.yml", &pipeline("service", &[("Build", "true"), ("Test", "true")]))]);
    let mut command = env.rehearsal(["run", "--json"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(env.stdout(["list"], 0).contains("Succeeded"));
}

#[test]
fn a_run_gives_no_advice_and_a_warning_is_told_once() {
    let definition = pipeline("service", &[("Build", "true")])
        .replace("  roleArn: arn:aws:iam::111122223333:role/pipeline\n", "");
    let env = Env::with(&[("pipeline.yml", &definition)]);
    let output = env.output(["run", "--strict"]);
    assert_eq!(output.status.code(), Some(0), "{}", render(&output));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("service "), "{told}");

    env.file("buildspec.yml", "version: 0.2\nphases:\n  build:\n    comands: [x]\n    commands: ['true']\n");
    let output = env.output(["build"]);
    let told = render(&output);
    assert_eq!(told.matches("Found possible syntax errors").count(), 1, "{told}");
    assert_eq!(told.matches("does not know").count(), 1, "{told}");
}

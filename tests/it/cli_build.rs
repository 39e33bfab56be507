//! `rehearsal build`: what it builds, what it passes on, and where the artifacts go.

use crate::env::{Env, buildspec, pipeline};

/// What the commands themselves wrote to standard error, without the agent's lines.
fn talk(env: &Env, arguments: &[&str]) -> String {
    let text = env.run(arguments.iter().copied());
    text.lines().filter(|line| !line.starts_with("[Container]")).collect::<Vec<_>>().join("\n")
}

#[test]
fn commands_write_to_the_streams_they_wrote_to() {
    let env = Env::with(&[("buildspec.yml", &buildspec(&["echo to stdout", "echo to stderr >&2"]))]);
    insta::assert_snapshot!(talk(&env, &["build"]), @"
    exit: 0
    --- stdout
    to stdout
    to stderr
    --- stderr
    Succeeded work [SHORT] in [TIME]
    ");
}

#[test]
fn advice_is_for_check_and_not_for_those_who_build() {
    let file = "version: 0.2\nphases: { build: { commands: echo built } }\nartifacts: { files: '**/*' }\n";
    let env = Env::with(&[("buildspec.yml", file)]);
    assert!(env.run(["check", "--pedantic"]).contains("string-for-list"));
    insta::assert_snapshot!(talk(&env, &["build", "--strict"]), @"
    exit: 0
    --- stdout
    built
    --- stderr
    Succeeded work [SHORT] in [TIME]
    ");
}

#[test]
fn the_working_tree_is_built_as_it_is_and_not_touched() {
    let env = Env::with(&[
        (
            "buildspec.yml",
            &buildspec(&["cat file", "ls", "echo changed by the build > file", "git init -q x"]),
        ),
        ("file", "committed\n"),
        (".gitignore", "ignored\n"),
    ]);
    env.file("file", "changed\n");
    env.file("untracked", "");
    env.file("ignored", "");
    assert_eq!(env.stdout(["build"], 0), "changed\nbuildspec.yml\nfile\nuntracked\n");
    assert_eq!(env.stdout(["build", "--commit", "HEAD"], 0), "committed\nbuildspec.yml\nfile\n");
    assert_eq!(env.git(["status", "--short"]), " M file\n?? untracked\n");
}

#[test]
fn a_failure_is_told_without_repeating_what_was_seen() {
    let env = Env::with(&[("buildspec.yml", &buildspec(&["echo before; exit 7"]))]);
    insta::assert_snapshot!(talk(&env, &["build"]), @"
    exit: 1
    --- stdout
    before
    --- stderr

    work failed in phase BUILD
      command      echo before; exit 7
      exit status  7
      reason       COMMAND_EXECUTION_ERROR: Error while executing command: echo before; exit 7. Reason: exit status 7
      log          [WORK]/.git/rehearsal/logs/[ID]/[ID].log

    Failed work [SHORT] in [TIME]
    run it again: rehearsal build
    ");
}

#[test]
fn variables_of_the_start_beat_those_of_the_file_and_the_buildspec() {
    let spec = "version: 0.2
env: { variables: { A: buildspec, B: buildspec, C: buildspec } }
phases: { build: { commands: ['echo $A $B $C $D'] } }
";
    let env = Env::with(&[("buildspec.yml", spec)]);
    env.file("variables.env", "# for tests\nA=file\nB=file\nD=with spaces\n");
    let arguments = ["build", "--env-file", "variables.env", "-e", "A=start"];
    assert_eq!(env.stdout(arguments, 0), "start file buildspec with spaces\n");
    insta::assert_snapshot!(env.run(["build", "--env-file", "absent.env"]), @"
    exit: 2
    --- stderr
    error: cannot read [WORK]/absent.env: No such file or directory (os error 2)
    ");
    env.file("broken.env", "A=1\nexport B\n");
    insta::assert_snapshot!(env.run(["build", "--env-file", "broken.env"]), @"
    exit: 2
    --- stderr
    error: [WORK]/broken.env:2: `export B` is not NAME=VALUE
    ");
}

#[test]
fn artifacts_are_kept_and_unpacked_where_asked() {
    let spec = "version: 0.2
phases: { build: { commands: ['mkdir out; echo one > out/one; echo two > two'] } }
artifacts:
  files: ['**/*']
  base-directory: out
  secondary-artifacts:
    other: { files: [two] }
";
    let env = Env::with(&[("buildspec.yml", spec)]);
    env.stdout(["build", "--artifacts", "made"], 0);
    let read = |path: &str| std::fs::read_to_string(env.work().join(path)).unwrap();
    assert_eq!((read("made/work/one"), read("made/other/two")), ("one\n".to_owned(), "two\n".to_owned()));
    insta::assert_snapshot!(talk(&env, &["build", "--artifacts", "made"]), @"
    exit: 2
    --- stderr
    error: [WORK]/made is not empty
    ");
    let table = env.stdout(["artifacts"], 0);
    assert!(table.contains("work") && table.contains("other"), "{table}");
}

#[test]
fn a_project_gives_its_buildspec_image_and_variables() {
    let projects = "projects:
  - name: unit
    source: { buildspec: ci/unit.yml }
    environment: { image: 'aws/codebuild/amazonlinux2-x86_64-standard:5.0', environmentVariables: [{ name: WHO, value: unit }] }
  - name: lint
    source: { buildspec: ci/lint.yml }
";
    let env = Env::with(&[
        ("rehearsal.yml", projects),
        ("ci/unit.yml", &buildspec(&["echo $WHO on $CODEBUILD_BUILD_IMAGE, build $CODEBUILD_BUILD_NUMBER"])),
        ("ci/lint.yml", &buildspec(&["echo lint of $CODEBUILD_INITIATOR"])),
    ]);
    let image = "aws/codebuild/amazonlinux2-x86_64-standard:5.0";
    assert_eq!(env.stdout(["build", "--project", "unit"], 0), format!("unit on {image}, build 1\n"));
    assert_eq!(env.stdout(["build", "--project", "unit"], 0), format!("unit on {image}, build 2\n"));
    assert_eq!(env.stdout(["build", "--project", "lint"], 0), "lint of rehearsal\n");
    assert_eq!(env.stdout(["build", "--buildspec", "ci/lint.yml"], 0), "lint of rehearsal\n");
    insta::assert_snapshot!(env.run(["build"]), @"
    exit: 2
    --- stderr
    error: rehearsal.yml has 2 projects and none is named
    hint: name one with --project: unit, lint
    ");
    insta::assert_snapshot!(env.run(["build", "--project", "untt"]), @"
    exit: 2
    --- stderr
    error: the working tree has no project `untt`
    hint: did you mean `unit`?
    ");
    insta::assert_snapshot!(env.run(["build", "--buildspec", "ci/lnit.yml"]), @"
    exit: 2
    --- stderr
    note: no project is named, so default settings apply (--project: unit, lint)
    error: the working tree has no ci/lnit.yml
    ");
}

#[test]
fn a_buildspec_is_found_from_below_the_top_too() {
    let env = Env::with(&[("ci/build.yml", &buildspec(&["ls"]))]);
    let mut command = env.rehearsal(["build", "--buildspec", "build.yml"]);
    let output = command.current_dir(env.work().join("ci")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "ci\n");
}

#[test]
fn outside_a_repository_the_folder_is_built_and_remembered() {
    let env = Env::new();
    env.file("buildspec.yml", &buildspec(&["cat file"]));
    env.file("file", "content\n");
    assert_eq!(env.stdout(["build"], 0), "content\n");
    insta::assert_snapshot!(env.stdout(["list"], 0), @"
    id        pipeline  status     started              took  source
    [SHORT]  work      Succeeded  [WHEN]  [TIME]  working tree
    ");
    assert!(env.root().join("state/rehearsal").exists());
    insta::assert_snapshot!(env.run(["build", "--commit", "HEAD"]), @"
    exit: 2
    --- stderr
    error: --commit needs a git repository around the working directory
    ");
}

#[test]
fn a_time_limit_ends_the_build_with_its_own_code() {
    let env = Env::with(&[("buildspec.yml", &buildspec(&["sleep 600"]))]);
    insta::assert_snapshot!(talk(&env, &["build", "--timeout", "500ms"]), @"
    exit: 3
    --- stderr

    work timed out in phase BUILD
      command  sleep 600
      reason   BUILD_TIMED_OUT: Build has timed out. It was allowed 0.5 s.
      log      [WORK]/.git/rehearsal/logs/[ID]/[ID].log

    Failed work [SHORT] in [TIME]: a time limit passed
    run it again: rehearsal build --timeout 500ms
    ");
}

#[test]
fn events_of_a_build_are_the_same_as_those_of_a_pipeline() {
    let env = Env::with(&[("buildspec.yml", &buildspec(&["echo not on stdout"]))]);
    let text = env.stdout(["build", "--json"], 0);
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["event"], "started");
    assert_eq!(lines.last().unwrap()["status"], "Succeeded");
    assert!(!text.contains("not on stdout\n"));
}

#[test]
fn strict_takes_warnings_for_failures() {
    let spec = format!("{}unknown: key\n", buildspec(&["true"]));
    let env = Env::with(&[("buildspec.yml", &spec)]);
    env.stdout(["build"], 0);
    insta::assert_snapshot!(talk(&env, &["build", "--strict"]), @r#"
    exit: 1
    --- stderr
    unknown-key (https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html)

      ⚠ CodeBuild does not know `unknown`
       ╭─[buildspec.yml:6:1]
     5 │       - "true"
     6 │ unknown: key
       · ───┬───
       ·    ╰── ignored
       ╰────

    Succeeded work [SHORT] in [TIME]
    not good enough for --strict: 1 warning, 0 simulated
    "#);
}

#[test]
fn a_build_alone_is_shown_and_not_retried() {
    let env = Env::with(&[
        ("buildspec.yml", &buildspec(&["exit 1"])),
        ("pipeline.yml", &pipeline("service", &[("Build", "true")])),
    ]);
    env.stdout(["build"], 1);
    insta::assert_snapshot!(env.run(["retry"]), @"
    exit: 2
    --- stderr
    error: a build alone has no stage to retry
    hint: run `rehearsal build` again
    ");
    insta::assert_snapshot!(env.stdout(["show"], 0), @"
    work [ID] Failed
      source   working tree on [SHORT]
      started  [WHEN]
      took  [TIME]

    stage/action  status  took  note
    Build         Failed  [TIME]
      Build       Failed  [TIME]  BUILD: COMMAND_EXECUTION_ERROR

    work failed in phase BUILD
      command      exit 1
      exit status  1
      reason       COMMAND_EXECUTION_ERROR: Error while executing command: exit 1. Reason: exit status 1
      log          [WORK]/.git/rehearsal/logs/[ID]/[ID].log

      │ [Container] [WHEN] Running command exit 1
      │ [Container] [WHEN] Command did not exit successfully exit 1 exit status 1
    ");
}

#[test]
fn a_repository_that_cannot_be_read_is_built_as_a_folder() {
    let env = Env::new();
    env.git(["init", "--quiet", "--object-format=sha256", "."]);
    env.file("buildspec.yml", &buildspec(&["ls -A"]));
    insta::assert_snapshot!(talk(&env, &["build"]), @"
    exit: 0
    --- stdout
    buildspec.yml
    --- stderr
    warning: the repository at [WORK] uses an object format other than SHA-1, which is not supported; going on as if there were none
    Succeeded work [SHORT] in [TIME]
    ");
}

#[test]
fn a_bare_repository_is_built_and_run_by_its_commits() {
    let env = Env::with(&[("buildspec.yml", &buildspec(&["echo built"]))]);
    env.git(["clone", "--quiet", "--bare", ".", "../tmp/bare.git"]);
    let run = |arguments: &[&str]| {
        let mut command = env.rehearsal(arguments.iter().copied());
        command.current_dir(env.root().join("tmp/bare.git")).output().unwrap()
    };
    let output = run(&["build", "--commit", "main"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "built\n");
    insta::assert_snapshot!(crate::env::render(&run(&["build"])), @"
    exit: 2
    --- stderr
    error: this repository has no working tree
    hint: name a commit with --commit
    ");
    assert_eq!(run(&["run"]).status.code(), Some(0));
    assert_eq!(run(&["run", "--worktree"]).status.code(), Some(2));
}

#[test]
fn a_failed_build_says_how_to_run_it_again() {
    let env = Env::new();
    env.file("ci/b.yml", &buildspec(&["test \"$WHO\" = me"]));
    let output = env.output(["build", "--buildspec", "ci/b.yml", "-e", "WHO=the other"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    let last = "\nrun it again: rehearsal build --buildspec ci/b.yml -e 'WHO=the other'\n";
    assert!(told.ends_with(last), "{told}");
    let output = env.output(["build", "--buildspec", "ci/b.yml", "-e", "WHO=me"]);
    assert!(!String::from_utf8(output.stderr).unwrap().contains("again"));
}

#[test]
fn a_time_limit_longer_than_the_projects_own_does_not_hold_and_that_is_said() {
    let env = Env::with(&[("buildspec.yml", &buildspec(&["true"]))]);
    for command in ["build", "run"] {
        let told = |limit| String::from_utf8(env.output([command, "--timeout", limit]).stderr).unwrap();
        let note = "note: --timeout only shortens: project work still has its own limit of 60 minutes\n";
        assert!(told("5h").contains(note), "{command}: {}", told("5h"));
        assert!(!told("30m").contains("--timeout"), "{command}");
        assert!(told("1d").contains("a number with a unit (h, m or s)"), "{}", told("1d"));
    }
}

/// What was there of a repository's own: every ref, and the files of `.git` that a command may change.
fn state_of_git(env: &Env) -> String {
    let files =
        ["HEAD", "config", "index"].map(|name| std::fs::read(env.work().join(".git").join(name)).ok());
    format!("{}{files:?}", env.git(["for-each-ref"]))
}

#[test]
fn a_source_that_codebuild_clones_comes_with_a_git_repository_of_its_own() {
    let git = "git rev-parse HEAD; git rev-parse --abbrev-ref HEAD; git status --short; git rev-list --count HEAD; git remote -v";
    let env = Env::with(&[("buildspec.yml", &buildspec(&[git])), ("file", "committed\n")]);
    let first = env.git(["rev-parse", "HEAD"]).trim().to_owned();
    env.file("file", "again\n");
    let second = env.commit("again").trim().to_owned();
    env.file("file", "changed\n");
    env.file("untracked", "");
    let own = |head: &str, status: &str, count: u32| format!("{head}\nHEAD\n{status}{count}\n");
    assert_eq!(env.stdout(["build"], 0), own(&second, " M file\n?? untracked\n", 2));
    assert_eq!(env.stdout(["build", "--commit", "HEAD~1"], 0), own(&first, "", 1));

    let project = |source: &str| {
        env.file("rehearsal.yml", &format!("projects:\n  - name: web\n    source: {source}\n"));
        env.git(["add", "rehearsal.yml"]);
    };
    project("{ type: GITHUB, location: 'https://me:token@github.com/o/r.git', gitCloneDepth: 1 }");
    let said = env.stdout(["build"], 0);
    let remote = "origin\thttps://github.com/o/r.git (fetch)\norigin\thttps://nowhere.invalid/ (push)\n";
    assert_eq!(said, own(&second, " M file\n?? rehearsal.yml\n?? untracked\n", 1) + remote);
    // CodePipeline and S3 hand over files alone.
    for kind in ["CODEPIPELINE", "S3"] {
        project(&format!("{{ type: {kind} }}"));
        env.file("buildspec.yml", &buildspec(&["ls -d .git || git rev-parse HEAD || echo none"]));
        assert_eq!(env.stdout(["build"], 0).lines().last(), Some("none"), "{kind}");
    }
}

#[test]
fn what_a_build_does_to_its_repository_never_reaches_the_users() {
    let commands = [
        "git tag v9 && git -c user.name=b -c user.email=b@example.com commit --quiet --allow-empty -m b",
        "git branch built && git config core.hooksPath /nowhere && git gc --quiet --prune=now",
        "echo rubbish >.git/objects/rubbish; git push origin HEAD:main; git push https://example.com/r.git --tags",
        "git describe --tags --match v9 && git stash list && git update-ref -d refs/tags/v1",
    ];
    let env = Env::with(&[("buildspec.yml", &buildspec(&commands))]);
    env.git(["tag", "v1"]);
    env.git(["remote", "add", "origin", "https://user:secret@example.com/o/r.git"]);
    let before = state_of_git(&env);
    let said = env.run(["build"]);
    assert!(said.starts_with("exit: 0\n"), "{said}");
    assert!(said.contains("\nv9-1-g"), "{said}");
    assert!(said.contains("recorded, not run: git push origin HEAD:main"), "{said}");
    assert!(said.contains("recorded, not run: git push https://example.com/r.git --tags"), "{said}");
    assert!(!said.contains("secret"), "{said}");
    assert_eq!(state_of_git(&env), before);
    assert!(!env.work().join(".git/objects/rubbish").exists());
    assert_eq!(env.git(["status", "--short"]), "");
}

//! Bad input: each kind has its message, its exit code, and leaves nothing behind but the execution's record.

use crate::env::{Env, buildspec, pipeline, render};

/// What is below a folder, but for git's own files.
fn files(env: &Env, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![env.root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(env.root()).unwrap().display().to_string();
            if path.is_dir() && !path.ends_with(".git") {
                folders.push(path);
            } else {
                found.push(name);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn outside_a_repository_there_is_nothing_to_run_but_something_to_build() {
    let env = Env::new();
    env.file("buildspec.yml", &buildspec(&["echo built"]));
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 2
    --- stderr
    error: [WORK] is not inside a git repository
    hint: `rehearsal build` works outside of one
    ");
    assert_eq!(env.stdout(["build"], 0), "built\n");
    assert_eq!(files(&env, "work"), ["work/buildspec.yml"]);
}

#[test]
fn a_repository_without_commits_cannot_be_run() {
    let env = Env::repository();
    env.file("buildspec.yml", &buildspec(&["true"]));
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 2
    --- stderr
    error: the repository at [WORK]/.git/ has no commits yet
    hint: make a first commit: a rehearsal takes a commit as its source
    ");
}

#[test]
fn an_unknown_commit_is_refused_with_the_name_that_was_meant() {
    let env = Env::with(&[("buildspec.yml", &buildspec(&["true"]))]);
    env.git(["branch", "feature/login"]);
    insta::assert_snapshot!(env.run(["run", "--commit", "feature/logni"]), @"
    exit: 2
    --- stderr
    error: no branch, tag or commit is called `feature/logni`
    hint: did you mean `feature/login`?
    ");
    insta::assert_snapshot!(env.run(["build", "--commit", "0123456"]), @"
    exit: 2
    --- stderr
    error: no branch, tag or commit is called `0123456`
    hint: `git branch --all` and `git tag` list the names there are
    ");
}

#[test]
fn a_repository_in_a_format_that_cannot_be_read_says_what_to_do() {
    let env = Env::new();
    env.git(["init", "--quiet", "--object-format=sha256", "."]);
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 2
    --- stderr
    error: the repository at [WORK] uses an object format other than SHA-1, which is not supported
    hint: `git fast-export --all --signed-tags=strip | git -C NEW fast-import`, with NEW made by `git init --object-format=sha1`, copies the history into a repository that works
    ");
}

#[test]
fn a_syntax_error_in_the_pipeline_is_shown_at_its_place() {
    let broken = pipeline("service", &[("Build", "true")])
        .replace("    - name: Build\n", "    - name: Build]\n\t- x\n");
    let env = Env::with(&[("pipeline.yml", &broken)]);
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 2
    --- stderr
    yaml-syntax

      × a tab cannot be used for indentation
        ╭─[pipeline.yml:15:1]
     14 │     - name: Build]
     15 │     - x
        · ──┬─
        ·   ╰── the text cannot be read from here
     16 │       actions:
        ╰────
    ");
}

#[test]
fn a_structural_error_in_the_pipeline_is_shown_at_its_place() {
    let broken = pipeline("service", &[("Build", "true")])
        .replace("{ name: Sources }]\n          commands", "{ name: Suorces }]\n          commands");
    let env = Env::with(&[("pipeline.yml", &broken)]);
    insta::assert_snapshot!(env.run(["run"]), @r#"
    exit: 2
    --- stderr
    pipeline-artifacts

      × no action gives the artifact `Suorces`
        ╭─[pipeline.yml:18:36]
     17 │           actionTypeId: { category: Compute, owner: AWS, provider: Commands, version: "1" }
     18 │           inputArtifacts: [{ name: Suorces }]
        ·                                    ───┬───
        ·                                       ╰── `Run` needs it
     19 │           commands: ["true"]
        ╰────
      help: write `Sources`
    "#);
}

#[test]
fn hostile_yaml_is_refused_quickly() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    bomb.extend((1..12).map(|level| {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        format!("a{level}: &a{level} [{aliases}]\n")
    }));
    let deep = format!("stages: {}{}\n", "[".repeat(5000), "]".repeat(5000));
    let large = format!("stages: [\"{}\"]\n", "x".repeat(2 * 1024 * 1024));
    for hostile in [&bomb, &deep, &large] {
        let env = Env::with(&[("pipeline.yml", hostile), ("buildspec.yml", &buildspec(&["true"]))]);
        let output = env.output(["run"]);
        assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
        let env = Env::with(&[("buildspec.yml", hostile)]);
        for command in ["run", "build"] {
            let output = env.output([command]);
            assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[test]
fn what_is_not_there_yet_is_refused_before_anything_starts() {
    let mut definition = pipeline("service", &[("Build", "true")]);
    definition.push_str(
        "    - name: Notify
      actions:
        - name: Call
          actionTypeId: { category: Invoke, owner: AWS, provider: Lambda, version: \"1\" }
          configuration: { FunctionName: tell }
",
    );
    let env = Env::with(&[("pipeline.yml", &definition)]);
    insta::assert_snapshot!(env.run(["run"]), @r#"
    exit: 2
    --- stderr
    not-there-yet

      × Notify/Call: provider Lambda (Invoke) is not there yet
        ╭─[pipeline.yml:23:67]
     22 │         - name: Call
     23 │           actionTypeId: { category: Invoke, owner: AWS, provider: Lambda, version: "1" }
        ·                                                                   ───┬──
        ·                                                                      ╰── nothing here can perform it
     24 │           configuration: { FunctionName: tell }
        ╰────
      help: `--until Build` runs the pipeline as far as it goes
    "#);
    assert_eq!(env.stdout(["list", "--json"], 0), "{\"version\":1,\"executions\":[]}\n");
    env.stdout(["run", "--until", "Build"], 0);
}

#[test]
fn an_unknown_project_is_refused_before_anything_starts() {
    let definition = pipeline("service", &[("Build", "true")])
        .replace(
            "{ category: Compute, owner: AWS, provider: Commands,",
            "{ category: Build, owner: AWS, provider: CodeBuild,",
        )
        .replace("commands: [\"true\"]", "configuration: { ProjectName: service-build }");
    let env = Env::with(&[("pipeline.yml", &definition), ("buildspec.yml", &buildspec(&["true"]))]);
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 2
    --- stderr
    unknown-project

      × Build/Run: no project `service-build`
        ╭─[pipeline.yml:19:41]
     18 │           inputArtifacts: [{ name: Sources }]
     19 │           configuration: { ProjectName: service-build }
        ·                                         ──────┬──────
        ·                                               ╰── not in rehearsal.yml
        ╰────
      help: describe it in rehearsal.yml (`aws codebuild batch-get-projects` prints it), for example:
            projects:
              - name: service-build
                source: { type: CODEPIPELINE }
                environment:
                  type: LINUX_CONTAINER
                  computeType: BUILD_GENERAL1_SMALL
                  image: aws/codebuild/standard:7.0
    ");
    insta::assert_snapshot!(env.run(["build", "--project", "service-build"]), @"
    exit: 2
    --- stderr
    error: the working tree has no project `service-build`
    hint: projects are described in rehearsal.yml
    ");
}

#[test]
fn a_missing_buildspec_is_seen_in_the_commit() {
    let definition = pipeline("service", &[("Build", "true")])
        .replace(
            "{ category: Compute, owner: AWS, provider: Commands,",
            "{ category: Build, owner: AWS, provider: CodeBuild,",
        )
        .replace("commands: [\"true\"]", "configuration: { ProjectName: service-build }");
    let config = "projects: [{ name: service-build, source: { buildspec: ci/build.yml } }]\n";
    let env = Env::with(&[("pipeline.yml", &definition), ("rehearsal.yml", config)]);
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 2
    --- stderr
    buildspec-missing

      × Build/Run: commit [SHORT] has no ci/build.yml
        ╭─[pipeline.yml:19:41]
     18 │           inputArtifacts: [{ name: Sources }]
     19 │           configuration: { ProjectName: service-build }
        ·                                         ──────┬──────
        ·                                               ╰── this project builds by ci/build.yml
        ╰────
      help: AWS says: YAML_FILE_ERROR: stat ci/build.yml: no such file or directory
    ");
    insta::assert_snapshot!(env.run(["build"]), @"
    exit: 2
    --- stderr
    error: the working tree has no ci/build.yml
    hint: name the buildspec with --buildspec
    ");
    let env = Env::with(&[("README", "nothing here")]);
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 2
    --- stderr
    error: commit [SHORT] has neither a pipeline definition nor a buildspec.yml
    hint: write pipeline.yml (`aws codepipeline get-pipeline --name NAME` prints one), or a buildspec.yml
    ");
    insta::assert_snapshot!(env.run(["build"]), @"
    exit: 2
    --- stderr
    error: the working tree has no buildspec.yml
    hint: name the buildspec with --buildspec
    ");
}

#[test]
fn a_buildspec_that_only_an_earlier_action_could_give_is_missed_by_the_build() {
    let definition = pipeline("service", &[("Prepare", "mkdir out && touch out/file")]).replace(
        "          commands:",
        "          outputArtifacts: [{ name: Prepared, files: ['out/file'] }]\n          commands:",
    ) + "    - name: Build
      actions:
        - name: Compile
          actionTypeId: { category: Build, owner: AWS, provider: CodeBuild, version: \"1\" }
          configuration: { ProjectName: service-build }
          inputArtifacts: [{ name: Prepared }]
";
    let env = Env::with(&[
        ("pipeline.yml", &definition),
        ("rehearsal.yml", "projects: [{ name: service-build }]\n"),
    ]);
    let text = env.stdout(["run"], 1);
    assert!(text.contains("Build/Compile failed in phase DOWNLOAD_SOURCE"), "{text}");
    assert!(text.contains("YAML_FILE_ERROR"), "{text}");
}

#[test]
fn keys_of_rehearsal_yml_that_are_not_there_yet_are_errors() {
    let env = Env::with(&[
        ("buildspec.yml", &buildspec(&["true"])),
        ("rehearsal.yml", "aws: {}\nactions: { a: b }\nprojcts: []\n"),
    ]);
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 2
    --- stderr
    not-supported-yet

      × `actions` is not supported yet
       ╭─[rehearsal.yml:2:1]
     1 │ aws: {}
     2 │ actions: { a: b }
       · ───┬───
       ·    ╰── Rehearsal would have to ignore this
     3 │ projcts: []
       ╰────
      help: remove it for now
    unknown-key

      × there is no `projcts`
       ╭─[rehearsal.yml:3:1]
     2 │ actions: { a: b }
     3 │ projcts: []
       · ───┬───
       ·    ╰── unknown
       ╰────
      help: write `projects`
    ");
}

#[test]
fn a_failing_command_and_a_timeout_have_their_own_codes_and_leave_only_their_record() {
    let env = Env::with(&[("pipeline.yml", &pipeline("service", &[("Build", "exit 1")]))]);
    let before = files(&env, "work");
    env.stdout(["run"], 1);
    env.file("pipeline.yml", &pipeline("service", &[("Build", "sleep 600")]));
    env.commit("slow");
    insta::assert_snapshot!(env.run(["run", "--timeout", "1s"]), @"
    exit: 3
    --- stdout
    Build/Run timed out in phase BUILD
      command  sleep 600
      reason   BUILD_TIMED_OUT: Build has timed out. It was allowed 1.0 s.
      log      [WORK]/.git/rehearsal/logs/[ID]/[ID].log

      │ [Container] [WHEN] Running command sleep 600
      │ [Container] [WHEN] Phase complete: BUILD State: TIMED_OUT
      │ [Container] [WHEN] Phase context status code: BUILD_TIMED_OUT Message: Build has timed out. It was allowed 1.0 s.

    Failed service [SHORT] in [TIME]: a time limit passed
    run it again from there: rehearsal retry [SHORT]
    --- stderr
    service [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Build/Run started
      Build/Run timed out in [TIME]
    ");
    assert_eq!(files(&env, "work"), before);
    assert_eq!(files(&env, "tmp"), [""; 0]);
    let left: Vec<_> = files(&env, "cache").into_iter().filter(|path| path.contains("/work/")).collect();
    assert!(left.iter().all(|path| path.contains("/.locks/")), "{left:?}");
    insta::assert_snapshot!(env.stdout(["list"], 0), @"
    id        pipeline  status  started              took  source
    [SHORT]  service   Failed  [WHEN]  [TIME]  [SHORT] (main)
    [SHORT]  service   Failed  [WHEN]  [TIME]  [SHORT] (main)
    ");
}

#[test]
fn output_that_cannot_be_written_is_exit_code_4() {
    let env = Env::with(&[("pipeline.yml", &pipeline("service", &[("Build", "true")]))]);
    for arguments in [&["run"][..], &["run", "--json"], &["list"], &["logs"]] {
        let mut command = env.rehearsal(arguments.iter().copied());
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(4), "{arguments:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(
            text.ends_with("error: cannot write output: No space left on device (os error 28)\n"),
            "{text}"
        );
    }
}

#[test]
fn nothing_is_made_by_what_only_reads_or_is_refused() {
    let reading: [&[&str]; 7] =
        [&["list"], &["list", "--json"], &["show"], &["show", "1a2b"], &["stop"], &["retry"], &["logs"]];
    let refused: [&[&str]; 6] = [
        &["artifacts"],
        &["run"],
        &["run", "--commit", "nothing"],
        &["build"],
        &["build", "--commit", "nothing"],
        &["build", "--env-file", "nothing"],
    ];
    for env in [Env::new(), Env::repository(), Env::with(&[("README", "nothing to run")])] {
        for arguments in reading.iter().chain(&refused) {
            let output = env.output(arguments.iter().copied());
            let expected = if arguments[0] == "list" { 0 } else { 2 };
            assert_eq!(output.status.code(), Some(expected), "{arguments:?}: {}", render(&output));
        }
        for folder in ["work/.git/rehearsal", "state/rehearsal", "cache/rehearsal"] {
            assert!(!env.root().join(folder).exists(), "{folder}");
        }
    }
}

#[test]
fn nothing_outside_of_the_source_is_read_or_quoted() {
    let env = Env::with(&[("README", "nothing here"), ("sub/own.yml", &buildspec(&["echo own"]))]);
    std::fs::create_dir(env.root().join("other")).unwrap();
    std::fs::write(env.root().join("other/b.yml"), "confidential: [").unwrap();
    for outside in ["../other/b.yml", "/etc/hostname", "sub/../../other/b.yml"] {
        let output = env.output(["build", "--buildspec", outside]);
        assert_eq!(output.status.code(), Some(2), "{}", render(&output));
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(told, format!("error: the working tree has no {outside}\n"));
    }
    assert_eq!(env.stdout(["build", "--buildspec", "sub/../sub/own.yml"], 0), "own\n");
    std::os::unix::fs::symlink("../other/b.yml", env.work().join("buildspec.yml")).unwrap();
    insta::assert_snapshot!(env.run(["build"]), @"
    exit: 2
    --- stderr
    error: buildspec.yml in the working tree is a link that leads out of the source, not a file
    hint: name the buildspec with --buildspec
    ");
    insta::assert_snapshot!(env.run(["run", "--worktree"]), @"
    exit: 2
    --- stderr
    error: buildspec.yml in the working tree is a link that leads out of the source, not a file
    hint: put the file itself there
    ");
}

#[test]
fn a_buildspec_that_is_no_file_is_called_what_it_is() {
    for (target, what) in [
        (Some("nowhere"), "a link that leads nowhere"),
        (Some("/etc/hostname"), "a link that leads out of the source"),
        (Some("../other.yml"), "a link that leads out of the source"),
        (Some("sub"), "a link to a folder"),
        (Some("buildspec.yml"), "a link that leads in a circle"),
        (None, "a folder"),
    ] {
        let env = Env::repository();
        env.file("sub/file", "");
        std::fs::write(env.root().join("other.yml"), "").unwrap();
        match target {
            Some(target) => {
                std::os::unix::fs::symlink(target, env.work().join("buildspec.yml")).unwrap();
            }
            None => drop(env.file("buildspec.yml/file", "")),
        }
        env.commit("no file");
        for (arguments, place) in [
            (&["run"][..], "commit [SHORT]"),
            (&["run", "--worktree"], "the working tree"),
            (&["build"], "the working tree"),
        ] {
            let text = env.run(arguments.iter().copied());
            let place = place.replace("[SHORT]", &env.git(["rev-parse", "HEAD"])[..8]);
            let expected =
                format!("exit: 2\n--- stderr\nerror: buildspec.yml in {place} is {what}, not a file\n");
            assert!(text.starts_with(&expected), "{target:?} {arguments:?}: {text}");
        }
    }
}

#[test]
fn answers_that_answer_nothing_keep_a_build_from_starting() {
    let env = Env::with(&[
        ("buildspec.yml", &buildspec(&["touch ran"])),
        ("answers/vpcs.json", "{ \"Vpc\": [] }\n"),
        ("answers/torn.json", "{ \"Tags\": [ }\n"),
        (
            "rehearsal.yml",
            "aws:\n  ec2:DescribeVpc: answers/vpcs.json\n  ec2:DescribeVpcs: answers/vpcs.json\n  ec2:DescribeTags: \
             answers/torn.json\n  ec2:DescribeImages: answers/images.json\n",
        ),
    ]);
    let told = env.run(["build"]);
    insta::assert_snapshot!(told);
    for command in ["run", "quotas"] {
        let again = env.run([command]);
        assert!(
            again.starts_with("exit: 2") && again.contains("write `ec2:DescribeVpcs`"),
            "{command}: {again}"
        );
    }
    assert!(env.run(["check", "rehearsal.yml"]).starts_with("exit: 1"));
    assert!(!env.root().join("work/ran").exists());
    env.file("rehearsal.yml", "aws: { 'ec2:DescribeVpcs': answers/vpcs.json }\n");
    env.file("answers/vpcs.json", "{ \"Vpcs\": [] }\n");
    env.stdout(["build"], 0);
}

//! `rehearsal check`: which files are found, what is said of them, and how it ends.

use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::process::Stdio;

use crate::env::{Env, buildspec, pipeline, render};

const MISSPELT: &str = "version: 0.2\nphases:\n  biuld:\n    commands:\n      - make\n";

fn good() -> String {
    buildspec(&["make"])
}

/// Runs with a text on standard input.
fn with_input(env: &Env, arguments: &[&str], input: &[u8]) -> String {
    let mut command = env.rehearsal(arguments.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    render(&child.wait_with_output().unwrap())
}

#[test]
fn what_is_fine_is_said_in_one_line() {
    let env = Env::with(&[
        ("buildspec.yml", &good()),
        ("pipeline.yml", &pipeline("service", &[("Test", "make test")])),
    ]);
    insta::assert_snapshot!(env.run(["check"]), @"
    exit: 0
    --- stdout
    checked 2 files: no problems
    ");
}

#[test]
fn a_folder_that_nobody_may_look_into_is_said_to_be_passed_over() {
    let env = Env::with(&[("buildspec.yml", &good()), ("ci/buildspec.yml", MISSPELT)]);
    env.file("closed/buildspec.yml", MISSPELT);
    let closed = ["ci", "closed"].map(|name| env.work().join(name));
    let mode = |mode| {
        for folder in &closed {
            std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        }
    };
    mode(0o000);
    // Root may look into everything, unless it is root no more in a user namespace of its own.
    let mut command = env.prepare("unshare");
    command.args(["--user", "--", env!("CARGO_BIN_EXE_rehearsal"), "check"]);
    let output = command.output().unwrap();
    mode(0o755);
    insta::assert_snapshot!(render(&output), @"
    exit: 0
    --- stdout
    checked 1 file: no problems
    --- stderr
    note: ci is a folder that cannot be listed, and was not checked
    note: closed is a folder that cannot be listed, and was not checked
    ");
}

#[test]
fn a_file_in_a_folder_that_is_a_placeholder_is_checked_only_when_it_is_named() {
    let env = Env::with(&[("buildspec.yml", &good())]);
    env.file("{{cookiecutter.slug}}/buildspec.yml", "{%- if x %}\nversion: 0.2\n{%- endif %}\n");
    env.file("{{cookiecutter.slug}}/other.yml", "{%- if x %}\n");
    insta::assert_snapshot!(env.run(["check"]), @"
    exit: 0
    --- stdout
    checked 1 file: no problems
    --- stderr
    note: {{cookiecutter.slug}}/buildspec.yml is to be filled in by a template engine, as the name of its folder is, and was not checked
    ");
    let named = env.run(["check", "{{cookiecutter.slug}}/buildspec.yml"]);
    assert!(named.starts_with("exit: 1\n") && named.contains("template\n"), "{named}");
}

#[test]
fn what_is_wrong_is_shown_at_its_place_with_what_to_write() {
    let env = Env::with(&[("buildspec.yml", MISSPELT)]);
    insta::assert_snapshot!(env.run(["check"]), @"
    exit: 1
    --- stdout
    unknown-phase

      × `biuld` is not a build phase
       ╭─[buildspec.yml:3:3]
     2 │ phases:
     3 │   biuld:
       ·   ──┬──
       ·     ╰── CodeBuild stops here
     4 │     commands:
       ╰────
      help: write `build`
            AWS says: YAML_FILE_ERROR: Invalid buildspec phase name: biuld. Expecting:
            build,install,post_build,pre_build

    checked 1 file: 1 error; `rehearsal check --explain unknown-phase` says more
    ");
}

#[test]
fn warnings_fail_only_when_strict() {
    let env = Env::with(&[("buildspec.yml", &format!("{}artifact:\n  files: [a]\n", good()))]);
    insta::assert_snapshot!(env.run(["check"]), @r#"
    exit: 0
    --- stdout
    unknown-key (https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html)

      ⚠ CodeBuild does not know `artifact`
       ╭─[buildspec.yml:6:1]
     5 │       - "make"
     6 │ artifact:
       · ────┬───
       ·     ╰── ignored
     7 │   files: [a]
       ╰────
      help: write `artifacts`

    checked 1 file: 1 warning; `rehearsal check --explain unknown-key` says more
    "#);
    let strict = env.run(["check", "--strict"]);
    assert!(strict.starts_with("exit: 1\n"), "{strict}");
}

#[test]
fn advice_is_for_those_who_ask() {
    let env = Env::with(&[("buildspec.yml", &good().replace("0.2", "0.1"))]);
    insta::assert_snapshot!(env.run(["check"]), @"
    exit: 0
    --- stdout
    checked 1 file: no problems (1 piece of advice: --pedantic shows it)
    ");
    insta::assert_snapshot!(env.run(["check", "--pedantic", "--strict"]), @"
    exit: 0
    --- stdout
    version-0-1 (https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec-ref-versions)

      ☞ version 0.1 forgets directory and variables after each command
       ╭─[buildspec.yml:1:10]
     1 │ version: 0.1
       ·          ─┬─
       ·           ╰── 0.2 is recommended
     2 │ phases:
       ╰────
      help: write `version: 0.2`

    checked 1 file: 1 piece of advice; `rehearsal check --explain version-0-1` says more
    ");
    assert_eq!(env.stdout(["check", "--format", "json"], 0).matches("\"code\"").count(), 0);
    assert_eq!(env.stdout(["check", "--format", "json", "--pedantic"], 0).matches("\"code\"").count(), 1);
}

#[test]
fn programs_get_one_document() {
    let env = Env::with(&[("buildspec.yml", MISSPELT), ("ci/buildspec-ok.yml", &good())]);
    insta::assert_snapshot!(env.run(["check", "--format", "json"]), @r#"
    exit: 1
    --- stdout
    {"version":1,"findings":[{"aws_message":"YAML_FILE_ERROR: Invalid buildspec phase name: biuld. Expecting: build,install,post_build,pre_build","code":"unknown-phase","end":{"column":8,"line":3,"offset":28},"fix":{"edits":[{"end":{"column":8,"line":3,"offset":28},"replacement":"build","start":{"column":3,"line":3,"offset":23}}],"safe":true,"title":"Rename to `build`"},"help":"write `build`","message":"`biuld` is not a build phase","path":"buildspec.yml","severity":"error","start":{"column":3,"line":3,"offset":23},"url":null}],"summary":{"errors":1,"files":2,"warnings":0}}
    "#);
}

#[test]
fn files_are_found_wherever_they_are_and_named_from_where_the_user_stands() {
    let env = Env::with(&[
        (".gitignore", "ignored/\n"),
        ("buildspec.yml", MISSPELT),
        ("services/api/ci/buildspec-test.yaml", MISSPELT),
        ("release/steps.json", r#"{"version": 0.2, "phases": {"bild": {"commands": ["make"]}}}"#),
        ("tools/delivery.yml", "name: p\nstages: [{name: a, actions: [{actionTypeId: {}}]}]\n"),
        ("docker-compose.yml", "version: \"3\"\nservices: {}\n"),
        (".gitlab-ci.yml", "stages: [build]\n"),
        ("package.json", "{}"),
        ("node_modules/x/buildspec.yml", MISSPELT),
        ("tests/fixtures/buildspec.yml", MISSPELT),
    ]);
    env.file("ignored/buildspec.yml", MISSPELT);
    env.file("not-added/buildspec.yml", MISSPELT);
    env.file("inner/.git/HEAD", "ref: refs/heads/main\n");
    let paths = |text: String| -> Vec<String> {
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut paths: Vec<_> = document["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["path"].as_str().unwrap().to_owned())
            .collect();
        paths.dedup();
        paths
    };
    assert_eq!(
        paths(env.stdout(["check", "--format", "json"], 1)),
        [
            "buildspec.yml",
            "not-added/buildspec.yml",
            "release/steps.json",
            "services/api/ci/buildspec-test.yaml",
            "tools/delivery.yml"
        ]
    );
    let mut below = env.rehearsal(["check", "--format", "json"]);
    below.current_dir(env.work().join("services"));
    let below = paths(String::from_utf8(below.output().unwrap().stdout).unwrap());
    assert!(below.contains(&"../buildspec.yml".to_owned()), "{below:?}");
    assert!(below.contains(&"api/ci/buildspec-test.yaml".to_owned()), "{below:?}");
    // A folder that is named counts, whatever it is called.
    assert_eq!(
        paths(env.stdout(["check", "--format", "json", "services"], 1)),
        ["services/api/ci/buildspec-test.yaml"]
    );
    assert_eq!(
        paths(env.stdout(["check", "--format", "json", "tests/fixtures"], 1)),
        ["tests/fixtures/buildspec.yml"]
    );
}

#[test]
fn outside_a_repository_the_folder_is_searched() {
    let env = Env::new();
    env.file("ci/buildspec.yml", &good());
    env.file("venv/lib/buildspec.yml", MISSPELT);
    symlink(env.work(), env.work().join("ci/loop")).unwrap();
    insta::assert_snapshot!(env.run(["check"]), @"
    exit: 0
    --- stdout
    checked 1 file: no problems
    ");
    insta::assert_snapshot!(env.run(["check", "--at", "HEAD"]), @"
    exit: 2
    --- stderr
    error: [WORK] is not inside a git repository
    hint: --at takes files from a commit
    ");
}

#[test]
fn what_rehearsal_yml_names_is_checked_and_must_be_there() {
    let projects = "pipelines: [delivery/service.yml]
projects:
  - name: service-build
    source: { type: CODEPIPELINE, buildspec: tests/build.yml }
  - name: service-lint
    source: { type: CODEPIPELINE, buildspec: ci/lint.yml }
";
    let delivery = pipeline("service", &[])
        + "    - name: Build
      actions:
        - name: Compile
          actionTypeId: { category: Build, owner: AWS, provider: CodeBuild, version: \"1\" }
          configuration: { ProjectName: service-biuld }
          inputArtifacts: [{ name: Sources }]
";
    let env = Env::with(&[
        ("rehearsal.yml", projects),
        ("delivery/service.yml", &delivery),
        ("tests/build.yml", MISSPELT),
    ]);
    insta::assert_snapshot!(env.run(["check"]), @r#"
    exit: 1
    --- stdout
    unknown-project

      ⚠ Build/Compile builds `service-biuld`, which rehearsal.yml does not describe
        ╭─[delivery/service.yml:18:41]
     17 │           actionTypeId: { category: Build, owner: AWS, provider: CodeBuild, version: "1" }
     18 │           configuration: { ProjectName: service-biuld }
        ·                                         ──────┬──────
        ·                                               ╰── no such project here
     19 │           inputArtifacts: [{ name: Sources }]
        ╰────
      help: write `service-build`, or describe `service-biuld` under `projects:`

    buildspec-missing (https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec-ref-name-storage)

      × there is no file ci/lint.yml
       ╭─[rehearsal.yml:6:46]
     5 │   - name: service-lint
     6 │     source: { type: CODEPIPELINE, buildspec: ci/lint.yml }
       ·                                              ─────┬─────
       ·                                                   ╰── this project builds by it
       ╰────
      help: the path is relative to the top of the repository
            AWS says: YAML_FILE_ERROR: stat ci/lint.yml: no such file or directory

    unknown-phase

      × `biuld` is not a build phase
       ╭─[tests/build.yml:3:3]
     2 │ phases:
     3 │   biuld:
       ·   ──┬──
       ·     ╰── CodeBuild stops here
     4 │     commands:
       ╰────
      help: write `build`
            AWS says: YAML_FILE_ERROR: Invalid buildspec phase name: biuld. Expecting:
            build,install,post_build,pre_build

    checked 3 files: 2 errors, 1 warning; `rehearsal check --explain buildspec-missing` says more
    "#);
    // A single file is judged by itself, and against what rehearsal.yml says of it.
    insta::assert_snapshot!(env.run(["check", "delivery/service.yml"]), @r#"
    exit: 0
    --- stdout
    unknown-project

      ⚠ Build/Compile builds `service-biuld`, which rehearsal.yml does not describe
        ╭─[delivery/service.yml:18:41]
     17 │           actionTypeId: { category: Build, owner: AWS, provider: CodeBuild, version: "1" }
     18 │           configuration: { ProjectName: service-biuld }
        ·                                         ──────┬──────
        ·                                               ╰── no such project here
     19 │           inputArtifacts: [{ name: Sources }]
        ╰────
      help: write `service-build`, or describe `service-biuld` under `projects:`

    checked 1 file: 1 warning; `rehearsal check --explain unknown-project` says more
    "#);
}

#[test]
fn a_buildspec_inside_rehearsal_yml_is_checked_at_its_place() {
    let env = Env::with(&[(
        "rehearsal.yml",
        "projects:
  - name: literal
    source:
      type: NO_SOURCE
      buildspec: |
        version: 0.2
        phases:
          biuld:
            commands:
              - make
  - name: quoted
    source:
      type: NO_SOURCE
      buildspec: \"version: 0.2\\nphases:\\n  build:\\n    commands:\\n      - echo done: yes\\n\"
",
    )]);
    insta::assert_snapshot!(env.run(["check"]), @r#"
    exit: 1
    --- stdout
    unknown-phase

      × `biuld` is not a build phase
       ╭─[rehearsal.yml:8:11]
     7 │         phases:
     8 │           biuld:
       ·           ──┬──
       ·             ╰── CodeBuild stops here
     9 │             commands:
       ╰────
      help: write `build`
            AWS says: YAML_FILE_ERROR: Invalid buildspec phase name: biuld. Expecting:
            build,install,post_build,pre_build

    command-not-a-string

      × `phases.build.commands[0]` is a mapping, not a command
        ╭─[rehearsal.yml:14:75]
     13 │       type: NO_SOURCE
     14 │       buildspec: "version: 0.2\nphases:\n  build:\n    commands:\n      - echo done: yes\n"
        ·                                                                           ───────┬──────
        ·                                                                                  ╰── `: ` makes it a mapping
        ╰────
      help: put it in quotes: - 'echo done: yes'
            AWS says: YAML_FILE_ERROR: Expected Commands[0] to be of string type: found subkeys
            instead at line 5, value of the key tag on line 4 might be empty

    checked 1 file: 2 errors; `rehearsal check --explain unknown-phase` says more
    "#);
}

#[test]
fn a_commit_is_checked_as_it_is_in_the_commit() {
    let env = Env::with(&[("buildspec.yml", MISSPELT), ("ci/build.yml", &good())]);
    env.file("buildspec.yml", &good());
    insta::assert_snapshot!(env.run(["check"]), @"
    exit: 0
    --- stdout
    checked 2 files: no problems
    ");
    insta::assert_snapshot!(env.run(["check", "--at", "HEAD"]), @"
    exit: 1
    --- stdout
    unknown-phase

      × `biuld` is not a build phase
       ╭─[buildspec.yml:3:3]
     2 │ phases:
     3 │   biuld:
       ·   ──┬──
       ·     ╰── CodeBuild stops here
     4 │     commands:
       ╰────
      help: write `build`
            AWS says: YAML_FILE_ERROR: Invalid buildspec phase name: biuld. Expecting:
            build,install,post_build,pre_build

    checked 2 files: 1 error; `rehearsal check --explain unknown-phase` says more
    ");
    insta::assert_snapshot!(env.run(["check", "--at", "HEAD", "ci"]), @"
    exit: 0
    --- stdout
    checked 1 file: no problems
    ");
    insta::assert_snapshot!(env.run(["check", "--at", "HEAD", "ci/absent.yml"]), @"
    exit: 2
    --- stderr
    error: commit [SHORT] has no ci/absent.yml
    ");
    insta::assert_snapshot!(env.run(["check", "--at", "HEAD", "../elsewhere.yml"]), @"
    exit: 2
    --- stderr
    error: ../elsewhere.yml is outside of the repository
    ");
    insta::assert_snapshot!(env.run(["check", "--at", "mian"]), @"
    exit: 2
    --- stderr
    error: no branch, tag or commit is called `mian`
    hint: did you mean `main`?
    ");
}

#[test]
fn standard_input_is_told_by_its_content_or_by_what_the_user_says() {
    let env = Env::new();
    insta::assert_snapshot!(with_input(&env, &["check", "-"], MISSPELT.as_bytes()), @"
    exit: 1
    --- stdout
    unknown-phase

      × `biuld` is not a build phase
       ╭─[<stdin>:3:3]
     2 │ phases:
     3 │   biuld:
       ·   ──┬──
       ·     ╰── CodeBuild stops here
     4 │     commands:
       ╰────
      help: write `build`
            AWS says: YAML_FILE_ERROR: Invalid buildspec phase name: biuld. Expecting:
            build,install,post_build,pre_build

    checked 1 file: 1 error; `rehearsal check --explain unknown-phase` says more
    ");
    insta::assert_snapshot!(with_input(&env, &["check", "-"], b"a: b\n"), @"
    exit: 2
    --- stderr
    error: cannot tell what standard input is
    hint: say so: --as buildspec, pipeline, appspec, template or config
    ");
    insta::assert_snapshot!(with_input(&env, &["check", "-", "--as", "buildspec"], b"a: b\n"), @"
    exit: 1
    --- stdout
    unknown-key (https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html)

      ⚠ CodeBuild does not know `a`
       ╭─[<stdin>:1:1]
     1 │ a: b
       · ┬
       · ╰── ignored
       ╰────

    missing-key (https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html)

      × the buildspec has no `version`
       ╭─[<stdin>:1:1]
     1 │ a: b
       · ──┬─
       ·   ╰── no `version` here
       ╰────
      help: add a first line `version: 0.2`
            AWS says: YAML_FILE_ERROR: wrong number of container tags, expected 1

    missing-key

      × the buildspec has no `phases`
       ╭─[<stdin>:1:1]
     1 │ a: b
       · ──┬─
       ·   ╰── no phase here
       ╰────
      help: add `phases:` with at least one of install, pre_build, build and post_build

    checked 1 file: 2 errors, 1 warning; `rehearsal check --explain missing-key` says more
    ");
    insta::assert_snapshot!(with_input(&env, &["check", "-", "--as", "pipeline"], b""), @"
    exit: 1
    --- stdout
    wrong-kind

      × the definition is empty
       ╭─[<stdin>:1:1]
       ╰────

    checked 1 file: 1 error; `rehearsal check --explain wrong-kind` says more
    ");
    assert!(with_input(&env, &["check", "-"], b"projects: []\n").starts_with("exit: 0\n"));
}

#[test]
fn a_path_that_is_not_there_is_wrong_usage_and_the_others_are_checked() {
    let env = Env::with(&[("buildspec.yml", &good()), ("notes.txt", "hello")]);
    insta::assert_snapshot!(env.run(["check", "buildspec.yml", "absent.yml"]), @"
    exit: 2
    --- stdout
    checked 1 file: no problems
    --- stderr
    error: there is no absent.yml
    ");
    insta::assert_snapshot!(env.run(["check", "notes.txt"]), @"
    exit: 2
    --- stderr
    error: cannot tell what notes.txt is
    hint: say so: --as buildspec, pipeline, appspec, template or config
    ");
    insta::assert_snapshot!(env.run(["check", "--as", "buildspec"]), @"
    exit: 2
    --- stderr
    error: the following required arguments were not provided:
      <PATHS>...

    Usage: rehearsal check --as <KIND> <PATHS>...

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(env.run(["check", "--as", "stack", "buildspec.yml"]), @"
    exit: 2
    --- stderr
    error: invalid value 'stack' for '--as <KIND>'
      [possible values: buildspec, pipeline, appspec, template, config]

    For more information, try '--help'.
    ");
}

#[test]
fn an_empty_place_is_no_success() {
    let env = Env::with(&[("README.md", "hello")]);
    insta::assert_snapshot!(env.run(["check"]), @"
    exit: 2
    --- stderr
    error: the working tree has nothing to check
    hint: name files: `rehearsal check PATH`
    ");
    std::fs::create_dir(env.work().join("empty")).unwrap();
    insta::assert_snapshot!(env.run(["check", "empty"]), @"
    exit: 2
    --- stderr
    error: empty has nothing to check
    ");
}

#[test]
fn appspecs_of_all_platforms_are_checked() {
    let env = Env::with(&[
        ("buildspec.yml", &good()),
        ("appspec.yml", "version: 0.0\nos: linux\n"),
        ("ecs/appspec.yml", "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n"),
        ("bucket.yml", "Resources:\n  Files:\n    Type: AWS::S3::Bucket\n"),
    ]);
    insta::assert_snapshot!(env.run(["check"]), @"
    exit: 1
    --- stdout
    missing-key (https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html)

      × `Resources[0].TargetService` has no `Properties`
       ╭─[ecs/appspec.yml:3:5]
     2 │ Resources:
     3 │   - TargetService:
       ·     ──────┬──────
       ·           ╰── no `Properties` here
     4 │       Type: AWS::ECS::Service
       ╰────
      help: write `Properties:` and below it TaskDefinition and LoadBalancerInfo

    checked 3 files: 1 error; `rehearsal check --explain missing-key` says more
    ");
}

#[test]
fn templates_are_checked_with_the_buildspecs_in_and_beside_them() {
    let stack = "Resources:
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
      ServiceRole: !ImportValue role
      Artifacts: {Type: CODEPIPELINE}
      Environment: {Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_TINY, Image: 'aws/codebuild/standard:7.0'}
      Source: {Type: CODEPIPELINE, BuildSpec: ci/build}
  Inline:
    Type: AWS::CodeBuild::Project
    Properties:
      ServiceRole: !ImportValue role
      Artifacts: {Type: CODEPIPELINE}
      Environment: {Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_SMALL, Image: 'aws/codebuild/standard:7.0'}
      Source:
        Type: CODEPIPELINE
        BuildSpec: !Sub |
          version: 0.2
          phases:
            built:
              commands: [echo ${AWS::Region}]
";
    let env = Env::with(&[
        ("stack.yml", stack),
        ("ci/build", "version: 0.2\nphases: []\n"),
        // Nothing of ours in it: looked at when it is named.
        ("bucket.yml", "Resources:\n  Files:\n    Type: AWS::S3::Bucket\n    DependsOn: Other\n"),
    ]);
    insta::assert_snapshot!(env.run(["check"]), @"
    exit: 1
    --- stdout
    wrong-kind

      × `phases` is a list; CodeBuild expects a mapping
       ╭─[ci/build:2:9]
     1 │ version: 0.2
     2 │ phases: []
       · ───┬──  ─┬
       ·    │     ╰── a list
       ·    ╰── of `phases`
       ╰────

    invalid-value

      × `Environment.ComputeType` cannot be `BUILD_GENERAL1_TINY`
       ╭─[stack.yml:7:57]
     6 │       Artifacts: {Type: CODEPIPELINE}
     7 │       Environment: {Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_TINY, Image: 'aws/codebuild/standard:7.0'}
       ·                                                         ─────────┬─────────
       ·                                                                  ╰── unknown value
     8 │       Source: {Type: CODEPIPELINE, BuildSpec: ci/build}
       ╰────
      help: write one of BUILD_GENERAL1_SMALL, BUILD_GENERAL1_MEDIUM, BUILD_GENERAL1_LARGE,
            BUILD_GENERAL1_XLARGE, BUILD_GENERAL1_2XLARGE

    unknown-phase

      × `built` is not a build phase
        ╭─[stack.yml:20:13]
     19 │           phases:
     20 │             built:
        ·             ──┬──
        ·               ╰── CodeBuild stops here
     21 │               commands: [echo ${AWS::Region}]
        ╰────
      help: write `build`
            AWS says: YAML_FILE_ERROR: Invalid buildspec phase name: built. Expecting:
            build,install,post_build,pre_build

    checked 2 files: 3 errors; `rehearsal check --explain wrong-kind` says more
    ");
    insta::assert_snapshot!(env.run(["check", "bucket.yml"]), @"
    exit: 1
    --- stdout
    template-reference

      × there is no resource `Other`
       ╭─[bucket.yml:4:16]
     3 │     Type: AWS::S3::Bucket
     4 │     DependsOn: Other
       ·                ──┬──
       ·                  ╰── unknown
       ╰────
      help: AWS says: Template format error: Unresolved resource dependencies [Other] in the Resources
            block of the template

    checked 1 file: 1 error; `rehearsal check --explain template-reference` says more
    ");
}

#[test]
fn a_code_is_explained() {
    let env = Env::new();
    insta::assert_snapshot!(env.run(["check", "--explain", "lost-shell-state"]), @"
    exit: 0
    --- stdout
    # lost-shell-state

    Something of the shell that is gone with the next command.

    Each item of `commands` is a script of its own. The directory and variables last; `set -e`, `set -o
    pipefail`, `shopt`, `alias`, `trap`, `umask`, functions (also those of a file that is read by `.`:
    `nvm`, `sdk`) and arrays do not. An item that holds nothing else has no effect: the commands behind
    it run without it. A function that another item defined is not found.

    Wrong:

    ```yaml
    version: 0.2
    phases:
      build:
        commands:
          - set -e
          - make
    ```

    `rehearsal check` says:

    ```text
    lost-shell-state (https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-cmd.html)

      ⚠ `set -e` is gone with the next command
       ╭─[buildspec.yml:5:9]
     4 │     commands:
     5 │       - set -e
       ·         ───┬──
       ·            ╰── each command is a script of its own
     6 │       - make
       ╰────
      help: put it and what it is for into one item, below `- |`
    ```

    Right:

    ```yaml
    version: 0.2
    phases:
      build:
        commands:
          - |
            set -e
            make
    ```

    Warning, since 0.1.0, seen in the file alone, rests on codebuild.md 0 (8), 3.4.
    AWS: <https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-cmd.html>
    ");
    insta::assert_snapshot!(env.run(["check", "--explain", "lost-shel-state"]), @"
    exit: 2
    --- stderr
    error: no finding has the code `lost-shel-state`
    hint: did you mean `lost-shell-state`?
    ");
    insta::assert_snapshot!(env.run(["check", "--explain", "everything"]), @"
    exit: 2
    --- stderr
    error: no finding has the code `everything`
    hint: every finding shows its code; the documentation of all is docs/rules.md
    ");
}

#[test]
fn this_repository_has_no_problems() {
    let env = Env::new();
    let mut command = env.rehearsal(["check", "--strict", "--pedantic", "."]);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", render(&output));
}

//! What a build is made of: its buildspec, variables, secrets, shell.

use std::collections::BTreeMap;

use super::{Bench, BuildspecFile, Instructions, PhaseStatus};
use crate::spec::config::{Environment, ProjectVariable, ProjectVariableKind};

#[test]
fn buildspecs_that_cannot_be_used_fail_the_download() {
    // codebuild.md 8.2
    let table = [
        (
            "version: 0.2
phases:
\tbuild:
",
            "found character that cannot start any token",
        ),
        (
            "version: 0.2
phases:
  prebuild:
    commands: [x]
",
            "Invalid buildspec phase name: prebuild",
        ),
        (
            "phases:
  build:
    commands: [x]
",
            "wrong number of container tags, expected 1",
        ),
        (
            "version: 0.2
phases:
  build:
    commands:
      - a: b
",
            "Expected Commands[0] to be of string type",
        ),
    ];
    for (text, message) in table {
        let ran = Bench::new(text).run();
        assert_eq!(ran.phases(), "DOWNLOAD_SOURCE FINALIZING");
        let (status, words) = ran.ending();
        assert_eq!(status, PhaseStatus::Failed);
        assert!(words.starts_with(&format!("YAML_FILE_ERROR {message}")), "{text}: {words}");
        assert!(!ran.result.findings.is_empty());
    }
    let mut bench = Bench::new("");
    bench.request.instructions = Instructions::File(BuildspecFile::Path("ci/other.yml".into()));
    let words = bench.run().ending().1;
    assert!(
        words.starts_with("YAML_FILE_ERROR stat ")
            && words.ends_with("/src1/src/ci/other.yml: no such file or directory"),
        "{words}"
    );
    bench.request.instructions = Instructions::File(BuildspecFile::Remote("arn:aws:s3:::b/k".into()));
    assert!(bench.run().ending().1.contains("which a rehearsal does not reach"));
}

#[test]
fn a_buildspec_may_be_given_as_text() {
    let mut bench = Bench::new("not: this one");
    let text = "{\"version\": 0.2, \"phases\": {\"build\": {\"commands\": [\"echo inline\"]}}}";
    bench.request.instructions = Instructions::File(BuildspecFile::from_setting(Some(text)));
    assert_eq!(bench.run().said(), "inline");
}

#[test]
fn fetched_values_are_hidden_wherever_they_appear() {
    let mut bench = Bench::new(
        "version: 0.2
env:
  variables: {SHOWN: plain}
  parameter-store: {TOKEN: /t}
  secrets-manager: {PW: 'db:password'}
  exported-variables: [TOKEN, KEY, UNSET, AWS_REGION, SHOWN]
phases:
  build:
    commands:
      - echo \"$TOKEN $PW $SHOWN\"; echo t0ken | rev
      - printf t0k; echo en
      - 'echo t0ken; exit 9'
",
    );
    bench.request.stand_ins.parameters.insert("/t".into(), Ok("t0ken".into()));
    bench.request.stand_ins.secrets.insert("db".into(), Ok("{\"password\":\"s3cret\"}".into()));
    bench.request.overrides = vec![ProjectVariable {
        name: "KEY".into(),
        value: "/t".into(),
        kind: ProjectVariableKind::ParameterStore,
    }];
    let ran = bench.run();
    assert_eq!(
        ran.said(),
        "*** *** plain
nek0t
***
***"
    );
    assert!(!ran.text.contains("t0ken") && !ran.text.contains("s3cret"), "{}", ran.text);
    let failure = ran.result.failure.clone().unwrap();
    assert_eq!(failure.command.as_deref(), Some("echo ***; exit 9"));
    assert!(!format!("{failure:?} {:?}", ran.progress).contains("t0ken"));
    // codebuild.md 3.9
    assert_eq!(
        ran.result.exported,
        BTreeMap::from([("TOKEN".into(), "t0ken".into()), ("SHOWN".into(), "plain".into())])
    );
    assert_eq!(ran.notes().iter().filter(|note| note.starts_with("exported-variables")).count(), 2);
}

#[test]
fn a_missing_stand_in_says_what_to_write() {
    let bench = Bench::new(
        "version: 0.2
env:
  parameter-store: {TOKEN: /CodeBuild/t}
phases:
  build:
    commands: [echo x]
",
    );
    let ran = bench.run();
    assert_eq!(ran.phases(), "DOWNLOAD_SOURCE FINALIZING");
    assert!(ran.ending().1.ends_with("parameters:\n  /CodeBuild/t: { env: TOKEN }"), "{:?}", ran.ending());
}

#[test]
fn variables_of_the_service_are_there() {
    let mut bench = Bench::phases(
        "  build:\n    commands: ['env | grep ^CODEBUILD_ | sort; echo $AWS_REGION; test \"$HOME\" != \"$CODEBUILD_SRC_DIR\"']\n",
    );
    bench.request.revision = Some("abc".into());
    bench.request.known = vec![("CODEBUILD_WEBHOOK_HEAD_REF".into(), "refs/heads/main".into())];
    let ran = bench.run();
    insta::assert_snapshot!(ran.said(), @r"
    CODEBUILD_BUILD_ARN=arn:aws:codebuild:us-east-1:000000000000:build/web:11111111-2222-4333-8444-555555555555
    CODEBUILD_BUILD_ID=web:11111111-2222-4333-8444-555555555555
    CODEBUILD_BUILD_IMAGE=aws/codebuild/standard:7.0
    CODEBUILD_BUILD_NUMBER=1
    CODEBUILD_BUILD_SUCCEEDING=1
    CODEBUILD_BUILD_URL=https://us-east-1.console.aws.amazon.com/codebuild/home?region=us-east-1#/builds/web:11111111-2222-4333-8444-555555555555/view/new
    CODEBUILD_CI=true
    CODEBUILD_CONTAINER_NAME=default
    CODEBUILD_INITIATOR=tester
    CODEBUILD_KMS_KEY_ID=arn:aws:kms:us-east-1:000000000000:alias/aws/s3
    CODEBUILD_LOCAL_BUILD=true
    CODEBUILD_LOG_PATH=11111111-2222-4333-8444-555555555555
    CODEBUILD_PROJECT_ARN=arn:aws:codebuild:us-east-1:000000000000:project/web
    CODEBUILD_RESOLVED_SOURCE_VERSION=abc
    CODEBUILD_SRC_DIR=<work>/codebuild/output/src1/src
    CODEBUILD_START_TIME=0
    CODEBUILD_WEBHOOK_HEAD_REF=refs/heads/main
    us-east-1
    ");
}

#[test]
fn the_shell_is_that_of_the_image_unless_the_buildspec_names_one() {
    let kind = "    commands: ['echo \"${BASH_VERSION:+bash}${POSIXLY_CORRECT+ posix}\"; x=1; type type >/dev/null; set -o 2>/dev/null | grep ^posix | tr -s \" \\t\" \" \"']\n";
    let shell = |image: &str, top: &str| {
        let mut bench = Bench::new(&format!(
            "version: 0.2
{top}phases:
  build:
{kind}"
        ));
        bench.request.project.environment =
            Environment { image: Some(image.into()), ..Environment::default() };
        let ran = bench.run();
        if ran.result.status == PhaseStatus::Succeeded { ran.said() } else { ran.ending().1 }
    };
    assert_eq!(shell("aws/codebuild/standard:7.0", ""), "");
    let posix = shell("aws/codebuild/amazonlinux-x86_64-standard:5.0", "");
    assert!(posix.starts_with("bash") && posix.contains("posix on"), "{posix}");
    let bash = shell("aws/codebuild/standard:7.0", "env: {shell: bash}\n");
    assert!(bash.starts_with("bash") && bash.contains("posix off"), "{bash}");
    let windows = shell("aws/codebuild/standard:7.0", "env: {shell: powershell.exe}\n");
    assert_eq!(windows, "CLIENT_ERROR powershell.exe is not supported: commands run in sh or bash");
}

#[test]
fn what_is_not_rehearsed_is_said() {
    let ran = Bench::new(
        "version: 0.2
run-as: builder
phases:
  install:
    runtime-versions: {cobol: 1}
    commands: [codebuild-breakpoint]
  build:
    run-as: other
    commands: [true]
reports:
  unit: {files: ['*.xml']}
cache:
  paths: [node_modules/**/*]
",
    )
    .run();
    let notes = ran.notes().join("\n");
    for part in [
        "run-as: commands run as you, not as builder or other",
        "runtime-versions: CodeBuild has no runtime called cobol",
        "report unit: INCOMPLETE, 0 test cases, no file matches *.xml",
        "cache: ",
    ] {
        assert!(notes.contains(part), "{part} in {notes}");
    }
    assert_eq!(ran.said(), "codebuild-breakpoint: no session connection, so the build goes on");
    assert!(ran.text.contains("ended with the build: process 7, server"), "{}", ran.text);
    assert_eq!(ran.result.status, PhaseStatus::Succeeded, "{:?}", ran.ending());
    let ran = Bench::phases("  build:\n    commands: ['codebuild-hash-files package.json']\n").run();
    assert_eq!(ran.said(), "codebuild-hash-files: a rehearsal does not have this command yet");
    assert_eq!(ran.result.failure.unwrap().exit_status, Some(127));
}

#[test]
fn the_home_of_the_image_is_a_private_one_here() {
    // codebuild.md 3.6: HOME is always /root, which on this machine may be the user's own.
    let mut bench = Bench::new(
        "version: 0.2
env:
  variables: {HOME: /root}
phases:
  build:
    commands: ['echo $HOME']
",
    );
    let said = |bench: &Bench| {
        let ran = bench.run();
        (ran.text.contains("\n<work>/home\n"), ran.notes().join("; "))
    };
    let (private, notes) = said(&bench);
    assert!(private && notes.contains("HOME is a private folder"), "{notes}");
    bench.request.overrides = vec![ProjectVariable {
        name: "HOME".into(),
        value: "/nowhere".into(),
        kind: ProjectVariableKind::Plaintext,
    }];
    assert!(!said(&bench).0, "another one is the build's own choice");
}

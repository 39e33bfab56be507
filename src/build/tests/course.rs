//! What runs, in which order, and how it is told.

use std::time::Duration;

use super::{ALL, Bench, PhaseStatus};

#[test]
fn a_build_is_told_as_codebuild_tells_it() {
    let bench = Bench::new(
        "version: 0.2
phases:
  install:
    commands: [echo hello]
  build:
    commands:
      - printf no-newline
      - |
        echo two
        echo lines
artifacts:
  files: ['*']
",
    );
    let ran = bench.run();
    assert_eq!(ran.ending(), (PhaseStatus::Succeeded, String::new()));
    assert_eq!(ran.phases(), ALL);
    // codebuild.md 3.5
    let text =
        ran.text.replace("1970/01/01 00:00:00.000000", "…").replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(text, @r"
    [Container] … Running on Rehearsal VERSION
    [Container] … Waiting for agent ping
    [Container] … Waiting for DOWNLOAD_SOURCE
    [Container] … Phase is DOWNLOAD_SOURCE
    [Container] … CODEBUILD_SRC_DIR=<work>/codebuild/output/src1/src
    [Container] … YAML location is <work>/codebuild/output/src1/src/buildspec.yml
    [Container] … Processing environment variables
    [Container] … No runtime version selected in buildspec.
    [Container] … Moving to directory <work>/codebuild/output/src1/src
    [Container] … Cache is not defined in the buildspec
    [Container] … Skip cache due to: no paths specified to be cached
    [Container] … Registering with agent
    [Container] … Phases found in YAML: 2
    [Container] …  INSTALL: 1 commands
    [Container] …  BUILD: 2 commands
    [Container] … Phase complete: DOWNLOAD_SOURCE State: SUCCEEDED
    [Container] … Phase context status code:  Message: 
    [Container] … Entering phase INSTALL
    [Container] … Running command echo hello
    hello
    [Container] … Phase complete: INSTALL State: SUCCEEDED
    [Container] … Phase context status code:  Message: 
    [Container] … Entering phase PRE_BUILD
    [Container] … Phase complete: PRE_BUILD State: SUCCEEDED
    [Container] … Phase context status code:  Message: 
    [Container] … Entering phase BUILD
    [Container] … Running command printf no-newline
    no-newline
    [Container] … Running command echo two
    echo lines
    two
    lines
    [Container] … Phase complete: BUILD State: SUCCEEDED
    [Container] … Phase context status code:  Message: 
    [Container] … Entering phase POST_BUILD
    [Container] … Phase complete: POST_BUILD State: SUCCEEDED
    [Container] … Phase context status code:  Message: 
    [Container] … Expanding base directory path: .
    [Container] … Assembling file list
    [Container] … Expanding .
    [Container] … Expanding file paths for base directory .
    [Container] … Assembling file list
    [Container] … Expanding *
    [Container] … Found 1 file(s)
    [Container] … Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED
    [Container] … Phase context status code:  Message: 
    [Rehearsal] … ended with the build: process 7, server
    ");
}

#[test]
fn phases_follow_each_other_as_the_reference_says() {
    let build = |failing: &str, on_failure: &str| {
        let phase = |name: &str| {
            let fails = if name == failing { "\n      - exit 3" } else { "" };
            let reaction = if name == failing && !on_failure.is_empty() {
                format!("\n    on-failure: {on_failure}")
            } else {
                String::new()
            };
            format!(
                "  {name}:{reaction}\n    commands:\n      - echo {name} $CODEBUILD_BUILD_SUCCEEDING{fails}\n      - echo end {name}\n    finally: [echo finally $CODEBUILD_BUILD_SUCCEEDING]\n"
            )
        };
        let phases: String = ["install", "pre_build", "build", "post_build"].map(phase).concat();
        let ran = Bench::phases(&phases).run();
        (
            ran.phases(),
            ran.said().replace('\n', "; "),
            ran.result.status,
            ran.result.failure.and_then(|failure| failure.phase),
        )
    };
    let good = |name: &str, succeeding: u8| format!("{name} {succeeding}; end {name}; finally {succeeding}");
    let bad = |name: &str| format!("{name} 1; finally 0");
    // codebuild.md 3.2 and 1.7
    let (phases, said, status, failed) = build("", "");
    assert_eq!(phases, ALL);
    assert_eq!(said, ["install", "pre_build", "build", "post_build"].map(|name| good(name, 1)).join("; "));
    assert_eq!((status, failed), (PhaseStatus::Succeeded, None));
    for (failing, on_failure, last, expected) in [
        ("install", "", "DOWNLOAD_SOURCE INSTALL FINALIZING", bad("install")),
        (
            "pre_build",
            "",
            "DOWNLOAD_SOURCE INSTALL PRE_BUILD FINALIZING",
            format!("{}; {}", good("install", 1), bad("pre_build")),
        ),
        (
            "build",
            "",
            ALL,
            format!(
                "{}; {}; {}; {}",
                good("install", 1),
                good("pre_build", 1),
                bad("build"),
                good("post_build", 0)
            ),
        ),
        (
            "build",
            "ABORT",
            "DOWNLOAD_SOURCE INSTALL PRE_BUILD BUILD FINALIZING",
            format!("{}; {}; {}", good("install", 1), good("pre_build", 1), bad("build")),
        ),
        (
            "install",
            "CONTINUE",
            ALL,
            format!(
                "{}; {}; {}; {}",
                bad("install"),
                good("pre_build", 0),
                good("build", 0),
                good("post_build", 0)
            ),
        ),
        ("install", "RETRY-1", "DOWNLOAD_SOURCE INSTALL FINALIZING", format!("{0}; {0}", bad("install"))),
    ] {
        let (phases, said, status, failed) = build(failing, on_failure);
        assert_eq!((phases.as_str(), said), (last, expected), "{failing} {on_failure}");
        assert_eq!((status, failed), (PhaseStatus::Failed, Some(failing.to_uppercase())));
    }
}

#[test]
fn a_failing_command_is_told_in_aws_words() {
    let ran = Bench::phases(
        "  build:
    commands:
      - |
        echo why
        false
",
    )
    .run();
    let failure = ran.result.failure.unwrap();
    assert_eq!(failure.code, "COMMAND_EXECUTION_ERROR");
    assert_eq!(failure.message, "Error while executing command: echo why. Reason: exit status 1");
    assert_eq!((failure.command.as_deref(), failure.exit_status), (Some("echo why\nfalse\n"), Some(1)));
    assert!(ran.text.contains("Phase complete: BUILD State: FAILED\n"), "{}", ran.text);
    assert!(ran.text.contains(
        "Phase context status code: COMMAND_EXECUTION_ERROR Message: Error while executing command: echo why. Reason: exit status 1"
    ));
    let aborted = Bench::phases(
        "  build:
    on-failure: ABORT
    commands: [exit 2]
",
    )
    .run();
    assert!(aborted.text.contains("Phase complete: BUILD State: FAILED_WITH_ABORT\n"), "{}", aborted.text);
}

#[test]
fn a_phase_is_tried_again_from_its_beginning() {
    let spec = "  build:
    on-failure: RETRY-5-transient
    commands:
      - cd /
      - N=$(cat $CODEBUILD_SRC_DIR/n 2>/dev/null || echo 0); echo \"try $N $(pwd) ${LEFT-none}\"; echo $((N + 1)) > $CODEBUILD_SRC_DIR/n; LEFT=1; test $N -ge 2 || { echo a transient error; false; }
      - echo done
";
    let ran = Bench::phases(spec).run();
    let errors = "a transient error";
    assert_eq!(
        ran.said(),
        ["try 0 / none", errors, "try 1 / none", errors, "try 2 / none", "done"].join("\n")
    );
    assert_eq!(ran.result.status, PhaseStatus::Succeeded);
    let other = Bench::phases(
        "  build:
    on-failure: RETRY-5-transient
    commands: [echo permanent; false]
",
    )
    .run();
    assert_eq!(other.said(), "permanent");
    let broken = Bench::phases(
        "  build:
    on-failure: RETRY-5-(
    commands: [echo permanent]
",
    )
    .run();
    assert!(
        broken.ending().1.starts_with("YAML_FILE_ERROR on-failure of build is no regular expression"),
        "{:?}",
        broken.ending()
    );
}

#[test]
fn state_goes_from_command_to_command_and_from_phase_to_phase() {
    let ran = Bench::phases(
        "  install:
    commands:
      - mkdir sub; cd sub; PLAIN='a b'; export EXPORTED=\"x
        y\"
      - exit 0
  build:
    commands:
      - echo \"$(basename $(pwd))|$PLAIN|$EXPORTED|$CODEBUILD_LAST_EXIT\"
      - (exit 4)
  post_build:
    commands:
      - echo \"$CODEBUILD_LAST_EXIT\"
",
    )
    .run();
    assert_eq!(ran.said(), "sub|a b|x y|0\n4");
    let first = Bench::new(
        "version: 0.1
phases:
  build:
    commands:
      - cd /; X=1
      - echo \"${X-none} $(pwd)\"
",
    )
    .run();
    assert_eq!(first.said(), "none <work>/codebuild/output/src1/src");
}

#[test]
fn a_directory_that_is_gone_is_told() {
    let ran = Bench::phases(
        "  build:
    commands:
      - mkdir gone; cd gone; rmdir ../gone
      - pwd
",
    )
    .run();
    assert_eq!(ran.said(), "<work>/codebuild/output/src1/src");
    assert!(ran.notes()[0].contains("gone, so this command starts at the root"), "{:?}", ran.notes());
}

#[test]
fn limits_end_a_build_where_it_is() {
    for (mark, status, words) in [
        ("# hang", PhaseStatus::TimedOut, "BUILD_TIMED_OUT Build has timed out. It was allowed 60 min."),
        ("# stop", PhaseStatus::Stopped, "BUILD_STOPPED Build was stopped."),
    ] {
        let ran = Bench::phases(&format!(
            "  build:
    on-failure: RETRY
    commands:
      - 'sleep 1000 {mark}'
    finally: [echo finally]
  post_build:
    commands: [echo post]
"
        ))
        .run();
        assert_eq!(ran.phases(), "DOWNLOAD_SOURCE INSTALL PRE_BUILD BUILD FINALIZING");
        assert_eq!(ran.ending(), (status, words.to_owned()));
        assert_eq!(ran.said(), "");
        let failure = ran.result.failure.unwrap();
        assert_eq!(failure.phase.as_deref(), Some("BUILD"));
        assert_eq!(failure.command.unwrap(), format!("sleep 1000 {mark}"));
    }
    let mut bench = Bench::phases("  build:\n    commands: [echo never]\n");
    bench.request.time_limit = Duration::ZERO;
    let ran = bench.run();
    assert_eq!(
        (ran.phases().as_str(), ran.result.status),
        ("DOWNLOAD_SOURCE FINALIZING", PhaseStatus::TimedOut)
    );
}

//! A build under its guard: background processes, limits, stopping, and what of the user it can see.

use std::fs;
use std::time::Duration;

use rehearsal::action::{Cancel, PhaseStatus, StopReason};
use rehearsal::build;
use rehearsal::spec::config::Environment;

use crate::build_ground::{Ground, Heard, plain};
use crate::process_yard::Yard;

/// Stays, and says its name into the FIFO.
const STAY: &str = "exec 9>$FIFO; echo up >&9; exec sleep 1000";

#[test]
fn a_background_server_serves_later_phases_and_ends_with_the_build() {
    let (ground, mut yard) = (Ground::new(), Yard::new());
    let mut request = ground.request(
        "version: 0.2
phases:
  pre_build:
    commands:
      - nohup sh -c \"$STAY\" >server.log 2>&1 & echo $! >pid
  build:
    commands:
      - until grep -q sleep /proc/$(cat pid)/cmdline; do :; done
      - kill -0 $(cat pid) && echo serving
",
    );
    request.overrides = vec![plain("FIFO", yard.path().join("fifo")), plain("STAY", STAY)];
    let (result, heard) = ground.run(&request);
    assert_eq!(
        (result.status, heard.said().as_str()),
        (PhaseStatus::Succeeded, "serving\n"),
        "{}",
        heard.text
    );
    assert_eq!(yard.expect(1), ["up"]);
    yard.assert_deserted();
    assert!(heard.text.contains("ended with the build: process "), "{}", heard.text);
}

#[test]
fn a_build_whose_time_is_up_leaves_nothing_running() {
    let buildspec = "version: 0.2
phases:
  build:
    commands:
      - setsid sh -c \"trap '' TERM; $STAY\" & sh -c \"$STAY\"
    finally: [echo finally]
  post_build:
    commands: [echo post]
artifacts:
  files: ['**/*']
";
    // The limit has to pass while the command runs; on a machine so busy that it does not get there, a longer one.
    for seconds in [1, 4, 16, 64] {
        let (ground, mut yard) = (Ground::new(), Yard::new());
        let mut request = ground.request(buildspec);
        request.overrides = vec![plain("FIFO", yard.path().join("fifo")), plain("STAY", STAY)];
        request.time_limit = Duration::from_secs(seconds);
        let (result, heard) = ground.run(&request);
        let failure = result.failure.unwrap();
        assert_eq!(
            (result.status, failure.code.as_str(), heard.said().as_str(), result.artifacts.len()),
            (PhaseStatus::TimedOut, "BUILD_TIMED_OUT", "", 0),
            "{}",
            heard.text
        );
        yard.assert_deserted();
        if failure.phase.as_deref() == Some("BUILD") {
            return;
        }
    }
    panic!("the command never ran");
}

#[test]
fn a_build_that_is_stopped_ends_at_once() {
    let (ground, mut yard) = (Ground::new(), Yard::new());
    for reason in [StopReason::Stopped, StopReason::Signal(2), StopReason::TimedOut] {
        let mut request = ground.request(
            "version: 0.2
phases:
  build:
    commands:
      - sh -c \"$STAY\" & echo started; wait
  post_build:
    commands: [echo post]
",
        );
        request.overrides = vec![plain("FIFO", yard.path().join("fifo")), plain("STAY", STAY)];
        let cancel = Cancel::new().unwrap();
        let stop = || {
            yard.expect(1);
            cancel.request(reason);
        };
        let mut heard = Heard { when: Some(("started\n", Box::new(stop))), ..Heard::default() };
        let result = build::run(&ground.host(), &request, &mut heard, &cancel).unwrap();
        let expected = match reason {
            StopReason::TimedOut => PhaseStatus::TimedOut,
            StopReason::Stopped | StopReason::Signal(_) => PhaseStatus::Stopped,
        };
        assert_eq!((result.status, heard.said().as_str()), (expected, "started\n"), "{}", heard.text);
        drop(heard);
        fs::remove_dir_all(&request.workspace).unwrap();
        yard.assert_deserted();
        yard = Yard::new();
    }
}

#[test]
fn commands_run_in_the_shell_of_each_image() {
    let ground = Ground::new();
    for (image, shell) in [
        ("aws/codebuild/standard:7.0", "dash"),
        ("aws/codebuild/amazonlinux-x86_64-standard:5.0", "bash --posix"),
    ] {
        let mut request = ground.request(
            "version: 0.2
phases:
  build:
    commands:
      - X='a b'; cd /
      - tr '\\0' ' ' </proc/$$/cmdline | sed 's|[^ ]*/||; s| [^ ]*script.sh.*||'; echo; echo \"$X $(pwd)\"
",
        );
        request.project.environment = Environment { image: Some(image.into()), ..Environment::default() };
        let (_, heard) = ground.run(&request);
        assert_eq!(heard.said(), format!("{shell}\na b /\n"), "{}", heard.text);
        fs::remove_dir_all(&request.workspace).unwrap();
    }
}

#[test]
fn a_build_sees_nothing_of_the_user() {
    let mut ground = Ground::new();
    let home = ground.path().join("home");
    fs::create_dir_all(home.join(".aws")).unwrap();
    fs::write(home.join(".aws/credentials"), "[default]\naws_secret_access_key = planted\n").unwrap();
    fs::write(home.join(".gitconfig"), "[user]\nname = planted\n").unwrap();
    for (name, value) in [
        ("HOME", home.to_str().unwrap()),
        ("AWS_SECRET_ACCESS_KEY", "planted"),
        ("AWS_PROFILE", "planted"),
        ("GITHUB_TOKEN", "planted"),
        ("GIT_DIR", "/planted"),
    ] {
        ground.environment.insert(name.into(), value.into());
    }
    let request = ground.request(
        "version: 0.2
phases:
  build:
    commands:
      - env
      - cat ~/.aws/credentials ~/.gitconfig 2>/dev/null || true
      - git config --global user.name written; git config user.name
      - git tag x 2>/dev/null || echo no repository
",
    );
    let (result, heard) = ground.run(&request);
    assert_eq!(result.status, PhaseStatus::Succeeded, "{}", heard.text);
    assert!(!heard.text.contains("planted"), "{}", heard.text);
    assert!(heard.said().ends_with("written\nno repository\n"), "{}", heard.text);
    assert_eq!(fs::read_to_string(home.join(".gitconfig")).unwrap(), "[user]\nname = planted\n");
}

#[test]
fn a_lot_of_output_comes_through_whole() {
    let ground = Ground::new();
    let mut request = ground.request(
        "version: 0.2
env:
  parameter-store: {TOKEN: /t}
phases:
  build:
    commands:
      - seq 200000; echo $TOKEN
",
    );
    request.stand_ins.parameters.insert("/t".into(), Ok("123456-none".into()));
    let (_, heard) = ground.run(&request);
    let said = heard.said();
    let mut lines = said.lines();
    assert!((1..=200_000).all(|number: u32| lines.next() == Some(&number.to_string())));
    assert_eq!(lines.collect::<Vec<_>>(), ["***"]);
}

//! A state directory that cannot take more: a full disk ends the command with 4, a read-only git directory sends the
//! state elsewhere. Both are made in a private mount namespace.

use std::process::Output;

use crate::env::{Env, buildspec, render};

const BUILDSPEC: &str = "version: 0.2\nphases:\n  build:\n    commands:\n      - echo hello\n";

/// Runs a script of mounts, then the program, in a mount namespace of its own.
fn in_namespace(env: &Env, mounts: &str, arguments: &str) -> Output {
    let script = format!("set -e\n{mounts}\nexec \"$0\" {arguments}");
    let mut command = env.prepare("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-c", &script, env!("CARGO_BIN_EXE_rehearsal")]);
    command.output().unwrap()
}

#[test]
fn a_full_disk_ends_the_run_with_4() {
    // The log of the build outgrows what is left of the disk.
    let buildspec =
        "version: 0.2\nphases:\n  build:\n    commands:\n      - head -c 4000000 /dev/zero | tr '\\0' x\n";
    let env = Env::with(&[("buildspec.yml", buildspec)]);
    std::fs::create_dir(env.work().join(".git/rehearsal")).unwrap();
    let mount = "mount -t tmpfs -o size=1m none .git/rehearsal";
    let output = in_namespace(&env, mount, "run");
    assert_eq!(output.status.code(), Some(4), "{}", render(&output));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("no space left"), "{told}");
    assert!(!told.contains("panicked"), "{told}");
    assert!(env.workspaces().is_empty(), "{:?}", env.workspaces());
}

#[test]
fn what_was_recorded_can_be_read_while_the_disk_is_full() {
    let text = "head -c 100 /dev/zero | tr '\\0' y; head -c 4000000 /dev/zero | tr '\\0' x";
    let env = Env::with(&[("buildspec.yml", &buildspec(&[text]))]);
    std::fs::create_dir(env.work().join(".git/rehearsal")).unwrap();
    for (command, expected) in [("list", "InProgress"), ("show", "gave SourceArtifact"), ("logs", "yyyy")] {
        let script =
            "mount -t tmpfs -o size=1m none .git/rehearsal\n\"$0\" run >/dev/null 2>&1 || test $? = 4";
        let output = in_namespace(&env, script, command);
        assert_eq!(output.status.code(), Some(0), "{command}: {}", render(&output));
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            told.starts_with("warning: the record may end too early: no space left"),
            "{command}: {told}"
        );
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(printed.contains(expected), "{command}: {printed}");
    }
}

#[test]
fn a_full_disk_before_the_first_event_ends_the_run_with_4() {
    let env = Env::with(&[("buildspec.yml", BUILDSPEC)]);
    std::fs::create_dir(env.work().join(".git/rehearsal")).unwrap();
    let mount = "mount -t tmpfs -o size=1m none .git/rehearsal\n\
                 head -c 1048576 /dev/zero > .git/rehearsal/filler 2>/dev/null || true";
    let output = in_namespace(&env, mount, "run");
    assert_eq!(output.status.code(), Some(4), "{}", render(&output));
    assert!(env.workspaces().is_empty(), "{:?}", env.workspaces());
}

#[test]
fn a_read_only_git_directory_sends_the_state_elsewhere() {
    let env = Env::with(&[("buildspec.yml", BUILDSPEC)]);
    let before = env.git(["for-each-ref"]);
    let mount = "mount --bind .git .git\nmount -o remount,bind,ro .git";
    let output = in_namespace(&env, mount, "run");
    assert_eq!(output.status.code(), Some(0), "{}", render(&output));
    assert!(!env.work().join(".git/rehearsal").exists());
    assert!(std::fs::read_dir(env.root().join("state/rehearsal")).unwrap().next().is_some());
    assert_eq!(env.git(["for-each-ref"]), before);

    let listed = in_namespace(&env, mount, "list --json");
    let list: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(list["executions"][0]["status"], "Succeeded", "{list}");
}

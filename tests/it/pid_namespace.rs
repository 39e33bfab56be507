//! In a PID namespace of its own, as in a container or a CI runner: the caller's session, group and parent are outside
//! and have no number here, and the program may itself be the first process.

use std::process::Output;

use crate::env::{Env, buildspec, render};

/// Runs a script in a PID namespace of its own, with the program as `$0`.
fn in_namespace(env: &Env, options: &[&str], script: &str) -> Output {
    let mut command = env.prepare("unshare");
    command.args(["--map-root-user", "--pid", "--fork"]).args(options);
    command.args(["sh", "-c", script, env!("CARGO_BIN_EXE_rehearsal")]);
    command.output().unwrap()
}

#[test]
fn a_build_runs_where_the_callers_session_is_not_seen() {
    let env = Env::with(&[("buildspec.yml", &buildspec(&["sleep 1000 & echo hello"]))]);
    // Below a shell, and in its place as the first process.
    for script in ["\"$0\" run; exit $?", "exec \"$0\" run"] {
        let output = in_namespace(&env, &["--mount-proc"], script);
        assert_eq!(output.status.code(), Some(0), "{script}: {}", render(&output));
        assert!(env.workspaces().is_empty(), "{:?}", env.workspaces());
    }
}

#[test]
fn where_processes_could_not_be_found_again_nothing_is_started() {
    let env = Env::with(&[("buildspec.yml", &buildspec(&["echo hello > ../started"]))]);
    let output = in_namespace(&env, &[], "exec \"$0\" build");
    assert_eq!(output.status.code(), Some(4), "{}", render(&output));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("/proc belongs to another PID namespace; mount one"), "{told}");
    assert!(env.workspaces().is_empty(), "{:?}", env.workspaces());
}

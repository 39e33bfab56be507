//! `rehearsal demo`: what a newcomer sees first.

use crate::env::{Env, render};

#[test]
fn the_demo_goes_from_a_commit_to_a_service_that_answers_and_leaves_nothing() {
    let env = Env::new();
    let output = env.output(["demo"]);
    let said = render(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    for wanted in [
        "--allow host-hooks",
        "Approval/Release was approved by the demo",
        "gate before Deploy passed",
        "$ curl http://127.0.0.1:",
        "{\"status\": \"ok\", \"version\": \"1.0.0+",
        "ApplicationStop of d-",
        "Succeeded service",
    ] {
        assert!(said.contains(wanted), "no {wanted} in {said}");
    }
    for folder in ["work", "home", "state", "cache", "tmp"] {
        let left: Vec<_> = std::fs::read_dir(env.root().join(folder)).unwrap().flatten().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn what_is_kept_can_be_looked_at_and_run_again() {
    let mut env = Env::new();
    env.stdout(["demo", "--keep", "kept"], 0);
    let kept = env.work().join("kept/service");
    // Nothing is written over.
    assert_eq!(env.output(["demo", "--keep", "kept"]).status.code(), Some(2));
    let mut again = env.rehearsal(["run", "--until", "Test"]);
    let output = again.current_dir(&kept).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", render(&output));
    let output = env.rehearsal(["list"]).current_dir(&kept).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 3, "{}", render(&output));
    assert_eq!(env.git(["-C", "kept/service", "status", "--porcelain"]), "");
    env.set("PATH", "/nowhere");
    let output = env.output(["demo"]);
    assert_eq!(output.status.code(), Some(2), "{}", render(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no python3"));
}

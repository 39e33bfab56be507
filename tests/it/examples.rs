//! The examples, as their READMEs tell: from a first commit to a deployment, and what stops one.

use crate::env::{Env, render};
use crate::example_builds::copy_example;

/// A repository of its own for an example, with one commit.
fn repository(name: &str, branch: &str) -> Env {
    let env = Env::new();
    env.git(["init", "--quiet", &format!("--initial-branch={branch}")]);
    copy_example(name, &env);
    env.commit("First version");
    env
}

/// Runs the program, which must end with this code, and gives all it said.
fn run<'a>(env: &Env, arguments: impl IntoIterator<Item = &'a str>, code: i32) -> String {
    let output = env.output(arguments);
    let text = render(&output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

/// Changes a text in a file, which must be there, and commits.
fn change(env: &Env, path: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(env.work().join(path)).unwrap();
    assert!(text.contains(from), "{path} has no {from}");
    env.file(path, &text.replace(from, to));
    env.commit("Change");
}

/// The status of each stage of the newest execution.
fn stages(env: &Env) -> Vec<(String, String)> {
    let document: serde_json::Value = serde_json::from_str(&env.stdout(["show", "--json"], 0)).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let stages = document["execution"]["stages"].as_array().unwrap();
    stages.iter().map(|stage| (text(&stage["name"]), text(&stage["status"]))).collect()
}

fn status(env: &Env, stage: &str) -> String {
    let stages = stages(env);
    stages.iter().find(|(name, _)| name == stage).map(|(_, status)| status.clone()).unwrap_or_default()
}

#[test]
fn the_service_goes_from_commit_to_deployment_and_nothing_stays_behind() {
    let env = repository("service", "main");
    run(&env, ["run", "--approve", "--allow", "host-hooks"], 0);
    assert!(stages(&env).iter().all(|(_, status)| status == "Succeeded"), "{:?}", stages(&env));
    let log = env.stdout(["logs", "--action", "Deploy/Production"], 0);
    let answer =
        log.lines().find(|line| line.contains("answers {'status': 'ok'")).unwrap_or_else(|| panic!("{log}"));
    let port = answer.split("port ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    let reached = std::net::TcpStream::connect_timeout(&address, crate::env::CEILING);
    assert!(reached.is_err(), "the deployed service still answers at {address}");

    // The second deployment replaces the first one.
    change(&env, "service/answers.py", "\"hello\"", "\"good day\"");
    change(&env, "tests/unit/test_answers.py", "\"hello\"", "\"good day\"");
    change(&env, "tests/integration/test_service.py", "\"hello\"", "\"good day\"");
    run(&env, ["run", "--approve", "--allow", "host-hooks"], 0);
}

#[test]
fn the_service_waits_for_its_approval_which_another_command_gives() {
    let env = repository("service", "main");
    run(&env, ["run"], 5);
    assert_eq!(status(&env, "Test"), "Succeeded");
    let list: serde_json::Value = serde_json::from_str(&env.stdout(["list", "--json"], 0)).unwrap();
    let execution = list["executions"][0]["id"].as_str().unwrap().to_owned();
    run(&env, ["approve", &execution, "--allow", "host-hooks"], 0);
    assert_eq!(status(&env, "Deploy"), "Succeeded");
}

#[test]
fn a_rejected_service_is_not_deployed() {
    let env = repository("service", "main");
    run(&env, ["run", "--reject"], 1);
    assert_ne!(status(&env, "Deploy"), "Succeeded");
}

#[test]
fn hooks_that_are_not_allowed_are_simulated_and_counted() {
    let env = repository("service", "main");
    let text = run(&env, ["run", "--approve"], 0);
    assert!(text.contains("simulated"), "{text}");
    run(&env, ["run", "--approve", "--strict"], 1);
}

#[test]
fn a_broken_service_is_stopped_by_its_tests() {
    let env = repository("service", "main");
    change(&env, "service/answers.py", "\"ok\"", "\"unwell\"");
    run(&env, ["run", "--approve", "--allow", "host-hooks"], 1);
    assert_eq!(status(&env, "Test"), "Failed");
    assert_ne!(status(&env, "Deploy"), "Succeeded");
}

#[test]
fn a_model_good_enough_is_deployed_and_a_worse_one_is_stopped_by_the_gate() {
    let env = repository("ml-model", "develop");
    run(&env, ["run", "model-develop", "--allow", "host-hooks"], 0);
    assert!(stages(&env).iter().all(|(_, status)| status == "Succeeded"), "{:?}", stages(&env));

    change(&env, "training.json", "\"rounds\": 1000", "\"rounds\": 100");
    let text = run(&env, ["run", "model-develop", "--allow", "host-hooks"], 1);
    assert!(text.contains("0.675") && text.contains("0.9"), "{text}");
    assert_eq!(status(&env, "Test"), "Succeeded", "every test passes");
    assert_ne!(status(&env, "Deploy"), "Succeeded");
}

#[test]
fn a_release_goes_to_staging_and_to_production() {
    let env = repository("ml-model", "release/v1.0");
    run(&env, ["run", "model-release", "--approve", "--allow", "host-hooks"], 0);
    assert!(stages(&env).iter().all(|(_, status)| status == "Succeeded"), "{:?}", stages(&env));
    assert_eq!(stages(&env).len(), 6);
}

#[test]
fn check_has_nothing_to_say_about_the_examples() {
    for (name, branch) in [("service", "main"), ("ml-model", "develop")] {
        let env = repository(name, branch);
        let document: serde_json::Value =
            serde_json::from_str(&env.stdout(["check", "--format", "json"], 0)).unwrap();
        assert_eq!(document["findings"], serde_json::json!([]), "{name}");
    }
}

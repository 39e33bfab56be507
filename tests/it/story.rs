//! The whole mission in one story (docs/story.md): a feature branch whose red push is held back, the fixed push, the merge
//! that a watcher takes up to its approval, the answer from a second terminal, the deployment; and a model that got worse
//! and is stopped by its gate.

use rustix::process::Signal;
use serde_json::Value;

use crate::env::{Env, Running, render, until};
use crate::example_builds::copy_example;

/// A repository of its own for an example.
fn repository(name: &str, branch: &str) -> Env {
    let env = Env::new();
    env.git(["init", "--quiet", &format!("--initial-branch={branch}")]);
    copy_example(name, &env);
    env
}

/// Changes a text in a file, which must be there.
fn change(env: &Env, path: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(env.work().join(path)).unwrap();
    assert!(text.contains(from), "{path} has no {from}");
    env.file(path, &text.replace(from, to));
}

/// What `show --json` says of the newest execution.
fn newest(env: &Env) -> Value {
    let shown: Value = serde_json::from_str(&env.stdout(["show", "--json"], 0)).unwrap();
    shown["execution"].clone()
}

fn stage(execution: &Value, name: &str) -> String {
    let stages = execution["stages"].as_array().unwrap();
    let found = stages.iter().find(|stage| stage["name"] == name).unwrap();
    found["status"].as_str().unwrap_or("did not run").to_owned()
}

/// Pushes a branch and tells whether git did, and what was said.
fn push(env: &Env, branch: &str) -> (bool, String) {
    let mut command = env.prepare("git");
    command.args(["push", "origin", branch]);
    let output = Running::of(command).finish();
    (output.status.success(), render(&output))
}

/// The service with a second pipeline for feature branches, which ends with the tests.
fn service() -> Env {
    let env = repository("service", "main");
    let whole = std::fs::read_to_string(env.work().join("pipeline.yml")).unwrap();
    let (tested, _) = whole.split_once("    - name: Approval\n").unwrap();
    let tested = tested
        .replace("  name: service\n", "  name: service-feature\n")
        .replace("includes: [main]", "includes: [\"feature/**\"]");
    env.file("feature.yml", &tested);
    change(&env, "rehearsal.yml", "pipelines: [pipeline.yml]", "pipelines: [pipeline.yml, feature.yml]");
    change(&env, "rehearsal.yml", "  - before: Deploy\n", "  - before: Deploy\n    pipeline: service\n");
    env.commit("Release it with a pipeline");
    env
}

#[test]
fn from_a_feature_branch_to_a_deployed_service() {
    let env = service();
    env.git(["init", "--quiet", "--bare", "../remote.git"]);
    env.git(["remote", "add", "origin", "../remote.git"]);
    env.stdout(["check"], 0);
    env.stdout(["hook", "install"], 0);

    // A change of the greeting that forgets the tests does not leave the machine.
    env.git(["checkout", "--quiet", "-b", "feature/greeting"]);
    change(&env, "service/answers.py", "\"hello\"", "\"good day\"");
    env.commit("Greet more politely");
    let (went, said) = push(&env, "feature/greeting");
    assert!(!went && said.contains("Test/Unit failed in phase BUILD"), "{said}");
    assert!(said.contains("red for branch feature/greeting"), "{said}");
    assert_eq!(env.git(["ls-remote", "origin"]), "");

    // With the tests it does.
    change(&env, "tests/unit/test_answers.py", "\"hello\"", "\"good day\"");
    change(&env, "tests/integration/test_service.py", "\"hello\"", "\"good day\"");
    env.commit("Expect the new greeting");
    let (went, said) = push(&env, "feature/greeting");
    assert!(went && said.contains("Succeeded"), "{said}");
    assert!(env.git(["ls-remote", "origin"]).contains("refs/heads/feature/greeting"));

    // The merge to main starts the release pipeline, which waits for its approval.
    env.stdout(["watch", "--once"], 0);
    let watcher = env.start(["watch"]);
    env.git(["checkout", "--quiet", "main"]);
    env.git(["merge", "--quiet", "--no-ff", "--message", "Merge the greeting", "feature/greeting"]);
    let waiting = until("the approval of the release", || {
        let listed: Value = serde_json::from_slice(&env.output(["list", "--json"]).stdout).ok()?;
        let first = listed["executions"].get(0)?.clone();
        (first["pipeline"] == "service").then_some(())?;
        let execution = newest(&env);
        (!execution["approvals"].as_array()?.is_empty()).then_some(execution)
    });
    assert_eq!(
        (stage(&waiting, "Test"), stage(&waiting, "Deploy")),
        ("Succeeded".into(), "did not run".into())
    );

    // The answer comes from a second terminal, which carries the release to its end.
    let approved = env.output(["approve", "--comment", "go", "--allow", "host-hooks"]);
    assert_eq!(approved.status.code(), Some(0), "{}", render(&approved));
    let said = String::from_utf8_lossy(&approved.stderr);
    assert!(
        said.contains("Approval/Release was approved by") && said.contains("gate before Deploy passed"),
        "{said}"
    );
    let log = env.stdout(["logs", "--action", "Deploy/Production"], 0);
    assert!(log.contains("answers {'status': 'ok'"), "{log}");
    let released = newest(&env);
    assert_eq!(
        (released["status"].as_str(), stage(&released, "Deploy").as_str()),
        (Some("Succeeded"), "Succeeded")
    );
    assert_eq!(released["simulated"], serde_json::json!([]));

    watcher.signal(Signal::INT);
    let ended = watcher.finish();
    assert_eq!(ended.status.code(), Some(130), "{}", render(&ended));
    assert!(env.workspaces().is_empty(), "{:?}", env.workspaces());
}

#[test]
fn a_model_that_got_worse_is_stopped_by_its_gate() {
    let env = repository("ml-model", "develop");
    env.commit("Train a classifier");
    env.stdout(["watch", "--once"], 0);
    change(&env, "training.json", "\"rounds\": 1000", "\"rounds\": 100");
    env.commit("Train faster");
    let watched = env.output(["watch", "--once"]);
    let said = render(&watched);
    assert_eq!(watched.status.code(), Some(1), "{said}");
    assert!(said.contains("gate before Deploy let nothing through") && said.contains("0.675"), "{said}");
    let execution = newest(&env);
    assert_eq!(execution["reason"], "gate");
    assert_eq!(execution["stages"].as_array().unwrap().last().unwrap()["gate"]["verdict"], "failed");
    assert!(env.stdout(["show"], 0).contains("model accuracy      wanted at least 0.9"));
    assert_eq!(
        (stage(&execution, "Test"), stage(&execution, "Deploy")),
        ("Succeeded".into(), "Failed".into())
    );
    let actions = execution["stages"].as_array().unwrap().last().unwrap()["actions"].clone();
    assert_eq!(actions[0]["runs"], serde_json::json!([]), "nothing of it was deployed");
}

#[test]
fn what_is_left_at_an_approval_behind_a_deployment_runs_again_for_whoever_carries_on() {
    let env = repository("service", "main");
    let root = env.work().join("deployed");
    change(&env, "rehearsal.yml", "local: {}", "local: { root: deployed }");
    let whole = std::fs::read_to_string(env.work().join("pipeline.yml")).unwrap();
    let (before, rest) = whole.split_once("    - name: Approval\n").unwrap();
    let (approval, deploy) = rest.split_once("    - name: Deploy\n").unwrap();
    // It needs the service that the stage before deployed.
    let port = root.join("run/service/service.port");
    let call = format!(
        "until [ -s {0} ]; do sleep 0.05; done; python3 -c \"import sys, urllib.request; \
         print(urllib.request.urlopen('http://127.0.0.1:' + sys.argv[1] + '/health').read())\" \"$(cat {0})\"",
        port.display()
    );
    let verify = format!(
        "    - name: Verify
      actions:
        - name: Call
          actionTypeId: {{ category: Compute, owner: AWS, provider: Commands, version: \"1\" }}
          inputArtifacts: [{{ name: Sources }}]
          commands: [{}]
",
        Value::from(call)
    );
    env.file(
        "pipeline.yml",
        &format!("{before}    - name: Deploy\n{deploy}    - name: Approval\n{approval}{verify}"),
    );
    env.file(".gitignore", "deployed\n");
    env.commit("Approve what is deployed");

    let left = env.output(["run", "--allow", "host-hooks"]);
    let said = render(&left);
    assert_eq!(left.status.code(), Some(5), "{said}");
    assert!(said.contains("ApplicationStop of d-") && said.contains("approve "), "{said}");
    assert!(said.contains("--allow host-hooks"), "{said}");
    assert!(!root.join("run/service/service.pid").exists(), "it was stopped");

    let approved = env.output(["approve", "--allow", "host-hooks"]);
    let said = render(&approved);
    assert_eq!(approved.status.code(), Some(0), "{said}");
    let started = said.find("ApplicationStart of d-").unwrap_or_else(|| panic!("{said}"));
    let verified = said.find("Verify/Call succeeded").unwrap();
    let stopped = said.find("ApplicationStop of d-").unwrap();
    assert!(started < verified && verified < stopped, "{said}");
    assert!(env.stdout(["logs", "--action", "Verify/Call"], 0).contains("\"status\": \"ok\""));
    assert!(!root.join("run/service/service.pid").exists(), "it was stopped again");
}

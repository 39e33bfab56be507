//! `rehearsal run` with a CodeDeploy action: what is refused before anything starts, planned, and deployed.

use crate::deploy_ground::appspec;
use crate::env::{Env, pipeline};

const GROUP: &str = "deploymentGroups:
  - applicationName: service
    deploymentGroupName: production
    local: { root: ../deployed }
";

/// The pipeline of the tests with a stage that deploys the source.
fn deploying(group: &str) -> String {
    format!(
        "{}    - name: Deploy
      actions:
        - name: Production
          actionTypeId: {{ category: Deploy, owner: AWS, provider: CodeDeploy, version: \"1\" }}
          inputArtifacts: [{{ name: Sources }}]
          configuration: {{ ApplicationName: service, DeploymentGroupName: {group} }}
",
        pipeline("release", &[])
    )
}

fn repository(configuration: &str, group: &str, spec: &str) -> Env {
    Env::with(&[
        ("pipeline.yml", &deploying(group)),
        ("rehearsal.yml", configuration),
        ("appspec.yml", spec),
        ("page", "hello\n"),
        ("start.sh", "#!/bin/sh\necho starting\ntouch \"$REHEARSAL_DEPLOYMENT_ROOT/started\"\n"),
        ("fail.sh", "#!/bin/sh\necho no >&2\nexit 3\n"),
    ])
}

fn hooks(script: &str) -> String {
    appspec("files:\n  - {source: page, destination: /srv}", &[("ApplicationStart", script)])
}

#[test]
fn a_deployment_is_planned_unless_its_hooks_are_allowed() {
    let env = repository(GROUP, "production", &hooks("start.sh"));
    insta::assert_snapshot!("deploy-only-planned", env.run(["run"]));
    assert!(!env.root().join("deployed").exists());
    insta::assert_snapshot!(
        "deploy-plan-in-the-log",
        env.stdout(["logs", "--action", "Deploy/Production"], 0)
    );
    assert_eq!(env.output(["run", "--strict"]).status.code(), Some(1));

    insta::assert_snapshot!("deploy-done", env.run(["run", "--allow", "host-hooks"]));
    let page = std::fs::read_to_string(env.root().join("deployed/srv/page"));
    assert_eq!(page.ok().as_deref(), Some("hello\n"));
    assert!(env.root().join("deployed/started").exists());
    insta::assert_snapshot!("deploy-log", env.stdout(["logs", "--action", "Deploy/Production"], 0));
}

#[test]
fn a_failing_hook_is_shown_with_its_event_script_and_output() {
    let env = repository(GROUP, "production", &hooks("fail.sh"));
    insta::assert_snapshot!("deploy-failed", env.run(["run", "--allow", "host-hooks"]));
    insta::assert_snapshot!("deploy-retry", env.run(["retry", "--allow", "host-hooks"]));
}

#[test]
fn local_counts_from_the_working_tree_only() {
    let env = repository(GROUP, "production", &hooks("start.sh"));
    env.file("rehearsal.yml", "deploymentGroups: []\n");
    insta::assert_snapshot!("deploy-without-local", env.run(["run", "--allow", "host-hooks"]));
    assert!(!env.root().join("deployed").exists());
}

#[test]
fn what_can_be_known_beforehand_is_refused() {
    for (name, configuration, group, spec) in [
        ("deploy-no-application", "", "production", hooks("start.sh")),
        ("deploy-no-group", GROUP, "staging", hooks("start.sh")),
        ("deploy-broken-appspec", GROUP, "production", "version: 0.1\nos: linux\n".to_owned()),
    ] {
        let env = repository(configuration, group, &spec);
        insta::assert_snapshot!(name, env.run(["run"]));
    }
    let env = repository(GROUP, "production", &hooks("start.sh"));
    env.git(["rm", "--quiet", "appspec.yml"]);
    env.commit("without an appspec");
    insta::assert_snapshot!("deploy-no-appspec", env.run(["run"]));
    insta::assert_snapshot!("deploy-allow-what", env.run(["run", "--allow", "network"]));
}

#[test]
fn tools_that_hooks_call_are_recorded_as_those_of_builds_are() {
    let env = repository(GROUP, "production", &hooks("release.sh"));
    let script = "#!/bin/sh\nset -e\nhelm uninstall web\nsystemctl restart web\ngh release create v1\necho from $(command -v helm)\n";
    env.file("release.sh", script);
    env.commit("a hook that would act on other machines");
    let told = env.run(["run", "--allow", "host-hooks"]);
    assert!(told.starts_with("exit: 0\n"), "{told}");
    let log = env.stdout(["logs", "--action", "Deploy/Production"], 0);
    for line in ["helm uninstall web", "systemctl restart web", "gh release create v1"] {
        assert!(log.contains(&format!("recorded, not run: {line}")), "{log}");
    }
    assert!(log.contains("/shims/helm\n"), "{log}");
    // In the account of the deployment, with the hook that called them.
    let effects = env.stdout(["show", "--effects"], 0);
    assert!(effects.contains("release.sh") && effects.contains("helm uninstall web"), "{effects}");
    assert!(told.contains("3 simulated"), "{told}");
}

//! One execution from start to end (codepipeline.md 4.1, 4.2, 6).

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::pipeline::testing::{edit, output, pipeline, variable};
use crate::spec::pipeline::ExecutionMode;

#[test]
fn stages_run_one_after_the_other_and_groups_by_run_order() {
    let mut bench = Bench::new();
    let lines = bench.start("A", &pipeline("Source=get Build=lint+compile,package"));
    assert_eq!(lines, ["A execution-started", "A enters Source"]);
    assert_eq!(bench.due("A"), ["Source/get"]);
    let lines = bench.run("A", "get", ActionStatus::Succeeded);
    assert_eq!(lines, ["A get Succeeded", "A Source Succeeded", "A enters Build"]);
    assert_eq!(bench.due("A"), ["Build/lint", "Build/compile"]);
    assert_eq!(bench.run("A", "lint", ActionStatus::Succeeded), ["A lint Succeeded"]);
    assert_eq!(bench.due("A"), ["Build/compile"]);
    assert_eq!(bench.run("A", "compile", ActionStatus::Succeeded), ["A compile Succeeded"]);
    assert_eq!(bench.due("A"), ["Build/package"]);
    let lines = bench.run("A", "package", ActionStatus::Succeeded);
    assert_eq!(lines, ["A package Succeeded", "A Build Succeeded", "A finished Succeeded"]);
    assert!(effects(&bench.state, "A").is_empty());
}

#[test]
fn siblings_of_a_failed_action_go_on_and_later_groups_do_not_start() {
    let mut bench = Bench::new();
    bench.start("A", &pipeline("Source=get Build=lint+compile,package Test=suite"));
    bench.run("A", "get", ActionStatus::Succeeded);
    let compile = bench.begin("A", "compile");
    assert_eq!(bench.run("A", "lint", ActionStatus::Failed), ["A lint Failed"]);
    assert_eq!(bench.due("A"), Vec::<String>::new());
    let lines = bench.end("A", &compile, ActionResult::new(ActionStatus::Succeeded));
    assert_eq!(lines, ["A compile Succeeded", "A Build Failed", "A finished Failed"]);
}

#[test]
fn a_sibling_that_had_no_room_to_start_yet_still_runs_after_a_failure() {
    let mut bench = Bench::new();
    bench.start("A", &pipeline("Source=get Build=lint+compile,package"));
    bench.run("A", "get", ActionStatus::Succeeded);
    bench.run("A", "lint", ActionStatus::Failed);
    assert_eq!(bench.due("A"), ["Build/compile"]);
    bench.run("A", "compile", ActionStatus::Failed);
    assert_eq!(bench.status("A"), ExecutionStatus::Failed);
}

#[test]
fn time_limits_alone_make_the_execution_fail_for_that_reason() {
    for (lint, compile, reason) in [
        (Some(Reason::Timeout), Some(Reason::Timeout), Some(Reason::Timeout)),
        (Some(Reason::Timeout), None, None),
        (None, None, None),
    ] {
        let mut bench = Bench::new();
        bench.start("A", &pipeline("Source=get Build=lint+compile"));
        bench.run("A", "get", ActionStatus::Succeeded);
        for (action, reason) in [("lint", lint), ("compile", compile)] {
            let id = bench.begin("A", action);
            bench.end("A", &id, ActionResult { reason, ..ActionResult::new(ActionStatus::Failed) });
        }
        assert_eq!(bench.state.execution("A").unwrap().reason, reason);
    }
}

#[test]
fn artifacts_variables_and_revisions_reach_later_actions() {
    let mut definition = pipeline("Source=code+data Build=compile");
    edit(&mut definition, "code").output_artifacts = vec![output("Code")];
    edit(&mut definition, "data").output_artifacts = vec![output("Data")];
    let compile = edit(&mut definition, "compile");
    compile.input_artifacts = vec!["Code".into(), "Data".into()];
    compile.configuration.insert("PrimarySource".into(), "Data".into());
    let mut bench = Bench::new();
    let mut request = start("A", &definition);
    request.source_revisions.insert("data".into(), "other".into());
    bench.request(&Request::Start(Box::new(request))).unwrap();
    for (action, artifact, revision) in [("code", "Code", "commit-of-A"), ("data", "Data", "other")] {
        let id = bench.begin("A", action);
        let (_, _, run) = bench.state.execution("A").unwrap().run(&id).unwrap();
        let given = run.resolved.as_ref().unwrap().revision.clone();
        assert_eq!(given.as_deref(), Some(revision));
        let artifacts = vec![Artifact { name: artifact.into(), digest: format!("digest-of-{artifact}") }];
        bench.end(
            "A",
            &id,
            ActionResult { artifacts, revision: given, ..ActionResult::new(ActionStatus::Succeeded) },
        );
    }
    bench.begin("A", "compile");
    let effects = effects(&bench.state, "A");
    let [Effect::PerformAction { resolved, end: None, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(
        resolved.inputs.iter().map(|a| a.digest.as_str()).collect::<Vec<_>>(),
        ["digest-of-Code", "digest-of-Data"]
    );
    assert_eq!(resolved.revision.as_deref(), Some("other"));
}

#[test]
fn a_missing_input_fails_the_action_before_its_provider_is_called() {
    let mut definition = pipeline("Source=code Build=compile");
    edit(&mut definition, "compile").input_artifacts = vec!["Code".into()];
    let mut bench = Bench::new();
    bench.start("A", &definition);
    bench.run("A", "code", ActionStatus::Succeeded);
    let id = bench.begin("A", "compile");
    assert_eq!(bench.status("A"), ExecutionStatus::Failed);
    let (_, _, run) = bench.state.execution("A").unwrap().run(&id).unwrap();
    assert_eq!(run.resolved, None);
    assert_eq!(run.failure().unwrap().message, "input artifact `Code` was not produced by an earlier action");
}

#[test]
fn only_codebuild_reads_a_clone_reference() {
    for (provider, message) in [
        ("CodeBuild", None),
        (
            "Commands",
            Some("input artifact `Code` is a clone reference, which only CodeBuild actions can read"),
        ),
    ] {
        let mut definition = pipeline("Source=code Build=compile");
        let code = edit(&mut definition, "code");
        code.output_artifacts = vec![output("Code")];
        code.configuration.insert("OutputArtifactFormat".into(), "CODEBUILD_CLONE_REF".into());
        let compile = edit(&mut definition, "compile");
        compile.input_artifacts = vec!["Code".into()];
        compile.provider = provider.into();
        let mut bench = Bench::new();
        bench.start("A", &definition);
        let id = bench.begin("A", "code");
        let artifacts = vec![Artifact { name: "Code".into(), digest: "d".into() }];
        bench.end("A", &id, ActionResult { artifacts, ..ActionResult::new(ActionStatus::Succeeded) });
        let id = bench.begin("A", "compile");
        let (_, _, run) = bench.state.execution("A").unwrap().run(&id).unwrap();
        assert_eq!(run.failure().map(|failure| failure.message.as_str()), message);
    }
}

#[test]
fn retention_is_to_leave_the_live_and_the_last_green_one_alone() {
    let definition = pipeline("Source=get");
    let mut bench = Bench::new();
    let runs = [("old", true), ("green", true), ("red", false)];
    for (id, succeeds) in runs {
        bench.start(id, &definition);
        let status = if succeeds { ActionStatus::Succeeded } else { ActionStatus::Failed };
        bench.run(id, "get", status);
    }
    bench.start("live", &definition);
    let kept: Vec<_> = bench.state.worth_keeping().map(|execution| execution.id.as_str()).collect();
    assert_eq!(kept, ["live", "green"]);
}

/// Variables given at start, and what becomes of them.
type Case<'a> = (&'a [(&'a str, &'a str)], Result<&'a str, &'a str>);

#[test]
fn pipeline_variables_take_given_values_then_defaults() {
    let mut definition = pipeline("Source=code Build=compile");
    definition.variables = vec![variable("stage", Some("dev")), variable("tag", None)];
    let long = "x".repeat(1001);
    let cases: [Case<'_>; 5] = [
        (&[("tag", "1")], Ok("dev 1")),
        (&[("tag", "1"), ("stage", "prod")], Ok("prod 1")),
        (&[], Err("variable `tag` has no default value, so the start must give one")),
        (&[("tag", "1"), ("other", "2")], Err("the pipeline has no variable `other`")),
        (&[("tag", &long)], Err("the value of variable `tag` must have 1 to 1000 characters")),
    ];
    for (given, expected) in cases {
        let mut bench = Bench::new();
        let mut request = start("A", &definition);
        request.variables = given.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let outcome = bench.request(&Request::Start(Box::new(request)));
        match expected {
            Ok(values) => {
                outcome.unwrap();
                let variables: &BTreeMap<_, _> = &bench.state.execution("A").unwrap().variables;
                assert_eq!(variables.values().cloned().collect::<Vec<_>>().join(" "), values);
            }
            Err(message) => {
                let refusal = outcome.unwrap_err();
                assert_eq!(refusal.api_name(), Some("ValidationException"));
                assert_eq!(refusal.to_string(), message);
            }
        }
    }
}

#[test]
fn until_ends_the_execution_after_that_stage_as_stopped() {
    let definition = pipeline("Source=get Build=compile Test=suite");
    let mut bench = Bench::new();
    let until = |stage: &str| Start { until: Some(stage.into()), ..start("A", &definition) };
    let refusal = bench.request(&Request::Start(Box::new(until("Nowhere")))).unwrap_err();
    assert_eq!(refusal.api_name(), Some("StageNotFoundException"));
    bench.request(&Request::Start(Box::new(until("Build")))).unwrap();
    bench.run("A", "get", ActionStatus::Succeeded);
    let lines = bench.run("A", "compile", ActionStatus::Succeeded);
    assert_eq!(lines, ["A compile Succeeded", "A Build Succeeded", "A finished Stopped (until)"]);
    // Until the last stage is no stop at all.
    bench.request(&Request::Start(Box::new(Start { execution: "B".into(), ..until("Test") }))).unwrap();
    for action in ["get", "compile", "suite"] {
        bench.run("B", action, ActionStatus::Succeeded);
    }
    assert_eq!(bench.status("B"), ExecutionStatus::Succeeded);
}

#[test]
fn what_the_engine_cannot_run_is_refused_before_anything_starts() {
    let mut bench = Bench::new();
    let mut queued = pipeline("Source=get Build=compile");
    queued.execution_mode = ExecutionMode::Queued;
    let mut secret = pipeline("Source=get Build=compile");
    let secret_variable = json!({ "name": "TOKEN", "value": "service/token", "type": "SECRETS_MANAGER" });
    edit(&mut secret, "compile").environment_variables =
        vec![serde_json::from_value(secret_variable).unwrap()];
    let mut empty = pipeline("Source=get");
    empty.stages.clear();
    for (definition, message) in [
        (queued, "execution mode QUEUED is not there yet"),
        (secret, "an environment variable of type SECRETS_MANAGER in an action is not there yet"),
        (empty, "a pipeline has at least one stage"),
        (pipeline("Source=get Source=get"), "names at stage `Source` are not unique"),
        (pipeline("Source=get+get"), "names at stage `Source` are not unique"),
    ] {
        let refusal = bench.request(&Request::Start(Box::new(start("A", &definition)))).unwrap_err();
        assert_eq!(refusal.to_string(), message);
    }
    assert!(bench.log.is_empty());
}

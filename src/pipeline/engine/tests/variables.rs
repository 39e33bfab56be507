//! `#{namespace.key}` (codepipeline.md 5).

use super::*;
use crate::pipeline::testing::{edit, pipeline, variable};

/// The scope of `action` after every action before it succeeded with the variables named like it.
fn scope(action: &str, set_up: impl FnOnce(&mut Pipeline)) -> Scope {
    let mut definition = pipeline("Source=code Build=lint+compile,package Test=suite");
    definition.variables = vec![variable("target", Some("dev"))];
    edit(&mut definition, "code").namespace = Some("SourceVariables".into());
    edit(&mut definition, "compile").namespace = Some("Build-1".into());
    edit(&mut definition, "suite").namespace = Some("Later".into());
    set_up(&mut definition);
    let mut bench = Bench::new();
    bench.start("exec-1", &definition);
    for name in ["code", "lint", "compile", "package", "suite"] {
        if name == action {
            break;
        }
        let id = bench.begin("exec-1", name);
        let mut result = ActionResult::new(ActionStatus::Succeeded);
        result.variables.insert("KEY".into(), format!("of {name}"));
        result.variables.insert("CommitMessage".into(), "say \"#{variables.target}\"\n}".into());
        bench.end("exec-1", &id, result);
    }
    let execution = bench.state.execution("exec-1").unwrap();
    let index =
        execution.definition.stages.iter().position(|stage| stage.actions.iter().any(|a| a.name == action));
    let index = index.unwrap();
    let stage = &execution.definition.stages[index];
    Scope::of(execution, index, stage.actions.iter().find(|a| a.name == action).unwrap())
}

#[test]
fn references_are_replaced_as_plain_text_once() {
    let scope = scope("package", |_| {});
    for (text, expected) in [
        ("plain", "plain"),
        ("", ""),
        ("#{variables.target}", "dev"),
        ("#{codepipeline.PipelineExecutionId}", "exec-1"),
        ("a #{SourceVariables.KEY}/#{Build-1.KEY} z", "a of code/of compile z"),
        ("#{variables.target}#{variables.target}", "devdev"),
        // Values are not looked at again, and break what is around them.
        ("{\"m\":\"#{SourceVariables.CommitMessage}\"}", "{\"m\":\"say \"#{variables.target}\"\n}\"}"),
        // No reference: shell's own braces, an opening that never closes, other sigils.
        ("${#list} $#{ #", "${#list} $#{ #"),
        ("#{variables.target", "#{variables.target"),
        ("${variables.target} {variables.target}", "${variables.target} {variables.target}"),
        ("ä#{variables.target}ö", "ädevö"),
    ] {
        assert_eq!(scope.substitute(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_cannot_be_resolved_is_told_apart() {
    let scope = scope("package", |_| {});
    let key = |namespace: &str, key: &str| Unresolved::Key { namespace: namespace.into(), key: key.into() };
    let namespace =
        |namespace: &str, key: &str| Unresolved::Namespace { namespace: namespace.into(), key: key.into() };
    for (text, expected) in [
        ("#{variables.other}", key("variables", "other")),
        ("#{variables.Target}", key("variables", "Target")),
        ("#{codepipeline.Name}", key("codepipeline", "Name")),
        ("#{SourceVariables.BranchName}", key("SourceVariables", "BranchName")),
        ("#{sourcevariables.KEY}", namespace("sourcevariables", "KEY")),
        ("#{Later.KEY}", namespace("Later", "KEY")),
        ("#{lint.KEY}", namespace("lint", "KEY")),
        ("#{target}", Unresolved::Malformed("target".into())),
        ("#{}", Unresolved::Malformed(String::new())),
        ("#{ variables.target }", Unresolved::Malformed(" variables.target ".into())),
        ("#{variables.}", Unresolved::Malformed("variables.".into())),
    ] {
        assert_eq!(scope.substitute(text), Err(expected), "{text}");
    }
}

#[test]
fn a_source_action_sees_no_pipeline_variable() {
    let scope = scope("code", |_| {});
    assert!(scope.substitute("#{variables.target}").is_err());
    assert_eq!(scope.substitute("#{codepipeline.PipelineExecutionId}").as_deref(), Ok("exec-1"));
}

#[test]
fn a_sibling_of_the_same_run_order_is_not_visible_even_when_it_is_done() {
    // `lint` ran before `compile` here, yet in the same group: whether it is done would be a matter of luck.
    let scope = scope("compile", |definition| edit(definition, "lint").namespace = Some("Lint".into()));
    assert!(matches!(scope.substitute("#{Lint.KEY}"), Err(Unresolved::Namespace { .. })));
}

#[test]
fn every_field_with_references_is_resolved_just_before_the_action_starts() {
    let mut definition = pipeline("Source=code Build=compile");
    edit(&mut definition, "code").namespace = Some("Source".into());
    let compile = edit(&mut definition, "compile");
    compile.configuration.insert("EnvironmentVariables".into(), "[{\"value\":\"#{Source.KEY}\"}]".into());
    compile.commands = vec!["echo #{Source.KEY}".into()];
    let mut bench = Bench::new();
    bench.start("A", &definition);
    let id = bench.begin("A", "code");
    let mut result = ActionResult::new(ActionStatus::Succeeded);
    result.variables.insert("KEY".into(), "1".into());
    bench.end("A", &id, result);
    let id = bench.begin("A", "compile");
    let (_, _, run) = bench.state.execution("A").unwrap().run(&id).unwrap();
    let resolved = run.resolved.as_ref().unwrap();
    assert_eq!(resolved.configuration["EnvironmentVariables"], "[{\"value\":\"1\"}]");
    assert_eq!(resolved.commands, ["echo 1"]);
}

#[test]
fn an_unresolvable_reference_fails_the_action_before_its_provider_is_called() {
    let mut definition = pipeline("Source=code Build=compile");
    edit(&mut definition, "code").namespace = Some("Source".into());
    edit(&mut definition, "compile").configuration.insert("ProjectName".into(), "#{Source.Missing}".into());
    let mut bench = Bench::new();
    bench.start("A", &definition);
    bench.run("A", "code", ActionStatus::Succeeded);
    let id = bench.begin("A", "compile");
    assert!(effects(&bench.state, "A").is_empty());
    assert_eq!(bench.status("A"), ExecutionStatus::Failed);
    let (_, _, run) = bench.state.execution("A").unwrap().run(&id).unwrap();
    assert_eq!(run.resolved, None);
    let failure = run.failure().unwrap();
    assert_eq!(failure.code, "ConfigurationError");
    assert_eq!(failure.message, "`#{Source.Missing}` cannot be resolved: `Source` has no variable `Missing`");
}

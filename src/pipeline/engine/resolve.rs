//! What an action runs with: configuration, commands and variables without references, inputs, source revision.
//!
//! Looked up just before the action starts (codepipeline.md 4.2); what cannot be found fails the action before its
//! provider is called.

use crate::spec::pipeline::{Action, Category};

use super::event::Resolved;
use super::execution::Execution;
use super::variables::Scope;

/// What an action runs with, as of now.
pub(super) fn resolve(execution: &Execution, stage: usize, action: &str) -> Result<Resolved, String> {
    let name = &execution.stages[stage].name;
    let declared = execution.declaration(name, action).ok_or("the definition has no such action")?;
    let scope = Scope::of(execution, stage, declared);
    let text = |text: &String| scope.substitute(text).map_err(|unresolved| unresolved.to_string());
    let configuration = declared.configuration.iter();
    let variables = declared.environment_variables.iter();
    let artifacts = execution.artifacts();
    let inputs = declared.input_artifacts.iter().map(|input| {
        if declared.provider != "CodeBuild" && is_clone_reference(execution, input) {
            return Err(format!(
                "input artifact `{input}` is a clone reference, which only CodeBuild actions can read"
            ));
        }
        let kept = artifacts.get(input.as_str());
        kept.map(|artifact| (*artifact).clone())
            .ok_or_else(|| format!("input artifact `{input}` was not produced by an earlier action"))
    });
    Ok(Resolved {
        configuration: configuration
            .map(|(key, value)| Ok((key.clone(), text(value)?)))
            .collect::<Result<_, String>>()?,
        commands: declared.commands.iter().map(text).collect::<Result<_, _>>()?,
        environment_variables: variables
            .map(|variable| Ok((variable.name.clone(), text(&variable.value)?)))
            .collect::<Result<_, String>>()?,
        inputs: inputs.collect::<Result<_, _>>()?,
        revision: revision(execution, declared),
    })
}

/// Whether an artifact is what a source action gives as `CODEBUILD_CLONE_REF` (codepipeline.md 2.2).
fn is_clone_reference(execution: &Execution, artifact: &str) -> bool {
    execution.definition.actions().any(|(_, action)| {
        action.category == Category::Source
            && action
                .configuration
                .get("OutputArtifactFormat")
                .is_some_and(|format| format == "CODEBUILD_CLONE_REF")
            && action.output_artifacts.iter().any(|output| output.name == artifact)
    })
}

/// The source revision an action works on: for a source action the one the execution was started with, for the others
/// that of the source their primary input came from, or else of the first source that told one.
fn revision(execution: &Execution, action: &Action) -> Option<String> {
    let origin = || execution.origin.commit.clone();
    if action.category == Category::Source {
        return execution.source_revisions.get(&action.name).cloned().or_else(origin);
    }
    let primary = action.configuration.get("PrimarySource").or(action.input_artifacts.first());
    let slots = || execution.stages.iter().flat_map(|stage| &stage.actions);
    let results = || slots().filter_map(|slot| Some(&slot.current()?.result));
    let of_input = results().find(|result| result.artifacts.iter().any(|kept| Some(&kept.name) == primary));
    of_input
        .and_then(|result| result.revision.clone())
        .or_else(|| results().find_map(|result| result.revision.clone()))
        .or_else(origin)
}

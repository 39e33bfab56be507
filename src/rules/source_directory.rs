//! `source-directory`: the directory of an input artifact that the build's action does not have.

use super::record::{Check, Rule};
use super::subject::{Built, Commands, Scripts, Whole};
use crate::diagnostic::{Finding, Severity};
use crate::spec;
use crate::spec::shell::{Part, Step, Variable};
use crate::syntax::{Tree, UNKNOWN};

pub(super) const RULE: Rule = Rule {
    code: "source-directory",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "The directory of an input artifact that the action does not have",
    doc: "In a build of CodePipeline `CODEBUILD_SRC_DIR` is the directory of the primary source, and `CODEBUILD_SRC_DIR_NAME` that of another \
          input artifact, under its name to the letter. Under any other name the variable is empty, and a path that begins with it is one at \
          the root of the container.",
    example: None,
    reference: "codepipeline.md 0 (21), 6",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/sample-pipeline-multi-input-output.html",
    ),
    check: Check::Pipelines(check),
};

/// What the variables of the other inputs begin with.
const PREFIX: &str = "CODEBUILD_SRC_DIR_";

fn check(_: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    let mut seen: Vec<*const Tree> = Vec::new();
    for build in built {
        let Some(file) = build.file.as_deref().filter(|file| file.source().text().contains(PREFIX)) else {
            continue;
        };
        if seen.iter().any(|tree| std::ptr::eq(*tree, file)) {
            continue;
        }
        seen.push(file);
        let same = |other: &&Built<'_>| other.file.as_deref().is_some_and(|other| std::ptr::eq(other, file));
        // What one of its builds has is written for that one.
        let builds: Vec<_> = built.iter().filter(same).collect();
        let inputs: Vec<&str> = builds.iter().flat_map(|build| build.action.inputs()).collect();
        let are_known = builds.iter().all(|build| {
            build.action.node.get("inputArtifacts").is_none_or(|list| !list.is_unknown())
                && build.action.inputs().all(|input| !input.contains(UNKNOWN))
                // Outside of a pipeline they are the secondary sources of the project.
                && build.project.as_ref().is_none_or(|project| project.node.get("secondarySources").is_none())
        });
        if are_known {
            commands(file, build.action.name, &inputs, findings);
        }
    }
}

fn commands(file: &Tree, action: &str, inputs: &[&str], findings: &mut Vec<Finding>) {
    let scripts = Scripts::of(file);
    let commands = Commands::of(&scripts);
    let mut told: Vec<&str> = Vec::new();
    for command in commands.all().iter().filter(|command| command.has(PREFIX)) {
        let words = command.steps.iter().filter_map(|(step, _)| match step {
            Step::Word(word) => Some(&word.parts),
            _ => None,
        });
        let bodies = command.script.heredocs.iter().map(|heredoc| &heredoc.parts);
        for part in words.chain(bodies).flatten() {
            let Part::Variable(variable) = part else { continue };
            let Some(name) = absent(variable, inputs).filter(|name| !told.contains(name)) else { continue };
            told.push(name);
            let message = format!("`{action}` has no input artifact `{name}`: the variable is empty");
            let finding = RULE.at(file.source(), command.at(variable.span), message, "no such directory");
            findings.push(match spec::nearest(name, inputs) {
                Some(meant) => finding.help(format!("write {PREFIX}{meant}")),
                None if inputs.len() < 2 => {
                    finding.help("the files of its only input are in $CODEBUILD_SRC_DIR; add the artifact to inputArtifacts")
                }
                None => finding.help(format!("its inputs are {}", inputs.join(", "))),
            });
        }
    }
}

/// The name behind the prefix, when no input is called so.
fn absent<'t>(variable: &Variable<'t>, inputs: &[&str]) -> Option<&'t str> {
    let name = variable.name.strip_prefix(PREFIX)?;
    // A name with a dash or a point in it ends there for the shell.
    let is_begun = |input: &&str| {
        input.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
    };
    // `${NAME:-default}` is for where there is none.
    let has_default = variable.operator.starts_with([':', '-', '+']);
    (!has_default && !inputs.iter().any(is_begun)).then_some(name)
}

//! `artifact-lacks-file`: a file that an action looks for, and its artifact cannot hold.

use super::record::{Check, Rule};
use super::subject::{Action, Built, Origin, Whole, head, weighed};
use crate::diagnostic::{Finding, Severity};
use crate::syntax::Node;

pub(super) const RULE: Rule = Rule {
    code: "artifact-lacks-file",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A file that an action looks for, and its artifact cannot hold",
    doc: "Actions read files of their input artifacts: ECS `imagedefinitions.json`, CodeDeployToECS `taskdef.json`, `appspec.yaml` and \
          `imageDetail.json`, CloudFormation its template. The artifact is either this repository, which has no such file, or a build \
          makes it, and no pattern of `artifacts.files` gives one. A pattern that could give it is enough.",
    example: None,
    reference: "codepipeline.md 2.7, 2.9",
    url: Some("https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html"),
    check: Check::Pipelines(check),
};

fn check(whole: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    for definition in &whole.definitions {
        for action in definition.actions.iter().filter(|action| action.type_id("owner") == Some("AWS")) {
            // Of one that the action does not get that is said.
            let inputs: Vec<_> = action.inputs().collect();
            let all = action.node.get("inputArtifacts").map_or(0, |list| list.items().len());
            let gets = |name: &str| inputs.len() != all || inputs.contains(&name);
            for wanted in wanted(action).into_iter().filter(|wanted| gets(wanted.artifact)) {
                let Some(lack) = whole.lacks(built, definition, wanted.artifact, &[&wanted.path]) else {
                    continue;
                };
                let message = format!("`{}` has no {} for `{}`", wanted.artifact, wanted.path, action.name);
                let other = match whole.origin(built, definition, wanted.artifact) {
                    Origin::Build(made_by) => made_by.gives_in_other_letters(wanted.artifact, &wanted.path),
                    Origin::Repository | Origin::Elsewhere => None,
                };
                let help = match other {
                    Some(other) => format!(
                        "the build gives {other}: names count to the letter, so call it {}",
                        wanted.path
                    ),
                    None => format!(
                        "write {} in the build and name it in `artifacts.files`, or name the artifact and the path where it is",
                        wanted.path
                    ),
                };
                let finding = RULE.at(wanted.at.source(), head(wanted.at), message, lack.why);
                findings.push(weighed(finding.help(help), lack.is_sure));
            }
        }
    }
}

/// A file that an action reads.
struct Wanted<'t> {
    artifact: &'t str,
    path: String,
    at: Node<'t>,
}

fn wanted<'t>(action: &Action<'t>) -> Vec<Wanted<'t>> {
    let text = |key: &str| action.configuration(key).and_then(Node::text);
    let inputs = action.node.get("inputArtifacts");
    let first = || inputs.into_iter().flat_map(Node::items).find_map(|item| item.get("name"));
    let mut all = Vec::new();
    match (action.type_id("category"), action.type_id("provider")) {
        (Some("Deploy"), Some("ECS")) => {
            if let Some((at, artifact)) = first().and_then(|node| Some((node, node.text()?))) {
                let path = text("FileName").unwrap_or("imagedefinitions.json").to_owned();
                all.push(Wanted { artifact, path, at: action.configuration("FileName").unwrap_or(at) });
            }
        }
        (Some("Deploy"), Some("CodeDeployToECS")) => {
            for (artifact, path, default) in [
                ("TaskDefinitionTemplateArtifact", Some("TaskDefinitionTemplatePath"), "taskdef.json"),
                ("AppSpecTemplateArtifact", Some("AppSpecTemplatePath"), "appspec.yaml"),
                ("Image1ArtifactName", None, "imageDetail.json"),
                ("Image2ArtifactName", None, "imageDetail.json"),
                ("Image3ArtifactName", None, "imageDetail.json"),
                ("Image4ArtifactName", None, "imageDetail.json"),
            ] {
                let Some(node) = action.configuration(artifact) else { continue };
                let Some(artifact) = node.text() else { continue };
                let named = path.and_then(|path| action.configuration(path));
                let path = named.and_then(Node::text).unwrap_or(default).to_owned();
                all.push(Wanted { artifact, path, at: named.unwrap_or(node) });
            }
        }
        (Some("Deploy"), Some("CloudFormation")) => {
            for key in ["TemplatePath", "TemplateConfiguration"] {
                let Some(node) = action.configuration(key) else { continue };
                if let Some((artifact, path)) = node.text().and_then(|text| text.split_once("::")) {
                    all.push(Wanted { artifact, path: path.to_owned(), at: node });
                }
            }
        }
        _ => {}
    }
    all
}

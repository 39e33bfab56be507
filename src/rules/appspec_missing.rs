//! `appspec-missing`: a deployment of what has no appspec.

use super::record::{Check, Rule};
use super::subject::{Built, Definition, Whole, head, weighed};
use crate::diagnostic::{Finding, Severity};
use crate::syntax::Node;

pub(super) const RULE: Rule = Rule {
    code: "appspec-missing",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A deployment of what has no appspec",
    doc: "CodeDeploy looks for `appspec.yml` or `appspec.yaml` at the top of the revision. Where a CodeDeploy action takes \
          what a source action gave, the repository has to have one; where a build made it, `artifacts.files` has to give one. \
          When a pipeline is started, the commit is looked at once more.",
    example: None,
    reference: "codedeploy.md 2; codepipeline.md 2.7",
    url: Some("https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html"),
    check: Check::Pipelines(check),
};

fn check(whole: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    for definition in &whole.definitions {
        for action in &definition.actions {
            if action.type_id("provider") != Some("CodeDeploy") || action.type_id("owner") != Some("AWS") {
                continue;
            }
            let mut inputs = action.node.get("inputArtifacts").into_iter().flat_map(Node::items);
            let Some(node) = inputs.find_map(|item| item.get("name")) else { continue };
            let Some(artifact) = node.text() else { continue };
            if is_of_registry(definition, artifact) {
                let message =
                    format!("`{artifact}` comes from ECR, and holds imageDetail.json only: no appspec.yml");
                let finding = RULE.at(node.source(), head(node), message, "no revision");
                findings.push(
                    finding.help("let a build put the appspec beside it, or deploy with CodeDeployToECS"),
                );
                continue;
            }
            let Some(lack) = whole.lacks(built, definition, artifact, &["appspec.yml", "appspec.yaml"])
            else {
                continue;
            };
            let message = format!("`{artifact}` has no appspec.yml for `{}`", action.name);
            let finding = RULE.at(node.source(), head(node), message, lack.why);
            findings
                .push(weighed(finding.help("the appspec stands at the top of the artifact"), lack.is_sure));
        }
    }
}

/// Whether an image registry gives the artifact.
fn is_of_registry(definition: &Definition<'_>, artifact: &str) -> bool {
    let mut images = definition.actions.iter().filter(|action| action.type_id("provider") == Some("ECR"));
    images.any(|action| action.outputs().any(|name| name == artifact))
}

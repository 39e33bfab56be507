//! `task-definition-template`: a task definition that CodeDeployToECS cannot fill in as its action says.

use std::collections::HashMap;

use super::record::{Check, Rule};
use super::subject::{Built, Whole, head};
use crate::diagnostic::{Finding, Severity};
use crate::spec::appspec;
use crate::syntax::{Kind, Node, Tree};

pub(super) const RULE: Rule = Rule {
    code: "task-definition-template",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A task definition that CodeDeployToECS cannot fill in as its action says",
    doc: "CodeDeployToECS writes the image of `Image1ArtifactName` into the task definition in place of `<NAME>`, where NAME is \
          `Image1ContainerName`: a placeholder in the file, not a container. Where the file has no such placeholder the old image stays. The \
          container that the appspec's `LoadBalancerInfo` names is one of the task definition's.",
    example: None,
    reference: "codepipeline.md 2.7; codedeploy.md 5",
    url: Some("https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html"),
    check: Check::Pipelines(check),
};

/// The most images of an action.
const IMAGES: usize = 4;

fn check(whole: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    let mut containers = HashMap::new();
    for (action, path, tree) in whole.task_definitions(built) {
        for number in 1..=IMAGES {
            let Some(node) = action.configuration(&format!("Image{number}ContainerName")) else { continue };
            findings.extend(placeholder(node, &path, tree.source().text()));
        }
        if let Some(names) = names_of(&tree) {
            containers.insert(action.node.span(), (path, names));
        }
    }
    for deployed in whole.deployed(built) {
        let Some((path, names)) = containers.get(&deployed.action.node.span()) else { continue };
        let Some(node) = appspec::container(&deployed.tree) else { continue };
        let Some(name) = node.text().filter(|name| !names.iter().any(|known| known == name)) else {
            continue;
        };
        if name.contains(['<', '$', '{']) {
            continue;
        }
        let message = format!("{path} has no container `{name}`");
        let finding = RULE.at(node.source(), head(node), message, "gets the traffic");
        findings.push(finding.help(format!("it has {}", names.join(", "))));
    }
}

/// That a file has no `<NAME>`.
fn placeholder(node: Node<'_>, path: &str, text: &str) -> Option<Finding> {
    let name = node.text().filter(|name| !name.is_empty() && !name.contains(['#', '$', '{']))?;
    if text.contains(&format!("<{name}>")) {
        return None;
    }
    let message = format!("{path} has no placeholder `<{name}>`, so that no image is written into it");
    let finding = RULE.at(node.source(), head(node), message, "stands nowhere in the file");
    let bare = name.trim_matches(['<', '>']);
    let other = text.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(inner, _)| inner);
    let mut others = other
        .filter(|inner| !inner.is_empty() && inner.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    Some(match others.next() {
        _ if bare.len() < name.len() => finding.help(format!("write {bare}, without `<` and `>`")),
        Some(other) => finding.help(format!("the file has `<{other}>`")),
        None => finding.help(format!("write \"image\": \"<{name}>\" in {path}")),
    })
}

/// The names of the containers of a task definition, when all are known.
fn names_of(tree: &Tree) -> Option<Vec<String>> {
    let list = tree.root().get("containerDefinitions").filter(|list| list.kind() == Kind::Sequence)?;
    let name = |item: Node<'_>| Some(item.get("name")?.text()?.to_owned());
    let names: Vec<_> = list.items().map(name).collect::<Option<_>>()?;
    (!names.is_empty() && !names.iter().any(|name| name.contains(['<', '$', '{']))).then_some(names)
}

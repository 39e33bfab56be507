//! `unknown-parameter`: an action that gives a stack parameters which its template has not.

use std::path::Path;
use std::sync::Arc;

use super::record::{Check, Rule};
use super::subject::{Action, Belongs, Built, Definition, Origin, Whole, head, weighed};
use crate::diagnostic::{Finding, Severity};
use crate::spec::{FileKind, nearest};
use crate::syntax::{self, Kind, Node, SourceFile, TextMap};

pub(super) const RULE: Rule = Rule {
    code: "unknown-parameter",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A parameter of ParameterOverrides that the template has not",
    doc: "A CloudFormation action gives the stack the values of `ParameterOverrides`. A name that the template at `TemplatePath` \
          does not declare below `Parameters` is refused. Seen where the template is in this repository, as a source action gives \
          it; a macro may declare more, so that nothing is said of templates with `Transform`. The same goes for the file that \
          `TemplateConfiguration` names: JSON with `Parameters`, `Tags` and `StackPolicy`.",
    example: None,
    reference: "codepipeline.md 2.9",
    url: Some(
        "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CloudFormation.html",
    ),
    check: Check::Pipelines(check),
};

fn check(whole: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    for definition in &whole.definitions {
        let of_stacks = |action: &&Action<'_>| action.type_id("provider") == Some("CloudFormation");
        for action in definition.actions.iter().filter(of_stacks) {
            template_configuration(whole, built, (definition, action), findings);
            let (Some(overrides), Some(place)) =
                (action.configuration("ParameterOverrides"), action.configuration("TemplatePath"))
            else {
                continue;
            };
            // Others give a stack nothing.
            let mode = action.configuration("ActionMode").and_then(Node::text);
            if !matches!(mode, Some("CREATE_UPDATE" | "REPLACE_ON_FAILURE" | "CHANGE_SET_REPLACE")) {
                continue;
            }
            let Some((artifact, path)) = place.text().and_then(|text| text.split_once("::")) else {
                continue;
            };
            if !matches!(whole.origin(built, definition, artifact), Origin::Repository) {
                continue;
            }
            let Some(tree) = (whole.read)(path).filter(|tree| !tree.is_partial()) else { continue };
            let is_template = FileKind::of(Path::new(path), Some(&tree)) == Some(FileKind::Template);
            if !is_template || tree.root().get("Transform").is_some() {
                continue;
            }
            let parameters = tree.root().get("Parameters").into_iter().flat_map(Node::entries);
            let known: Vec<_> = parameters.filter_map(|entry| entry.key.text()).collect();
            let is_sure = definition.belongs == Belongs::Ours;
            for (name, finding) in unknown(overrides, &known, path) {
                let finding = match nearest(&name, &known) {
                    Some(meant) => finding.help(format!("write {meant}")),
                    None if known.is_empty() => finding.help("it has no parameters"),
                    None => finding.help(format!("it has {}", known.join(", "))),
                };
                let aws = format!("Parameters: [{name}] do not exist in the template");
                findings.push(weighed(finding.aws(aws), is_sure));
            }
        }
    }
}

/// The file of parameters, tags and a policy beside a template.
fn template_configuration(
    whole: &Whole<'_>,
    built: &[Built<'_>],
    (definition, action): (&Definition<'_>, &Action<'_>),
    findings: &mut Vec<Finding>,
) {
    const KNOWN: [&str; 3] = ["Parameters", "Tags", "StackPolicy"];
    let here = |key: &str| {
        let node = action.configuration(key)?;
        let (artifact, path) = node.text()?.split_once("::")?;
        let is_here = matches!(whole.origin(built, definition, artifact), Origin::Repository);
        Some((node, path, (whole.read)(path).filter(|tree| is_here && !tree.is_partial())?))
    };
    let Some((node, path, tree)) = here("TemplateConfiguration") else { return };
    let is_sure = definition.belongs == Belongs::Ours;
    let root = tree.root();
    let mut tell = |message: String, label: &str, help: String, is_sure: bool| {
        let finding = RULE.at(node.source(), head(node), message, label).help(help);
        findings.push(weighed(finding, is_sure));
    };
    let help = "write JSON: {\"Parameters\": {\"Name\": \"value\"}}";
    // Whatever is no JSON is read as YAML here.
    let text = tree.source().text().trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with('{') {
        let is = if root.kind() == Kind::Sequence { "a list" } else { "no JSON" };
        let message = format!("{path} is {is}; CodePipeline expects an object");
        return tell(message, "not understood", help.to_owned(), is_sure);
    }
    for entry in root.entries() {
        let Some(key) = entry.key.text().filter(|key| !KNOWN.contains(key)) else { continue };
        let message = format!("{path} has `{key}`, which no such file has");
        let help = match nearest(key, &KNOWN) {
            Some(meant) => format!("write {meant}"),
            None => format!("it has {}", KNOWN.join(", ")),
        };
        // What becomes of it is not documented.
        tell(message, "not one of its keys", help, false);
    }
    let Some((_, template_path, template)) = here("TemplatePath") else { return };
    let is_template = FileKind::of(Path::new(template_path), Some(&template)) == Some(FileKind::Template);
    if !is_template || template.root().get("Transform").is_some() {
        return;
    }
    let parameters = template.root().get("Parameters").into_iter().flat_map(Node::entries);
    let known: Vec<_> = parameters.filter_map(|entry| entry.key.text()).collect();
    for name in
        root.get("Parameters").into_iter().flat_map(Node::entries).filter_map(|entry| entry.key.text())
    {
        if known.contains(&name) {
            continue;
        }
        let message = format!("{path} gives {template_path} the parameter `{name}`, which it has not");
        let help = match nearest(name, &known) {
            Some(meant) => format!("write {meant}"),
            None if known.is_empty() => "it has no parameters".to_owned(),
            None => format!("it has {}", known.join(", ")),
        };
        tell(message, "not declared in the template", help, is_sure);
    }
}

/// The names in a JSON text that are not known, each with its finding.
fn unknown(overrides: Node<'_>, known: &[&str], path: &str) -> Vec<(String, Finding)> {
    let Some(text) = overrides.text().filter(|text| text.trim_start().starts_with('{')) else {
        return Vec::new();
    };
    let inner = Arc::new(SourceFile::new(overrides.source().name(), syntax::masked(text)));
    let Some(inner) = syntax::parse(&inner).tree.filter(|tree| tree.root().kind() == Kind::Mapping) else {
        return Vec::new();
    };
    let map = TextMap::of(overrides);
    let names =
        inner.root().entries().filter_map(|entry| Some((entry.key.text()?.to_owned(), entry.key.span())));
    let strange =
        names.filter(|(name, _)| !known.contains(&name.as_str()) && !name.contains(syntax::UNKNOWN));
    strange
        .map(|(name, span)| {
            let span = if map.is_exact() { map.span(span) } else { head(overrides) };
            let message = format!("{path} has no parameter `{name}`");
            let finding = RULE.at(overrides.source(), span, message, "not declared there");
            (name, finding)
        })
        .collect()
}

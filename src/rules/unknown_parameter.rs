//! `unknown-parameter`: an action that gives a stack parameters which its template has not.

use std::path::Path;
use std::sync::Arc;

use super::record::{Check, Rule};
use super::subject::{Action, Belongs, Built, Origin, Whole, head, weighed};
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
          it; a macro may declare more, so that nothing is said of templates with `Transform`.",
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

//! The pipelines, projects, and deployment groups of a template.
//!
//! Owns: each resource under each way its conditions may turn out, one condition at a time, and what is left out of what
//! the readers say where something they count on is not known. Leaves to `pipeline`, `project` and `deployment`: settings.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::evaluate::{Assumption, Evaluation, Value};
use super::function::function;
use super::others::Values;
use super::properties::Walk;
use super::structure::{self, ATTRIBUTES};
use super::{Resource, Template, attributes, schema, trust, words};
use crate::diagnostic::Finding;
use crate::spec::reading::Reader;
use crate::spec::spelling::is_misspelt;
use crate::spec::{deployment, pipeline, project, tags};
use crate::syntax::{Deriving, Kind, Node, Tree};

/// Conditions of one resource that are followed.
const MOST_CONDITIONS: usize = 8;

/// What is wrong with the resources that are ours.
pub(super) fn check(template: &Template<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let steps = Cell::new(0);
    for resource in template.resources() {
        let Some(shape) = schema::of(resource.kind) else { continue };
        let mut seen = BTreeSet::new();
        for assumed in assumptions(resource) {
            let found = under(template, resource, shape, &Evaluation::new(template, assumed, &steps));
            let is_new = |finding: &Finding| {
                seen.insert((finding.primary.span, finding.code, finding.message.clone()))
            };
            findings.extend(found.into_iter().filter(is_new));
        }
    }
    findings
}

/// The ways in which the conditions may turn out. Two at a time could exclude each other, which is not known; so each is
/// looked at alone, while what hangs on the others is unknown.
pub(super) fn assumptions<'t>(resource: &Resource<'t>) -> Vec<Option<Assumption<'t>>> {
    let mut conditions = BTreeSet::new();
    if let Some(properties) = resource.properties {
        named(properties.value, &mut conditions);
    }
    if conditions.is_empty() {
        return vec![None];
    }
    let both = |condition| [true, false].map(|holds| Some(Assumption { condition, holds }));
    conditions.into_iter().take(MOST_CONDITIONS).flat_map(both).collect()
}

fn named<'t>(node: Node<'t>, into: &mut BTreeSet<&'t str>) {
    if let Some(call) = function(node)
        && call.name == "If"
    {
        into.extend(call.argument.items().next().and_then(Node::text));
    }
    node.items().for_each(|item| named(item, into));
    node.entries().for_each(|entry| named(entry.value, into));
}

fn under<'t>(
    template: &Template<'t>,
    resource: &Resource<'t>,
    shape: schema::Shape,
    evaluation: &Evaluation<'_, 't>,
) -> Vec<Finding> {
    let mut reader = Reader::new(template.tree, "CloudFormation");
    let Some(properties) = resource.properties else {
        let required: Vec<_> =
            shape.iter().filter(|field| field.is_required).map(|field| format!("`{}`", field.name)).collect();
        // Of a misspelt or empty one that is said.
        let is_said = resource.node.entry("Properties").is_some()
            || is_misspelt(resource.node, &ATTRIBUTES, "Properties")
            || structure::above(template.tree.root().get("Resources"), resource.id.span());
        let is_open = template.tree.is_partial() || is_said;
        if !required.is_empty() && !is_open {
            let message = format!("{} needs properties: {}", resource.kind, required.join(", "));
            reader.push(reader.error("missing-key", message, resource.id.span(), "no `Properties` here"));
        }
        return reader.finish(Some(())).findings;
    };
    if function(properties.value).is_some() {
        return Vec::new();
    }
    let id = resource.id.text().unwrap_or_default();
    let named = format!("Ref {id}");
    let more: &[(&str, String)] = match resource.kind {
        "AWS::CodePipeline::Pipeline" | "AWS::CodeBuild::Project" => &[("name", named)],
        _ => &[],
    };
    let deriving = Deriving::new(template.tree.source());
    let walk = Walk { evaluation, reader: &mut reader, kind: resource.kind, deriving, elsewhere: Vec::new() };
    let tree = walk.properties(properties, shape, more);
    if resource.kind == "AWS::CodePipeline::Pipeline" {
        of_templates_only(&mut reader, evaluation, properties.value);
        projects(&mut reader, template, properties.value);
    }
    if resource.kind == "AWS::CodeDeploy::DeploymentGroup" {
        own_configuration(&mut reader, template, evaluation, resource);
    }
    tags(&mut reader, evaluation, properties.value);
    Values { reader: &mut reader, template, evaluation }.check(resource, properties.value);
    attributes::names_and_arns(&mut reader, template, resource);
    trust::check(&mut reader, template, evaluation, resource);
    let mut findings = reader.finish(Some(())).findings;
    let said = match resource.kind {
        "AWS::CodePipeline::Pipeline" => of_pipeline(&tree),
        "AWS::CodeBuild::Project" => project::read(&tree),
        "AWS::CodeDeploy::DeploymentGroup" => {
            deployment::read_group(&tree, platform(template, evaluation, resource).as_deref())
        }
        "AWS::CodeDeploy::DeploymentConfig" => deployment::read_config(&tree),
        "AWS::CodeDeploy::Application" => deployment::read_application(&tree),
        _ => Vec::new(),
    };
    // Some is told by the template's own check as well.
    let told: BTreeSet<_> = findings.iter().map(|finding| (finding.code, finding.primary.span)).collect();
    let mut said = words::in_template(said, shape);
    said.retain(|finding| !told.contains(&(finding.code, finding.primary.span)));
    findings.extend(said);
    findings
}

fn tags<'t>(reader: &mut Reader<'t>, evaluation: &Evaluation<'_, 't>, properties: Node<'t>) {
    let Some(entry) = properties.entry("Tags").filter(|entry| entry.value.kind() == Kind::Sequence) else {
        return;
    };
    let part = |tag: Node<'t>, key: &str| {
        let node = tag.get(key)?;
        Some((evaluation.text(node)?, node))
    };
    let items = entry.value.items().filter(|item| function(*item).is_none());
    let all: Vec<_> = items.map(|tag| [part(tag, "Key"), part(tag, "Value")]).collect();
    tags::check(reader, &all, entry.key.span());
}

/// What the pipeline's readers say, but for what rests on something that is not known, and what is about rehearsals.
fn of_pipeline(tree: &Tree) -> Vec<Finding> {
    let unknown = Unknown::of(tree);
    let holds = |finding: &Finding| match finding.code {
        // The shape of the properties has been looked at; the API needs more than a template.
        "not-supported-yet" | "pipeline-incomplete" | "missing-key" => false,
        "pipeline-structure" => !unknown.structure,
        "pipeline-artifacts" => !unknown.structure && !unknown.artifacts,
        "pipeline-configuration" => !unknown.artifacts || !finding.message.contains("artifact"),
        "pipeline-variables" => !unknown.structure && !unknown.names,
        "pipeline-trigger" => !unknown.structure && !unknown.names,
        _ => true,
    };
    pipeline::read(tree).findings.into_iter().filter(holds).collect()
}

/// Which parts of a pipeline are not known as a whole.
#[derive(Debug, Default)]
struct Unknown {
    /// Stages, actions, their types and order.
    structure: bool,
    /// Artifacts.
    artifacts: bool,
    /// Names of actions, namespaces and variables.
    names: bool,
}

impl Unknown {
    fn of(tree: &Tree) -> Self {
        let mut unknown = Self::default();
        if !tree.has_unknown() {
            return unknown;
        }
        let root = tree.root();
        let any = |node: Option<Node<'_>>| node.is_some_and(has_unknown);
        let itself = |node: Option<Node<'_>>| node.is_some_and(Node::is_unknown);
        unknown.names = any(root.get("variables"));
        unknown.structure = itself(root.get("stages"));
        for stage in root.get("stages").into_iter().flat_map(Node::items) {
            let actions = stage.get("actions");
            unknown.structure |= stage.is_unknown() || itself(actions);
            for action in actions.into_iter().flat_map(Node::items) {
                unknown.structure |=
                    action.is_unknown() || any(action.get("actionTypeId")) || itself(action.get("runOrder"));
                unknown.artifacts |= any(action.get("inputArtifacts")) || any(action.get("outputArtifacts"));
                unknown.names |= itself(action.get("name")) || itself(action.get("namespace"));
            }
        }
        unknown
    }
}

fn has_unknown(node: Node<'_>) -> bool {
    match node.kind() {
        Kind::Scalar => node.is_unknown(),
        Kind::Sequence => node.items().any(has_unknown),
        Kind::Mapping => node.entries().any(|entry| has_unknown(entry.value)),
    }
}

/// What only a template says of a pipeline (codepipeline.md 1.7).
fn of_templates_only<'t>(reader: &mut Reader<'t>, evaluation: &Evaluation<'_, 't>, properties: Node<'t>) {
    let is_there = |key: &str| {
        let node = properties.get(key);
        node.is_some_and(|node| !evaluation.value(node).is_absent())
    };
    let is_open = properties.tree().is_partial()
        || properties.entries().any(|entry| entry.key.text().is_some_and(|key| key.starts_with("Fn::")));
    // Of a misspelt one that is said.
    let is_meant = is_misspelt(properties, &["ArtifactStore", "ArtifactStores"], "ArtifactStore")
        || is_misspelt(properties, &["ArtifactStore", "ArtifactStores"], "ArtifactStores");
    if !is_there("ArtifactStore") && !is_there("ArtifactStores") && !is_open && !is_meant {
        let span = properties.entries().next().map_or(properties.span(), |entry| entry.key.span());
        let message = "AWS::CodePipeline::Pipeline needs `ArtifactStore` or `ArtifactStores`";
        reader.push(reader.error("missing-key", message, span, "neither is here"));
    }
    let Some(Value::Written(stages)) = properties.get("Stages").map(|node| evaluation.value(node)) else {
        return;
    };
    let names: Option<Vec<_>> = stages.items().map(|stage| evaluation.text(stage.get("Name")?)).collect();
    let transitions = properties.get("DisableInboundStageTransitions");
    for transition in transitions.into_iter().flat_map(Node::items) {
        if let Some(node) = transition.get("StageName")
            && let (Some(name), Some(names)) = (evaluation.text(node), &names)
            && !names.contains(&name)
        {
            let message =
                format!("`DisableInboundStageTransitions` names the stage `{name}`, which is not there");
            reader.push(reader.error("pipeline-structure", message, node.span(), "no such stage"));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "!@ ().*?-".contains(c);
        if let Some(node) = transition.get("Reason")
            && let Some(reason) = evaluation.text(node)
            && (reason.is_empty() || reason.chars().count() > 300 || !reason.chars().all(allowed))
        {
            let message =
                "the reason of a disabled transition has 1 to 300 letters, digits and ! @ ( ) . * ? -";
            reader.push(reader.error("invalid-value", message, node.span(), "not allowed"));
        }
    }
}

/// An action that builds what is no project of this template's.
fn projects<'t>(reader: &mut Reader<'t>, template: &Template<'t>, properties: Node<'t>) {
    let stages = properties.get("Stages").into_iter().flat_map(Node::items);
    let actions = stages.filter_map(|stage| stage.get("Actions")).flat_map(Node::items);
    for action in actions {
        let provider = action.get("ActionTypeId").and_then(|kind| kind.get("Provider")).and_then(Node::text);
        let configuration = action.get("Configuration");
        let (key, kind) = match provider {
            Some("CodeBuild") => ("ProjectName", "AWS::CodeBuild::Project"),
            Some("CodeDeploy") => ("ApplicationName", "AWS::CodeDeploy::Application"),
            _ => continue,
        };
        let Some(node) = configuration.and_then(|configuration| configuration.get(key)) else { continue };
        let Some(call) = function(node) else { continue };
        let name = match call.name {
            "Ref" => call.argument.text(),
            "GetAtt" => super::function::attribute_of(call.argument).map(|(name, _)| name),
            _ => None,
        };
        let Some((name, resource)) = name.and_then(|name| Some((name, template.resource(name)?))) else {
            continue;
        };
        let span = call.argument.span();
        // Of a type that does not exist that is said.
        let is_misspelt = resource.kind.starts_with("AWS::Code") && !schema::TYPES.contains(&resource.kind);
        if is_misspelt || resource.kind.is_empty() {
            continue;
        }
        if resource.kind != kind && !resource.kind.starts_with("Custom::") {
            if call.name == "Ref" {
                let message = format!("`{key}` refers to `{name}`, which is {}", resource.kind);
                reader.push(reader.error("template-reference", message, span, format!("no {kind}")));
            }
        } else if kind == "AWS::CodeBuild::Project"
            && call.name == "GetAtt"
            && attributes::named(call.argument).is_some_and(|(attribute, _)| attribute == "Arn")
        {
            let message = format!("`{key}` is the ARN of `{name}` here, not its name");
            let finding = reader.error("template-reference", message, span, "CodePipeline asks for the name");
            reader.push(finding.help(format!("write !Ref {name}")));
        }
    }
}

/// A deployment configuration of the template that is of another platform than the group's application (codedeploy.md 7).
fn own_configuration<'t>(
    reader: &mut Reader<'t>,
    template: &Template<'t>,
    evaluation: &Evaluation<'_, 't>,
    group: &Resource<'t>,
) {
    let node = group.properties.and_then(|properties| properties.value.get("DeploymentConfigName"));
    let Some(call) = node.and_then(function).filter(|call| call.name == "Ref") else { return };
    let named = call.argument.text().and_then(|name| template.resource(name));
    let Some(config) = named.filter(|named| named.kind == "AWS::CodeDeploy::DeploymentConfig") else {
        return;
    };
    let (Some(wanted), Some(own)) = (platform(template, evaluation, group), platform_of(evaluation, config))
    else {
        return;
    };
    if wanted != own {
        let id = config.id.text().unwrap_or_default();
        let message =
            format!("the configuration `{id}` is of the {own} platform; the application is of {wanted}");
        let label = format!("not for {wanted}");
        reader.push(reader.error("deployment-settings", message, call.argument.span(), label));
    }
}

/// The compute platform of a deployment group's application, when it is in the template.
fn platform<'t>(
    template: &Template<'t>,
    evaluation: &Evaluation<'_, 't>,
    group: &Resource<'t>,
) -> Option<String> {
    let node = group.properties?.value.get("ApplicationName")?;
    let is_one = |resource: &&Resource<'t>| resource.kind == "AWS::CodeDeploy::Application";
    let application = if let Some(call) = function(node).filter(|call| call.name == "Ref") {
        template.resource(call.argument.text()?).filter(is_one)?
    } else {
        let name = evaluation.text(node)?;
        let own = |resource: &Resource<'t>| {
            let named = resource.properties?.value.get("ApplicationName")?;
            evaluation.text(named)
        };
        let mut all = template.resources().iter().filter(is_one);
        all.find(|resource| own(resource).as_deref() == Some(&*name))?
    };
    platform_of(evaluation, application)
}

/// The compute platform that an application or a configuration names.
fn platform_of<'t>(evaluation: &Evaluation<'_, 't>, resource: &Resource<'t>) -> Option<String> {
    let properties = resource.properties.map(|properties| properties.value);
    if let Some(node) = properties.and_then(|properties| properties.get("ComputePlatform")) {
        return evaluation.text(node).filter(|text| ["Server", "Lambda", "ECS"].contains(&&**text));
    }
    // Under a misspelt key it may be another.
    let known = ["ApplicationName", "ComputePlatform", "Tags"];
    let is_meant = is_misspelt(resource.node, &ATTRIBUTES, "Properties")
        || properties.is_some_and(|properties| is_misspelt(properties, &known, "ComputePlatform"));
    (!is_meant).then(|| "Server".to_owned())
}

//! What resources give to others: their attributes, and what `Ref` gives.
//!
//! Owns: attributes that a resource of a known type does not have, and properties that ask for an ARN or a name and are given the
//! other one. Other types than those listed are not looked at.

use super::function::{attribute_of, function};
use super::{Resource, Template};
use crate::diagnostic::Finding;
use crate::spec::reading::{Reader, head};
use crate::spec::spelling::nearest;
use crate::syntax::{Kind, Node, Span};

const CODE: &str = "template-reference";

/// The attributes of a type that `Fn::GetAtt` can ask for; none for a type whose attributes are not known here.
fn attributes(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        // The page names only the ARN; the schema of the type has both.
        "AWS::CodeBuild::Project" => &["Arn", "Id"],
        "AWS::CodePipeline::Pipeline" => &["Arn", "Version"],
        "AWS::IAM::Role" => &["Arn", "RoleId"],
        "AWS::S3::Bucket" => &[
            "Arn",
            "DomainName",
            "DualStackDomainName",
            "MetadataConfiguration",
            "MetadataTableConfiguration",
            "RegionalDomainName",
            "WebsiteURL",
        ],
        _ => return None,
    })
}

/// An attribute that its resource does not have. `attribute` may go on below one: `Outputs.Name`.
pub(super) fn check(reader: &mut Reader<'_>, resource: &Resource<'_>, attribute: &str, span: Span) {
    let Some(known) = attributes(resource.kind) else { return };
    let first = attribute.split('.').next().unwrap_or_default();
    if known.contains(&first) {
        return;
    }
    let message = format!("{} has no attribute `{attribute}`", resource.kind);
    let finding = reader.error(CODE, message, span, "unknown");
    let id = resource.id.text().unwrap_or_default();
    let finding = finding.help(match nearest(first, known) {
        Some(meant) => format!("write `{id}.{meant}`"),
        None => format!("it has {}", known.join(", ")),
    });
    reader.push(finding.aws(format!(
        "Template error: resource {id} does not support attribute type {attribute} in Fn::GetAtt"
    )));
}

/// The attribute that an `Fn::GetAtt` names, with its place.
pub(super) fn named(argument: Node<'_>) -> Option<(String, Span)> {
    match argument.kind() {
        Kind::Scalar => {
            let (_, attribute) = argument.text()?.split_once('.')?;
            Some((attribute.to_owned(), head(argument.source(), argument.span())))
        }
        Kind::Sequence => {
            let mut items = argument.items();
            let (first, second) = (items.next()?, items.next()?);
            // `[A.B, C]` names an attribute of a resource in a module.
            let is_plain = first.text().is_some_and(|text| !text.contains('.')) && function(second).is_none();
            Some((second.text().filter(|_| is_plain)?.to_owned(), second.span()))
        }
        Kind::Mapping => None,
    }
}

/// Properties of the pipelines and groups of a template that are given the name of a role where its ARN is asked for, or the
/// ARN of a bucket where its name is.
pub(super) fn names_and_arns<'t>(reader: &mut Reader<'t>, template: &Template<'t>, resource: &Resource<'t>) {
    let Some(properties) = resource.properties.map(|properties| properties.value) else { return };
    match resource.kind {
        "AWS::CodeDeploy::DeploymentGroup" => role(reader, template, properties, "ServiceRoleArn"),
        "AWS::CodePipeline::Pipeline" => {
            role(reader, template, properties, "RoleArn");
            let stages = properties.get("Stages").into_iter().flat_map(Node::items);
            for action in stages.filter_map(|stage| stage.get("Actions")).flat_map(Node::items) {
                role(reader, template, action, "RoleArn");
                if let Some(configuration) = action.get("Configuration") {
                    role(reader, template, configuration, "RoleArn");
                }
            }
            let several = properties.get("ArtifactStores").into_iter().flat_map(Node::items);
            let stores =
                several.filter_map(|item| item.get("ArtifactStore")).chain(properties.get("ArtifactStore"));
            stores.filter_map(|store| store.get("Location")).for_each(|node| bucket(reader, template, node));
        }
        _ => {}
    }
}

fn role<'t>(reader: &mut Reader<'t>, template: &Template<'t>, within: Node<'t>, key: &str) {
    let Some(call) = within.get(key).and_then(function).filter(|call| call.name == "Ref") else { return };
    let Some(name) = call.argument.text() else { return };
    if template.resource(name).is_some_and(|resource| resource.kind == "AWS::IAM::Role") {
        let message = format!("`{key}` is the name of the role `{name}` here, not its ARN");
        wrong(reader, call.argument, message, "AWS asks for the ARN", &format!("write !GetAtt {name}.Arn"));
    }
}

fn bucket<'t>(reader: &mut Reader<'t>, template: &Template<'t>, node: Node<'t>) {
    let Some(call) = function(node).filter(|call| call.name == "GetAtt") else { return };
    let Some((name, _)) = attribute_of(call.argument) else { return };
    let is_arn = named(call.argument).is_some_and(|(attribute, _)| attribute == "Arn");
    if is_arn && template.resource(name).is_some_and(|resource| resource.kind == "AWS::S3::Bucket") {
        let message = format!("`Location` is the ARN of the bucket `{name}` here, not its name");
        wrong(reader, call.argument, message, "AWS asks for the name", &format!("write !Ref {name}"));
    }
}

fn wrong(reader: &mut Reader<'_>, node: Node<'_>, message: String, label: &str, help: &str) {
    let finding: Finding = reader.error(CODE, message, head(node.source(), node.span()), label);
    reader.push(finding.help(help));
}

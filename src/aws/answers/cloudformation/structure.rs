//! What CloudFormation finds wrong with a template before it makes anything of it, in its own words.
//!
//! Owns: sections, resources, what they refer to, and which capabilities they need. The properties of resource types are
//! not looked at, and templates that macros (`Transform`) rewrite are not judged by what they refer to: macros make
//! resources of their own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::validation;
use crate::aws::answers::input::{inner, list};
use crate::aws::call::ApiError;
use crate::spec::template::SECTIONS;

/// A section, or any other mapping of a template; an empty one when it is not there.
pub(super) fn section<'t>(template: &'t Value, name: &str) -> impl Iterator<Item = (&'t String, &'t Value)> {
    template.get(name).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

/// The macros that a template asks for as a whole.
pub(super) fn transforms(template: &Value) -> Vec<&str> {
    match template.get("Transform") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        Some(_) | None => Vec::new(),
    }
}

/// Checks a template; the first error, as AWS tells one.
pub(super) fn check(template: &Value) -> Result<(), ApiError> {
    let transforms = transforms(template);
    let known = |name: &&str| SECTIONS.contains(name) && (*name != "Globals" || !transforms.is_empty());
    let sections = template.as_object().into_iter().flat_map(Map::keys).map(String::as_str);
    let unknown: Vec<_> = sections.filter(|name| !known(name)).collect();
    if !unknown.is_empty() {
        return Err(validation(format!("Invalid template property or properties [{}]", unknown.join(", "))));
    }
    if template.get("AWSTemplateFormatVersion").is_some_and(|version| version != "2010-09-09") {
        return Err(validation("Template format error: unsupported value for AWSTemplateFormatVersion."));
    }
    if section(template, "Resources").next().is_none() {
        return Err(validation("Template format error: At least one Resources member must be defined."));
    }
    for (name, section) in [("Parameters", "Parameters"), ("Outputs", "Outputs"), ("Resources", "Resources")]
    {
        members(template, name, section)?;
    }
    if transforms.is_empty() {
        references(template)?;
        circles(template)?;
    }
    Ok(())
}

fn members(template: &Value, name: &str, place: &str) -> Result<(), ApiError> {
    let needed = if name == "Outputs" { "Value" } else { "Type" };
    for (logical, member) in section(template, name) {
        if !logical.chars().all(|c| c.is_ascii_alphanumeric()) || logical.is_empty() {
            return Err(validation(format!(
                "Template format error: {place} name {logical} is non alphanumeric."
            )));
        }
        if !member.is_object() {
            return Err(validation(format!(
                "Template format error: [/{place}/{logical}] '{name}' members must be objects."
            )));
        }
        if member.get(needed).is_none_or(Value::is_null) {
            return Err(validation(format!(
                "Template format error: [/{place}/{logical}] Every {place} object must contain a {needed} member."
            )));
        }
    }
    let types: BTreeSet<_> =
        section(template, name).filter_map(|(_, member)| inner(member, "Type")).collect();
    if name == "Resources" {
        let unknown: Vec<_> = types.into_iter().filter(|name| !is_resource_type(name)).collect();
        if !unknown.is_empty() {
            let message =
                format!("Template format error: Unrecognized resource types: [{}]", unknown.join(", "));
            return Err(validation(message));
        }
    }
    Ok(())
}

/// `AWS::S3::Bucket`, `Custom::Anything`, `Org::Service::Resource::MODULE`.
fn is_resource_type(name: &str) -> bool {
    let parts: Vec<_> = name.split("::").collect();
    let enough = if parts.first() == Some(&"Custom") { 2 } else { 3 };
    parts.len() >= enough && parts.iter().all(|part| !part.is_empty())
}

/// What a value refers to.
#[derive(Default)]
struct Mentions {
    /// `Ref` and `Fn::Sub`.
    names: BTreeSet<String>,
    /// `Fn::GetAtt`.
    attributes: BTreeSet<String>,
    conditions: BTreeSet<String>,
    mappings: BTreeSet<String>,
}

impl Mentions {
    fn of(value: &Value) -> Self {
        let mut mentions = Self::default();
        mentions.walk(value);
        mentions
    }

    fn walk(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.walk(item)),
            Value::Object(members) => {
                for (name, member) in members {
                    self.function(name, member);
                    self.walk(member);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn function(&mut self, name: &str, argument: &Value) {
        let first = || argument.get(0).and_then(Value::as_str).map(str::to_owned);
        match name {
            "Ref" => self.names.extend(argument.as_str().map(str::to_owned)),
            "Fn::GetAtt" => self.attributes.extend(first()),
            "Fn::If" => self.conditions.extend(first()),
            "Fn::FindInMap" => self.mappings.extend(first()),
            "Fn::Sub" => {
                let own = argument.get(1).and_then(Value::as_object);
                let text = argument.as_str().or_else(|| argument.get(0)?.as_str()).unwrap_or_default();
                let names = placeholders(text).filter(|name| own.is_none_or(|own| !own.contains_key(*name)));
                let resources = names.map(|name| name.split('.').next().unwrap_or(name).to_owned());
                self.names.extend(resources);
            }
            _ => {}
        }
    }
}

/// The names in `${…}`, without `${!Literal}`.
pub(super) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split("${")
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name.trim()))
        .filter(|name| !name.starts_with('!'))
}

fn references(template: &Value) -> Result<(), ApiError> {
    let has =
        |section: &str, name: &str| template.get(section).is_some_and(|names| names.get(name).is_some());
    for place in ["Resources", "Outputs"] {
        let mut mentions = Mentions::default();
        for (_, member) in section(template, place) {
            mentions.walk(member);
            mentions.conditions.extend(inner(member, "Condition").map(str::to_owned));
            mentions.names.extend(depends_on(member).into_iter().map(str::to_owned));
        }
        let absent = |name: &&String| {
            !has("Resources", name) && !has("Parameters", name) && !name.starts_with("AWS::")
        };
        if let Some(name) = mentions.attributes.iter().find(|name| !has("Resources", name)) {
            return Err(validation(format!(
                "Template error: instance of Fn::GetAtt references undefined resource {name}"
            )));
        }
        let absent: Vec<_> = mentions.names.iter().filter(absent).map(String::as_str).collect();
        if !absent.is_empty() {
            return Err(validation(format!(
                "Template format error: Unresolved resource dependencies [{}] in the {place} block of the template",
                absent.join(", ")
            )));
        }
        if let Some(name) = mentions.conditions.iter().find(|name| !has("Conditions", name)) {
            return Err(validation(format!(
                "Template format error: Unresolved condition dependency {name} in the {place} block of the template"
            )));
        }
        if let Some(name) = mentions.mappings.iter().find(|name| !has("Mappings", name)) {
            return Err(validation(format!(
                "Template error: mapping named '{name}' is not present in the 'Mappings' section of template."
            )));
        }
    }
    Ok(())
}

fn depends_on(resource: &Value) -> Vec<&str> {
    match resource.get("DependsOn") {
        Some(Value::String(name)) => vec![name],
        Some(_) | None => list(resource, "DependsOn").iter().filter_map(Value::as_str).collect(),
    }
}

/// Resources that wait for each other.
fn circles(template: &Value) -> Result<(), ApiError> {
    let mut waits: BTreeMap<&str, BTreeSet<String>> = section(template, "Resources")
        .map(|(name, resource)| {
            let Mentions { names, attributes, .. } = Mentions::of(resource);
            let own = depends_on(resource).into_iter().map(str::to_owned);
            (name.as_str(), names.into_iter().chain(attributes).chain(own).collect())
        })
        .collect();
    // What waits for nothing that is left, and what nothing that is left waits for, is on no circle.
    loop {
        let left: BTreeSet<&str> = waits.keys().copied().collect();
        let wanted: BTreeSet<String> = waits.values().flatten().cloned().collect();
        waits.retain(|name, wants| {
            wants.iter().any(|want| left.contains(want.as_str())) && wanted.contains(*name)
        });
        if waits.is_empty() {
            return Ok(());
        }
        if waits.len() == left.len() {
            let names: Vec<_> = left.into_iter().collect();
            let message = format!("Circular dependency between resources: [{}]", names.join(", "));
            return Err(validation(message));
        }
    }
}

/// The capability that a template needs for the identities it makes, and the types that need it.
pub(super) fn capability(template: &Value) -> Option<(&'static str, Vec<&str>)> {
    /// Each with the property that names it.
    const IDENTITIES: [(&str, &str); 8] = [
        ("AWS::IAM::AccessKey", ""),
        ("AWS::IAM::Group", "GroupName"),
        ("AWS::IAM::InstanceProfile", "InstanceProfileName"),
        ("AWS::IAM::ManagedPolicy", "ManagedPolicyName"),
        ("AWS::IAM::Policy", ""),
        ("AWS::IAM::Role", "RoleName"),
        ("AWS::IAM::User", "UserName"),
        ("AWS::IAM::UserToGroupAddition", ""),
    ];
    let mut types = BTreeSet::new();
    let mut named = false;
    for (_, resource) in section(template, "Resources") {
        let Some(kind) = inner(resource, "Type") else { continue };
        let property = |name: &str| resource.get("Properties").and_then(|properties| properties.get(name));
        if let Some((_, name)) = IDENTITIES.iter().find(|(identity, _)| *identity == kind) {
            named |= property(name).is_some();
            types.insert(kind);
        } else if kind == "AWS::Serverless::Function" && property("Role").is_none() {
            // The macro makes a role for it.
            types.insert(kind);
        }
    }
    let capability = if named { "CAPABILITY_NAMED_IAM" } else { "CAPABILITY_IAM" };
    (!types.is_empty()).then(|| (capability, types.into_iter().collect()))
}

/// Whether what a template needs was acknowledged. A change set needs no word for macros: it shows what they make.
pub(super) fn acknowledged(template: &Value, given: &[&str], directly: bool) -> Result<(), ApiError> {
    let refuse = |capability: &str| {
        let message = format!("Requires capabilities : [{capability}]");
        Err(ApiError::new("InsufficientCapabilitiesException", message))
    };
    if let Some((capability, _)) = capability(template) {
        let enough = given.contains(&"CAPABILITY_NAMED_IAM") || given.contains(&capability);
        if !enough {
            return refuse(capability);
        }
    }
    let expands = directly && !transforms(template).is_empty();
    if expands && !given.contains(&"CAPABILITY_AUTO_EXPAND") {
        return refuse("CAPABILITY_AUTO_EXPAND");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::template::parse;
    use super::*;

    const TOPIC: &str = "Resources: {A: {Type: 'AWS::SNS::Topic'}";

    #[test]
    fn templates_are_refused_in_aws_words() {
        for (rest, message) in [
            ("}", ""),
            ("}\nFoo: 1", "Invalid template property or properties [Foo]"),
            ("}\nGlobals: {}", "Invalid template property or properties [Globals]"),
            ("}\nTransform: AWS::Serverless-2016-10-31\nGlobals: {}", ""),
            ("}\nAWSTemplateFormatVersion: 2010-09-10", "unsupported value for AWSTemplateFormatVersion."),
            (", B: {Properties: {}}}", "[/Resources/B] Every Resources object must contain a Type member."),
            (", B: {Type: Bucket}}", "Template format error: Unrecognized resource types: [Bucket]"),
            (", B-C: {Type: 'AWS::SNS::Topic'}}", "Resources name B-C is non alphanumeric."),
            (
                "}\nOutputs: {O: {Description: x}}",
                "[/Outputs/O] Every Outputs object must contain a Value member.",
            ),
            (
                ", B: {Type: 'AWS::SNS::Topic', Properties: {TopicName: !Ref C, DisplayName: !Sub '${D}-${A}'}}}",
                "Template format error: Unresolved resource dependencies [C, D] in the Resources block of the template",
            ),
            (", B: {Type: 'AWS::SNS::Topic', DependsOn: E}}", "Unresolved resource dependencies [E]"),
            (
                "}\nOutputs: {O: {Value: !Ref X}}",
                "Unresolved resource dependencies [X] in the Outputs block of the template",
            ),
            (
                "}\nOutputs: {O: {Value: !GetAtt X.Arn}}",
                "Template error: instance of Fn::GetAtt references undefined resource X",
            ),
            ("}\nOutputs: {O: {Value: !Sub '${A}${AWS::Region}${!B}'}}", ""),
            ("}\nOutputs: {O: {Value: !Sub ['${B}', {B: c}]}}", ""),
            (
                "}\nOutputs: {O: {Value: a, Condition: C}}",
                "Unresolved condition dependency C in the Outputs block",
            ),
            ("}\nOutputs: {O: {Value: !FindInMap [M, a, b]}}", "mapping named 'M' is not present"),
            (
                ", B: {Type: 'AWS::X::Y', DependsOn: C}, C: {Type: 'AWS::X::Y', P: !Ref B}, D: {Type: 'AWS::X::Y', DependsOn: B}}",
                "Circular dependency between resources: [B, C]",
            ),
        ] {
            let text = format!("{TOPIC}{rest}\n");
            let said = check(&parse(&text).unwrap()).err().map_or_else(String::new, |error| error.message);
            assert_eq!(said.is_empty(), message.is_empty(), "{text}: {said}");
            assert!(said.contains(message), "{text}: {said}");
        }
        let error = check(&parse("Resources: {}\n").unwrap()).unwrap_err();
        assert_eq!(error.message, "Template format error: At least one Resources member must be defined.");
    }

    #[test]
    fn identities_and_macros_have_to_be_acknowledged() {
        let role = "Resources: {R: {Type: 'AWS::IAM::Role'}}";
        let named = "Resources: {R: {Type: 'AWS::IAM::Role', Properties: {RoleName: r}}}";
        let sam =
            "Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: 'AWS::Serverless::Function'}}";
        for (text, given, directly, missing) in [
            (role, vec![], true, "CAPABILITY_IAM"),
            (role, vec!["CAPABILITY_IAM"], true, ""),
            (role, vec!["CAPABILITY_NAMED_IAM"], true, ""),
            (named, vec!["CAPABILITY_IAM"], true, "CAPABILITY_NAMED_IAM"),
            (sam, vec!["CAPABILITY_IAM"], true, "CAPABILITY_AUTO_EXPAND"),
            (sam, vec!["CAPABILITY_IAM"], false, ""),
            (sam, vec![], false, "CAPABILITY_IAM"),
        ] {
            let said = acknowledged(&parse(text).unwrap(), &given, directly);
            let expected = format!("Requires capabilities : [{missing}]");
            assert_eq!(
                said.err().map(|error| error.message),
                (!missing.is_empty()).then_some(expected),
                "{text}"
            );
        }
    }
}

//! What a template tells of a resource, as far as the rights to make it depend on it.
//!
//! Owns: names, properties and roles, with `*` for what only AWS makes up. Leaves to `permissions`: which rights those are.

use serde_json::Value;

use super::evaluate::{MADE_UP, Scope, text};
use super::physical::{made_up_name, name, name_property};
use super::stacks::Stack;
use super::structure::section;
use crate::aws::answers::input::inner;
use crate::aws::stack_change::{ResourceTraits, StackChange};

/// Types whose rights are about something else than themselves, or whose name has no part in `Ref`: the property that
/// names it.
const ABOUT: [(&str, &str); 9] = [
    ("AWS::CloudWatch::Alarm", "AlarmName"),
    ("AWS::IAM::InstanceProfile", "InstanceProfileName"),
    ("AWS::IAM::Policy", "Roles"),
    ("AWS::Lambda::Alias", "FunctionName"),
    ("AWS::Lambda::Permission", "FunctionName"),
    ("AWS::Lambda::Version", "FunctionName"),
    ("AWS::S3::BucketPolicy", "Bucket"),
    ("AWS::SNS::Subscription", "TopicArn"),
    ("AWS::SNS::TopicInlinePolicy", "TopicArn"),
];

/// Types whose names begin with the stack's when the template gives none.
const OF_STACK: [&str; 13] = [
    "AWS::CloudWatch::Alarm",
    "AWS::DynamoDB::Table",
    "AWS::ECR::Repository",
    "AWS::Events::Rule",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::CodePipeline::Pipeline",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
];

/// Properties that name a role which the service takes on later: whoever sets them needs `iam:PassRole`.
const ROLES: [(&str, &str); 17] = [
    ("AWS::ApiGateway::Account", "CloudWatchRoleArn"),
    ("AWS::CodeBuild::Project", "ServiceRole"),
    ("AWS::CodeDeploy::DeploymentGroup", "ServiceRoleArn"),
    ("AWS::CodePipeline::Pipeline", "RoleArn"),
    ("AWS::ECS::TaskDefinition", "ExecutionRoleArn"),
    ("AWS::ECS::TaskDefinition", "TaskRoleArn"),
    ("AWS::EKS::Cluster", "RoleArn"),
    ("AWS::EKS::Nodegroup", "NodeRole"),
    ("AWS::Events::Rule", "Targets.RoleArn"),
    ("AWS::Glue::Job", "Role"),
    ("AWS::IAM::InstanceProfile", "Roles"),
    ("AWS::Lambda::Function", "Role"),
    ("AWS::S3::Bucket", "ReplicationConfiguration.Role"),
    ("AWS::SageMaker::Model", "ExecutionRoleArn"),
    ("AWS::SageMaker::NotebookInstance", "RoleArn"),
    ("AWS::Scheduler::Schedule", "Target.RoleArn"),
    ("AWS::StepFunctions::StateMachine", "RoleArn"),
];

/// That many characters of a stack's name stay at least in a name that is made from it.
const KEPT: usize = 20;

/// The names of a stack's resources as they are made up here, and what of them is known.
pub(super) struct Names<'s> {
    scope: &'s Scope<'s>,
    /// Made-up names, and the pattern for each.
    loose: Vec<(String, String)>,
    /// Names of roles, and the same with their path.
    roles: Vec<(String, String)>,
}

impl<'s> Names<'s> {
    /// Those of the template.
    pub(super) fn new(scope: &'s Scope<'s>) -> Self {
        let mut names = Self { scope, loose: Vec::new(), roles: Vec::new() };
        for (logical, resource) in section(scope.template, "Resources") {
            let kind = inner(resource, "Type").unwrap_or_default();
            let own = name_property(kind).and_then(|(property, _)| scope.property(resource, property));
            if own.is_none() {
                let made_up = made_up_name(scope, logical);
                let pattern = pattern(scope, kind);
                names.loose.push((made_up.to_ascii_lowercase(), pattern.clone()));
                names.loose.push((made_up, pattern));
            }
            if kind == "AWS::IAM::Role" {
                let path = scope.property(resource, "Path").unwrap_or_else(|| "/".to_owned());
                let name = name(scope, logical);
                let known = own.unwrap_or_else(|| pattern(scope, kind));
                names.roles.push((name, format!("{}{known}", path.trim_start_matches('/'))));
            }
        }
        names
    }

    /// What a resource tells; `value` is what it comes to.
    pub(super) fn traits(&self, kind: &str, value: &Value) -> ResourceTraits {
        let properties = value.get("Properties");
        let given = properties.and_then(Value::as_object).into_iter().flatten();
        let given = given.filter(|(_, value)| !value.is_null()).map(|(name, _)| name.clone()).collect();
        let about = ABOUT.iter().find(|(name, _)| *name == kind).map(|(_, property)| *property);
        let about = about.or_else(|| name_property(kind).map(|(property, _)| property));
        let named = about.and_then(|property| properties?.get(property));
        let path = properties.and_then(|properties| inner(properties, "Path"));
        let is_of_roles = kind == "AWS::IAM::Policy";
        let known = |name: &Value| if is_of_roles { self.role(&text(name)) } else { self.known(&text(name)) };
        let names: Vec<String> = match named {
            Some(Value::Array(items)) => items.iter().map(known).collect(),
            Some(one) => vec![known(one)],
            // A policy without roles is of something else.
            None if is_of_roles => Vec::new(),
            None => vec![pattern(self.scope, kind)],
        };
        let names = match path.filter(|_| kind.starts_with("AWS::IAM::")) {
            Some(path) => {
                names.iter().map(|name| format!("{}{name}", path.trim_start_matches('/'))).collect()
            }
            None => names,
        };
        let roles = ROLES.iter().filter(|(name, _)| *name == kind);
        let mut passes = Vec::new();
        for (_, path) in roles {
            let found = properties.map(|properties| at(properties, path)).unwrap_or_default();
            passes.extend(found.iter().map(|role| self.role_arn(role)));
        }
        passes.sort();
        passes.dedup();
        ResourceTraits { names, properties: given, passes }
    }

    /// A text with `*` for what only AWS makes up.
    fn known(&self, text: &str) -> String {
        if text.contains(MADE_UP) {
            return "*".to_owned();
        }
        let loosened =
            |text: String, (made_up, pattern): &(String, String)| text.replace(made_up.as_str(), pattern);
        self.loose.iter().fold(text.to_owned(), loosened)
    }

    /// Path and name of a role by its name; the path of one from elsewhere is not known.
    fn role(&self, name: &str) -> String {
        match self.roles.iter().find(|(own, _)| own == name) {
            Some((_, known)) => known.clone(),
            None if name.contains(MADE_UP) => "*".to_owned(),
            None => format!("*{name}"),
        }
    }

    fn role_arn(&self, role: &str) -> String {
        let start = format!("arn:aws:iam::{}:role/", self.scope.account);
        match role.strip_prefix(&start) {
            Some(name) if self.roles.iter().any(|(own, _)| own == name) => {
                format!("{start}{}", self.role(name))
            }
            None if !role.starts_with("arn:") => format!("{start}{}", self.role(role)),
            Some(_) | None if role.contains(MADE_UP) => format!("{start}*"),
            Some(_) | None => role.to_owned(),
        }
    }
}

/// What is known of a name that AWS makes up.
fn pattern(scope: &Scope<'_>, kind: &str) -> String {
    if !OF_STACK.contains(&kind) {
        return "*".to_owned();
    }
    let start: String = format!("{}-", scope.stack).chars().take(KEPT).collect();
    let is_lower = name_property(kind).is_some_and(|(_, is_lower)| is_lower);
    format!("{}*", if is_lower { start.to_ascii_lowercase() } else { start })
}

/// The texts at a path of members; lists are gone through.
fn at<'v>(value: &'v Value, path: &str) -> Vec<&'v str> {
    match value {
        Value::Array(items) => items.iter().flat_map(|item| at(item, path)).collect(),
        Value::String(text) if path.is_empty() => vec![text],
        Value::Object(members) => {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            members.get(first).map(|member| at(member, rest)).unwrap_or_default()
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// A change of a stack without its resources.
pub(super) fn change(name: &str, stack: &Stack) -> StackChange {
    StackChange {
        stack: name.to_owned(),
        role: stack.role.clone(),
        is_sure: false,
        has_tags: !stack.tags.is_empty(),
        resources: Vec::new(),
    }
}

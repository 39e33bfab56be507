//! The role of a project in CloudFormation templates.
//!
//! Owns: finding the project and its role, and gathering the statements that the templates give the role: its own
//! policies, policies of the template that name it, and managed ones. Leaves to `value`: what texts mean.

use std::sync::Arc;

use super::glob::{Covers, Glob};
use super::managed::managed;
use super::value::{self, Template};
use crate::syntax::{self, Node, SourceFile, Span, Tree};

/// Templates of a commit.
#[derive(Debug, Default)]
pub struct Templates {
    trees: Vec<Tree>,
}

/// A statement of a policy. Actions are in lower case: they are compared so.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) allows: bool,
    pub(super) actions: Vec<Glob>,
    /// `NotAction`
    pub(super) all_but_actions: bool,
    pub(super) resources: Vec<Glob>,
    /// `NotResource`
    pub(super) all_but_resources: bool,
    /// It has conditions, which are not judged.
    pub(super) is_conditional: bool,
}

/// A role that was found.
#[derive(Debug)]
pub struct Found {
    /// The template.
    pub source: Arc<SourceFile>,
    /// Where the role's logical id stands.
    pub span: Span,
    /// The role's logical id.
    pub role: String,
    pub(super) statements: Vec<Statement>,
    /// Why there may be more statements than these, a line each; empty when these are all the template gives.
    pub unknown: Vec<String>,
    /// Services whose resources have policies of their own in the template, which may allow the role something.
    pub(super) resource_policies: Vec<&'static str>,
    /// Whether the project says itself where its log goes.
    pub(super) has_logs_config: bool,
}

/// Kinds of resources that are or hold policies on a resource.
const RESOURCE_POLICIES: [(&str, &str, &str); 7] = [
    ("AWS::S3::BucketPolicy", "PolicyDocument", "s3"),
    ("AWS::SQS::QueuePolicy", "PolicyDocument", "sqs"),
    ("AWS::SNS::TopicPolicy", "PolicyDocument", "sns"),
    ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", "secretsmanager"),
    ("AWS::KMS::Key", "KeyPolicy", "kms"),
    ("AWS::ECR::Repository", "RepositoryPolicyText", "ecr"),
    ("AWS::Lambda::Permission", "Principal", "lambda"),
];

impl Templates {
    /// Adds a file, if it is a template with a project in it.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        const PROJECT: &[u8] = b"AWS::CodeBuild::Project";
        if !bytes.windows(PROJECT.len()).any(|window| window == PROJECT) {
            return;
        }
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let source = Arc::new(SourceFile::new(name, text));
        if let Some(tree) = syntax::parse(&source).tree
            && tree.root().get("Resources").is_some()
        {
            self.trees.push(tree);
        }
    }

    /// The role of the project `name`, or why it is not known.
    pub fn role_of(&self, name: &str) -> Result<Found, String> {
        let mut surely = Vec::new();
        let mut perhaps = Vec::new();
        for tree in &self.trees {
            let template = Template { root: tree.root() };
            let resources = tree.root().get("Resources").into_iter().flat_map(Node::entries);
            for entry in resources.filter(|entry| is_of(entry.value, "AWS::CodeBuild::Project")) {
                let properties = entry.value.get("Properties");
                let own = properties.and_then(|properties| properties.get("Name"));
                let own = own.map_or_else(Glob::unknown, |own| template.value(own));
                match own.covers(&Glob::exactly(name)) {
                    Covers::Yes => surely.push((template, properties)),
                    Covers::Perhaps => perhaps.push((template, properties)),
                    Covers::No => {}
                }
            }
        }
        let (template, properties) = match (surely.as_slice(), perhaps.as_slice()) {
            ([one], _) | ([], [one]) => *one,
            ([], []) => return Err(format!("no template of the commit has the project {name}")),
            _ => return Err(format!("several templates of the commit may have the project {name}")),
        };
        let place = template.root.source().name().to_owned();
        let role = properties.and_then(|properties| properties.get("ServiceRole"));
        let id = role.and_then(|role| template.referred(role));
        let found = id.and_then(|id| template.root.get("Resources")?.entry(id));
        let Some(entry) = found.filter(|entry| is_of(entry.value, "AWS::IAM::Role")) else {
            return Err(format!("the role of the project {name} is not in {place}"));
        };
        let mut found = Found {
            source: Arc::clone(template.root.source()),
            span: entry.key.span(),
            role: id.unwrap_or_default().to_owned(),
            statements: Vec::new(),
            unknown: Vec::new(),
            resource_policies: Vec::new(),
            has_logs_config: properties.is_some_and(|properties| properties.get("LogsConfig").is_some()),
        };
        found.gather(template, entry.value);
        Ok(found)
    }
}

impl Found {
    /// Gathers what the template gives the role.
    fn gather(&mut self, template: Template<'_>, role: Node<'_>) {
        let get = |key: &str| role.get("Properties").and_then(|properties| properties.get(key));
        if role.get("Condition").is_some() {
            self.is_unknown("the role is made under a condition");
        }
        for policy in get("Policies").map(value::items).unwrap_or_default() {
            match policy.and_then(|policy| policy.get("PolicyDocument")) {
                Some(document) => self.document(template, document),
                None => self.is_unknown("its inline policies are not known before deployment"),
            }
        }
        for policy in get("ManagedPolicyArns").map(value::items).unwrap_or_default() {
            self.managed_policy(template, policy);
        }
        let name = get("RoleName").map(|name| template.value(name)).filter(Glob::is_known);
        for entry in template.root.get("Resources").into_iter().flat_map(Node::entries) {
            let kind = entry.value.get("Type").and_then(Node::text);
            let has = |key: &str| entry.value.get("Properties").is_some_and(|all| all.get(key).is_some());
            let own = RESOURCE_POLICIES.iter().filter(|(own, key, _)| kind == Some(own) && has(key));
            self.resource_policies.extend(own.map(|(.., service)| *service));
            let roles = match kind {
                Some("AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy") => "Roles",
                Some("AWS::IAM::RolePolicy") => "RoleName",
                Some(_) | None => continue,
            };
            let Some(properties) = entry.value.get("Properties") else { continue };
            let Some(roles) = properties.get(roles) else { continue };
            let listed = value::items(roles);
            let covers = |node: &Option<Node<'_>>| match node {
                None => Covers::Perhaps,
                Some(node) => match (template.referred(*node), &name) {
                    (Some(id), _) if id == self.role => Covers::Yes,
                    (Some(_), _) => Covers::No,
                    (None, Some(name)) if template.value(*node) == *name => Covers::Yes,
                    (None, _) if template.value(*node).is_known() => Covers::No,
                    (None, _) => Covers::Perhaps,
                },
            };
            let covers = listed.iter().map(covers).max().unwrap_or(Covers::No);
            match (covers, entry.value.get("Condition"), properties.get("PolicyDocument")) {
                (Covers::No, ..) => {}
                (Covers::Yes, None, Some(document)) => self.document(template, document),
                (Covers::Yes | Covers::Perhaps, ..) => {
                    let id = entry.key.text().unwrap_or_default();
                    self.is_unknown(&format!(
                        "whether the policy {id} is the role's is not known before deployment"
                    ));
                }
            }
        }
    }

    fn is_unknown(&mut self, why: &str) {
        if !self.unknown.iter().any(|known| known == why) {
            self.unknown.push(why.to_owned());
        }
    }

    /// One of the role's managed policies.
    fn managed_policy(&mut self, template: Template<'_>, policy: Option<Node<'_>>) {
        let own = policy.and_then(|policy| template.resource(template.referred(policy)?));
        if let Some(own) = own {
            return match own.get("Properties").and_then(|properties| properties.get("PolicyDocument")) {
                Some(document) if own.get("Condition").is_none() => self.document(template, document),
                Some(_) | None => self.is_unknown("a managed policy of it is not known before deployment"),
            };
        }
        let arn = policy.map_or_else(Glob::unknown, |policy| template.value(policy));
        let short = arn.text().and_then(|text| text.rsplit('/').next().map(str::to_owned));
        match managed(&arn) {
            Some((statements, complete)) => {
                self.statements.extend(statements);
                if !complete {
                    let name = short.as_deref().unwrap_or("of AWS");
                    self.is_unknown(&format!(
                        "the managed policy {name} allows more, which is not known here"
                    ));
                }
            }
            None => match short {
                Some(name) => {
                    self.is_unknown(&format!("what the managed policy {name} allows is not known here"));
                }
                None => self.is_unknown("a managed policy of it is not known before deployment"),
            },
        }
    }

    /// The statements of a policy document.
    fn document(&mut self, template: Template<'_>, document: Node<'_>) {
        let Some(written) = document.get("Statement") else {
            self.is_unknown("a policy document of it is not known before deployment");
            return;
        };
        for statement in value::items(written) {
            let Some(statement) = statement else {
                self.is_unknown("a statement of a policy is not known before deployment");
                continue;
            };
            let list = |plain: &str, inverted: &str| {
                let found = statement.get(plain).map(|node| (node, false));
                found.or_else(|| statement.get(inverted).map(|node| (node, true)))
            };
            let (Some(effect), Some((actions, all_but_actions))) =
                (statement.get("Effect").and_then(Node::text), list("Action", "NotAction"))
            else {
                self.is_unknown("a statement of a policy is not known before deployment");
                continue;
            };
            let (resources, all_but_resources) = match list("Resource", "NotResource") {
                Some((resources, inverted)) => (globs(template, resources), inverted),
                None => (Vec::new(), false),
            };
            let lower = |glob: Glob| Glob::lower_case(&glob);
            self.statements.push(Statement {
                allows: effect == "Allow",
                actions: globs(template, actions).into_iter().map(lower).collect(),
                all_but_actions,
                resources,
                all_but_resources,
                is_conditional: statement.get("Condition").is_some(),
            });
        }
    }
}

fn is_of(resource: Node<'_>, kind: &str) -> bool {
    resource.get("Type").and_then(Node::text) == Some(kind)
}

/// The values of a list; what may be any number of them is one unknown.
fn globs(template: Template<'_>, node: Node<'_>) -> Vec<Glob> {
    let value = |item: Option<Node<'_>>| item.map_or_else(Glob::unknown, |item| template.value(item));
    value::items(node).into_iter().map(value).collect()
}

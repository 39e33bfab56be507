//! Values in a CloudFormation template, as far as they can be known before it is deployed.
//!
//! Owns: `Ref`, `Fn::GetAtt`, `Fn::Sub` and `Fn::Join`, in short and in long form; account, region and partition, which
//! fit any. A parameter is not known, whatever its default: it may be given another value. Neither are `Fn::If`, imports and
//! the rest.

use super::glob::Glob;
use crate::syntax::{Kind, Node};

/// A template.
#[derive(Debug, Clone, Copy)]
pub(super) struct Template<'t> {
    pub(super) root: Node<'t>,
}

/// A function of CloudFormation and its argument.
struct Function<'t> {
    name: &'t str,
    argument: Node<'t>,
}

impl<'t> Template<'t> {
    /// The resource of a logical id.
    pub(super) fn resource(self, id: &str) -> Option<Node<'t>> {
        self.root.get("Resources")?.get(id)
    }

    /// The value of a node.
    pub(super) fn value(self, node: Node<'t>) -> Glob {
        self.value_within(node, 0)
    }

    fn value_within(self, node: Node<'t>, depth: usize) -> Glob {
        // Names of resources may refer to each other in a circle.
        if depth > 16 {
            return Glob::unknown();
        }
        let Some(Function { name, argument }) = function(node) else {
            return node.text().map_or_else(Glob::unknown, literal);
        };
        match name {
            "Ref" => argument.text().map_or_else(Glob::unknown, |name| self.reference(name, depth)),
            "GetAtt" => match attribute(argument) {
                Some((id, "Arn")) => self.arn(id, depth),
                Some(_) | None => Glob::unknown(),
            },
            "Sub" => self.substituted(argument, depth),
            "Join" => self.joined(argument, depth),
            _ => Glob::unknown(),
        }
    }

    /// The logical id that a node refers to by `Ref`, or by an attribute.
    pub(super) fn referred(self, node: Node<'t>) -> Option<&'t str> {
        let Function { name, argument } = function(node)?;
        let id = match name {
            "Ref" => argument.text()?,
            "GetAtt" => attribute(argument)?.0,
            "Sub" => {
                let inner = argument.text()?.strip_prefix("${")?.strip_suffix('}')?;
                inner.split('.').next()?
            }
            _ => return None,
        };
        self.resource(id).map(|_| id)
    }

    /// What `Ref` gives.
    fn reference(self, name: &str, depth: usize) -> Glob {
        match name {
            "AWS::AccountId" | "AWS::Region" | "AWS::Partition" | "AWS::URLSuffix" => Glob::written("*"),
            _ => match self.named(name, depth) {
                Some(("AWS::SNS::Topic", name)) => behind("arn:*:sns:*:*:", name),
                Some((
                    "AWS::S3::Bucket"
                    | "AWS::ECR::Repository"
                    | "AWS::IAM::Role"
                    | "AWS::Lambda::Function"
                    | "AWS::DynamoDB::Table"
                    | "AWS::CodeBuild::Project",
                    name,
                )) => name,
                Some(_) | None => Glob::unknown(),
            },
        }
    }

    /// What `Fn::GetAtt: [ID, Arn]` gives.
    fn arn(self, id: &str, depth: usize) -> Glob {
        let Some((kind, name)) = self.named(id, depth) else { return Glob::unknown() };
        match kind {
            "AWS::S3::Bucket" => behind("arn:*:s3:::", name),
            "AWS::ECR::Repository" => behind("arn:*:ecr:*:*:repository/", name),
            "AWS::Lambda::Function" => behind("arn:*:lambda:*:*:function:", name),
            "AWS::SQS::Queue" => behind("arn:*:sqs:*:*:", name),
            "AWS::DynamoDB::Table" => behind("arn:*:dynamodb:*:*:table/", name),
            "AWS::CodeBuild::Project" => behind("arn:*:codebuild:*:*:project/", name),
            _ => Glob::unknown(),
        }
    }

    /// The type and the physical name of a resource.
    fn named(self, id: &str, depth: usize) -> Option<(&'t str, Glob)> {
        let resource = self.resource(id)?;
        let kind = resource.get("Type")?.text()?;
        let property = match kind {
            "AWS::S3::Bucket" => "BucketName",
            "AWS::ECR::Repository" => "RepositoryName",
            "AWS::Lambda::Function" => "FunctionName",
            "AWS::SQS::Queue" => "QueueName",
            "AWS::SNS::Topic" => "TopicName",
            "AWS::DynamoDB::Table" => "TableName",
            "AWS::IAM::Role" => "RoleName",
            "AWS::CodeBuild::Project" => "Name",
            _ => return Some((kind, Glob::unknown())),
        };
        let name = resource.get("Properties").and_then(|properties| properties.get(property));
        Some((kind, name.map_or_else(Glob::unknown, |name| self.value_within(name, depth + 1))))
    }

    fn substituted(self, argument: Node<'t>, depth: usize) -> Glob {
        let mut items = argument.items();
        let (text, own) = match (argument.text(), items.next()) {
            (Some(text), _) => (Some(text), None),
            (None, Some(first)) => (first.text(), items.next()),
            (None, None) => (None, None),
        };
        let Some(mut rest) = text else { return Glob::unknown() };
        let mut glob = Glob::default();
        while let Some((before, behind)) = rest.split_once("${") {
            glob.push(Glob::written(before));
            let Some((name, after)) = behind.split_once('}') else { return Glob::unknown() };
            rest = after;
            glob.push(match (own.and_then(|own| own.get(name)), name.split_once('.')) {
                (Some(value), _) => self.value_within(value, depth + 1),
                (None, Some((id, "Arn"))) => self.arn(id, depth),
                (None, Some(_)) => Glob::unknown(),
                // `${!aws:username}` is a variable of IAM.
                (None, None) if name.starts_with('!') => Glob::unknown(),
                (None, None) => self.reference(name, depth),
            });
        }
        glob.push(Glob::written(rest));
        glob
    }

    fn joined(self, argument: Node<'t>, depth: usize) -> Glob {
        let mut parts = argument.items();
        let (Some(between), Some(items)) = (parts.next().and_then(Node::scalar), parts.next()) else {
            return Glob::unknown();
        };
        if items.kind() != Kind::Sequence || function(items).is_some() {
            return Glob::unknown();
        }
        let mut glob = Glob::default();
        for (index, item) in items.items().enumerate() {
            if index > 0 {
                glob.push(Glob::written(between.text));
            }
            glob.push(self.value_within(item, depth + 1));
        }
        glob
    }
}

/// The items of a list, or the one that stands for it; `None` stands for what may be any number of them.
pub(super) fn items(node: Node<'_>) -> Vec<Option<Node<'_>>> {
    const ONE: [&str; 4] = ["Ref", "GetAtt", "Sub", "Join"];
    let one = |node: Node<'_>| function(node).is_none_or(|function| ONE.contains(&function.name));
    if function(node).is_none() && node.kind() == Kind::Sequence {
        return node.items().map(|item| Some(item).filter(|item| one(*item))).collect();
    }
    vec![Some(node).filter(|node| one(*node))]
}

/// The function that a node is a call of: `!Ref X`, `Ref: X`, `Fn::Sub: …`.
fn function(node: Node<'_>) -> Option<Function<'_>> {
    if let Some(name) = node.tag().and_then(|tag| tag.strip_prefix('!')).filter(|name| !name.is_empty()) {
        return Some(Function { name, argument: node });
    }
    let mut entries = node.entries();
    let (only, None) = (entries.next()?, entries.next()) else { return None };
    let name = only.key.text()?;
    let name = if name == "Ref" { name } else { name.strip_prefix("Fn::")? };
    Some(Function { name, argument: only.value })
}

/// Logical id and attribute.
fn attribute(argument: Node<'_>) -> Option<(&str, &str)> {
    if let Some(text) = argument.text() {
        return text.split_once('.');
    }
    let mut items = argument.items();
    Some((items.next()?.text()?, items.next()?.text()?))
}

fn behind(start: &str, name: Glob) -> Glob {
    let mut glob = Glob::written(start);
    glob.push(name);
    glob
}

/// A text of a policy. Variables of IAM (`${aws:username}`) in it are not known.
fn literal(text: &str) -> Glob {
    let mut glob = Glob::default();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        glob.push(Glob::written(before));
        glob.push(Glob::unknown());
        rest = behind.split_once('}').map_or("", |(_, after)| after);
    }
    glob.push(Glob::written(rest));
    glob
}

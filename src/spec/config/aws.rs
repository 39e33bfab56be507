//! `aws`: answers of the loopback endpoint, by operation, folders that stand in for buckets, and what commands of tools print.
//!
//! Owns: the three forms of a key, and that nothing else passes for one. Leaves to `aws`: whether a service has such an
//! operation, reading the files, and what they answer.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use crate::spec::reading::{Reader, place};
use crate::syntax::{Entry, Kind, Span};

/// What a file or folder of `aws` stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answered {
    /// `SERVICE:OPERATION`: the file holds the operation's output as JSON.
    Operation {
        /// The service, by its prefix in IAM actions.
        service: String,
        /// The operation, in the API's spelling.
        operation: String,
    },
    /// `TOOL WORD…`: the file holds what commands of a tool that have these words, in this order, would print.
    Command(String),
    /// `s3://BUCKET`: the folder holds the bucket's objects.
    Bucket(String),
}

/// The file or folder that stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Its path, relative to the working tree.
    pub path: PathBuf,
    /// Where the key is written.
    pub key: Span,
    /// Where the path is written.
    pub value: Span,
}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operation { service, operation } => write!(f, "{service}:{operation}"),
            Self::Command(words) => f.write_str(words),
            Self::Bucket(name) => write!(f, "s3://{name}"),
        }
    }
}

/// Services that the AWS CLI calls otherwise than IAM actions do.
const CLI_NAMES: [(&str, &str); 11] = [
    ("apigatewayv2", "apigateway"),
    ("configservice", "config"),
    ("deploy", "codedeploy"),
    ("efs", "elasticfilesystem"),
    ("elb", "elasticloadbalancing"),
    ("elbv2", "elasticloadbalancing"),
    ("emr", "elasticmapreduce"),
    ("opensearch", "es"),
    ("s3api", "s3"),
    ("sesv2", "ses"),
    ("stepfunctions", "states"),
];

/// Reads the value of `aws`.
pub(super) fn read<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> BTreeMap<Answered, Given> {
    let Some(mapping) = reader.mapping("aws", entry) else { return BTreeMap::new() };
    let mut answers = BTreeMap::new();
    for entry in mapping.entries() {
        let Some(key) = reader.key("aws", entry) else { continue };
        let answered = match parse(key) {
            Ok(answered) => answered,
            Err(help) => {
                let message = format!("`{key}` is neither an operation nor a bucket");
                let finding = reader.error("unknown-key", message, entry.key.span(), "unknown");
                reader.push(finding.help(help));
                continue;
            }
        };
        let what = match answered {
            Answered::Operation { .. } => "the path of a JSON file",
            Answered::Command(_) => "the path of a file with what it would print",
            Answered::Bucket(_) => "the path of a folder",
        };
        let path = entry.value.text().filter(|text| entry.value.kind() == Kind::Scalar && !text.is_empty());
        let Some(path) = path else {
            let message = format!("`aws.{key}` names no file");
            let finding = reader.error("wrong-kind", message, place(entry), "here");
            reader.push(finding.help(format!("write {what}, relative to this file")));
            continue;
        };
        let given = Given { path: path.into(), key: entry.key.span(), value: entry.value.span() };
        if answers.insert(answered.clone(), given).is_some() {
            let message = format!("`{answered}` is answered twice");
            reader.push(reader.error("invalid-value", message, entry.key.span(), "again here"));
        }
    }
    answers
}

/// The key, or what to write.
fn parse(key: &str) -> Result<Answered, String> {
    if let Some(bucket) = key.strip_prefix("s3://") {
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
        return match bucket.trim_end_matches('/') {
            name if (3..=63).contains(&name.len()) && name.chars().all(letters) => {
                Ok(Answered::Bucket(name.to_owned()))
            }
            _ => Err("a bucket is written `s3://NAME`, without a key behind it".to_owned()),
        };
    }
    let example = "write `service:Operation`, such as `ec2:DescribeVpcs`, or `s3://BUCKET`";
    if let Some((tool, _)) = key.split_once(' ').filter(|(tool, _)| !tool.contains(':') && *tool != "aws") {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if tool.is_empty() || !tool.chars().all(is_name) {
            return Err("a command is written as it is typed: `kubectl get svc`".to_owned());
        }
        return Ok(Answered::Command(key.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    let Some((service, operation)) = key.split_once(':') else { return Err(example.to_owned()) };
    let is_service = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if service.is_empty() || !service.chars().all(is_service) {
        return Err(example.to_owned());
    }
    let service = CLI_NAMES.iter().find(|(cli, _)| *cli == service).map_or(service, |(_, prefix)| prefix);
    if !operation.is_empty() && operation.chars().all(is_service) {
        return Err(format!("write it as the API does: `{service}:{}`", capitalized(operation)));
    }
    let begins_well = operation.starts_with(|c: char| c.is_ascii_uppercase());
    if !begins_well || !operation.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(example.to_owned());
    }
    Ok(Answered::Operation { service: service.to_owned(), operation: operation.to_owned() })
}

/// `describe-vpcs` as `DescribeVpcs`.
fn capitalized(operation: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    operation.split('-').filter_map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_operations_or_buckets() {
        let operation = |service: &str, operation: &str| {
            Ok(Answered::Operation { service: service.into(), operation: operation.into() })
        };
        for (key, expected) in [
            ("ec2:DescribeVpcs", operation("ec2", "DescribeVpcs")),
            ("deploy:CreateDeployment", operation("codedeploy", "CreateDeployment")),
            ("ecr-public:DescribeImages", operation("ecr-public", "DescribeImages")),
            ("s3://site-assets/", Ok(Answered::Bucket("site-assets".into()))),
            ("kubectl get svc  web", Ok(Answered::Command("kubectl get svc web".into()))),
            ("terraform output -raw url", Ok(Answered::Command("terraform output -raw url".into()))),
            ("aws s3 ls", Err("`service:Operation`")),
            (" get", Err("`kubectl get svc`")),
            ("s3://site/folder", Err("without a key")),
            ("s3://x", Err("`s3://NAME`")),
            ("ec2:describe-vpcs", Err("`ec2:DescribeVpcs`")),
            ("ec2", Err("`service:Operation`")),
            ("EC2:DescribeVpcs", Err("`service:Operation`")),
            ("ec2:Describe*", Err("`service:Operation`")),
            ("ec2:", Err("`service:Operation`")),
        ] {
            match (parse(key), expected) {
                (Ok(parsed), Ok(expected)) => assert_eq!(parsed, expected, "{key}"),
                (Err(help), Err(part)) => assert!(help.contains(part), "{key}: {help}"),
                (parsed, expected) => panic!("{key}: {parsed:?} instead of {expected:?}"),
            }
        }
    }
}

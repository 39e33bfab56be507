//! What was allowed for one run: reads, or operations by name.
//!
//! Owns: reading a permission as it is typed, and whether it covers a call. Leaves to `cli`: where it may be typed.

use std::fmt;

use crate::aws::call::Call;
use crate::aws::catalog::{self, Access, Operation, Service};

/// Operations that give working keys. Keys never enter a build, and here it could not use them: the endpoint would not
/// know whose they are. So they are never let through, whoever asks.
const KEY_GIVERS: [(&str, &str); 11] = [
    ("cognito-identity", "GetCredentialsForIdentity"),
    ("eks-auth", "AssumeRoleForPodIdentity"),
    ("iam", "CreateAccessKey"),
    ("s3express", "CreateSession"),
    ("sts", "AssumeRole"),
    ("sts", "AssumeRoleWithSAML"),
    ("sts", "AssumeRoleWithWebIdentity"),
    ("sts", "AssumeRoot"),
    ("sts", "GetFederationToken"),
    ("sts", "GetSessionToken"),
    ("s3", "CreateSession"),
];

/// Services of which nothing is a read in the sense of `--allow read`: what they give may be a secret, and a request does
/// not say which.
const NEVER_READ: [&str; 2] = ["secretsmanager", "ssm"];

/// Something that was allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permit {
    /// Every operation that changes nothing and whose answer opens no doors: no `sts:AssumeRole`, no `ssm`, no
    /// `secretsmanager`, no tokens, passwords or plaintexts of keys elsewhere. Those are allowed by name.
    Read,
    /// One operation.
    Operation {
        /// The service, by its prefix in IAM actions.
        service: &'static str,
        /// Its name in the API.
        operation: &'static str,
    },
}

impl Permit {
    /// Reads `read` or `service:Operation`, where the service is named as in IAM actions or as in the AWS CLI. An error
    /// says what to write.
    pub fn read(text: &str) -> Result<Self, String> {
        if text == "read" {
            return Ok(Self::Read);
        }
        if text.contains(['*', '?']) {
            return Err(
                "each operation is allowed by its own name: patterns are not understood, and `*` would let \
                        everything through"
                    .to_owned(),
            );
        }
        let Some((service, operation)) = text.split_once(':') else {
            return Err(
                "write host-hooks, fetch, read, or service:Operation, for example s3:GetObject".to_owned()
            );
        };
        let services: Vec<_> =
            catalog::services().iter().filter(|known| answers_to(known, service)).collect();
        if services.is_empty() {
            let names = catalog::services().iter().flat_map(|known| [known.name, catalog::iam_prefix(known)]);
            return Err(format!("there is no service `{service}`{}", meant(service, names)));
        }
        let Some(found) = services.iter().find_map(|known| catalog::operation(known, operation)) else {
            let names = services.iter().flat_map(|known| known.operations()).map(|known| known.name);
            return Err(format!("{service} has no operation `{operation}`{}", meant(operation, names)));
        };
        let service = catalog::iam_prefix(found.service);
        if KEY_GIVERS.contains(&(service, found.name)) {
            return Err(format!(
                "{service}:{} gives out working keys, and those never enter a build; a profile with `role_arn` calls as \
                 another role",
                found.name
            ));
        }
        Ok(Self::Operation { service, operation: found.name })
    }

    /// Whether it covers this call.
    pub(super) fn covers(&self, call: &Call) -> bool {
        match self {
            Self::Read => operation(call).is_some_and(is_harmless),
            Self::Operation { service, operation } => {
                call.service == *service && call.operation == *operation
            }
        }
    }
}

impl fmt::Display for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read => f.write_str("read"),
            Self::Operation { service, operation } => write!(f, "{service}:{operation}"),
        }
    }
}

/// Whether a service is known by this name.
fn answers_to(service: &Service, name: &str) -> bool {
    service.name == name || catalog::iam_prefix(service) == name
}

/// The operation that a call is one of.
pub(super) fn operation(call: &Call) -> Option<&'static Operation> {
    let mut services = catalog::services().iter().filter(|known| answers_to(known, &call.service));
    services.find_map(|service| catalog::operation(service, &call.operation))
}

/// Whether `--allow read` covers an operation.
fn is_harmless(operation: &Operation) -> bool {
    let service = catalog::iam_prefix(operation.service);
    if NEVER_READ.contains(&service) || KEY_GIVERS.contains(&(service, operation.name)) {
        return false;
    }
    match operation.access() {
        Access::Read => true,
        Access::Secret | Access::Write => false,
    }
}

/// The end of a sentence on a name that is not known.
fn meant<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let folded = name.to_ascii_lowercase();
    let near = names
        .map(|known| (distance(&folded, &known.to_ascii_lowercase()), known))
        .filter(|(distance, _)| *distance <= 1 + folded.len() / 4)
        .min();
    near.map_or_else(String::new, |(_, near)| format!("; did you mean `{near}`?"))
}

/// How many letters must be put in, taken out or exchanged to make one of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (to, same) in other.iter().enumerate() {
            let cost = diagonal + usize::from(letter != *same);
            diagonal = row[to + 1];
            row[to + 1] = cost.min(diagonal + 1).min(row[to] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::forward::tests::call;

    #[test]
    fn permissions_are_read_with_help() {
        for (typed, expected) in [
            ("read", Ok("read")),
            ("s3:PutObject", Ok("s3:PutObject")),
            // By the name of the AWS CLI, kept by the prefix of IAM actions.
            ("stepfunctions:StartExecution", Ok("states:StartExecution")),
            ("states:StartExecution", Ok("states:StartExecution")),
            ("elbv2:DescribeTargetGroups", Ok("elasticloadbalancing:DescribeTargetGroups")),
            ("cloudwatch:PutMetricData", Ok("cloudwatch:PutMetricData")),
            ("ecr:GetAuthorizationToken", Ok("ecr:GetAuthorizationToken")),
            ("ssm:GetParameter", Ok("ssm:GetParameter")),
            ("s3:putobject", Err("s3 has no operation `putobject`; did you mean `PutObject`?")),
            ("lamda:ListFunctions", Err("there is no service `lamda`; did you mean `lambda`?")),
            ("s3:Frobnicate", Err("s3 has no operation `Frobnicate`")),
            ("zzzzzzzz:Get", Err("there is no service `zzzzzzzz`")),
            ("*", Err("`*` would let everything through")),
            ("s3:*", Err("patterns are not understood")),
            ("s3:Get*", Err("patterns are not understood")),
            ("s3:", Err("s3 has no operation ``")),
            ("writes", Err("write host-hooks, fetch, read, or service:Operation")),
            ("sts:AssumeRole", Err("gives out working keys")),
            ("sts:GetSessionToken", Err("gives out working keys")),
            ("iam:CreateAccessKey", Err("gives out working keys")),
        ] {
            match (Permit::read(typed), expected) {
                (Ok(permit), Ok(expected)) => assert_eq!(permit.to_string(), expected, "{typed}"),
                (Err(error), Err(part)) => assert!(error.contains(part), "{typed}: {error}"),
                (got, _) => panic!("{typed}: {got:?}"),
            }
        }
    }

    #[test]
    fn read_covers_what_changes_nothing_and_opens_no_doors() {
        for (service, operation, covered) in [
            ("s3", "GetObject", true),
            ("s3", "ListObjectsV2", true),
            ("s3", "HeadObject", true),
            ("cloudformation", "DescribeStacks", true),
            ("sts", "GetCallerIdentity", true),
            ("ecr", "DescribeImages", true),
            ("s3", "PutObject", false),
            ("sts", "AssumeRole", false),
            ("sts", "GetSessionToken", false),
            ("sts", "GetFederationToken", false),
            ("ssm", "GetParameter", false),
            ("ssm", "DescribeInstanceInformation", false),
            ("secretsmanager", "ListSecrets", false),
            ("secretsmanager", "GetSecretValue", false),
            // Credentials under other names.
            ("kms", "Decrypt", false),
            ("ecr", "GetAuthorizationToken", false),
            ("codeartifact", "GetAuthorizationToken", false),
            ("sqs", "ReceiveMessage", false),
            ("lambda", "Invoke", false),
            ("s3", "", false),
            ("nothing", "GetObject", false),
        ] {
            assert_eq!(Permit::Read.covers(&call(service, operation)), covered, "{service}:{operation}");
        }
    }

    #[test]
    fn an_operation_covers_itself_alone() {
        let permit = Permit::read("s3:GetObject").unwrap();
        assert!(permit.covers(&call("s3", "GetObject")));
        for (service, operation) in [("s3", "GetObjectAcl"), ("s3", "HeadObject"), ("glacier", "GetObject")] {
            assert!(!permit.covers(&call(service, operation)), "{service}:{operation}");
        }
    }
}

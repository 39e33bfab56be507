//! The resource that a call is about, from its parameters.
//!
//! Owns: the ARNs of the services that builds call most. Source: the Service Authorization Reference. What is not
//! covered here is `*` in a policy, with a remark, and is not judged.

use std::collections::BTreeSet;

use serde_json::Value;

use super::glob::{Glob, Piece};

/// What an action is needed on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// This one; `*` and `?` stand for what is not known of its name.
    Arn(String),
    /// All: the action has no narrower resource.
    Every,
    /// Some, and it is not known here which.
    Unknown,
}

impl Resource {
    /// As it stands in a policy.
    pub fn written(&self) -> &str {
        match self {
            Self::Arn(arn) => arn,
            Self::Every | Self::Unknown => "*",
        }
    }

    /// The same to compare with policies: without the region and, when it is that of a rehearsal, the account.
    pub(super) fn needed(&self, accounts: &BTreeSet<String>) -> Glob {
        let Self::Arn(arn) = self else {
            return match self {
                Self::Every => Glob(vec![Piece::Char('*')]),
                Self::Arn(_) | Self::Unknown => Glob::unknown(),
            };
        };
        let fields: Vec<&str> = arn.splitn(6, ':').collect();
        let [scheme, partition, service, region, owner, rest] = fields.as_slice() else {
            return Glob::written(arn);
        };
        let region = if region.is_empty() { "" } else { "*" };
        let owner = if accounts.contains(*owner) { "*" } else { owner };
        // Whether what is below it is named as well differs from action to action.
        let below = rest.strip_suffix(":*").map(|rest| format!("{rest}*"));
        let rest = below.as_deref().unwrap_or(rest);
        Glob::written(&[*scheme, *partition, *service, region, owner, rest].join(":"))
    }
}

/// Actions without a resource of their own, as far as builds are likely to need them; `*` ends a prefix.
const EVERY: [&str; 22] = [
    "autoscaling:Describe*",
    "cloudformation:ListExports",
    "cloudformation:ListStacks",
    "cloudfront:ListDistributions",
    "cloudwatch:PutMetricData",
    "codedeploy:ListApplications",
    "ec2:Describe*",
    "ecr-public:GetAuthorizationToken",
    "ecr:GetAuthorizationToken",
    "eks:ListClusters",
    "elasticloadbalancing:Describe*",
    "kms:ListAliases",
    "kms:ListKeys",
    "lambda:ListFunctions",
    "rds:DescribeDBEngineVersions",
    "route53:ListHostedZones",
    "s3:ListAllMyBuckets",
    "secretsmanager:ListSecrets",
    "sns:ListTopics",
    "ssm:DescribeParameters",
    "sts:GetServiceBearerToken",
    "tag:GetResources",
];

/// What a call is made with.
pub(super) struct Place<'a> {
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    pub(super) parameters: &'a Value,
}

impl Place<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.parameters.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// The first of these members that is a text.
    fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.text(name))
    }

    fn texts(&self, name: &str) -> Vec<&str> {
        let items = self.parameters.get(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).collect()
    }

    fn partition(&self) -> &'static str {
        partition(self.region)
    }

    /// The ARN of something of this region and account; what is an ARN already stays as it is.
    fn arn(&self, service: &str, rest: &str, name: &str) -> Resource {
        if name.starts_with("arn:") {
            return Resource::Arn(name.to_owned());
        }
        let (partition, region, account) = (self.partition(), self.region, self.account);
        Resource::Arn(format!("arn:{partition}:{service}:{region}:{account}:{rest}{name}"))
    }

    /// The same for one of several members.
    fn named(&self, service: &str, rest: &str, names: &[&str]) -> Option<Vec<Resource>> {
        self.first(names).map(|name| vec![self.arn(service, rest, name)])
    }
}

/// The partition that a region is in.
pub(super) fn partition(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// The resources that `action` is needed on for a call of `operation`.
pub(super) fn resources(action: &str, operation: &str, place: &Place<'_>) -> Vec<Resource> {
    let every = |pattern: &&'static str| match pattern.strip_suffix('*') {
        Some(prefix) => action.starts_with(prefix),
        None => *pattern == action,
    };
    if EVERY.iter().any(every) {
        return vec![Resource::Every];
    }
    let (service, name) = action.split_once(':').unwrap_or((action, ""));
    let found = match service {
        "s3" => s3(name, operation, place),
        "ecr" => place.named("ecr", "repository/", &["repositoryName"]).or_else(|| {
            let names = place.texts("repositoryNames");
            (!names.is_empty())
                .then(|| names.iter().map(|name| place.arn("ecr", "repository/", name)).collect())
        }),
        "lambda" => lambda(place),
        "ecs" => ecs(name, place),
        "ssm" => Some(ssm(place)),
        "secretsmanager" => place.first(&["SecretId", "Name"]).map(|id| {
            let suffix = if id.starts_with("arn:") { "" } else { "-??????" };
            vec![place.arn("secretsmanager", "secret:", &format!("{id}{suffix}"))]
        }),
        "cloudformation" => place.text("StackName").map(|name| {
            let all = if name.starts_with("arn:") { "" } else { "/*" };
            vec![place.arn("cloudformation", "stack/", &format!("{name}{all}"))]
        }),
        "sns" => place.first(&["TopicArn", "TargetArn"]).map(|arn| vec![place.arn("sns", "", arn)]),
        "sqs" => sqs(place),
        "sts" => place.first(&["RoleArn"]).map(|arn| vec![place.arn("sts", "", arn)]),
        "codepipeline" => place.named("codepipeline", "", &["pipelineName", "name"]),
        "codebuild" => place.named("codebuild", "project/", &["projectName"]),
        "codedeploy" => codedeploy(name, place),
        "codeartifact" => codeartifact(place),
        "logs" => place.first(&["logGroupName", "logGroupIdentifier"]).map(|name| {
            let all = if name.starts_with("arn:") { "" } else { ":*" };
            vec![place.arn("logs", "log-group:", &format!("{name}{all}"))]
        }),
        "events" => events(place),
        "dynamodb" => place.named("dynamodb", "table/", &["TableName"]),
        "kinesis" => place
            .text("StreamARN")
            .map(|arn| vec![Resource::Arn(arn.to_owned())])
            .or_else(|| place.named("kinesis", "stream/", &["StreamName"])),
        "states" => {
            place.first(&["stateMachineArn", "executionArn"]).map(|arn| vec![place.arn("states", "", arn)])
        }
        "iam" => global(place, "iam", "role/", "RoleName"),
        "cloudfront" => global(place, "cloudfront", "distribution/", "DistributionId"),
        "kms" => place
            .text("KeyId")
            .filter(|id| !id.contains("alias/"))
            .map(|id| vec![place.arn("kms", "key/", id)]),
        "eks" => place.named("eks", "cluster/", &["name", "clusterName"]),
        "sagemaker" => sagemaker(operation, place),
        _ => None,
    };
    found.filter(|found| !found.is_empty()).unwrap_or_else(|| vec![Resource::Unknown])
}

fn s3(name: &str, operation: &str, place: &Place<'_>) -> Option<Vec<Resource>> {
    let bucket = place.text("Bucket")?;
    let start = if bucket.starts_with("arn:") {
        format!("{bucket}/object")
    } else {
        format!("arn:{}:s3:::{bucket}", place.partition())
    };
    let parts = ["AbortMultipartUpload", "ListMultipartUploadParts"];
    if !(name.contains("Object") && !name.contains("BucketObjectLock") || parts.contains(&name)) {
        return Some(vec![Resource::Arn(if bucket.starts_with("arn:") { bucket.to_owned() } else { start })]);
    }
    // A copy reads somewhere else.
    if name == "GetObject" && matches!(operation, "CopyObject" | "UploadPartCopy") {
        let source = place.text("CopySource")?.trim_start_matches('/');
        let source = source.split('?').next().unwrap_or_default();
        let arn = if source.starts_with("arn:") {
            source.to_owned()
        } else {
            format!("arn:{}:s3:::{source}", place.partition())
        };
        return Some(vec![Resource::Arn(arn)]);
    }
    if let Some(key) = place.text("Key") {
        return Some(vec![Resource::Arn(format!("{start}/{key}"))]);
    }
    let listed = place.parameters.pointer("/Delete/Objects")?.as_array()?;
    let keys = listed.iter().filter_map(|object| object.get("Key")?.as_str());
    Some(keys.map(|key| Resource::Arn(format!("{start}/{key}"))).collect())
}

fn lambda(place: &Place<'_>) -> Option<Vec<Resource>> {
    let name = place.text("FunctionName")?;
    // A name, ACCOUNT:function:NAME, or an ARN; each with a version or alias behind it.
    let name = match name.split_once(":function:") {
        Some((start, rest)) if !start.starts_with("arn:") => rest,
        _ => name,
    };
    let qualifier = place.text("Qualifier").map(|qualifier| format!(":{qualifier}")).unwrap_or_default();
    Some(vec![place.arn("lambda", "function:", &format!("{name}{qualifier}"))])
}

fn ecs(name: &str, place: &Place<'_>) -> Option<Vec<Resource>> {
    let cluster = place.text("cluster").unwrap_or("default");
    let short = cluster.rsplit('/').next().unwrap_or(cluster);
    let service = |service: &str| {
        let within = if service.starts_with("arn:") { String::new() } else { format!("{short}/") };
        place.arn("ecs", "service/", &format!("{within}{service}"))
    };
    match name {
        "UpdateService" | "DeleteService" => place.text("service").map(|name| vec![service(name)]),
        "CreateService" => place.text("serviceName").map(|name| vec![service(name)]),
        "DescribeServices" => Some(place.texts("services").into_iter().map(service).collect()),
        "DescribeClusters" => {
            Some(place.texts("clusters").iter().map(|name| place.arn("ecs", "cluster/", name)).collect())
        }
        "RunTask" | "StartTask" => place.text("taskDefinition").map(|definition| {
            let all = if definition.contains(':') { "" } else { ":*" };
            vec![place.arn("ecs", "task-definition/", &format!("{definition}{all}"))]
        }),
        _ => None,
    }
}

fn ssm(place: &Place<'_>) -> Vec<Resource> {
    let parameter = |name: &str| {
        let slash = if name.starts_with('/') { "" } else { "/" };
        place.arn("ssm", &format!("parameter{slash}"), name)
    };
    if let Some(path) = place.text("Path") {
        return vec![parameter(&format!("{}*", path.trim_end_matches('/')))];
    }
    match place.text("Name") {
        Some(name) => vec![parameter(name)],
        None => place.texts("Names").into_iter().map(parameter).collect(),
    }
}

fn sqs(place: &Place<'_>) -> Option<Vec<Resource>> {
    if let Some(url) = place.text("QueueUrl") {
        let mut segments = url.trim_end_matches('/').rsplit('/');
        let (name, owner) = (segments.next()?, segments.next()?);
        let (partition, region) = (place.partition(), place.region);
        return Some(vec![Resource::Arn(format!("arn:{partition}:sqs:{region}:{owner}:{name}"))]);
    }
    place.named("sqs", "", &["QueueName"])
}

fn codedeploy(name: &str, place: &Place<'_>) -> Option<Vec<Resource>> {
    let application = place.text("applicationName");
    match name {
        "CreateDeployment" | "GetDeploymentGroup" | "UpdateDeploymentGroup" | "ListDeployments" => {
            let group = place.first(&["deploymentGroupName", "currentDeploymentGroupName"])?;
            Some(vec![place.arn("codedeploy", "deploymentgroup:", &format!("{}/{group}", application?))])
        }
        "GetDeploymentConfig" => place.named("codedeploy", "deploymentconfig:", &["deploymentConfigName"]),
        _ => Some(vec![place.arn("codedeploy", "application:", application?)]),
    }
}

fn codeartifact(place: &Place<'_>) -> Option<Vec<Resource>> {
    let domain = place.text("domain")?;
    Some(vec![match place.text("repository") {
        Some(repository) => place.arn("codeartifact", "repository/", &format!("{domain}/{repository}")),
        None => place.arn("codeartifact", "domain/", domain),
    }])
}

fn events(place: &Place<'_>) -> Option<Vec<Resource>> {
    if let Some(entries) = place.parameters.get("Entries").and_then(Value::as_array) {
        let bus = |entry: &Value| {
            let name = entry.get("EventBusName").and_then(Value::as_str).unwrap_or("default");
            place.arn("events", "event-bus/", name)
        };
        return Some(entries.iter().map(bus).collect());
    }
    // Rules of other buses have the bus in their name.
    let bus = place.text("EventBusName").filter(|bus| *bus != "default");
    let rule = place.first(&["Rule", "Name"])?;
    Some(vec![place.arn(
        "events",
        "rule/",
        &bus.map_or_else(|| rule.to_owned(), |bus| format!("{bus}/{rule}")),
    )])
}

fn sagemaker(operation: &str, place: &Place<'_>) -> Option<Vec<Resource>> {
    if operation.contains("EndpointConfig") {
        return place.named("sagemaker", "endpoint-config/", &["EndpointConfigName"]);
    }
    place
        .named("sagemaker", "endpoint/", &["EndpointName"])
        .or_else(|| place.named("sagemaker", "model/", &["ModelName"]))
        .or_else(|| place.named("sagemaker", "training-job/", &["TrainingJobName"]))
        .or_else(|| place.named("sagemaker", "model-package-group/", &["ModelPackageGroupName"]))
}

/// Something of a service without regions.
fn global(place: &Place<'_>, service: &str, kind: &str, member: &str) -> Option<Vec<Resource>> {
    let name = place.text(member)?;
    Some(vec![Resource::Arn(format!("arn:{}:{service}::{}:{kind}{name}", place.partition(), place.account))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn calls_are_about_what_their_parameters_name() {
        for (action, operation, parameters, expected) in [
            ("s3:PutObject", "PutObject", json!({"Bucket": "b", "Key": "a/x.zip"}), "arn:aws:s3:::b/a/x.zip"),
            ("s3:ListBucket", "ListObjectsV2", json!({"Bucket": "b"}), "arn:aws:s3:::b"),
            (
                "s3:GetObject",
                "CopyObject",
                json!({"Bucket": "b", "Key": "k", "CopySource": "/src/a?versionId=1"}),
                "arn:aws:s3:::src/a",
            ),
            (
                "s3:PutObject",
                "CopyObject",
                json!({"Bucket": "b", "Key": "k", "CopySource": "/src/a"}),
                "arn:aws:s3:::b/k",
            ),
            (
                "s3:DeleteObject",
                "DeleteObjects",
                json!({"Bucket": "b", "Delete": {"Objects": [{"Key": "1"}]}}),
                "arn:aws:s3:::b/1",
            ),
            ("s3:ListAllMyBuckets", "ListBuckets", json!({}), "every"),
            ("ecr:GetAuthorizationToken", "GetAuthorizationToken", json!({}), "every"),
            (
                "ecr:PutImage",
                "PutImage",
                json!({"repositoryName": "web"}),
                "arn:aws:ecr:eu-west-1:111122223333:repository/web",
            ),
            (
                "lambda:UpdateFunctionCode",
                "UpdateFunctionCode",
                json!({"FunctionName": "f"}),
                "arn:aws:lambda:eu-west-1:111122223333:function:f",
            ),
            (
                "lambda:InvokeFunction",
                "Invoke",
                json!({"FunctionName": "999988887777:function:f", "Qualifier": "live"}),
                "arn:aws:lambda:eu-west-1:111122223333:function:f:live",
            ),
            (
                "ecs:UpdateService",
                "UpdateService",
                json!({"cluster": "c", "service": "s"}),
                "arn:aws:ecs:eu-west-1:111122223333:service/c/s",
            ),
            ("ecs:RegisterTaskDefinition", "RegisterTaskDefinition", json!({"family": "f"}), "unknown"),
            (
                "ssm:GetParameter",
                "GetParameter",
                json!({"Name": "/a/b"}),
                "arn:aws:ssm:eu-west-1:111122223333:parameter/a/b",
            ),
            (
                "ssm:GetParameters",
                "GetParameters",
                json!({"Names": ["a"]}),
                "arn:aws:ssm:eu-west-1:111122223333:parameter/a",
            ),
            (
                "secretsmanager:GetSecretValue",
                "GetSecretValue",
                json!({"SecretId": "db"}),
                "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-??????",
            ),
            (
                "cloudformation:DescribeStacks",
                "DescribeStacks",
                json!({"StackName": "s"}),
                "arn:aws:cloudformation:eu-west-1:111122223333:stack/s/*",
            ),
            (
                "sqs:SendMessage",
                "SendMessage",
                json!({"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/999988887777/q"}),
                "arn:aws:sqs:eu-west-1:999988887777:q",
            ),
            (
                "codedeploy:CreateDeployment",
                "CreateDeployment",
                json!({"applicationName": "a", "deploymentGroupName": "g"}),
                "arn:aws:codedeploy:eu-west-1:111122223333:deploymentgroup:a/g",
            ),
            (
                "events:PutEvents",
                "PutEvents",
                json!({"Entries": [{}]}),
                "arn:aws:events:eu-west-1:111122223333:event-bus/default",
            ),
            (
                "cloudfront:CreateInvalidation",
                "CreateInvalidation",
                json!({"DistributionId": "E1"}),
                "arn:aws:cloudfront::111122223333:distribution/E1",
            ),
            ("kms:Decrypt", "Decrypt", json!({"KeyId": "alias/x"}), "unknown"),
            ("somewhere:Do", "Do", json!({}), "unknown"),
        ] {
            let place = Place { region: "eu-west-1", account: "111122223333", parameters: &parameters };
            let got = match resources(action, operation, &place).as_slice() {
                [Resource::Arn(arn)] => arn.clone(),
                [Resource::Every] => "every".to_owned(),
                [Resource::Unknown] => "unknown".to_owned(),
                other => format!("{other:?}"),
            };
            assert_eq!(got, expected, "{action}");
        }
    }
}

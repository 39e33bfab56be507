//! Made-up ids of resources, in the forms of their types.
//!
//! Owns: what `Ref` of a resource gives, and the few attributes that follow from account, region and name. The same
//! stack and logical id always give the same id.

use super::evaluate::Scope;
use crate::aws::answers::input::inner;
use crate::aws::answers::made::{HEX, LOWER, UPPER, letters};

/// How `Ref` of a type looks.
enum Form {
    /// The name, from this property or made up.
    Name(&'static str),
    /// The same in lower case when it is made up.
    LowerName(&'static str),
    /// The ARN.
    Arn(&'static str),
    /// The URL of a queue, from this property.
    Queue(&'static str),
    /// A prefix and random characters.
    Random(&'static str, &'static [u8], usize),
}

/// Types whose `Ref` is not `STACK-LOGICAL-RANDOM`.
const FORMS: [(&str, Form); 33] = [
    ("AWS::ApiGateway::RestApi", Form::Random("", LOWER, 10)),
    ("AWS::ApiGatewayV2::Api", Form::Random("", LOWER, 10)),
    ("AWS::Serverless::Api", Form::Random("", LOWER, 10)),
    ("AWS::Serverless::HttpApi", Form::Random("", LOWER, 10)),
    ("AWS::CloudFront::Distribution", Form::Random("E", UPPER, 13)),
    ("AWS::CodeBuild::Project", Form::Name("Name")),
    ("AWS::CodePipeline::Pipeline", Form::Name("Name")),
    ("AWS::DynamoDB::Table", Form::Name("TableName")),
    ("AWS::Serverless::SimpleTable", Form::Name("TableName")),
    ("AWS::EC2::Instance", Form::Random("i-", HEX, 17)),
    ("AWS::EC2::InternetGateway", Form::Random("igw-", HEX, 17)),
    ("AWS::EC2::RouteTable", Form::Random("rtb-", HEX, 17)),
    ("AWS::EC2::SecurityGroup", Form::Random("sg-", HEX, 17)),
    ("AWS::EC2::Subnet", Form::Random("subnet-", HEX, 17)),
    ("AWS::EC2::VPC", Form::Random("vpc-", HEX, 17)),
    ("AWS::ECR::Repository", Form::LowerName("RepositoryName")),
    ("AWS::ECS::Cluster", Form::Name("ClusterName")),
    ("AWS::ECS::Service", Form::Arn("ServiceName")),
    ("AWS::ECS::TaskDefinition", Form::Arn("Family")),
    ("AWS::Events::Rule", Form::Name("Name")),
    ("AWS::IAM::ManagedPolicy", Form::Arn("ManagedPolicyName")),
    ("AWS::IAM::Role", Form::Name("RoleName")),
    ("AWS::IAM::User", Form::Name("UserName")),
    ("AWS::KMS::Key", Form::Random("", HEX, 32)),
    ("AWS::Lambda::Function", Form::Name("FunctionName")),
    ("AWS::Serverless::Function", Form::Name("FunctionName")),
    ("AWS::Logs::LogGroup", Form::Name("LogGroupName")),
    ("AWS::S3::Bucket", Form::LowerName("BucketName")),
    ("AWS::SNS::Topic", Form::Arn("TopicName")),
    ("AWS::SQS::Queue", Form::Queue("QueueName")),
    ("AWS::SSM::Parameter", Form::Name("Name")),
    ("AWS::SecretsManager::Secret", Form::Arn("Name")),
    ("AWS::StepFunctions::StateMachine", Form::Arn("StateMachineName")),
];

/// What `Ref` of a resource gives.
pub(super) fn id(scope: &Scope<'_>, logical: &str) -> String {
    let Some(resource) = scope.resource(logical) else {
        // Macros make resources that the template does not show.
        return made_up_name(scope, logical);
    };
    let kind = inner(resource, "Type").unwrap_or_default();
    match FORMS.iter().find(|(name, _)| *name == kind).map(|(_, form)| form) {
        Some(Form::Random(prefix, alphabet, length)) => {
            format!("{prefix}{}", letters(&seed(scope, logical), alphabet, *length))
        }
        Some(Form::Arn(_)) => arn(scope, logical).unwrap_or_else(|| made_up_name(scope, logical)),
        Some(Form::Queue(_)) => {
            let (region, account) = (scope.region, scope.account);
            format!("https://sqs.{region}.amazonaws.com/{account}/{}", name(scope, logical))
        }
        Some(Form::Name(_) | Form::LowerName(_)) => name(scope, logical),
        None if kind == "AWS::CloudFormation::Stack" => {
            let (region, account) = (scope.region, scope.account);
            let name = made_up_name(scope, logical);
            format!("arn:aws:cloudformation:{region}:{account}:stack/{name}/{}", letters(&name, HEX, 32))
        }
        None => made_up_name(scope, logical),
    }
}

/// An attribute, where it follows from what is known.
pub(super) fn attribute(scope: &Scope<'_>, logical: &str, attribute: &str) -> Option<String> {
    let kind = inner(scope.resource(logical)?, "Type")?;
    match (kind, attribute) {
        (_, "Arn" | "TopicArn" | "ServiceArn") => arn(scope, logical),
        ("AWS::SNS::Topic", "TopicName") | ("AWS::SQS::Queue", "QueueName") => Some(name(scope, logical)),
        ("AWS::StepFunctions::StateMachine" | "AWS::ECS::Service", "Name") => Some(name(scope, logical)),
        ("AWS::S3::Bucket", "DomainName") => Some(format!("{}.s3.amazonaws.com", name(scope, logical))),
        ("AWS::SQS::Queue", "QueueUrl") => Some(id(scope, logical)),
        ("AWS::ECR::Repository", "RepositoryUri") => {
            Some(format!("{}.dkr.ecr.{}.amazonaws.com/{}", scope.account, scope.region, name(scope, logical)))
        }
        ("AWS::EC2::SecurityGroup", "GroupId") | ("AWS::EC2::VPC", "VpcId") => Some(id(scope, logical)),
        _ => None,
    }
}

/// The property that gives a type its name, and whether a made-up one is in lower case.
pub(super) fn name_property(kind: &str) -> Option<(&'static str, bool)> {
    match FORMS.iter().find(|(name, _)| *name == kind).map(|(_, form)| form)? {
        Form::Name(property) | Form::Arn(property) | Form::Queue(property) => Some((*property, false)),
        Form::LowerName(property) => Some((*property, true)),
        Form::Random(..) => None,
    }
}

/// The resource's name: given by its property, or made up as AWS does.
pub(super) fn name(scope: &Scope<'_>, logical: &str) -> String {
    let Some(resource) = scope.resource(logical) else { return made_up_name(scope, logical) };
    let kind = inner(resource, "Type").unwrap_or_default();
    let Some((property, lower)) = name_property(kind) else { return id(scope, logical) };
    let given = scope.property(resource, property);
    given.unwrap_or_else(|| {
        let name = made_up_name(scope, logical);
        if lower { name.to_ascii_lowercase() } else { name }
    })
}

fn arn(scope: &Scope<'_>, logical: &str) -> Option<String> {
    let kind = inner(scope.resource(logical)?, "Type")?;
    let (region, account) = (scope.region, scope.account);
    let name = || name(scope, logical);
    let (service, resource) = match kind {
        "AWS::S3::Bucket" => return Some(format!("arn:aws:s3:::{}", name())),
        "AWS::IAM::Role" => return Some(format!("arn:aws:iam::{account}:role/{}", name())),
        "AWS::IAM::User" => return Some(format!("arn:aws:iam::{account}:user/{}", name())),
        "AWS::IAM::ManagedPolicy" => return Some(format!("arn:aws:iam::{account}:policy/{}", name())),
        "AWS::Lambda::Function" | "AWS::Serverless::Function" => ("lambda", format!("function:{}", name())),
        "AWS::DynamoDB::Table" => ("dynamodb", format!("table/{}", name())),
        "AWS::ECR::Repository" => ("ecr", format!("repository/{}", name())),
        "AWS::ECS::Cluster" => ("ecs", format!("cluster/{}", name())),
        "AWS::ECS::Service" => {
            let cluster = scope.property(scope.resource(logical)?, "Cluster");
            let cluster = cluster.as_deref().map_or("default", crate::aws::answers::input::short);
            ("ecs", format!("service/{cluster}/{}", name()))
        }
        "AWS::ECS::TaskDefinition" => ("ecs", format!("task-definition/{}:1", name())),
        "AWS::Events::Rule" => ("events", format!("rule/{}", name())),
        "AWS::KMS::Key" => ("kms", format!("key/{}", id(scope, logical))),
        "AWS::Logs::LogGroup" => ("logs", format!("log-group:{}:*", name())),
        "AWS::SNS::Topic" => ("sns", name()),
        "AWS::SQS::Queue" => ("sqs", name()),
        "AWS::SecretsManager::Secret" => {
            let suffix = letters(&seed(scope, logical), UPPER, 6);
            ("secretsmanager", format!("secret:{}-{suffix}", name()))
        }
        "AWS::StepFunctions::StateMachine" => ("states", format!("stateMachine:{}", name())),
        "AWS::CodeBuild::Project" => ("codebuild", format!("project/{}", name())),
        _ => return None,
    };
    Some(format!("arn:aws:{service}:{region}:{account}:{resource}"))
}

fn seed(scope: &Scope<'_>, logical: &str) -> String {
    format!("{}/{}/{}/{logical}", scope.account, scope.region, scope.stack)
}

/// A name as AWS makes it up of stack and logical id.
pub(super) fn made_up_name(scope: &Scope<'_>, logical: &str) -> String {
    format!("{}-{logical}-{}", scope.stack, letters(&seed(scope, logical), UPPER, 12))
}

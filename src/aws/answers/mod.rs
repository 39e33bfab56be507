//! Who answers which calls. One file per service, and one list.
//!
//! Owns: the list. Leaves to each file: the operations of its service that builds need in order to go on, answered as
//! AWS would from the session's [`Desk`](super::Desk) and its world. What a file does not know is
//! [`Answer::Unanswered`](super::Answer).
//!
//! What is made up, and when nothing is, follows one rule: a thing is known when it was made in this execution (or given
//! in rehearsal.yml). A write to something unknown is taken for done, for AWS may well have it; a read of something
//! unknown is left unanswered. docs/fidelity.md lists the exceptions.

mod cloudformation;
mod cloudfront;
mod codeartifact;
mod codebuild;
mod codedeploy;
mod codepipeline;
mod dynamodb;
pub(super) mod ecr;
mod ecr_public;
mod ecs;
mod iam;
mod input;
mod kms;
mod lambda;
mod made;
mod messages;
mod names;
mod platforms;
mod s3;
mod sagemaker;
mod secretsmanager;
mod ssm;
mod sts;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::call::{Answer, ApiError, Call};
use super::desk::Desk;
use super::effect::Deed;

/// What a service says to a call.
pub(super) struct Said {
    /// The answer.
    pub(super) answer: Answer,
    /// What a write would have done, when the answer pretends that it was done.
    pub(super) deed: Option<Deed>,
}

impl Said {
    /// An answer to a read.
    pub(super) fn read(answer: Answer) -> Self {
        Self { answer, deed: None }
    }

    /// An answer to a write that was only pretended.
    pub(super) fn wrote(answer: Answer, deed: Deed) -> Self {
        Self { answer, deed: Some(deed) }
    }
}

/// What a service says, or the error of the API that it meets on the way.
type Outcome = Result<Said, ApiError>;

/// An operation, by its name in the API, and who answers it.
pub(super) type Operation = (&'static str, fn(&Call, &Desk) -> Outcome);

/// One service.
pub(super) struct Service {
    /// Its prefix in IAM actions.
    pub(super) prefix: &'static str,
    /// What it answers; docs/aws.md lists the names.
    pub(super) operations: &'static [Operation],
}

/// The services that are answered.
const SERVICES: &[Service] = &[
    Service { prefix: "acm", operations: names::ACM },
    Service { prefix: "apigateway", operations: names::API_GATEWAY },
    Service { prefix: "batch", operations: platforms::BATCH },
    Service { prefix: "cloudformation", operations: cloudformation::OPERATIONS },
    Service { prefix: "cloudfront", operations: cloudfront::OPERATIONS },
    Service { prefix: "cloudwatch", operations: messages::CLOUDWATCH },
    Service { prefix: "codeartifact", operations: codeartifact::OPERATIONS },
    Service { prefix: "codebuild", operations: codebuild::OPERATIONS },
    Service { prefix: "codedeploy", operations: codedeploy::OPERATIONS },
    Service { prefix: "codepipeline", operations: codepipeline::OPERATIONS },
    Service { prefix: "dynamodb", operations: dynamodb::OPERATIONS },
    Service { prefix: "ecr", operations: ecr::OPERATIONS },
    Service { prefix: "ecr-public", operations: ecr_public::OPERATIONS },
    Service { prefix: "ecs", operations: ecs::OPERATIONS },
    Service { prefix: "eks", operations: platforms::EKS },
    Service { prefix: "elasticbeanstalk", operations: platforms::ELASTIC_BEANSTALK },
    Service { prefix: "events", operations: messages::EVENTS },
    Service { prefix: "firehose", operations: messages::FIREHOSE },
    Service { prefix: "iam", operations: iam::OPERATIONS },
    Service { prefix: "kinesis", operations: messages::KINESIS },
    Service { prefix: "kms", operations: kms::OPERATIONS },
    Service { prefix: "lambda", operations: lambda::OPERATIONS },
    Service { prefix: "logs", operations: messages::LOGS },
    Service { prefix: "route53", operations: names::ROUTE53 },
    Service { prefix: "s3", operations: s3::OPERATIONS },
    Service { prefix: "sagemaker", operations: sagemaker::OPERATIONS },
    Service { prefix: "secretsmanager", operations: secretsmanager::OPERATIONS },
    Service { prefix: "ses", operations: messages::SES },
    Service { prefix: "sns", operations: messages::SNS },
    Service { prefix: "sqs", operations: messages::SQS },
    Service { prefix: "ssm", operations: ssm::OPERATIONS },
    Service { prefix: "states", operations: platforms::STATES },
    Service { prefix: "sts", operations: sts::OPERATIONS },
];

/// What is said to `call`.
pub(super) fn answer(call: &Call, desk: &Desk) -> Said {
    let service = SERVICES.iter().find(|service| service.prefix == call.service);
    let operation = service.and_then(|service| {
        service.operations.iter().find(|(name, _)| *name == call.operation).map(|(_, answer)| answer)
    });
    match operation.map(|answer| answer(call, desk)) {
        Some(Ok(Said { answer: Answer::Output(output), deed })) => {
            Said { answer: Answer::Output(without_nulls(output)), deed }
        }
        Some(Ok(said)) => said,
        Some(Err(error)) => Said::read(Answer::Error(error)),
        None => Said::read(Answer::Unanswered),
    }
}

/// The names of what is answered: prefixes of services with their operations, both in order.
pub fn operations() -> Vec<(&'static str, Vec<&'static str>)> {
    let names = |service: &Service| {
        let mut names: Vec<_> = service.operations.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        (service.prefix, names)
    };
    let mut all: Vec<_> = SERVICES.iter().map(names).collect();
    all.sort_unstable();
    all
}

/// An output without members that are null: what is not known is not there.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, member)| !member.is_null())
            .map(|(name, member)| (name, without_nulls(member)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

//! Which IAM actions an operation takes.
//!
//! Owns: the prefix of each service's actions, and the names that differ from the operation's. Source: the Service
//! Authorization Reference. Only what holds whatever the parameters are is said here; actions that depend on them
//! (`iam:PassRole`, `kms:Decrypt` of the key behind an object) are not. Where the actions follow from the parameters
//! alone (a statement of PartiQL), or the prefix is not known for sure, the answer is that it is unknown.

use super::operation::Operation;
use super::service::Service;

/// The IAM actions that a call of the operation is checked against, `service:Action`; empty when it needs none, `None`
/// when that is not known.
pub fn iam_actions(operation: &Operation) -> Option<Vec<String>> {
    let (service, name) = (operation.service.name, operation.name);
    if UNKNOWN.iter().any(|(s, n)| *s == service && (*n == "*" || *n == name)) {
        return None;
    }
    if let Some((.., actions)) = ACTIONS.iter().find(|(s, n, _)| (*s, *n) == (service, name)) {
        return Some(actions.iter().map(|action| (*action).to_owned()).collect());
    }
    if let Some((_, action)) = S3.iter().find(|(names, _)| service == "s3" && names.contains(&name)) {
        return Some(vec![format!("s3:{action}")]);
    }
    let prefix = iam_prefix(operation.service);
    // API Gateway's actions are the methods.
    let action = match (prefix, operation.route) {
        ("apigateway", Some(route)) => route.method,
        _ => name,
    };
    Some(vec![format!("{prefix}:{action}")])
}

/// The prefix of a service's IAM actions.
pub fn iam_prefix(service: &Service) -> &'static str {
    PREFIXES.iter().find(|(name, _)| *name == service.name).map_or(service.signing_name, |(_, prefix)| prefix)
}

const PREFIXES: [(&str, &str); 10] = [
    ("appconfigdata", "appconfig"),
    ("cloudcontrol", "cloudformation"),
    ("cloudsearchdomain", "cloudsearch"),
    ("cloudwatch", "cloudwatch"), // Signed as `monitoring`.
    ("iot-data", "iot"),
    ("iot-jobs-data", "iot"),
    ("marketplace-entitlement", "aws-marketplace"),
    ("meteringmarketplace", "aws-marketplace"),
    ("mturk", "mechanicalturk"),
    ("resourcegroupstaggingapi", "tag"),
];

/// Operations without an answer; `*` stands for all of a service.
const UNKNOWN: [(&str, &str); 15] = [
    ("billing", "*"),
    ("budgets", "*"), // ViewBudget and ModifyBudget, by what is in the request.
    ("codecatalyst", "*"),
    ("dynamodb", "BatchExecuteStatement"),
    ("dynamodb", "ExecuteStatement"),
    ("dynamodb", "ExecuteTransaction"),
    ("dynamodb", "TransactWriteItems"), // Of PutItem, UpdateItem, DeleteItem and ConditionCheckItem those in it.
    ("importexport", "*"),
    ("neptune-graph", "ExecuteQuery"),
    ("neptunedata", "*"),
    ("signin", "*"),
    ("sso", "*"), // Authorized by a token of its own.
    ("sso-oidc", "*"),
    ("sts", "GetScopedCredentials"),
    ("supportauthz", "*"),
];

const ACTIONS: &[(&str, &str, &[&str])] = &[
    ("apigatewaymanagementapi", "DeleteConnection", &["execute-api:ManageConnections"]),
    ("apigatewaymanagementapi", "GetConnection", &["execute-api:ManageConnections"]),
    ("apigatewaymanagementapi", "PostToConnection", &["execute-api:ManageConnections"]),
    ("bedrock-runtime", "Converse", &["bedrock:InvokeModel"]),
    ("bedrock-runtime", "ConverseStream", &["bedrock:InvokeModelWithResponseStream"]),
    (
        "cloudfront",
        "CreateDistributionWithTags",
        &["cloudfront:CreateDistribution", "cloudfront:TagResource"],
    ),
    (
        "codeartifact",
        "GetAuthorizationToken",
        &["codeartifact:GetAuthorizationToken", "sts:GetServiceBearerToken"],
    ),
    ("dynamodb", "TransactGetItems", &["dynamodb:GetItem"]),
    (
        "ecr-public",
        "GetAuthorizationToken",
        &["ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"],
    ),
    ("kms", "ReEncrypt", &["kms:ReEncryptFrom", "kms:ReEncryptTo"]),
    ("lambda", "GetLayerVersionByArn", &["lambda:GetLayerVersion"]),
    ("lambda", "Invoke", &["lambda:InvokeFunction"]),
    ("lambda", "InvokeAsync", &["lambda:InvokeFunction"]),
    ("lambda", "InvokeWithResponseStream", &["lambda:InvokeFunction"]),
    ("s3", "CopyObject", &["s3:GetObject", "s3:PutObject"]),
    ("s3", "CreateSession", &["s3express:CreateSession"]),
    ("s3", "GetObjectAttributes", &["s3:GetObject", "s3:GetObjectAttributes"]),
    ("s3", "UploadPartCopy", &["s3:GetObject", "s3:PutObject"]),
    ("s3", "WriteGetObjectResponse", &["s3-object-lambda:WriteGetObjectResponse"]),
    (
        "secretsmanager",
        "BatchGetSecretValue",
        &["secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue"],
    ),
    ("sns", "PublishBatch", &["sns:Publish"]),
    ("sqs", "ChangeMessageVisibilityBatch", &["sqs:ChangeMessageVisibility"]),
    ("sqs", "DeleteMessageBatch", &["sqs:DeleteMessage"]),
    ("sqs", "SendMessageBatch", &["sqs:SendMessage"]),
    // Allowed to everybody with any credentials.
    ("sts", "GetAccessKeyInfo", &[]),
    ("sts", "GetCallerIdentity", &[]),
    ("sts", "GetSessionToken", &[]),
];

/// S3's actions are older than its operations' names: the operations that each one is for.
const S3: [(&[&str], &str); 35] = [
    (&["DeleteBucketAnalyticsConfiguration", "PutBucketAnalyticsConfiguration"], "PutAnalyticsConfiguration"),
    (&["DeleteBucketCors", "PutBucketCors"], "PutBucketCORS"),
    (&["DeleteBucketEncryption", "PutBucketEncryption"], "PutEncryptionConfiguration"),
    (
        &["DeleteBucketIntelligentTieringConfiguration", "PutBucketIntelligentTieringConfiguration"],
        "PutIntelligentTieringConfiguration",
    ),
    (&["DeleteBucketInventoryConfiguration", "PutBucketInventoryConfiguration"], "PutInventoryConfiguration"),
    (&["DeleteBucketLifecycle", "PutBucketLifecycleConfiguration"], "PutLifecycleConfiguration"),
    (&["DeleteBucketMetricsConfiguration", "PutBucketMetricsConfiguration"], "PutMetricsConfiguration"),
    (&["DeleteBucketOwnershipControls"], "PutBucketOwnershipControls"),
    (&["DeleteBucketReplication", "PutBucketReplication"], "PutReplicationConfiguration"),
    (&["DeleteBucketTagging"], "PutBucketTagging"),
    (&["DeleteObjects"], "DeleteObject"),
    (&["DeletePublicAccessBlock", "PutPublicAccessBlock"], "PutBucketPublicAccessBlock"),
    (&["GetBucketAccelerateConfiguration"], "GetAccelerateConfiguration"),
    (&["GetBucketAnalyticsConfiguration", "ListBucketAnalyticsConfigurations"], "GetAnalyticsConfiguration"),
    (&["GetBucketCors"], "GetBucketCORS"),
    (&["GetBucketEncryption"], "GetEncryptionConfiguration"),
    (
        &["GetBucketIntelligentTieringConfiguration", "ListBucketIntelligentTieringConfigurations"],
        "GetIntelligentTieringConfiguration",
    ),
    (&["GetBucketInventoryConfiguration", "ListBucketInventoryConfigurations"], "GetInventoryConfiguration"),
    (&["GetBucketLifecycleConfiguration"], "GetLifecycleConfiguration"),
    (&["GetBucketMetricsConfiguration", "ListBucketMetricsConfigurations"], "GetMetricsConfiguration"),
    (&["GetBucketNotificationConfiguration"], "GetBucketNotification"),
    (&["GetBucketReplication"], "GetReplicationConfiguration"),
    (&["GetObjectLockConfiguration"], "GetBucketObjectLockConfiguration"),
    (&["GetPublicAccessBlock"], "GetBucketPublicAccessBlock"),
    (&["HeadBucket", "ListObjects", "ListObjectsV2"], "ListBucket"),
    (&["HeadObject", "SelectObjectContent"], "GetObject"),
    (&["ListBuckets"], "ListAllMyBuckets"),
    (&["ListDirectoryBuckets"], "ListAllMyDirectoryBuckets"),
    (&["ListMultipartUploads"], "ListBucketMultipartUploads"),
    (&["ListObjectVersions"], "ListBucketVersions"),
    (&["ListParts"], "ListMultipartUploadParts"),
    (&["CompleteMultipartUpload", "CreateMultipartUpload", "UploadPart"], "PutObject"),
    (&["PutBucketAccelerateConfiguration"], "PutAccelerateConfiguration"),
    (&["PutBucketNotificationConfiguration"], "PutBucketNotification"),
    (&["PutObjectLockConfiguration"], "PutBucketObjectLockConfiguration"),
];

/// The operations that the tables name; `*` where a whole service is meant.
#[cfg(test)]
pub(super) fn named_operations() -> impl Iterator<Item = (&'static str, &'static str)> {
    let s3 = S3.iter().flat_map(|(names, _)| names.iter().map(|name| ("s3", *name)));
    let services = PREFIXES.iter().map(|(service, _)| (*service, "*"));
    UNKNOWN.iter().copied().chain(ACTIONS.iter().map(|(s, n, _)| (*s, *n))).chain(s3).chain(services)
}

//! `AWS::CodeBuild::Project`, `…::ReportGroup` and `…::SourceCredential` (codebuild.md 3.7 to 3.11, 3.13, 4.3, 5).

use super::{Of, Shape, TAGS, may, must};

const ARTIFACTS: Shape = &[
    may("ArtifactIdentifier", Of::Text),
    may("BucketOwnerAccess", Of::Text),
    may("EncryptionDisabled", Of::Flag),
    may("Location", Of::Text),
    may("Name", Of::Text),
    may("NamespaceType", Of::Text),
    may("OverrideArtifactName", Of::Flag),
    may("Packaging", Of::Text),
    may("Path", Of::Text),
    must("Type", Of::Text),
];
const AUTH: Shape = &[may("Resource", Of::Text), must("Type", Of::Text)];
const STATUS: Shape = &[may("Context", Of::Text), may("TargetUrl", Of::Text)];
const SUBMODULES: Shape = &[must("FetchSubmodules", Of::Flag)];
const SOURCE: Shape = &[
    may("Auth", Of::Object(AUTH)),
    may("BuildSpec", Of::Text).called("buildspec"),
    may("BuildStatusConfig", Of::Object(STATUS)),
    may("GitCloneDepth", Of::Number),
    may("GitSubmodulesConfig", Of::Object(SUBMODULES)),
    may("InsecureSsl", Of::Flag),
    may("Location", Of::Text),
    may("ReportBuildStatus", Of::Flag),
    may("SourceIdentifier", Of::Text),
    must("Type", Of::Text),
];
const SOURCE_VERSION: Shape = &[must("SourceIdentifier", Of::Text), may("SourceVersion", Of::Text)];
const VARIABLE: Shape = &[must("Name", Of::Filled), may("Type", Of::Text), must("Value", Of::Text)];
const REGISTRY: Shape = &[must("Credential", Of::Filled), must("CredentialProvider", Of::Text)];
const FLEET: Shape = &[may("FleetArn", Of::Filled)];
const DOCKER_SERVER: Shape = &[must("ComputeType", Of::Text), may("SecurityGroupIds", Of::List(&Of::Text))];
const ENVIRONMENT: Shape = &[
    may("Certificate", Of::Text),
    may("ComputeConfiguration", Of::Any),
    must("ComputeType", Of::Text),
    may("DockerServer", Of::Object(DOCKER_SERVER)),
    may("EnvironmentVariables", Of::List(&Of::Object(VARIABLE))),
    may("Fleet", Of::Object(FLEET)),
    may("HostKernel", Of::Text),
    must("Image", Of::Filled),
    may("ImagePullCredentialsType", Of::Text),
    may("PrivilegedMode", Of::Flag),
    may("RegistryCredential", Of::Object(REGISTRY)),
    must("Type", Of::Text),
];
const RESTRICTIONS: Shape =
    &[may("ComputeTypesAllowed", Of::List(&Of::Text)), may("MaximumBuildsAllowed", Of::Number)];
const BATCH: Shape = &[
    may("BatchReportMode", Of::Text),
    may("CombineArtifacts", Of::Flag),
    may("Restrictions", Of::Object(RESTRICTIONS)),
    may("ServiceRole", Of::Filled),
    may("TimeoutInMins", Of::Number),
];
const CACHE: Shape = &[
    may("CacheNamespace", Of::Text),
    may("Location", Of::Text),
    may("Modes", Of::List(&Of::Text)),
    must("Type", Of::Text),
];
const FILE_SYSTEM: Shape = &[
    must("Identifier", Of::Text),
    must("Location", Of::Text),
    may("MountOptions", Of::Text),
    must("MountPoint", Of::Filled),
    must("Type", Of::Text),
];
const CLOUD_WATCH: Shape =
    &[may("GroupName", Of::Text), must("Status", Of::Text), may("StreamName", Of::Text)];
const S3_LOGS: Shape = &[
    may("BucketOwnerAccess", Of::Text),
    may("EncryptionDisabled", Of::Flag),
    may("Location", Of::Text),
    must("Status", Of::Text),
];
const LOGS: Shape = &[may("CloudWatchLogs", Of::Object(CLOUD_WATCH)), may("S3Logs", Of::Object(S3_LOGS))];
const FILTER: Shape =
    &[may("ExcludeMatchedPattern", Of::Flag), must("Pattern", Of::Text), must("Type", Of::Text)];
const SCOPE: Shape = &[may("Domain", Of::Text), must("Name", Of::Text), may("Scope", Of::Text)];
const PULL_REQUEST_POLICY: Shape =
    &[may("ApproverRoles", Of::List(&Of::Text)), must("RequiresCommentApproval", Of::Text)];
const TRIGGERS: Shape = &[
    may("BuildType", Of::Text),
    may("FilterGroups", Of::List(&Of::List(&Of::Object(FILTER)))),
    may("PullRequestBuildPolicy", Of::Object(PULL_REQUEST_POLICY)),
    may("ScopeConfiguration", Of::Object(SCOPE)),
    // The API makes a webhook by a call of its own.
    may("Webhook", Of::Flag).called("isMade"),
];
const VPC: Shape = &[
    may("SecurityGroupIds", Of::List(&Of::Filled)),
    may("Subnets", Of::List(&Of::Filled)),
    may("VpcId", Of::Filled),
];

pub(super) const PROJECT: Shape = &[
    must("Artifacts", Of::Object(ARTIFACTS)),
    may("AutoRetryLimit", Of::Number),
    may("BadgeEnabled", Of::Flag),
    may("BuildBatchConfig", Of::Object(BATCH)),
    may("Cache", Of::Object(CACHE)),
    may("ConcurrentBuildLimit", Of::Number),
    may("Description", Of::Text),
    may("EncryptionKey", Of::Filled),
    must("Environment", Of::Object(ENVIRONMENT)),
    may("FileSystemLocations", Of::List(&Of::Object(FILE_SYSTEM))),
    may("LogsConfig", Of::Object(LOGS)),
    may("Name", Of::Text),
    may("QueuedTimeoutInMinutes", Of::Number),
    may("ResourceAccessRole", Of::Filled),
    may("SecondaryArtifacts", Of::List(&Of::Object(ARTIFACTS))),
    may("SecondarySourceVersions", Of::List(&Of::Object(SOURCE_VERSION))),
    may("SecondarySources", Of::List(&Of::Object(SOURCE))),
    must("ServiceRole", Of::Filled),
    must("Source", Of::Object(SOURCE)),
    may("SourceVersion", Of::Text),
    TAGS,
    may("TimeoutInMinutes", Of::Number),
    may("Triggers", Of::Object(TRIGGERS)).called("webhook"),
    may("Visibility", Of::Text).called("projectVisibility"),
    may("VpcConfig", Of::Object(VPC)),
];

const S3_EXPORT: Shape = &[
    must("Bucket", Of::Text),
    may("BucketOwner", Of::Text),
    may("EncryptionDisabled", Of::Flag),
    may("EncryptionKey", Of::Filled),
    may("Packaging", Of::Text),
    may("Path", Of::Text),
];
const EXPORT: Shape = &[must("ExportConfigType", Of::Text), may("S3Destination", Of::Object(S3_EXPORT))];

pub(super) const REPORT_GROUP: Shape = &[
    may("DeleteReports", Of::Flag),
    must("ExportConfig", Of::Object(EXPORT)),
    may("Name", Of::Text),
    TAGS,
    must("Type", Of::Text),
];

pub(super) const SOURCE_CREDENTIAL: Shape = &[
    must("AuthType", Of::Text),
    must("ServerType", Of::Text),
    must("Token", Of::Text),
    may("Username", Of::Text),
];

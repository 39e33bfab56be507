//! `AWS::CodePipeline::Pipeline` (codepipeline.md 1.7) and `AWS::CodePipeline::Webhook` (codepipeline.md 8).

use super::{Field, Of, Shape, TAGS, may, must};

const ENCRYPTION_KEY: Shape = &[must("Id", Of::Text), must("Type", Of::Text)];
const STORE: Shape =
    &[may("EncryptionKey", Of::Object(ENCRYPTION_KEY)), must("Location", Of::Text), must("Type", Of::Text)];
const STORE_OF_REGION: Shape = &[must("ArtifactStore", Of::Object(STORE)), must("Region", Of::Text)];
const TRANSITION: Shape = &[must("Reason", Of::Text), must("StageName", Of::Text)];
const VARIABLE: Shape =
    &[must("Name", Of::Text), may("DefaultValue", Of::Text), may("Description", Of::Text)];

const PATTERNS: Of =
    Of::Object(&[may("Includes", Of::List(&Of::Text)), may("Excludes", Of::List(&Of::Text))]);
const PUSH: Shape = &[may("Branches", PATTERNS), may("FilePaths", PATTERNS), may("Tags", PATTERNS)];
const PULL_REQUEST: Shape =
    &[may("Branches", PATTERNS), may("Events", Of::List(&Of::Text)), may("FilePaths", PATTERNS)];
const GIT: Shape = &[
    must("SourceActionName", Of::Text),
    may("Push", Of::List(&Of::Object(PUSH))),
    may("PullRequest", Of::List(&Of::Object(PULL_REQUEST))),
];
const TRIGGER: Shape = &[must("ProviderType", Of::Text), may("GitConfiguration", Of::Object(GIT))];

const TYPE_ID: Shape = &[
    must("Category", Of::Text),
    must("Owner", Of::Text),
    must("Provider", Of::Text),
    must("Version", Of::Text),
];
const INPUT: Shape = &[must("Name", Of::Text)];
const OUTPUT: Shape = &[must("Name", Of::Text), may("Files", Of::List(&Of::Text))];
const ENVIRONMENT: Shape = &[must("Name", Of::Text), must("Value", Of::Text), may("Type", Of::Text)];
const ACTION: Shape = &[
    must("ActionTypeId", Of::Object(TYPE_ID)),
    may("Commands", Of::List(&Of::Text)),
    may("Configuration", Of::Map),
    may("EnvironmentVariables", Of::List(&Of::Object(ENVIRONMENT))),
    may("InputArtifacts", Of::List(&Of::Object(INPUT))),
    must("Name", Of::Text),
    may("Namespace", Of::Text),
    may("OutputArtifacts", Of::List(&Of::Object(OUTPUT))),
    may("OutputVariables", Of::List(&Of::Text)),
    may("Region", Of::Text),
    may("RoleArn", Of::Text),
    may("RunOrder", Of::Number),
    may("TimeoutInMinutes", Of::Number),
];

const RULE_TYPE_ID: Shape =
    &[may("Category", Of::Text), may("Owner", Of::Text), may("Provider", Of::Text), may("Version", Of::Text)];
const RULE: Shape = &[
    may("Commands", Of::List(&Of::Text)),
    may("Configuration", Of::Map),
    may("InputArtifacts", Of::List(&Of::Object(INPUT))),
    may("Name", Of::Text),
    may("Region", Of::Text),
    may("RoleArn", Of::Text),
    may("RuleTypeId", Of::Object(RULE_TYPE_ID)),
];
const CONDITION: Shape = &[may("Result", Of::Text), may("Rules", Of::List(&Of::Object(RULE)))];
const CONDITIONS: Field = may("Conditions", Of::List(&Of::Object(CONDITION)));
const RETRY: Shape = &[may("RetryMode", Of::Text)];
const ON_FAILURE: Shape =
    &[CONDITIONS, may("Result", Of::Text), may("RetryConfiguration", Of::Object(RETRY))];
const BLOCKER: Shape = &[must("Name", Of::Text), must("Type", Of::Text)];
const STAGE: Shape = &[
    must("Actions", Of::List(&Of::Object(ACTION))),
    may("BeforeEntry", Of::Object(&[CONDITIONS])),
    may("Blockers", Of::List(&Of::Object(BLOCKER))),
    must("Name", Of::Text),
    may("OnFailure", Of::Object(ON_FAILURE)),
    may("OnSuccess", Of::Object(&[CONDITIONS])),
];

pub(super) const PIPELINE: Shape = &[
    may("ArtifactStore", Of::Object(STORE)),
    may("ArtifactStores", Of::Pairs(STORE_OF_REGION, "Region", "ArtifactStore")),
    may("DisableInboundStageTransitions", Of::List(&Of::Object(TRANSITION))).called(""),
    may("ExecutionMode", Of::Text),
    may("Name", Of::Text),
    may("PipelineType", Of::Text),
    may("RestartExecutionOnUpdate", Of::Flag).called(""),
    must("RoleArn", Of::Text),
    must("Stages", Of::List(&Of::Object(STAGE))),
    TAGS.called(""),
    may("Triggers", Of::List(&Of::Object(TRIGGER))),
    may("Variables", Of::List(&Of::Object(VARIABLE))),
];

const AUTHENTICATION: Shape = &[may("AllowedIPRange", Of::Text), may("SecretToken", Of::Text)];
const FILTER: Shape = &[must("JsonPath", Of::Text), may("MatchEquals", Of::Text)];

pub(super) const WEBHOOK: Shape = &[
    must("Authentication", Of::Text),
    must("AuthenticationConfiguration", Of::Object(AUTHENTICATION)),
    must("Filters", Of::List(&Of::Object(FILTER))),
    may("Name", Of::Text),
    may("RegisterWithThirdParty", Of::Flag),
    must("TargetAction", Of::Text),
    must("TargetPipeline", Of::Text),
    may("TargetPipelineVersion", Of::Number),
];

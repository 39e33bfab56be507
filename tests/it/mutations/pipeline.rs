//! Mistakes in pipeline definitions (codepipeline.md 1, 2, 3, 5).

use super::plant::Op;
use super::{Kind, kind};

const STAGE: &str = "pipeline/stages/*";
const ACTION: &str = "pipeline/stages/*/actions/*";

/// Two letters change places.
fn swapped(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if let Some(at) = (1..letters.len().saturating_sub(1)).find(|at| letters[*at] != letters[at + 1]) {
        letters.swap(at, at + 1);
    }
    letters.into_iter().collect()
}

pub(super) const KINDS: &[Kind] = &[
    kind("a misspelt key of a pipeline", "pipeline/executionMode", Op::KeyTypo, "unknown-key"),
    kind("a misspelt key of an action", "pipeline/stages/*/actions/*/runOrder", Op::KeyTypo, "unknown-key"),
    kind("a misspelt key of an action", "pipeline/stages/*/actions/*/namespace", Op::KeyTypo, "unknown-key"),
    kind("a misspelt key of a stage", "pipeline/stages/*/onFailure", Op::KeyTypo, "unknown-key"),
    kind(
        "a misspelt key of a trigger",
        "pipeline/triggers/*/gitConfiguration/push",
        Op::KeyTypo,
        "unknown-key",
    )
    .also(&["pipeline-trigger"]),
    kind(
        "a misspelt configuration",
        "pipeline/stages/*/actions/*/configuration/ProjectName",
        Op::KeyTypo,
        "pipeline-configuration",
    ),
    kind(
        "no project",
        "pipeline/stages/*/actions/*/configuration/ProjectName",
        Op::Remove,
        "pipeline-configuration",
    ),
    kind("a list for a stage", STAGE, Op::Value("[a]"), "wrong-kind"),
    kind("a text for an action", ACTION, Op::Value("build"), "wrong-kind"),
    kind(
        "a number for a version",
        "pipeline/stages/*/actions/*/actionTypeId/version",
        Op::Value("1"),
        "wrong-kind",
    ),
    kind("another execution mode", "pipeline/executionMode", Op::Value("SERIAL"), "invalid-value"),
    kind("another pipeline type", "pipeline/pipelineType", Op::Value("V3"), "invalid-value"),
    kind(
        "a pipeline of the first type with what only the second has",
        "pipeline/pipelineType",
        Op::Value("V1"),
        "pipeline-structure",
    )
    .on(),
    kind(
        "a key of the configuration in the action",
        "pipeline/stages/*/actions/*",
        Op::Insert("BuildspecOverride: buildspec.yml"),
        "unknown-key",
    ),
    kind(
        "a key of the action in the configuration",
        "pipeline/stages/*/actions/*/configuration",
        Op::Insert("runOrder: \"1\""),
        "pipeline-configuration",
    ),
    kind(
        "stores by their regions below the key of the one store",
        "pipeline/artifactStore",
        Op::Value("{us-east-1: {type: S3, location: artifacts}}"),
        "pipeline-structure",
    ),
    kind("a number for a region", "pipeline/stages/*/actions/*", Op::Insert("region: 3"), "pipeline-name")
        .not_in("region:"),
    kind(
        "a misspelt region",
        "pipeline/stages/*/actions/*",
        Op::Insert("region: eu-wset-1"),
        "invalid-value",
    )
    .not_in("region:"),
    kind(
        "the key of another service",
        "pipeline/artifactStore",
        Op::Insert("encryptionKey: {id: \"arn:aws:kmz:us-east-1:111122223333:key/1\", type: KMS}"),
        "invalid-value",
    )
    .not_in("encryptionKey"),
    kind(
        "a role of CloudFormation that is none",
        "pipeline/stages/*/actions/*/configuration/RoleArn",
        Op::Value("arn:aws:iam::111122223333:rol/cfn"),
        "pipeline-configuration",
    ),
    kind(
        "a state machine that is none",
        "pipeline/stages/*/actions/*/configuration/StateMachineArn",
        Op::Value("arn:aws:states:us-east-1:111122223333:stateMachin:release"),
        "pipeline-configuration",
    ),
    kind(
        "the address of a bucket",
        "pipeline/stages/*/actions/*/configuration/BucketName",
        Op::Value("s3://site"),
        "pipeline-configuration",
    ),
    kind(
        "a pattern for a branch",
        "pipeline/stages/*/actions/*/configuration/BranchName",
        Op::Value("release/*"),
        "pipeline-configuration",
    ),
    kind(
        "a placeholder in brackets",
        "pipeline/stages/*/actions/*/configuration/Image1ContainerName",
        Op::Value("<IMAGE1_NAME>"),
        "pipeline-configuration",
    ),
    kind(
        "an empty list of variables",
        "pipeline/stages/*/actions/*[commands]/outputVariables",
        Op::Value("[]"),
        "missing-key",
    )
    .also(&["pipeline-variables", "not-exported"]),
    kind(
        "a command of an action that no shell would run",
        "pipeline/stages/*/actions/*/commands/*",
        Op::Value("\"if true; then make\""),
        "shell-syntax",
    )
    .not_in("WINDOWS"),
    kind("no name", "pipeline/name", Op::Remove, "missing-key"),
    kind("a stage without a name", "pipeline/stages/*/name", Op::Remove, "missing-key"),
    kind("an action without a name", "pipeline/stages/*/actions/*/name", Op::Remove, "missing-key")
        .also(&["pipeline-trigger"]),
    kind("a name with a space", "pipeline/stages/*/name", Op::Value("My Stage"), "pipeline-name"),
    kind(
        "an action's name with a slash",
        "pipeline/stages/*/actions/*/name",
        Op::Value("a/b"),
        "pipeline-name",
    )
    .also(&["pipeline-trigger"]),
    kind(
        "another owner",
        "pipeline/stages/*/actions/*/actionTypeId/owner",
        Op::Value("Amazon"),
        "invalid-value",
    ),
    kind(
        "an artifact nobody gives",
        "pipeline/stages/*/actions/*/inputArtifacts/*/name",
        Op::Value("Nowhere"),
        "pipeline-artifacts",
    )
    .also(&["pipeline-configuration"]),
    kind(
        "a namespace nobody has",
        "pipeline/stages/*/actions/*/configuration/EnvironmentVariables",
        Op::Value("'[{\"name\":\"A\",\"value\":\"#{Comit.CommitId}\"}]'"),
        "pipeline-variables",
    ),
    kind(
        "a variable nobody declares",
        "pipeline/stages/*/actions/*/configuration/CustomData",
        Op::Value("\"#{variables.STAG}\""),
        "pipeline-variables",
    ),
    kind(
        "a trigger on a source that is not there",
        "pipeline/triggers/*/gitConfiguration/sourceActionName",
        Op::Value("Chekout"),
        "pipeline-trigger",
    ),
    kind("commands that are gone", "pipeline/stages/*/actions/*/commands", Op::Remove, "pipeline-action"),
    kind(
        "another category",
        "pipeline/stages/*/actions/*/actionTypeId/category",
        Op::Value("Publish"),
        "invalid-value",
    ),
    kind(
        "the category of another provider",
        "pipeline/stages/*/actions/*/actionTypeId/category",
        Op::Value("Compute"),
        "pipeline-action-type",
    ),
    kind(
        "the owner of another provider",
        "pipeline/stages/*/actions/*/actionTypeId/owner",
        Op::Value("ThirdParty"),
        "pipeline-action-type",
    ),
    kind(
        "a provider nobody has",
        "pipeline/stages/*/actions/*/actionTypeId/provider",
        Op::Value("Jenkinsfile"),
        "pipeline-action-type",
    ),
    kind(
        "a misspelt provider",
        "pipeline/stages/*/actions/*/actionTypeId/provider",
        Op::Change(swapped),
        "pipeline-action-type",
    ),
    kind(
        "a version that no type of AWS has",
        "pipeline/stages/*/actions/*/actionTypeId/version",
        Op::Value("\"2\""),
        "pipeline-action-type",
    ),
    kind("no provider", "pipeline/stages/*/actions/*/actionTypeId/provider", Op::Remove, "missing-key"),
    kind("no type", "pipeline/stages/*/actions/*/actionTypeId", Op::Remove, "missing-key"),
    kind("a run order of nothing", "pipeline/stages/*/actions/*/runOrder", Op::Value("0"), "invalid-value"),
    kind(
        "a run order that is too high",
        "pipeline/stages/*/actions/*/runOrder",
        Op::Value("1000"),
        "invalid-value",
    ),
    kind(
        "a run order that is a text",
        "pipeline/stages/*/actions/*/runOrder",
        Op::Value("first"),
        "invalid-value",
    ),
    kind(
        "a flag that is none",
        "pipeline/stages/*/actions/*/configuration/DetectChanges",
        Op::Value("\"yes\""),
        "pipeline-configuration",
    ),
    kind(
        "another artifact format",
        "pipeline/stages/*/actions/*/configuration/OutputArtifactFormat",
        Op::Value("ZIP"),
        "pipeline-configuration",
    ),
    kind(
        "the URL of a repository",
        "pipeline/stages/*/actions/*/configuration/FullRepositoryId",
        Op::Value("https://github.com/acme/service.git"),
        "pipeline-configuration",
    ),
    kind(
        "half a strategy",
        "pipeline/stages/*/actions/*/configuration/DeployStrategy",
        Op::Value("Linear10PercentEvery"),
        "pipeline-configuration",
    ),
    kind(
        "an alarm too many",
        "pipeline/stages/*/actions/*/configuration/Alarms",
        Op::Value("a,b,c,d,e,f,g,h,i,j,k"),
        "pipeline-limit",
    ),
    kind(
        "an attribute of an artifact that is none",
        "pipeline/stages/*/actions/*/configuration/ParameterOverrides",
        Op::Value("'{\"A\": {\"Fn::GetArtifactAtt\": [\"Sources\", \"Bucket\"]}}'"),
        "pipeline-configuration",
    ),
    kind(
        "parameters from an artifact that the action does not get",
        "pipeline/stages/*/actions/*/configuration/ParameterOverrides",
        Op::Value("'{\"A\": {\"Fn::GetParam\": [\"Nowhere\", \"a.json\", \"A\"]}}'"),
        "pipeline-configuration",
    ),
    kind(
        "a stack set without its regions",
        "pipeline/stages/*/actions/*/configuration[DeploymentTargets]/Regions",
        Op::Remove,
        "pipeline-configuration",
    ),
    kind(
        "a file of outputs that nobody writes",
        "pipeline/stages/*/actions/*/configuration/OutputFileName",
        Op::Remove,
        "pipeline-configuration",
    )
    .up(2),
    kind(
        "a product without its file",
        "pipeline/stages/*/actions/*/configuration/ConfigurationFilePath",
        Op::Remove,
        "pipeline-configuration",
    )
    .up(2),
    kind(
        "a repository without an owner",
        "pipeline/stages/*/actions/*/configuration/FullRepositoryId",
        Op::Value("service"),
        "pipeline-configuration",
    ),
    kind(
        "the ARN of something else",
        "pipeline/stages/*/actions/*/configuration/ConnectionArn",
        Op::Value("arn:aws:sns:eu-central-1:111122223333:topic"),
        "pipeline-configuration",
    ),
    kind(
        "a primary source nobody gives",
        "pipeline/stages/*/actions/*/configuration/PrimarySource",
        Op::Value("Sourrce"),
        "pipeline-configuration",
    ),
    kind(
        "no primary source",
        "pipeline/stages/*/actions/*/configuration/PrimarySource",
        Op::Remove,
        "pipeline-configuration",
    )
    .up(2),
    kind(
        "a variable that begins with a dollar",
        "pipeline/stages/*/actions/*/configuration/EnvironmentVariables",
        Op::Change(|old| old.replace("#{", "${")),
        "pipeline-variables",
    ),
    kind(
        "environment variables that are no JSON",
        "pipeline/stages/*/actions/*/configuration/EnvironmentVariables",
        Op::Value("'A=b'"),
        "pipeline-configuration",
    ),
    kind(
        "environment variables that are no list",
        "pipeline/stages/*/actions/*/configuration/EnvironmentVariables",
        Op::Value("'{}'"),
        "pipeline-configuration",
    ),
    kind(
        "an environment variable of another type",
        "pipeline/stages/*/actions/*/configuration/EnvironmentVariables",
        Op::Value("'[{\"name\":\"A\",\"value\":\"b\",\"type\":\"SECRET\"}]'"),
        "pipeline-configuration",
    ),
    kind(
        "an environment variable without a value",
        "pipeline/stages/*/actions/*/configuration/EnvironmentVariables",
        Op::Value("'[{\"name\":\"A\"}]'"),
        "pipeline-configuration",
    ),
    kind(
        "a key that a source does not give",
        "pipeline/stages/*/actions/*/configuration/EnvironmentVariables",
        Op::Value("'[{\"name\":\"A\",\"value\":\"#{Commit.CommitID}\"}]'"),
        "pipeline-variables",
    ),
    kind(
        "a reference without a key",
        "pipeline/stages/*/actions/*/configuration/EnvironmentVariables",
        Op::Value("'[{\"name\":\"A\",\"value\":\"#{Commit}\"}]'"),
        "pipeline-variables",
    ),
    kind(
        "no deployment group",
        "pipeline/stages/*/actions/*/configuration/DeploymentGroupName",
        Op::Remove,
        "pipeline-configuration",
    ),
    kind(
        "no branch",
        "pipeline/stages/*/actions/*/configuration/BranchName",
        Op::Remove,
        "pipeline-configuration",
    ),
    kind(
        "an unknown configuration",
        "pipeline/stages/*/actions/*/configuration",
        Op::Insert("Unheard: of"),
        "pipeline-configuration",
    )
    .not_in("DeviceFarm"),
    kind(
        "a number in a configuration",
        "pipeline/stages/*/actions/*/configuration/ApplicationName",
        Op::Value("12"),
        "wrong-kind",
    ),
    kind(
        "a namespace that is reserved",
        "pipeline/stages/*/actions/*/namespace",
        Op::Value("variables"),
        "pipeline-variables",
    ),
    kind(
        "a namespace with a dot",
        "pipeline/stages/*/actions/*/namespace",
        Op::Value("a.b"),
        "pipeline-name",
    )
    .also(&["pipeline-variables"]),
    kind(
        "an artifact with a dot",
        "pipeline/stages/*/actions/*/outputArtifacts/*/name",
        Op::Value("a.b"),
        "pipeline-name",
    )
    .also(&["pipeline-artifacts", "pipeline-configuration"]),
    kind("a region that is none", "pipeline/stages/*/actions/*/region", Op::Value("eu"), "pipeline-name"),
    kind(
        "a timeout of what is no approval",
        "pipeline/stages/*/actions/*/region",
        Op::Value("eu-central-1\n          timeoutInMinutes: 30"),
        "pipeline-action",
    ),
    kind(
        "commands of what runs none",
        "pipeline/stages/*/actions/*/configuration[DeploymentGroupName]",
        Op::Insert("commands: a"),
        "pipeline-configuration",
    ),
    kind(
        "a command of several lines",
        "pipeline/stages/*/actions/*/commands/*",
        Op::Value("\"a\\nb\""),
        "pipeline-action",
    ),
    kind(
        "a role that is none",
        "pipeline/roleArn",
        Op::Value("arn:aws:iam::111122223333:user/me"),
        "invalid-value",
    ),
    kind(
        "a role in an account of eleven digits",
        "pipeline/roleArn",
        Op::Value("arn:aws:iam::11112222333:role/a"),
        "invalid-value",
    ),
    kind("another kind of store", "pipeline/artifactStore/type", Op::Value("Bucket"), "invalid-value"),
    kind(
        "a store in a folder",
        "pipeline/artifactStore/location",
        Op::Value("bucket/folder"),
        "pipeline-name",
    ),
    kind("a store without a bucket", "pipeline/artifactStore/location", Op::Remove, "missing-key"),
    kind("a variable with a dot", "pipeline/variables/*/name", Op::Value("a.b"), "pipeline-name")
        .also(&["pipeline-variables"]),
    kind("an empty default", "pipeline/variables/*/defaultValue", Op::Value("\"\""), "pipeline-name"),
    kind(
        "another provider of triggers",
        "pipeline/triggers/*/providerType",
        Op::Value("GitHub"),
        "invalid-value",
    ),
    kind(
        "another event",
        "pipeline/triggers/*/gitConfiguration/pullRequest/*/events/*",
        Op::Value("MERGED"),
        "invalid-value",
    ),
    kind(
        "tags beside branches",
        "pipeline/triggers/*/gitConfiguration/push/*[branches]",
        Op::Insert("tags: { includes: [a] }"),
        "pipeline-trigger",
    ),
    kind(
        "no branches beside file paths",
        "pipeline/triggers/*/gitConfiguration/push/*/branches",
        Op::Remove,
        "pipeline-trigger",
    ),
    kind(
        "no branches of pull requests",
        "pipeline/triggers/*/gitConfiguration/pullRequest/*/branches",
        Op::Remove,
        "pipeline-trigger",
    )
    .up(1),
    kind(
        "too many filters",
        "pipeline/triggers/*/gitConfiguration/push",
        Op::InsertMany(4, "- branches: { includes: [b#] }"),
        "pipeline-limit",
    )
    .up(1),
    kind(
        "too many patterns",
        "pipeline/triggers/*/gitConfiguration/push/*/branches/includes",
        Op::InsertMany(8, "- b#"),
        "pipeline-limit",
    )
    .up(1),
    kind(
        "no pattern",
        "pipeline/triggers/*/gitConfiguration/push/*/tags/includes",
        Op::Value("[]"),
        "pipeline-trigger",
    )
    .up(1),
    kind(
        "nested braces",
        "pipeline/triggers/*/gitConfiguration/push/*/branches/includes/*",
        Op::Value("\"{a,{b}}\""),
        "pipeline-trigger",
    ),
    kind(
        "a branch with its path",
        "pipeline/triggers/*/gitConfiguration/push/*/branches/includes/*",
        Op::Value("refs/heads/main"),
        "trigger-pattern",
    ),
    kind(
        "a file path from the root",
        "pipeline/triggers/*/gitConfiguration/push/*/filePaths/includes/*",
        Op::Value("/src/**"),
        "trigger-pattern",
    ),
    kind("too many variables", "pipeline/variables", Op::InsertMany(50, "- name: V#"), "pipeline-limit")
        .up(1),
    kind("a result that is none", "pipeline/stages/*/onFailure/result", Op::Value("STOP"), "invalid-value"),
    kind(
        "a result that is not legal there",
        "pipeline/stages/*/onFailure/result",
        Op::Value("FAIL"),
        "pipeline-condition",
    ),
    kind(
        "a result that is not legal there",
        "pipeline/stages/*/beforeEntry/conditions/*/result",
        Op::Value("RETRY"),
        "pipeline-condition",
    ),
    kind(
        "a retry mode that is none",
        "pipeline/stages/*/onFailure/retryConfiguration/retryMode",
        Op::Value("ALL"),
        "invalid-value",
    ),
    kind("no rules", "pipeline/stages/*/onSuccess/conditions/*/rules", Op::Value("[]"), "pipeline-condition")
        .up(1),
    kind("no condition", "pipeline/stages/*/onSuccess/conditions", Op::Value("[]"), "pipeline-condition")
        .up(1),
    kind(
        "both stores",
        "pipeline",
        Op::Insert("artifactStores: { eu-central-1: { type: S3, location: other } }"),
        "pipeline-structure",
    ),
    kind("tags inside the pipeline", "pipeline", Op::Insert("tags: []"), "unknown-key"),
    kind("nothing for a role", "pipeline/roleArn", Op::Value("null"), "wrong-kind"),
    kind(
        "nothing for a setting",
        "pipeline/stages/*/actions/*/configuration/*",
        Op::Value("null"),
        "wrong-kind",
    ),
    kind("nothing for an order", "pipeline/stages/*/actions/*/runOrder", Op::Value("null"), "wrong-kind"),
    kind("nothing for a namespace", "pipeline/stages/*/actions/*/namespace", Op::Value("null"), "wrong-kind")
        .also(&["pipeline-variables"]),
    kind(
        "a misspelt setting that only some modes need",
        "pipeline/stages/*/actions/*/configuration/RoleArn",
        Op::KeyTypo,
        "pipeline-configuration",
    ),
    kind(
        "a misspelt setting that only some modes need",
        "pipeline/stages/*/actions/*/configuration/TemplatePath",
        Op::KeyTypo,
        "pipeline-configuration",
    ),
    kind(
        "a misspelt setting that only several inputs need",
        "pipeline/stages/*/actions/*/configuration/PrimarySource",
        Op::KeyTypo,
        "pipeline-configuration",
    ),
    kind(
        "a list for the provider of a rule",
        "pipeline/stages/*/onSuccess/conditions/*/rules/*/ruleTypeId/provider",
        Op::Value("[a]"),
        "wrong-kind",
    ),
    kind("a region that is empty", "pipeline/stages/*/actions/*/region", Op::Value("''"), "pipeline-name"),
    kind(
        "a setting that is empty",
        "pipeline/stages/*/actions/*/configuration/*",
        Op::Value("\"\""),
        "pipeline-name",
    ),
    kind(
        "a setting of a rule that is empty",
        "pipeline/stages/*/*/conditions/*/rules/*/configuration/*",
        Op::Value("\"\""),
        "pipeline-name",
    ),
    kind(
        "an artifact of a rule without a name",
        "pipeline/stages/*/*/conditions/*/rules/*/inputArtifacts/*/name",
        Op::Value(""),
        "missing-key",
    ),
];

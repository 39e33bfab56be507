//! The keys of rehearsal.yml.

use super::gates::GATE;
use super::json::{Json, object};
use super::write::{Definitions, document as whole};
use super::{ANY, Section, Together, Value, key, section};
use crate::spec::compute::{COMPUTE_TYPES, ENVIRONMENT_TYPES};
use crate::spec::quotas::{self, Enforced, Quota};

use Value::{
    Boolean, Either, List, ListOrOne, Made, Map, OrNothing, Pattern, Said, Single, Text, TextProposed, Whole,
    Word,
};

const STRING: Value = Text(0, ANY);
const STRINGS: Value = List(&STRING, 0, ANY);
const STAND_INS: Value = Map(&Either(&[STRING, Value::Section(&STAND_IN)]), ANY);

/// The top level.
pub(in crate::spec) const TOP: Section = section!("rehearsal.yml", &[
    key("aws", Made(answers), "Files that answer calls to AWS, folders that stand in for buckets, and what commands of tools print."),
    key("branching", Either(&[Word(&["github-flow", "gitflow"]), Map(&ListOrOne(&Said, 1), ANY)]), "Which refs start pipelines: a model, or patterns of branches and tags (refs/tags/…) with the pipelines they start."),
    key("check", Value::Section(&CHECK), "What `rehearsal check` reports."),
    key("pipelines", STRINGS, "Paths of pipeline definitions, where they are not found by themselves.").filled(),
    key("projects", List(&Value::Section(&PROJECT), 0, ANY), "CodeBuild projects, in the shape of `aws codebuild batch-get-projects`.").filled(),
    key("deploymentGroups", List(&Value::Section(&GROUP), 0, ANY), "CodeDeploy deployment groups, in the shape of `aws deploy get-deployment-group`.").filled(),
    key("gates", List(&Value::Section(&GATE), 1, ANY), "What test evidence a stage asks for.").filled(),
    key("parameters", STAND_INS, "Stand-ins for parameters of Parameter Store, by name.").filled(),
    key("secrets", STAND_INS, "Stand-ins for secrets of Secrets Manager, by name or ARN.").filled(),
    key("local", Value::Section(&LOCAL), "What commands see of this machine.").filled(),
    key("quotas", Made(figures), "Other figures for limits that AWS raises on request; `rehearsal quotas` lists them."),
    key("sandbox", Word(&["isolated", "host"]), "Where commands run; isolated where that works."),
])
.closed()
.later(&["actions"]);

fn answers() -> Json {
    let names = "^(s3://.+|[a-z0-9-]+:[A-Z][A-Za-z0-9]*|[A-Za-z0-9._-]+ .*)$";
    let path = object([
        ("description", Json::from("A path, relative to this file.")),
        ("type", Json::texts(&["string", "number", "boolean"])),
        ("minLength", 1.into()),
    ]);
    object([
        ("type", Json::texts(&["object", "null"])),
        ("propertyNames", object([("pattern", names)])),
        ("additionalProperties", path),
    ])
}

/// Only what another figure would change.
fn figures() -> Json {
    let changeable =
        |quota: &&Quota| quota.adjustable && matches!(quota.enforced, Enforced::Check | Enforced::Run);
    let figure = |quota: &Quota| {
        let text = format!("{}: {} at AWS.", quota.what, quota.figure());
        let members = [("description", Json::Text(text)), ("type", "integer".into()), ("minimum", 1.into())];
        (quota.name, object(members))
    };
    object([
        ("type", Json::texts(&["object", "null"])),
        ("properties", object(quotas::all().filter(changeable).map(figure))),
        ("additionalProperties", false.into()),
    ])
}

/// A stand-in that is no text.
pub(in crate::spec) const STAND_IN: Section = section!(
    "stand-in",
    &[
        key("literal", STRING, "The value itself.").filled(),
        key("env", STRING, "A variable of your shell.").filled(),
        key("file", STRING, "A file with the value, relative to the working tree.").filled(),
        key("command", STRING, "A command that prints the value, run in the working tree.").filled(),
        key(
            "fetch",
            Made(fetch),
            "`true`, or the name under which AWS has the value; read under `--allow fetch`."
        ),
    ]
)
.closed()
.together(&[Together::ExactlyOne(&["literal", "env", "file", "command", "fetch"])]);

fn fetch() -> Json {
    let name = object([("type", Json::from("string")), ("minLength", 1.into())]);
    object([("anyOf", Json::List(vec![object([("const", true)]), name]))])
}

/// `local`.
pub(in crate::spec) const LOCAL: Section = section!(
    "local",
    &[
        key("inherit", STRINGS, "Variables of your shell that builds see.").filled(),
        key(
            "account",
            Pattern("^[0-9]{12}$", "Twelve digits, in quotes", &[]),
            "The account that commands see: twelve digits, in quotes."
        )
        .filled(),
        key(
            "region",
            Pattern(
                "^[a-z]+(-[a-z]+)+-\\+?[0-9]+$",
                "The name of a region, such as eu-central-1",
                &["us-east-1", "eu-central-1"]
            ),
            "The region that commands see."
        )
        .filled(),
    ]
)
.closed();

/// `check`.
pub(in crate::spec) const CHECK: Section = section!(
    "check",
    &[
        key("select", ListOrOne(&Single, 0), "Only these codes are reported."),
        key("ignore", ListOrOne(&Single, 0), "These codes are not reported."),
        key(
            "paths",
            List(&OrNothing(&Value::Section(&CHECK_PATH)), 0, ANY),
            "What is not reported in some files only."
        ),
    ]
)
.closed();

/// One of `check.paths`.
pub(in crate::spec) const CHECK_PATH: Section = section!(
    "check-path",
    &[
        key(
            "match",
            ListOrOne(&Single, 0),
            "Patterns of paths from the top of the repository: * stays within a name, ** crosses /."
        )
        .required(),
        key("ignore", ListOrOne(&Single, 0), "Codes that are not reported there.").required(),
    ]
)
.closed();

/// A project (codebuild.md 3.7).
pub(in crate::spec) const PROJECT: Section = section!(
    "project",
    &[
        key(
            "name",
            Pattern(
                "^[A-Za-z0-9][A-Za-z0-9_-]{1,149}$",
                "2 to 150 letters, digits, - and _, beginning with a letter or digit",
                &[]
            ),
            "The project's name."
        )
        .required(),
        key("source", Value::Section(&SOURCE), "What it builds, and by which buildspec.").filled(),
        key("artifacts", Value::Section(&ARTIFACTS), "Where its artifacts go.").filled(),
        key("environment", Value::Section(&ENVIRONMENT), "The image and the environment variables.").filled(),
        key(
            "timeoutInMinutes",
            Whole(quotas::BUILD_TIMEOUT_MIN.value, quotas::BUILD_TIMEOUT_MAX.value),
            "How long a build may take."
        )
        .default("60"),
        key(
            "queuedTimeoutInMinutes",
            Whole(quotas::QUEUED_TIMEOUT_MIN.value, quotas::QUEUED_TIMEOUT_MAX.value),
            "How long a build may wait for its turn."
        )
        .default("480"),
        key("concurrentBuildLimit", Whole(1, ANY), "Builds at once; more are refused."),
    ]
)
.closed()
.elsewhere(&[
    "arn",
    "badge",
    "badgeEnabled",
    "created",
    "description",
    "encryptionKey",
    "lastModified",
    "logsConfig",
    "projectVisibility",
    "publicProjectAlias",
    "resourceAccessRole",
    "serviceRole",
    "tags",
    "vpcConfig",
    "webhook",
])
.later(&[
    "autoRetryLimit",
    "buildBatchConfig",
    "cache",
    "fileSystemLocations",
    "secondaryArtifacts",
    "secondarySourceVersions",
    "secondarySources",
    "sourceVersion",
]);

/// `source` of a project.
pub(in crate::spec) const SOURCE: Section = section!(
    "source",
    &[
        key(
            "type",
            TextProposed(&["CODEPIPELINE", "GITHUB", "CODECOMMIT", "BITBUCKET", "S3", "NO_SOURCE"]),
            "Where sources come from."
        ),
        key("buildspec", STRING, "The path of a buildspec, or its text. Without it: buildspec.yml."),
        key("location", STRING, "The repository or bucket."),
        key("gitCloneDepth", Whole(0, ANY), "Commits of the history that builds see; 0 is all.")
            .filled()
            .default("0"),
    ]
)
.closed()
.elsewhere(&["auth", "buildStatusConfig", "insecureSsl", "reportBuildStatus", "sourceIdentifier"])
.later(&["gitSubmodulesConfig"]);

/// `artifacts` of a project.
pub(in crate::spec) const ARTIFACTS: Section = section!(
    "artifacts",
    &[
        key("type", TextProposed(&["CODEPIPELINE", "S3", "NO_ARTIFACTS"]), "Where artifacts go."),
        key("name", STRING, "The artifact's name."),
        key("packaging", TextProposed(&["NONE", "ZIP"]), "Whether files are zipped."),
        key("overrideArtifactName", Boolean, "Whether the buildspec's `artifacts.name` counts.")
            .filled()
            .default("false"),
    ]
)
.closed()
.elsewhere(&[
    "artifactIdentifier",
    "bucketOwnerAccess",
    "encryptionDisabled",
    "location",
    "namespaceType",
    "path",
]);

/// `environment` of a project.
pub(in crate::spec) const ENVIRONMENT: Section = section!(
    "environment",
    &[
        key("type", Word(&ENVIRONMENT_TYPES), "The environment type.").filled().default("LINUX_CONTAINER"),
        key("computeType", TextProposed(&COMPUTE_TYPES), "The size of the machine."),
        key("image", STRING, "The image; it says which `sh` there is."),
        key("privilegedMode", Boolean, "Whether builds may run Docker.").filled().default("false"),
        key(
            "environmentVariables",
            List(&Value::Section(&VARIABLE), 0, ANY),
            "Environment variables of all builds."
        )
        .filled(),
    ]
)
.closed()
.elsewhere(&["computeConfiguration", "fleet", "hostKernel", "imagePullCredentialsType", "registryCredential"])
.later(&["certificate", "dockerServer"]);

/// An environment variable of a project.
pub(in crate::spec) const VARIABLE: Section = section!(
    "project-variable",
    &[
        key("name", STRING, "The variable's name.").required(),
        key("value", STRING, "Its value, or the name of a parameter or secret.").required(),
        key("type", Word(&["PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"]), "What the value is.")
            .filled()
            .default("PLAINTEXT"),
    ]
)
.closed();

const CODEDEPLOY_NAME: Value =
    Pattern("^[A-Za-z0-9._+=,@-]{1,100}$", "1 to 100 letters, digits and . _ + = , @ -", &[]);

/// The predefined configurations of the Server platform.
pub(in crate::spec) const CONFIGURATIONS: [&str; 3] =
    ["CodeDeployDefault.OneAtATime", "CodeDeployDefault.HalfAtATime", "CodeDeployDefault.AllAtOnce"];
/// What rolls back.
pub(in crate::spec) const ROLLBACK_EVENTS: [&str; 3] =
    ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"];

/// A deployment group (codedeploy.md 10).
pub(in crate::spec) const GROUP: Section = section!(
    "deployment-group",
    &[
        key("applicationName", CODEDEPLOY_NAME, "The application's name.").required(),
        key("deploymentGroupName", CODEDEPLOY_NAME, "The group's name.").required(),
        key("deploymentConfigName", Word(&CONFIGURATIONS), "How many instances at once."),
        key(
            "autoRollbackConfiguration",
            Value::Section(&ROLLBACK),
            "When the last good revision is deployed again."
        )
        .filled(),
        key("deploymentStyle", Value::Section(&STYLE), "How it is deployed."),
        key("computePlatform", Word(&["Server"]), "What it is deployed to."),
        key(
            "local",
            Value::Section(&GROUP_LOCAL),
            "Where it lands on this machine. Without it the deployment is planned only."
        ),
    ]
)
.closed()
.elsewhere(&[
    "autoScalingGroups",
    "deploymentGroupId",
    "ec2TagFilters",
    "ec2TagSet",
    "lastAttemptedDeployment",
    "lastSuccessfulDeployment",
    "onPremisesInstanceTagFilters",
    "onPremisesTagSet",
    "outdatedInstancesStrategy",
    "serviceRoleArn",
    "tags",
    "targetRevision",
    "terminationHookEnabled",
    "triggerConfigurations",
])
.later(&[
    "alarmConfiguration",
    "blueGreenDeploymentConfiguration",
    "ec2DeploymentOptions",
    "ecsServices",
    "loadBalancerInfo",
]);

/// `autoRollbackConfiguration`.
pub(in crate::spec) const ROLLBACK: Section = section!(
    "rollback",
    &[
        key("enabled", Boolean, "Whether it is done at all.").filled().default("false"),
        key("events", List(&Word(&ROLLBACK_EVENTS), 0, ANY), "When it is done.").filled(),
    ]
)
.closed();

/// `deploymentStyle`.
pub(in crate::spec) const STYLE: Section = section!(
    "deployment-style",
    &[
        key("deploymentType", Word(&["IN_PLACE"]), "The only one that works yet."),
        key("deploymentOption", Word(&["WITHOUT_TRAFFIC_CONTROL"]), "The only one that works yet."),
    ]
)
.closed();

/// `local` of a deployment group.
pub(in crate::spec) const GROUP_LOCAL: Section = section!(
    "deployment-local",
    &[key("root", Text(1, ANY), "The folder that stands for `/`; without it one of Rehearsal's own."),]
)
.closed();

pub(super) fn document() -> Json {
    let mut definitions = Definitions::default();
    let mut root = definitions.section(&TOP);
    for (name, json) in &mut root {
        if name == "type" {
            *json = Json::texts(&["object", "null"]);
        }
    }
    root.retain(|(name, _)| name != "title");
    whole(
        "rehearsal.yml",
        "What only Rehearsal needs to know, in AWS's own field names where AWS has them.",
        root,
        definitions,
    )
}

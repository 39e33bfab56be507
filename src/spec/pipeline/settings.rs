//! The keys of `configuration`, provider by provider (codepipeline.md 2.2 to 2.14): which there are, which are needed,
//! what they may say.
//!
//! Owns: the table. Leaves to `configuration`: holding an action against it; to `together`: what keys say together.

mod rules;

pub(super) use rules::of_rule;

use super::{Category, Owner};

/// A key of `configuration`.
#[derive(Debug, Clone, Copy)]
pub(in crate::spec) struct Setting {
    pub(in crate::spec) key: &'static str,
    pub(in crate::spec) is_required: bool,
    pub(in crate::spec) value: Value,
}

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub(in crate::spec) enum Value {
    /// Any text.
    Text,
    /// `true` or `false`.
    Flag,
    /// One of these.
    Word(&'static [&'static str]),
    /// Several of these, with commas between them.
    Words(&'static [&'static str]),
    /// A whole number in a range.
    Number(u32, u32),
    /// The name of an input artifact.
    Artifact,
    /// `Artifact::path`, of an input artifact.
    File,
    /// `owner/name`
    Repository,
    /// The name of a stack, or its ARN.
    StackName,
    /// The name of a bucket.
    Bucket,
    /// The name of a branch.
    Branch,
    /// The name of a placeholder in a task definition.
    Placeholder,
    /// The ARN of something of one of these services.
    Arn(&'static [&'static str]),
    /// Parameters of a template, an object as JSON.
    Overrides,
    /// CodeBuild's environment variables, a list as JSON.
    BuildVariables,
    /// A list of objects as JSON, which have these keys.
    JsonList(&'static [&'static str]),
}

/// The settings of a provider.
#[derive(Debug, Clone, Copy)]
pub(in crate::spec) struct Settings {
    pub(in crate::spec) keys: &'static [Setting],
    /// Whether there are others: the reference does not name all of them.
    pub(in crate::spec) has_others: bool,
}

use Value::{
    Arn, Artifact, Branch, Bucket, BuildVariables, File, Flag, JsonList, Number, Overrides, Placeholder,
    Repository, StackName, Text, Word, Words,
};

const fn needs(key: &'static str, value: Value) -> Setting {
    Setting { key, is_required: true, value }
}

const fn may(key: &'static str, value: Value) -> Setting {
    Setting { key, is_required: false, value }
}

const FORMATS: Value = Word(&["CODE_ZIP", "CODEBUILD_CLONE_REF"]);

const CONNECTION: &[Setting] = &[
    needs("ConnectionArn", Arn(&["codeconnections", "codestar-connections"])),
    needs("FullRepositoryId", Repository),
    needs("BranchName", Branch),
    may("OutputArtifactFormat", FORMATS),
    may("DetectChanges", Flag),
];

const CODECOMMIT: &[Setting] = &[
    needs("RepositoryName", Text),
    needs("BranchName", Branch),
    may("PollForSourceChanges", Flag),
    may("OutputArtifactFormat", FORMATS),
];

const S3_SOURCE: &[Setting] = &[
    needs("S3Bucket", Bucket),
    needs("S3ObjectKey", Text),
    may("PollForSourceChanges", Flag),
    may("AllowOverrideForS3ObjectKey", Flag),
];

const ECR: &[Setting] = &[needs("RepositoryName", Text), may("ImageTag", Text)];

const GITHUB: &[Setting] = &[
    needs("Owner", Text),
    needs("Repo", Text),
    needs("Branch", Branch),
    needs("OAuthToken", Text),
    may("PollForSourceChanges", Flag),
];

pub(super) const CODEBUILD: &[Setting] = &[
    needs("ProjectName", Text),
    may("PrimarySource", Artifact),
    may("BatchEnabled", Flag),
    may("CombineArtifacts", Flag),
    may("EnvironmentVariables", BuildVariables),
    may("BuildspecOverride", Text),
];

const PUBLISH: &[Setting] = &[
    needs("ECRRepositoryName", Text),
    may("DockerFilePath", Text),
    may("ImageTags", Text),
    may("RegistryType", Word(&["private", "public"])),
];

const MANUAL: &[Setting] =
    &[may("CustomData", Text), may("ExternalEntityLink", Text), may("NotificationArn", Arn(&["sns"]))];

const CODEDEPLOY: &[Setting] = &[needs("ApplicationName", Text), needs("DeploymentGroupName", Text)];

const CODEDEPLOY_TO_ECS: &[Setting] = &[
    needs("ApplicationName", Text),
    needs("DeploymentGroupName", Text),
    needs("TaskDefinitionTemplateArtifact", Artifact),
    needs("AppSpecTemplateArtifact", Artifact),
    may("TaskDefinitionTemplatePath", Text),
    may("AppSpecTemplatePath", Text),
    may("Image1ArtifactName", Artifact),
    may("Image1ContainerName", Placeholder),
    may("Image2ArtifactName", Artifact),
    may("Image2ContainerName", Placeholder),
    may("Image3ArtifactName", Artifact),
    may("Image3ContainerName", Placeholder),
    may("Image4ArtifactName", Artifact),
    may("Image4ContainerName", Placeholder),
];

const ECS: &[Setting] = &[
    needs("ClusterName", Text),
    needs("ServiceName", Text),
    may("FileName", Text),
    may("DeploymentTimeout", Number(1, 60)),
];

const S3_DEPLOY: &[Setting] = &[
    needs("BucketName", Bucket),
    needs("Extract", Flag),
    may("ObjectKey", Text),
    may("KMSEncryptionKeyARN", Text),
    may(
        "CannedACL",
        Word(&[
            "private",
            "public-read",
            "public-read-write",
            "authenticated-read",
            "aws-exec-read",
            "bucket-owner-read",
            "bucket-owner-full-control",
            "log-delivery-write",
        ]),
    ),
    may("CacheControl", Text),
];

/// `ActionMode` of a CloudFormation action.
pub(super) const ACTION_MODES: &[&str] =
    &["CREATE_UPDATE", "REPLACE_ON_FAILURE", "DELETE_ONLY", "CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE"];

const CAPABILITIES: Value = Words(&["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]);

const CLOUDFORMATION: &[Setting] = &[
    needs("ActionMode", Word(ACTION_MODES)),
    needs("StackName", StackName),
    may("TemplatePath", File),
    may("ChangeSetName", Text),
    may("RoleArn", Arn(&["iam"])),
    may("Capabilities", CAPABILITIES),
    may("TemplateConfiguration", File),
    may("ParameterOverrides", Overrides),
    may("OutputFileName", Text),
];

const STACK_SET: &[Setting] = &[
    needs("StackSetName", Text),
    needs("TemplatePath", File),
    may("Description", Text),
    may("Parameters", Text),
    may("Capabilities", CAPABILITIES),
    may("PermissionModel", Word(&["SELF_MANAGED", "SERVICE_MANAGED"])),
    may("AdministrationRoleArn", Text),
    may("ExecutionRoleName", Text),
    may("OrganizationsAutoDeployment", Word(&["Enabled", "EnabledWithStackRetention", "Disabled"])),
    may("DeploymentTargets", Text),
    may("Regions", Text),
    may("FailureTolerancePercentage", Number(0, 100)),
    may("MaxConcurrentPercentage", Number(1, 100)),
    may("CallAs", Word(&["SELF", "DELEGATED_ADMIN"])),
];

const STACK_INSTANCES: &[Setting] = &[
    needs("StackSetName", Text),
    needs("Regions", Text),
    may("DeploymentTargets", Text),
    may("ParameterOverrides", Text),
    may("FailureTolerancePercentage", Number(0, 100)),
    may("MaxConcurrentPercentage", Number(1, 100)),
    may("CallAs", Word(&["SELF", "DELEGATED_ADMIN"])),
];

const EC2: &[Setting] = &[
    needs("InstanceTagKey", Text),
    needs("InstanceType", Word(&["EC2", "SSM_MANAGED_NODE"])),
    may("InstanceTagValue", Text),
    may("TargetDirectory", Text),
    may("DeploySpec", Text),
    may("PreScript", Text),
    may("PostScript", Text),
    may("MaxBatch", Text),
    may("MaxError", Text),
    may("TargetGroupNameList", Text),
];

const EKS: &[Setting] = &[
    needs("ClusterName", Text),
    may("ManifestFiles", Text),
    may("HelmReleaseName", Text),
    may("HelmChartLocation", Text),
    may("HelmValuesFiles", Text),
    may("Namespace", Text),
    may("Subnets", Text),
    may("SecurityGroupIds", Text),
];

const LAMBDA_DEPLOY: &[Setting] = &[
    needs("FunctionName", Text),
    may("FunctionAlias", Text),
    may("PublishedTargetVersion", Text),
    may("DeployStrategy", Text),
    may("Alarms", Text),
];

const BEANSTALK: &[Setting] = &[needs("ApplicationName", Text), needs("EnvironmentName", Text)];

const APP_CONFIG: &[Setting] = &[
    needs("Application", Text),
    needs("Environment", Text),
    needs("ConfigurationProfile", Text),
    needs("InputArtifactConfigurationPath", Text),
    may("DeploymentStrategy", Text),
];

const SERVICE_CATALOG: &[Setting] = &[
    needs("ProductId", Text),
    may("ConfigurationFilePath", Text),
    may("TemplateFilePath", Text),
    may("ProductVersionName", Text),
    may("ProductType", Text),
    may("ProductVersionDescription", Text),
];

const ALEXA: &[Setting] = &[
    needs("ClientId", Text),
    needs("ClientSecret", Text),
    needs("RefreshToken", Text),
    needs("SkillId", Text),
];

const DEVICE_FARM: &[Setting] = &[
    needs("AppType", Word(&["iOS", "Android", "Web"])),
    needs("ProjectId", Text),
    needs("App", Text),
    needs("DevicePoolArn", Arn(&["devicefarm"])),
    needs("TestType", Text),
];

pub(super) const LAMBDA: &[Setting] = &[needs("FunctionName", Text), may("UserParameters", Text)];

const STEP_FUNCTIONS: &[Setting] = &[
    needs("StateMachineArn", Arn(&["states"])),
    may("ExecutionNamePrefix", Text),
    may("InputType", Word(&["Literal", "FilePath"])),
    may("Input", Text),
];

const INSPECTOR: &[Setting] = &[
    needs("InspectorRunMode", Word(&["SourceCodeScan", "ECRImageScan"])),
    may("ECRRepositoryName", Text),
    may("ImageTag", Text),
    may("CriticalThreshold", Number(0, u32::MAX)),
    may("HighThreshold", Number(0, u32::MAX)),
    may("MediumThreshold", Number(0, u32::MAX)),
    may("LowThreshold", Number(0, u32::MAX)),
];

const INVOKE_PIPELINE: &[Setting] = &[
    needs("PipelineName", Text),
    may("SourceRevisions", JsonList(&["actionName", "revisionType", "revisionValue"])),
    may("Variables", JsonList(&["name", "value"])),
];

const COMMANDS: &[Setting] = &[
    may("EnvironmentType", Word(&["LINUX_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER"])),
    may("ComputeType", Word(&["BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE"])),
    may("VpcId", Text),
    may("Subnets", Text),
    may("SecurityGroupIds", Text),
];

/// The providers whose keys are known, and their keys.
const ACTIONS: &[(Category, Owner, &str, &[Setting])] = {
    use Category::{Approval, Build, Compute, Deploy, Invoke, Source, Test};
    use Owner::{Aws, ThirdParty};
    &[
        (Source, Aws, "CodeStarSourceConnection", CONNECTION),
        (Source, Aws, "CodeCommit", CODECOMMIT),
        (Source, Aws, "S3", S3_SOURCE),
        (Source, Aws, "ECR", ECR),
        (Source, ThirdParty, "GitHub", GITHUB),
        (Build, Aws, "CodeBuild", CODEBUILD),
        (Test, Aws, "CodeBuild", CODEBUILD),
        (Build, Aws, "ECRBuildAndPublish", PUBLISH),
        (Approval, Aws, "Manual", MANUAL),
        (Deploy, Aws, "CodeDeploy", CODEDEPLOY),
        (Deploy, Aws, "CodeDeployToECS", CODEDEPLOY_TO_ECS),
        (Deploy, Aws, "ECS", ECS),
        (Deploy, Aws, "S3", S3_DEPLOY),
        (Deploy, Aws, "CloudFormation", CLOUDFORMATION),
        (Deploy, Aws, "CloudFormationStackSet", STACK_SET),
        (Deploy, Aws, "CloudFormationStackInstances", STACK_INSTANCES),
        (Deploy, Aws, "EC2", EC2),
        (Deploy, Aws, "EKS", EKS),
        (Deploy, Aws, "Lambda", LAMBDA_DEPLOY),
        (Deploy, Aws, "ElasticBeanstalk", BEANSTALK),
        (Deploy, Aws, "AppConfig", APP_CONFIG),
        (Deploy, Aws, "ServiceCatalog", SERVICE_CATALOG),
        (Deploy, ThirdParty, "AlexaSkillsKit", ALEXA),
        (Test, Aws, "DeviceFarm", DEVICE_FARM),
        (Invoke, Aws, "Lambda", LAMBDA),
        (Invoke, Aws, "StepFunctions", STEP_FUNCTIONS),
        (Invoke, Aws, "InspectorScan", INSPECTOR),
        (Invoke, Aws, "CodePipeline", INVOKE_PIPELINE),
        (Compute, Aws, "Commands", COMMANDS),
    ]
};

/// The settings of an action's provider; none of those whose keys are not known.
pub(super) fn of(category: Category, owner: Owner, provider: &str) -> Option<Settings> {
    let row = ACTIONS.iter().find(|row| row.0 == category && row.1 == owner && row.2 == provider)?;
    // The reference gives only some of Device Farm's.
    Some(Settings { keys: row.3, has_others: provider == "DeviceFarm" })
}

/// The one type of a category whose configuration has all of these keys, and needs no other; none when several do.
pub(super) fn by_keys(category: Category, keys: &[&str]) -> Option<(Category, Owner, &'static str)> {
    let fits = |row: &&(Category, Owner, &'static str, &[Setting])| {
        let (known, needed) = (|key: &&str| row.3.iter().any(|setting| setting.key == *key), row.3);
        let mut needed = needed.iter().filter(|setting| setting.is_required);
        row.0 == category && keys.iter().all(known) && needed.all(|setting| keys.contains(&setting.key))
    };
    let mut all = ACTIONS.iter().filter(fits);
    let found = all.next().filter(|_| keys.len() >= 2)?;
    all.next().is_none().then_some((found.0, found.1, found.2))
}

/// Whether some provider's configuration has this key.
pub(in crate::spec) fn is_setting(key: &str) -> bool {
    ACTIONS.iter().any(|row| row.3.iter().any(|setting| setting.key == key))
}

/// The providers whose actions have all of these keys, with their category.
pub(super) fn providers_with(keys: &[&str]) -> Vec<(Category, &'static str)> {
    let has = |row: &&(Category, Owner, &'static str, &[Setting])| {
        keys.iter().all(|key| row.3.iter().any(|setting| setting.key == *key))
    };
    let mut all: Vec<_> = ACTIONS.iter().filter(has).map(|row| (row.0, row.2)).collect();
    all.dedup_by_key(|row| row.1);
    all
}

/// The settings of everything that is known to have some, for a schema.
pub(in crate::spec) struct Known {
    /// What to call it.
    pub(in crate::spec) name: String,
    /// The members of `actionTypeId` or `ruleTypeId` that tell it.
    pub(in crate::spec) told_by: Vec<(&'static str, &'static str)>,
    pub(in crate::spec) settings: Settings,
}

/// Every kind of action whose keys are known.
pub(in crate::spec) fn of_all_actions() -> Vec<Known> {
    let known = |(category, owner, provider, _): &(Category, Owner, &'static str, &[Setting])| {
        let (category_name, owner_name) = (category.api_name(), owner.api_name());
        Some(Known {
            name: format!("{category_name}-{provider}"),
            told_by: vec![("category", category_name), ("owner", owner_name), ("provider", provider)],
            settings: of(*category, *owner, provider)?,
        })
    };
    ACTIONS.iter().filter_map(known).collect()
}

/// Every kind of rule.
pub(in crate::spec) fn of_all_rules() -> Vec<Known> {
    let known = |provider: &&'static str| Known {
        name: format!("Rule-{provider}"),
        told_by: vec![("provider", provider)],
        settings: of_rule(provider),
    };
    super::conditions::PROVIDERS.iter().map(known).collect()
}

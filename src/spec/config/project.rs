//! CodeBuild projects, in the shape of CreateProject and of `aws codebuild batch-get-projects`.

use serde::{Deserialize, Serialize};

use crate::syntax::Span;

/// A project, with the fields that matter on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// `name`
    pub name: String,
    /// `source`
    #[serde(default)]
    pub source: ProjectSource,
    /// `artifacts`
    #[serde(default)]
    pub artifacts: ProjectArtifacts,
    /// `environment`
    #[serde(default)]
    pub environment: Environment,
    /// `timeoutInMinutes`: 5 to 2160, 60 unless written (codebuild.md 3.10).
    #[serde(default)]
    pub timeout_in_minutes: Option<u32>,
    /// `queuedTimeoutInMinutes`: 5 to 480.
    #[serde(default)]
    pub queued_timeout_in_minutes: Option<u32>,
    /// `concurrentBuildLimit`: more builds are refused, not queued.
    #[serde(default)]
    pub concurrent_build_limit: Option<u32>,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

/// `source` of a project.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectSource {
    /// `type`, such as `CODEPIPELINE`.
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
    /// `buildspec`: a path relative to the source, or the text of a buildspec.
    #[serde(default)]
    pub buildspec: Option<String>,
    /// `location`
    #[serde(default)]
    pub location: Option<String>,
    /// `gitCloneDepth`: 0, or absent, is all history.
    #[serde(default)]
    pub git_clone_depth: u32,
}

impl ProjectSource {
    /// Whether CodeBuild clones it, so that builds have a `.git`: CodePipeline and S3 hand over files alone. One without a
    /// type, as of builds without a project, is taken for the first project that most people make: of a repository.
    pub fn is_cloned(&self) -> bool {
        !matches!(self.kind.as_deref(), Some("CODEPIPELINE" | "S3" | "NO_SOURCE"))
    }
}

/// `artifacts` of a project.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectArtifacts {
    /// `type`, such as `CODEPIPELINE`.
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
    /// `name`
    #[serde(default)]
    pub name: Option<String>,
    /// `packaging`: `NONE` or `ZIP`.
    #[serde(default)]
    pub packaging: Option<String>,
    /// `overrideArtifactName`
    #[serde(default)]
    pub override_artifact_name: bool,
}

/// `environment` of a project.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// `type`
    #[serde(rename = "type", default)]
    pub kind: EnvironmentType,
    /// `computeType`
    #[serde(default)]
    pub compute_type: Option<String>,
    /// `image`
    #[serde(default)]
    pub image: Option<String>,
    /// `privilegedMode`
    #[serde(default)]
    pub privileged_mode: bool,
    /// `environmentVariables`
    #[serde(default)]
    pub environment_variables: Vec<ProjectVariable>,
}

/// `environment.type` (codebuild.md 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names are the API's")]
pub enum EnvironmentType {
    #[default]
    LinuxContainer,
    LinuxGpuContainer,
    ArmContainer,
    WindowsContainer,
    #[serde(rename = "WINDOWS_SERVER_2019_CONTAINER")]
    WindowsServer2019Container,
    #[serde(rename = "WINDOWS_SERVER_2022_CONTAINER")]
    WindowsServer2022Container,
    LinuxLambdaContainer,
    ArmLambdaContainer,
    #[serde(rename = "LINUX_EC2")]
    LinuxEc2,
    #[serde(rename = "ARM_EC2")]
    ArmEc2,
    #[serde(rename = "WINDOWS_EC2")]
    WindowsEc2,
    MacArm,
}

/// One of a project's `environmentVariables`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectVariable {
    /// `name`
    pub name: String,
    /// `value`
    pub value: String,
    /// `type`
    #[serde(rename = "type", default)]
    pub kind: ProjectVariableKind,
}

/// `type` of a project's environment variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProjectVariableKind {
    /// The value itself.
    #[default]
    Plaintext,
    /// The value names a parameter of Parameter Store.
    ParameterStore,
    /// The value names a secret, in the grammar of [`SecretReference`](crate::spec::buildspec::SecretReference).
    SecretsManager,
}

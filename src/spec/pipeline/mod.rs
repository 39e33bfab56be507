//! A pipeline definition, as `aws codepipeline get-pipeline` prints it (codepipeline.md 1), in JSON or YAML.
//!
//! Owns: the model, which also goes into the event log through serde, and what CodePipeline refuses when it takes a
//! definition. Leaves to `pipeline`: what an execution does with it.

mod action_type;
mod actions;
mod arns;
mod change_sets;
mod conditions;
mod configuration;
mod cron;
mod fields;
mod json;
mod lost;
mod produced;
mod providers;
mod read;
pub mod reference;
mod settings;
mod stores;
mod strays;
mod structure;
mod together;
mod triggers;
mod variables;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(in crate::spec) use action_type::CATEGORIES;
pub(in crate::spec) use arns::{arn as wrong_arn, wrong_role};
pub(in crate::spec) use conditions::PROVIDERS as RULES;
pub(in crate::spec) use providers::providers as providers_of;
pub use providers::{ActionType, action_type};
pub use read::{envelope, is_definition, load, load_parsed, load_source, read};

pub(in crate::spec) use settings::{
    Known, Setting, Value as SettingValue, is_setting, of_all_actions, of_all_rules,
};

use crate::syntax::Span;

/// A whole pipeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pipeline {
    /// `name`
    pub name: String,
    /// `roleArn`; AWS requires it, a rehearsal does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// `executionMode`
    #[serde(default)]
    pub execution_mode: ExecutionMode,
    /// `pipelineType`; absent means what codepipeline.md 1.2 says of members that only V2 has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline_type: Option<PipelineType>,
    /// `variables`
    #[serde(default)]
    pub variables: Vec<Variable>,
    /// `triggers`
    #[serde(default)]
    pub triggers: Vec<Trigger>,
    /// `stages`
    pub stages: Vec<Stage>,
    /// `version`, which the service counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
}

/// `executionMode` (codepipeline.md 4.3 to 4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ExecutionMode {
    /// Between stages, a newer execution replaces a waiting one.
    #[default]
    Superseded,
    /// Executions wait in the order they came. V2 only.
    Queued,
    /// Executions do not wait for each other. V2 only.
    Parallel,
}

/// `pipelineType`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PipelineType {
    /// The first kind.
    V1,
    /// With triggers, variables, conditions and execution modes.
    V2,
}

/// A pipeline variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    /// `name`
    pub name: String,
    /// `defaultValue`; without one the variable is required at start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_value: Option<String>,
    /// `description`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

/// A trigger (codepipeline.md 1.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trigger {
    /// `gitConfiguration.sourceActionName`
    pub source_action_name: String,
    /// `gitConfiguration.push`
    #[serde(default)]
    pub push: Vec<PushFilter>,
    /// `gitConfiguration.pullRequest`
    #[serde(default)]
    pub pull_request: Vec<PullRequestFilter>,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

/// A filter of pushes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PushFilter {
    /// `tags`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Patterns>,
    /// `branches`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branches: Option<Patterns>,
    /// `filePaths`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_paths: Option<Patterns>,
}

/// A filter of pull requests.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PullRequestFilter {
    /// `events`: `OPEN`, `UPDATED`, `CLOSED`; none means all.
    #[serde(default)]
    pub events: Vec<String>,
    /// `branches`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branches: Option<Patterns>,
    /// `filePaths`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_paths: Option<Patterns>,
}

/// What to let through and what not; excludes win.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Patterns {
    /// `includes`
    #[serde(default)]
    pub includes: Vec<String>,
    /// `excludes`
    #[serde(default)]
    pub excludes: Vec<String>,
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// `name`
    pub name: String,
    /// `actions`
    pub actions: Vec<Action>,
    /// `beforeEntry`, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_entry: Option<serde_json::Value>,
    /// `onSuccess`, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_success: Option<serde_json::Value>,
    /// `onFailure`, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<serde_json::Value>,
    /// Where its name stands.
    #[serde(skip)]
    pub span: Span,
}

/// An action (codepipeline.md 1.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// `name`
    pub name: String,
    /// `actionTypeId.category`
    pub category: Category,
    /// `actionTypeId.owner`
    pub owner: Owner,
    /// `actionTypeId.provider`
    pub provider: String,
    /// `actionTypeId.version`
    pub version: String,
    /// `runOrder`; equal numbers run in parallel.
    pub run_order: u32,
    /// `configuration`; every value is a string.
    #[serde(default)]
    pub configuration: BTreeMap<String, String>,
    /// `commands` of a Commands action.
    #[serde(default)]
    pub commands: Vec<String>,
    /// `environmentVariables` of the action itself.
    #[serde(default)]
    pub environment_variables: Vec<EnvironmentVariable>,
    /// `inputArtifacts`: names.
    #[serde(default)]
    pub input_artifacts: Vec<String>,
    /// `outputArtifacts`
    #[serde(default)]
    pub output_artifacts: Vec<OutputArtifact>,
    /// `outputVariables` of a Commands action.
    #[serde(default)]
    pub output_variables: Vec<String>,
    /// `namespace`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// `region`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// `timeoutInMinutes`, of manual approvals only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_in_minutes: Option<u32>,
    /// `roleArn`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// Where its name stands.
    #[serde(skip)]
    pub span: Span,
}

/// `actionTypeId.category`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Category {
    /// Where revisions come from.
    Source,
    /// Builds.
    Build,
    /// Tests.
    Test,
    /// Deployments.
    Deploy,
    /// Calls to something else.
    Invoke,
    /// People.
    Approval,
    /// Commands.
    Compute,
}

/// `actionTypeId.owner`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Owner {
    /// AWS itself.
    #[serde(rename = "AWS")]
    Aws,
    /// A partner.
    ThirdParty,
    /// The account.
    Custom,
}

/// An environment variable of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentVariable {
    /// `name`
    pub name: String,
    /// `value`
    pub value: String,
    /// `type`
    #[serde(rename = "type", default)]
    pub kind: VariableKind,
}

/// `type` of an action's environment variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VariableKind {
    /// The value itself.
    #[default]
    Plaintext,
    /// The value names a secret.
    SecretsManager,
}

/// An output artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputArtifact {
    /// `name`
    pub name: String,
    /// `files`, of compute actions only.
    #[serde(default)]
    pub files: Vec<String>,
}

impl Category {
    /// The name in the API.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::Source => "Source",
            Self::Build => "Build",
            Self::Test => "Test",
            Self::Deploy => "Deploy",
            Self::Invoke => "Invoke",
            Self::Approval => "Approval",
            Self::Compute => "Compute",
        }
    }

    /// Whether actions of this category can find something out that was not known before. Sources bring what is
    /// committed, approvals are what people say, and deployments change what they deploy to.
    pub fn can_evaluate(self) -> bool {
        match self {
            Self::Build | Self::Test | Self::Invoke | Self::Compute => true,
            Self::Source | Self::Deploy | Self::Approval => false,
        }
    }
}

impl Owner {
    /// The name in the API.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::ThirdParty => "ThirdParty",
            Self::Custom => "Custom",
        }
    }
}

impl Pipeline {
    /// The stage of this name.
    pub fn stage(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// Every action with its stage, in the order of the definition.
    pub fn actions(&self) -> impl Iterator<Item = (&Stage, &Action)> {
        self.stages.iter().flat_map(|stage| stage.actions.iter().map(move |action| (stage, action)))
    }
}

impl Stage {
    /// The action of this name.
    pub fn action(&self, name: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.name == name)
    }
}

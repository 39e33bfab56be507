//! rehearsal.yml (design brief 6): what is in no AWS file.
//!
//! Owns: the model, and that nothing in it is ever ignored: an unknown key, or one whose feature is not there yet, is
//! an error. Leaves to `cli` and `pipeline`: which of the two parts they read from where.

mod aws;
mod branching;
mod check;
mod deployment_group;
pub mod gate;
mod project;
mod quotas;
mod read;
mod stand_in;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use aws::{Answered, Given};
pub use branching::{Branching, Model, RefRule};
pub use check::{Checking, InFiles, Named, checking};
pub use deployment_group::{AutoRollback, DeploymentGroup, LocalGroup};
pub use gate::Gate;
pub use project::{
    Environment, EnvironmentType, Project, ProjectArtifacts, ProjectSource, ProjectVariable,
    ProjectVariableKind,
};
pub use read::{load, load_parsed, read};

/// The whole file, in the two parts that count at different times.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    /// What counts from the commit.
    pub committed: Committed,
    /// What counts only from the user's own working tree, so that a fetched commit can neither disarm isolation nor
    /// run commands of its own as stand-ins.
    pub working_tree: WorkingTree,
}

/// The part that is read from the commit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Committed {
    /// `pipelines`: paths of pipeline definitions; none means: found by content.
    pub pipelines: Vec<String>,
    /// `projects`
    pub projects: Vec<Project>,
    /// `gates`
    pub gates: Vec<Gate>,
    /// `deploymentGroups`, without their `local`.
    pub deployment_groups: Vec<DeploymentGroup>,
}

/// The part that is read from the working tree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkingTree {
    /// `aws`: files that answer an operation, folders that stand in for a bucket; paths are relative to the working
    /// tree.
    pub aws: BTreeMap<Answered, Given>,
    /// `branching`
    pub branching: Option<Branching>,
    /// `parameters`: stand-ins for Parameter Store, by parameter name.
    pub parameters: BTreeMap<String, StandIn>,
    /// `secrets`: stand-ins for Secrets Manager, by secret name or ARN.
    pub secrets: BTreeMap<String, StandIn>,
    /// `local.inherit`: names of variables passed on from the user's shell.
    pub inherit: Vec<String>,
    /// `local.account`: the account, twelve digits.
    pub account: Option<String>,
    /// `local.region`
    pub region: Option<String>,
    /// `sandbox`
    pub sandbox: Option<Sandbox>,
    /// `local` of each deployment group that has one; belongs to the committed group of the same names.
    pub local_groups: Vec<LocalGroup>,
    /// `quotas`: other figures for quotas that AWS raises on request, by their names (spec::quotas).
    pub quotas: BTreeMap<String, u32>,
}

/// Where the stand-in of a parameter or secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StandIn {
    /// `name: text` or `{ literal: text }`
    Literal(String),
    /// `{ env: NAME }`: a variable of the user's shell.
    Env(String),
    /// `{ file: PATH }`, relative to the working tree.
    File(PathBuf),
    /// `{ command: TEXT }`, run in the working tree.
    Command(String),
    /// `{ fetch: true }` or `{ fetch: NAME }`: the value that AWS has under this name or another, read only under
    /// `--allow fetch`.
    Fetch(Option<String>),
}

/// `sandbox`: where commands run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sandbox {
    /// On the machine itself.
    Host,
    /// In namespaces of their own.
    Isolated,
}

impl Config {
    /// The project of this name.
    pub fn project(&self, name: &str) -> Option<&Project> {
        self.committed.projects.iter().find(|project| project.name == name)
    }

    /// The deployment group of this application and name.
    pub fn deployment_group(&self, application: &str, name: &str) -> Option<&DeploymentGroup> {
        let mut groups = self.committed.deployment_groups.iter();
        groups.find(|group| group.application_name == application && group.deployment_group_name == name)
    }
}

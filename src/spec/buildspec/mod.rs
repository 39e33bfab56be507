//! buildspec.yml (codebuild.md 1).
//!
//! Owns: the model and what CodeBuild refuses, ignores or warns about when it parses the file, in DOWNLOAD_SOURCE.
//! Leaves to `build`: what happens when it runs.

mod artifacts;
mod batch;
mod env;
mod keys;
mod location;
mod on_failure;
mod phases;
mod read;
mod secret;

#[cfg(test)]
mod tests;

pub(super) use artifacts::FORMATS;
pub(super) use env::SHELLS;
pub(super) use keys::belongs;
pub use keys::may_hold;
pub use location::BuildspecFile;
pub use read::{load, load_parsed, load_source, read};
pub use secret::SecretReference;

use crate::syntax::Span;

/// A whole buildspec.
#[derive(Debug, Clone, PartialEq)]
pub struct Buildspec {
    /// `version`.
    pub version: Version,
    /// `run-as` at the top level: the user for all commands.
    pub run_as: Option<String>,
    /// `env`, or `environment_variables` in version 0.1.
    pub env: Env,
    /// `phases`.
    pub phases: Phases,
    /// `artifacts`.
    pub artifacts: Option<Artifacts>,
    /// `reports`: report group name, ARN or variable, and what goes into it.
    pub reports: Vec<(String, ReportGroup)>,
    /// `cache`.
    pub cache: Option<Cache>,
    /// `proxy`.
    pub proxy: Proxy,
    /// Where `batch` stands; a plain build ignores it (codebuild.md 1.2).
    pub batch: Option<Span>,
}

/// `version` (codebuild.md 1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// Each command in a shell of its own; nothing carries over.
    V0_1,
    /// The recommended one.
    #[default]
    V0_2,
}

/// `env` (codebuild.md 1.5).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Env {
    /// `shell`.
    pub shell: Option<Shell>,
    /// `variables`, in order; values are literal.
    pub variables: Vec<(String, String)>,
    /// `parameter-store`: variable name and parameter name.
    pub parameter_store: Vec<(String, String)>,
    /// `secrets-manager`: variable name and reference key (see [`SecretReference`]).
    pub secrets_manager: Vec<(String, String)>,
    /// `exported-variables`.
    pub exported_variables: Vec<String>,
    /// `git-credential-helper`.
    pub git_credential_helper: bool,
}

/// `env.shell`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// `bash`
    Bash,
    /// `/bin/sh`, also the default on Linux.
    Sh,
    /// `powershell.exe`
    PowerShell,
    /// `cmd.exe`
    Cmd,
}

/// The four phases (codebuild.md 1.7). An absent phase runs as an empty, successful one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Phases {
    /// `install`
    pub install: Option<Phase>,
    /// `pre_build`
    pub pre_build: Option<Phase>,
    /// `build`
    pub build: Option<Phase>,
    /// `post_build`
    pub post_build: Option<Phase>,
}

/// The name of a phase that a buildspec describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhaseName {
    /// `install`
    Install,
    /// `pre_build`
    PreBuild,
    /// `build`
    Build,
    /// `post_build`
    PostBuild,
}

/// One phase.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Phase {
    /// `run-as`: the user for this phase.
    pub run_as: Option<String>,
    /// `on-failure`; absent means the default transitions (codebuild.md 3.2).
    pub on_failure: Option<OnFailure>,
    /// `runtime-versions`, of `install` only: runtime and version, as text.
    pub runtime_versions: Vec<(String, String)>,
    /// `commands`; empty items are left out, as CodeBuild skips them.
    pub commands: Vec<Command>,
    /// `finally`.
    pub finally: Vec<Command>,
}

/// One command: one script of its own (codebuild.md 3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The text, which may have several lines.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// `on-failure` of a phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnFailure {
    /// End the build.
    Abort,
    /// Go on to the next phase.
    Continue,
    /// Try again.
    Retry {
        /// How often; 3 unless written.
        count: u8,
        /// A regular expression the error message must match; `None` matches all.
        pattern: Option<String>,
    },
}

/// `artifacts`, and each of its `secondary-artifacts` (codebuild.md 1.9).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Artifacts {
    /// `files`: paths and globs.
    pub files: Vec<String>,
    /// `name`.
    pub name: Option<String>,
    /// `base-directory`.
    pub base_directory: Option<String>,
    /// `discard-paths`.
    pub discard_paths: bool,
    /// `exclude-paths`.
    pub exclude_paths: Vec<String>,
    /// `enable-symlinks`.
    pub enable_symlinks: bool,
    /// `s3-prefix`.
    pub s3_prefix: Option<String>,
    /// `secondary-artifacts`: identifier and definition; empty inside a secondary artifact.
    pub secondary: Vec<(String, Artifacts)>,
    /// Where the definition stands.
    pub span: Span,
}

/// One group of `reports` (codebuild.md 1.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportGroup {
    /// `files`: paths and globs.
    pub files: Vec<String>,
    /// `base-directory`.
    pub base_directory: Option<String>,
    /// `discard-paths`.
    pub discard_paths: bool,
    /// `file-format`, in upper case; `JUNITXML` unless written.
    pub file_format: String,
    /// Where the group stands.
    pub span: Span,
}

/// `cache` (codebuild.md 1.10).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cache {
    /// `paths`.
    pub paths: Vec<String>,
    /// `key`.
    pub key: Option<String>,
    /// `fallback-keys`.
    pub fallback_keys: Vec<String>,
    /// `action`; absent means both.
    pub action: Option<CacheAction>,
}

/// `cache.action`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheAction {
    /// Never save.
    Restore,
    /// Never restore.
    Save,
}

/// `proxy` (codebuild.md 1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Proxy {
    /// `upload-artifacts`
    pub upload_artifacts: bool,
    /// `logs`
    pub logs: bool,
}

impl PhaseName {
    /// All of them, in the order they run.
    pub const ALL: [Self; 4] = [Self::Install, Self::PreBuild, Self::Build, Self::PostBuild];

    /// The key in the file.
    pub fn key(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::PreBuild => "pre_build",
            Self::Build => "build",
            Self::PostBuild => "post_build",
        }
    }

    /// The name in CodeBuild's API and logs.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::Install => "INSTALL",
            Self::PreBuild => "PRE_BUILD",
            Self::Build => "BUILD",
            Self::PostBuild => "POST_BUILD",
        }
    }

    /// The phase of this key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.key() == key)
    }
}

impl Phases {
    /// The phase of this name, if the file describes it.
    pub fn get(&self, name: PhaseName) -> Option<&Phase> {
        match name {
            PhaseName::Install => self.install.as_ref(),
            PhaseName::PreBuild => self.pre_build.as_ref(),
            PhaseName::Build => self.build.as_ref(),
            PhaseName::PostBuild => self.post_build.as_ref(),
        }
    }

    /// The place of the phase of this name.
    pub fn get_mut(&mut self, name: PhaseName) -> &mut Option<Phase> {
        match name {
            PhaseName::Install => &mut self.install,
            PhaseName::PreBuild => &mut self.pre_build,
            PhaseName::Build => &mut self.build,
            PhaseName::PostBuild => &mut self.post_build,
        }
    }
}

//! Appspecs (codedeploy.md 2 to 5).
//!
//! Owns: the model of those for servers, and what the on-host agent refuses, ignores or takes in another way when it reads the
//! file; what the service wants of those for Lambda and ECS, which are checked and cannot be deployed here yet. Leaves to
//! `deploy`: what happens when it runs, and what can only be seen there (a file that exists already); to `rules`: entries that contradict
//! each other.

mod agent;
mod ecs;
mod files;
mod functions;
mod hooks;
mod lambda;
mod permissions;
mod platform;
mod reach;
mod read;
mod resources;
mod section;

#[cfg(test)]
mod tests;

use std::time::Duration;

pub use platform::{Platform, container, platform, task_definition};
pub use read::{load, load_parsed};

use crate::syntax::Span;

/// A whole appspec of the Server platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSpec {
    /// `os`
    pub os: Os,
    /// `files`
    pub files: Vec<FileMapping>,
    /// `file_exists_behavior`; absent means that of the deployment, which is [`FileExists::Disallow`].
    pub file_exists_behavior: Option<FileExists>,
    /// `permissions`
    pub permissions: Vec<Permission>,
    /// `hooks`, in the order of the file.
    pub hooks: Vec<Hook>,
}

/// `os`: must be that of the machine that reads the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Os {
    /// `linux`
    Linux,
    /// `windows`
    Windows,
}

/// One entry of `files` (codedeploy.md 3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMapping {
    /// `source`: a file or folder of the bundle; `/` is the whole bundle.
    pub source: String,
    /// `destination`: the folder it goes to.
    pub destination: String,
    /// Where the entry stands.
    pub span: Span,
}

/// What happens to a file that is at its destination already (codedeploy.md 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FileExists {
    /// The deployment fails.
    #[default]
    Disallow,
    /// The one of the bundle replaces it.
    Overwrite,
    /// It stays.
    Retain,
}

/// One entry of `permissions` (codedeploy.md 3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// `object`: a file or folder at its destination.
    pub object: String,
    /// `pattern`: `**` unless written, which is everything below the object.
    pub pattern: String,
    /// `except`
    pub except: Vec<String>,
    /// `owner`
    pub owner: Option<String>,
    /// `group`
    pub group: Option<String>,
    /// `mode`, in its twelve bits.
    pub mode: Option<u32>,
    /// `acls`
    pub acls: Vec<String>,
    /// Whether there is a `context` (SELinux).
    pub context: bool,
    /// `type` has `file`.
    pub files: bool,
    /// `type` has `directory`.
    pub directories: bool,
    /// Where the entry stands.
    pub span: Span,
}

/// The scripts of one lifecycle event (codedeploy.md 3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// The event's name.
    pub event: String,
    /// Its scripts, in order.
    pub scripts: Vec<Script>,
}

/// One script of a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// `location`, relative to the root of the bundle.
    pub location: String,
    /// `timeout`: an hour unless written.
    pub timeout: Duration,
    /// `runas`
    pub runas: Option<String>,
    /// `sudo`, which the agent knows and the guide does not.
    pub sudo: bool,
    /// Where the entry stands.
    pub span: Span,
}

/// The keys of an entry of `permissions` (codedeploy.md 3.2).
pub fn permission_keys() -> &'static [&'static str] {
    &permissions::KNOWN
}

impl FileExists {
    /// The value in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Disallow => "DISALLOW",
            Self::Overwrite => "OVERWRITE",
            Self::Retain => "RETAIN",
        }
    }
}

impl AppSpec {
    /// The scripts of an event; none when the file names none.
    pub fn scripts(&self, event: &str) -> &[Script] {
        self.hooks.iter().find(|hook| hook.event == event).map_or(&[], |hook| &hook.scripts)
    }
}

//! Which pipeline is run, and from which files.
//!
//! Owns: finding definitions in a commit or a working tree, the pipeline that is assumed when there is only a buildspec,
//! which part of rehearsal.yml counts from where (design 2, "Which files count"), and everything that can be known to
//! be in the way before an execution starts ([`preflight`]). Leaves to `spec`: reading one file. Leaves to the engine:
//! what an execution does.

mod answers;
mod assume;
mod configuration;
mod files;
mod find;
mod place;
mod preflight;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::diagnostic::Finding;
use crate::repo;
use crate::spec::pipeline::Pipeline;
use crate::store::Digest;
use crate::syntax::SourceFile;

pub use answers::answers;
pub use assume::usable_name;
pub use configuration::{CONFIGURATION, Configuration};
pub use files::{CommitFiles, Files, FolderFiles, Overlaid, WorkTreeFiles, is_skipped};
pub use find::{find, list};
pub use preflight::{Preflight, appspecs, buildspecs, preflight};

/// The buildspec that counts when nobody says another (codebuild.md 1.1).
pub const BUILDSPEC: &str = "buildspec.yml";

/// The pipeline to run.
#[derive(Debug, Clone)]
pub struct Definition {
    /// Its path; none when it was assumed.
    pub path: Option<String>,
    /// The pipeline.
    pub pipeline: Pipeline,
    /// Its text.
    pub source: Arc<SourceFile>,
    /// SHA-256 of its text.
    pub digest: Digest,
    /// Warnings about it.
    pub findings: Vec<Finding>,
    /// The names of all pipelines that were found, this one's among them.
    pub all: Vec<String>,
    /// What was assumed, a sentence each; empty when there is a definition.
    pub assumed: Vec<String>,
}

/// A pipeline that could be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// The path of its definition.
    pub path: String,
}

/// Why there is no pipeline to run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The repository could not be read.
    #[error(transparent)]
    Repository(#[from] repo::Error),
    /// Neither a definition nor a buildspec.
    #[error("{place} has neither a pipeline definition nor a {BUILDSPEC}")]
    Nothing {
        /// Where they were looked for.
        place: String,
    },
    /// What should be a file is something else.
    #[error("{path} in {place} is {what}, not a file")]
    NotAFile {
        /// Where it is.
        place: String,
        /// Its path.
        path: &'static str,
        /// What it is.
        what: &'static str,
    },
    /// Several pipelines, and none was named; or several of the name.
    #[error("{place} has {} pipelines{}", candidates.len(), name.as_ref().map_or_else(String::new, |name| format!(" called `{name}`")))]
    Several {
        /// Where they are.
        place: String,
        /// The name they share, when one was given.
        name: Option<String>,
        /// What there is.
        candidates: Vec<Named>,
    },
    /// No pipeline has this name.
    #[error("{place} has no pipeline called `{name}`")]
    Unknown {
        /// Where it was looked for.
        place: String,
        /// What was asked for.
        name: String,
        /// What there is.
        candidates: Vec<Named>,
    },
    /// A definition, or rehearsal.yml, cannot be used.
    #[error("the definition cannot be used")]
    Unusable(Vec<Finding>),
}

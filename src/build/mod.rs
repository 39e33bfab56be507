//! CodeBuild: builds that run here as they would there (codebuild.md 1, 3, 8).
//!
//! Owns: a build from its sources to its artifacts. `phase` is the course of a build as a pure state machine, `session`
//! performs it; `script` and `carried` are how a command runs; `download` and `upload` the first and the last phase; `queue`: how many builds run at once;
//! `environment`, `service`, `stand_in` the variables; `artifacts` the globs; `reports` the results of tests; `mask` the secrets in logs. `codebuild`
//! and `commands` are the providers that pipelines use. Leaves to `process`: processes, to `spec`: reading files, to
//! `cli` and `pipeline`: where sources come from and where artifacts and logs go.

mod artifacts;
mod carried;
mod codebuild;
mod commands;
mod download;
mod environment;
mod log;
mod mask;
mod missing;
mod phase;
mod queue;
mod reports;
mod request;
mod retry;
mod runner;
mod runtimes;
mod script;
mod service;
mod session;
mod signal;
mod stand_in;
mod tools;
mod upload;

#[cfg(test)]
mod tests;

pub use codebuild::{CodeBuild, Numbers};
pub use commands::Commands;
pub use missing::STAND_IN_MISSING;
pub use queue::{Admitted, Queue, TurnedAway};
pub use request::{
    BuildRequest, BuildResult, BuildspecFile, BuiltArtifact, Content, Host, Instructions, Layout, Outputs,
    Source,
};
pub use service::Identity;
pub use stand_in::{StandIn, StandIns};

use crate::action::{Cancel, Error, Sink};
use crate::process::Guard;

/// The image of a build whose project names none: the one most examples of AWS use.
pub const DEFAULT_IMAGE: &str = "aws/codebuild/standard:7.0";

/// Where builds run that say nothing else; the region and account of CodeBuild's own local agent (codebuild.md 7).
pub const DEFAULT_REGION: &str = "us-east-1";

/// See [`DEFAULT_REGION`].
pub const DEFAULT_ACCOUNT: &str = "000000000000";

/// The codes of failures that a quota of the service is to blame for, and not the build.
pub const QUOTA_ERRORS: [&str; 2] = [queue::REFUSED, codebuild::VARIABLES_TOO_LARGE];

/// Runs one build to its end. What goes wrong in the build is in the result; an [`Error`] means that Rehearsal itself
/// could not go on.
pub fn run(
    host: &Host,
    request: &BuildRequest,
    sink: &mut dyn Sink,
    cancel: &Cancel,
) -> Result<BuildResult, Error> {
    let guard = Guard::start(&host.guard)?;
    session::run(host, request, Box::new(guard), sink, cancel)
}

//! CodeBuild: builds that run here as they would there (codebuild.md 1, 3, 8).
//!
//! Owns: a build from its sources to its artifacts. `phase` is the course of a build as a pure state machine, `session`
//! performs it; `script` and `carried` are how a command runs; `layout`: where things are; `machine`: what writes to the system's
//! folders; `download`, `upload` and `finish`
//! the first and the last phases; `queue`: how many builds run at once; `environment`, `service`, `stand_in` and `missing` the
//! variables; `image`, `runtimes` and `tools` what the image has; `preflight`, `installs` and `shell_text` what will not be found;
//! `artifacts` the globs; `reports`, `dated` and `simulated` the results of tests and whether they count; `mask` the secrets in
//! logs. `codebuild` and `commands` are the providers that pipelines use. Leaves to `process`: processes, to `spec`: reading files, to
//! `cli` and `pipeline`: where sources come from and where artifacts and logs go.

mod artifacts;
mod carried;
mod codebuild;
mod commands;
mod dated;
mod download;
mod environment;
mod finish;
mod image;
mod installs;
mod layout;
mod log;
mod machine;
mod mask;
mod missing;
mod phase;
mod preflight;
mod queue;
mod reports;
mod request;
mod retry;
mod runner;
mod runtimes;
mod script;
mod service;
mod session;
mod shell_text;
mod signal;
mod simulated;
mod stand_in;
mod tools;
mod upload;

#[cfg(test)]
mod tests;

pub use codebuild::{CodeBuild, Numbers};
pub use commands::Commands;
pub use layout::Layout;
pub use missing::STAND_IN_MISSING;
pub use queue::{Admitted, Queue, TurnedAway};
pub use request::{
    BuildRequest, BuildResult, BuildspecFile, BuiltArtifact, Content, Host, Instructions, Outputs, Source,
};
pub use service::Identity;
pub use stand_in::{StandIn, StandIns};

use std::net::TcpListener;

use crate::action::{Cancel, Error, Sink};
use crate::aws::{Loopback, Place, Visit};
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
    let workspace =
        request.workspace.canonicalize().map_err(Error::at("find the workspace", &request.workspace))?;
    let (layout, guard) = Layout::enter(&workspace, host)?;
    // Started from the thread that sees the build through: in a sandbox the guard ends with it.
    let mut guard = Guard::start(&guard)?;
    let aws = match &host.loopback {
        Some(loopback) => {
            let on_host = layout.view().is_host();
            // Before the system chooses a port that one of them needs.
            let led = if on_host { Vec::new() } else { local_registries(loopback, &mut guard) };
            let listener = guard.listen(0)?;
            let visit = Visit {
                run: &request.run,
                project: Some(&request.project.name),
                on_host,
                shims: tools::settings(host, request, &layout, loopback),
            };
            let session = loopback.open(visit, listener)?;
            for (listener, place) in led {
                session.lead(listener, place)?;
            }
            Some(session)
        }
        None => None,
    };
    session::run(host, request, session::Ground { layout, runner: Box::new(guard), aws }, sink, cancel)
}

/// Registries on this machine's loopback address, which is another one inside: clients go there without the proxy, so each
/// gets a listener at its port. One that cannot be had (a port of the privileged) is a registry that refuses connections.
fn local_registries(loopback: &Loopback, guard: &mut Guard) -> Vec<(TcpListener, Place)> {
    let listen = |place: Place| Some((guard.listen(place.port).ok()?, place));
    loopback.local_registries().filter_map(listen).collect()
}

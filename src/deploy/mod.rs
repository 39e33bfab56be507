//! CodeDeploy: in-place deployments of the Server platform, to one instance, which is a folder of this machine
//! (codedeploy.md 3, 6, 8).
//!
//! Owns: a deployment from its bundle to the service that runs. `lifecycle` is its course as a pure state machine,
//! `rollout` performs it; `revision` unpacks and reads, `install` and `permissions` are the files, `hooks` the scripts,
//! `layout` the folder, `plan` what is said instead when nothing is done. `codedeploy` is the provider that pipelines
//! use. Leaves to `process`: processes, to `spec`: reading appspecs and rehearsal.yml. Fleets, load balancers, the other
//! platforms and rolling back are not there yet.

mod codedeploy;
mod hooks;
mod ids;
mod install;
mod layout;
mod lifecycle;
mod log;
mod permissions;
mod plan;
mod revision;
mod rollout;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use codedeploy::CodeDeploy;
pub use hooks::ROOT_VARIABLE;

use crate::aws::Loopback;
use crate::clock::Clock;
use crate::process::GuardOptions;

/// How long a background child may hold the output of a hook open after the hook has ended. The agent waits until the
/// script's timeout, an hour unless written (codedeploy.md 3.3), and then fails in the same way; nobody waits for that.
pub const DRAIN: Duration = Duration::from_secs(5);

/// The machine that is deployed to.
#[derive(Clone)]
pub struct Host {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How guards are started; see [`DRAIN`].
    pub guard: GuardOptions,
    /// The user's environment. Of it, hooks see only what `process::environment` lets through.
    pub environment: BTreeMap<OsString, OsString>,
    /// `local.inherit` of rehearsal.yml.
    pub inherit: Vec<String>,
    /// What stands in for AWS; without it, every call meets a closed port.
    pub loopback: Option<Arc<Loopback>>,
    /// The folder for state: groups without a `root` of their own have one below it.
    pub state: PathBuf,
    /// What a `root` is relative to.
    pub work_tree: Option<PathBuf>,
    /// The region that hooks see.
    pub region: String,
    /// The account, for the place of the bundle.
    pub account: String,
}

impl fmt::Debug for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the user's environment, which can hold secrets.
        formatter.debug_struct("Host").field("state", &self.state).finish_non_exhaustive()
    }
}

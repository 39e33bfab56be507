//! Running commands under a guard, and ending whole process trees.
//!
//! Owns: the guard process and how it is talked to, groups, signals, time limits, the drain rule, the sweep for
//! escaped processes ([`end_orphans`]); the environment commands start with ([`environment`]), the shell that runs
//! them ([`shell`]) and the sandbox they run in ([`sandbox`]). Leaves to `build` and `deploy`: which commands run, and what a failure means.
//!
//! Every command runs below a *guard*: the same binary started again with the hidden argument `__guard`
//! ([`guard_main`]). It has a session of its own, is the subreaper of everything below it, holds the time limits
//! itself, and ends everything when its input ends, which is what happens when the process that started it dies.
//!
//! Linux only. Work that a command hands to another daemon (docker, systemd-run) is not below the guard and is not
//! ended. Windows and macOS are out of scope.

pub mod environment;
mod frames;
mod guard;
mod orphans;
pub mod sandbox;
pub mod shell;
mod supervisor;
mod tree;
mod wire;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use crate::action::{StopReason, Stream};
use crate::clock::Timestamp;

pub use guard::Guard;
pub use orphans::end_orphans;
pub use supervisor::guard_main;

/// The environment variable by which everything below a guard can be found: `SCOPE-ID.PID.START.NAMESPACE`.
pub const MARKER: &str = "REHEARSAL_GUARD";

/// The hidden argument that makes the binary a guard.
pub const GUARD_ARGUMENT: &str = "__guard";

/// How a guard is started, and how it ends what runs below it.
#[derive(Debug, Clone)]
pub struct GuardOptions {
    /// Whose guard it is: what a later [`end_orphans`] of the same scope may end. Letters and digits.
    pub scope: String,
    /// The `rehearsal` binary (not `/proc/self/exe` when there is a wrapper: that would be the wrapper).
    pub program: PathBuf,
    /// What the guard is started through, for example `unshare --net --`. It must replace itself by the guard.
    pub wrapper: Vec<OsString>,
    /// The environment of the guard itself, which commands do not inherit but may be able to read.
    pub env: BTreeMap<OsString, OsString>,
    /// How long after TERM the KILL follows.
    pub grace: Duration,
    /// How long a command's pipes may stay open after it exited, before the command counts as `left_open`.
    pub drain: Duration,
    /// Whether what this process has inherited open is kept from commands: in a sandbox it would lead out.
    pub closes_descriptors: bool,
}

impl GuardOptions {
    /// The usual way: no wrapper, three seconds between TERM and KILL, 200 ms to drain. Of the user's environment
    /// the guard gets only what finds the wrapper and, in a rehearsal of a rehearsal, the outer guard's marker.
    pub fn new(scope: &str, program: PathBuf, host: &BTreeMap<OsString, OsString>) -> Self {
        let kept = |name: &OsString| name == OsStr::new("PATH") || name == OsStr::new(MARKER);
        Self {
            scope: scope.to_owned(),
            program,
            wrapper: Vec::new(),
            env: host.iter().filter(|(name, _)| kept(name)).map(|(n, v)| (n.clone(), v.clone())).collect(),
            grace: Duration::from_secs(3),
            drain: Duration::from_millis(200),
            closes_descriptors: false,
        }
    }
}

/// One command to run. Its standard input is empty.
#[derive(Debug, Clone)]
pub struct Command {
    /// The program, preferably as an absolute path, and its arguments.
    pub argv: Vec<OsString>,
    /// The directory it starts in.
    pub cwd: PathBuf,
    /// Its whole environment; the guard adds only [`MARKER`].
    pub env: BTreeMap<OsString, OsString>,
    /// How long it may run.
    pub time_limit: Option<Duration>,
    /// Whether standard output and error share one pipe, which keeps their order exact. All of it is then reported
    /// as [`Stream::Stdout`]. With two pipes, what is written to both within a wake-up of the guard can change places.
    pub merged: bool,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Exit {
    /// What ended it.
    pub how: How,
    /// It exited, and after the drain limit a background child still held its output open.
    pub left_open: bool,
}

/// What ended a command.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum How {
    /// It exited with this status.
    Exited(i32),
    /// A signal that did not come from here ended it.
    Signaled(i32),
    /// Its time limit passed. It and everything below the guard has been ended.
    TimedOut,
    /// It was asked to end. It and everything below the guard has been ended.
    Stopped(StopReason),
    /// The system would not start it, and says why (no such program, arguments or environment too long).
    NotStarted(String),
}

/// A process that was still there when the guard was asked to finish, or that a dead guard left behind.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Leftover {
    /// Its process id.
    pub pid: u32,
    /// Its command line, shortened.
    pub command: String,
    /// Whether it is gone now; otherwise nothing could end it (another user's process, or stuck in the kernel).
    pub ended: bool,
}

/// Takes output as it comes: when it was read, which stream, the bytes (which may end anywhere).
pub type OnOutput<'a> = &'a mut dyn FnMut(Timestamp, Stream, &[u8]);

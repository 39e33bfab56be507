//! Where the commands of a build run: on this machine as it is, or isolated from it.
//!
//! Owns: the kinds of sandboxes, whether the isolated one works here, how a guard is started in it ([`Sandbox::enter`]), and
//! what files are called inside ([`View`]). Leaves to `build`: which folders of a build are where.
//!
//! The isolated sandbox is made by bubblewrap (`bwrap`) out of user, mount, PID, IPC, UTS, cgroup and network
//! namespaces. Commands are uid 0 there with the capabilities that containers usually have, and see the machine's
//! programs read-only, the toolchains of the user, the folders of the build, and nothing else (`system`, `users`). Where
//! builds install programs, each has a folder of its own (`layers`). System
//! calls that lead past namespaces fail (`filter`). The
//! guard is the first process of the PID namespace, so that the kernel ends everything when it ends; it dies with
//! bwrap, and bwrap with the thread that started it. The network has nothing but a loopback address of its own.
//!
//! Where this process is itself in such a sandbox, the kernel lets nobody mount another /proc. Then the present one is
//! used, and with it the present PID namespace: commands see the processes around them, and the guard ends everything as
//! it does on the host.

mod filter;
mod layers;
mod plan;
mod system;
mod trial;
mod users;
mod view;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use self::plan::{Entry, Plan};
use self::users::Users;
use super::environment::toolchains;
use super::{GuardOptions, MARKER};

pub use trial::Unusable;
pub use view::View;

/// Where the guard's own program is, inside.
const PROGRAM: &str = "/rehearsal/bin/rehearsal";

/// Where folders of the user's PATH are, inside, whose own place a build needs for itself.
const PATHS: &str = "/rehearsal/path";

/// Opens the filter of system calls for bwrap, which closes it again, and becomes bwrap.
const WITH_FILTER: &str = "exec 9<\"$1\"; shift; exec \"$@\"";

/// The capabilities of commands: those that containers usually have, without making devices, raw network and audit. Each
/// reaches no further than the sandbox's own namespaces.
const CAPABILITIES: [&str; 11] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_NET_BIND_SERVICE",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_CHROOT",
];

/// Where commands run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sandbox {
    /// On this machine as it is, in an environment made from nothing.
    Host,
    /// In namespaces of their own.
    Isolated(Isolated),
}

/// The isolated sandbox of this machine, which a trial run has shown to work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolated {
    bwrap: PathBuf,
    processes: Processes,
}

/// Which processes commands see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Processes {
    /// Their own alone.
    Own,
    /// Those around this process as well.
    Outer,
}

/// What a sandbox is made for.
#[derive(Debug, Clone, Copy)]
pub struct Room<'a> {
    /// The user's environment: PATH, HOME, and where toolchains are.
    pub host: &'a BTreeMap<OsString, OsString>,
    /// Folders that commands may write to, and what they are called inside. They must exist.
    pub writable: &'a [(PathBuf, PathBuf)],
    /// Folders that commands may only read, likewise.
    pub readable: &'a [(PathBuf, PathBuf)],
    /// What commands must not see, also where it lies in a folder that is shown.
    pub private: &'a [PathBuf],
    /// A folder of this sandbox's own, outside, for the files that stand in for the machine's.
    pub files: &'a Path,
}

/// A sandbox that is ready.
#[derive(Debug, Clone)]
pub struct Entered {
    /// How its guard is started.
    pub guard: GuardOptions,
    /// What files are called in it.
    pub view: View,
    /// What is worth telling.
    pub notes: Vec<String>,
}

impl Sandbox {
    /// The isolated sandbox, if it works here: a guard of `options` is started in one and ended again. Done once in the
    /// life of this process. Takes some 30 ms.
    pub fn isolated(options: &GuardOptions, host: &BTreeMap<OsString, OsString>) -> Result<Self, Unusable> {
        trial::run(options, host).map(Self::Isolated)
    }

    /// Gets the sandbox ready for a guard that would be started with `options` on the host.
    pub fn enter(&self, options: &GuardOptions, room: &Room<'_>) -> io::Result<Entered> {
        match self {
            Self::Host => Ok(Entered { guard: options.clone(), view: View::host(), notes: Vec::new() }),
            Self::Isolated(isolated) => isolated.enter(options, room),
        }
    }

    /// Whether commands see the processes around Rehearsal, and could end those of the same user.
    pub fn shows_outer_processes(&self) -> bool {
        match self {
            Self::Host => true,
            Self::Isolated(isolated) => isolated.processes == Processes::Outer,
        }
    }
}

impl Isolated {
    fn enter(&self, options: &GuardOptions, room: &Room<'_>) -> io::Result<Entered> {
        let users = Users::of(room);
        let mut plan = Plan::default();
        system::show(&mut plan, room.files)?;
        layers::show(&mut plan, room.files, users.hidden())?;
        users.hide(&mut plan);
        match self.processes {
            Processes::Own => plan.push(Entry::Proc),
            Processes::Outer => plan.bind(Path::new("/proc"), Path::new("/proc"), true),
        }
        system::guard_proc(&mut plan, room.files);
        plan.push(Entry::Dev);
        for (outside, inside) in room.writable {
            plan.bind(outside, inside, true);
        }
        for (outside, inside) in room.readable {
            plan.read_only(outside, inside);
        }
        let notes = users.show(&mut plan, &toolchains::roots(room.host, &Path::is_dir));
        plan.read_only(&options.program, Path::new(PROGRAM));

        let filter = room.files.join("filter");
        std::fs::write(&filter, filter::program())?;
        let mut wrapper: Vec<OsString> = ["/bin/sh", "-c", WITH_FILTER, "sh"].map(OsString::from).into();
        wrapper.extend([filter.into_os_string(), self.bwrap.clone().into_os_string()]);
        wrapper.extend(["--seccomp".into(), "9".into()]);
        wrapper.extend(self.namespaces());
        // A rehearsal within a rehearsal is found by the marker of the outer guard; nothing else gets through.
        if let Some(marker) = options.env.get(OsStr::new(MARKER)) {
            wrapper.extend(["--setenv".into(), MARKER.into(), marker.clone()]);
        }
        wrapper.extend(plan.arguments());
        wrapper.push("--".into());
        let guard =
            GuardOptions { program: PROGRAM.into(), wrapper, closes_descriptors: true, ..options.clone() };
        Ok(Entered { guard, view: plan.view(), notes })
    }

    /// What commands have of their own, and what they may do.
    fn namespaces(&self) -> Vec<OsString> {
        let mut arguments = vec![
            "--unshare-user",
            "--uid",
            "0",
            "--gid",
            "0",
            "--unshare-ipc",
            "--unshare-uts",
            "--unshare-net",
            "--unshare-cgroup-try",
            "--hostname",
            "rehearsal",
            "--new-session",
            "--chdir",
            "/",
            "--clearenv",
            "--cap-drop",
            "ALL",
        ];
        arguments.extend(CAPABILITIES.iter().flat_map(|capability| ["--cap-add", capability]));
        match self.processes {
            // The guard is process 1: nothing below it can kill it, and nothing outlives it.
            Processes::Own => arguments.extend(["--unshare-pid", "--as-pid-1", "--die-with-parent"]),
            // The guard has to outlive bwrap, to end what is below it.
            Processes::Outer => {}
        }
        arguments.into_iter().map(OsString::from).collect()
    }
}

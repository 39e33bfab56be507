//! What a guard does to itself before anything runs below it.
//!
//! Owns: its session, signals, limits, and what it shows of itself. Leaves to `mod`: what a signal means.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::Mode;
use rustix::process::{
    DumpableBehavior, Pid, Resource, Rlimit, getpid, getrlimit, set_child_subreaper, set_dumpable_behavior,
    setpgid, setrlimit, setsid,
};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::super::tree::Process;

/// The signal that tells the guard to end everything and itself.
pub(super) const TERM: i32 = SIGTERM;

/// The guard's signals: SIGCHLD and SIGTERM wake it, those of the terminal are ignored. All are handled rather than
/// ignored, because what a process ignores, its children ignore too.
#[derive(Debug)]
pub(super) struct Signals {
    wake: UnixStream,
    term: Arc<AtomicBool>,
}

impl Signals {
    pub(super) fn install() -> io::Result<Self> {
        let (wake, woken) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        let term = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(SIGTERM, Arc::clone(&term))?;
        for signal in [SIGHUP, SIGINT, SIGQUIT] {
            signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)))?;
        }
        signal_hook::low_level::pipe::register(SIGTERM, woken.try_clone()?)?;
        signal_hook::low_level::pipe::register(SIGCHLD, woken)?;
        Ok(Self { wake, term })
    }

    /// Whether SIGTERM came.
    pub(super) fn told_to_end(&self) -> bool {
        self.term.load(Ordering::Relaxed)
    }

    /// Forgets the wake-ups so far.
    pub(super) fn drain(&self) {
        let mut bytes = [0; 256];
        while (&self.wake).read(&mut bytes).is_ok_and(|count| count == bytes.len()) {}
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
}

/// Makes this process a guard.
pub(super) fn prepare() -> io::Result<()> {
    let during = |attempted: &'static str| {
        move |error: rustix::io::Errno| io::Error::other(format!("{attempted}: {}", io::Error::from(error)))
    };
    // Asked of /proc, where a session or group that was made outside this PID namespace is a plain 0; the system calls
    // of rustix take that for impossible.
    let me = Process::this()?;
    // A terminal's signals do not reach another session, and its commands find no terminal to ask questions at. The
    // owner starts the guard as the leader of a group, and a leader cannot leave: so back to the owner's group first.
    // Behind a wrapper that forks, the guard is no leader and its parent may be in another session.
    if me.session != me.pid {
        let parent = Process::read(me.parent);
        if let Some(group) = parent.and_then(|parent| Pid::from_raw(parent.group)) {
            let _ = setpgid(None, Some(group));
        }
        setsid().map_err(during("start a session"))?;
    }
    set_child_subreaper(Some(getpid())).map_err(during("become a subreaper"))?;
    for pipe in [rustix::stdio::stdin(), rustix::stdio::stdout()] {
        rustix::io::ioctl_fionbio(pipe, true).map_err(during("prepare the pipes"))?;
    }
    // Core files would be left behind; a build that wants them can raise this soft limit.
    let core = getrlimit(Resource::Core);
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: core.maximum })
        .map_err(during("limit cores"))?;
    rustix::process::umask(Mode::from_raw_mode(0o022));
    // Hold no workspace in use.
    rustix::process::chdir("/").map_err(during("leave the directory"))?;
    // Unless they are root, commands cannot open this process's pipes through /proc.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(during("become undumpable"))?;
    Ok(())
}

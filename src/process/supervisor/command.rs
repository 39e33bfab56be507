//! One command below the guard: starting it, its pipes, its exit.
//!
//! Owns: how duct is used, and which bytes are still owed after an exit. Leaves to `mod`: when a command is over.

use std::ffi::{OsStr, OsString};
use std::io::{self, PipeReader, PipeWriter};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process_group};

use super::super::wire::{Run, Text};
use super::super::{How, MARKER};
use super::outbox::{Outbox, Taken};
use crate::action::Stream;

/// The size asked for the pipes of commands and of the guard; the system may grant less.
pub(in super::super) const PIPE_SIZE: usize = 1 << 20;

/// A command that was started and not yet waited for.
#[derive(Debug)]
pub(super) struct Child {
    handle: duct::Handle,
    pid: Option<Pid>,
}

/// The reading end of a pipe that a command writes to.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) pipe: PipeReader,
    pub(super) stream: Stream,
    /// Whether it belongs to the command that runs now, and not to an earlier one's background child.
    pub(super) current: bool,
    /// Bytes that were written before the command exited and have not been read.
    owed: u64,
    open: bool,
}

impl Source {
    fn new(pipe: PipeReader, stream: Stream) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&pipe, true)?;
        // A bigger pipe is faster; a system that is out of its allowance grants none, and that is no harm.
        let _ = rustix::pipe::fcntl_setpipe_size(&pipe, PIPE_SIZE);
        Ok(Self { pipe, stream, current: true, owed: 0, open: true })
    }

    /// Moves what is there into the outbox.
    pub(super) fn forward(&mut self, outbox: &mut Outbox) {
        match outbox.take_from(&self.pipe, self.stream) {
            Ok(Taken::Bytes(count)) => self.owed = self.owed.saturating_sub(count as u64),
            Ok(Taken::NothingNow) => self.owed = 0,
            Ok(Taken::EndOfFile) | Err(_) => (self.owed, self.open) = (0, false),
        }
    }

    /// Notes what is in the pipe now: it was written before this moment and must be delivered.
    pub(super) fn owe(&mut self) {
        self.owed = rustix::io::ioctl_fionread(&self.pipe).unwrap_or(0);
    }

    /// Whether bytes are still to be delivered.
    pub(super) fn owes(&self) -> bool {
        self.open && self.owed > 0
    }

    /// Whether somebody may still write.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }
}

impl Child {
    /// Starts a command in a process group of its own, marked, with nothing of the guard's; or says why it cannot.
    pub(super) fn start(run: &Run, marker: &str) -> Result<(Self, Vec<Source>), String> {
        let Some((program, arguments)) = run.argv.split_first() else {
            return Err("no program was named".to_owned());
        };
        Self::spawn(run, program, arguments, marker).map_err(|error| {
            let cwd = Path::new(&run.cwd.0);
            // The system does not tell a missing folder from a missing program.
            let place = if cwd.is_dir() { String::new() } else { format!(" in {}", cwd.display()) };
            format!("cannot start {}{place}: {error}", program.0.display())
        })
    }

    fn spawn(run: &Run, program: &Text, arguments: &[Text], marker: &str) -> io::Result<(Self, Vec<Source>)> {
        let mut environment: Vec<(&OsStr, OsString)> =
            run.env.iter().map(|(name, value)| (name.0.as_os_str(), value.0.clone())).collect();
        environment.push((OsStr::new(MARKER), marker.into()));

        let (reader, stdout) = io::pipe()?;
        let mut sources = vec![Source::new(reader, Stream::Stdout)?];
        let mut expression = duct::cmd(&program.0, arguments.iter().map(|argument| &argument.0))
            .unchecked()
            .stdin_null()
            .dir(&run.cwd.0)
            .full_env(environment)
            .before_spawn(|command| {
                std::os::unix::process::CommandExt::process_group(command, 0);
                Ok(())
            });
        expression = if run.merged {
            expression.stderr_to_stdout()
        } else {
            let (reader, stderr): (PipeReader, PipeWriter) = io::pipe()?;
            sources.push(Source::new(reader, Stream::Stderr)?);
            expression.stderr_file(stderr)
        };
        // Outermost, so that the line above copies it. The expression holds the writing ends: it must go before
        // anybody waits for the end of the output.
        let handle = expression.stdout_file(stdout).start()?;
        let pid = handle.pids().first().and_then(|pid| Pid::from_raw(i32::try_from(*pid).ok()?));
        Ok((Self { handle, pid }, sources))
    }

    /// Its process id, which is also its group's.
    pub(super) fn pid(&self) -> Option<Pid> {
        self.pid
    }

    /// How it ended, once it did. From then on its pid may belong to another process.
    pub(super) fn ended(&self) -> Option<How> {
        let status = match self.handle.try_wait() {
            Ok(None) => return None,
            Ok(Some(output)) => output.status,
            Err(error) => return Some(How::NotStarted(format!("lost track of the command: {error}"))),
        };
        Some(match (status.code(), status.signal()) {
            (Some(code), _) => How::Exited(code),
            (None, signal) => How::Signaled(signal.unwrap_or_default()),
        })
    }

    /// Sends a signal to its group and returns the group, unless it was already waited for.
    pub(super) fn signal_group(&self, signal: Signal) -> Option<Pid> {
        let group = self.pid.filter(|_| self.ended().is_none())?;
        kill_process_group(group, signal).is_ok().then_some(group)
    }
}

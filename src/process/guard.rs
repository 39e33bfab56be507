//! The side of a guard that the rest of Rehearsal holds.
//!
//! Owns: starting a guard, handing it commands, reading what it says, and what to do when it does not answer any more.
//! Leaves to `supervisor`: everything that happens in the guard.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, PipeReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::frames::Frames;
use super::orphans::{self, Marker};
use super::supervisor::PIPE_SIZE;
use super::tree::Process;
use super::wire::{self, Reply, Request, Run, Text};
use super::{Command, Exit, GUARD_ARGUMENT, GuardOptions, How, Leftover, OnOutput, tree};
use crate::action::{Cancel, Error};

/// How long the guard may be silent beyond the moment it should have answered. A guard that was itself stopped
/// (SIGSTOP) does not hold up a Ctrl-C for longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a guard may take to start.
const START: Duration = Duration::from_secs(60);

/// How much of a guard's last words is reported.
const LAST_WORDS: u64 = 4096;

/// A running guard. One build or deployment has one; its commands run one after the other. Dropping it ends
/// everything below it.
#[derive(Debug)]
pub struct Guard {
    handle: duct::Handle,
    requests: Option<UnixStream>,
    frames: Frames,
    complaints: PipeReader,
    marker: Option<Marker>,
    pid: u32,
    grace: Duration,
}

/// Why no reply came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Silence {
    /// The guard is gone.
    Ended,
    /// It does not answer.
    Stuck,
}

impl Guard {
    /// Starts a guard and waits until it is ready.
    pub fn start(options: &GuardOptions) -> Result<Self, Error> {
        let mut guard = Self::spawn(options).map_err(Error::during("start the guard process"))?;
        let begin = Request::Begin {
            version: wire::VERSION,
            id: orphans::guard_id(&options.scope),
            grace_ms: millis(options.grace),
            drain_ms: millis(options.drain),
        };
        let reply = guard.ask(&begin, &mut |_, _, _| {}, None, Some(START));
        let failure = match reply.map_err(Error::during("talk to the guard process"))? {
            Ok(Reply::Ready { version: wire::VERSION, pid, marker }) => {
                guard.marker = marker.parse().ok();
                // In a PID namespace of its own its number means nothing here; the wrapper's does.
                if guard.marker.as_ref().is_some_and(Marker::is_of_this_namespace) {
                    guard.pid = pid;
                }
                return Ok(guard);
            }
            Ok(Reply::Refused(why)) => why,
            Ok(Reply::Ready { .. } | Reply::Ended(_) | Reply::Listening(_) | Reply::Finished(_)) => {
                "it speaks another version".to_owned()
            }
            Err(silence) => guard.bury(silence),
        };
        Err(Error::during("start the guard process")(io::Error::other(failure)))
    }

    fn spawn(options: &GuardOptions) -> io::Result<Self> {
        let (stdin, requests) = UnixStream::pair()?;
        let (replies, stdout) = io::pipe()?;
        let (complaints, stderr) = io::pipe()?;
        rustix::io::ioctl_fionbio(&complaints, true)?;
        // Bigger is faster; a system that grants no more is no harm.
        let _ = rustix::pipe::fcntl_setpipe_size(&stdout, PIPE_SIZE);
        let mut argv = if options.closes_descriptors { closing()? } else { Vec::new() };
        argv.extend(options.wrapper.iter().cloned());
        argv.push(options.program.clone().into_os_string());
        argv.push(GUARD_ARGUMENT.into());
        // Out of reach of a Ctrl-C until it has a session of its own. Not where this process's group is outside its
        // PID namespace: the guard could not go back there, and without that a leader gets no session.
        let lead = Process::this().map_or(true, |this| this.group != 0);
        let handle = duct::cmd(&argv[0], &argv[1..])
            .unchecked()
            .full_env(&options.env)
            .stdin_file(stdin)
            .stdout_file(stdout)
            .stderr_file(stderr)
            .before_spawn(move |command| {
                if lead {
                    std::os::unix::process::CommandExt::process_group(command, 0);
                }
                Ok(())
            })
            .start()
            .map_err(|error| {
                io::Error::new(error.kind(), format!("cannot start {}: {error}", argv[0].display()))
            })?;
        let pid = handle.pids().first().copied().unwrap_or_default();
        let frames = Frames::new(replies);
        Ok(Self {
            handle,
            requests: Some(requests),
            frames,
            complaints,
            marker: None,
            pid,
            grace: options.grace,
        })
    }

    /// The guard's process id; that of its wrapper where the guard has a PID namespace of its own.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Runs one command to its end, handing over output as it comes, also that of background children of earlier
    /// commands. Background children of this one live on, unless it is stopped or times out: then everything below
    /// the guard is ended.
    ///
    /// What a background child writes while no command runs waits in its pipe and in the guard, and comes with the
    /// next command or with [`Guard::finish`]; a child that writes more than those hold waits too.
    ///
    /// When the guard itself is killed, what is below it is ended from here, and an error says so.
    pub fn run(
        &mut self,
        command: &Command,
        on_output: OnOutput<'_>,
        cancel: &Cancel,
    ) -> Result<Exit, Error> {
        if let Some(reason) = cancel.reason() {
            return Ok(Exit { how: How::Stopped(reason), left_open: false });
        }
        let run = Request::Run(Run {
            argv: command.argv.iter().map(Text::from).collect(),
            cwd: Text::from(&command.cwd),
            env: command.env.iter().map(|(name, value)| (Text::from(name), Text::from(value))).collect(),
            limit_ms: command.time_limit.map(millis),
            merged: command.merged,
        });
        let why = match self.ask(&run, on_output, Some(cancel), command.time_limit) {
            Ok(Ok(Reply::Ended(exit))) => return Ok(exit),
            Ok(Ok(other)) => self.dismiss(&format!("said {other:?} when a command was to end")),
            Ok(Err(silence)) => self.bury(silence),
            Err(error) => self.dismiss(&format!("cannot be understood: {error}")),
        };
        match cancel.reason() {
            Some(reason) => Ok(Exit { how: How::Stopped(reason), left_open: false }),
            None => Err(Error::during("run a command under the guard process")(io::Error::other(why))),
        }
    }

    /// Opens a listener on the loopback address of the network that commands see, at `port`, or on one of the system's choice
    /// (0). What commands connect to there, this process accepts, also when it is in another network namespace itself. For before the
    /// first command: what background children of earlier ones write meanwhile is lost.
    pub fn listen(&mut self, port: u16) -> Result<TcpListener, Error> {
        let during = Error::during("open a listener in the network of a build");
        let why = match self.ask(&Request::Listen(port), &mut |_, _, _| {}, None, Some(START)) {
            Ok(Ok(Reply::Listening(Ok(())))) => {
                let socket = self.requests.as_ref().ok_or(io::ErrorKind::NotConnected.into());
                return socket.and_then(wire::receive_descriptor).map(TcpListener::from).map_err(during);
            }
            Ok(Ok(Reply::Listening(Err(why)))) => why,
            Ok(Ok(other)) => self.dismiss(&format!("said {other:?} when it was to listen")),
            Ok(Err(silence)) => self.bury(silence),
            Err(error) => self.dismiss(&format!("cannot be understood: {error}")),
        };
        Err(during(io::Error::other(why)))
    }

    /// Ends everything below the guard and the guard itself, handing over the last output, and lists the background
    /// processes that were still there.
    pub fn finish(mut self, on_output: OnOutput<'_>) -> Result<Vec<Leftover>, Error> {
        let during = Error::during("end what a build left running");
        let why = match self.ask(&Request::Finish, on_output, None, Some(self.grace)) {
            Ok(Ok(Reply::Finished(leftovers))) => return Ok(leftovers),
            // It was killed, or told to end, before: then there is nobody left to ask, and little left to end.
            Ok(Err(silence)) => {
                self.await_end(silence);
                return self.sweep().map_err(during);
            }
            Ok(Ok(other)) => self.dismiss(&format!("said {other:?} when it was to finish")),
            Err(error) => self.dismiss(&format!("cannot be understood: {error}")),
        };
        Err(during(io::Error::other(why)))
    }

    /// Sends a request and waits for the reply. With `limit`, a guard that says nothing for much longer is stuck.
    fn ask(
        &mut self,
        request: &Request,
        on_output: OnOutput<'_>,
        mut cancel: Option<&Cancel>,
        limit: Option<Duration>,
    ) -> io::Result<Result<Reply, Silence>> {
        self.send(request)?;
        let longest = self.grace.saturating_add(PATIENCE);
        let after = |span: Duration| Instant::now().checked_add(span);
        let mut deadline = limit.and_then(|limit| after(limit.saturating_add(longest)));
        loop {
            if let Some(reply) = self.frames.next(on_output)? {
                return Ok(Ok(reply));
            }
            let now = Instant::now();
            if deadline.is_some_and(|deadline| deadline <= now) {
                return Ok(Err(Silence::Stuck));
            }
            let mut polled = vec![PollFd::new(&self.frames, PollFlags::IN)];
            polled.extend(cancel.map(|cancel| PollFd::new(cancel, PollFlags::IN)));
            let left = deadline.map(|deadline| tree::timespec(deadline.saturating_duration_since(now)));
            match poll(&mut polled, left.as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            let ready = !polled[0].revents().is_empty();
            if let Some(reason) = cancel.and_then(Cancel::reason) {
                cancel = None;
                self.send(&Request::Stop(reason))?;
                deadline = after(longest);
            }
            if ready {
                if self.frames.fill()? == 0 {
                    return Ok(Err(Silence::Ended));
                }
                deadline = deadline.max(deadline.and(after(longest)));
            }
        }
    }

    fn send(&mut self, request: &Request) -> io::Result<()> {
        let bytes = wire::encode_request(request)?;
        match self.requests.as_mut().map(|requests| requests.write_all(&bytes)) {
            // A guard that is gone is noticed at the other pipe.
            Some(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Some(result) => result,
            None => Ok(()),
        }
    }

    /// Parts with a guard that said something it should not have (somebody wrote into its output); says so.
    fn dismiss(&mut self, why: &str) -> String {
        self.await_own_end();
        format!("the guard process {} {why}", self.pid)
    }

    /// Has the guard end everything and itself by ending its input, and waits until it has.
    fn await_own_end(&mut self) {
        self.requests = None;
        let limit = Instant::now().checked_add(PATIENCE);
        let silence = loop {
            let left = limit.map(|limit| tree::timespec(limit.saturating_duration_since(Instant::now())));
            match poll(&mut [PollFd::new(&self.frames, PollFlags::IN)], left.as_ref()) {
                Ok(0) => break Silence::Stuck,
                Ok(_) => match self.frames.skip() {
                    Ok(0) | Err(_) => break Silence::Ended,
                    Ok(_) => {}
                },
                Err(Errno::INTR) => {}
                Err(_) => break Silence::Stuck,
            }
        };
        self.await_end(silence);
        if silence == Silence::Stuck {
            // Nobody is left to tell if this does not work either; the next command tries again.
            let _ = self.sweep();
        }
    }

    /// Ends a guard that does not answer, and everything it left; says what happened.
    fn bury(&mut self, silence: Silence) -> String {
        let how = self.await_end(silence);
        let mut words = Vec::new();
        // Not blocking, and what it had to say before it ended is there.
        let _ = (&self.complaints).take(LAST_WORDS).read_to_end(&mut words);
        let words = String::from_utf8_lossy(&words);
        let mut text = format!("the guard process {} {how}", self.pid);
        match self.sweep() {
            Ok(leftovers) if leftovers.is_empty() => {}
            Ok(leftovers) => {
                let ended = leftovers.iter().filter(|leftover| leftover.ended).count();
                let _ = write!(text, "; of {} processes below it, {ended} have been ended", leftovers.len());
            }
            Err(error) => {
                let _ = write!(text, "; what is below it could not be ended: {error}");
            }
        }
        if !words.trim().is_empty() {
            let _ = write!(text, ": {}", words.trim());
        }
        text
    }

    /// Waits for the guard's own exit, which has come or is made to come; says how it ended.
    fn await_end(&mut self, silence: Silence) -> String {
        self.requests = None;
        if silence == Silence::Stuck {
            let _ = self.handle.kill();
        }
        match self.handle.wait() {
            Ok(_) if silence == Silence::Stuck => "did not answer".to_owned(),
            Ok(output) => match (output.status.code(), output.status.signal()) {
                (Some(code), _) => format!("ended with status {code}"),
                (None, signal) => format!("was ended by signal {}", signal.unwrap_or_default()),
            },
            Err(error) => format!("cannot be waited for ({error})"),
        }
    }

    /// Ends what a guard that is gone left behind.
    fn sweep(&self) -> io::Result<Vec<Leftover>> {
        self.marker.as_ref().map_or(Ok(Vec::new()), orphans::end_marked)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.await_own_end();
    }
}

/// The beginning of a command line that closes what this process has inherited and would pass on: everything but the
/// standard streams that was not opened here. Nothing, where there is nothing of the kind.
fn closing() -> io::Result<Vec<OsString>> {
    let mut inherited = Vec::new();
    for entry in std::fs::read_dir("/proc/self/fdinfo")? {
        let entry = entry?;
        let Some(number) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // One that was closed meanwhile is of no interest.
        let Ok(facts) = std::fs::read_to_string(entry.path()) else { continue };
        let flags = facts.lines().find_map(|line| line.strip_prefix("flags:"));
        let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok()).unwrap_or(0);
        if number > 2 && flags & OFlags::CLOEXEC.bits() == 0 {
            inherited.push(number);
        }
    }
    let Some(largest) = inherited.iter().max() else { return Ok(Vec::new()) };
    // Not every shell knows numbers of two digits.
    let shell = if *largest < 10 { "sh" } else { "bash" };
    let closed: Vec<String> = inherited.iter().map(|number| format!("{number}<&-")).collect();
    let script = format!("exec {}; exec \"$@\"", closed.join(" "));
    Ok([shell, "-c", &script, shell].map(OsString::from).into())
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

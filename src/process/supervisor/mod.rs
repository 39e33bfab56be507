//! The guard process: what `rehearsal __guard` is.
//!
//! Owns: the loop that waits for requests, output, signals and deadlines all at once, and the stages a command goes
//! through. Leaves to `command` how one is started, to `ending` how everything is ended, to `outbox` what the owner has
//! not yet taken.
//!
//! One thread, and nothing in it blocks but `poll`: a limit holds while the owner does not read, and the end of the
//! input is seen while a command floods its output.

mod command;
mod ending;
mod outbox;
mod setup;

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use self::command::{Child, Source};
use self::ending::{Below, Ending};
use self::outbox::Outbox;
use self::setup::Signals;
use super::orphans::Marker;
use super::wire::{self, Reply, Request};
use super::{Exit, How, Leftover, tree};
use crate::action::StopReason;

pub(super) use self::command::PIPE_SIZE;

/// The grace between TERM and KILL when the owner has died: the user must not find anything alive.
const ABANDONED: Duration = Duration::from_millis(250);

/// How long the last words may take to be read by an owner that lives.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The body of the hidden subcommand `rehearsal __guard`. Returns the exit status.
pub fn guard_main() -> u8 {
    let mut supervisor = match Signals::install() {
        Ok(signals) => Supervisor::new(signals),
        // Nothing runs yet, and nobody can be told but by the exit.
        Err(_) => return 1,
    };
    if let Ok(Ok(())) = catch_unwind(AssertUnwindSafe(|| supervisor.serve())) {
        return 0;
    }
    // The guard itself went wrong. Whatever the reason, what is below it must not stay.
    if let Some(settings) = &supervisor.settings {
        let _ = tree::end_all(|| settings.below.survivors());
    }
    1
}

/// What the first request brought.
#[derive(Debug)]
struct Settings {
    grace: Duration,
    drain: Duration,
    below: Below,
}

/// Where the guard stands.
#[derive(Debug)]
enum Stage {
    /// No command runs; background children of earlier ones may.
    Idle,
    /// A command runs.
    Running { child: Child, limit: Option<Instant> },
    /// Everything is being ended.
    Ending { child: Option<Child>, ending: Ending, then: Then },
    /// Nothing to wait for but the last output.
    Draining { then: Then, until: Instant },
    /// The guard is about to exit.
    Over,
}

/// What is said when an end, or the last output, has come.
#[derive(Debug)]
enum Then {
    Report(How),
    Finish(Vec<Leftover>),
    Leave,
}

#[derive(Debug)]
struct Supervisor {
    settings: Option<Settings>,
    stage: Stage,
    signals: Signals,
    requests: Vec<u8>,
    sources: Vec<Source>,
    outbox: Outbox,
    /// The guard was told to end (TERM): after the present command, it does.
    leaving: bool,
    /// The owner is gone.
    abandoned: bool,
}

impl Supervisor {
    fn new(signals: Signals) -> Self {
        Self {
            settings: None,
            stage: Stage::Idle,
            signals,
            requests: Vec::new(),
            sources: Vec::new(),
            outbox: Outbox::default(),
            leaving: false,
            abandoned: false,
        }
    }

    /// Serves until everything is over. Of two things that happen at once, what ends commands comes first.
    fn serve(&mut self) -> io::Result<()> {
        while !matches!(self.stage, Stage::Over) {
            let ready = self.wait()?;
            if ready.signal {
                self.signals.drain();
                self.note_exits()?;
            }
            if self.signals.told_to_end() && !self.leaving {
                self.leaving = true;
                self.stop(StopReason::Signal(setup::TERM))?;
            }
            if ready.request {
                self.read_requests()?;
            }
            for (source, ready) in self.sources.iter_mut().zip(&ready.sources) {
                if *ready {
                    source.forward(&mut self.outbox);
                }
            }
            self.sources.retain(Source::is_open);
            self.advance(Instant::now())?;
            self.outbox.flush();
        }
        self.say_last_words()
    }

    /// Waits for something to happen, or to be due.
    fn wait(&self) -> io::Result<Ready> {
        let (stdin, stdout) = (rustix::stdio::stdin(), rustix::stdio::stdout());
        let room = self.outbox.has_room();
        let mut polled = vec![PollFd::new(&self.signals, PollFlags::IN)];
        // An input that has ended is reported whatever is asked of it, again and again.
        polled.extend((!self.abandoned).then(|| PollFd::new(&stdin, PollFlags::IN)));
        polled.extend(
            self.sources.iter().filter(|_| room).map(|source| PollFd::new(&source.pipe, PollFlags::IN)),
        );
        if !self.outbox.is_empty() {
            polled.push(PollFd::new(&stdout, PollFlags::OUT));
        }
        let timeout = self.due().map(|due| tree::timespec(due.saturating_duration_since(Instant::now())));
        match poll(&mut polled, timeout.as_ref()) {
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(Ready { signal: true, ..Ready::default() }),
            Err(error) => return Err(error.into()),
        }
        let mut ready = polled.iter().map(|fd| !fd.revents().is_empty());
        let mut next = || ready.next().unwrap_or(false);
        let (signal, request) = (next(), !self.abandoned && next());
        let sources = if room { ready.take(self.sources.len()).collect() } else { Vec::new() };
        Ok(Ready { signal, request, sources })
    }

    /// The next moment something is due without anything happening.
    fn due(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Idle => None,
            Stage::Running { limit, .. } => *limit,
            Stage::Ending { ending, .. } => Some(ending.due()),
            Stage::Draining { until, .. } => Some(*until).filter(|_| !self.sources.iter().any(Source::owes)),
            Stage::Over => Some(Instant::now()),
        }
    }

    /// Reads what the owner asks; the end of the input means that it is gone.
    fn read_requests(&mut self) -> io::Result<()> {
        let mut chunk = [0; 16 << 10];
        match rustix::io::read(rustix::stdio::stdin(), &mut chunk) {
            // An owner that died with something of ours unread resets the connection.
            Ok(0) | Err(Errno::CONNRESET) => return self.abandon(),
            Ok(count) => self.requests.extend_from_slice(&chunk[..count]),
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        while let Some(request) = wire::take_request(&mut self.requests)? {
            self.answer(request)?;
        }
        Ok(())
    }

    fn answer(&mut self, request: Request) -> io::Result<()> {
        match (request, &self.settings) {
            (Request::Begin { version, id, grace_ms, drain_ms }, None) => {
                let prepared = if version == wire::VERSION {
                    setup::prepare().and_then(|()| Marker::of_this_process(id))
                } else {
                    Err(io::Error::other("the rehearsal binary was replaced by another version meanwhile"))
                };
                match prepared {
                    Ok(marker) => {
                        let (grace, drain) =
                            (Duration::from_millis(grace_ms), Duration::from_millis(drain_ms));
                        self.settings = Some(Settings { grace, drain, below: Below::new(&marker) });
                        let (pid, marker) = (marker.pid.unsigned_abs(), marker.to_string());
                        self.outbox.reply(&Reply::Ready { version: wire::VERSION, pid, marker })
                    }
                    Err(error) => {
                        self.stage = Stage::Over;
                        self.outbox.reply(&Reply::Refused(error.to_string()))
                    }
                }
            }
            (Request::Run(run), Some(settings)) if matches!(self.stage, Stage::Idle) => {
                match Child::start(&run, settings.below.marker()) {
                    Ok((child, sources)) => {
                        self.sources.extend(sources);
                        let limit = run.limit_ms.map(Duration::from_millis);
                        let limit = limit.and_then(|limit| Instant::now().checked_add(limit));
                        self.stage = Stage::Running { child, limit };
                        Ok(())
                    }
                    Err(error) => self.report(How::NotStarted(error)),
                }
            }
            // Too late: the guard's exit is the answer.
            (Request::Run(_), Some(_)) if self.leaving => Ok(()),
            (Request::Stop(reason), Some(_)) => self.stop(reason),
            (Request::Listen(port), Some(_)) => self.outbox.reply(&Reply::Listening(listen(port))),
            (Request::Finish, Some(_)) => self.end(Then::Finish(Vec::new())),
            (Request::Begin { .. } | Request::Run(_), Some(_)) | (_, None) => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "a request out of turn"))
            }
        }
    }

    /// Notices the exit of the command, and reaps whatever else ended.
    fn note_exits(&mut self) -> io::Result<()> {
        let Some(settings) = &self.settings else { return Ok(()) };
        let command = match &self.stage {
            Stage::Running { child, .. } => Some(child),
            Stage::Ending { child, .. } => child.as_ref(),
            Stage::Idle | Stage::Draining { .. } | Stage::Over => None,
        };
        let ended = command.and_then(Child::ended);
        settings.below.reap(command.and_then(Child::pid))?;
        if let Stage::Ending { ending, .. } = &mut self.stage {
            ending.look_soon(Instant::now());
        }
        if let (Some(how), Stage::Running { .. }) = (ended, &self.stage) {
            let until = Instant::now() + settings.drain;
            self.drain(Then::Report(how), until);
        }
        Ok(())
    }

    /// Ends the command that runs, if one does, or the guard if that is what it was told.
    fn stop(&mut self, reason: StopReason) -> io::Result<()> {
        match &mut self.stage {
            Stage::Running { .. } => self.end(Then::Report(How::Stopped(reason))),
            // The command is over already; only the wait for its pipes is cut short.
            Stage::Draining { until, .. } => {
                *until = Instant::now();
                Ok(())
            }
            Stage::Idle if self.leaving => self.end(Then::Leave),
            Stage::Idle | Stage::Ending { .. } | Stage::Over => Ok(()),
        }
    }

    /// The owner is gone: end everything, quickly.
    fn abandon(&mut self) -> io::Result<()> {
        self.abandoned = true;
        self.end(Then::Leave)
    }

    /// Begins to end everything, or gives an end that has begun another conclusion.
    fn end(&mut self, then: Then) -> io::Result<()> {
        let Some(settings) = &self.settings else {
            self.stage = Stage::Over;
            return Ok(());
        };
        let now = Instant::now();
        let grace = if self.abandoned { settings.grace.min(ABANDONED) } else { settings.grace };
        self.stage = match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Ending { child, mut ending, .. } => {
                ending.hurry(grace, now);
                Stage::Ending { child, ending, then }
            }
            Stage::Running { child, .. } => {
                let ending = Ending::begin(&settings.below, Some(&child), grace, now)?;
                Stage::Ending { child: Some(child), ending, then }
            }
            Stage::Idle | Stage::Draining { .. } | Stage::Over => {
                let ending = Ending::begin(&settings.below, None, grace, now)?;
                Stage::Ending { child: None, ending, then }
            }
        };
        Ok(())
    }

    /// Lets the last output come in: all that is in the pipes now, and more until `until`.
    fn drain(&mut self, then: Then, until: Instant) {
        self.sources.iter_mut().for_each(Source::owe);
        self.stage = Stage::Draining { then, until };
    }

    /// Does what is due.
    fn advance(&mut self, now: Instant) -> io::Result<()> {
        let Some(settings) = &self.settings else { return Ok(()) };
        match &mut self.stage {
            Stage::Running { limit, .. } if limit.is_some_and(|limit| limit <= now) => {
                return self.end(Then::Report(How::TimedOut));
            }
            Stage::Ending { child, ending, .. } => {
                if !ending.step(&settings.below, child.as_ref(), now)? {
                    return Ok(());
                }
                // Nobody is left to write, unless something could not be ended: hence a limit here too.
                let until = now + settings.drain;
                match std::mem::replace(&mut self.stage, Stage::Over) {
                    Stage::Ending { then: Then::Leave, .. } => {}
                    Stage::Ending { then: Then::Finish(_), ending, .. } => {
                        self.drain(Then::Finish(ending.into_met()), until);
                    }
                    Stage::Ending { then, .. } => self.drain(then, until),
                    other => self.stage = other,
                }
            }
            Stage::Idle | Stage::Running { .. } | Stage::Draining { .. } | Stage::Over => {}
        }
        if let Stage::Draining { then, until } = &self.stage {
            let mut waited_for = self.sources.iter().filter(|source| match then {
                Then::Report(_) => source.current,
                Then::Finish(_) | Then::Leave => true,
            });
            let over =
                if *until <= now { waited_for.all(|source| !source.owes()) } else { waited_for.count() == 0 };
            if over {
                return self.conclude();
            }
        }
        Ok(())
    }

    /// Says what came of it.
    fn conclude(&mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Draining { then: Then::Report(how), .. } => self.report(how),
            Stage::Draining { then: Then::Finish(leftovers), .. } => {
                self.outbox.reply(&Reply::Finished(leftovers))
            }
            Stage::Draining { then: Then::Leave, .. } => Ok(()),
            other => {
                self.stage = other;
                Ok(())
            }
        }
    }

    /// Reports the end of a command. Its pipes that are still open are from now on those of background children.
    fn report(&mut self, how: How) -> io::Result<()> {
        let left_open = self.sources.iter().any(|source| source.current);
        self.sources.iter_mut().for_each(|source| source.current = false);
        self.stage = Stage::Idle;
        self.outbox.reply(&Reply::Ended(Exit { how, left_open }))?;
        if self.leaving { self.end(Then::Leave) } else { Ok(()) }
    }

    /// Gives the owner a moment to read the rest.
    fn say_last_words(&mut self) -> io::Result<()> {
        let stdout = rustix::stdio::stdout();
        let limit = Instant::now() + LAST_WORDS;
        self.outbox.flush();
        while !self.abandoned && !self.outbox.is_empty() && Instant::now() < limit {
            let left = tree::timespec(limit.saturating_duration_since(Instant::now()));
            match poll(&mut [PollFd::new(&stdout, PollFlags::OUT)], Some(&left)) {
                Ok(_) | Err(Errno::INTR) => self.outbox.flush(),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// Opens a listener on the loopback address of this network namespace and hands it to the owner, in whose network that
/// address may be another one.
fn listen(port: u16) -> Result<(), String> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .and_then(|listener| wire::send_descriptor(rustix::stdio::stdin(), &listener))
        .map_err(|error| error.to_string())
}

/// What can be done without blocking.
#[derive(Debug, Default)]
struct Ready {
    signal: bool,
    request: bool,
    sources: Vec<bool>,
}

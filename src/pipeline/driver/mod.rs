//! Performing the effects of the executions that this process owns.
//!
//! Owns: ownership of executions, a thread per running action, reporting what actions do, and noticing what other
//! processes append. Level-triggered: after every message the driver compares what the state asks for ([`effects`](super::engine::effects))
//! with what it is doing, and makes the two agree; so a stop that another process recorded, a stage that another
//! process freed and a retry of a failed sibling need no code of their own here. Leaves to `engine` every decision,
//! to the providers every deed.

mod aftermath;
mod approvals;
mod conduct;
mod ownership;
mod providers;
mod record;
#[cfg(test)]
mod tests;
mod worker;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::action::{self, Cancel, Progress, StopReason};
use crate::clock::Clock;
use crate::store::{self, Ownership, Store};

use super::engine::{
    ActionResult, Answering, Execution, Recorded, Refusal, Request, RetryMode, Start, State,
};
use super::journal::{Journal, JournalError};

pub use approvals::{Approvals, Ask};
pub use providers::{Judge, Providers};
pub use worker::{INTERNAL_ERROR, NOT_PERFORMED};

/// How often the owners of stages that are waited for are looked after when nothing else happens.
const LOOK_AFTER: Duration = Duration::from_secs(1);

/// What a driver works with.
#[derive(Clone)]
pub struct Settings {
    /// Where events, logs and artifacts are kept.
    pub store: Store,
    /// What the time is.
    pub clock: Arc<dyn Clock>,
    /// Where workspaces are made ([`store::Paths::work`]).
    pub work: PathBuf,
    /// How many actions run at once.
    pub concurrency: NonZeroUsize,
}

/// Makes the providers for an execution: those of its own commit's projects, which [`Execution::origin`] tells of. When
/// that is not possible, the text says why, and the execution's actions fail for that reason.
pub type Equip<'a> = dyn Fn(&Execution) -> Result<Providers, String> + 'a;

/// Hears of every event of the executions that the driver owns, and of those that concern them, in the order of the
/// stream, with the state after it.
pub type Observer<'a> = dyn FnMut(&Recorded, &State) + 'a;

/// How a drive ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Driven {
    /// The execution ended.
    Ended(Box<Execution>),
    /// Another living process owns the execution. It was told, and goes on.
    Elsewhere,
    /// The execution waits for an answer to an approval, or before a stage whose execution does; nobody owns it now.
    Pending(Box<Execution>),
}

/// Why a drive did not come to its end. Everything it had started has been ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request to begin with was refused, or the log could not be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An action could not be performed: Rehearsal itself could not go on.
    #[error(transparent)]
    Action(#[from] action::Error),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Journal(error.into())
    }
}

/// Something the driver's loop wakes up for.
enum Message {
    /// A running action has something to tell.
    Progress { action_execution: String, progress: Progress },
    /// An action's thread is done.
    Ended { action_execution: String, result: Box<Result<ActionResult, action::Error>> },
    /// What actions had left running was ended or started again, which gave these lines.
    Aside(Box<Result<Vec<String>, action::Error>>),
    /// Somebody appended to the stream, or it is time to look.
    Bell,
    /// Nobody listens to the bell any more.
    Deaf(store::Error),
    /// The process was told to end.
    Signal(i32),
    /// Somebody who was asked here answers an approval.
    Answer(Box<Answering>),
    /// Nobody here answers approvals any more.
    Leave,
}

/// Tells a driver from another thread that the process was asked to end.
#[derive(Debug, Clone)]
pub struct Handle(Sender<Message>);

impl Handle {
    /// Asks the running actions to end, and stops the executions: what SIGINT, SIGTERM and SIGHUP do.
    pub fn signal(&self, number: i32) {
        // A driver that has gone has nothing left to end.
        let _ = self.0.send(Message::Signal(number));
    }
}

/// Carries executions of one stream.
pub struct Driver<'a> {
    settings: Settings,
    equip: Box<Equip<'a>>,
    observer: Box<Observer<'a>>,
    journal: Journal,
    approvals: Approvals<'a>,
    /// Approvals that somebody was asked about, by their action executions.
    asked: BTreeSet<String>,
    /// Whether an execution was let go while it waited for somebody.
    left: bool,
    owned: BTreeMap<String, Owned>,
    running: BTreeMap<String, Running>,
    /// Threads whose actions have ended, and which still tidy up.
    tidying: Vec<JoinHandle<()>>,
    /// Executions owned elsewhere, or nowhere, that were seen to enter a stage.
    entered: BTreeMap<String, Recorded>,
    /// Executions that nobody carries and that wait for a stage that is held here: claimed while the stage may get
    /// free, so that nobody finds them inside without an owner.
    claimed: BTreeMap<String, Ownership>,
    /// The signal that told the process to end.
    signal: Option<i32>,
    /// The first failure of Rehearsal itself. The drive goes on to a truthful end.
    trouble: Option<action::Error>,
    sender: Sender<Message>,
    receiver: Receiver<Message>,
}

struct Owned {
    _ownership: Ownership,
    /// Made when the first action is performed.
    providers: Option<Result<Providers, String>>,
    /// Whether what its actions had left running was seen to.
    resumed: bool,
}

impl Owned {
    fn new(ownership: Ownership) -> Self {
        Self { _ownership: ownership, providers: None, resumed: false }
    }
}

struct Running {
    execution: String,
    cancel: Cancel,
    thread: JoinHandle<()>,
}

impl<'a> Driver<'a> {
    /// A driver for executions of `stream`, which owns none yet.
    pub fn new(
        settings: Settings,
        stream: &str,
        equip: impl Fn(&Execution) -> Result<Providers, String> + 'a,
        observer: impl FnMut(&Recorded, &State) + 'a,
    ) -> Result<Self, Error> {
        let (sender, receiver) = channel();
        Ok(Self {
            journal: Journal::open(&settings.store, stream)?,
            settings,
            equip: Box::new(equip),
            observer: Box::new(observer),
            approvals: Approvals::default(),
            asked: BTreeSet::new(),
            left: false,
            owned: BTreeMap::new(),
            running: BTreeMap::new(),
            tidying: Vec::new(),
            entered: BTreeMap::new(),
            claimed: BTreeMap::new(),
            signal: None,
            trouble: None,
            sender,
            receiver,
        })
    }

    /// The same driver with another policy about approvals; the first one is to leave them.
    #[must_use]
    pub fn with_approvals(mut self, approvals: Approvals<'a>) -> Self {
        self.approvals = approvals;
        self
    }

    /// Tells this driver from elsewhere, also before it drives.
    pub fn handle(&self) -> Handle {
        Handle(self.sender.clone())
    }

    /// Starts an execution and carries it to its end.
    pub fn start(mut self, start: Start) -> Result<Driven, Error> {
        let execution = start.execution.clone();
        // Before the first event, so that nobody finds the execution without an owner.
        let ownership = self.settings.store.own(&execution)?.ok_or_else(|| {
            JournalError::Refused(Refusal::Conflict(format!("execution {execution} is owned already")))
        })?;
        // All that it will have left running runs here.
        self.owned.insert(execution.clone(), Owned { resumed: true, ..Owned::new(ownership) });
        self.drive(&execution, &Request::Start(Box::new(start)))
    }

    /// Retries the stage that an execution ended in, and carries it to its end. One that waits before a stage, or got into
    /// it and has begun nothing, and that nobody carries, goes on here.
    pub fn retry(mut self, execution: &str, stage: Option<&str>, mode: RetryMode) -> Result<Driven, Error> {
        let request = Request::Retry { execution: execution.into(), stage: stage.map(str::to_owned), mode };
        if !self.own(execution)? {
            // Some of its actions failed while others still run, and its owner sees to them.
            self.request(&request)?;
            if !self.own(execution)? {
                return Ok(Driven::Elsewhere);
            }
            self.refresh()?;
            if !self.is_half_done(execution) {
                return self.carry(execution);
            }
            // Its owner died a moment ago, and what it had begun is lost.
            self.report(&Request::Interrupt { execution: execution.into() })?;
            return self.drive(execution, &request);
        }
        // Retention may have removed the execution before it was owned; from here on it cannot.
        self.journal = Journal::open(&self.settings.store, self.journal.stream())?;
        let found = self.journal.state().execution(execution);
        let next = found.and_then(|found| found.awaited_stage().or_else(|| found.untouched_stage()));
        if next.is_some_and(|next| stage.is_none_or(|stage| stage == next)) {
            return self.carry(execution);
        }
        if found.is_some_and(Execution::needs_owner) {
            // Its owner died a moment ago. Somebody may have stopped it since, which needs no owner.
            self.report(&Request::Interrupt { execution: execution.into() })?;
        }
        self.drive(execution, &request)
    }

    fn drive(self, execution: &str, request: &Request) -> Result<Driven, Error> {
        let mut this = self;
        this.request(request)?;
        this.carry(execution)
    }

    /// Carries all owned executions to their end, and ends whatever runs when that is not possible.
    fn carry(mut self, execution: &str) -> Result<Driven, Error> {
        let outcome = self.listen().and_then(|()| self.run());
        for running in self.running.values() {
            running.cancel.request(StopReason::Stopped);
        }
        let threads = std::mem::take(&mut self.running).into_values().map(|running| running.thread);
        for thread in threads.chain(self.tidying.drain(..)) {
            // A panic was reported in its place.
            let _ = thread.join();
        }
        if outcome.is_err() {
            for execution in self.owned.keys().cloned().collect::<Vec<_>>() {
                // The first error is told. Without a log, things end all the same.
                let _ = self.wind_down(&execution);
            }
        }
        outcome?;
        if let Some(trouble) = self.trouble {
            return Err(trouble.into());
        }
        let ended = self.journal.state().execution(execution).cloned();
        let missing = || JournalError::Refused(Refusal::ExecutionNotFound(execution.into()));
        let found = Box::new(ended.ok_or_else(missing)?);
        Ok(match (found.status.is_live(), self.left) {
            (false, _) => Driven::Ended(found),
            (true, true) => Driven::Pending(found),
            // Somebody answered in the moment it was let go, and carries it on.
            (true, false) => Driven::Elsewhere,
        })
    }

    /// From now on the loop wakes up when somebody appends to the stream.
    fn listen(&self) -> Result<(), Error> {
        let mut bell = self.settings.store.bell(self.journal.stream())?;
        let sender = self.sender.clone();
        let listen = move || {
            loop {
                let message = match bell.wait(LOOK_AFTER) {
                    Ok(_) => Message::Bell,
                    Err(error) => Message::Deaf(error),
                };
                let deaf = matches!(message, Message::Deaf(_));
                if sender.send(message).is_err() || deaf {
                    return;
                }
            }
        };
        let listener = std::thread::Builder::new().name("bell".into()).spawn(listen);
        listener.map(drop).map_err(action::Error::during("cannot start a thread"))?;
        Ok(())
    }
}

//! The driver with providers made for the purpose: no process is started, nothing is waited for but events, each with a
//! ceiling of 30 seconds.

mod approving;
mod carrying;
mod crashing;
mod sharing;

use std::collections::BTreeMap;
use std::io::{PipeReader, PipeWriter};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::*;
use crate::action::{Failure, Job, Outcome, Provider, Sink, Status, Stream};
use crate::clock::{ManualClock, Timestamp};
use crate::pipeline::engine::{ActionStatus, ExecutionStatus, StopCause, StopMode};
use crate::pipeline::testing::{edit, output, pipeline, start};
use crate::spec::pipeline::{Category, Pipeline};
use crate::store::{Paths, Surroundings};

const CEILING: Duration = Duration::from_secs(30);

/// A store of its own, and workspaces beside it.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn work(&self) -> PathBuf {
        self.paths().work().to_owned()
    }

    fn paths(&self) -> Paths {
        let root = self.folder.path();
        let surroundings = Surroundings {
            git_common_dir: None,
            project: root,
            home: Some(root),
            xdg_state_home: None,
            xdg_cache_home: None,
            temp: root,
        };
        Paths::choose(&surroundings).unwrap()
    }

    /// The store as a process opens it.
    fn store(&self) -> Store {
        Store::open(&self.paths()).unwrap()
    }

    fn settings(&self) -> Settings {
        Settings {
            store: self.store(),
            clock: Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH)),
            work: self.work(),
            concurrency: NonZeroUsize::new(4).unwrap(),
        }
    }

    /// What lies in the folder of workspaces, but for its locks.
    fn left_behind(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.work()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !name.starts_with('.')).collect()
    }

    /// The state as another process reads it.
    fn state(&self) -> State {
        Journal::open(&self.store(), STREAM).unwrap().state().clone()
    }

    /// Makes a request as another process does.
    fn request(&self, request: &Request) {
        let mut journal = Journal::open(&self.store(), STREAM).unwrap();
        journal.request(Timestamp::UNIX_EPOCH, request, &mut |_, _| {}).unwrap();
    }

    /// Reports, as the owner does, that an action began; its run is called `EXECUTION-ACTION`.
    fn begin(&self, execution: &str, stage: &str, action: &str) {
        self.request(&Request::StartAction {
            execution: execution.into(),
            stage: stage.into(),
            action: action.into(),
            action_execution: format!("{execution}-{action}"),
        });
    }

    /// Reports, as the owner does, that the run began so has ended.
    fn end(&self, execution: &str, action: &str, status: ActionStatus) {
        self.request(&Request::ReportResult {
            execution: execution.into(),
            action_execution: format!("{execution}-{action}"),
            result: Box::new(ActionResult::new(status)),
        });
    }
}

const STREAM: &str = "pipeline/service";

type Deed = dyn Fn(&Job, &mut dyn Sink, &Cancel) -> Result<Outcome, action::Error> + Send + Sync;

/// A provider that does for each action what was said, and otherwise succeeds.
#[derive(Clone, Default)]
struct Scripted {
    deeds: BTreeMap<String, Arc<Deed>>,
    jobs: Arc<Mutex<Vec<Job>>>,
}

impl Scripted {
    fn new() -> Self {
        Self::default()
    }

    fn on(
        mut self,
        action: &str,
        deed: impl Fn(&Job, &mut dyn Sink, &Cancel) -> Result<Outcome, action::Error> + Send + Sync + 'static,
    ) -> Self {
        self.deeds.insert(action.into(), Arc::new(deed));
        self
    }

    /// The action waits until the gate opens, or ends as stopped when it is asked to end.
    fn gated(self, action: &str, gate: &Gate) -> Self {
        let gate = gate.clone();
        self.on(action, move |_, _, cancel| Ok(gate.pass(cancel)))
    }

    fn providers(&self) -> Providers {
        let provider: Arc<dyn Provider> = Arc::new(self.clone());
        Providers::new().with(Category::Source, "CodeCommit", Arc::clone(&provider)).with(
            Category::Build,
            "CodeBuild",
            provider,
        )
    }

    /// The names of the actions performed so far.
    fn performed(&self) -> Vec<String> {
        self.jobs.lock().unwrap().iter().map(|job| job.action.clone()).collect()
    }

    fn job(&self, action: &str) -> Job {
        self.jobs.lock().unwrap().iter().find(|job| job.action == action).unwrap().clone()
    }
}

impl Provider for Scripted {
    fn perform(&self, job: &Job, sink: &mut dyn Sink, cancel: &Cancel) -> Result<Outcome, action::Error> {
        assert!(job.workspace.is_dir());
        self.jobs.lock().unwrap().push(job.clone());
        match self.deeds.get(&job.action) {
            Some(deed) => deed(job, sink, cancel),
            None => Ok(Outcome::succeeded()),
        }
    }
}

/// Something that opens once, for all who wait before it.
#[derive(Clone)]
struct Gate {
    reader: Arc<PipeReader>,
    writer: Arc<Mutex<Option<PipeWriter>>>,
    tell: Sender<()>,
    arrivals: Arc<Mutex<Receiver<()>>>,
}

impl Gate {
    fn new() -> Self {
        let (reader, writer) = std::io::pipe().unwrap();
        let (sender, receiver) = channel();
        Self {
            reader: Arc::new(reader),
            writer: Arc::new(Mutex::new(Some(writer))),
            tell: sender,
            arrivals: Arc::new(Mutex::new(receiver)),
        }
    }

    fn open(&self) {
        *self.writer.lock().unwrap() = None;
    }

    /// Waits until somebody stands before the gate.
    fn await_arrival(&self) {
        self.arrivals.lock().unwrap().recv_timeout(CEILING).unwrap();
    }

    fn pass(&self, cancel: &Cancel) -> Outcome {
        self.tell.send(()).unwrap();
        let (gate, end) = (self.reader.as_fd(), cancel.as_fd());
        let mut ready = [PollFd::new(&gate, PollFlags::IN), PollFd::new(&end, PollFlags::IN)];
        let ceiling = Timespec { tv_sec: 30, tv_nsec: 0 };
        assert!(poll(&mut ready, Some(&ceiling)).unwrap() > 0, "nobody opened the gate");
        if cancel.reason().is_some() {
            return Outcome::with_status(Status::Stopped, Some(Failure::default()));
        }
        Outcome::succeeded()
    }
}

/// A driver on a thread of its own, as a process of its own would be one.
struct Process {
    handle: Handle,
    events: Receiver<String>,
    thread: JoinHandle<Result<Driven, Error>>,
}

impl Process {
    fn spawn(
        settings: Settings,
        providers: Providers,
        act: impl FnOnce(Driver<'_>) -> Result<Driven, Error> + Send + 'static,
    ) -> Self {
        let (tell, events) = channel();
        let (hand, handle) = channel();
        let thread = std::thread::spawn(move || {
            let observer = move |recorded: &Recorded, _: &State| {
                let event = &recorded.event;
                let _ = tell.send(format!("{} {}", event.execution, event.fact.name()));
            };
            let driver = Driver::new(settings, STREAM, move |_| Ok(providers.clone()), observer)?;
            hand.send(driver.handle()).unwrap();
            act(driver)
        });
        Self { handle: handle.recv_timeout(CEILING).unwrap(), events, thread }
    }

    fn start(settings: Settings, scripted: &Scripted, id: &str, definition: &Pipeline) -> Self {
        let start = start(id, definition);
        Self::spawn(settings, scripted.providers(), move |driver| driver.start(start))
    }

    /// Waits until the observer heard of this.
    fn await_event(&self, wanted: &str) {
        while self.events.recv_timeout(CEILING).unwrap() != wanted {}
    }

    fn join(self) -> Result<Driven, Error> {
        self.thread.join().unwrap()
    }

    fn ended(self) -> Execution {
        match self.join().unwrap() {
            Driven::Ended(execution) => *execution,
            Driven::Elsewhere => panic!("another process owns the execution"),
            Driven::Pending(execution) => panic!("left waiting: {execution:?}"),
        }
    }
}

/// Starts an execution here and carries it to its end.
fn carry(place: &Place, scripted: &Scripted, definition: &Pipeline) -> Result<Driven, Error> {
    Process::start(place.settings(), scripted, "A", definition).join()
}

fn carried(place: &Place, scripted: &Scripted, definition: &Pipeline) -> Execution {
    Process::start(place.settings(), scripted, "A", definition).ended()
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

/// A clock that, the first time it is asked, lets something else happen.
struct Meanwhile(Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl Meanwhile {
    fn clock(act: impl FnOnce() + Send + 'static) -> Arc<dyn Clock> {
        Arc::new(Self(Mutex::new(Some(Box::new(act)))))
    }
}

impl Clock for Meanwhile {
    fn now(&self) -> Timestamp {
        let act = self.0.lock().unwrap().take();
        if let Some(act) = act {
            act();
        }
        Timestamp::UNIX_EPOCH
    }

    fn wait(&self, _: Duration) {}
}

//! `rehearsal watch`: pipelines start for new commits and tags, as their definitions say.
//!
//! Owns: waiting, looking, starting, and the end. Each execution is carried by a thread with a driver of its own, so that
//! a newer commit's execution starts while an older one runs and can supersede it. Leaves to `repo`: what moved. Leaves
//! to `pushes`: what that starts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::Scope;
use std::time::{Duration, Instant};

use super::arguments::Watch;
use super::drive::{Approving, Drive};
use super::ending::{Ending, Failure};
use super::equip::Equipment;
use super::history;
use super::host::Host;
use super::output::Output;
use super::place::{Ground, Place};
use super::plan::Plan;
use super::pushes::{self, Bounded, Judged};
use super::signals::Listener;
use super::view::View;
use super::words;
use crate::clock::new_id;
use crate::pipeline::driver::Handle;
use crate::pipeline::engine::{Event, Fact, Start, Trigger};
use crate::pipeline::trigger::{Cause, RefChange, RefName, Verdict};
use crate::repo::{self, GitRepository, Moved, RefBell, Repository, Seen};

/// How long it must be quiet before refs are looked at: git moves several files for one ref.
const QUIET: Duration = Duration::from_millis(150);

/// How long ringing may go on before refs are looked at all the same.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often refs are looked at without a ring: on network disks nobody rings, and rings get lost.
const POLL: Duration = Duration::from_secs(5);

/// The lock that one watcher of a repository holds.
const LOCK: &str = "watch";

pub(super) fn perform(arguments: &Watch, host: &Host, output: &Output) -> Result<Ending, Failure> {
    let ground = Ground::find(host)?;
    let Some(repository) = ground.repository.clone() else {
        let message = format!("{} is not inside a git repository", host.directory.display());
        return Err(Failure::unusable(message).hint("`rehearsal watch` looks at the refs of one"));
    };
    let place = ground.open(host, output)?;
    let Some(_lock) = place.store.own(LOCK)? else {
        return Err(Failure::unusable("another `rehearsal watch` watches this repository already"));
    };
    let (sender, receiver) = channel();
    let listener = {
        let (sender, output) = (sender.clone(), *output);
        let first = move |number| drop(sender.send(Wake::Signal(number)));
        let last = move || output.talk("ended at once; the next command completes the record");
        Listener::start(first, last)
    };
    let _listener =
        listener.map_err(|error| Failure::broken(format!("cannot listen for signals: {error}")))?;
    let equipment = Equipment::new(host, &place, arguments.timeout, output)?;
    let shared = Shared { arguments, output, place: &place, equipment, handles: Mutex::default() };
    std::thread::scope(|scope| {
        let seen = Seen::open(&place.store)?;
        let mut watcher = Watcher {
            scope,
            shared: &shared,
            repository: &repository,
            seen,
            sender,
            receiver,
            running: 0,
            rung: false,
            signal: None,
            worst: Ending::Well,
        };
        if arguments.once { watcher.once() } else { Ok(watcher.forever()) }
    })
}

/// What the watcher wakes up for.
enum Wake {
    /// A ref may have moved.
    Refs,
    /// The process was told to end.
    Signal(i32),
    /// This execution is in the log.
    Began(String),
    /// This execution is not carried any more.
    Ended(String, Result<Ending, Failure>),
}

/// What the threads share.
struct Shared<'a> {
    arguments: &'a Watch,
    output: &'a Output,
    place: &'a Place,
    equipment: Equipment,
    /// What tells each driver that the process is to end.
    handles: Mutex<BTreeMap<String, Handle>>,
}

struct Watcher<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    shared: &'env Shared<'env>,
    repository: &'env GitRepository,
    seen: Seen,
    sender: Sender<Wake>,
    receiver: Receiver<Wake>,
    running: usize,
    /// Whether a ref moved while others were being started.
    rung: bool,
    signal: Option<i32>,
    /// The worst that came of what was started.
    worst: Ending,
}

impl Watcher<'_, '_> {
    fn once(&mut self) -> Result<Ending, Failure> {
        let looked = self.look();
        self.drain();
        looked?;
        Ok(self.signal.map_or(self.worst, Ending::Signal))
    }

    fn forever(&mut self) -> Ending {
        let sender = self.sender.clone();
        // Refs that move from here on ring; those that moved before are seen by the first look.
        let bell = RefBell::hang(self.repository, move || drop(sender.send(Wake::Refs)));
        if let Err(why) = &bell {
            let every = words::duration(POLL);
            self.output().note(format_args!("refs are looked at every {every} only: {why}"));
        }
        let root = self.repository.work_dir().unwrap_or(self.repository.common_dir());
        self.output().talk(format_args!("watching branches and tags of {} (Ctrl-C ends)", shown(root)));
        let mut trouble = String::new();
        while self.signal.is_none() {
            if let Err(failure) = self.look() {
                // It goes on until somebody does something about it, and is said once.
                if trouble != failure.message {
                    self.output().failure(&failure);
                }
                trouble = failure.message;
            } else {
                trouble.clear();
            }
            self.wait();
        }
        self.drain();
        self.signal.map_or(self.worst, Ending::Signal)
    }

    /// Waits for a ring and the quiet after it, for a signal, or until it is time to look anyway.
    fn wait(&mut self) {
        let rung = std::mem::take(&mut self.rung);
        let mut patience = if rung { QUIET } else { POLL };
        let mut until = Instant::now() + patience;
        while self.signal.is_none() {
            let left = until.saturating_duration_since(Instant::now()).min(patience);
            match self.receiver.recv_timeout(left) {
                Ok(Wake::Refs) if patience == POLL => {
                    patience = QUIET;
                    until = Instant::now() + PATIENCE;
                }
                Ok(Wake::Refs) => {}
                Ok(wake) => self.hear(wake),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Waits until nothing runs any more.
    fn drain(&mut self) {
        while self.running > 0 {
            // This end holds a sender itself, so there is always one.
            let Ok(wake) = self.receiver.recv() else { return };
            self.hear(wake);
        }
    }

    fn hear(&mut self, wake: Wake) {
        match wake {
            Wake::Refs => {}
            Wake::Began(execution) => {
                // One that came before there was anybody to tell.
                let handles = self.shared.handles.lock().unwrap_or_else(PoisonError::into_inner);
                if let (Some(number), Some(handle)) = (self.signal, handles.get(&execution)) {
                    handle.signal(number);
                }
            }
            Wake::Signal(number) => {
                self.signal = Some(number);
                let handles = self.shared.handles.lock().unwrap_or_else(PoisonError::into_inner);
                if !handles.is_empty() {
                    let what = words::count(handles.len(), "execution", "executions");
                    self.output().talk(format_args!("stopping {what} (once more to end at once)"));
                }
                for handle in handles.values() {
                    handle.signal(number);
                }
            }
            Wake::Ended(execution, ending) => {
                self.running -= 1;
                let mut handles = self.shared.handles.lock().unwrap_or_else(PoisonError::into_inner);
                handles.remove(&execution);
                drop(handles);
                // An execution that waits for an approval comes back as pending here, and is left so: whoever answers
                // carries it on (design 2, "Approvals").
                let ending = ending.unwrap_or_else(|failure| self.output().failure(&failure));
                self.note(ending);
            }
        }
    }

    fn note(&mut self, ending: Ending) {
        if rank(ending) > rank(self.worst) {
            self.worst = ending;
        }
    }

    /// Looks at the refs, and starts what those that moved start.
    fn look(&mut self) -> Result<(), Failure> {
        let now = repo::snapshot(self.repository)?;
        let at = self.shared.place.clock.now();
        if self.seen.is_first() {
            let moved = self.seen.moved(&now);
            self.seen.remember(at, &moved)?;
            let tags = moved.iter().filter(|moved| moved.name.starts_with("refs/tags/")).count();
            let what = format!(
                "{} and {}",
                words::count(moved.len() - tags, "branch", "branches"),
                words::count(tags, "tag", "tags")
            );
            self.output().note(format_args!("first look: {what} remembered as they are, nothing started"));
            return Ok(());
        }
        let mut moved = self.seen.moved(&now);
        if moved.iter().any(|moved| moved.to.is_none()) {
            // While git packs refs, one may be in neither place for a moment: a deletion must be seen twice.
            moved = self.seen.moved(&repo::snapshot(self.repository)?);
        }
        for moved in moved {
            if self.signal.is_some() {
                return Ok(());
            }
            if let (Some(to), Some(name)) = (&moved.to, RefName::parse(&moved.name))
                && let Err(failure) = self.pushed(&name, &moved, to.as_str())
            {
                self.said(&name, to.short(), &failure);
            }
            // Remembered once all that it starts is in the log: a crash before that may start it twice, never not at
            // all. What cannot be started now is not tried again: AWS does not either.
            self.seen.remember(self.shared.place.clock.now(), std::slice::from_ref(&moved))?;
        }
        Ok(())
    }

    fn pushed(&mut self, name: &RefName, moved: &Moved, to: &str) -> Result<(), Failure> {
        let commit = pushes::commit(self.repository, to, name)?;
        let from = moved.from.as_ref().map(repo::CommitId::as_str);
        let change =
            RefChange { name: name.clone(), changed: pushes::changed(self.repository, from, &commit.id) };
        let mut against = Vec::new();
        let mut started = false;
        let model = self.shared.arguments.branching;
        for judged in pushes::judge(self.repository, &commit, &change, model)? {
            match judged {
                Err(failure) => {
                    started = true;
                    self.said(name, commit.id.short(), &failure);
                }
                Ok(Judged { plan, verdict: Verdict::Not(reasons) }) => {
                    against.push((plan.definition.pipeline.name.clone(), reasons));
                }
                Ok(Judged { plan, verdict: Verdict::Starts(cause) }) => {
                    started = true;
                    if let Err(failure) = self.start(plan, &cause, name) {
                        self.said(name, commit.id.short(), &failure);
                    }
                }
            }
        }
        if !started {
            self.output().talk(format_args!(
                "{} {} starts nothing: {}",
                pushes::short_name(name),
                commit.id.short(),
                pushes::reasons(&against)
            ));
        }
        Ok(())
    }

    /// Says why nothing starts for a ref; watching goes on.
    fn said(&mut self, name: &RefName, commit: &str, failure: &Failure) {
        self.output().talk(format_args!("{} {commit} cannot be rehearsed:", pushes::short_name(name)));
        self.output().failure(failure);
        self.note(failure.ending);
    }

    fn start(&mut self, plan: Plan<'_>, cause: &Cause, name: &RefName) -> Result<(), Failure> {
        let pipeline = plan.definition.pipeline.name.clone();
        let Bounded { plan, nothing_before } = pushes::bounded(plan, cause.extent);
        if let Some(stage) = nothing_before {
            self.output()
                .talk(format_args!("{pipeline} has no tests before its stage {stage}: nothing to run"));
            return Ok(());
        }
        let warnings = plan.check()?;
        self.output().findings(&warnings);
        let execution = new_id();
        let trigger = Trigger {
            kind: cause.kind,
            detail: Some(format!("rehearsal watch: {}: {}", name.full(), cause.why)),
        };
        let start = plan.start(&execution, BTreeMap::new(), trigger);
        self.launch(pipeline, &execution, start, warnings.len());
        Ok(())
    }

    /// Starts the thread of an execution, and waits until it is in the log: whoever was pushed first comes first.
    fn launch(&mut self, pipeline: String, execution: &str, start: Start, warnings: usize) {
        let (shared, sender, id) = (self.shared, self.sender.clone(), execution.to_owned());
        self.running += 1;
        self.scope.spawn(move || {
            let ended = shared.carry(&pipeline, &id, start, warnings, &sender);
            drop(sender.send(Wake::Ended(id, ended)));
        });
        loop {
            let Ok(wake) = self.receiver.recv() else { return };
            let this = match &wake {
                Wake::Began(other) | Wake::Ended(other, _) => *other == execution,
                Wake::Refs => {
                    self.rung = true;
                    false
                }
                Wake::Signal(_) => false,
            };
            self.hear(wake);
            if this {
                return;
            }
        }
    }

    fn output(&self) -> &Output {
        self.shared.output
    }
}

impl Shared<'_> {
    /// Carries an execution to its end.
    fn carry(
        &self,
        pipeline: &str,
        execution: &str,
        start: Start,
        warnings: usize,
        sender: &Sender<Wake>,
    ) -> Result<Ending, Failure> {
        let stream = history::pipeline_stream(pipeline);
        let report = self.arguments.report;
        let drive = Drive {
            place: self.place,
            output: self.output,
            report,
            stream: &stream,
            execution,
            pipeline,
            warnings,
            again: None,
            done: None,
            streams_output: false,
            // Many executions share this terminal: whoever is asked answers with `rehearsal approve`.
            approving: Approving::Leave,
            flags: String::new(),
            by: String::new(),
        };
        let view =
            if report.json { drive.view() } else { View::among_others(*self.output, execution, pipeline) };
        let register = |handle| {
            let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
            handles.insert(execution.to_owned(), handle);
            Ok(())
        };
        let hear = |event: &Event| {
            if event.execution == execution && matches!(event.fact, Fact::ExecutionStarted(_)) {
                drop(sender.send(Wake::Began(execution.to_owned())));
            }
        };
        let equip = |execution: &_| self.equipment.providers(execution);
        drive.carry_as(view, register, hear, equip, |driver| driver.start(start))
    }
}

/// How bad an ending is: a signal ends everything, an approval that is pending is hardly bad.
fn rank(ending: Ending) -> u8 {
    match ending {
        Ending::Well | Ending::ReaderGone => 0,
        Ending::Pending => 1,
        Ending::NotWell => 2,
        Ending::Limit => 3,
        Ending::Unusable => 4,
        Ending::Broken => 5,
        Ending::Signal(_) => 6,
    }
}

/// A folder without the slash that git ends it with.
fn shown(folder: &Path) -> String {
    let text = folder.display().to_string();
    text.strip_suffix('/').filter(|text| !text.is_empty()).map_or(text.clone(), str::to_owned)
}

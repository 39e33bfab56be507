//! One stream of the store as the state machine sees it.
//!
//! Owns: folding stored events, and appending what follows from a request under the expected sequence number, again and
//! again until nobody else was quicker. Leaves to the driver: acting on what was recorded.

use crate::clock::Timestamp;
use crate::store::{self, AppendError, NewEvent, Store, StoredEvent};

use super::engine::{Event, Fact, IllegalEvent, Recorded, Refusal, Request, State, Unreadable, decide};

/// Streams whose events are those of this module; each prefix is followed by a name or an identifier (design 5).
const STREAMS: [&str; 3] = ["pipeline/", "hook/", "worktree/"];

/// Builds alone are executions of one action; each has a stream `build/PROJECT/ID` of its own, for they do not wait for
/// each other. The stream `build/PROJECT` counts them, and holds no executions.
const BUILDS: &str = "build/";

/// Whether the events of `stream` are those of pipeline executions.
pub fn is_pipeline_stream(stream: &str) -> bool {
    let of_build = stream.strip_prefix(BUILDS).is_some_and(|rest| rest.contains('/'));
    of_build || STREAMS.iter().any(|prefix| stream.starts_with(prefix))
}

/// Why a request was not granted, or a log not read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The request was refused; nothing changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// An event is in a form that this version cannot read.
    #[error("cannot read event {seq} of {stream}: {why}")]
    Unreadable {
        /// The stream.
        stream: String,
        /// The event's sequence number.
        seq: u64,
        /// What is wrong with it.
        why: Unreadable,
    },
    /// An event contradicts those before it.
    #[error("the log of {stream} contradicts itself at {seq}: {why}")]
    Corrupt {
        /// The stream.
        stream: String,
        /// The event's sequence number.
        seq: u64,
        /// What is wrong with it.
        why: IllegalEvent,
    },
    /// An event could not be put into the store's form.
    #[error("cannot write down an event: {0}")]
    Unwritable(serde_json::Error),
}

/// Hears of every event as it is folded, with the state after it.
pub type Watcher<'a> = &'a mut dyn FnMut(&Recorded, &State);

/// A stream with its state.
#[derive(Debug)]
pub struct Journal {
    store: Store,
    stream: String,
    state: State,
    seq: u64,
}

impl Journal {
    /// Folds a stream from its beginning.
    pub fn open(store: &Store, stream: &str) -> Result<Self, JournalError> {
        let mut journal =
            Self { store: store.clone(), stream: stream.into(), state: State::default(), seq: 0 };
        journal.refresh(&mut |_, _| {})?;
        Ok(journal)
    }

    /// The stream.
    pub fn stream(&self) -> &str {
        &self.stream
    }

    /// The state as of the last fold.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The sequence number of the last event folded.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Folds what was appended since.
    pub fn refresh(&mut self, watcher: Watcher<'_>) -> Result<(), JournalError> {
        let appended = self.store.events(&self.stream, self.seq)?;
        let gap = (self.seq + 1..).zip(&appended).any(|(seq, stored)| seq != stored.seq);
        if gap && self.seq > 0 { self.fold_anew(watcher) } else { self.fold_all(&appended, watcher) }
    }

    /// Folds the stream from its beginning: an execution has left it, and no event tells of that.
    fn fold_anew(&mut self, watcher: Watcher<'_>) -> Result<(), JournalError> {
        let seen = std::mem::take(&mut self.seq);
        self.state = State::default();
        let events = self.store.events(&self.stream, 0)?;
        let known = events.partition_point(|stored| stored.seq <= seen);
        self.fold_all(&events[..known], &mut |_, _| {})?;
        self.fold_all(&events[known..], watcher)?;
        self.seq = self.seq.max(seen);
        Ok(())
    }

    fn fold_all(&mut self, events: &[StoredEvent], watcher: Watcher<'_>) -> Result<(), JournalError> {
        for stored in events {
            let event = self.decode(stored)?;
            self.fold(&Recorded { seq: stored.seq, event }, watcher)?;
        }
        Ok(())
    }

    /// The last event that let an execution into a stage.
    pub fn entering(&self, execution: &str) -> Result<Option<Recorded>, JournalError> {
        for stored in self.store.events(&self.stream, 0)?.iter().rev() {
            if stored.execution.as_deref() == Some(execution) {
                let event = self.decode(stored)?;
                if matches!(event.fact, Fact::StageEntered { .. }) {
                    return Ok(Some(Recorded { seq: stored.seq, event }));
                }
            }
        }
        Ok(None)
    }

    /// Makes a request at the moment `at`, and records what follows from it.
    pub fn request(
        &mut self,
        at: Timestamp,
        request: &Request,
        watcher: Watcher<'_>,
    ) -> Result<(), JournalError> {
        loop {
            let events = decide(&self.state, at, request)?;
            let encoded: Result<Vec<_>, _> = events.iter().map(encode).collect();
            let encoded = encoded.map_err(JournalError::Unwritable)?;
            match self.store.append(&self.stream, self.seq, &encoded) {
                Ok(appended) => {
                    for (seq, event) in (appended.first..).zip(events) {
                        self.fold(&Recorded { seq, event }, watcher)?;
                    }
                    return Ok(());
                }
                Err(AppendError::Conflict { current, .. }) => {
                    self.refresh(watcher)?;
                    if self.seq < current {
                        // The last numbers of the stream have left with their execution.
                        self.fold_anew(watcher)?;
                        self.seq = self.seq.max(current);
                    }
                }
                Err(AppendError::Store(error)) => return Err(error.into()),
            }
        }
    }

    fn decode(&self, stored: &StoredEvent) -> Result<Event, JournalError> {
        let unreadable = |why| JournalError::Unreadable { stream: self.stream.clone(), seq: stored.seq, why };
        // Events of the stream itself are not known to this version.
        let execution = stored.execution.as_deref();
        let execution = execution.ok_or_else(|| unreadable(Unreadable::Kind(stored.kind.clone())))?;
        Event::decode(execution, stored.at, &stored.kind, &stored.body).map_err(unreadable)
    }

    fn fold(&mut self, recorded: &Recorded, watcher: Watcher<'_>) -> Result<(), JournalError> {
        let state = std::mem::take(&mut self.state);
        self.seq = recorded.seq;
        self.state = state.apply(&recorded.event).map_err(|why| JournalError::Corrupt {
            stream: self.stream.clone(),
            seq: recorded.seq,
            why,
        })?;
        watcher(recorded, &self.state);
        Ok(())
    }
}

fn encode(event: &Event) -> Result<NewEvent, serde_json::Error> {
    let (kind, body) = event.encode()?;
    Ok(NewEvent { execution: Some(event.execution.clone()), at: event.at, kind, body })
}

//! Asking a running action to end.

use std::io::{PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex, PoisonError};

/// Why something running is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum StopReason {
    /// `rehearsal stop`, or a stop of the execution.
    Stopped,
    /// The user pressed Ctrl-C, or the process was told to end (SIGINT, SIGTERM, SIGHUP).
    Signal(i32),
    /// A time limit passed.
    TimedOut,
}

/// A request to end that may be made once, from any thread, and seen by all who hold a clone.
///
/// It can be polled: [`Cancel::as_fd`] becomes readable (end of file) when the request is made.
#[derive(Debug, Clone)]
pub struct Cancel(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<(Option<StopReason>, Option<PipeWriter>)>,
    reader: PipeReader,
}

impl Cancel {
    /// A token nobody has asked anything of yet. Fails when the system has no descriptors left.
    pub fn new() -> std::io::Result<Self> {
        let (reader, writer) = std::io::pipe()?;
        Ok(Self(Arc::new(Inner { state: Mutex::new((None, Some(writer))), reader })))
    }

    /// Asks to end. The first reason stays.
    pub fn request(&self, reason: StopReason) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0.is_none() {
            *state = (Some(reason), None);
        }
    }

    /// The reason, once somebody asked.
    pub fn reason(&self) -> Option<StopReason> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).0
    }
}

impl AsFd for Cancel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.reader.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_stays_and_wakes_whoever_polls() {
        let cancel = Cancel::new().unwrap();
        assert_eq!(cancel.reason(), None);
        let seen = cancel.clone();
        cancel.request(StopReason::TimedOut);
        cancel.request(StopReason::Stopped);
        assert_eq!(seen.reason(), Some(StopReason::TimedOut));
        let mut byte = [0];
        assert_eq!(rustix::io::read(&seen, &mut byte), Ok(0));
    }
}

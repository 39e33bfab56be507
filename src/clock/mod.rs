//! Time, waiting and fresh identifiers, as inputs.
//!
//! Owns: the one door through which the present moment, a wait that Rehearsal itself makes, and a new random
//! identifier come in. Leaves to `process`: limits on real processes, which always run in real time.

use std::sync::Mutex;
use std::time::Duration;

pub use jiff::Timestamp;

/// Where the present moment and waits come from. Production uses [`SystemClock`], tests a [`ManualClock`].
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Lets `span` pass. A manual clock moves itself forward instead of waiting.
    fn wait(&self, span: Duration);
}

/// The machine's own clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may ask the machine")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that may wait")]
    fn wait(&self, span: Duration) {
        std::thread::sleep(span);
    }
}

/// A clock that stands still until it is told otherwise.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(Mutex::new(start))
    }

    /// Moves the clock forward by `span`.
    pub fn advance(&self, span: Duration) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = now.checked_add(span).unwrap_or(Timestamp::MAX);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn wait(&self, span: Duration) {
        self.advance(span);
    }
}

/// A fresh random identifier in AWS's form: a version 4 UUID in lower case, 36 characters.
pub fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        clock.wait(Duration::from_secs(1800));
        assert_eq!(clock.now().as_second(), 1800);
    }

    #[test]
    fn identifiers_have_the_form_of_a_uuid() {
        let id = new_id();
        assert_eq!(id.len(), 36);
        assert_ne!(id, new_id());
    }
}

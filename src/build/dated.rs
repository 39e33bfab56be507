//! Telling what is older: moments of a file system's own clock.
//!
//! Owns: the moments between which a build's commands write. Leaves to `reports` and `simulated`: what follows.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use crate::action::Error;

/// How long the beginning of commands waits for the file system's clock to move on.
const COARSEST: Duration = Duration::from_millis(50);

/// A moment of the file system's own clock, which is coarser than the machine's: what has an earlier date is older.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dated(SystemTime);

impl Dated {
    /// The present moment in `folder`.
    pub(super) fn now(folder: &Path) -> Result<Self, Error> {
        tempfile::tempfile_in(folder)
            .and_then(|file| file.metadata())
            .and_then(|metadata| metadata.modified())
            .map(Self)
            .map_err(Error::at("create a file in", folder))
    }

    /// Whether it is before `moment`.
    pub(super) fn is_before(self, moment: SystemTime) -> bool {
        self.0 < moment
    }

    /// Whether it is after `moment`.
    pub(super) fn is_after(self, moment: SystemTime) -> bool {
        self.0 > moment
    }

    /// The moment itself.
    #[cfg(test)]
    pub(super) fn moment(self) -> SystemTime {
        self.0
    }

    /// A moment in `folder` after this one, so that no file can have been written at both.
    pub(super) fn later(self, folder: &Path) -> Result<Self, Error> {
        let began = Instant::now();
        loop {
            let now = Self::now(folder)?;
            if now.0 > self.0 || began.elapsed() > COARSEST {
                return Ok(now);
            }
        }
    }
}

//! How a command ends: the exit codes, and what is said when it could not do what was asked.
//!
//! Owns: the one exhaustive match from the kind of an ending to its exit code, and the translation of each module's
//! errors into a kind, a sentence and hints. Leaves to `output` how it looks.

use std::io;

use crate::diagnostic::Finding;
use crate::pipeline::JournalError;
use crate::pipeline::driver;
use crate::pipeline::engine::Refusal;
use crate::{repo, store};

/// The kinds of ending a command can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All went well.
    Well,
    /// The reader of our output went away before we had said everything: nobody is left to tell.
    ReaderGone,
    /// An execution failed, was stopped or superseded; or there are findings of severity error.
    NotWell,
    /// Wrong usage, no repository, an unknown commit, a definition that cannot be used.
    Unusable,
    /// A limit was hit at run time: a timeout, a quota.
    Limit,
    /// Rehearsal itself could not go on: disk full, store unreadable.
    Broken,
    /// An execution waits for something that only somebody else can give.
    Pending,
    /// A signal ended it.
    Signal(i32),
}

impl Ending {
    /// The exit code. This is the whole table; README and `--help` repeat it.
    pub fn code(self) -> u8 {
        match self {
            Self::Well | Self::ReaderGone => 0,
            Self::NotWell => 1,
            Self::Unusable => 2,
            Self::Limit => 3,
            Self::Broken => 4,
            Self::Pending => 5,
            Self::Signal(number) => u8::try_from(number).unwrap_or(0).saturating_add(128),
        }
    }
}

/// Why a command could not do what was asked.
#[derive(Debug)]
pub struct Failure {
    /// The kind, which decides the exit code.
    pub ending: Ending,
    /// One sentence without a full stop; empty when the findings say it all.
    pub message: String,
    /// What to do about it, a line each.
    pub hints: Vec<String>,
    /// Findings in the user's files, where that is what is wrong.
    pub findings: Vec<Finding>,
}

impl Failure {
    fn new(ending: Ending, message: impl Into<String>) -> Self {
        Self { ending, message: message.into(), hints: Vec::new(), findings: Vec::new() }
    }

    /// The user asked for something that cannot be (exit 2).
    pub fn unusable(message: impl Into<String>) -> Self {
        Self::new(Ending::Unusable, message)
    }

    /// Rehearsal itself cannot go on (exit 4).
    pub fn broken(message: impl Into<String>) -> Self {
        Self::new(Ending::Broken, message)
    }

    /// Nothing goes on until somebody else does something (exit 5).
    pub fn pending(message: impl Into<String>) -> Self {
        Self::new(Ending::Pending, message)
    }

    /// A file of the user cannot be used (exit 2), as the findings tell.
    pub fn findings(findings: Vec<Finding>) -> Self {
        Self { findings, ..Self::new(Ending::Unusable, "") }
    }

    /// The same with advice below it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<io::Error> for Failure {
    /// Only output is written with `?` on plain I/O errors.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(Ending::ReaderGone, ""),
            _ => Self::broken(format!("cannot write output: {error}")),
        }
    }
}

impl From<crate::action::Error> for Failure {
    fn from(error: crate::action::Error) -> Self {
        let failure = Self::broken(error.to_string());
        match error.source.kind() {
            io::ErrorKind::StorageFull => failure.hint("make room on that disk, then run the command again"),
            _ => failure,
        }
    }
}

impl From<repo::Error> for Failure {
    fn from(error: repo::Error) -> Self {
        let failure = match &error {
            repo::Error::NotARepository { .. }
            | repo::Error::NoCommits { .. }
            | repo::Error::UnknownRevision { .. }
            | repo::Error::AmbiguousRevision { .. }
            | repo::Error::NotACommit { .. }
            | repo::Error::Unsupported { .. }
            | repo::Error::NotTrusted { .. }
            | repo::Error::NoWorkTree { .. }
            | repo::Error::InvalidTree { .. } => Self::unusable(error.to_string()),
            repo::Error::Git { .. } | repo::Error::Io { .. } => Self::broken(error.to_string()),
        };
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::broken(error.to_string())
    }
}

impl From<repo::SeenError> for Failure {
    fn from(error: repo::SeenError) -> Self {
        Self::broken(error.to_string())
    }
}

impl From<store::archive::Error> for Failure {
    fn from(error: store::archive::Error) -> Self {
        Self::broken(error.to_string())
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Refused(Refusal::Contradiction(why)) => {
                Self::broken(format!("the pipeline's state machine contradicts itself: {why}"))
                    .hint("this is a defect of Rehearsal: please report it")
            }
            JournalError::Refused(refusal) => match refusal.api_name() {
                Some(name) => Self::unusable(format!("{refusal} ({name})")),
                None => Self::unusable(refusal.to_string()),
            },
            JournalError::Store(error) => error.into(),
            JournalError::Unreadable { .. } | JournalError::Corrupt { .. } | JournalError::Unwritable(_) => {
                Self::broken(error.to_string())
            }
        }
    }
}

impl From<driver::Error> for Failure {
    fn from(error: driver::Error) -> Self {
        match error {
            driver::Error::Journal(error) => error.into(),
            driver::Error::Action(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_the_documented_ones() {
        for (ending, code) in [
            (Ending::Well, 0),
            (Ending::ReaderGone, 0),
            (Ending::NotWell, 1),
            (Ending::Unusable, 2),
            (Ending::Limit, 3),
            (Ending::Broken, 4),
            (Ending::Pending, 5),
            (Ending::Signal(1), 129),
            (Ending::Signal(2), 130),
            (Ending::Signal(15), 143),
        ] {
            assert_eq!(ending.code(), code, "{ending:?}");
        }
    }

    #[test]
    fn a_reader_that_went_away_is_a_quiet_success() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((failure.ending, failure.message.as_str()), (Ending::ReaderGone, ""));
        let failure = Failure::from(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(failure.ending, Ending::Broken);
    }
}

//! Evidence: what tests and evaluations said, as builds collected it, and what a gate makes of it.
//!
//! Owns: the plain values that travel from a build through the event log to a gate and to views. Leaves to `build` the
//! reading of report files, and to `gate` the verdicts.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// A report of one report group of a build (codebuild.md 3.13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The report group's name.
    pub group: String,
    /// What it reports on.
    pub kind: ReportKind,
    /// The API's status.
    pub status: ReportStatus,
    /// Test cases by their status; all zero in a coverage report.
    #[serde(default)]
    pub tests: TestCounts,
    /// Covered and missed lines; none in a test report, and where a file tells nothing of lines.
    #[serde(default)]
    pub lines: Option<LineCounts>,
    /// Why the report cannot be relied on: a file that is malformed, was not written by this build, or is not there.
    /// Evidence with trouble is no evidence.
    #[serde(default)]
    pub trouble: Vec<Trouble>,
}

/// Why a report cannot be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// What kind of trouble it is, which decides a gate's verdict.
    pub kind: TroubleKind,
    /// The sentence for people, on one line.
    pub text: String,
}

/// Kinds of trouble with a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TroubleKind {
    /// There is no file, or nothing that reads it, or the build ended before it could be read.
    Missing,
    /// A file was there before the build's commands began.
    Stale,
    /// A file is not what its format promises.
    Malformed,
    /// A file was written by a command of which something was simulated.
    Simulated,
}

/// The API's report types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReportKind {
    /// Test cases.
    Test,
    /// Code coverage.
    CodeCoverage,
}

/// The API's report statuses, as far as a finished report can have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReportStatus {
    /// All cases succeeded.
    Succeeded,
    /// Some did not.
    Failed,
    /// It could not be made as asked.
    Incomplete,
}

/// Test cases by their status (codebuild.md 3.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TestCounts {
    /// `SUCCEEDED`
    pub succeeded: u64,
    /// `FAILED`
    pub failed: u64,
    /// `ERROR`
    pub error: u64,
    /// `SKIPPED`
    pub skipped: u64,
    /// `UNKNOWN`
    pub unknown: u64,
}

impl std::ops::AddAssign for TestCounts {
    fn add_assign(&mut self, more: Self) {
        self.succeeded = self.succeeded.saturating_add(more.succeeded);
        self.failed = self.failed.saturating_add(more.failed);
        self.error = self.error.saturating_add(more.error);
        self.skipped = self.skipped.saturating_add(more.skipped);
        self.unknown = self.unknown.saturating_add(more.unknown);
    }
}

impl TestCounts {
    /// All cases.
    pub fn total(&self) -> u64 {
        let all = [self.succeeded, self.failed, self.error, self.skipped, self.unknown];
        all.iter().fold(0, |total, count| total.saturating_add(*count))
    }

    /// Cases that neither succeeded nor were skipped on purpose.
    pub fn failures(&self) -> u64 {
        self.failed.saturating_add(self.error).saturating_add(self.unknown)
    }
}

/// Lines of code that tests reached or did not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LineCounts {
    /// Reached.
    pub covered: u64,
    /// Not reached.
    pub missed: u64,
}

impl std::ops::AddAssign for LineCounts {
    fn add_assign(&mut self, more: Self) {
        self.covered = self.covered.saturating_add(more.covered);
        self.missed = self.missed.saturating_add(more.missed);
    }
}

impl LineCounts {
    /// All lines that count.
    pub fn total(&self) -> u64 {
        self.covered.saturating_add(self.missed)
    }
}

/// The most files that are listed by name. A build that makes more while it simulates is no source of evidence at all.
const MOST_FILES: usize = 10_000;

/// Files of an action's artifacts that commands made of which something was simulated. They are no evidence.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SimulatedFiles {
    names: Vec<String>,
    /// Whether there are more than can be listed.
    more: bool,
}

impl SimulatedFiles {
    /// Adds a file, by its name in the artifact.
    pub fn add(&mut self, name: &Path) {
        if self.names.len() < MOST_FILES {
            self.names.push(name.to_string_lossy().into_owned());
        } else {
            self.more = true;
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether the file of this name may be one of them.
    pub fn may_hold(&self, name: &str) -> bool {
        self.more || self.names.iter().any(|own| own == name)
    }
}

/// What a gate says of a stage that an execution is about to run: each condition with what was wanted and seen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Judgement {
    /// The conditions, in the order of the gate.
    pub conditions: Vec<Condition>,
}

/// One condition of a gate, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// What it is about, for people: `unit tests`, `model accuracy`.
    pub subject: String,
    /// What it wants: `at most 0 failures`.
    pub wanted: String,
    /// What there was: `2 failures in 40 tests`, or why there is no evidence.
    pub seen: String,
    /// What follows.
    pub verdict: Verdict,
}

/// A verdict. Only `Passed` lets an execution through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The evidence is there and good enough.
    Passed,
    /// There is no evidence that counts: missing, stale, or of something simulated.
    Inconclusive,
    /// The evidence cannot be read.
    Error,
    /// The evidence is there and not good enough.
    Failed,
}

impl Verdict {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
            Self::Failed => "failed",
        }
    }
}

impl Judgement {
    /// The verdict of all conditions together: the worst of them. A gate without conditions asks nothing.
    pub fn verdict(&self) -> Verdict {
        self.conditions.iter().map(|condition| condition.verdict).max().unwrap_or(Verdict::Passed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_condition_that_does_not_pass_decides() {
        let judged = |verdicts: &[Verdict]| {
            let conditions = verdicts.iter().map(|verdict| Condition {
                subject: String::new(),
                wanted: String::new(),
                seen: String::new(),
                verdict: *verdict,
            });
            Judgement { conditions: conditions.collect() }.verdict()
        };
        assert_eq!(judged(&[]), Verdict::Passed);
        assert_eq!(judged(&[Verdict::Passed, Verdict::Inconclusive]), Verdict::Inconclusive);
        assert_eq!(judged(&[Verdict::Failed, Verdict::Error, Verdict::Passed]), Verdict::Failed);
    }
}

//! The course of a build: which phase follows which, and what the build's own status becomes.
//!
//! Owns: the transitions of codebuild.md 3.2, as a pure state machine. Leaves to `session`: what happens inside a
//! phase, and to [`super::retry`]: when a phase is tried again instead of ending.

use crate::action::PhaseStatus;

/// The phases of a build in their order (codebuild.md 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Accepted.
    Submitted,
    /// Waiting for a place.
    Queued,
    /// The environment is made.
    Provisioning,
    /// Sources, buildspec, parameters, runtimes.
    DownloadSource,
    /// `install`
    Install,
    /// `pre_build`
    PreBuild,
    /// `build`
    Build,
    /// `post_build`
    PostBuild,
    /// Artifacts are collected.
    UploadArtifacts,
    /// The environment is torn down.
    Finalizing,
    /// The end; has no status of its own.
    Completed,
}

impl Phase {
    /// The API's name.
    pub(super) fn api_name(self) -> &'static str {
        match self {
            Self::Submitted => "SUBMITTED",
            Self::Queued => "QUEUED",
            Self::Provisioning => "PROVISIONING",
            Self::DownloadSource => "DOWNLOAD_SOURCE",
            Self::Install => "INSTALL",
            Self::PreBuild => "PRE_BUILD",
            Self::Build => "BUILD",
            Self::PostBuild => "POST_BUILD",
            Self::UploadArtifacts => "UPLOAD_ARTIFACTS",
            Self::Finalizing => "FINALIZING",
            Self::Completed => "COMPLETED",
        }
    }

    /// The next phase of a build in which nothing goes wrong.
    fn successor(self) -> Self {
        match self {
            Self::Submitted => Self::Queued,
            Self::Queued => Self::Provisioning,
            Self::Provisioning => Self::DownloadSource,
            Self::DownloadSource => Self::Install,
            Self::Install => Self::PreBuild,
            Self::PreBuild => Self::Build,
            Self::Build => Self::PostBuild,
            Self::PostBuild => Self::UploadArtifacts,
            Self::UploadArtifacts => Self::Finalizing,
            Self::Finalizing | Self::Completed => Self::Completed,
        }
    }
}

/// What the buildspec's `on-failure` makes of a failure that is final (codebuild.md 1.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reaction {
    /// Nothing said, or all retries used up: the transitions of codebuild.md 3.2.
    Usual,
    /// `ABORT`
    Abort,
    /// `CONTINUE`
    Continue,
}

/// Where a build stands. Changes only by [`Course::ended`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Course {
    phase: Phase,
    status: PhaseStatus,
}

impl Course {
    /// A build that was just submitted.
    pub(super) fn new() -> Self {
        Self { phase: Phase::Submitted, status: PhaseStatus::Succeeded }
    }

    /// The phase the build is in.
    pub(super) fn phase(self) -> Phase {
        self.phase
    }

    /// What the build's status is, if nothing else goes wrong.
    pub(super) fn status(self) -> PhaseStatus {
        self.status
    }

    /// `CODEBUILD_BUILD_SUCCEEDING` (codebuild.md 3.6).
    pub(super) fn succeeding(self) -> bool {
        self.status == PhaseStatus::Succeeded
    }

    /// The current phase ended like this.
    #[must_use]
    pub(super) fn ended(self, ended: PhaseStatus, reaction: Reaction) -> Self {
        Self { phase: next(self.phase, ended, reaction), status: worse(self.status, ended) }
    }
}

/// The phase after `phase`.
fn next(phase: Phase, ended: PhaseStatus, reaction: Reaction) -> Phase {
    match (ended, reaction) {
        (PhaseStatus::Succeeded, _) => phase.successor(),
        // A container whose time is up, or that is stopped, runs nothing more. AWS does not say so; chosen (fidelity.md).
        (PhaseStatus::TimedOut | PhaseStatus::Stopped, _) => phase.successor().max(Phase::Finalizing),
        (PhaseStatus::Failed, Reaction::Usual) => match phase {
            // POST_BUILD and UPLOAD_ARTIFACTS run whenever BUILD was entered (3.2, documented and observed).
            Phase::Build | Phase::PostBuild => phase.successor(),
            Phase::Submitted
            | Phase::Queued
            | Phase::Provisioning
            | Phase::DownloadSource
            | Phase::Install
            | Phase::PreBuild
            | Phase::UploadArtifacts => Phase::Finalizing,
            Phase::Finalizing | Phase::Completed => Phase::Completed,
        },
        // "Abort the build"; whether artifacts are still uploaded is unknown, so nothing of an aborted build is kept.
        (PhaseStatus::Failed, Reaction::Abort) => phase.successor().max(Phase::Finalizing),
        (PhaseStatus::Failed, Reaction::Continue) => phase.successor(),
    }
}

/// The build's status after a phase that ended like this. A failed phase fails the build also under `CONTINUE`: the
/// documentation is silent, but CODEBUILD_BUILD_SUCCEEDING is 0 after it, which published buildspecs rely on.
fn worse(status: PhaseStatus, ended: PhaseStatus) -> PhaseStatus {
    match (status, ended) {
        (status, PhaseStatus::Succeeded) => status,
        (PhaseStatus::Stopped | PhaseStatus::TimedOut, PhaseStatus::Failed) => status,
        (_, ended) => ended,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PhaseStatus::{Failed, Stopped, Succeeded, TimedOut};
    use Reaction::{Abort, Continue, Usual};

    /// Runs a build in which the phases named in `faults` end otherwise than well: the phases entered, the status.
    fn course(faults: &[(Phase, PhaseStatus, Reaction)]) -> (Vec<&'static str>, PhaseStatus) {
        let mut course = Course::new();
        let mut entered = Vec::new();
        while course.phase() != Phase::Completed {
            if course.phase() >= Phase::DownloadSource {
                entered.push(course.phase().api_name());
            }
            let fault = faults.iter().find(|(phase, ..)| *phase == course.phase());
            let (_, ended, reaction) = fault.copied().unwrap_or((course.phase(), Succeeded, Usual));
            course = course.ended(ended, reaction);
        }
        (entered, course.status())
    }

    #[test]
    fn the_transitions_are_those_of_the_reference() {
        let full = "DOWNLOAD_SOURCE INSTALL PRE_BUILD BUILD POST_BUILD UPLOAD_ARTIFACTS FINALIZING";
        let upto = |last: &str| format!("{}{last} FINALIZING", full.split(last).next().unwrap());
        // codebuild.md 3.2, row by row; then the choices for what it leaves open.
        let table = [
            (vec![], full.to_owned(), Succeeded),
            (vec![(Phase::DownloadSource, Failed, Usual)], upto("DOWNLOAD_SOURCE"), Failed),
            (vec![(Phase::Install, Failed, Usual)], upto("INSTALL"), Failed),
            (vec![(Phase::PreBuild, Failed, Usual)], upto("PRE_BUILD"), Failed),
            (vec![(Phase::Build, Failed, Usual)], full.to_owned(), Failed),
            (vec![(Phase::PostBuild, Failed, Usual)], full.to_owned(), Failed),
            (vec![(Phase::UploadArtifacts, Failed, Usual)], full.to_owned(), Failed),
            (vec![(Phase::Build, Failed, Abort)], upto(" BUILD"), Failed),
            (vec![(Phase::PostBuild, Failed, Abort)], upto("POST_BUILD"), Failed),
            (vec![(Phase::Install, Failed, Continue)], full.to_owned(), Failed),
            (vec![(Phase::PreBuild, Failed, Continue)], full.to_owned(), Failed),
            (vec![(Phase::Build, Failed, Continue)], full.to_owned(), Failed),
            (vec![(Phase::Build, TimedOut, Usual)], upto(" BUILD"), TimedOut),
            (vec![(Phase::Install, TimedOut, Continue)], upto("INSTALL"), TimedOut),
            (vec![(Phase::PreBuild, Stopped, Continue)], upto("PRE_BUILD"), Stopped),
            (vec![(Phase::DownloadSource, Stopped, Usual)], upto("DOWNLOAD_SOURCE"), Stopped),
        ];
        for (faults, entered, status) in table {
            let (got, ended) = course(&faults);
            assert_eq!((got.join(" "), ended), (entered, status), "{faults:?}");
        }
    }

    #[test]
    fn a_build_that_cannot_be_provisioned_ends() {
        for phase in [Phase::Submitted, Phase::Queued, Phase::Provisioning] {
            assert_eq!(course(&[(phase, Failed, Usual)]), (vec!["FINALIZING"], Failed));
        }
    }

    #[test]
    fn a_limit_outweighs_a_failure_whichever_came_first() {
        let late = course(&[(Phase::Build, Failed, Usual), (Phase::PostBuild, TimedOut, Usual)]);
        assert_eq!(late.1, TimedOut);
        assert_eq!(worse(TimedOut, Failed), TimedOut);
        assert_eq!(worse(Failed, Stopped), Stopped);
    }

    #[test]
    fn a_failed_phase_is_seen_by_later_ones() {
        let failed = Course { phase: Phase::Build, status: Succeeded }.ended(Failed, Continue);
        assert_eq!((failed.phase(), failed.succeeding()), (Phase::PostBuild, false));
    }
}

//! The course of an in-place deployment to one instance without a load balancer, as a pure state machine.
//!
//! Owns: which lifecycle event follows, whose revision supplies its scripts, and what is recorded when it has succeeded
//! (codedeploy.md 0, 6, 8.3). Leaves to `rollout`: performing them.

/// A lifecycle event (codedeploy.md 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    ApplicationStop,
    DownloadBundle,
    BeforeInstall,
    Install,
    AfterInstall,
    ApplicationStart,
    ValidateService,
}

/// Whose scripts an event runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Supplier {
    /// The revision that was installed last (codedeploy.md 0, trap 2).
    Previous,
    /// The revision that is being deployed.
    New,
    /// Nobody's: CodeDeploy itself does it.
    Nobody,
}

/// What is written down when an event has succeeded (codedeploy.md 8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Record {
    /// This revision was the last to be unpacked.
    MostRecent,
    /// This revision was the last to be installed, whatever becomes of the deployment (codedeploy.md 0, trap 3).
    LastSuccessful,
}

/// How an event ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It did what it had to, which may be nothing.
    Succeeded,
    /// It failed.
    Failed,
    /// Somebody ended the deployment meanwhile.
    Stopped,
}

/// Where a deployment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing has happened yet.
    Created,
    /// An event is under way.
    InProgress(Event),
    /// All events succeeded.
    Succeeded,
    /// An event failed; none came after it.
    Failed(Event),
    /// The deployment was stopped in this event. What was done is not undone.
    Stopped(Event),
}

impl Event {
    /// All of them, in their order.
    pub(super) const ALL: [Self; 7] = [
        Self::ApplicationStop,
        Self::DownloadBundle,
        Self::BeforeInstall,
        Self::Install,
        Self::AfterInstall,
        Self::ApplicationStart,
        Self::ValidateService,
    ];

    /// The name in appspecs and in the API.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ApplicationStop => "ApplicationStop",
            Self::DownloadBundle => "DownloadBundle",
            Self::BeforeInstall => "BeforeInstall",
            Self::Install => "Install",
            Self::AfterInstall => "AfterInstall",
            Self::ApplicationStart => "ApplicationStart",
            Self::ValidateService => "ValidateService",
        }
    }

    /// Whose scripts it runs.
    pub(super) fn supplier(self) -> Supplier {
        match self {
            Self::ApplicationStop => Supplier::Previous,
            Self::DownloadBundle | Self::Install => Supplier::Nobody,
            Self::BeforeInstall | Self::AfterInstall | Self::ApplicationStart | Self::ValidateService => {
                Supplier::New
            }
        }
    }

    /// What is written down when it has succeeded.
    pub(super) fn records(self) -> Option<Record> {
        match self {
            Self::DownloadBundle => Some(Record::MostRecent),
            Self::Install => Some(Record::LastSuccessful),
            Self::ApplicationStop
            | Self::BeforeInstall
            | Self::AfterInstall
            | Self::ApplicationStart
            | Self::ValidateService => None,
        }
    }

    fn following(self) -> Option<Self> {
        Self::ALL.into_iter().find(|event| *event > self)
    }
}

impl State {
    /// The first event begins.
    pub(super) fn started(self) -> Self {
        match self {
            Self::Created => Self::InProgress(Event::ApplicationStop),
            other => other,
        }
    }

    /// The event under way has ended. A deployment that is over stays as it is.
    pub(super) fn ended(self, how: Ended) -> Self {
        match (self, how) {
            (Self::InProgress(event), Ended::Succeeded) => {
                event.following().map_or(Self::Succeeded, Self::InProgress)
            }
            (Self::InProgress(event), Ended::Failed) => Self::Failed(event),
            (Self::InProgress(event), Ended::Stopped) => Self::Stopped(event),
            (over, _) => over,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_the_order_of_the_reference() {
        // codedeploy.md 6, "Server in-place without LB"
        let mut state = State::Created.started();
        let mut names = Vec::new();
        while let State::InProgress(event) = state {
            names.push(event.name());
            state = state.ended(Ended::Succeeded);
        }
        assert_eq!(state, State::Succeeded);
        assert_eq!(
            names.join(" "),
            "ApplicationStop DownloadBundle BeforeInstall Install AfterInstall ApplicationStart ValidateService"
        );
    }

    #[test]
    fn what_does_not_succeed_ends_the_deployment_for_good() {
        for event in Event::ALL {
            let state = State::InProgress(event);
            for (how, expected) in
                [(Ended::Failed, State::Failed(event)), (Ended::Stopped, State::Stopped(event))]
            {
                let over = state.ended(how);
                assert_eq!(over, expected);
                for again in [Ended::Succeeded, Ended::Failed, Ended::Stopped] {
                    assert_eq!(over.ended(again), expected);
                }
                assert_eq!(over.started(), expected);
            }
        }
    }

    #[test]
    fn only_application_stop_is_the_previous_revisions() {
        // codedeploy.md 6, "Which revision supplies the script"
        for event in Event::ALL {
            let expected = match event.name() {
                "ApplicationStop" => Supplier::Previous,
                "DownloadBundle" | "Install" => Supplier::Nobody,
                _ => Supplier::New,
            };
            assert_eq!(event.supplier(), expected, "{}", event.name());
        }
    }

    #[test]
    fn the_last_successful_revision_is_recorded_at_install() {
        // codedeploy.md 0, trap 3, and 8.3
        let records: Vec<_> =
            Event::ALL.into_iter().filter_map(|event| Some((event.name(), event.records()?))).collect();
        assert_eq!(records, [("DownloadBundle", Record::MostRecent), ("Install", Record::LastSuccessful)]);
    }
}

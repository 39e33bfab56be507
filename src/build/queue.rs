//! The queue: how many builds run at once, and what becomes of the others (codebuild.md 3.10, 4.1).
//!
//! Owns: the phase QUEUED, its time limit, the refusals of a project's own limit and of a full queue. Leaves to
//! `store::line`: the places, which all processes of a repository share.

use std::time::Duration;

use crate::action::{Cancel, Error, Failure, PhaseStatus, Progress, Sink, StopReason};
use crate::clock::Clock;
use crate::spec::config::Project;
use crate::spec::quotas;
use crate::store::{Place, Store};

use super::phase::Phase;
use super::signal;

/// How long to wait before asking again for a place, at first and at most. Nobody tells when one is free.
const ASK_AGAIN: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(200));

/// AWS's name for what a limit on builds refuses.
pub(super) const REFUSED: &str = "AccountLimitExceededException";

/// The queue that builds of this repository stand in.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Where the places are.
    pub store: Store,
    /// Builds at once.
    pub limit: u32,
}

/// The right to run, given back when this is dropped.
#[derive(Debug)]
pub struct Admitted {
    _places: Vec<Place>,
}

/// A build that never began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnedAway {
    /// How it ended.
    pub status: PhaseStatus,
    /// Why.
    pub failure: Failure,
}

impl Queue {
    /// Waits until a build of `project` may run. `who` is what others in the queue are told: `service 1a2b3c4d Test/Unit`.
    pub fn enter(
        &self,
        project: &Project,
        who: &str,
        clock: &dyn Clock,
        sink: &mut dyn Sink,
        cancel: &Cancel,
    ) -> Result<Result<Admitted, TurnedAway>, Error> {
        let mut places = Vec::new();
        if let Some(limit) = project.concurrent_build_limit {
            // A project's own limit refuses, and does not queue (codebuild.md 3.10).
            let Some(place) = self.store.line(&format!("project/{}", project.name))?.take(limit, who)? else {
                return Ok(Err(refused(format!(
                    "Cannot have more than {limit} active builds for the project {}",
                    project.name
                ))));
            };
            places.push(place);
        }
        let line = self.store.line("builds")?;
        let turn = line.join(clock.now(), who)?;
        let waiting = self.limit.saturating_mul(quotas::QUEUE_LENGTH.value);
        let minutes = allowed(project);
        let longest = Duration::from_secs(u64::from(minutes) * 60);
        let began = clock.now();
        let mut told: Option<Vec<String>> = None;
        let mut pause = ASK_AGAIN.0;
        loop {
            let ahead = turn.ahead()?;
            if ahead.is_empty()
                && let Some(place) = line.take(self.limit, who)?
            {
                places.push(place);
                if told.is_some() {
                    ended(sink, PhaseStatus::Succeeded, None);
                }
                return Ok(Ok(Admitted { _places: places }));
            }
            if told.is_none() {
                if ahead.len() >= waiting as usize {
                    let message = format!("Cannot have more than {waiting} builds in queue for the account");
                    return Ok(Err(refused(message)));
                }
                sink.progress(Progress::PhaseStarted { phase: Phase::Queued.api_name().to_owned() });
            }
            // Who runs comes first, then who waits in front.
            let before: Vec<String> = line.holders()?.into_iter().chain(ahead).collect();
            if told.as_ref() != Some(&before) && !before.is_empty() {
                let (limit, one) = (self.limit, if self.limit == 1 { "build runs" } else { "builds run" });
                sink.progress(Progress::Note(format!(
                    "QUEUED: {limit} {one} at once (codebuild.concurrent-builds); ahead of this one: {}",
                    before.join(", ")
                )));
            }
            told = Some(before);
            let waited = Duration::try_from(clock.now().duration_since(began)).unwrap_or_default();
            let over = match cancel.reason() {
                Some(reason) => Some(stopped(reason)),
                None if waited >= longest => Some(TurnedAway {
                    status: PhaseStatus::TimedOut,
                    failure: failure(
                        "BUILD_TIMED_OUT",
                        format!("Build has timed out in the queue. It was allowed {minutes} min."),
                    ),
                }),
                None => None,
            };
            if let Some(over) = over {
                ended(sink, over.status, Some(&over.failure));
                return Ok(Err(over));
            }
            clock.wait(pause);
            pause = (pause * 2).min(ASK_AGAIN.1);
        }
    }
}

/// Minutes that a build may wait (codebuild.md 3.10).
fn allowed(project: &Project) -> u32 {
    project.queued_timeout_in_minutes.unwrap_or(quotas::QUEUED_TIMEOUT_DEFAULT.value)
}

fn failure(code: &str, message: String) -> Failure {
    let phase = Some(Phase::Queued.api_name().to_owned());
    Failure { code: code.to_owned(), message, phase, ..Failure::default() }
}

fn refused(message: String) -> TurnedAway {
    TurnedAway { status: PhaseStatus::Failed, failure: Failure { phase: None, ..failure(REFUSED, message) } }
}

fn stopped(reason: StopReason) -> TurnedAway {
    let (status, code, message) = match reason {
        StopReason::TimedOut => (PhaseStatus::TimedOut, "BUILD_TIMED_OUT", "Build has timed out.".to_owned()),
        StopReason::Stopped => (PhaseStatus::Stopped, "BUILD_STOPPED", "Build was stopped.".to_owned()),
        StopReason::Signal(number) => {
            let message = format!("Build was stopped by the signal `{}`.", signal::name(number));
            (PhaseStatus::Stopped, "BUILD_STOPPED", message)
        }
    };
    TurnedAway { status, failure: failure(code, message) }
}

fn ended(sink: &mut dyn Sink, status: PhaseStatus, failure: Option<&Failure>) {
    let context = failure.map(|failure| format!("{}: {}", failure.code, failure.message));
    sink.progress(Progress::PhaseEnded { phase: Phase::Queued.api_name().to_owned(), status, context });
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::action::Stream;
    use crate::clock::{ManualClock, Timestamp};
    use crate::store::Paths;

    #[derive(Default)]
    struct Seen(Vec<String>);

    impl Sink for Seen {
        fn output(&mut self, _: Timestamp, _: Stream, _: &[u8]) {}

        fn progress(&mut self, progress: Progress) {
            self.0.push(match progress {
                Progress::PhaseStarted { phase } => format!("{phase} started"),
                Progress::PhaseEnded { phase, status, context } => {
                    format!("{phase} {status:?} {}", context.unwrap_or_default())
                }
                Progress::Note(text) => text,
            });
        }
    }

    /// A clock with which something happens when somebody waits.
    struct Eventful<'a>(ManualClock, Mutex<Vec<Happening<'a>>>);

    /// What happens, the last one first.
    type Happening<'a> = Box<dyn FnMut() + Send + 'a>;

    impl<'a> Eventful<'a> {
        fn new(events: Vec<Happening<'a>>) -> Self {
            Self(ManualClock::new(Timestamp::UNIX_EPOCH), Mutex::new(events))
        }
    }

    impl Clock for Eventful<'_> {
        fn now(&self) -> Timestamp {
            self.0.now()
        }

        fn wait(&self, span: Duration) {
            self.0.wait(span);
            if let Some(mut event) = self.1.lock().unwrap().pop() {
                event();
            }
        }
    }

    struct Bench {
        _dir: tempfile::TempDir,
        queue: Queue,
        clock: ManualClock,
    }

    impl Bench {
        fn new(limit: u32) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let store = Store::open(&Paths::under(dir.path()).unwrap()).unwrap();
            Self { _dir: dir, queue: Queue { store, limit }, clock: ManualClock::new(Timestamp::UNIX_EPOCH) }
        }

        fn enter(
            &self,
            who: &str,
            project: &Project,
            clock: &dyn Clock,
        ) -> (Result<Admitted, TurnedAway>, Vec<String>) {
            let mut seen = Seen::default();
            let cancel = Cancel::new().unwrap();
            let entered = self.queue.enter(project, who, clock, &mut seen, &cancel).unwrap();
            (entered, seen.0)
        }
    }

    fn project(queued: Option<u32>, limit: Option<u32>) -> Project {
        Project {
            name: "web".into(),
            queued_timeout_in_minutes: queued,
            concurrent_build_limit: limit,
            ..Project::default()
        }
    }

    #[test]
    fn who_finds_a_place_is_not_queued() {
        let bench = Bench::new(2);
        let plain = project(None, None);
        let (first, seen) = bench.enter("first", &plain, &bench.clock);
        assert!(first.is_ok() && seen.is_empty(), "{seen:?}");
        let (second, seen) = bench.enter("second", &plain, &bench.clock);
        assert!(second.is_ok() && seen.is_empty(), "{seen:?}");
    }

    #[test]
    fn the_excess_waits_and_is_told_who_is_ahead() {
        let bench = Bench::new(1);
        let plain = project(None, None);
        let mut running = Some(bench.enter("first", &plain, &bench.clock).0.unwrap());
        let line = bench.queue.store.line("builds").unwrap();
        let mut waiting = Some(line.join(Timestamp::UNIX_EPOCH, "second").unwrap());
        bench.clock.advance(Duration::from_secs(1));
        let clock = Eventful::new(vec![
            Box::new(|| drop(waiting.take())),
            Box::new(|| drop(running.take())),
            Box::new(|| {}),
        ]);
        clock.0.advance(Duration::from_secs(1));
        let (entered, seen) = bench.enter("third", &plain, &clock);
        assert!(entered.is_ok());
        insta::assert_snapshot!(seen.join("\n"), @"
        QUEUED started
        QUEUED: 1 build runs at once (codebuild.concurrent-builds); ahead of this one: first, second
        QUEUED: 1 build runs at once (codebuild.concurrent-builds); ahead of this one: second
        QUEUED Succeeded 
        ");
    }

    #[test]
    fn waiting_has_its_own_time_limit() {
        // codebuild.md 3.10: 480 minutes, or what the project says.
        assert_eq!((allowed(&project(None, None)), allowed(&project(Some(30), None))), (480, 30));
        let bench = Bench::new(1);
        let _running = bench.enter("first", &project(None, None), &bench.clock).0.unwrap();
        let (entered, seen) = bench.enter("second", &project(Some(5), None), &bench.clock);
        let away = entered.unwrap_err();
        assert_eq!((away.status, away.failure.code.as_str()), (PhaseStatus::TimedOut, "BUILD_TIMED_OUT"));
        let waited = bench.clock.now().as_second();
        assert!((300..301).contains(&waited), "{waited} s");
        let end = "QUEUED TimedOut BUILD_TIMED_OUT: Build has timed out in the queue. It was allowed 5 min.";
        assert_eq!(seen.last().map(String::as_str), Some(end));
        // It has left the line.
        let turn = bench.queue.store.line("builds").unwrap().join(bench.clock.now(), "x").unwrap();
        assert_eq!(turn.ahead().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn waiting_ends_when_somebody_asks_for_it() {
        for (reason, expected) in [
            (StopReason::Stopped, "QUEUED Stopped BUILD_STOPPED: Build was stopped."),
            (
                StopReason::Signal(2),
                "QUEUED Stopped BUILD_STOPPED: Build was stopped by the signal `interrupt`.",
            ),
            (StopReason::TimedOut, "QUEUED TimedOut BUILD_TIMED_OUT: Build has timed out."),
        ] {
            let bench = Bench::new(1);
            let _running = bench.enter("first", &project(None, None), &bench.clock).0.unwrap();
            let cancel = Cancel::new().unwrap();
            let asked = cancel.clone();
            let clock = Eventful::new(vec![Box::new(move || asked.request(reason))]);
            let mut seen = Seen::default();
            let entered =
                bench.queue.enter(&project(None, None), "second", &clock, &mut seen, &cancel).unwrap();
            assert!(entered.is_err());
            assert_eq!(seen.0.last().map(String::as_str), Some(expected));
        }
    }

    #[test]
    fn a_limit_of_the_project_refuses_instead_of_queueing() {
        let bench = Bench::new(9);
        let limited = project(None, Some(1));
        let first = bench.enter("first", &limited, &bench.clock).0.unwrap();
        let (second, seen) = bench.enter("second", &limited, &bench.clock);
        let away = second.unwrap_err();
        assert_eq!(away.failure.code, "AccountLimitExceededException");
        assert_eq!(away.failure.message, "Cannot have more than 1 active builds for the project web");
        assert!(seen.is_empty(), "{seen:?}");
        // Other projects go on, and so does this one when there is room again.
        let other = Project { name: "other".into(), ..limited.clone() };
        assert!(bench.enter("other", &other, &bench.clock).0.is_ok());
        drop(first);
        assert!(bench.enter("second", &limited, &bench.clock).0.is_ok());
    }

    #[test]
    fn a_full_queue_refuses() {
        let bench = Bench::new(1);
        let plain = project(None, None);
        let _running = bench.enter("first", &plain, &bench.clock).0.unwrap();
        let line = bench.queue.store.line("builds").unwrap();
        let _waiting: Vec<_> =
            (0..5).map(|number| line.join(Timestamp::UNIX_EPOCH, &format!("w{number}")).unwrap()).collect();
        bench.clock.advance(Duration::from_secs(1));
        let (entered, _) = bench.enter("late", &plain, &bench.clock);
        let message = entered.unwrap_err().failure.message;
        assert_eq!(message, "Cannot have more than 5 builds in queue for the account");
    }
}

//! Ending everything below the guard.
//!
//! Owns: TERM, the grace period, KILL, the sweep, reaping by pid. Leaves to `mod`: why everything is to
//! end and what is said afterwards; it goes on forwarding output meanwhile, so nothing here blocks.

use std::io;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, waitpid};

use super::super::Leftover;
use super::super::orphans::Marker;
use super::super::tree::{self, Process};
use super::command::Child;

/// The shortest pause between two looks at /proc.
const TICK: Duration = Duration::from_millis(2);

/// The longest. An exit that the guard hears of makes it look earlier.
const LONGEST_TICK: Duration = Duration::from_millis(50);

/// How long after the first KILL the guard gives up on what is still there: it is another user's (sudo), or stuck in
/// the kernel.
const HOPELESS: Duration = Duration::from_secs(5);

/// What runs below this process.
#[derive(Debug)]
pub(super) struct Below {
    me: i32,
    marker: String,
}

impl Below {
    pub(super) fn new(marker: &Marker) -> Self {
        Self { me: marker.pid, marker: marker.to_string() }
    }

    /// The environment marker of everything below this guard.
    pub(super) fn marker(&self) -> &str {
        &self.marker
    }

    /// What is alive: the descendants, and when there are none, whatever else carries the marker. The guard is the
    /// subreaper of its descendants, so there should be nothing else; looking costs little and is done last.
    pub(super) fn survivors(&self) -> io::Result<Vec<Process>> {
        // Processes are read one after the other. One whose parent ends meanwhile can look like a stranger's child, but
        // not twice.
        for _ in 0..2 {
            let mut descendants = tree::below(&tree::all()?, &[self.me]);
            descendants.retain(Process::alive);
            if !descendants.is_empty() {
                return Ok(descendants);
            }
        }
        let mut others = tree::all()?;
        others.retain(|process| process.pid != self.me && process.alive());
        others.retain(|process| tree::marker_of(process.pid).is_some_and(|found| found == self.marker));
        Ok(others)
    }

    /// Reaps adopted children that ended, one by one: a wait for any child would take the status of the command.
    pub(super) fn reap(&self, command: Option<Pid>) -> io::Result<()> {
        // The guard has one thread, so all its children are that thread's. A kernel without this file shows the
        // same in the list of all processes.
        let children: Vec<i32> =
            match std::fs::read_to_string(format!("/proc/self/task/{}/children", self.me)) {
                Ok(list) => list.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect(),
                Err(_) => tree::all()?
                    .iter()
                    .filter(|child| child.parent == self.me)
                    .map(|child| child.pid)
                    .collect(),
            };
        for child in children.into_iter().filter_map(Pid::from_raw).filter(|child| Some(*child) != command) {
            // Still running, or already gone: both are fine.
            let _ = waitpid(Some(child), WaitOptions::NOHANG);
        }
        Ok(())
    }
}

/// The end in progress.
#[derive(Debug)]
pub(super) struct Ending {
    kill_at: Instant,
    look_at: Instant,
    /// Not earlier than this, so that looking does not take all the time.
    earliest: Instant,
    killing: bool,
    tick: Duration,
    met: Vec<(Process, Leftover)>,
}

impl Ending {
    /// Asks everything to end.
    pub(super) fn begin(
        below: &Below,
        child: Option<&Child>,
        grace: Duration,
        now: Instant,
    ) -> io::Result<Self> {
        // Described while they live: what has ended has no command line.
        let met: Vec<(Process, Leftover)> =
            below.survivors()?.into_iter().map(|process| (process, process.describe())).collect();
        // One TERM each: many programs take the second one as a reason to drop everything.
        let group = child.and_then(|child| child.signal_group(Signal::TERM));
        for (process, _) in &met {
            if group.is_none_or(|group| group.as_raw_nonzero().get() != process.group) {
                process.signal(Signal::TERM);
            }
            // What is stopped hears nothing until it goes on.
            if process.state == b'T' {
                process.signal(Signal::CONT);
            }
        }
        Ok(Self {
            kill_at: now.checked_add(grace).unwrap_or(now),
            look_at: now,
            earliest: now,
            killing: false,
            tick: TICK,
            met,
        })
    }

    /// Makes the grace period end within `grace` from now.
    pub(super) fn hurry(&mut self, grace: Duration, now: Instant) {
        self.kill_at = self.kill_at.min(now.checked_add(grace).unwrap_or(now));
        self.look_at = now;
    }

    /// Something ended: look before the next tick.
    pub(super) fn look_soon(&mut self, now: Instant) {
        self.look_at = self.look_at.min(self.earliest.max(now));
    }

    /// When [`Ending::step`] is due next.
    pub(super) fn due(&self) -> Instant {
        self.look_at
    }

    /// Looks for survivors, and kills them when their time is up. True when none are left, or nothing helps.
    pub(super) fn step(&mut self, below: &Below, child: Option<&Child>, now: Instant) -> io::Result<bool> {
        if now < self.look_at {
            return Ok(false);
        }
        below.reap(child.and_then(Child::pid))?;
        let survivors = below.survivors()?;
        if survivors.is_empty() || now >= self.kill_at + HOPELESS {
            for (process, leftover) in &mut self.met {
                leftover.ended =
                    !survivors.iter().any(|left| (left.pid, left.start) == (process.pid, process.start));
            }
            return Ok(true);
        }
        if now >= self.kill_at {
            if let Some(child) = child {
                child.signal_group(Signal::KILL);
            }
            for process in &survivors {
                process.signal(Signal::KILL);
            }
            if !self.killing {
                (self.killing, self.tick) = (true, TICK);
            }
        }
        // A look costs in proportion to the number of processes: never spend more than a fraction of the time on it.
        let cost = now.elapsed();
        self.earliest = now + cost + TICK.max(cost * 4);
        self.look_at = now + cost + self.tick.max(cost * 4);
        if !self.killing {
            self.look_at = self.look_at.min(self.kill_at);
        }
        self.tick = (self.tick * 2).min(LONGEST_TICK);
        Ok(false)
    }

    /// What was alive when the end began.
    pub(super) fn into_met(self) -> Vec<Leftover> {
        self.met.into_iter().map(|(_, leftover)| leftover).collect()
    }
}

//! Ending what a guard left behind that died itself.
//!
//! Owns: the marker, and the search for processes that carry the marker of a guard that is gone. Leaves to
//! `supervisor`: the ordinary end, in which the guard ends everything below it.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::str::FromStr;

use rustix::io::Errno;
use rustix::process::{Pid, getpid, test_kill_process};

use super::tree::{self, Process};
use super::{Leftover, MARKER};
use crate::action::Error;
use crate::clock;

/// What [`MARKER`] holds: enough to tell whether its guard is still alive, without any record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Marker {
    /// The guard's identifier, unique.
    pub(super) id: String,
    /// The guard's process id, in the PID namespace below.
    pub(super) pid: i32,
    /// When the guard started, in clock ticks since boot.
    pub(super) start: u64,
    /// The inode number of the guard's PID namespace. In another one, the pid means nothing.
    pub(super) namespace: u64,
}

impl Marker {
    /// The marker of this process as a guard. Refuses as [`Process::this`] does.
    pub(super) fn of_this_process(id: String) -> io::Result<Self> {
        let this = Process::this()?;
        Ok(Self { id, pid: this.pid, start: this.start, namespace: own_namespace()? })
    }

    /// Whether its process id means the same here.
    pub(super) fn is_of_this_namespace(&self) -> bool {
        own_namespace().is_ok_and(|own| own == self.namespace)
    }

    /// Whether the guard is one of this scope.
    fn is_of(&self, scope: &str) -> bool {
        self.id.strip_prefix(scope).is_some_and(|rest| rest.starts_with('-'))
    }

    /// Whether the guard runs. In doubt, it does.
    fn guard_is_alive(&self) -> bool {
        match Process::read(self.pid) {
            Some(process) => process.start == self.start && process.alive(),
            // Hidden (a /proc with hidepid) is not gone.
            None => Pid::from_raw(self.pid).is_some_and(|pid| test_kill_process(pid) != Err(Errno::SRCH)),
        }
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}.{}", self.id, self.pid, self.start, self.namespace)
    }
}

impl FromStr for Marker {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or(());
        let (id, pid, start, namespace) = (next()?, next()?, next()?, next()?);
        if id.is_empty() || next().is_ok() {
            return Err(());
        }
        let number = |part: &str| part.parse().map_err(drop);
        let pid = pid.parse().map_err(drop)?;
        Ok(Self { id: id.to_owned(), pid, start: number(start)?, namespace: number(namespace)? })
    }
}

fn own_namespace() -> io::Result<u64> {
    // A link of the form pid:[4026531836].
    let link = std::fs::read_link("/proc/self/ns/pid")?;
    let number = link.to_str().and_then(|link| link.strip_prefix("pid:[")?.strip_suffix(']')?.parse().ok());
    number.ok_or_else(|| io::Error::other("/proc/self/ns/pid does not name a namespace"))
}

/// A fresh identifier for a guard of this scope.
pub(super) fn guard_id(scope: &str) -> String {
    format!("{scope}-{}", clock::new_id())
}

/// Ends every process of this user whose guard was of this scope and is gone, and lists what it met. Every command may
/// call it when it starts.
///
/// Needs no record of guards: the marker in a process's environment ([`MARKER`]) names its guard's process, start
/// time and PID namespace. What belongs to a living guard, or to a guard of another namespace (a container), is
/// left alone, and so are this process and everything above it.
pub fn end_orphans(scope: &str) -> Result<Vec<Leftover>, Error> {
    let sweep = || {
        let namespace = own_namespace()?;
        tree::end_all(|| {
            // Afresh each round: ending an orphan may have ended a guard that was below it.
            let mut known: HashMap<Marker, bool> = HashMap::new();
            marked(|marker| {
                let alive = *known.entry(marker.clone()).or_insert_with(|| marker.guard_is_alive());
                marker.namespace == namespace && marker.is_of(scope) && !alive
            })
        })
    };
    sweep().map_err(Error::during(format!("end processes left behind by a guard (marked {MARKER})")))
}

/// Ends what carries this marker, whose guard the caller knows to be gone.
pub(super) fn end_marked(marker: &Marker) -> io::Result<Vec<Leftover>> {
    tree::end_all(|| marked(|found| found == marker))
}

/// The processes whose marker is `wanted`, and everything below them, but never this process or one above it. What is
/// below a marked process and has another marker belongs to another guard and is not taken.
fn marked(mut wanted: impl FnMut(&Marker) -> bool) -> io::Result<Vec<Process>> {
    let all = tree::all()?;
    let spared = tree::lineage(&all, getpid().as_raw_nonzero().get());
    let mut roots = Vec::new();
    let mut others = Vec::new();
    for process in all.iter().filter(|process| process.alive()) {
        match tree::marker_of(process.pid).and_then(|text| text.parse().ok()) {
            Some(marker) if wanted(&marker) => roots.push(process.pid),
            Some(_) => others.push(process.pid),
            None => {}
        }
    }
    let mut found = tree::below(&all, &roots);
    found.retain(|process| !others.contains(&process.pid));
    let known: Vec<i32> = found.iter().map(|process| process.pid).collect();
    found.extend(all.iter().filter(|process| roots.contains(&process.pid) && !known.contains(&process.pid)));
    found.retain(|process| !spared.contains(&process.pid));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_read_back_and_anything_else_is_not_a_marker() {
        let marker = Marker { id: "0b1c".into(), pid: 42, start: 991, namespace: 4_026_531_836 };
        assert_eq!(marker.to_string().parse(), Ok(marker));
        for wrong in ["", "a", "a.1.2", "a.1.2.3.4", ".1.2.3", "a.x.2.3", "a.1.-2.3"] {
            assert_eq!(wrong.parse::<Marker>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn a_marker_belongs_to_one_scope() {
        let marker = Marker { id: guard_id("ab12"), pid: 42, start: 991, namespace: 1 };
        assert!(marker.is_of("ab12"));
        assert!(!marker.is_of("ab1") && !marker.is_of("ab123") && !marker.is_of(""));
    }

    #[test]
    fn a_guard_is_alive_only_as_the_same_process() {
        let this = Marker::of_this_process("id".into()).unwrap();
        assert!(this.guard_is_alive());
        assert!(!Marker { start: this.start + 1, ..this.clone() }.guard_is_alive());
        assert!(!Marker { pid: i32::MAX, ..this }.guard_is_alive());
    }
}

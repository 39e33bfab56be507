//! The processes of this machine, as /proc shows them.
//!
//! Owns: reading /proc, finding what is below a process or carries a marker, signalling without hitting a recycled
//! process id. Leaves to `supervisor` and `orphans`: whom to end, and when.

use std::collections::{HashMap, HashSet};
use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, getpid, kill_process, pidfd_open, pidfd_send_signal};

use super::{Leftover, MARKER};

/// How often a sweep looks again for survivors before it gives up on them.
const MOST_ROUNDS: u32 = 100;

/// The longest command line that is reported.
const LONGEST_COMMAND: usize = 200;

/// One process at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: i32,
    pub(super) parent: i32,
    /// 0 when it was made outside this PID namespace.
    pub(super) group: i32,
    /// 0 when it was made outside this PID namespace.
    pub(super) session: i32,
    /// When it started, in clock ticks since boot. With the pid, this names the process for good.
    pub(super) start: u64,
    pub(super) state: u8,
    threads: u32,
}

impl Process {
    /// The process `pid`, if there is one.
    pub(super) fn read(pid: i32) -> Option<Self> {
        Self::parse(&std::fs::read(format!("/proc/{pid}/stat")).ok()?)
    }

    /// This process. Refuses when /proc shows another PID namespace than this one, since a sweep would then look at
    /// strangers.
    pub(super) fn this() -> io::Result<Self> {
        let pid = getpid().as_raw_nonzero().get();
        let shown = std::fs::read_link("/proc/self")?;
        if shown.to_str().and_then(|shown| shown.parse().ok()) != Some(pid) {
            let words =
                "/proc belongs to another PID namespace; mount one for this namespace (unshare --mount-proc)";
            return Err(io::Error::other(words));
        }
        Self::read(pid).ok_or_else(|| io::Error::other("/proc does not show this process"))
    }

    /// Reads the line of `/proc/PID/stat`; the name in parentheses may itself hold spaces, parentheses and newlines.
    fn parse(line: &[u8]) -> Option<Self> {
        let end_of_name = line.iter().rposition(|byte| *byte == b')')?;
        let rest = std::str::from_utf8(line.get(end_of_name + 1..)?).ok()?;
        let pid = line.split(|byte| *byte == b' ').next()?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        Some(Self {
            pid: std::str::from_utf8(pid).ok()?.parse().ok()?,
            state: *fields.first()?.as_bytes().first()?,
            parent: fields.get(1)?.parse().ok()?,
            group: fields.get(2)?.parse().ok()?,
            session: fields.get(3)?.parse().ok()?,
            threads: fields.get(17)?.parse().ok()?,
            start: fields.get(19)?.parse().ok()?,
        })
    }

    /// Whether it still runs. What ended but was not yet reaped does not, unless other threads of it live on.
    pub(super) fn alive(&self) -> bool {
        !matches!(self.state, b'Z' | b'X' | b'x') || self.threads > 1
    }

    /// Whether it is the same process that has this pid now.
    fn still_there(&self) -> bool {
        Self::read(self.pid).is_some_and(|now| now.start == self.start && now.alive())
    }

    /// Sends `signal` to it, and to no other process that has its pid by now. The descriptor becomes readable when
    /// the process ends.
    pub(super) fn signal(&self, signal: Signal) -> Option<OwnedFd> {
        let pid = Pid::from_raw(self.pid)?;
        match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(descriptor) => {
                if self.still_there() {
                    // Not allowed, or gone in between: the next look at /proc tells.
                    let _ = pidfd_send_signal(&descriptor, signal);
                }
                Some(descriptor)
            }
            Err(Errno::NOSYS | Errno::PERM | Errno::INVAL | Errno::MFILE | Errno::NFILE) => {
                if self.still_there() {
                    let _ = kill_process(pid, signal);
                }
                None
            }
            Err(_) => None,
        }
    }

    /// How it is reported.
    pub(super) fn describe(&self) -> Leftover {
        Leftover { pid: self.pid.unsigned_abs(), command: command_line(self.pid), ended: false }
    }
}

/// Every process that can be seen.
pub(super) fn all() -> io::Result<Vec<Process>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        // A process that ends while the list is read is no error.
        let Ok(entry) = entry else { continue };
        if let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
            all.extend(Process::read(pid));
        }
    }
    Ok(all)
}

/// The descendants of `roots` among `all`, without the roots themselves.
pub(super) fn below(all: &[Process], roots: &[i32]) -> Vec<Process> {
    let mut children: HashMap<i32, Vec<&Process>> = HashMap::new();
    for process in all {
        children.entry(process.parent).or_default().push(process);
    }
    let mut found = Vec::new();
    let mut seen: HashSet<i32> = roots.iter().copied().collect();
    let mut next: Vec<i32> = roots.to_vec();
    while let Some(pid) = next.pop() {
        for child in children.get(&pid).into_iter().flatten() {
            if seen.insert(child.pid) {
                found.push(**child);
                next.push(child.pid);
            }
        }
    }
    found
}

/// `pid` and everything above it.
pub(super) fn lineage(all: &[Process], pid: i32) -> HashSet<i32> {
    let parents: HashMap<i32, i32> = all.iter().map(|process| (process.pid, process.parent)).collect();
    let mut lineage = HashSet::new();
    let mut next = Some(pid);
    while let Some(pid) = next.filter(|pid| lineage.insert(*pid)) {
        next = parents.get(&pid).copied();
    }
    lineage
}

/// The marker in the environment that `pid` was started with, if it is there and may be read.
pub(super) fn marker_of(pid: i32) -> Option<String> {
    let environment = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
    let value = environment
        .split(|byte| *byte == 0)
        .find_map(|variable| variable.strip_prefix(MARKER.as_bytes())?.strip_prefix(b"="))?;
    String::from_utf8(value.to_vec()).ok()
}

/// Ends the living processes that `find` returns, again and again until it finds none, and lists what it met. Those
/// that are still there after many rounds are listed as not ended.
pub(super) fn end_all(mut find: impl FnMut() -> io::Result<Vec<Process>>) -> io::Result<Vec<Leftover>> {
    let mut met: Vec<(Process, Leftover)> = Vec::new();
    for _ in 0..MOST_ROUNDS {
        for process in find()?.iter().filter(|process| process.alive()) {
            if !met.iter().any(|(known, _)| (known.pid, known.start) == (process.pid, process.start)) {
                met.push((*process, process.describe()));
            }
        }
        // Not only what was found now: a process on its way out first loses its memory, and with it the environment
        // by which it was found, and only then its files.
        for (process, leftover) in &mut met {
            leftover.ended = !process.still_there();
        }
        let left = met.iter().filter(|(_, leftover)| !leftover.ended);
        let ending: Vec<Option<OwnedFd>> = left.map(|(process, _)| process.signal(Signal::KILL)).collect();
        if ending.is_empty() {
            break;
        }
        let ending: Vec<OwnedFd> = ending.into_iter().flatten().collect();
        wait_for_any(&ending, Duration::from_millis(20))?;
    }
    Ok(met.into_iter().map(|(_, leftover)| leftover).collect())
}

/// Waits until one of the processes ended, or `limit` passed.
fn wait_for_any(processes: &[OwnedFd], limit: Duration) -> io::Result<()> {
    let mut polled: Vec<PollFd<'_>> = processes.iter().map(|fd| PollFd::new(fd, PollFlags::IN)).collect();
    match poll(&mut polled, Some(&timespec(limit))) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A duration as `poll` takes it.
pub(super) fn timespec(span: Duration) -> Timespec {
    Timespec::try_from(span).unwrap_or(Timespec { tv_sec: i64::MAX, tv_nsec: 0 })
}

/// The command line of `pid` for people: control characters replaced, shortened; the bare name where there is none.
pub(super) fn command_line(pid: i32) -> String {
    let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let shown = if arguments.is_empty() {
        let name = std::fs::read(format!("/proc/{pid}/comm")).unwrap_or_default();
        format!("[{}]", String::from_utf8_lossy(name.trim_ascii_end()))
    } else {
        String::from_utf8_lossy(arguments.strip_suffix(b"\0").unwrap_or(&arguments)).into_owned()
    };
    let mut shown: String = shown.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if let Some((cut, _)) = shown.char_indices().nth(LONGEST_COMMAND) {
        shown.truncate(cut);
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: i32, parent: i32) -> Process {
        Process { pid, parent, group: pid, session: pid, start: 1, state: b'S', threads: 1 }
    }

    #[test]
    fn a_name_cannot_forge_the_fields_after_it() {
        let line = b"77 (x) R 1 (y\n) S 12 34 56 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 3 0 998877 1 2 3";
        let read = Process::parse(line).unwrap();
        assert_eq!((read.pid, read.parent, read.group, read.session), (77, 12, 34, 56));
        assert_eq!((read.start, read.state, read.threads), (998_877, b'S', 3));
        for broken in
            [&b""[..], b"77", b"77 (x)", b"77 (x) S 1", b"x (y) S 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 5"]
        {
            assert_eq!(Process::parse(broken), None);
        }
    }

    #[test]
    fn what_ended_is_alive_only_while_other_threads_run() {
        for (state, threads, alive) in
            [(b'S', 1, true), (b'T', 1, true), (b'Z', 1, false), (b'Z', 2, true), (b'X', 1, false)]
        {
            assert_eq!(Process { state, threads, ..process(1, 0) }.alive(), alive);
        }
    }

    #[test]
    fn descendants_are_found_at_any_depth_and_loops_end() {
        let all = [process(2, 1), process(3, 2), process(4, 3), process(5, 1), process(6, 7), process(7, 6)];
        let pids = |found: Vec<Process>| {
            let mut pids: Vec<i32> = found.iter().map(|process| process.pid).collect();
            pids.sort_unstable();
            pids
        };
        assert_eq!(pids(below(&all, &[2])), [3, 4]);
        assert_eq!(pids(below(&all, &[1])), [2, 3, 4, 5]);
        assert_eq!(pids(below(&all, &[6])), [7]);
        assert_eq!(pids(below(&all, &[9])), [0; 0]);
        assert_eq!(lineage(&all, 4), HashSet::from([4, 3, 2, 1]));
        assert_eq!(lineage(&all, 6), HashSet::from([6, 7]));
    }

    #[test]
    fn this_process_is_seen() {
        let me = i32::try_from(std::process::id()).unwrap();
        let seen = all().unwrap().into_iter().find(|process| process.pid == me).unwrap();
        assert!(seen.alive() && seen.still_there());
        assert!(!Process { start: seen.start + 1, ..seen }.still_there());
        assert!(!command_line(me).is_empty());
    }
}

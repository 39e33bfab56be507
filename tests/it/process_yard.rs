//! Where the tests of processes keep what they start, and see that it is gone.
//!
//! Every process that must not survive opens a FIFO for writing and says its name there. When the last of them is dead,
//! the reading end is at its end: an event, not a guess.

#![expect(clippy::unwrap_used, reason = "the lint knows #[test] functions, not what they call")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rehearsal::action::{Cancel, Stream};
use rehearsal::clock::Timestamp;
use rehearsal::process::{Command, Exit, Guard, GuardOptions};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Mode, OFlags};

/// How long a test waits for something that must happen.
pub(crate) const CEILING: Duration = Duration::from_secs(30);

/// Functions for scripts: each starts one kind of process that stays, and has it say its name when it is there.
const DAEMONS: &str = r#"
stay() { exec 9>"$FIFO"; echo "$1" >&9; exec sleep 1000; }
export -f stay
plain()   { (stay plain) & }
group()   { set -m; (stay group) & set +m; }
session() { setsid bash -c 'stay session >/dev/null 2>&1' & }
double()  { (setsid bash -c '(trap "" TERM HUP INT; stay double) &' &) }
bare()    { (setsid env -i FIFO="$FIFO" bash -c '(trap "" TERM; exec 9>"$FIFO"; echo bare >&9; exec sleep 1000) &' &) }
stopped() { (trap 'echo woken' TERM; exec 9>"$FIFO"; echo stopped >&9; kill -STOP $BASHPID; sleep 1000) & }
"#;

/// A folder, a FIFO, and what the test has heard from it.
pub(crate) struct Yard {
    dir: tempfile::TempDir,
    reader: std::fs::File,
    heard: Vec<u8>,
}

/// What a command wrote: when, where, what.
pub(crate) type Output = Vec<(Timestamp, Stream, Vec<u8>)>;

impl Yard {
    pub(crate) fn new() -> Self {
        crate::testing::require_tools();
        let dir = tempfile::Builder::new().prefix("it-process-").tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        let mode = Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, FileType::Fifo, mode, 0).unwrap();
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let reader = rustix::fs::open(&fifo, flags, mode).unwrap().into();
        Self { dir, reader, heard: Vec::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The environment of commands: what the scripts above need, and no more.
    pub(crate) fn env(&self) -> BTreeMap<OsString, OsString> {
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        [("PATH", path.into()), ("FIFO", self.path().join("fifo"))]
            .map(|(name, value): (_, PathBuf)| (name.into(), value.into_os_string()))
            .into()
    }

    /// A command that runs this bash script, with the functions above.
    pub(crate) fn command(&self, script: &str) -> Command {
        Command {
            argv: ["bash", "-c", &format!("{DAEMONS}\n{script}")].map(OsString::from).into(),
            cwd: self.path().to_path_buf(),
            env: self.env(),
            time_limit: None,
            merged: true,
        }
    }

    /// The scope of this yard's guards: the letters and digits of its folder's name, which is unique.
    pub(crate) fn scope(&self) -> String {
        self.path().display().to_string().chars().filter(char::is_ascii_alphanumeric).collect()
    }

    /// How guards are started here: the shortest grace, so that what ignores TERM does not hold up the tests.
    pub(crate) fn options(&self) -> GuardOptions {
        let mut options =
            GuardOptions::new(&self.scope(), env!("CARGO_BIN_EXE_rehearsal").into(), &self.env());
        options.grace = Duration::from_millis(100);
        options
    }

    pub(crate) fn guard(&self) -> Guard {
        Guard::start(&self.options()).unwrap()
    }

    /// Waits until `count` processes have said that they are there; returns their names, sorted.
    pub(crate) fn expect(&mut self, count: usize) -> Vec<String> {
        loop {
            let mut lines: Vec<String> =
                String::from_utf8_lossy(&self.heard).split_inclusive('\n').map(str::to_owned).collect();
            lines.retain(|line| line.ends_with('\n'));
            if lines.len() >= count {
                lines.sort();
                return lines.iter().map(|line| line.trim_end().to_owned()).collect();
            }
            assert!(self.wait(PollFlags::IN, CEILING), "only {lines:?} came up");
            self.listen();
        }
    }

    /// Fails unless every process that opened the FIFO is dead at this moment.
    pub(crate) fn assert_deserted(&mut self) {
        assert!(self.is_deserted(), "alive: {}", self.alive().join(", "));
    }

    /// Whether every process that opened the FIFO, of which there was one, is dead at this moment.
    pub(crate) fn is_deserted(&mut self) -> bool {
        self.listen();
        assert!(!self.heard.is_empty(), "nobody was ever here");
        self.wait(PollFlags::HUP, Duration::ZERO)
    }

    /// Waits until every process that opened the FIFO is dead.
    pub(crate) fn wait_until_deserted(&mut self) {
        // The end of a FIFO is seen only when somebody had it open for writing. Another thread that starts a process
        // just now may keep this one open for an instant, which is why this cannot be asked of a moment.
        let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        drop(rustix::fs::open(self.path().join("fifo"), flags, Mode::empty()).unwrap());
        self.listen();
        assert!(self.wait(PollFlags::HUP, CEILING), "alive: {}", self.alive().join(", "));
    }

    fn wait(&self, what: PollFlags, limit: Duration) -> bool {
        let mut polled = [PollFd::new(&self.reader, what & PollFlags::IN)];
        let limit = Timespec::try_from(limit).unwrap();
        loop {
            match poll(&mut polled, Some(&limit)) {
                Ok(0) => return false,
                Ok(_) => return polled[0].revents().contains(what),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn listen(&mut self) {
        let mut bytes = [0; 1024];
        while let Ok(count @ 1..) = (&self.reader).read(&mut bytes) {
            self.heard.extend_from_slice(&bytes[..count]);
        }
    }

    /// The command lines of processes with the FIFO open, for messages.
    fn alive(&self) -> Vec<String> {
        let fifo = self.path().join("fifo");
        let mut alive = Vec::new();
        for process in std::fs::read_dir("/proc").unwrap().flatten() {
            let Ok(descriptors) = std::fs::read_dir(process.path().join("fd")) else { continue };
            let mut targets = descriptors.flatten().filter_map(|fd| std::fs::read_link(fd.path()).ok());
            if targets.any(|target| target == fifo) {
                let command = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
                alive.push(format!(
                    "{} {}",
                    process.file_name().display(),
                    String::from_utf8_lossy(&command)
                ));
            }
        }
        alive
    }
}

/// Runs a command and keeps its output.
pub(crate) fn run(guard: &mut Guard, command: &Command) -> (Exit, Output) {
    let mut output = Output::new();
    let mut keep = |at, stream, bytes: &[u8]| output.push((at, stream, bytes.to_vec()));
    let exit = guard.run(command, &mut keep, &Cancel::new().unwrap()).unwrap();
    (exit, output)
}

/// The text of what a command wrote, all streams together.
pub(crate) fn text(output: &Output) -> String {
    let bytes: Vec<u8> = output.iter().flat_map(|(_, _, bytes)| bytes.clone()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Waits until the process behind this descriptor has ended.
pub(crate) fn wait_for_end(process: &OwnedFd) {
    let limit = Timespec::try_from(CEILING).unwrap();
    let ended = poll(&mut [PollFd::new(process, PollFlags::IN)], Some(&limit)).unwrap();
    assert_eq!(ended, 1, "a process did not end");
}

//! Whole builds, with real shells and without a guard.

mod course;
mod definitions;
mod products;

use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use super::request::{
    BuildRequest, BuildResult, BuildspecFile, Content, Host, Instructions, Outputs, Source,
};
use super::runner::Runner;
use super::service::Identity;
use super::stand_in::StandIns;
use super::{DEFAULT_ACCOUNT, DEFAULT_REGION, Layout, session};
use crate::action::{Cancel, Error, PhaseStatus, Progress, Sink, StopReason, Stream};
use crate::clock::{ManualClock, Timestamp};
use crate::process::sandbox::Sandbox;
use crate::process::{Command, Exit, GuardOptions, How, Leftover, OnOutput};
use crate::spec::config::Project;

/// Runs commands directly. One whose script says `# hang` runs out of time, one that says `# stop` is stopped.
struct Direct;

impl Runner for Direct {
    #[expect(clippy::disallowed_methods, reason = "stands in for the guard")]
    fn run(&mut self, command: &Command, on_output: OnOutput<'_>, _: &Cancel) -> Result<Exit, Error> {
        let script = fs::read_to_string(command.argv.last().unwrap()).unwrap();
        let exit = |how| Ok(Exit { how, left_open: false });
        if script.contains("# hang") {
            return exit(How::TimedOut);
        }
        if script.contains("# stop") {
            return exit(How::Stopped(StopReason::Stopped));
        }
        crate::testing::require_tools();
        let output = std::process::Command::new(&command.argv[0])
            .args(&command.argv[1..])
            .env_clear()
            .envs(&command.env)
            .current_dir(&command.cwd)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        for bytes in [output.stdout, output.stderr] {
            on_output(Timestamp::UNIX_EPOCH, Stream::Stdout, &bytes);
        }
        exit(How::Exited(output.status.code().unwrap()))
    }

    fn finish(self: Box<Self>, _: OnOutput<'_>) -> Result<Vec<Leftover>, Error> {
        Ok(vec![Leftover { pid: 7, command: "server".into(), ended: true }])
    }
}

#[derive(Default)]
struct Seen {
    text: String,
    progress: Vec<Progress>,
}

impl Sink for Seen {
    fn output(&mut self, _: Timestamp, _: Stream, bytes: &[u8]) {
        self.text.push_str(&String::from_utf8_lossy(bytes));
    }

    fn progress(&mut self, progress: Progress) {
        self.progress.push(progress);
    }
}

/// A build to be run.
pub(super) struct Bench {
    root: tempfile::TempDir,
    request: BuildRequest,
}

pub(super) struct Ran {
    pub(super) result: BuildResult,
    pub(super) text: String,
    progress: Vec<Progress>,
}

impl Bench {
    pub(super) fn new(buildspec: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let workspace = root.path().canonicalize().unwrap();
        let source = Layout::new(&workspace).checkout();
        fs::create_dir_all(&source).unwrap();
        fs::write(source.join("buildspec.yml"), buildspec).unwrap();
        let request = BuildRequest {
            run: "33333333-2222-4333-8444-555555555555".into(),
            identity: Identity {
                id: "11111111-2222-4333-8444-555555555555".into(),
                number: 1,
                initiator: "tester".into(),
                region: DEFAULT_REGION.into(),
                account: DEFAULT_ACCOUNT.into(),
            },
            project: Project { name: "web".into(), ..Project::default() },
            instructions: Instructions::File(BuildspecFile::Default),
            overrides: Vec::new(),
            known: Vec::new(),
            revision: None,
            primary: Source { content: Content::Folder(source), version: None, repository: None },
            secondary: Vec::new(),
            stand_ins: StandIns::default(),
            outputs: Outputs::Declared,
            time_limit: Duration::from_secs(3600),
            workspace,
        };
        Self { root, request }
    }

    /// A buildspec of version 0.2 with these phases.
    fn phases(phases: &str) -> Self {
        Self::new(&format!("version: 0.2\nphases:\n{phases}"))
    }

    /// Writes a file of the source.
    pub(super) fn source_file(&self, path: &str, text: &str) {
        let path = Layout::new(&self.request.workspace).checkout().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(super) fn run(&self) -> Ran {
        let path = std::env::split_paths("/usr/local/bin:/usr/bin:/bin");
        let path = std::env::join_paths(path).unwrap();
        let environment = BTreeMap::from([("PATH".into(), path)]);
        let host = Host {
            clock: Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH)),
            guard: GuardOptions::new("test", "none".into(), &environment),
            environment,
            inherit: Vec::new(),
            loopback: None,
            caches: None,
            sandbox: Sandbox::Host,
            private: Vec::new(),
        };
        let mut seen = Seen::default();
        let cancel = Cancel::new().unwrap();
        let workspace = self.root.path().canonicalize().unwrap();
        let layout = Layout::new(&workspace);
        let ground = session::Ground { layout, runner: Box::new(Direct), aws: None };
        let result = session::run(&host, &self.request, ground, &mut seen, &cancel).unwrap();
        let text = seen.text.replace(workspace.to_str().unwrap(), "<work>");
        Ran { result, text, progress: seen.progress }
    }
}

impl Ran {
    /// The phases that were entered.
    fn phases(&self) -> String {
        let entered = self.progress.iter().filter_map(|progress| match progress {
            Progress::PhaseStarted { phase } => Some(phase.as_str()),
            Progress::PhaseEnded { .. } | Progress::Note(_) => None,
        });
        entered.collect::<Vec<_>>().join(" ")
    }

    /// What commands printed: the log without the agent's lines.
    fn said(&self) -> String {
        let lines = self.text.lines();
        let said = lines.filter(|line| !line.starts_with("[Container]") && !line.starts_with("[Rehearsal]"));
        said.collect::<Vec<_>>().join("\n")
    }

    fn notes(&self) -> Vec<&str> {
        self.progress
            .iter()
            .filter_map(|progress| match progress {
                Progress::Note(note) => Some(note.as_str()),
                Progress::PhaseStarted { .. } | Progress::PhaseEnded { .. } => None,
            })
            .collect()
    }

    /// Status, code and message.
    pub(super) fn ending(&self) -> (PhaseStatus, String) {
        let failure = self.result.failure.as_ref();
        let words =
            failure.map(|failure| format!("{} {}", failure.code, failure.message)).unwrap_or_default();
        (self.result.status, words)
    }
}

/// The phases that are told of when nothing keeps one from following.
const ALL: &str = "DOWNLOAD_SOURCE INSTALL PRE_BUILD BUILD POST_BUILD UPLOAD_ARTIFACTS FINALIZING";

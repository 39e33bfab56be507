//! Builds through the library, under real guards.

#![expect(clippy::unwrap_used, reason = "the lint knows #[test] functions, not what they call")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rehearsal::action::{Cancel, Progress, Sink, Stream};
use rehearsal::build::{
    self, BuildRequest, BuildResult, Content, Host, Identity, Instructions, Outputs, Source,
};
use rehearsal::build::{BuildspecFile, Layout, StandIns};
use rehearsal::clock::{ManualClock, Timestamp};
use rehearsal::process::GuardOptions;
use rehearsal::spec::config::{Project, ProjectVariable, ProjectVariableKind};

/// A workspace, and the user's environment.
pub(crate) struct Ground {
    root: tempfile::TempDir,
    pub(crate) environment: BTreeMap<OsString, OsString>,
}

/// What a build told.
#[derive(Default)]
pub(crate) struct Heard<'a> {
    pub(crate) text: String,
    pub(crate) notes: Vec<String>,
    /// Does something as soon as this text is in the output.
    pub(crate) when: Option<(&'static str, Reaction<'a>)>,
}

/// What a test does when it has heard something.
pub(crate) type Reaction<'a> = Box<dyn FnMut() + Send + 'a>;

impl Sink for Heard<'_> {
    fn output(&mut self, _: Timestamp, _: Stream, bytes: &[u8]) {
        self.text.push_str(&String::from_utf8_lossy(bytes));
        if let Some((_, mut then)) = self.when.take_if(|(text, _)| self.text.contains(*text)) {
            then();
        }
    }

    fn progress(&mut self, progress: Progress) {
        if let Progress::Note(note) = progress {
            self.notes.push(note);
        }
    }
}

impl Heard<'_> {
    /// What commands printed, without the agent's lines.
    pub(crate) fn said(&self) -> String {
        let lines = self.text.split_inclusive('\n');
        lines.filter(|line| !line.starts_with("[Container]") && !line.starts_with("[Rehearsal]")).collect()
    }
}

impl Ground {
    pub(crate) fn new() -> Self {
        crate::testing::require_tools();
        let root = tempfile::Builder::new().prefix("it-build-").tempdir().unwrap();
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        Self { root, environment: BTreeMap::from([("PATH".into(), path.into())]) }
    }

    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    /// A workspace of its own for one build.
    pub(crate) fn workspace(&self, name: &str) -> PathBuf {
        let workspace = self.path().canonicalize().unwrap().join(name);
        fs::create_dir_all(&workspace).unwrap();
        workspace
    }

    /// The machine, with guards that do not wait long for what ignores TERM.
    pub(crate) fn host(&self) -> Host {
        let mut guard = GuardOptions::new("build", env!("CARGO_BIN_EXE_rehearsal").into(), &self.environment);
        guard.grace = Duration::from_millis(100);
        Host {
            clock: Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH)),
            guard,
            environment: self.environment.clone(),
            inherit: Vec::new(),
            caches: None,
            forward: None,
        }
    }

    /// A build of a source that holds nothing but this buildspec.
    pub(crate) fn request(&self, buildspec: &str) -> BuildRequest {
        let workspace = self.workspace("work");
        let source = Layout::new(&workspace).checkout();
        fs::create_dir_all(&source).unwrap();
        fs::write(source.join("buildspec.yml"), buildspec).unwrap();
        BuildRequest {
            identity: Identity {
                id: "11111111-2222-4333-8444-555555555555".into(),
                number: 1,
                initiator: "tester".into(),
                region: build::DEFAULT_REGION.into(),
                account: build::DEFAULT_ACCOUNT.into(),
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
            time_limit: Duration::from_secs(600),
            workspace,
        }
    }

    /// Runs a build to its end.
    pub(crate) fn run(&self, request: &BuildRequest) -> (BuildResult, Heard<'static>) {
        let mut heard = Heard::default();
        let result = build::run(&self.host(), request, &mut heard, &Cancel::new().unwrap()).unwrap();
        (result, heard)
    }
}

/// A variable with a plain value.
pub(crate) fn plain(name: &str, value: impl AsRef<Path>) -> ProjectVariable {
    let value = value.as_ref().to_str().unwrap().to_owned();
    ProjectVariable { name: name.into(), value, kind: ProjectVariableKind::Plaintext }
}

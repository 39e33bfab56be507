//! Deployments through the provider, under real guards, to deployment roots of their own.

#![expect(clippy::unwrap_used, reason = "the lint knows #[test] functions, not what they call")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rehearsal::action::{
    Cancel, InputArtifact, Job, Outcome, PhaseStatus, Progress, Provider, Sink, Status, Stream,
};
use rehearsal::clock::{ManualClock, Timestamp};
use rehearsal::deploy::{CodeDeploy, Host};
use rehearsal::process::GuardOptions;
use rehearsal::spec::config::{DeploymentGroup, LocalGroup};
use rehearsal::store::archive::{Selection, pack};

/// A place to deploy from and to.
pub(crate) struct Yard {
    folder: tempfile::TempDir,
    environment: BTreeMap<OsString, OsString>,
}

/// What a deployment told.
#[derive(Default)]
pub(crate) struct Told<'a> {
    pub(crate) text: String,
    pub(crate) notes: Vec<String>,
    /// The events that ended, each with its status where that is not success.
    pub(crate) events: Vec<String>,
    /// Does something as soon as this text is in the output.
    pub(crate) when: Option<(&'static str, Reaction<'a>)>,
}

/// What a test does when it has heard something.
type Reaction<'a> = Box<dyn FnMut() + Send + 'a>;

impl Sink for Told<'_> {
    fn output(&mut self, _: Timestamp, _: Stream, bytes: &[u8]) {
        self.text.push_str(&String::from_utf8_lossy(bytes));
        if let Some((_, mut then)) = self.when.take_if(|(text, _)| self.text.contains(*text)) {
            then();
        }
    }

    fn progress(&mut self, progress: Progress) {
        match progress {
            Progress::Note(note) => self.notes.push(note),
            Progress::PhaseStarted { .. } => {}
            Progress::PhaseEnded { phase, status: PhaseStatus::Succeeded, .. } => self.events.push(phase),
            Progress::PhaseEnded { phase, status, .. } => self.events.push(format!("{phase}: {status:?}")),
        }
    }
}

impl Told<'_> {
    /// What scripts printed to their standard output.
    pub(crate) fn said(&self) -> String {
        let lines = self.text.split_inclusive('\n');
        lines.filter_map(|line| line.strip_prefix("[stdout]")).collect()
    }
}

/// The files of a revision and their content. Those that end in `.sh` can be run.
pub(crate) type Files<'a> = &'a [(&'a str, &'a str)];

impl Yard {
    pub(crate) fn new() -> Self {
        crate::testing::require_tools();
        let folder = tempfile::Builder::new().prefix("it-deploy-").tempdir().unwrap();
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        Self { folder, environment: BTreeMap::from([("PATH".into(), path.into())]) }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    /// The folder that stands for `/` of the group.
    pub(crate) fn root(&self) -> PathBuf {
        self.path().join("tree/root")
    }

    /// A file or folder of the instance.
    pub(crate) fn on_instance(&self, path: &str) -> PathBuf {
        self.root().join(path.trim_start_matches('/'))
    }

    pub(crate) fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.on_instance(path)).ok()
    }

    pub(crate) fn host(&self) -> Host {
        let mut guard =
            GuardOptions::new("deploy", env!("CARGO_BIN_EXE_rehearsal").into(), &self.environment);
        guard.grace = Duration::from_millis(100);
        Host {
            clock: Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH)),
            guard,
            environment: self.environment.clone(),
            inherit: Vec::new(),
            loopback: None,
            state: self.path().join("state"),
            work_tree: Some(self.path().join("tree")),
            region: "us-east-1".into(),
            account: "000000000000".into(),
        }
    }

    /// A provider that may run hooks, and knows one group, whose root is in the working tree.
    pub(crate) fn provider(&self) -> CodeDeploy {
        CodeDeploy::new(self.host(), vec![group()], vec![local(Some("root"))], true)
    }

    /// A job that deploys a revision.
    pub(crate) fn job(&self, name: &str, files: Files<'_>) -> Job {
        let bundle = self.path().join("bundles").join(name);
        for (file, content) in files {
            let path = bundle.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            let mode =
                if Path::new(file).extension().is_some_and(|kind| kind == "sh") { 0o755 } else { 0o644 };
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        self.job_of(name, &bundle)
    }

    /// A job that deploys what is in a folder.
    pub(crate) fn job_of(&self, name: &str, bundle: &Path) -> Job {
        let archive = self.path().join(format!("{name}.zip"));
        pack(Selection::Folder(bundle), &archive).unwrap();
        let workspace = self.path().join("work").join(name);
        fs::create_dir_all(&workspace).unwrap();
        let configuration = [("ApplicationName", "service"), ("DeploymentGroupName", "production")];
        Job {
            pipeline: "release".into(),
            execution: "11111111-2222-4333-8444-555555555555".into(),
            stage: "Deploy".into(),
            action: "Production".into(),
            action_execution: format!("action-{name}"),
            provider: "CodeDeploy".into(),
            configuration: configuration.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            commands: Vec::new(),
            environment_variables: Vec::new(),
            output_variables: Vec::new(),
            inputs: vec![InputArtifact { name: "App".into(), archive }],
            outputs: Vec::new(),
            workspace,
            revision: None,
        }
    }

    /// Deploys a revision, whichever way that ends.
    pub(crate) fn deploy(
        &self,
        provider: &CodeDeploy,
        name: &str,
        files: Files<'_>,
    ) -> (Outcome, Told<'static>) {
        perform(provider, &self.job(name, files))
    }

    /// Deploys a revision, which must succeed; gives the id.
    pub(crate) fn succeed(
        &self,
        provider: &CodeDeploy,
        name: &str,
        files: Files<'_>,
    ) -> (String, Told<'static>) {
        let (outcome, told) = self.deploy(provider, name, files);
        assert_eq!(outcome.status, Status::Succeeded, "{:?}\n{}", outcome.failure, told.text);
        (outcome.external_execution_id.unwrap(), told)
    }
}

pub(crate) fn perform(provider: &CodeDeploy, job: &Job) -> (Outcome, Told<'static>) {
    let mut told = Told::default();
    let outcome = provider.perform(job, &mut told, &Cancel::new().unwrap()).unwrap();
    (outcome, told)
}

pub(crate) fn group() -> DeploymentGroup {
    DeploymentGroup {
        application_name: "service".into(),
        deployment_group_name: "production".into(),
        ..DeploymentGroup::default()
    }
}

pub(crate) fn local(root: Option<&str>) -> LocalGroup {
    LocalGroup {
        application_name: "service".into(),
        deployment_group_name: "production".into(),
        root: root.map(PathBuf::from),
    }
}

/// An appspec with these lines, and these scripts of one line each as hooks.
pub(crate) fn appspec(lines: &str, hooks: &[(&str, &str)]) -> String {
    let mut text = format!("version: 0.0\nos: linux\n{lines}\n");
    if !hooks.is_empty() {
        text.push_str("hooks:\n");
    }
    for (event, script) in hooks {
        let _ = write!(text, "  {event}:\n    - {{location: {script}, timeout: 60}}\n");
    }
    text
}

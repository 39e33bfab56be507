//! What executions run with: the table of providers, made from the record of an execution and this machine.
//!
//! Owns: which provider performs which action here, and the values of stand-ins. The projects come from the text that
//! was recorded when the execution started, so that whoever carries it on builds the same; stand-ins and inherited
//! variables come from the user's own working tree as it is now.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::arguments::Allowing;
use super::ending::Failure;
use super::history;
use super::host::Host;
use super::output::Output;
use super::place::Place;
use super::sandbox;
use crate::action::Provider;
use crate::aws::forward::{self, Forwarder};
use crate::aws::{Forward, Home, Loopback, Outside, Upstreams, World, load_answers, registries};
use crate::build::{self, CodeBuild, Commands, Numbers, Queue, StandIns};
use crate::cli::printed::printed;
use crate::clock::{Clock, new_id};
use crate::deploy::{self, CodeDeploy};
use crate::pipeline::StoredJudge;
use crate::pipeline::definition::{self, Configuration, Files, FolderFiles};
use crate::pipeline::driver::Providers;
use crate::pipeline::engine::Execution;
use crate::process::sandbox::Sandbox;
use crate::process::{Command, GuardOptions};
use crate::repo::{GitSource, Repository};
use crate::spec::config::{self, Committed, StandIn, WorkingTree};
use crate::spec::pipeline::{Action, Category};
use crate::spec::quotas::{self, Quota};
use crate::store::{AppendError, NewEvent, Store, Workspace};

/// How long the command of a stand-in may take.
const STAND_IN_LIMIT: Duration = Duration::from_secs(60);

/// The providers there are.
#[derive(Debug, Clone, Copy)]
enum Which {
    Source,
    CodeBuild,
    Commands,
    CodeDeploy,
}

/// Which provider performs the actions of which category and name.
const PROVIDERS: [(Category, &str, Which); 7] = [
    (Category::Source, "CodeStarSourceConnection", Which::Source),
    (Category::Source, "CodeCommit", Which::Source),
    (Category::Source, "GitHub", Which::Source),
    (Category::Build, "CodeBuild", Which::CodeBuild),
    (Category::Test, "CodeBuild", Which::CodeBuild),
    (Category::Compute, "Commands", Which::Commands),
    (Category::Deploy, "CodeDeploy", Which::CodeDeploy),
];

/// Whether an action can be performed: there is a provider for it, or it is for people to answer.
pub(crate) fn performs(action: &Action) -> bool {
    if (action.category, action.provider.as_str()) == (Category::Approval, "Manual") {
        return true;
    }
    let fits = |(category, name, _): &(Category, &str, Which)| {
        *category == action.category && *name == action.provider
    };
    PROVIDERS.iter().any(fits)
}

/// The machine that executions run on.
#[derive(Clone)]
pub(crate) struct Equipment {
    repository: Option<Arc<dyn Repository>>,
    store: Store,
    clock: Arc<dyn Clock>,
    guard: GuardOptions,
    environment: BTreeMap<OsString, OsString>,
    packages: PathBuf,
    /// The top of the user's own files. Without them there are no stand-ins.
    root: Option<PathBuf>,
    time_limit: Option<Duration>,
    /// Where builds run.
    sandbox: Sandbox,
    /// Whether builds reach nothing outside.
    no_network: bool,
    /// Whether hooks of deployments may run on this machine.
    host_hooks: bool,
    /// Whether dummies are filled in for what has no stand-in.
    placeholders: bool,
    /// What calls AWS for real, if anything may.
    forwarder: Option<Arc<Forwarder>>,
    /// Whether builds may call through it.
    forwards: bool,
    /// Whether stand-ins are fetched through it.
    fetches: bool,
    /// Where it keeps long answers.
    _kept: Option<Arc<Workspace>>,
}

impl Equipment {
    /// This machine, with a shorter time limit for builds if one was asked for. Fails when the sandbox that was asked for
    /// does not work here, and tells what is worth knowing about the one that is used.
    pub(crate) fn new(
        host: &Host,
        place: &Place,
        time_limit: Option<Duration>,
        output: &Output,
    ) -> Result<Self, Failure> {
        let repository = place.repository.clone();
        let guard = GuardOptions::new(&place.scope(), host.program.clone(), &host.variables);
        let sandbox = sandbox::choose(asked_in_file(place), &guard, host, output)?;
        if host.no_network && sandbox == Sandbox::Host {
            return Err(Failure::unusable(
                "--no-network needs the isolated sandbox, and builds run on the host here",
            )
            .hint("commands on the host are in its network, and nothing keeps them from it"));
        }
        Ok(Self {
            repository: repository.map(|repository| repository as Arc<dyn Repository>),
            store: place.store.clone(),
            clock: place.clock.clone(),
            guard,
            environment: host.variables.clone(),
            packages: place.paths.packages().to_owned(),
            root: place.root.clone(),
            time_limit,
            sandbox,
            no_network: host.no_network,
            host_hooks: false,
            placeholders: false,
            forwarder: None,
            forwards: false,
            fetches: false,
            _kept: None,
        })
    }

    /// The same with what was allowed for this run. Fails when the profile is none that can be used.
    pub(crate) fn allowing(self, allowed: &Allowing, host: &Host, place: &Place) -> Result<Self, Failure> {
        let equipment = Self {
            host_hooks: allowed.host_hooks(),
            placeholders: allowed.placeholder_secrets,
            forwards: !allowed.permits().is_empty(),
            fetches: allowed.fetch(),
            ..self
        };
        let Some(profile) = allowed.needed_profile()? else { return Ok(equipment) };
        let kept = Arc::new(Workspace::create(&place.work()?, &new_id())?);
        let runner = {
            let equipment = equipment.clone();
            move |argv: &[String]| equipment.printed(argv.iter().map(Into::into).collect())
        };
        let variable = |name: &str| host.variables.get(OsStr::new(name))?.to_str().map(str::to_owned);
        let setup = forward::Setup {
            profile,
            permits: allowed.permits(),
            variables: &variable,
            runner: Arc::new(runner),
            clock: equipment.clock.clone(),
            folder: kept.path().to_owned(),
        };
        let forwarder =
            Forwarder::new(setup).map_err(|error| Failure::unusable(format!("--profile: {error}")))?;
        Ok(Self { forwarder: Some(Arc::new(forwarder)), _kept: Some(kept), ..equipment })
    }

    /// The providers for an execution.
    pub(crate) fn providers(&self, execution: &Execution) -> Result<Providers, String> {
        let origin = &execution.origin;
        let own = self.root.as_ref().map(|root| FolderFiles { root });
        let own = own.as_ref().map(|files| files as &dyn Files);
        let text = origin.configuration.as_deref().unwrap_or_default();
        let configuration = Configuration::recorded(text, own).map_err(|error| reason(&error))?;
        let repository = self.repository.clone().ok_or("there is no repository here any more")?;
        let reference = origin.reference.as_deref().unwrap_or_default();
        let source =
            if origin.worktree { GitSource::of_work_tree(repository) } else { GitSource::new(repository) }
                .on_branch(reference.strip_prefix("refs/heads/").map(str::to_owned))
                .for_tag(reference.strip_prefix("refs/tags/").map(str::to_owned));
        let config = configuration.config;
        let stand_ins = self.stand_ins(&config.working_tree);
        let host = self.host(&execution.id, &config.working_tree, &stand_ins)?;
        Ok(self.table(source, host, config.committed, stand_ins, &config.working_tree))
    }

    fn table(
        &self,
        source: GitSource,
        host: build::Host,
        committed: Committed,
        stand_ins: StandIns,
        own: &WorkingTree,
    ) -> Providers {
        let source = Arc::new(source);
        let loopback = host.loopback.clone();
        let codebuild = CodeBuild {
            host: host.clone(),
            projects: committed.projects,
            stand_ins,
            numbers: self.numbers(),
            queue: self.queue(own),
            time_limit: self.within(quotas::CODEBUILD_ACTION_TIMEOUT),
            region: region(own).to_owned(),
            account: account(own).to_owned(),
        };
        let test =
            Arc::new(CodeBuild { time_limit: self.within(quotas::TEST_ACTION_TIMEOUT), ..codebuild.clone() });
        let codebuild = Arc::new(codebuild);
        let commands = Arc::new(Commands {
            host,
            time_limit: self.time_limit,
            region: region(own).to_owned(),
            account: account(own).to_owned(),
        });
        let codedeploy = Arc::new(CodeDeploy::new(
            self.deployment_host(own, loopback),
            committed.deployment_groups,
            own.local_groups.clone(),
            self.host_hooks,
        ));
        let judge = StoredJudge { gates: committed.gates, store: self.store.clone() };
        PROVIDERS
            .iter()
            .fold(Providers::new(), |table, (category, name, which)| {
                let provider: Arc<dyn Provider> = match which {
                    Which::Source => source.clone(),
                    Which::CodeBuild if *category == Category::Test => test.clone(),
                    Which::CodeBuild => codebuild.clone(),
                    Which::Commands => commands.clone(),
                    Which::CodeDeploy => codedeploy.clone(),
                };
                table.with(*category, name, provider)
            })
            .judged_by(Arc::new(judge))
    }

    /// The time limit that was asked for, or CodePipeline's own for actions of a kind when that is shorter.
    fn within(&self, limit: Quota) -> Option<Duration> {
        [self.time_limit, limit.duration()].into_iter().flatten().min()
    }

    /// The machine as the builds of an execution know it.
    pub(crate) fn host(
        &self,
        execution: &str,
        own: &WorkingTree,
        stand_ins: &StandIns,
    ) -> Result<build::Host, String> {
        Ok(build::Host {
            loopback: Some(Arc::new(self.loopback(execution, own, stand_ins)?)),
            clock: self.clock.clone(),
            guard: self.guard.clone(),
            environment: self.environment.clone(),
            inherit: own.inherit.clone(),
            caches: Some(self.packages.clone()),
            sandbox: self.sandbox.clone(),
            private: self.root.iter().cloned().chain([self.store.path().to_owned()]).collect(),
        })
    }

    /// What stands in for AWS in an execution.
    fn loopback(&self, execution: &str, own: &WorkingTree, stand_ins: &StandIns) -> Result<Loopback, String> {
        let folder = self.store.aws_folder(execution).map_err(|error| error.to_string())?;
        let records = folder.parent().unwrap_or(&folder).to_owned();
        let shared = self.store.path().join("aws");
        let mut world = World::new(account(own), region(own), folder, shared, self.clock.clone());
        world.parameters.clone_from(&stand_ins.parameters);
        world.secrets.clone_from(&stand_ins.secrets);
        world.placeholders = stand_ins.placeholders;
        if let Some(root) = &self.root {
            world.answers = load_answers(root, &own.aws);
        }
        let forward =
            self.forwarder.clone().filter(|_| self.forwards).map(|forward| forward as Arc<dyn Forward>);
        Ok(Loopback::new(Arc::new(world), forward, self.outside(), records))
    }

    /// How builds reach the world outside of AWS: as the user's own clients do.
    fn outside(&self) -> Outside {
        let home = self.environment.get(OsStr::new("HOME")).map(Path::new);
        Outside {
            open: !self.no_network,
            registries: home.map(|home| registries(home, &self.environment)).unwrap_or_default(),
            upstreams: Upstreams::of_environment(&self.environment),
        }
    }

    /// The machine as deployments know it.
    fn deployment_host(&self, own: &WorkingTree, loopback: Option<Arc<Loopback>>) -> deploy::Host {
        deploy::Host {
            clock: self.clock.clone(),
            guard: GuardOptions { drain: deploy::DRAIN, ..self.guard.clone() },
            environment: self.environment.clone(),
            inherit: own.inherit.clone(),
            loopback,
            state: self.store.path().to_owned(),
            work_tree: self.root.clone(),
            region: region(own).to_owned(),
            account: account(own).to_owned(),
        }
    }

    /// The queue that builds stand in.
    pub(crate) fn queue(&self, own: &WorkingTree) -> Queue {
        Queue { store: self.store.clone(), limit: concurrent_builds(own) }
    }

    /// Counts builds, on a stream that holds nothing else: retention leaves it alone, so no number comes twice.
    pub(crate) fn numbers(&self) -> Numbers {
        let (store, clock) = (self.store.clone(), self.clock.clone());
        Arc::new(move |project| {
            let stream = history::count_stream(project);
            loop {
                let expected = store.last_seq(&stream)?;
                let counted = NewEvent {
                    execution: None,
                    at: clock.now(),
                    kind: "build-counted/1".to_owned(),
                    body: "{}".to_owned(),
                };
                match store.append(&stream, expected, &[counted]) {
                    Ok(appended) => return Ok(appended.last),
                    Err(AppendError::Conflict { .. }) => {}
                    Err(AppendError::Store(error)) => return Err(error.into()),
                }
            }
        })
    }

    /// The values of the stand-ins, as far as they can be had.
    pub(crate) fn stand_ins(&self, own: &WorkingTree) -> StandIns {
        let values = |given: &BTreeMap<String, StandIn>, store: forward::Store| {
            given.iter().map(|(name, stand_in)| (name.clone(), self.value(stand_in, name, store))).collect()
        };
        StandIns {
            parameters: values(&own.parameters, forward::Store::Parameters),
            secrets: values(&own.secrets, forward::Store::Secrets),
            placeholders: self.placeholders,
        }
    }

    /// The value of the stand-in for `name`.
    fn value(&self, stand_in: &StandIn, name: &str, store: forward::Store) -> Result<String, String> {
        match stand_in {
            StandIn::Literal(text) => Ok(text.clone()),
            StandIn::Env(name) => match self.environment.get(OsStr::new(name)) {
                Some(value) => {
                    value.clone().into_string().map_err(|_| format!("the variable {name} is not UTF-8"))
                }
                None => Err(format!("the variable {name} is not set")),
            },
            StandIn::File(path) => {
                let path = self.root.as_deref().unwrap_or(Path::new("/")).join(path);
                let text = std::fs::read_to_string(&path);
                text.map(without_line_end).map_err(|error| format!("cannot read {}: {error}", path.display()))
            }
            StandIn::Command(text) => {
                let argv = ["/bin/sh", "-c", text].map(Into::into).to_vec();
                self.printed(argv).map_err(|error| format!("`{text}`: {error}"))
            }
            StandIn::Fetch(own) => match &self.forwarder {
                Some(forwarder) if self.fetches => {
                    forwarder.fetch(store, own.as_deref().unwrap_or(name), build::DEFAULT_REGION)
                }
                Some(_) | None => {
                    Err("it is read from AWS only when that is allowed: --allow fetch --profile NAME"
                        .to_owned())
                }
            },
        }
    }

    /// What the user's own command prints, run in the working tree with the user's own environment.
    fn printed(&self, argv: Vec<OsString>) -> Result<String, String> {
        let command = Command {
            argv,
            cwd: self.root.clone().unwrap_or_else(|| PathBuf::from("/")),
            env: self.environment.clone(),
            time_limit: Some(STAND_IN_LIMIT),
            merged: false,
        };
        let text = String::from_utf8(printed(&self.guard, &command, &[0])?);
        text.map(without_line_end).map_err(|_| "not UTF-8".to_owned())
    }
}

/// The account that commands see.
pub(crate) fn account(own: &WorkingTree) -> &str {
    own.account.as_deref().unwrap_or(build::DEFAULT_ACCOUNT)
}

/// Both, as rehearsal.yml has them now.
pub(crate) fn home(place: &Place) -> Home {
    let own = in_file(place).unwrap_or_default();
    Home { account: account(&own).to_owned(), region: region(&own).to_owned() }
}

/// The region that commands see.
pub(crate) fn region(own: &WorkingTree) -> &str {
    own.region.as_deref().unwrap_or(build::DEFAULT_REGION)
}

/// The sandbox that the user's own rehearsal.yml names. A file that cannot be used is told of by whoever reads all of it.
fn asked_in_file(place: &Place) -> Option<config::Sandbox> {
    in_file(place)?.sandbox
}

/// The user's own part of rehearsal.yml as it is now, when it can be read.
fn in_file(place: &Place) -> Option<WorkingTree> {
    let files = FolderFiles { root: place.root.as_ref()? };
    Some(Configuration::read(&files, Some(&files)).ok()?.config.working_tree)
}

/// Builds at once on this machine: what rehearsal.yml says, else the number of cores.
pub(crate) fn concurrent_builds(own: &WorkingTree) -> u32 {
    own.quotas.get(quotas::CONCURRENT_BUILDS.name).copied().unwrap_or_else(|| {
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        u32::try_from(cores.get()).unwrap_or(u32::MAX)
    })
}

/// A text as `$(…)` takes it, but for one line end only: the others may be meant.
fn without_line_end(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
    }
    text
}

/// An error as one line: executions fail for it.
fn reason(error: &definition::Error) -> String {
    match error {
        definition::Error::Unusable(findings) => {
            let messages: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
            format!("{} cannot be used: {}", definition::CONFIGURATION, messages.join("; "))
        }
        definition::Error::Repository(_)
        | definition::Error::Nothing { .. }
        | definition::Error::NotAFile { .. }
        | definition::Error::Several { .. }
        | definition::Error::Unknown { .. } => error.to_string(),
    }
}

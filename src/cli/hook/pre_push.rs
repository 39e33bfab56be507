//! `rehearsal hook pre-push`: each pushed ref is judged by its name at the remote, on the commit that is pushed.
//!
//! Owns: that its files are checked, which pipelines would start, that they run up to their tests, and that only a known
//! red holds a push back.
//! Runs have streams of their own, which neither lock nor supersede others.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use super::verdict::{self, Key, Known};
use crate::check;
use crate::cli::arguments::{PrePush, Report};
use crate::cli::drive::{Approving, Drive};
use crate::cli::ending::{Ending, Failure};
use crate::cli::equip::Equipment;
use crate::cli::history::{self, Record};
use crate::cli::host::Host;
use crate::cli::output::{Ink, Output};
use crate::cli::place::{Ground, Place};
use crate::cli::plan::Plan;
use crate::cli::pushes::{self, Bounded, Judged};
use crate::cli::view::{View, summary};
use crate::cli::words;
use crate::clock::new_id;
use crate::diagnostic::{Finding, Severity, any_error};
use crate::pipeline::definition::{CONFIGURATION, CommitFiles, FolderFiles};
use crate::pipeline::engine::Trigger;
use crate::pipeline::trigger::{Cause, Extent, RefChange, RefName, Verdict};
use crate::repo::{self, Commit, CommitId, GitRepository, Pushed, Repository};

/// The variable that lets one push go without a rehearsal.
const SKIP: &str = "REHEARSAL_SKIP";

/// Codes of findings that tell of Rehearsal's limits or of missing descriptions, not of what AWS would refuse.
const OURS: [&str; 3] = ["not-there-yet", "not-supported-yet", "unknown-project"];

/// The most that is read from git: some hundred thousand refs.
const INPUT: u64 = 64 * 1024 * 1024;

/// What came of one pipeline for one ref.
enum Came {
    /// It is green, or there is no reason to hold the push back.
    Passed,
    /// It is red.
    Red,
    /// The user ended it.
    Signal(i32),
}

pub(super) fn perform(arguments: &PrePush, host: &Host, output: &Output) -> Result<Ending, Failure> {
    let asked = host.variables.get(OsStr::new(SKIP));
    if asked.is_some_and(|value| !matches!(value.to_str(), Some("" | "0" | "false"))) {
        output.note(format_args!("{SKIP} is set: this push is not rehearsed"));
        return Ok(Ending::Well);
    }
    if std::io::stdin().is_terminal() {
        return Err(Failure::unusable("git tells on standard input what is pushed, and there is a terminal")
            .hint("`git push` calls this once `rehearsal hook install` was run"));
    }
    let mut text = String::new();
    std::io::stdin()
        .take(INPUT)
        .read_to_string(&mut text)
        .map_err(|error| Failure::broken(format!("cannot read what is pushed: {error}")))?;
    let refs = repo::pushed(&text).map_err(|error| Failure::unusable(error.to_string()))?;
    let host = outside_of_git(host);
    let ground = Ground::find(&host)?;
    let Some(repository) = ground.repository.clone() else {
        return Err(Failure::unusable(format!(
            "{} is not inside a git repository",
            host.directory.display()
        )));
    };
    let mut push = Push {
        remote: &arguments.remote,
        host: &host,
        output,
        repository: &repository,
        place: None,
        checked: BTreeMap::new(),
    };
    Ok(push.judge(&refs))
}

/// The machine as it is outside of a hook: git sets variables that mean this repository only, some of them relative.
fn outside_of_git(host: &Host) -> Host {
    // `git rev-parse --local-env-vars` lists these.
    const LOCAL: [&str; 16] = [
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    ];
    let mut host = host.clone();
    // What is pushed comes from GIT_DIR, wherever the working directory is.
    if let Some(git_dir) = host.variables.get(OsStr::new("GIT_DIR")) {
        host.directory = host.directory.join(git_dir);
    }
    host.variables.retain(|name, _| !LOCAL.iter().any(|local| name == local));
    host
}

/// Everything that is in the way of a plan, or worth a warning. A failure is none of the files'.
fn findings(plan: &Plan<'_>) -> Result<Vec<Finding>, Failure> {
    plan.check().or_else(
        |failure| {
            if failure.findings.is_empty() { Err(failure) } else { Ok(failure.findings) }
        },
    )
}

/// Whether AWS would refuse the file too.
fn is_red(finding: &Finding) -> bool {
    finding.severity == Severity::Error
        && !OURS.contains(&finding.code)
        && finding.source.name() != CONFIGURATION
}

/// A push under way.
struct Push<'a> {
    remote: &'a str,
    host: &'a Host,
    output: &'a Output,
    repository: &'a GitRepository,
    /// Opened when there is something to run.
    place: Option<Place>,
    /// What `check` said of the commits so far: whether one is red.
    checked: BTreeMap<CommitId, bool>,
}

impl Push<'_> {
    fn judge(&mut self, refs: &[Pushed]) -> Ending {
        let mut red = Vec::new();
        for pushed in refs {
            let Some(object) = &pushed.object else { continue };
            let Some(name) = RefName::parse(&pushed.remote) else {
                self.output.note(format_args!("{} is no branch or tag: it starts nothing", pushed.remote));
                continue;
            };
            match self.one(&name, object, pushed.before.as_deref()) {
                Ok(Came::Passed) => {}
                Ok(Came::Red) => red.push(name.to_string()),
                Ok(Came::Signal(number)) => return Ending::Signal(number),
                // What Rehearsal cannot judge is no red.
                Err(failure) => self.not_judged(&name, &failure),
            }
        }
        if red.is_empty() {
            return Ending::Well;
        }
        self.output.talk(format_args!(
            "{}: nothing is pushed to {}: red for {}",
            self.output.err.ink(Ink::Bad, "error"),
            self.remote,
            red.join(", ")
        ));
        self.output.talk(format_args!(
            "{}: `git push --no-verify` pushes all the same",
            self.output.err.ink(Ink::Active, "hint")
        ));
        Ending::NotWell
    }

    fn not_judged(&self, name: &RefName, failure: &Failure) {
        self.output.findings(&failure.findings);
        let why = match failure.message.as_str() {
            "" => String::new(),
            message => format!(": {message}"),
        };
        self.output.note(format_args!("{name} was not rehearsed, which does not hold the push back{why}"));
    }

    /// Judges a ref by all pipelines that its push would start.
    fn one(&mut self, name: &RefName, object: &str, before: Option<&str>) -> Result<Came, Failure> {
        let repository = self.repository;
        let commit = pushes::commit(repository, object, name)?;
        if self.check(&commit)? {
            return Ok(Came::Red);
        }
        let changed = pushes::changed(repository, before, &commit.id);
        let change = RefChange { name: name.clone(), changed };
        let judged = match pushes::judge(repository, &commit, &change, None) {
            Ok(judged) => judged,
            Err(failure) => vec![Err(failure)],
        };
        let mut against = Vec::new();
        let (mut starts, mut red) = (false, false);
        for judged in judged {
            match judged {
                Err(failure) if failure.findings.iter().any(is_red) => {
                    (starts, red) = (true, true);
                    self.output.failure(&failure);
                }
                Err(failure) => {
                    starts = true;
                    self.not_judged(name, &failure);
                }
                Ok(Judged { plan, verdict: Verdict::Not(reasons) }) => {
                    against.push((plan.definition.pipeline.name.clone(), reasons));
                }
                Ok(Judged { plan, verdict: Verdict::Starts(cause) }) => {
                    starts = true;
                    match self.rehearse(plan, &cause, name) {
                        Ok(Came::Passed) => {}
                        Ok(Came::Red) => red = true,
                        Ok(Came::Signal(number)) => return Ok(Came::Signal(number)),
                        Err(failure) => self.not_judged(name, &failure),
                    }
                }
            }
        }
        if !starts {
            let why = pushes::reasons(&against);
            self.output.note(format_args!("no pipeline starts for {name}, so nothing was rehearsed: {why}"));
        }
        Ok(if red { Came::Red } else { Came::Passed })
    }

    /// Checks the files of a commit by themselves and together, once. Tells whether AWS would refuse one of them.
    fn check(&mut self, commit: &Commit) -> Result<bool, Failure> {
        if let Some(red) = self.checked.get(&commit.id) {
            return Ok(*red);
        }
        let files = CommitFiles { repository: self.repository, commit: &commit.id };
        let name = |path: &Path| path.display().to_string();
        let found = check::find(&files, &self.repository.list(&commit.id)?, None, &name);
        // What the user does not want reported stands in their working tree: a commit silences nothing.
        let settings = self.repository.work_dir().map(|root| check::Settings::load(&FolderFiles { root }));
        let settings = &settings.unwrap_or_default();
        let remotes = &self.repository.remotes();
        let report = check::check(
            found.inputs,
            &check::Place { files: &files, complete: true, name: &name, settings, shellcheck: None, remotes },
        );
        let refused: Vec<_> = report.findings.into_iter().filter(is_red).collect();
        self.output.findings(&refused);
        self.checked.insert(commit.id.clone(), !refused.is_empty());
        Ok(!refused.is_empty())
    }

    /// Runs a pipeline up to its tests, unless its files were run before.
    fn rehearse(&mut self, plan: Plan<'_>, cause: &Cause, name: &RefName) -> Result<Came, Failure> {
        let pipeline = plan.definition.pipeline.name.clone();
        let Bounded { plan, nothing_before } = pushes::bounded(plan, Extent::Tests);
        let findings = findings(&plan)?;
        if any_error(&findings) {
            self.output.findings(&findings);
            if findings.iter().any(is_red) {
                return Ok(Came::Red);
            }
            self.output.note(format_args!("{pipeline} was not rehearsed, which does not hold the push back"));
            return Ok(Came::Passed);
        }
        if let Some(stage) = nothing_before {
            self.output
                .note(format_args!("{pipeline} has no tests before its stage {stage}: nothing to run"));
            return Ok(Came::Passed);
        }
        let key = Key::of(&plan);
        let place = self.place()?;
        if let Some(execution) = verdict::find(&place.store, &key)? {
            return self.known(execution, &pipeline);
        }
        self.output.findings(&findings);
        self.run(plan, cause, name, &key, findings.len())
    }

    fn place(&mut self) -> Result<&Place, Failure> {
        let place = match self.place.take() {
            Some(place) => place,
            None => Ground::find(self.host)?.open(self.host, self.output)?,
        };
        Ok(self.place.insert(place))
    }

    /// Says what is known from before.
    fn known(
        &mut self,
        execution: crate::pipeline::engine::Execution,
        pipeline: &str,
    ) -> Result<Came, Failure> {
        let output = *self.output;
        let place = self.place()?;
        let id = words::short(&execution.id).to_owned();
        match verdict::of(&execution) {
            Known::Green => {
                output.talk(format_args!("{pipeline}: already {}: {id}", output.err.ink(Ink::Good, "green")));
                Ok(Came::Passed)
            }
            Known::Red | Known::Nothing => {
                let record = Record { stream: history::hook_stream(&execution.id), execution };
                for report in summary::failures(output.err, &place.store, &record, true)? {
                    output.talk(format_args!("{report}\n"));
                }
                output.talk(format_args!("{pipeline}: already {}: {id}", output.err.ink(Ink::Bad, "red")));
                if let Some(next) = summary::next_step(&record) {
                    let next = output.err.ink(Ink::Strong, next);
                    output.talk(format_args!("run it again from there: {next}"));
                }
                Ok(Came::Red)
            }
        }
    }

    fn run(
        &mut self,
        plan: Plan<'_>,
        cause: &Cause,
        name: &RefName,
        key: &Key,
        warnings: usize,
    ) -> Result<Came, Failure> {
        let (host, output, remote) = (self.host, *self.output, self.remote);
        let place = self.place()?;
        let equipment = Equipment::new(host, place, None, &output)?;
        let execution = new_id();
        let stream = history::hook_stream(&execution);
        let pipeline = plan.definition.pipeline.name.clone();
        let detail = format!("rehearsal hook: {} to {remote}: {}", name.full(), cause.why);
        let trigger = Trigger { kind: cause.kind, detail: Some(detail) };
        let start = plan.start(&execution, BTreeMap::new(), trigger);
        let drive = Drive {
            place,
            output: &output,
            report: Report { json: false, strict: false },
            stream: &stream,
            execution: &execution,
            pipeline: &pipeline,
            warnings,
            again: None,
            done: None,
            streams_output: false,
            approving: Approving::Leave,
            flags: String::new(),
            by: host.user(),
        };
        let ending = drive.carry_as(
            View::briefly(output, &execution, &pipeline),
            |handle| drive.heed_signals(handle),
            |_| {},
            |execution| equipment.providers(execution),
            |driver| driver.start(start),
        )?;
        if let Ending::Signal(number) = ending {
            return Ok(Came::Signal(number));
        }
        verdict::remember(&place.store, &*place.clock, key, &execution)?;
        let record = history::find(&place.store, Some(&execution))?;
        Ok(match verdict::of(&record.execution) {
            Known::Green => Came::Passed,
            Known::Red => Came::Red,
            Known::Nothing => {
                output.note(format_args!("{pipeline} came to no verdict, which does not hold the push back"));
                Came::Passed
            }
        })
    }
}

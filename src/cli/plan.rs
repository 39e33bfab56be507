//! What is run for a commit: its pipeline, its projects, and everything that can be known to be in the way before
//! anything starts.
//!
//! Owns: which files count (design 2, "Which files count"), and the start of an execution made from them. Shared by
//! everything that starts pipelines. Leaves to the commands: where executions are recorded, and how they are shown.

use std::collections::{BTreeMap, BTreeSet};

use super::ending::Failure;
use super::equip;
use super::words;
use crate::diagnostic::{Finding, Severity, any_error};
use crate::pipeline::definition::{
    self, CommitFiles, Configuration, Definition, Files, FolderFiles, Preflight,
};
use crate::pipeline::engine::{Origin, Start, Trigger};
use crate::repo::{Commit, GitRepository, Repository};
use crate::spec::config::Project;

/// What is asked for.
pub(super) struct Wanted<'a, 't> {
    pub(super) repository: &'a GitRepository,
    pub(super) commit: Commit,
    /// The pipeline's name; none is needed when there is only one.
    pub(super) pipeline: Option<&'t str>,
    /// Whether the files of the working tree count instead of the commit's.
    pub(super) worktree: bool,
    /// The last stage to run.
    pub(super) until: Option<&'t str>,
}

/// Why there is no plan.
pub(super) enum Unplanned {
    /// The pipeline's definition cannot be found or used.
    Definition(definition::Error),
    /// Anything else.
    Failure(Failure),
}

impl From<crate::repo::Error> for Unplanned {
    fn from(error: crate::repo::Error) -> Self {
        Self::Failure(error.into())
    }
}

impl From<Unplanned> for Failure {
    fn from(unplanned: Unplanned) -> Self {
        match unplanned {
            Unplanned::Definition(error) => unusable(error),
            Unplanned::Failure(failure) => failure,
        }
    }
}

/// What is run for a commit.
pub(super) struct Plan<'a> {
    repository: &'a GitRepository,
    pub(super) commit: Commit,
    worktree: bool,
    until: Option<String>,
    pub(super) definition: Definition,
    pub(super) configuration: Configuration,
}

impl<'a> Plan<'a> {
    /// Finds the pipeline that is wanted.
    pub(super) fn make(wanted: Wanted<'a, '_>) -> Result<Self, Unplanned> {
        let Wanted { repository, commit, pipeline, worktree, until } = wanted;
        let branch = repository.branch()?;
        let named_branch = commit.branch.as_deref().or(branch.as_deref()).unwrap_or("main");
        let (configuration, definition) = with_files(repository, &commit, worktree, |files, own| {
            let mut configuration = Configuration::read(files, own).map_err(unusable)?;
            let folder = folder_name(repository);
            let definition = definition::find(files, &mut configuration, pipeline, &folder, named_branch);
            Ok((configuration, definition))
        })
        .map_err(Unplanned::Failure)?;
        let definition = definition.map_err(Unplanned::Definition)?;
        let until = until.map(str::to_owned);
        Ok(Self { repository, commit, worktree, until, definition, configuration })
    }

    /// The plans of all pipelines that a commit defines, or of the one that is assumed for it. A definition that cannot
    /// be used is an error of its own.
    pub(super) fn all(
        repository: &'a GitRepository,
        commit: &Commit,
    ) -> Result<Vec<Result<Self, Failure>>, Failure> {
        let named = with_files(repository, commit, false, |files, own| {
            let configuration = Configuration::read(files, own).map_err(unusable)?;
            definition::list(files, &configuration).map_err(unusable)
        })?;
        let plan = |path: Option<&str>| {
            let commit = commit.clone();
            let wanted = Wanted { repository, commit, pipeline: path, worktree: false, until: None };
            Self::make(wanted).map_err(Failure::from)
        };
        let mut plans = Vec::new();
        let mut names = BTreeMap::new();
        for definition::Named { name, path } in &named {
            plans.push(match names.insert(name, path) {
                None => plan(Some(path)),
                Some(other) => {
                    let message = format!("{other} and {path} both define a pipeline `{name}`");
                    Err(Failure::unusable(message).hint("give one of them another name"))
                }
            });
        }
        if named.is_empty() {
            plans.push(plan(None));
        }
        Ok(plans)
    }

    /// The same plan, ending after a stage.
    pub(super) fn until(self, stage: Option<String>) -> Self {
        Self { until: stage, ..self }
    }

    /// The last stage to run, when not the definition's last.
    pub(super) fn last_stage(&self) -> Option<&str> {
        self.until.as_deref()
    }

    /// Everything that can be known to be in the way is an error; what is only worth a warning is returned.
    pub(super) fn check(&self) -> Result<Vec<Finding>, Failure> {
        with_files(self.repository, &self.commit, self.worktree, |files, _| {
            check(&Preflight {
                definition: &self.definition,
                until: self.until.as_deref(),
                configuration: &self.configuration,
                files,
                performs: &equip::performs,
            })
        })
    }

    /// The projects that the pipeline builds, as far as they are described.
    pub(super) fn projects(&self) -> impl Iterator<Item = &Project> {
        let actions = self.definition.pipeline.actions();
        let names: BTreeSet<_> =
            actions.filter_map(|(_, action)| action.configuration.get("ProjectName")).collect();
        names.into_iter().filter_map(|name| self.configuration.config.project(name))
    }

    /// The stages that have a gate before them.
    fn gates(&self) -> BTreeSet<String> {
        let gates = self.configuration.config.committed.gates.iter();
        let ours = gates.filter(|gate| gate.concerns(&self.definition.pipeline.name));
        ours.map(|gate| gate.before.clone()).collect()
    }

    /// The start of an execution.
    pub(super) fn start(
        self,
        execution: &str,
        variables: BTreeMap<String, String>,
        trigger: Trigger,
    ) -> Start {
        Start {
            execution: execution.to_owned(),
            definition_digest: self.definition.digest.to_string(),
            variables,
            source_revisions: BTreeMap::new(),
            trigger,
            origin: Origin {
                commit: Some(self.commit.id.to_string()),
                reference: reference_of(&self.commit),
                worktree: self.worktree,
                definition_path: self.definition.path.clone(),
                configuration: self.configuration.text(),
            },
            gates: self.gates(),
            until: self.until,
            definition: self.definition.pipeline,
        }
    }
}

/// Hands over the files that count, and those of the user's own working tree.
fn with_files<T>(
    repository: &GitRepository,
    commit: &Commit,
    worktree: bool,
    act: impl FnOnce(&dyn Files, Option<&dyn Files>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let root = repository.work_dir().map(std::path::Path::to_owned);
    let folder = root.as_ref().map(|root| FolderFiles { root });
    let committed = CommitFiles { repository, commit: &commit.id };
    let own: Option<&dyn Files> = folder.as_ref().map(|files| files as &dyn Files);
    match (worktree, own) {
        (false, _) => act(&committed, own),
        (true, Some(files)) => act(files, own),
        (true, None) => Err(Failure::unusable("this repository has no working tree")),
    }
}

/// Everything that can be known to be in the way; what is only worth a warning otherwise.
fn check(preflight: &Preflight<'_>) -> Result<Vec<Finding>, Failure> {
    let pipeline = &preflight.definition.pipeline;
    if let Some(until) = preflight.until {
        let stages: Vec<_> = pipeline.stages.iter().map(|stage| stage.name.as_str()).collect();
        if !stages.contains(&until) {
            let failure = Failure::unusable(format!("pipeline {} has no stage `{until}`", pipeline.name));
            return Err(match words::nearest(until, stages.iter().copied()) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint(format!("its stages are {}", stages.join(", "))),
            });
        }
    }
    let in_the_way = definition::preflight(preflight)?;
    if any_error(&in_the_way) {
        return Err(Failure::findings(in_the_way));
    }
    let read = preflight.configuration.findings.iter().chain(&preflight.definition.findings);
    let all = read.cloned().chain(in_the_way);
    // Advice is for `check`: whoever runs a pipeline wants to know what is wrong with it.
    Ok(all.filter(|finding| finding.severity != Severity::Advice).collect())
}

/// The name of the folder that the repository is in, whichever of its worktrees this is.
fn folder_name(repository: &GitRepository) -> String {
    let common = repository.common_dir();
    let folder = if common.ends_with(".git") { common.parent() } else { Some(common) };
    let name = folder.and_then(std::path::Path::file_name).map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_default()
}

/// The ref that the commit was named by, whole.
pub(super) fn reference_of(commit: &Commit) -> Option<String> {
    let branch = commit.branch.as_ref().map(|branch| format!("refs/heads/{branch}"));
    commit.tag.as_ref().map(|tag| format!("refs/tags/{tag}")).or(branch)
}

/// Turns what is wrong with definitions into the words for it.
pub(super) fn unusable(error: definition::Error) -> Failure {
    let listed = |candidates: &[definition::Named]| {
        let lines: Vec<_> =
            candidates.iter().map(|named| format!("  {}  ({})", named.name, named.path)).collect();
        format!("\n{}", lines.join("\n"))
    };
    let failure = Failure::unusable(error.to_string());
    match error {
        definition::Error::Repository(error) => error.into(),
        definition::Error::Unusable(findings) => Failure::findings(findings),
        definition::Error::Nothing { .. } => failure.hint(
            "write pipeline.yml (`aws codepipeline get-pipeline --name NAME` prints one), or a buildspec.yml",
        ),
        definition::Error::NotAFile { .. } => failure.hint("put the file itself there"),
        definition::Error::Several { candidates, .. } => {
            failure.hint(format!("name one of them:{}", listed(&candidates)))
        }
        definition::Error::Unknown { name, candidates, .. } => {
            match words::nearest(&name, candidates.iter().map(|named| named.name.as_str())) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None if candidates.is_empty() => failure,
                None => failure.hint(format!("there is:{}", listed(&candidates))),
            }
        }
    }
}

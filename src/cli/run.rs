//! `rehearsal run`: a pipeline, for a commit.

use std::collections::{BTreeMap, BTreeSet};

use super::arguments::Run;
use super::drive::Drive;
use super::ending::{Ending, Failure};
use super::equip::{self, Equipment};
use super::history;
use super::host::Host;
use super::output::Output;
use super::place::Ground;
use super::words;
use crate::clock::new_id;
use crate::diagnostic::{Finding, Severity, any_error};
use crate::pipeline::definition::{
    self, BUILDSPEC, CONFIGURATION, CommitFiles, Configuration, Definition, Files, FolderFiles, Preflight,
};
use crate::pipeline::engine::{Origin, Start, Trigger, TriggerType};
use crate::repo::{Commit, GitRepository, Repository};
use crate::spec::pipeline::{Pipeline, Variable};

pub(super) fn perform(arguments: &Run, host: &Host, output: &Output) -> Result<Ending, Failure> {
    let ground = Ground::find(host)?;
    let Some(repository) = ground.repository.clone() else {
        let message = format!("{} is not inside a git repository", host.directory.display());
        return Err(Failure::unusable(message).hint("`rehearsal build` works outside of one"));
    };
    let commit = repository.resolve(arguments.commit.as_deref().unwrap_or("HEAD"))?;
    let root = repository.work_dir().map(std::path::Path::to_owned);
    let folder = root.as_ref().map(|root| FolderFiles { root });
    let committed = CommitFiles { repository: &*repository, commit: &commit.id };
    let own: Option<&dyn Files> = folder.as_ref().map(|files| files as &dyn Files);
    let files: &dyn Files = match (arguments.worktree, own) {
        (false, _) => &committed,
        (true, Some(own)) => own,
        (true, None) => return Err(Failure::unusable("this repository has no working tree")),
    };
    let mut configuration = Configuration::read(files, own).map_err(unusable)?;
    let branch = repository.branch()?;
    let named_branch = commit.branch.as_deref().or(branch.as_deref()).unwrap_or("main");
    let definition = definition::find(
        files,
        &mut configuration,
        arguments.pipeline.as_deref(),
        &folder_name(&repository),
        named_branch,
    )
    .map_err(|error| nothing_found(error, &repository, arguments))?;
    for sentence in &definition.assumed {
        output.note(sentence);
    }
    if !arguments.worktree {
        warn_of_uncommitted(&repository, &commit, &definition, &configuration, output)?;
    }
    let warnings = check(&Preflight {
        definition: &definition,
        until: arguments.until.as_deref(),
        configuration: &configuration,
        files,
        performs: &equip::performs,
    })?;
    let variables = variables(&arguments.variables, &definition.pipeline)?;
    output.findings(&warnings);
    for name in projects(&definition.pipeline) {
        if let Some(project) = configuration.config.project(name) {
            super::build::note_smaller_limit(output, project, arguments.timeout);
        }
    }

    // Nothing is made before it is known that there is something to run.
    let place = ground.open(host, output)?;
    let equipment = Equipment::new(host, &place, arguments.timeout);
    let execution = new_id();
    let stream = if arguments.worktree {
        history::worktree_stream(&execution)
    } else {
        history::pipeline_stream(&definition.pipeline.name)
    };
    let start = Start {
        execution: execution.clone(),
        definition_digest: definition.digest.to_string(),
        variables,
        source_revisions: BTreeMap::new(),
        trigger: Trigger {
            kind: TriggerType::StartPipelineExecution,
            detail: Some("rehearsal run".to_owned()),
        },
        origin: Origin {
            commit: Some(commit.id.to_string()),
            reference: reference_of(&commit),
            worktree: arguments.worktree,
            definition_path: definition.path.clone(),
            configuration: configuration.text(),
        },
        until: arguments.until.clone(),
        definition: definition.pipeline,
    };
    let pipeline = start.definition.name.clone();
    let drive = Drive {
        place: &place,
        output,
        report: arguments.report,
        stream: &stream,
        execution: &execution,
        pipeline: &pipeline,
        warnings: warnings.len(),
        again: None,
        streams_output: false,
    };
    drive.carry(|execution| equipment.providers(execution), |driver| driver.start(start))
}

/// The names of the projects that a pipeline builds.
fn projects(pipeline: &Pipeline) -> BTreeSet<&str> {
    let names = pipeline.actions().filter_map(|(_, action)| action.configuration.get("ProjectName"));
    names.map(String::as_str).collect()
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

/// The values that are given for pipeline variables; whether they will do is up to the engine.
fn variables(given: &[(String, String)], pipeline: &Pipeline) -> Result<BTreeMap<String, String>, Failure> {
    let declared: Vec<_> = pipeline.variables.iter().map(|variable| variable.name.as_str()).collect();
    let mut variables = BTreeMap::new();
    for (name, value) in given {
        if variables.insert(name.clone(), value.clone()).is_some() {
            return Err(Failure::unusable(format!("--var {name} is given twice")));
        }
        if !declared.contains(&name.as_str()) {
            let failure = Failure::unusable(format!("pipeline {} has no variable `{name}`", pipeline.name));
            return Err(match words::nearest(name, declared.iter().copied()) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None if declared.is_empty() => failure,
                None => failure.hint(format!("its variables are {}", declared.join(", "))),
            });
        }
    }
    let missing =
        |variable: &&Variable| variable.default_value.is_none() && !variables.contains_key(&variable.name);
    if let Some(variable) = pipeline.variables.iter().find(missing) {
        let failure = Failure::unusable(format!("variable `{}` has no default value", variable.name));
        return Err(failure.hint(format!("give it one: --var {}=VALUE", variable.name)));
    }
    Ok(variables)
}

/// Names what was changed and not committed, which is not what runs.
fn warn_of_uncommitted(
    repository: &GitRepository,
    commit: &Commit,
    definition: &Definition,
    configuration: &Configuration,
    output: &Output,
) -> Result<(), Failure> {
    if repository.work_dir().is_none()
        || repository.head().map(|head| head.id).ok() != Some(commit.id.clone())
    {
        return Ok(());
    }
    let mut paths = definition::buildspecs(definition, configuration);
    paths.push(CONFIGURATION.to_owned());
    match &definition.path {
        Some(path) => paths.push(path.clone()),
        None => {
            paths.extend(["pipeline.yml", "pipeline.yaml", "pipeline.json", BUILDSPEC].map(str::to_owned));
        }
    }
    let changed = repository.uncommitted(&paths.iter().map(String::as_str).collect::<Vec<_>>())?;
    if !changed.is_empty() {
        let names: Vec<_> = changed.iter().map(|path| path.display().to_string()).collect();
        let verb = if names.len() == 1 { "is" } else { "are" };
        output.warn(format_args!(
            "{} {verb} changed and not committed; what runs is commit {} (--worktree runs the changes)",
            names.join(", "),
            commit.id.short()
        ));
    }
    Ok(())
}

/// What to say when there is no pipeline to run.
fn nothing_found(error: definition::Error, repository: &GitRepository, arguments: &Run) -> Failure {
    let uncommitted = || {
        let names = ["pipeline.yml", "pipeline.yaml", "pipeline.json", CONFIGURATION, BUILDSPEC];
        let changed = repository.uncommitted(&names).unwrap_or_default();
        changed.iter().map(|path| path.display().to_string()).collect::<Vec<_>>()
    };
    let failure = unusable(error);
    if arguments.worktree || arguments.commit.is_some() || !failure.findings.is_empty() {
        return failure;
    }
    match uncommitted().as_slice() {
        [] => failure,
        names => {
            failure.hint(format!("{} is not committed yet: commit it, or use --worktree", names.join(", ")))
        }
    }
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

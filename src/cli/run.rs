//! `rehearsal run`: a pipeline, for a commit.

use std::collections::BTreeMap;

use super::arguments::Run;
use super::drive::{Approving, Drive};
use super::ending::{Ending, Failure};
use super::equip::Equipment;
use super::history;
use super::host::Host;
use super::output::Output;
use super::place::Ground;
use super::plan::{Plan, Unplanned, Wanted, unusable};
use super::words;
use crate::clock::new_id;
use crate::pipeline::definition::{self, BUILDSPEC, CONFIGURATION};
use crate::pipeline::engine::{Fact, Trigger, TriggerType};
use crate::repo::{GitRepository, Repository};
use crate::spec::pipeline::{Pipeline, Variable};

pub(super) fn perform(arguments: &Run, host: &Host, output: &Output) -> Result<Ending, Failure> {
    carry(arguments, host, output, &|_| {})
}

/// The same with somebody who hears of every fact about the execution once it was shown.
pub(super) fn carry(
    arguments: &Run,
    host: &Host,
    output: &Output,
    hear: &dyn Fn(&Fact),
) -> Result<Ending, Failure> {
    // Before anything else is looked at.
    arguments.allowing.needed_profile()?;
    let ground = Ground::find(host)?;
    let Some(repository) = ground.repository.clone() else {
        let message = format!("{} is not inside a git repository", host.directory.display());
        return Err(Failure::unusable(message).hint("`rehearsal build` works outside of one"));
    };
    let commit = repository.resolve(arguments.commit.as_deref().unwrap_or("HEAD"))?;
    let wanted = Wanted {
        repository: &repository,
        commit,
        pipeline: arguments.pipeline.as_deref(),
        worktree: arguments.worktree,
        until: arguments.until.as_deref(),
    };
    let plan = Plan::make(wanted).map_err(|error| match error {
        Unplanned::Definition(error) => nothing_found(error, &repository, arguments),
        Unplanned::Failure(failure) => failure,
    })?;
    for sentence in &plan.definition.assumed {
        output.note(sentence);
    }
    if !arguments.worktree {
        warn_of_uncommitted(&repository, &plan, output)?;
    }
    let warnings = plan.check()?;
    let variables = variables(&arguments.variables, &plan.definition.pipeline)?;
    output.findings(&warnings);
    for project in plan.projects() {
        super::build::note_smaller_limit(output, project, arguments.timeout);
    }

    // Nothing is made before it is known that there is something to run.
    let place = ground.open(host, output)?;
    let equipment = Equipment::new(host, &place, arguments.timeout, output)?.allowing(
        &arguments.allowing,
        host,
        &place,
    )?;
    let execution = new_id();
    let pipeline = plan.definition.pipeline.name.clone();
    let stream = if arguments.worktree {
        history::worktree_stream(&execution)
    } else {
        history::pipeline_stream(&pipeline)
    };
    let trigger =
        Trigger { kind: TriggerType::StartPipelineExecution, detail: Some("rehearsal run".to_owned()) };
    let start = plan.start(&execution, variables, trigger);
    let drive = Drive {
        place: &place,
        output,
        report: arguments.report,
        stream: &stream,
        execution: &execution,
        pipeline: &pipeline,
        warnings: warnings.len(),
        again: None,
        done: None,
        streams_output: false,
        approving: Approving::of(arguments.approving, host, arguments.report),
        flags: arguments.allowing.flags(),
        by: host.user(),
    };
    drive.carry_as(
        drive.view(),
        |handle| drive.heed_signals(handle),
        |event| {
            if event.execution == execution {
                hear(&event.fact);
            }
        },
        |execution| equipment.providers(execution),
        |driver| driver.start(start),
    )
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
fn warn_of_uncommitted(repository: &GitRepository, plan: &Plan, output: &Output) -> Result<(), Failure> {
    let Plan { commit, definition, configuration, .. } = plan;
    if repository.work_dir().is_none()
        || repository.head().map(|head| head.id).ok() != Some(commit.id.clone())
    {
        return Ok(());
    }
    let mut paths = definition::buildspecs(definition, configuration);
    paths.extend(definition::appspecs(definition));
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

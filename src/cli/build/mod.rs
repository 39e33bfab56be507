//! `rehearsal build`: one build as CodeBuild would run it, of the working tree or of a commit.
//!
//! Owns: which project, buildspec and variables it has. It is recorded like an execution of one action, so that `list`,
//! `show`, `logs` and `artifacts` know it. Leaves to `local`: its source, and passing on what its commands write.

mod local;
mod variables;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::arguments::Build;
use super::drive::{Approving, Drive};
use super::ending::{Ending, Failure};
use super::equip::{self, Equipment};
use super::history;
use super::host::Host;
use super::output::Output;
use super::place::{Ground, Place};
use super::words;
use crate::build::BuildspecFile;
use crate::clock::new_id;
use crate::diagnostic::{Finding, Severity, any_error};
use crate::pipeline::definition::{BUILDSPEC, CONFIGURATION, CommitFiles, Configuration, Files, FolderFiles};
use crate::pipeline::driver::Providers;
use crate::pipeline::engine::{Origin, Start, Trigger, TriggerType};
use crate::repo::{Commit, Found, Repository};
use crate::spec::buildspec;
use crate::spec::config::Project;
use crate::spec::pipeline::{Action, Category, ExecutionMode, Owner, Pipeline, Stage};
use crate::spec::quotas;
use crate::store::archive;
use crate::syntax::Span;

use local::Local;

/// The stage and the action that a build is recorded as.
const STAGE: &str = "Build";

/// The provider that a build is recorded with.
const PROVIDER: &str = "CodeBuild";

pub(super) fn perform(arguments: &Build, host: &Host, output: &Output) -> Result<Ending, Failure> {
    if arguments.allowing.host_hooks() {
        let message = "--allow host-hooks is for deployments, and a build alone has none";
        return Err(Failure::unusable(message).hint("leave it out"));
    }
    arguments.allowing.needed_profile()?;
    let ground = Ground::find_anywhere(host, output);
    let root = ground.root(host);
    let commit = commit(arguments, &ground)?;
    let folder = root.as_ref().map(|root| FolderFiles { root });
    let own = folder.as_ref().map(|files| files as &dyn Files);
    let committed = match (&ground.repository, &commit) {
        (Some(repository), Some(commit)) => {
            Some(CommitFiles { repository: &**repository, commit: &commit.id })
        }
        _ => None,
    };
    let files = committed.as_ref().map(|files| files as &dyn Files).or(own);
    let files = files.ok_or_else(|| {
        Failure::unusable("this repository has no working tree").hint("name a commit with --commit")
    })?;
    let configuration = Configuration::read(files, own).map_err(super::plan::unusable)?;
    // A folder to name the project after, and for paths on the command line.
    let root = root.as_ref().unwrap_or(&host.directory);
    let project = project(arguments, &configuration, files, root, output)?;
    let buildspec = buildspec_of(arguments, &project, files, host, root)?;
    let mut warnings = configuration.findings.clone();
    warnings.extend(check(&buildspec, &project, files)?);
    // Advice is for `check`.
    warnings.retain(|finding| finding.severity != Severity::Advice);
    // The build itself tells of its buildspec, in its log; what streams to the terminal needs no repeating.
    output.findings(if arguments.report.json { &warnings } else { &configuration.findings });
    let folder = arguments.artifacts.as_ref().map(|folder| host.directory.join(folder));
    if let Some(folder) = &folder {
        super::artifacts::must_be_empty(folder)?;
    }

    let overrides = variables::overrides(arguments, &host.directory)?;
    let origin = origin(&ground, commit.as_ref(), root);
    let time_limit = time_limit(&project, arguments.timeout);
    note_smaller_limit(output, &project, arguments.timeout);

    // Nothing is made before it is known that there is something to build.
    let place = ground.open(host, output)?;
    let equipment = Equipment::new(host, &place, arguments.timeout, output)?.allowing(
        &arguments.allowing,
        host,
        &place,
    )?;
    let execution = new_id();
    let own = &configuration.config.working_tree;
    let stand_ins = equipment.stand_ins(own);
    let local = Arc::new(Local {
        host: equipment.host(&execution, own, &stand_ins).map_err(Failure::broken)?,
        buildspec,
        overrides,
        origin,
        initiator: host.user(),
        region: equip::region(own).to_owned(),
        account: equip::account(own).to_owned(),
        stand_ins,
        numbers: equipment.numbers(),
        queue: equipment.queue(own),
        time_limit,
        streams: !arguments.report.json,
        project: project.clone(),
    });
    let start = start(&execution, &project.name, commit.as_ref(), &place);
    let drive = Drive {
        place: &place,
        output,
        report: arguments.report,
        stream: &history::build_stream(&project.name, &execution),
        execution: &execution,
        pipeline: &project.name,
        warnings: warnings.len(),
        again: Some(words::command_line(host.typed.iter().skip(1).map(AsRef::as_ref))),
        done: None,
        streams_output: !arguments.report.json,
        approving: Approving::Leave,
        flags: String::new(),
        by: host.user(),
    };
    let providers = move |_: &_| Ok(Providers::new().with(Category::Build, PROVIDER, local.clone()));
    let ending = drive.carry(providers, |driver| driver.start(start))?;
    if let Some(folder) = &folder {
        unpack(&place, &execution, folder, output)?;
    }
    Ok(ending)
}

/// The commit to build, when one is asked for.
fn commit(arguments: &Build, ground: &Ground) -> Result<Option<Commit>, Failure> {
    match (&arguments.commit, &ground.repository) {
        (None, _) => Ok(None),
        (Some(rev), Some(repository)) => Ok(Some(repository.resolve(rev)?)),
        (Some(_), None) => {
            Err(Failure::unusable("--commit needs a git repository around the working directory"))
        }
    }
}

fn origin(ground: &Ground, commit: Option<&Commit>, root: &Path) -> local::Origin {
    match (&ground.repository, commit) {
        (Some(repository), Some(commit)) => local::Origin::Commit(repository.clone(), commit.id.clone()),
        (Some(repository), None) => local::Origin::WorkTree(repository.clone()),
        (None, _) => local::Origin::Folder(root.to_owned()),
    }
}

/// The project whose settings apply: the one that is named, or the only one; else one with default settings.
fn project(
    arguments: &Build,
    configuration: &Configuration,
    files: &dyn Files,
    root: &Path,
    output: &Output,
) -> Result<Project, Failure> {
    let projects = &configuration.config.committed.projects;
    let names: Vec<_> = projects.iter().map(|project| project.name.as_str()).collect();
    if let Some(name) = &arguments.project {
        return configuration.config.project(name).cloned().ok_or_else(|| {
            let failure = Failure::unusable(format!("{} has no project `{name}`", files.place()));
            match words::nearest(name, names.iter().copied()) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None if names.is_empty() => {
                    failure.hint(format!("projects are described in {CONFIGURATION}"))
                }
                None => failure.hint(format!("there is {}", names.join(", "))),
            }
        });
    }
    if let [only] = projects.as_slice() {
        return Ok(only.clone());
    }
    if !projects.is_empty() {
        let list = names.join(", ");
        if arguments.buildspec.is_none() && files.read(Path::new(BUILDSPEC))?.is_none() {
            let message = format!("{CONFIGURATION} has {} projects and none is named", projects.len());
            return Err(Failure::unusable(message).hint(format!("name one with --project: {list}")));
        }
        output.note(format_args!("no project is named, so default settings apply (--project: {list})"));
    }
    let name = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Project { name: crate::pipeline::definition::usable_name(&name), ..Project::default() })
}

/// The buildspec to run. A path is relative to the source; one that is relative to the working directory inside it is
/// understood too.
fn buildspec_of(
    arguments: &Build,
    project: &Project,
    files: &dyn Files,
    host: &Host,
    root: &Path,
) -> Result<BuildspecFile, Failure> {
    let Some(given) = &arguments.buildspec else {
        return Ok(BuildspecFile::from_setting(project.source.buildspec.as_deref()));
    };
    let path = Path::new(given);
    // What is there and is no file is told of when it is read.
    if path.is_relative() && files.look(path)? != Found::Nothing {
        return Ok(BuildspecFile::Path(given.clone()));
    }
    // The folders of both may have links in their names; what counts is whether one is below the other.
    let real = |path: PathBuf| path.canonicalize().unwrap_or(path);
    let absolute = real(host.directory.join(path));
    match absolute.strip_prefix(real(root.to_owned())) {
        Ok(inside) if files.read(inside)?.is_some() => {
            Ok(BuildspecFile::Path(inside.to_string_lossy().into_owned()))
        }
        _ => Err(Failure::unusable(format!("{} has no {given}", files.place()))),
    }
}

/// What can be known to be wrong before the build starts; warnings otherwise.
fn check(buildspec: &BuildspecFile, project: &Project, files: &dyn Files) -> Result<Vec<Finding>, Failure> {
    let (name, found) = match buildspec {
        BuildspecFile::Default => (BUILDSPEC.to_owned(), files.look(Path::new(BUILDSPEC))?),
        BuildspecFile::Path(path) => (path.clone(), files.look(Path::new(path))?),
        BuildspecFile::Inline(text) => {
            (format!("buildspec of project {}", project.name), Found::File(text.clone().into_bytes()))
        }
        BuildspecFile::Remote(arn) => {
            return Err(Failure::unusable(format!("the buildspec {arn} is in S3, which is not there yet"))
                .hint("name a file with --buildspec"));
        }
    };
    let hint = "name the buildspec with --buildspec";
    let bytes = match found {
        Found::File(bytes) => bytes,
        Found::Nothing => {
            return Err(Failure::unusable(format!("{} has no {name}", files.place())).hint(hint));
        }
        Found::Other(what) => {
            let message = format!("{name} in {} is {what}, not a file", files.place());
            return Err(Failure::unusable(message).hint(hint));
        }
    };
    let read = buildspec::load(&name, &bytes);
    if any_error(&read.findings) { Err(Failure::findings(read.findings)) } else { Ok(read.findings) }
}

/// How long the build may take (codebuild.md 3.10).
fn time_limit(project: &Project, shorter: Option<Duration>) -> Duration {
    let minutes = project.timeout_in_minutes.unwrap_or(quotas::BUILD_TIMEOUT_DEFAULT.value);
    let limit = Duration::from_secs(u64::from(minutes) * 60);
    shorter.map_or(limit, |shorter| shorter.min(limit))
}

/// Tells when the time limit that is asked for is not shorter than the project's own, which then holds.
pub(super) fn note_smaller_limit(output: &Output, project: &Project, asked: Option<Duration>) {
    let own = time_limit(project, None);
    if asked.is_some_and(|asked| asked > own) {
        output.note(format_args!(
            "--timeout only shortens: project {} still has its own limit of {} minutes",
            project.name,
            own.as_secs() / 60
        ));
    }
}

/// The build as an execution of one action.
fn start(execution: &str, project: &str, commit: Option<&Commit>, place: &Place) -> Start {
    let head = match (&place.repository, commit) {
        (Some(repository), None) => repository.head().ok().map(|head| head.id.to_string()),
        (_, commit) => commit.map(|commit| commit.id.to_string()),
    };
    let action = Action {
        name: STAGE.to_owned(),
        category: Category::Build,
        owner: Owner::Aws,
        provider: PROVIDER.to_owned(),
        version: "1".to_owned(),
        run_order: 1,
        configuration: BTreeMap::from([("ProjectName".to_owned(), project.to_owned())]),
        commands: Vec::new(),
        environment_variables: Vec::new(),
        input_artifacts: Vec::new(),
        output_artifacts: Vec::new(),
        output_variables: Vec::new(),
        namespace: None,
        region: None,
        timeout_in_minutes: None,
        role_arn: None,
        span: Span::default(),
    };
    let stage = Stage {
        name: STAGE.to_owned(),
        actions: vec![action],
        before_entry: None,
        on_success: None,
        on_failure: None,
        span: Span::default(),
    };
    let definition = Pipeline {
        name: project.to_owned(),
        role_arn: None,
        execution_mode: ExecutionMode::Superseded,
        pipeline_type: None,
        variables: Vec::new(),
        triggers: Vec::new(),
        stages: vec![stage],
        version: None,
    };
    Start {
        execution: execution.to_owned(),
        definition,
        definition_digest: String::new(),
        variables: BTreeMap::new(),
        source_revisions: BTreeMap::new(),
        trigger: Trigger {
            kind: TriggerType::StartPipelineExecution,
            detail: Some("rehearsal build".to_owned()),
        },
        origin: Origin {
            commit: head,
            reference: commit.and_then(super::plan::reference_of),
            worktree: commit.is_none(),
            definition_path: None,
            configuration: None,
        },
        until: None,
        gates: BTreeSet::new(),
    }
}

/// Unpacks what the build made: one artifact straight into the folder, several below it.
fn unpack(place: &Place, execution: &str, folder: &Path, output: &Output) -> Result<(), Failure> {
    let record = history::find(&place.store, Some(execution))?;
    let kept = super::artifacts::kept(&place.store, &record.execution);
    for artifact in &kept {
        let folder = if kept.len() == 1 { folder.to_owned() } else { folder.join(&artifact.name) };
        archive::unpack(&artifact.path, &folder, archive::Limits::default())?;
    }
    output.talk(match kept.len() {
        0 => "the build made no artifacts".to_owned(),
        number => format!("{} in {}", words::count(number, "artifact", "artifacts"), folder.display()),
    });
    Ok(())
}

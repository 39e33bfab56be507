//! What a deployment would do, for one that does not do it.
//!
//! Owns: the lines. They are in the order of the lifecycle events, and name files as the instance would.

use std::path::Path;

use super::hooks::{self, Fault};
use super::install::{self, Instruction, Problem, on_instance};
use super::lifecycle::{Event, Supplier};
use super::revision;
use crate::action::Error;
use crate::spec::appspec::{AppSpec, Script};

/// Files that are listed one by one, at most.
const MOST: usize = 40;

/// What a deployment would do.
pub(super) struct Planned {
    /// In words.
    pub(super) lines: Vec<String>,
    /// Whether it would run any script of the revision, now or when the next one is deployed.
    pub(super) hooks: bool,
}

/// The plan of deploying `bundle`, or what would fail before anything ran. Works in `workspace`.
pub(super) fn of(
    bundle: &Path,
    workspace: &Path,
    say: &mut dyn FnMut(&str),
) -> Result<Planned, (Event, Fault)> {
    let broken = |error: Error| (Event::DownloadBundle, Fault::Broken(error));
    let (archive, root) = (workspace.join("revision"), workspace.join("root"));
    let entries = revision::unpack(bundle, &archive).map_err(|fault| (Event::DownloadBundle, fault))?;
    std::fs::create_dir_all(&root).map_err(Error::at("create", &root)).map_err(broken)?;
    let real = |path: &Path| path.canonicalize().map_err(Error::at("find", path)).map_err(broken);
    let (archive, root) = (real(&archive)?, real(&root)?);
    let spec = revision::appspec(&archive, say).map_err(|fault| (Event::BeforeInstall, fault))?;
    let plan = install::plan(&spec, &archive, &root).map_err(|problem| match problem {
        Problem::Refused(message) => (Event::Install, Fault::unknown(message)),
        Problem::Broken(error) => (Event::Install, Fault::Broken(error)),
    })?;
    let (mut lines, mut any_before) = (Vec::new(), false);
    for event in Event::ALL {
        match event {
            Event::ApplicationStop => {
                lines.push(format!(
                    "{}: the scripts of the revision that is installed, if it runs",
                    event.name()
                ));
            }
            Event::DownloadBundle => {
                lines.push(format!("{}: unpack {entries} files and folders", event.name()));
            }
            Event::Install => files(&spec, &plan, (&archive, &root), &mut lines),
            _ => {}
        }
        if event.supplier() == Supplier::New {
            let scripts = spec.scripts(event.name());
            if scripts.is_empty() {
                lines.push(format!("{}: nothing", event.name()));
            }
            for script in scripts {
                let there = match hooks::program(&archive, &script.location) {
                    Ok(_) => "",
                    // An earlier script may make it.
                    Err(("ScriptMissing", _)) if any_before => " (which is not in the revision itself)",
                    Err((code, message)) => return Err((event, Fault::of(code, message, &script.location))),
                };
                any_before = true;
                lines.push(format!("{}: {}{there}", event.name(), what_runs(script)));
            }
        }
    }
    let runs = Event::ALL.into_iter().any(|event| !spec.scripts(event.name()).is_empty());
    Ok(Planned { lines, hooks: runs })
}

fn what_runs(script: &Script) -> String {
    let user = script.runas.as_ref().map(|user| format!(" as {user}")).unwrap_or_default();
    format!("run {}{user}, for at most {} seconds", script.location, script.timeout.as_secs())
}

fn files(spec: &AppSpec, plan: &install::Plan, (archive, root): (&Path, &Path), lines: &mut Vec<String>) {
    let name = Event::Install.name();
    let behaviour = spec.file_exists_behavior.unwrap_or_default().name();
    let copies =
        plan.instructions.iter().filter(|instruction| matches!(instruction, Instruction::Copy { .. }));
    let copies = copies.count();
    lines.push(match copies {
        0 => format!("{name}: no files"),
        1 => format!("{name}: 1 file; one that exists: {behaviour}"),
        more => format!("{name}: {more} files; those that exist: {behaviour}"),
    });
    let described = plan.instructions.iter().filter_map(|instruction| match instruction {
        Instruction::Copy { source, destination } => {
            let source = source.strip_prefix(archive).unwrap_or(source).display();
            Some(format!("{name}: copy {source} to {}", on_instance(root, destination)))
        }
        Instruction::Chmod { mode, path } => {
            Some(format!("{name}: give {} the mode {mode:o}", on_instance(root, path)))
        }
        Instruction::Chown { owner, group, path } => {
            let who: Vec<_> = [owner, group].into_iter().flatten().map(String::as_str).collect();
            Some(format!("{name}: give {} to {}", on_instance(root, path), who.join(":")))
        }
        Instruction::Mkdir(_) => None,
    });
    let described: Vec<_> = described.collect();
    lines.extend(described.iter().take(MOST).cloned());
    if described.len() > MOST {
        lines.push(format!("{name}: and {} more", described.len() - MOST));
    }
    lines.extend(plan.notes.iter().map(|note| format!("{name}: {note}")));
}

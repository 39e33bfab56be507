//! Install: the files of a revision to their destinations (codedeploy.md 3.1, 8.3).
//!
//! Owns: cleaning up after the last deployment, the list of instructions with its conflicts, carrying them out, and the
//! list for the next clean-up. Leaves to `permissions`: which modes and owners, and to `layout`: that nothing leaves the
//! deployment root.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::layout::{AGENT, AGENTS, Escape, below_root, followed, in_bundle, inside};
use super::permissions;
use crate::action::Error;
use crate::spec::appspec::{AppSpec, FileExists};

/// Why Install cannot go on.
#[derive(Debug)]
pub(super) enum Problem {
    /// The revision is at fault, or what is there already.
    Refused(String),
    /// Rehearsal could not go on.
    Broken(Error),
}

impl From<Error> for Problem {
    /// What hooks and earlier revisions left in the way fails the deployment; anything else is the machine's.
    fn from(error: Error) -> Self {
        use io::ErrorKind::{AlreadyExists, IsADirectory, NotADirectory, NotFound, PermissionDenied};
        match error.source.kind() {
            AlreadyExists | IsADirectory | NotADirectory | NotFound | PermissionDenied => {
                Self::Refused(error.to_string())
            }
            _ => Self::Broken(error),
        }
    }
}

impl From<Escape> for Problem {
    fn from(escape: Escape) -> Self {
        Self::Refused(format!(
            "{} is a link that leads out of the folder it is in, and is not followed",
            escape.link.display()
        ))
    }
}

/// What Install does, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Instruction {
    /// Makes a folder.
    Mkdir(PathBuf),
    /// Copies a file, or makes the same link.
    Copy { source: PathBuf, destination: PathBuf },
    /// Changes a mode.
    Chmod { mode: u32, path: PathBuf },
    /// Changes owner and group.
    Chown { owner: Option<String>, group: Option<String>, path: PathBuf },
}

/// The instructions of an Install.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// What is done.
    pub(super) instructions: Vec<Instruction>,
    /// What is left as it is, though the appspec says otherwise.
    pub(super) notes: Vec<String>,
}

/// What the instructions will make: a folder, or a file from this source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Made {
    Folder,
    File(PathBuf),
}

/// Makes the list of instructions. Nothing is changed.
pub(super) fn plan(spec: &AppSpec, archive: &Path, root: &Path) -> Result<Plan, Problem> {
    let mut planner = Planner {
        root,
        behaviour: spec.file_exists_behavior.unwrap_or_default(),
        made: BTreeMap::new(),
        plan: Plan::default(),
    };
    for mapping in &spec.files {
        planner.mapping(archive, &mapping.source, &mapping.destination)?;
    }
    let Planner { made, mut plan, .. } = planner;
    permissions::plan(&spec.permissions, root, &made, &mut plan)?;
    Ok(plan)
}

struct Planner<'a> {
    root: &'a Path,
    behaviour: FileExists,
    made: BTreeMap<PathBuf, Made>,
    plan: Plan,
}

impl Planner<'_> {
    fn mapping(&mut self, archive: &Path, source: &str, destination: &str) -> Result<(), Problem> {
        let Some(inner) = in_bundle(source) else {
            return Err(Problem::Refused(format!("source {source} leads out of the revision")));
        };
        let mut from = inside(archive, &inner)?;
        if from.is_dir() {
            from = followed(archive, from)?;
        }
        let below = below_root(destination);
        if below.starts_with(AGENTS) {
            return Err(Problem::Refused(format!(
                "destination {destination} is in the CodeDeploy agent's own folder ({AGENT})"
            )));
        }
        let mut to = inside(self.root, &below)?;
        if to.symlink_metadata().is_ok_and(|data| data.is_symlink()) {
            to = followed(self.root, to)?;
        }
        if from.is_dir() {
            self.folder(&to)?;
            self.contents(&from, &to)
        } else if from.symlink_metadata().is_err() {
            Err(Problem::Refused(format!("source {source} is not in the revision")))
        } else {
            self.folder(&to)?;
            let name = from.file_name().unwrap_or(OsStr::new(source)).to_owned();
            self.file(&from, &to.join(name))
        }
    }

    /// Makes `folder` and what is missing above it.
    fn folder(&mut self, folder: &Path) -> Result<(), Problem> {
        if folder == self.root {
            return Ok(());
        }
        self.keep_out(folder)?;
        if let Some(Made::File(_)) = self.made.get(folder) {
            return Err(self.both(folder));
        }
        if self.made.contains_key(folder) || folder.is_dir() {
            return Ok(());
        }
        if folder.symlink_metadata().is_ok() {
            let message = format!("{} has to be a folder and is a file", self.on_instance(folder));
            return Err(Problem::Refused(message));
        }
        if let Some(parent) = folder.parent() {
            self.folder(parent)?;
        }
        self.made.insert(folder.to_owned(), Made::Folder);
        self.plan.instructions.push(Instruction::Mkdir(folder.to_owned()));
        Ok(())
    }

    fn contents(&mut self, from: &Path, to: &Path) -> Result<(), Problem> {
        let entries = fs::read_dir(from).map_err(Error::at("list", from))?;
        let mut names = Vec::new();
        for entry in entries {
            names.push(entry.map_err(Error::at("list", from))?.file_name());
        }
        names.sort();
        for name in names {
            let source = from.join(&name);
            let data = source.symlink_metadata().map_err(Error::at("examine", &source))?;
            // What is there already, and a link, must not lead elsewhere.
            let target = to.join(&name);
            if data.is_dir() {
                let target = if target.symlink_metadata().is_ok_and(|data| data.is_symlink()) {
                    followed(self.root, target)?
                } else {
                    target
                };
                self.folder(&target)?;
                self.contents(&source, &target)?;
            } else {
                self.file(&source, &target)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, source: &Path, destination: &Path) -> Result<(), Problem> {
        self.keep_out(destination)?;
        match self.made.get(destination) {
            Some(Made::File(first)) => {
                return Err(Problem::Refused(format!(
                    "{} has two sources: {} and {}",
                    self.on_instance(destination),
                    first.display(),
                    source.display()
                )));
            }
            Some(Made::Folder) => return Err(self.both(destination)),
            None => {}
        }
        if let Ok(data) = destination.symlink_metadata() {
            if data.is_dir() {
                return Err(Problem::Refused(format!(
                    "{} has to be a file and is a folder",
                    self.on_instance(destination)
                )));
            }
            match self.behaviour {
                FileExists::Disallow => {
                    return Err(Problem::Refused(format!(
                        "The deployment failed because a specified file already exists at this location: {}",
                        self.on_instance(destination)
                    )));
                }
                FileExists::Retain => return Ok(()),
                FileExists::Overwrite => {}
            }
        }
        self.made.insert(destination.to_owned(), Made::File(source.to_owned()));
        let (source, destination) = (source.to_owned(), destination.to_owned());
        self.plan.instructions.push(Instruction::Copy { source, destination });
        Ok(())
    }

    /// Refuses what would land in the agent's own folder, by whatever way it got there.
    fn keep_out(&self, path: &Path) -> Result<(), Problem> {
        if path.strip_prefix(self.root).is_ok_and(|below| below.starts_with(AGENTS)) {
            let message =
                format!("{} is in the CodeDeploy agent's own folder ({AGENT})", self.on_instance(path));
            return Err(Problem::Refused(message));
        }
        Ok(())
    }

    fn both(&self, path: &Path) -> Problem {
        Problem::Refused(format!("{} has to be a file and a folder at once", self.on_instance(path)))
    }

    /// A path as the instance would name it.
    fn on_instance(&self, path: &Path) -> String {
        on_instance(self.root, path)
    }
}

/// A path as the instance would name it.
pub(super) fn on_instance(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .map_or_else(|_| path.display().to_string(), |below| format!("/{}", below.display()))
}

/// Carries out the instructions, noting in the `cleanup` file what was made before anything else is (codedeploy.md 8.3:
/// a half-finished Install is cleaned up next time). Returns what could not be done with the user's rights.
pub(super) fn execute(plan: &Plan, root: &Path, cleanup: &Path) -> Result<Vec<String>, Problem> {
    let mut list =
        OpenOptions::new().create(true).append(true).open(cleanup).map_err(Error::at("write", cleanup))?;
    let mut notes = Vec::new();
    for instruction in &plan.instructions {
        match instruction {
            Instruction::Mkdir(folder) => {
                still_inside(root, folder)?;
                fs::create_dir(folder).map_err(Error::at("create", folder))?;
                note(&mut list, cleanup, folder)?;
            }
            Instruction::Copy { source, destination } => {
                still_inside(root, destination)?;
                copy(source, destination)?;
                note(&mut list, cleanup, destination)?;
            }
            Instruction::Chmod { mode, path } => permissions::chmod(path, *mode)?,
            Instruction::Chown { owner, group, path } => {
                notes.extend(permissions::chown(path, owner.as_deref(), group.as_deref()));
            }
        }
    }
    Ok(notes)
}

/// A last look before something is written: the way there has no links.
fn still_inside(root: &Path, path: &Path) -> Result<(), Problem> {
    let below = path.strip_prefix(root).unwrap_or(path);
    if inside(root, below)? == path {
        return Ok(());
    }
    Err(Problem::Refused(format!("the way to {} changed meanwhile", on_instance(root, path))))
}

fn note(list: &mut File, cleanup: &Path, path: &Path) -> Result<(), Problem> {
    let line = [path.as_os_str().as_bytes(), b"\n"].concat();
    Ok(list.write_all(&line).map_err(Error::at("write", cleanup))?)
}

/// Copies a file with its mode and times, or a link as it is. What stands there is replaced, not written through.
fn copy(source: &Path, destination: &Path) -> Result<(), Problem> {
    let failed = |error| Error::at("write", destination)(error);
    let data = match source.symlink_metadata() {
        Ok(data) => data,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Problem::Refused(format!("No such file or directory - {}", source.display())));
        }
        Err(error) => return Err(Error::at("examine", source)(error).into()),
    };
    let parent = destination.parent().unwrap_or(destination);
    if data.is_symlink() {
        let target = fs::read_link(source).map_err(Error::at("read", source))?;
        let beside = parent.join(format!(".rehearsal-{}", crate::clock::new_id()));
        symlink(target, &beside).map_err(failed)?;
        return Ok(fs::rename(&beside, destination).map_err(failed)?);
    }
    if !data.is_file() {
        return Err(Problem::Refused(format!("{} is neither a file nor a folder", source.display())));
    }
    let mut from = File::open(source).map_err(Error::at("read", source))?;
    let mut to = tempfile::NamedTempFile::new_in(parent).map_err(failed)?;
    io::copy(&mut from, &mut to).map_err(failed)?;
    let mode = fs::Permissions::from_mode(data.permissions().mode() & 0o777);
    to.as_file().set_permissions(mode).map_err(failed)?;
    if let Ok(time) = data.modified() {
        to.as_file().set_times(FileTimes::new().set_modified(time)).map_err(failed)?;
    }
    to.persist(destination).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Removes what the last deployment of the group installed: the list from its end, files and links always, folders when
/// they are empty (codedeploy.md 8.3). Returns how many of them were there.
pub(super) fn clean_up(root: &Path, cleanup: &Path) -> Result<usize, Problem> {
    let text = match fs::read(cleanup) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(Error::at("read", cleanup)(error).into()),
    };
    let whole = text.split_inclusive(|byte| *byte == b'\n').filter_map(|line| line.strip_suffix(b"\n"));
    let lines: Vec<_> = whole.collect();
    let mut removed = 0;
    for line in lines.into_iter().rev() {
        let path = Path::new(OsStr::from_bytes(line));
        // Hooks can write to the list. What does not lie below the root, by way of a link too, is not ours.
        let Ok(below) = path.strip_prefix(root) else { continue };
        let Ok(place) = inside(root, below) else { continue };
        if place != path || below.starts_with(AGENTS) || below.as_os_str().is_empty() {
            continue;
        }
        let Ok(data) = path.symlink_metadata() else { continue };
        let gone = if data.is_dir() { fs::remove_dir(path) } else { fs::remove_file(path) };
        match gone {
            Ok(()) => removed += 1,
            Err(error)
                if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty) => {}
            Err(error) => return Err(Error::at("remove", path)(error).into()),
        }
    }
    fs::remove_file(cleanup).map_err(Error::at("remove", cleanup))?;
    Ok(removed)
}

/// The instructions as the agent writes them down.
pub(super) fn document(plan: &Plan) -> Value {
    let path = |path: &Path| path.display().to_string();
    let instructions = plan.instructions.iter().map(|instruction| match instruction {
        Instruction::Mkdir(folder) => json!({"type": "mkdir", "directory": path(folder)}),
        Instruction::Copy { source, destination } => {
            json!({"type": "copy", "source": path(source), "destination": path(destination)})
        }
        Instruction::Chmod { mode, path: file } => {
            json!({"type": "chmod", "mode": format!("{mode:o}"), "file": path(file)})
        }
        Instruction::Chown { owner, group, path: file } => {
            json!({"type": "chown", "owner": owner, "group": group, "file": path(file)})
        }
    });
    json!({"instructions": instructions.collect::<Vec<_>>()})
}

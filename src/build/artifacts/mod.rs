//! Artifacts: which files of a build are handed on (codebuild.md 1.9, 3.7).
//!
//! Owns: expanding base directories, matching, symbolic links, the names in the archive, AWS's log lines and messages.
//! Leaves to `store::archive`: writing archives, and to `session`: which definitions are wanted.

mod pattern;
mod walk;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

use super::carried::Variables;
use crate::process::sandbox::View;
use pattern::Pattern;

/// One artifact's definition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Definition {
    /// `files`
    pub(super) files: Vec<String>,
    /// `base-directory`
    pub(super) base_directory: Option<String>,
    /// `discard-paths`
    pub(super) discard_paths: bool,
    /// `exclude-paths`
    pub(super) exclude_paths: Vec<String>,
    /// `enable-symlinks`
    pub(super) enable_symlinks: bool,
    /// What no artifact takes, whatever the definition and links say.
    pub(super) fence: Fence,
    /// What the files are for.
    pub(super) purpose: Purpose,
}

/// What files are collected for; notes begin with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Purpose {
    /// `artifacts`
    #[default]
    Artifacts,
    /// `reports`, whose files are found in the same way (codebuild.md 1.8).
    Reports,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::Artifacts => "artifacts",
            Self::Reports => "reports",
        }
    }
}

/// What a build can hand on: what its commands see, and nothing of the user's home, which no build container has. A link
/// or a path that leads there on this machine would lead nowhere on AWS, and must not carry the user's files away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fence {
    home: Option<PathBuf>,
    open: Vec<PathBuf>,
    view: View,
}

impl Fence {
    /// The fence around `home`, with gaps for these folders, and around all that commands do not see.
    pub(super) fn new(home: Option<&Path>, open: &[&Path], view: View) -> Self {
        let home = home.and_then(|home| home.canonicalize().ok());
        // The root folder as a home, as daemons have it, would keep everything.
        let home = home.filter(|home| home.parent().is_some());
        Self { home, open: open.iter().filter_map(|folder| folder.canonicalize().ok()).collect(), view }
    }

    /// A path as this machine knows it, of one that a buildspec has, which commands would know. `None` when only the
    /// sandbox has it.
    fn outside(&self, written: OsString) -> Option<OsString> {
        if self.view.is_host() || !Path::new(&written).is_absolute() {
            return Some(written);
        }
        self.view.outside(Path::new(&written)).map(PathBuf::into_os_string)
    }

    /// Where a path leads that commands could have made links on: in a sandbox, where it leads for them.
    fn reach(&self, path: &Path) -> Option<PathBuf> {
        if self.view.is_host() { Some(path.to_owned()) } else { self.view.resolve(path) }
    }

    /// Whether commands see the file, which may be a link.
    fn sees(&self, file: &Path) -> bool {
        self.view.inside(file).is_some()
    }

    fn keeps(&self, file: &Path) -> bool {
        self.home.as_ref().is_some_and(|home| {
            file.canonicalize().is_ok_and(|file| {
                file.starts_with(home) && !self.open.iter().any(|folder| file.starts_with(folder))
            })
        })
    }
}

/// What was found for one definition.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Collected {
    /// Each file, and its name in the archive.
    pub(super) files: Vec<(PathBuf, PathBuf)>,
    /// What the user should know.
    pub(super) notes: Vec<String>,
}

/// Why there is no artifact.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// AWS's text (codebuild.md 8.2).
    #[error("no matching base directory path found for {0}")]
    NoBaseDirectory(String),
    /// AWS's text (codebuild.md 8.2).
    #[error("no matching artifact paths found")]
    NothingMatched,
    /// A folder could not be listed.
    #[error("cannot list {}: {source}", path.display())]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Finds the files of `definition` below `root`, the original build location, telling `log` what CodeBuild tells.
pub(super) fn collect(
    definition: &Definition,
    root: &Path,
    variables: &Variables,
    log: &mut dyn FnMut(&str),
) -> Result<Collected, Error> {
    let wanted = definition.base_directory.as_deref().unwrap_or_default();
    let wanted = expand_variables(wanted, variables);
    let base = if wanted.is_empty() { OsString::from(".") } else { wanted };
    log(&format!("Expanding base directory path: {}", base.display()));
    log("Assembling file list");
    log(&format!("Expanding {}", base.display()));
    let folders = match definition.fence.outside(base.clone()) {
        Some(base) => base_directories(root, Path::new(&base), &definition.fence)?,
        None => Vec::new(),
    };
    if folders.is_empty() {
        return Err(Error::NoBaseDirectory(base.display().to_string()));
    }

    let files: Vec<OsString> = definition
        .files
        .iter()
        .map(|file| expand_variables(file, variables))
        .filter(|file| !file.is_empty())
        .collect();
    let excluded =
        pattern::any_of(definition.exclude_paths.iter().map(|path| expand_variables(path, variables)));
    let mut gathering = Gathering { definition, chosen: BTreeMap::new(), notes: Vec::new() };
    for folder in &folders {
        let shown = folder.strip_prefix(root).unwrap_or(folder);
        let shown = if shown.as_os_str().is_empty() { Path::new(".") } else { shown };
        log(&format!("Expanding file paths for base directory {}", shown.display()));
        log("Assembling file list");
        for file in &files {
            log(&format!("Expanding {}", file.display()));
            let Some(place) = definition.fence.outside(file.clone()) else {
                log(&format!("Skipping invalid file path {}", file.display()));
                gathering.note(&format!("{} is only in the memory of the sandbox", file.display()));
                continue;
            };
            let pattern = Pattern::new(&place, folder);
            let mut found = false;
            let paths = pattern.find(folder, &|path| definition.fence.reach(path));
            for path in paths.map_err(|(path, source)| Error::Unreadable { path, source })? {
                if !excluded.is_match(&path) {
                    gathering.add(folder, &path);
                }
                found = true;
            }
            if !found && pattern.is_literal() {
                log(&format!("Skipping invalid file path {}", file.display()));
                if folder.join(file).is_dir() {
                    gathering.note(&format!(
                        "`{0}` is a folder, which by itself is no file; for what is in it write `{0}/**/*`",
                        file.display()
                    ));
                }
            }
        }
    }
    if gathering.chosen.is_empty() {
        return Err(Error::NothingMatched);
    }
    log(&format!("Found {} file(s)", gathering.chosen.len()));
    let files = gathering.chosen.into_iter().map(|(name, source)| (source, name)).collect();
    Ok(Collected { files, notes: gathering.notes })
}

/// The files chosen so far, by their names in the archive.
struct Gathering<'a> {
    definition: &'a Definition,
    chosen: BTreeMap<PathBuf, PathBuf>,
    notes: Vec<String>,
}

impl Gathering<'_> {
    /// Takes the file `path`, relative to the base directory `folder` unless it is absolute.
    fn add(&mut self, folder: &Path, path: &Path) {
        let Some(name) = self.name(path) else {
            self.note(&format!("{} is outside the base directory, so it is left out", path.display()));
            return;
        };
        // What leads to the file is followed here; the file itself may be a link.
        let full = folder.join(path);
        let above = full.parent().and_then(|above| self.definition.fence.reach(above));
        let full = above.zip(full.file_name()).map(|(above, name)| above.join(name));
        let Some(full) = full.filter(|full| self.definition.fence.sees(full)) else {
            self.note(&format!("{} leads out of the sandbox, so it is left out", path.display()));
            return;
        };
        let source = match fs::symlink_metadata(&full) {
            Ok(metadata) if metadata.is_symlink() => match self.link(folder, &full) {
                Some(source) => source,
                None => return,
            },
            _ => full,
        };
        if self.definition.fence.keeps(&source) {
            self.note(&format!(
                "{} is a file of yours, which a build on AWS does not have, so it is left out",
                path.display()
            ));
            return;
        }
        if let Some(other) = self.chosen.insert(name.clone(), source.clone())
            && other != source
        {
            // Which of two clashing files AWS keeps is unknown; the one found last is kept here.
            self.note(&format!(
                "several files would be called {}; the last one, {}, is kept",
                name.display(),
                path.display()
            ));
        }
    }

    /// The name in the archive; `None` when it would lead out of it.
    fn name(&self, path: &Path) -> Option<PathBuf> {
        if self.definition.discard_paths {
            return path.file_name().map(PathBuf::from);
        }
        let mut name = PathBuf::new();
        // An absolute path goes by the name that commands know.
        let inside = path.is_absolute().then(|| self.definition.fence.view.inside(path)).flatten();
        for component in inside.as_deref().unwrap_or(path).components() {
            match component {
                Component::Normal(part) => name.push(part),
                Component::CurDir | Component::RootDir => {}
                Component::ParentDir | Component::Prefix(_) => return None,
            }
        }
        Some(name)
    }

    /// What stands in the archive for the link `full`: itself, or the file it leads to.
    fn link(&mut self, folder: &Path, full: &Path) -> Option<PathBuf> {
        let view = &self.definition.fence.view;
        let target = view.resolve(full);
        let inside = target.as_ref().zip(view.resolve(folder)).is_some_and(|(target, folder)| {
            target.starts_with(folder) && fs::read_link(full).is_ok_and(|text| text.is_relative())
        });
        if self.definition.enable_symlinks && inside {
            return Some(full.to_owned());
        }
        let target = target.filter(|target| target.is_file());
        if target.is_none() {
            self.note(
                "links to folders, and links that lead nowhere, are left out; \
                 `enable-symlinks: yes` keeps those that stay inside the base directory",
            );
        }
        target
    }

    fn note(&mut self, note: &str) {
        let note = format!("{}: {note}", self.definition.purpose.word());
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// The folders that a base directory names; each part of it may be a pattern.
fn base_directories(root: &Path, base: &Path, fence: &Fence) -> Result<Vec<PathBuf>, Error> {
    let mut folders = vec![root.to_owned()];
    for component in base.components() {
        let mut next = Vec::new();
        for folder in folders {
            match component {
                Component::CurDir => next.push(folder),
                Component::Normal(part) if pattern::is_glob(part) && !folder.join(part).exists() => {
                    let names = pattern::any_of([part.to_owned()]);
                    let entries = walk::entries(&folder)
                        .map_err(|source| Error::Unreadable { path: folder.clone(), source })?;
                    next.extend(
                        entries
                            .into_iter()
                            .filter(|entry| names.is_match(Path::new(entry)))
                            .map(|entry| folder.join(entry)),
                    );
                }
                _ => next.push(folder.join(component)),
            }
        }
        folders = next.into_iter().filter(|folder| folder.is_dir()).collect();
    }
    let reached = folders.iter().filter_map(|folder| fence.reach(folder));
    Ok(reached.filter(|folder| folder.is_dir()).collect())
}

/// `text` with `$NAME` and `${NAME}` replaced; names that are not set count as empty.
pub(super) fn expand_variables(text: &str, variables: &Variables) -> OsString {
    let mut expanded = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.extend_from_slice(&rest.as_bytes()[..at]);
        let after = &rest[at + 1..];
        let length = after.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, left) = match braced {
            Some((name, left)) => (name, left),
            None if length > 0 => after.split_at(length),
            None => {
                expanded.push(b'$');
                rest = after;
                continue;
            }
        };
        expanded.extend_from_slice(variables.get(OsStr::new(name)).map_or(b"", |value| value.as_bytes()));
        rest = left;
    }
    expanded.extend_from_slice(rest.as_bytes());
    OsString::from_vec(expanded)
}

#[cfg(test)]
mod tests;

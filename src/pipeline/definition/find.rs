//! Finding the definition that is meant.
//!
//! Owns: which files are looked at (those that rehearsal.yml names, else by content), and choosing among several.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{BUILDSPEC, CONFIGURATION, Configuration, Definition, Error, Files, Named, assume, place};
use crate::diagnostic::{self, Finding};
use crate::repo::Found;
use crate::spec::pipeline;
use crate::store::Digest;
use crate::syntax::{self, Kind, Node, SourceFile};

/// A file that looks like a definition.
struct Candidate {
    path: String,
    bytes: Vec<u8>,
    source: Option<Arc<SourceFile>>,
    /// The pipeline's name, as far as it can be read.
    name: Option<String>,
    /// Whether it says of itself that it is a definition, by its content rather than by its name.
    sure: bool,
}

/// All pipelines that are defined; none when there is only a buildspec, or nothing.
pub fn list(files: &dyn Files, configuration: &Configuration) -> Result<Vec<Named>, Error> {
    Ok(candidates(files, configuration)?.iter().map(Candidate::named).collect())
}

/// Finds the pipeline called `name` (or at the path `name`), or the only one. With only a buildspec there, a pipeline
/// called `fallback` is assumed; its branch is `branch`.
pub fn find(
    files: &dyn Files,
    configuration: &mut Configuration,
    name: Option<&str>,
    fallback: &str,
    branch: &str,
) -> Result<Definition, Error> {
    let candidates = candidates(files, configuration)?;
    if candidates.is_empty() {
        let projects = &configuration.config.committed.projects;
        match files.look(Path::new(BUILDSPEC))? {
            Found::File(_) => {}
            Found::Nothing | Found::Other(_) if projects.len() == 1 => {}
            Found::Nothing => return Err(Error::Nothing { place: files.place() }),
            Found::Other(what) => {
                return Err(Error::NotAFile { place: files.place(), path: BUILDSPEC, what });
            }
        }
        return assume::pipeline(files, configuration, name, fallback, branch);
    }
    let list = candidates.iter().map(Candidate::named).collect::<Vec<_>>();
    let matching: Vec<_> = match name {
        Some(name) => candidates.into_iter().filter(|candidate| candidate.is_called(name)).collect(),
        None => candidates,
    };
    let several =
        |candidates| Error::Several { place: files.place(), name: name.map(str::to_owned), candidates };
    match <[Candidate; 1]>::try_from(matching) {
        Ok([candidate]) => candidate.read(list.into_iter().map(|named| named.name).collect()),
        Err(matching) => match name {
            Some(name) if matching.is_empty() => {
                Err(Error::Unknown { place: files.place(), name: name.to_owned(), candidates: list })
            }
            _ => Err(several(matching.iter().map(Candidate::named).collect())),
        },
    }
}

/// The files that hold definitions; where some surely do, only those.
fn candidates(files: &dyn Files, configuration: &Configuration) -> Result<Vec<Candidate>, Error> {
    let named = &configuration.config.committed.pipelines;
    let mut candidates = if named.is_empty() { by_content(files)? } else { by_name(files, configuration)? };
    if candidates.iter().any(|candidate| candidate.sure) {
        candidates.retain(|candidate| candidate.sure);
    }
    Ok(candidates)
}

/// The definitions that rehearsal.yml names.
fn by_name(files: &dyn Files, configuration: &Configuration) -> Result<Vec<Candidate>, Error> {
    let mut candidates = Vec::new();
    let mut findings = Vec::new();
    for path in &configuration.config.committed.pipelines {
        if let Some(bytes) = files.read(Path::new(path))? {
            candidates.push(Candidate::new(path.clone(), bytes, true));
        } else if let Some(source) = &configuration.source {
            findings.push(Finding::error(
                "definition-missing",
                format!("{} has no file {path}", files.place()),
                source,
                place::of_item(source, "pipelines", path).unwrap_or_default(),
                "named here",
            ));
        }
    }
    if findings.is_empty() { Ok(candidates) } else { Err(Error::Unusable(findings)) }
}

/// Files that hold a definition, as their content says.
fn by_content(files: &dyn Files) -> Result<Vec<Candidate>, Error> {
    let mut candidates = Vec::new();
    for path in files.shallow()?.into_iter().filter(can_be) {
        let Some(bytes) = files.read(&path)? else { continue };
        let called_so = path.file_stem().is_some_and(|stem| stem == "pipeline");
        let says_so = contains(&bytes, b"actionTypeId") && contains(&bytes, b"stages");
        if !called_so && !says_so {
            continue;
        }
        let candidate = Candidate::new(path.to_string_lossy().into_owned(), bytes, says_so);
        if candidate.looks_right() {
            candidates.push(candidate);
        }
    }
    Ok(candidates)
}

fn can_be(path: &PathBuf) -> bool {
    let text = path
        .extension()
        .is_some_and(|extension| ["yml", "yaml", "json"].iter().any(|known| extension == *known));
    text && ![CONFIGURATION, BUILDSPEC].iter().any(|name| path == Path::new(name))
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

impl Candidate {
    fn new(path: String, bytes: Vec<u8>, sure: bool) -> Self {
        let source = syntax::decode(&path, &bytes).ok();
        let parsed = source.as_ref().map(syntax::parse);
        let tree = parsed.as_ref().and_then(|parsed| parsed.tree.as_ref());
        let name = tree.and_then(|tree| {
            let root = tree.root();
            root.get("pipeline").unwrap_or(root).get("name").and_then(Node::text).map(str::to_owned)
        });
        Self { path, bytes, source, name, sure }
    }

    /// Whether it is a definition, or cannot be read far enough to tell.
    fn looks_right(&self) -> bool {
        let Some(source) = &self.source else { return true };
        let parsed = syntax::parse(source);
        let Some(tree) = &parsed.tree else { return true };
        let root = tree.root();
        let stages = root.get("pipeline").unwrap_or(root).get("stages");
        // Other tools' pipelines have stages too, as a list of names.
        let ours = |stages: Node<'_>| {
            stages.kind() == Kind::Sequence && stages.items().any(|stage| stage.kind() == Kind::Mapping)
        };
        stages.is_some_and(|stages| self.sure || ours(stages)) || tree.is_partial()
    }

    fn is_called(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name) || self.path == name
    }

    fn named(&self) -> Named {
        Named { name: self.name.clone().unwrap_or_else(|| self.path.clone()), path: self.path.clone() }
    }

    fn read(self, all: Vec<String>) -> Result<Definition, Error> {
        let read = pipeline::load(&self.path, &self.bytes);
        match (read.value, self.source) {
            (Some(pipeline), Some(source)) if !diagnostic::any_error(&read.findings) => Ok(Definition {
                path: Some(self.path),
                pipeline,
                source,
                digest: Digest::of(&self.bytes),
                findings: read.findings,
                all,
                assumed: Vec::new(),
            }),
            _ => Err(Error::Unusable(read.findings)),
        }
    }
}

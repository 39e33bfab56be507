//! Finding the files to check.
//!
//! Owns: which of many files are looked into (by name and ending, outside of folders with other people's files), and
//! those that rehearsal.yml names. Leaves to `FileKind`: telling what a file is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Input, each};
use crate::pipeline::definition::{CONFIGURATION, Files, is_skipped};
use crate::repo::Found;
use crate::spec::FileKind;
use crate::spec::buildspec::BuildspecFile;
use crate::spec::template::Template;
use crate::syntax::{self, Node, Tree};

/// Folders of tools that nobody ignores outside of a repository.
const TOOLS: [&str; 10] = [
    ".aws-sam",
    ".cache",
    ".cargo",
    ".npm",
    ".rustup",
    ".terraform",
    ".venv",
    "cdk.out",
    "site-packages",
    "venv",
];

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Discovery {
    /// The files to check, in the order of their paths.
    pub inputs: Vec<Input>,
    /// Files that should be checked and cannot be read: name and reason.
    pub unreadable: Vec<(String, String)>,
    /// What is called like a file to check and is none: name, and what it is instead.
    pub passed_over: Vec<(String, &'static str)>,
}

/// Finds the files to check among `paths`, which are relative to the top of `files`. Below the folder `below` only; what
/// rehearsal.yml names counts wherever it is, when the whole is searched.
pub fn find(
    files: &dyn Files,
    paths: &[PathBuf],
    below: Option<&Path>,
    name: &dyn Fn(&Path) -> String,
) -> Discovery {
    let mut found = Discovery::default();
    let mut wanted: BTreeMap<PathBuf, Option<FileKind>> = BTreeMap::new();
    for path in paths {
        let inner = match below {
            Some(folder) => path.strip_prefix(folder).ok(),
            None => Some(path.as_path()),
        };
        if inner.is_some_and(|inner| is_text(inner) && !is_skipped(inner)) {
            wanted.insert(path.clone(), None);
        }
    }
    if below.is_none() {
        wanted.extend(named(files).into_iter().map(|(path, kind)| (path, Some(kind))));
    }
    let mut read = Vec::new();
    for (path, kind) in wanted {
        match files.look(&path) {
            Ok(Found::File(bytes)) => read.push((path, kind, bytes)),
            // A path that rehearsal.yml names has a finding of its own.
            Ok(Found::Other(what)) if kind.is_none() && FileKind::of(&path, None).is_some() => {
                found.passed_over.push((name(&path), what));
            }
            Ok(Found::Nothing | Found::Other(_)) => {}
            Err(error) => {
                // Whatever it would have said of itself, its name says that it should be checked.
                if kind.or_else(|| FileKind::of(&path, None)).is_some() {
                    found.unreadable.push((name(&path), error.to_string()));
                }
            }
        }
    }
    let told = each::in_order(read, |(path, kind, bytes)| {
        let kind = kind.or_else(|| kind_of(&path, &bytes))?;
        Some((path, kind, bytes))
    });
    let input =
        |(path, kind, bytes): (PathBuf, _, _)| Input { name: name(&path), path: Some(path), kind, bytes };
    found.inputs = told.into_iter().flatten().map(input).collect();
    if below.is_none() {
        found.inputs.extend(of_templates(files, &found.inputs, name));
        found.inputs.sort_by(|a, b| a.path.cmp(&b.path));
    }
    found
}

/// Files that templates name as the buildspecs of projects, and that nothing else shows to be any.
fn of_templates(files: &dyn Files, inputs: &[Input], name: &dyn Fn(&Path) -> String) -> Vec<Input> {
    let mut named = BTreeMap::new();
    for input in inputs.iter().filter(|input| input.kind == FileKind::Template) {
        let Ok(source) = syntax::decode(&input.name, input.bytes.as_slice()) else { continue };
        let Some(tree) = &syntax::parse(&source).tree else { continue };
        for setting in Template::of(tree).buildspecs() {
            let BuildspecFile::Path(path) = setting.text.setting() else { continue };
            let path: PathBuf = Path::new(&path).components().collect();
            if inputs.iter().any(|input| input.path.as_ref() == Some(&path)) || named.contains_key(&path) {
                continue;
            }
            if let Ok(Found::File(bytes)) = files.look(&path) {
                named.insert(path, bytes);
            }
        }
    }
    let input = |(path, bytes): (PathBuf, Vec<u8>)| Input {
        name: name(&path),
        path: Some(path),
        kind: FileKind::Buildspec,
        bytes,
    };
    named.into_iter().map(input).collect()
}

/// The files below a folder that is in no repository, in order. Links to folders are not followed.
pub fn walk(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        // What cannot be listed holds nothing that could be checked.
        let Ok(entries) = std::fs::read_dir(root.join(&folder)) else { continue };
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            let Ok(kind) = entry.file_type() else { continue };
            if !kind.is_dir() {
                found.push(path);
            } else if !is_skipped(&path.join("file")) && !TOOLS.iter().any(|tool| entry.file_name() == *tool)
            {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}

fn is_text(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["yml", "yaml", "json"].iter().any(|known| extension == *known))
}

/// What a file is. Most files of a repository are something else, which a look at the bytes tells without parsing.
fn kind_of(path: &Path, bytes: &[u8]) -> Option<FileKind> {
    let by_name = FileKind::of(path, None);
    let hints: [&[u8]; 5] = [b"phases", b"build-", b"actionTypeId", b"0.0", b"AWS::Code"];
    if by_name.is_none() && !hints.iter().any(|hint| contains(bytes, hint)) {
        return None;
    }
    let Ok(source) = syntax::decode("", bytes) else { return by_name };
    let kind = FileKind::of(path, syntax::parse(&source).tree.as_ref());
    // A template is worth a word only when it holds what could be checked.
    let services: [&[u8]; 3] = [b"AWS::CodePipeline::", b"AWS::CodeBuild::", b"AWS::CodeDeploy::"];
    kind.filter(|kind| *kind != FileKind::Template || services.iter().any(|service| contains(bytes, service)))
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

/// What rehearsal.yml names: definitions and buildspecs.
fn named(files: &dyn Files) -> Vec<(PathBuf, FileKind)> {
    let bytes = files.read(Path::new(CONFIGURATION)).ok().flatten();
    let Some(bytes) = bytes else { return Vec::new() };
    let Ok(source) = syntax::decode(CONFIGURATION, &bytes) else { return Vec::new() };
    let mut named = vec![(PathBuf::from(CONFIGURATION), FileKind::Config)];
    if let Some(tree) = &syntax::parse(&source).tree {
        named.extend(named_in(tree));
    }
    // One spelling for each path, whatever stands in the file.
    named.into_iter().map(|(path, kind)| (path.components().collect(), kind)).collect()
}

fn named_in(tree: &Tree) -> Vec<(PathBuf, FileKind)> {
    let list = |key| tree.root().get(key).into_iter().flat_map(Node::items);
    let pipelines = list("pipelines").filter_map(Node::text).map(|path| (path.into(), FileKind::Pipeline));
    let buildspecs = list("projects").filter_map(|project| {
        let setting = project.get("source")?.get("buildspec")?.text();
        match BuildspecFile::from_setting(setting) {
            BuildspecFile::Path(path) => Some((path.trim_start_matches("./").into(), FileKind::Buildspec)),
            BuildspecFile::Default | BuildspecFile::Inline(_) | BuildspecFile::Remote(_) => None,
        }
    });
    pipelines.chain(buildspecs).collect()
}

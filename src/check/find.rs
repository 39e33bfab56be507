//! Finding the files to check.
//!
//! Owns: which of many files are looked into (by name and ending, outside of folders with other people's files), those that
//! rehearsal.yml names, and what is passed over with a word. Leaves to `FileKind`: telling what a file is.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::{Content, Input, each};
use crate::pipeline::definition::{CONFIGURATION, Files, is_skipped};
use crate::repo::Found;
use crate::spec::buildspec::BuildspecFile;
use crate::spec::template::{SERVICES, Template};
use crate::spec::{self, FileKind};
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
        let Some(inner) = inner.filter(|inner| !is_skipped(inner)) else { continue };
        if is_folder(path) {
            found.passed_over.push((name(path), "a folder that cannot be listed"));
        } else if is_text(inner) && is_to_be_filled_in(inner) {
            if FileKind::of(path, None).is_some() {
                found
                    .passed_over
                    .push((name(path), "to be filled in by a template engine, as the name of its folder is"));
            }
        } else if is_text(inner) {
            wanted.insert(path.clone(), None);
        }
    }
    if below.is_none() {
        wanted.extend(named(files).into_iter().map(|(path, kind)| (path, Some(kind))));
    }
    let (mut unreadable, mut passed_over) = (Vec::new(), std::mem::take(&mut found.passed_over));
    let read = wanted.into_iter().filter_map(|(path, kind)| match files.look(&path) {
        Ok(Found::File(bytes)) => Some((path, kind, bytes)),
        // A path that rehearsal.yml names has a finding of its own.
        Ok(Found::Other(what)) if kind.is_none() && FileKind::of(&path, None).is_some() => {
            passed_over.push((name(&path), what));
            None
        }
        Ok(Found::Nothing | Found::Other(_)) => None,
        Err(error) => {
            // Whatever it would have said of itself, its name says that it should be checked.
            if kind.or_else(|| FileKind::of(&path, None)).is_some() {
                unreadable.push((name(&path), error.to_string()));
            }
            None
        }
    });
    let tell = |(path, kind, bytes): (PathBuf, Option<FileKind>, Vec<u8>)| {
        let kind = kind.or_else(|| kind_of(&path, &bytes))?;
        let named = if kind == FileKind::Template { named_in_template(&bytes) } else { Vec::new() };
        Some((path, kind, named))
    };
    let input =
        |path: PathBuf, kind| Input { name: name(&path), path: Some(path), kind, content: Content::AtPath };
    let mut by_templates = BTreeSet::new();
    each::in_order(read, tell, |told| {
        if let Some((path, kind, named)) = told {
            by_templates.extend(named);
            found.inputs.push(input(path, kind));
        }
    });
    (found.unreadable, found.passed_over) = (unreadable, passed_over);
    if below.is_none() {
        // What templates name as the buildspecs of projects, and nothing else shows to be any.
        let known: HashSet<PathBuf> = found.inputs.iter().filter_map(|input| input.path.clone()).collect();
        let new = by_templates.into_iter().filter(|path| !known.contains(path));
        let there = new.filter(|path| matches!(files.look(path), Ok(Found::File(_))));
        found.inputs.extend(there.map(|path| input(path, FileKind::Buildspec)));
        found.inputs.sort_by(|a, b| a.path.cmp(&b.path));
    }
    found
}

/// The buildspecs that a template's projects name.
fn named_in_template(bytes: &[u8]) -> Vec<PathBuf> {
    let tree = syntax::decode("", bytes).ok().and_then(|source| syntax::parse(&source).tree);
    let Some(tree) = &tree else { return Vec::new() };
    let settings = Template::of(tree).buildspecs();
    let paths = settings.into_iter().filter_map(|setting| match setting.text.setting() {
        BuildspecFile::Path(path) => Some(Path::new(&path).components().collect()),
        BuildspecFile::Default | BuildspecFile::Inline(_) | BuildspecFile::Remote(_) => None,
    });
    paths.collect()
}

/// The files below a folder that is in no repository, in order, and the folders that cannot be listed: those end in `/`.
/// Links to folders are not followed.
pub fn walk(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(root.join(&folder)) else {
            found.push(folder.join(""));
            continue;
        };
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

/// Whether a path stands for a folder that cannot be listed.
fn is_folder(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().ends_with(b"/")
}

/// Whether a file lies in a folder whose name is a placeholder of a template engine (`{{cookiecutter.slug}}`): then so is what
/// it says. Named itself, it is checked as it is.
fn is_to_be_filled_in(path: &Path) -> bool {
    let has = |part: &[u8]| part.windows(2).any(|two| two == b"{{" || two == b"{%");
    path.parent().is_some_and(|folder| has(folder.as_os_str().as_encoded_bytes()))
}

fn is_text(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["yml", "yaml", "json"].iter().any(|known| extension == *known))
}

/// What a file is. Most files of a repository are something else, which a look at the bytes tells without parsing.
fn kind_of(path: &Path, bytes: &[u8]) -> Option<FileKind> {
    if let Some(kind) = FileKind::at_a_glance(path, bytes) {
        return Some(kind);
    }
    let by_name = FileKind::of(path, None);
    let hints: [&[u8]; 6] = [b"phases", b"build-", b"actionTypeId", b"0.0", b"AWS::Code", b"version: 0.2"];
    if by_name.is_none() && !hints.iter().any(|hint| contains(bytes, hint)) {
        return None;
    }
    // A template is worth a word only when it holds what could be checked.
    let holds_ours =
        || SERVICES.iter().any(|service| contains(bytes, format!("AWS::{service}::").as_bytes()));
    let Ok(source) = syntax::decode("", bytes) else {
        // One that is too large, or no text, is told so.
        return by_name.or(holds_ours().then_some(FileKind::Template));
    };
    let tree = syntax::parse(&source).tree;
    let kind = FileKind::of(path, tree.as_ref());
    let kind = kind.or_else(|| tree.is_none().then(|| FileKind::of_broken(source.text())).flatten());
    // That of a chart or of another tool is rendered before anybody reads it.
    let is_in_chart = || path.components().any(|part| part.as_os_str() == "templates");
    let is_rendered = tree.as_ref().is_none_or(Tree::is_partial)
        && (kind == Some(FileKind::Pipeline) || is_in_chart())
        && spec::is_for_engine(source.text());
    let kind = kind.filter(|_| !is_rendered);
    let is_worth_it = || holds_ours() || names_one_of_ours(source.text());
    kind.filter(|kind| *kind != FileKind::Template || is_worth_it())
}

/// Whether a template has a type whose service is a slip of one that is checked: `AWS::CodeBuld::Project`.
fn names_one_of_ours(text: &str) -> bool {
    const MOST: usize = 1000;
    text.match_indices("AWS::Code").take(MOST).any(|(at, begin)| {
        let rest = &text[at + begin.len() - "Code".len()..];
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        rest[length..].starts_with("::") && spec::nearest(&rest[..length], &SERVICES).is_some()
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_worth_a_word_when_they_hold_what_is_checked() {
        for (kind, expected) in [
            ("AWS::CodeBuild::Project", Some(FileKind::Template)),
            ("AWS::CodeBuld::Project", Some(FileKind::Template)),
            ("AWS::CodePipelines::Pipeline", Some(FileKind::Template)),
            ("AWS::CodeCommit::Repository", None),
            ("AWS::S3::Bucket", None),
        ] {
            let text = format!("Resources:\n  A:\n    Type: {kind}\n");
            assert_eq!(kind_of(Path::new("infra/a.yml"), text.as_bytes()), expected, "{kind}");
        }
    }
}

//! Checking the files of a repository: `rehearsal check`, and the hook's first step.
//!
//! Owns: which files there are to check ([`find`], [`walk`]), buildspecs that stand inside another file, and putting
//! together what is found in single files and across them. Leaves to `rules`: what is wrong with a file. Leaves to
//! `cli`: where files come from, and how findings are shown.

mod each;
mod example;
mod find;
mod fix;
mod inline;
mod projects;
#[cfg(test)]
mod schemas;
mod settings;
pub mod shellcheck;
mod suppress;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

pub use example::page;
pub use find::{Discovery, find, walk};
pub use fix::{Fixed, fix, repaired};
pub use settings::Settings;

use crate::diagnostic::Finding;
use crate::pipeline::definition::{CONFIGURATION, Files, answers};
use crate::repo::Found;
use crate::rules::{self, subject};
use crate::spec::{self, FileKind};
use crate::syntax::{self, Tree};

/// The code of findings about what only Rehearsal cannot do yet.
const NOT_THERE_YET: &str = "not-there-yet";

/// A file to check.
#[derive(Debug, Clone)]
pub struct Input {
    /// The name that findings show: a path as seen from where the user stands.
    pub name: String,
    /// The path relative to the top of the files; none for a file from elsewhere.
    pub path: Option<PathBuf>,
    /// What it is.
    pub kind: FileKind,
    /// The content.
    pub bytes: Vec<u8>,
}

/// Where the files are.
pub struct Place<'a> {
    /// The files at the top, for what files say about each other.
    pub files: &'a dyn Files,
    /// Whether the inputs are all the files there are, so that what none of them has is not there.
    pub complete: bool,
    /// The name of a path relative to the top, as findings show it.
    pub name: &'a dyn Fn(&Path) -> String,
    /// What the user wants reported.
    pub settings: &'a Settings,
    /// Asks shellcheck about commands; none when it is not to be asked.
    pub shellcheck: Option<shellcheck::Ask<'a>>,
}

/// A finding that is not reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silenced {
    /// The finding.
    pub finding: Finding,
    /// Why it is not.
    pub by: Silencer,
}

/// What keeps a finding from being reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silencer {
    /// A comment in the file.
    Comment {
        /// The reason it gives; may be empty.
        reason: String,
    },
    /// `check` of the user's rehearsal.yml.
    Settings,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What is wrong, file by file in the order of their names, in the order of the text.
    pub findings: Vec<Finding>,
    /// What was found, and is not to be reported.
    pub silenced: Vec<Silenced>,
    /// How many files were checked.
    pub files: usize,
    /// The files that cannot be checked yet.
    pub unchecked: Vec<(String, FileKind)>,
}

/// Checks the files, each by itself and all together.
pub fn check(inputs: Vec<Input>, place: &Place<'_>) -> Report {
    let mut report = Report::default();
    let mut kept: Vec<(FileKind, PathBuf, Tree)> = Vec::new();
    let mut config = None;
    let (mut marked, mut own) = (Vec::new(), Vec::new());
    let files: Vec<_> =
        inputs.iter().map(|input| Shown { name: input.name.clone(), path: input.path.clone() }).collect();
    let complete = place.complete;
    let buildspecs = inputs.iter().filter(|input| input.kind == FileKind::Buildspec).count();
    let asks = place.shellcheck.is_some() && buildspecs <= shellcheck::FILES;
    let mut texts = Vec::new();
    let has_buildspecs = buildspecs > 0;
    for alone in each::in_order(inputs, |input| Alone::check(input, complete, asks)) {
        if alone.is_unchecked {
            report.unchecked.push((alone.name, alone.kind));
            continue;
        }
        report.files += 1;
        report.findings.extend(alone.findings);
        marked.extend(alone.marked);
        texts.extend(alone.texts);
        if let (Some(tree), Some(rules::Model::Config(config))) = (&alone.tree, &alone.model) {
            let theirs = alone.path.is_some().then_some(place.files);
            report.findings.extend(answers(tree.source(), &config.working_tree, theirs, place.name));
        }
        let Some(tree) = alone.tree else { continue };
        if alone.kind == FileKind::Config {
            own.extend(settings::findings(&tree, &files, place.complete));
            if alone.path.as_deref() == Some(Path::new(CONFIGURATION)) {
                config = Some(tree);
            }
        } else if let Some(path) = alone.path {
            kept.push((alone.kind, path, tree));
        }
    }
    let config = config.or_else(|| configuration(place));
    let parsed: Vec<_> = kept
        .iter()
        .map(|(kind, path, tree)| subject::Parsed { kind: *kind, path: Some(path), tree })
        .collect();
    let path = Some(Path::new(CONFIGURATION));
    let config = config.as_ref().map(|tree| subject::Parsed { kind: FileKind::Config, path, tree });
    let look = |path: &str| match place.files.look(Path::new(path)) {
        // What cannot be looked at may well be there.
        Ok(Found::File(_)) | Err(_) => subject::Presence::File,
        Ok(Found::Nothing) => subject::Presence::Nothing,
        Ok(Found::Other(what)) => subject::Presence::Other(what),
    };
    let read = |path: &str| {
        let path = Path::new(path);
        let source = syntax::decode(&(place.name)(path), place.files.read(path).ok()??).ok()?;
        syntax::parse(&source).tree
    };
    let whole = subject::Whole {
        files: &parsed,
        config,
        complete: place.complete,
        has_buildspecs,
        look: &look,
        read: &read,
    };
    // rehearsal.yml is looked at for what others say of it; what is wrong with it is said when it is checked itself.
    let asked = |finding: &Finding| files.iter().any(|file| file.name == finding.source.name());
    report.findings.extend(rules::check_together(&whole).into_iter().filter(asked));
    let built = projects::check(&whole, place);
    // The same text was read twice, so the places are what tells whether it is the same finding.
    let place_of = |finding: &Finding| (finding.source.name().to_owned(), finding.code, finding.primary.span);
    let refuted: HashSet<_> = built.refuted.iter().map(place_of).collect();
    report.findings.retain(|finding| refuted.is_empty() || !refuted.contains(&place_of(finding)));
    report.findings.extend(built.findings.into_iter().filter(asked));
    if let Some(ask) = place.shellcheck {
        report.findings.extend(shellcheck::findings(&texts, ask));
    }
    report.findings.extend(own.iter().cloned());
    let findings = suppress::apply(std::mem::take(&mut report.findings), &marked, &mut report.silenced);
    report.findings = place.settings.apply(findings, &files, &own, &mut report.silenced);
    report.findings.sort_by(|a, b| (a.source.name(), a.primary.span).cmp(&(b.source.name(), b.primary.span)));
    report
}

/// A file, once its content is gone.
struct Shown {
    name: String,
    path: Option<PathBuf>,
}

/// What came of a file by itself.
struct Alone {
    name: String,
    path: Option<PathBuf>,
    kind: FileKind,
    is_unchecked: bool,
    findings: Vec<Finding>,
    model: Option<rules::Model>,
    marked: Option<suppress::Marked>,
    /// Its commands, for shellcheck.
    texts: Vec<shellcheck::Text>,
    /// Its tree, where other files are looked at with it.
    tree: Option<Tree>,
}

impl Alone {
    fn check(input: Input, complete: bool, asks: bool) -> Self {
        let Input { name, path, kind, bytes } = input;
        let mut alone = Self {
            name,
            path,
            kind,
            is_unchecked: false,
            findings: Vec::new(),
            model: None,
            marked: None,
            texts: Vec::new(),
            tree: None,
        };
        let source = match syntax::decode(&alone.name, bytes) {
            Ok(source) => source,
            Err(refused) => {
                alone.findings.push(spec::refused(&refused));
                return alone;
            }
        };
        let parsed = syntax::parse(&source);
        let checked = rules::check(kind, &source, &parsed);
        alone.findings = checked.findings;
        // An appspec of a platform that is not there yet is nothing that AWS would refuse.
        alone.is_unchecked = alone.findings.iter().any(|finding| finding.code == NOT_THERE_YET);
        let Some(tree) = parsed.tree else { return alone };
        alone.marked = suppress::Marked::of(&tree, complete && alone.path.is_some());
        if asks && kind == FileKind::Buildspec {
            alone.texts = shellcheck::texts(&tree);
        }
        if kind == FileKind::Config {
            alone.findings.extend(inline::check(&tree));
            alone.model = checked.model;
        }
        if kind == FileKind::Template {
            alone.findings.extend(inline::in_template(&tree));
        }
        let is_wanted = matches!(kind, FileKind::Config | FileKind::Pipeline | FileKind::Template);
        alone.tree = (is_wanted || tree.root().get("batch").is_some()).then_some(tree);
        alone
    }
}

/// rehearsal.yml, when it is there and can be read at all.
fn configuration(place: &Place<'_>) -> Option<Tree> {
    let path = Path::new(CONFIGURATION);
    let bytes = place.files.read(path).ok()??;
    let source = syntax::decode(&(place.name)(path), bytes).ok()?;
    syntax::parse(&source).tree
}

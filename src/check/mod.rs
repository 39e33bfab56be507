//! Checking the files of a repository: `rehearsal check`, and the hook's first step.
//!
//! Owns: which files there are to check ([`find`], [`walk`]), buildspecs that stand inside rehearsal.yml, and putting
//! together what is found in single files and across them. Leaves to `rules`: what is wrong with a file. Leaves to
//! `cli`: where files come from, and how findings are shown.

mod find;
mod image;
mod inline;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use find::{Discovery, find, walk};

use crate::diagnostic::Finding;
use crate::pipeline::definition::{CONFIGURATION, Files};
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
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What is wrong, file by file in the order of their names, in the order of the text.
    pub findings: Vec<Finding>,
    /// How many files were checked.
    pub files: usize,
    /// The files that cannot be checked yet.
    pub unchecked: Vec<(String, FileKind)>,
}

/// Checks the files, each by itself and all together.
pub fn check(inputs: &[Input], place: &Place<'_>) -> Report {
    let mut report = Report::default();
    let mut kept: Vec<(FileKind, Tree)> = Vec::new();
    let mut config = None;
    let known = configuration(place);
    for input in inputs {
        if !rules::is_checked(input.kind) {
            report.unchecked.push((input.name.clone(), input.kind));
            continue;
        }
        report.files += 1;
        let source = match syntax::decode(&input.name, &input.bytes) {
            Ok(source) => source,
            Err(refused) => {
                report.findings.push(spec::refused(&refused));
                continue;
            }
        };
        let parsed = syntax::parse(&source);
        let path = input.path.as_deref().filter(|_| input.kind == FileKind::Buildspec);
        let image = known.as_ref().zip(path).and_then(|(config, path)| image::of(config, path));
        let checked = rules::check_on(input.kind, &source, &parsed, image);
        // An appspec of a platform that is not there yet is nothing that AWS would refuse.
        if checked.findings.iter().any(|finding| finding.code == NOT_THERE_YET) {
            report.files -= 1;
            report.unchecked.push((input.name.clone(), input.kind));
            continue;
        }
        report.findings.extend(checked.findings);
        let Some(tree) = parsed.tree else { continue };
        if input.kind == FileKind::Config {
            report.findings.extend(inline::check(&tree));
            if input.path.as_deref() == Some(Path::new(CONFIGURATION)) {
                config = Some(tree);
            }
        } else if input.path.is_some()
            && (input.kind == FileKind::Pipeline || tree.root().get("batch").is_some())
        {
            kept.push((input.kind, tree));
        }
    }
    let config = config.or(known);
    let files: Vec<_> = kept.iter().map(|(kind, tree)| subject::Parsed { kind: *kind, tree }).collect();
    let config = config.as_ref().map(|tree| subject::Parsed { kind: FileKind::Config, tree });
    let look = |path: &str| match place.files.look(Path::new(path)) {
        // What cannot be looked at may well be there.
        Ok(Found::File(_)) | Err(_) => subject::Presence::File,
        Ok(Found::Nothing) => subject::Presence::Nothing,
        Ok(Found::Other(what)) => subject::Presence::Other(what),
    };
    let whole = subject::Whole { files: &files, config, complete: place.complete, look: &look };
    // rehearsal.yml is looked at for what others say of it; what is wrong with it is said when it is checked itself.
    let asked = |finding: &Finding| inputs.iter().any(|input| input.name == finding.source.name());
    report.findings.extend(rules::check_together(&whole).into_iter().filter(asked));
    report.findings.sort_by(|a, b| (a.source.name(), a.primary.span).cmp(&(b.source.name(), b.primary.span)));
    report
}

/// rehearsal.yml, when it is there and can be read at all.
fn configuration(place: &Place<'_>) -> Option<Tree> {
    let path = Path::new(CONFIGURATION);
    let bytes = place.files.read(path).ok()??;
    let source = syntax::decode(&(place.name)(path), &bytes).ok()?;
    syntax::parse(&source).tree
}

//! Checking the files of a repository: `rehearsal check`, and the hook's first step.
//!
//! Owns: which files there are to check ([`find`], [`walk`]), buildspecs that stand inside another file, and putting
//! together what is found in single files and across them. Leaves to `rules`: what is wrong with a file. Leaves to
//! `cli`: where files come from, and how findings are shown.

mod alone;
mod each;
mod example;
mod find;
mod fix;
mod inline;
mod input;
mod projects;
#[cfg(test)]
mod schemas;
mod settings;
pub mod shellcheck;
mod suppress;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

pub use example::page;
pub use find::{Discovery, find, walk};
pub use fix::{Fixed, fix, repaired};
pub use input::{Content, Input};
pub use settings::Settings;

use alone::{Alone, Also};

use crate::diagnostic::Finding;
use crate::pipeline::definition::{CONFIGURATION, Files, answers};
use crate::repo::Found;
use crate::rules::{self, subject};
use crate::spec::FileKind;
use crate::spec::template::Derived;
use crate::syntax::{self, Tree};

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
    /// The addresses of the repository's remotes: they tell whose repository a pipeline is about.
    pub remotes: &'a [String],
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
    /// The files that could not be read when their turn came: name and reason.
    pub unreadable: Vec<(String, String)>,
    /// The definitions that were not held against the other files here.
    pub apart: Vec<Apart>,
}

/// A definition that was looked at alone, since nothing shows that it is about the repository it lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// The name of its file.
    pub name: String,
    /// The repository it is about, when that is no remote of this one.
    pub about: Option<String>,
    /// Whether it is a template.
    pub is_template: bool,
}

/// Checks the files, each by itself and all together.
pub fn check(inputs: Vec<Input>, place: &Place<'_>) -> Report {
    let mut report = Report::default();
    let mut kept: Vec<(FileKind, PathBuf, Tree, Vec<Derived>)> = Vec::new();
    let mut config = None;
    let (mut marked, mut configs, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    let files: Vec<_> =
        inputs.iter().map(|input| Shown { name: input.name.clone(), path: input.path.clone() }).collect();
    let buildspecs = inputs.iter().filter(|input| input.kind == FileKind::Buildspec).count();
    let also = Also {
        complete: place.complete,
        commands: place.shellcheck.is_some() && buildspecs <= shellcheck::FILES,
    };
    let read = |input: Input| {
        let bytes = input.read(place.files).map(Cow::into_owned);
        (input.name, input.path, input.kind, bytes)
    };
    let look = |(name, path, kind, bytes): (String, _, _, Result<Vec<u8>, _>)| match bytes {
        Ok(bytes) => Ok(Alone::check(name, path, kind, bytes, also)),
        Err(why) => Err((name, why)),
    };
    let presence = |path: &str| match place.files.look(Path::new(path)) {
        // What cannot be looked at may well be there.
        Ok(Found::File(_)) | Err(_) => subject::Presence::File,
        Ok(Found::Nothing) => subject::Presence::Nothing,
        Ok(Found::Other(what)) => subject::Presence::Other(what),
    };
    let script = |path: &str| script(place.files, Path::new(path));
    let near = OnceCell::new();
    let around = subject::Surroundings {
        look: &presence,
        script: &script,
        near: &|| Rc::clone(near.get_or_init(|| scripts_near(place.files))),
    };
    each::in_order(inputs.into_iter().map(read), look, |looked| {
        let alone = match looked {
            Ok(alone) => alone,
            Err(unreadable) => return report.unreadable.push(unreadable),
        };
        report.files += 1;
        report.findings.extend(alone.findings);
        if alone.path.is_some() && !alone.called.is_empty() {
            report.findings.extend(rules::check_called(&alone.called, &around));
        }
        marked.extend(alone.marked);
        texts.extend(alone.texts);
        let Some(tree) = alone.tree else { return };
        if let Some(read) = alone.config {
            let theirs = alone.path.is_some().then_some(place.files);
            report.findings.extend(answers(tree.source(), &read.working_tree, theirs, place.name));
        }
        match alone.path {
            path if alone.kind == FileKind::Config => configs.push((path, tree)),
            Some(path) => kept.push((alone.kind, path, tree, alone.derived)),
            None => {}
        }
    });
    let mut own = Vec::new();
    for (path, tree) in configs {
        own.extend(settings::findings(&tree, &files, place.complete));
        if path.as_deref() == Some(Path::new(CONFIGURATION)) {
            config = Some(tree);
        }
    }
    let config = config.or_else(|| configuration(place));
    let parsed: Vec<_> = kept
        .iter()
        .map(|(kind, path, tree, derived)| subject::Parsed { kind: *kind, path: Some(path), tree, derived })
        .collect();
    let path = Some(Path::new(CONFIGURATION));
    let config =
        config.as_ref().map(|tree| subject::Parsed { kind: FileKind::Config, path, tree, derived: &[] });
    let is_passed_over = |path: &str| place.files.is_passed_over(Path::new(path));
    // What others need of a buildspec may stand below a misspelt key.
    let as_meant = Cell::new(false);
    let tree_at = |path: &str| {
        let path = Path::new(path);
        let source = syntax::decode(&(place.name)(path), place.files.read(path).ok()??).ok()?;
        let parsed = syntax::parse(&source);
        match FileKind::of(path, parsed.tree.as_ref()) {
            Some(FileKind::Buildspec) if as_meant.get() => {
                rules::as_meant(FileKind::Buildspec, &source, parsed)
            }
            _ => parsed.tree,
        }
    };
    let inner: RefCell<Vec<inline::Inner<'_>>> = RefCell::default();
    let inline = |node| {
        let (read, tree) = inline::Inner::read(node)?;
        inner.borrow_mut().push(read);
        Some(tree)
    };
    let remotes: Vec<_> =
        place.remotes.iter().map(|remote| subject::repository_name(remote).to_owned()).collect();
    let described = subject::Projects::of(&parsed, config);
    let whole = subject::Whole {
        files: &parsed,
        config,
        definitions: subject::definitions(&parsed, &described, config.is_some(), &remotes, &presence),
        described,
        remotes: &remotes,
        complete: place.complete,
        buildspecs,
        look: &presence,
        is_passed_over: &is_passed_over,
        near: &|| place.files.shallow().unwrap_or_default(),
        read: &tree_at,
        inline: &inline,
    };
    report.apart =
        whole.definitions.iter().filter(|definition| definition.is_apart()).map(Apart::of).collect();
    report.apart.dedup_by(|second, first| second.name == first.name);
    // rehearsal.yml is looked at for what others say of it; what is wrong with it is said when it is checked itself.
    let names: HashSet<_> = files.iter().map(|file| file.name.as_str()).collect();
    let asked = |finding: &Finding| names.contains(finding.source.name());
    let mut together = rules::check_together(&whole);
    let mut slips = rules::Slips::default();
    let is_used = !whole.definitions.is_empty() || whole.config.is_some();
    if is_used && report.findings.iter().any(rules::is_slip) {
        as_meant.set(true);
        slips = rules::follow_slips(&mut report.findings, &mut together, rules::check_together(&whole));
    }
    let inner = inner.borrow();
    let outward = |finding: Finding| match inner.iter().find(|inner| inner.holds(&finding)) {
        Some(inner) => inner.outward(finding),
        None => Some(finding),
    };
    report.findings.extend(together.into_iter().filter_map(outward).filter(asked));
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
    // What follows from misspelt keys is told where nothing is said of these, and what is wrong without them where something is.
    for told in [&mut slips.taken, &mut slips.more] {
        let each = std::mem::take(told).into_iter();
        *told = each.filter_map(|(file, finding)| Some((file, outward(finding)?))).collect();
    }
    let of_slips = slips.taken.iter().chain(&slips.more).map(|(_, finding)| finding.clone());
    report.findings.extend(of_slips.filter(asked));
    let mut findings = suppress::apply(std::mem::take(&mut report.findings), &marked, &mut report.silenced);
    let told = findings.iter().filter(|finding| rules::is_slip(finding));
    let told: HashSet<_> = told.map(|finding| finding.source.name().to_owned()).collect();
    slips.taken.retain(|(file, _)| told.contains(file));
    slips.more.retain(|(file, _)| !told.contains(file));
    let is_dropped =
        |finding: &Finding| slips.taken.iter().chain(&slips.more).any(|(_, other)| other == finding);
    findings.retain(|finding| !is_dropped(finding));
    report.findings = place.settings.apply(findings, &files, &own, &mut report.silenced);
    rules::drop_orphans(&mut report.findings);
    report.findings.sort_by(|a, b| (a.source.name(), a.primary.span).cmp(&(b.source.name(), b.primary.span)));
    report
}

/// What matters of a script.
fn script(files: &dyn Files, path: &Path) -> Option<subject::ScriptFile> {
    let is_file = matches!(files.look(path), Ok(Found::File(_)));
    is_file.then(|| subject::ScriptFile { is_executable: files.is_executable(path) })
}

/// The scripts near the top; none where there are so many that looking for one that is meant would take its time.
fn scripts_near(files: &dyn Files) -> Rc<[String]> {
    const MOST: usize = 500;
    const ENDINGS: [&str; 7] = ["bash", "js", "mjs", "pl", "py", "rb", "sh"];
    let may_be_run = |path: &PathBuf| match path.extension() {
        None => true,
        Some(ending) => ENDINGS.iter().any(|known| ending == *known),
    };
    let near = files.shallow().unwrap_or_default().into_iter().filter(may_be_run);
    let paths: Vec<String> = near.filter_map(|path| path.into_os_string().into_string().ok()).collect();
    if paths.len() > MOST { Rc::default() } else { paths.into() }
}

impl Apart {
    fn of(definition: &subject::Definition<'_>) -> Self {
        let is_elsewhere = definition.belongs == subject::Belongs::Elsewhere;
        Self {
            name: definition.tree.source().name().to_owned(),
            about: definition.names().filter(|_| is_elsewhere).map(str::to_owned),
            is_template: definition.is_in_template,
        }
    }
}

/// A file, once its content is gone.
struct Shown {
    name: String,
    path: Option<PathBuf>,
}

/// rehearsal.yml, when it is there and can be read at all.
fn configuration(place: &Place<'_>) -> Option<Tree> {
    let path = Path::new(CONFIGURATION);
    let bytes = place.files.read(path).ok()??;
    let source = syntax::decode(&(place.name)(path), bytes).ok()?;
    syntax::parse(&source).tree
}

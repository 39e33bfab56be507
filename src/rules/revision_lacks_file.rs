//! `revision-lacks-file`: a file that an appspec names, and the revision that is deployed has not.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::record::{Check, Rule};
use super::subject::{Absence, Built, Deployed, Presence, Whole, head};
use crate::diagnostic::{Finding, Severity};
use crate::spec::appspec::{Platform, platform};
use crate::spec::{FileKind, nearest};
use crate::syntax::{Kind, Node, Tree};

/// What comes of a script that is not there.
const SCRIPT_MISSING: &str = "the event fails without it: ScriptMissing";

/// Scripts of one appspec that are looked for: each is a look at the disk.
const MOST_SCRIPTS: usize = 100;

/// Files that are asked whether they speak of a script.
const MOST_FILES: usize = 40;

pub(super) const RULE: Rule = Rule {
    code: "revision-lacks-file",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A file or script of an appspec that the revision has not",
    doc: "A CodeDeploy action deploys what a source action gave, this repository, or what a build put together, by the appspec \
          at its top. A `source` below `files` that is not there fails the Install event; a `location` below `hooks` that is \
          not there fails its event, with ScriptMissing. Both are relative to the top of the revision, whatever the appspec's \
          own place is. Of a build's artifact only what no pattern of `artifacts.files` can give is told, and only where the \
          build takes the appspec from this repository as it is. Of an appspec that no pipeline here deploys by, a script is told \
          that is not beside it although its folder is, and of which no other YAML file near the top speaks. Nothing \
          is said where a path has a variable.",
    example: None,
    reference: "codedeploy.md 3.1, 3.3",
    url: Some(
        "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-files.html",
    ),
    check: Check::Pipelines(check),
};

fn check(whole: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    // Several pipelines may deploy by the same, and each file is told once.
    let mut seen = HashSet::new();
    let mut known = HashSet::new();
    for deployed in whole.deployed(built) {
        if platform(&deployed.tree) != Some(Platform::Server) {
            continue;
        }
        let mut tell = |finding: Option<Finding>| {
            let is_new = |finding: &Finding| seen.insert((deployed.path.clone(), finding.primary.span));
            findings.extend(finding.filter(is_new));
        };
        let root = deployed.tree.root();
        let sources =
            root.get("files").into_iter().flat_map(Node::items).filter_map(|file| file.get("source"));
        for source in sources {
            tell(lacks(whole, &deployed, source, true));
        }
        for location in locations(root) {
            tell(lacks(whole, &deployed, location, false));
        }
        known.insert(deployed.path);
    }
    for file in whole.files.iter().filter(|file| file.kind == FileKind::AppSpec) {
        let path = file.path.and_then(Path::to_str).filter(|path| !known.contains(*path));
        if let Some(path) = path.filter(|_| platform(file.tree) == Some(Platform::Server)) {
            scripts_beside(whole, path, file.tree, findings);
        }
    }
}

/// The scripts of an appspec.
fn locations(root: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let hooks = root.get("hooks").into_iter().flat_map(Node::entries);
    let all = hooks.flat_map(|hook| hook.value.items()).filter_map(|script| script.get("location"));
    // Of one that is no path in the bundle, or has arguments, that is told.
    all.filter(|location| {
        location.text().is_none_or(|text| !text.trim().starts_with('/') && !text.trim().contains(' '))
    })
}

/// The scripts that are not beside an appspec of which it is not known what it is deployed with.
fn scripts_beside(whole: &Whole<'_>, path: &str, tree: &Tree, findings: &mut Vec<Finding>) {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let below = |path: &str| if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
    let is_here = |path: &str| (whole.look)(&below(path)) != Presence::Nothing;
    let (here, absent): (Vec<_>, Vec<_>) = locations(tree.root())
        .filter_map(|node| Some((node, static_path(node)?)))
        .take(MOST_SCRIPTS)
        .partition(|(_, path)| is_here(path));
    let absent = absent.into_iter().filter(|(_, path)| {
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let is_laid_out = if parent.is_empty() { !here.is_empty() } else { is_here(parent) };
        is_laid_out && (whole.look)(path) == Presence::Nothing
    });
    let mut around = None;
    for (node, path) in absent {
        let (near, builds) = around.get_or_insert_with(|| {
            let files = (whole.near)();
            (names_below(&files, folder), makers(whole, &files))
        });
        // A build may bring it along.
        let name = path.rsplit('/').next().unwrap_or_default();
        if builds.iter().any(|build| build.source().text().contains(name)) {
            continue;
        }
        let names: Vec<_> = near.iter().map(String::as_str).filter(|name| is_near(name, &path)).collect();
        let same = near.iter().map(String::as_str).find(|name| name.eq_ignore_ascii_case(&path));
        let help = match same.or_else(|| nearest(&path, &names)) {
            Some(meant) => format!("write {meant}"),
            None => "paths of an appspec begin at the top of what is deployed".to_owned(),
        };
        let message = format!("there is no {path} beside this appspec");
        findings.push(RULE.at(node.source(), head(node), message, SCRIPT_MISSING).help(help));
    }
}

/// The paths of the files below a folder, relative to it.
fn names_below(files: &[PathBuf], folder: &str) -> Vec<String> {
    files.iter().filter_map(|path| path.strip_prefix(folder).ok()?.to_str().map(str::to_owned)).collect()
}

/// What may make files: buildspecs, and workflows of others.
fn makers(whole: &Whole<'_>, files: &[PathBuf]) -> Vec<Tree> {
    let is_yaml = |path: &&PathBuf| path.extension().is_some_and(|end| end == "yml" || end == "yaml");
    let names = files.iter().filter(is_yaml).filter_map(|path| path.to_str());
    names.take(MOST_FILES).filter_map(whole.read).filter(|tree| tree.root().get("hooks").is_none()).collect()
}

/// Whether two paths differ in their file's name only, or in their folder only.
fn is_near<'p>(one: &'p str, other: &'p str) -> bool {
    let parts = |path: &'p str| path.rsplit_once('/').unwrap_or(("", path));
    let (one, other) = (parts(one), parts(other));
    one.0 == other.0 || one.1 == other.1
}

/// A path of an appspec relative to the top of what is deployed; none where it is not known or is that itself.
fn static_path(node: Node<'_>) -> Option<String> {
    let text = node.text().filter(|_| node.kind() == Kind::Scalar)?;
    let path = text.trim().replace('\\', "/");
    let path = path.trim_start_matches("./").trim_matches('/');
    let is_known = !path.is_empty()
        && path != "."
        && !path.contains(['$', '*', '{', '<', '%'])
        && path.split('/').all(|part| part != "..");
    is_known.then(|| path.to_owned())
}

/// What is wrong with a path of an appspec; a source may be a folder.
fn lacks(whole: &Whole<'_>, deployed: &Deployed<'_, '_>, node: Node<'_>, is_source: bool) -> Option<Finding> {
    let path = &*static_path(node)?;
    let so = if is_source { "Install fails without it" } else { SCRIPT_MISSING };
    let artifact = deployed.artifact;
    let (message, help) = match deployed.made_by {
        None if (whole.look)(path) == Presence::Nothing => (
            format!("the repository that is deployed has no {path}"),
            "paths of an appspec begin at the top of the repository".to_owned(),
        ),
        None if (whole.is_passed_over)(path) => (
            format!("the repository that is deployed has no {path}: it is only in this folder"),
            "git ignores it, or it is a folder without files; a build can make it".to_owned(),
        ),
        Some(built) => {
            let of = format!("`{artifact}`, which is deployed");
            let Some(absence) = built.why_not(artifact, path, is_source) else {
                return not_made(whole, built, artifact, node, path).filter(|_| !is_source);
            };
            let message = match absence {
                Absence::Unselected => format!("no pattern of `artifacts.files` gives {path} to {of}"),
                Absence::Excluded => format!("`exclude-paths` keeps {path} out of {of}"),
                Absence::Flat => format!("`discard-paths` leaves no folder for {path} in {of}"),
            };
            let help = match built.gives_elsewhere(artifact, path) {
                Some(given) => format!("the build gives `{given}`: write that path here"),
                None => format!("give it with `artifacts` of the build {}", built.action.name),
            };
            (message, help)
        }
        None => return None,
    };
    Some(RULE.at(node.source(), head(node), message, so).help(help))
}

/// A script that a pattern could give, in a folder of the repository that has no such file, where no command speaks of it.
fn not_made(
    whole: &Whole<'_>,
    built: &Built<'_>,
    artifact: &str,
    node: Node<'_>,
    path: &str,
) -> Option<Finding> {
    let from = built.copies(artifact, path)?;
    let (folder, _) = from.rsplit_once('/')?;
    let is_absent = (whole.look)(&from) == Presence::Nothing && (whole.look)(folder) != Presence::Nothing;
    is_absent.then_some(())?;
    let files = (whole.near)();
    let names: Vec<_> =
        files.iter().filter_map(|file| file.to_str()).filter(|name| is_near(name, &from)).collect();
    let help = match nearest(&from, &names) {
        Some(meant) => format!("write {meant}"),
        None => "put it there, or let a command make it".to_owned(),
    };
    let message = format!("the repository has no {from}, and no command of the build speaks of it");
    Some(RULE.at(node.source(), head(node), message, SCRIPT_MISSING).help(help))
}

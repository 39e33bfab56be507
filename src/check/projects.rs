//! Buildspecs beside the projects of rehearsal.yml and of templates that build by them.
//!
//! Owns: reading each such file once, and what is wrong with it for a project. Leaves to `rules`: what that is, and which
//! project builds by which file. Leaves to `inline`: reading buildspecs that stand inside another file.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::{Place, inline};
use crate::diagnostic::Finding;
use crate::repo::Found;
use crate::rules::{self, subject};
use crate::syntax::{self, Tree};

/// How many projects with settings of their own are looked at for one file: a hostile rehearsal.yml can bring thousands.
const PROJECTS_A_FILE: usize = 50;

/// What is wrong with buildspecs for the projects that build by them, and what is not, though it is said of them alone.
pub(super) fn check(whole: &subject::Whole<'_>, place: &Place<'_>) -> rules::Built {
    let mut files: HashMap<String, (Option<Tree>, HashSet<subject::Project<'_>>)> = HashMap::new();
    // What every project of a file refutes.
    let mut refuted: HashMap<String, Vec<Finding>> = HashMap::new();
    let mut said = HashSet::new();
    let mut findings: Vec<Finding> = Vec::new();
    for build in whole.builds() {
        let (tree, seen) =
            files.entry(build.path.clone()).or_insert_with(|| (read(&build.path, place), HashSet::new()));
        let Some(tree) = tree else { continue };
        let project = build.project.project();
        // Projects that differ in their names alone make the same of it.
        let is_new = seen.len() < PROJECTS_A_FILE && seen.insert(subject::Project { name: None, ..project });
        if !is_new {
            continue;
        }
        let built = rules::check_built(tree, &project);
        match refuted.get_mut(&build.path) {
            Some(all) => all.retain(|finding| built.refuted.contains(finding)),
            None => drop(refuted.insert(build.path.clone(), built.refuted)),
        }
        for finding in built.findings {
            // Several projects, one fault.
            if said.insert((build.path.clone(), finding.code, finding.primary.span)) {
                findings.push(finding);
            }
        }
    }
    let mut refuted: Vec<_> = refuted.into_values().flatten().collect();
    // Templates are held against their own projects where they stand.
    for definition in whole.definitions.iter().filter(|definition| !definition.is_in_template) {
        for action in &definition.actions {
            let Some(project) = whole.project_of(action) else { continue };
            let Some((inner, tree)) = inline::overridden(action).and_then(inline::Inner::read) else {
                continue;
            };
            let built = rules::check_built(&tree, &project.project());
            let outward =
                |found: Vec<Finding>| found.into_iter().filter_map(|finding| inner.outward(finding));
            findings.extend(outward(built.findings));
            refuted.extend(outward(built.refuted));
        }
    }
    rules::Built { findings, refuted }
}

/// A file that is YAML in any part.
fn read(path: &str, place: &Place<'_>) -> Option<Tree> {
    let path = Path::new(path);
    let Ok(Found::File(bytes)) = place.files.look(path) else { return None };
    let source = syntax::decode(&(place.name)(path), bytes).ok()?;
    syntax::parse(&source).tree
}

//! Buildspecs beside the projects of rehearsal.yml that build by them.
//!
//! Owns: reading each such file once, and what is wrong with it for a project. Leaves to `rules`: what that is, and which
//! project builds by which file. Leaves to `inline`: buildspecs that stand inside rehearsal.yml.

use std::collections::HashMap;
use std::path::Path;

use super::Place;
use crate::diagnostic::Finding;
use crate::repo::Found;
use crate::rules::{self, subject};
use crate::syntax::{self, Tree};

/// What is wrong with buildspecs for the projects that build by them.
pub(super) fn check(whole: &subject::Whole<'_>, place: &Place<'_>) -> Vec<Finding> {
    let mut trees: HashMap<String, Option<Tree>> = HashMap::new();
    let mut findings: Vec<Finding> = Vec::new();
    for build in whole.builds() {
        let tree = trees.entry(build.path.clone()).or_insert_with(|| read(&build.path, place));
        let Some(tree) = tree else { continue };
        let project = subject::Project::of(build.project);
        for finding in rules::check_built(tree, &project) {
            // Several projects, one fault.
            let same = |other: &Finding| {
                (other.code, other.primary.span) == (finding.code, finding.primary.span)
                    && other.source.name() == finding.source.name()
            };
            if !findings.iter().any(same) {
                findings.push(finding);
            }
        }
    }
    findings
}

/// A file that is YAML in any part.
fn read(path: &str, place: &Place<'_>) -> Option<Tree> {
    let path = Path::new(path);
    let Ok(Found::File(bytes)) = place.files.look(path) else { return None };
    let source = syntax::decode(&(place.name)(path), &bytes).ok()?;
    syntax::parse(&source).tree
}

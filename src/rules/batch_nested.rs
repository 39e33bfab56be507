//! `batch-nested`: a task of a batch that builds by a file with a batch of its own.

use std::collections::HashMap;
use std::path::Path;

use super::record::{Check, Rule};
use super::subject::{Buildspec, Commands, Whole, head};
use crate::diagnostic::{Finding, Severity};
use crate::spec::FileKind;
use crate::syntax::{Kind, Node};

pub(super) const RULE: Rule = Rule {
    code: "batch-nested",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A task of a batch that builds by a file with a batch of its own",
    doc: "Batches are not nested: only the buildspec that the batch starts from may have a `batch`. In the buildspec of a task \
          its tasks are not built.",
    example: None,
    reference: "codebuild.md 1.11",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html"),
    check: Check::Across(check),
};

fn check(whole: &Whole<'_>, findings: &mut Vec<Finding>) {
    let batches: HashMap<&Path, _> = whole
        .files
        .iter()
        .filter(|file| file.kind == FileKind::Buildspec)
        .filter_map(|file| Some((file.path?, file.tree)))
        .collect();
    if batches.len() < 2 {
        return;
    }
    for (own, tree) in &batches {
        let shell = Commands::none();
        let file = Buildspec { tree, shell: &shell };
        let named = file.tasks().into_iter().filter_map(|task| task.node.get("buildspec"));
        let axis = file.at(&["batch", "build-matrix", "dynamic", "buildspec"]);
        let axis = axis.into_iter().flat_map(Node::items);
        for node in named.chain(axis).filter(|node| node.kind() == Kind::Scalar) {
            let Some(path) = node.text().map(|text| Path::new(text.trim_start_matches("./"))) else {
                continue;
            };
            if path == *own || !batches.contains_key(path) {
                continue;
            }
            let message = format!("{} has a batch of its own", path.display());
            let finding = RULE.at(file.source(), head(node), message, "batches are not nested");
            findings.push(finding.help("list its tasks here, or give the task a buildspec without `batch:`"));
        }
    }
}

//! `batch-nested`: a task of a batch that builds by a file with a batch of its own.

use std::collections::HashMap;
use std::path::Path;

use super::record::{Check, Rule};
use super::subject::{Whole, head, named_buildspecs};
use crate::diagnostic::{Finding, Severity};
use crate::spec::FileKind;

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
    let mut known: HashMap<&str, bool> = HashMap::new();
    for file in whole.files.iter().filter(|file| file.kind == FileKind::Buildspec) {
        for node in named_buildspecs(file.tree) {
            let Some(path) = node.text().map(|text| text.trim_start_matches("./")) else { continue };
            if file.path == Some(Path::new(path)) {
                continue;
            }
            let has_batch = || (whole.read)(path).is_some_and(|tree| tree.root().get("batch").is_some());
            if *known.entry(path).or_insert_with(has_batch) {
                let message = format!("{path} has a batch of its own");
                let finding = RULE.at(file.tree.source(), head(node), message, "batches are not nested");
                findings
                    .push(finding.help("list its tasks here, or give the task a buildspec without `batch:`"));
            }
        }
    }
}

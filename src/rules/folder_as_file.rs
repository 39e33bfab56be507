//! `folder-as-file`: the bare name of a folder where artifacts ask for files.

use super::record::{Check, Rule};
use super::subject::{Presence, Whole, head};
use crate::diagnostic::{Finding, Severity};
use crate::spec::FileKind;
use crate::syntax::{Node, Tree};

pub(super) const RULE: Rule = Rule {
    code: "folder-as-file",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "The bare name of a folder among the files of an artifact",
    doc: "`files` of `artifacts` takes files and patterns. The name of a folder alone gives none of what is in it: `scripts` is \
          passed over, `scripts/**/*` takes its files. Seen where the folder is in the repository.",
    example: None,
    reference: "codebuild.md 1.9; fidelity.md",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts.files",
    ),
    check: Check::Across(check),
};

/// Whether a buildspec has items that may be folders, for which it is worth a look at the disk.
pub fn is_worth_a_look(tree: &Tree) -> bool {
    lists(tree).any(|(_, items)| items.into_iter().any(may_be_folder))
}

fn check(whole: &Whole<'_>, findings: &mut Vec<Finding>) {
    for tree in whole.of_kind(FileKind::Buildspec) {
        for (base, items) in lists(tree) {
            for item in items.iter().copied().filter(|item| may_be_folder(*item)).take(MOST) {
                let name = plain(item.text().unwrap_or_default());
                let path = if base.is_empty() { name.to_owned() } else { format!("{base}/{name}") };
                let beside = format!("{name}/");
                let is_given = items
                    .iter()
                    .filter_map(|other| other.text())
                    .any(|other| plain(other).starts_with(&beside));
                let is_folder = || {
                    item.text().is_some_and(|text| text.ends_with('/'))
                        || (whole.look)(&path) == Presence::Other("a folder")
                };
                if is_given || !is_folder() {
                    continue;
                }
                let message = format!("`{name}` is a folder: the artifact gets nothing of it");
                let finding = RULE.at(item.source(), head(item), message, "no file");
                findings.push(finding.help(format!("write '{name}/**/*'")));
            }
        }
    }
}

/// Items of one list that are looked for.
const MOST: usize = 100;

/// The files of each artifact, with the folder they are relative to, where that is known.
fn lists(tree: &Tree) -> impl Iterator<Item = (&str, Vec<Node<'_>>)> {
    let artifacts = tree.root().get("artifacts");
    let secondary = artifacts.and_then(|artifacts| artifacts.get("secondary-artifacts"));
    let secondary = secondary.into_iter().flat_map(Node::entries).map(|entry| entry.value);
    artifacts.into_iter().chain(secondary).filter_map(|section| {
        let base = section.get("base-directory").map_or(Some(""), Node::text).map(plain)?;
        let files = section
            .get("files")
            .filter(|_| !base.contains(['$', '*', '?', '[']) && !base.starts_with('/'))?;
        Some((base, files.text().is_some().then_some(files).into_iter().chain(files.items()).collect()))
    })
}

fn plain(path: &str) -> &str {
    let path = path.trim().trim_start_matches("./").trim_end_matches('/');
    if path == "." { "" } else { path }
}

/// A path without a pattern whose last part has no ending.
fn may_be_folder(item: Node<'_>) -> bool {
    let path = plain(item.text().unwrap_or_default());
    let last = path.rsplit('/').next().unwrap_or_default();
    !path.is_empty()
        && !path.starts_with('/')
        && !path.contains(['*', '?', '[', '{', '$', '\\'])
        && !last.contains('.')
}

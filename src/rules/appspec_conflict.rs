//! `appspec-conflict`: entries of an appspec that cannot both be followed.

use std::collections::HashMap;

use super::record::{Check, Example, Rule};
use crate::diagnostic::{Finding, Severity};
use crate::spec::appspec::{Platform, permission_keys, platform};
use crate::syntax::{Kind, Node, Tree};

pub(super) const RULE: Rule = Rule {
    code: "appspec-conflict",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "Entries of an appspec that cannot both be followed",
    doc: "The agent fails the Install event when two entries of `files` bring something to one place, and when a file or folder \
          is met by two entries of `permissions`. One source that goes twice to one destination is such a case, and so are two \
          entries for one object that both mean all files below it. It is a warning where only the bundle shows whether \
          something meets both: a pattern beside `**`, folders. Entries for files and for folders of one object do not conflict.",
    example: Example::appspec(
        "version: 0.0
os: linux
files:
  - source: /
    destination: /srv/service
permissions:
  - object: /srv/service
    owner: service
  - object: /srv/service
    mode: \"644\"
",
        "version: 0.0
os: linux
files:
  - source: /
    destination: /srv/service
permissions:
  - object: /srv/service
    owner: service
    mode: \"644\"
",
    ),
    reference: "codedeploy.md 2.1, 3.1, 3.2",
    url: Some(
        "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-permissions.html",
    ),
    check: Check::AppSpec(check),
};

fn check(tree: &Tree, findings: &mut Vec<Finding>) {
    if platform(tree) != Some(Platform::Server) {
        return;
    }
    files(tree, findings);
    permissions(tree, findings);
}

/// One source that goes to one destination twice, and files of one name from two folders.
fn files(tree: &Tree, findings: &mut Vec<Finding>) {
    let mut first = HashMap::new();
    let mut named = HashMap::new();
    for file in items(tree, "files") {
        let (Some(source), Some(destination)) = (text(file, "source"), text(file, "destination")) else {
            continue;
        };
        let Some(node) = file.get("source") else { continue };
        let key = (tidy(source).trim_start_matches("./"), tidy(destination));
        if let Some(before) = first.insert(key, node.span()) {
            let message = format!("`{source}` goes to {destination} twice");
            let finding = RULE.at(tree.source(), node.span(), message, "Install fails here");
            findings.push(finding.label(before, "the same before").help("remove one of them"));
            continue;
        }
        // Only what has an ending is surely a file: of a folder its content is copied.
        let name = tidy(source).rsplit(['/', '\\']).next().unwrap_or_default();
        if !name.split_once('.').is_some_and(|(stem, ending)| !stem.is_empty() && !ending.is_empty()) {
            continue;
        }
        if let Some(before) = named.insert((name, tidy(destination)), node.span()) {
            let message = format!("two files called {name} go to {destination}");
            let finding =
                RULE.at(tree.source(), node.span(), message, "Install fails here, if this is a file");
            let finding =
                finding.label(before, "the first of them").help("give one of them another destination");
            findings.push(Finding { severity: Severity::Warning, ..finding });
        }
    }
}

/// An entry of `permissions`, and what it means.
struct Entry<'t> {
    object: Node<'t>,
    pattern: &'t str,
    files: bool,
    folders: bool,
}

fn permissions(tree: &Tree, findings: &mut Vec<Finding>) {
    let destinations: Vec<_> =
        items(tree, "files").filter_map(|file| text(file, "destination")).map(tidy).collect();
    // The last of each kind stands for all before it: a conflict is said once.
    let mut met: HashMap<(&str, bool), Entry<'_>> = HashMap::new();
    for item in items(tree, "permissions") {
        let (Some(object), Some(path)) = (item.get("object"), text(item, "object")) else { continue };
        // What is left out may be just what the other entry means, and so may what a misspelt key or a value of
        // a wrong kind says.
        let is_slip = |key: Option<&str>| key.is_none_or(|key| !permission_keys().contains(&key));
        if item.get("except").is_some_and(|except| !except.is_null())
            || item.entries().any(|entry| is_slip(entry.key.text()))
            || item.get("type").is_some_and(|kinds| kinds.text().is_some())
        {
            continue;
        }
        let kinds: Vec<_> =
            item.get("type").into_iter().flat_map(Node::items).filter_map(Node::text).collect();
        let has = |kind: &str| kinds.is_empty() || kinds.contains(&kind);
        let pattern = text(item, "pattern").unwrap_or("**");
        let entry = Entry { object, pattern, files: has("file"), folders: has("directory") };
        let keys = [(entry.files, true), (entry.folders, false)];
        let before = keys
            .iter()
            .filter(|(means, _)| *means)
            .find_map(|(_, kind)| met.get(&(tidy(path), *kind)))
            .filter(|before| {
                before.pattern == entry.pattern || [before.pattern, entry.pattern].contains(&"**")
            });
        if let Some(before) = before {
            let is_filled = destinations.iter().any(|destination| is_within(destination, tidy(path)));
            let all = before.pattern == "**" && entry.pattern == "**";
            let is_sure = is_filled && all && before.files && entry.files;
            let label = if is_sure { "Install fails here" } else { "Install fails for what both meet" };
            let message = format!("`{path}` stands in two entries of `permissions`");
            let finding = RULE.at(tree.source(), object.span(), message, label);
            let finding = finding.label(before.object.span(), "the other one");
            let severity = if is_sure { Severity::Error } else { Severity::Warning };
            let finding = Finding { severity, ..finding };
            findings.push(
                finding.help("make one entry of both, or leave out with `except` what the other means"),
            );
        }
        for (_, kind) in keys.into_iter().filter(|(means, _)| *means) {
            met.insert(
                (tidy(path), kind),
                Entry { object, pattern, files: entry.files, folders: entry.folders },
            );
        }
    }
}

fn items<'t>(tree: &'t Tree, key: &str) -> impl Iterator<Item = Node<'t>> {
    let list = tree.root().get(key).filter(|list| list.kind() == Kind::Sequence);
    list.into_iter().flat_map(Node::items)
}

/// A text without a variable or something to be filled in.
fn text<'t>(node: Node<'t>, key: &str) -> Option<&'t str> {
    let text = node.get(key)?.text()?.trim();
    (!text.is_empty() && !text.contains(['$', '{', '<', '%', '@'])).then_some(text)
}

/// A path without the slash at its end.
fn tidy(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() { path } else { trimmed }
}

/// Whether a path is a folder or lies below it.
fn is_within(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

//! `base-directory-twice`: files that are looked for below a folder which their paths begin with again.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, head};
use crate::diagnostic::{Finding, Severity};
use crate::syntax::Node;

pub(super) const RULE: Rule = Rule {
    code: "base-directory-twice",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "Files that are looked for below their own folder",
    doc: "The patterns of `files` and `exclude-paths` are relative to `base-directory`, of artifacts as of reports: with \
          `base-directory: dist`, `dist/**/*` is looked for in `dist/dist`. Nothing is said where the list names something else of \
          the folder as well: `mysite/mysite` is the layout of some projects.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - npm run build
artifacts:
  base-directory: dist
  files:
    - dist/**/*
",
        "version: 0.2
phases:
  build:
    commands:
      - npm run build
artifacts:
  base-directory: dist
  files:
    - '**/*'
",
    ),
    reference: "codebuild.md 1.9, 1.8",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts.base-directory",
    ),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let secondary = file.entries(&["artifacts", "secondary-artifacts"]).map(|entry| entry.value);
    let groups = file.entries(&["reports"]).map(|entry| entry.value);
    for section in file.at(&["artifacts"]).into_iter().chain(secondary).chain(groups) {
        let Some(base) = section.entry("base-directory") else { continue };
        let Some(folder) = base.value.text().map(plain).filter(|folder| is_known(folder)) else { continue };
        let lists = ["files", "exclude-paths"].into_iter().filter_map(|key| section.get(key));
        let items =
            lists.flat_map(|list| list.text().is_some().then_some(list).into_iter().chain(list.items()));
        // `mysite/mysite`: where something else of the folder is named, the path may well be one in it.
        let items: Vec<_> = items.collect();
        let own = items
            .iter()
            .copied()
            .filter(|item| item.text().map(plain).is_some_and(|path| !path.starts_with(folder)));
        let has_own = own.filter_map(Node::text).any(|path| !plain(path).starts_with('*'));
        if has_own {
            continue;
        }
        let again = |item: &Node<'_>| {
            let path = item.text().map(plain).unwrap_or_default();
            path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
        };
        for item in items.into_iter().filter(again) {
            let path = plain(item.text().unwrap_or_default());
            let message = format!("`{path}` is looked for in `{folder}/{folder}`");
            let finding = RULE.at(file.source(), head(item), message, "relative to `base-directory`");
            let finding = finding.label(head(base.value), "the folder");
            let rest = path.get(folder.len() + 1..).unwrap_or_default();
            findings.push(finding.help(format!("write '{rest}'")));
        }
    }
}

fn plain(path: &str) -> &str {
    path.trim().trim_start_matches("./").trim_end_matches('/')
}

/// Whether a folder is one, by name.
fn is_known(folder: &str) -> bool {
    !folder.is_empty()
        && folder != "."
        && !folder.contains("..")
        && !folder.contains(['$', '*', '?', '['])
        && !folder.starts_with('/')
}

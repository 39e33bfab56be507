//! The table, its files, its documentation and the codes that findings have agree with each other. What each rule finds
//! is shown by `fixtures/rules`, which `check::tests` walks.

mod facts;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use regex::Regex;

use super::*;
use crate::diagnostic::Severity;
use crate::syntax::SourceFile;
use crate::testing;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder of the package, but for tests.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !path.ends_with("tests.rs")
            {
                found.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn every_file_is_a_rule_of_the_table_and_the_other_way_round() {
    let files: BTreeSet<_> = std::fs::read_dir(root().join("src/rules"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("mod.rs")
        })
        .map(|path| path.file_stem().unwrap().to_string_lossy().replace('_', "-"))
        .collect();
    let mut codes = BTreeSet::new();
    for rule in all() {
        assert!(codes.insert(rule.code.to_owned()), "{} stands twice in the table", rule.code);
    }
    assert_eq!(files, codes);
}

/// A code without a record could not be explained.
#[test]
fn every_code_that_a_finding_has_is_in_the_table() {
    let literal = r#""([a-z0-9]+(?:-[a-z0-9]+)+|shellcheck)""#;
    let made = Regex::new(&format!(r"\b(?:error|warning|advice)\(\s*{literal}")).unwrap();
    let named = Regex::new(&format!(r"(?:const [A-Z_]+: &str|let code) = {literal}")).unwrap();
    let mut emitted: BTreeMap<String, PathBuf> = BTreeMap::new();
    for (path, text) in sources("src") {
        let read = path.starts_with(root().join("src/spec"));
        let named = read.then(|| named.captures_iter(&text)).into_iter().flatten();
        for found in made.captures_iter(&text).chain(named) {
            emitted.insert(found[1].to_owned(), path.clone());
        }
    }
    assert!(emitted.len() > 25, "the codes were not found: {emitted:?}");
    for (code, path) in &emitted {
        assert!(find(code).is_some(), "{} has the code {code}, which has no rule", path.display());
    }
    for rule in all().filter(|rule| matches!(rule.check, Check::Reading | Check::Starting)) {
        assert!(emitted.contains_key(rule.code), "nothing has the code {}", rule.code);
    }
}

#[test]
fn every_rule_says_what_it_finds_and_what_it_rests_on() {
    for rule in all() {
        let kebab =
            rule.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        assert!(kebab, "{}", rule.code);
        assert!(!rule.summary.is_empty() && !rule.summary.ends_with('.'), "{}: {}", rule.code, rule.summary);
        assert!(rule.doc.ends_with('.'), "{}: {}", rule.code, rule.doc);
        assert!(!rule.reference.is_empty(), "{}", rule.code);
        assert!(rule.url.is_none_or(|url| url.starts_with("https://docs.aws.amazon.com/")), "{}", rule.code);
        // What a version of Rehearsal cannot have had is a slip.
        assert!(rule.since <= env!("CARGO_PKG_VERSION"), "{}: {}", rule.code, rule.since);
    }
}

/// `REHEARSAL_UPDATE=1` writes the list anew.
#[test]
fn the_list_of_rules_is_up_to_date() {
    let path = root().join("docs/rules.md");
    if testing::updates() {
        std::fs::write(&path, page::index()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page::index(), "docs/rules.md is stale: run the tests with REHEARSAL_UPDATE=1");
}

#[test]
fn severities_are_never_worse_than_the_record_says() {
    for rule in all() {
        let Some(example) = rule.example else { continue };
        for text in [example.bad, example.good] {
            let source = Arc::new(SourceFile::new("example.yml", text));
            for finding in check(example.kind, &source, &crate::syntax::parse(&source)).findings {
                let worst = find(finding.code).unwrap().severity;
                assert!(finding.severity <= worst, "{} is {:?}", finding.code, finding.severity);
            }
        }
    }
    assert!(Severity::Advice < Severity::Warning && Severity::Warning < Severity::Error);
}

/// Every rule meets files damaged at random, and every place it names can be shown.
#[test]
fn damaged_files_are_checked_without_harm() {
    use crate::diagnostic::human::{Style, render};
    use crate::syntax::agreement::{damaged, runner};
    use proptest::prelude::*;

    let examples: Vec<_> = all().filter_map(|rule| rule.example).collect();
    let cases = proptest::sample::select(examples)
        .prop_flat_map(|example| (Just(example.kind), damaged(example.bad, 2)));
    let outcome = runner(400).run(&cases, |(kind, text)| {
        let source = Arc::new(SourceFile::new("case.yml", text.as_str()));
        let findings = check(kind, &source, &crate::syntax::parse(&source)).findings;
        prop_assert!(findings.len() <= 100);
        for finding in &findings {
            prop_assert!(find(finding.code).is_some(), "{}", finding.code);
            let spans = std::iter::once(&finding.primary).chain(&finding.secondary).map(|label| label.span);
            let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
            for span in spans.chain(edits) {
                prop_assert!(text.get(span.start as usize..span.end as usize).is_some(), "{finding:?}");
            }
        }
        render(&findings, Style::plain(60));
        Ok(())
    });
    outcome.unwrap();
}

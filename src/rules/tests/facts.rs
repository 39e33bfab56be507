//! Each fact of the references that shows in a file is held by a rule, or `docs/fidelity.md` says why not.
//!
//! `fixtures/facts/REFERENCE.tsv` has a fact a line: section, fact, what holds it, what shows it. This test holds the
//! lines against the table of rules, the fixtures and the tests, and makes the page `docs/facts.md` of them.

use std::fmt::Write as _;

use super::*;

const REFERENCES: [(&str, &str); 3] =
    [("codebuild", "CodeBuild"), ("codedeploy", "CodeDeploy"), ("codepipeline", "CodePipeline")];

struct Fact {
    reference: &'static str,
    section: String,
    what: String,
    held: String,
    shown: String,
}

/// The facts, in the order of the references.
fn facts() -> Vec<Fact> {
    let mut facts = Vec::new();
    for (reference, _) in REFERENCES {
        let path = root().join(format!("fixtures/facts/{reference}.tsv"));
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
            let fields: Vec<_> = line.split('\t').collect();
            let [section, what, held, shown] = fields[..] else {
                panic!("{}:{}: four fields are wanted: {line}", path.display(), number + 1);
            };
            let [section, what, held, shown] = [section, what, held, shown].map(str::to_owned);
            facts.push(Fact { reference, section, what, held, shown });
        }
    }
    facts
}

/// What is wrong with a line, as far as it can be told.
fn complaint(fact: &Fact, fidelity: &str, tests: &str) -> Option<String> {
    let is_test = |name: &str| {
        let name = name.rsplit("::").next().unwrap_or(name);
        tests.contains(&format!("fn {name}("))
    };
    let shown: Vec<_> = fact.shown.split(", ").filter(|shown| !shown.is_empty()).collect();
    if let Some(phrase) = fact.held.strip_prefix("fidelity:") {
        let count = fidelity.lines().filter(|line| line.contains(phrase)).count();
        return (count == 0).then(|| format!("no line of docs/fidelity.md has `{phrase}`"));
    }
    if shown.is_empty() {
        return Some("nothing shows it".to_owned());
    }
    if fact.held == "runtime" {
        let missing = shown.iter().find(|name| !is_test(name))?;
        return Some(format!("there is no test `{missing}`"));
    }
    let codes: Vec<_> = fact.held.split(',').map(str::trim).collect();
    if let Some(unknown) = codes.iter().find(|code| find(code).is_none()) {
        return Some(format!("no rule has the code `{unknown}`"));
    }
    for name in shown {
        let is_path = name.contains('/') && !name.contains("::");
        if !is_path && is_test(name) {
            continue;
        }
        let path = root().join("fixtures/rules").join(name.trim_start_matches("fixtures/rules/"));
        if !path.exists() {
            return Some(format!("there is neither a fixture nor a test `{name}`"));
        }
        let stem = path.file_name().unwrap().to_str().unwrap().split('.').next().unwrap();
        let said = std::fs::read_to_string(path.with_file_name(format!("{stem}.out"))).unwrap_or_default();
        if !codes.iter().any(|code| said.lines().any(|line| line.split_whitespace().next() == Some(*code))) {
            return Some(format!("what is said of {name} has none of its codes"));
        }
    }
    None
}

/// The page.
fn page(facts: &[Fact]) -> String {
    let mut text =
        "# Facts and rules\n\nWhat the references say of files, and where that is held: by a rule, while a \
                    rehearsal runs, or not at all, and then why.\n\
                    Made from `fixtures/facts`; `REHEARSAL_UPDATE=1 cargo test facts` writes it anew.\n"
            .to_owned();
    for (reference, title) in REFERENCES {
        let _ = write!(text, "\n## {title}\n\n| section | fact | held by |\n| --- | --- | --- |\n");
        for fact in facts.iter().filter(|fact| fact.reference == reference) {
            let held = match fact.held.strip_prefix("fidelity:") {
                Some(phrase) => format!("no rule: [fidelity](fidelity.md), \"{phrase}\""),
                None if fact.held == "runtime" => "a rehearsal, when it runs".to_owned(),
                None => {
                    let codes = fact.held.split(',').map(str::trim);
                    codes.map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ")
                }
            };
            let cell = |text: &str| text.replace('|', "\\|");
            let _ = writeln!(text, "| {} | {} | {} |", cell(&fact.section), cell(&fact.what), cell(&held));
        }
    }
    text
}

#[test]
fn each_fact_is_held_by_what_its_line_says() {
    let fidelity = std::fs::read_to_string(root().join("docs/fidelity.md")).unwrap();
    let tests: String = ["src", "tests"].into_iter().flat_map(every_source).collect();
    let facts = facts();
    let wrong: Vec<_> = facts
        .iter()
        .filter_map(|fact| {
            let why = complaint(fact, &fidelity, &tests)?;
            Some(format!("{} {}, {}: {why}", fact.reference, fact.section, fact.what))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let path = root().join("docs/facts.md");
    if testing::updates() {
        std::fs::write(&path, page(&facts)).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page(&facts), "docs/facts.md is stale: run the tests with REHEARSAL_UPDATE=1");
}

/// The text of every Rust file below a folder, tests too.
fn every_source(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

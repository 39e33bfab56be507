//! Keeps promises about the source itself: who may import whom, what the pure state machine may touch, and that no
//! test file is forgotten.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the source has nothing to say")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below `folder`, relative to the package.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// The lines of a file that are code: neither comments nor documentation, and nothing of its test module, which stands
/// at the end by convention.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(root().join(path)).unwrap();
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line.to_owned()))
        .collect()
}

/// The modules named behind `crate::` in a line; `use crate::{a, b}` counts each.
fn imports(line: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
    };
    let mut found = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut start = true;
            for (index, c) in group.char_indices() {
                if start && depth == 0 {
                    found.push(name(&group[index..]));
                    start = false;
                }
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    _ => {}
                }
            }
        } else {
            found.push(name(rest));
        }
    }
    found.retain(|module| !module.is_empty());
    found
}

/// The import table in the crate's documentation: module -> modules it may import.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
    let mut table: BTreeMap<String, BTreeSet<String>> = text
        .lines()
        .filter_map(|line| line.strip_prefix("//! | [`"))
        .map(|row| {
            let (module, cells) = row.split_once('`').unwrap();
            let last = cells.trim_end_matches(" |").rsplit('|').next().unwrap();
            (module.to_owned(), quoted(last))
        })
        .collect();
    let all: BTreeSet<String> = table.keys().cloned().collect();
    table.insert("cli".into(), all);
    table
}

#[test]
fn imports_go_one_way() {
    let table = table();
    assert!(table.len() >= 10, "the table in src/lib.rs was not found: {table:?}");
    let mut wrong = Vec::new();
    for path in sources("src") {
        let parts: Vec<_> = path.iter().map(|part| part.to_str().unwrap()).collect();
        let [_, module, _, ..] = parts[..] else { continue };
        let allowed = table.get(module).unwrap_or_else(|| panic!("{module} is not in src/lib.rs's table"));
        for (number, line) in code(&path) {
            for import in imports(&line) {
                if import != module && table.contains_key(&import) && !allowed.contains(&import) {
                    wrong.push(format!("{}:{number}: {module} may not import {import}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_has_no_cycle() {
    let table = table();
    for (module, allowed) in &table {
        for import in allowed.iter().filter(|import| *import != module) {
            assert!(!table[import].contains(module), "{module} and {import} may import each other");
        }
    }
}

#[test]
fn every_module_of_the_table_exists_and_the_other_way_round() {
    let folders: BTreeSet<String> = fs::read_dir(root().join("src"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(table().into_keys().collect::<BTreeSet<_>>(), folders);
}

#[test]
fn the_state_machine_touches_nothing() {
    const EFFECTS: [&str; 9] = [
        "std::fs",
        "std::io",
        "std::process",
        "std::thread",
        "std::net",
        "std::env",
        "std::time",
        "new_id(",
        "Clock",
    ];
    let pure = ["src/pipeline/engine", "src/deploy/lifecycle.rs"];
    let files: Vec<_> =
        sources("src").into_iter().filter(|path| pure.iter().any(|place| path.starts_with(place))).collect();
    assert!(files.len() > pure.len());
    let mut wrong = Vec::new();
    for path in files {
        for (number, line) in code(&path) {
            let effect = EFFECTS.iter().find(|effect| line.contains(**effect));
            let import = imports(&line).into_iter().find(|import| {
                ["process", "store", "repo", "build", "cli", "clock"].contains(&import.as_str())
                    && !line.contains("clock::Timestamp")
            });
            let driver = line.contains("super::driver") || line.contains("pipeline::driver");
            if effect.is_some() || import.is_some() || driver {
                wrong.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "state machines are pure:\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_owns() {
    for path in sources("src").into_iter().chain(sources("tests")) {
        let text = fs::read_to_string(root().join(&path)).unwrap();
        assert!(text.starts_with("//!"), "{} opens without a word on what it owns", path.display());
    }
}

#[test]
fn no_test_file_is_forgotten() {
    let listed = fs::read_to_string(root().join("tests/it/main.rs")).unwrap();
    for path in sources("tests/it") {
        if path.components().count() != 3 {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            name == "main" || listed.lines().any(|line| line.trim() == format!("mod {name};")),
            "tests/it/{name}.rs is not listed in tests/it/main.rs"
        );
    }
}

#[test]
fn the_documentation_names_files_that_exist() {
    let mut pages = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    for folder in ["docs", "docs/rules"] {
        let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path| path.is_file()));
    }
    let mut named = 0;
    let mut missing = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for path in text.split('`').skip(1).step_by(2) {
            let ours = ["src/", "tests/", "docs/", "benches/", "fixtures/"];
            if ours.iter().any(|folder| path.starts_with(folder)) && !path.contains(char::is_whitespace) {
                named += 1;
                if !root().join(path).exists() {
                    missing.push(format!("{}: {path}", page.display()));
                }
            }
        }
    }
    assert!(named > 0);
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

//! The idioms of real buildspecs (docs/idioms.md): that fixtures, expectations and page agree, and that `check` has nothing
//! to say of what goes through.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rehearsal::aws::catalog;

use crate::env::Env;

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/idioms")
}

/// A line of fixtures/idioms/expected.tsv; its head explains the columns.
pub(crate) struct Expected {
    pub(crate) folder: String,
    pub(crate) effects: Vec<String>,
    pub(crate) reads: Vec<String>,
    pub(crate) reason: String,
    pub(crate) needs: Vec<String>,
    pub(crate) without: String,
}

pub(crate) fn expected() -> Vec<Expected> {
    let text = fs::read_to_string(folder().join("expected.tsv")).unwrap();
    let list = |cell: &str| cell.split(", ").filter(|part| *part != "-").map(str::to_owned).collect();
    let rows = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    rows.map(|row| {
        let cells: Vec<_> = row.split('\t').collect();
        let [folder, "SUCCEEDED", effects, reads, reason, needs, without] = cells[..] else {
            panic!("not the columns of the head: {row}")
        };
        let needs = needs.split(' ').filter(|need| *need != "-").map(str::to_owned).collect();
        Expected {
            folder: folder.to_owned(),
            effects: list(effects),
            reads: list(reads),
            reason: reason.to_owned(),
            needs,
            without: without.to_owned(),
        }
    })
    .collect()
}

#[test]
fn every_idiom_has_its_twin_and_its_line() {
    let listed: BTreeSet<String> = expected().into_iter().map(|row| row.folder).collect();
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/idioms.md")).unwrap();
    let mut there = BTreeSet::new();
    for entry in fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap()) {
        if entry.path().is_dir() {
            there.insert(entry.file_name().into_string().unwrap());
        }
    }
    assert_eq!(listed, there);
    assert!(listed.len() >= 40);
    for row in expected() {
        let name = &row.folder;
        let read = |file: &str| fs::read_to_string(folder().join(name).join(file)).unwrap();
        let (good, broken) = (read("buildspec.yml"), read("broken.yml"));
        let good: Vec<_> = good.lines().collect();
        let broken: Vec<_> = broken.lines().collect();
        let same = good.iter().zip(&broken).take_while(|(a, b)| a == b).count();
        let behind = good.iter().rev().zip(broken.iter().rev()).take_while(|(a, b)| a == b).count();
        let length = good.len().max(broken.len());
        assert!(
            (1..=2).contains(&(length - same - behind)),
            "{name}: the twins differ in more than one place"
        );
        assert!(page.contains(&format!("`fixtures/idioms/{name}`")), "{name} is not in docs/idioms.md");
        assert!(page.contains(&format!("`{}`", row.reason)), "docs/idioms.md has another reason for {name}");
    }
}

#[test]
fn effects_are_what_changes_something_and_reads_are_reads() {
    let operation = |call: &str| {
        let (service, name) = call.split_once(':')?;
        catalog::operation(catalog::by_name(service)?, name)
    };
    for row in expected() {
        for call in &row.reads {
            assert!(
                operation(call).is_some_and(catalog::Operation::is_read),
                "{}: {call} is no read",
                row.folder
            );
        }
        for call in row.effects.iter().filter(|effect| !effect.contains(' ')) {
            let changes = operation(call).is_some_and(|operation| !operation.is_read());
            assert!(changes, "{}: {call} is no call that changes something", row.folder);
        }
    }
}

/// Nothing is wrong with what most people write, but for one thing that most people get wrong.
#[test]
fn check_is_silent_on_every_idiom() {
    let env = Env::new();
    let files = expected().into_iter().map(|row| folder().join(row.folder).join("buildspec.yml"));
    let files: Vec<String> = files.map(|path| path.into_os_string().into_string().unwrap()).collect();
    let arguments = ["check", "--pedantic", "--format", "concise"].into_iter();
    let said = env.run(arguments.chain(files.iter().map(String::as_str)));
    assert!(said.starts_with("exit: 0\n"), "{said}");
    let of_files = said.lines().filter(|line| line.contains("buildspec.yml:"));
    let others: Vec<_> = of_files.filter(|line| !line.contains("[publish-after-failure]")).collect();
    assert!(others.is_empty(), "{others:?}");
}

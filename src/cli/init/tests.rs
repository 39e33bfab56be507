//! Whatever is written is read again without a single finding, for all that a project can be.

use super::plan::{Names, plan};
use super::project::{Buildspecs, Recipe};
use crate::cli::arguments::BranchingModel;
use crate::diagnostic::Finding;
use crate::spec::{buildspec, config, pipeline};

fn buildspecs() -> Vec<(Buildspecs, &'static [&'static str])> {
    vec![
        (
            Buildspecs {
                build: include_str!("templates/build-rust.yml.in"),
                test: include_str!("templates/test-rust.yml.in"),
            },
            &["test", "lock"],
        ),
        (
            Buildspecs {
                build: include_str!("templates/build-node.yml.in"),
                test: include_str!("templates/test-node.yml.in"),
            },
            &["test", "lock", "build"],
        ),
        (
            Buildspecs {
                build: include_str!("templates/build-python.yml.in"),
                test: include_str!("templates/test-python.yml.in"),
            },
            &["test", "install", "pytest"],
        ),
        (
            Buildspecs {
                build: include_str!("templates/build-other.yml.in"),
                test: include_str!("templates/test-other.yml.in"),
            },
            &["test"],
        ),
    ]
}

/// All subsets of these flags.
fn subsets(flags: &[&'static str]) -> Vec<Vec<&'static str>> {
    (0..1_u32 << flags.len())
        .map(|bits| {
            flags.iter().enumerate().filter(|(i, _)| bits & (1 << i) != 0).map(|(_, flag)| *flag).collect()
        })
        .collect()
}

fn findings(path: &str, text: &str) -> Vec<Finding> {
    let bytes = text.as_bytes();
    match path {
        "rehearsal.yml" => config::load(path, bytes).findings,
        _ if path.starts_with("buildspecs/") => buildspec::load(path, bytes).findings,
        _ => pipeline::load(path, bytes).findings,
    }
}

/// Whether a name that stands for a value is left.
fn unfilled(line: &str) -> bool {
    line.split('@')
        .skip(1)
        .any(|word| word.len() > 2 && word.chars().all(|letter| letter.is_ascii_uppercase()))
}

fn check(recipe: &Recipe, flow: BranchingModel, names: &Names) -> usize {
    let files = plan(recipe, flow, names);
    for file in &files {
        let found = findings(&file.path, &file.text);
        assert!(found.is_empty(), "{}: {found:#?}\n{}", file.path, file.text);
        assert!(!file.text.lines().any(unfilled), "{}", file.text);
        let fits = file.text.lines().all(|line| line.chars().count() <= 124);
        assert!(fits || names.project.len() > 60, "{}", file.text);
    }
    files.len()
}

#[test]
fn every_file_that_can_be_written_is_read_without_a_finding() {
    let named = [
        ("service", "main"),
        ("1e5", "2026-11-25"),
        ("On", "feature/#1,{x}"),
        (&"x".repeat(80), "größe"),
        ("a_b-", "y"),
    ];
    let inherits = [vec![], vec!["SSL_CERT_FILE".to_owned(), "no_proxy".to_owned()]];
    let mut read = 0;
    let mut recipes = 0;
    for (number, (_, all)) in buildspecs().iter().enumerate() {
        for flags in subsets(all) {
            let recipe = Recipe {
                buildspecs: buildspecs().swap_remove(number).0,
                flags,
                values: vec![
                    ("INSTALL", "      - python3 -m pip install '.[test]'".to_owned()),
                    ("COMMAND", "python3 -m unittest discover -s tests".to_owned()),
                ],
                notes: Vec::new(),
            };
            let (project, main) = named[recipes % named.len()];
            let inherit = inherits[recipes % inherits.len()].clone();
            let names = Names { project: project.to_owned(), main: main.to_owned(), inherit };
            read += check(&recipe, BranchingModel::GithubFlow, &names)
                + check(&recipe, BranchingModel::Gitflow, &names);
            recipes += 1;
        }
    }
    assert!(recipes >= 2 * named.len() && read > 4 * recipes, "{recipes} recipes, {read} files");
}

#[test]
fn branches_and_projects_are_what_they_are_called() {
    let recipe = Recipe {
        buildspecs: buildspecs().swap_remove(0).0,
        flags: vec!["test"],
        values: Vec::new(),
        notes: Vec::new(),
    };
    let names = Names { project: "1e5".to_owned(), main: "odd{a,b}".to_owned(), inherit: Vec::new() };
    let files = plan(&recipe, BranchingModel::GithubFlow, &names);
    let definition = pipeline::load("pipeline.yml", files[0].text.as_bytes()).value.unwrap();
    assert_eq!(definition.name, "1e5");
    assert_eq!(definition.triggers[0].push[0].branches.as_ref().unwrap().includes, [r"odd\{a,b\}"]);
    let (_, source) = definition.actions().next().unwrap();
    assert_eq!(source.configuration["BranchName"], "odd{a,b}");
    let config = config::load("rehearsal.yml", files.last().unwrap().text.as_bytes()).value.unwrap();
    let projects: Vec<_> = config.committed.projects.iter().map(|project| project.name.as_str()).collect();
    assert_eq!(projects, ["1e5-build", "1e5-test"]);
}

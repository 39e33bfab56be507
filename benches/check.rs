//! What `rehearsal check` waits for, step by step: the YAML parser alone, the tree with its places, every rule on top of it.
//!
//! The files are those of `REHEARSAL_CORPUS` (a folder of buildspecs), else the valid fixtures of the rules; a made-up one
//! of 3 000 lines shows how the cost grows. `docs/performance.md` says how to run these and what they showed;
//! `benches/validators.py` compares the whole program with others.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has nothing to measure")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use divan::counter::BytesCount;
use rehearsal::rules;
use rehearsal::spec::FileKind;
use rehearsal::syntax::{self, SourceFile};

fn main() {
    divan::main();
}

const SETS: [&str; 2] = ["files", "3000 lines"];

/// The texts of a set.
fn texts(set: &str) -> Vec<String> {
    if set == "3000 lines" {
        return vec![long(3_000)];
    }
    let given = std::env::var_os("REHEARSAL_CORPUS").map(PathBuf::from);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules");
    let mut texts = Vec::new();
    let mut folders = vec![given.clone().unwrap_or(fixtures)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let is_wanted = given.is_some() || (name.starts_with("good") && name.matches('.').count() == 1);
            if path.is_dir() {
                folders.push(path);
            } else if is_wanted && (name.ends_with(".yml") || name.ends_with(".yaml")) {
                texts.extend(std::fs::read_to_string(path));
            }
        }
    }
    assert!(!texts.is_empty());
    texts
}

/// A buildspec of about `lines` lines.
fn long(lines: usize) -> String {
    let mut text = String::from("version: 0.2\nenv:\n  variables:\n    STAGE: test # a comment\nphases:\n");
    for phase in ["install", "pre_build", "build", "post_build"] {
        let _ = write!(text, "  {phase}:\n    commands:\n");
        for number in 0..lines / 8 {
            let _ = write!(
                text,
                "      - echo \"step {number} of $STAGE\"\n      - |\n        test -n \"$STAGE\"\n"
            );
        }
    }
    text + "artifacts:\n  files: ['**/*']\n  exclude-paths: ['**/.*']\n"
}

/// Does it with every text of a set.
fn every<R>(bencher: divan::Bencher<'_, '_>, set: &str, work: impl Fn(&str) -> R + Sync) {
    let texts = texts(set);
    let bytes = texts.iter().map(String::len).sum::<usize>();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        for text in &texts {
            divan::black_box(work(divan::black_box(text)));
        }
    });
}

/// The events of the parser, each thrown away.
#[divan::bench(args = SETS)]
fn a_parser_alone(bencher: divan::Bencher<'_, '_>, set: &str) {
    every(bencher, set, |text| granit_parser::Parser::new_from_str(text).filter(Result::is_ok).count());
}

#[divan::bench(args = SETS)]
fn b_the_tree(bencher: divan::Bencher<'_, '_>, set: &str) {
    every(bencher, set, |text| syntax::parse(&Arc::new(SourceFile::new("buildspec.yml", text))));
}

#[divan::bench(args = SETS)]
fn c_every_rule(bencher: divan::Bencher<'_, '_>, set: &str) {
    every(bencher, set, |text| {
        let source = Arc::new(SourceFile::new("buildspec.yml", text));
        rules::check(FileKind::Buildspec, &source, &syntax::parse(&source))
    });
}

//! Repairs do what they say and nothing else, on every fixture, on every real file, and on what spoils them.

use std::path::{Path, PathBuf};

use similar::{ChangeTag, TextDiff};

use super::*;
use crate::check::tests::{corpus, fixtures, input, names};
use crate::check::{Settings, check};
use crate::pipeline::definition::FolderFiles;
use crate::spec::FileKind;

/// Repairs a file that stands alone.
fn repair(input: &Input) -> (Report, Option<Fixed>, Report) {
    let empty = tempfile::tempdir().unwrap();
    let here = |path: &Path| path.display().to_string();
    let files = FolderFiles { root: empty.path() };
    let place = Place {
        files: &files,
        complete: false,
        name: &here,
        settings: &Settings::default(),
        shellcheck: None,
        remotes: &[],
    };
    let inputs = [input.clone()];
    let before = check(inputs.to_vec(), &place);
    let fixed = fix(&inputs, &place, &before, &|_| true);
    let after = check(repaired(&inputs, &fixed), &place);
    (before, fixed.into_iter().next(), after)
}

fn buildspec(text: &str) -> Input {
    Input {
        name: "buildspec.yml".to_owned(),
        path: None,
        kind: FileKind::Buildspec,
        content: Content::Bytes(text.as_bytes().to_owned()),
    }
}

fn repaired_text(text: &str) -> String {
    let (_, fixed, _) = repair(&buildspec(text));
    fixed.map_or_else(|| text.to_owned(), |fixed| String::from_utf8(fixed.bytes).unwrap())
}

/// Lines of a text that an edit touches.
fn touched(report: &Report) -> Vec<u32> {
    let edits = report.findings.iter().filter(|finding| is_safe(finding)).flat_map(|finding| {
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
        edits.map(|edit| {
            (finding.source.position(edit.span.start).line, finding.source.position(edit.span.end).line)
        })
    });
    edits.flat_map(|(first, last)| first..=last).collect()
}

/// What holds of every repair; how many findings it repaired.
fn hold(input: &Input) -> usize {
    let name = &input.name;
    let (before, fixed, after) = repair(input);
    let Some(fixed) = fixed else { return 0 };
    assert!(after.findings.len() + fixed.repaired <= before.findings.len(), "{name}");
    assert!(
        after.findings.iter().filter(|finding| finding.is_error()).count()
            <= before.findings.iter().filter(|finding| finding.is_error()).count(),
        "{name}"
    );
    let again = Input { content: Content::Bytes(fixed.bytes.clone()), ..input.clone() };
    let (_, twice, _) = repair(&again);
    assert!(
        twice.is_none_or(|twice| twice.bytes == fixed.bytes && twice.repaired == 0),
        "{name}: not idempotent"
    );
    if fixed.repaired == before.findings.iter().filter(|finding| is_safe(finding)).count() {
        let (old, new) = (str::from_utf8(&fixed.before).unwrap(), str::from_utf8(&fixed.bytes).unwrap());
        let lines = touched(&before);
        for change in TextDiff::from_lines(old, new).iter_all_changes() {
            if let (ChangeTag::Delete, Some(index)) = (change.tag(), change.old_index()) {
                let line = u32::try_from(index + 1).unwrap();
                assert!(lines.contains(&line), "{name}:{line} changed, though no edit is there");
            }
        }
    }
    fixed.repaired
}

#[test]
fn every_fixture_is_repaired_without_harm() {
    let mut repaired = 0;
    for code in names(&fixtures()) {
        let folder = fixtures().join(&code);
        for name in names(&folder) {
            let path = folder.join(&name);
            if path.is_file() && path.extension().is_none_or(|extension| extension != "out") {
                repaired += hold(&input(&path));
            }
        }
    }
    assert!(repaired > 20, "{repaired}");
}

#[test]
fn every_real_file_is_repaired_without_harm() {
    let Some(corpus) = corpus() else {
        println!("no corpus of real files here: skipped");
        return;
    };
    let mut repaired = 0;
    for folder in ["buildspec", "appspec", "pipeline"] {
        for name in names(&corpus.join(folder)) {
            let path: PathBuf = corpus.join(folder).join(&name);
            let Ok(source) = syntax::decode(&name, std::fs::read(&path).unwrap()) else { continue };
            let parsed = syntax::parse(&source);
            let Some(kind) = FileKind::of(Path::new("file.yml"), parsed.tree.as_ref()) else { continue };
            repaired += hold(&Input { kind, ..input(&path) });
        }
    }
    println!("{repaired} findings in real files repaired");
}

/// Each mistake with what it becomes.
#[test]
fn mistakes_become_what_was_meant() {
    let table = [
        (
            "version: 0.2\nPhases: {build: {commands: [make]}}\n",
            "version: 0.2\nphases: {build: {commands: [make]}}\n",
        ),
        (
            "version: 0.2\n\"phase\": {build: {commands: [make]}}\n",
            "version: 0.2\n\"phases\": {build: {commands: [make]}}\n",
        ),
        (
            "version: 0.2\nphases:\n  biuld: # go\n    commands:\n      - make\n      -\n      - echo a: b # c\n",
            "version: 0.2\nphases:\n  build: # go\n    commands:\n      - make\n      - 'echo a: b' # c\n",
        ),
        (
            "version: 0.2\nenv:\n  variables:\n    A:\n    B: ~\nphases:\n  build:\n    commands: make all, now\n",
            "version: 0.2\nenv:\n  variables:\n    A: \"\"\n    B: \"\"\nphases:\n  build:\n    commands: ['make all, now']\n",
        ),
        (
            "version: 0.2\r\nphases:\r\n  build:\r\n    commands:\r\n      - ! make\r\n      -\r\n",
            "version: 0.2\r\nphases:\r\n  build:\r\n    commands:\r\n      - '! make'\r\n",
        ),
        (
            "\u{feff}# rehearsal: ignore-file[octal-mode] x\nversion: 0.2\nphases:\n  build:\n    commands: [make]\n",
            "\u{feff}version: 0.2\nphases:\n  build:\n    commands: [make]\n",
        ),
        (
            "version: 0.2\nphases: # rehearsal: ignore[a-b, octal-mode, yaml-tag] x\n  build: {commands: [! make]}\n",
            "version: 0.2\nphases: # rehearsal: ignore[a-b] x\n  build: {commands: ['! make']}\n",
        ),
    ];
    for (before, after) in table {
        assert_eq!(repaired_text(before), after);
        hold(&buildspec(before));
    }
}

#[test]
fn what_a_fix_uncovers_is_repaired_with_it() {
    let broken =
        "version: 0.2\nphases:\n  build: {commands: [make]}\nartifact:\n  file:\n    - app.zip # all of it\n";
    let whole = "version: 0.2\nphases:\n  build: {commands: [make]}\nartifacts:\n  files:\n    - app.zip # all of it\n";
    assert_eq!(repaired_text(broken), whole);
    assert_eq!(repaired_text(whole), whole);
}

/// A guess is the user's to take.
#[test]
fn what_may_not_be_meant_stays() {
    for text in [
        // Both are there.
        "version: 0.2\nphases: {build: {commands: [make]}}\nphase: {build: {commands: [make]}}\n",
        // Another word.
        "version: 0.2\nphases: {install: {runtime-versions: {node: 22}, commands: [make]}}\n",
        // The only item, and an item that holds a comment.
        "version: 0.2\nphases:\n  build:\n    commands:\n      -\n",
        "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n      - # npm test\n",
        // Text that is nobody's to change.
        "version: 0.2\nphases:\n  build:\n    commands:\n      - |\n        # rehearsal: ignore[yaml-tag]\n        make\n",
    ] {
        assert_eq!(repaired_text(text), text);
    }
}

/// What a fix uncovers is said before it is made, so that it is no reason to leave it out.
#[test]
fn what_stands_below_a_misspelt_key_holds_no_fix_back() {
    let text = "version: 0.2\nPhases:\n  biuld: {commands: 7}\n  deploy: {}\nartifacts: {files: app.zip}\n";
    let (_, fixed, after) = repair(&buildspec(text));
    let fixed = fixed.unwrap();
    assert_eq!(fixed.left_out, []);
    let new = String::from_utf8(fixed.bytes).unwrap();
    assert_eq!(
        new,
        "version: 0.2\nphases:\n  build: {commands: [7]}\n  deploy: {}\nartifacts: {files: [app.zip]}\n"
    );
    assert_eq!(after.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["unknown-phase"]);
}

#[test]
fn a_fix_that_does_harm_is_left_out() {
    let source = std::sync::Arc::new(syntax::SourceFile::new("a.yml", "one two"));
    let error = |code| Finding::error(code, "x", &source, Span::new(0, 3), "");
    let warning = |code| Finding::warning(code, "x", &source, Span::new(0, 3), "");
    let fixed = warning("mended");
    for (before, after, expected) in [
        (vec![fixed.clone(), error("other")], vec![error("other")], true),
        (vec![fixed.clone()], vec![fixed.clone()], false),
        (vec![fixed.clone()], vec![error("new")], false),
        // Fewer, and one that is worse.
        (vec![fixed.clone(), warning("other"), warning("other")], vec![error("other")], false),
    ] {
        assert_eq!(is_better(&before, &after, &[&fixed]), expected, "{before:?} {after:?}");
    }
}

#[test]
fn edits_that_touch_wait_for_each_other() {
    let edit = |start, end, replacement: &str| Edit {
        span: Span::new(start, end),
        replacement: replacement.to_owned(),
    };
    let source = std::sync::Arc::new(syntax::SourceFile::new("a.yml", "one two three"));
    let finding = |edits: Vec<Edit>| Finding::error("x", "x", &source, Span::new(0, 1), "").fix("x", edits);
    let findings = [
        finding(vec![edit(4, 7, "2")]),
        finding(vec![edit(0, 3, "1"), edit(8, 13, "3")]),
        finding(vec![edit(7, 8, "")]),
    ];
    let together = apart(&findings.iter().collect::<Vec<_>>());
    assert_eq!(together, [&findings[1], &findings[0]]);
    let edits = together.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.edits);
    assert_eq!(edited(source.text(), edits.collect()).as_deref(), Some("1 2 3"));
    assert_eq!(edited("é", vec![&edit(1, 2, "")]), None);
}

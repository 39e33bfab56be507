//! Buildspecs that CodeBuild takes, warns about and refuses, by section of codebuild.md.

use super::*;
use crate::diagnostic::human::{Style, render};
use crate::diagnostic::{Finding, any_error};
use crate::spec::Read;

const WHOLE: &str = include_str!("../../../fixtures/spec/buildspec/whole.yml");

fn load_text(text: &str) -> Read<Buildspec> {
    let read = load("buildspec.yml", text.as_bytes());
    assert_eq!(read.value.is_none(), any_error(&read.findings), "{text}");
    read
}

/// A buildspec whose `build` phase has these lines, indented to their place.
fn building(lines: &str) -> String {
    let lines: Vec<_> = lines.lines().map(|line| format!("    {line}\n")).collect();
    format!("version: 0.2\nphases:\n  build:\n{}", lines.concat())
}

fn drawn(findings: &[Finding]) -> String {
    render(findings, Style::plain(100))
}

#[test]
fn every_key_of_the_reference_is_read() {
    let read = load_text(WHOLE);
    assert_eq!(drawn(&read.findings), "");
    insta::assert_debug_snapshot!(read.value.unwrap());
}

#[test]
fn json_is_read_like_yaml() {
    let json = r#"{"version": "0.2", "phases": {"build": {"commands": ["echo \"a: b\"", "echo \u00e9"]}}}"#;
    let phase = load_text(json).value.unwrap().phases.build.unwrap();
    let texts: Vec<_> = phase.commands.iter().map(|command| command.text.as_str()).collect();
    assert_eq!(texts, ["echo \"a: b\"", "echo é"]);
}

#[test]
fn version_0_1_has_its_own_place_for_variables() {
    let text = "version: 0.1\nenvironment_variables:\n  plaintext:\n    A: b\nphases:\n  build:\n    commands: [a]\n";
    let read = load_text(text);
    assert_eq!(drawn(&read.findings), "");
    let spec = read.value.unwrap();
    assert_eq!((spec.version, spec.env.variables), (Version::V0_1, vec![("A".to_owned(), "b".to_owned())]));
    let read = load_text(&text.replace("0.1", "0.2"));
    assert_eq!(read.value.unwrap().env.variables, []);
    assert_eq!(read.findings[0].code, "unknown-key");
}

/// What stood as the live file of a repository that builds with it (corpus README, "accepted").
#[test]
fn what_real_files_get_away_with_is_accepted_and_said() {
    for (name, text) in [
        ("files-as-one-text", format!("{}artifacts:\n  files: app.zip\n", building("commands: [make]"))),
        ("commands-as-one-text", building("commands: make")),
        ("a-lone-dash", building("commands:\n  - make\n  -\n  - make test")),
        ("commands-with-nothing", building("commands:")),
        ("a-phase-without-commands", building("finally: [echo done]")),
        ("a-phase-with-nothing", "version: 0.2\nphases:\n  build:\n".to_owned()),
        ("a-key-twice", building("commands: [one]\ncommands: [two]")),
        ("unknown-keys", format!("{}artifact:\n  files: [a]\n", building("commands: [make]\nlabel: x"))),
        ("a-phase-at-the-top", format!("{}post_build:\n  commands: [a]\n", building("commands: [make]"))),
        ("a-variable-without-value", format!("env:\n  variables:\n    A:\n{}", building("commands: [make]"))),
        (
            "a-type-of-artifact",
            format!("{}artifacts:\n  type: zip\n  files: [a]\n", building("commands: [make]")),
        ),
    ] {
        let read = load_text(&text);
        assert!(read.value.is_some(), "{name}");
        insta::assert_snapshot!(name, drawn(&read.findings));
    }
}

#[test]
fn a_byte_order_mark_crlf_and_unindented_lists_need_no_word() {
    let text = "\u{feff}version: 0.2\r\nphases:\r\n  build:\r\n    commands:\r\n    - one\r\n    - |\r\n      two\r\n      three\r\n";
    let read = load_text(text);
    assert_eq!(drawn(&read.findings), "");
    let texts: Vec<_> =
        read.value.unwrap().phases.build.unwrap().commands.into_iter().map(|c| c.text).collect();
    assert_eq!(texts, ["one", "two\nthree\n"]);
}

#[test]
fn a_file_with_only_a_batch_needs_neither_version_nor_phases() {
    let read = load_text("batch:\n  build-list:\n    - identifier: a\n      buildspec: a.yml\n");
    assert_eq!(drawn(&read.findings), "");
    assert!(read.value.unwrap().batch.is_some());
}

#[test]
fn what_codebuild_refuses_is_refused_in_its_words() {
    for (name, text) in [
        ("empty", String::new()),
        ("a-list", "- version\n".to_owned()),
        ("no-version", "phases:\n  build:\n    commands: [make]\n".to_owned()),
        ("another-version", "version: 0.3\nphases:\n  build:\n    commands: [make]\n".to_owned()),
        ("no-phases", "version: 0.2\n".to_owned()),
        ("a-misspelt-phase", "version: 0.2\nphases:\n  pre-build:\n    commands: [make]\n".to_owned()),
        ("artifacts-below-phases", building("commands: [make]").replace("  build:", "  artifacts:")),
        (
            "runtimes-below-phases",
            "version: 0.2\nphases:\n  runtime-versions:\n    python: 3.10\n".to_owned(),
        ),
        ("a-phase-that-is-a-list", building("- make")),
        ("a-phase-that-is-a-text", "version: 0.2\nphases:\n  build: make\n".to_owned()),
        ("a-command-that-is-a-mapping", building("commands:\n  - make\n  - echo \"Status: $STATUS\"")),
        ("finally-that-is-a-mapping", building("finally:\n  - echo done: yes")),
        ("a-command-that-is-a-list", building("commands:\n  - [make, test]")),
        (
            "a-variable-that-is-a-mapping",
            format!("env:\n  variables:\n    A: {{ b: c }}\n{}", building("commands: [a]")),
        ),
        ("a-cache-that-is-a-list", format!("{}cache:\n  - node_modules\n", building("commands: [make]"))),
        ("an-unknown-shell", format!("env:\n  shell: zsh\n{}", building("commands: [make]"))),
        ("an-unknown-on-failure", building("on-failure: STOP\ncommands: [make]")),
        ("brackets", building("commands:\n  - [ -f x ] && make")),
        (
            "a-glob-without-quotes",
            format!("{}artifacts:\n  files:\n    - **/*\n", building("commands: [make]")),
        ),
        ("a-tab", "version: 0.2\nphases:\n\tbuild:\n".to_owned()),
        (
            "two-broken-sections",
            "version: 0.2\nenv: [a\nphases:\n  build: b: c\nartifacts:\n  files: d\n".to_owned(),
        ),
        ("merge-markers", "version: 0.2\n<<<<<<< HEAD\nphases:\n=======\n>>>>>>> main\n".to_owned()),
        ("a-second-document", format!("{}---\nversion: 0.2\n", building("commands: [make]"))),
    ] {
        let read = load_text(&text);
        assert!(read.value.is_none(), "{name}");
        insta::assert_snapshot!(name, drawn(&read.findings));
    }
}

/// A fix is worth nothing when the file it gives is refused again.
#[test]
fn fixes_repair() {
    for text in [
        "version: 0.2\nphases:\n  pre-build:\n    commands: [make]\n".to_owned(),
        building("commands:\n  - echo \"it's: $STATUS\""),
    ] {
        let read = load_text(&text);
        let fix = read.findings.iter().find_map(|finding| finding.fix.clone()).unwrap();
        let mut fixed = text.clone();
        for edit in fix.edits.iter().rev() {
            fixed.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.replacement);
        }
        let read = load_text(&fixed);
        assert_eq!(drawn(&read.findings), "", "{fixed}");
    }
}

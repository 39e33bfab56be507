//! Reports of whole builds, and the bounds of reading files.

use std::path::PathBuf;

use super::*;
use crate::build::tests::Bench;
use crate::process::sandbox::View;

/// A build with these commands and this `reports` section; its reports in words, one a line.
fn reports(commands: &str, section: &str, files: &[(&str, &str)]) -> String {
    let bench = Bench::new(&format!(
        "version: 0.2\nphases:\n  build:\n    commands:\n{commands}\nreports:\n{section}\n"
    ));
    for (path, text) in files {
        bench.source_file(path, text);
    }
    let ran = bench.run();
    let lines: Vec<_> = ran.result.reports.iter().map(in_words).collect();
    for line in &lines {
        assert!(ran.text.contains(line), "the log says it: {line}\n{}", ran.text);
    }
    lines.join("\n")
}

const GOOD: &str = "<testsuite><testcase name='a'/><testcase name='b'/></testsuite>";
const BAD: &str = "<testsuite><testcase name='a'/><testcase name='b'><failure/></testcase></testsuite>";

fn write(path: &str, text: &str) -> String {
    format!("      - mkdir -p $(dirname {path}) && printf '%s' \"{text}\" > {path}\n")
}

#[test]
fn what_the_files_say_is_what_the_report_says() {
    let cases = [
        ("a green one", write("out/a.xml", GOOD), "  unit: { files: [out/*.xml] }"),
        (
            "several files",
            write("out/a.xml", GOOD) + &write("out/b/c.xml", BAD),
            "  unit: { files: ['**/*'], base-directory: out }",
        ),
        ("nothing there", "      - 'true'\n".to_owned(), "  unit: { files: [out/*.xml, b.xml] }"),
        ("no such folder", "      - 'true'\n".to_owned(), "  unit: { files: ['*'], base-directory: out }"),
        ("malformed", write("a.xml", GOOD) + &write("b.xml", "<testsuite>"), "  unit: { files: ['?.xml'] }"),
        ("no case", write("a.xml", "<testsuite/>"), "  unit: { files: [a.xml] }"),
        ("another format", write("a.json", "[]"), "  unit: { files: [a.json], file-format: CucumberJson }"),
        ("an unknown format", write("a.json", "[]"), "  unit: { files: [a.json], file-format: TAP }"),
        ("a pipe", "      - mkfifo a.xml\n".to_owned(), "  unit: { files: [a.xml] }"),
        (
            "an ARN",
            write("a.xml", GOOD),
            "  'arn:aws:codebuild:eu-west-1:111122223333:report-group/shared': { files: [a.xml] }",
        ),
        (
            "a variable",
            "      - export NAME=late\n".to_owned() + &write("a.xml", GOOD),
            "  $NAME: { files: [a.xml] }",
        ),
        (
            "two groups",
            write("a.xml", GOOD) + &write("c.xml", "<coverage/>"),
            "  unit: { files: [a.xml] }\n  lines: { files: [c.xml], file-format: COBERTURAXML }",
        ),
    ];
    let told: Vec<_> = cases
        .iter()
        .map(|(name, commands, section)| format!("# {name}\n{}", reports(commands, section, &[])))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_file_that_came_with_the_sources_is_no_evidence() {
    let committed = [("a.xml", GOOD)];
    let section = "  unit: { files: [a.xml] }";
    let stale = "report unit: INCOMPLETE, 0 test cases, a.xml was not written by this build";
    assert_eq!(reports("      - 'true'\n", section, &committed), stale);
    // A copy that keeps the date is as old as what it is a copy of.
    let copied = "  unit: { files: [b.xml] }";
    assert_eq!(
        reports("      - cp -p a.xml b.xml\n", copied, &committed),
        "report unit: INCOMPLETE, 0 test cases, b.xml was not written by this build"
    );
    let written = reports(&write("a.xml", BAD), section, &committed);
    assert_eq!(written, "report unit: FAILED, 2 test cases, 1 succeeded, 1 failed");
}

#[test]
fn a_failed_report_does_not_fail_the_build_nor_is_it_lost_when_the_build_fails() {
    let section = "reports:\n  unit: { files: [a.xml] }\n";
    let spec = |after: &str| {
        format!("version: 0.2\nphases:\n  build:\n    commands:\n{}{after}{section}", write("a.xml", BAD))
    };
    let ran = Bench::new(&spec("")).run();
    assert_eq!(ran.ending(), (PhaseStatus::Succeeded, String::new()));
    assert_eq!(ran.result.reports[0].status, ReportStatus::Failed);

    let ran = Bench::new(&spec("      - exit 3\n")).run();
    assert_eq!(ran.result.status, PhaseStatus::Failed);
    assert_eq!(ran.result.reports[0].tests.failed, 1);

    // No artifact is found: the reports are there all the same.
    let ran = Bench::new(&format!("{}artifacts: {{ files: [none] }}\n", spec(""))).run();
    assert_eq!(ran.result.status, PhaseStatus::Failed);
    assert_eq!(ran.result.reports[0].tests.failed, 1);
}

#[test]
fn a_build_that_ends_early_has_incomplete_reports() {
    for (command, how) in [("# hang", "timed out"), ("# stop", "was stopped")] {
        let spec = format!(
            "version: 0.2\nphases:\n  build:\n    commands:\n      - '{command}'\nreports:\n  unit: {{ files: [a.xml] }}\n"
        );
        let ran = Bench::new(&spec).run();
        let [report] = ran.result.reports.as_slice() else { panic!("one report") };
        let told = format!("the build {how} before its reports were made");
        assert_eq!(
            (report.status, report.trouble[0].text.as_str()),
            (ReportStatus::Incomplete, told.as_str())
        );
    }
    let spec =
        "version: 0.2\nphases:\n  install:\n    commands: [exit 1]\nreports:\n  unit: { files: [a.xml] }\n";
    let ran = Bench::new(spec).run();
    assert_eq!(ran.result.reports[0].trouble[0].kind, TroubleKind::Missing);
}

#[test]
fn files_are_read_within_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let began = Dated::now(folder.path()).unwrap();
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    let told = |name: &str| {
        let mut gathering = Gathering::default();
        gathering.file(&junit::FORMAT, View::host().open(&path(name)), name, began, &[]);
        gathering.trouble.pop().map(|trouble| trouble.text)
    };
    File::create(path("long.xml")).unwrap().set_len(LONGEST + 1).unwrap();
    assert_eq!(told("long.xml").unwrap(), "long.xml cannot be read: it is longer than 32 MB");
    std::fs::write(path("latin.xml"), b"<?xml version='1.0' encoding='ISO-8859-1'?><testsuite name='\xe9'/>")
        .unwrap();
    assert_eq!(told("latin.xml"), None);
    std::fs::write(path("odd.xml"), b"<testsuite>\n<a name='\xe9'/></testsuite>").unwrap();
    assert_eq!(told("odd.xml").unwrap(), "odd.xml is no JUNITXML report: line 2: not UTF-8");
    std::fs::write(path("marked.xml"), b"\xef\xbb\xbf<testsuite/>").unwrap();
    assert_eq!(told("marked.xml"), None);
}

#[test]
fn a_copy_of_what_came_with_the_sources_is_stale_whatever_it_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let began = Dated::now(folder.path()).unwrap();
    let sources = folder.path().join("sources");
    std::fs::create_dir_all(sources.join("old")).unwrap();
    std::fs::write(sources.join("old/last-week.xml"), GOOD).unwrap();
    let archive = folder.path().join("sources.zip");
    archive::pack(archive::Selection::Folder(&sources), &archive).unwrap();
    let read = |text: &str| {
        let path = folder.path().join("a.xml");
        std::fs::write(&path, text).unwrap();
        let mut gathering = Gathering::default();
        gathering.file(&junit::FORMAT, View::host().open(&path), "a.xml", began, &[&archive]);
        in_words(&gathering.report("unit".into(), ReportKind::Test))
    };
    assert_eq!(
        read(GOOD),
        "report unit: INCOMPLETE, 0 test cases, a.xml is, byte for byte, old/last-week.xml of the sources"
    );
    assert_eq!(read(&format!("{GOOD}\n")), "report unit: SUCCEEDED, 2 test cases, 2 succeeded");
}

#[test]
fn of_many_troubles_each_kind_is_told() {
    let mut gathering = Gathering::default();
    for number in 0..30 {
        gathering.trouble(TroubleKind::Malformed, number.to_string());
    }
    gathering.trouble(TroubleKind::Stale, "old".into());
    gathering.trouble(TroubleKind::Stale, "older".into());
    let report = gathering.report("unit".into(), ReportKind::Test);
    assert_eq!(report.trouble.len(), MOST_TROUBLE + 1);
    assert_eq!(report.trouble.last().unwrap().text, "old (and 21 more like it)");
    assert_eq!(report.status, ReportStatus::Incomplete);
}

#[test]
fn every_format_of_a_buildspec_is_read() {
    // codebuild.md 1.8; what the buildspec reader lets through is in its own table.
    for format in &FORMATS {
        let text = format!(
            "version: 0.2\nphases: {{build: {{commands: [make]}}}}\nreports:\n  a: {{ files: [a], file-format: {} }}\n",
            format.name.to_ascii_lowercase()
        );
        let read = crate::spec::buildspec::load("buildspec.yml", text.as_bytes());
        assert!(read.findings.is_empty(), "{:?}", read.findings);
        assert_eq!(read.value.unwrap().reports[0].1.file_format, format.name);
    }
    let coverage: Vec<_> = FORMATS
        .iter()
        .filter(|format| format.kind == ReportKind::CodeCoverage)
        .map(|format| format.name)
        .collect();
    assert_eq!(coverage, ["CLOVERXML", "COBERTURAXML", "JACOCOXML", "SIMPLECOV"]);
}

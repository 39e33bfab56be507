//! Reports of tests and coverage, from the files a build writes to `rehearsal show`.

use serde_json::Value;

use crate::env::Env;

const GREEN: &str = "<testsuite name='unit' tests='3'><testcase name='a'/><testcase name='b'/><testcase name='c'><skipped/></testcase></testsuite>";
const RED: &str = "<testsuite name='unit' tests='2'><testcase name='a'/><testcase name='b'><failure message='1 is not 2'/></testcase></testsuite>";

/// A repository whose build writes to `out/` what `made/` holds and a line end, as a test runner would write there, and reports on it.
fn repository(reports: &str, files: &[(&str, &str)]) -> Env {
    let buildspec = format!(
        "version: 0.2
phases:
  build:
    commands:
      - mkdir -p out && for file in made/*; do {{ cat \"$file\"; echo; }} > out/\"${{file##*/}}\"; done
reports:
{reports}"
    );
    let mut all = vec![("buildspec.yml", buildspec.as_str()), ("made/notes.txt", "nothing")];
    all.extend(files);
    Env::with(&all)
}

/// The reports of the newest execution, as `show --json` tells them.
fn shown(env: &Env) -> Vec<Value> {
    let document: Value = serde_json::from_str(&env.stdout(["show", "--json"], 0)).unwrap();
    document["execution"]["stages"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|stage| stage["actions"].as_array().unwrap())
        .flat_map(|action| action["runs"][0]["reports"].as_array().unwrap().clone())
        .collect()
}

#[test]
fn a_green_report_is_shown_with_its_counts() {
    let env = repository(
        "  unit: { files: [out/*.xml] }\n  lines: { files: [out/cover.dat], file-format: COBERTURAXML }\n",
        &[
            ("made/a.xml", GREEN),
            (
                "made/cover.dat",
                "<coverage><class filename='a.py'><lines><line number='1' hits='1'/><line number='2' hits='0'/></lines></class></coverage>",
            ),
        ],
    );
    env.stdout(["run"], 0);
    insta::assert_snapshot!(env.run(["show"]));
    insta::assert_snapshot!(serde_json::to_string_pretty(&shown(&env)).unwrap());
    let log = env.stdout(["logs"], 0);
    let lines: Vec<_> = log.lines().filter(|line| line.contains("report ")).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_report_that_says_no_fails_nothing_by_itself() {
    let env = repository("  unit: { files: [out/*.xml] }\n", &[("made/a.xml", RED)]);
    env.stdout(["run"], 0);
    let [report] = shown(&env).try_into().unwrap();
    assert_eq!((&report["status"], &report["tests"]["failed"]), (&"FAILED".into(), &1.into()));
}

#[test]
fn a_failed_build_keeps_its_reports() {
    let env = repository("  unit: { files: [out/*.xml] }\n", &[("made/a.xml", RED)]);
    let text = std::fs::read_to_string(env.work().join("buildspec.yml")).unwrap();
    env.file("buildspec.yml", &text.replace("reports:", "      - exit 1\nreports:"));
    env.commit("the test command fails as well");
    env.stdout(["run"], 1);
    let [report] = shown(&env).try_into().unwrap();
    assert_eq!((&report["status"], &report["tests"]["failed"]), (&"FAILED".into(), &1.into()));
}

#[test]
fn what_cannot_be_relied_on_is_told_file_by_file() {
    let env = repository(
        "  malformed: { files: [out/*.xml] }
  committed: { files: [committed.xml] }
  copied: { files: [copied.xml] }
  missing: { files: ['reports/**/*.xml'] }
  unread: { files: [out/*.xml], file-format: TAP }
",
        &[("made/a.xml", "<testsuite>\n<testcase>"), ("made/b.xml", GREEN), ("committed.xml", GREEN)],
    );
    let text = std::fs::read_to_string(env.work().join("buildspec.yml")).unwrap();
    env.file("buildspec.yml", &text.replace("reports:", "      - cat committed.xml > copied.xml\nreports:"));
    env.commit("a report that is there already is copied");
    env.stdout(["run"], 0);
    insta::assert_snapshot!(env.run(["show"]));
    let kinds: Vec<_> = shown(&env).iter().map(|report| report["trouble"][0]["kind"].clone()).collect();
    assert_eq!(kinds, ["malformed", "stale", "stale", "missing", "missing"]);
}

#[test]
fn a_build_alone_has_reports_too() {
    let env = repository(
        "  unit: { files: [out/*.xml, committed.xml] }\n",
        &[("made/a.xml", GREEN), ("committed.xml", RED)],
    );
    env.stdout(["build"], 0);
    let [report] = shown(&env).try_into().unwrap();
    assert_eq!(report["tests"]["succeeded"], 2);
    assert_eq!(report["trouble"][0]["text"], "committed.xml was not written by this build");
}

#[test]
fn a_gate_that_fits_no_stage_is_refused_before_anything_runs() {
    let env = repository("  unit: { files: [out/*.xml] }\n", &[("made/a.xml", GREEN)]);
    env.file(
        "rehearsal.yml",
        "gates:\n  - before: Deploy\n    unit: { reports: [{ action: Build/Build, group: unit }] }\n",
    );
    env.commit("a gate before a stage that is not there");
    insta::assert_snapshot!(env.run(["run"]));
}

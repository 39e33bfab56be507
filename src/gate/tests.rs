//! Verdicts, case by case, on evidence that is simply given.

use std::collections::BTreeMap;

use super::*;
use crate::action::{ReportStatus, Trouble};
use crate::spec::config;

/// Evidence as a test says it, by `Stage/Action`.
#[derive(Default)]
struct Given {
    reports: BTreeMap<String, Result<Vec<Report>, Absent>>,
    files: BTreeMap<String, Result<EvidenceFile, Absent>>,
}

impl Evidence for Given {
    fn reports(&self, action: &ActionName) -> Result<Vec<Report>, Absent> {
        self.reports.get(&action.to_string()).cloned().unwrap_or(Err(Absent::NotRun))
    }

    fn file(&self, action: &ActionName, path: &str) -> Result<EvidenceFile, Absent> {
        let name = format!("{action} {path}");
        self.files.get(&name).cloned().unwrap_or(Err(Absent::NoFile))
    }
}

fn gate(text: &str) -> Gate {
    let text = format!("gates:\n  - before: Deploy\n{text}");
    let read = config::load("rehearsal.yml", text.as_bytes());
    let mut config = read.value.unwrap_or_else(|| panic!("{:?}", read.findings));
    config.committed.gates.remove(0)
}

fn tests(group: &str, succeeded: u64, failed: u64, skipped: u64) -> Report {
    Report {
        group: group.into(),
        kind: ReportKind::Test,
        status: ReportStatus::Succeeded,
        tests: TestCounts { succeeded, failed, skipped, ..TestCounts::default() },
        lines: None,
        trouble: Vec::new(),
    }
}

fn coverage(group: &str, covered: u64, missed: u64) -> Report {
    Report {
        kind: ReportKind::CodeCoverage,
        lines: Some(LineCounts { covered, missed }),
        ..tests(group, 0, 0, 0)
    }
}

fn troubled(report: Report, kind: TroubleKind, text: &str) -> Report {
    Report { status: ReportStatus::Incomplete, trouble: vec![Trouble { kind, text: text.into() }], ..report }
}

fn lines(judgement: &Judgement) -> String {
    let line = |condition: &Condition| {
        let Condition { subject, wanted, seen, verdict } = condition;
        format!("{subject} | {wanted} | {seen} | {}", verdict.word())
    };
    judgement.conditions.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A name, the parts of a gate, and the reports of actions.
type Case<'a> = (&'a str, &'a str, Vec<(&'a str, Result<Vec<Report>, Absent>)>);

const UNIT: &str = "    unit: { reports: [{ action: Test/Unit, group: unit }] }\n";

#[test]
fn reports_of_tests_pass_only_with_evidence_that_is_good_enough() {
    let two =
        "    unit: { reports: [{ action: Test/Unit, group: unit }, { action: Test/More, group: more }] }\n";
    let three = "    unit: { reports: [{ action: Test/Unit, group: unit }], max-failures: 3 }\n";
    let with_error = Report {
        tests: TestCounts { error: 1, unknown: 1, ..tests("", 5, 1, 0).tests },
        ..tests("unit", 0, 0, 0)
    };
    let cases: Vec<Case<'_>> = vec![
        ("green", UNIT, vec![("Test/Unit", Ok(vec![tests("unit", 40, 0, 0)]))]),
        ("one test", UNIT, vec![("Test/Unit", Ok(vec![tests("unit", 1, 0, 0)]))]),
        ("red", UNIT, vec![("Test/Unit", Ok(vec![tests("unit", 38, 2, 0)]))]),
        ("errors and unknown count", UNIT, vec![("Test/Unit", Ok(vec![with_error]))]),
        ("at the boundary", three, vec![("Test/Unit", Ok(vec![tests("unit", 37, 3, 0)]))]),
        ("over the boundary", three, vec![("Test/Unit", Ok(vec![tests("unit", 36, 4, 0)]))]),
        ("skipped are told", UNIT, vec![("Test/Unit", Ok(vec![tests("unit", 39, 0, 1)]))]),
        ("all skipped", UNIT, vec![("Test/Unit", Ok(vec![tests("unit", 0, 0, 2)]))]),
        ("no case", UNIT, vec![("Test/Unit", Ok(vec![tests("unit", 0, 0, 0)]))]),
        ("not run", UNIT, vec![]),
        ("failed", UNIT, vec![("Test/Unit", Err(Absent::NotSucceeded))]),
        ("no report", UNIT, vec![("Test/Unit", Ok(vec![]))]),
        (
            "another report",
            UNIT,
            vec![("Test/Unit", Ok(vec![tests("lint", 1, 0, 0), tests("slow", 1, 0, 0)]))],
        ),
        ("a report of lines", UNIT, vec![("Test/Unit", Ok(vec![coverage("unit", 1, 0)]))]),
        (
            "missing files",
            UNIT,
            vec![(
                "Test/Unit",
                Ok(vec![troubled(tests("unit", 0, 0, 0), TroubleKind::Missing, "no file matches *.xml")]),
            )],
        ),
        (
            "stale",
            UNIT,
            vec![(
                "Test/Unit",
                Ok(vec![troubled(
                    tests("unit", 3, 0, 0),
                    TroubleKind::Stale,
                    "a.xml was not written by this build",
                )]),
            )],
        ),
        (
            "simulated",
            UNIT,
            vec![(
                "Test/Unit",
                Ok(vec![troubled(
                    tests("unit", 3, 0, 0),
                    TroubleKind::Simulated,
                    "a.xml was written by a command of which something was simulated",
                )]),
            )],
        ),
        (
            "malformed",
            UNIT,
            vec![(
                "Test/Unit",
                Ok(vec![troubled(
                    tests("unit", 3, 0, 0),
                    TroubleKind::Malformed,
                    "a.xml is no JUNITXML report: line 1: no",
                )]),
            )],
        ),
        (
            "both",
            two,
            vec![
                ("Test/Unit", Ok(vec![tests("unit", 3, 0, 0)])),
                ("Test/More", Ok(vec![tests("more", 2, 0, 0)])),
            ],
        ),
        ("one of two is missing", two, vec![("Test/Unit", Ok(vec![tests("unit", 3, 0, 0)]))]),
        ("one of two is red, the other missing", two, vec![("Test/Unit", Ok(vec![tests("unit", 3, 1, 0)]))]),
        (
            "one of two has no case",
            two,
            vec![
                ("Test/Unit", Ok(vec![tests("unit", 3, 0, 0)])),
                ("Test/More", Ok(vec![tests("more", 0, 0, 0)])),
            ],
        ),
    ];
    let mut told = Vec::new();
    for (name, text, reports) in cases {
        let reports = reports.into_iter().map(|(action, given)| (action.to_owned(), given)).collect();
        let judgement = evaluate(&gate(text), &Given { reports, ..Given::default() });
        told.push(format!("{name}: {}", lines(&judgement)));
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_share_of_lines_is_compared_exactly() {
    let judge = |least: &str, reports: Vec<Report>| {
        let names = reports.iter().map(|report| format!("{{ action: Test/Unit, group: {} }}", report.group));
        let text = format!(
            "    unit: {{ reports: [{}], line-coverage: {least} }}\n",
            names.collect::<Vec<_>>().join(", ")
        );
        let reports = BTreeMap::from([("Test/Unit".to_owned(), Ok(reports))]);
        lines(&evaluate(&gate(&text), &Given { reports, ..Given::default() }))
    };
    let huge = u64::MAX / 2;
    let none = Report { lines: None, ..coverage("lines", 0, 0) };
    let told = [
        judge("80", vec![coverage("lines", 80, 20)]),
        judge("80", vec![coverage("lines", 79_999, 20_001)]),
        judge("80", vec![coverage("lines", 7_999_999, 2_000_001)]),
        judge("100", vec![coverage("lines", huge, 0)]),
        judge("100", vec![coverage("lines", huge, 1)]),
        judge("66.666666", vec![coverage("lines", 2, 1)]),
        judge("66.666667", vec![coverage("lines", 2, 1)]),
        judge("0", vec![coverage("lines", 0, 5)]),
        judge("0", vec![coverage("lines", 0, 0)]),
        judge("50", vec![none]),
        judge("50", vec![coverage("a", 9, 1), coverage("b", 1, 9)]),
        // Tests beside coverage have to pass too.
        judge("50", vec![tests("unit", 4, 1, 0), coverage("b", 9, 1)]),
        judge("50", vec![tests("unit", 4, 0, 0)]),
    ];
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_metric_is_compared_exactly() {
    let judge = |bound: &str, value: &str| {
        let text = format!(
            "    model:\n      evaluation: {{ action: Test/Model, path: evaluation.json }}\n      conditions: [{{ metric: m.accuracy.value, {bound} }}]\n"
        );
        let bytes = format!("{{\"m\": {{\"accuracy\": {{\"value\": {value}}}}}}}").into_bytes();
        let file = EvidenceFile { bytes, came_from: None };
        let files = BTreeMap::from([("Test/Model evaluation.json".to_owned(), Ok(file))]);
        let judgement = evaluate(&gate(&text), &Given { files, ..Given::default() });
        judgement.conditions[0].verdict
    };
    let (error, failed, passed) = (Verdict::Error, Verdict::Failed, Verdict::Passed);
    for (bound, value, expected) in [
        ("at-least: 0.9", "0.9", passed),
        ("at-least: 0.9", "0.90", passed),
        ("at-least: 0.9", "0.8999999", failed),
        ("at-least: 0.9", "0.89999999999999999999", failed),
        ("at-least: 0.9", "1", passed),
        ("at-least: 0.9", "9e-1", passed),
        ("at-most: 0.1", "0.1", passed),
        ("at-most: 0.1", "0.10000000000000000001", failed),
        ("at-most: 0.1", "-5", passed),
        ("equals: 3", "3.0", passed),
        ("equals: 9007199254740993", "9007199254740992", failed),
        ("equals: 9007199254740993", "9007199254740993", passed),
        ("at-most: 1", "1e999", failed),
        ("at-least: 0.9", "\"0.95\"", error),
        ("at-least: 0.9", "\"NaN\"", error),
        ("at-least: 0.9", "NaN", error),
        ("at-most: 0.9", "NaN", error),
        ("at-least: 0.9", "Infinity", error),
        ("at-least: 0", "true", error),
        ("at-most: 1", "null", error),
        ("at-least: 0", "[1]", error),
        ("at-least: 0.9", "0.1}, \"accuracy\": {\"value\": 1", error),
    ] {
        assert_eq!(judge(bound, value), expected, "{bound} {value}");
    }
}

#[test]
fn a_file_without_worth_blocks_every_condition() {
    let text = "    model:
      evaluation: { action: Test/Model, path: out/evaluation.json }
      conditions:
        - { metric: metrics.accuracy.value, at-least: 0.9 }
        - { metric: metrics.mse, at-most: 2 }
";
    let given = |file| {
        let files = BTreeMap::from([("Test/Model out/evaluation.json".to_owned(), file)]);
        lines(&evaluate(&gate(text), &Given { files, ..Given::default() }))
    };
    let bytes = br#"{"metrics": {"accuracy": {"value": 0.95}, "mse": 2.5}}"#.to_vec();
    let stale = Some("out/evaluation.json of Sources".to_owned());
    let told = [
        given(Ok(EvidenceFile { bytes: bytes.clone(), came_from: None })),
        given(Ok(EvidenceFile { bytes, came_from: stale })),
        given(Ok(EvidenceFile { bytes: b"{}".to_vec(), came_from: None })),
        given(Err(Absent::NoFile)),
        given(Err(Absent::NotRun)),
        given(Err(Absent::Simulated)),
        given(Err(Absent::Category(Category::Source))),
        given(Err(Absent::Unreadable("it is longer than 16 MB".into()))),
    ];
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn conditions_come_in_the_order_of_their_kinds() {
    let text = format!(
        "    model: {{ evaluation: {{ action: T/M, path: e.json }}, conditions: [{{ metric: a, at-least: 1 }}] }}\n    integration: {{ reports: [{{ action: T/I, group: i }}], max-failures: 1, line-coverage: 50 }}\n{UNIT}"
    );
    let judgement = evaluate(&gate(&text), &Given::default());
    let subjects: Vec<_> = judgement.conditions.iter().map(|condition| condition.subject.as_str()).collect();
    assert_eq!(subjects, ["unit tests", "integration tests", "integration coverage", "model a"]);
    assert_eq!(judgement.verdict(), Verdict::Inconclusive);
}

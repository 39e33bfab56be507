//! `CUCUMBERJSON` (codebuild.md 3.13): each scenario is a test case.
//!
//! A background that is listed as an element of its own belongs to the scenario behind it: when it fails, that scenario's
//! own steps are merely skipped.

use serde::Deserialize;

use super::{Format, Found, Malformed};
use crate::action::{ReportKind, TestCounts};

pub(super) const FORMAT: Format = Format { name: "CUCUMBERJSON", kind: ReportKind::Test, read };

#[derive(Deserialize)]
struct Feature {
    #[serde(default)]
    elements: Vec<Scenario>,
}

#[derive(Deserialize)]
struct Scenario {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    before: Vec<Step>,
    #[serde(default)]
    steps: Vec<Step>,
    #[serde(default)]
    after: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    result: Option<Outcome>,
    #[serde(default)]
    before: Vec<Step>,
    #[serde(default)]
    after: Vec<Step>,
}

#[derive(Deserialize)]
struct Outcome {
    status: String,
}

/// The worst of the steps decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Case {
    Succeeded,
    Skipped,
    Unknown,
    Failed,
}

fn read(text: &str) -> Result<Found, Malformed> {
    let features: Vec<Feature> = serde_json::from_str(text).map_err(|error| Malformed::json(&error))?;
    let mut tests = TestCounts::default();
    for feature in features {
        let mut background = None;
        for scenario in feature.elements {
            let worst = background.into_iter().chain(cases(&scenario)).max();
            if scenario.kind.as_deref() == Some("background") {
                background = worst;
                continue;
            }
            background = None;
            let of = match worst.unwrap_or(Case::Unknown) {
                Case::Succeeded => &mut tests.succeeded,
                Case::Skipped => &mut tests.skipped,
                Case::Unknown => &mut tests.unknown,
                Case::Failed => &mut tests.failed,
            };
            *of += 1;
        }
    }
    Ok(Found { tests, lines: None })
}

fn cases(scenario: &Scenario) -> Vec<Case> {
    let steps = scenario.before.iter().chain(&scenario.steps).chain(&scenario.after);
    let with_hooks = steps.flat_map(|step| step.before.iter().chain([step]).chain(&step.after));
    with_hooks.map(case).collect()
}

fn case(step: &Step) -> Case {
    match step.result.as_ref().map(|result| result.status.to_ascii_lowercase()).as_deref() {
        Some("passed") => Case::Succeeded,
        Some("failed") => Case::Failed,
        Some("skipped" | "pending" | "undefined" | "ambiguous") => Case::Skipped,
        Some(_) | None => Case::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_counted_by_their_worst_step() {
        let step = |status: &str| format!(r#"{{"result":{{"status":"{status}","duration":1}}}}"#);
        let scenario = |kind: &str, steps: &[&str]| {
            let steps: Vec<_> = steps.iter().map(|status| step(status)).collect();
            format!(r#"{{"type":"{kind}","name":"a","steps":[{}]}}"#, steps.join(","))
        };
        let elements = [
            scenario("scenario", &["passed", "passed"]),
            scenario("scenario", &["passed", "failed", "skipped"]),
            scenario("scenario", &["passed", "undefined"]),
            scenario("scenario", &["passed", "curious"]),
            scenario("scenario", &[]),
            scenario("background", &["failed"]),
            scenario("scenario", &["skipped"]),
            scenario("background", &["passed"]),
            scenario("scenario", &["passed"]),
            format!(r#"{{"type":"scenario","steps":[{}],"after":[{}]}}"#, step("passed"), step("failed")),
        ];
        let text = format!(r#"[{{"uri":"a.feature","elements":[{}]}},{{}}]"#, elements.join(","));
        let tests = read(&text).map_err(|error| error.to_string()).unwrap().tests;
        assert_eq!(tests, TestCounts { succeeded: 2, failed: 3, error: 0, skipped: 1, unknown: 2 });
    }

    #[test]
    fn what_is_no_cucumber_report_is_told_with_its_line() {
        let deep = format!("[{{\"elements\":{}", "[".repeat(100_000));
        for (text, expected) in [
            ("{}", "line 1: invalid type: map, expected a sequence"),
            ("[{\"elements\":[\n{\"steps\":3}]}]", "line 2: invalid type: integer `3`, expected a sequence"),
            ("[", "line 1: EOF while parsing a list"),
            (deep.as_str(), "line 1: invalid type: sequence, expected"),
        ] {
            let told = read(text).map(|found| found.tests).expect_err(expected).to_string();
            assert!(told.starts_with(expected), "{told}");
        }
    }
}

//! Gates: what test evidence is worth (design brief 6, ml-release.md 5).
//!
//! Owns: the verdict on each condition of a gate. It reads nothing itself: [`Evidence`] brings what an execution's actions
//! gave. Whatever cannot be relied on (missing, stale, malformed, or of something simulated) never passes.

mod metric;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use crate::action::{Condition, Judgement, LineCounts, Report, ReportKind, TestCounts, TroubleKind, Verdict};
use crate::spec::config::gate::{ActionName, Gate, Model, ReportGroupOf, Tests};
use crate::spec::pipeline::Category;

/// What the actions of an execution gave, as far as their runs count.
pub trait Evidence {
    /// The reports of the run of an action that counts.
    fn reports(&self, action: &ActionName) -> Result<Vec<Report>, Absent>;

    /// A file of the output artifacts of the run of an action that counts.
    fn file(&self, action: &ActionName, path: &str) -> Result<EvidenceFile, Absent>;
}

/// A file that an action gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceFile {
    /// Its content.
    pub bytes: Vec<u8>,
    /// The file among the action's inputs that has the very same content, in words: `evaluation.json of Sources`.
    pub came_from: Option<String>,
}

/// Why there is no evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Absent {
    /// The action has not run, or its run does not count any more.
    NotRun,
    /// It ran and did not succeed.
    NotSucceeded,
    /// The file was written by a command of which something was answered or recorded instead of done.
    Simulated,
    /// Actions of its category evaluate nothing: what they give is what was there before.
    Category(Category),
    /// None of its output artifacts holds the file.
    NoFile,
    /// It is there and cannot be read; why, in words.
    Unreadable(String),
}

impl Absent {
    /// What follows, and the words for it.
    fn judged(&self, action: &ActionName, path: Option<&str>) -> (Verdict, String) {
        let path = path.unwrap_or("the report");
        match self {
            Self::NotRun => (Verdict::Inconclusive, format!("{action} has not run")),
            Self::NotSucceeded => (Verdict::Inconclusive, format!("{action} did not succeed")),
            Self::Simulated => {
                let seen =
                    format!("{path} of {action} was written by a command of which something was simulated");
                (Verdict::Inconclusive, seen)
            }
            Self::Category(category) => {
                let category = category.api_name();
                (Verdict::Inconclusive, format!("{action} evaluates nothing: its category is {category}"))
            }
            Self::NoFile => (Verdict::Inconclusive, format!("the artifacts of {action} hold no {path}")),
            Self::Unreadable(why) => (Verdict::Error, format!("{path} of {action}: {why}")),
        }
    }
}

/// Judges a gate: a line for each of its conditions, in their order.
pub fn evaluate(gate: &Gate, evidence: &dyn Evidence) -> Judgement {
    let mut conditions = Vec::new();
    for (name, tests) in [("unit", &gate.unit), ("integration", &gate.integration)] {
        if let Some(tests) = tests {
            conditions.extend(judge_tests(name, tests, evidence));
        }
    }
    conditions.extend(gate.model.iter().flat_map(|model| judge_model(model, evidence)));
    Judgement { conditions }
}

/// What is not right with evidence: what follows of it, and the words for it.
type Doubt = (Verdict, String);

/// The reports that a gate asks for, put together by what they report on.
#[derive(Default)]
struct Gathered {
    tests: Option<TestCounts>,
    lines: Option<LineCounts>,
    test_doubts: Vec<Doubt>,
    line_doubts: Vec<Doubt>,
}

impl Gathered {
    fn of(reports: &[ReportGroupOf], evidence: &dyn Evidence) -> Self {
        let mut gathered = Self::default();
        for wanted in reports {
            match find(wanted, evidence) {
                Ok(report) => gathered.add(&report),
                // Whether it would have been tests or coverage is not known.
                Err(doubt) => {
                    gathered.test_doubts.push(doubt.clone());
                    gathered.line_doubts.push(doubt);
                }
            }
        }
        gathered
    }

    fn add(&mut self, report: &Report) {
        let doubts = match report.kind {
            ReportKind::Test => &mut self.test_doubts,
            ReportKind::CodeCoverage => &mut self.line_doubts,
        };
        let group = &report.group;
        for trouble in &report.trouble {
            let verdict = match trouble.kind {
                TroubleKind::Missing | TroubleKind::Stale | TroubleKind::Simulated => Verdict::Inconclusive,
                TroubleKind::Malformed => Verdict::Error,
            };
            doubts.push((verdict, format!("{group}: {}", trouble.text)));
        }
        let inconclusive = |why: String| (Verdict::Inconclusive, why);
        match report.kind {
            ReportKind::Test => {
                let counts = report.tests;
                *self.tests.get_or_insert_default() += counts;
                if report.trouble.is_empty() && counts.total() == 0 {
                    doubts.push(inconclusive(format!("{group} has no test cases")));
                } else if report.trouble.is_empty() && counts.total() == counts.skipped {
                    doubts
                        .push(inconclusive(format!("{group} has skipped all its {}", cases(counts.skipped))));
                }
            }
            ReportKind::CodeCoverage => {
                let lines = report.lines.unwrap_or_default();
                *self.lines.get_or_insert_default() += lines;
                if report.trouble.is_empty() && lines.total() == 0 {
                    doubts.push(inconclusive(format!("{group} tells of no lines")));
                }
            }
        }
    }
}

/// The report that a gate asks for.
fn find(wanted: &ReportGroupOf, evidence: &dyn Evidence) -> Result<Report, Doubt> {
    let ReportGroupOf { action, group } = wanted;
    let reports = evidence.reports(action).map_err(|absent| absent.judged(action, None))?;
    let names: Vec<_> = reports.iter().map(|report| report.group.clone()).collect();
    let found = reports.into_iter().find(|report| report.group == *group);
    found.ok_or_else(|| {
        let there = if names.is_empty() { String::new() } else { format!("; there is {}", names.join(", ")) };
        (Verdict::Inconclusive, format!("{action} gave no report {group}{there}"))
    })
}

fn judge_tests(name: &str, tests: &Tests, evidence: &dyn Evidence) -> Vec<Condition> {
    let gathered = Gathered::of(&tests.reports, evidence);
    let mut conditions = Vec::new();
    // A gate that asks for coverage alone does not ask for test cases; once it names some, they have to pass.
    if tests.max_failures.is_some() || tests.line_coverage.is_none() || gathered.tests.is_some() {
        let most = tests.max_failures.unwrap_or_default();
        let numbers = gathered.tests.map(|counts| {
            let good = counts.failures() <= most;
            (if good { Verdict::Passed } else { Verdict::Failed }, in_words(&counts))
        });
        let nothing = || "none of the reports tells of test cases".to_owned();
        let (verdict, seen) = together(numbers, gathered.test_doubts, nothing);
        let wanted = match most {
            0 => "no failures".to_owned(),
            most => format!("at most {}", counted(most, "failure", "failures")),
        };
        conditions.push(Condition { subject: format!("{name} tests"), wanted, seen, verdict });
    }
    if let Some(least) = &tests.line_coverage {
        let numbers = gathered.lines.filter(|lines| lines.total() > 0).map(|lines| {
            // Exact: a share that rounds up to the limit is still below it.
            let scaled = u128::from(least.scaled(6).unwrap_or(u64::MAX));
            let good = u128::from(lines.covered) * 100_000_000 >= scaled * u128::from(lines.total());
            let hundredths = u128::from(lines.covered) * 10_000 / u128::from(lines.total());
            let (whole, part) = (hundredths / 100, hundredths % 100);
            let seen = format!("{whole}.{part:02} %, {} of {} lines", lines.covered, lines.total());
            (if good { Verdict::Passed } else { Verdict::Failed }, seen)
        });
        let nothing = || "none of the reports tells of lines".to_owned();
        let (verdict, seen) = together(numbers, gathered.line_doubts, nothing);
        let wanted = format!("at least {least} % of lines");
        conditions.push(Condition { subject: format!("{name} coverage"), wanted, seen, verdict });
    }
    conditions
}

/// The verdict that numbers and doubts about them lead to. Numbers that are not good enough count in any case; those that
/// are good enough prove nothing while some are missing.
fn together(numbers: Option<Doubt>, doubts: Vec<Doubt>, nothing: impl Fn() -> String) -> Doubt {
    let numbers = numbers.filter(|(verdict, _)| doubts.is_empty() || *verdict != Verdict::Passed);
    let all: Vec<Doubt> = numbers.into_iter().chain(doubts).collect();
    let worst = all.iter().map(|(verdict, _)| *verdict).max();
    let Some(worst) = worst else { return (Verdict::Inconclusive, nothing()) };
    (worst, all.into_iter().map(|(_, seen)| seen).collect::<Vec<_>>().join("; "))
}

fn in_words(counts: &TestCounts) -> String {
    let mut seen =
        format!("{} in {}", counted(counts.failures(), "failure", "failures"), cases(counts.total()));
    if counts.skipped > 0 {
        let _ = write!(seen, ", {} skipped", counts.skipped);
    }
    seen
}

fn cases(count: u64) -> String {
    counted(count, "test", "tests")
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn judge_model(model: &Model, evidence: &dyn Evidence) -> Vec<Condition> {
    let (action, path) = (&model.evaluation.action, &model.evaluation.path);
    let bytes = match evidence.file(action, path) {
        Ok(EvidenceFile { bytes, came_from: None }) => Ok(bytes),
        Ok(EvidenceFile { came_from: Some(input), .. }) => {
            let seen = format!("{path} is, byte for byte, {input}: {action} did not write it");
            Err((Verdict::Inconclusive, seen))
        }
        Err(absent) => Err(absent.judged(action, Some(path))),
    };
    let judge = |wanted: &crate::spec::config::gate::Metric| {
        let found = bytes.as_ref().map_err(Clone::clone).and_then(|bytes| {
            metric::look_up(bytes, &wanted.metric).map_err(|why| (Verdict::Error, format!("{path}: {why}")))
        });
        let (verdict, seen) = match found {
            Ok(number) if wanted.bound.admits(&number) => (Verdict::Passed, number.to_string()),
            Ok(number) => (Verdict::Failed, number.to_string()),
            Err(doubt) => doubt,
        };
        let subject = format!("model {}", metric::name(&wanted.metric));
        Condition { subject, wanted: wanted.bound.to_string(), seen, verdict }
    };
    model.conditions.iter().map(judge).collect()
}

//! Reports of tests and coverage, as `show` lists them.

use super::table::{self, Cell};
use crate::action::{Report, ReportKind, ReportStatus};
use crate::cli::output::{Ink, Paint};
use crate::cli::words;
use crate::pipeline::engine::{ActionSlot, Execution};

/// The reports of the runs that count, with what each says and why it cannot be relied on; none when there are none.
pub(crate) fn section(paint: Paint, columns: usize, execution: &Execution) -> Option<String> {
    let mut rows = Vec::new();
    for stage in &execution.stages {
        for action in &stage.actions {
            let run = ActionSlot::current(action).or(action.runs.last());
            for report in run.into_iter().flat_map(|run| &run.result.reports) {
                rows.extend(rows_of(&format!("{}/{}", stage.name, action.name), report));
            }
        }
    }
    let heading = ["report of", "group", "status", "says"];
    (!rows.is_empty()).then(|| table::table(paint, columns, &heading, &rows))
}

fn rows_of(action: &str, report: &Report) -> Vec<Vec<Cell>> {
    let (status, ink) = match report.status {
        ReportStatus::Succeeded => ("SUCCEEDED", Ink::Good),
        ReportStatus::Failed => ("FAILED", Ink::Bad),
        ReportStatus::Incomplete => ("INCOMPLETE", Ink::Warning),
    };
    let group = words::printable(&report.group);
    let mut rows = vec![vec![action.into(), group.into(), Cell::inked(ink, status), says(report).into()]];
    // Its own line for each trouble: it is what somebody has to act on.
    let troubles = report.trouble.iter().map(|trouble| trouble.text.as_str());
    rows.extend(troubles.map(|text| ["", "", "", text].map(Cell::from).to_vec()));
    rows
}

/// What a report says, in words.
fn says(report: &Report) -> String {
    match (report.kind, report.lines) {
        (ReportKind::Test, _) => {
            let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
            let mut said = vec![words::count(number(report.tests.total()), "test", "tests")];
            let counts = [
                ("failed", report.tests.failed),
                ("in error", report.tests.error),
                ("skipped", report.tests.skipped),
                ("unknown", report.tests.unknown),
            ];
            let told = counts.iter().filter(|(_, count)| *count > 0);
            said.extend(told.map(|(word, count)| format!("{count} {word}")));
            said.join(", ")
        }
        (ReportKind::CodeCoverage, Some(lines)) => {
            format!("{} of {} lines covered", lines.covered, lines.total())
        }
        (ReportKind::CodeCoverage, None) => "nothing of lines".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{LineCounts, TestCounts, Trouble, TroubleKind};

    #[test]
    fn a_report_is_told_in_words() {
        let report = |kind, tests, lines| Report {
            group: "unit".into(),
            kind,
            status: ReportStatus::Failed,
            tests,
            lines,
            trouble: Vec::new(),
        };
        let some = TestCounts { succeeded: 1, failed: 2, error: 3, skipped: 4, unknown: 5 };
        let one = TestCounts { succeeded: 1, ..TestCounts::default() };
        let lines = Some(LineCounts { covered: 3, missed: 1 });
        for (kind, tests, lines, expected) in [
            (ReportKind::Test, some, None, "15 tests, 2 failed, 3 in error, 4 skipped, 5 unknown"),
            (ReportKind::Test, one, None, "1 test"),
            (ReportKind::CodeCoverage, TestCounts::default(), lines, "3 of 4 lines covered"),
            (ReportKind::CodeCoverage, TestCounts::default(), None, "nothing of lines"),
        ] {
            assert_eq!(says(&report(kind, tests, lines)), expected);
        }
        let trouble =
            vec![Trouble { kind: TroubleKind::Stale, text: "a.xml was not written by this build".into() }];
        let rows = rows_of("Test/Unit", &Report { trouble, ..report(ReportKind::Test, one, None) });
        assert_eq!(rows.len(), 2);
    }
}

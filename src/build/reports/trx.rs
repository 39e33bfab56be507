//! `VISUALSTUDIOTRX` (codebuild.md 3.13). Results inside a result are the rows of a test that is driven by data: the outer
//! one speaks for them.

use super::xml::{self, Element, Visitor};
use super::{Format, Found, Malformed};
use crate::action::{ReportKind, TestCounts};

pub(super) const FORMAT: Format = Format { name: "VISUALSTUDIOTRX", kind: ReportKind::Test, read };

#[derive(Default)]
struct Reading(TestCounts);

fn read(text: &str) -> Result<Found, Malformed> {
    let mut reading = Reading::default();
    xml::read(text, &["TestRun"], &mut reading)?;
    Ok(Found { tests: reading.0, lines: None })
}

impl Visitor for Reading {
    fn open(&mut self, element: &Element<'_>, parents: &[String]) -> Result<(), String> {
        if element.name != "UnitTestResult" || parents.iter().any(|parent| parent == "UnitTestResult") {
            return Ok(());
        }
        let tests = &mut self.0;
        // Without an outcome a result is an error, as the schema's default says.
        *match element.text("outcome")?.as_deref() {
            Some("Passed") => &mut tests.succeeded,
            Some("Failed") => &mut tests.failed,
            Some("Error" | "Timeout" | "Aborted") | None => &mut tests.error,
            Some("NotExecuted" | "Inconclusive" | "NotRunnable" | "Disconnected" | "Pending") => {
                &mut tests.skipped
            }
            Some(_) => &mut tests.unknown,
        } += 1;
        Ok(())
    }

    fn close(&mut self, _: &str) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted_by_their_outcome() {
        let text = "<?xml version='1.0' encoding='utf-8'?>
            <TestRun xmlns='http://microsoft.com/schemas/VisualStudio/TeamTest/2010'><Results>
            <UnitTestResult testName='a' outcome='Passed' duration='00:00:00.01'/>
            <UnitTestResult testName='b' outcome='Failed'><Output><ErrorInfo/></Output>
              <InnerResults><UnitTestResult outcome='Passed'/><UnitTestResult outcome='Failed'/></InnerResults></UnitTestResult>
            <UnitTestResult testName='c' outcome='NotExecuted'/><UnitTestResult testName='d'/>
            <UnitTestResult testName='e' outcome='Warning'/></Results></TestRun>";
        let tests = read(text).map_err(|error| error.to_string()).unwrap().tests;
        assert_eq!(tests, TestCounts { succeeded: 1, failed: 1, error: 1, skipped: 1, unknown: 1 });
        assert!(read("<Results/>").is_err());
    }
}

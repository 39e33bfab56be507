//! `TESTNGXML` (codebuild.md 3.13). Methods that only prepare or tidy up are no cases, but one that fails is told.

use super::xml::{self, Element, Visitor};
use super::{Format, Found, Malformed};
use crate::action::{ReportKind, TestCounts};

pub(super) const FORMAT: Format = Format { name: "TESTNGXML", kind: ReportKind::Test, read };

#[derive(Default)]
struct Reading(TestCounts);

fn read(text: &str) -> Result<Found, Malformed> {
    let mut reading = Reading::default();
    xml::read(text, &["testng-results"], &mut reading)?;
    Ok(Found { tests: reading.0, lines: None })
}

impl Visitor for Reading {
    fn open(&mut self, element: &Element<'_>, _: &[String]) -> Result<(), String> {
        if element.name != "test-method" {
            return Ok(());
        }
        let prepares = element.text("is-config")?.is_some_and(|text| text == "true");
        let tests = &mut self.0;
        *match (element.required("status")?.as_str(), prepares) {
            ("PASS" | "SKIP", true) => return Ok(()),
            (_, true) => &mut tests.error,
            ("PASS", false) => &mut tests.succeeded,
            ("FAIL", false) => &mut tests.failed,
            ("SKIP", false) => &mut tests.skipped,
            (_, false) => &mut tests.unknown,
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
    fn methods_are_counted_by_their_status() {
        let text = "<testng-results skipped='1' failed='1' total='4' passed='2'><suite><test><class name='a'>
            <test-method status='PASS' name='up' is-config='true'/><test-method status='FAIL' is-config='true'/>
            <test-method status='PASS' name='a'/><test-method status='FAIL' name='b'><exception/></test-method>
            <test-method status='SKIP' name='c'/><test-method status='SUCCESS_PERCENTAGE_FAILURE' name='d'/>
            </class></test></suite></testng-results>";
        let tests = read(text).map_err(|error| error.to_string()).unwrap().tests;
        assert_eq!(tests, TestCounts { succeeded: 1, failed: 1, error: 1, skipped: 1, unknown: 1 });
        let text = "<testng-results><test-method/></testng-results>";
        assert_eq!(read(text).expect_err(text).to_string(), "line 1: <test-method> has no status");
    }
}

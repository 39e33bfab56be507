//! `NUNITXML`, that of NUnit 2, and `NUNIT3XML` (codebuild.md 3.13): each case names its result.

use super::xml::{self, Element, Visitor};
use super::{Format, Found, Malformed};
use crate::action::{ReportKind, TestCounts};

pub(super) const FORMAT_2: Format = Format { name: "NUNITXML", kind: ReportKind::Test, read: read_2 };
pub(super) const FORMAT_3: Format = Format { name: "NUNIT3XML", kind: ReportKind::Test, read: read_3 };

fn read_2(text: &str) -> Result<Found, Malformed> {
    read(text, "test-results", case_2)
}

fn read_3(text: &str) -> Result<Found, Malformed> {
    read(text, "test-run", case_3)
}

/// What one case counts as.
type Case = fn(&Element<'_>, &mut TestCounts) -> Result<(), String>;

struct Reading {
    tests: TestCounts,
    case: Case,
}

fn read(text: &str, root: &str, case: Case) -> Result<Found, Malformed> {
    let mut reading = Reading { tests: TestCounts::default(), case };
    xml::read(text, &[root], &mut reading)?;
    Ok(Found { tests: reading.tests, lines: None })
}

fn case_2(element: &Element<'_>, tests: &mut TestCounts) -> Result<(), String> {
    let result = match element.text("result")? {
        Some(result) => result,
        // Older writers say only whether it was run, and with success.
        None if element.text("executed")?.is_some_and(|text| text.eq_ignore_ascii_case("false")) => {
            "Ignored".to_owned()
        }
        None if element.required("success")?.eq_ignore_ascii_case("true") => "Success".to_owned(),
        None => "Failure".to_owned(),
    };
    *match result.as_str() {
        "Success" => &mut tests.succeeded,
        "Failure" => &mut tests.failed,
        "Error" => &mut tests.error,
        "Ignored" | "Skipped" | "NotRunnable" | "Inconclusive" => &mut tests.skipped,
        _ => &mut tests.unknown,
    } += 1;
    Ok(())
}

fn case_3(element: &Element<'_>, tests: &mut TestCounts) -> Result<(), String> {
    let label = element.text("label")?;
    *match element.required("result")?.as_str() {
        "Passed" => &mut tests.succeeded,
        "Failed" if label.as_deref() == Some("Error") => &mut tests.error,
        "Failed" => &mut tests.failed,
        "Skipped" | "Inconclusive" => &mut tests.skipped,
        _ => &mut tests.unknown,
    } += 1;
    Ok(())
}

impl Visitor for Reading {
    fn open(&mut self, element: &Element<'_>, _: &[String]) -> Result<(), String> {
        if element.name == "test-case" { (self.case)(element, &mut self.tests) } else { Ok(()) }
    }

    fn close(&mut self, _: &str) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_counted_by_their_result() {
        let two = "<test-results name='a.dll'><test-suite><results><test-suite><results>
            <test-case name='a' executed='True' result='Success' success='True'/>
            <test-case name='b' executed='True' result='Failure' success='False'><failure/></test-case>
            <test-case name='c' executed='True' result='Error'/><test-case name='d' result='Ignored'/>
            <test-case name='e' executed='True' success='True'/><test-case name='f' executed='False'/>
            <test-case name='g' executed='True' success='False'/><test-case name='h' result='Odd'/>
            </results></test-suite></results></test-suite></test-results>";
        let tests = read_2(two).map_err(|error| error.to_string()).unwrap().tests;
        assert_eq!(tests, TestCounts { succeeded: 2, failed: 2, error: 1, skipped: 2, unknown: 1 });
        let three = "<test-run total='6'><test-suite><test-suite>
            <test-case result='Passed'/><test-case result='Failed'/><test-case result='Failed' label='Error'/>
            <test-case result='Skipped' label='Ignored'/><test-case result='Inconclusive'/><test-case result='Warning'/>
            </test-suite></test-suite></test-run>";
        let tests = read_3(three).map_err(|error| error.to_string()).unwrap().tests;
        assert_eq!(tests, TestCounts { succeeded: 1, failed: 1, error: 1, skipped: 2, unknown: 1 });
    }

    #[test]
    fn a_case_without_a_result_is_malformed() {
        let told =
            |read: fn(&str) -> Result<Found, Malformed>, text: &str| read(text).expect_err(text).to_string();
        assert_eq!(
            told(read_2, "<test-results><test-case/></test-results>"),
            "line 1: <test-case> has no success"
        );
        assert_eq!(told(read_3, "<test-run>\n<test-case/></test-run>"), "line 2: <test-case> has no result");
        assert_eq!(
            told(read_3, "<test-results/>"),
            "line 1: it begins with <test-results>, where <test-run> was expected"
        );
    }
}

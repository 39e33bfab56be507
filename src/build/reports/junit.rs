//! `JUNITXML` (codebuild.md 3.13).
//!
//! A case fails by an element inside it. Some writers put an `<error>` straight into a suite that could not be set up:
//! it counts as a case of its own, since it is one that did not succeed.

use super::xml::{self, Element, Visitor};
use super::{Format, Found, Malformed};
use crate::action::{ReportKind, TestCounts};

pub(super) const FORMAT: Format = Format { name: "JUNITXML", kind: ReportKind::Test, read };

/// What is known of a case, or of a suite's own troubles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Case {
    Succeeded,
    Skipped,
    Error,
    Failed,
}

#[derive(Default)]
struct Reading {
    counts: TestCounts,
    case: Option<Case>,
    /// For each open suite: failures it declares, and failures counted before it.
    suites: Vec<(u64, u64)>,
}

fn read(text: &str) -> Result<Found, Malformed> {
    let mut reading = Reading::default();
    xml::read(text, &["testsuites", "testsuite"], &mut reading)?;
    Ok(Found { tests: reading.counts, lines: None })
}

impl Reading {
    fn count(&mut self, case: Case) {
        let of = match case {
            Case::Succeeded => &mut self.counts.succeeded,
            Case::Skipped => &mut self.counts.skipped,
            Case::Error => &mut self.counts.error,
            Case::Failed => &mut self.counts.failed,
        };
        *of += 1;
    }
}

impl Visitor for Reading {
    fn open(&mut self, element: &Element<'_>, parents: &[String]) -> Result<(), String> {
        let parent = parents.last().map(String::as_str);
        let verdict = match element.name {
            "testsuite" => {
                let count = |name| element.count(name).map(Option::unwrap_or_default);
                let declared = count("failures")?.saturating_add(count("errors")?);
                self.suites.push((declared, self.counts.failures()));
                return Ok(());
            }
            "testcase" => {
                // GoogleTest lists disabled tests as cases that were not run.
                let run = element.text("status")?.is_none_or(|status| status != "notrun");
                self.case = Some(if run { Case::Succeeded } else { Case::Skipped });
                return Ok(());
            }
            "failure" => Case::Failed,
            "error" => Case::Error,
            "skipped" => Case::Skipped,
            _ => return Ok(()),
        };
        match (parent, &mut self.case) {
            (Some("testcase"), Some(case)) => *case = verdict.max(*case),
            (Some("testsuite"), None) => self.count(verdict),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), String> {
        match name {
            "testcase" => {
                if let Some(case) = self.case.take() {
                    self.count(case);
                }
            }
            "testsuite" => {
                let counted = self.counts.failures();
                if let Some((declared, before)) = self.suites.pop()
                    && declared > counted - before
                {
                    let holds = counted - before;
                    return Err(format!("a suite declares {declared} failures and errors and holds {holds}"));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(text: &str) -> (u64, u64, u64, u64) {
        let counts = read(text).map_err(|error| error.to_string()).unwrap().tests;
        assert_eq!(counts.unknown, 0);
        (counts.succeeded, counts.failed, counts.error, counts.skipped)
    }

    #[test]
    fn cases_are_counted_by_what_is_in_them() {
        // codebuild.md 3.13, the row of JUnit XML.
        for (text, expected) in [
            ("<testsuite/>", (0, 0, 0, 0)),
            ("<testsuites/>", (0, 0, 0, 0)),
            ("<testsuite><testcase name='a'/><testcase name='b'></testcase></testsuite>", (2, 0, 0, 0)),
            (
                "<testsuite failures='1'><testcase><failure message='no'>x</failure></testcase></testsuite>",
                (0, 1, 0, 0),
            ),
            (
                "<testsuite><testcase><error/></testcase><testcase><skipped/></testcase></testsuite>",
                (0, 0, 1, 1),
            ),
            // A case that failed and could not be torn down is one case.
            ("<testsuite errors='1'><testcase><error/><failure/></testcase></testsuite>", (0, 1, 0, 0)),
            ("<testsuite><testcase><skipped/><failure/></testcase></testsuite>", (0, 1, 0, 0)),
            ("<testsuite><testcase status='notrun'/><testcase status='run'/></testsuite>", (1, 0, 0, 1)),
            // Suites in suites.
            (
                "<testsuites><testsuite failures='1'><testsuite failures='1'><testcase><failure/></testcase>\
                 </testsuite></testsuite><testsuite><testcase/></testsuite></testsuites>",
                (1, 1, 0, 0),
            ),
            // A suite that could not be set up.
            ("<testsuite errors='1'><error/></testsuite>", (0, 0, 1, 0)),
            // What a flaky test did before it passed, and texts that look like elements.
            (
                "<testsuite><testcase><flakyFailure/><system-out><![CDATA[<failure/>]]></system-out></testcase></testsuite>",
                (1, 0, 0, 0),
            ),
            (
                "<testsuite><testcase><system-out>&lt;failure/> &nbsp;</system-out></testcase></testsuite>",
                (1, 0, 0, 0),
            ),
            (
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a -->\n<testsuite>\n<testcase/>\n</testsuite>\n",
                (1, 0, 0, 0),
            ),
        ] {
            assert_eq!(counts(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_junit_report_is_told_with_its_line() {
        let deep = format!("<testsuite>{}", "<a>".repeat(300));
        let many: Vec<_> = (0..100_000).map(|number| format!(" a{number}=''")).collect();
        let many = many.concat();
        let many = format!("<testsuite{many}/>");
        let told: Vec<_> = [
            "",
            "not xml",
            "<html></html>",
            "<testsuite>\n<testcase>",
            "<testsuite>\n<testcase></testsuite>",
            "<testsuite>\n<testcase name='a'/>\n</testsuite>\n<testsuite/>",
            "<testsuite failures='2'>\n<testcase><failure/></testcase>\n</testsuite>",
            "<testsuite failures='many'/>",
            "<testsuite><testcase status=\"&evil;\"/></testsuite>",
            "<testsuite><testcase a='1' a='2'/></testsuite>",
            "<!DOCTYPE testsuite [<!ENTITY a \"b\">]>\n<testsuite/>",
            "<testsuite/>\nbehind",
            &deep,
            &many,
        ]
        .iter()
        .map(|text| read(text).expect_err(text).to_string())
        .collect();
        insta::assert_snapshot!(told.join("\n"));
    }
}

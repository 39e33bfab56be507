//! `JACOCOXML` (codebuild.md 3.13): the counter of lines of the whole report, else those of its source files.

use super::xml::{self, Element, Visitor};
use super::{Format, Found, Malformed};
use crate::action::{LineCounts, ReportKind};

pub(super) const FORMAT: Format = Format { name: "JACOCOXML", kind: ReportKind::CodeCoverage, read };

#[derive(Default)]
struct Reading {
    whole: Option<LineCounts>,
    files: Option<LineCounts>,
}

fn read(text: &str) -> Result<Found, Malformed> {
    let mut reading = Reading::default();
    xml::read(text, &["report"], &mut reading)?;
    Ok(Found { lines: reading.whole.or(reading.files), ..Found::default() })
}

impl Visitor for Reading {
    fn open(&mut self, element: &Element<'_>, parents: &[String]) -> Result<(), String> {
        if element.name != "counter" || element.required("type")? != "LINE" {
            return Ok(());
        }
        let of = match parents.last().map(String::as_str) {
            Some("report") => &mut self.whole,
            Some("sourcefile") => &mut self.files,
            _ => return Ok(()),
        };
        *of.get_or_insert_default() += LineCounts {
            covered: element.required_count("covered")?,
            missed: element.required_count("missed")?,
        };
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
    fn the_counter_of_the_report_counts() {
        let counter =
            |missed, covered| format!("<counter type='LINE' missed='{missed}' covered='{covered}'/>");
        let files = format!(
            "<package><sourcefile>{}</sourcefile><sourcefile>{}</sourcefile>{}</package>",
            counter(1, 2),
            counter(3, 4),
            counter(4, 6)
        );
        let whole = format!("<counter type='BRANCH' missed='9' covered='9'/>{}", counter(5, 7));
        for (content, expected) in [
            (files.clone() + &whole, Some(LineCounts { missed: 5, covered: 7 })),
            (files, Some(LineCounts { missed: 4, covered: 6 })),
            (String::new(), None),
        ] {
            let text = format!(
                "<!DOCTYPE report PUBLIC '-//JACOCO//DTD Report 1.1//EN' 'report.dtd'>\n<report name='a'>{content}</report>"
            );
            assert_eq!(read(&text).map_err(|error| error.to_string()).unwrap().lines, expected, "{text}");
        }
        let text = "<report><counter type='LINE' covered='1'/></report>";
        assert_eq!(read(text).expect_err(text).to_string(), "line 1: <counter> has no missed");
    }
}

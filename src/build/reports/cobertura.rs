//! `COBERTURAXML` (codebuild.md 3.13): the lines of classes.
//!
//! The lines below `<method>` are listed again below their class, and one file can hold several classes: a line of a file
//! counts once.

use super::xml::{self, Element, Visitor};
use super::{CoveredLines, Format, Found, Malformed};
use crate::action::ReportKind;

pub(super) const FORMAT: Format = Format { name: "COBERTURAXML", kind: ReportKind::CodeCoverage, read };

#[derive(Default)]
struct Reading {
    file: usize,
    lines: CoveredLines,
}

fn read(text: &str) -> Result<Found, Malformed> {
    let mut reading = Reading::default();
    xml::read(text, &["coverage"], &mut reading)?;
    Ok(reading.lines.found())
}

impl Visitor for Reading {
    fn open(&mut self, element: &Element<'_>, parents: &[String]) -> Result<(), String> {
        match element.name {
            "class" => self.file = self.lines.file(element.required("filename")?),
            "line" => {
                let grandparent = parents.len().checked_sub(2).and_then(|index| parents.get(index));
                if grandparent.is_some_and(|name| name == "class") {
                    let (number, hits) = (element.required_count("number")?, element.required_count("hits")?);
                    self.lines.line(self.file, number, hits > 0);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, _: &str) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::LineCounts;

    #[test]
    fn each_line_of_a_file_counts_once() {
        let text = "<?xml version='1.0' ?>
<!DOCTYPE coverage SYSTEM 'coverage-04.dtd'>
<coverage line-rate='0.9'><packages><package><classes>
<class filename='a.py'><methods><method><lines><line number='1' hits='9'/></lines></method></methods>
<lines><line number='1' hits='1'/><line number='2' hits='0'/><line number='3' hits='99999999999999999999'/></lines></class>
<class filename='a.py'><lines><line number='2' hits='4'/></lines></class>
<class filename='b.py'><lines><line number='1' hits='0' branch='true' condition-coverage='50% (1/2)'/></lines></class>
</classes></package></packages></coverage>";
        let lines = read(text).map_err(|error| error.to_string()).unwrap().lines;
        assert_eq!(lines, Some(LineCounts { covered: 3, missed: 1 }));
        let none = read("<coverage/>").map_err(|error| error.to_string()).unwrap().lines;
        assert_eq!(none, Some(LineCounts::default()));
    }

    #[test]
    fn a_line_without_its_count_is_malformed() {
        for (text, expected) in [
            (
                "<coverage>\n<class filename='a'><lines><line number='1'/></lines></class></coverage>",
                "line 2: <line> has no hits",
            ),
            (
                "<coverage><class filename='a'><lines><line number='1' hits='-1'/></lines></class></coverage>",
                "line 1: hits=\"-1\" of <line> is no count",
            ),
            ("<coverage><class/></coverage>", "line 1: <class> has no filename"),
            ("<testsuite/>", "line 1: it begins with <testsuite>, where <coverage> was expected"),
        ] {
            assert_eq!(read(text).expect_err(text).to_string(), expected);
        }
    }
}

//! `CLOVERXML` (codebuild.md 3.13): the lines of files that are statements or conditions. A line counts once.

use super::xml::{self, Element, Visitor};
use super::{CoveredLines, Format, Found, Malformed};
use crate::action::ReportKind;

pub(super) const FORMAT: Format = Format { name: "CLOVERXML", kind: ReportKind::CodeCoverage, read };

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
    fn open(&mut self, element: &Element<'_>, _: &[String]) -> Result<(), String> {
        match element.name {
            "file" => {
                let name = element.text("path")?.map_or_else(|| element.required("name"), Ok)?;
                self.file = self.lines.file(name);
            }
            "line" => {
                let covered = match element.required("type")?.as_str() {
                    "stmt" => element.required_count("count")? > 0,
                    // A condition has no count of its own where its two ways are counted.
                    "cond" => {
                        let ways = [
                            element.count("count")?,
                            element.count("truecount")?,
                            element.count("falsecount")?,
                        ];
                        ways.into_iter().flatten().any(|count| count > 0)
                    }
                    _ => return Ok(()),
                };
                self.lines.line(self.file, element.required_count("num")?, covered);
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
    fn statements_and_conditions_count_once_a_line() {
        let text = "<coverage generated='1'><project><metrics statements='4'/><package name='p'>
            <file name='a.php' path='/src/a.php'><line num='1' type='method' name='f' count='3'/>
            <line num='2' type='stmt' count='3'/><line num='3' type='stmt' count='0'/>
            <line num='4' type='cond' truecount='1' falsecount='0'/><line num='5' type='cond' truecount='0' falsecount='0'/></file>
            </package><file name='b.php'><line num='2' type='stmt' count='0'/><line num='2' type='stmt' count='1'/></file>
            </project></coverage>";
        let lines = read(text).map_err(|error| error.to_string()).unwrap().lines;
        assert_eq!(lines, Some(LineCounts { covered: 3, missed: 2 }));
        let text = "<coverage><file name='a'>\n<line num='1' type='stmt'/></file></coverage>";
        assert_eq!(read(text).expect_err(text).to_string(), "line 2: <line> has no count");
    }
}

//! Findings as annotations of GitHub Actions: workflow commands, which the runner reads from the output of a step.
//!
//! The runner refuses columns where a place has several lines. A comma or colon ends a property, a line break the command:
//! both are escaped.

use std::io::{self, Write};

use super::human::visible;
use super::{Finding, Severity};

/// Writes a workflow command for each finding. `path` gives the path of its file from the top of the repository.
pub fn write(out: &mut dyn Write, findings: &[Finding], path: &dyn Fn(&Finding) -> String) -> io::Result<()> {
    for finding in findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Advice => "notice",
        };
        let span = finding.primary.span;
        let (start, end) = (finding.source.position(span.start), finding.source.position(span.end));
        let file = property(&path(finding));
        write!(out, "::{command} file={file},line={},endLine={}", start.line, end.line)?;
        if start.line == end.line {
            write!(out, ",col={},endColumn={}", start.column, end.column.max(start.column))?;
        }
        writeln!(out, ",title={}::{}", property(finding.code), message(&finding.told()))?;
    }
    Ok(())
}

fn message(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

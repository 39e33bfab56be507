//! Findings as annotations of GitHub Actions: workflow commands, which the runner reads from the output of a step.
//!
//! The runner refuses columns where a place has several lines. A comma or colon ends a property, a line break the command:
//! both are escaped.

use std::fmt::Write as _;

use super::human::visible;
use super::{Finding, Severity};

/// A workflow command for each finding. `path` gives the path of its file from the top of the repository.
pub fn render(findings: &[Finding], path: &dyn Fn(&Finding) -> String) -> String {
    let mut text = String::new();
    for finding in findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Advice => "notice",
        };
        let span = finding.primary.span;
        let (start, end) = (finding.source.position(span.start), finding.source.position(span.end));
        let file = property(&path(finding));
        let _ = write!(text, "::{command} file={file},line={},endLine={}", start.line, end.line);
        if start.line == end.line {
            let _ = write!(text, ",col={},endColumn={}", start.column, end.column.max(start.column));
        }
        let _ = writeln!(text, ",title={}::{}", property(finding.code), message(&finding.told()));
    }
    text
}

fn message(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

//! Findings in one line each: `path:line:column: severity[code] message`, as editors and `grep` like it.

use std::io::{self, Write};

use super::Finding;
use super::human::visible;

/// Writes a line for each finding.
pub fn write(out: &mut dyn Write, findings: &[Finding]) -> io::Result<()> {
    for finding in findings {
        let place = finding.source.position(finding.primary.span.start);
        let (severity, code) = (finding.severity.word(), finding.code);
        let one_line = |text: &str| visible(text).split(['\n', '\r', '\t']).collect::<Vec<_>>().join(" ");
        let (name, message) = (one_line(finding.source.name()), one_line(&finding.message));
        writeln!(out, "{name}:{}:{}: {severity}[{code}] {message}", place.line, place.column)?;
    }
    Ok(())
}

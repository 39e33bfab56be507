//! Findings as JSON, version 1: a promise to other programs (README, "Machine-readable output").
//!
//! Lines and columns count from 1, columns in characters, offsets in bytes.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Finding, Fix, Severity};
use crate::syntax::{SourceFile, Span};

/// Writes the document for these findings of `files` checked files, of which `fixed` were repaired where that was asked for;
/// `apart` are the definitions that were not held against the other files.
/// There may be thousands of them: each is written by itself.
pub fn write(
    out: &mut dyn Write,
    findings: &[Finding],
    files: usize,
    fixed: Option<usize>,
    apart: &[&str],
) -> io::Result<()> {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    write!(out, "{{\"version\":1,\"findings\":[")?;
    for (index, found) in findings.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        write!(out, "{comma}{}", finding(found))?;
    }
    let mut summary =
        json!({ "files": files, "errors": count(Severity::Error), "warnings": count(Severity::Warning) });
    let left_out: usize = findings.iter().map(|finding| finding.left_out).sum();
    if left_out > 0 {
        summary["left_out"] = left_out.into();
    }
    if let Some(fixed) = fixed {
        summary["fixed"] = fixed.into();
    }
    if !apart.is_empty() {
        summary["apart"] = apart.into();
    }
    writeln!(out, "],\"summary\":{summary}}}")
}

/// One finding, as it stands in the document and in event streams.
pub fn finding(finding: &Finding) -> Value {
    let span = finding.primary.span;
    json!({
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "path": finding.source.name(),
        "start": finding.source.position(span.start),
        "end": finding.source.position(span.end),
        "help": finding.help,
        "url": finding.url,
        "aws_message": finding.aws_message,
        "fix": finding.fix.as_ref().map(|fix| fix_of(fix, &finding.source)),
    })
}

fn fix_of(fix: &Fix, source: &SourceFile) -> Value {
    let place = |span: Span| (source.position(span.start), source.position(span.end));
    let edits = fix.edits.iter().map(|edit| {
        let (start, end) = place(edit.span);
        json!({ "start": start, "end": end, "replacement": edit.replacement })
    });
    json!({ "title": fix.title, "safe": fix.is_safe, "edits": edits.collect::<Vec<_>>() })
}

//! Buildspecs that stand inside rehearsal.yml, as the text of a project's `source.buildspec`.
//!
//! Owns: taking a finding in such a text to its place in the file around it. In a literal block (`|`) that is the very
//! place; in quotes or a folded block it is the whole text, and the message says the line.

use std::sync::Arc;

use crate::diagnostic::{Finding, Fix, Label};
use crate::rules;
use crate::spec::FileKind;
use crate::spec::buildspec::BuildspecFile;
use crate::syntax::{self, Node, SourceFile, Span, Style, Tree};

/// Checks the buildspecs inside the projects of rehearsal.yml.
pub(super) fn check(config: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for project in config.root().get("projects").into_iter().flat_map(Node::items) {
        let Some(node) = project.get("source").and_then(|source| source.get("buildspec")) else { continue };
        if let BuildspecFile::Inline(_) = BuildspecFile::from_setting(node.text()) {
            findings.extend(one(node));
        }
    }
    findings
}

fn one(node: Node<'_>) -> Vec<Finding> {
    let outer = node.source();
    let inner = Arc::new(SourceFile::new(outer.name(), node.text().unwrap_or_default()));
    let findings = rules::check(FileKind::Buildspec, &inner, &syntax::parse(&inner)).findings;
    let lines = lines(node, &inner);
    let outward = |finding| match &lines {
        Some(lines) => exact(finding, outer, &inner, lines),
        None => whole(finding, node, &inner),
    };
    findings.into_iter().map(outward).collect()
}

/// Where each line of the text begins in the file around it; none when the text is not written line by line.
fn lines(node: Node<'_>, inner: &SourceFile) -> Option<Vec<u32>> {
    if node.scalar()?.style != Style::Literal {
        return None;
    }
    let outer = node.source();
    // The place of a block begins with its text, not with the `|` above it.
    let above = outer.position(node.content_span().start).line - 1;
    let content = |line: u32| inner.line_span(line).map(|span| inner.slice(span));
    let mut starts = Vec::new();
    let mut indent: Option<usize> = None;
    for line in 1..=inner.line_count() {
        let text = content(line)?;
        let Some(span) = outer.line_span(above + line) else { break };
        let written = outer.slice(span);
        if !text.is_empty() && indent.is_none() {
            indent = Some(written.len().checked_sub(text.len())?);
        }
        let begin = indent.unwrap_or_default().min(written.len());
        // The last, empty line of the text is the next key of the file.
        if written.get(begin..) != Some(text) && !(text.is_empty() && line == inner.line_count()) {
            return None;
        }
        starts.push(span.start + u32::try_from(begin).ok()?);
    }
    Some(starts)
}

fn exact(finding: Finding, outer: &Arc<SourceFile>, inner: &SourceFile, lines: &[u32]) -> Finding {
    let at = |offset: u32| {
        let position = inner.position(offset);
        let begin = inner.line_span(position.line).map_or(offset, |line| line.start);
        let line = (position.line as usize - 1).min(lines.len().saturating_sub(1));
        (lines.get(line).copied().unwrap_or_default() + (offset - begin)).min(outer.len())
    };
    let span = |span: Span| {
        // A place that ends at the beginning of a line ends with the line before.
        let text = inner.slice(span);
        let end = span.start + u32::try_from(text.trim_end_matches(['\n', '\r']).len()).unwrap_or_default();
        Span::new(at(span.start), at(end))
    };
    let label = |label: Label| Label { span: span(label.span), ..label };
    let one_line = |fix: &Fix| {
        fix.edits
            .iter()
            .all(|edit| !inner.slice(edit.span).contains('\n') && !edit.replacement.contains('\n'))
    };
    let fix = finding.fix.filter(one_line).map(|fix| Fix {
        edits: fix
            .edits
            .into_iter()
            .map(|edit| crate::diagnostic::Edit { span: span(edit.span), ..edit })
            .collect(),
        ..fix
    });
    Finding {
        source: Arc::clone(outer),
        primary: label(finding.primary),
        secondary: finding.secondary.into_iter().map(label).collect(),
        fix,
        ..finding
    }
}

fn whole(finding: Finding, node: Node<'_>, inner: &SourceFile) -> Finding {
    let line = inner.position(finding.primary.span.start).line;
    Finding {
        message: format!("{} (line {line} of this buildspec)", finding.message),
        source: Arc::clone(node.source()),
        primary: Label { span: rules::subject::head(node), text: finding.primary.text },
        secondary: Vec::new(),
        fix: None,
        ..finding
    }
}

//! Buildspecs that stand inside another file, as the text of a value.
//!
//! Owns: finding them in rehearsal.yml, checking such a text, and taking each finding to its place in the file around it.
//! Where that place cannot be told, it is the whole value, and the message says the line.

use std::sync::Arc;

use crate::diagnostic::{Edit, Finding, Fix, Label};
use crate::rules::{self, subject::Project};
use crate::spec::FileKind;
use crate::spec::buildspec::BuildspecFile;
use crate::syntax::{self, Node, SourceFile, Span, Style, TextMap, Tree};

/// Checks the buildspecs inside the projects of rehearsal.yml.
pub(super) fn check(config: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for project in config.root().get("projects").into_iter().flat_map(Node::items) {
        let Some(node) = project.get("source").and_then(|source| source.get("buildspec")) else { continue };
        if let BuildspecFile::Inline(_) = BuildspecFile::from_setting(node.text()) {
            findings.extend(buildspec(node, &Project::of(project)));
        }
    }
    findings
}

/// Checks the buildspec that is the text of a scalar, by itself and for its project.
pub(super) fn buildspec(node: Node<'_>, project: &Project<'_>) -> Vec<Finding> {
    let inner = Arc::new(SourceFile::new(node.source().name(), node.text().unwrap_or_default()));
    let parsed = syntax::parse(&inner);
    let mut findings = rules::check_on(FileKind::Buildspec, &inner, &parsed, project.image).findings;
    if let Some(tree) = &parsed.tree {
        findings.extend(rules::check_built(tree, project));
    }
    let map = TextMap::of(node);
    let outward = |finding| {
        if map.is_exact() { exact(finding, node, &inner, &map) } else { whole(finding, node, &inner) }
    };
    findings.into_iter().map(outward).collect()
}

fn exact(finding: Finding, node: Node<'_>, inner: &SourceFile, map: &TextMap) -> Finding {
    let span = |span: Span| {
        // A place that ends at the beginning of a line ends with the line before.
        let text = inner.slice(span).trim_end_matches(['\n', '\r']);
        map.span(Span::new(span.start, span.start + u32::try_from(text.len()).unwrap_or_default()))
    };
    let label = |label: Label| Label { span: span(label.span), ..label };
    // What is written otherwise than it reads is not to be written over by what it reads.
    let is_verbatim = node.scalar().is_some_and(|scalar| scalar.style == Style::Literal);
    let is_in_line = |edit: &Edit| !inner.slice(edit.span).contains('\n') && !edit.replacement.contains('\n');
    let fix = finding.fix.filter(|fix| is_verbatim && fix.edits.iter().all(is_in_line)).map(|fix| Fix {
        edits: fix.edits.into_iter().map(|edit| Edit { span: span(edit.span), ..edit }).collect(),
        ..fix
    });
    Finding {
        source: Arc::clone(node.source()),
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

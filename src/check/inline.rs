//! Buildspecs that stand inside another file, as the text of a value.
//!
//! Owns: finding them in rehearsal.yml, pipeline definitions and CloudFormation templates, checking such a text, and taking each finding
//! to its place in the file around it.
//! Where that place cannot be told, it is the whole value, and the message says the line.

use std::sync::Arc;

use crate::diagnostic::{Edit, Finding, Fix, Label};
use crate::rules;
use crate::rules::subject::{self, Action, Project};
use crate::spec::FileKind;
use crate::spec::buildspec::BuildspecFile;
use crate::spec::template::{Assembled, Derived, SettingOf, Template};
use crate::syntax::{self, Node, SourceFile, Span, Style, TextMap, Tree, UNKNOWN};

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

/// Checks the buildspecs inside the actions of a pipeline definition, as far as they say themselves what is wrong: the project is
/// described elsewhere.
pub(super) fn in_definition(definition: &Tree) -> Vec<Finding> {
    let nodes = subject::actions(definition).into_iter().filter_map(|action| overridden(&action));
    nodes.flat_map(|node| assembled(node, &Assembled::of_scalar(node), None)).collect()
}

/// The buildspec that stands inside an action.
pub(super) fn overridden<'t>(action: &Action<'t>) -> Option<Node<'t>> {
    let node = action.configuration("BuildspecOverride").filter(|_| action.is_codebuild())?;
    matches!(BuildspecFile::from_setting(node.text()), BuildspecFile::Inline(_)).then_some(node)
}

/// Checks the buildspecs inside a CloudFormation template. What stands for a value that is not known (`${Name}` of an
/// `Fn::Sub`) can be anything: nothing is wrong with it.
pub(super) fn in_template(template: &Tree, derived: &[Derived]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for setting in Template::of(template).buildspecs() {
        if let BuildspecFile::Inline(_) = setting.text.setting() {
            let of = |project: SettingOf<'_>| derived.iter().find(|derived| project.is(derived));
            let project = setting.project.and_then(of).map(|derived| {
                let project = Project::of(derived.tree.root());
                Project { name: project.name.or(Some(&derived.id)), ..project }
            });
            // What CloudFormation fills in is nothing that stays as it is.
            let is_filled = |finding: &Finding| finding.message.contains("{{resolve:");
            let found = assembled(setting.node, &setting.text, project.as_ref());
            findings.extend(found.into_iter().filter(|finding| !is_filled(finding)));
        }
    }
    findings
}

/// The tree of the buildspec that is the text of a value, with the way back to its place. A text of which whole lines are not known
/// is left out.
pub(super) struct Inner<'t> {
    place: Place<'t>,
    source: Arc<SourceFile>,
}

impl<'t> Inner<'t> {
    pub(super) fn read(node: Node<'t>) -> Option<(Self, Tree)> {
        let text = node.text()?;
        let is_open = |line: &str| {
            let (line, marks) = (line.trim(), line.matches(UNKNOWN).count());
            marks % 2 == 1 || line.starts_with(UNKNOWN) && line.ends_with(UNKNOWN)
        };
        if text.lines().any(is_open) {
            return None;
        }
        let source = Arc::new(SourceFile::new(node.source().name(), text));
        let tree = syntax::parse(&source).tree?;
        Some((Self { place: Place::of_scalar(node), source }, tree))
    }

    /// A finding that is about this text, at its place in the file around it; none when it is about what is not known.
    pub(super) fn outward(&self, finding: Finding) -> Option<Finding> {
        let unknown =
            self.source.slice(finding.primary.span).contains(UNKNOWN) || finding.message.contains(UNKNOWN);
        (!unknown).then(|| self.place.outward(finding, &self.source))
    }

    pub(super) fn holds(&self, finding: &Finding) -> bool {
        Arc::ptr_eq(&finding.source, &self.source)
    }
}

/// Checks the buildspec that is the text of a scalar, by itself and for its project.
pub(super) fn buildspec(node: Node<'_>, project: &Project<'_>) -> Vec<Finding> {
    assembled(node, &Assembled::of_scalar(node), Some(project))
}

fn assembled(node: Node<'_>, text: &Assembled<'_>, project: Option<&Project<'_>>) -> Vec<Finding> {
    let inner = Arc::new(SourceFile::new(node.source().name(), text.text()));
    let parsed = syntax::parse(&inner);
    let mut findings = rules::check(FileKind::Buildspec, &inner, &parsed).findings;
    if let (Some(tree), Some(project)) = (&parsed.tree, project) {
        let built = rules::check_built(tree, project);
        findings.retain(|finding| !built.refuted.contains(finding));
        findings.extend(built.findings);
    }
    // Lines that could not be read, in the text or where it ends, are of it.
    let own = node.content_span();
    let touches = |lines: &Span| lines.start <= own.end && own.start <= lines.end;
    let is_open = text.has_unknown_lines() || node.tree().left_out().iter().any(touches);
    let absence = ["empty-value", "missing-key", "yaml-syntax"];
    let is_known = |finding: &Finding| {
        !(inner.slice(finding.primary.span).contains(UNKNOWN)
            || finding.message.contains(UNKNOWN)
            || is_open && absence.contains(&finding.code))
    };
    let place = Place::of(node, text);
    findings.into_iter().filter(is_known).map(|finding| place.outward(finding, &inner)).collect()
}

/// Where a text stands in the file around it.
struct Place<'t> {
    node: Node<'t>,
    /// None when its parts cannot be told apart.
    map: Option<TextMap>,
    /// Whether it is written as it reads: what is not, is not to be written over by what it reads.
    is_verbatim: bool,
}

impl<'t> Place<'t> {
    fn of(node: Node<'t>, text: &Assembled<'_>) -> Self {
        let map = text.map(subject::head(node));
        let is_literal = |node: Node<'_>| node.scalar().is_some_and(|scalar| scalar.style == Style::Literal);
        let is_verbatim = text.is_single() && text.first().is_some_and(is_literal);
        Self { node, map: Some(map).filter(TextMap::is_exact), is_verbatim }
    }

    fn of_scalar(node: Node<'t>) -> Self {
        Self::of(node, &Assembled::of_scalar(node))
    }

    fn outward(&self, finding: Finding, inner: &SourceFile) -> Finding {
        match &self.map {
            Some(map) => self.exact(map, finding, inner),
            None => whole(finding, self.node, inner),
        }
    }

    fn exact(&self, map: &TextMap, finding: Finding, inner: &SourceFile) -> Finding {
        let span = |span: Span| {
            // A place that ends at the beginning of a line ends with the line before.
            let text = inner.slice(span).trim_end_matches(['\n', '\r']);
            map.span(Span::new(span.start, span.start + u32::try_from(text.len()).unwrap_or_default()))
        };
        let label = |label: Label| Label { span: span(label.span), ..label };
        let is_in_line =
            |edit: &Edit| !inner.slice(edit.span).contains('\n') && !edit.replacement.contains('\n');
        let fix =
            finding.fix.filter(|fix| self.is_verbatim && fix.edits.iter().all(is_in_line)).map(|fix| Fix {
                edits: fix.edits.into_iter().map(|edit| Edit { span: span(edit.span), ..edit }).collect(),
                ..fix
            });
        Finding {
            source: Arc::clone(self.node.source()),
            primary: label(finding.primary),
            below: finding.below.map(span),
            secondary: finding.secondary.into_iter().map(label).collect(),
            fix,
            ..finding
        }
    }
}

fn whole(finding: Finding, node: Node<'_>, inner: &SourceFile) -> Finding {
    let line = inner.position(finding.primary.span.start).line;
    Finding {
        message: format!("{} (line {line} of this buildspec)", finding.message),
        source: Arc::clone(node.source()),
        primary: Label { span: subject::head(node), text: finding.primary.text },
        secondary: Vec::new(),
        below: finding.below.map(|_| subject::head(node)),
        fix: None,
        ..finding
    }
}

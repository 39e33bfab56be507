//! Buildspecs that stand inside another file, as the text of a value.
//!
//! Owns: finding them in rehearsal.yml, pipeline definitions and CloudFormation templates, checking such a text, and taking each finding
//! to its place in the file around it.
//! Where that place cannot be told, it is the whole value, and the message says the line.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::diagnostic::{Edit, Finding, Fix, Label};
use crate::rules;
use crate::rules::subject::{self, Action, Project};
use crate::spec::FileKind;
use crate::spec::buildspec::BuildspecFile;
use crate::spec::template::{Assembled, Derived, Piece, SettingOf, Template};
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
            findings.extend(assembled(setting.node, &setting.text, project.as_ref()));
        }
    }
    findings
}

/// The tree of the buildspec that is the text of a value, with the way back to its place. A text of which whole lines are not known
/// is left out.
pub(super) struct Inner<'t> {
    node: Node<'t>,
    text: Assembled<'t>,
    source: Arc<SourceFile>,
}

impl<'t> Inner<'t> {
    pub(super) fn read(node: Node<'t>) -> Option<(Self, Tree)> {
        let mut text = Assembled::of_scalar(node);
        if node.is_unknown() {
            text.text = text.text.trim_matches(UNKNOWN).to_owned();
        }
        let is_open = |line: &str| line.trim().starts_with(UNKNOWN) && line.trim().ends_with(UNKNOWN);
        if text.text.lines().any(is_open) {
            return None;
        }
        let source = Arc::new(SourceFile::new(node.source().name(), text.text.as_str()));
        let tree = syntax::parse(&source).tree?;
        Some((Self { node, text, source }, tree))
    }

    /// A finding that is about this text, at its place in the file around it; none when it is about what is not known.
    pub(super) fn outward(&self, finding: Finding) -> Option<Finding> {
        let unknown =
            self.source.slice(finding.primary.span).contains(UNKNOWN) || finding.message.contains(UNKNOWN);
        if unknown {
            return None;
        }
        let map = Map::of(&self.text).filter(|_| !self.node.is_unknown());
        Some(match map {
            Some(map) => map.exact(finding, self.node, &self.source),
            None => whole(finding, self.node, &self.source),
        })
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
    let inner = Arc::new(SourceFile::new(node.source().name(), text.text.as_str()));
    let parsed = syntax::parse(&inner);
    let mut findings = rules::check(FileKind::Buildspec, &inner, &parsed).findings;
    if let (Some(tree), Some(project)) = (&parsed.tree, project) {
        let built = rules::check_built(tree, project);
        findings.retain(|finding| !built.refuted.contains(finding));
        findings.extend(built.findings);
    }
    let is_open = text.has_unknown_lines();
    let absence = ["empty-value", "missing-key", "yaml-syntax"];
    let is_known = |finding: &Finding| {
        !(inner.slice(finding.primary.span).contains(UNKNOWN)
            || finding.message.contains(UNKNOWN)
            || is_open && absence.contains(&finding.code))
    };
    let map = Map::of(text);
    let outward = |finding| match &map {
        Some(map) => map.exact(finding, node, &inner),
        None => whole(finding, node, &inner),
    };
    findings.into_iter().filter(is_known).map(outward).collect()
}

/// The places of an assembled text.
struct Map<'t> {
    pieces: Vec<(Piece<'t>, Rc<TextMap>)>,
}

impl<'t> Map<'t> {
    /// None when the place of some part of it cannot be told.
    fn of(text: &Assembled<'t>) -> Option<Self> {
        let mut known: HashMap<Span, Rc<TextMap>> = HashMap::new();
        let mut pieces = Vec::new();
        for piece in &text.pieces {
            let map = known.entry(piece.node.span()).or_insert_with(|| Rc::new(TextMap::of(piece.node)));
            let is_empty = piece.length == 0;
            (map.is_exact() || is_empty || text.pieces.len() > 1).then_some(())?;
            pieces.push((*piece, Rc::clone(map)));
        }
        (!pieces.is_empty()).then_some(Self { pieces })
    }

    fn span(&self, span: Span) -> Span {
        let start = self.place(span.start, false);
        if span.is_empty() {
            return Span::empty(start.start);
        }
        let end = self.place(span.end, true);
        if end.end >= start.start { Span::new(start.start, end.end) } else { start }
    }

    /// The place of one byte; as the end of a span it belongs to what is before it.
    fn place(&self, at: u32, end: bool) -> Span {
        let at = at as usize;
        let before = |(piece, _): &(Piece<'_>, _)| if end { piece.at < at } else { piece.at <= at };
        let index = self.pieces.partition_point(before).saturating_sub(1);
        let Some((piece, map)) = self.pieces.get(index) else { return Span::default() };
        let inside = u32::try_from(piece.offset + at.saturating_sub(piece.at).min(piece.length));
        let inside = inside.unwrap_or_default();
        if end {
            map.span(Span::new(inside.saturating_sub(1), inside))
        } else {
            map.span(Span::new(inside, inside + 1))
        }
    }

    fn exact(&self, finding: Finding, node: Node<'_>, inner: &SourceFile) -> Finding {
        let span = |span: Span| {
            // A place that ends at the beginning of a line ends with the line before.
            let text = inner.slice(span).trim_end_matches(['\n', '\r']);
            self.span(Span::new(span.start, span.start + u32::try_from(text.len()).unwrap_or_default()))
        };
        let label = |label: Label| Label { span: span(label.span), ..label };
        // What is written otherwise than it reads is not to be written over by what it reads.
        let is_verbatim =
            self.pieces.len() == 1 && node.scalar().is_some_and(|scalar| scalar.style == Style::Literal);
        let is_in_line =
            |edit: &Edit| !inner.slice(edit.span).contains('\n') && !edit.replacement.contains('\n');
        let fix = finding.fix.filter(|fix| is_verbatim && fix.edits.iter().all(is_in_line)).map(|fix| Fix {
            edits: fix.edits.into_iter().map(|edit| Edit { span: span(edit.span), ..edit }).collect(),
            ..fix
        });
        Finding {
            source: Arc::clone(node.source()),
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

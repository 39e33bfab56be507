//! One pass of granit-parser over a text.
//!
//! Owns: events to arena, limits on depth and aliases, duplicate keys. With `wording`, this is all that knows which
//! parser is behind `syntax`. Leaves to `wording`: the words of syntax errors; to `recovery`: what to do after one.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, StructureStyle};

use super::dialect::{Keys, restored};
use super::tree::{Data, NodeData};
use super::wording::syntax_error;
use super::{Comment, LIMITS, Problem, ProblemKind, SourceFile, Span, Style, Tree};

/// What one pass found.
pub(super) enum Pass {
    /// The text was read to its end.
    Whole(Tree, Vec<Problem>),
    /// The text is no YAML at a place.
    Broken(Broken),
    /// A comment follows something without a space, at the `#`: no error to libyaml.
    TightComment(Problem),
    /// The text asks for more than we give.
    Refused(Problem),
}

/// Where a text is no YAML.
pub(super) struct Broken {
    pub(super) problem: Problem,
    /// The bracket that is still open there.
    pub(super) bracket: Option<Span>,
    /// How far it was understood: what is behind that may be why the text cannot be read.
    pub(super) understood: u32,
    /// What was understood last.
    pub(super) last: Span,
}

impl Broken {
    /// Where the blame lies: a bracket that was never closed swallows what is after it.
    pub(super) fn blamed(&self) -> u32 {
        self.bracket.map_or(self.problem.span.start, |bracket| bracket.start)
    }
}

/// Parses `text`, which is the text of `source` or that text with parts blanked, so that offsets fit both.
pub(super) fn pass(source: &Arc<SourceFile>, text: &str) -> Pass {
    let options = granit_parser::options! {
        block_scalar_eof_without_line_feed: true,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        flow_nesting_limit: LIMITS.depth,
        block_nesting_limit: LIMITS.depth,
        max_buffered_comment_events: usize::MAX,
    };
    let (mut builder, mut understood, mut last) = (Builder::default(), 0, Span::default());
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = match event {
            Ok((event, span)) => (event, source.on_characters(bytes_of(&span))),
            Err(error) => {
                let problem = syntax_error(&error, source);
                if problem.kind == ProblemKind::TooDeep {
                    return Pass::Refused(problem);
                }
                if matches!(error.kind(), ErrorKind::CommentNotSeparated) {
                    return Pass::TightComment(problem);
                }
                let bracket = builder.open_bracket();
                return Pass::Broken(Broken { problem, bracket, understood, last });
            }
        };
        if event.is_node() {
            understood = understood.max(span.end);
            last = span;
        }
        match builder.take(event, span, source) {
            Ok(More::Yes) => {}
            Ok(More::No) => break,
            Err(problem) => return Pass::Refused(problem),
        }
    }
    let root = builder.root.unwrap_or_else(|| {
        let end = Span::empty(source.len());
        builder.add(end, None, Data::Scalar { text: Box::default(), style: Style::Plain })
    });
    let tree = Tree {
        source: Arc::clone(source),
        nodes: builder.nodes,
        root,
        comments: builder.comments,
        left_out: Vec::new(),
        unknown: Vec::new(),
        maps: HashMap::new(),
    };
    builder.problems.sort_by_key(|problem| problem.span);
    Pass::Whole(tree, builder.problems)
}

enum More {
    Yes,
    No,
}

/// An open collection.
struct Frame {
    id: u32,
    anchor: usize,
    /// Whether it is written with brackets.
    flow: bool,
    content: Open,
    size: Size,
}

/// How large a node is with aliases followed.
#[derive(Clone, Copy, Default)]
struct Size {
    /// The node and all below it.
    nodes: usize,
    /// Their text.
    bytes: usize,
    /// Collections inside one another, from this one down.
    height: usize,
}

enum Open {
    Sequence(Vec<u32>),
    Mapping { entries: Vec<(u32, u32)>, key: Option<u32> },
}

/// What an anchor stands for; still open while its collection is.
#[derive(Clone, Copy)]
struct Anchored {
    id: u32,
    size: Option<Size>,
}

#[derive(Default)]
struct Builder {
    nodes: Vec<NodeData>,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Anchored>,
    root: Option<u32>,
    comments: Vec<Comment>,
    problems: Vec<Problem>,
    aliased: Size,
    second_document: Option<Span>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span, source: &SourceFile) -> Result<More, Problem> {
        if let Some(start) = self.second_document {
            // A second document counts only when something is in it: a lone `---` at the end is harmless.
            let absent = matches!(&event, Event::Scalar(_, ScalarStyle::Plain, ..) if span.is_empty());
            if !event.is_node() || absent {
                return Ok(More::Yes);
            }
            self.problem(ProblemKind::MultipleDocuments, "a second document begins here", start);
            return Ok(More::No);
        }
        match event {
            Event::DocumentStart(..) if self.root.is_some() => self.second_document = Some(span),
            Event::Comment(..) => self.comments.push(Comment { span }),
            Event::Scalar(text, style, anchor, tag) => {
                let style = style_of(style);
                let (span, text) = scalar_of(span, &restored(text, source), style, source);
                let size = Size { nodes: 1, bytes: text.len(), height: 0 };
                let id = self.add(span, tag.map(|tag| tag_text(&tag)), Data::Scalar { text, style });
                self.anchors.insert(anchor, Anchored { id, size: Some(size) });
                self.place(id, size);
            }
            Event::SequenceStart(style, anchor, tag) => {
                let tag = tag.map(|tag| tag_text(&tag));
                self.open(span, tag, anchor, style == StructureStyle::Flow, Open::Sequence(Vec::new()))?;
            }
            Event::MappingStart(style, anchor, tag) => {
                let open = Open::Mapping { entries: Vec::new(), key: None };
                let tag = tag.map(|tag| tag_text(&tag));
                self.open(span, tag, anchor, style == StructureStyle::Flow, open)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span, source),
            Event::Alias(anchor) => self.alias(anchor, span)?,
            Event::UnresolvedAlias(name) => {
                let message = format!("`*{name}` refers to an anchor that does not exist");
                self.problem(ProblemKind::UnknownAnchor, message, span);
                let text = source.slice(span).into();
                let id = self.add(span, None, Data::Scalar { text, style: Style::Plain });
                self.place(id, Size { nodes: 1, ..Size::default() });
            }
            Event::Anchor(_, name) => self.anchor_name(&name, span),
            _ => {}
        }
        Ok(More::Yes)
    }

    fn problem(&mut self, kind: ProblemKind, message: impl Into<String>, span: Span) {
        self.problems.push(Problem { kind, message: message.into(), span });
    }

    fn add(&mut self, span: Span, tag: Option<Box<str>>, data: Data) -> u32 {
        let id = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(NodeData { span, tag, data });
        id
    }

    /// Puts a finished node where it belongs: into the open collection, or at the root.
    fn place(&mut self, id: u32, size: Size) {
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(id);
            return;
        };
        frame.size = Size {
            nodes: frame.size.nodes.saturating_add(size.nodes),
            bytes: frame.size.bytes.saturating_add(size.bytes),
            height: frame.size.height.max(size.height + 1),
        };
        match &mut frame.content {
            Open::Sequence(items) => items.push(id),
            Open::Mapping { entries, key } => match key.take() {
                None => *key = Some(id),
                Some(key) => entries.push((key, id)),
            },
        }
    }

    fn open(
        &mut self,
        span: Span,
        tag: Option<Box<str>>,
        anchor: usize,
        flow: bool,
        content: Open,
    ) -> Result<(), Problem> {
        if self.stack.len() >= LIMITS.depth {
            return Err(Problem::too_deep(span));
        }
        let id = self.add(span, tag, Data::Sequence(Vec::new()));
        self.anchors.insert(anchor, Anchored { id, size: None });
        let size = Size { nodes: 1, bytes: 0, height: 1 };
        self.stack.push(Frame { id, anchor, flow, content, size });
        Ok(())
    }

    fn close(&mut self, span: Span, source: &SourceFile) {
        let Some(frame) = self.stack.pop() else { return };
        let (data, last) = match frame.content {
            Open::Sequence(items) => {
                let last = items.last().copied();
                (Data::Sequence(items), last)
            }
            Open::Mapping { entries, .. } => {
                let last = entries.last().map(|(_, value)| *value);
                self.keys(&entries, &Keys { source, flow: frame.flow });
                let entries = self.settle(entries);
                let merges = entries.iter().any(|(key, _)| self.is_merge(*key));
                (Data::Mapping { entries, merges }, last)
            }
        };
        // A block collection ends where its last node ends; the parser only says where the next token begins.
        let last_end = last.and_then(|id| self.nodes.get(id as usize)).map(|node| node.span.end);
        if let Some(node) = self.nodes.get_mut(frame.id as usize) {
            let end = if span.is_empty() { last_end.unwrap_or(node.span.end) } else { span.end };
            node.span = Span::new(node.span.start, end.max(node.span.start));
            node.data = data;
        }
        self.anchors.insert(frame.anchor, Anchored { id: frame.id, size: Some(frame.size) });
        self.place(frame.id, frame.size);
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Problem> {
        let Some(anchored) = self.anchors.get(&anchor).copied() else { return Ok(()) };
        let Some(size) = anchored.size else {
            let message = "this alias stands inside what it refers to".to_owned();
            return Err(Problem { kind: ProblemKind::RecursiveAlias, message, span });
        };
        if self.stack.len() + size.height > LIMITS.depth {
            return Err(Problem::too_deep(span));
        }
        self.aliased.nodes = self.aliased.nodes.saturating_add(size.nodes);
        self.aliased.bytes = self.aliased.bytes.saturating_add(size.bytes);
        let message = if self.aliased.nodes > LIMITS.alias_nodes {
            format!("the aliases up to here stand for more than {} nodes", LIMITS.alias_nodes)
        } else if self.aliased.bytes > LIMITS.alias_bytes {
            format!("the aliases up to here stand for more than {} bytes", LIMITS.alias_bytes)
        } else {
            let id = self.add(span, None, Data::Alias(anchored.id));
            self.place(id, size);
            return Ok(());
        };
        Err(Problem { kind: ProblemKind::TooManyAliases, message, span })
    }

    /// libyaml takes letters, digits, `_` and `-`; YAML 1.2, and our parser, nearly everything.
    fn anchor_name(&mut self, name: &str, span: Span) {
        let strange = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if name.contains(strange) {
            let libyaml = Some("did not find expected alphabetic or numeric character");
            let kind = ProblemKind::Syntax { libyaml, open: None };
            self.problem(kind, "a value that begins with `&` is an anchor; quote it to mean text", span);
        }
    }

    /// Keys as libyaml takes them.
    fn keys(&mut self, entries: &[(u32, u32)], keys: &Keys<'_>) {
        let is_plain = |key: &NodeData| matches!(key.data, Data::Scalar { style: Style::Plain, .. });
        let nodes = entries.iter().filter_map(|(key, _)| self.nodes.get(*key as usize));
        let found: Vec<_> = nodes.filter_map(|key| keys.refused(key.span, is_plain(key))).collect();
        self.problems.extend(found);
    }

    /// The outermost bracket that is open.
    fn open_bracket(&self) -> Option<Span> {
        let frame = self.stack.iter().find(|frame| frame.flow)?;
        let start = self.span_of(frame.id).start;
        Some(Span::new(start, start + 1))
    }

    /// Reports keys that stand twice and merge keys that cannot be merged; keeps the later of two equal keys.
    fn settle(&mut self, entries: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
        let mut last: HashMap<&str, usize> = HashMap::with_capacity(entries.len());
        let mut overruled = vec![false; entries.len()];
        let mut problems = Vec::new();
        for (index, (key, value)) in entries.iter().enumerate() {
            let Some(text) = self.key_text(*key) else { continue };
            let span = self.span_of(*key);
            if let Some(before) = last.insert(text, index) {
                overruled[before] = true;
                let kind = ProblemKind::DuplicateKey { first: self.span_of(entries[before].0) };
                problems.push(Problem { kind, message: format!("`{}` stands twice", shortened(text)), span });
            }
            if self.is_merge(*key) && !self.can_merge(*value) {
                let message = "`<<` takes a mapping or a list of mappings".to_owned();
                problems.push(Problem { kind: ProblemKind::BadMerge, message, span: self.span_of(*value) });
            }
        }
        drop(last);
        self.problems.append(&mut problems);
        entries.into_iter().zip(overruled).filter(|(_, over)| !over).map(|(entry, _)| entry).collect()
    }

    fn resolved(&self, id: u32) -> Option<&NodeData> {
        match self.nodes.get(id as usize) {
            Some(NodeData { data: Data::Alias(target), .. }) => self.nodes.get(*target as usize),
            node => node,
        }
    }

    fn key_text(&self, id: u32) -> Option<&str> {
        match &self.resolved(id)?.data {
            Data::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    fn span_of(&self, id: u32) -> Span {
        self.nodes.get(id as usize).map(|node| node.span).unwrap_or_default()
    }

    fn is_merge(&self, key: u32) -> bool {
        matches!(self.resolved(key), Some(NodeData { data: Data::Scalar { text, style: Style::Plain }, .. }) if &**text == "<<")
    }

    fn can_merge(&self, value: u32) -> bool {
        let is_mapping =
            |id: u32| matches!(self.resolved(id), Some(NodeData { data: Data::Mapping { .. }, .. }));
        match self.resolved(value).map(|node| &node.data) {
            Some(Data::Mapping { .. }) => true,
            Some(Data::Sequence(items)) => items.iter().all(|item| is_mapping(*item)),
            _ => false,
        }
    }
}

/// The parser writes `~` for a value that is not there, and lets a block's place run on to the next token.
fn scalar_of(span: Span, text: &str, style: Style, source: &SourceFile) -> (Span, Box<str>) {
    match style {
        Style::Plain if span.is_empty() => (span, Box::default()),
        Style::Literal | Style::Folded => {
            let written = source.slice(span).trim_end_matches([' ', '\n', '\r', '\t']).len();
            let end = span.start.saturating_add(u32::try_from(written).unwrap_or(u32::MAX));
            (Span::new(span.start, end), text.into())
        }
        Style::Plain | Style::SingleQuoted | Style::DoubleQuoted => (span, text.into()),
    }
}

/// Enough of a key to know it by.
fn shortened(text: &str) -> String {
    let mut characters = text.chars();
    let head: String = characters.by_ref().take(60).collect();
    if characters.next().is_some() { format!("{head}…") } else { head }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
        ScalarStyle::Plain => Style::Plain,
    }
}

fn tag_text(tag: &granit_parser::Tag) -> Box<str> {
    format!("{}{}", tag.handle(), tag.suffix()).into()
}

fn bytes_of(span: &granit_parser::Span) -> Span {
    let range = span.byte_range().unwrap_or_default();
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(range.start), offset(range.end))
}

//! Trees made of parts of another one.
//!
//! Owns: building a tree node by node, where each node keeps its place in the text that the parts were read from, and
//! values that nobody knows before the text is used, such as what a CloudFormation template refers to. Leaves to `spec`:
//! which parts, and under which names.

use std::collections::HashMap;
use std::sync::Arc;

use super::tree::{Data, NodeData};
use super::{Kind, Node, SourceFile, Span, Style, TextMap, Tree};

/// Stands in the text of a value, or of a part of one, that is not known. No file has this character: it is for private
/// use.
pub const UNKNOWN: char = '\u{f8ff}';

/// A text with nothing between its [`UNKNOWN`] marks that a reader could take for more than a word; each byte stays where it was.
pub fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, part) in text.split(UNKNOWN).enumerate() {
        if index > 0 {
            out.push(UNKNOWN);
        }
        if index % 2 == 1 {
            out.extend(std::iter::repeat_n('x', part.len()));
        } else {
            out.push_str(part);
        }
    }
    out
}

/// Nodes of a derived tree, at most; what would be more is not known.
const MOST_NODES: usize = 300_000;

/// A tree while it is made.
#[derive(Debug)]
pub struct Deriving {
    source: Arc<SourceFile>,
    nodes: Vec<NodeData>,
    unknown: Vec<Span>,
    maps: HashMap<u32, TextMap>,
}

/// A node that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made(u32);

impl Deriving {
    /// Begins a tree whose places are in a text.
    pub fn new(source: &Arc<SourceFile>) -> Self {
        Self { source: Arc::clone(source), nodes: Vec::new(), unknown: Vec::new(), maps: HashMap::new() }
    }

    /// Whether nothing more fits.
    pub fn is_full(&self) -> bool {
        self.nodes.len() >= MOST_NODES
    }

    fn add(&mut self, span: Span, data: Data) -> Made {
        let id = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(NodeData { span, tag: None, data });
        Made(id)
    }

    /// A single value.
    pub fn scalar(&mut self, span: Span, text: &str, style: Style) -> Made {
        self.add(span, Data::Scalar { text: text.into(), style })
    }

    /// A value that is not known. Two of the same `identity` are the same value.
    pub fn unknown(&mut self, span: Span, identity: &str) -> Made {
        self.unknown.push(span);
        self.scalar(span, &format!("{UNKNOWN}{identity}{UNKNOWN}"), Style::SingleQuoted)
    }

    /// A text that was put together from parts written elsewhere, with the place of each. Where it holds [`UNKNOWN`], it is not known as
    /// a whole.
    pub fn composed(&mut self, span: Span, text: &str, style: Style, map: TextMap) -> Made {
        if text.contains(UNKNOWN) {
            self.unknown.push(span);
        }
        let made = self.scalar(span, text, style);
        self.maps.insert(made.0, map);
        made
    }

    /// Says that nothing can be told about a place, such as the key of a value that is not known.
    pub fn obscure(&mut self, span: Span) {
        self.unknown.push(span);
    }

    /// A list.
    pub fn sequence(&mut self, span: Span, items: Vec<Made>) -> Made {
        self.add(span, Data::Sequence(items.into_iter().map(|item| item.0).collect()))
    }

    /// A mapping.
    pub fn mapping(&mut self, span: Span, entries: Vec<(Made, Made)>) -> Made {
        let entries = entries.into_iter().map(|(key, value)| (key.0, value.0)).collect();
        self.add(span, Data::Mapping { entries, merges: false })
    }

    /// A scalar of another tree, as it is written there; nothing of other nodes.
    pub fn copy(&mut self, node: Node<'_>) -> Made {
        match node.scalar() {
            Some(scalar) => self.scalar(node.span(), scalar.text, scalar.style),
            None => self.scalar(node.span(), "", Style::Plain),
        }
    }

    /// The tree.
    pub fn finish(self, root: Made) -> Tree {
        let mut unknown = self.unknown;
        unknown.sort_unstable();
        Tree {
            source: self.source,
            nodes: self.nodes,
            root: root.0,
            comments: Vec::new(),
            left_out: Vec::new(),
            unknown,
            maps: self.maps,
        }
    }
}

impl Tree {
    /// Whether a place lies in a value that is not known, so that nothing can be wrong with it.
    pub fn is_unknown(&self, span: Span) -> bool {
        let behind = self.unknown.partition_point(|unknown| unknown.start <= span.start);
        let near = self.unknown.get(behind.saturating_sub(2)..behind).unwrap_or_default();
        near.iter().any(|unknown| span.end <= unknown.end)
    }

    /// Whether anything in it is not known.
    pub fn has_unknown(&self) -> bool {
        !self.unknown.is_empty()
    }
}

impl Node<'_> {
    /// Whether this is a value that is not known, or not known as a whole.
    pub fn is_unknown(self) -> bool {
        self.kind() == Kind::Scalar && self.scalar().is_some_and(|scalar| scalar.text.contains(UNKNOWN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_tree_keeps_places_and_knows_what_it_does_not_know() {
        let source = Arc::new(SourceFile::new("f", "Name: !Ref X\nKind: a\n"));
        let mut deriving = Deriving::new(&source);
        let key = deriving.scalar(Span::new(0, 4), "name", Style::Plain);
        let value = deriving.unknown(Span::new(11, 12), "Ref X");
        let other = deriving.scalar(Span::new(13, 17), "kind", Style::Plain);
        let known = deriving.scalar(Span::new(19, 20), "a", Style::Plain);
        let root = deriving.mapping(Span::new(0, 20), vec![(key, value), (other, known)]);
        let tree = deriving.finish(root);
        let is_unknown = |key: &str| tree.root().get(key).is_some_and(Node::is_unknown);
        assert!(is_unknown("name") && !is_unknown("kind"));
        assert!(tree.is_unknown(Span::new(11, 12)) && tree.is_unknown(Span::empty(11)));
        assert!(!tree.is_unknown(Span::new(0, 4)) && !tree.is_unknown(Span::new(11, 20)));
        assert_eq!(source.slice(tree.root().get("kind").unwrap().span()), "a");
    }
}

//! The tree of a parsed text.
//!
//! Owns: nodes in one arena, walking them, following aliases, applying merge keys. Scalars are text: `3.10` stays
//! `3.10` (codebuild.md 0, trap 1). Leaves to `parser`: building it, within limits that make every walk finite.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{SourceFile, Span, TextMap};

/// A parsed text.
#[derive(Debug, Clone)]
pub struct Tree {
    pub(super) source: Arc<SourceFile>,
    pub(super) nodes: Vec<NodeData>,
    pub(super) root: u32,
    pub(super) comments: Vec<Comment>,
    pub(super) left_out: Vec<Span>,
    /// Places of values that are not known, in order; only a derived tree has some.
    pub(super) unknown: Vec<Span>,
    /// Where the parts of texts that were put together stand, by node; only a derived tree has some.
    pub(super) maps: HashMap<u32, TextMap>,
}

#[derive(Debug, Clone)]
pub(super) struct NodeData {
    pub(super) span: Span,
    pub(super) tag: Option<Box<str>>,
    pub(super) data: Data,
}

#[derive(Debug, Clone)]
pub(super) enum Data {
    Scalar { text: Box<str>, style: Style },
    Sequence(Vec<u32>),
    Mapping { entries: Vec<(u32, u32)>, merges: bool },
    Alias(u32),
}

/// A comment, from its `#` to the end of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands.
    pub span: Span,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A single value.
    Scalar,
    /// A list.
    Sequence,
    /// Keys and values.
    Mapping,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Bare text.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// A scalar's text, after quotes, escapes and folding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scalar<'t> {
    /// The text.
    pub text: &'t str,
    /// How it was written.
    pub style: Style,
}

/// A node of a [`Tree`]. Where an alias stands, this is what it refers to, with the alias's own span.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree,
    /// Where it stands; an alias keeps its own place.
    at: u32,
    /// What it is, with aliases followed.
    id: u32,
}

/// A key and its value in a mapping.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'t> {
    /// The key.
    pub key: Node<'t>,
    /// The value.
    pub value: Node<'t>,
}

impl Tree {
    /// The outermost node. An empty text has an empty plain scalar, which [`Node::is_null`].
    pub fn root(&self) -> Node<'_> {
        Node::new(self, self.root)
    }

    /// The text this was read from.
    pub fn source(&self) -> &Arc<SourceFile> {
        &self.source
    }

    /// Every comment, in order.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// Every scalar: where it stands, and how it is written.
    pub fn scalars(&self) -> impl Iterator<Item = (Span, Style)> {
        self.nodes.iter().filter_map(|node| match node.data {
            Data::Scalar { style, .. } => Some((node.span, style)),
            Data::Sequence(_) | Data::Mapping { .. } | Data::Alias(_) => None,
        })
    }

    /// What aliases refer to, in the order of the file.
    pub fn aliased(&self) -> Vec<Span> {
        let targets = self.nodes.iter().filter_map(|node| match node.data {
            Data::Alias(target) => self.data(target).map(|node| node.span),
            Data::Scalar { .. } | Data::Sequence(_) | Data::Mapping { .. } => None,
        });
        let mut all: Vec<_> = targets.collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The same tree with other texts for the scalars at these places.
    #[must_use]
    pub fn with_scalars(&self, texts: &HashMap<Span, &str>) -> Self {
        let mut tree = self.clone();
        for node in &mut tree.nodes {
            if let Data::Scalar { text, .. } = &mut node.data
                && let Some(other) = texts.get(&node.span)
            {
                *text = (*other).into();
            }
        }
        tree
    }

    /// The entries of all mappings whose keys stand at these places: key and value.
    pub fn entries_at(&self, keys: &HashMap<Span, &str>) -> Vec<(Span, Span)> {
        let mut found = Vec::new();
        for node in &self.nodes {
            let Data::Mapping { entries, .. } = &node.data else { continue };
            let places = entries
                .iter()
                .filter_map(|(key, value)| Some((self.data(*key)?.span, self.data(*value)?.span)));
            found.extend(places.filter(|(key, _)| keys.contains_key(key)));
        }
        found.sort_unstable();
        found
    }

    /// Whether parts of the text are not in the tree because of syntax errors. A key that is absent from such a tree
    /// may be present in the file.
    pub fn is_partial(&self) -> bool {
        !self.left_out.is_empty()
    }

    /// The parts that are not in the tree because of syntax errors.
    pub fn left_out(&self) -> &[Span] {
        &self.left_out
    }

    fn data(&self, id: u32) -> Option<&NodeData> {
        self.nodes.get(id as usize)
    }
}

impl<'t> Node<'t> {
    fn new(tree: &'t Tree, at: u32) -> Self {
        let id = match tree.data(at) {
            // The parser resolves an alias to a node that is no alias.
            Some(NodeData { data: Data::Alias(target), .. }) => *target,
            _ => at,
        };
        Self { tree, at, id }
    }

    fn content(self) -> Option<&'t Data> {
        self.tree.data(self.id).map(|node| &node.data)
    }

    /// What the node is.
    pub fn kind(self) -> Kind {
        match self.content() {
            Some(Data::Sequence(_)) => Kind::Sequence,
            Some(Data::Mapping { .. }) => Kind::Mapping,
            Some(Data::Scalar { .. } | Data::Alias(_)) | None => Kind::Scalar,
        }
    }

    /// Where the node stands: for an alias, the place of the alias.
    pub fn span(self) -> Span {
        self.tree.data(self.at).map(|node| node.span).unwrap_or_default()
    }

    /// Where the content stands: for an alias, the place of what it refers to.
    pub fn content_span(self) -> Span {
        self.tree.data(self.id).map(|node| node.span).unwrap_or_default()
    }

    /// The scalar, when the node is one.
    pub fn scalar(self) -> Option<Scalar<'t>> {
        match self.content()? {
            Data::Scalar { text, style } => Some(Scalar { text, style: *style }),
            Data::Sequence(_) | Data::Mapping { .. } | Data::Alias(_) => None,
        }
    }

    /// The scalar's text, when the node is one and not null.
    pub fn text(self) -> Option<&'t str> {
        if self.is_null() { None } else { self.scalar().map(|scalar| scalar.text) }
    }

    /// Whether this is nothing: plain and empty, `~` or `null`.
    pub fn is_null(self) -> bool {
        self.scalar().is_some_and(|scalar| {
            scalar.style == Style::Plain && matches!(scalar.text, "" | "~" | "null" | "Null" | "NULL")
        })
    }

    /// Whether this is nothing, or a text of nothing but blanks.
    pub fn is_blank(self) -> bool {
        self.is_null() || self.text().is_some_and(|text| text.trim().is_empty())
    }

    /// The items of a sequence; nothing for other nodes.
    pub fn items(self) -> impl ExactSizeIterator<Item = Node<'t>> + DoubleEndedIterator {
        let items: &'t [u32] = match self.content() {
            Some(Data::Sequence(items)) => items,
            _ => &[],
        };
        items.iter().map(move |id| Node::new(self.tree, *id))
    }

    /// The entries of a mapping, in order, with `<<` applied: keys of the mapping itself win over merged ones, which
    /// come after them. Of a key that stands twice the later one counts.
    pub fn entries(self) -> Entries<'t> {
        match self.content() {
            Some(Data::Mapping { entries, merges: false }) => Entries::Own(self.tree, entries.iter()),
            Some(Data::Mapping { .. }) => {
                let (mut seen, mut merged) = (HashSet::new(), Vec::new());
                self.merge_into(&mut seen, &mut merged);
                Entries::Merged(merged.into_iter())
            }
            _ => Entries::Own(self.tree, [].iter()),
        }
    }

    /// The entries as written: `<<` is a key like any other.
    pub fn written_entries(self) -> Entries<'t> {
        match self.content() {
            Some(Data::Mapping { entries, .. }) => Entries::Own(self.tree, entries.iter()),
            _ => Entries::Own(self.tree, [].iter()),
        }
    }

    fn merge_into(self, seen: &mut HashSet<&'t str>, merged: &mut Vec<Entry<'t>>) {
        for entry in self.written_entries().filter(|entry| !entry.is_merge()) {
            if entry.key.scalar().is_none_or(|key| seen.insert(key.text)) {
                merged.push(entry);
            }
        }
        for entry in self.written_entries().filter(Entry::is_merge) {
            match entry.value.kind() {
                Kind::Mapping => entry.value.merge_into(seen, merged),
                Kind::Sequence => entry.value.items().for_each(|item| item.merge_into(seen, merged)),
                Kind::Scalar => {}
            }
        }
    }

    /// The value of a key in a mapping.
    pub fn get(self, key: &str) -> Option<Node<'t>> {
        self.entry(key).map(|entry| entry.value)
    }

    /// The entry of a key in a mapping.
    pub fn entry(self, key: &str) -> Option<Entry<'t>> {
        let is_key = |entry: &Entry<'t>| entry.key.scalar().is_some_and(|scalar| scalar.text == key);
        self.entries().find(is_key)
    }

    /// The tag, as written out by the parser (`tag:yaml.org,2002:str`, `!local`).
    pub fn tag(self) -> Option<&'t str> {
        self.tree.data(self.id).and_then(|node| node.tag.as_deref())
    }

    /// Where the parts of its text stand, when it was put together from several.
    pub(super) fn composition(self) -> Option<&'t TextMap> {
        self.tree.maps.get(&self.id)
    }

    /// The text the node was read from.
    pub fn source(self) -> &'t Arc<SourceFile> {
        &self.tree.source
    }

    /// The tree the node belongs to.
    pub fn tree(self) -> &'t Tree {
        self.tree
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} at {:?}", self.kind(), self.span())
    }
}

impl Entry<'_> {
    /// From the key to the end of the value.
    pub fn span(&self) -> Span {
        self.key.span().join(self.value.span())
    }

    /// Whether this is `<<`.
    pub fn is_merge(&self) -> bool {
        self.key.scalar().is_some_and(|key| key.style == Style::Plain && key.text == "<<")
    }
}

/// The entries of a mapping.
#[derive(Debug, Clone)]
pub enum Entries<'t> {
    /// As written.
    Own(&'t Tree, std::slice::Iter<'t, (u32, u32)>),
    /// With merge keys applied.
    Merged(std::vec::IntoIter<Entry<'t>>),
}

impl<'t> Iterator for Entries<'t> {
    type Item = Entry<'t>;

    fn next(&mut self) -> Option<Entry<'t>> {
        match self {
            Self::Own(tree, entries) => {
                let (key, value) = entries.next()?;
                Some(Entry { key: Node::new(tree, *key), value: Node::new(tree, *value) })
            }
            Self::Merged(entries) => entries.next(),
        }
    }
}

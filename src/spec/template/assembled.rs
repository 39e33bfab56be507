//! Texts that functions put together, with the place of every part.
//!
//! Owns: such a text while it grows, and the way from it back to the file. What is not known stands in it between two
//! [`UNKNOWN`] marks, by how it is written: two texts of the same marks are the same text. Leaves to `evaluate`: which
//! parts there are.

use std::ops::Range;

use crate::spec::buildspec::BuildspecFile;
use crate::syntax::{Node, Span, TextMap, UNKNOWN};

/// What stands for a pseudo parameter in a text that is read as commands: a region, an account and their like are a word
/// without anything that a shell would take for more.
pub const PSEUDO_PARAMETER: &str = "\u{f8ff}word\u{f8ff}";

/// Whether a name is that of a pseudo parameter with such a value.
fn is_word(name: &str) -> bool {
    ["AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackName", "AWS::URLSuffix"].contains(&name)
}

/// The mark of what a reference to a name gives, when that is not known.
pub(super) fn reference(name: &str) -> String {
    format!("Ref {name}")
}

/// A text with the places of its parts.
#[derive(Debug, Clone, Default)]
pub struct Assembled<'t> {
    text: String,
    pieces: Vec<Piece<'t>>,
}

/// A part of such a text.
#[derive(Debug, Clone)]
struct Piece<'t> {
    /// Its length in the text, in bytes.
    length: usize,
    /// The scalar it is written in.
    node: Node<'t>,
    /// What of the text of that scalar it was made of.
    written: Range<usize>,
}

impl<'t> Assembled<'t> {
    /// The text of one scalar.
    pub fn of_scalar(node: Node<'t>) -> Self {
        let mut assembled = Self::default();
        assembled.scalar(node);
        assembled
    }

    /// What is known only by how it is written.
    pub(super) fn unknown(node: Node<'t>, mark: &str) -> Self {
        let mut assembled = Self::default();
        assembled.mark(node, 0..node.text().unwrap_or_default().len(), mark);
        assembled
    }

    /// Adds the text of a scalar.
    pub(super) fn scalar(&mut self, node: Node<'t>) {
        let text = node.scalar().map_or("", |scalar| scalar.text);
        self.add(node, 0..text.len(), text);
    }

    /// Adds a text that a part of a scalar's stands for.
    pub(super) fn add(&mut self, node: Node<'t>, written: Range<usize>, text: &str) {
        self.pieces.push(Piece { length: text.len(), node, written });
        self.text.push_str(text);
    }

    /// Adds what is not known.
    pub(super) fn mark(&mut self, node: Node<'t>, written: Range<usize>, mark: &str) {
        self.add(node, written, &format!("{UNKNOWN}{mark}{UNKNOWN}"));
    }

    /// Adds another text behind this one.
    pub(super) fn append(&mut self, other: Self) {
        self.text.push_str(&other.text);
        self.pieces.extend(other.pieces);
    }

    /// The text. [`UNKNOWN`] marks stand around what is not known.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The scalar that its first part is written in.
    pub fn first(&self) -> Option<Node<'t>> {
        self.pieces.first().map(|piece| piece.node)
    }

    /// Whether it is the text of one scalar, as that has it.
    pub fn is_single(&self) -> bool {
        self.pieces.len() == 1
    }

    /// Where its parts stand. `whole` is the place of it all.
    pub fn map(&self, whole: Span) -> TextMap {
        let parts = self.pieces.iter();
        TextMap::composed(parts.map(|piece| (piece.length, piece.node, piece.written.clone())), whole)
    }

    /// The same text for readers of commands: of what is not known, one mark stays, or a word for what can only be one.
    #[must_use]
    pub(super) fn for_commands(&self) -> Self {
        let mut out = Self::default();
        let mut rest = self.text.as_str();
        for piece in &self.pieces {
            let (text, behind) = rest.split_at(piece.length);
            rest = behind;
            out.add(piece.node, piece.written.clone(), &marks_for_commands(text));
        }
        out
    }

    /// What it says, as the setting of a project.
    pub fn setting(&self) -> BuildspecFile {
        BuildspecFile::from_setting(Some(&self.text))
    }

    /// Whether whole lines of it are not known: then what seems not to be there may stand in them.
    pub fn has_unknown_lines(&self) -> bool {
        self.text.lines().any(|line| {
            let line = line.trim();
            !line.is_empty() && line.chars().all(|c| c == UNKNOWN)
        })
    }

    /// Whether all of it is known.
    pub fn is_known(&self) -> bool {
        !self.text.contains(UNKNOWN)
    }
}

fn marks_for_commands(text: &str) -> String {
    // Between two marks stands what is not known.
    let parts = text.split(UNKNOWN).enumerate();
    let each = parts.map(|(index, part)| match part.strip_prefix("Ref ") {
        _ if index % 2 == 0 => part.to_owned(),
        Some(name) if is_word(name) => PSEUDO_PARAMETER.to_owned(),
        Some(_) | None => UNKNOWN.to_string(),
    });
    each.collect()
}

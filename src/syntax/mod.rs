//! YAML text to a tree whose every key and value knows its bytes.
//!
//! Owns: decoding, parsing (JSON is YAML and goes the same way), limits that keep hostile files harmless, recovery
//! after a syntax error, duplicate keys, aliases, merge keys, comments. This is the one front door for every YAML text
//! a user writes; the parser behind it (granit-parser) is known to `parser` alone. Leaves to `spec`: what keys mean
//! and which problems AWS forgives.

mod blame;
mod derive;
mod dialect;
mod here_document;
mod json_comment;
mod parser;
mod problem;
mod recovery;
mod salvage;
mod source;
mod span;
mod text_map;
mod tree;
mod wording;

#[cfg(test)]
pub(crate) mod agreement;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;

pub use derive::{Deriving, Made, UNKNOWN, masked};
pub use json_comment::without_comments;
pub use problem::{Problem, ProblemKind};
pub use recovery::{Parsed, parse};
pub use source::{Position, Refused, SourceFile, decode};
pub use span::Span;
pub use text_map::TextMap;
pub use tree::{Comment, Entries, Entry, Kind, Node, Scalar, Style, Tree};

/// What a text may ask of us at most. AWS documents no such limits (codebuild.md 4.3); these are far above real files.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a file.
    pub bytes: usize,
    /// Collections inside one another, with aliases followed.
    pub depth: usize,
    /// Nodes that all aliases together stand for.
    pub alias_nodes: usize,
    /// Bytes of text that all aliases together stand for: a reader copies them.
    pub alias_bytes: usize,
    /// How often parsing starts again after a syntax error.
    pub recoveries: usize,
    /// How many texts without some lines are tried, all errors of a file together.
    pub salvages: usize,
}

/// The limits in force.
pub const LIMITS: Limits = Limits {
    bytes: 1024 * 1024,
    depth: 64,
    alias_nodes: 100_000,
    alias_bytes: 4 * 1024 * 1024,
    recoveries: 8,
    salvages: 48,
};

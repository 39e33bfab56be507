//! What can be wrong with a text before anybody asks what it means.
//!
//! Owns: the kinds and their words. Leaves to `spec`: how bad each is, since AWS forgives some of them.

use super::{LIMITS, Span};

/// Something wrong in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub kind: ProblemKind,
    /// The sentence for people.
    pub message: String,
    /// Where it is.
    pub span: Span,
}

/// The kinds of [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The text is no YAML here. `libyaml` is what the library AWS uses says of the same thing (codebuild.md 8.2),
    /// without the line, where that is known.
    Syntax {
        /// The words of libyaml and its relatives.
        libyaml: Option<&'static str>,
        /// A bracket that is still open at this place, where that explains the error.
        open: Option<Span>,
    },
    /// Comments of another language in a text that is written like JSON. What stands around them is read.
    JsonComments,
    /// `*name` without an earlier `&name`.
    UnknownAnchor,
    /// A key stands twice in one mapping; the later one counts.
    DuplicateKey {
        /// The key that is overruled.
        first: Span,
    },
    /// `<<` with something that is neither a mapping nor a list of mappings.
    BadMerge,
    /// Nested deeper than the limit.
    TooDeep,
    /// The aliases stand for more nodes than the limit.
    TooManyAliases,
    /// An alias stands inside what it refers to.
    RecursiveAlias,
    /// More bytes than the limit.
    TooLarge,
    /// Not UTF-8.
    NotUtf8,
    /// A control character (NUL among them) that YAML does not allow.
    ControlCharacter,
    /// More than one document; only the first is read.
    MultipleDocuments,
}

impl ProblemKind {
    /// Whether nothing of the file can be used.
    pub fn is_fatal(self) -> bool {
        match self {
            Self::TooDeep
            | Self::TooManyAliases
            | Self::RecursiveAlias
            | Self::TooLarge
            | Self::NotUtf8
            | Self::ControlCharacter => true,
            Self::Syntax { .. }
            | Self::JsonComments
            | Self::UnknownAnchor
            | Self::DuplicateKey { .. }
            | Self::BadMerge
            | Self::MultipleDocuments => false,
        }
    }
}

impl Problem {
    /// How much more is not said: nobody may have read to its end.
    pub(super) fn too_large() -> Self {
        let message = format!("the file has more than {} bytes, the most that are read", LIMITS.bytes);
        Self { kind: ProblemKind::TooLarge, message, span: Span::default() }
    }

    pub(super) fn too_deep(span: Span) -> Self {
        let message = format!("nested deeper than {} levels", LIMITS.depth);
        Self { kind: ProblemKind::TooDeep, message, span }
    }
}

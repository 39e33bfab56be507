//! What is wrong with a shell text that no shell would run.

use crate::syntax::Span;

/// The first syntax error of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyntaxError {
    /// What.
    pub trouble: Trouble,
    /// Where.
    pub span: Span,
    /// The word or sign that began what is not complete.
    pub opened: Option<Span>,
    /// A `then` or `do` before it that is an argument of a command, for want of a `;`.
    pub swallowed: Option<Span>,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// A quote, an expansion or a parenthesis that is never closed.
    Unclosed(Opener),
    /// The text ends where this word has to follow: `then`, `fi`, `done`…
    Missing(&'static str),
    /// The text ends where a command has to follow, behind `|`, `&&` or `||`.
    NoCommand,
    /// Something that cannot stand there; the word that could, when it is one.
    Unexpected(Option<&'static str>),
    /// A redirection without a file, or the end of the line where something has to follow.
    NoTarget,
    /// More nesting than [`DEPTH`](super::DEPTH): not judged.
    TooDeep,
}

/// What can be left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opener {
    /// `'`
    SingleQuote,
    /// `"`
    DoubleQuote,
    /// A backquote.
    Backquote,
    /// `$(`
    Substitution,
    /// `${`
    Expansion,
    /// `(`
    Parenthesis,
    /// `[[`
    DoubleBracket,
}

impl Opener {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SingleQuote => "'",
            Self::DoubleQuote => "\"",
            Self::Backquote => "`",
            Self::Substitution => "$(",
            Self::Expansion => "${",
            Self::Parenthesis => "(",
            Self::DoubleBracket => "[[",
        }
    }

    /// What closes it.
    pub fn closer(self) -> &'static str {
        match self {
            Self::SingleQuote => "'",
            Self::DoubleQuote => "\"",
            Self::Backquote => "`",
            Self::Substitution | Self::Parenthesis => ")",
            Self::Expansion => "}",
            Self::DoubleBracket => "]]",
        }
    }
}

impl SyntaxError {
    pub(super) fn new(trouble: Trouble, span: Span) -> Self {
        Self { trouble, span, opened: None, swallowed: None }
    }
}

//! Shell text: what a command of a buildspec says, as far as its grammar tells.
//!
//! Owns: reading a text the way `sh` and `bash` do, word by word, with the place of everything in the text; the syntax error
//! that both of them would report; what only bash understands. It expands nothing and knows no program. A text that one of
//! the two shells takes is no error here. Time is linear in the text, and nesting is bounded, whatever the text says.
//! Leaves to `rules`: what is worth saying about it.
//!
//! Start with [`parse`]; [`steps`] are what a walk over the [`Script`] meets.

mod compound;
mod error;
mod expansion;
mod image;
mod parser;
mod redirection;
#[cfg(test)]
mod tests;
mod walk;
mod word;

use std::borrow::Cow;

pub use error::{Opener, SyntaxError, Trouble};
pub use image::{Sh, sh_of};
pub use parser::parse;
pub use walk::{Place, Step, simples, steps};

use crate::syntax::Span;

/// How deep compounds, substitutions and expansions may be inside one another; real scripts stay below ten.
pub const DEPTH: u32 = 48;

/// A shell text that was read. All spans are bytes of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script<'t> {
    /// The text.
    pub text: &'t str,
    /// What it does; up to the error, when there is one.
    pub list: List<'t>,
    /// Why neither shell would run it.
    pub error: Option<SyntaxError>,
    /// What bash knows and POSIX does not, in order.
    pub features: Vec<Feature>,
    /// The bodies of here-documents.
    pub heredocs: Vec<Heredoc<'t>>,
}

/// And-or lists, one after another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct List<'t> {
    /// In order.
    pub items: Vec<AndOr<'t>>,
}

/// Pipelines with `&&` and `||` between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AndOr<'t> {
    /// The first one.
    pub first: Pipeline<'t>,
    /// The others, with what stands before each.
    pub rest: Vec<(Connector, Pipeline<'t>)>,
    /// Whether an `&` sends it to the background, and where.
    pub background: Option<Span>,
}

/// What connects two pipelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connector {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Commands with `|` between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline<'t> {
    /// Whether a `!` turns its status around.
    pub negated: bool,
    /// Of the pipeline that is only a `!`, none.
    pub commands: Vec<Command<'t>>,
    /// All of it.
    pub span: Span,
}

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command<'t> {
    /// Words.
    Simple(Simple<'t>),
    /// `if`, `for`, `( … )` and their like.
    Compound(Compound<'t>),
    /// The definition of a function.
    Function(Function<'t>),
}

/// A command of words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Simple<'t> {
    /// `NAME=value` before the words.
    pub assignments: Vec<Assignment<'t>>,
    /// The name and its arguments.
    pub words: Vec<Word<'t>>,
    /// Wherever they stand.
    pub redirections: Vec<Redirection<'t>>,
    /// All of it.
    pub span: Span,
    /// Which of the words is the program's name: rules ask for it again and again.
    program: usize,
    /// Where in that word the name begins, behind its folder.
    name: usize,
}

/// `NAME=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment<'t> {
    /// The name, without an index.
    pub name: &'t str,
    /// The value; for an array, all between its parentheses as one word.
    pub value: Word<'t>,
    /// All of it.
    pub span: Span,
}

/// A redirection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirection<'t> {
    /// What is redirected, as it is written: `2`, `{log}`; empty where nothing is.
    pub descriptor: &'t str,
    /// `>`, `<<`, `&>` and so on.
    pub operator: &'t str,
    /// The file, the descriptor, or the word that ends a here-document.
    pub target: Word<'t>,
    /// Which of [`Script::heredocs`] it reads.
    pub heredoc: Option<usize>,
    /// All of it.
    pub span: Span,
}

impl Redirection<'_> {
    /// Whether the command reads what this gives it, and not what its script reads.
    pub fn gives_input(&self) -> bool {
        matches!(self.descriptor, "" | "0") && self.operator.starts_with('<')
    }

    /// Whether what the command prints goes elsewhere than to where its script prints.
    pub fn takes_output(&self) -> bool {
        matches!(self.descriptor, "" | "1")
            && self.operator.starts_with(['>', '&'])
            && !matches!(&*self.target.text, "1" | "2" | "/dev/stderr" | "/dev/stdout")
    }
}

/// The body of a here-document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heredoc<'t> {
    /// The redirection that asks for it.
    pub opened: Span,
    /// The word that its last line has.
    pub word: Cow<'t, str>,
    /// Its lines, without the last one.
    pub body: Span,
    /// Whether the line that ends it is there.
    pub is_ended: bool,
    /// What is expanded in it.
    pub parts: Vec<Part<'t>>,
}

/// A word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'t> {
    /// Without its quotes; expansions as they are written.
    pub text: Cow<'t, str>,
    /// Whether nothing in it is expanded, so that `text` is what the command gets (but for patterns of file names).
    pub literal: bool,
    /// Whether any of it is quoted.
    pub quoted: bool,
    /// What is expanded in it.
    pub parts: Vec<Part<'t>>,
    /// All of it, with quotes.
    pub span: Span,
}

/// Something in a word that is expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'t> {
    /// `$NAME`, `${NAME…}`.
    Variable(Variable<'t>),
    /// `$( … )` and backquotes.
    Substitution(List<'t>, Span),
    /// `<( … )`, `>( … )`.
    Process(List<'t>, Span),
}

/// A variable that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable<'t> {
    /// The name: also `1`, `@`, `?`.
    pub name: &'t str,
    /// What stands behind the name in `${NAME…}`, up to the brace.
    pub operator: &'t str,
    /// Whether it is inside double quotes.
    pub quoted: bool,
    /// All of it.
    pub span: Span,
}

/// A compound command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compound<'t> {
    /// Which one.
    pub kind: CompoundKind<'t>,
    /// Behind it.
    pub redirections: Vec<Redirection<'t>>,
    /// All of it, without redirections.
    pub span: Span,
}

/// The compound commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompoundKind<'t> {
    /// `{ …; }`
    Group(List<'t>),
    /// `( … )`
    Subshell(List<'t>),
    /// `if`: conditions with what they lead to, and `else`.
    If(Vec<(List<'t>, List<'t>)>, Option<List<'t>>),
    /// `while` and `until`: the condition and the body.
    Loop(List<'t>, List<'t>),
    /// `for` and `select`: the variable, the words, the body.
    For(&'t str, Vec<Word<'t>>, List<'t>),
    /// `case`: the word, and what each pattern leads to.
    Case(Word<'t>, Vec<List<'t>>),
    /// `[[ … ]]` and `(( … ))`: the words, or what is expanded.
    Test(Vec<Word<'t>>),
}

/// The definition of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function<'t> {
    /// Its name.
    pub name: &'t str,
    /// Where the name stands.
    pub at: Span,
    /// What it does.
    pub body: Box<Command<'t>>,
}

/// Something that bash knows and POSIX does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// What.
    pub kind: FeatureKind,
    /// Where.
    pub span: Span,
}

/// What bash's grammar has beyond that of POSIX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FeatureKind {
    /// `[[ … ]]`
    DoubleBracket,
    /// `(( … ))`
    ArithmeticCommand,
    /// `for (( … ))`
    ArithmeticFor,
    /// `$[ … ]`
    OldArithmetic,
    /// `a=( … )`, `a[1]=…`, `${a[1]}`
    Array,
    /// `a+=…`
    Append,
    /// `function f`
    FunctionKeyword,
    /// `<( … )`
    ProcessSubstitution,
    /// `<<<`
    HereString,
    /// `{a,b}`, `{1..3}`
    Braces,
    /// `${x:0:3}`
    Substring,
    /// `${x/a/b}`
    Replace,
    /// `${x^^}`, `${x,,}`
    ChangeCase,
    /// `${!x}`
    Indirect,
    /// `${x@Q}`
    Transform,
    /// `&>`, `>&word`
    RedirectBoth,
    /// `|&`
    PipeBoth,
    /// `$'…'`
    AnsiQuote,
    /// `select`
    Select,
    /// `coproc`
    Coproc,
    /// `;&`, `;;&`
    FallThrough,
    /// `{name}>`
    NamedDescriptor,
    /// `@(a|b)`
    ExtendedPattern,
}

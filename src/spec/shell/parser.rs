//! Lists, pipelines, simple commands.

use super::error::{Opener, SyntaxError, Trouble};
use super::redirection::Pending;
use super::{
    AndOr, Assignment, Command, Connector, DEPTH, Feature, FeatureKind, Function, Heredoc, List, Pipeline,
    Script, Simple, Word,
};
use crate::syntax::Span;

/// What reading gives; the error ends it.
pub(super) type Parse<T> = Result<T, SyntaxError>;

/// Commands whose arguments may be assignments, of arrays too.
const DECLARATIONS: [&str; 6] = ["declare", "typeset", "local", "export", "readonly", "alias"];

/// Reads a text.
pub fn parse(text: &str) -> Script<'_> {
    let mut parser = Parser {
        text,
        bytes: text.as_bytes(),
        at: 0,
        end: text.len(),
        depth: 0,
        pending: Vec::new(),
        heredocs: Vec::new(),
        features: Vec::new(),
        swallowed: None,
        extended: text.contains("extglob"),
    };
    let mut list = List::default();
    let mut error = parser.list_into(&mut list).err();
    if error.is_none() && parser.at < parser.end {
        error = Some(parser.unexpected(None));
    }
    if let Some(error) = &mut error {
        error.swallowed = parser.swallowed;
    }
    Script { text, list, error, features: parser.features, heredocs: parser.heredocs }
}

/// A text on the way.
pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
    /// Where the text ends, or the backquoted part of it that is being read.
    pub(super) end: usize,
    pub(super) depth: u32,
    /// Here-documents whose bodies begin on the next line.
    pub(super) pending: Vec<Pending<'t>>,
    pub(super) heredocs: Vec<Heredoc<'t>>,
    pub(super) features: Vec<Feature>,
    /// The last `then` or `do` that was an argument.
    pub(super) swallowed: Option<Span>,
    /// Whether the text switches extended patterns on.
    pub(super) extended: bool,
}

/// Offsets are those of a file of a megabyte at most.
pub(super) fn span(start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(end))
}

/// The error that something is left open.
pub(super) fn unclosed(opener: Opener, start: usize) -> SyntaxError {
    let span = span(start, start + opener.as_str().len());
    SyntaxError { opened: Some(span), ..SyntaxError::new(Trouble::Unclosed(opener), span) }
}

/// Whether a byte ends an unquoted word.
pub(super) fn is_meta(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

/// How long the name of a variable at the beginning of a text is.
pub(super) fn name_length(bytes: &[u8]) -> usize {
    if bytes.first().is_none_or(u8::is_ascii_digit) {
        return 0;
    }
    bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
}

impl<'t> Parser<'t> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.ahead(0)
    }

    pub(super) fn ahead(&self, count: usize) -> Option<u8> {
        let at = self.at + count;
        (at < self.end).then(|| self.bytes[at])
    }

    pub(super) fn starts(&self, text: &str) -> bool {
        self.bytes[self.at..self.end].starts_with(text.as_bytes())
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    pub(super) fn feature(&mut self, kind: FeatureKind, start: usize, end: usize) {
        self.features.push(Feature { kind, span: span(start, end) });
    }

    /// One level deeper; `leave` goes back.
    pub(super) fn enter(&mut self) -> Parse<()> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(SyntaxError::new(Trouble::TooDeep, span(self.at, self.at)));
        }
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// The error that what is next cannot stand there.
    pub(super) fn unexpected(&self, wanted: Option<&'static str>) -> SyntaxError {
        let rest = &self.bytes[self.at.min(self.end)..self.end];
        let length = match rest.first() {
            None => return SyntaxError::new(Trouble::NoCommand, span(self.end, self.end)),
            Some(b'\n') => 0,
            Some(byte) if is_meta(*byte) => {
                let same = rest.iter().take_while(|next| *next == byte).count();
                if matches!(byte, b'(' | b')') { 1 } else { same.min(2) }
            }
            Some(_) => rest.iter().take_while(|byte| !is_meta(**byte)).count(),
        };
        SyntaxError::new(Trouble::Unexpected(wanted), span(self.at, self.at + length))
    }

    /// Skips what separates words on a line: space, continued lines, a comment.
    pub(super) fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\\') if self.ahead(1) == Some(b'\n') => self.at += 2,
                Some(b'#') => {
                    let rest = &self.bytes[self.at..self.end];
                    self.at += rest.iter().take_while(|byte| **byte != b'\n').count();
                }
                _ => break,
            }
        }
    }

    /// Skips empty lines too; bodies of here-documents begin behind the first.
    pub(super) fn newlines(&mut self) {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                break;
            }
            self.at += 1;
            self.bodies();
        }
    }

    /// The word at this place when it is one of the grammar's own, unquoted.
    pub(super) fn keyword(&self) -> Option<&'t str> {
        let rest = &self.bytes[self.at..self.end];
        let length = rest.iter().take(9).take_while(|byte| !is_meta(**byte)).count();
        let word = self.slice(self.at, self.at + length);
        let known = match word {
            "if" | "then" | "elif" | "else" | "fi" | "while" | "until" | "for" | "do" | "done" | "case"
            | "esac" | "{" | "}" | "!" | "[[" | "coproc" | "function" | "select" | "time" => true,
            _ => return None,
        };
        known.then_some(word)
    }

    /// Whether what is next ends a list.
    pub(super) fn at_closer(&self) -> bool {
        match self.peek() {
            None | Some(b')') => true,
            Some(b';') => matches!(self.ahead(1), Some(b';' | b'&')),
            Some(_) => {
                matches!(self.keyword(), Some("then" | "elif" | "else" | "fi" | "do" | "done" | "esac" | "}"))
            }
        }
    }

    /// A list, up to what ends it.
    pub(super) fn list(&mut self) -> Parse<List<'t>> {
        let mut list = List::default();
        self.list_into(&mut list).map(|()| list)
    }

    fn list_into(&mut self, list: &mut List<'t>) -> Parse<()> {
        loop {
            self.newlines();
            if self.at_closer() {
                return Ok(());
            }
            let mut item = self.and_or()?;
            self.blanks();
            let more = match self.peek() {
                Some(b';') if !matches!(self.ahead(1), Some(b';' | b'&')) => {
                    self.at += 1;
                    true
                }
                Some(b'&') => {
                    item.background = Some(span(self.at, self.at + 1));
                    self.at += 1;
                    true
                }
                Some(b'\n') => true,
                _ => false,
            };
            list.items.push(item);
            if !more {
                return Ok(());
            }
        }
    }

    fn and_or(&mut self) -> Parse<AndOr<'t>> {
        let mut item = AndOr { first: self.pipeline()?, rest: Vec::new(), background: None };
        loop {
            self.blanks();
            let connector = match (self.peek(), self.ahead(1)) {
                (Some(b'&'), Some(b'&')) => Connector::And,
                (Some(b'|'), Some(b'|')) => Connector::Or,
                _ => return Ok(item),
            };
            self.at += 2;
            self.newlines();
            item.rest.push((connector, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Parse<Pipeline<'t>> {
        self.blanks();
        let start = self.at;
        let mut negated = false;
        let mut prefixed = false;
        while let Some(word @ ("!" | "time")) = self.keyword() {
            if word == "time" && !self.times_a_compound() {
                break;
            }
            negated ^= word == "!";
            prefixed = true;
            self.at += word.len();
            self.blanks();
        }
        let mut commands = Vec::new();
        let alone = prefixed && matches!(self.peek(), None | Some(b'\n' | b';' | b')'));
        if alone {
            return Ok(Pipeline { negated, commands, span: span(start, self.last()) });
        }
        loop {
            commands.push(self.command()?);
            self.blanks();
            if self.peek() != Some(b'|') || self.ahead(1) == Some(b'|') {
                break;
            }
            let both = self.ahead(1) == Some(b'&');
            if both {
                self.feature(FeatureKind::PipeBoth, self.at, self.at + 2);
            }
            self.at += 1 + usize::from(both);
            self.newlines();
        }
        Ok(Pipeline { negated, commands, span: span(start, self.last()) })
    }

    /// Whether the `time` here is bash's own: as a program it is a command like others.
    fn times_a_compound(&self) -> bool {
        let rest = self.slice(self.at + 4, self.end).trim_start_matches([' ', '\t']);
        let rest = rest.strip_prefix("-p").unwrap_or(rest).trim_start_matches([' ', '\t']);
        let word = rest.split(|c: char| c.is_whitespace() || c == ';').next().unwrap_or_default();
        rest.starts_with('(') || matches!(word, "{" | "[[" | "if" | "for" | "while" | "until" | "case" | "!")
    }

    /// Where the last thing that was read ends.
    pub(super) fn last(&self) -> usize {
        let read = &self.bytes[..self.at];
        read.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |at| at + 1)
    }

    /// One command.
    pub(super) fn command(&mut self) -> Parse<Command<'t>> {
        self.blanks();
        self.enter()?;
        let command = match self.peek() {
            None => return Err(SyntaxError::new(Trouble::NoCommand, span(self.end, self.end))),
            Some(b'(') => self.parenthesis()?,
            Some(b';' | b'&' | b'|' | b')' | b'\n') if !self.starts("&>") => {
                return Err(self.unexpected(None));
            }
            Some(_) => match self.keyword() {
                Some("if") => self.if_()?,
                Some(word @ ("while" | "until")) => self.loop_(word)?,
                Some(word @ ("for" | "select")) => self.for_(word)?,
                Some("case") => self.case()?,
                Some("{") => self.group()?,
                Some("[[") => self.test()?,
                Some("function") => self.function_keyword()?,
                Some("coproc") => self.coproc()?,
                Some("then" | "elif" | "else" | "fi" | "do" | "done" | "esac" | "}") => {
                    return Err(self.unexpected(None));
                }
                Some(_) | None => self.simple()?,
            },
        };
        self.leave();
        Ok(command)
    }

    pub(super) fn simple(&mut self) -> Parse<Command<'t>> {
        let start = self.at;
        let mut simple = Simple::default();
        let mut end = start;
        loop {
            self.blanks();
            match self.peek() {
                None | Some(b'\n' | b';' | b'|' | b')') => break,
                Some(b'&') if self.ahead(1) != Some(b'>') => break,
                Some(b'(') => {
                    let named = simple.assignments.is_empty() && simple.redirections.is_empty();
                    return match &simple.words[..] {
                        [name] if named && name.literal => self.function(name.span),
                        _ => Err(self.unexpected(None)),
                    };
                }
                Some(b'<' | b'>') if self.ahead(1) == Some(b'(') => simple.words.push(self.word()?),
                Some(b'<' | b'>' | b'&') => simple.redirections.push(self.redirection()?),
                Some(_) if self.descriptor() > 0 => simple.redirections.push(self.redirection()?),
                Some(_) => {
                    let declares =
                        simple.words.first().is_some_and(|name| DECLARATIONS.contains(&&*name.text));
                    let assigns = simple.words.is_empty() || declares;
                    if let Some(value) = assigns.then(|| self.assigned()).flatten() {
                        let assignment = self.assignment(value)?;
                        if simple.words.is_empty() {
                            simple.assignments.push(assignment);
                        } else {
                            simple.words.push(self.as_word(assignment));
                        }
                    } else {
                        let word = self.word()?;
                        if matches!(&*word.text, "then" | "do") && !word.quoted && !simple.words.is_empty() {
                            self.swallowed = Some(word.span);
                        }
                        simple.words.push(word);
                    }
                }
            }
            end = self.at;
        }
        simple.span = span(start, end);
        simple.settle();
        Ok(Command::Simple(simple))
    }

    /// Where the value begins, when the word at this place is an assignment.
    fn assigned(&self) -> Option<usize> {
        let rest = &self.bytes[self.at..self.end];
        let mut length = name_length(rest);
        if length == 0 {
            return None;
        }
        if rest.get(length) == Some(&b'[') {
            let inside = rest.get(length..)?.iter().take(200);
            length += inside.take_while(|byte| !matches!(byte, b']' | b'\n')).count() + 1;
        }
        match (rest.get(length), rest.get(length + 1)) {
            (Some(b'='), _) => Some(self.at + length + 1),
            (Some(b'+'), Some(b'=')) => Some(self.at + length + 2),
            _ => None,
        }
    }

    fn assignment(&mut self, value: usize) -> Parse<Assignment<'t>> {
        let start = self.at;
        let name = self.slice(start, start + name_length(&self.bytes[start..self.end]));
        let head = self.slice(start + name.len(), value);
        if head.starts_with('[') {
            self.feature(FeatureKind::Array, start, value);
        } else if head.starts_with('+') {
            self.feature(FeatureKind::Append, start, value);
        }
        self.at = value;
        let value = if self.peek() == Some(b'(') { self.array(start)? } else { self.value()? };
        Ok(Assignment { name, value, span: span(start, self.at) })
    }

    /// An argument that is an assignment.
    fn as_word(&self, assignment: Assignment<'t>) -> Word<'t> {
        let Assignment { value, span, .. } = assignment;
        let head = self.slice(span.start as usize, value.span.start as usize);
        Word { text: format!("{head}{}", value.text).into(), span, ..value }
    }

    /// `( … )` behind `NAME=`.
    fn array(&mut self, start: usize) -> Parse<Word<'t>> {
        let open = self.at;
        self.at += 1;
        let mut parts = Vec::new();
        let mut literal = true;
        loop {
            self.newlines();
            match self.peek() {
                None => return Err(unclosed(Opener::Parenthesis, open)),
                Some(b')') => break,
                Some(b';' | b'&' | b'|' | b'(') => return Err(self.unexpected(None)),
                Some(b'<' | b'>') if self.ahead(1) != Some(b'(') => return Err(self.unexpected(None)),
                Some(_) => {
                    let mut word = self.word()?;
                    literal &= word.literal;
                    parts.append(&mut word.parts);
                }
            }
        }
        self.at += 1;
        self.feature(FeatureKind::Array, start, self.at);
        let text = self.slice(open, self.at).into();
        Ok(Word { text, literal, quoted: false, parts, span: span(open, self.at) })
    }

    /// The body of `name()`, whose name was read.
    fn function(&mut self, at: Span) -> Parse<Command<'t>> {
        let open = self.at;
        self.at += 1;
        self.blanks();
        match self.peek() {
            Some(b')') => self.at += 1,
            _ => return Err(SyntaxError::new(Trouble::Unexpected(None), span(open, open + 1))),
        }
        self.body(at)
    }

    pub(super) fn body(&mut self, at: Span) -> Parse<Command<'t>> {
        self.newlines();
        let body = Box::new(self.command()?);
        Ok(Command::Function(Function { name: self.slice(at.start as usize, at.end as usize), at, body }))
    }
}

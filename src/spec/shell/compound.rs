//! Compound commands: `if`, loops, `case`, groups, subshells, tests.

use super::error::{Opener, SyntaxError, Trouble};
use super::parser::{Parse, Parser, span, unclosed};
use super::{Command, Compound, CompoundKind, FeatureKind, List, Part, Word};

impl<'t> Parser<'t> {
    /// Takes a word of the grammar that has to stand here.
    fn expect(&mut self, wanted: &'static str, opener: usize, length: usize) -> Parse<()> {
        self.blanks();
        if self.keyword() == Some(wanted) {
            self.at += wanted.len();
            return Ok(());
        }
        let opened = span(opener, opener + length);
        if self.at >= self.end {
            let error = SyntaxError::new(Trouble::Missing(wanted), opened);
            return Err(SyntaxError { opened: Some(opened), ..error });
        }
        Err(SyntaxError { opened: Some(opened), ..self.unexpected(Some(wanted)) })
    }

    /// A list of at least one command, which another word of the grammar has to end.
    fn some(&mut self, wanted: &'static str, opener: usize, length: usize) -> Parse<List<'t>> {
        let list = self.list()?;
        if !list.items.is_empty() {
            return Ok(list);
        }
        let opened = Some(span(opener, opener + length));
        if self.at >= self.end {
            let error = SyntaxError::new(Trouble::Missing(wanted), span(opener, opener + length));
            return Err(SyntaxError { opened, ..error });
        }
        Err(SyntaxError { opened, ..self.unexpected(None) })
    }

    /// The compound that began at `start` and was read, with what is redirected behind it.
    fn compound(&mut self, kind: CompoundKind<'t>, start: usize) -> Parse<Command<'t>> {
        let span = span(start, self.at);
        let mut redirections = Vec::new();
        loop {
            self.blanks();
            let redirects = match self.peek() {
                Some(b'<' | b'>') => self.ahead(1) != Some(b'('),
                Some(b'&') => self.ahead(1) == Some(b'>'),
                Some(_) => self.descriptor() > 0,
                None => false,
            };
            if !redirects {
                break;
            }
            redirections.push(self.redirection()?);
        }
        match self.peek() {
            None | Some(b'\n' | b';' | b'&' | b'|' | b')') => {}
            // `{ a; } }` and `fi fi`: the list's reader knows what to make of it.
            Some(_) if self.at_closer() => {}
            Some(_) => return Err(self.unexpected(None)),
        }
        Ok(Command::Compound(Compound { kind, redirections, span }))
    }

    pub(super) fn if_(&mut self) -> Parse<Command<'t>> {
        let start = self.at;
        self.at += 2;
        let mut branches = Vec::new();
        let mut otherwise = None;
        let condition = self.some("then", start, 2)?;
        self.expect("then", start, 2)?;
        branches.push((condition, self.some("fi", start, 2)?));
        loop {
            match self.keyword() {
                Some("elif") => {
                    let at = self.at;
                    self.at += 4;
                    let condition = self.some("then", at, 4)?;
                    self.expect("then", at, 4)?;
                    branches.push((condition, self.some("fi", start, 2)?));
                }
                Some("else") => {
                    self.at += 4;
                    otherwise = Some(self.some("fi", start, 2)?);
                    break;
                }
                _ => break,
            }
        }
        self.expect("fi", start, 2)?;
        self.compound(CompoundKind::If(branches, otherwise), start)
    }

    pub(super) fn loop_(&mut self, word: &str) -> Parse<Command<'t>> {
        let start = self.at;
        self.at += word.len();
        let condition = self.some("do", start, word.len())?;
        let body = self.do_group(start, word.len())?;
        self.compound(CompoundKind::Loop(condition, body), start)
    }

    fn do_group(&mut self, start: usize, length: usize) -> Parse<List<'t>> {
        self.expect("do", start, length)?;
        let body = self.some("done", start, length)?;
        self.expect("done", start, length)?;
        Ok(body)
    }

    pub(super) fn for_(&mut self, word: &str) -> Parse<Command<'t>> {
        let start = self.at;
        self.at += word.len();
        if word == "select" {
            self.feature(FeatureKind::Select, start, self.at);
        }
        self.blanks();
        let mut words = Vec::new();
        let mut name = "";
        if word == "for" && self.starts("((") {
            let open = self.at;
            let Some(end) = self.arithmetic_end(open + 2) else { return Err(self.unexpected(None)) };
            self.feature(FeatureKind::ArithmeticFor, start, end);
            let parts = self.expanded(open + 2, end - 2);
            self.at = end;
            words.push(self.raw(open, end, parts));
            self.blanks();
            if self.peek() == Some(b';') {
                self.at += 1;
            }
        } else {
            if self.at >= self.end {
                let error = SyntaxError::new(Trouble::Missing("do"), span(start, start + word.len()));
                return Err(error);
            }
            let variable = self.at;
            let read = self.word()?;
            if read.span.is_empty() {
                return Err(self.unexpected(None));
            }
            name = self.slice(variable, self.at);
            self.newlines();
            if self.starts("in") && self.ahead(2).is_none_or(super::parser::is_meta) {
                self.at += 2;
                loop {
                    self.blanks();
                    match self.peek() {
                        None | Some(b'\n' | b';') => break,
                        Some(b'<' | b'>') if self.ahead(1) == Some(b'(') => words.push(self.word()?),
                        Some(byte) if super::parser::is_meta(byte) => return Err(self.unexpected(None)),
                        Some(_) => {
                            let read = self.word()?;
                            if read.text == "do" && !read.quoted {
                                self.swallowed = Some(read.span);
                            }
                            words.push(read);
                        }
                    }
                }
            }
            self.blanks();
            if self.peek() == Some(b';') && self.ahead(1) != Some(b';') {
                self.at += 1;
            }
        }
        self.newlines();
        let body =
            if self.keyword() == Some("{") { self.braces()? } else { self.do_group(start, word.len())? };
        self.compound(CompoundKind::For(name, words, body), start)
    }

    pub(super) fn case(&mut self) -> Parse<Command<'t>> {
        let start = self.at;
        let missing = |word| {
            let opened = span(start, start + 4);
            SyntaxError { opened: Some(opened), ..SyntaxError::new(Trouble::Missing(word), opened) }
        };
        self.at += 4;
        self.blanks();
        if self.at >= self.end {
            return Err(missing("in"));
        }
        let subject = self.word()?;
        if subject.span.is_empty() {
            return Err(self.unexpected(None));
        }
        self.newlines();
        if self.at >= self.end {
            return Err(missing("in"));
        }
        if !(self.starts("in") && self.ahead(2).is_none_or(super::parser::is_meta)) {
            return Err(SyntaxError { opened: Some(span(start, start + 4)), ..self.unexpected(Some("in")) });
        }
        self.at += 2;
        let mut arms = Vec::new();
        loop {
            self.newlines();
            if self.at >= self.end {
                return Err(missing("esac"));
            }
            if self.keyword() == Some("esac") {
                self.at += 4;
                break;
            }
            if self.peek() == Some(b'(') {
                self.at += 1;
                self.blanks();
            }
            self.patterns()?;
            arms.push(self.list()?);
            match self.peek() {
                Some(b';') => {
                    let length = if self.starts(";;&") { 3 } else { 2 };
                    if length == 3 || self.ahead(1) == Some(b'&') {
                        self.feature(FeatureKind::FallThrough, self.at, self.at + length);
                    }
                    self.at += length;
                }
                None => return Err(missing("esac")),
                Some(_) if self.keyword() == Some("esac") => {}
                Some(_) => {
                    let opened = Some(span(start, start + 4));
                    return Err(SyntaxError { opened, ..self.unexpected(Some("esac")) });
                }
            }
        }
        self.compound(CompoundKind::Case(subject, arms), start)
    }

    /// `a | b)`
    fn patterns(&mut self) -> Parse<()> {
        loop {
            self.blanks();
            let word = self.word()?;
            if word.span.is_empty() {
                return Err(self.unexpected(None));
            }
            self.blanks();
            match self.peek() {
                Some(b'|') if self.ahead(1) != Some(b'|') => self.at += 1,
                Some(b')') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.unexpected(None)),
            }
        }
    }

    pub(super) fn group(&mut self) -> Parse<Command<'t>> {
        let start = self.at;
        let list = self.braces()?;
        self.compound(CompoundKind::Group(list), start)
    }

    fn braces(&mut self) -> Parse<List<'t>> {
        let start = self.at;
        self.at += 1;
        let list = self.some("}", start, 1)?;
        self.expect("}", start, 1)?;
        Ok(list)
    }

    /// `( … )` or `(( … ))`.
    pub(super) fn parenthesis(&mut self) -> Parse<Command<'t>> {
        let start = self.at;
        if self.ahead(1) == Some(b'(')
            && let Some(end) = self.arithmetic_end(start + 2)
        {
            self.feature(FeatureKind::ArithmeticCommand, start, end);
            let parts = self.expanded(start + 2, end - 2);
            self.at = end;
            let word = self.raw(start, end, parts);
            return self.compound(CompoundKind::Test(vec![word]), start);
        }
        self.at += 1;
        let list = self.list()?;
        match self.peek() {
            None => return Err(unclosed(Opener::Parenthesis, start)),
            Some(b')') if !list.items.is_empty() => self.at += 1,
            Some(_) => return Err(self.unexpected(Some(")"))),
        }
        self.compound(CompoundKind::Subshell(list), start)
    }

    /// `[[ … ]]`
    pub(super) fn test(&mut self) -> Parse<Command<'t>> {
        let start = self.at;
        self.at += 2;
        let mut words = Vec::new();
        loop {
            self.newlines();
            match self.peek() {
                None => return Err(unclosed(Opener::DoubleBracket, start)),
                Some(b'(' | b')' | b'&' | b'|') => self.at += 1,
                Some(b'<' | b'>') if self.ahead(1) != Some(b'(') => self.at += 1,
                Some(b';') => return Err(self.unexpected(Some("]]"))),
                Some(_) => {
                    let word = self.word_of_test()?;
                    if word.text == "]]" && !word.quoted {
                        break;
                    }
                    let matches = word.text == "=~" && !word.quoted;
                    words.push(word);
                    if matches {
                        self.blanks();
                        words.push(self.pattern_of_test()?);
                    }
                }
            }
        }
        self.feature(FeatureKind::DoubleBracket, start, self.at);
        self.compound(CompoundKind::Test(words), start)
    }

    pub(super) fn function_keyword(&mut self) -> Parse<Command<'t>> {
        let start = self.at;
        self.at += "function".len();
        self.blanks();
        let name = self.word()?;
        if name.span.is_empty() {
            return Err(self.unexpected(None));
        }
        self.feature(FeatureKind::FunctionKeyword, start, self.at);
        self.blanks();
        if self.peek() == Some(b'(') && self.ahead(1) != Some(b'(') {
            let open = self.at;
            self.at += 1;
            self.blanks();
            if self.peek() == Some(b')') {
                self.at += 1;
            } else {
                // The body is a subshell.
                self.at = open;
            }
        }
        self.body(name.span)
    }

    /// `coproc { …; }`, `coproc NAME { …; }`, `coproc words`; to `sh` it is a command like others.
    pub(super) fn coproc(&mut self) -> Parse<Command<'t>> {
        let start = self.at;
        self.at += "coproc".len();
        let end = self.at;
        self.blanks();
        if matches!(self.peek(), None | Some(b'\n' | b';' | b'&' | b'|' | b')')) {
            self.at = start;
            return self.simple();
        }
        self.feature(FeatureKind::Coproc, start, end);
        let is_compound = |parser: &Self| {
            let opens = ["{", "[[", "if", "while", "until", "for", "select", "case"];
            parser.peek() == Some(b'(') || parser.keyword().is_some_and(|word| opens.contains(&word))
        };
        if !is_compound(self) {
            let command = self.at;
            self.word()?;
            self.blanks();
            if !is_compound(self) {
                self.at = command;
                return self.simple();
            }
        }
        self.command()
    }

    /// A stretch of text as one word.
    fn raw(&self, start: usize, end: usize, parts: Vec<Part<'t>>) -> Word<'t> {
        let text = self.slice(start, end).into();
        Word { text, literal: parts.is_empty(), quoted: false, parts, span: span(start, end) }
    }
}

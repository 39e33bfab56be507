//! Words: quotes, expansions, substitutions.

use std::borrow::Cow;

use super::error::{Opener, SyntaxError, Trouble};
use super::parser::{Parse, Parser, is_meta, name_length, span, unclosed};
use super::{FeatureKind, Part, Variable, Word};

/// How far ahead a brace is followed.
const BRACES: usize = 200;

/// Where a word stands: what ends it, and what is special in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An argument.
    Argument,
    /// The value of an assignment, where braces are not expanded.
    Value,
    /// An operand of `[[ … ]]`, with patterns and without braces.
    Operand,
    /// The regular expression of `=~`.
    Pattern,
}

/// A word on the way.
struct Making<'t> {
    start: usize,
    /// None as long as the text is what was read.
    text: Option<String>,
    literal: bool,
    quoted: bool,
    parts: Vec<Part<'t>>,
}

impl<'t> Parser<'t> {
    /// The word at this place; an empty span when there is none.
    pub(super) fn word(&mut self) -> Parse<Word<'t>> {
        self.word_of(Kind::Argument)
    }

    pub(super) fn value(&mut self) -> Parse<Word<'t>> {
        self.word_of(Kind::Value)
    }

    pub(super) fn word_of_test(&mut self) -> Parse<Word<'t>> {
        self.word_of(Kind::Operand)
    }

    pub(super) fn pattern_of_test(&mut self) -> Parse<Word<'t>> {
        self.word_of(Kind::Pattern)
    }

    fn word_of(&mut self, kind: Kind) -> Parse<Word<'t>> {
        let start = self.at;
        let mut word = Making { start, text: None, literal: true, quoted: false, parts: Vec::new() };
        let mut nested = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'<' | b'>' if self.ahead(1) == Some(b'(') => self.process(&mut word)?,
                b'(' if kind == Kind::Pattern => {
                    nested += 1;
                    self.push(&mut word, 1);
                }
                b')' if kind == Kind::Pattern && nested > 0 => {
                    nested -= 1;
                    self.push(&mut word, 1);
                }
                b'|' | b' ' if kind == Kind::Pattern && nested > 0 => self.push(&mut word, 1),
                b'|' if kind == Kind::Pattern && self.ahead(1) != Some(b'|') => self.push(&mut word, 1),
                b'(' if self.is_extended(kind) => self.extended_pattern(&mut word)?,
                _ if is_meta(byte) => break,
                b'\\' => {
                    self.text_so_far(&mut word);
                    let escaped = self.escaped();
                    if escaped != "\n" {
                        word.quoted = true;
                        word.append(escaped);
                    }
                    self.at += 1 + escaped.len();
                }
                b'\'' => {
                    self.text_so_far(&mut word);
                    let open = self.at;
                    let inside = self.single_quoted(open)?;
                    word.quoted = true;
                    word.append(inside);
                }
                b'"' => {
                    self.text_so_far(&mut word);
                    word.quoted = true;
                    self.double_quoted(&mut word)?;
                }
                b'$' if self.ahead(1) == Some(b'\'') => {
                    self.text_so_far(&mut word);
                    self.ansi_quoted(&mut word)?;
                }
                b'$' if self.ahead(1) == Some(b'"') => {
                    self.text_so_far(&mut word);
                    self.at += 1;
                }
                b'$' | b'`' => self.expansion(&mut word, false)?,
                b'{' if kind == Kind::Argument => {
                    if let Some(length) = self.braces_to_expand() {
                        self.feature(FeatureKind::Braces, self.at, self.at + length);
                    }
                    self.push(&mut word, 1);
                }
                _ => {
                    let rest = &self.bytes[self.at..self.end];
                    let plain = |byte: &&u8| {
                        !is_meta(**byte) && !matches!(**byte, b'\\' | b'\'' | b'"' | b'$' | b'`' | b'{')
                    };
                    let length = rest.iter().take_while(plain).count().max(1);
                    self.push(&mut word, length);
                }
            }
        }
        let Making { text, literal, quoted, parts, .. } = word;
        let text = text.map_or_else(|| Cow::Borrowed(self.slice(start, self.at)), Cow::Owned);
        Ok(Word { text, literal, quoted, parts, span: span(start, self.at) })
    }

    /// Takes bytes as they are.
    fn push(&mut self, word: &mut Making<'t>, length: usize) {
        if let Some(text) = &mut word.text {
            text.push_str(self.slice(self.at, self.at + length));
        }
        self.at += length;
    }

    /// From here on the text of the word is something else than what was read.
    fn text_so_far(&self, word: &mut Making<'t>) {
        if word.text.is_none() {
            word.text = Some(self.slice(word.start, self.at).to_owned());
        }
    }

    /// What a backslash at this place takes its meaning from.
    fn escaped(&self) -> &'t str {
        let rest = self.slice(self.at + 1, self.end);
        rest.get(..rest.chars().next().map_or(0, char::len_utf8)).unwrap_or_default()
    }

    fn single_quoted(&mut self, open: usize) -> Parse<&'t str> {
        let rest = &self.bytes[open + 1..self.end];
        let Some(length) = rest.iter().position(|byte| *byte == b'\'') else {
            return Err(unclosed(Opener::SingleQuote, open));
        };
        self.at = open + length + 2;
        Ok(self.slice(open + 1, open + 1 + length))
    }

    /// `$'…'`
    fn ansi_quoted(&mut self, word: &mut Making<'t>) -> Parse<()> {
        let open = self.at;
        self.at += 2;
        loop {
            match self.peek() {
                None => return Err(unclosed(Opener::SingleQuote, open + 1)),
                Some(b'\'') => break,
                Some(b'\\') => self.at = (self.at + 1 + self.escaped().len()).max(self.at + 1),
                Some(_) => self.at += 1,
            }
        }
        word.append(self.slice(open + 2, self.at));
        word.quoted = true;
        self.at += 1;
        self.feature(FeatureKind::AnsiQuote, open, self.at);
        Ok(())
    }

    fn double_quoted(&mut self, word: &mut Making<'t>) -> Parse<()> {
        let open = self.at;
        self.at += 1;
        self.enter()?;
        loop {
            match self.peek() {
                None => return Err(unclosed(Opener::DoubleQuote, open)),
                Some(b'"') => break,
                Some(b'\\') => {
                    let escaped = self.escaped();
                    match escaped {
                        "\n" => {}
                        "$" | "`" | "\"" | "\\" => word.append(escaped),
                        _ => {
                            word.append("\\");
                            word.append(escaped);
                        }
                    }
                    self.at += 1 + escaped.len();
                }
                Some(b'$' | b'`') => self.expansion(word, true)?,
                Some(_) => {
                    let rest = &self.bytes[self.at..self.end];
                    let plain = |byte: &&u8| !matches!(**byte, b'\\' | b'"' | b'$' | b'`');
                    let length = rest.iter().take_while(plain).count();
                    self.push(word, length);
                }
            }
        }
        self.at += 1;
        self.leave();
        Ok(())
    }

    /// What is expanded in a stretch of text without quotes of its own. What is wrong in there is not said: a shell finds
    /// that only when it comes to it.
    pub(super) fn expanded(&mut self, start: usize, end: usize) -> Vec<Part<'t>> {
        let (kept_end, kept_depth) = (self.end, self.depth);
        let mut word =
            Making { start, text: Some(String::new()), literal: true, quoted: true, parts: Vec::new() };
        self.at = start;
        self.end = end;
        while let Some(byte) = self.peek() {
            match byte {
                b'\\' => self.at += 1 + self.escaped().len(),
                b'$' | b'`' => {
                    if self.expansion(&mut word, true).is_err() {
                        break;
                    }
                }
                _ => {
                    let rest = &self.bytes[self.at..self.end];
                    self.at += rest.iter().take_while(|byte| !matches!(**byte, b'\\' | b'$' | b'`')).count();
                }
            }
        }
        self.end = kept_end;
        self.depth = kept_depth;
        word.parts
    }

    /// `$…` or a backquote.
    fn expansion(&mut self, word: &mut Making<'t>, quoted: bool) -> Parse<()> {
        let start = self.at;
        self.enter()?;
        if self.peek() == Some(b'`') {
            self.backquoted(word)?;
        } else if self.starts("$((")
            && let Some(end) = self.arithmetic_end(start + 3)
        {
            let mut parts = self.expanded(start + 3, end - 2);
            word.parts.append(&mut parts);
            self.at = end;
            word.literal = false;
        } else if self.starts("$(") {
            self.at += 2;
            let list = match self.list() {
                // The quote that ends the text around it is taken for one that begins inside.
                Err(error) if quoted && error.trouble == Trouble::Unclosed(Opener::DoubleQuote) => {
                    return Err(unclosed(Opener::Substitution, start));
                }
                list => list?,
            };
            match self.peek() {
                None => return Err(unclosed(Opener::Substitution, start)),
                Some(b')') => self.at += 1,
                Some(_) => {
                    let opened = Some(span(start, start + 2));
                    return Err(SyntaxError { opened, ..self.unexpected(Some(")")) });
                }
            }
            word.parts.push(Part::Substitution(list, span(start, self.at)));
            word.literal = false;
        } else if self.starts("${") {
            self.braced(word, quoted)?;
        } else if self.starts("$[") && !quoted {
            let rest = &self.bytes[start..self.end];
            if let Some(length) = rest.iter().position(|byte| *byte == b']') {
                self.at += length + 1;
                self.feature(FeatureKind::OldArithmetic, start, self.at);
                word.literal = false;
            } else {
                self.at += 1;
            }
        } else {
            let rest = &self.bytes[start + 1..self.end];
            let length = match rest.first() {
                Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!' | b'0'..=b'9') => 1,
                _ => name_length(rest),
            };
            self.at += 1 + length;
            if length > 0 {
                let name = self.slice(start + 1, self.at);
                word.parts.push(Part::Variable(Variable {
                    name,
                    operator: "",
                    quoted,
                    span: span(start, self.at),
                }));
                word.literal = false;
            }
        }
        if let Some(text) = &mut word.text {
            text.push_str(self.text.get(start..self.at).unwrap_or_default());
        }
        self.leave();
        Ok(())
    }

    /// A backquoted command. What is wrong inside is found when it runs.
    fn backquoted(&mut self, word: &mut Making<'t>) -> Parse<()> {
        let open = self.at;
        self.at += 1;
        let mut escapes = false;
        loop {
            match self.peek() {
                None => return Err(unclosed(Opener::Backquote, open)),
                Some(b'`') => break,
                Some(b'\\') => {
                    escapes = true;
                    self.at += 1 + self.escaped().len();
                }
                Some(_) => self.at += 1,
            }
        }
        let close = self.at;
        let mut list = super::List::default();
        if !escapes {
            let (kept_end, kept_depth) = (self.end, self.depth);
            self.at = open + 1;
            self.end = close;
            list = self.list().unwrap_or_default();
            self.end = kept_end;
            self.depth = kept_depth;
        }
        self.at = close + 1;
        word.parts.push(Part::Substitution(list, span(open, self.at)));
        word.literal = false;
        Ok(())
    }

    /// `<( … )`
    fn process(&mut self, word: &mut Making<'t>) -> Parse<()> {
        let start = self.at;
        self.enter()?;
        self.at += 2;
        let list = self.list()?;
        match self.peek() {
            None => return Err(unclosed(Opener::Parenthesis, start + 1)),
            Some(b')') => self.at += 1,
            Some(_) => return Err(self.unexpected(Some(")"))),
        }
        self.leave();
        self.feature(FeatureKind::ProcessSubstitution, start, self.at);
        if let Some(text) = &mut word.text {
            text.push_str(self.text.get(start..self.at).unwrap_or_default());
        }
        word.parts.push(Part::Process(list, span(start, self.at)));
        word.literal = false;
        Ok(())
    }

    /// `${…}`
    fn braced(&mut self, word: &mut Making<'t>, quoted: bool) -> Parse<()> {
        let start = self.at;
        self.at += 2;
        let mut indirect = false;
        match (self.peek(), self.ahead(1)) {
            (Some(b'#'), Some(next)) if next != b'}' => self.at += 1,
            (Some(b'!'), Some(next)) if next != b'}' => {
                indirect = true;
                self.at += 1;
            }
            _ => {}
        }
        let rest = &self.bytes[self.at..self.end];
        let length = match rest.first() {
            Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => 1,
            Some(b'0'..=b'9') => rest.iter().take_while(|byte| byte.is_ascii_digit()).count(),
            _ => name_length(rest),
        };
        let name = self.slice(self.at, self.at + length);
        self.at += length;
        let behind = self.at;
        let pattern = matches!(self.peek(), Some(b'#' | b'%' | b'/' | b'^' | b','));
        let mut inside = Making {
            start: behind,
            text: Some(String::new()),
            literal: true,
            quoted: false,
            parts: Vec::new(),
        };
        loop {
            match self.peek() {
                None => return Err(unclosed(Opener::Expansion, start)),
                Some(b'}') => break,
                Some(b'\\') => self.at += 1 + self.escaped().len(),
                Some(b'\'') if !quoted || pattern => {
                    self.single_quoted(self.at)?;
                }
                Some(b'"') => self.double_quoted(&mut inside)?,
                Some(b'$' | b'`') => self.expansion(&mut inside, quoted)?,
                Some(b'<' | b'>') if self.ahead(1) == Some(b'(') && !quoted => self.process(&mut inside)?,
                Some(_) => self.at += 1,
            }
        }
        let operator = self.slice(behind, self.at);
        self.at += 1;
        if !name.is_empty()
            && let Some(kind) = expansion_of_bash(operator, indirect)
        {
            self.feature(kind, start, self.at);
        }
        word.parts.push(Part::Variable(Variable { name, operator, quoted, span: span(start, self.at) }));
        word.parts.append(&mut inside.parts);
        word.literal = false;
        Ok(())
    }

    /// Whether the `(` here belongs to a pattern such as `@(a|b)`.
    fn is_extended(&self, kind: Kind) -> bool {
        let before = self.at.checked_sub(1).map(|at| self.bytes[at]);
        (self.extended || kind == Kind::Operand) && matches!(before, Some(b'?' | b'*' | b'+' | b'@' | b'!'))
    }

    fn extended_pattern(&mut self, word: &mut Making<'t>) -> Parse<()> {
        let open = self.at;
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                None => return Err(unclosed(Opener::Parenthesis, open)),
                Some(b'(') => depth += 1,
                Some(b')') if depth == 1 => break,
                Some(b')') => depth -= 1,
                Some(b'\'') => {
                    self.single_quoted(self.at)?;
                    continue;
                }
                Some(_) => {}
            }
            self.at += 1;
        }
        self.at += 1;
        self.feature(FeatureKind::ExtendedPattern, open.saturating_sub(1), self.at);
        if let Some(text) = &mut word.text {
            text.push_str(self.text.get(open..self.at).unwrap_or_default());
        }
        Ok(())
    }

    /// How long the braces at this place are, when bash makes several words of them.
    fn braces_to_expand(&self) -> Option<usize> {
        if self.at.checked_sub(1).is_some_and(|at| matches!(self.bytes[at], b'$' | b'{')) {
            return None;
        }
        let rest = &self.bytes[self.at..self.end.min(self.at + BRACES)];
        let mut several = false;
        let mut depth = 0_usize;
        for (index, byte) in rest.iter().enumerate() {
            match byte {
                b'{' => depth += 1,
                b'}' if depth == 1 => return several.then_some(index + 1),
                b'}' => depth -= 1,
                b',' if depth == 1 => several = true,
                b'.' if depth == 1 && rest.get(index + 1) == Some(&b'.') => several = true,
                b'"' | b'\'' | b'\\' => return None,
                byte if is_meta(*byte) => return None,
                _ => {}
            }
        }
        None
    }

    /// Where the arithmetic ends whose inside begins at `start`; none when the parentheses are those of subshells.
    pub(super) fn arithmetic_end(&self, start: usize) -> Option<usize> {
        let mut depth = 2_usize;
        let mut at = start;
        while at < self.end {
            match self.bytes[at] {
                b'(' => depth += 1,
                b')' if depth == 2 => {
                    return (at + 1 < self.end && self.bytes[at + 1] == b')').then_some(at + 2);
                }
                b')' => depth -= 1,
                b'\\' => at += 1,
                quote @ (b'\'' | b'"') => {
                    at += 1;
                    while at < self.end && self.bytes[at] != quote {
                        at += 1 + usize::from(self.bytes[at] == b'\\' && quote == b'"');
                    }
                }
                _ => {}
            }
            at += 1;
        }
        None
    }
}

impl Making<'_> {
    fn append(&mut self, text: &str) {
        if let Some(own) = &mut self.text {
            own.push_str(text);
        }
    }
}

/// What bash alone knows of what stands behind a name in `${NAME…}`.
fn expansion_of_bash(operator: &str, indirect: bool) -> Option<FeatureKind> {
    if indirect {
        return Some(FeatureKind::Indirect);
    }
    let mut bytes = operator.bytes();
    match (bytes.next()?, bytes.next()) {
        (b'[', _) => Some(FeatureKind::Array),
        (b'^' | b',', _) => Some(FeatureKind::ChangeCase),
        (b'/', _) => Some(FeatureKind::Replace),
        (b'@', Some(_)) => Some(FeatureKind::Transform),
        (b':', Some(b' ' | b'$' | b'(' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_')) => {
            Some(FeatureKind::Substring)
        }
        _ => None,
    }
}

//! Words and their quotes.

use std::borrow::Cow;

use super::error::Opener;
use super::parser::{Parse, Parser, is_meta, span, unclosed};
use super::{FeatureKind, Part, Word};

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
pub(super) struct Making<'t> {
    /// What it says so far: most words are one stretch of the text, inside their quotes.
    text: Cow<'t, str>,
    /// Where the last stretch ends.
    end: usize,
    pub(super) literal: bool,
    pub(super) quoted: bool,
    pub(super) parts: Vec<Part<'t>>,
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
        let mut word = Making::default();
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
                    let escaped = self.escaped();
                    self.at += 1;
                    if escaped == "\n" {
                        self.at += 1;
                    } else {
                        word.quoted = true;
                        self.push(&mut word, escaped.len());
                    }
                }
                b'\'' => {
                    let open = self.at;
                    self.single_quoted(open)?;
                    word.quoted = true;
                    word.take(self.text, open + 1, self.at - 1);
                }
                b'"' => {
                    word.quoted = true;
                    self.double_quoted(&mut word)?;
                }
                b'$' if self.ahead(1) == Some(b'\'') => self.ansi_quoted(&mut word)?,
                b'$' if self.ahead(1) == Some(b'"') => self.at += 1,
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
        Ok(Word { text, literal, quoted, parts, span: span(start, self.at) })
    }

    /// Takes bytes as they are.
    fn push(&mut self, word: &mut Making<'t>, length: usize) {
        word.take(self.text, self.at, self.at + length);
        self.at += length;
    }

    /// What a backslash at this place takes its meaning from.
    pub(super) fn escaped(&self) -> &'t str {
        let rest = self.slice(self.at + 1, self.end);
        rest.get(..rest.chars().next().map_or(0, char::len_utf8)).unwrap_or_default()
    }

    pub(super) fn single_quoted(&mut self, open: usize) -> Parse<&'t str> {
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
        word.take(self.text, open + 2, self.at);
        word.quoted = true;
        self.at += 1;
        self.feature(FeatureKind::AnsiQuote, open, self.at);
        Ok(())
    }

    pub(super) fn double_quoted(&mut self, word: &mut Making<'t>) -> Parse<()> {
        let open = self.at;
        self.at += 1;
        self.enter()?;
        loop {
            match self.peek() {
                None => return Err(unclosed(Opener::DoubleQuote, open)),
                Some(b'"') => break,
                Some(b'\\') => {
                    let escaped = self.escaped();
                    let (start, end) = (self.at, self.at + 1 + escaped.len());
                    match escaped {
                        "\n" => {}
                        "$" | "`" | "\"" | "\\" => word.take(self.text, start + 1, end),
                        _ => word.take(self.text, start, end),
                    }
                    self.at = end;
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
        word.take(self.text, open, self.at);
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
}

impl Default for Making<'_> {
    fn default() -> Self {
        Self { text: Cow::Borrowed(""), end: 0, literal: true, quoted: false, parts: Vec::new() }
    }
}

impl<'t> Making<'t> {
    /// Goes on with a stretch of the text.
    pub(super) fn take(&mut self, text: &'t str, start: usize, end: usize) {
        let stretch = |start: usize| text.get(start..end).unwrap_or_default();
        match &mut self.text {
            Cow::Borrowed(so_far) if so_far.is_empty() => *so_far = stretch(start),
            Cow::Borrowed(so_far) if self.end == start => *so_far = stretch(start - so_far.len()),
            so_far => so_far.to_mut().push_str(stretch(start)),
        }
        self.end = end;
    }
}

//! What is expanded in words: variables, substitutions, arithmetic.

use super::error::{Opener, SyntaxError, Trouble};
use super::parser::{Parse, Parser, name_length, span, unclosed};
use super::word::Making;
use super::{FeatureKind, List, Part, Variable};

impl<'t> Parser<'t> {
    /// What is expanded in a stretch of text without quotes of its own. What is wrong in there is not said: a shell finds
    /// that only when it comes to it.
    pub(super) fn expanded(&mut self, start: usize, end: usize) -> Vec<Part<'t>> {
        let (kept_end, kept_depth) = (self.end, self.depth);
        let mut word = Making::default();
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
    pub(super) fn expansion(&mut self, word: &mut Making<'t>, quoted: bool) -> Parse<()> {
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
        word.take(self.text, start, self.at);
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
        let mut list = List::default();
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
    pub(super) fn process(&mut self, word: &mut Making<'t>) -> Parse<()> {
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
        word.take(self.text, start, self.at);
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
        let mut inside = Making::default();
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

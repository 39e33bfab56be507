//! Redirections and here-documents.

use super::error::{SyntaxError, Trouble};
use super::parser::{Parse, Parser, is_meta, name_length, span};
use super::{FeatureKind, Heredoc, Redirection, Word};
use crate::syntax::Span;

/// A here-document whose body begins on the next line.
pub(super) struct Pending<'t> {
    index: usize,
    opened: Span,
    ends: Word<'t>,
    tabs: bool,
}

impl<'t> Parser<'t> {
    /// How many bytes before a redirection say what is redirected: `2>`, `{log}>`.
    pub(super) fn descriptor(&self) -> usize {
        let rest = &self.bytes[self.at..self.end];
        let length = match rest.first() {
            Some(b'0'..=b'9') => rest.iter().take_while(|byte| byte.is_ascii_digit()).count(),
            Some(b'{') => match rest.get(name_length(&rest[1..]) + 1) {
                Some(b'}') if name_length(&rest[1..]) > 0 => name_length(&rest[1..]) + 2,
                _ => 0,
            },
            _ => 0,
        };
        if matches!(rest.get(length), Some(b'<' | b'>')) { length } else { 0 }
    }

    pub(super) fn redirection(&mut self) -> Parse<Redirection<'t>> {
        let start = self.at;
        let descriptor = self.descriptor();
        if descriptor > 0 && self.peek() == Some(b'{') {
            self.feature(FeatureKind::NamedDescriptor, start, start + descriptor);
        }
        self.at += descriptor;
        let operators = ["&>>", "<<<", "<<-", "<<", ">>", "<&", ">&", "<>", ">|", "&>", "<", ">"];
        let operator = operators.into_iter().find(|operator| self.starts(operator)).unwrap_or(">");
        let sign = self.at;
        self.at += operator.len();
        let operator = self.slice(sign, self.at);
        self.blanks();
        match self.peek() {
            None | Some(b'\n') => {
                return Err(SyntaxError::new(Trouble::NoTarget, span(start, sign + operator.len())));
            }
            Some(b'<' | b'>') if self.ahead(1) == Some(b'(') => {}
            Some(byte) if is_meta(byte) => return Err(self.unexpected(None)),
            Some(_) => {}
        }
        let target = self.word()?;
        let described = target.text.trim_end_matches('-').bytes().all(|byte| byte.is_ascii_digit());
        match operator {
            "&>" | "&>>" => self.feature(FeatureKind::RedirectBoth, start, self.at),
            ">&" if descriptor == 0 && !described && target.literal => {
                self.feature(FeatureKind::RedirectBoth, start, self.at);
            }
            "<<<" => self.feature(FeatureKind::HereString, start, self.at),
            _ => {}
        }
        let opened = span(start, self.at);
        let heredoc = matches!(operator, "<<" | "<<-").then(|| {
            let word = target.text.clone();
            self.heredocs.push(Heredoc { opened, word, ..Heredoc::default() });
            let index = self.heredocs.len() - 1;
            self.pending.push(Pending { index, opened, ends: target.clone(), tabs: operator == "<<-" });
            index
        });
        let descriptor = self.slice(start, sign);
        Ok(Redirection { descriptor, operator, target, heredoc, span: opened })
    }

    /// The bodies of here-documents that begin here. One without an end goes on to the end of the text, as in both shells.
    pub(super) fn bodies(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            let start = self.at;
            let (mut end, mut is_ended) = (self.end, false);
            while self.at < self.end {
                let rest = self.slice(self.at, self.end);
                let line = rest.split('\n').next().unwrap_or_default();
                let next = (self.at + line.len() + 1).min(self.end);
                let written = if pending.tabs { line.trim_start_matches('\t') } else { line };
                if written == pending.ends.text {
                    (end, is_ended) = (self.at, true);
                    self.at = next;
                    break;
                }
                self.at = next;
            }
            let after = self.at;
            let parts = if pending.ends.quoted { Vec::new() } else { self.expanded(start, end) };
            self.at = after;
            let (opened, word) = (pending.opened, pending.ends.text);
            self.heredocs[pending.index] = Heredoc { opened, word, body: span(start, end), is_ended, parts };
        }
    }
}

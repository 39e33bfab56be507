//! The part of a file that is drawn with a finding.
//!
//! Owns: the lines around its labels, and a part of a line that is too long to be drawn whole, such as a document of JSON in
//! one line. Leaves to `human`: the drawing.

use std::borrow::Cow;
use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::human::{told, visible};
use crate::syntax::{SourceFile, Span};

/// A line longer than this many bytes is not drawn whole: it is no line a person wrote.
const LONGEST_LINE: u32 = 300;

/// Bytes of such a line that are drawn before and behind the beginning of a label.
const AROUND: (u32, u32) = (40, 60);

/// Labels so many lines apart are drawn in one piece, with the lines between them.
const NEAR: usize = 12;

/// Whether the lines of a place and those beside them, which are drawn too, are all short enough.
pub(super) fn is_drawable(source: &SourceFile, span: Span) -> bool {
    let (first, last) = (source.position(span.start).line, source.position(span.end).line);
    (first.saturating_sub(1).max(1)..=last.saturating_add(1).min(source.line_count()))
        .all(|line| source.line_span(line).is_some_and(|span| span.len() <= LONGEST_LINE))
}

/// A source file's text, harmless for a terminal, with its name.
#[derive(Debug)]
pub(super) struct Excerpt {
    name: String,
    pub(super) source: Arc<SourceFile>,
    /// The text where it had to be changed.
    changed: Option<String>,
}

impl Excerpt {
    pub(super) fn new(source: &Arc<SourceFile>) -> Self {
        let changed = match visible(source.text()) {
            Cow::Borrowed(_) => None,
            Cow::Owned(text) => Some(unmarked(source, text)),
        };
        Self { name: told(source.name()), source: Arc::clone(source), changed }
    }

    fn text(&self) -> &str {
        self.changed.as_deref().unwrap_or(self.source.text())
    }
}

impl SourceCode for Excerpt {
    /// miette counts lines from the beginning of what it is given: it is given the lines around the span alone.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let line_of = |at: usize| self.source.position(offset(at)).line;
        let first = line_of(span.offset()).saturating_sub(offset(before) + 1).max(1);
        let last = line_of(span.offset() + span.len()).saturating_add(offset(after) + 1);
        let start = self.source.line_span(first).map_or(0, |line| line.start as usize);
        let end = self.source.line_span(last + 1).map_or(self.text().len(), |line| line.start as usize);
        let around = self.text().get(start..end).ok_or(MietteError::OutOfBounds)?.as_bytes();
        let at = span.offset().checked_sub(start).ok_or(MietteError::OutOfBounds)?;
        let inner = around.read_span(&(at, span.len()).into(), before, after)?;
        // Without lines around it, it is asked for the place alone: columns are characters, and miette counts bytes.
        let column = match (before, after) {
            (0, 0) => self.source.position(offset(span.offset())).column as usize - 1,
            _ => inner.column(),
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            (inner.span().offset() + start, inner.span().len()).into(),
            inner.line() + first as usize - 1,
            column,
            // miette draws two labels in one piece when the lines of the first reach the second.
            inner.line_count() + NEAR,
        )))
    }
}

/// A byte order mark at the beginning is no part of what people see: a character of as many bytes that has no width.
fn unmarked(source: &SourceFile, mut shown: String) -> String {
    const MARK: char = '\u{feff}';
    if source.text().starts_with(MARK) {
        shown.replace_range(..MARK.len_utf8(), "\u{2060}");
    }
    shown
}

/// A part of one line, around the beginning of a place.
#[derive(Debug)]
pub(super) struct Cut {
    name: String,
    /// The part, with a sign where it was cut.
    text: String,
    /// What of the file it shows.
    shown: Span,
    /// Bytes of the sign before it.
    before: usize,
    /// The line, from 0, and its place in the line, from 0.
    line: usize,
    column: usize,
}

impl Cut {
    const SIGN: &str = "…";

    pub(super) fn new(source: &Arc<SourceFile>, span: Span) -> Self {
        let place = source.position(span.start);
        let line = source.line_span(place.line).unwrap_or(span);
        let whole = |mut at: u32| {
            while !source.text().is_char_boundary(at as usize) {
                at -= 1;
            }
            at
        };
        let is_short = line.len() <= LONGEST_LINE;
        let start = if is_short { line.start } else { line.start.max(span.start.saturating_sub(AROUND.0)) };
        let end = if is_short { line.end } else { line.end.min(span.start.saturating_add(AROUND.1)) };
        let shown = Span::new(whole(start), whole(end).max(whole(start)));
        let sign = |is_cut: bool| if is_cut { Self::SIGN } else { "" };
        let (before, behind) = (sign(shown.start > line.start), sign(shown.end < line.end));
        Self {
            name: told(source.name()),
            text: format!("{before}{}{behind}", visible(source.slice(shown))),
            shown,
            before: before.len(),
            line: place.line as usize - 1,
            column: place.column as usize - 1,
        }
    }

    /// Where a place of the file begins in the part, and how much of it is there.
    pub(super) fn span(&self, span: Span) -> Option<(usize, usize)> {
        if span.start < self.shown.start || span.start > self.shown.end {
            return None;
        }
        let length = span.end.min(self.shown.end) - span.start;
        Some(((span.start - self.shown.start) as usize + self.before, length as usize))
    }
}

impl SourceCode for Cut {
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        _: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let whole = (0, self.text.len()).into();
        let name = self.name.clone();
        Ok(Box::new(MietteSpanContents::new_named(
            name,
            self.text.as_bytes(),
            whole,
            self.line,
            self.column,
            1,
        )))
    }
}

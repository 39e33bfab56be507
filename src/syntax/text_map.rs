//! Where the text of a scalar stands in the file.
//!
//! Owns: taking a place in a value (after quotes, escapes, indentation and folding) to the bytes that it was written with,
//! so that a finding about a command or about a text inside a text points at the very characters.

use std::collections::HashMap;
use std::ops::Range;

use super::{Node, Span, Style};

/// Value and file, piece by piece, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMap {
    pieces: Vec<Piece>,
    /// The first line of the scalar, for a text whose pieces could not be told.
    whole: Span,
}

/// Bytes of the value and the bytes they were written with. Of equal length they are the same, byte by byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    inner: Span,
    outer: Span,
}

impl TextMap {
    /// The map of a scalar. Of any other node it knows the first line only.
    pub fn of(node: Node<'_>) -> Self {
        if let Some(map) = node.composition() {
            return map.clone();
        }
        let (source, span) = (node.source(), node.content_span());
        let first = source.slice(span).lines().next().unwrap_or_default().trim_end().len();
        let whole = Span::new(span.start, span.start + offset(first));
        let Some(scalar) = node.scalar() else { return Self { pieces: Vec::new(), whole } };
        let mut aligned = Aligned { value: scalar.text, at: 0, pieces: Vec::new() };
        let done = match scalar.style {
            Style::Plain => aligned.flow(source.slice(span), span.start, Quote::None),
            Style::SingleQuoted => aligned.flow(source.slice(span), span.start, Quote::Single),
            Style::DoubleQuoted => aligned.flow(source.slice(span), span.start, Quote::Double),
            Style::Literal | Style::Folded => {
                // The place of a block may begin behind its indentation.
                let line = source.position(span.start).line;
                let start = source.line_span(line).map_or(span.start, |line| line.start);
                aligned.block(source.slice(Span::new(start, span.end)), start)
            }
        };
        let pieces = if done.is_some() { aligned.pieces } else { Vec::new() };
        Self { pieces, whole }
    }

    /// The map of a text that was put together from parts of scalars: each part's length in the text, its scalar, and what of that
    /// scalar's text it was made of. `whole` is the place of it all.
    pub fn composed<'t>(
        parts: impl IntoIterator<Item = (usize, Node<'t>, Range<usize>)>,
        whole: Span,
    ) -> Self {
        let parts: Vec<_> = parts.into_iter().collect();
        let is_single = parts.len() == 1;
        let mut known: HashMap<Span, Self> = HashMap::new();
        let mut pieces = Vec::new();
        let mut at = 0;
        for (length, node, written) in parts {
            let map = known.entry(node.content_span()).or_insert_with(|| Self::of(node));
            let from = Span::new(offset(written.start), offset(written.end));
            let inner = Span::new(offset(at), offset(at + length));
            if is_single && !map.is_exact() {
                break;
            }
            if from.len() != inner.len() || !map.is_exact() {
                pieces.push(Piece { inner, outer: map.span(from) });
            } else {
                let overlapping = map
                    .pieces
                    .iter()
                    .filter(|piece| piece.inner.start < from.end && from.start < piece.inner.end);
                pieces.extend(overlapping.map(|piece| {
                    let part = Span::new(piece.inner.start.max(from.start), piece.inner.end.min(from.end));
                    let start = inner.start + (part.start - from.start);
                    Piece { inner: Span::new(start, start + part.len()), outer: map.span(part) }
                }));
            }
            at += length;
        }
        Self { pieces, whole }
    }

    /// Whether places inside are known.
    pub fn is_exact(&self) -> bool {
        !self.pieces.is_empty()
    }

    /// Where bytes of the value stand in the file; the first line of the scalar when that is not known.
    pub fn span(&self, inner: Span) -> Span {
        let Some(start) = self.outer(inner.start, false) else { return self.whole };
        if inner.is_empty() {
            return Span::empty(start);
        }
        Span::new(start, self.outer(inner.end, true).unwrap_or(start))
    }

    /// The place of one byte; as the end of a span it belongs to what is before it.
    fn outer(&self, at: u32, end: bool) -> Option<u32> {
        let before = |piece: &Piece| if end { piece.inner.start < at } else { piece.inner.start <= at };
        let index = self.pieces.partition_point(before).saturating_sub(1);
        let piece = self.pieces.get(index)?;
        let inside = at.saturating_sub(piece.inner.start);
        if piece.inner.len() == piece.outer.len() {
            return Some(piece.outer.start + inside.min(piece.outer.len()));
        }
        // An escape or a line break is one thing.
        let behind = inside > 0 && (end || inside >= piece.inner.len());
        Some(if behind { piece.outer.end } else { piece.outer.start })
    }
}

/// How a scalar in one run of text is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    Single,
    Double,
}

/// A value on the way along its text.
struct Aligned<'t> {
    value: &'t str,
    at: usize,
    pieces: Vec<Piece>,
}

impl Aligned<'_> {
    /// The next bytes of the value, so many, were written there.
    fn take(&mut self, length: usize, outer: Span) {
        let inner = Span::new(offset(self.at), offset(self.at + length));
        self.at += length;
        if let Some(last) = self.pieces.last_mut() {
            let plain = last.inner.len() == last.outer.len() && inner.len() == outer.len();
            if plain && last.outer.end == outer.start {
                *last = Piece { inner: last.inner.join(inner), outer: last.outer.join(outer) };
                return;
            }
        }
        self.pieces.push(Piece { inner, outer });
    }

    fn rest(&self) -> &str {
        self.value.get(self.at..).unwrap_or_default()
    }

    /// The text stands in the value as it is.
    fn same(&mut self, text: &str, start: u32) -> Option<()> {
        self.rest()
            .starts_with(text)
            .then(|| self.take(text.len(), Span::new(start, start + offset(text.len()))))
    }

    /// What line breaks became: as many line breaks, or a space.
    fn break_(&mut self, outer: Span) {
        let lines = self.rest().len() - self.rest().trim_start_matches('\n').len();
        let length = if lines > 0 { lines } else { usize::from(self.rest().starts_with(' ')) };
        if length > 0 {
            self.take(length, outer);
        }
    }

    /// A plain or quoted scalar, which begins at `start`.
    fn flow(&mut self, written: &str, start: u32, quote: Quote) -> Option<()> {
        let (mut at, end) = match quote {
            Quote::None => (0, written.len()),
            Quote::Single | Quote::Double => (1, written.len().checked_sub(1)?),
        };
        let place = |at: usize| start + offset(at);
        while at < end {
            let rest = written.get(at..end)?;
            let first = rest.chars().next()?;
            let length = match first {
                ' ' | '\t' | '\r' | '\n' => {
                    let run = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
                    if rest.get(..run)?.contains('\n') {
                        self.break_(Span::new(place(at), place(at + run)));
                    } else {
                        self.same(rest.get(..run)?, place(at))?;
                    }
                    run
                }
                '\'' if quote == Quote::Single => {
                    self.escape("'", Span::new(place(at), place(at + 2)))?;
                    2
                }
                '\\' if quote == Quote::Double && (rest.starts_with("\\\n") || rest.starts_with("\\\r")) => {
                    // The break itself reads as nothing, empty lines behind it as line breaks.
                    let run = rest.len() - rest[1..].trim_start_matches([' ', '\t', '\r', '\n']).len();
                    let breaks = rest.get(..run)?.matches('\n').count().saturating_sub(1);
                    self.escape(&"\n".repeat(breaks), Span::new(place(at), place(at + run)))?;
                    run
                }
                '\\' if quote == Quote::Double => {
                    let (length, meant) = escape(rest)?;
                    self.escape(meant.encode_utf8(&mut [0; 4]), Span::new(place(at), place(at + length)))?;
                    length
                }
                _ => {
                    self.same(rest.get(..first.len_utf8())?, place(at))?;
                    first.len_utf8()
                }
            };
            at += length;
        }
        (self.at == self.value.len()).then_some(())
    }

    /// Something that is written otherwise than it reads.
    fn escape(&mut self, meant: &str, outer: Span) -> Option<()> {
        let follows = self.rest().starts_with(meant);
        if follows && !meant.is_empty() {
            self.take(meant.len(), outer);
        }
        follows.then_some(())
    }

    /// A literal or folded block, whose first line begins at `start`.
    fn block(&mut self, written: &str, start: u32) -> Option<()> {
        let mut indent = None;
        let mut at = 0;
        // Where the line breaks since the last text begin.
        let mut breaks = 0;
        for line in written.split_inclusive('\n') {
            // What comes behind a syntax error was read as space.
            if self.rest().chars().all(char::is_whitespace) {
                break;
            }
            let text = line.trim_end_matches('\n');
            let text = text.strip_suffix('\r').unwrap_or(text);
            let depth = match indent {
                Some(depth) => depth,
                None if text.trim_start_matches(' ').is_empty() => text.len(),
                None => {
                    // The value says how much of the space before the text is its own.
                    let own = self.rest().trim_start_matches('\n');
                    let spaces = |text: &str| text.len() - text.trim_start_matches(' ').len();
                    *indent.insert(spaces(text).checked_sub(spaces(own))?)
                }
            };
            let content = text.get(depth.min(text.len())..)?;
            if !content.is_empty() {
                // Space at the very beginning is of the text itself.
                if self.at > 0 || self.rest().starts_with('\n') {
                    self.break_(Span::new(start + offset(breaks), start + offset(at + depth)));
                }
                self.same(content, start + offset(at + depth))?;
                breaks = at + depth + content.len();
            }
            at += line.len();
        }
        // The line breaks at the end.
        let left = self.rest();
        let (length, is_space) = (left.len(), left.chars().all(char::is_whitespace));
        if length > 0 && is_space {
            self.take(length, Span::empty(start + offset(breaks)));
        }
        is_space.then_some(())
    }
}

/// The escape at the beginning of a text: its length, and what it means.
fn escape(text: &str) -> Option<(usize, char)> {
    let kind = text.chars().nth(1)?;
    let code = |digits: usize| {
        let code = u32::from_str_radix(text.get(2..2 + digits)?, 16).ok()?;
        // Two halves of a character, as JSON writes those beyond the first 65,536.
        if (0xd800..0xdc00).contains(&code) && text.get(6..8) == Some("\\u") {
            let low = u32::from_str_radix(text.get(8..12)?, 16).ok()?;
            let whole = 0x1_0000 + ((code - 0xd800) << 10) + low.checked_sub(0xdc00)?;
            return Some((12, char::from_u32(whole)?));
        }
        Some((2 + digits, char::from_u32(code)?))
    };
    let plain = |meant: char| Some((1 + kind.len_utf8(), meant));
    match kind {
        'x' => code(2),
        'u' => code(4),
        'U' => code(8),
        '0' => plain('\0'),
        'a' => plain('\u{7}'),
        'b' => plain('\u{8}'),
        't' | '\t' => plain('\t'),
        'n' => plain('\n'),
        'v' => plain('\u{b}'),
        'f' => plain('\u{c}'),
        'r' => plain('\r'),
        'e' => plain('\u{1b}'),
        'N' => plain('\u{85}'),
        '_' => plain('\u{a0}'),
        'L' => plain('\u{2028}'),
        'P' => plain('\u{2029}'),
        other => plain(other),
    }
}

/// A length as an offset; a text is far below 4 GiB.
fn offset(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;

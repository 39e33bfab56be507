//! The text of one file, and where its lines are.
//!
//! Owns: decoding bytes into text (UTF-8, with or without a byte order mark, of bounded size), slices, lines and
//! columns. Leaves to `parser`: what the text means.

use std::borrow::Cow;
use std::sync::Arc;

use super::{LIMITS, Problem, ProblemKind, Span};

/// A file's name and text. The name is what findings show: a path relative to where the user stands.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceFile {
    name: String,
    /// Boxed, as are the lines: thousands of files are kept at a time, and none has a byte to spare.
    text: Box<str>,
    /// Offset of the first byte of each line.
    lines: Box<[u32]>,
}

/// A place as people and editors count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters; a byte order mark does not count.
    pub column: u32,
    /// The byte, from 0.
    pub offset: u32,
}

/// Bytes that are no text we read, with as much of a source as a finding needs to point at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The file, as far as it could be read.
    pub source: Arc<SourceFile>,
    /// What is wrong with it.
    pub problem: Problem,
}

const BOM: char = '\u{feff}';

/// Decodes a file: at most [`Limits::bytes`](super::Limits), UTF-8. A byte order mark stays in the text, so that every
/// offset is an offset into the file.
pub fn decode<'b>(name: &str, bytes: impl Into<Cow<'b, [u8]>>) -> Result<Arc<SourceFile>, Refused> {
    let bytes = bytes.into();
    if bytes.len() > LIMITS.bytes {
        return Err(Refused { source: Arc::new(SourceFile::new(name, "")), problem: Problem::too_large() });
    }
    let utf16 = matches!(bytes[..], [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    match String::from_utf8(bytes.into_owned()) {
        Ok(text) => Ok(Arc::new(SourceFile::new(name, text))),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            let readable = String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default());
            let source = SourceFile::new(name, readable);
            let span = Span::empty(source.len());
            let message = if utf16 {
                "the file is UTF-16, not UTF-8".to_owned()
            } else {
                format!("byte {valid} is not UTF-8")
            };
            let problem = Problem { kind: ProblemKind::NotUtf8, message, span };
            Err(Refused { source: Arc::new(source), problem })
        }
    }
}

impl SourceFile {
    /// A source of this name and text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let (name, text) = (name.into(), text.into());
        let breaks =
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| offset(at + 1));
        let lines = std::iter::once(0).chain(breaks).collect();
        Self { name, text: text.into_boxed_str(), lines }
    }

    /// The name findings show.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The number of bytes.
    pub fn len(&self) -> u32 {
        offset(self.text.len())
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text of `span`, or nothing where the span does not lie on characters of this file.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The span with its ends moved back to where characters begin. A line break of YAML 1.1 is several bytes that our
    /// parser sees as several characters.
    pub fn on_characters(&self, span: Span) -> Span {
        let back = |at: u32| {
            (0..at.min(self.len())).rev().chain([0]).find(|at| self.text.is_char_boundary(*at as usize))
        };
        let whole =
            |at: u32| if self.text.is_char_boundary(at as usize) { at } else { back(at).unwrap_or_default() };
        Span::new(whole(span.start), whole(span.end))
    }

    /// Line and column of a byte; an offset past the end is the end.
    pub fn position(&self, at: u32) -> Position {
        let at = at.min(self.len());
        let line = self.lines.partition_point(|start| *start <= at).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        let before = self.text.as_bytes().get(start as usize..at as usize).unwrap_or_default();
        // A character is counted by its first byte; the bytes that go on are 0b10xxxxxx.
        let characters = before.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        let mark = usize::from(start == 0 && at > 0 && self.text.starts_with(BOM));
        Position { line: offset(line), column: offset(characters.saturating_sub(mark) + 1), offset: at }
    }

    /// The bytes of a line, counted from 1, without its line break.
    pub fn line_span(&self, line: u32) -> Option<Span> {
        let index = (line as usize).checked_sub(1)?;
        let start = self.lines.get(index).copied()?;
        let next = self.lines.get(index + 1).copied().unwrap_or(self.len());
        let text = self.slice(Span::new(start, next));
        Some(Span::new(start, start + offset(text.trim_end_matches(['\n', '\r']).len())))
    }

    /// The number of lines; a last line without a break counts.
    pub fn line_count(&self) -> u32 {
        offset(self.lines.len())
    }
}

/// Name and size: the text would drown whatever holds the file.
impl std::fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SourceFile({:?}, {} bytes)", self.name, self.text.len())
    }
}

/// A length as an offset. Texts above 4 GiB do not come here: the limit on bytes is far below.
fn offset(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

//! The words of syntax errors.
//!
//! Owns: what we say about an error of granit-parser, and what libyaml and its relatives, which AWS reads buildspecs
//! with, say of the same thing (codebuild.md 8.2). A kind without a known counterpart has none: an invented quotation
//! would be worse.

use granit_parser::{ErrorKind, ScanError};

use super::blame::TRAILING;
use super::{Problem, ProblemKind, SourceFile, Span};

/// A parser's error as a problem, at the character it stopped at.
pub(super) fn syntax_error(error: &ScanError, source: &SourceFile) -> Problem {
    let at =
        u32::try_from(error.marker().byte_offset().unwrap_or_default()).unwrap_or(u32::MAX).min(source.len());
    let at = source.on_characters(Span::empty(at)).start;
    let at = tab_behind(error.kind(), source, at).or_else(|| escape(error.kind(), source, at)).unwrap_or(at);
    let width =
        source.text().get(at as usize..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let stopped_at_break = source.slice(Span::new(at, at + 1)).starts_with(['\n', '\r']);
    let width = if stopped_at_break { 0 } else { u32::try_from(width).unwrap_or_default() };
    let span = Span::new(at, at + width);
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        return Problem::too_deep(span);
    }
    let message = ends_in_colon(error.kind(), source, at)
        .or_else(|| bracketed(error.kind(), source, at))
        .or_else(|| tight_dash(error.kind(), source, at))
        .or_else(|| tight_colon(error.kind(), source, at))
        .or_else(|| misplaced(error.kind(), source, at))
        .or_else(|| no_dash(error.kind(), source, at))
        .or_else(|| ours(error.kind()))
        .map_or_else(|| error.info(), str::to_owned);
    Problem {
        kind: ProblemKind::Syntax { libyaml: libyaml(error.kind(), source, at), open: None },
        message,
        span,
    }
}

/// The commonest slip of all, `- [ -f x ] && command`: the brackets make a list, and text after it makes no sense.
fn bracketed(kind: &ErrorKind, source: &SourceFile, at: u32) -> Option<&'static str> {
    let is_left_open =
        matches!(kind, ErrorKind::ExpectedBlockSequenceEntry | ErrorKind::ExpectedBlockMappingKey);
    // `- echo started: `date``
    let is_refused = matches!(kind, ErrorKind::UnexpectedCharacter { .. });
    if !is_left_open && !is_refused {
        return None;
    }
    let line = source.line_span(source.position(at).line)?;
    let before = source.slice(Span::new(line.start, at)).trim_start();
    if is_refused && !before.starts_with("- ") {
        return None;
    }
    let value = before.strip_prefix("- ").or_else(|| before.split_once(": ").map(|(_, value)| value))?;
    match value.trim_start().chars().next()? {
        '[' => Some("a value that begins with `[` is a list; put the whole value in quotes to mean text"),
        '{' => Some("a value that begins with `{` is a mapping; put the whole value in quotes to mean text"),
        _ if value.contains(": ") => {
            Some("the `: ` makes a key of what is before it; put the whole value in quotes to mean text")
        }
        _ => None,
    }
}

/// A list item without the space behind its dash.
fn tight_dash(kind: &ErrorKind, source: &SourceFile, at: u32) -> Option<&'static str> {
    if !matches!(
        kind,
        ErrorKind::SimpleKeyExpected
            | ErrorKind::InvalidSimpleKey
            | ErrorKind::ExpectedBlockMappingKey
            | ErrorKind::ExpectedBlockSequenceEntry
    ) {
        return None;
    }
    let line = source.slice(source.line_span(source.position(at).line)?).trim_start();
    let behind = line.strip_prefix('-')?.chars().next()?;
    (!behind.is_whitespace() && behind != '-').then_some("a list item needs a space behind its `-`")
}

/// A value whose last character is a `:`.
fn ends_in_colon(kind: &ErrorKind, source: &SourceFile, at: u32) -> Option<&'static str> {
    let behind = source.text().get(at as usize + 1..)?;
    let is_last = behind.is_empty() || behind.starts_with(['\n', '\r']);
    let is_colon = source.slice(Span::new(at, at + 1)) == ":";
    (matches!(kind, ErrorKind::MappingValueNotAllowed) && is_last && is_colon)
        .then_some("a `:` at the end of a value makes a key of it; put the whole value in quotes")
}

/// A key without the blank behind its `:`.
fn tight_colon(kind: &ErrorKind, source: &SourceFile, at: u32) -> Option<&'static str> {
    if !matches!(kind, ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey) {
        return None;
    }
    let line = source.slice(source.line_span(source.position(at).line)?).trim_start();
    let (key, value) = line.split_once(':')?;
    let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    let is_tight = value.starts_with(|c: char| !c.is_whitespace() && c != ':') && !value.starts_with("//");
    (is_key && is_tight).then_some("a key needs a space behind its `:`")
}

/// The tab at the beginning of a line that was taken for a part of the text above.
fn tab_behind(kind: &ErrorKind, source: &SourceFile, at: u32) -> Option<u32> {
    if !matches!(kind, ErrorKind::TabInPlainScalar) {
        return None;
    }
    let rest = source.text().get(at as usize..)?;
    let line = rest.find('\n')? + 1;
    let blank = rest[line..].len() - rest[line..].trim_start_matches([' ', '\r', '\n']).len();
    rest[line + blank..].starts_with('\t').then_some(())?;
    Some(at + u32::try_from(line + blank).ok()?)
}

/// The `\` of an escape that does not exist; the parser points at the quote that begins the text.
fn escape(kind: &ErrorKind, source: &SourceFile, at: u32) -> Option<u32> {
    let digits = match kind {
        ErrorKind::UnknownQuotedScalarEscape => false,
        ErrorKind::InvalidQuotedScalarHexEscape | ErrorKind::InvalidLowSurrogateHexEscape => true,
        _ => return None,
    };
    let rest = source.text().get(at as usize..)?.strip_prefix('"')?;
    let mut chars = rest.char_indices();
    while let Some((index, c)) = chars.next() {
        if c != '\\' {
            continue;
        }
        let (_, escaped) = chars.next()?;
        let length = match escaped {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let is_known = length > 0 || "0abt\tnvfre \"/\\N_LP\n\r".contains(escaped);
        let behind = &rest[index + 1 + escaped.len_utf8()..];
        let is_whole = behind.chars().take(length).filter(char::is_ascii_hexdigit).count() == length;
        if if digits { !is_whole } else { !is_known } {
            return Some(at + 1 + u32::try_from(index).ok()?);
        }
    }
    None
}

/// What is said of an item at another depth than the others.
pub(super) const ITEM_DEPTH: &str = "this item is indented differently from its neighbours";
/// What is said of a key at another depth than the others.
pub(super) const KEY_DEPTH: &str = "this key is indented differently from its neighbours";
/// What is said of a comment between the lines of one text.
pub(super) const COMMENT_IN_TEXT: &str = "a comment ends the text that begins above it";
/// What is said of a tab where depth is counted.
pub(super) const TAB: &str = "a tab cannot be used for indentation";

/// A line of a list without its dash: the line before is an item at the same place.
fn no_dash(kind: &ErrorKind, source: &SourceFile, at: u32) -> Option<&'static str> {
    if !matches!(kind, ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey) {
        return None;
    }
    let number = source.position(at).line;
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = source.slice(source.line_span(number)?);
    let above = (1..number).rev().filter_map(|line| source.line_span(line)).map(|line| source.slice(line));
    let above = above.take(5).find(|line| !line.trim().is_empty())?;
    let is_item = above.trim_start().starts_with("- ") && indent(above) == indent(own);
    is_item
        .then_some("a list item begins with `- `; a line that goes on with the one above is indented deeper")
}

/// An item or a key that begins its line, and stands at another depth than those around it.
fn misplaced(kind: &ErrorKind, source: &SourceFile, at: u32) -> Option<&'static str> {
    if !matches!(kind, ErrorKind::ExpectedBlockSequenceEntry | ErrorKind::ExpectedBlockMappingKey) {
        return None;
    }
    let line = source.line_span(source.position(at).line)?;
    // The parser may have gone past the dash already.
    let before = source.slice(Span::new(line.start, at)).trim();
    if before == "-" {
        return Some(ITEM_DEPTH);
    }
    before.is_empty().then_some(())?;
    let content = source.slice(Span::new(at, line.end));
    let name = content.find(|c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c))?;
    if content.starts_with("- ") {
        Some(ITEM_DEPTH)
    } else {
        let is_key = name > 0 && content[name..].starts_with(':');
        is_key.then_some(if matches!(kind, ErrorKind::ExpectedBlockSequenceEntry) {
            "this key stands among the items of a list: it lacks its `- `, or is indented differently from its neighbours"
        } else {
            KEY_DEPTH
        })
    }
}

/// Plainer words than the parser's, where it pays.
fn ours(kind: &ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::TabInIndentation
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabInPlainScalar => TAB,
        ErrorKind::ExpectedBlockMappingKey => "a key was expected here",
        ErrorKind::ExpectedFlowSequenceSeparator => "`,` or `]` was expected here",
        ErrorKind::ExpectedFlowMappingSeparator => "`,` or `}` was expected here",
        ErrorKind::ExpectedBlockSequenceEntry => "a list item, beginning with `-`, was expected here",
        ErrorKind::MappingValueNotAllowed => "a second `: ` in this value; a value with `: ` needs quotes",
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            "this line has no `:` that makes it a key"
        }
        ErrorKind::UnclosedQuotedScalar => "this quoted text is never closed",
        ErrorKind::MissingAnchorOrAliasName => {
            "a value that begins with `*` or `&` is an alias or an anchor; quote it to mean text"
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            TRAILING
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            "this escape does not exist in double quotes; use single quotes"
        }
        ErrorKind::InvalidQuotedScalarHexEscape | ErrorKind::InvalidLowSurrogateHexEscape => {
            "this escape needs digits behind it in double quotes; use single quotes"
        }
        ErrorKind::CommentInterceptedScalar => COMMENT_IN_TEXT,
        ErrorKind::BlockSequenceEntryNotAllowed => "a list item cannot stand here",
        ErrorKind::InvalidBlockScalarHeader => "text follows the `|` or `>` that begins a block",
        ErrorKind::InvalidColonPlacement => "a `:` cannot stand here",
        ErrorKind::BlockEntryInFlowCollection => "a list item with `-` cannot stand inside brackets",
        ErrorKind::UnclosedFlowCollection { .. } => "this bracket is never closed",
        ErrorKind::InvalidIndentation => "this line is indented differently from its neighbours",
        ErrorKind::UnexpectedCharacter { .. } => "no value can begin with this character; quote it",
        _ => return None,
    })
}

fn libyaml(kind: &ErrorKind, source: &SourceFile, at: u32) -> Option<&'static str> {
    let here = source.text().get(at as usize..).and_then(|rest| rest.chars().next());
    Some(match kind {
        ErrorKind::TabInIndentation
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::UnexpectedCharacter { .. } => "found character that cannot start any token",
        ErrorKind::ExpectedFlowSequenceSeparator => "did not find expected ',' or ']'",
        ErrorKind::ExpectedFlowMappingSeparator => "did not find expected ',' or '}'",
        ErrorKind::ExpectedBlockSequenceEntry | ErrorKind::ExpectedBlockMappingKey
            if matches!(here, Some('&' | '*')) =>
        {
            "did not find expected alphabetic or numeric character"
        }
        ErrorKind::ExpectedBlockSequenceEntry => "did not find expected '-' indicator",
        ErrorKind::ExpectedBlockMappingKey => "did not find expected key",
        ErrorKind::MappingValueNotAllowed => "mapping values are not allowed in this context",
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => "could not find expected ':'",
        ErrorKind::UnclosedQuotedScalar => "found unexpected end of stream",
        ErrorKind::MissingAnchorOrAliasName => "did not find expected alphabetic or numeric character",
        ErrorKind::UnknownQuotedScalarEscape => "found unknown escape character",
        ErrorKind::BlockSequenceEntryNotAllowed => "block sequence entries are not allowed in this context",
        ErrorKind::InvalidBlockScalarHeader => "did not find expected comment or line break",
        ErrorKind::ExpectedNodeContent
        | ErrorKind::UnexpectedEofBlockMapping
        | ErrorKind::UnexpectedEofBlockSequence
        | ErrorKind::UnexpectedEofImplicitFlowMapping => "did not find expected node content",
        ErrorKind::InvalidColonPlacement => "did not find expected ',' or ']'",
        ErrorKind::TabInPlainScalar => "found a tab character that violates indentation",
        _ => return None,
    })
}

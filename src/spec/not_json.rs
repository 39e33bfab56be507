//! Why a text is no JSON, in plain words, and where.
//!
//! Owns: the slips that people make (a comma too many, single quotes, no quotes), at the character that is wrong. Leaves to
//! `serde_json`: whether it is JSON at all.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::Finding;
use crate::syntax::{SourceFile, Span};

/// What makes a text no JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The characters to blame.
    pub(super) span: Span,
    /// What is wrong with them.
    pub(super) words: String,
    /// Nothing is wrong but that the text ends: a bracket or a quote is still open.
    pub(super) ends_early: bool,
}

/// What is wrong with a text; none when it is JSON.
pub(super) fn why(text: &str) -> Option<Wrong> {
    // A mark at the very beginning is no part of it.
    let whole = text.len();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mark = whole - text.len();
    let error = serde_json::from_str::<serde::de::IgnoredAny>(text).err()?;
    let line: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut at = (line + error.column().saturating_sub(1)).min(text.len().saturating_sub(1));
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    // Of a character that no text may have, a line break or a tab, the place is beside it.
    if error.to_string().starts_with("control character") {
        at = text[at..].find(char::is_control).map_or(at, |rest| at + rest);
    }
    let (range, words) = slip(text, at).unwrap_or_else(|| {
        let width = text[at..].chars().next().map_or(0, char::len_utf8);
        let words = error.to_string();
        let words = if error.is_eof() {
            "it ends too early"
        } else {
            words.split(" at line").next().unwrap_or_default()
        };
        (at..at + width, words.to_owned())
    });
    let [start, end] = [range.start, range.end].map(|at| u32::try_from(mark + at).unwrap_or(u32::MAX));
    Some(Wrong { span: Span::new(start, end), words, ends_early: error.is_eof() })
}

/// The slip that makes a parser stop at a place, when it is one that people make, and its characters.
fn slip(text: &str, at: usize) -> Option<(Range<usize>, String)> {
    let here = text[at..].chars().next()?;
    let before = text[..at].trim_end();
    let one = |at: usize| at..at + text[at..].chars().next().map_or(0, char::len_utf8);
    let told = |range: Range<usize>, words: &str| Some((range, words.to_owned()));
    let is_after_value = before.ends_with(|c: char| c.is_ascii_alphanumeric() || "\"}]".contains(c));
    match here {
        // A name without the brace before it.
        ':' if before.starts_with('"') && before.matches('"').count() == 2 => {
            told(one(0), "a `{` is missing before this")
        }
        '}' | ']' if before.ends_with(',') => {
            Some((one(before.len() - 1), format!("a comma stands before `{here}`")))
        }
        '\n' | '\r' => {
            let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
            let (mut open, mut is_escaped) = (None, false);
            for (index, c) in text[line..at].char_indices() {
                match c {
                    _ if is_escaped => is_escaped = false,
                    '\\' => is_escaped = true,
                    '"' => open = open.map_or(Some(line + index), |_| None),
                    _ => {}
                }
            }
            told(open?..at, "the text is not closed in its line")
        }
        '#' => told(one(at), "it has no comments"),
        ',' if before.ends_with([',', ':', '[', '{']) => {
            told(one(at), "something is missing before this comma")
        }
        '=' => told(one(at), "a `:` stands between a name and its value"),
        ';' if is_after_value => told(one(at), "values are parted by commas"),
        '\\' => told(one(at), "a `\\` stands within a text only"),
        '“' | '”' | '‘' | '’' => told(one(at), "its quotes are \" and no others"),
        '\'' => told(one(at), "texts of JSON stand in double quotes"),
        '\t' => told(one(at), "a tab within a text is written `\\t`"),
        '"' | '{' | '['
            if is_after_value && open_bracket(before).is_none() && before.ends_with(['}', ']']) =>
        {
            told(one(at), "the JSON has ended before this")
        }
        '"' | '{' | '[' if is_after_value && before.contains(['{', '[']) => {
            let last = before.char_indices().next_back().map_or(0, |(at, _)| at);
            let words = if is_name(before) {
                "a `:` is missing behind this"
            } else {
                "a comma is missing behind this"
            };
            told(one(last), words)
        }
        c if (c.is_alphabetic() || c == '_') && before.ends_with(['{', ',', ':', '[']) => {
            told(one(at), "texts and keys of JSON stand in double quotes")
        }
        _ => None,
    }
}

/// Whether the text that ends here can only be the name of a value: it stands behind a brace, or behind a comma between braces.
fn is_name(before: &str) -> bool {
    let Some(text) = before.strip_suffix('"') else { return false };
    let Some(open) = text.rfind('"') else { return false };
    let ahead = text[..open].trim_end();
    ahead.ends_with('{') || ahead.ends_with(',') && open_bracket(ahead) == Some('{')
}

/// The bracket that is open where a text ends.
fn open_bracket(text: &str) -> Option<char> {
    let (mut depth, mut is_quoted) = (0_i32, false);
    text.chars().rev().find(|c| {
        match c {
            '"' => is_quoted = !is_quoted,
            '}' | ']' if !is_quoted => depth += 1,
            '{' | '[' if !is_quoted => depth -= 1,
            _ => {}
        }
        depth < 0
    })
}

/// What to say of a file that is no JSON, to whom that matters.
pub(super) fn finding(source: &Arc<SourceFile>, code: &'static str, label: &str) -> Option<Finding> {
    why(source.text()).map(|wrong| finding_of(&wrong, source, code, label))
}

/// What to say of a file in which this is wrong.
pub(super) fn finding_of(
    wrong: &Wrong,
    source: &Arc<SourceFile>,
    code: &'static str,
    label: &str,
) -> Finding {
    let message = format!("this is no JSON: {}", wrong.words);
    Finding::error(code, message, source, source.on_characters(wrong.span), label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_character_that_is_wrong_is_told_in_words() {
        for (text, at, words) in [
            ("[1, 2,\n]", ",", "a comma stands before `]`"),
            ("{\"a\": 1, }", ",", "a comma stands before `}`"),
            ("{'a': 1}", "'", "double quotes"),
            ("{\"a\": b}", "b", "double quotes"),
            ("{a: 1}", "a", "double quotes"),
            ("{\"a\" 1}", "1", "expected `:`"),
            ("{\"a\" \"b\"}", "\"", "a `:` is missing"),
            ("{\"a\": \"b\", \"c\" \"d\"}", "\"", "a `:` is missing"),
            ("[\"a\", \"c\" \"d\"]", "\"", "a comma is missing"),
            ("{\"a\": \"b\" \"c\": 1}", "\"", "a comma is missing"),
            ("{\"a\": [1],, \"c\": 1}", ",", "missing before this comma"),
            ("{\"a\" = 1}", "=", "a `:` stands"),
            ("{\"a\": 1; \"b\": 2}", ";", "commas"),
            ("{\"a\": 1, # b\n\"b\": 2}", "#", "no comments"),
            ("{\"a\": 1, \"b: 2,\n\"c\": 3}", "\"b: 2,", "not closed"),
            ("{“a”: 1}", "“", "no others"),
            ("\"a\": {\"b\": 1}}", "\"", "before this"),
            ("{\\\"a\": 1}", "\\", "within a text"),
            ("{\"a\": \"b\tc\"}", "\t", "a tab"),
            ("{\"a\": 1}\n{\"b\": 1}", "{", "has ended"),
            ("\u{feff}{\"a\": 1,, \"b\": 2}", ",", "missing before this comma"),
            ("{\"a\": 1", "1", "ends too early"),
            ("", "", "ends too early"),
        ] {
            let wrong = why(text).unwrap();
            let (span, said) = (wrong.span, wrong.words);
            assert_eq!(&text[span.start as usize..span.end as usize], at, "{text}: {said}");
            assert!(said.contains(words), "{text}: {said}");
            assert_eq!(wrong.ends_early, words == "ends too early", "{text}: {said}");
        }
        assert_eq!(why("{\"a\": [true, null, \"ü\"]}"), None);
    }
}

//! Why a text is no JSON, in plain words, and where.
//!
//! Owns: the slips that people make (a comma too many, single quotes, no quotes), at the character that is wrong. Leaves to
//! `serde_json`: whether it is JSON at all.

use std::sync::Arc;

use crate::diagnostic::Finding;
use crate::syntax::{SourceFile, Span};

/// What is wrong with a text, and the character; none when it is JSON.
pub(super) fn why(text: &str) -> Option<(Span, String)> {
    let error = serde_json::from_str::<serde::de::IgnoredAny>(text).err()?;
    let line: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut at = (line + error.column().saturating_sub(1)).min(text.len().saturating_sub(1));
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let here = text[at..].chars().next();
    let before = text[..at].trim_end();
    let (at, words) = match here {
        Some(close @ ('}' | ']')) if before.ends_with(',') => {
            (before.len() - 1, format!("a comma stands before `{close}`"))
        }
        Some('\'') => (at, "texts of JSON stand in double quotes".to_owned()),
        Some(c) if (c.is_alphabetic() || c == '_') && before.ends_with(['{', ',', ':', '[']) => {
            (at, "texts and keys of JSON stand in double quotes".to_owned())
        }
        _ => {
            let words = error.to_string();
            (at, words.split(" at line").next().unwrap_or_default().to_owned())
        }
    };
    let width = text[at..].chars().next().map_or(0, char::len_utf8);
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Some((Span::new(offset(at), offset(at + width)), words))
}

/// What to say of a file that is no JSON, to whom that matters.
pub(super) fn finding(source: &Arc<SourceFile>, code: &'static str, label: &str) -> Option<Finding> {
    let (at, what) = why(source.text())?;
    let message = format!("this is no JSON: {what}");
    Some(Finding::error(code, message, source, source.on_characters(at), label))
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
            ("{\"a\": 1", "1", "EOF"),
            ("", "", "EOF"),
        ] {
            let (span, said) = why(text).unwrap();
            assert_eq!(&text[span.start as usize..span.end as usize], at, "{text}: {said}");
            assert!(said.contains(words), "{text}: {said}");
        }
        assert_eq!(why("{\"a\": [true, null, \"ü\"]}"), None);
    }
}

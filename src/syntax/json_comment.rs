//! Comments as other languages have them, in a text that is written like JSON.
//!
//! Owns: finding `// …` and `/* … */` outside of quotes. Neither JSON nor YAML has them; what stands around them is read as if they
//! were not there, so that the one mistake is told once.

use std::borrow::Cow;

use super::recovery::blank;
use super::{Problem, ProblemKind, Span};

/// The text without such comments, and what to say of the first; none when it has none, or is not written like JSON.
pub(super) fn without(text: &str) -> Option<(String, Problem)> {
    let mut begins = text.trim_start_matches('\u{feff}').trim_start();
    // Comments may stand before it, too.
    while let Some(rest) = begins
        .strip_prefix("//")
        .and_then(|rest| rest.split_once('\n'))
        .or_else(|| begins.strip_prefix("/*").and_then(|rest| rest.split_once("*/")))
        .map(|(_, rest)| rest)
    {
        begins = rest.trim_start();
    }
    begins.starts_with(['{', '[']).then_some(())?;
    let comments = comments(text);
    let first = *comments.first()?;
    let cleaned = comments.iter().fold(text.to_owned(), |text, comment| blank(&text, *comment));
    let message = match comments.len() {
        1 => "JSON has no comments".to_owned(),
        count => format!("JSON has no comments, and here are {count}"),
    };
    Some((cleaned, Problem { kind: ProblemKind::JsonComments, message, span: first }))
}

/// The text with blanks for such comments; as it is when it has none.
pub fn without_comments(text: &str) -> Cow<'_, str> {
    without(text).map_or(Cow::Borrowed(text), |(cleaned, _)| Cow::Owned(cleaned))
}

/// The most that are looked at: each takes a walk through the text.
const MOST: usize = 200;

fn comments(text: &str) -> Vec<Span> {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let mut found = Vec::new();
    let (mut is_quoted, mut is_escaped) = (false, false);
    let mut behind = 0;
    let mut before = '\n';
    for (at, c) in text.char_indices() {
        if at < behind {
            continue;
        }
        let rest = &text[at..];
        // A `//` in the middle of a word is a part of it: an address without quotes.
        let begins = !is_quoted && (before.is_whitespace() || "{}[],\"".contains(before));
        let length = match rest.get(..2) {
            Some("//") if begins => Some(rest.find('\n').unwrap_or(rest.len())),
            Some("/*") if begins => Some(rest.find("*/").map_or(rest.len(), |end| end + 2)),
            _ => None,
        };
        before = c;
        if let Some(length) = length {
            let written = rest[..length].trim_end().len();
            found.push(Span::new(place(at), place(at + written)));
            behind = at + length;
            before = ' ';
            if found.len() >= MOST {
                break;
            }
            continue;
        }
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = is_quoted,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_found_outside_of_quotes() {
        for (text, expected) in [
            ("{\"a\": 1} // b", vec!["// b"]),
            ("{ // b\n\"a\": \"// c\", /* d\n e */ \"f\": http://g}", vec!["// b", "/* d\n e */"]),
            ("{\"a\": \"\\\"// b\"}", vec![]),
            ("a: b // c", vec![]),
            ("// a\n/* b */ {c: d}", vec!["// a", "/* b */"]),
            ("// a\nb: c", vec![]),
            ("{/* a", vec!["/* a"]),
        ] {
            let found = without(text).map(|_| comments(text)).unwrap_or_default();
            let found: Vec<_> =
                found.iter().map(|span| &text[span.start as usize..span.end as usize]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}

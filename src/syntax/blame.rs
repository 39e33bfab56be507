//! The line that is to blame for a syntax error which the parser meets only later.
//!
//! Owns: telling a line without its `:`, or without the blank behind it or behind a dash, from the line that is taken for its
//! continuation. Leaves to `recovery`: where what was not understood begins.

use super::wording::{COMMENT_IN_TEXT, ITEM_DEPTH};
use super::{Problem, ProblemKind, Span};

/// What libyaml says when a value has a `:` of its own.
const NOT_ALLOWED: &str = "mapping values are not allowed in this context";

/// What the parser says when a document seems to have ended and more follows.
const NO_DOCUMENT: &str = "did not find expected <document start>";

/// What is said of a word that was to be a key.
const NO_COLON: &str = "this line has no `:` that makes it a key";

/// What is said of a quoted text that goes on behind its quote.
pub(super) const TRAILING: &str = "text follows the closing quote";

/// The problem at the line that makes it one. `suspect` is where what was not understood begins.
pub(super) fn blamed(text: &str, problem: Problem, suspect: Option<u32>) -> Problem {
    if problem.message == NO_DOCUMENT {
        let (span, message) = of_first_line(text).unwrap_or((problem.span, "nothing can follow here"));
        return Problem { span, message: message.to_owned(), ..problem };
    }
    if problem.message == TRAILING {
        return match of_item(text, problem.span).or_else(|| of_quotes(text, problem.span)) {
            Some((span, message)) => Problem { span, message: message.to_owned(), ..problem },
            None => problem,
        };
    }
    if [ITEM_DEPTH, COMMENT_IN_TEXT].contains(&&*problem.message) {
        return match of_lost_colon(text, problem.span) {
            Some(span) => Problem { span, message: NO_COLON.to_owned(), ..problem },
            None => problem,
        };
    }
    let is_value = matches!(problem.kind, ProblemKind::Syntax { libyaml: Some(NOT_ALLOWED), .. });
    match suspect.filter(|_| is_value).and_then(|suspect| of_line_above(text, problem.span, suspect)) {
        Some((span, message)) => Problem { span, message: message.to_owned(), ..problem },
        None => problem,
    }
}

/// The first line, when it is indented and those that follow are not.
fn of_first_line(text: &str) -> Option<(Span, &'static str)> {
    let is_content = |line: &&str| {
        let line = line.trim_start_matches('\u{feff}').trim();
        !line.is_empty() && !line.starts_with('#') && line != "---"
    };
    let line = text.split_inclusive('\n').find(is_content)?;
    let begin = line.as_ptr() as usize - text.as_ptr() as usize;
    let content = line.trim();
    let start = begin + line.find(content)?;
    let offset = |at: usize| u32::try_from(at).ok();
    let span = Span::new(offset(start)?, offset(start + content.len())?);
    line.starts_with([' ', '\t']).then_some((span, "this first line is indented, and the others are not"))
}

/// The `: ` of an item that was meant as one text: it makes a key of the words before it, and a value of the quoted text.
fn of_item(text: &str, error: Span) -> Option<(Span, &'static str)> {
    let (begin, line) = line_at(text, error.start as usize)?;
    let item = line.trim_start().strip_prefix("- ")?.trim_start();
    let words = item.find(": ").filter(|_| !item.starts_with(['"', '\'', '{', '[', '|', '>']))?;
    item[..words].contains(' ').then_some(())?;
    let at = begin + line.len() - item.len() + words;
    let offset = |at: usize| u32::try_from(at).ok();
    let message =
        "this `: ` makes a key of what stands before it: put the whole item in quotes, or below `- |`";
    Some((Span::new(offset(at)?, offset(at + 1)?), message))
}

/// Double quotes inside of an item in double quotes: the second one ends it.
fn of_quotes(text: &str, error: Span) -> Option<(Span, &'static str)> {
    let (_, line) = line_at(text, error.start as usize)?;
    let item = line.trim_start().strip_prefix("- ")?.trim();
    let is_nested =
        item.len() > 1 && item.starts_with('"') && item.ends_with('"') && item.matches('"').count() > 3;
    let message = "the `\"` before this ends the item's text: put single quotes around the whole item, or write it below `- |`";
    is_nested.then_some((error, message))
}

/// The word above a list or a comment that is a key without its `:`, as `commands =` is: what follows is taken for its text.
fn of_lost_colon(text: &str, error: Span) -> Option<Span> {
    const MOST_LINES: usize = 50;
    let (begin, own) = line_at(text, error.start as usize)?;
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let bare = |line: &str| line.split(" #").next().unwrap_or_default().trim().to_owned();
    let is_word = |line: &str| {
        let word = line.trim_end_matches(['=', ' ']);
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
    };
    let (mut at, mut line) = (begin, own);
    // A comment may stand behind the word itself.
    let mut depth = if own.trim_start().starts_with(['-', '#']) { indent(own) } else { usize::MAX };
    for _ in 0..MOST_LINES {
        let content = bare(line);
        if !content.is_empty() && !content.starts_with(['#', '-']) && indent(line) < depth {
            let start = at + indent(line);
            let offset = |at: usize| u32::try_from(at).ok();
            let span = Span::new(offset(start)?, offset(start + content.len())?);
            return is_word(&content).then_some(span);
        }
        depth = depth.min(if content.starts_with('-') { indent(line) } else { depth });
        (at, line) = line_at(text, at.checked_sub(1)?)?;
    }
    None
}

fn of_line_above(text: &str, error: Span, suspect: u32) -> Option<(Span, &'static str)> {
    let (begin, line) = line_at(text, suspect as usize)?;
    let (later, other) = line_at(text, error.start as usize)?;
    if begin >= later {
        return None;
    }
    let place = |at: usize, length: usize| {
        let offset = |at: usize| u32::try_from(at).ok();
        Some(Span::new(offset(at)?, offset(at + length)?))
    };
    let content = line.trim();
    let start = begin + line.len() - line.trim_start().len();
    let behind_dash =
        content.strip_prefix('-').filter(|rest| !rest.starts_with([' ', '-']) && !rest.is_empty());
    if behind_dash.is_some() {
        return Some((place(start, content.len())?, "a list item needs a space behind its `-`"));
    }
    let inner = content.trim_start_matches("- ").trim_start();
    let at = start + content.len() - inner.len();
    let name = inner.find(|c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c));
    // A line that begins with a key is no part of the text above; one that has a `: ` somewhere may be.
    let follows = other.trim().trim_start_matches("- ");
    let length = follows.find(|c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c)).unwrap_or(0);
    let is_key = length > 0 && follows[length..].starts_with(':');
    let is_next = text.get(begin..later).is_some_and(|between| between.trim_end().lines().count() == 1);
    match name.map(|end| inner.split_at(end)) {
        None if !is_key => None,
        None => Some((place(at, inner.len())?, NO_COLON)),
        Some((key, value)) => match value.strip_prefix(':') {
            Some(value) if value.starts_with([' ', '\t']) => {
                let content = other.trim();
                let start = later + other.len() - other.trim_start().len();
                let message = "this line stands deeper than the key above it, which has its value already";
                Some((place(start, content.find(':').unwrap_or(content.len()))?, message))
            }
            Some(value) if !key.is_empty() && !value.is_empty() && !value.starts_with("//") => {
                Some((place(at, key.len() + 1)?, "a key needs a space behind its `:`"))
            }
            Some(_) => None,
            None if is_key && is_next && !inner.contains(": ") => Some((place(at, inner.len())?, NO_COLON)),
            None => None,
        },
    }
}

/// The line of a place, and where it begins.
fn line_at(text: &str, at: usize) -> Option<(usize, &str)> {
    let begin = text.get(..at)?.rfind('\n').map_or(0, |before| before + 1);
    let rest = text.get(begin..)?;
    Some((begin, rest.lines().next().unwrap_or(rest)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::syntax::{SourceFile, parse};

    #[test]
    fn the_line_above_is_blamed_where_it_is_the_one_that_is_wrong() {
        for (text, place, words) in [
            ("version:0.2\na: b\nc: d\ne: f\n", "version:", "a key needs a space"),
            ("a:\n  b:c\n  d:\n    - e\nf: g\n", "b:", "a key needs a space"),
            ("a:\n  - b c\n    d:\n      e: f\n", "b c", "no `:`"),
            ("a:\n  -b: c\n    d:\n      e: f\n", "-b: c", "behind its `-`"),
            ("a:\n  b: c\n    d:\n      e: f\n", "d", "deeper"),
            ("a: b: c\n", ":", "second"),
            ("a:\n  b\n    - c\n  d: e\n", "b", "no `:`"),
            ("a:\n  - b c\n    -d e: f\n", ":", "second"),
            ("a:\n  - b c\n    -d e\n    f: g\n", ":", "second"),
            ("# x\n version: 0.2\nb: c\n", "version: 0.2", "first line"),
            ("a:\n  b: c\n  d:e\n", "d", "space behind"),
            ("a:\n  - awk -F: '{ print }' | sort\n", ":", "whole item"),
            ("a:\n  - b: 'c' d\n", "d", "closing quote"),
            ("a:\n  b   # c\n    d:\n      - e\n", "b", "no `:`"),
            ("a:\n  b =\n    - e\n    # f\n    - g\n", "b =", "no `:`"),
            ("a:\n  b:\n   - e\n    # f\n    - g\n", "-", "differently"),
        ] {
            let source = Arc::new(SourceFile::new("f", text));
            let problems = parse(&source).problems;
            let said: Vec<_> = problems.iter().map(|problem| source.slice(problem.span)).collect();
            assert_eq!(said, [place], "{text}: {problems:?}");
            assert!(problems[0].message.contains(words), "{text}: {problems:?}");
        }
    }
}

//! The line that is to blame for a syntax error which the parser meets only later.
//!
//! Owns: telling a line without its `:`, or without the blank behind it or behind a dash, from the line that is taken for its
//! continuation. Leaves to `recovery`: where what was not understood begins.

use super::{Problem, ProblemKind, Span};

/// What libyaml says when a value has a `:` of its own.
const NOT_ALLOWED: &str = "mapping values are not allowed in this context";

/// The problem at the line that makes it one. `suspect` is where what was not understood begins.
pub(super) fn blamed(text: &str, problem: Problem, suspect: Option<u32>) -> Problem {
    let is_value = matches!(problem.kind, ProblemKind::Syntax { libyaml: Some(NOT_ALLOWED), .. });
    match suspect.filter(|_| is_value).and_then(|suspect| of_line_above(text, problem.span, suspect)) {
        Some((span, message)) => Problem { span, message: message.to_owned(), ..problem },
        None => problem,
    }
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
    match name.map(|end| inner.split_at(end)) {
        None => Some((place(at, inner.len())?, "this line has no `:` that makes it a key")),
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
            None if !inner.contains(": ") => {
                Some((place(at, inner.len())?, "this line has no `:` that makes it a key"))
            }
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
        ] {
            let source = Arc::new(SourceFile::new("f", text));
            let problems = parse(&source).problems;
            let said: Vec<_> = problems.iter().map(|problem| source.slice(problem.span)).collect();
            assert_eq!(said, [place], "{text}: {problems:?}");
            assert!(problems[0].message.contains(words), "{text}: {problems:?}");
        }
    }
}

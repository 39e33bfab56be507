//! Suppressions: comments that silence findings in the file they stand in.
//!
//! Owns: reading `# rehearsal: ignore[CODE, CODE] reason`, and which lines each one speaks of. At the end of a line it
//! speaks of that line; alone on a line, of the next line that is no comment. Where a text of several lines begins there
//! (`- |`), it speaks of the whole text. `# rehearsal: ignore-file[CODE] reason` before the first line of content speaks of
//! the whole file. In a block of text (`|`, `>`) a comment of the shell counts like one of YAML. Leaves to `check`: which
//! codes there are, and what was of use.

use std::collections::HashMap;

use crate::syntax::{SourceFile, Span, Style, Tree};

/// A comment that silences findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The comment.
    pub span: Span,
    /// What it silences.
    pub codes: Vec<Code>,
    /// Why; may be empty.
    pub reason: String,
    /// What it speaks of.
    pub scope: Scope,
    /// What has to go so that nothing is left of it; none inside a block of text, which is not ours to change.
    pub removal: Option<Span>,
}

/// A code in a suppression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The code.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// What has to go so that nothing is left of it in its list.
    pub removal: Span,
}

/// What a suppression speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of the file.
    File,
    /// From one line to another, both counted from 1 and included.
    Lines(u32, u32),
}

/// A comment that was meant to silence findings, and does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misread {
    /// The comment.
    pub span: Span,
    /// Why not.
    pub why: &'static str,
}

/// The suppressions of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suppressions {
    /// Those that are understood, in order.
    pub known: Vec<Suppression>,
    /// The others.
    pub misread: Vec<Misread>,
}

impl Suppression {
    /// Whether it speaks of a line.
    pub fn covers(&self, line: u32) -> bool {
        match self.scope {
            Scope::File => true,
            Scope::Lines(first, last) => (first..=last).contains(&line),
        }
    }
}

const WORD: &str = "rehearsal";
/// What other tools call it.
const OTHER_WORDS: [&str; 7] = ["allow", "disable", "mute", "noqa", "silence", "skip", "suppress"];

/// Reads the suppressions of a file.
pub fn read(tree: &Tree) -> Suppressions {
    let source = tree.source();
    // Almost no file has one, and looking for the word costs next to nothing.
    if !source.text().contains("ehearsal") {
        return Suppressions::default();
    }
    let texts = Texts::of(tree);
    let comments = tree.comments().iter().map(|comment| (comment.span, None));
    let inside = texts.blocks.iter().flat_map(|block| {
        (block.first..=block.last).filter_map(|line| Some((shell_comment(source, line)?, Some(*block))))
    });
    let mut found: Vec<_> = comments.chain(inside).collect();
    found.sort_unstable_by_key(|(span, _)| *span);
    let content = first_content(source);
    let mut suppressions = Suppressions::default();
    for (span, block) in found {
        let Some(written) = words(source, span) else { continue };
        match understood(source, written) {
            Ok(read) if read.of_file && (block.is_some() || span.start >= content) => {
                let why = "`ignore-file` stands before the first line of content";
                suppressions.misread.push(Misread { span, why });
            }
            Ok(read) => {
                let line = source.position(span.start).line;
                let own = is_own_line(source, span);
                let scope = if read.of_file {
                    Scope::File
                } else {
                    let first = if own { next_line(source, line, block) } else { line };
                    Scope::Lines(first, texts.ends.get(&first).copied().unwrap_or(first))
                };
                let removal = block.is_none().then(|| removal(source, span, own));
                let Understood { codes, reason, .. } = read;
                suppressions.known.push(Suppression { span, codes, reason, scope, removal });
            }
            Err(why) => suppressions.misread.push(Misread { span, why }),
        }
    }
    suppressions
}

/// Lines of a block of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Block {
    first: u32,
    last: u32,
}

/// Where texts of several lines are.
struct Texts {
    blocks: Vec<Block>,
    /// The line each begins in, at its `|` or quote, and its last line.
    ends: HashMap<u32, u32>,
}

impl Texts {
    fn of(tree: &Tree) -> Self {
        let source = tree.source();
        let line = |at: u32| source.position(at).line;
        let is_blank =
            |line: u32| source.line_span(line).is_none_or(|span| source.slice(span).trim().is_empty());
        let (mut blocks, mut ends) = (Vec::new(), HashMap::new());
        for (span, style) in tree.scalars() {
            let (mut first, last) = (line(span.start), line(span.end.saturating_sub(1).max(span.start)));
            if matches!(style, Style::Literal | Style::Folded) {
                let mut head = first;
                if source.slice(span).starts_with(['|', '>']) && last > first {
                    first += 1;
                } else {
                    // The place of a block begins with its text, after the line with the `|`.
                    head -= 1;
                    while head > 1 && is_blank(head) {
                        head -= 1;
                    }
                }
                blocks.push(Block { first, last });
                first = head;
            }
            if last > first {
                let end = ends.entry(first).or_insert(last);
                *end = last.max(*end);
            }
        }
        Self { blocks, ends }
    }
}

/// The comment of a line of a command, when it begins with our word.
fn shell_comment(source: &SourceFile, line: u32) -> Option<Span> {
    let span = source.line_span(line)?;
    let text = source.slice(span);
    let begins = |at: usize| text[..at].chars().next_back().is_none_or(char::is_whitespace);
    let ours = |at: usize| words(source, Span::new(span.start + offset(at), span.end)).is_some();
    let at = text.match_indices('#').map(|(at, _)| at).find(|at| begins(*at) && ours(*at))?;
    Some(Span::new(span.start + offset(at), span.end))
}

/// What stands behind our word in a comment that is about ignoring, with the `:`.
fn words(source: &SourceFile, span: Span) -> Option<Span> {
    let text = source.slice(span);
    let inner = text.trim_start_matches('#').trim_start();
    let begin = inner.get(..WORD.len()).filter(|word| word.eq_ignore_ascii_case(WORD))?;
    let after = &inner[begin.len()..];
    let rest = after.strip_prefix(':').unwrap_or(after).trim_start();
    // Whoever writes about a rehearsal does not speak to us.
    let is_ours = if rest.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("ignore")) {
        after.starts_with(':') || rest[6..].trim_start_matches("-file").starts_with('[')
    } else {
        let word = rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        OTHER_WORDS.contains(&word) && rest[word.len()..].trim_start_matches("-file").starts_with('[')
    };
    is_ours.then(|| Span::new(span.end - offset(after.len()), span.end))
}

struct Understood {
    of_file: bool,
    codes: Vec<Code>,
    reason: String,
}

fn understood(source: &SourceFile, span: Span) -> Result<Understood, &'static str> {
    let text = source.slice(span).strip_prefix(':').ok_or("a `:` belongs behind `rehearsal`")?.trim_start();
    let (of_file, rest) = match text.strip_prefix("ignore-file") {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix("ignore").ok_or("its word is `ignore`, in small letters")?),
    };
    let rest = rest.trim_start();
    let inner = rest.strip_prefix('[').ok_or("it names no code in brackets")?;
    let (list, reason) = inner.split_once(']').ok_or("its bracket is not closed")?;
    let begin = span.end - offset(inner.len());
    let mut codes: Vec<Code> = Vec::new();
    let mut at = begin;
    for item in list.split(',') {
        let name = item.trim();
        if !name.is_empty() {
            let start = at + offset(item.len() - item.trim_start().len());
            let here = Span::new(start, start + offset(name.len()));
            codes.push(Code { name: name.to_owned(), span: here, removal: here });
        }
        at += offset(item.len()) + 1;
    }
    if codes.is_empty() {
        return Err("it names no code in its brackets");
    }
    // With a code goes what parts it from the next one; with the last, what parts it from the one before.
    let starts: Vec<_> = codes.iter().map(|code| code.span).collect();
    for (index, code) in codes.iter_mut().enumerate() {
        let before = index.checked_sub(1).and_then(|before| starts.get(before));
        code.removal = match (starts.get(index + 1), before) {
            (Some(next), _) => Span::new(code.span.start, next.start),
            (None, Some(before)) => Span::new(before.end, code.span.end),
            (None, None) => code.span,
        };
    }
    let reason = reason.trim_start_matches([':', '-', '–', '—', ' ', '\t']).trim_end().to_owned();
    Ok(Understood { of_file, codes, reason })
}

/// Where the first line begins that is neither blank nor a comment; a `---` is no content.
fn first_content(source: &SourceFile) -> u32 {
    let lines = (1..=source.line_count()).filter_map(|line| source.line_span(line));
    let is_content = |span: &Span| {
        let text = source.slice(*span).trim_start_matches('\u{feff}').trim();
        !text.is_empty() && !text.starts_with('#') && text != "---"
    };
    let mut lines = lines.filter(is_content);
    lines.next().map_or(source.len(), |span| span.start)
}

fn is_own_line(source: &SourceFile, span: Span) -> bool {
    let line = source.line_span(source.position(span.start).line).unwrap_or(span);
    source.slice(Span::new(line.start, span.start)).trim_start_matches('\u{feff}').trim().is_empty()
}

/// The next line that is neither blank nor a comment, in the block of the comment if it is in one.
fn next_line(source: &SourceFile, line: u32, block: Option<Block>) -> u32 {
    let last = block.map_or(source.line_count(), |block| block.last);
    let is_text = |line: &u32| {
        let text = source.line_span(*line).map(|span| source.slice(span).trim()).unwrap_or_default();
        !text.is_empty() && !text.starts_with('#')
    };
    (line + 1..=last).find(is_text).unwrap_or(line)
}

/// The comment with what stands between it and the rest: a line of its own goes whole.
fn removal(source: &SourceFile, span: Span, own: bool) -> Span {
    let line = source.position(span.start).line;
    let whole = source.line_span(line).unwrap_or(span);
    if own {
        let start = if source.text().starts_with('\u{feff}') && line == 1 { 3 } else { whole.start };
        let end = source.line_span(line + 1).map_or(source.len(), |next| next.start);
        return Span::new(start, end);
    }
    let before = source.slice(Span::new(whole.start, span.start)).trim_end();
    Span::new(whole.start + offset(before.len()), span.end)
}

fn offset(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::syntax::parse;

    fn of(text: &str) -> Suppressions {
        let source = Arc::new(SourceFile::new("buildspec.yml", text));
        parse(&source).tree.as_ref().map(read).unwrap_or_default()
    }

    /// Each comment with the lines it speaks of.
    #[test]
    fn a_suppression_speaks_of_the_lines_it_stands_at() {
        let table: &[(&str, &[Scope])] = &[
            ("a: 1 # rehearsal: ignore[x] why\nb: 2\n", &[Scope::Lines(1, 1)]),
            ("# rehearsal: ignore[x] why\n\n# more\na: 1\n", &[Scope::Lines(4, 4)]),
            ("a:\n  # rehearsal: ignore[x]\n  - b\n", &[Scope::Lines(3, 3)]),
            ("a:\n  # rehearsal: ignore[x]\n  - |\n    one\n    two\n  - b\n", &[Scope::Lines(3, 5)]),
            ("a:\n  - | # rehearsal: ignore[x]\n    one\n\n    two\n", &[Scope::Lines(2, 5)]),
            ("a:\n  - >-\n\n    one\n    two # rehearsal: ignore[x]\n", &[Scope::Lines(5, 5)]),
            ("a:\n  - |\n    # rehearsal: ignore[x]\n    one\n    two\nb: 1\n", &[Scope::Lines(4, 4)]),
            ("a:\n  - |\n    one\n    # rehearsal: ignore[x]\nb: 1\n", &[Scope::Lines(4, 4)]),
            ("a: \"one\n  two\" # rehearsal: ignore[x]\n", &[Scope::Lines(2, 2)]),
            ("# rehearsal: ignore[x]\na: \"one\n  two\"\n", &[Scope::Lines(2, 3)]),
            ("# Copyright\n# rehearsal: ignore-file[x]\n---\na: 1\n", &[Scope::File]),
            ("\u{feff}# Rehearsal:ignore[x]\na: 1\n", &[Scope::Lines(2, 2)]),
            ("a: 1 # about our rehearsal: ignore[x]\nb: 'c # rehearsal: ignore[x]'\n", &[]),
            ("# rehearsal: the dress of it\na: 1\n", &[]),
            ("# rehearsal ignores this\n# rehearsal: skip it\na: 1\n", &[]),
        ];
        for (text, scopes) in table {
            let found = of(text);
            assert_eq!(found.known.iter().map(|one| one.scope).collect::<Vec<_>>(), *scopes, "{text}");
            assert_eq!(found.misread, [], "{text}");
        }
    }

    #[test]
    fn codes_and_the_reason_are_told_apart() {
        let text = "a: 1   # rehearsal: ignore[one, two ,three]: they are right\n";
        let found = of(text);
        let [only] = found.known.as_slice() else { panic!("{found:?}") };
        let slice = |span: Span| &text[span.start as usize..span.end as usize];
        assert_eq!(
            only.codes.iter().map(|code| slice(code.span)).collect::<Vec<_>>(),
            ["one", "two", "three"]
        );
        let removals: Vec<_> = only.codes.iter().map(|code| slice(code.removal)).collect();
        assert_eq!(removals, ["one, ", "two ,", " ,three"]);
        assert_eq!(only.reason, "they are right");
        assert_eq!(only.removal.map(slice), Some("   # rehearsal: ignore[one, two ,three]: they are right"));
    }

    #[test]
    fn what_was_meant_as_one_and_is_none_is_said() {
        for (comment, why) in [
            ("ignore unknown-key", "it names no code in brackets"),
            ("ignore", "it names no code in brackets"),
            ("ignore[unknown-key", "its bracket is not closed"),
            ("ignore[ , ]", "it names no code in its brackets"),
            ("IGNORE[x]", "its word is `ignore`, in small letters"),
            ("disable[x] why", "its word is `ignore`, in small letters"),
            ("ignore-file[x]", "`ignore-file` stands before the first line of content"),
        ] {
            let found = of(&format!("a: 1\nb: 2 # rehearsal: {comment}\n"));
            assert_eq!(found.misread.iter().map(|one| one.why).collect::<Vec<_>>(), [why], "{comment}");
        }
        let found = of("a: 1 # rehearsal ignore[x] why\n");
        let whys: Vec<_> = found.misread.iter().map(|one| one.why).collect();
        assert_eq!(whys, ["a `:` belongs behind `rehearsal`"]);
    }
}

//! What of a section can still be read when a few of its lines cannot.
//!
//! Owns: choosing those lines. A line goes with all that is indented below it, so that what remains is built as it was. A choice
//! is good when the error is gone with it; nothing is chosen where that takes more than the lines around the error.

use std::sync::Arc;

use super::parser::{Broken, Pass, pass};
use super::recovery::blank;
use super::{LIMITS, SourceFile, Span};

/// How many texts are tried, in all errors of a file together.
#[derive(Debug)]
pub(super) struct Tries(usize);

impl Default for Tries {
    fn default() -> Self {
        Self(LIMITS.salvages)
    }
}

/// What can be read when some lines cannot.
pub(super) struct Saved {
    /// The text without them.
    pub(super) text: String,
    /// The lines.
    pub(super) lines: Vec<Span>,
    /// The bracket or quote that is never closed, when that is why they cannot be read.
    pub(super) open: Option<Span>,
}

/// The text without the lines of a section that hold an error, or what is suspected to be the reason for it.
pub(super) fn salvage(
    source: &Arc<SourceFile>,
    text: &str,
    section: Span,
    broken: &Broken,
    suspect: Option<u32>,
    tries: &mut Tries,
) -> Option<Saved> {
    let block = block_at(text, section, broken.blamed())
        .or_else(|| suspect.and_then(|suspect| block_at(text, section, suspect)))?;
    let mut choices: Vec<(Vec<Span>, Option<Span>)> = Vec::new();
    if let Some(at) = suspect {
        let is_open = text.get(at as usize..)?.starts_with(['[', '{', '"', '\'']);
        let open = is_open.then(|| Span::new(at, at + 1));
        choices.extend(block_at(text, section, at).map(|lines| (vec![lines], open)));
    }
    if choices.iter().all(|(lines, _)| *lines != [block]) {
        choices.push((vec![block], None));
    }
    let before = text.get(section.start as usize..block.start as usize)?.trim_end().len();
    let before = section.start + u32::try_from(before).ok()?.saturating_sub(1);
    if let Some(before) = block_at(text, section, before).filter(|before| before.start < block.start) {
        choices.extend([(vec![before], None), (vec![before, block], None)]);
    }
    // The one with the most in it, since an open quote can swallow much of a file.
    let mut best: Option<(usize, Saved)> = None;
    for (lines, open) in choices {
        let Some(left) = tries.0.checked_sub(1) else { break };
        tries.0 = left;
        let tried = lines.iter().fold(text.to_owned(), |text, lines| blank(&text, *lines));
        let end = lines.last().map_or(block.end, |lines| lines.end);
        let saved = Saved { text: tried, lines, open };
        let most = match pass(source, &saved.text) {
            Pass::Whole(tree, _) => tree.nodes.len(),
            Pass::TightComment(_) | Pass::Refused(_) => continue,
            Pass::Broken(next) if next.blamed() >= section.end => {
                // Without the whole section it is there too, or it came of what is left of this one.
                let without = pass(source, &blank(text, section));
                let is_own =
                    matches!(without, Pass::Broken(other) if other.problem.span == next.problem.span);
                if !is_own {
                    continue;
                }
                0
            }
            Pass::Broken(next) if is_another(source, text, section, end, next.blamed()) => {
                most_behind(source, saved.text.clone(), section, next.blamed())
            }
            Pass::Broken(_) => continue,
        };
        if best.as_ref().is_none_or(|(other, _)| most > *other) {
            best = Some((most, saved));
        }
    }
    best.map(|(_, saved)| saved)
}

/// Whether an error behind lines that are gone is another one: one on the very next line may come of what is gone, unless that line is no
/// YAML by itself.
fn is_another(source: &Arc<SourceFile>, text: &str, section: Span, end: u32, next: u32) -> bool {
    let between = text.get(end as usize..next as usize);
    let Some(between) = between else { return false };
    let is_no_yaml = || {
        block_at(text, section, next).is_some_and(|lines| {
            let alone = blank(text, Span::new(0, lines.start));
            let alone = blank(&alone, Span::new(lines.end, source.len()));
            matches!(pass(source, &alone), Pass::Broken(_))
        })
    };
    between.contains('\n') || is_no_yaml()
}

/// How much is in a section once the errors that come next are gone too, as far as they are few.
fn most_behind(source: &Arc<SourceFile>, mut text: String, section: Span, mut next: u32) -> usize {
    const FEW: usize = 3;
    for _ in 0..FEW {
        let Some(lines) = block_at(&text, section, next) else { return 0 };
        text = blank(&text, lines);
        match pass(source, &text) {
            Pass::Whole(tree, _) => return tree.nodes.len(),
            Pass::Broken(broken) => next = broken.blamed(),
            Pass::TightComment(_) | Pass::Refused(_) => return 0,
        }
    }
    0
}

/// The line at a place with those indented below it; none for the line that begins the section.
fn block_at(text: &str, section: Span, at: u32) -> Option<Span> {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let lines = text.get(section.start as usize..section.end as usize)?;
    let at = at.checked_sub(section.start)? as usize;
    let mut begin = 0;
    let mut block: Option<(usize, usize, usize)> = None;
    for line in lines.split_inclusive('\n') {
        let end = begin + line.len();
        match block {
            Some((start, own, _)) if line.trim().is_empty() || indent(line) > own => {
                block = Some((start, own, end));
            }
            Some(_) => break,
            None if (begin..end).contains(&at) || (end == lines.len() && at >= end) => {
                block = (begin > 0 && indent(line) > 0).then_some((begin, indent(line), end));
                block?;
            }
            None => {}
        }
        begin = end;
    }
    let (start, _, end) = block?;
    let offset = |at: usize| Some(section.start + u32::try_from(at).ok()?);
    Some(Span::new(offset(start)?, offset(end)?))
}

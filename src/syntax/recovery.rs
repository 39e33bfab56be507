//! Reading on after a syntax error.
//!
//! Owns: the way in ([`parse`]), the checks that come before parsing, and recovery: the section that holds the error,
//! from one line at column 0 to the next, is blanked with spaces, so that every offset stays, and the rest is parsed
//! again. Thus a file with a broken `phases` and a broken `env` reports both and still gives `artifacts`.

use std::sync::Arc;

use super::parser::{Pass, pass};
use super::{Comment, LIMITS, Problem, ProblemKind, SourceFile, Span, Tree, dialect};

/// What came of a text.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The tree, when anything could be read. After a syntax error it [is partial](Tree::is_partial).
    pub tree: Option<Tree>,
    /// What is wrong, in the order of the text.
    pub problems: Vec<Problem>,
}

impl Parsed {
    /// Every comment of what could be read.
    pub fn comments(&self) -> &[Comment] {
        self.tree.as_ref().map(Tree::comments).unwrap_or_default()
    }

    fn refused(problem: Problem) -> Self {
        Self { tree: None, problems: vec![problem] }
    }
}

/// Parses a text. Never panics; time and memory are bounded by [`LIMITS`].
pub fn parse(source: &Arc<SourceFile>) -> Parsed {
    if source.text().len() > LIMITS.bytes {
        return Parsed::refused(Problem::too_large());
    }
    if let Some(problem) = control_character(source) {
        return Parsed::refused(problem);
    }
    let mut text = dialect::readable(source.text()).into_owned();
    if dialect::has_old_breaks(&text) {
        let quoted = matches!(pass(source, &text), Pass::Whole(tree, _) if dialect::are_quoted(&tree));
        text = if quoted { text } else { dialect::with_new_breaks(&text) };
    }
    let mut left_out: Vec<Span> = Vec::new();
    let mut broken: Vec<Problem> = Vec::new();
    // Every pass counts, also one whose error is not worth a line of its own.
    for number in 0..=LIMITS.recoveries {
        match pass(source, &text) {
            Pass::Refused(problem) => {
                broken.push(problem);
                break;
            }
            Pass::Whole(mut tree, mut problems) => {
                left_out.sort_unstable();
                tree.left_out = left_out;
                problems.append(&mut broken);
                problems.extend(dialect::refused(&tree));
                problems.sort_by_key(|problem| problem.span);
                let nothing_left = tree.is_partial() && tree.root().is_null();
                return Parsed { tree: (!nothing_left).then_some(tree), problems };
            }
            Pass::TightComment(problem) => match dialect::without_comment(&text, problem.span) {
                Some(without) if number < LIMITS.recoveries => text = without,
                _ => broken.push(problem),
            },
            Pass::Broken(mut problem, bracket) => {
                let spaced = bracket.and_then(|bracket| dialect::without_tabs(&text, bracket, problem.span));
                if let Some(spaced) = spaced.filter(|spaced| number < LIMITS.recoveries && *spaced != text) {
                    text = spaced;
                    continue;
                }
                // A bracket that was never closed swallows the sections after it: its own section is the broken one.
                let blamed = bracket.map_or(problem.span.start, |bracket| bracket.start);
                let section = section_around(&text, blamed);
                if let ProblemKind::Syntax { open, .. } = &mut problem.kind {
                    *open = bracket.filter(|bracket| *bracket != problem.span);
                }
                // An error that only follows from an earlier one of the same place is not worth a second line.
                if broken.iter().all(|known| known.span != problem.span) {
                    broken.push(problem);
                }
                let Some(section) = section else { break };
                let blanked = blank(&text, section);
                if blanked == text {
                    break;
                }
                text = blanked;
                left_out.push(section);
            }
        }
    }
    broken.sort_by_key(|problem| problem.span);
    Parsed { tree: None, problems: broken }
}

/// YAML allows no control characters but tab and line breaks; neither libyaml nor its relatives read them.
fn control_character(source: &SourceFile) -> Option<Problem> {
    let forbidden = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}');
    let (at, found) = source.text().char_indices().find(|(_, c)| forbidden(*c))?;
    let message = if found == '\0' {
        "a NUL byte: this is no text file".to_owned()
    } else {
        format!("the control character {} is not allowed in YAML", found.escape_unicode())
    };
    let start = u32::try_from(at).unwrap_or(u32::MAX);
    let end = start.saturating_add(u32::try_from(found.len_utf8()).unwrap_or_default());
    Some(Problem { kind: ProblemKind::ControlCharacter, message, span: Span::new(start, end) })
}

/// The section that holds `at`: from the last line before it that begins at column 0 to the next such line. Looks
/// further back when nothing but blanks is there. `None` when there is nothing left to blank.
fn section_around(text: &str, at: u32) -> Option<Span> {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let mut starts = Vec::new();
    let mut begin = 0;
    for line in text.split_inclusive('\n') {
        if begins_section(line, begin == 0) {
            starts.push(offset(begin));
        }
        begin += line.len();
    }
    let after = starts.partition_point(|start| *start <= at);
    let first = *starts.get(after.saturating_sub(1)).or_else(|| starts.first())?;
    let end = starts.iter().copied().find(|start| *start > first).unwrap_or(offset(text.len()));
    Some(Span::new(first, end))
}

/// Whether a line at column 0 begins something: not a comment, a list item of the key above, or a closing bracket.
fn begins_section(line: &str, first: bool) -> bool {
    let line = if first { line.trim_start_matches('\u{feff}') } else { line };
    let continues = line.starts_with(['#', ' ', '\t', '\r', '\n', '}', ']']) || line.starts_with("- ");
    !line.is_empty() && (!continues || (first && line.starts_with([' ', '\t'])) && !line.trim().is_empty())
}

/// The text with a span replaced by spaces, line breaks kept, so that every other offset stays.
fn blank(text: &str, span: Span) -> String {
    // Only at the very beginning is the mark no content.
    let keep = |at: usize, c: char| matches!(c, '\n' | '\r') || (at == 0 && c == '\u{feff}');
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if (span.start as usize..span.end as usize).contains(&at) && !keep(at, c) {
            out.extend(std::iter::repeat_n(' ', c.len_utf8()));
        } else {
            out.push(c);
        }
    }
    out
}

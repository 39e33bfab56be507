//! Reading on after a syntax error.
//!
//! Owns: the way in ([`parse`]), the checks that come before parsing, and recovery: what holds the error is blanked with
//! spaces, so that every offset stays, and the rest is parsed again. That is a line or two where the rest of their section can be
//! read without them (`salvage`), else the section, from one line at column 0 to the next. Thus a file with a broken `phases` and a
//! broken `env` reports both and still gives `artifacts`.

use std::sync::Arc;

use super::blame::blamed;
use super::here_document::fallen_out;
use super::json_comment;
use super::parser::{Broken, Pass, pass};
use super::salvage::{Tries, salvage};
use super::wording::{ITEM_DEPTH, KEY_DEPTH, TAB};
use super::{Comment, LIMITS, Problem, ProblemKind, SourceFile, Span, Tree, dialect};

/// How many errors of a section are left out line by line: one with more is left out as a whole.
const MOST_IN_A_SECTION: usize = 6;

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
    let mut recovery = Recovery::default();
    // Every pass counts, also one whose error is not worth a line of its own.
    for number in 0..=LIMITS.recoveries {
        match pass(source, &text) {
            Pass::Refused(problem) => {
                recovery.broken.push(problem);
                break;
            }
            Pass::Whole(tree, problems) => {
                // A key that goes on over lines is no error to every reader.
                let is_syntax = |problem: &Problem| matches!(problem.kind, ProblemKind::Syntax { .. });
                let is_json = source.name().to_ascii_lowercase().ends_with(".json");
                let is_first = number == 0
                    && (is_json || problems.iter().any(is_syntax) || !dialect::refused(&tree).is_empty());
                if let Some((cleaned, problem)) = json_comment::without(&text).filter(|_| is_first) {
                    recovery.broken.push(problem);
                    text = cleaned;
                    continue;
                }
                return recovery.whole(tree, problems);
            }
            Pass::TightComment(problem) => match dialect::without_comment(&text, problem.span) {
                Some(without) if number < LIMITS.recoveries => text = without,
                _ => recovery.broken.push(problem),
            },
            Pass::Broken(broken) => {
                if let Some((cleaned, problem)) = json_comment::without(&text).filter(|_| number == 0) {
                    recovery.broken.push(problem);
                    text = cleaned;
                    continue;
                }
                let spaced = broken.bracket;
                let spaced =
                    spaced.and_then(|bracket| dialect::without_tabs(&text, bracket, broken.problem.span));
                if let Some(spaced) = spaced.filter(|spaced| number < LIMITS.recoveries && *spaced != text) {
                    text = spaced;
                    continue;
                }
                let Some(without) = recovery.without(source, &text, broken) else { break };
                text = without;
            }
        }
    }
    recovery.broken.sort_by_key(|problem| problem.span);
    take_depth_again(source.text(), &mut recovery.broken);
    Parsed { tree: None, problems: recovery.broken }
}

/// What was wrong so far, and what was left out for it.
#[derive(Default)]
struct Recovery {
    broken: Vec<Problem>,
    left_out: Vec<Span>,
    /// Where the sections begin that something was saved of, once for each error in them.
    salvaged: Vec<u32>,
    tries: Tries,
}

impl Recovery {
    fn whole(mut self, mut tree: Tree, mut problems: Vec<Problem>) -> Parsed {
        self.left_out.sort_unstable();
        tree.left_out = self.left_out;
        // An anchor may stand in what is left out.
        let source = Arc::clone(tree.source());
        let is_left_out = |problem: &Problem| {
            let name = source.slice(problem.span).trim_start_matches('*');
            let anchors = [format!("&{name}"), format!("& {name}")];
            let holds = |lines: &Span| anchors.iter().any(|anchor| source.slice(*lines).contains(anchor));
            tree.left_out.iter().any(holds)
        };
        problems.retain(|problem| problem.kind != ProblemKind::UnknownAnchor || !is_left_out(problem));
        // An alias of nothing is no mapping either.
        let unknown: Vec<_> = problems
            .iter()
            .filter(|problem| problem.kind == ProblemKind::UnknownAnchor)
            .map(|problem| problem.span)
            .collect();
        problems.retain(|problem| problem.kind != ProblemKind::BadMerge || !unknown.contains(&problem.span));
        problems.append(&mut self.broken);
        problems.extend(dialect::refused(&tree));
        problems.sort_by_key(|problem| problem.span);
        take_depth_again(source.text(), &mut problems);
        let nothing_left = tree.is_partial() && tree.root().is_null();
        Parsed { tree: (!nothing_left).then_some(tree), problems }
    }

    /// The text without what holds an error: some lines, or their whole section. None when nothing is left to take away.
    fn without(&mut self, source: &Arc<SourceFile>, text: &str, broken: Broken) -> Option<String> {
        if let Some(fallen) = fallen_out(text, broken.problem.span.start) {
            let message =
                "this line ends the text above it; lines of a here-document are indented like their command";
            let first = text[fallen.start as usize..].lines().next().unwrap_or_default().trim_end().len();
            let end = fallen.start + u32::try_from(first).unwrap_or_default();
            let problem =
                Problem { message: message.to_owned(), span: Span::new(fallen.start, end), ..broken.problem };
            self.broken.push(problem);
            self.left_out.push(fallen);
            return Some(blank(text, fallen));
        }
        let suspect = suspect(text, &broken).or_else(|| swallowing(text, &broken));
        let section = section_around(text, suspect.unwrap_or(broken.blamed()));
        let of_section =
            |section: Span| self.salvaged.iter().filter(|start| **start == section.start).count();
        let times = section.map_or(0, of_section);
        let saved = section
            .filter(|_| times < MOST_IN_A_SECTION)
            .and_then(|section| salvage(source, text, section, &broken, suspect, &mut self.tries));
        let Broken { problem, bracket, .. } = broken;
        let mut problem = blamed(text, problem, suspect);
        let unclosed = bracket.or_else(|| saved.as_ref()?.open);
        let is_bracket = |span: &Span| source.slice(*span).starts_with(['[', '{']);
        if let ProblemKind::Syntax { open, .. } = &mut problem.kind {
            let is_above = |unclosed: &Span| {
                text.get(unclosed.start as usize..problem.span.start as usize)
                    .is_some_and(|between| between.contains('\n'))
            };
            *open = unclosed
                .filter(|unclosed| *unclosed != problem.span && (bracket.is_some() || is_above(unclosed)));
            if let Some(bracket) = unclosed.filter(|unclosed| is_bracket(unclosed))
                && is_left_open(text, bracket, problem.span)
            {
                *open = None;
                problem.span = bracket;
                "this bracket is never closed".clone_into(&mut problem.message);
            }
        }
        // An error that only follows from an earlier one is not worth a second line.
        let line = text[..problem.span.start as usize].rfind('\n').map_or(0, |at| at + 1);
        let above = text[..line].trim_end().len();
        let is_next = problem.span.start as usize == line
            && self
                .left_out
                .iter()
                .any(|lines| lines.start as usize >= above && (lines.end as usize) <= line);
        let follows = is_next || (times > 0 && saved.is_none());
        if !follows && self.broken.iter().all(|known| known.span != problem.span) {
            self.broken.push(problem);
        }
        let section = section?;
        if let Some(mut saved) = saved {
            self.salvaged.push(section.start);
            self.left_out.append(&mut saved.lines);
            return Some(saved.text);
        }
        let blanked = blank(text, section);
        self.left_out.push(section);
        (blanked != text).then_some(blanked)
    }
}

/// Whether the line of an error has gone back to the depth of the line with a bracket, or less: what is between brackets stands
/// deeper.
fn is_left_open(text: &str, bracket: Span, error: Span) -> bool {
    let indent = |at: u32| {
        let begin = text.get(..at as usize)?.rfind('\n').map_or(0, |before| before + 1);
        let line = text.get(begin..)?.lines().next()?;
        let content = line.trim_start_matches(' ');
        (!content.starts_with(['}', ']'])).then_some((begin, line.len() - content.len()))
    };
    let is_json = text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
    match (indent(bracket.start), indent(error.start)) {
        (Some((above, outer)), Some((below, inner))) => {
            above < below && inner <= outer && !is_json && !is_closed_below(text, bracket)
        }
        _ => false,
    }
}

/// Takes away what says of another line in a section that its depth is wrong: where a line is left out for its depth, or for a tab,
/// those of the right depth seem to be wrong too. The problems are in the order of the text.
fn take_depth_again(text: &str, problems: &mut Vec<Problem>) {
    let column = |problem: &Problem| {
        let before = text.get(..problem.span.start as usize).unwrap_or_default();
        before.len() - before.rfind('\n').map_or(0, |at| at + 1)
    };
    let mut earlier: Option<(u32, usize, bool)> = None;
    problems.retain(|problem| {
        let is_tab = problem.message == TAB;
        let is_depth = [ITEM_DEPTH, KEY_DEPTH].contains(&&*problem.message);
        if !is_tab && !is_depth {
            return true;
        }
        let again = earlier.is_some_and(|(start, depth, was_tab)| {
            let between = text.get(start as usize..problem.span.start as usize).unwrap_or_default();
            let is_same_section = !between.lines().skip(1).any(|line| begins_section(line, false));
            is_same_section && is_depth && (was_tab || depth == column(problem))
        });
        if !again {
            earlier = Some((problem.span.start, column(problem), is_tab));
        }
        !again
    });
}

/// Whether a later line begins with what closes a bracket.
fn is_closed_below(text: &str, bracket: Span) -> bool {
    let mut depth = 0_i32;
    let mut is_first = true;
    for c in text.get(bracket.start as usize..).unwrap_or_default().chars() {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => {
                depth -= 1;
                if depth <= 0 {
                    return is_first;
                }
            }
            _ => {}
        }
        is_first = c == '\n' || is_first && c.is_whitespace();
    }
    false
}

/// Where what is not understood begins, if that is before the error: a quoted text that ends lines later, a line without its `:`.
fn suspect(text: &str, broken: &Broken) -> Option<u32> {
    let rest = text.get(broken.understood as usize..broken.blamed() as usize)?;
    let mut at = broken.understood as usize;
    for line in rest.split_inclusive('\n') {
        let inside = line.trim_start_matches([' ', '\t', ':', '-', '?', ',']);
        if !inside.trim().is_empty() && !inside.starts_with('#') {
            return u32::try_from(at + line.len() - inside.len()).ok();
        }
        at += line.len();
    }
    None
}

/// Where a value begins that ends at the error on a later line: that line was taken for a part of it.
fn swallowing(text: &str, broken: &Broken) -> Option<u32> {
    let between = text.get(broken.last.start as usize..broken.blamed() as usize)?;
    let lines = between.trim_end().lines().filter(|line| !line.trim().is_empty()).count();
    let goes_on = broken.last.end >= broken.blamed() && lines >= 2 && broken.bracket.is_none();
    goes_on.then_some(broken.last.start)
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
pub(super) fn blank(text: &str, span: Span) -> String {
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

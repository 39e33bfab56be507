//! Where libyaml and our parser part.
//!
//! AWS reads buildspecs with a port of libyaml, which knows YAML 1.1 and some habits of its own. Owns: what libyaml takes
//! and our parser would not ([`readable`], [`without_comment`]), and what libyaml refuses and our parser takes
//! ([`Keys`], [`refused`]). `agreement` holds the two against each other.

use std::borrow::Cow;

use super::tree::Data;
use super::wording::TAB;
use super::{Problem, ProblemKind, SourceFile, Span, Style, Tree};

const BOM: char = '\u{feff}';
/// As long as a byte order mark, as invisible, and taken by our parser within a text.
const JOINER: char = '\u{2060}';
/// Line breaks of YAML 1.1 that are none of YAML 1.2.
const BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

const LINE_BREAKS: [char; 5] = ['\n', '\r', BREAKS[0], BREAKS[1], BREAKS[2]];

/// The text as our parser has to see it, every offset the same: a byte order mark within the text is a character like
/// others. [`restored`] gives it back.
pub(super) fn readable(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().skip(1).any(|c| c == BOM) {
        return Cow::Borrowed(text);
    }
    let mark = |(at, c)| if at > 0 && c == BOM { JOINER } else { c };
    Cow::Owned(text.char_indices().map(mark).collect())
}

/// A value as it is written.
pub(super) fn restored<'v>(value: Cow<'v, str>, source: &SourceFile) -> Cow<'v, str> {
    if value.is_ascii() || !value.contains(JOINER) || !source.text().chars().skip(1).any(|c| c == BOM) {
        return value;
    }
    Cow::Owned(value.replace(JOINER, "\u{feff}"))
}

/// Whether the text has line breaks that only YAML 1.1 has.
pub(super) fn has_old_breaks(text: &str) -> bool {
    !text.is_ascii() && text.contains(BREAKS)
}

/// Whether all those stand between quotes, where they are text for everybody.
pub(super) fn are_quoted(tree: &Tree) -> bool {
    let mut quoted: Vec<Span> = tree
        .scalars()
        .filter(|(_, style)| matches!(style, Style::SingleQuoted | Style::DoubleQuoted))
        .map(|(span, _)| span)
        .collect();
    quoted.sort_unstable();
    tree.source.text().match_indices(BREAKS).all(|(at, _)| around(&quoted, offset(at)).is_some())
}

/// The text with those made ordinary line breaks, every offset the same.
pub(super) fn with_new_breaks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if BREAKS.contains(&c) {
            out.extend(std::iter::repeat_n(' ', c.len_utf8() - 1));
            out.push('\n');
        } else {
            out.push(c);
        }
    }
    out
}

/// The text without the comment that begins at `at`: libyaml needs no space before one that follows a quote, a bracket
/// or the head of a block.
pub(super) fn without_comment(text: &str, at: Span) -> Option<String> {
    let start = at.start as usize;
    let rest = text.get(start..).filter(|rest| rest.starts_with('#'))?;
    let end = rest.find(['\n', '\r']).map_or(text.len(), |length| start + length);
    let mut out = text.to_owned();
    out.replace_range(start..end, &" ".repeat(end - start));
    Some(out)
}

/// The text with spaces for the tabs that lines begin with, from an open bracket to where it closes: libyaml does not
/// look at indentation there. None when the line of the error begins with no tab.
pub(super) fn without_tabs(text: &str, bracket: Span, error: Span) -> Option<String> {
    let line = text.get(..error.end as usize)?.rsplit('\n').next()?;
    if !line[..line.len() - line.trim_start_matches([' ', '\t']).len()].contains('\t') {
        return None;
    }
    let mut out = text.to_owned();
    let (mut depth, mut is_indentation) = (0_usize, false);
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < bracket.start as usize) {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            '\t' if is_indentation => out.replace_range(at..=at, " "),
            _ => {}
        }
        is_indentation = c == '\n' || (is_indentation && matches!(c, ' ' | '\t'));
        if depth == 0 {
            break;
        }
    }
    Some(out)
}

/// Keys that libyaml does not take, of a mapping whose text is at hand.
pub(super) struct Keys<'s> {
    /// The text the mapping stands in.
    pub(super) source: &'s SourceFile,
    /// Whether the mapping is written with brackets.
    pub(super) flow: bool,
}

impl Keys<'_> {
    /// What is wrong with a key; `is_plain` when it is a bare text.
    pub(super) fn refused(&self, key: Span, is_plain: bool) -> Option<Problem> {
        let text = self.source.text();
        if !self.flow {
            return (is_plain && key.is_empty()).then(|| self.no_key(key))?;
        }
        let rest = text.get(key.end as usize..)?;
        let blank = rest.len() - rest.trim_start().len();
        let behind = rest[blank..].strip_prefix(':')?;
        let at = Span::new(key.end + offset(blank), key.end + offset(blank) + 1);
        if key.is_empty() {
            let is_lone = is_plain && behind.starts_with([',', ']', '}']);
            return is_lone
                .then(|| syntax("no key stands before this `:`", "did not find expected node content", at));
        }
        let written = text.get(key.start as usize..at.start as usize)?;
        let before = text.get(..key.start as usize)?.trim_end();
        if !written.contains(LINE_BREAKS) || before.ends_with('?') {
            return None;
        }
        let message = "a key inside brackets and its `:` must stand on one line";
        Some(syntax(message, "did not find expected ',' or '}'", at))
    }

    /// A `:` with nothing before it.
    fn no_key(&self, key: Span) -> Option<Problem> {
        let text = self.source.text();
        let rest = text.get(key.start as usize..)?;
        let at = text.len() - rest.trim_start().len();
        let before = text.get(..at)?;
        let line = before.rsplit(LINE_BREAKS).next()?.trim_matches([' ', '\t', BOM]);
        let is_bare = line.is_empty() || line == "---" || line.ends_with('-');
        if !text[at..].starts_with(':') || !is_bare || before.trim_end().ends_with('?') {
            return None;
        }
        let at = offset(at);
        Some(syntax("no key stands before this `:`", "did not find expected key", Span::new(at, at + 1)))
    }
}

/// What libyaml refuses in a text that our parser took.
pub(super) fn refused(tree: &Tree) -> Vec<Problem> {
    let text = tree.source.text();
    let mut problems: Vec<_> = head(text).into_iter().collect();
    if text.contains('\t') {
        problems.extend(Tabs::of(tree).refused());
    }
    problems
}

/// What comes before the first content.
fn head(text: &str) -> Option<Problem> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let written = line.trim_start_matches(BOM).trim_end();
        let start = at + line.find(written)?;
        at += line.len();
        let span = Span::new(offset(start), offset(start + written.len()));
        if written.starts_with('%') {
            if !written.starts_with("%YAML ") && !written.starts_with("%TAG ") {
                return Some(syntax("this directive does not exist", "found unknown directive name", span));
            }
        } else if written == "..." || written.starts_with("... ") {
            let message = "the document ends before it begins";
            return Some(syntax(message, "did not find expected node content", span));
        } else if !written.trim_start().is_empty() && !written.trim_start().starts_with('#') {
            return None;
        }
    }
    None
}

/// Tabs where libyaml takes none: before the first word of a line that is not inside quotes or brackets, and behind the
/// dash of an item.
struct Tabs<'t> {
    tree: &'t Tree,
    /// Quoted texts.
    quoted: Vec<Span>,
    /// Outermost brackets.
    brackets: Vec<Span>,
    /// Bare texts, with the column of what they are in.
    plain: Vec<(Span, usize)>,
    /// Blocks of text, with the column of what they are in.
    blocks: Vec<(Span, usize)>,
}

impl<'t> Tabs<'t> {
    fn of(tree: &'t Tree) -> Self {
        let mut tabs =
            Self { tree, quoted: Vec::new(), brackets: Vec::new(), plain: Vec::new(), blocks: Vec::new() };
        let mut left: Vec<bool> = vec![true; tree.nodes.len()];
        tabs.visit(tree.root, 0, false, &mut left);
        // Of two equal keys the first is not in the tree; nothing is said of the columns of what it has.
        for id in (0..).take(tree.nodes.len()) {
            if left.get(id as usize) == Some(&true) {
                tabs.visit(id, 0, true, &mut left);
            }
        }
        tabs.quoted.sort_unstable();
        tabs.brackets.sort_unstable();
        // Those inside others say nothing more.
        let mut end = 0;
        tabs.brackets.retain(|span| {
            let is_outermost = span.end > end;
            end = end.max(span.end);
            is_outermost
        });
        tabs.plain.sort_unstable();
        tabs.blocks.sort_unstable();
        tabs
    }

    /// Depth is limited by the parser.
    fn visit(&mut self, id: u32, indent: usize, flow: bool, left: &mut [bool]) {
        if let Some(left) = left.get_mut(id as usize) {
            *left = false;
        }
        let Some(node) = self.tree.nodes.get(id as usize) else { return };
        let span = node.span;
        let text = self.tree.source.text();
        let opens = text[span.start as usize..].starts_with(['[', '{']);
        let closes = text[..span.end as usize].ends_with([']', '}']);
        let children: Vec<u32> = match &node.data {
            Data::Scalar { style: Style::Plain, .. } => return self.plain.push((span, indent)),
            Data::Scalar { style: Style::Literal | Style::Folded, .. } => {
                return self.blocks.push((span, indent));
            }
            Data::Scalar { .. } => return self.quoted.push(span),
            Data::Alias(_) => return,
            Data::Sequence(items) => items.clone(),
            Data::Mapping { entries, .. } => entries.iter().flat_map(|(key, value)| [*key, *value]).collect(),
        };
        let brackets = opens && closes;
        if brackets {
            self.brackets.push(span);
        }
        let flow = flow || brackets;
        let indent = if flow { indent } else { self.column(span.start) + 1 };
        for child in children {
            self.visit(child, indent, flow, left);
        }
    }

    /// How far in a place is.
    fn column(&self, at: u32) -> usize {
        let before = &self.tree.source.text()[..at as usize];
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.trim_start_matches(BOM).chars().count()
    }

    /// The first such tab; what comes after it is only counted.
    fn refused(&self) -> Option<Problem> {
        let mut start = 0;
        let mut first: Option<Problem> = None;
        let mut more = 0;
        for line in self.tree.source.text().split_inclusive('\n') {
            let found = if line.contains('\t') { self.in_line(line, start) } else { None };
            start += line.len();
            match (found, &first) {
                (Some(_), Some(_)) => more += 1,
                (Some(problem), None) => first = Some(problem),
                (None, _) => {}
            }
        }
        let mut first = first?;
        if more > 0 {
            let lines = if more == 1 { "line has" } else { "lines have" };
            first.message = format!("{}; {more} more {lines} one", first.message);
        }
        Some(first)
    }

    fn in_line(&self, line: &str, start: usize) -> Option<Problem> {
        let at = offset(start);
        if around(&self.quoted, at).is_some()
            || self.tree.left_out.iter().any(|span| span.start <= at && at < span.end)
        {
            return None;
        }
        let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
        let flow = around(&self.brackets, at).is_some();
        if let Some(column) = line[..blank].find('\t') {
            return self.in_indentation(column, start, flow);
        }
        if flow {
            return None;
        }
        // Dashes and the like at the beginning of the line, each with its own blanks.
        let mut place = blank;
        loop {
            let rest = line.get(place..)?;
            let indicator = rest.starts_with(['-', '?', ':']) && rest[1..].starts_with([' ', '\t']);
            if !indicator || self.is_text(offset(start + place)) {
                return None;
            }
            let blanks = &rest[1..rest.len() - rest[1..].trim_start_matches([' ', '\t']).len()];
            if let Some(tab) = blanks.find('\t') {
                return Some(cannot_start(start + place + 1 + tab, "a tab cannot stand behind this"));
            }
            place += 1 + blanks.len();
        }
    }

    /// A tab in this column of the line that begins at `start`, with nothing but spaces before it.
    fn in_indentation(&self, column: usize, start: usize, flow: bool) -> Option<Problem> {
        let at = start + column;
        let text = self.tree.source.text();
        // The text before, if nothing but blanks is between: libyaml has not done with it yet.
        let last = |list: &[(Span, usize)]| {
            let (span, indent) =
                *list.get(list.partition_point(|(span, _)| (span.start as usize) < start).checked_sub(1)?)?;
            let goes_on = (span.end as usize) > start;
            let is_next = text.get(span.end as usize..at).is_some_and(|between| between.trim().is_empty());
            (goes_on || (is_next && !span.is_empty())).then_some((span, indent))
        };
        if let Some((span, indent)) = last(&self.blocks) {
            let lines = text[span.start as usize..].split_inclusive('\n').skip(1);
            let first = lines
                .map(|line| line.trim_end_matches(['\n', '\r']))
                .find(|line| !line.trim_matches(' ').is_empty());
            let first = first.map_or(0, |line| line.len() - line.trim_start_matches(' ').len());
            let head = text[span.start as usize..].lines().next().unwrap_or_default();
            let digit = head.chars().nth(1).filter(char::is_ascii_digit).or(head.chars().nth(2));
            let digit = digit.and_then(|c| c.to_digit(10)).map(|digit| digit as usize);
            let inner = digit.map_or(first.max(indent), |digit| indent.saturating_sub(1) + digit);
            let libyaml = "found a tab character where an indentation space is expected";
            return (column < inner).then(|| tab(TAB, libyaml, at));
        }
        if let Some((_, indent)) = last(&self.plain) {
            let libyaml = "found a tab character that violates indentation";
            return (column < indent).then(|| tab(TAB, libyaml, at));
        }
        (!flow).then(|| cannot_start(at, TAB))
    }

    /// Whether a place is inside a bare text or a block.
    fn is_text(&self, at: u32) -> bool {
        let inside = |list: &[(Span, usize)]| {
            let before = list.partition_point(|(span, _)| span.start <= at).checked_sub(1);
            before.and_then(|index| list.get(index)).is_some_and(|(span, _)| at < span.end)
        };
        inside(&self.plain) || inside(&self.blocks)
    }
}

/// The span of a sorted list that a place lies inside of, or at the end of the last character of.
fn around(spans: &[Span], at: u32) -> Option<Span> {
    let before = spans.partition_point(|span| span.start < at).checked_sub(1)?;
    spans.get(before).copied().filter(|span| at < span.end)
}

fn cannot_start(at: usize, message: &str) -> Problem {
    tab(message, "found character that cannot start any token", at)
}

fn tab(message: &str, libyaml: &'static str, at: usize) -> Problem {
    syntax(message, libyaml, Span::new(offset(at), offset(at + 1)))
}

fn syntax(message: &str, libyaml: &'static str, span: Span) -> Problem {
    let kind = ProblemKind::Syntax { libyaml: Some(libyaml), open: None };
    Problem { kind, message: message.to_owned(), span }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

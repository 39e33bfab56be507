//! Findings for people, drawn by miette.
//!
//! Owns: the drawing, and making text of a stranger's file harmless for a terminal. Leaves to `cli`: where it goes,
//! and whether colour, links and graphics are wanted.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    NarratableReportHandler, SourceCode, SourceSpan, SpanContents,
};

use super::{Finding, Label, Severity};
use crate::syntax::SourceFile;

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// With ANSI colours.
    pub color: bool,
    /// Columns to wrap text at.
    pub width: usize,
    /// With terminal hyperlinks.
    pub links: bool,
    /// With box drawing; without it, in plain sentences that a screen reader can follow.
    pub graphics: bool,
}

impl Style {
    /// No colour, no links, box drawing: for files, tests and terminals we know nothing about.
    pub fn plain(width: usize) -> Self {
        Self { color: false, width, links: false, graphics: true }
    }
}

/// A line longer than this is not drawn: it is no line a person wrote.
const LONGEST_LINE: u32 = 2_000;

/// Labels so many lines apart are drawn in one piece, with the lines between them.
const NEAR: usize = 12;

/// Draws the findings, one after the other, each ending in a line break.
pub fn render(findings: &[Finding], style: Style) -> String {
    let mut out = String::new();
    let mut excerpt: Option<Excerpt> = None;
    for finding in findings {
        // Findings mostly come file by file.
        let excerpt = match excerpt.take().filter(|last| Arc::ptr_eq(&last.source, &finding.source)) {
            Some(last) => excerpt.insert(last),
            None => excerpt.insert(Excerpt::new(&finding.source)),
        };
        let report = Report::new(finding, excerpt);
        let drawn = if style.graphics {
            let theme =
                if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
            GraphicalReportHandler::new_themed(theme)
                .with_width(style.width)
                .with_links(style.links)
                .with_urls(true)
                .without_cause_chain()
                .without_syntax_highlighting()
                .render_report(&mut out, &report)
        } else {
            NarratableReportHandler::new().render_report(&mut out, &report)
        };
        if drawn.is_err() {
            // The writer is a String and cannot fail; the drawing can, on a label outside the text.
            let place = finding.source.position(finding.primary.span.start);
            let _ = writeln!(out, "{}:{}:{}: {report}", finding.source.name(), place.line, place.column);
        }
        if !out.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}

/// A finding as miette wants it.
#[derive(Debug)]
struct Report<'f> {
    finding: &'f Finding,
    text: Option<&'f Excerpt>,
    help: Option<String>,
}

impl<'f> Report<'f> {
    fn new(finding: &'f Finding, excerpt: &'f Excerpt) -> Self {
        let source = &finding.source;
        let drawable = |label: &Label| {
            let (first, last) =
                (source.position(label.span.start).line, source.position(label.span.end).line);
            // Context lines are drawn too.
            (first.saturating_sub(1).max(1)..=last.saturating_add(1).min(source.line_count()))
                .all(|line| source.line_span(line).is_some_and(|span| span.len() <= LONGEST_LINE))
        };
        let labels = || std::iter::once(&finding.primary).chain(&finding.secondary);
        let text = labels().all(drawable).then_some(excerpt);
        let mut help = Vec::new();
        if text.is_none() {
            let place = source.position(finding.primary.span.start);
            let at = format!("{}:{}:{}", source.name(), place.line, place.column);
            help.push(format!("at {at}, in a line too long to show: {}", finding.primary.text));
        }
        help.extend(finding.help.clone());
        help.extend(finding.aws_message.as_ref().map(|message| format!("AWS says: {message}")));
        let help = (!help.is_empty()).then(|| told(&help.join("\n")));
        Self { finding, text, help }
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&told(&self.finding.message))
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.finding.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Advice => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display + 'a>)
    }

    fn url<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.finding.url.map(|url| Box::new(url) as Box<dyn fmt::Display + 'a>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.text.map(|text| text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = |label: &Label, primary: bool| {
            let text = (!label.text.is_empty()).then(|| told(&label.text));
            let span = (label.span.start as usize, label.span.len() as usize);
            if primary {
                LabeledSpan::new_primary_with_span(text, span)
            } else {
                LabeledSpan::new_with_span(text, span)
            }
        };
        let primary = std::iter::once(label(&self.finding.primary, true));
        Some(Box::new(primary.chain(self.finding.secondary.iter().map(move |other| label(other, false)))))
    }
}

/// A source file's text, harmless for a terminal, with its name.
#[derive(Debug)]
struct Excerpt {
    name: String,
    source: Arc<SourceFile>,
    /// The text where it had to be changed.
    changed: Option<String>,
}

impl Excerpt {
    fn new(source: &Arc<SourceFile>) -> Self {
        let changed = match visible(source.text()) {
            Cow::Borrowed(_) => None,
            Cow::Owned(text) => Some(text),
        };
        Self { name: told(source.name()), source: Arc::clone(source), changed }
    }

    fn text(&self) -> &str {
        self.changed.as_deref().unwrap_or(self.source.text())
    }
}

impl SourceCode for Excerpt {
    /// miette counts lines from the beginning of what it is given: it is given the lines around the span alone.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let line_of = |at: usize| self.source.position(offset(at)).line;
        let first = line_of(span.offset()).saturating_sub(offset(before) + 1).max(1);
        let last = line_of(span.offset() + span.len()).saturating_add(offset(after) + 1);
        let start = self.source.line_span(first).map_or(0, |line| line.start as usize);
        let end = self.source.line_span(last + 1).map_or(self.text().len(), |line| line.start as usize);
        let around = self.text().get(start..end).ok_or(MietteError::OutOfBounds)?.as_bytes();
        let at = span.offset().checked_sub(start).ok_or(MietteError::OutOfBounds)?;
        let inner = around.read_span(&(at, span.len()).into(), before, after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            (inner.span().offset() + start, inner.span().len()).into(),
            inner.line() + first as usize - 1,
            inner.column(),
            // miette draws two labels in one piece when the lines of the first reach the second.
            inner.line_count() + NEAR,
        )))
    }
}

/// A text of ours that quotes a stranger's file, harmless and of bounded length.
fn told(text: &str) -> String {
    const LONGEST: usize = 1_000;
    let text = visible(text);
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.into_owned(),
    }
}

/// Whether a character changes the order in which a terminal shows others (Unicode's bidirectional controls): text with it
/// reads as something else than it is.
pub fn reorders(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Replaces what a terminal would obey or what would reorder the line (control and bidirectional characters, a byte
/// order mark) by harmless characters of the same number of bytes, so that every offset stays.
pub fn visible(text: &str) -> Cow<'_, str> {
    let harmful =
        |c: char| (c.is_control() && !matches!(c, '\n' | '\t' | '\r')) || reorders(c) || c == '\u{feff}';
    if !text.contains(harmful) {
        return Cow::Borrowed(text);
    }
    let replace = |c: char| match c.len_utf8() {
        _ if !harmful(c) => c,
        1 => '?',
        2 => '\u{b7}',
        _ => '\u{fffd}',
    };
    Cow::Owned(text.chars().map(replace).collect())
}

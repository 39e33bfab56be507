//! Findings for people, drawn by miette.
//!
//! Owns: the drawing, and making text of a stranger's file harmless for a terminal. Leaves to `excerpt`: which part of the
//! file is drawn; to `cli`: where it goes, and whether colour, links and graphics are wanted.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NarratableReportHandler, SourceCode};

use super::excerpt::{self, Cut, Excerpt};
use super::{Finding, Label, Severity};
use crate::syntax::Span;

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
    text: Text<'f>,
    help: Option<String>,
}

/// What of the file is drawn.
#[derive(Debug)]
enum Text<'f> {
    /// The lines of the labels, and those around them.
    Lines(&'f Excerpt),
    /// A part of the line of the primary label, which or whose neighbours are too long.
    Part(Cut),
}

impl<'f> Report<'f> {
    fn new(finding: &'f Finding, excerpt: &'f Excerpt) -> Self {
        let labels = || std::iter::once(&finding.primary).chain(&finding.secondary);
        let mut help = Vec::new();
        let text = if labels().all(|label| excerpt::is_drawable(&finding.source, label.span)) {
            Text::Lines(excerpt)
        } else {
            let cut = Cut::new(&finding.source, finding.primary.span);
            for label in finding.secondary.iter().filter(|label| cut.span(label.span).is_none()) {
                let place = finding.source.position(label.span.start);
                help.push(format!("at {}:{}: {}", place.line, place.column, label.text));
            }
            Text::Part(cut)
        };
        help.extend(finding.help.clone());
        help.extend(finding.aws_message.as_ref().map(|message| format!("AWS says: {message}")));
        let help = (!help.is_empty()).then(|| told(&help.join("\n")));
        Self { finding, text, help }
    }

    /// Where a label stands in what is drawn.
    fn span(&self, span: Span) -> Option<(usize, usize)> {
        match &self.text {
            Text::Lines(_) => Some((span.start as usize, span.len() as usize)),
            Text::Part(cut) => cut.span(span),
        }
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
        Some(match &self.text {
            Text::Lines(excerpt) => *excerpt as &dyn SourceCode,
            Text::Part(cut) => cut,
        })
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = |label: &Label, primary: bool| {
            let text = (!label.text.is_empty()).then(|| told(&label.text));
            let span = self.span(label.span)?;
            Some(if primary {
                LabeledSpan::new_primary_with_span(text, span)
            } else {
                LabeledSpan::new_with_span(text, span)
            })
        };
        let primary = label(&self.finding.primary, true).into_iter();
        let others = self.finding.secondary.iter().filter_map(move |other| label(other, false));
        Some(Box::new(primary.chain(others)))
    }
}

/// A text of ours that quotes a stranger's file, harmless and of bounded length.
pub(super) fn told(text: &str) -> String {
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

//! The two output streams: results go to standard output, talk goes to standard error.
//!
//! Owns: colours, how a failure looks, and what happens when a reader goes away. The only file that may print; the
//! commands print through it.

use std::fmt::Display;
use std::io::{self, Write};

use super::arguments::Color;
use super::ending::{Ending, Failure};
use super::host::Host;
use crate::diagnostic::Finding;
use crate::diagnostic::human::{self, Style};

/// A meaning that text can have; the colour follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// It went well.
    Good,
    /// It went wrong.
    Bad,
    /// The user should look at it.
    Warning,
    /// It is going on.
    Active,
    /// A name to find again.
    Strong,
    /// Beside the point.
    Faint,
}

/// Puts colours on text, or leaves it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paint(pub(crate) bool);

impl Paint {
    /// The text in the colour of its meaning.
    pub(crate) fn ink(self, ink: Ink, text: impl Display) -> String {
        if !self.0 {
            return text.to_string();
        }
        let code = match ink {
            Ink::Good => "32",
            Ink::Bad => "1;31",
            Ink::Warning => "33",
            Ink::Active => "36",
            Ink::Strong => "1",
            Ink::Faint => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Where commands print.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// Colours on standard output.
    pub(crate) out: Paint,
    /// Colours on standard error.
    pub(crate) err: Paint,
    /// Whether lines on standard error may be drawn over again.
    pub(crate) live: bool,
    /// Whether lines and arrows may be drawn around text.
    pub(crate) graphics: bool,
    /// Columns to write in, on standard error.
    pub(crate) width: usize,
    /// Columns for results: unlimited where no terminal shows them.
    pub(crate) columns: usize,
}

impl Output {
    /// The streams of this host as the user wants them coloured.
    pub(crate) fn new(host: &Host, color: Color) -> Self {
        let paint = |auto| match color {
            Color::Auto => Paint(auto),
            Color::Always => Paint(true),
            Color::Never => Paint(false),
        };
        Self {
            out: paint(host.stdout.colour),
            err: paint(host.stderr.colour),
            live: host.stderr.live,
            graphics: host.graphics,
            width: host.width,
            columns: if host.stdout.terminal { host.width } else { usize::MAX },
        }
    }

    /// Writes a result to standard output, with a line end.
    #[expect(clippy::unused_self, reason = "whoever prints holds the value that says how")]
    pub(crate) fn result(&self, text: impl Display) -> io::Result<()> {
        let mut stream = io::stdout().lock();
        writeln!(stream, "{text}")?;
        stream.flush()
    }

    /// Writes bytes to standard output as they are.
    #[expect(clippy::unused_self, reason = "whoever prints holds the value that says how")]
    pub(crate) fn raw(&self, bytes: &[u8]) -> io::Result<()> {
        let mut stream = io::stdout().lock();
        stream.write_all(bytes)?;
        stream.flush()
    }

    /// Writes a result that may be long to standard output, piece by piece.
    #[expect(clippy::unused_self, reason = "whoever prints holds the value that says how")]
    pub(crate) fn stream(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let mut stream = io::BufWriter::new(io::stdout().lock());
        write(&mut stream)?;
        stream.flush()
    }

    /// Writes talk to standard error, with a line end. Nobody to talk to is no error.
    #[expect(clippy::unused_self, reason = "whoever prints holds the value that says how")]
    pub(crate) fn talk(&self, text: impl Display) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Writes a question to standard error; the cursor stays behind it.
    #[expect(clippy::unused_self, reason = "whoever prints holds the value that says how")]
    pub(crate) fn prompt(&self, text: impl Display) {
        let mut stream = io::stderr().lock();
        let _ = write!(stream, "{text}").and_then(|()| stream.flush());
    }

    /// Tells something worth knowing.
    pub(crate) fn note(&self, text: impl Display) {
        self.talk(format_args!("{}: {text}", self.err.ink(Ink::Active, "note")));
    }

    /// Tells a warning.
    pub(crate) fn warn(&self, text: impl Display) {
        self.talk(format_args!("{}: {text}", self.err.ink(Ink::Warning, "warning")));
    }

    /// Draws findings as a result, with a line behind each.
    pub(crate) fn draw(&self, out: &mut dyn Write, findings: &[Finding]) -> io::Result<()> {
        let style = Style { color: self.out.0, width: self.width, links: false, graphics: self.graphics };
        for finding in findings {
            write!(out, "{}\n\n", human::render(std::slice::from_ref(finding), style).trim_end())?;
        }
        Ok(())
    }

    /// Shows findings in the user's files.
    pub(crate) fn findings(&self, findings: &[Finding]) {
        if !findings.is_empty() {
            let style = Style { color: self.err.0, width: self.width, links: false, graphics: self.graphics };
            self.talk(human::render(findings, style).trim_end());
        }
    }

    /// Tells why a command could not do what was asked, and gives the ending back.
    pub(crate) fn failure(&self, failure: &Failure) -> Ending {
        self.findings(&failure.findings);
        if !failure.message.is_empty() {
            self.talk(format_args!("{}: {}", self.err.ink(Ink::Bad, "error"), failure.message));
        }
        for hint in &failure.hints {
            self.talk(format_args!("{}: {hint}", self.err.ink(Ink::Active, "hint")));
        }
        failure.ending
    }
}

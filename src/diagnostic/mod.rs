//! Findings: what is wrong in a user's file, and how it is shown.
//!
//! Owns: finding, label, severity, fix, suppression; one renderer per file. Leaves to `spec` and `rules`: what is wrong.

pub mod concise;
mod excerpt;
pub mod github;
pub mod human;
pub mod json;
pub mod sarif;
pub mod suppression;

use std::sync::Arc;

use crate::syntax::{SourceFile, Span};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It works, and could be better.
    Advice,
    /// AWS accepts it, and ignores it or does something unexpected.
    Warning,
    /// AWS refuses it, or we cannot use it.
    Error,
}

impl Severity {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Advice => "advice",
        }
    }
}

/// A place with a few words about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The bytes.
    pub span: Span,
    /// The fact at that place; may be empty.
    pub text: String,
}

/// A change that repairs the finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What the change does, in the imperative.
    pub title: String,
    /// What to write where. The spans do not overlap.
    pub edits: Vec<Edit>,
    /// Whether it gives what the user can only have meant; else it is a guess, for the user to take or leave.
    pub is_safe: bool,
}

/// One replacement in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub replacement: String,
}

/// One thing worth saying about a place in a file. It always has a primary label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The stable kebab-case code.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// A phrase for the headline.
    pub message: String,
    /// The file.
    pub source: Arc<SourceFile>,
    /// The place the finding is about.
    pub primary: Label,
    /// Other places that explain it.
    pub secondary: Vec<Label>,
    /// What to write instead.
    pub help: Option<String>,
    /// Where AWS documents it.
    pub url: Option<&'static str>,
    /// What AWS itself says, word for word.
    pub aws_message: Option<String>,
    /// A change that repairs it.
    pub fix: Option<Fix>,
    /// How many more findings of its file are not told, for there are too many; one of the file's findings has the number.
    pub left_out: usize,
    /// The misspelt key that it stands below, where it is wrong only once that is repaired.
    pub below: Option<Span>,
}

impl Finding {
    /// An error at a place.
    pub fn error(
        code: &'static str,
        message: impl Into<String>,
        source: &Arc<SourceFile>,
        span: Span,
        label: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            source: Arc::clone(source),
            primary: Label { span, text: label.into() },
            secondary: Vec::new(),
            help: None,
            url: None,
            aws_message: None,
            fix: None,
            left_out: 0,
            below: None,
        }
    }

    /// A warning at a place.
    pub fn warning(
        code: &'static str,
        message: impl Into<String>,
        source: &Arc<SourceFile>,
        span: Span,
        label: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message, source, span, label) }
    }

    /// A piece of advice at a place.
    pub fn advice(
        code: &'static str,
        message: impl Into<String>,
        source: &Arc<SourceFile>,
        span: Span,
        label: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Advice, ..Self::error(code, message, source, span, label) }
    }

    /// Adds another place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says where AWS documents it.
    #[must_use]
    pub fn url(mut self, url: &'static str) -> Self {
        self.url = Some(url);
        self
    }

    /// Quotes AWS.
    #[must_use]
    pub fn aws(mut self, message: impl Into<String>) -> Self {
        self.aws_message = Some(message.into());
        self
    }

    /// Adds a change that repairs it, and that a program may make by itself.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        self.fix = Some(Fix { title: title.into(), edits, is_safe: true });
        self
    }

    /// Adds a change that may be what was meant: for the user to take or leave.
    #[must_use]
    pub fn suggest(mut self, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        self.fix = Some(Fix { title: title.into(), edits, is_safe: false });
        self
    }

    /// All that it says, in lines.
    pub fn told(&self) -> String {
        let mut lines = vec![self.message.clone()];
        lines.extend(self.help.iter().map(|help| format!("help: {help}")));
        lines.extend(self.aws_message.iter().map(|message| format!("AWS says: {message}")));
        lines.join("\n")
    }

    /// Whether this is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Whether any of the findings is an error.
pub fn any_error(findings: &[Finding]) -> bool {
    findings.iter().any(Finding::is_error)
}

#[cfg(test)]
mod tests;

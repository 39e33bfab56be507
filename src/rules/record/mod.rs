//! What a rule is.
//!
//! Owns: the static record (code, severity, documentation, example) and how a finding is made from it. Leaves to the
//! rule's own file: all of its content.

use std::sync::Arc;

use super::subject::{Buildspec, Built, Called, Project, Surroundings, Whole};
use crate::diagnostic::{Finding, Severity};
use crate::spec::FileKind;
use crate::syntax::{SourceFile, Span, Tree};

/// A rule: one thing that can be wrong, with all there is to know about it.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The stable kebab-case code.
    pub code: &'static str,
    /// How bad it is, at its worst.
    pub severity: Severity,
    /// The version of Rehearsal that had it first.
    pub since: &'static str,
    /// What it finds: a phrase.
    pub summary: &'static str,
    /// What it finds and why that matters, in Markdown paragraphs.
    pub doc: &'static str,
    /// A file that is wrong and the same one repaired; none where a short text cannot show it.
    pub example: Option<Example>,
    /// The section of the reference it rests on.
    pub reference: &'static str,
    /// Where AWS documents it.
    pub url: Option<&'static str>,
    /// How it is found.
    pub check: Check,
}

/// How a rule is found.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// By a reader of `spec`, while it reads the file.
    Reading,
    /// In the text, whatever else is wrong with it.
    Text(fn(&Arc<SourceFile>) -> Option<Finding>),
    /// In the text of a file that is no YAML: it says why.
    Broken(fn(&Arc<SourceFile>) -> Option<Finding>),
    /// In an appspec's tree.
    AppSpec(fn(&Tree, &mut Vec<Finding>)),
    /// In a buildspec's tree.
    Buildspec(fn(Buildspec<'_>, &mut Vec<Finding>)),
    /// In a buildspec's tree, and what is known of a project that builds by it.
    Built(fn(Buildspec<'_>, &Project<'_>, &mut Vec<Finding>)),
    /// In the scripts that a buildspec runs, and what is around it.
    Called(fn(&[Called], &Surroundings<'_>, &mut Vec<Finding>)),
    /// In several files together.
    Across(fn(&Whole<'_>, &mut Vec<Finding>)),
    /// In the builds of pipelines, with their buildspecs.
    Pipelines(fn(&Whole<'_>, &[Built<'_>], &mut Vec<Finding>)),
    /// By whatever is about to run a pipeline, or looks back at what ran.
    Starting,
}

impl Check {
    /// Looks at a buildspec by itself, when that is how the rule is found.
    pub(super) fn of_buildspec(self, file: Buildspec<'_>, findings: &mut Vec<Finding>) {
        match self {
            Self::Buildspec(check) => check(file, findings),
            Self::Built(check) => check(file, &Project::default(), findings),
            Self::Reading
            | Self::Text(_)
            | Self::Broken(_)
            | Self::AppSpec(_)
            | Self::Called(_)
            | Self::Across(_)
            | Self::Pipelines(_)
            | Self::Starting => {}
        }
    }
}

/// A rule in two small files.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// What they are.
    pub kind: FileKind,
    /// With the mistake.
    pub bad: &'static str,
    /// Without it.
    pub good: &'static str,
}

impl Example {
    /// Two buildspecs.
    pub const fn buildspec(bad: &'static str, good: &'static str) -> Option<Self> {
        Some(Self { kind: FileKind::Buildspec, bad, good })
    }

    /// Two pipeline definitions.
    pub const fn pipeline(bad: &'static str, good: &'static str) -> Option<Self> {
        Some(Self { kind: FileKind::Pipeline, bad, good })
    }

    /// Two appspecs.
    pub const fn appspec(bad: &'static str, good: &'static str) -> Option<Self> {
        Some(Self { kind: FileKind::AppSpec, bad, good })
    }

    /// Two CloudFormation templates.
    pub const fn template(bad: &'static str, good: &'static str) -> Option<Self> {
        Some(Self { kind: FileKind::Template, bad, good })
    }

    /// Two rehearsal.yml.
    pub const fn config(bad: &'static str, good: &'static str) -> Option<Self> {
        Some(Self { kind: FileKind::Config, bad, good })
    }
}

impl Rule {
    /// A finding of this rule.
    pub fn at(
        &self,
        source: &Arc<SourceFile>,
        span: Span,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Finding {
        let finding =
            Finding { severity: self.severity, ..Finding::error(self.code, message, source, span, label) };
        Finding { url: self.url, ..finding }
    }
}

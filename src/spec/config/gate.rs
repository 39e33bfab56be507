//! `gates` of rehearsal.yml (design brief 6): what test evidence a stage asks for before an execution enters it.
//!
//! Owns: the model. `read` fills it in from the tree, `against` compares it with a pipeline. Leaves to `gate`: verdicts.

mod against;
mod read;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use against::check_against;
pub(super) use read::read;

use crate::spec::Decimal;
use crate::syntax::Span;

/// One gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// `before`: the stage that is entered only when all conditions pass.
    pub before: String,
    /// `pipeline`: the one pipeline it is for; none means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<String>,
    /// `unit`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Tests>,
    /// `integration`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration: Option<Tests>,
    /// `model`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Model>,
    /// Where `before` stands.
    #[serde(skip)]
    pub span: Span,
}

/// `unit` or `integration`: reports of builds, and what they have to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tests {
    /// `reports`
    pub reports: Vec<ReportGroupOf>,
    /// `max-failures`; 0 unless written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_failures: Option<u64>,
    /// `line-coverage`: percent of lines, at least; 0 to 100, six places at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_coverage: Option<Decimal>,
}

/// One of the `reports`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportGroupOf {
    /// `action`
    pub action: ActionName,
    /// `group`: the report group, as the buildspec calls it.
    pub group: String,
}

/// An action of a pipeline, written `Stage/Action`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ActionName {
    /// The stage.
    pub stage: String,
    /// The action.
    pub action: String,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

impl fmt::Display for ActionName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.stage, self.action)
    }
}

/// `model`: numbers of an evaluation (ml-release.md 6), and what they have to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// `evaluation`
    pub evaluation: Evaluation,
    /// `conditions`: all have to hold (ml-release.md 5).
    pub conditions: Vec<Metric>,
}

/// `evaluation`: the file that holds the numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// `action`: whose output artifacts hold it.
    pub action: ActionName,
    /// `path`: where it is in the artifact.
    pub path: String,
}

/// One condition of `model`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metric {
    /// `metric`: the way to the number, keys and list indexes joined by dots.
    pub metric: String,
    /// What it has to be.
    pub bound: Bound,
}

/// What a number has to be. The boundary itself is good enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// `at-least`
    AtLeast(Decimal),
    /// `at-most`
    AtMost(Decimal),
    /// `equals`
    Equals(Decimal),
}

impl Bound {
    /// Whether a number is good enough.
    pub fn admits(&self, number: &Decimal) -> bool {
        match self {
            Self::AtLeast(least) => number >= least,
            Self::AtMost(most) => number <= most,
            Self::Equals(exact) => number == exact,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(number) => write!(formatter, "at least {number}"),
            Self::AtMost(number) => write!(formatter, "at most {number}"),
            Self::Equals(number) => write!(formatter, "exactly {number}"),
        }
    }
}

impl Gate {
    /// Whether it is for the pipeline of this name.
    pub fn concerns(&self, pipeline: &str) -> bool {
        self.pipeline.as_deref().is_none_or(|only| only == pipeline)
    }

    /// Every action whose evidence it asks for.
    pub fn actions(&self) -> impl Iterator<Item = &ActionName> {
        let tests = self.unit.iter().chain(&self.integration).flat_map(|tests| &tests.reports);
        tests.map(|report| &report.action).chain(self.model.iter().map(|model| &model.evaluation.action))
    }
}

//! How far a pipeline goes before it asks somebody, deploys or calls anything.

use crate::spec::pipeline::{Category, Pipeline, Stage};

/// How far a pipeline is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// To its end.
    Whole,
    /// Up to its tests; see [`tests`].
    Tests,
}

/// Up to where a pipeline builds and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tests<'p> {
    /// To its end: it does nothing else.
    All,
    /// This stage is the last one.
    Until(&'p str),
    /// Nothing comes before this stage, which asks, deploys or calls.
    NoneBefore(&'p str),
}

/// The stages before the first one that has an approval, a deployment or a call to something else.
pub fn tests(pipeline: &Pipeline) -> Tests<'_> {
    let reaches_out = |stage: &Stage| {
        stage.actions.iter().any(|action| match action.category {
            Category::Approval | Category::Deploy | Category::Invoke => true,
            Category::Source | Category::Build | Category::Test | Category::Compute => false,
        })
    };
    let Some(first) = pipeline.stages.iter().position(reaches_out) else { return Tests::All };
    let before = &pipeline.stages[..first];
    let works = |stage: &Stage| stage.actions.iter().any(|action| action.category != Category::Source);
    match before.last() {
        Some(last) if before.iter().any(works) => Tests::Until(&last.name),
        Some(_) | None => Tests::NoneBefore(&pipeline.stages[first].name),
    }
}

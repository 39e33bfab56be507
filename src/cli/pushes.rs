//! What a push starts: the pipelines of the pushed commit, each judged by its own triggers.
//!
//! Owns: from a ref and a commit to plans with verdicts, for `watch` and `hook`. Leaves to `pipeline::trigger`: the
//! verdict. Leaves to the commands: running, and what is said.

use super::arguments::BranchingModel;
use super::ending::Failure;
use super::plan::Plan;
use crate::pipeline::trigger::{self, Changed, Extent, RefChange, RefName, Tests, Verdict};
use crate::repo::{Commit, CommitId, GitRepository, Repository};
use crate::spec::config::{Branching, Model};

/// A pipeline of a pushed commit.
pub(super) struct Judged<'a> {
    /// What would be run.
    pub(super) plan: Plan<'a>,
    /// Whether the push starts it.
    pub(super) verdict: Verdict,
}

/// The commit that a ref is pushed at.
pub(super) fn commit(repository: &GitRepository, object: &str, name: &RefName) -> Result<Commit, Failure> {
    let commit = repository.resolve(object)?;
    Ok(match name {
        RefName::Branch(branch) => Commit { branch: Some(branch.clone()), tag: None, ..commit },
        RefName::Tag(tag) => Commit { branch: None, tag: Some(tag.clone()), ..commit },
    })
}

/// What a push from one commit to another changed.
pub(super) fn changed(repository: &GitRepository, from: Option<&str>, to: &CommitId) -> Changed {
    let Some(from) = from else { return Changed::NewRef };
    // After a forced push, or when somebody else pushed, the commit before may not be here.
    let Ok(before) = repository.resolve(from) else { return Changed::Unknown };
    match repository.changed_paths(Some(&before.id), to) {
        Ok(paths) => Changed::Paths(paths.iter().map(|path| path.to_string_lossy().into_owned()).collect()),
        Err(_) => Changed::Unknown,
    }
}

/// All pipelines of a commit with their verdicts. A definition that cannot be used is an error of its own.
pub(super) fn judge<'a>(
    repository: &'a GitRepository,
    commit: &Commit,
    change: &RefChange,
    model: Option<BranchingModel>,
) -> Result<Vec<Result<Judged<'a>, Failure>>, Failure> {
    let asked = model.map(|model| {
        Branching::Model(match model {
            BranchingModel::GithubFlow => Model::GithubFlow,
            BranchingModel::Gitflow => Model::Gitflow,
        })
    });
    let judge = |plan: Plan<'a>| {
        let branching = asked.as_ref().or(plan.configuration.config.working_tree.branching.as_ref());
        let verdict = trigger::judge(&plan.definition, branching, change);
        Judged { plan, verdict }
    };
    Ok(Plan::all(repository, commit)?.into_iter().map(|plan| plan.map(judge)).collect())
}

/// A plan as far as it is to go.
pub(super) struct Bounded<'a> {
    /// The plan.
    pub(super) plan: Plan<'a>,
    /// The stage before which there is nothing to run, if that is so. The plan then ends with the source.
    pub(super) nothing_before: Option<String>,
}

/// Bounds a plan.
pub(super) fn bounded(plan: Plan<'_>, extent: Extent) -> Bounded<'_> {
    let pipeline = &plan.definition.pipeline;
    let (until, nothing_before) = match extent {
        Extent::Whole => return Bounded { plan, nothing_before: None },
        Extent::Tests => match trigger::tests(pipeline) {
            Tests::All => return Bounded { plan, nothing_before: None },
            Tests::Until(stage) => (Some(stage.to_owned()), None),
            Tests::NoneBefore(stage) => {
                (pipeline.stages.first().map(|first| first.name.clone()), Some(stage.to_owned()))
            }
        },
    };
    Bounded { plan: plan.until(until), nothing_before }
}

/// A ref in one word, for the beginning of a line: `main`, `tag v1.0`.
pub(super) fn short_name(name: &RefName) -> String {
    match name {
        RefName::Branch(branch) => branch.clone(),
        RefName::Tag(tag) => format!("tag {tag}"),
    }
}

/// Why no pipeline starts, in one line.
pub(super) fn reasons(verdicts: &[(String, Vec<String>)]) -> String {
    let each = verdicts.iter().map(|(pipeline, reasons)| format!("{pipeline}: {}", reasons.join("; ")));
    each.collect::<Vec<_>>().join("; ")
}

//! What starts an execution: from a pushed branch or tag and a definition to a start, or to the reasons against it
//! (codepipeline.md 3 and 9). Pure: nothing here looks at a repository.
//!
//! | part | owns |
//! | --- | --- |
//! | `filter` | trigger filters: which names and files they let through (3.3, 3.4) |
//! | `detection` | what starts a pipeline when no trigger says so: `BranchName` and its like (3.2) |
//! | `branching` | what a branching model starts where the definition says nothing (9) |
//! | `extent` | how far a pipeline goes before it asks, deploys or calls anything |
//!
//! Every source action of a pipeline is taken to read this repository: a definition names repositories by names that a
//! clone does not know.

mod branching;
mod detection;
mod extent;
mod filter;
#[cfg(test)]
mod tests;

pub use extent::{Extent, Tests, tests};

use super::definition::Definition;
use super::engine::TriggerType;
use crate::spec::config::Branching;
use crate::spec::pipeline::Category;

/// A branch or tag that came to be at a commit: a push, as far as a pipeline knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefChange {
    /// Which one.
    pub name: RefName,
    /// What the push changed.
    pub changed: Changed,
}

/// The name of a branch or a tag, without `refs/heads/` or `refs/tags/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefName {
    /// `refs/heads/…`
    Branch(String),
    /// `refs/tags/…`
    Tag(String),
}

impl RefName {
    /// The branch or tag of a full name; none for other refs.
    pub fn parse(full: &str) -> Option<Self> {
        let branch = full.strip_prefix(HEADS).map(|name| Self::Branch(name.to_owned()));
        branch.or_else(|| full.strip_prefix(TAGS).map(|name| Self::Tag(name.to_owned())))
    }

    /// The full name.
    pub fn full(&self) -> String {
        match self {
            Self::Branch(name) => format!("{HEADS}{name}"),
            Self::Tag(name) => format!("{TAGS}{name}"),
        }
    }
}

impl std::fmt::Display for RefName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Branch(name) => write!(formatter, "branch {name}"),
            Self::Tag(name) => write!(formatter, "tag {name}"),
        }
    }
}

const HEADS: &str = "refs/heads/";
const TAGS: &str = "refs/tags/";

/// What a push changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// The ref is new: nothing is known of changed files (codepipeline.md 0.4).
    NewRef,
    /// The commit before is not in this repository.
    Unknown,
    /// These files.
    Paths(Vec<String>),
}

/// Whether a push starts a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Starts(Cause),
    /// It does not, for these reasons: one for each way in which it might have.
    Not(Vec<String>),
}

/// Why a push starts a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The API's word for it.
    pub kind: TriggerType,
    /// The same in a few words.
    pub why: String,
    /// How far the pipeline goes.
    pub extent: Extent,
}

/// Whether a push starts a pipeline. One start is enough: all its source actions run (codepipeline.md 0.11).
///
/// `branching` counts where the definition says nothing: no trigger, and no source action with a branch.
pub fn judge(definition: &Definition, branching: Option<&Branching>, change: &RefChange) -> Verdict {
    let pipeline = &definition.pipeline;
    if definition.path.is_none() {
        return branching::judge(&pipeline.name, branching, &change.name);
    }
    let mut reasons = Vec::new();
    let mut says_nothing = true;
    for (_, action) in pipeline.actions().filter(|(_, action)| action.category == Category::Source) {
        // A trigger switches off the detection of its source action, and of that one only (codepipeline.md 3.3).
        let trigger = pipeline.triggers.iter().find(|trigger| trigger.source_action_name == action.name);
        let judged = match trigger {
            Some(trigger) => Some(filter::judge(trigger, change)),
            None => detection::judge(action, change),
        };
        match judged {
            Some(Ok((kind, why))) => return Verdict::Starts(Cause { kind, why, extent: Extent::Whole }),
            Some(Err(why)) => {
                says_nothing = false;
                reasons.push(why);
            }
            None => {}
        }
    }
    if says_nothing {
        return branching::judge(&pipeline.name, branching, &change.name);
    }
    Verdict::Not(reasons)
}

/// The API's word and a few of ours; or why not.
type Judged = Result<(TriggerType, String), String>;

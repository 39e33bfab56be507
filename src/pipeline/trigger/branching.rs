//! What a branching model starts, where a definition says nothing (codepipeline.md 9).

use super::{Cause, Extent, RefName, Verdict};
use crate::pipeline::engine::TriggerType;
use crate::spec::config::{Branching, Model, RefRule};
use crate::spec::glob::Glob;

/// Names that the long branch of a repository has.
const MAIN: [&str; 2] = ["main", "master"];

pub(super) fn judge(pipeline: &str, branching: Option<&Branching>, name: &RefName) -> Verdict {
    match branching {
        None => unmodelled(name),
        Some(Branching::Model(model)) => modelled(*model, name),
        Some(Branching::Map(rules)) => mapped(pipeline, rules, name),
    }
}

/// Nobody says anything: every branch is built, and no tag.
fn unmodelled(name: &RefName) -> Verdict {
    match name {
        RefName::Branch(_) => starts(Extent::Whole, "nothing says which branches start it".to_owned()),
        RefName::Tag(_) => not("nothing says which tags start it".to_owned()),
    }
}

fn modelled(model: Model, name: &RefName) -> Verdict {
    let RefName::Branch(branch) = name else {
        return not(format!("{} starts nothing for a tag", model.name()));
    };
    let is_main = MAIN.contains(&branch.as_str());
    let folder = branch.split_once('/').map(|(folder, _)| folder);
    let extent = match (model, folder) {
        // Always what runs in production: through all environments in order (9.2).
        (Model::GithubFlow, _) if is_main => Extent::Whole,
        // Whatever it is called, it is a short branch to be merged: tested here, deployed after the merge.
        (Model::GithubFlow, _) => Extent::Tests,
        // It gets what a release branch has brought to production already (9.1).
        (Model::Gitflow, _) if is_main => {
            return not(format!(
                "in gitflow, {branch} mirrors what its release branch has brought to production"
            ));
        }
        (Model::Gitflow, None) if branch == "develop" => Extent::Whole,
        (Model::Gitflow, Some("release" | "sandbox")) => Extent::Whole,
        (Model::Gitflow, Some("feature" | "bugfix" | "hotfix")) => Extent::Tests,
        (Model::Gitflow, _) => return not(format!("gitflow has no branch like {branch}")),
    };
    let how_far = match extent {
        Extent::Whole => "",
        Extent::Tests => ", up to its tests",
    };
    starts(extent, format!("{} starts it for {branch}{how_far}", model.name()))
}

fn mapped(pipeline: &str, rules: &[RefRule], name: &RefName) -> Verdict {
    let ours = rules.iter().filter(|rule| rule.pipelines.iter().any(|named| named == pipeline));
    for rule in ours {
        let (of_tags, pattern) = match rule.pattern.strip_prefix(super::TAGS) {
            Some(pattern) => (true, pattern),
            None => (false, rule.pattern.strip_prefix(super::HEADS).unwrap_or(&rule.pattern)),
        };
        let text = match name {
            RefName::Branch(branch) if !of_tags => branch,
            RefName::Tag(tag) if of_tags => tag,
            RefName::Branch(_) | RefName::Tag(_) => continue,
        };
        // The file was refused if a pattern in it cannot be read.
        if Glob::new(pattern).is_ok_and(|glob| glob.matches(text)) {
            return starts(Extent::Whole, format!("`branching` starts it for {}", rule.pattern));
        }
    }
    not(format!("`branching` does not start it for {name}"))
}

/// In AWS nothing would start such a pipeline but a look at its source now and then.
fn starts(extent: Extent, why: String) -> Verdict {
    Verdict::Starts(Cause { kind: TriggerType::PollForSourceChanges, why, extent })
}

fn not(why: String) -> Verdict {
    Verdict::Not(vec![why])
}

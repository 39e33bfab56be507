//! What starts a pipeline without a trigger: a push to the branch of a source action (codepipeline.md 3.2).

use super::{Judged, RefChange, RefName};
use crate::pipeline::engine::TriggerType;
use crate::spec::pipeline::Action;

/// None: the action says nothing about branches.
pub(super) fn judge(action: &Action, change: &RefChange) -> Option<Judged> {
    let name = &action.name;
    let is_off =
        |key: &str| action.configuration.get(key).is_some_and(|text| text.eq_ignore_ascii_case("false"));
    let polls = !is_off("PollForSourceChanges");
    // What stands in for polling is outside of the definition: an EventBridge rule, a webhook. It is taken to be there,
    // as the console makes it.
    let (key, kind) = match action.provider.as_str() {
        "CodeStarSourceConnection" => ("BranchName", TriggerType::Webhook),
        "CodeCommit" if polls => ("BranchName", TriggerType::PollForSourceChanges),
        "CodeCommit" => ("BranchName", TriggerType::CloudWatchEvent),
        "GitHub" if polls => ("Branch", TriggerType::PollForSourceChanges),
        "GitHub" => ("Branch", TriggerType::Webhook),
        _ => return None,
    };
    let wanted = action.configuration.get(key)?;
    if action.provider == "CodeStarSourceConnection" && is_off("DetectChanges") {
        return Some(Err(format!("{name} has `DetectChanges` \"false\" and no trigger")));
    }
    Some(match &change.name {
        RefName::Branch(branch) if branch == wanted => {
            Ok((kind, format!("{name} detects pushes to {branch}")))
        }
        RefName::Branch(_) => Err(format!("{name} detects pushes to {wanted} only")),
        RefName::Tag(_) => Err(format!("{name} detects pushes to branch {wanted}, and no tags")),
    })
}

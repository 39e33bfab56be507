//! Change sets that one action makes and another one executes (codepipeline.md 2.9).
//!
//! Owns: an execution of a change set that no action makes. Others than the pipeline may make change sets: only a name that goes with an
//! action here is told.

use super::arns::is_open;
use super::configuration::CODE;
use super::read::StageNode;
use super::{Action, Pipeline};
use crate::spec::reading::{Reader, head, place};
use crate::spec::spelling::nearest;
use crate::syntax::{Node, UNKNOWN};

/// A change set, by the names that are written.
struct ChangeSet<'p> {
    stack: &'p str,
    name: &'p str,
}

impl<'p> ChangeSet<'p> {
    fn of(action: &'p Action, mode: &str) -> Option<Self> {
        let text = |key: &str| action.configuration.get(key).map(String::as_str);
        let is_it = action.provider == "CloudFormation" && text("ActionMode") == Some(mode);
        is_it.then_some(())?;
        Some(Self { stack: text("StackName")?, name: text("ChangeSetName")? })
    }

    fn is_known(&self) -> bool {
        [self.stack, self.name]
            .iter()
            .all(|text| !is_open(text) && !text.contains(UNKNOWN) && !text.contains("#{"))
    }
}

/// Checks the change sets of a pipeline.
pub(super) fn check<'t>(reader: &mut Reader<'t>, pipeline: &Pipeline, nodes: &[StageNode<'t>]) {
    let all = || {
        pipeline.stages.iter().zip(nodes).flat_map(|(stage, node)| stage.actions.iter().zip(&node.actions))
    };
    let made: Vec<_> = all().filter_map(|(action, _)| ChangeSet::of(action, "CHANGE_SET_REPLACE")).collect();
    if made.is_empty() || !made.iter().all(ChangeSet::is_known) {
        return;
    }
    for (action, node) in all() {
        let Some(executed) = ChangeSet::of(action, "CHANGE_SET_EXECUTE").filter(ChangeSet::is_known) else {
            continue;
        };
        if made.iter().any(|set| set.stack == executed.stack && set.name == executed.name) {
            continue;
        }
        let of_stack: Vec<_> =
            made.iter().filter(|set| set.stack == executed.stack).map(|set| set.name).take(100).collect();
        let of_name: Vec<_> =
            made.iter().filter(|set| set.name == executed.name).map(|set| set.stack).take(100).collect();
        let (key, meant) = match (nearest(executed.name, &of_stack), nearest(executed.stack, &of_name)) {
            (Some(meant), _) => ("ChangeSetName", meant),
            (None, Some(meant)) => ("StackName", meant),
            (None, None) => continue,
        };
        let entry = node.get("configuration").and_then(|configuration: Node<'t>| configuration.entry(key));
        let Some(entry) = entry else { continue };
        let message = format!(
            "no action makes the change set `{}` of the stack `{}` that `{}` executes",
            executed.name, executed.stack, action.name
        );
        let finding =
            reader.warning(CODE, message, head(entry.value.source(), place(entry)), "not made here");
        reader.push(finding.help(format!("write {meant}")));
    }
}

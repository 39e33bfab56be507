//! What a definition says in a way that could not be read, so that nothing is said to be absent that may stand there.
//!
//! Owns: lists and names of another kind, under a misspelt name or at another depth, each of which is told where it is. Leaves to the
//! checks of the whole: what to make of it.

use super::read::StageNode;
use crate::spec::schema::pipeline::ACTION;
use crate::spec::spelling::is_misspelt;
use crate::syntax::{Kind, Node};

/// What is not known of a definition.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lost {
    /// Which artifacts there are.
    pub(super) artifacts: bool,
    /// Which namespaces there are.
    pub(super) namespaces: bool,
    /// What actions are called.
    pub(super) names: bool,
    /// Which variables the pipeline has.
    pub(super) variables: bool,
}

impl Lost {
    pub(super) fn of(root: Node<'_>, stages: &[StageNode<'_>]) -> Self {
        let mut lost = Self {
            variables: root.get("variables").is_some_and(|variables| !is_list_of_names(variables)),
            ..Self::default()
        };
        for stage in stages {
            let actions = stage.node.get("actions");
            if actions.is_none_or(|actions| actions.kind() != Kind::Sequence || actions.items().len() == 0) {
                return Self { artifacts: true, namespaces: true, names: true, ..lost };
            }
            for action in &stage.actions {
                lost.artifacts |= is_lost(stage.node, *action, "outputArtifacts", is_list_of_names);
                lost.namespaces |= is_lost(stage.node, *action, "namespace", is_text);
                lost.names |= action.get("name").is_none_or(|name| !is_text(name));
            }
        }
        lost
    }
}

/// Whether a key of an action is there in a way that cannot be read.
pub(super) fn is_lost(
    stage: Node<'_>,
    action: Node<'_>,
    key: &str,
    is_right: impl Fn(Node<'_>) -> bool,
) -> bool {
    action.get(key).is_some_and(|value| !is_right(value)) || is_elsewhere(stage, action, key)
}

/// Whether a key of an action stands above or below it, or is misspelt.
pub(super) fn is_elsewhere(stage: Node<'_>, action: Node<'_>, key: &str) -> bool {
    let around = ["configuration", "actionTypeId"].into_iter().filter_map(|key| action.get(key));
    // In a template's configuration it has a capital.
    let is_it = |name: &str| name.eq_ignore_ascii_case(key);
    let has = |node: Node<'_>| node.entries().any(|entry| entry.key.text().is_some_and(is_it));
    action.get(key).is_none() && (around.chain([stage]).any(has) || is_misspelt(action, ACTION.names, key))
}

/// A list of mappings, each with a name.
pub(super) fn is_list_of_names(list: Node<'_>) -> bool {
    list.kind() == Kind::Sequence && list.items().all(|item| item.get("name").is_some_and(is_text))
}

fn is_text(node: Node<'_>) -> bool {
    node.is_unknown() || !node.is_null() && node.text().is_some_and(|text| !text.is_empty())
}

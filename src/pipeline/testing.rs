//! What the tests of the engine and of the driver share: small definitions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::clock::Timestamp;
use crate::spec::pipeline::{Action, OutputArtifact, Pipeline, Variable};

use super::engine::{Origin, Start, Trigger, TriggerType};

/// A moment of test time, in seconds.
pub(super) fn at(second: usize) -> Timestamp {
    Timestamp::from_second(second.try_into().unwrap()).unwrap()
}

/// A definition from one line: stages separated by blanks, as `Stage=a+b,c`: `+` joins actions of one run order, `,`
/// begins the next. The actions of the first stage are sources; those whose name ends with `?` are approvals.
pub(super) fn pipeline(line: &str) -> Pipeline {
    let stages = line.split_whitespace().enumerate().map(|(index, stage)| {
        let (name, actions) = stage.split_once('=').unwrap();
        let groups = actions.split(',').zip(1..);
        let actions = groups.flat_map(|(group, order)| group.split('+').map(move |name| (name, order)));
        let actions = actions.map(|(name, order)| {
            let (category, provider) = match index {
                0 => ("Source", "CodeCommit"),
                _ if name.ends_with('?') => ("Approval", "Manual"),
                _ => ("Build", "CodeBuild"),
            };
            json!({
                "name": name.trim_end_matches('?'), "category": category, "owner": "AWS", "provider": provider, "version": "1",
                "runOrder": order,
            })
        });
        json!({ "name": name, "actions": actions.collect::<Vec<_>>() })
    });
    serde_json::from_value(json!({ "name": "service", "stages": stages.collect::<Vec<_>>() })).unwrap()
}

/// The action called `name`, to be changed.
pub(super) fn edit<'a>(pipeline: &'a mut Pipeline, name: &str) -> &'a mut Action {
    let mut actions = pipeline.stages.iter_mut().flat_map(|stage| &mut stage.actions);
    actions.find(|action| action.name == name).unwrap()
}

/// An output artifact of an action that is no compute action.
pub(super) fn output(name: &str) -> OutputArtifact {
    OutputArtifact { name: name.into(), files: Vec::new() }
}

/// A pipeline variable.
pub(super) fn variable(name: &str, default: Option<&str>) -> Variable {
    serde_json::from_value(json!({ "name": name, "defaultValue": default })).unwrap()
}

/// A plain start of `definition` as execution `id`.
pub(super) fn start(id: &str, definition: &Pipeline) -> Start {
    Start {
        execution: id.into(),
        definition: definition.clone(),
        definition_digest: "d".into(),
        variables: BTreeMap::new(),
        source_revisions: BTreeMap::new(),
        trigger: Trigger { kind: TriggerType::StartPipelineExecution, detail: None },
        origin: Origin { commit: Some(format!("commit-of-{id}")), ..Origin::default() },
        until: None,
        gates: BTreeSet::new(),
    }
}

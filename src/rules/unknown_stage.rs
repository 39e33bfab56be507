//! `unknown-stage`: a gate that names a stage the pipeline does not have; and whatever else in a gate does not fit its pipeline.
//!
//! Its siblings `unknown-action`, `gate-too-early`, `no-evidence` and `unknown-pipeline` are told by the same look.

use super::record::{Check, Rule};
use super::subject::{Parsed, Whole};
use crate::diagnostic::{Finding, Severity};
use crate::spec::FileKind;
use crate::spec::config::{self, gate};
use crate::spec::pipeline::{self, Pipeline};
use crate::spec::template::DerivedKind;
use crate::syntax::UNKNOWN;

pub(super) const RULE: Rule = Rule {
    code: "unknown-stage",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A gate that names a stage the pipeline does not have",
    doc: "`before` and the first half of `action` name stages of the pipeline.",
    example: None,
    reference: "codepipeline.md 4.9",
    url: None,
    check: Check::Across(check),
};

fn check(whole: &Whole<'_>, findings: &mut Vec<Finding>) {
    let Some(config) =
        whole.config.filter(|config| whole.complete && config.tree.root().get("gates").is_some())
    else {
        return;
    };
    // What is wrong with rehearsal.yml itself is told already, and it has no gates then.
    let Some(model) = config::read(config.tree).value else { return };
    let Some(pipelines) = whole.files.iter().map(pipelines).collect::<Option<Vec<_>>>() else { return };
    let pipelines: Vec<_> = pipelines.into_iter().flatten().collect();
    let names: Vec<_> = pipelines.iter().map(|pipeline| pipeline.name.clone()).collect();
    for gate in &model.committed.gates {
        let mut held: Vec<_> = pipelines.iter().filter(|pipeline| gate.concerns(&pipeline.name)).collect();
        // A gate for a pipeline that is not there is held against any.
        if held.is_empty() {
            held.extend(pipelines.first());
        }
        let gate = std::slice::from_ref(gate);
        let told = held
            .into_iter()
            .map(|pipeline| gate::check_against(gate, pipeline, &names, config.tree.source()));
        let told: Vec<_> = told.collect();
        // One that it fits is enough.
        if told.iter().all(|told| !told.is_empty()) {
            findings.extend(told.into_iter().next().into_iter().flatten());
        }
    }
}

/// The pipelines of a file; none when one of them cannot be known.
fn pipelines(file: &Parsed<'_>) -> Option<Vec<Pipeline>> {
    let is_known = |pipeline: &Pipeline| {
        let actions =
            pipeline.stages.iter().flat_map(|stage| stage.actions.iter().map(|action| &action.name));
        let names = pipeline.stages.iter().map(|stage| &stage.name).chain(actions);
        !names.chain([&pipeline.name]).any(|name| name.contains(UNKNOWN))
    };
    let read = |tree| pipeline::read(tree).value.filter(is_known);
    match file.kind {
        FileKind::Pipeline => Some(vec![read(file.tree)?]),
        FileKind::Template => {
            let derived = file.derived.iter().filter(|derived| derived.kind == DerivedKind::Pipeline);
            derived.map(|derived| read(&derived.tree)).collect()
        }
        FileKind::Buildspec | FileKind::AppSpec | FileKind::Config => Some(Vec::new()),
    }
}

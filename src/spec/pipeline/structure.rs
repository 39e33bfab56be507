//! Rules that need the whole definition (codepipeline.md 1.6), with the words AWS was seen to use.
//!
//! Owns: stages, action types, artifacts. Leaves to `variables`: namespaces and references.

use std::collections::HashMap;

use super::lost::{self, Lost};
use super::read::StageNode;
use super::{
    Action, Category, ExecutionMode, Pipeline, PipelineType, Stage, action_type, actions, change_sets,
    conditions, stores,
};
use crate::spec::quotas;
use crate::spec::reading::{Reader, head, place};
use crate::syntax::{Entry, Node, Span, UNKNOWN};

const STRUCTURE: &str = "pipeline-structure";
const ARTIFACTS: &str = "pipeline-artifacts";

pub(super) fn check<'t>(
    reader: &mut Reader<'t>,
    pipeline: &Pipeline,
    (node, lost): (Node<'t>, Lost),
    nodes: &[StageNode<'t>],
) {
    stages(reader, pipeline, node);
    let mut stage_names: HashMap<&str, Span> = HashMap::new();
    for (index, (stage, of)) in pipeline.stages.iter().zip(nodes).enumerate() {
        if let Some(first) = stage_names.insert(&stage.name, stage.span) {
            twice(reader, STRUCTURE, &format!("two stages are named `{}`", stage.name), stage.span, first);
        }
        one_stage(reader, index, stage, of.node.entry("actions"));
    }
    rollback(reader, pipeline, nodes);
    v2_only(reader, pipeline, node, nodes);
    stores::regions(reader, pipeline, node, nodes);
    change_sets::check(reader, pipeline, nodes);
    artifacts(reader, pipeline, lost, nodes);
}

fn twice(reader: &mut Reader<'_>, code: &'static str, message: &str, span: Span, first: Span) {
    reader.push(reader.error(code, message, span, "again here").label(first, "first here"));
}

fn stages<'t>(reader: &mut Reader<'t>, pipeline: &Pipeline, node: Node<'t>) {
    let Some(entry) = node.entry("stages") else { return };
    let (count, span) = (pipeline.stages.len(), entry.key.span());
    if count < quotas::STAGES_MIN.value as usize && !entry.value.is_null() {
        let message = format!("the pipeline has {count} of at least {} stages", quotas::STAGES_MIN.value);
        let finding = reader.error(STRUCTURE, message, span, "too few");
        reader.push(finding.aws(format!(
            "InvalidStructureException: Pipeline has only {count} stage(s). There should be a minimum of 2 stages in a \
             pipeline"
        )));
    } else if count > quotas::STAGES_MAX.value as usize {
        let message = format!("the pipeline has {count} stages; {} are allowed", quotas::STAGES_MAX.value);
        reader.push(reader.error("pipeline-limit", message, span, "too many"));
    }
    let actions = pipeline.actions().count();
    if actions > quotas::ACTIONS_PER_PIPELINE.value as usize {
        let most = quotas::ACTIONS_PER_PIPELINE.value;
        let message = format!("the pipeline has {actions} actions; {most} are allowed");
        reader.push(reader.error("pipeline-limit", message, span, "too many"));
    }
}

/// Actions of one run order, and run orders of a stage. A stage may have fewer actions than either limit allows, so
/// neither is ever the only one that is passed.
fn concurrency(reader: &mut Reader<'_>, stage: &Stage) {
    let mut groups: HashMap<u32, usize> = HashMap::new();
    for action in &stage.actions {
        *groups.entry(action.run_order).or_default() += 1;
    }
    let widest = groups.values().copied().max().unwrap_or_default();
    for (count, limit, how) in [
        (widest, quotas::PARALLEL_ACTIONS, "parallel"),
        (groups.len(), quotas::SEQUENTIAL_ACTIONS, "sequential"),
    ] {
        if count > limit.value as usize {
            let message =
                format!("the stage `{}` has {count} {how} actions; {} are allowed", stage.name, limit.value);
            reader.push(reader.error("pipeline-limit", message, stage.span, "too many"));
        }
    }
}

fn one_stage(reader: &mut Reader<'_>, index: usize, stage: &Stage, actions: Option<Entry<'_>>) {
    let most = quotas::ACTIONS_PER_STAGE.value as usize;
    // Of a key that is empty that is said.
    if stage.actions.is_empty() && actions.is_none_or(|actions| !actions.value.is_null()) {
        let message = format!("the stage `{}` has no actions", stage.name);
        let span = actions.map_or(stage.span, |actions| actions.key.span());
        reader.push(reader.error(STRUCTURE, message, span, "nothing to do here"));
    } else if stage.actions.len() > most {
        let message =
            format!("the stage `{}` has {} actions; {most} are allowed", stage.name, stage.actions.len());
        reader.push(reader.error("pipeline-limit", message, stage.span, "too many"));
    }
    concurrency(reader, stage);
    let mut names: HashMap<&str, Span> = HashMap::new();
    for action in &stage.actions {
        if let Some(first) = names.insert(&action.name, action.span) {
            let message = format!("two actions of the stage `{}` are named `{}`", stage.name, action.name);
            twice(reader, STRUCTURE, &message, action.span, first);
        }
        // What an action of an unknown type is, nobody knows.
        if action_type(action.category, action.owner, &action.provider).is_none() {
            continue;
        }
        let is_source = action.category == Category::Source;
        if index == 0 && !is_source {
            let message = format!("`{}` stands in the first stage and is no source action", action.name);
            let finding = reader.error(STRUCTURE, message, action.span, "move it to a later stage");
            reader.push(finding.aws(
                "InvalidStructureException: Pipeline should start with a stage that only contains source actions.",
            ));
        } else if index > 0 && is_source {
            let message = format!("the source action `{}` stands in the stage `{}`", action.name, stage.name);
            reader.push(reader.error(STRUCTURE, message, action.span, "sources belong to the first stage"));
        }
    }
}

/// A rollback has nothing to go back to in the source stage, nor in a pipeline whose executions run side by side.
fn rollback<'t>(reader: &mut Reader<'t>, pipeline: &Pipeline, nodes: &[StageNode<'t>]) {
    let result = |node: Node<'t>| node.get("result").filter(|result| result.text() == Some("ROLLBACK"));
    for (index, (stage, of)) in pipeline.stages.iter().zip(nodes).enumerate() {
        if index > 0 && pipeline.execution_mode != ExecutionMode::Parallel {
            continue;
        }
        let mut conditions = CONDITIONS.iter().filter_map(|key| of.node.get(key));
        let rolls_back = conditions.find_map(|condition| {
            let mut listed = condition.get("conditions").into_iter().flat_map(Node::items);
            result(condition).or_else(|| listed.find_map(result))
        });
        let Some(at) = rolls_back else { continue };
        let message = format!("the stage `{}` cannot roll back", stage.name);
        let why = if index == 0 { "it is the source stage" } else { "the pipeline's mode is PARALLEL" };
        reader.push(reader.error(STRUCTURE, message, at.span(), why));
    }
}

/// What a stage may have beside its actions.
const CONDITIONS: [&str; 3] = ["beforeEntry", "onSuccess", "onFailure"];

/// Members that only V2 has (codepipeline.md 1.2), in a pipeline that says it is V1. AWS's page says that it becomes one of V2 (11),
/// and its service has refused it.
fn v2_only<'t>(reader: &mut Reader<'t>, pipeline: &Pipeline, node: Node<'t>, nodes: &[StageNode<'t>]) {
    if pipeline.pipeline_type != Some(PipelineType::V1) {
        return;
    }
    let mut found: Vec<(String, Span)> = Vec::new();
    let has_items = |key: &str| node.get(key).is_some_and(|list| list.items().len() > 0);
    for (key, used) in [
        ("executionMode", pipeline.execution_mode != ExecutionMode::Superseded),
        ("variables", has_items("variables")),
        ("triggers", has_items("triggers")),
    ] {
        if let Some(entry) = node.entry(key).filter(|_| used) {
            found.push((format!("`{key}`"), entry.key.span()));
        }
    }
    for (stage, of) in pipeline.stages.iter().zip(nodes) {
        if let Some((key, entry)) = CONDITIONS.iter().find_map(|key| Some((key, of.node.entry(key)?))) {
            found.push((format!("`{key}` of the stage `{}`", stage.name), entry.key.span()));
        }
    }
    for (_, action) in pipeline.actions() {
        let known = action_type(action.category, action.owner, &action.provider);
        if known.is_some_and(|known| known.v2_only) {
            found.push((format!("the provider {}", action.provider), action.span));
        }
    }
    // What a template does not tell for sure is not held against the type.
    found.retain(|(_, span)| !node.tree().is_unknown(*span));
    let (Some(entry), Some((first, at))) = (node.entry("pipelineType"), found.first()) else { return };
    let message = match &found[1..] {
        [] => format!("{first} needs a V2 pipeline, and this is to be one of V1"),
        [(second, _)] => format!("{first} and {second} need a V2 pipeline, and this is to be one of V1"),
        more => {
            let more = more.len();
            format!("{first} and {more} other parts need a V2 pipeline, and this is to be one of V1")
        }
    };
    let finding = reader.warning(STRUCTURE, message, place(entry), "said here");
    let finding = finding.label(*at, "only V2 has this");
    reader.push(finding.help("write `pipelineType: V2`: AWS makes it one of V2, or refuses it"));
}

/// An artifact that an action produced: by whom, and from where on others may use it.
struct Produced<'p> {
    stage: usize,
    action: &'p Action,
    /// None when it is not known.
    run_order: Option<u32>,
    span: Span,
}

fn artifacts<'t>(reader: &mut Reader<'t>, pipeline: &Pipeline, lost: Lost, nodes: &[StageNode<'t>]) {
    let mut produced: HashMap<&str, Produced<'_>> = HashMap::new();
    let each = || {
        pipeline.stages.iter().zip(nodes).enumerate().flat_map(|(index, (stage, node))| {
            let of_stage = node.node;
            let actions = stage.actions.iter().zip(&node.actions);
            actions.map(move |(action, node)| (index, of_stage, action, *node))
        })
    };
    for (stage, of_stage, action, node) in each() {
        let spans = named(node, "outputArtifacts", action);
        for (artifact, span) in action.output_artifacts.iter().zip(spans) {
            match produced.get(artifact.name.as_str()) {
                Some(first) => {
                    let message = format!("two actions give an artifact named `{}`", artifact.name);
                    twice(reader, ARTIFACTS, &message, span, first.span);
                }
                None => {
                    produced.insert(
                        &artifact.name,
                        Produced { stage, action, run_order: actions::order(action, node), span },
                    );
                }
            }
        }
        let is_lost = |list| lost::is_lost(of_stage, node, list, lost::is_list_of_names);
        if !is_lost("inputArtifacts") && !is_lost("outputArtifacts") {
            counts(reader, action);
        }
    }
    // A source that gives nothing is told; what it should have given is not known.
    let gives_nothing =
        |action: &Action| action.category == Category::Source && action.output_artifacts.is_empty();
    let some_unknown = produced.keys().any(|name| name.contains(UNKNOWN))
        || lost.artifacts
        || each().any(|(_, _, action, _)| gives_nothing(action));
    for (stage, _, action, node) in each() {
        let run_order = actions::order(action, node);
        for (name, span) in action.input_artifacts.iter().zip(named(node, "inputArtifacts", action)) {
            let Some(from) = produced.get(name.as_str()) else {
                if some_unknown || name.is_empty() {
                    continue;
                }
                let message = format!("no action gives the artifact `{name}`");
                let known: Vec<_> = produced.keys().copied().collect();
                let mut finding =
                    reader.error(ARTIFACTS, message, span, format!("`{}` needs it", action.name));
                if let Some(meant) = crate::spec::spelling::nearest(name, &known) {
                    finding = finding.help(format!("write `{meant}`"));
                }
                reader.push(finding);
                continue;
            };
            let is_before = match (from.run_order, run_order) {
                (Some(from), Some(here)) => from < here,
                _ => true,
            };
            if from.stage > stage || (from.stage == stage && !is_before) {
                let message = format!("`{}` needs the artifact `{name}` before it is there", action.name);
                let finding = reader.error(ARTIFACTS, message, span, "needed here");
                reader.push(finding.label(from.span, format!("given here, by `{}`", from.action.name)).help(
                    "an artifact comes from an earlier stage, or from a lower runOrder of the same stage",
                ));
            } else if is_bare(from.action) && unpacks(action) {
                let message =
                    format!("`{name}` is one file and no ZIP, which `{}` cannot unpack", action.name);
                let finding = reader.warning(ARTIFACTS, message, span, "a ZIP is expected here");
                let object = from.action.configuration.get("S3ObjectKey").map_or("", String::as_str);
                reader.push(
                    finding
                        .label(from.span, format!("given here: {object}"))
                        .help("keep the file in a ZIP in the bucket, and name that as `S3ObjectKey`"),
                );
            } else if is_clone(from.action) && !clones(action) {
                let message = format!("`{name}` is the reference of a clone, which only CodeBuild can use");
                let finding =
                    reader.error(ARTIFACTS, message, span, format!("`{}` gets no files", action.name));
                reader.push(
                    finding
                        .label(from.span, format!("CODEBUILD_CLONE_REF of `{}`", from.action.name))
                        .help("leave OutputArtifactFormat out, or give it the output artifact of a build"),
                );
            }
        }
    }
    of_rules(reader, &produced, some_unknown, nodes);
}

/// Whether a source in S3 gives one file that is no archive (codepipeline.md 2.2).
fn is_bare(source: &Action) -> bool {
    let object = source.configuration.get("S3ObjectKey").filter(|_| source.provider == "S3");
    object.is_some_and(|key| [".json", ".yml", ".yaml", ".txt"].iter().any(|end| key.ends_with(end)))
        && source.category == Category::Source
}

/// Whether an action looks for files in its artifact.
fn unpacks(action: &Action) -> bool {
    action.category == Category::Deploy
        && matches!(&*action.provider, "CloudFormation" | "CodeDeploy" | "CodeDeployToECS" | "ECS")
}

/// Whether a source gives the reference of a clone in the place of files (codepipeline.md 2.2).
fn is_clone(source: &Action) -> bool {
    source.category == Category::Source
        && source
            .configuration
            .get("OutputArtifactFormat")
            .is_some_and(|format| format == "CODEBUILD_CLONE_REF")
}

/// Whether an action can clone by such a reference: those that run on CodeBuild; of types that we do not know, nobody knows.
fn clones(action: &Action) -> bool {
    action.provider == "CodeBuild"
        || action.category == Category::Compute
        || action_type(action.category, action.owner, &action.provider).is_none()
}

/// The artifacts that rules of conditions use. Where `some_unknown` ones are produced, they may be any.
fn of_rules(
    reader: &mut Reader<'_>,
    produced: &HashMap<&str, Produced<'_>>,
    some_unknown: bool,
    nodes: &[StageNode<'_>],
) {
    for (stage, rule) in
        nodes.iter().enumerate().flat_map(|(index, node)| node.rules.iter().map(move |rule| (index, rule)))
    {
        for (node, name) in conditions::inputs(rule.node) {
            let Some(name) = name else { continue };
            if name.is_empty() || some_unknown && !produced.contains_key(name) {
                continue;
            }
            let is_there = produced
                .get(name)
                .is_some_and(|from| from.stage < stage || (rule.is_after && from.stage == stage));
            if !is_there {
                let message = if produced.contains_key(name) {
                    format!("the rule `{}` needs the artifact `{name}` before it is there", rule.name)
                } else {
                    format!("no action gives the artifact `{name}`")
                };
                let span = head(node.source(), node.span());
                reader.push(reader.error(ARTIFACTS, message, span, format!("`{}` needs it", rule.name)));
            }
        }
    }
}

/// The places of the names of artifacts; the action's own place where one has none.
fn named(node: Node<'_>, list: &str, action: &Action) -> impl Iterator<Item = Span> {
    let items: Vec<_> = node.get(list).map(|list| list.items().collect()).unwrap_or_default();
    let of_action = action.span;
    let name = move |item: Node<'_>| item.entry("name").map_or(head(item.source(), item.span()), place);
    items.into_iter().map(name).collect::<Vec<_>>().into_iter().chain(std::iter::repeat(of_action))
}

fn counts(reader: &mut Reader<'_>, action: &Action) {
    let Some(known) = action_type(action.category, action.owner, &action.provider) else { return };
    for (what, count, range) in [
        ("input", action.input_artifacts.len(), &known.inputs),
        ("output", action.output_artifacts.len(), &known.outputs),
    ] {
        let (bound, limit, compared) = if count < *range.start() {
            ("minimum", range.start(), "less")
        } else if count > *range.end() {
            ("maximum", range.end(), "more")
        } else {
            continue;
        };
        let no_code = action.provider == "Lambda" && action.category == Category::Deploy;
        if no_code && what == "input" && action.configuration.contains_key("PublishedTargetVersion") {
            continue;
        }
        let message = format!("`{}` has {count} {what} artifacts; its {bound} is {limit}", action.name);
        let finding = reader.error(ARTIFACTS, message, action.span, format!("a {} action", action.provider));
        reader.push(finding.aws(format!(
            "InvalidActionDeclarationException: Action {} declares {count} {what} artifacts which is {compared} than the \
             {bound} count ({limit})",
            action.name
        )));
    }
}

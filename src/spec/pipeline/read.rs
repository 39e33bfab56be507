//! The definition's envelope, its own fields and its stages.
//!
//! Owns: the shape down to the stages. Leaves to `actions` and `triggers`: theirs; to `structure` and `variables`:
//! rules that need the whole.

use std::collections::HashMap;
use std::sync::Arc;

use super::fields::{self, Alphabet};
use super::lost::Lost;
use super::{
    ExecutionMode, Pipeline, PipelineType, Stage, Variable, actions, conditions, stores, structure, triggers,
    variables,
};
use crate::diagnostic::{Finding, Severity};
use crate::spec::Read;
use crate::spec::document::{self, Origin, kind_words};
use crate::spec::not_json;
use crate::spec::quotas::{self, Quota};
use crate::spec::reading::{Reader, head, place};
use crate::spec::schema::pipeline::{BLOCKER, ENVELOPE, PIPELINE, STAGE, TAG, VARIABLE};
use crate::spec::spelling::nearest;
use crate::spec::tags;
use crate::syntax::{Entry, Kind, Node, Parsed, SourceFile, Span, Style, Tree};

/// Reads a definition file.
pub fn load(name: &str, bytes: &[u8]) -> Read<Pipeline> {
    document::load(name, bytes, Origin::Other, read)
}

/// Reads a file that is already parsed.
pub fn load_parsed(source: &Arc<SourceFile>, parsed: &Parsed) -> Read<Pipeline> {
    let mut read = document::load_parsed(source, parsed, Origin::Other, read);
    if let Some(tree) = parsed.tree.as_ref().filter(|_| source.text().contains("{{resolve:")) {
        // A block of text is a buildspec, where it is told at its place.
        let is_block = |style: Style| matches!(style, Style::Literal | Style::Folded);
        let of_template = tree
            .scalars()
            .filter(|(span, style)| source.slice(*span).contains("{{resolve:") && !is_block(*style));
        read.findings.extend(of_template.map(|(span, _)| {
            let message = "`{{resolve:…}}` is read by CloudFormation only: here it stays as it is";
            let finding = Finding::warning("pipeline-configuration", message, source, span, "a text");
            finding.help("write the value, or keep the pipeline in a template")
        }));
    }
    if read.findings.iter().all(|finding| finding.code != "yaml-syntax")
        && let Some(finding) = no_json(source)
    {
        // What is said of the same place, or of a name that is not read as one, follows from it.
        let place = finding.primary.span;
        let is_other_name = source.slice(place).starts_with(['\\', '“', '”', '‘', '’']);
        read.findings.retain(|other| {
            let follows = is_other_name && other.code == "missing-key";
            !follows && !other.primary.span.contains(place.start)
        });
        read.findings.push(finding);
    }
    read
}

/// What is wrong with a file that is called JSON and is none: AWS is given it as JSON, and we read it as the YAML that it is, too.
fn no_json(source: &Arc<SourceFile>) -> Option<Finding> {
    if !source.name().to_ascii_lowercase().ends_with(".json") {
        return None;
    }
    let finding = not_json::finding(source, "pipeline-structure", "the AWS CLI stops here")?;
    Some(finding.help("write JSON, or call the file .yml"))
}

/// Reads a definition that is already text.
pub fn load_source(source: &Arc<SourceFile>) -> Read<Pipeline> {
    document::load_source(source, Origin::Other, read)
}

/// Whether a mapping is a pipeline definition, as far as its keys tell: `stages` is a list.
pub fn is_definition(node: Node<'_>) -> bool {
    node.get("stages").is_some_and(|stages| stages.kind() == Kind::Sequence)
}

/// The envelope of a definition, `pipeline`, also when it is misspelt.
pub fn envelope(root: Node<'_>) -> Option<Entry<'_>> {
    let is_near = |entry: &Entry<'_>| {
        let near = entry.key.text().and_then(|key| nearest(key, &["pipeline"]));
        near.is_some() && is_definition(entry.value)
    };
    root.entry("pipeline").or_else(|| root.entries().find(is_near))
}

/// A stage with its place, for the rules that need the whole.
pub(super) struct StageNode<'t> {
    /// All of it.
    pub(super) node: Node<'t>,
    /// Its actions.
    pub(super) actions: Vec<Node<'t>>,
    /// The rules of its conditions.
    pub(super) rules: Vec<conditions::Rule<'t>>,
    /// Whether every action could be read.
    whole: bool,
}

/// Reads a definition from its tree: `{pipeline: …}`, as `get-pipeline` prints it, or what is inside.
pub fn read(tree: &Tree) -> Read<Pipeline> {
    let mut reader = Reader::new(tree, "CodePipeline");
    let root = tree.root();
    let pipeline = inside(&mut reader, root).map(|inner| pipeline(&mut reader, inner));
    reader.finish(pipeline)
}

fn inside<'t>(reader: &mut Reader<'t>, root: Node<'t>) -> Option<Node<'t>> {
    let span = head(root.source(), root.span());
    if root.kind() != Kind::Mapping {
        let message = if root.is_null() {
            "the definition is empty".to_owned()
        } else {
            format!("the definition is {}; CodePipeline expects a mapping", kind_words(root.kind()))
        };
        reader.push(reader.error("wrong-kind", message, span, "here"));
        return None;
    }
    if let Some(entry) = envelope(root) {
        fields::only(reader, "", root, &ENVELOPE);
        if let Some(entry) = root.entry("tags") {
            all_tags(reader, entry);
        }
        return fields::object(reader, "pipeline", entry);
    }
    if let Some(entry) = root.entry("Resources") {
        let message = "this is a CloudFormation template, which is not read yet";
        let finding = reader.error("not-supported-yet", message, entry.key.span(), "a template's resources");
        reader.push(finding.help("use what `aws codepipeline get-pipeline --name NAME` prints"));
        return None;
    }
    Some(root)
}

/// `tags` beside `pipeline`, which `create-pipeline` takes.
fn all_tags<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) {
    let mut all = Vec::new();
    for (index, item) in fields::list(reader, "tags", entry).into_iter().enumerate() {
        let path = format!("tags[{index}]");
        let Some(node) = fields::object(reader, &path, item) else { continue };
        fields::only(reader, &path, node, &TAG);
        let part = |reader: &mut Reader<'t>, key| {
            let entry = fields::required(reader, &path, node, key)?;
            Some((fields::string(reader, &format!("{path}.{key}"), entry)?, entry.value))
        };
        all.push([part(reader, "key"), part(reader, "value")]);
    }
    tags::check(reader, &all, entry.key.span());
}

fn pipeline<'t>(reader: &mut Reader<'t>, node: Node<'t>) -> Pipeline {
    fields::only(reader, "", node, &PIPELINE);
    let name = fields::required(reader, "", node, "name");
    let name = name
        .and_then(|entry| fields::name(reader, "name", entry, Alphabet::Name, quotas::NAME.value as usize));
    let mut pipeline = Pipeline {
        name: name.unwrap_or_default(),
        role_arn: None,
        execution_mode: ExecutionMode::default(),
        pipeline_type: None,
        variables: Vec::new(),
        triggers: Vec::new(),
        stages: Vec::new(),
        version: None,
    };
    let (mut stage_nodes, mut whole) = (Vec::new(), !node.tree().is_partial());
    for entry in node.entries() {
        match entry.key.scalar().map(|key| key.text) {
            Some("roleArn") => {
                pipeline.role_arn = fields::role(reader, "roleArn", entry);
            }
            Some("executionMode") => {
                let modes = [
                    ("SUPERSEDED", ExecutionMode::Superseded),
                    ("QUEUED", ExecutionMode::Queued),
                    ("PARALLEL", ExecutionMode::Parallel),
                ];
                pipeline.execution_mode =
                    fields::choice(reader, "executionMode", entry, &modes).unwrap_or_default();
            }
            Some("pipelineType") => {
                let types = [("V1", PipelineType::V1), ("V2", PipelineType::V2)];
                pipeline.pipeline_type = fields::choice(reader, "pipelineType", entry, &types);
            }
            Some("version") => pipeline.version = fields::number(reader, "version", entry, 1..=u32::MAX),
            Some("variables") => pipeline.variables = pipeline_variables(reader, entry),
            Some("triggers") => pipeline.triggers = triggers::read(reader, entry),
            _ => {}
        }
    }
    if let Some(entry) = fields::required(reader, "", node, "stages") {
        whole &= entry.value.kind() == Kind::Sequence;
        for (index, item) in fields::list(reader, "stages", entry).into_iter().enumerate() {
            let Some((stage, stage_node)) = stage(reader, index, item) else {
                whole = false;
                continue;
            };
            whole &= stage_node.whole;
            pipeline.stages.push(stage);
            stage_nodes.push(stage_node);
        }
    }
    aws_only(reader, node);
    stores::check(reader, node);
    // Rules over the whole would only repeat what is wrong with a stage or an action that could not be read.
    if whole {
        let lost = Lost::of(node, &stage_nodes);
        structure::check(reader, &pipeline, (node, lost), &stage_nodes);
        variables::check(reader, (node, lost), &pipeline, &stage_nodes);
        if !lost.names {
            triggers::check(reader, &pipeline);
        }
    }
    pipeline
}

/// What AWS needs to create the pipeline and a rehearsal does not: worth a word, no more.
fn aws_only<'t>(reader: &mut Reader<'t>, node: Node<'t>) {
    let (one, many) = (node.entry("artifactStore"), node.entry("artifactStores"));
    // In a template each may hang on a condition, and only one of these be true.
    let is_conditional = |entry: Entry<'_>| {
        let written = node.source().slice(Span::new(entry.key.span().end, entry.value.span().end));
        ["!If", "Fn::If"].iter().any(|call| written.contains(call))
    };
    if let (Some(one), Some(many)) = (one, many)
        && !is_conditional(one)
        && !is_conditional(many)
    {
        let message = "`artifactStore` and `artifactStores` stand together";
        let finding =
            reader.error("pipeline-structure", message, many.key.span(), "only one of them is allowed");
        reader.push(finding.label(one.key.span(), "the other one"));
    }
    let store = if one.is_none() && many.is_none() { Some("artifactStore") } else { None };
    let role = if node.entry("roleArn").is_none() { Some("roleArn") } else { None };
    let missing: Vec<_> = role.into_iter().chain(store).collect();
    if !missing.is_empty() && !node.tree().is_partial() {
        let message =
            format!("AWS needs {} to create this pipeline; a rehearsal does not", missing.join(" and "));
        let span = node.entry("name").map_or(head(node.source(), node.span()), |entry| entry.key.span());
        let finding = reader.error("pipeline-incomplete", message, span, "fine here");
        reader.push(Finding { severity: Severity::Advice, ..finding });
    }
}

fn pipeline_variables<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> Vec<Variable> {
    let items = fields::list(reader, "variables", entry);
    if items.len() > quotas::PIPELINE_VARIABLES.value as usize {
        fields::too_many(reader, "variables", entry, quotas::PIPELINE_VARIABLES.value);
    }
    let (mut all, mut names) = (Vec::new(), HashMap::new());
    for (index, item) in items.into_iter().enumerate() {
        let path = format!("variables[{index}]");
        let Some(node) = fields::object(reader, &path, item) else { continue };
        fields::only(reader, &path, node, &VARIABLE);
        let Some(named) = fields::required(reader, &path, node, "name") else { continue };
        let name = fields::name(
            reader,
            &format!("{path}.name"),
            named,
            Alphabet::Namespace,
            quotas::VARIABLE_NAME.value as usize,
        );
        let mut text = |key: &str, longest: Quota| {
            let entry = node.entry(key)?;
            // A description may be empty; that is as good as none.
            if key == "description" && entry.value.scalar().is_some_and(|scalar| scalar.text.is_empty()) {
                return None;
            }
            fields::name(reader, &format!("{path}.{key}"), entry, Alphabet::Any, longest.value as usize)
        };
        let (default_value, description) =
            (text("defaultValue", quotas::VARIABLE_VALUE), text("description", quotas::VARIABLE_DESCRIPTION));
        let Some(name) = name else { continue };
        if let Some(first) = names.insert(name.clone(), named.value.span()) {
            let finding = reader.error(
                "pipeline-structure",
                format!("the variable `{name}` stands twice"),
                place(named),
                "again here",
            );
            reader.push(finding.label(first, "first here"));
        }
        all.push(Variable { name, default_value, description, span: named.value.span() });
    }
    all
}

fn stage<'t>(reader: &mut Reader<'t>, index: usize, item: Entry<'t>) -> Option<(Stage, StageNode<'t>)> {
    let path = format!("stages[{index}]");
    let node = fields::object(reader, &path, item)?;
    fields::only(reader, &path, node, &STAGE);
    let named = fields::required(reader, &path, node, "name");
    let name = named.and_then(|entry| {
        fields::name(reader, &format!("{path}.name"), entry, Alphabet::Name, quotas::NAME.value as usize)
    });
    let mut stage = Stage {
        name: name.unwrap_or_default(),
        actions: Vec::new(),
        before_entry: None,
        on_success: None,
        on_failure: None,
        span: named.map_or_else(|| head(node.source(), node.span()), place),
    };
    let mut rules = Vec::new();
    for (key, slot) in [
        ("beforeEntry", &mut stage.before_entry),
        ("onSuccess", &mut stage.on_success),
        ("onFailure", &mut stage.on_failure),
    ] {
        let Some(entry) = node.entry(key) else { continue };
        let path = format!("{path}.{key}");
        if entry.value.is_null() {
            fields::nothing::<()>(reader, &path, entry, "a mapping");
        } else if let Some(node) = fields::object(reader, &path, entry) {
            *slot = Some(fields::json(node));
            rules.extend(conditions::check(reader, &path, key, node));
            // AWS takes it, and a start that comes to it says so (`not-there-yet`).
            let finding = reader.advice(
                "not-supported-yet",
                format!("`{key}` is not rehearsed yet"),
                entry.key.span(),
                "this has no effect here",
            );
            reader.push(finding);
        }
    }
    let (mut nodes, mut whole) = (Vec::new(), true);
    blockers(reader, &path, node);
    if let Some(entry) = node.entry("actions") {
        whole &= entry.value.kind() == Kind::Sequence || entry.value.is_null();
        for (index, item) in fields::list(reader, &format!("{path}.actions"), entry).into_iter().enumerate() {
            let Some((action, read)) = actions::read(reader, &format!("{path}.actions[{index}]"), node, item)
            else {
                whole = false;
                continue;
            };
            stage.actions.push(action);
            nodes.push(read);
        }
    }
    Some((stage, StageNode { node, actions: nodes, rules, whole }))
}

/// `blockers`: reserved, and of no use yet.
fn blockers<'t>(reader: &mut Reader<'t>, path: &str, stage: Node<'t>) {
    let Some(entry) = stage.entry("blockers") else { return };
    let path = format!("{path}.blockers");
    for (index, item) in fields::list(reader, &path, entry).into_iter().enumerate() {
        let path = format!("{path}[{index}]");
        let Some(node) = fields::object(reader, &path, item) else { continue };
        fields::only(reader, &path, node, &BLOCKER);
        if let Some(entry) = fields::required(reader, &path, node, "name") {
            fields::name(reader, &format!("{path}.name"), entry, Alphabet::Any, 100);
        }
        if let Some(entry) = fields::required(reader, &path, node, "type") {
            fields::choice(reader, &format!("{path}.type"), entry, &[("Schedule", ())]);
        }
    }
}

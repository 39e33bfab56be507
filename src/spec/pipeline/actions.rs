//! One action: its fields (codepipeline.md 1.4).
//!
//! Owns: the shape of an action, and which fields belong to which actions. Leaves to `action_type` and `configuration`:
//! theirs.

use std::collections::BTreeMap;

use super::fields::{self, Alphabet};
use super::{
    Action, Category, EnvironmentVariable, OutputArtifact, Owner, VariableKind, action_type, configuration,
    json, lost,
};
use crate::spec::quotas;
use crate::spec::reading::{Reader, head, place};
use crate::spec::schema::pipeline::{ACTION, ENVIRONMENT_VARIABLE, INPUT, OUTPUT};
use crate::spec::spelling::is_misspelt;
use crate::syntax::{Entry, Kind, Node};

pub(super) fn read<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    stage: Node<'t>,
    item: Entry<'t>,
) -> Option<(Action, Node<'t>)> {
    let node = fields::object(reader, path, item)?;
    fields::only(reader, path, node, &ACTION);
    let named = fields::required(reader, path, node, "name");
    let name = named.and_then(|entry| {
        fields::name(reader, &format!("{path}.name"), entry, Alphabet::Name, quotas::NAME.value as usize)
    });
    let (category, owner, provider, version) =
        action_type::read(reader, path, node, name.as_deref().unwrap_or_default())?;
    let mut action = Action {
        name: name.unwrap_or_default(),
        category,
        owner,
        provider,
        version,
        run_order: 1,
        configuration: BTreeMap::new(),
        commands: Vec::new(),
        environment_variables: Vec::new(),
        input_artifacts: Vec::new(),
        output_artifacts: Vec::new(),
        output_variables: Vec::new(),
        namespace: None,
        region: None,
        timeout_in_minutes: None,
        role_arn: None,
        span: named.map_or_else(|| head(node.source(), node.span()), place),
    };
    for entry in node.entries() {
        let Some(key) = entry.key.scalar().map(|key| key.text) else { continue };
        let path = format!("{path}.{key}");
        match key {
            "runOrder" => action.run_order = fields::number(reader, &path, entry, 1..=999).unwrap_or(1),
            "configuration" => action.configuration = settings(reader, &path, entry),
            "commands" => action.commands = fields::strings(reader, &path, entry, (50, 1000)),
            "environmentVariables" => {
                action.environment_variables =
                    environment(reader, &path, entry, action.provider == "Commands");
            }
            "inputArtifacts" => {
                action.input_artifacts =
                    artifacts(reader, &path, entry, false).into_iter().map(|a| a.name).collect();
            }
            "outputArtifacts" => action.output_artifacts = artifacts(reader, &path, entry, true),
            "outputVariables" => action.output_variables = fields::strings(reader, &path, entry, (15, 128)),
            "roleArn" => action.role_arn = fields::role(reader, &path, entry),
            "region" => action.region = fields::region(reader, &path, entry),
            "namespace" => action.namespace = fields::name(reader, &path, entry, Alphabet::Namespace, 100),
            "timeoutInMinutes" => {
                action.timeout_in_minutes = fields::number(
                    reader,
                    &path,
                    entry,
                    quotas::APPROVAL_TIMEOUT_MIN.value..=quotas::APPROVAL_TIMEOUT_MAX.value,
                );
            }
            _ => {}
        }
    }
    configuration::check(reader, &action, stage, node);
    check_own_fields(reader, &action, stage, node);
    empty_lists(reader, path, &action, node);
    Some((action, node))
}

/// Lists that may be left out and have an item when they are there (codepipeline.md 1.4).
fn empty_lists<'t>(reader: &mut Reader<'t>, path: &str, action: &Action, node: Node<'t>) {
    // Of what belongs to other actions that is said.
    let is_commands = action.provider == "Commands";
    let files = node.get("outputArtifacts").into_iter().flat_map(Node::items);
    let files = files.filter_map(|artifact| artifact.entry("files")).chain(node.entry("outputVariables"));
    for entry in files.filter(|_| is_commands).chain(node.entry("environmentVariables")) {
        if entry.value.kind() == Kind::Sequence && entry.value.items().len() == 0 && !node.tree().is_partial()
        {
            let key = entry.key.text().unwrap_or_default();
            let message = format!("`{key}` of `{path}` is empty; it has at least one item");
            let finding = reader.error("missing-key", message, place(entry), "an empty list");
            reader.push(finding.help(format!("remove `{key}`, or write an item")));
        }
    }
}

/// The run order of an action as it is written; none when that is no run order, or may be one under a misspelt key.
pub(super) fn order(action: &Action, node: Node<'_>) -> Option<u32> {
    let is_known = match node.entry("runOrder") {
        Some(entry) => entry.value.text() == Some(action.run_order.to_string().as_str()),
        None => !is_misspelt(node, ACTION.names, "runOrder"),
    };
    is_known.then_some(action.run_order)
}

fn settings<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> BTreeMap<String, String> {
    let Some(node) = reader.mapping(path, entry) else { return BTreeMap::new() };
    let mut all = BTreeMap::new();
    for entry in node.entries() {
        let Some(key) = reader.key(path, entry) else { continue };
        // What belongs beside the configuration is told as that.
        let is_own = ACTION.names.iter().any(|name| name.eq_ignore_ascii_case(key));
        if is_own && entry.value.kind() != Kind::Scalar {
            continue;
        }
        let path = format!("{path}.{key}");
        if key.chars().count() > quotas::CONFIGURATION_KEY.value as usize {
            let message =
                format!("a configuration key is longer than {} characters", quotas::CONFIGURATION_KEY.value);
            let finding = reader.error(
                "pipeline-name",
                message,
                head(entry.key.source(), entry.key.span()),
                "too long",
            );
            reader.push(finding);
        }
        if let Some(example) = json::example(key).filter(|_| entry.value.kind() != Kind::Scalar) {
            let finding = reader.of_wrong_kind(&path, entry, "a string");
            reader.push(finding.help(format!("write JSON in one text: {key}: '{example}'")));
            continue;
        }
        // What is longer than parameters may be is said of them.
        let longest = match key {
            "ParameterOverrides" => usize::MAX,
            _ => quotas::CONFIGURATION_VALUE.value as usize,
        };
        if let Some(value) = fields::name(reader, &path, entry, Alphabet::Any, longest) {
            all.insert(key.to_owned(), value);
        }
    }
    all
}

fn environment<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    entry: Entry<'t>,
    secrets: bool,
) -> Vec<EnvironmentVariable> {
    let items = fields::list(reader, path, entry);
    if items.len() > 10 {
        fields::too_many(reader, path, entry, 10);
    }
    let mut all = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let path = format!("{path}[{index}]");
        let Some(node) = fields::object(reader, &path, item) else { continue };
        fields::only(reader, &path, node, &ENVIRONMENT_VARIABLE);
        let name = fields::required(reader, &path, node, "name").and_then(|entry| {
            fields::name(reader, &format!("{path}.name"), entry, Alphabet::Environment, 128)
        });
        let value = fields::required(reader, &path, node, "value")
            .and_then(|entry| fields::name(reader, &format!("{path}.value"), entry, Alphabet::Any, 2000));
        let kinds =
            [("PLAINTEXT", VariableKind::Plaintext), ("SECRETS_MANAGER", VariableKind::SecretsManager)];
        let kind = node.entry("type").and_then(|entry| fields::choice(reader, "type", entry, &kinds));
        if let (Some(name), Some(value)) = (name, value) {
            let kind = kind.unwrap_or_default();
            if let Some(entry) =
                node.entry("type").filter(|_| kind == VariableKind::SecretsManager && !secrets)
            {
                let message = "a secret as environment variable is known to Commands actions only";
                reader.push(reader.error("pipeline-action", message, place(entry), "not here"));
            }
            all.push(EnvironmentVariable { name, value, kind });
        }
    }
    all
}

pub(super) fn artifacts<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    entry: Entry<'t>,
    files: bool,
) -> Vec<OutputArtifact> {
    let mut all = Vec::new();
    for (index, item) in fields::list(reader, path, entry).into_iter().enumerate() {
        let path = format!("{path}[{index}]");
        let Some(node) = fields::object(reader, &path, item) else { continue };
        fields::only(reader, &path, node, if files { &OUTPUT } else { &INPUT });
        let Some(named) = fields::required(reader, &path, node, "name") else { continue };
        let name = fields::name(
            reader,
            &format!("{path}.name"),
            named,
            Alphabet::Artifact,
            quotas::NAME.value as usize,
        );
        let files = node
            .entry("files")
            .map(|entry| fields::strings(reader, &format!("{path}.files"), entry, (10, 128)))
            .unwrap_or_default();
        all.extend(name.map(|name| OutputArtifact { name, files }));
    }
    all
}

/// Fields that only some actions may have, and Commands actions' own rules (codepipeline.md 2.14).
fn check_own_fields<'t>(reader: &mut Reader<'t>, action: &Action, stage: Node<'t>, node: Node<'t>) {
    // What an action of an unknown type may have, nobody knows.
    if action_type(action.category, action.owner, &action.provider).is_none() {
        return;
    }
    let code = "pipeline-action";
    let is_commands = action.category == Category::Compute && action.provider == "Commands";
    // Of commands that are no list, are none, or stand elsewhere, that is said.
    let is_empty = |node: Node<'_>| node.kind() == Kind::Sequence && node.items().len() == 0;
    let is_absent = action.commands.is_empty() && !lost::is_lost(stage, node, "commands", is_empty);
    if is_commands && is_absent && !node.tree().is_partial() {
        let message = format!("the Commands action `{}` has no commands", action.name);
        let finding = reader.error(code, message, action.span, "nothing to run");
        reader.push(finding.aws(format!(
            "InvalidActionDeclarationException: Action {} must have a non-empty commands field",
            action.name
        )));
    }
    for item in node.get("commands").into_iter().flat_map(Node::items) {
        if item.text().is_some_and(|text| text.trim_end_matches('\n').contains('\n')) {
            let span = head(node.source(), item.span());
            let finding =
                reader.error(code, "a command of a Commands action has one line", span, "several lines");
            reader.push(finding.help("write one command per line of the list, or call a script"));
        }
    }
    let mut misplaced = |key: &str, whose: &str| {
        if let Some(entry) = node.entry(key) {
            let message = format!("`{key}` belongs to {whose}");
            reader.push(reader.error(
                code,
                message,
                entry.key.span(),
                format!("not to an action of {}", action.provider),
            ));
        }
    };
    if !is_commands {
        misplaced("commands", "Commands actions");
        misplaced("outputVariables", "Commands actions");
    }
    if action.category != Category::Approval {
        misplaced("timeoutInMinutes", "manual approvals");
    }
    if action.role_arn.is_some() && action.owner != Owner::Aws {
        misplaced("roleArn", "actions of AWS");
    }
    if action.category != Category::Compute
        && action.output_artifacts.iter().any(|artifact| !artifact.files.is_empty())
    {
        let span = node.entry("outputArtifacts").map_or(action.span, |entry| entry.key.span());
        reader.push(reader.error(
            code,
            "`files` of an output artifact belong to Commands actions",
            span,
            "here",
        ));
    }
}

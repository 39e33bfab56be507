//! One action: its fields (codepipeline.md 1.4), its type and configuration (2).

use std::collections::BTreeMap;

use super::fields::{self, Alphabet};
use super::{Action, Category, EnvironmentVariable, OutputArtifact, Owner, VariableKind, providers};
use crate::spec::quotas;
use crate::spec::reading::{Reader, head, is_there, nearest, place, rename};
use crate::syntax::{Entry, Node};

pub(super) fn read<'t>(reader: &mut Reader<'t>, path: &str, item: Entry<'t>) -> Option<(Action, Node<'t>)> {
    let node = fields::object(reader, path, item)?;
    let known = [
        "name",
        "actionTypeId",
        "runOrder",
        "configuration",
        "commands",
        "environmentVariables",
        "inputArtifacts",
        "outputArtifacts",
        "outputVariables",
        "roleArn",
        "region",
        "namespace",
        "timeoutInMinutes",
    ];
    fields::only(reader, path, node, &known);
    let named = fields::required(reader, path, node, "name");
    let name = named.and_then(|entry| {
        fields::name(reader, &format!("{path}.name"), entry, Alphabet::Name, quotas::NAME.value as usize)
    });
    let (category, owner, provider, version) =
        type_id(reader, path, node, name.as_deref().unwrap_or_default())?;
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
            "configuration" => action.configuration = configuration(reader, &path, entry),
            "commands" => action.commands = fields::strings(reader, &path, entry, (50, 1000)),
            "environmentVariables" => action.environment_variables = environment(reader, &path, entry),
            "inputArtifacts" => {
                action.input_artifacts =
                    artifacts(reader, &path, entry, false).into_iter().map(|a| a.name).collect();
            }
            "outputArtifacts" => action.output_artifacts = artifacts(reader, &path, entry, true),
            "outputVariables" => action.output_variables = fields::strings(reader, &path, entry, (15, 128)),
            "roleArn" => action.role_arn = fields::name(reader, &path, entry, Alphabet::Any, 1024),
            "region" => action.region = fields::name(reader, &path, entry, Alphabet::Artifact, 30),
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
    check_configuration(reader, &action, node);
    check_own_fields(reader, &action, node);
    Some((action, node))
}

fn type_id<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    node: Node<'t>,
    action: &str,
) -> Option<(Category, Owner, String, String)> {
    let entry = fields::required(reader, path, node, "actionTypeId")?;
    let path = format!("{path}.actionTypeId");
    let node = fields::object(reader, &path, entry)?;
    fields::only(reader, &path, node, &["category", "owner", "provider", "version"]);
    let categories = [
        Category::Source,
        Category::Build,
        Category::Test,
        Category::Deploy,
        Category::Invoke,
        Category::Approval,
        Category::Compute,
    ]
    .map(|category| (category.api_name(), category));
    let owners = [Owner::Aws, Owner::ThirdParty, Owner::Custom].map(|owner| (owner.api_name(), owner));
    let mut field = |key: &str| fields::required(reader, &path, node, key);
    let entries = (field("category"), field("owner"), field("provider"), field("version"));
    let category = entries.0.and_then(|entry| fields::choice(reader, "category", entry, &categories));
    let owner = entries.1.and_then(|entry| fields::choice(reader, "owner", entry, &owners));
    let provider = entries.2.and_then(|entry| {
        fields::name(
            reader,
            &format!("{path}.provider"),
            entry,
            Alphabet::Artifact,
            quotas::PROVIDER_NAME.value as usize,
        )
    });
    let version = entries
        .3
        .and_then(|entry| fields::name(reader, &format!("{path}.version"), entry, Alphabet::Artifact, 9));
    let (category, owner, provider, version) = (category?, owner?, provider?, version?);
    let exists = providers::action_type(category, owner, &provider).is_some();
    if !exists || (version != "1" && owner != Owner::Custom) {
        let words = format!(
            "ActionType (Category: '{}', Provider: '{provider}', Owner: '{}', Version: '{version}')",
            category.api_name(),
            owner.api_name()
        );
        let finding =
            reader.error("pipeline-action-type", format!("there is no {words}"), place(entry), "unknown");
        let finding = match nearest(&provider, &providers::providers(category)) {
            Some(meant) if meant != provider => finding.help(format!("write `{meant}`")),
            Some(_) if exists => finding.help("the version is \"1\" for every type of AWS"),
            _ => finding.help(
                "category, owner and provider must belong together (AWS, `Action structure reference`)",
            ),
        };
        reader.push(finding.aws(format!(
            "InvalidActionDeclarationException: {words} in action '{action}' is not available in region"
        )));
    }
    Some((category, owner, provider, version))
}

fn configuration<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> BTreeMap<String, String> {
    let Some(node) = reader.mapping(path, entry) else { return BTreeMap::new() };
    let mut all = BTreeMap::new();
    for entry in node.entries() {
        let Some(key) = reader.key(path, entry) else { continue };
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
        let longest = quotas::CONFIGURATION_VALUE.value as usize;
        if let Some(value) = fields::name(reader, &path, entry, Alphabet::Any, longest) {
            all.insert(key.to_owned(), value);
        }
    }
    all
}

fn environment<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Vec<EnvironmentVariable> {
    let items = fields::list(reader, path, entry);
    if items.len() > 10 {
        fields::too_many(reader, path, entry, 10);
    }
    let mut all = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let path = format!("{path}[{index}]");
        let Some(node) = fields::object(reader, &path, item) else { continue };
        fields::only(reader, &path, node, &["name", "value", "type"]);
        let name = fields::required(reader, &path, node, "name").and_then(|entry| {
            fields::name(reader, &format!("{path}.name"), entry, Alphabet::Environment, 128)
        });
        let value = fields::required(reader, &path, node, "value")
            .and_then(|entry| fields::name(reader, &format!("{path}.value"), entry, Alphabet::Any, 2000));
        let kinds =
            [("PLAINTEXT", VariableKind::Plaintext), ("SECRETS_MANAGER", VariableKind::SecretsManager)];
        let kind = node.entry("type").and_then(|entry| fields::choice(reader, "type", entry, &kinds));
        if let (Some(name), Some(value)) = (name, value) {
            all.push(EnvironmentVariable { name, value, kind: kind.unwrap_or_default() });
        }
    }
    all
}

fn artifacts<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>, files: bool) -> Vec<OutputArtifact> {
    let mut all = Vec::new();
    for (index, item) in fields::list(reader, path, entry).into_iter().enumerate() {
        let path = format!("{path}[{index}]");
        let Some(node) = fields::object(reader, &path, item) else { continue };
        fields::only(reader, &path, node, if files { &["name", "files"] } else { &["name"] });
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

/// Required and unknown keys of `configuration`, for the providers that run here.
fn check_configuration<'t>(reader: &mut Reader<'t>, action: &Action, node: Node<'t>) {
    let Some(keys) = providers::configuration(action.category, action.owner, &action.provider) else {
        return;
    };
    let code = "pipeline-configuration";
    for key in keys.required {
        if !action.configuration.contains_key(*key) && !node.tree().is_partial() {
            let message = format!("the {} action `{}` has no `{key}`", action.provider, action.name);
            let span = node.entry("configuration").map_or(action.span, |entry| entry.key.span());
            reader.push(reader.error(code, message, span, format!("`{key}` is required")));
        }
    }
    let known: Vec<_> = keys.required.iter().chain(keys.optional).copied().collect();
    let written = node.get("configuration").into_iter().flat_map(Node::entries);
    for entry in written {
        let Some(key) = entry.key.scalar().map(|key| key.text).filter(|key| !known.contains(key)) else {
            continue;
        };
        let message = format!("a {} action has no configuration `{key}`", action.provider);
        let mut finding = reader.error(code, message, entry.key.span(), "unknown");
        if ["commands", "outputVariables", "environmentVariables"].contains(&key) {
            finding = finding.help(format!("`{key}` stands beside `configuration`, not in it"));
        } else if let Some(meant) = nearest(key, &known) {
            let there = node.get("configuration").is_none_or(|written| is_there(written, meant));
            finding = rename(finding, entry.key.span(), &known, meant, there);
        }
        reader.push(finding);
    }
    let value = |key: &str| node.get("configuration").and_then(|configuration| configuration.entry(key));
    if action.provider == "CodeBuild" {
        match (action.configuration.get("PrimarySource"), value("PrimarySource")) {
            (Some(primary), Some(entry)) if !action.input_artifacts.contains(primary) => {
                let message = format!("`{primary}` is no input artifact of `{}`", action.name);
                reader.push(reader.error(code, message, place(entry), "unknown artifact"));
            }
            (None, _) if action.input_artifacts.len() > 1 => {
                let message = format!("`{}` has several input artifacts and no `PrimarySource`", action.name);
                let finding = reader.error(code, message, action.span, "which one holds the buildspec?");
                reader.push(finding.help(format!("add PrimarySource: {}", action.input_artifacts[0])));
            }
            _ => {}
        }
        if let (Some(text), Some(entry)) =
            (action.configuration.get("EnvironmentVariables"), value("EnvironmentVariables"))
            && !matches!(serde_json::from_str(text), Ok(serde_json::Value::Array(_)))
        {
            let message = "`EnvironmentVariables` is no JSON list";
            let span = head(node.source(), place(entry));
            let finding = reader.error(code, message, span, "CodeBuild cannot read this");
            reader.push(
                finding.help(r#"write "[{\"name\":\"KEY\",\"value\":\"text\",\"type\":\"PLAINTEXT\"}]""#),
            );
        }
    }
}

/// Fields that only some actions may have, and Commands actions' own rules (codepipeline.md 2.14).
fn check_own_fields<'t>(reader: &mut Reader<'t>, action: &Action, node: Node<'t>) {
    let code = "pipeline-action";
    let is_commands = action.category == Category::Compute && action.provider == "Commands";
    if is_commands && action.commands.is_empty() && !node.tree().is_partial() {
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
                format!("not to a {} action", action.provider),
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

//! `configuration` of an action, held against what its provider takes (codepipeline.md 2.2 to 2.14).
//!
//! Owns: keys that are missing, unknown or say what the provider does not understand; keys that need each other. Leaves
//! to `settings`: the table of keys; to `json`: texts that hold JSON. A value with `#{…}` is known only when the action
//! starts, and says nothing here.

use super::settings::{self, Setting, Value};
use super::{Action, json};
use crate::diagnostic::{Finding, Severity};
use crate::spec::reading::{Reader, head, nearest, place, rename};
use crate::syntax::{Entry, Node, Span};

pub(super) const CODE: &str = "pipeline-configuration";

/// Checks the configuration of an action.
pub(super) fn check<'t>(reader: &mut Reader<'t>, action: &Action, node: Node<'t>) {
    let Some(settings) = settings::of(action.category, action.owner, &action.provider) else { return };
    let written = node.entry("configuration");
    // What a template puts there is not known before it is deployed.
    if written.is_some_and(|entry| entry.value.is_unknown()) {
        return;
    }
    // What is required is named at the mapping that lacks it.
    let span = written.map_or(action.span, |entry| entry.key.span());
    let of_action = Of { kind: "action", name: &action.name, provider: &action.provider, span };
    let node = written.map(|entry| entry.value);
    keys(reader, &of_action, node, settings);
    for (setting, entry) in entries(node, settings.keys) {
        value(reader, &action.input_artifacts, &of_action, *setting, entry);
    }
    together(reader, action, &of_action, node);
}

/// Whose configuration it is.
pub(super) struct Of<'a> {
    /// `action` or `rule`.
    pub(super) kind: &'static str,
    pub(super) name: &'a str,
    pub(super) provider: &'a str,
    /// Where to say that something is missing.
    pub(super) span: Span,
}

/// Missing and unknown keys.
pub(super) fn keys<'t>(
    reader: &mut Reader<'t>,
    of: &Of<'_>,
    node: Option<Node<'t>>,
    settings: settings::Settings,
) {
    let is_partial = node.is_some_and(|node| node.tree().is_partial());
    let known: Vec<_> = settings.keys.iter().map(|setting| setting.key).collect();
    // A misspelt key is not missing too.
    let misspelt: Vec<_> = node
        .into_iter()
        .flat_map(Node::entries)
        .filter_map(|entry| entry.key.text().filter(|key| !known.contains(key)))
        .filter_map(|key| nearest(key, &known))
        .collect();
    for setting in settings.keys.iter().filter(|setting| setting.is_required && !is_partial) {
        let is_there = node.and_then(|node| node.get(setting.key)).is_some();
        if !is_there && !misspelt.contains(&setting.key) {
            missing(reader, of, setting.key, "is required");
        }
    }
    for entry in node.into_iter().flat_map(Node::entries) {
        let Some(key) = entry.key.scalar().map(|key| key.text).filter(|key| !known.contains(key)) else {
            continue;
        };
        let beside = ["commands", "outputVariables", "environmentVariables"].contains(&key);
        let meant = nearest(key, &known);
        if settings.has_others && !beside && meant.is_none() {
            continue;
        }
        let message = format!("a {} {} has no configuration `{key}`", of.provider, of.kind);
        let finding = reader.error(CODE, message, entry.key.span(), "unknown");
        reader.push(match meant {
            _ if beside => finding.help(format!("`{key}` stands beside `configuration`, not in it")),
            Some(meant) => {
                let is_there = node.and_then(|node| node.get(meant)).is_some();
                rename(finding, entry.key.span(), &known, meant, is_there)
            }
            None if known.is_empty() => finding,
            None => finding.help(format!("it knows {}", known.join(", "))),
        });
    }
}

/// The entries of known keys.
pub(super) fn entries<'s, 't>(
    node: Option<Node<'t>>,
    settings: &'s [Setting],
) -> impl Iterator<Item = (&'s Setting, Entry<'t>)> {
    let entries = node.into_iter().flat_map(Node::entries);
    entries.filter_map(move |entry| {
        let key = entry.key.scalar()?.text;
        Some((settings.iter().find(|setting| setting.key == key)?, entry))
    })
}

fn missing(reader: &mut Reader<'_>, of: &Of<'_>, key: &str, why: &str) {
    let message = format!("the {} {} `{}` has no `{key}`", of.provider, of.kind, of.name);
    reader.push(reader.error(CODE, message, of.span, format!("`{key}` {why}")));
}

/// A single value.
pub(super) fn value<'t>(
    reader: &mut Reader<'t>,
    artifacts: &[String],
    of: &Of<'_>,
    setting: Setting,
    entry: Entry<'t>,
) {
    let key = setting.key;
    let Some(text) = entry.value.text().filter(|_| !entry.value.is_null()) else { return };
    match setting.value {
        Value::BuildVariables => return json::build_variables(reader, key, entry),
        Value::JsonObject => return json::object(reader, key, entry),
        Value::JsonList(keys) => return json::list(reader, key, entry, keys),
        _ if text.contains("#{") => return,
        _ => {}
    }
    match setting.value {
        Value::Text | Value::BuildVariables | Value::JsonObject | Value::JsonList(_) => {}
        Value::Flag if ["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word)) => {}
        Value::Flag => refuse(reader, entry, key, "is neither true nor false", "write \"true\" or \"false\""),
        Value::Word(words) => {
            if !words.contains(&text) {
                refuse(reader, entry, key, &format!("is not `{text}`"), &one_of(text, words));
            }
        }
        Value::Words(words) => {
            for word in text.split(',').filter(|word| !words.contains(word)) {
                let trimmed = word.trim();
                if words.contains(&trimmed) {
                    let span = head(entry.value.source(), place(entry));
                    let message = format!("`{key}` has spaces around `{trimmed}`");
                    let finding = reader.warning(CODE, message, span, "commas stand alone");
                    reader.push(finding.help("write commas without spaces"));
                } else {
                    refuse(reader, entry, key, &format!("has no `{trimmed}`"), &one_of(trimmed, words));
                }
            }
        }
        Value::Number(least, most) => {
            if !text.parse::<u32>().is_ok_and(|number| (least..=most).contains(&number)) {
                let range = if most == u32::MAX {
                    format!("a whole number, {least} or more")
                } else {
                    format!("a whole number from {least} to {most}")
                };
                refuse(reader, entry, key, &format!("is not {range}"), &format!("write {range}"));
            }
        }
        Value::Artifact => artifact(reader, artifacts, of, (key, Severity::Error), entry, text),
        Value::File => match text.split_once("::") {
            // Published templates name artifacts that their actions do not get, and nobody has said that AWS refuses them.
            Some((name, path)) if !path.is_empty() => {
                artifact(reader, artifacts, of, (key, Severity::Warning), entry, name);
            }
            _ => refuse(
                reader,
                entry,
                key,
                "names no file of an input artifact",
                &format!(
                    "write {}::path/of/the/file",
                    artifacts.first().map_or("InputArtifact", String::as_str)
                ),
            ),
        },
        Value::Repository => {
            // GitLab has groups inside groups.
            if !is_open(text) && text.split('/').filter(|part| !part.is_empty()).count() < 2 {
                refuse(reader, entry, key, "is no owner and repository", "write owner/repository");
            }
        }
        Value::Arn(services) => {
            if let Some((why, severity)) = arn(text, services) {
                let span = head(entry.value.source(), place(entry));
                let finding = reader.error(CODE, format!("`{key}` {why}"), span, "not understood");
                let help = format!("it looks like arn:aws:{}:REGION:ACCOUNT:…", services[0]);
                reader.push(Finding { severity, ..finding.help(help) });
            }
        }
    }
}

fn one_of(text: &str, words: &[&str]) -> String {
    nearest(text, words)
        .map_or_else(|| format!("write one of {}", words.join(", ")), |meant| format!("write {meant}"))
}

fn refuse<'t>(reader: &mut Reader<'t>, entry: Entry<'t>, key: &str, what: &str, help: &str) {
    let span = head(entry.value.source(), place(entry));
    let finding = reader.error(CODE, format!("`{key}` {what}"), span, "not understood");
    reader.push(finding.help(help));
}

fn artifact<'t>(
    reader: &mut Reader<'t>,
    artifacts: &[String],
    of: &Of<'_>,
    (key, severity): (&str, Severity),
    entry: Entry<'t>,
    name: &str,
) {
    if artifacts.iter().any(|known| known == name) {
        return;
    }
    let known: Vec<_> = artifacts.iter().map(String::as_str).collect();
    let span = head(entry.value.source(), place(entry));
    let message = format!("`{key}` names `{name}`, which is no input artifact of `{}`", of.name);
    let finding = Finding { severity, ..reader.error(CODE, message, span, "unknown artifact") };
    reader.push(match nearest(name, &known) {
        Some(meant) => finding.help(format!("write {meant}")),
        None if known.is_empty() => finding.help(format!("add {name} to `inputArtifacts`")),
        None => finding.help(format!("add {name} to `inputArtifacts`, or name one of {}", known.join(", "))),
    });
}

/// Whether a text is to be filled in before AWS sees it.
pub(super) fn is_open(text: &str) -> bool {
    text.contains(['<', '$', '{', '*', '['])
}

/// What is wrong with an ARN, whatever stands for the account and the region. An account of too few digits may be one
/// that somebody made up to be filled in.
pub(super) fn arn(text: &str, services: &[&str]) -> Option<(&'static str, Severity)> {
    let error = |why| Some((why, Severity::Error));
    if is_open(text) || !text.contains(':') && !text.contains(['/', '-']) {
        // A word by itself stands for something to be filled in.
        return None;
    }
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let [prefix, partition, service, _, account, resource] = parts[..] else { return error("is no ARN") };
    let has_letters = |text: &str| text.chars().any(|c| c.is_ascii_alphabetic());
    if prefix != "arn" || !(partition == "aws" || partition.starts_with("aws-")) {
        error("is no ARN")
    } else if !services.contains(&service) && !service.chars().any(|c| c.is_ascii_uppercase()) {
        error("is the ARN of another service")
    } else if !has_letters(account) && (account.len() != 12 || !account.chars().all(|c| c.is_ascii_digit())) {
        Some(("has no account of twelve digits", Severity::Warning))
    } else if resource.is_empty() {
        error("names nothing")
    } else {
        None
    }
}

/// Keys that need each other, or do not go together.
fn together<'t>(reader: &mut Reader<'t>, action: &Action, of: &Of<'_>, node: Option<Node<'t>>) {
    let is = |key: &str, value: &str| action.configuration.get(key).is_some_and(|text| text == value);
    let has = |key: &str| action.configuration.contains_key(key);
    let entry = |key: &str| node.and_then(|node| node.entry(key));
    match action.provider.as_str() {
        "CodeBuild" => {
            if !has("PrimarySource") && action.input_artifacts.len() > 1 {
                let message = format!("`{}` has several input artifacts and no `PrimarySource`", action.name);
                let finding = reader.error(CODE, message, of.span, "which one holds the buildspec?");
                reader.push(finding.help(format!("add PrimarySource: {}", action.input_artifacts[0])));
            }
            if let Some(entry) = entry("CombineArtifacts").filter(|_| is("CombineArtifacts", "true"))
                && !has("BatchEnabled")
            {
                let message = "`CombineArtifacts` combines the artifacts of a batch, and this is none";
                let finding = reader.warning(CODE, message, entry.key.span(), "has no effect");
                reader.push(finding.help("add BatchEnabled: \"true\""));
            }
        }
        "S3" if is("Extract", "false") && !has("ObjectKey") => {
            missing(reader, of, "ObjectKey", "is required where Extract is false");
        }
        "CloudFormation" => cloudformation(reader, action, of, node),
        "CodeDeployToECS" => {
            for number in 1..=4 {
                let (artifact, container) =
                    (format!("Image{number}ArtifactName"), format!("Image{number}ContainerName"));
                let (with, without) = match (entry(&artifact), entry(&container)) {
                    (Some(entry), None) => (entry, container),
                    (None, Some(entry)) => (entry, artifact),
                    _ => continue,
                };
                let message =
                    format!("`{}` has no `{without}` beside it", with.key.text().unwrap_or_default());
                let finding = reader.warning(CODE, message, with.key.span(), "has no effect alone");
                reader.push(finding.help(format!("add `{without}`")));
            }
        }
        "Lambda" if has("DeployStrategy") && !is("DeployStrategy", "AllAtOnce") && !has("FunctionAlias") => {
            missing(reader, of, "FunctionAlias", "is required for a strategy that shifts traffic");
        }
        "Lambda"
            if action.input_artifacts.is_empty() && is_deploy(action) && !has("PublishedTargetVersion") =>
        {
            missing(reader, of, "PublishedTargetVersion", "is required without an input artifact");
        }
        "StepFunctions" if is("InputType", "FilePath") => {
            if !has("Input") {
                missing(reader, of, "Input", "is required where InputType is FilePath");
            }
            if let Some(entry) = entry("InputType").filter(|_| action.input_artifacts.is_empty()) {
                refuse(reader, entry, "InputType", "needs an input artifact that holds the file", "add it");
            }
        }
        "InspectorScan" if is("InspectorRunMode", "ECRImageScan") && !has("ECRRepositoryName") => {
            missing(reader, of, "ECRRepositoryName", "is required for the scan of an image");
        }
        "EKS" if node.is_some() && !has("ManifestFiles") => {
            for key in ["HelmReleaseName", "HelmChartLocation"] {
                if !has(key) {
                    missing(reader, of, key, "is required, or `ManifestFiles`");
                }
            }
        }
        "Commands" => {
            let windows = "WINDOWS_SERVER_2022_CONTAINER";
            let small = is("ComputeType", "BUILD_GENERAL1_SMALL") || !has("ComputeType");
            if let Some(entry) = entry("EnvironmentType").filter(|_| is("EnvironmentType", windows) && small)
            {
                let help = "add ComputeType: BUILD_GENERAL1_MEDIUM";
                refuse(reader, entry, "EnvironmentType", "has no size BUILD_GENERAL1_SMALL", help);
            }
        }
        _ => {}
    }
}

fn is_deploy(action: &Action) -> bool {
    action.category == super::Category::Deploy
}

/// Which keys a mode needs (codepipeline.md 2.9).
fn cloudformation<'t>(reader: &mut Reader<'t>, action: &Action, of: &Of<'_>, node: Option<Node<'t>>) {
    let has = |key: &str| action.configuration.contains_key(key);
    let Some(mode) = action.configuration.get("ActionMode").map(String::as_str) else { return };
    if !settings::ACTION_MODES.contains(&mode) {
        return;
    }
    let makes = matches!(mode, "CREATE_UPDATE" | "REPLACE_ON_FAILURE" | "CHANGE_SET_REPLACE");
    let by_change_set = matches!(mode, "CHANGE_SET_REPLACE" | "CHANGE_SET_EXECUTE");
    for (key, needed) in
        [("TemplatePath", makes), ("ChangeSetName", by_change_set), ("RoleArn", mode != "CHANGE_SET_EXECUTE")]
    {
        if needed && !has(key) {
            missing(reader, of, key, &format!("is required for {mode}"));
        }
    }
    if let Some(entry) = node.and_then(|node| node.entry("ChangeSetName")).filter(|_| !by_change_set) {
        let message = format!("`ChangeSetName` means nothing for {mode}");
        reader.push(reader.warning(CODE, message, entry.key.span(), "ignored"));
    }
}

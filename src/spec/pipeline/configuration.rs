//! `configuration` of an action, held against what its provider takes (codepipeline.md 2.2 to 2.14).
//!
//! Owns: keys that are missing, unknown or say what the provider does not understand. Leaves to `settings`: the table of
//! keys; to `json`: texts that hold JSON; to `together`: keys that need each other. A value with `#{…}` is known only when the action
//! starts, and says nothing here.

use super::arns::{arn, is_open, resource_of, wrong_role};
use super::settings::{self, Setting, Value};
use super::{Action, Category, envelope, fields, json, lost, together};
use crate::diagnostic::{Finding, Severity};
use crate::spec::reading::{Reader, head, place};
use crate::spec::schema::pipeline::ACTION;
use crate::spec::spelling::{is_misspelt, nearest, rename};
use crate::syntax::{Entry, Kind, Node, Span, UNKNOWN};

pub(super) const CODE: &str = "pipeline-configuration";

/// Checks the configuration of an action.
pub(super) fn check<'t>(reader: &mut Reader<'t>, action: &Action, stage: Node<'t>, node: Node<'t>) {
    let Some(settings) = settings::of(action.category, action.owner, &action.provider) else { return };
    let written = node.entry("configuration");
    // Of a misspelt one, and of one beside the actions, that is said.
    if written.is_none()
        && (is_misspelt(node, ACTION.names, "configuration") || stage.get("configuration").is_some())
    {
        return;
    }
    if let Some(entry) = written.filter(|entry| entry.value.is_null()) {
        // What belongs below it and stands beside it is told there.
        let is_setting = |key: &str| settings.keys.iter().any(|setting| setting.key == key);
        if !node.entries().any(|entry| entry.key.text().is_some_and(is_setting)) {
            fields::nothing::<()>(reader, "configuration", entry, "a mapping");
        }
        return;
    }
    // What a template puts there is not known before it is deployed.
    let is_mapping = |entry: &Entry<'_>| entry.value.is_null() || entry.value.kind() == Kind::Mapping;
    if written.is_some_and(|entry| entry.value.is_unknown() || !is_mapping(&entry)) {
        return;
    }
    // What is required is named at the mapping that lacks it.
    let span = written.map_or(action.span, |entry| entry.key.span());
    let mut told = told(written.map(|entry| entry.value), settings);
    // What stands beside the configuration is told there.
    let beside = node.entries().filter_map(|entry| entry.key.text());
    told.extend(
        beside
            .filter_map(|key| settings.keys.iter().find(|setting| setting.key == key))
            .map(|setting| setting.key),
    );
    let of_action = Of { kind: "action", name: &action.name, provider: &action.provider, span, told: &told };
    // With another type, which is told, it may be complete.
    let is_sure = node.get("actionTypeId").is_none_or(|kind| !reader.has_error_about(kind.span()));
    // Where lines could not be read, any artifact may be an input.
    let mut artifacts = action.input_artifacts.clone();
    let are_lost = lost::is_lost(stage, node, "inputArtifacts", lost::is_list_of_names);
    artifacts.extend((are_lost || node.tree().is_partial()).then(|| UNKNOWN.to_string()));
    if is_sure {
        together::identifiers(reader, action, node);
    }
    let node = written.map(|entry| entry.value);
    if let Some(written) = written.filter(|_| is_sure)
        && of_another(reader, (action.category, &of_action), written, settings)
    {
        return;
    }
    keys(reader, &of_action, node, settings, is_sure);
    for (setting, entry) in entries(node, settings.keys) {
        value(reader, &artifacts, &of_action, *setting, entry);
    }
    if is_sure {
        together::check(reader, action, &of_action, node);
    }
}

/// Whose configuration it is.
pub(super) struct Of<'a> {
    /// `action` or `rule`.
    pub(super) kind: &'static str,
    pub(super) name: &'a str,
    pub(super) provider: &'a str,
    /// Where to say that something is missing.
    pub(super) span: Span,
    /// Keys that are there under a misspelt name, are empty or of another kind, which is told.
    pub(super) told: &'a [&'static str],
}

impl Of<'_> {
    /// Whether a key is there, or something is told of it.
    pub(super) fn has(&self, action: &Action, key: &str) -> bool {
        action.configuration.contains_key(key) || self.told.contains(&key)
    }
}

/// The known keys that unknown ones were probably meant to be, and those whose values are no texts.
pub(super) fn told(node: Option<Node<'_>>, settings: settings::Settings) -> Vec<&'static str> {
    let known: Vec<_> = settings.keys.iter().map(|setting| setting.key).collect();
    let entries = node.into_iter().flat_map(Node::entries);
    let told = entries.filter_map(|entry| {
        let key = entry.key.text()?;
        match known.iter().find(|known| **known == key) {
            Some(known) => (entry.value.is_blank() || entry.value.kind() != Kind::Scalar).then_some(*known),
            None => nearest(key, &known),
        }
    });
    told.collect()
}

/// Whether this is the configuration of another provider, with nothing that this one needs: then that is said, once.
fn of_another<'t>(
    reader: &mut Reader<'t>,
    (category, of): (Category, &Of<'_>),
    written: Entry<'t>,
    settings: settings::Settings,
) -> bool {
    let known: Vec<_> = settings.keys.iter().map(|setting| setting.key).collect();
    let keys: Vec<_> = written.value.entries().filter_map(|entry| entry.key.text()).collect();
    let is_needed =
        |key: &&str| settings.keys.iter().any(|setting| setting.is_required && setting.key == *key);
    let is_foreign = |key: &&str| !known.contains(key) && nearest(key, &known).is_none();
    let mut required = settings.keys.iter().filter(|setting| setting.is_required).map(|setting| setting.key);
    let Some(needed) = required.next().filter(|_| !settings.has_others) else { return false };
    if keys.iter().filter(|key| is_needed(key)).count() > usize::from(keys.len() > 2)
        || !keys.iter().any(is_foreign)
    {
        return false;
    }
    let owners = settings::providers_with(&keys);
    let Some((of_category, first)) = owners.first() else { return false };
    let names: Vec<_> = owners.iter().map(|(_, name)| *name).collect();
    let others = if names.len() > 3 { "other providers".to_owned() } else { names.join(" or ") };
    let message = format!("the configuration of `{}` is that of {others}, not of {}", of.name, of.provider);
    let finding = reader.error(CODE, message, of.span, "of another provider");
    let finding = if owners.len() == 1 && *of_category == category {
        finding.help(format!("write `{needed}` and what else {} takes, or `provider: {first}`", of.provider))
    } else {
        finding.help(format!("write `{needed}` and what else {} takes", of.provider))
    };
    reader.push(finding);
    true
}

/// Missing and unknown keys. What is missing is told only when it `is_sure` whose configuration it is.
pub(super) fn keys<'t>(
    reader: &mut Reader<'t>,
    of: &Of<'_>,
    node: Option<Node<'t>>,
    settings: settings::Settings,
    is_sure: bool,
) {
    let is_partial = !is_sure || node.is_some_and(|node| node.tree().is_partial());
    let known: Vec<_> = settings.keys.iter().map(|setting| setting.key).collect();
    for setting in settings.keys.iter().filter(|setting| setting.is_required && !is_partial) {
        let is_there = node.and_then(|node| node.get(setting.key)).is_some();
        if !is_there {
            missing(reader, of, setting.key, "is required");
        }
    }
    for entry in node.into_iter().flat_map(Node::entries) {
        let Some(key) = entry.key.scalar().map(|key| key.text).filter(|key| !known.contains(key)) else {
            continue;
        };
        let beside = match of.kind {
            // In a template they have a capital.
            "action" => ACTION.names.iter().any(|name| name.eq_ignore_ascii_case(key)),
            _ => ["commands", "outputVariables", "environmentVariables"].contains(&key),
        };
        let meant = nearest(key, &known);
        if settings.has_others && !beside && meant.is_none() {
            continue;
        }
        let message = if beside {
            format!("`{key}` stands in `configuration`; it belongs beside it")
        } else {
            format!("a {} {} has no configuration `{key}`", of.provider, of.kind)
        };
        let is_json = entry.key.source().text().trim_start().starts_with('{');
        let label = match beside {
            true if is_json => "not beside it",
            true => "indented too deep",
            false => "unknown",
        };
        let finding = reader.error(CODE, message, entry.key.span(), label);
        reader.push(match meant {
            _ if beside && is_json => finding.help(format!("move `{key}` out of `configuration`")),
            _ if beside => finding.help(format!("put `{key}` at the column of `configuration`")),
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

/// Says that a key is missing, unless something else is told of it.
pub(super) fn missing(reader: &mut Reader<'_>, of: &Of<'_>, key: &str, why: &str) {
    if of.told.contains(&key) {
        return;
    }
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
    // Of what is empty that is said.
    let Some(text) = entry.value.text().filter(|text| !entry.value.is_null() && !text.is_empty()) else {
        return;
    };
    match setting.value {
        Value::BuildVariables => return json::build_variables(reader, key, entry),
        Value::Overrides => return json::overrides(reader, (artifacts, of), key, entry),
        Value::JsonList(keys) => return json::list(reader, key, entry, keys),
        _ if text.contains("#{") => return,
        _ => {}
    }
    match setting.value {
        Value::Text | Value::BuildVariables | Value::Overrides | Value::JsonList(_) => {}
        Value::Flag if ["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word)) => {}
        Value::Flag => refuse(reader, entry, key, "is neither true nor false", "write \"true\" or \"false\""),
        Value::Word(words) => {
            if !words.contains(&text) {
                refuse(reader, entry, key, &format!("cannot be `{text}`"), &one_of(text, words));
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
                    refuse(reader, entry, key, &format!("cannot have `{trimmed}`"), &one_of(trimmed, words));
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
        Value::StackName => {
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
            let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_part);
            if !is_open(text) && !text.starts_with("arn:") && (!is_name || text.len() > 128) {
                refuse(
                    reader,
                    entry,
                    key,
                    "is no name of a stack",
                    "write up to 128 letters, digits and -, beginning with a letter",
                );
            }
        }
        Value::Repository => {
            if !is_open(text) && text.contains(':') {
                let name = text.trim_end_matches(".git").rsplit(['/', ':']).take(2).collect::<Vec<_>>();
                let help = match name[..] {
                    [name, owner] => format!("write {owner}/{name}"),
                    _ => "write owner/repository".to_owned(),
                };
                refuse(reader, entry, key, "is a URL, where owner and repository are expected", &help);
            }
            // GitLab has groups inside groups.
            else if !is_open(text) && text.split('/').filter(|part| !part.is_empty()).count() < 2 {
                refuse(reader, entry, key, "is no owner and repository", "write owner/repository");
            }
        }
        Value::Bucket => {
            if !is_open(text) && text.contains([':', '/']) {
                refuse(
                    reader,
                    entry,
                    key,
                    "is no name of a bucket",
                    "write the bucket's name alone, without a folder",
                );
            }
        }
        Value::Branch => {
            if text.contains('*') && !text.contains(['<', '$', '{']) {
                let span = head(entry.value.source(), place(entry));
                let message = format!("`{key}` is the name of one branch, and `{text}` is a pattern");
                let finding = reader.warning(CODE, message, span, "no branch has this name");
                reader.push(finding.help("name a branch; patterns stand below `triggers`"));
            }
        }
        Value::Placeholder => {
            if let Some(name) = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')) {
                let span = head(entry.value.source(), place(entry));
                let message = format!("`{key}` is the placeholder's name, without its brackets");
                let finding = reader.warning(CODE, message, span, "with brackets");
                reader.push(finding.help(format!("write {name}: the task definition has <{name}>")));
            }
        }
        Value::Arn(services) => {
            let complaint = match services {
                ["iam"] => wrong_role(text),
                ["states"] => arn(text, services).or_else(|| {
                    let is_other = !is_open(text) && !resource_of(text).starts_with("stateMachine:");
                    is_other.then_some(("is not the ARN of a state machine", Severity::Error))
                }),
                _ => arn(text, services),
            };
            if let Some((why, severity)) = complaint {
                let span = head(entry.value.source(), place(entry));
                let finding = reader.error(CODE, format!("`{key}` {why}"), span, "not understood");
                let help = match services {
                    ["iam"] => "it looks like arn:aws:iam::ACCOUNT:role/NAME".to_owned(),
                    ["states"] => "it looks like arn:aws:states:REGION:ACCOUNT:stateMachine:NAME".to_owned(),
                    _ => format!("it looks like arn:aws:{}:REGION:ACCOUNT:…", services[0]),
                };
                reader.push(Finding { severity, ..finding.help(help) });
            }
        }
    }
}

fn one_of(text: &str, words: &[&str]) -> String {
    nearest(text, words)
        .map_or_else(|| format!("write one of {}", words.join(", ")), |meant| format!("write {meant}"))
}

pub(super) fn refuse<'t>(reader: &mut Reader<'t>, entry: Entry<'t>, key: &str, what: &str, help: &str) {
    let span = head(entry.value.source(), place(entry));
    let finding = reader.error(CODE, format!("`{key}` {what}"), span, "not understood");
    reader.push(finding.help(help));
}

pub(super) fn artifact<'t>(
    reader: &mut Reader<'t>,
    artifacts: &[String],
    of: &Of<'_>,
    (key, severity): (&str, Severity),
    entry: Entry<'t>,
    name: &str,
) {
    if artifacts.iter().any(|known| known == name || known.contains(UNKNOWN)) {
        return;
    }
    let known: Vec<_> = artifacts.iter().map(String::as_str).collect();
    // An input that no action gives is told; this one is right then.
    let given = given_names(entry.value.tree().root());
    let is_given = |name: &str| given.contains(&name);
    if nearest(name, &known).is_some_and(|meant| is_given(name) && !is_given(meant)) {
        return;
    }
    let span = head(entry.value.source(), place(entry));
    let message = format!("`{key}` names `{name}`, which is no input artifact of `{}`", of.name);
    let finding = Finding { severity, ..reader.error(CODE, message, span, "unknown artifact") };
    reader.push(match nearest(name, &known) {
        Some(meant) => finding.help(format!("write {meant}")),
        None if known.is_empty() => finding.help(format!("add {name} to `inputArtifacts`")),
        None => finding.help(format!("add {name} to `inputArtifacts`, or name one of {}", known.join(", "))),
    });
}

/// The names of the artifacts that the actions of a definition give, as far as is worth looking.
fn given_names(root: Node<'_>) -> Vec<&str> {
    const MANY: usize = 200;
    let stages = envelope(root).map_or(root, |entry| entry.value).get("stages");
    let actions = stages.into_iter().flat_map(Node::items).filter_map(|stage| stage.get("actions"));
    let lists = actions.flat_map(Node::items).take(MANY).filter_map(|action| action.get("outputArtifacts"));
    lists.flat_map(Node::items).take(MANY).filter_map(|artifact| artifact.get("name")?.text()).collect()
}

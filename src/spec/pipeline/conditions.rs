//! Conditions of a stage: `beforeEntry`, `onSuccess`, `onFailure` (codepipeline.md 1.3, 4.9).
//!
//! Owns: their shape, which results are legal where, which rules there are and what they take. Leaves to `structure` and
//! `variables`: artifacts and references that rules use.

use super::actions;
use super::arns;
use super::configuration::{self, Of};
use super::fields::{self, Alphabet};
use super::{cron, settings};
use crate::spec::quotas;
use crate::spec::reading::{Reader, head, place};
use crate::spec::schema::Section;
use crate::spec::schema::pipeline::{
    BEFORE_ENTRY, ENTRY_CONDITION, FAILURE_CONDITION, ON_FAILURE, ON_SUCCESS, RETRY, RULE, RULE_TYPE,
    SUCCESS_CONDITION,
};
use crate::spec::spelling::nearest;
use crate::syntax::{Entry, Kind, Node};

const CODE: &str = "pipeline-condition";

/// A rule with its place.
pub(super) struct Rule<'t> {
    pub(super) name: String,
    pub(super) node: Node<'t>,
    /// Whether the actions of its stage have run when it is judged.
    pub(super) is_after: bool,
}

/// When conditions of a kind are judged, and what may come of them.
struct When {
    key: &'static str,
    known: &'static Section,
    known_of_condition: &'static Section,
    results: &'static [&'static str],
}

const WHEN: [When; 3] = [
    When {
        key: "beforeEntry",
        known: &BEFORE_ENTRY,
        known_of_condition: &ENTRY_CONDITION,
        results: &["FAIL", "SKIP"],
    },
    When {
        key: "onSuccess",
        known: &ON_SUCCESS,
        known_of_condition: &SUCCESS_CONDITION,
        results: &["FAIL", "ROLLBACK"],
    },
    When {
        key: "onFailure",
        known: &ON_FAILURE,
        known_of_condition: &FAILURE_CONDITION,
        results: &["ROLLBACK"],
    },
];

const RESULTS: [&str; 4] = ["ROLLBACK", "FAIL", "RETRY", "SKIP"];
/// The rules there are.
pub(in crate::spec) const PROVIDERS: [&str; 6] =
    ["VariableCheck", "LambdaInvoke", "CloudWatchAlarm", "DeploymentWindow", "Commands", "CodeBuild"];

/// Checks the conditions under a key of a stage, and gives their rules.
pub(super) fn check<'t>(reader: &mut Reader<'t>, path: &str, key: &str, node: Node<'t>) -> Vec<Rule<'t>> {
    let Some(when) = WHEN.iter().find(|when| when.key == key) else { return Vec::new() };
    let on_failure = key == "onFailure";
    fields::only(reader, path, node, when.known);
    if on_failure {
        failure(reader, path, node);
    }
    let entry = if on_failure {
        node.entry("conditions").filter(|entry| !entry.value.is_null())
    } else {
        fields::required(reader, path, node, "conditions")
    };
    let Some(entry) = entry else { return Vec::new() };
    let path = format!("{path}.conditions");
    let items = fields::list(reader, &path, entry);
    if items.len() != 1 && entry.value.kind() == Kind::Sequence {
        let message = format!("`{path}` has {} conditions; there is exactly one", items.len());
        reader.push(reader.error(CODE, message, entry.key.span(), "one condition, with several rules"));
    }
    let mut rules = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        rules.extend(condition(reader, &format!("{path}[{index}]"), when, item));
    }
    rules
}

/// `result` and `retryConfiguration` of `onFailure` itself.
fn failure<'t>(reader: &mut Reader<'t>, path: &str, node: Node<'t>) {
    let words = RESULTS.map(|word| (word, word));
    let result = node
        .entry("result")
        .and_then(|entry| Some((entry, fields::choice(reader, &format!("{path}.result"), entry, &words)?)));
    if let Some((entry, word)) = result.filter(|(_, word)| !["ROLLBACK", "RETRY"].contains(word)) {
        let message = format!("a stage that failed cannot {word}");
        let finding = reader.error(CODE, message, place(entry), "not legal here");
        reader.push(finding.help("write ROLLBACK or RETRY"));
    }
    let retries = result.is_some_and(|(_, word)| word == "RETRY");
    // Beside a result that there is not, what goes with it is not known.
    let is_other = result.is_some_and(|(_, word)| word == "ROLLBACK");
    if let Some(entry) = node.entry("retryConfiguration") {
        let path = format!("{path}.retryConfiguration");
        if let Some(node) = fields::object(reader, &path, entry) {
            fields::only(reader, &path, node, &RETRY);
            let modes = [("FAILED_ACTIONS", ()), ("ALL_ACTIONS", ())];
            if let Some(mode) = node.entry("retryMode") {
                fields::choice(reader, &format!("{path}.retryMode"), mode, &modes);
            }
        }
        if is_other {
            let message = "`retryConfiguration` belongs to `result: RETRY`";
            reader.push(reader.warning(CODE, message, entry.key.span(), "has no effect"));
        }
    }
    if let Some(entry) = node.entry("conditions").filter(|_| retries) {
        let message = "a retry and conditions exclude each other";
        let finding = reader.warning(CODE, message, entry.key.span(), "beside `result: RETRY`");
        reader.push(finding.help("keep one of them"));
    }
}

fn condition<'t>(reader: &mut Reader<'t>, path: &str, when: &When, item: Entry<'t>) -> Vec<Rule<'t>> {
    let Some(node) = fields::object(reader, path, item) else { return Vec::new() };
    fields::only(reader, path, node, when.known_of_condition);
    let words = RESULTS.map(|word| (word, word));
    let result = node
        .entry("result")
        .and_then(|entry| Some((entry, fields::choice(reader, &format!("{path}.result"), entry, &words)?)));
    if let Some((entry, word)) = result.filter(|(_, word)| !when.results.contains(word)) {
        let message = format!("a condition of `{}` cannot {word}", when.key);
        let finding = reader.error(CODE, message, place(entry), "not legal here");
        reader.push(finding.help(format!("write {}", when.results.join(" or "))));
    }
    let Some(entry) = fields::required(reader, path, node, "rules") else { return Vec::new() };
    let path = format!("{path}.rules");
    let items = fields::list(reader, &path, entry);
    if items.len() > 5 || (items.is_empty() && entry.value.kind() == Kind::Sequence) {
        let message = format!("`{path}` has {} rules; there are 1 to 5", items.len());
        reader.push(reader.error(CODE, message, entry.key.span(), "rules"));
    }
    let skips = result.is_some_and(|(_, word)| word == "SKIP" && when.results.contains(&word));
    let mut rules = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        rules.extend(rule(reader, &format!("{path}[{index}]"), when, skips, item));
    }
    rules
}

fn rule<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    when: &When,
    skips: bool,
    item: Entry<'t>,
) -> Option<Rule<'t>> {
    let node = fields::object(reader, path, item)?;
    fields::only(reader, path, node, &RULE);
    let longest = quotas::NAME.value as usize;
    let named = fields::required(reader, path, node, "name");
    let name = named
        .and_then(|entry| fields::name(reader, &format!("{path}.name"), entry, Alphabet::Name, longest))
        .unwrap_or_default();
    let provider = rule_type(reader, path, node);
    if let Some(entry) = node.entry("timeoutInMinutes") {
        let range = quotas::APPROVAL_TIMEOUT_MIN.value..=quotas::APPROVAL_TIMEOUT_MAX.value;
        fields::number(reader, &format!("{path}.timeoutInMinutes"), entry, range);
    }
    if let Some(entry) = node.entry("region") {
        fields::region(reader, &format!("{path}.region"), entry);
    }
    if let Some(entry) = node.entry("commands") {
        fields::strings(reader, &format!("{path}.commands"), entry, (50, 1000));
    }
    if let Some(entry) = node.entry("inputArtifacts") {
        actions::artifacts(reader, &format!("{path}.inputArtifacts"), entry, false);
    }
    if let Some(entry) = node.entry("roleArn") {
        fields::role(reader, &format!("{path}.roleArn"), entry);
    }
    if let Some((entry, provider)) = provider {
        if skips && !["LambdaInvoke", "VariableCheck"].contains(&provider) {
            let message = format!("a {provider} rule cannot skip a stage");
            let finding = reader.error(CODE, message, place(entry), "with `result: SKIP`");
            reader.push(finding.help("SKIP goes with LambdaInvoke and VariableCheck"));
        }
        let span = node
            .entry("configuration")
            .map_or_else(|| named.map_or(head(node.source(), node.span()), place), |entry| entry.key.span());
        let written = node.get("configuration");
        if written.is_none_or(|written| written.kind() == Kind::Mapping) {
            let told = configuration::told(written, settings::of_rule(provider));
            let of = Of { kind: "rule", name: &name, provider, span, told: &told };
            configuration(reader, path, &of, node);
        } else if let Some(entry) = node.entry("configuration") {
            reader.wrong_kind(&format!("{path}.configuration"), entry, "a mapping");
        }
    }
    Some(Rule { name, node, is_after: when.key != "beforeEntry" })
}

/// `ruleTypeId`: the provider, when there is such a rule.
fn rule_type<'t>(reader: &mut Reader<'t>, path: &str, node: Node<'t>) -> Option<(Entry<'t>, &'t str)> {
    let entry = fields::required(reader, path, node, "ruleTypeId")?;
    let path = format!("{path}.ruleTypeId");
    let node = fields::object(reader, &path, entry)?;
    fields::only(reader, &path, node, &RULE_TYPE);
    if let Some(entry) = fields::required(reader, &path, node, "category") {
        fields::choice(reader, &format!("{path}.category"), entry, &[("Rule", ())]);
    }
    if let Some(entry) = node.entry("owner") {
        fields::choice(reader, &format!("{path}.owner"), entry, &[("AWS", ())]);
    }
    if let Some(entry) = node.entry("version") {
        fields::choice(reader, &format!("{path}.version"), entry, &[("1", ())]);
    }
    let entry = fields::required(reader, &path, node, "provider")?;
    let text = fields::string(reader, &format!("{path}.provider"), entry).and(entry.value.text())?;
    if PROVIDERS.contains(&text) {
        return Some((entry, text));
    }
    let finding = reader.error(CODE, format!("there is no rule {text}"), place(entry), "unknown provider");
    let help = nearest(text, &PROVIDERS).map_or_else(|| PROVIDERS.join(", "), str::to_owned);
    reader.push(finding.help(format!("write {help}")));
    None
}

/// What a rule is configured with.
fn configuration<'t>(reader: &mut Reader<'t>, path: &str, of: &Of<'_>, node: Node<'t>) {
    let has_commands = node.get("commands").is_some_and(|commands| commands.items().len() > 0);
    if of.provider == "Commands" && !has_commands && !node.tree().is_partial() {
        let message = format!("the Commands rule `{}` has no commands", of.name);
        reader.push(reader.error(CODE, message, of.span, "nothing to run"));
    }
    let written = node.get("configuration").filter(|node| !node.is_null());
    let settings = settings::of_rule(of.provider);
    configuration::keys(reader, of, written, settings, true);
    let artifacts: Vec<String> = inputs(node).filter_map(|(_, name)| Some(name?.to_owned())).collect();
    if of.provider == "CodeBuild"
        && artifacts.len() > 1
        && written.is_none_or(|node| node.get("PrimarySource").is_none())
    {
        let message = format!("`{}` has several input artifacts and no `PrimarySource`", of.name);
        let finding = reader.error(configuration::CODE, message, of.span, "which one holds the buildspec?");
        reader.push(finding.help(format!("add PrimarySource: {}", artifacts[0])));
    }
    for entry in written.into_iter().flat_map(Node::entries) {
        let key = entry.key.text().unwrap_or_default();
        let longest = quotas::RULE_CONFIGURATION_VALUE.value as usize;
        fields::name(reader, &format!("{path}.configuration.{key}"), entry, Alphabet::Any, longest);
    }
    // Of what is empty that is said.
    let filled = |entry: Entry<'t>| entry.value.text().filter(|_| !entry.value.is_blank());
    for (setting, entry) in configuration::entries(written, settings.keys) {
        configuration::value(reader, &artifacts, of, *setting, entry);
        if setting.key == "Cron"
            && let Some(text) = filled(entry)
            && !text.contains("#{")
            && !arns::is_open(&text.replace('*', ""))
            && let Some((what, help)) = cron::mistake(text)
        {
            let message = format!("`Cron` {what}");
            let finding = reader.error(configuration::CODE, message, place(entry), "not understood");
            reader.push(finding.help(help));
        }
        if setting.key == "Variable"
            && let Some(text) = filled(entry)
            && !text.contains("#{")
            && !arns::is_open(text)
        {
            let message = format!("`Variable` is the text `{text}`, whatever happens");
            let finding = reader.warning(configuration::CODE, message, place(entry), "no variable");
            reader.push(finding.help(format!("write #{{NAMESPACE.{text}}}")));
        }
    }
}

/// The input artifacts of a rule: where, and the name.
pub(super) fn inputs(node: Node<'_>) -> impl Iterator<Item = (Node<'_>, Option<&str>)> {
    let items = node.get("inputArtifacts").into_iter().flat_map(Node::items);
    items.map(|item| (item.get("name").unwrap_or(item), item.get("name").and_then(Node::text)))
}

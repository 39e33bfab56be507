//! Deployment groups, in the shape of CreateDeploymentGroup and of `aws deploy get-deployment-group`
//! (codedeploy.md 10).
//!
//! Owns: the model, the ranges of its values, and what of it is not there yet. `local` is Rehearsal's own, and counts
//! from the user's working tree only.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::read::{Keys, keys};
use crate::spec::quotas;
use crate::spec::reading::{Reader, head, place};
use crate::spec::schema::config::{self as schema, CONFIGURATIONS, ROLLBACK_EVENTS};
use crate::spec::spelling::nearest;
use crate::syntax::{Entry, Kind, Node, Span};

/// A deployment group, with the fields that matter on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentGroup {
    /// `applicationName`
    #[serde(default)]
    pub application_name: String,
    /// `deploymentGroupName`
    #[serde(default)]
    pub deployment_group_name: String,
    /// `deploymentConfigName`; one instance is deployed to in the same way by all of them (codedeploy.md 7.1).
    #[serde(default)]
    pub deployment_config_name: Option<String>,
    /// `autoRollbackConfiguration`
    #[serde(default)]
    pub auto_rollback_configuration: AutoRollback,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

/// `autoRollbackConfiguration` (codedeploy.md 10.3).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoRollback {
    /// `enabled`
    pub enabled: bool,
    /// `events`
    pub events: Vec<String>,
}

/// Where the deployments of a group land on this machine: its `local` block.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LocalGroup {
    /// The application's name.
    pub application_name: String,
    /// The group's name.
    pub deployment_group_name: String,
    /// `root`: the folder that stands for `/`, absolute or relative to the working tree; absent: one of Rehearsal's own.
    pub root: Option<PathBuf>,
}

/// One item of `deploymentGroups`, as it is written.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Written {
    #[serde(flatten)]
    pub(super) group: DeploymentGroup,
    #[serde(default)]
    local: Option<WrittenLocal>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WrittenLocal {
    root: Option<PathBuf>,
}

impl Written {
    /// The part of the working tree.
    pub(super) fn local(&self) -> Option<LocalGroup> {
        self.local.as_ref().map(|local| LocalGroup {
            application_name: self.group.application_name.clone(),
            deployment_group_name: self.group.deployment_group_name.clone(),
            root: local.root.clone(),
        })
    }
}

const GROUP: Keys = Keys { path: "deploymentGroups[]", of: &schema::GROUP };
const ROLLBACK: Keys = Keys { path: "deploymentGroups[].autoRollbackConfiguration", of: &schema::ROLLBACK };
const STYLE: Keys = Keys { path: "deploymentGroups[].deploymentStyle", of: &schema::STYLE };
const GROUP_LOCAL: Keys = Keys { path: "deploymentGroups[].local", of: &schema::GROUP_LOCAL };

/// What is looked at in the text, before anything is decoded: keys, and values that ask for what is not there yet.
pub(super) fn check_node<'t>(reader: &mut Reader<'t>, group: Node<'t>) {
    keys(reader, group, &GROUP);
    for (key, known) in
        [("autoRollbackConfiguration", &ROLLBACK), ("deploymentStyle", &STYLE), ("local", &GROUP_LOCAL)]
    {
        if let Some(node) = group.get(key) {
            keys(reader, node, known);
        }
    }
    if group.kind() != Kind::Mapping {
        return;
    }
    for key in ["applicationName", "deploymentGroupName"] {
        if group.get(key).and_then(Node::text).is_none() && !group.tree().is_partial() {
            let span = head(group.source(), group.span());
            let message = format!("`deploymentGroups[]` has no `{key}`");
            reader.push(reader.error("missing-key", message, span, format!("no `{key}` here")));
        }
    }
    let style = group.get("deploymentStyle");
    let asked = [
        (style.and_then(|style| style.entry("deploymentType")), "IN_PLACE", "only IN_PLACE works"),
        (
            style.and_then(|style| style.entry("deploymentOption")),
            "WITHOUT_TRAFFIC_CONTROL",
            "only WITHOUT_TRAFFIC_CONTROL works",
        ),
        (group.entry("computePlatform"), "Server", "only Server works"),
    ];
    for (entry, works, label) in asked {
        let Some(entry) = entry else { continue };
        if let Some(text) = entry.value.text().filter(|text| *text != works) {
            let key = entry.key.text().unwrap_or_default();
            let message = format!("{key} {text} is not supported yet");
            reader.push(reader.error("not-supported-yet", message, place(entry), label));
        }
    }
}

/// Checks what was decoded, and notes where each stands.
pub(super) fn check<'t>(reader: &mut Reader<'t>, groups: &mut [Written], nodes: &[Node<'t>]) {
    let mut names: HashMap<(String, String), Span> = HashMap::new();
    for (Written { group, local }, node) in groups.iter_mut().zip(nodes) {
        // `local:` alone means what it looks like.
        if local.is_none() && node.entry("local").is_some() {
            *local = Some(WrittenLocal::default());
        }
        let named = node.entry("deploymentGroupName");
        group.span = named.map_or_else(|| head(node.source(), node.span()), place);
        name(reader, node.entry("applicationName"), &group.application_name, "an application");
        name(reader, named, &group.deployment_group_name, "a deployment group");
        let key = (group.application_name.clone(), group.deployment_group_name.clone());
        if let Some(first) = names.insert(key, group.span) {
            let message = format!(
                "{} has two deployment groups `{}`",
                group.application_name, group.deployment_group_name
            );
            let finding = reader.error("invalid-value", message, group.span, "again here");
            reader.push(finding.label(first, "first here"));
        }
        if let (Some(text), Some(entry)) = (&group.deployment_config_name, node.entry("deploymentConfigName"))
        {
            configuration(reader, text, entry);
        }
        if let Some(entry) = node.entry("autoRollbackConfiguration") {
            auto_rollback(reader, &group.auto_rollback_configuration, entry);
        }
        if let (Some(root), Some(entry)) = (
            local.as_ref().and_then(|local| local.root.as_ref()),
            node.get("local").and_then(|local| local.entry("root")),
        ) && (root.as_os_str().is_empty() || root == Path::new("/"))
        {
            let message = "`deploymentGroups[].local.root` is no folder that a rehearsal may write to";
            let finding = reader.error("invalid-value", message, place(entry), "here");
            reader.push(finding.help("name a folder that stands for `/`, or leave `root` out"));
        }
    }
}

/// Names have 1 to 100 characters of an alphabet (codedeploy.md 13).
fn name<'t>(reader: &mut Reader<'t>, entry: Option<Entry<'t>>, name: &str, what: &str) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._+=,@-".contains(c);
    let longest = quotas::DEPLOYMENT_NAME.value;
    let Some(entry) = entry else { return };
    if name.is_empty() || name.len() > longest as usize || !name.chars().all(allowed) {
        let message = format!("`{name}` is no name for {what}");
        let finding = reader.error("invalid-value", message, place(entry), "name");
        reader.push(finding.help(format!("1 to {longest} letters, digits and . _ + = , @ -")));
    }
}

fn configuration<'t>(reader: &mut Reader<'t>, text: &str, entry: Entry<'t>) {
    if CONFIGURATIONS.contains(&text) {
        return;
    }
    let (code, message) =
        if text.starts_with("CodeDeployDefault.") && !text.contains("Lambda") && !text.contains("ECS") {
            ("invalid-value", format!("there is no deployment configuration `{text}`"))
        } else {
            ("not-supported-yet", format!("the deployment configuration `{text}` is not supported yet"))
        };
    let finding = reader.error(code, message, place(entry), "not one of the Server platform's own");
    reader.push(match nearest(text, &CONFIGURATIONS) {
        Some(meant) => finding.help(format!("write `{meant}`")),
        None => finding.help(format!("there is: {}", CONFIGURATIONS.join(", "))),
    });
}

fn auto_rollback<'t>(reader: &mut Reader<'t>, rollback: &AutoRollback, entry: Entry<'t>) {
    let span = head(entry.value.source(), place(entry));
    if rollback.enabled && rollback.events.is_empty() {
        let message = "`autoRollbackConfiguration` is enabled for no event";
        let finding = reader.error("invalid-value", message, span, "InvalidAutoRollbackConfigException");
        reader.push(finding.help("write `events: [DEPLOYMENT_FAILURE]`"));
    }
    for event in rollback.events.iter().filter(|event| !ROLLBACK_EVENTS.contains(&event.as_str())) {
        let message = format!("`{event}` is no event that rolls back");
        let finding = reader.error("invalid-value", message, span, "InvalidAutoRollbackConfigException");
        reader.push(finding.help(format!("an event is one of {}", ROLLBACK_EVENTS.join(", "))));
    }
}

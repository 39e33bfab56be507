//! Reading rehearsal.yml: keys from the tree, values through serde_yaml once the tree has passed the file.
//!
//! Owns: which keys there are, and the ranges of values. Every key that is unknown, or known and not there yet, is an
//! error; so is a merge key, which serde_yaml would not apply.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Deserialize;

use super::deployment_group::{self, Written};
use super::{
    Committed, Config, Project, Sandbox, StandIn, WorkingTree, aws, branching, check, gate,
    quotas as own_quotas,
};
use crate::spec::document::{self, Origin, kind_words};
use crate::spec::quotas::{self, Quota};
use crate::spec::reading::{Reader, head, place, unsaid};
use crate::spec::schema::{Section, config as schema};
use crate::spec::spelling::{is_there, nearest, rename};
use crate::spec::{Read, deployment, project};
use crate::syntax::{Entry, Kind, Node, Parsed, SourceFile, Span, Tree};

/// What serde decodes; that no key is left over has been checked on the tree.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct File {
    pipelines: Vec<String>,
    projects: Vec<Project>,
    #[serde(rename = "deploymentGroups")]
    deployment_groups: Vec<Written>,
    parameters: BTreeMap<String, StandIn>,
    secrets: BTreeMap<String, StandIn>,
    local: Local,
    sandbox: Option<Sandbox>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Local {
    inherit: Vec<String>,
    account: Option<String>,
    region: Option<String>,
}

/// The keys of one mapping.
pub(super) struct Keys {
    pub(super) path: &'static str,
    /// Which there are.
    pub(super) of: &'static Section,
}

const TOP: Keys = Keys { path: "", of: &schema::TOP };
const LOCAL: Keys = Keys { path: "local", of: &schema::LOCAL };
const PROJECT: Keys = Keys { path: "projects[]", of: &schema::PROJECT };
const SOURCE: Keys = Keys { path: "projects[].source", of: &schema::SOURCE };
const ARTIFACTS: Keys = Keys { path: "projects[].artifacts", of: &schema::ARTIFACTS };
const ENVIRONMENT: Keys = Keys { path: "projects[].environment", of: &schema::ENVIRONMENT };
const VARIABLE: Keys = Keys { path: "projects[].environment.environmentVariables[]", of: &schema::VARIABLE };

/// Reads the file.
pub fn load(name: &str, bytes: &[u8]) -> Read<Config> {
    document::load(name, bytes, Origin::Other, read)
}

/// Reads a file that is already parsed.
pub fn load_parsed(source: &Arc<SourceFile>, parsed: &Parsed) -> Read<Config> {
    document::load_parsed(source, parsed, Origin::Other, read)
}

/// Reads the file from its tree.
pub fn read(tree: &Tree) -> Read<Config> {
    let mut reader = Reader::new(tree, "Rehearsal");
    let root = tree.root();
    if root.is_null() {
        return reader.finish(Some(Config::default()));
    }
    if root.kind() != Kind::Mapping {
        let message = format!("the file is {}; a mapping was expected", kind_words(root.kind()));
        reader.push(reader.error("wrong-kind", message, head(tree.source(), root.span()), "here"));
        return reader.finish(None);
    }
    merge_keys(&mut reader, root);
    keys(&mut reader, root, &TOP);
    if let Some(local) = root.get("local") {
        keys(&mut reader, local, &LOCAL);
        where_it_runs(&mut reader, local);
    }
    sandbox(&mut reader, root);
    let aws = root.entry("aws").map(|entry| aws::read(&mut reader, entry)).unwrap_or_default();
    if let Some(entry) = root.entry("check") {
        check::read(&mut reader, entry);
    }
    let branching = root.entry("branching").and_then(|entry| branching::read(&mut reader, entry));
    let projects: Vec<_> = root.get("projects").into_iter().flat_map(Node::items).collect();
    for project in &projects {
        project_keys(&mut reader, *project);
        project::check(&mut reader, *project);
    }
    let gates = root.entry("gates").map(|entry| gate::read(&mut reader, entry)).unwrap_or_default();
    let groups: Vec<_> = root.get("deploymentGroups").into_iter().flat_map(Node::items).collect();
    for group in &groups {
        deployment_group::check_node(&mut reader, *group);
        deployment::check(&mut reader, *group);
    }
    let quotas = root.entry("quotas").map(|entry| own_quotas::read(&mut reader, entry)).unwrap_or_default();
    if tree.is_partial() {
        return reader.finish(None);
    }
    // What is wrong so far does not hide what else is; the reader gives no value then.
    let mut file = match serde_yaml::from_str::<Option<File>>(tree.source().text()) {
        Ok(file) => file.unwrap_or_default(),
        Err(error) => {
            misfits(&mut reader, root);
            undecodable(&mut reader, tree, &error);
            nothing(&mut reader, root);
            return reader.finish(None);
        }
    };
    nothing(&mut reader, root);
    deployment_group::check(&mut reader, &mut file.deployment_groups, &groups);
    let local_groups = file.deployment_groups.iter().filter_map(Written::local).collect();
    let mut config = Config {
        committed: Committed {
            pipelines: file.pipelines,
            projects: file.projects,
            deployment_groups: file.deployment_groups.into_iter().map(|written| written.group).collect(),
            gates,
        },
        working_tree: WorkingTree {
            aws,
            branching,
            parameters: file.parameters,
            secrets: file.secrets,
            inherit: file.local.inherit,
            account: file.local.account,
            region: file.local.region,
            sandbox: file.sandbox,
            local_groups,
            quotas,
        },
    };
    check_projects(&mut reader, &mut config.committed.projects, &projects);
    reader.finish(Some(config))
}

/// `local.account` and `local.region` have AWS's forms.
fn where_it_runs<'t>(reader: &mut Reader<'t>, local: Node<'t>) {
    type Form = (&'static str, fn(&str) -> bool, &'static str);
    let forms: [Form; 2] = [
        (
            "account",
            |text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()),
            "twelve digits in quotes",
        ),
        ("region", is_region, "the name of a region, such as eu-central-1"),
    ];
    for (key, fits, words) in forms {
        let Some(entry) = local.entry(key) else { continue };
        if !entry.value.text().is_some_and(fits) {
            let message = format!("`local.{key}` is {words}");
            reader.push(reader.error("invalid-value", message, place(entry), "this does not fit"));
        }
    }
}

/// Whether this is the name of a region: `eu-central-1`, `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let words = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.as_slice() {
        [first @ .., number] if first.len() >= 2 => first.iter().all(words) && number.parse::<u8>().is_ok(),
        _ => false,
    }
}

pub(super) fn keys<'t>(reader: &mut Reader<'t>, mapping: Node<'t>, keys: &Keys) {
    let known = keys.of.names;
    for entry in mapping.entries() {
        let Some(key) = reader.key(keys.path, entry) else { continue };
        if known.contains(&key) || keys.of.elsewhere.contains(&key) {
            continue;
        }
        let path = if keys.path.is_empty() { key.to_owned() } else { format!("{}.{key}", keys.path) };
        let span = entry.key.span();
        if keys.of.later.contains(&key) {
            if !says_nothing(entry.value) {
                let message = format!("`{path}` is not supported yet");
                let finding =
                    reader.error("not-supported-yet", message, span, "Rehearsal would have to ignore this");
                reader.push(finding.help("remove it for now"));
            }
            continue;
        }
        let finding = reader.error("unknown-key", format!("there is no `{path}`"), span, "unknown");
        let finding = match nearest(key, known) {
            Some(meant) => rename(finding, span, known, meant, is_there(mapping, meant)),
            None => finding.help(format!("known here: {}", known.join(", "))),
        };
        reader.push(finding);
    }
}

/// What the AWS CLI prints for things that are not used.
fn says_nothing(value: Node<'_>) -> bool {
    let nothing = match value.kind() {
        Kind::Scalar => value.is_null(),
        Kind::Sequence => value.items().len() == 0,
        Kind::Mapping => value.entries().next().is_none(),
    };
    let kind = value.get("type").and_then(Node::text);
    let enabled = value.get("enabled").and_then(Node::text);
    nothing || kind == Some("NO_CACHE") || enabled == Some("false")
}

fn merge_keys<'t>(reader: &mut Reader<'t>, node: Node<'t>) {
    node.items().for_each(|item| merge_keys(reader, item));
    for entry in node.written_entries() {
        if entry.is_merge() {
            let message = "merge keys (`<<`) are not read in rehearsal.yml";
            let finding = reader.error("not-supported-yet", message, entry.key.span(), "would be ignored");
            reader.push(finding.help("write the keys out"));
        }
        merge_keys(reader, entry.value);
    }
}

/// Where commands run. Asking for isolation and not getting it must not pass.
fn sandbox<'t>(reader: &mut Reader<'t>, root: Node<'t>) {
    let Some(entry) = root.entry("sandbox") else { return };
    let Some(text @ "container") = entry.value.text() else { return };
    let message = format!("the sandbox `{text}` is not there yet");
    let finding = reader.error("not-supported-yet", message, place(entry), "`isolated` and `host` work");
    reader.push(finding.help("write `sandbox: isolated`, or leave it out"));
}

/// Values that are not there. An answer of `aws` may be `null`.
fn nothing<'t>(reader: &mut Reader<'t>, root: Node<'t>) {
    let sections = root.entries().filter(|entry| entry.key.text() != Some("aws")).map(|entry| entry.value);
    for nothing in unsaid(reader, sections) {
        let message = format!("{} is empty", nothing.of);
        let finding = reader.warning("empty-value", message, nothing.span, "as if it were not there");
        reader.push(finding.help(nothing.help));
    }
}

fn project_keys<'t>(reader: &mut Reader<'t>, project: Node<'t>) {
    keys(reader, project, &PROJECT);
    for (key, known) in [("source", &SOURCE), ("artifacts", &ARTIFACTS), ("environment", &ENVIRONMENT)] {
        if let Some(node) = project.get(key) {
            keys(reader, node, known);
        }
    }
    let variables = project.get("environment").and_then(|node| node.get("environmentVariables"));
    for variable in variables.into_iter().flat_map(Node::items) {
        keys(reader, variable, &VARIABLE);
    }
}

/// All values of a wrong kind, which serde_yaml would tell one at a time.
fn misfits<'t>(reader: &mut Reader<'t>, root: Node<'t>) {
    schema::TOP.misfits(root, "", &mut |path, node, expected| {
        let span = head(node.source(), node.span());
        if !reader.has_error_about(span) {
            let what = node.text().map(|text| format!("`{text}`"));
            let what = what.unwrap_or_else(|| kind_words(node.kind()).to_owned());
            let message = format!("`{path}` is {what}; {expected} was expected");
            reader.push(reader.error("wrong-kind", message, span, "this does not fit"));
        }
    });
}

/// serde_yaml stops at the first value of a wrong type; its place is a byte of the same text. Its words are said in ours.
fn undecodable<'t>(reader: &mut Reader<'t>, tree: &'t Tree, error: &serde_yaml::Error) {
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    let at = error.location().map_or(0, |location| location.index());
    let at = u32::try_from(at).unwrap_or_default();
    let span = innermost(tree.root(), at).unwrap_or_else(|| Span::empty(at));
    let span = head(tree.source(), span);
    let (path, what) = message.split_once(": ").unwrap_or(("", message));
    let quoted = |text: &str| text.split('`').nth(1).unwrap_or_default().to_owned();
    let finding = if let Some(name) = what.strip_prefix("missing field ") {
        let name = quoted(name);
        reader
            .error("missing-key", format!("`{path}` has no `{name}`"), span, "something is missing here")
            .help(format!("add `{name}:`"))
    } else if let Some((unknown, known)) =
        what.strip_prefix("unknown variant ").and_then(|rest| rest.split_once(", expected "))
    {
        let known: Vec<_> = known.split('`').skip(1).step_by(2).collect();
        let unknown = quoted(unknown);
        let meant = nearest(&unknown, &known).map_or_else(|| known.join(" or "), str::to_owned);
        reader
            .error("invalid-value", format!("`{path}` cannot be `{unknown}`"), span, "unknown value")
            .help(format!("write {meant}"))
    } else if let Some(expected) = what.strip_prefix("invalid type: unit value, expected ") {
        let message = format!("`{path}` is empty; {expected} was expected");
        reader.error("wrong-kind", message, span, "nothing here").help("write the value, or remove the key")
    } else {
        reader.error("wrong-kind", message, span, "this does not fit")
    };
    // A reader of ours may have said it in better words.
    if !reader.has_error_about(span) {
        reader.push(finding);
    }
}

/// The smallest node at a byte, or the key before it.
fn innermost(node: Node<'_>, at: u32) -> Option<Span> {
    let inside = |span: Span| span.contains(at) || span.start == at;
    let below = node.items().find_map(|item| innermost(item, at)).or_else(|| {
        node.entries().find_map(|entry| {
            innermost(entry.value, at).or_else(|| inside(entry.key.span()).then(|| entry.key.span()))
        })
    });
    below.or_else(|| inside(node.span()).then(|| node.span()))
}

fn check_projects<'t>(reader: &mut Reader<'t>, projects: &mut [Project], nodes: &[Node<'t>]) {
    let mut names: HashMap<String, Span> = HashMap::new();
    for (project, node) in projects.iter_mut().zip(nodes) {
        let named = node.entry("name");
        project.span = named.map_or_else(|| head(node.source(), node.span()), place);
        let (least, most) = (quotas::PROJECT_NAME_MIN.value, quotas::PROJECT_NAME_MAX.value);
        let mut letters = project.name.chars();
        let well_formed = letters.next().is_some_and(|c| c.is_ascii_alphanumeric())
            && letters.all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            && (least as usize..=most as usize).contains(&project.name.len());
        if !well_formed {
            let message = format!("`{}` is no name for a project", project.name);
            let finding = reader.error("invalid-value", message, project.span, "name");
            let help =
                format!("{least} to {most} letters, digits, - and _, beginning with a letter or digit");
            reader.push(finding.help(help));
        }
        if let Some(first) = names.insert(project.name.clone(), project.span) {
            let message = format!("two projects are named `{}`", project.name);
            reader.push(
                reader.error("invalid-value", message, project.span, "again here").label(first, "first here"),
            );
        }
        let limits = [
            (
                "timeoutInMinutes",
                project.timeout_in_minutes,
                quotas::BUILD_TIMEOUT_MIN,
                quotas::BUILD_TIMEOUT_MAX,
            ),
            (
                "queuedTimeoutInMinutes",
                project.queued_timeout_in_minutes,
                quotas::QUEUED_TIMEOUT_MIN,
                quotas::QUEUED_TIMEOUT_MAX,
            ),
        ];
        for (key, value, least, most) in limits {
            if let (Some(value), Some(entry)) = (value, node.entry(key)) {
                in_range(reader, entry, key, value, (least, most));
            }
        }
        if let (Some(0), Some(entry)) = (project.concurrent_build_limit, node.entry("concurrentBuildLimit")) {
            reader.push(reader.error(
                "invalid-value",
                "`concurrentBuildLimit` begins at 1",
                place(entry),
                "too low",
            ));
        }
    }
}

fn in_range<'t>(
    reader: &mut Reader<'t>,
    entry: Entry<'t>,
    key: &str,
    value: u32,
    (least, most): (Quota, Quota),
) {
    if !(least.value..=most.value).contains(&value) {
        let message = format!("`{key}` is {value}; {} to {} minutes are allowed", least.value, most.value);
        reader.push(reader.error("invalid-value", message, place(entry), "out of range"));
    }
}

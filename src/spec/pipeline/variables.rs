//! Namespaces and `#{namespace.key}` references (codepipeline.md 5): whether each can be resolved when its action
//! starts. Whether a build exports the key is its buildspec's to say.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::lost::Lost;
use super::read::StageNode;
use super::reference::{Part, parts};
use super::{Action, Category, Pipeline, actions, produced};
use crate::spec::quotas;
use crate::spec::reading::{Reader, head, place};
use crate::spec::schema::pipeline::ACTION;
use crate::spec::spelling::nearest;
use crate::syntax::{Kind, Node, Span, TextMap, UNKNOWN};

const CODE: &str = "pipeline-variables";
const RESERVED: [&str; 2] = ["codepipeline", "variables"];

pub(super) fn check<'t>(
    reader: &mut Reader<'t>,
    (root, lost): (Node<'t>, Lost),
    pipeline: &Pipeline,
    nodes: &[StageNode<'t>],
) {
    let mut namespaces = namespaces(reader, pipeline, nodes);
    if lost.variables {
        namespaces.insert("variables", None);
    }
    if lost.namespaces {
        namespaces.insert(ANY, None);
    }
    defaults(reader, root);
    for (index, (stage, stage_node)) in pipeline.stages.iter().zip(nodes).enumerate() {
        for (action, node) in stage.actions.iter().zip(&stage_node.actions) {
            let mut texts = Vec::new();
            for key in ["configuration", "commands", "environmentVariables"] {
                node.get(key).into_iter().for_each(|node| scalars(node, &mut texts));
            }
            if let Some(json) = node.get("configuration").and_then(|node| node.get("EnvironmentVariables")) {
                free_texts(reader, &namespaces, json);
            }
            let user = User {
                stage: index,
                run_order: actions::order(action, *node),
                is_source: action.category == Category::Source,
                name: &action.name,
            };
            for text in texts {
                dollars(reader, &namespaces, text);
                references(reader, pipeline, &namespaces, &user, text);
            }
        }
        for rule in &stage_node.rules {
            let mut texts = Vec::new();
            for key in ["configuration", "commands"] {
                rule.node.get(key).into_iter().for_each(|node| scalars(node, &mut texts));
            }
            let run_order = Some(if rule.is_after { u32::MAX } else { 0 });
            let user = User { stage: index, run_order, is_source: false, name: &rule.name };
            for text in texts {
                dollars(reader, &namespaces, text);
                references(reader, pipeline, &namespaces, &user, text);
            }
        }
    }
}

/// Default values are texts: nothing in them is resolved.
fn defaults<'t>(reader: &mut Reader<'t>, root: Node<'t>) {
    let variables = root.get("variables").into_iter().flat_map(Node::items);
    for node in variables.filter_map(|variable| variable.get("defaultValue")) {
        for part in parts(node.text().unwrap_or_default()) {
            if let Part::Variable { namespace, key, range } = part {
                let message = format!("`#{{{namespace}.{key}}}` is not resolved in a default value");
                let finding = reader.warning(CODE, message, inside(node, &range), "stays as it is written");
                reader.push_within(finding.help("write the value itself"));
            }
        }
    }
}

/// Who uses a variable: an action, or a rule of a condition.
struct User<'a> {
    stage: usize,
    /// What has a lower one in the same stage has run before; none when it is not known.
    run_order: Option<u32>,
    is_source: bool,
    name: &'a str,
}

/// Stands among the namespaces when one of them is not known, so that it may be any.
const ANY: &str = "";

/// Who owns a namespace: none where that is not known, as when two actions have it.
type Namespaces<'p> = HashMap<&'p str, Option<Owner<'p>>>;

struct Owner<'p> {
    stage: usize,
    action: &'p Action,
    run_order: Option<u32>,
}

fn namespaces<'p, 't>(
    reader: &mut Reader<'t>,
    pipeline: &'p Pipeline,
    nodes: &[StageNode<'t>],
) -> Namespaces<'p>
where
    't: 'p,
{
    let mut all: Namespaces<'p> = HashMap::new();
    let mut spans: HashMap<&str, Span> = HashMap::new();
    let artifacts: HashSet<&str> = pipeline
        .actions()
        .flat_map(|(_, action)| action.output_artifacts.iter().map(|artifact| artifact.name.as_str()))
        .collect();
    for (index, (stage, stage_node)) in pipeline.stages.iter().zip(nodes).enumerate() {
        for (action, node) in stage.actions.iter().zip(&stage_node.actions) {
            let Some(namespace) = action.namespace.as_deref() else {
                // Of a misspelt `namespace` that is said; who uses it is not wrong too.
                all.extend(misspelt(*node).map(|namespace| (namespace, None)));
                continue;
            };
            let span = node.entry("namespace").map_or(action.span, place);
            if RESERVED.contains(&namespace) || artifacts.contains(namespace) {
                let why =
                    if artifacts.contains(namespace) { "is the name of an artifact" } else { "is reserved" };
                let message = format!("the namespace `{namespace}` of `{}` {why}", action.name);
                reader.push(reader.error(CODE, message, span, "choose another one"));
            }
            if namespace.contains(UNKNOWN) {
                all.insert(ANY, None);
            }
            let owner = Owner { stage: index, action, run_order: actions::order(action, *node) };
            all.entry(namespace).and_modify(|owner| *owner = None).or_insert(Some(owner));
            if let Some(first) = spans.insert(namespace, span) {
                let message = format!("two actions have the namespace `{namespace}`");
                let finding = reader.error(CODE, message, span, "again here").label(first, "first here");
                reader.push(finding.aws(format!(
                    "InvalidActionDeclarationException: Namespaces must be unique across the pipeline definition. The \
                     following occur more than once in the pipeline. StageName=[{}], ActionName=[{}], \
                     Namespace=[{namespace}]",
                    stage.name, action.name
                )));
            }
        }
    }
    all
}

/// The value of a key that was probably meant to be `namespace`.
fn misspelt(action: Node<'_>) -> Option<&str> {
    let known = ACTION.names;
    let is_slip = |key: &str| !known.contains(&key) && nearest(key, known) == Some("namespace");
    action.entries().find(|entry| entry.key.text().is_some_and(is_slip)).and_then(|entry| entry.value.text())
}

fn scalars<'t>(node: Node<'t>, into: &mut Vec<Node<'t>>) {
    match node.kind() {
        Kind::Scalar => into.push(node),
        Kind::Sequence => node.items().for_each(|item| scalars(item, into)),
        Kind::Mapping => node.entries().for_each(|entry| scalars(entry.value, into)),
    }
}

/// `${namespace.key}`, which CodePipeline leaves as it is: its references begin with `#`.
fn dollars(reader: &mut Reader<'_>, namespaces: &Namespaces<'_>, node: Node<'_>) {
    let text = node.text().unwrap_or_default();
    for (at, _) in text.match_indices("${").take(100) {
        let Some(inner) = text[at + 2..].split('}').next() else { continue };
        let Some((namespace, key)) = inner.split_once('.') else { continue };
        let is_ours = namespaces.contains_key(namespace) || RESERVED.contains(&namespace);
        if !is_ours || namespace.is_empty() || key.is_empty() {
            continue;
        }
        let message = format!("`${{{inner}}}` is no reference: it stays as it is");
        let range = at..at + inner.len() + 3;
        let finding = reader.warning(CODE, message, inside(node, &range), "begins with `$`");
        reader.push_within(finding.help(format!("write #{{{inner}}}")));
    }
}

fn references<'t>(
    reader: &mut Reader<'t>,
    pipeline: &Pipeline,
    namespaces: &Namespaces<'_>,
    user: &User<'_>,
    node: Node<'t>,
) {
    let text = node.text().unwrap_or_default();
    let is_known = |range: &Range<usize>| text[..range.start].matches(UNKNOWN).count().is_multiple_of(2);
    // Each complaint looks for its place in the text; a value has at most 1000 characters, which holds no more.
    for part in parts(text).into_iter().take(quotas::CONFIGURATION_VALUE.value as usize) {
        let (range, complaint) = match part {
            Part::Text(_) => continue,
            Part::Unclosed { range } => {
                let message = format!("`{}` is never closed", &text[range.clone()]);
                let finding = reader.warning(
                    CODE,
                    message,
                    inside(node, &range),
                    "stays as it is written, if AWS takes it",
                );
                reader.push_within(finding.help("write #{namespace.key}"));
                continue;
            }
            Part::Malformed { range, .. } => (
                range,
                Some(("is no reference to a variable".to_owned(), "write #{namespace.key}".to_owned())),
            ),
            Part::Variable { namespace, key, range } => {
                let complaint = resolve(pipeline, namespaces, user, namespace, key);
                if complaint.is_none()
                    && let Some((why, help)) = never_set(pipeline, namespaces, namespace, key)
                {
                    let message = format!("`#{{{namespace}.{key}}}` is never set: {why}");
                    let finding = reader.warning(CODE, message, inside(node, &range), "empty");
                    reader.push_within(finding.help(help));
                }
                (range, complaint)
            }
        };
        if let Some((message, help)) = complaint.filter(|_| is_known(&range)) {
            let span = inside(node, &range);
            let message = format!("`{}` {message}", &text[range]);
            reader.push_within(reader.error(CODE, message, span, format!("in `{}`", user.name)).help(help));
        }
    }
}

/// Words of people inside of JSON (codepipeline.md 5): the reference is replaced as text, and a quote or a second line breaks
/// what it stands in.
fn free_texts(reader: &mut Reader<'_>, namespaces: &Namespaces<'_>, node: Node<'_>) {
    for part in parts(node.text().unwrap_or_default()).into_iter().take(MOST_FREE_TEXTS) {
        let Part::Variable { namespace, key, range } = part else { continue };
        let Some(Some(Owner { action, .. })) = namespaces.get(namespace) else { continue };
        if action.category != Category::Source || !["CommitMessage", "PullRequestTitle"].contains(&key) {
            continue;
        }
        let why = match action.provider.as_str() {
            "CodeCommit" => "CodeCommit ends each message with a line break",
            _ => "a quote or a line break in it ends the text",
        };
        let message = format!("`#{{{namespace}.{key}}}` breaks the JSON it stands in: {why}");
        let finding = reader.warning(CODE, message, inside(node, &range), "is put in as it is");
        let finding =
            finding.help("ask git in the build: git log -1 --format=%s (with a full clone of the source)");
        reader.push_within(finding.aws(
            "Invalid action configuration: EnvironmentVariables specified in action config does not match expected format",
        ));
    }
}

/// Such references in one value; a value holds hardly more.
const MOST_FREE_TEXTS: usize = 100;

const HELP: &str = "add such a trigger, or use another variable";

/// Why a variable is never set, and what to do: a connection's source sets some for certain starts only (codepipeline.md 2.2),
/// and some providers set none.
fn never_set(
    pipeline: &Pipeline,
    namespaces: &Namespaces<'_>,
    namespace: &str,
    key: &str,
) -> Option<(&'static str, &'static str)> {
    let producer = namespaces.get(namespace)?.as_ref()?.action;
    if produced::has_none(producer) {
        return Some(("actions of its provider give no variables", "use a variable of another action"));
    }
    if producer.provider != "CodeStarSourceConnection" {
        return None;
    }
    let mut triggers = pipeline.triggers.iter().filter(|trigger| trigger.source_action_name == producer.name);
    match key {
        "PullRequestId" | "PullRequestTitle" | "SourceBranchName" | "DestinationBranchName" => {
            let is_set = triggers.any(|trigger| !trigger.pull_request.is_empty());
            (!is_set).then_some(("no trigger starts for pull requests", HELP))
        }
        "TagName" => {
            let is_set = triggers.any(|trigger| trigger.push.iter().any(|filter| filter.tags.is_some()));
            (!is_set).then_some(("no trigger starts for tags", HELP))
        }
        _ => None,
    }
}

/// What is wrong with a reference, and what to do about it.
fn resolve(
    pipeline: &Pipeline,
    namespaces: &Namespaces<'_>,
    user: &User<'_>,
    namespace: &str,
    key: &str,
) -> Option<(String, String)> {
    match namespace {
        "codepipeline" if key == "PipelineExecutionId" => None,
        "codepipeline" => Some((
            "does not exist".to_owned(),
            if pipeline.variables.iter().any(|variable| variable.name == key) {
                format!("write #{{variables.{key}}}")
            } else {
                "the only one is #{codepipeline.PipelineExecutionId}".to_owned()
            },
        )),
        "variables" if namespaces.contains_key("variables") => None,
        "variables" if user.is_source => Some((
            "cannot be used in a source action".to_owned(),
            "pipeline variables are known from the second stage on".to_owned(),
        )),
        "variables" if pipeline.variables.iter().any(|variable| variable.name == key) => None,
        "variables" => {
            let known: Vec<_> =
                pipeline.variables.iter().map(|variable| variable.name.as_str()).take(101).collect();
            let help = nearest(key, &known).map_or_else(
                || "add it to `variables`".to_owned(),
                |meant| format!("write #{{variables.{meant}}}"),
            );
            Some(("names no variable of the pipeline".to_owned(), help))
        }
        _ => {
            let Some(owner) = namespaces.get(namespace) else {
                if namespaces.contains_key(ANY) {
                    return None;
                }
                let known: Vec<_> = namespaces.keys().copied().take(101).collect();
                let help = nearest(namespace, &known).map_or_else(
                    || format!("give the action that makes it `namespace: {namespace}`"),
                    |meant| format!("write #{{{meant}.{key}}}"),
                );
                return Some(("names no namespace of the pipeline".to_owned(), help));
            };
            let Owner { stage: from, action: producer, run_order } = owner.as_ref()?;
            let is_before = match (*run_order, user.run_order) {
                (Some(producer), Some(user)) => producer < user,
                _ => true,
            };
            if *from > user.stage || (*from == user.stage && !is_before) {
                let message = format!("comes from `{}`, which has not run by then", producer.name);
                return Some((message, "use it in a later stage, or with a higher runOrder".to_owned()));
            }
            let known = produced::variables(producer)?;
            (!known.contains(&key)).then(|| {
                let help = match nearest(key, &known) {
                    Some(meant) => format!("write #{{{namespace}.{meant}}}"),
                    None if producer.provider == "Commands" => format!("add {key} to its `outputVariables`"),
                    None => format!("it gives {}", known.join(", ")),
                };
                (format!("is no variable that `{}` gives", producer.name), help)
            })
        }
    }
}

/// A place inside the text of a scalar.
fn inside(node: Node<'_>, range: &Range<usize>) -> Span {
    let map = TextMap::of(node);
    let [start, end] = [range.start, range.end].map(|at| u32::try_from(at).unwrap_or_default());
    if map.is_exact() { map.span(Span::new(start, end)) } else { head(node.source(), node.span()) }
}

//! `triggers` (codepipeline.md 1.5, 3.3): their shape and the combinations of filters that are legal.

use super::fields::{self, Alphabet};
use super::{Action, Category, Patterns, Pipeline, PullRequestFilter, PushFilter, Trigger, action_type};
use crate::spec::glob::Glob;
use crate::spec::quotas;
use crate::spec::reading::{Reader, head, place};
use crate::spec::schema::Section;
use crate::spec::schema::pipeline::{GIT, PATTERNS, PULL_REQUEST, PUSH, TRIGGER};
use crate::spec::spelling::nearest;
use crate::syntax::{Entry, Kind, Node};

const AWS: &str = "InvalidStructureException: The trigger configuration for the source action is not valid. Make sure \
                   to choose valid filter combinations.";

pub(super) fn read<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> Vec<Trigger> {
    let items = fields::list(reader, "triggers", entry);
    if items.len() > quotas::TRIGGERS.value as usize {
        fields::too_many(reader, "triggers", entry, quotas::TRIGGERS.value);
    }
    let mut all = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        all.extend(trigger(reader, &format!("triggers[{index}]"), item));
    }
    all
}

fn trigger<'t>(reader: &mut Reader<'t>, path: &str, item: Entry<'t>) -> Option<Trigger> {
    let node = fields::object(reader, path, item)?;
    fields::only(reader, path, node, &TRIGGER);
    if let Some(entry) = fields::required(reader, path, node, "providerType") {
        fields::choice(reader, "providerType", entry, &[("CodeStarSourceConnection", ())]);
    }
    let entry = fields::required(reader, path, node, "gitConfiguration")?;
    let path = format!("{path}.gitConfiguration");
    let git = fields::object(reader, &path, entry)?;
    fields::only(reader, &path, git, &GIT);
    let named = fields::required(reader, &path, git, "sourceActionName")?;
    let source_action_name = fields::name(
        reader,
        &format!("{path}.sourceActionName"),
        named,
        Alphabet::Name,
        quotas::NAME.value as usize,
    )?;
    let mut trigger =
        Trigger { source_action_name, push: Vec::new(), pull_request: Vec::new(), span: place(named) };
    if let Some(entry) = git.entry("push") {
        for (path, node, item) in filters(reader, &format!("{path}.push"), entry, &PUSH) {
            let filter = PushFilter {
                tags: patterns(reader, &path, node, "tags"),
                branches: patterns(reader, &path, node, "branches"),
                file_paths: patterns(reader, &path, node, "filePaths"),
            };
            let legal = match (&filter.tags, &filter.branches, &filter.file_paths) {
                (Some(_), None, None) | (None, Some(_), _) => true,
                (Some(_), ..) | (None, None, _) => false,
            };
            if !legal {
                let help = "use `tags` alone, `branches` alone, or `branches` with `filePaths`; for tags and \
                            branches write two filters";
                illegal(reader, item, "a push filter with this combination is refused", help);
            }
            trigger.push.push(filter);
        }
    }
    if let Some(entry) = git.entry("pullRequest") {
        for (path, node, item) in filters(reader, &format!("{path}.pullRequest"), entry, &PULL_REQUEST) {
            let filter = PullRequestFilter {
                events: events(reader, &path, node),
                branches: patterns(reader, &path, node, "branches"),
                file_paths: patterns(reader, &path, node, "filePaths"),
            };
            if filter.branches.is_none() {
                illegal(
                    reader,
                    item,
                    "a pull request filter needs `branches`",
                    "name the destination branches",
                );
            }
            trigger.pull_request.push(filter);
        }
    }
    let has_list = |key: &str| git.entry(key).is_some_and(|entry| !entry.value.is_null());
    if !has_list("push") && !has_list("pullRequest") {
        illegal(
            reader,
            item,
            "a trigger needs a push or a pull request filter",
            "add `push` or `pullRequest`",
        );
    }
    let twice =
        |count: usize, equal: &dyn Fn(usize, usize) -> bool| (0..count).any(|i| (0..i).any(|j| equal(i, j)));
    if twice(trigger.push.len(), &|i, j| trigger.push[i] == trigger.push[j])
        || twice(trigger.pull_request.len(), &|i, j| trigger.pull_request[i] == trigger.pull_request[j])
    {
        illegal(reader, item, "the same filter stands twice", "remove one of them");
    }
    Some(trigger)
}

fn illegal<'t>(reader: &mut Reader<'t>, item: Entry<'t>, message: &str, help: &str) {
    let span = head(item.value.source(), item.value.span());
    reader.push(reader.error("pipeline-trigger", message, span, "this filter").help(help).aws(AWS));
}

fn filters<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    entry: Entry<'t>,
    known: &Section,
) -> Vec<(String, Node<'t>, Entry<'t>)> {
    let items = fields::list(reader, path, entry);
    let most = quotas::TRIGGER_FILTERS.value;
    if items.is_empty() && entry.value.kind() == Kind::Sequence {
        let message = format!("`{path}` is empty; 1 to {most} filters are allowed");
        reader.push(reader.error("pipeline-trigger", message, entry.key.span(), "no filter"));
    }
    if items.len() > most as usize {
        fields::too_many(reader, path, entry, most);
    }
    let mut all = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let path = format!("{path}[{index}]");
        if let Some(node) = fields::object(reader, &path, item) {
            fields::only(reader, &path, node, known);
            all.push((path, node, item));
        }
    }
    all
}

fn patterns<'t>(reader: &mut Reader<'t>, path: &str, filter: Node<'t>, key: &str) -> Option<Patterns> {
    let entry = filter.entry(key).filter(|entry| !entry.value.is_null())?;
    let path = format!("{path}.{key}");
    // Of another kind, that is said.
    let Some(node) = fields::object(reader, &path, entry) else { return Some(Patterns::default()) };
    fields::only(reader, &path, node, &PATTERNS);
    let bounds = (quotas::FILTER_PATTERNS.value as usize, quotas::FILTER_PATTERN.value as usize);
    let kind = key;
    let mut list = |key: &str| {
        let entry = node.entry(key)?;
        let texts = fields::strings(reader, &format!("{path}.{key}"), entry, bounds);
        if entry.value.kind() == Kind::Sequence && entry.value.items().len() == 0 {
            let message = format!("`{path}.{key}` is empty; 1 to {} patterns are allowed", bounds.0);
            reader.push(reader.error("pipeline-trigger", message, entry.key.span(), "no pattern"));
        }
        for item in entry.value.items() {
            pattern(reader, kind, item);
        }
        Some(texts)
    };
    let (includes, excludes) = (list("includes"), list("excludes"));
    let patterns =
        Patterns { includes: includes.unwrap_or_default(), excludes: excludes.unwrap_or_default() };
    if let Some(entry) = node.entry("excludes").filter(|_| lets_nothing_through(&patterns)) {
        let message = format!("`{path}` lets nothing through");
        let label = "all that is included is excluded, which counts more";
        let finding = reader.warning("trigger-pattern", message, entry.key.span(), label);
        reader.push(finding.help("exclude less than what is included"));
    }
    Some(patterns)
}

/// Whether each pattern of what is included is excluded as it stands, or everything is (codepipeline.md 0 (1), 3.4).
fn lets_nothing_through(Patterns { includes, excludes }: &Patterns) -> bool {
    let is_all = |pattern: &String| pattern == "**" || pattern == "**/**";
    let all = excludes.iter().any(is_all);
    all || (!includes.is_empty() && includes.iter().all(|pattern| excludes.contains(pattern)))
}

/// A pattern that is none, or that no name can fit (codepipeline.md 3.4, 3.5).
fn pattern<'t>(reader: &mut Reader<'t>, kind: &str, node: Node<'t>) {
    let Some(text) = node.text() else { return };
    let span = head(node.source(), node.span());
    if let Err(error) = Glob::syntax(text) {
        let finding = reader.error("pipeline-trigger", error.to_string(), span, "not understood");
        reader.push(finding.help("* stays within a name, ** does not; braces are not nested"));
        return;
    }
    let (why, meant) = match kind {
        "filePaths" => {
            let bare = text.trim_start_matches("./").trim_start_matches('/');
            if bare != text {
                ("paths begin at the top of the repository, without `/` or `./`", bare.to_owned())
            } else if text.ends_with('/') {
                ("files are matched, not folders", format!("{text}**"))
            } else {
                return;
            }
        }
        _ => match ["refs/heads/", "refs/tags/"].iter().find_map(|at| text.strip_prefix(at)) {
            Some(name) => ("names are compared without `refs/heads/` or `refs/tags/`", name.to_owned()),
            None if text.ends_with('/') => ("no name ends with `/`", format!("{text}**")),
            None if text.starts_with('/') => {
                ("no name begins with `/`", text.trim_start_matches('/').to_owned())
            }
            _ => return,
        },
    };
    let finding = reader.warning("trigger-pattern", format!("`{text}` matches nothing"), span, why);
    reader.push(finding.help(format!("write `{meant}`")));
}

fn events<'t>(reader: &mut Reader<'t>, path: &str, filter: Node<'t>) -> Vec<String> {
    let Some(entry) = filter.entry("events") else { return Vec::new() };
    let mut events = Vec::new();
    let items = fields::list(reader, &format!("{path}.events"), entry);
    if entry.value.kind() == Kind::Sequence && !(1..=3).contains(&items.len()) {
        let message = format!("`{path}.events` has {} events; 1 to 3 are allowed", items.len());
        let finding = reader.error("pipeline-trigger", message, entry.key.span(), "events");
        reader.push(finding.help("leave `events` out for all of them"));
    }
    for item in items {
        let known = [("OPEN", "OPEN"), ("UPDATED", "UPDATED"), ("CLOSED", "CLOSED")];
        events.extend(fields::choice(reader, "events", item, &known).map(str::to_owned));
    }
    events
}

/// A trigger names a source action with a connection, and no two name the same.
pub(super) fn check(reader: &mut Reader<'_>, pipeline: &Pipeline) {
    for (index, trigger) in pipeline.triggers.iter().enumerate() {
        let name = &trigger.source_action_name;
        let is_source = pipeline.actions().any(|(_, action)| {
            action.name == *name
                && (action_type(action.category, action.owner, &action.provider).is_none()
                    || (action.category == Category::Source && action.provider == "CodeStarSourceConnection"))
        });
        if !is_source && !name.is_empty() {
            let message = format!("`{name}` is no source action with a connection");
            let finding =
                reader.error("pipeline-trigger", message, trigger.span, "a trigger cannot start it");
            let with_connection = |action: &Action| action.provider == "CodeStarSourceConnection";
            let known: Vec<_> = pipeline
                .actions()
                .filter(|(_, action)| with_connection(action))
                .map(|(_, action)| action.name.as_str())
                .take(101)
                .collect();
            reader.push(match nearest(name, &known) {
                Some(meant) => finding.help(format!("write `{meant}`")),
                None => finding.help("name a source action of provider `CodeStarSourceConnection`"),
            });
        }
        if let Some(other) = pipeline.triggers[..index].iter().find(|other| other.source_action_name == *name)
        {
            let message = format!("two triggers name the source action `{name}`");
            let finding = reader.error("pipeline-trigger", message, trigger.span, "again here");
            reader.push(finding.label(other.span, "first here").help("put the filters into one trigger"));
        }
    }
}

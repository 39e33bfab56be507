//! `webhook`: what starts builds without a pipeline.
//!
//! A group of filters holds when all of its filters do; a group without an EVENT filter is refused (API WebhookFilter).

use crate::spec::reading::{Reader, head, place};
use crate::spec::settings::Settings;
use crate::spec::spelling::nearest;
use crate::syntax::Node;

const TYPES: [&str; 11] = [
    "EVENT",
    "BASE_REF",
    "HEAD_REF",
    "ACTOR_ACCOUNT_ID",
    "FILE_PATH",
    "COMMIT_MESSAGE",
    "TAG_NAME",
    "RELEASE_NAME",
    "WORKFLOW_NAME",
    "REPOSITORY_NAME",
    "ORGANIZATION_NAME",
];
const EVENTS: [&str; 9] = [
    "PUSH",
    "PULL_REQUEST_CREATED",
    "PULL_REQUEST_UPDATED",
    "PULL_REQUEST_REOPENED",
    "PULL_REQUEST_MERGED",
    "PULL_REQUEST_CLOSED",
    "RELEASED",
    "PRERELEASED",
    "WORKFLOW_JOB_QUEUED",
];

pub(super) fn check<'t>(reader: &mut Reader<'t>, project: &Settings<'t>) {
    let Some(webhook) = project.below("webhook") else { return };
    let source = project.below("source").and_then(|source| source.text("type"));
    if let Some(kind @ ("CODEPIPELINE" | "NO_SOURCE" | "S3")) = source
        && (webhook.is_on("isMade") || webhook.has("filterGroups"))
        && let Some(entry) = project.entry("webhook")
    {
        let message = format!("a source of type {kind} has no webhook");
        let finding = reader.error(super::TOGETHER, message, entry.key.span(), "nobody calls it");
        reader.push(finding.help("webhooks are those of git hosts, such as GITHUB"));
    }
    webhook.choice(reader, "buildType", &["BUILD", "BUILD_BATCH", "RUNNER_BUILDKITE_BUILD"]);
    for group in webhook.node.get("filterGroups").into_iter().flat_map(Node::items) {
        let filters: Vec<_> = group.items().map(|filter| webhook.beside(filter)).collect();
        let mut has_event = group.is_unknown();
        for filter in &filters {
            let kind = filter.choice(reader, "type", &TYPES);
            // A filter of which the type is not known may be one.
            has_event |= kind.is_none() || kind == Some("EVENT");
            if kind == Some("EVENT") {
                events(reader, filter);
            }
        }
        if !has_event {
            let span = head(group.source(), group.span());
            let message = "a group of filters needs one of type EVENT";
            let finding = reader.error("invalid-value", message, span, "this group");
            reader.push(finding.help("add `type: EVENT` with a `pattern` such as PUSH"));
        }
    }
}

/// The pattern of an EVENT filter is a list of events.
fn events<'t>(reader: &mut Reader<'t>, filter: &Settings<'t>) {
    let (Some(pattern), Some(entry)) = (filter.text("pattern"), filter.entry("pattern")) else { return };
    if pattern.split(',').skip(1).any(|event| event.starts_with(' ') && EVENTS.contains(&event.trim())) {
        let message = "the events have blanks between them: only the first one counts";
        let finding = reader.warning("invalid-value", message, place(entry), "parted by commas alone");
        let written: Vec<_> = pattern.split(',').map(str::trim).collect();
        reader.push(finding.help(format!("write {}", written.join(","))));
    }
    for event in pattern.split(',').map(str::trim).filter(|event| !EVENTS.contains(event)) {
        let finding = reader.error(
            "invalid-value",
            format!("`{event}` is no event of a webhook"),
            place(entry),
            "unknown event",
        );
        let help = nearest(event, &EVENTS).map_or_else(|| EVENTS.join(", "), str::to_owned);
        reader.push(finding.help(format!("write {help}")));
    }
}

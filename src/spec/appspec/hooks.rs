//! `hooks` (codedeploy.md 3.3).
//!
//! Owns: the events that can have scripts, and the scripts' own keys.

use std::time::Duration;

use super::read::{URL, mappings, unknown_keys};
use super::{Hook, Script};
use crate::spec::quotas;
use crate::spec::reading::{Reader, head, is_there, nearest, place, rename, replace};
use crate::syntax::{Entry, Node};

/// The events that can have scripts on the Server platform (codedeploy.md 6, 8.5). Those of the load balancer may be
/// named by a file whose group has none; they are then not reached.
const EVENTS: [&str; 9] = [
    "BeforeBlockTraffic",
    "AfterBlockTraffic",
    "ApplicationStop",
    "BeforeInstall",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
];

/// Events that belong to CodeDeploy alone.
const RESERVED: [&str; 6] = ["Start", "DownloadBundle", "Install", "BlockTraffic", "AllowTraffic", "End"];

/// How long all scripts of an event may take together.
fn longest() -> Duration {
    Duration::from_secs(u64::from(quotas::LIFECYCLE_EVENT.value))
}

pub(super) fn read<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> Vec<Hook> {
    let mut hooks = Vec::new();
    let Some(mapping) = reader.mapping("hooks", entry) else { return hooks };
    for entry in mapping.entries() {
        let Some(event) = reader.key("hooks", entry) else { continue };
        if !EVENTS.contains(&event) {
            unknown_event(reader, event, entry, mapping);
        }
        let path = format!("hooks.{event}");
        let items = mappings(reader, &path, entry);
        let scripts: Vec<_> =
            items.into_iter().filter_map(|(path, item)| script(reader, &path, item)).collect();
        together(reader, event, entry, mapping);
        hooks.push(Hook { event: event.to_owned(), scripts });
    }
    hooks
}

/// The agent refuses them at Install (codedeploy.md 2.1, 21).
fn unknown_event<'t>(reader: &mut Reader<'t>, event: &str, entry: Entry<'t>, hooks: Node<'t>) {
    let span = entry.key.span();
    let finding = if RESERVED.contains(&event) {
        let message = format!("`{event}` is CodeDeploy's own event; it runs no scripts");
        reader.error("unknown-lifecycle-event", message, span, "reserved")
    } else {
        let message = format!("`{event}` is no lifecycle event");
        reader.error("unknown-lifecycle-event", message, span, "CodeDeploy stops here")
    };
    let finding = match nearest(event, &EVENTS) {
        Some(meant) if !RESERVED.contains(&event) => {
            rename(finding, span, &EVENTS, meant, is_there(hooks, meant))
        }
        _ => finding.help(format!("an event is one of {}", EVENTS.join(", "))),
    };
    let name = reader.file().rsplit('/').next().unwrap_or_default().to_owned();
    reader
        .push(finding.aws(format!("{name} file contains unknown lifecycle events: [\"{event}\"]")).url(URL));
}

fn script<'t>(reader: &mut Reader<'t>, path: &str, item: Entry<'t>) -> Option<Script> {
    let span = head(item.value.source(), item.value.span());
    let mut script = Script { location: String::new(), timeout: longest(), runas: None, sudo: false, span };
    for entry in item.value.entries() {
        let Some(key) = reader.key(path, entry) else { continue };
        let path = format!("{path}.{key}");
        match key {
            "location" => script.location = reader.text(&path, entry).unwrap_or_default(),
            "timeout" if !entry.value.is_null() => script.timeout = timeout(reader, &path, entry),
            "runas" => script.runas = reader.text(&path, entry).filter(|user| !user.is_empty()),
            "sudo" => script.sudo = reader.flag(&path, entry),
            _ => {}
        }
    }
    unknown_keys(reader, path, item.value, &["location", "timeout", "runas", "sudo"]);
    if script.location.trim().is_empty() {
        let message = format!("`{path}` has no `location`");
        let finding = reader.error("missing-key", message, span, "no script here");
        reader.push(finding.help("write `location:` and the script's path in the bundle").url(URL));
        return None;
    }
    Some(script)
}

/// As the agent reads it: the digits it begins with, which are none in a text (codedeploy.md 2.1, 8).
fn timeout<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Duration {
    let text = reader.text(path, entry).unwrap_or_default();
    let text = text.trim_start();
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let seconds = digits.parse::<u64>().unwrap_or(0);
    let span = head(entry.value.source(), place(entry));
    if seconds == 0 {
        let message = format!("`{path}` is no number of seconds above zero");
        let finding = reader.error("invalid-value", message, span, "invalid timeout");
        reader.push(finding.help("write a whole number of seconds, such as `timeout: 180`").url(URL));
    } else if digits.len() < text.trim_end().len() {
        let message = format!("`{path}` is more than a number; only the number counts");
        let finding = reader.warning("invalid-value", message, span, format!("taken as {seconds} seconds"));
        let fix = replace(entry.value.span(), digits.clone());
        reader.push(finding.help(format!("write `{digits}`")).fix("Keep the number", fix));
    }
    Duration::from_secs(seconds)
}

/// All scripts of an event have an hour together. A script without a timeout is allowed all of it, and counts for
/// nothing here: files with several of them are everywhere.
fn together<'t>(reader: &mut Reader<'t>, event: &str, entry: Entry<'t>, hooks: Node<'t>) {
    let written =
        entry.value.items().filter_map(|item| item.get("timeout")?.text()?.trim().parse::<u64>().ok());
    let sum = written.fold(0, u64::saturating_add);
    if sum > longest().as_secs() {
        let message = format!(
            "the scripts of {event} are allowed {sum} seconds; an event has {} altogether",
            longest().as_secs()
        );
        let span = head(hooks.source(), entry.key.span());
        let finding = reader.warning("timeout-too-long", message, span, "CodeDeploy ends it earlier");
        reader.push(finding.help("shorten the timeouts of its scripts").url(URL));
    }
}

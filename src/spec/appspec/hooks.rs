//! `hooks` (codedeploy.md 3.3).
//!
//! Owns: the events that can have scripts, and the scripts' own keys.

use std::time::Duration;

use super::agent::Refusal;
use super::platform::Platform;
use super::read::{URL, is_meant, mappings, unknown_keys};
use super::{Hook, Os, Script};
use crate::spec::quotas;
use crate::spec::reading::{Reader, head, place, replace};
use crate::spec::schema::appspec::SERVER;
use crate::spec::spelling::{is_there, nearest, rename};
use crate::syntax::{Entry, Node};

/// What belongs to a script.
const OF_SCRIPTS: [&str; 4] = ["location", "timeout", "runas", "sudo"];

/// How long all scripts of an event may take together.
fn longest() -> Duration {
    Duration::from_secs(u64::from(quotas::LIFECYCLE_EVENT.value))
}

pub(super) fn read<'t>(reader: &mut Reader<'t>, entry: Entry<'t>, os: Os) -> Vec<Hook> {
    let mut hooks = Vec::new();
    let before = reader.count();
    let mapping = reader.mapping("hooks", entry);
    reader.help_since(before, "write each event as a key below `hooks:`, with a list of scripts");
    let Some(mapping) = mapping else { return hooks };
    for entry in mapping.entries() {
        let Some(event) = reader.key("hooks", entry) else { continue };
        let is_known = Platform::Server.events().contains(&event);
        if !is_known {
            unknown_event(reader, event, entry, mapping);
        }
        // What stands below a name that is none is not looked at.
        if !is_known && nearest(event, Platform::Server.events()).is_none() {
            continue;
        }
        let path = format!("hooks.{event}");
        let before = reader.count();
        let items = mappings(reader, &path, entry);
        reader.help_since(before, "write a list of scripts: `- location: scripts/start.sh`");
        let scripts: Vec<_> =
            items.into_iter().filter_map(|(path, item)| script(reader, &path, item, os)).collect();
        together(reader, event, entry, mapping);
        hooks.push(Hook { event: event.to_owned(), scripts });
    }
    hooks
}

/// The agent refuses them at Install (codedeploy.md 2.1, 21).
fn unknown_event<'t>(reader: &mut Reader<'t>, event: &str, entry: Entry<'t>, hooks: Node<'t>) {
    let (events, reserved) = (Platform::Server.events(), Platform::Server.reserved());
    let span = entry.key.span();
    let error = |reader: &Reader<'t>, message: String, label: &str| {
        reader.error("unknown-lifecycle-event", message, span, label)
    };
    let finding = if OF_SCRIPTS.contains(&event) {
        let message = format!("`{event}` stands where events stand; it belongs to a script");
        let help = format!("indent `{event}:` to stand below the `-` of its script");
        error(reader, message, "not indented enough").help(help)
    } else if reserved.contains(&event) {
        let message = format!("`{event}` is CodeDeploy's own event; it runs no scripts");
        error(reader, message, "reserved").help(format!("an event is one of {}", events.join(", ")))
    } else if SERVER.names.contains(&event) {
        let message = format!("`{event}` stands where events stand; it belongs to the top of the file");
        error(reader, message, "CodeDeploy stops here").help(format!("write `{event}:` beside `hooks:`"))
    } else if Platform::Ecs.events().contains(&event) {
        let message = format!("`{event}` is an event of ECS; servers have none of that name");
        error(reader, message, "CodeDeploy stops here")
            .help(format!("an event is one of {}", events.join(", ")))
    } else {
        let finding = error(reader, format!("`{event}` is no lifecycle event"), "CodeDeploy stops here");
        match nearest(event, events) {
            Some(meant) => rename(finding, span, events, meant, is_there(hooks, meant)),
            None => finding.help(format!("an event is one of {}", events.join(", "))),
        }
    };
    let name = reader.file().rsplit('/').next().unwrap_or_default().to_owned();
    reader
        .push(finding.aws(format!("{name} file contains unknown lifecycle events: [\"{event}\"]")).url(URL));
}

fn script<'t>(reader: &mut Reader<'t>, path: &str, item: Entry<'t>, os: Os) -> Option<Script> {
    let span = head(item.value.source(), item.value.span());
    let mut script = Script { location: String::new(), timeout: longest(), runas: None, sudo: false, span };
    for entry in item.value.entries() {
        let Some(key) = reader.key(path, entry) else { continue };
        let path = format!("{path}.{key}");
        match key {
            "location" => script.location = location(reader, &path, entry),
            "timeout" if entry.value.is_null() => {
                reader.no_section(&path, entry, "an hour, as if it were not there");
            }
            "timeout" => script.timeout = timeout(reader, &path, entry),
            "runas" => script.runas = reader.filled(&path, entry),
            "sudo" => script.sudo = reader.flag(&path, entry),
            _ => {}
        }
        if os == Os::Windows && matches!(key, "runas" | "sudo") && !entry.value.is_null() {
            let message = format!("`{path}` is for Linux");
            let finding = reader.warning("unknown-key", message, entry.key.span(), "no effect on Windows");
            reader.push(finding.help("the script runs as the user of the agent").url(URL));
        }
    }
    unknown_keys(reader, path, item.value, &OF_SCRIPTS);
    if script.location.is_empty() {
        // What is of a wrong kind is there, and was said.
        if item.value.get("location").is_none_or(|location| location.scalar().is_some())
            && !is_meant(item.value, &OF_SCRIPTS, "location")
        {
            let message = format!("`{path}` has no `location`");
            let finding = reader.error("missing-key", message, span, "no script here");
            let finding = finding.help("write `location:` and the script's path in the bundle");
            reader.push(finding.aws(Refusal::NoLocation.to_string()).url(URL));
        }
        return None;
    }
    Some(script)
}

/// The path of a script, without the space around it. It gets no arguments: what stands behind it is part of the name.
fn location<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> String {
    let text = reader.text(path, entry).unwrap_or_default();
    let text = text.trim();
    if let Some((script, arguments)) = text.split_once(' ')
        && [".sh", ".py", ".rb", ".pl", ".js", ".ps1", ".bat", ".cmd"].iter().any(|end| script.ends_with(end))
    {
        let message = format!("`{path}` is the path of a script; `{}` is part of it", arguments.trim());
        let span = head(entry.value.source(), place(entry));
        let finding = reader.warning("invalid-value", message, span, "a file of this whole name");
        reader.push(finding.help("write a script of its own that passes the arguments").url(URL));
    }
    text.to_owned()
}

/// As the agent reads it: the digits it begins with, which are none in a text (codedeploy.md 2.1, 8).
fn timeout<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Duration {
    // Of another kind, that is said.
    let Some(text) = reader.text(path, entry) else { return longest() };
    let text = text.trim_start();
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let seconds = digits.parse::<u64>().unwrap_or(0);
    let span = head(entry.value.source(), place(entry));
    if seconds == 0 {
        let message = format!("`{path}` is no number of seconds above zero");
        let finding = reader.error("invalid-value", message, span, "invalid timeout");
        let finding = finding.help("write a whole number of seconds, such as `timeout: 180`");
        reader.push(finding.aws(Refusal::Timeout.to_string()).url(URL));
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

//! `Hooks` of the Lambda and ECS platforms (codedeploy.md 4, 5, 6): a list of events, each with the function that is called.

use super::platform::Platform;
use super::read::URL;
use super::section::is_placeholder;
use crate::diagnostic::Finding;
use crate::spec::pipeline::wrong_arn;
use crate::spec::reading::{Reader, place};
use crate::spec::spelling::{is_there, nearest, rename};
use crate::syntax::{Entry, Kind, Node, Span};

/// Reads them; the platform is none when the file does not say it.
pub(super) fn read<'t>(reader: &mut Reader<'t>, entry: Entry<'t>, platform: Option<Platform>) {
    let key = entry.key.text().unwrap_or("Hooks");
    match entry.value.kind() {
        Kind::Sequence => {}
        Kind::Scalar if entry.value.is_null() => return,
        Kind::Scalar | Kind::Mapping => {
            let count = reader.count();
            reader.wrong_kind(key, entry, "a list");
            reader.help_since(count, "put `- ` before each event: `- BeforeAllowTraffic: a-function`");
            return;
        }
    }
    let mut seen: Vec<(String, Span)> = Vec::new();
    for (index, item) in entry.value.items().enumerate() {
        if item.kind() != Kind::Mapping {
            let path = format!("{key}[{index}]");
            let count = reader.count();
            reader.wrong_kind(&path, Entry { key: entry.key, value: item }, "a mapping");
            reader.help_since(count, "write an event and its function: `- BeforeAllowTraffic: a-function`");
            continue;
        }
        for (place, hook) in item.entries().enumerate() {
            let Some(event) = reader.key(key, hook) else { continue };
            let count = reader.count();
            event_name(reader, event, hook, item, platform);
            let is_known = reader.count() == count;
            if place == 1 {
                let message = format!("`{key}[{index}]` has several events; an item of the list has one");
                let finding = reader.warning("wrong-kind", message, hook.key.span(), "a second one");
                reader.push(finding.help("put `- ` before it").url(URL));
            }
            // An event that there is not calls nothing, whatever it names.
            if is_known || !hook.value.text().is_none_or(|text| text.trim().is_empty()) {
                function(reader, event, hook);
            }
            let first = seen.iter().find(|(name, _)| name == event).map(|(_, span)| *span);
            match first {
                Some(first) => {
                    let message = format!("`{event}` has a second function; an event has one");
                    let finding = reader.warning("invalid-value", message, hook.key.span(), "again here");
                    reader.push(finding.label(first, "first here").url(URL));
                }
                // No file has more events than there are, and a hostile one is not compared with itself.
                None if seen.len() < 20 => seen.push((event.to_owned(), hook.key.span())),
                None => {}
            }
        }
    }
}

fn event_name<'t>(
    reader: &mut Reader<'t>,
    event: &str,
    hook: Entry<'t>,
    item: Node<'t>,
    platform: Option<Platform>,
) {
    const CODE: &str = "unknown-lifecycle-event";
    let known = platform.unwrap_or(Platform::Ecs).events();
    if known.contains(&event) {
        return;
    }
    let span = hook.key.span();
    if let Some(meant) = known.iter().find(|known| known.eq_ignore_ascii_case(event)) {
        let message = format!("the event is called `{meant}`");
        let finding = reader.warning(CODE, message, span, "in other letters");
        reader.push(rename(finding, span, known, meant, is_there(item, meant)).url(URL));
        return;
    }
    let own = platform.map_or("Lambda and ECS", Platform::name);
    let message = match platform {
        Some(platform) if platform.reserved().contains(&event) => {
            format!("`{event}` is CodeDeploy's own event; it calls no function")
        }
        _ if Platform::Server.events().contains(&event) || Platform::Ecs.events().contains(&event) => {
            format!("`{event}` is no event of {own}")
        }
        _ => format!("`{event}` is no lifecycle event"),
    };
    let finding = reader.error(CODE, message, span, "CodeDeploy has no such hook");
    let finding = match nearest(event, known) {
        Some(meant)
            if !Platform::Server.events().contains(&event) && !Platform::Ecs.reserved().contains(&event) =>
        {
            rename(finding, span, known, meant, is_there(item, meant))
        }
        _ => finding.help(format!("an event is one of {}", known.join(", "))),
    };
    reader.push(finding.url(URL));
}

/// One function, by its name or its ARN.
fn function<'t>(reader: &mut Reader<'t>, event: &str, hook: Entry<'t>) {
    match hook.value.kind() {
        Kind::Scalar => {
            if hook.value.text().is_none_or(|text| text.trim().is_empty()) {
                let message = format!("`{event}` has no function");
                let finding = reader.warning("empty-value", message, place(hook), "calls nothing");
                reader.push(finding.help("write the name of a function, or remove the event").url(URL));
                return;
            }
            let text = hook.value.text().unwrap_or_default().trim();
            if let Some((why, severity)) = wrong_arn(text, &["lambda"]).filter(|_| text.starts_with("arn:"))
                && !is_placeholder(text)
            {
                let message = format!("the function of `{event}` {why}");
                let finding = reader.error("invalid-value", message, place(hook), "no function");
                let finding = finding.help("it looks like arn:aws:lambda:REGION:ACCOUNT:function:NAME");
                reader.push(Finding { severity, ..finding }.url(URL));
            }
        }
        Kind::Sequence => {
            let count = reader.count();
            reader.wrong_kind(event, hook, "the name of one function");
            let is_script = hook.value.items().any(|item| item.get("location").is_some());
            let help = if is_script {
                "scripts are for servers: name a function"
            } else {
                "write one name, without a list"
            };
            reader.help_since(count, help);
        }
        Kind::Mapping => {
            let count = reader.count();
            reader.wrong_kind(event, hook, "the name of one function");
            reader.help_since(count, "write the name of a function");
        }
    }
}

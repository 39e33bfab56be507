//! Keys of an action that stand beside the key that they belong below (codepipeline.md 1.4).
//!
//! Owns: saying so once for all of them. Leaves to `fields`: other keys that there are not.

use crate::spec::reading::Reader;
use crate::spec::schema::pipeline::{ACTION, ACTION_TYPE};
use crate::syntax::{Entry, Node, Span};

/// Says what stands beside `configuration` or `actionTypeId` and belongs below it; gives the places of which that is said.
pub(super) fn tell<'t>(reader: &mut Reader<'t>, mapping: Node<'t>, known: &[&str]) -> Vec<Span> {
    if known != ACTION.names {
        return Vec::new();
    }
    let strays = |is_stray: &dyn Fn(&str) -> bool| -> Vec<Entry<'t>> {
        mapping.entries().filter(|entry| entry.key.text().is_some_and(is_stray)).collect()
    };
    // The keys of providers have a capital, those of actions have none.
    let is_own = |key: &str| ACTION.names.iter().any(|name| name.eq_ignore_ascii_case(key));
    let is_setting = |key: &str| key.starts_with(|c: char| c.is_ascii_uppercase()) && !is_own(key);
    let mut told = Vec::new();
    for (home, strays) in [
        ("configuration", strays(&is_setting)),
        ("actionTypeId", strays(&|key| ACTION_TYPE.names.contains(&key))),
    ] {
        let Some(first) = strays.first() else { continue };
        let names: Vec<_> = strays.iter().filter_map(|entry| entry.key.text()).collect();
        let names = listed(&names);
        let (stand, belong) =
            if strays.len() == 1 { ("stands", "it belongs") } else { ("stand", "they belong") };
        let message = match mapping.entry(home) {
            Some(_) => format!("{names} {stand} beside `{home}`; {belong} below it"),
            None => format!("{names} {stand} in the action itself; {belong} below `{home}`"),
        };
        // In JSON nothing is indented.
        let is_json = mapping.source().text().trim_start().starts_with('{');
        let label = if is_json { "not in it" } else { "not indented enough" };
        let finding = reader.error("unknown-key", message, first.key.span(), label);
        let finding = match mapping.entry(home) {
            Some(home) if home.key.span() < first.key.span() => {
                finding.label(home.key.span(), "belongs below this")
            }
            _ => finding,
        };
        let it = if strays.len() == 1 { "it" } else { "them" };
        reader.push(match mapping.entry(home) {
            _ if is_json => finding.help(format!("move {it} into `{home}`")),
            Some(_) => finding.help(format!("put {it} below `{home}:`, indented deeper")),
            None => finding.help(format!("write `{home}:` above {it}, and indent {it} deeper")),
        });
        told.extend(strays.iter().map(|entry| entry.key.span()));
    }
    told
}

/// The first few of some names.
fn listed(names: &[&str]) -> String {
    match names {
        [one] => format!("`{one}`"),
        [one, other] => format!("`{one}` and `{other}`"),
        [one, others @ ..] => format!("`{one}` and {} other keys", others.len()),
        [] => String::new(),
    }
}

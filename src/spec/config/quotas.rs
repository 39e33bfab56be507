//! `quotas` of rehearsal.yml: other figures for limits that AWS raises on request.
//!
//! A figure that would change nothing is an error: it would only seem to be in force.

use std::collections::BTreeMap;

use crate::spec::quotas::{self, Enforced, Quota};
use crate::spec::reading::{Reader, place};
use crate::spec::spelling::nearest;
use crate::syntax::{Entry, Style};

/// Reads the value of `quotas`.
pub(super) fn read<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> BTreeMap<String, u32> {
    let Some(mapping) = reader.mapping("quotas", entry) else { return BTreeMap::new() };
    let mut figures = BTreeMap::new();
    for entry in mapping.entries() {
        let Some(name) = reader.key("quotas", entry) else { continue };
        let Some(quota) = quotas::all().find(|quota| quota.name == name) else {
            unknown(reader, name, entry);
            continue;
        };
        if !changeable(reader, quota, entry) {
            continue;
        }
        let scalar = entry.value.scalar().filter(|scalar| scalar.style == Style::Plain);
        let figure = scalar.and_then(|scalar| scalar.text.parse::<u32>().ok()).filter(|figure| *figure > 0);
        if let Some(figure) = figure {
            figures.insert(name.to_owned(), figure);
        } else {
            let message = format!("`quotas.{name}` is no figure");
            let finding = reader.error("invalid-value", message, place(entry), "this does not fit");
            reader.push(finding.help("write a whole number: 1, 2, 3 and so on"));
        }
    }
    figures
}

fn unknown<'t>(reader: &mut Reader<'t>, name: &str, entry: Entry<'t>) {
    let service = name.split_once('.').map(|(service, _)| service);
    let of_service = quotas::all().filter(|quota| service == Some(quota.service()));
    let names: Vec<_> = of_service.map(|quota| quota.name).collect();
    let message = format!("there is no quota `{name}`");
    let finding = reader.error("unknown-key", message, entry.key.span(), "unknown");
    reader.push(match nearest(name, &names) {
        Some(meant) => finding.help(format!("write `{meant}`")),
        None => finding.help("`rehearsal quotas` lists them"),
    });
}

/// Whether another figure is possible and would do something.
fn changeable<'t>(reader: &mut Reader<'t>, quota: &Quota, entry: Entry<'t>) -> bool {
    let span = entry.key.span();
    let name = quota.name;
    let finding = match quota.enforced {
        _ if !quota.adjustable => {
            let message = format!("`{name}` is fixed: AWS does not raise it");
            reader.error("invalid-value", message, span, format!("always {}", quota.figure()))
        }
        Enforced::Not(why) => {
            let message = format!("`{name}` is not enforced here, so another figure would change nothing");
            reader.error("not-supported-yet", message, span, why)
        }
        Enforced::Check | Enforced::Run => return true,
    };
    reader.push(finding.help("remove it"));
    false
}

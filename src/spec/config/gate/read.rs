//! Reading `gates` from the tree. Whatever could make a gate judge less than its author meant is an error.

use std::collections::HashMap;

use super::{ActionName, Bound, Evaluation, Gate, Metric, Model, ReportGroupOf, Tests};
use crate::spec::Decimal;
use crate::spec::document::kind_words;
use crate::spec::reading::{Reader, head, place};
use crate::spec::schema::gates::{EVALUATION, GATE, METRIC, MODEL, REPORT, TESTS};
use crate::spec::spelling::{is_there, nearest, rename};
use crate::syntax::{Entry, Kind, Node, Span, Style};

/// With a meaning, and not there yet.
const METRIC_LATER: &[&str] = &["not-worse-than", "tolerance", "without-champion"];

/// Places of `line-coverage` behind the point, at most.
const PLACES: u32 = 6;

/// Reads the value of `gates`.
pub(in crate::spec::config) fn read<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> Vec<Gate> {
    let mut gates: Vec<Gate> = Vec::new();
    let mut stages: HashMap<(String, Option<String>), Span> = HashMap::new();
    for (path, item) in items(reader, "gates", entry) {
        let Some(gate) = gate(reader, &path, item) else { continue };
        if let Some(first) = stages.insert((gate.before.clone(), gate.pipeline.clone()), gate.span) {
            let message = format!("two gates stand before {}", gate.before);
            let finding = reader.error("invalid-value", message, gate.span, "again here");
            reader.push(finding.label(first, "first here").help("write all their conditions in one gate"));
        }
        gates.push(gate);
    }
    gates
}

fn gate<'t>(reader: &mut Reader<'t>, path: &str, item: Entry<'t>) -> Option<Gate> {
    let mapping = mapping(reader, path, item, GATE.names, &[])?;
    let before = required(reader, path, item, "before", "before: Deploy")?;
    let before = text(reader, &format!("{path}.before"), before).map(|text| (text, place(before)));
    let pipeline = mapping.entry("pipeline").map(|entry| text(reader, &format!("{path}.pipeline"), entry));
    let part = |reader: &mut Reader<'t>, key: &str| {
        mapping.entry(key).map(|entry| tests(reader, &format!("{path}.{key}"), entry))
    };
    let unit = part(reader, "unit");
    let integration = part(reader, "integration");
    let model = mapping.entry("model").map(|entry| model(reader, &format!("{path}.model"), entry));
    if unit.is_none() && integration.is_none() && model.is_none() {
        let span = head(mapping.source(), place(item));
        let finding = reader.error(
            "missing-key",
            format!("`{path}` asks for nothing"),
            span,
            "lets everything through",
        );
        reader.push(finding.help("say what it asks for: unit, integration or model"));
    }
    let (before, span) = before?;
    // A part that could not be read has left an error, so the gate is never used without it.
    let (unit, integration, model) = (unit.flatten(), integration.flatten(), model.flatten());
    Some(Gate { before, pipeline: pipeline.flatten(), unit, integration, model, span })
}

fn tests<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Option<Tests> {
    let mapping = mapping(reader, path, entry, TESTS.names, &[])?;
    let example = "reports: [{ action: Test/Unit, group: unit }]";
    let list = required(reader, path, entry, "reports", example)?;
    let list_path = format!("{path}.reports");
    let mut reports: Vec<ReportGroupOf> = Vec::new();
    for (path, item) in items(reader, &list_path, list) {
        let Some(report) = report(reader, &path, item) else { continue };
        if reports.iter().any(|other| {
            (&other.action.stage, &other.action.action, &other.group)
                == (&report.action.stage, &report.action.action, &report.group)
        }) {
            let message = format!("`{path}` is there already, and would count twice");
            reader.push(reader.error("invalid-value", message, report.action.span, "again here"));
        }
        reports.push(report);
    }
    let max_failures = mapping.entry("max-failures").and_then(|entry| {
        let path = format!("{path}.max-failures");
        let expected = "a count: 0, 1, 2 and so on";
        let number = number(reader, &path, entry, expected)?;
        if number.scaled(0).is_none() {
            invalid(reader, &path, entry, expected);
        }
        number.scaled(0)
    });
    let line_coverage = mapping.entry("line-coverage").and_then(|entry| {
        let path = format!("{path}.line-coverage");
        let expected = "percent as a number: 0 to 100, with six places at most";
        let number = number(reader, &path, entry, expected)?;
        if number.scaled(PLACES).is_none_or(|scaled| scaled > 100 * 10_u64.pow(PLACES)) {
            invalid(reader, &path, entry, expected);
        }
        Some(number)
    });
    Some(Tests { reports, max_failures, line_coverage })
}

fn report<'t>(reader: &mut Reader<'t>, path: &str, item: Entry<'t>) -> Option<ReportGroupOf> {
    mapping(reader, path, item, REPORT.names, &[])?;
    let action = required(reader, path, item, "action", "action: Test/Unit");
    let group = required(reader, path, item, "group", "group: unit");
    let action = action.and_then(|entry| action_name(reader, &format!("{path}.action"), entry));
    let group = group.and_then(|entry| text(reader, &format!("{path}.group"), entry));
    Some(ReportGroupOf { action: action?, group: group? })
}

fn model<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Option<Model> {
    mapping(reader, path, entry, MODEL.names, &[])?;
    let example = "evaluation: { action: Test/Model, path: evaluation.json }";
    let evaluation = required(reader, path, entry, "evaluation", example);
    let evaluation = evaluation.and_then(|entry| evaluation_of(reader, &format!("{path}.evaluation"), entry));
    let example = "conditions: [{ metric: binary_classification_metrics.accuracy.value, at-least: 0.9 }]";
    let list = required(reader, path, entry, "conditions", example)?;
    let list = items(reader, &format!("{path}.conditions"), list);
    let conditions = list.into_iter().filter_map(|(path, item)| metric(reader, &path, item)).collect();
    Some(Model { evaluation: evaluation?, conditions })
}

fn evaluation_of<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Option<Evaluation> {
    mapping(reader, path, entry, EVALUATION.names, &[])?;
    let action = required(reader, path, entry, "action", "action: Test/Model");
    let file = required(reader, path, entry, "path", "path: evaluation.json");
    let action = action.and_then(|entry| action_name(reader, &format!("{path}.action"), entry));
    let file = file.and_then(|entry| {
        let name = text(reader, &format!("{path}.path"), entry)?;
        let inside = name.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        if !inside {
            invalid(
                reader,
                &format!("{path}.path"),
                entry,
                "a path inside the artifact, such as out/evaluation.json",
            );
        }
        Some(name)
    });
    Some(Evaluation { action: action?, path: file? })
}

fn metric<'t>(reader: &mut Reader<'t>, path: &str, item: Entry<'t>) -> Option<Metric> {
    let mapping = mapping(reader, path, item, METRIC.names, METRIC_LATER)?;
    let metric =
        required(reader, path, item, "metric", "metric: binary_classification_metrics.accuracy.value");
    let metric = metric.and_then(|entry| {
        let metric = text(reader, &format!("{path}.metric"), entry)?;
        if metric.split('.').any(str::is_empty) {
            invalid(reader, &format!("{path}.metric"), entry, "keys joined by single dots");
        }
        Some(metric)
    });
    let bounds: Vec<_> =
        ["at-least", "at-most", "equals"].iter().filter_map(|key| mapping.entry(key)).collect();
    let bound = match bounds.as_slice() {
        [] if METRIC_LATER.iter().any(|key| mapping.entry(key).is_some()) => return None,
        [] => {
            let span = head(mapping.source(), place(item));
            let finding =
                reader.error("missing-key", format!("`{path}` has no bound"), span, "nothing is asked of it");
            reader.push(finding.help("add one of at-least, at-most and equals"));
            return None;
        }
        [only] => *only,
        [first, second, ..] => {
            let message = format!("`{path}` has two bounds");
            let finding = reader.error("invalid-value", message, second.key.span(), "and this");
            let help = "write one condition for each; all of them have to hold";
            reader.push(finding.label(first.key.span(), "this").help(help));
            return None;
        }
    };
    let key = bound.key.text().unwrap_or_default();
    let number = number(reader, &format!("{path}.{key}"), bound, "a number, such as 0.9")?;
    let bound = match key {
        "at-least" => Bound::AtLeast(number),
        "at-most" => Bound::AtMost(number),
        _ => Bound::Equals(number),
    };
    Some(Metric { metric: metric?, bound })
}

/// The mapping of an entry, whose keys are all known.
fn mapping<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    entry: Entry<'t>,
    known: &[&str],
    later: &[&str],
) -> Option<Node<'t>> {
    if entry.value.kind() != Kind::Mapping {
        reader.wrong_kind(path, entry, "a mapping");
        return None;
    }
    let mapping = entry.value;
    for entry in mapping.entries() {
        let Some(key) = reader.key(path, entry) else { continue };
        if known.contains(&key) {
            continue;
        }
        let span = entry.key.span();
        if later.contains(&key) {
            let message = format!("`{path}.{key}` is not supported yet");
            let finding =
                reader.error("not-supported-yet", message, span, "Rehearsal would have to ignore this");
            reader.push(finding.help("compare with a number for now: at-least, at-most or equals"));
            continue;
        }
        let finding = reader.error("unknown-key", format!("there is no `{path}.{key}`"), span, "unknown");
        reader.push(match nearest(key, known) {
            Some(meant) => rename(finding, span, known, meant, is_there(mapping, meant)),
            None => finding.help(format!("known here: {}", known.join(", "))),
        });
    }
    Some(mapping)
}

/// The items of a list that has some, each with its path.
fn items<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Vec<(String, Entry<'t>)> {
    match entry.value.kind() {
        Kind::Sequence if entry.value.items().len() > 0 => {
            let items = entry.value.items().enumerate();
            items
                .map(|(index, value)| (format!("{path}[{index}]"), Entry { key: entry.key, value }))
                .collect()
        }
        Kind::Sequence => {
            let finding =
                reader.error("missing-key", format!("`{path}` is empty"), place(entry), "asks for nothing");
            reader.push(finding);
            Vec::new()
        }
        Kind::Scalar | Kind::Mapping => {
            reader.wrong_kind(path, entry, "a list");
            Vec::new()
        }
    }
}

fn required<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    of: Entry<'t>,
    key: &str,
    example: &str,
) -> Option<Entry<'t>> {
    let found = of.value.entry(key);
    if found.is_none() {
        let span = head(of.value.source(), place(of));
        let finding = reader.error("missing-key", format!("`{path}` has no `{key}`"), span, "here");
        reader.push(finding.help(format!("add, for example, `{example}`")));
    }
    found
}

/// A text that says something.
fn text<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Option<String> {
    let text = reader.text(path, entry);
    if text.as_deref() == Some("") || (text.is_none() && entry.value.kind() == Kind::Scalar) {
        invalid(reader, path, entry, "a text");
        return None;
    }
    text
}

/// A number, as written. One in quotes is a text.
fn number<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>, expected: &str) -> Option<Decimal> {
    let plain = entry.value.scalar().filter(|scalar| scalar.style == Style::Plain);
    let number = plain.and_then(|scalar| scalar.text.parse().ok());
    if number.is_none() {
        invalid(reader, path, entry, expected);
    }
    number
}

fn action_name<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Option<ActionName> {
    let written = text(reader, path, entry)?;
    match written.split_once('/') {
        Some((stage, action)) if !stage.is_empty() && !action.is_empty() && !action.contains('/') => {
            Some(ActionName { stage: stage.to_owned(), action: action.to_owned(), span: place(entry) })
        }
        _ => {
            invalid(reader, path, entry, "a stage and an action, such as Test/Unit");
            None
        }
    }
}

fn invalid<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>, expected: &str) {
    let source = entry.value.source();
    let span = head(source, place(entry));
    let is = match entry.value.kind() {
        Kind::Scalar if entry.value.span().is_empty() => "empty".to_owned(),
        Kind::Scalar => format!("`{}`", source.slice(span)),
        Kind::Sequence | Kind::Mapping => kind_words(entry.value.kind()).to_owned(),
    };
    let finding = reader.error("invalid-value", format!("`{path}` is {is}"), span, "this does not fit");
    reader.push(finding.help(format!("write {expected}")));
}

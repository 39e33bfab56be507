//! `phases` (codebuild.md 1.7).
//!
//! Owns: phase names, commands, and what real files show of both: an empty item is skipped, a mapping is refused.

use regex::Regex;

use super::keys::{belongs, holds_phases, unknown_keys};
use super::on_failure;
use super::{Command, OnFailure, Phase, PhaseName, Phases};
use crate::spec::reading::{Reader, dash_before, head, place, replace};
use crate::spec::schema::buildspec::{INSTALL, PHASE, TOP};
use crate::spec::spelling::{is_misspelt, is_there, nearest, rename};
use crate::syntax::{Entry, Kind, Node, Span};

/// What a phase may have in place of `commands` where CodeBuild runs actions of GitHub (action-runner-buildspec in the guide).
const STEPS: &str = "steps";

/// A file needs no phases when each build of its `batch` names a buildspec of its own (codebuild.md 1.11): `apart`.
pub(super) fn read<'t>(reader: &mut Reader<'t>, root: Node<'t>, apart: bool) -> Phases {
    let mut phases = Phases::default();
    let entry = root.entry("phases");
    let is_filled =
        |node: Node<'_>| !node.is_null() && (node.kind() != Kind::Mapping || node.entries().next().is_some());
    let has_phases = entry.is_some_and(|entry| is_filled(entry.value))
        || is_misspelt(root, TOP.names, "phases")
        || root.entries().any(holds_phases);
    if !has_phases && !apart && !root.tree().is_partial() {
        let span = entry.map_or_else(|| head(root.source(), root.span()), |entry| entry.key.span());
        let finding = reader.error("missing-key", "the buildspec has no `phases`", span, "no phase here");
        let help = if root.get("batch").is_some() {
            "builds of the batch that name no `buildspec` run these phases: add `phases:`"
        } else {
            "add `phases:` with at least one of install, pre_build, build and post_build"
        };
        reader.push(finding.help(help));
    }
    let Some(mapping) = entry.and_then(|entry| reader.mapping("phases", entry)) else { return phases };
    for entry in mapping.entries() {
        let Some(key) = reader.key("phases", entry) else { continue };
        if let Some(name) = PhaseName::from_key(key) {
            *phases.get_mut(name) = phase(reader, name, entry);
            continue;
        }
        unknown_phase(reader, key, entry, mapping);
    }
    phases
}

fn unknown_phase<'t>(reader: &mut Reader<'t>, key: &str, entry: Entry<'t>, phases: Node<'t>) {
    let span = entry.key.span();
    let known = PhaseName::ALL.map(PhaseName::key);
    let finding = reader
        .error("unknown-phase", format!("`{key}` is not a build phase"), span, "CodeBuild stops here")
        .aws(format!(
            "YAML_FILE_ERROR: Invalid buildspec phase name: {key}. Expecting: build,install,post_build,pre_build"
        ));
    let finding = if let Some(help) = belongs("phases", key) {
        finding.help(help)
    } else if let Some(meant) = nearest(key, &known) {
        rename(finding, span, &known, meant, is_there(phases, meant))
    } else {
        finding.help("a phase is install, pre_build, build or post_build")
    };
    reader.push(finding);
}

fn phase<'t>(reader: &mut Reader<'t>, name: PhaseName, entry: Entry<'t>) -> Option<Phase> {
    let path = format!("phases.{}", name.key());
    if entry.value.is_null() {
        let message = format!("`{path}` is empty");
        reader.push(reader.warning("empty-value", message, entry.key.span(), "nothing runs here"));
        return Some(Phase::default());
    }
    let mapping = reader.mapping_around(&path, entry, "commands")?;
    let mut phase = Phase::default();
    for entry in mapping.entries() {
        let Some(key) = reader.key(&path, entry) else { continue };
        let path = format!("{path}.{key}");
        match key {
            "run-as" => phase.run_as = reader.filled(&path, entry),
            "on-failure" => phase.on_failure = on_failure(reader, &path, entry),
            "runtime-versions" if name == PhaseName::Install => {
                let is_empty = entry.value.kind() == Kind::Mapping && entry.value.entries().next().is_none();
                if entry.value.is_blank() || is_empty {
                    let message = format!("`{path}` is empty; it needs at least one runtime");
                    let span = entry.key.span();
                    reader.push(reader.warning("empty-value", message, span, "no runtime is selected"));
                }
                let before = reader.count();
                phase.runtime_versions =
                    reader.filled_pairs(&path, entry, "no version", "write a version, or `latest`");
                reader.help_since(before, "write one version a runtime: `python: 3.12`");
            }
            "commands" => {
                // A phase for its runtimes or its `finally` has them on purpose.
                let alone =
                    ["finally", "runtime-versions"].iter().all(|other| mapping.entry(other).is_none());
                phase.commands = commands(reader, &path, entry, alone);
            }
            "finally" => phase.finally = commands(reader, &path, entry, false),
            STEPS => {
                let message = format!(
                    "`{path}` are steps of GitHub Actions, which are not rehearsed: none of them runs here"
                );
                let finding = reader.warning("not-supported-yet", message, entry.key.span(), "passed over");
                reader.push(finding);
            }
            _ => {}
        }
    }
    let known = if name == PhaseName::Install { INSTALL } else { PHASE };
    let is_there = mapping.entry("commands").is_some() || is_misspelt(mapping, known.names, "commands");
    let has_steps = mapping.entry(STEPS).is_some();
    // Of runtimes in another phase that is said.
    let has_runtimes = mapping.entry("runtime-versions").is_some();
    if !is_there && !has_steps && !has_runtimes && name != PhaseName::Install {
        let message = format!("`{path}` has no `commands`, which are documented as required");
        reader.push(reader.warning("missing-key", message, entry.key.span(), "no commands here"));
    }
    let known: Vec<_> = known.names.iter().copied().chain(has_steps.then_some(STEPS)).collect();
    unknown_keys(reader, &path, mapping, &known);
    Some(phase)
}

fn on_failure<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Option<OnFailure> {
    let text = reader.word(path, entry)?;
    match on_failure::parse(&text) {
        Ok(on_failure) => {
            if let OnFailure::Retry { pattern: Some(pattern), .. } = &on_failure
                && let Err(error) = Regex::new(pattern)
            {
                let why = error.to_string();
                let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                let message = format!("`{pattern}` is no regular expression: {why}");
                let finding = reader.warning("invalid-value", message, place(entry), "matches nothing");
                reader.push(finding.help("AWS does not say which dialect it reads; RE2 is the best guess"));
            }
            Some(on_failure)
        }
        Err(wrong) => {
            let finding = reader.error("invalid-value", wrong.message, place(entry), "unknown value");
            reader.push(finding.help(wrong.help));
            None
        }
    }
}

/// A list of commands, which the phase is `alone` for, or not. Brackets with nothing between them are meant.
fn commands<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>, alone: bool) -> Vec<Command> {
    match entry.value.kind() {
        Kind::Scalar => {
            let Some(text) = entry.value.text() else {
                let (message, span) = (format!("`{path}` is empty"), entry.key.span());
                reader.push(if alone {
                    reader.warning("empty-value", message, span, "nothing runs here")
                } else {
                    reader.advice("empty-value", message, span, "nothing runs here")
                });
                return Vec::new();
            };
            reader.one_for_many(path, entry);
            vec![Command { text: text.to_owned(), span: entry.value.span() }]
        }
        Kind::Mapping => {
            let before = reader.count();
            reader.wrong_kind(path, entry, "a list of commands");
            reader.help_since(before, "begin each command with `- `");
            Vec::new()
        }
        Kind::Sequence if entry.value.items().len() == 0 => {
            let message = format!("`{path}` is empty");
            reader.push(reader.advice("empty-value", message, place(entry), "nothing runs here"));
            Vec::new()
        }
        Kind::Sequence => {
            let items = entry.value.items().enumerate();
            // Items without anything are not all taken away: nothing at all is said of in another way.
            let some = entry.value.items().any(|item| !item.is_null());
            items.filter_map(|(index, item)| command(reader, path, index, (entry, some), item)).collect()
        }
    }
}

/// The tag of an item that has nothing else: `!make`.
fn tag_before(item: Node<'_>) -> Option<Span> {
    item.tag()?;
    let before = item.source().text().get(..item.span().start as usize)?.trim_end();
    let at = before.rfind(|c: char| c.is_whitespace())? + 1;
    let [start, end] = [at, before.len()].map(|at| u32::try_from(at).unwrap_or(u32::MAX));
    before[at..].starts_with('!').then_some(Span::new(start, end))
}

/// The `|` or `>` of a block of text with nothing in it.
fn block_head(item: Node<'_>) -> Option<Span> {
    let before = item.source().text().get(..item.span().start as usize)?.trim_end();
    let at = before.rfind(['|', '>'])?;
    let is_head = before[at + 1..].chars().all(|c| c.is_ascii_digit() || "+-".contains(c));
    let [start, end] = [at, before.len()].map(|at| u32::try_from(at).unwrap_or(u32::MAX));
    is_head.then_some(Span::new(start, end))
}

fn command<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    index: usize,
    (entry, some): (Entry<'t>, bool),
    item: Node<'t>,
) -> Option<Command> {
    let source = item.source();
    if item.is_null()
        && let Some(span) = tag_before(item)
    {
        let tag = source.slice(span);
        let message = format!("`{tag}` is a tag of YAML, and no command");
        let finding = reader.warning("yaml-tag", message, span, "nothing runs here");
        let fix = replace(span, format!("'{tag}'"));
        reader
            .push(finding.help(format!("put it in quotes: - '{tag}'")).fix("Put the command in quotes", fix));
        return None;
    }
    if item.is_null() {
        let span = dash_before(item).unwrap_or_else(|| place(entry));
        let message = format!("`{path}[{index}]` is empty");
        let finding =
            reader.warning("empty-command", message, span, "nothing runs here").help("remove the `-`");
        reader.push(match line_of_dash(item).filter(|_| some) {
            Some(line) => finding.fix("Remove the line", replace(line, "")),
            None => finding,
        });
        return None;
    }
    let mut finding = match item.kind() {
        Kind::Scalar => {
            let text = item.text().unwrap_or_default();
            if text.trim().is_empty() {
                let span = if source.slice(item.span()).trim().is_empty() {
                    block_head(item).or_else(|| dash_before(item)).unwrap_or_else(|| place(entry))
                } else {
                    item.span()
                };
                let message = format!("`{path}[{index}]` is empty");
                let finding = reader.warning("empty-command", message, span, "nothing runs here");
                reader.push(finding.help("write the command, or remove the item"));
            }
            return Some(Command { text: item.text().unwrap_or_default().to_owned(), span: item.span() });
        }
        Kind::Mapping => {
            let message = format!("`{path}[{index}]` is a mapping, not a command");
            let finding = reader.error(
                "command-not-a-string",
                message,
                head(source, item.span()),
                "`: ` makes it a mapping",
            );
            // A last `:` has nothing behind it, and is not in the mapping's span.
            let end = item.span().end;
            let colon = u32::from(source.slice(Span::new(end, end + 1)) == ":");
            let whole = Span::new(item.span().start, end + colon);
            let written = source.slice(whole);
            // A line that goes on with it would be cut off.
            let next = source.line_span(source.position(whole.end).line + 1).map(|line| source.slice(line));
            let goes_on = next.is_some_and(|next| {
                let column = next.len() - next.trim_start().len();
                let is_other = next.trim_start().starts_with("- ")
                    || next.trim().is_empty()
                    || next.trim_start().starts_with('#');
                !is_other && column + 1 >= source.position(whole.start).column as usize
            });
            if written.contains('\n') || written.starts_with('{') || goes_on {
                finding.help("write it below `- |`, or put it in quotes")
            } else {
                let quoted = format!("'{}'", written.replace('\'', "''"));
                let fix = replace(whole, quoted.clone());
                finding.help(format!("put it in quotes: - {quoted}")).fix("Put the command in quotes", fix)
            }
        }
        Kind::Sequence => {
            let message = format!("`{path}[{index}]` is a list, not a command");
            let span = head(source, item.span());
            let help = if source.slice(item.span()).starts_with('*') {
                "one alias stands for a whole list: `commands: *name`, without `- `"
            } else {
                "put it in quotes"
            };
            reader.error("command-not-a-string", message, span, "a list").help(help)
        }
    };
    if item.kind() == Kind::Mapping && path.ends_with("commands") {
        let line = source.position(item.span().start).line;
        finding = finding.aws(format!(
            "YAML_FILE_ERROR: Expected Commands[{index}] to be of string type: found subkeys instead at line {line}, \
             value of the key tag on line {} might be empty",
            line.saturating_sub(1)
        ));
    }
    reader.push(finding);
    None
}

/// The line of an item when there is nothing on it but its dash.
fn line_of_dash(item: Node<'_>) -> Option<Span> {
    let source = item.source();
    let number = source.position(dash_before(item)?.start).line;
    let line = source.line_span(number).filter(|line| source.slice(*line).trim() == "-")?;
    Some(Span::new(line.start, source.line_span(number + 1).map_or(line.end, |next| next.start)))
}

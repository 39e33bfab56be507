//! What follows from another finding, and is not said beside it.
//!
//! Owns: which of several findings in a buildspec come of one slip, as the layout of the file shows: a block whose keys stand
//! beside it, a text that swallowed the item below it. Leaves to `misspelt`: what follows from a misspelt key.

use crate::diagnostic::{Finding, Severity};
use crate::rules::{
    batch_structure, command_not_a_string, empty_value, exported_variable, invalid_value, item_in_text,
    lost_shell_state, missing_key, not_a_command, shell_syntax, string_for_list, unknown_key, unknown_phase,
    wrong_kind, yaml_duplicate_key, yaml_syntax,
};
use crate::spec::FileKind;
use crate::spec::buildspec::may_hold;
use crate::syntax::{Entry, Kind, Node, Position, Span, Tree};

/// Makes one finding of those that come of one slip.
pub(super) fn gather(kind: FileKind, tree: &Tree, findings: &mut Vec<Finding>) {
    if kind != FileKind::Buildspec || findings.len() < 2 {
        return;
    }
    if findings
        .iter()
        .any(|finding| [item_in_text::RULE.code, string_for_list::RULE.code].contains(&finding.code))
    {
        swallowed(tree, findings);
    }
    let misplaced = [unknown_key::RULE.code, unknown_phase::RULE.code];
    if findings.iter().any(|finding| misplaced.contains(&finding.code)) {
        beside(tree.root(), findings);
    }
}

/// A line that goes on with a command which YAML takes for a mapping cannot be read either: that is one slip.
pub(super) fn go_on(tree: &Tree, findings: &mut Vec<Finding>) {
    let place = |finding: &Finding| tree.source().position(finding.primary.span.start);
    let is_mapping = |finding: &&Finding| finding.code == command_not_a_string::RULE.code;
    let commands: Vec<_> = findings.iter().filter(is_mapping).map(place).collect();
    if commands.is_empty() {
        return;
    }
    findings.retain(|finding| {
        let at = place(finding);
        let goes_on = |command: &Position| at.line == command.line + 1 && at.column >= command.column;
        finding.code != yaml_syntax::RULE.code || !commands.iter().any(goes_on)
    });
}

/// A text that holds more than one item is no command, and no name, of its own.
fn swallowed(tree: &Tree, findings: &mut Vec<Finding>) {
    let follows = [
        command_not_a_string::RULE.code,
        exported_variable::RULE.code,
        invalid_value::RULE.code,
        lost_shell_state::RULE.code,
        not_a_command::RULE.code,
        shell_syntax::RULE.code,
    ];
    let texts: Vec<Span> = findings
        .iter()
        .filter(|finding| {
            finding.code == item_in_text::RULE.code || finding.code == string_for_list::RULE.code
        })
        .filter_map(|finding| {
            tree.scalars().map(|(span, _)| span).find(|span| holds(*span, finding.primary.span))
        })
        .filter(|span| tree.source().slice(*span).contains('\n'))
        .collect();
    let text_of = |finding: &Finding| texts.iter().copied().find(|span| holds(*span, finding.primary.span));
    let mut failing: Vec<Span> = Vec::new();
    findings.retain(|finding| {
        let text = text_of(finding).filter(|_| follows.contains(&finding.code));
        failing.extend(text.filter(|_| finding.severity == Severity::Error));
        text.is_none()
    });
    // As bad as what it does to the command.
    for finding in findings.iter_mut().filter(|finding| finding.code == item_in_text::RULE.code) {
        if failing.iter().any(|span| holds(*span, finding.primary.span)) {
            finding.severity = Severity::Error;
        }
    }
    // Of a list that is a text with dashes in it, one of the two is enough.
    let lists: Vec<Span> = texts
        .into_iter()
        .filter(|span| {
            let is_list = |finding: &Finding| {
                finding.code == string_for_list::RULE.code && finding.severity > Severity::Advice
            };
            findings.iter().any(|finding| is_list(finding) && holds(*span, finding.primary.span))
        })
        .collect();
    findings.retain(|finding| {
        finding.code != item_in_text::RULE.code
            || !lists.iter().any(|span| holds(*span, finding.primary.span))
    });
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Blocks that are empty while their keys stand beside them.
fn beside(node: Node<'_>, findings: &mut Vec<Finding>) {
    if node.kind() != Kind::Mapping {
        return;
    }
    let entries: Vec<Entry<'_>> = node.written_entries().collect();
    let mut at = 0;
    while let Some(empty) = entries.get(at) {
        at += 1;
        beside(empty.value, findings);
        let Some(section) = empty.key.text().filter(|_| empty.value.is_null()) else { continue };
        let is_child = |entry: &&Entry<'_>| may_hold(section, **entry) && is_misplaced(**entry, findings);
        let children: Vec<Entry<'_>> = if section == "phases" {
            // Other blocks may stand between them.
            entries[at..].iter().filter(is_child).copied().collect()
        } else {
            entries[at..].iter().take_while(is_child).copied().collect()
        };
        if children.is_empty() {
            continue;
        }
        one(section, *empty, &children, findings);
    }
}

/// The codes of what is said of a key that stands where it does not belong.
const MISPLACED: [&str; 4] =
    [unknown_key::RULE.code, unknown_phase::RULE.code, wrong_kind::RULE.code, yaml_duplicate_key::RULE.code];

/// Whether it is told of an entry that it does not belong where it stands.
fn is_misplaced(entry: Entry<'_>, findings: &[Finding]) -> bool {
    findings.iter().any(|finding| MISPLACED.contains(&finding.code) && is_at(finding, entry))
}

/// Whether a finding is about an entry, and not about what stands further down in it.
fn is_at(finding: &Finding, entry: Entry<'_>) -> bool {
    [entry.key.span(), entry.value.span()].contains(&finding.primary.span)
}

/// Says once that these stand beside an empty block, where each was told by itself.
fn one(section: &str, empty: Entry<'_>, children: &[Entry<'_>], findings: &mut Vec<Finding>) {
    let is_one_of = |finding: &Finding| {
        let is_within =
            |child: &Entry<'_>| is_at(finding, *child) || holds(child.span(), finding.primary.span);
        MISPLACED.contains(&finding.code) && children.iter().any(is_within)
    };
    let (mut told, rest): (Vec<_>, Vec<_>) = std::mem::take(findings).into_iter().partition(is_one_of);
    *findings = rest;
    told.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.primary.span));
    let is_of_empty = |finding: &Finding| is_at(finding, empty);
    // Where the block itself is in a wrong place, the keys follow from that.
    if findings.iter().any(|finding| is_of_empty(finding) && finding.code == unknown_key::RULE.code) {
        return;
    }
    let follows = [empty_value::RULE.code, missing_key::RULE.code, batch_structure::RULE.code];
    let mut severity = Severity::Advice;
    findings.retain(|finding| {
        let is_follower = is_of_empty(finding) && follows.contains(&finding.code);
        severity = if is_follower { severity.max(finding.severity) } else { severity };
        !is_follower
    });
    let Some(first) = told.into_iter().next() else { return };
    let severity = severity.max(first.severity);
    let names: Vec<_> =
        children.iter().filter_map(|child| child.key.text()).map(|name| format!("`{name}`")).collect();
    let (stand, them) = if let [_] = names[..] { ("stands", "it") } else { ("stand", "them") };
    let names = match &names[..] {
        [first, second, third, _, ..] => format!("{first}, {second}, {third} and more"),
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        _ => names.concat(),
    };
    let message = format!("{names} {stand} beside `{section}`, and not below it");
    let mut finding = Finding { message, severity, fix: None, ..first };
    finding.primary.span = children.first().map_or(finding.primary.span, |child| child.key.span());
    finding.primary.text = format!("indent {them} deeper than `{section}`");
    let finding = finding.label(empty.key.span(), "nothing below it");
    findings.push(finding.help(format!("begin the lines below `{section}:` with two more spaces")));
}

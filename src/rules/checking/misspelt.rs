//! What is wrong below misspelt keys, said in the same run.
//!
//! Owns: reading a file once more with such keys as they were meant. A section below `artifact:` is looked at like one below
//! `artifacts:`, though AWS passes it over as it stands.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::once;
use crate::diagnostic::{Finding, Severity};
use crate::rules::{unknown_key, unknown_phase};
use crate::spec::FileKind;
use crate::syntax::{Parsed, SourceFile, Span, Tree};

/// How often a misspelt key is looked for below another one.
const MOST_LAYERS: usize = 3;

/// Adds what is only found once misspelt keys are read as they were meant: no worse than what is said of the keys.
pub(super) fn below(kind: FileKind, source: &Arc<SourceFile>, parsed: &Parsed, findings: &mut Vec<Finding>) {
    let mut renamed: Option<Parsed> = None;
    let place = |finding: &Finding| (finding.code, finding.primary.span);
    let mut known: HashSet<_> = findings.iter().map(place).collect();
    let mut names: Vec<_> = findings.iter().filter_map(meant).collect();
    for _ in 0..MOST_LAYERS {
        let Some(worst) = names.iter().map(|(.., severity)| *severity).max() else { return };
        let Some(tree) = renamed.as_ref().unwrap_or(parsed).tree.as_ref() else { return };
        let keys: HashMap<_, _> = names.iter().map(|(span, name, _)| (*span, name.as_str())).collect();
        let again = Parsed { tree: Some(tree.with_scalars(&keys)), problems: parsed.problems.clone() };
        let sections = tree.entries_at(&keys);
        let found = once(kind, source, &again).findings;
        follow(findings, &found.iter().map(place).collect(), &names);
        let new: Vec<_> = found
            .into_iter()
            .filter(|finding| known.insert(place(finding)))
            // That a misspelt key has nothing below it is of no account beside its spelling.
            .filter(|finding| finding.code != "empty-value" || !keys.contains_key(&finding.primary.span))
            .map(|finding| {
                let at = finding.primary.span;
                // Sections do not overlap, but for those in each other.
                let before = sections.partition_point(|(key, _)| key.start <= at.start);
                let holds = |(key, value): &&(Span, Span)| at.end <= value.end.max(key.end);
                let section = sections[..before].iter().rev().take(MOST_LAYERS).find(holds);
                let key = section.or_else(|| sections.first()).map(|(key, _)| *key);
                Finding { severity: finding.severity.min(worst), below: key, ..finding }
            })
            .collect();
        names = new.iter().filter_map(meant).collect();
        findings.extend(new);
        renamed = Some(again);
    }
}

/// The tree of a file with its misspelt keys as they were meant: what other files need of it is there.
pub fn as_meant(kind: FileKind, source: &Arc<SourceFile>, parsed: Parsed) -> Option<Tree> {
    let mut parsed = parsed;
    for _ in 0..MOST_LAYERS {
        let found = once(kind, source, &parsed).findings;
        let names: HashMap<_, _> =
            found.iter().filter_map(meant).map(|(span, name, _)| (span, name)).collect();
        if names.is_empty() {
            break;
        }
        let keys: HashMap<_, _> = names.iter().map(|(span, name)| (*span, name.as_str())).collect();
        parsed.tree = parsed.tree.map(|tree| tree.with_scalars(&keys));
    }
    parsed.tree
}

/// Whether a finding is about a key that surely was meant to be another one.
pub fn is_slip(finding: &Finding) -> bool {
    meant(finding).is_some()
}

/// What misspelt keys of files have to do with other files; each with the name of the file of the keys.
#[derive(Debug, Default)]
pub struct Slips {
    /// Wrong only because of them.
    pub taken: Vec<(String, Finding)>,
    /// Wrong once they are as they were meant.
    pub more: Vec<(String, Finding)>,
}

/// Takes away what is wrong between files only because of misspelt keys in one of them: what is not wrong with the files as they
/// were `meant`. The keys of a file that such a finding names are as bad as it. What is wrong with the files as they were meant alone
/// is told too, no worse than the keys.
///
/// Both go by the file whose keys they come from: where these are silenced, the former is to be told, and not the latter.
pub fn follow_slips(findings: &mut [Finding], together: &mut Vec<Finding>, meant: Vec<Finding>) -> Slips {
    let place = |finding: &Finding| (finding.code, finding.source.name().to_owned(), finding.primary.span);
    let files: HashSet<_> = findings
        .iter()
        .filter(|finding| is_slip(finding))
        .map(|finding| finding.source.name().to_owned())
        .collect();
    let of_file = |finding: &Finding| {
        let texts = [Some(&finding.message), finding.help.as_ref(), Some(&finding.primary.text)];
        let names = |file: &&String| texts.iter().flatten().any(|text| text.contains(file.as_str()));
        files.iter().filter(names).max_by_key(|file| (file.len(), *file)).cloned()
    };
    let still: HashSet<_> = meant.iter().map(place).collect();
    let known: HashSet<_> = together.iter().map(place).collect();
    let mut taken = Vec::new();
    together.retain(|finding| {
        let file = of_file(finding).filter(|_| !still.contains(&place(finding)));
        taken.extend(file.iter().map(|file| (file.clone(), finding.clone())));
        file.is_none()
    });
    let mut worst: HashMap<String, Severity> = HashMap::new();
    for finding in findings.iter_mut().filter(|finding| is_slip(finding)) {
        let name = finding.source.name();
        let follows = taken.iter().filter(|(file, _)| file == name).map(|(_, taken)| taken.severity);
        finding.severity = follows.max().map_or(finding.severity, |most| most.max(finding.severity));
        let severity = worst.entry(name.to_owned()).or_insert(finding.severity);
        *severity = finding.severity.max(*severity);
    }
    let new = meant.into_iter().filter(|finding| !known.contains(&place(finding)));
    let more = new.filter_map(|finding| {
        let only = files.iter().next().filter(|_| files.len() == 1).cloned();
        let file = of_file(&finding).or(only)?;
        let most = *worst.get(&file)?;
        Some((file, Finding { severity: finding.severity.min(most), ..finding }))
    });
    Slips { more: more.collect(), taken }
}

/// Takes away what is wrong only because of misspelt keys: that is said of the keys. They are as bad as what follows from them.
fn follow(findings: &mut Vec<Finding>, still: &HashSet<(&str, Span)>, names: &[(Span, String, Severity)]) {
    let mut worse: Vec<(Span, Severity)> = Vec::new();
    findings.retain(|finding| {
        let at = finding.primary.span;
        if is_of_key(finding) || still.contains(&(finding.code, at)) {
            return true;
        }
        let near = names.iter().map(|(key, ..)| *key).min_by_key(|key| key.start.abs_diff(at.start));
        worse.extend(near.map(|key| (key, finding.severity)));
        near.is_none()
    });
    for finding in findings.iter_mut().filter(|finding| is_of_key(finding)) {
        let follows = worse.iter().filter(|(key, _)| *key == finding.primary.span);
        let most = follows.map(|(_, severity)| *severity).max();
        finding.severity = finding.severity.max(most.unwrap_or(Severity::Advice));
    }
}

/// Takes away what is wrong below keys that nothing is said of any more: who wants such a key does not mean another one.
pub fn drop_orphans(findings: &mut Vec<Finding>) {
    let place = |finding: &Finding, span: Span| (finding.source.name().to_owned(), span);
    for _ in 0..MOST_LAYERS {
        if findings.iter().all(|finding| finding.below.is_none()) {
            return;
        }
        let keys = findings.iter().filter(|finding| is_of_key(finding));
        let told: HashSet<_> = keys.map(|finding| place(finding, finding.primary.span)).collect();
        findings.retain(|finding| finding.below.is_none_or(|key| told.contains(&place(finding, key))));
    }
}

fn is_of_key(finding: &Finding) -> bool {
    [unknown_key::RULE.code, unknown_phase::RULE.code].contains(&finding.code)
}

/// The key that a finding is about, with the name it was meant to be: where that is a slip, and nothing else has this name.
fn meant(finding: &Finding) -> Option<(Span, String, Severity)> {
    let [edit] = &finding.fix.as_ref().filter(|fix| fix.is_safe && is_of_key(finding))?.edits[..] else {
        return None;
    };
    let name = edit.replacement.trim_matches(['"', '\'']).to_owned();
    (edit.span == finding.primary.span).then_some((edit.span, name, finding.severity))
}

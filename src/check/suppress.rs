//! Applying suppressions: what comments silence, and what is said of the comments themselves.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Silenced, Silencer};
use crate::diagnostic::suppression::{self, Code, Scope, Suppression, Suppressions};
use crate::diagnostic::{Edit, Finding};
use crate::rules::{self, Check, record::Rule};
use crate::syntax::{SourceFile, Tree};

/// What a finding of these codes says is about suppressions: it would have to be silenced by another of them.
const OWN: [&str; 3] = ["invalid-suppression", "unused-suppression", "suppression-without-reason"];

/// With so many findings some of the file were left out, so that of none can be said that it is not there.
const MANY: usize = 100;

/// A file with suppressions.
pub(super) struct Marked {
    source: Arc<SourceFile>,
    suppressions: Suppressions,
    /// Whether all of the file was read.
    is_whole: bool,
    /// Whether what files say of each other was looked at.
    is_among_all: bool,
}

impl Marked {
    /// The suppressions of a file; none for a file without any.
    pub(super) fn of(tree: &Tree, is_among_all: bool) -> Option<Self> {
        let suppressions = suppression::read(tree);
        (suppressions != Suppressions::default()).then(|| Self {
            source: Arc::clone(tree.source()),
            suppressions,
            is_whole: !tree.is_partial(),
            is_among_all,
        })
    }
}

/// Takes out what is suppressed, and adds what is wrong with the suppressions.
pub(super) fn apply(findings: Vec<Finding>, marked: &[Marked], silenced: &mut Vec<Silenced>) -> Vec<Finding> {
    if marked.is_empty() {
        return findings;
    }
    let by_name: HashMap<&str, usize> =
        marked.iter().enumerate().map(|(index, file)| (file.source.name(), index)).collect();
    let mut used: Vec<Vec<Vec<bool>>> = marked
        .iter()
        .map(|file| file.suppressions.known.iter().map(|one| vec![false; one.codes.len()]).collect())
        .collect();
    let mut unsure: Vec<bool> = marked.iter().map(|file| !file.is_whole).collect();
    let mut counts = vec![0; marked.len()];
    let mut kept = Vec::new();
    for finding in findings {
        let Some(file) = by_name.get(finding.source.name()).copied() else {
            kept.push(finding);
            continue;
        };
        counts[file] += 1;
        unsure[file] |= rules::is_unreadable(finding.code) || counts[file] >= MANY;
        match matching(&marked[file].suppressions.known, &finding) {
            Some((suppression, code)) => {
                used[file][suppression][code] = true;
                let reason = marked[file].suppressions.known[suppression].reason.clone();
                silenced.push(Silenced { finding, by: Silencer::Comment { reason } });
            }
            None => kept.push(finding),
        }
    }
    for ((file, used), unsure) in marked.iter().zip(&used).zip(unsure) {
        for misread in &file.suppressions.misread {
            let finding = Finding::warning(
                "invalid-suppression",
                format!("this comment silences nothing: {}", misread.why),
                &file.source,
                misread.span,
                "not understood",
            );
            kept.push(finding.help("write `# rehearsal: ignore[CODE] reason`"));
        }
        for (suppression, used) in file.suppressions.known.iter().zip(used) {
            said_of(file, suppression, used, unsure, &mut kept);
        }
    }
    kept
}

/// The suppression of a finding, and the code in it; one of its line before one of the whole file.
fn matching(suppressions: &[Suppression], finding: &Finding) -> Option<(usize, usize)> {
    if !can_be_silenced(finding.code) {
        return None;
    }
    let line = finding.source.position(finding.primary.span.start).line;
    let all = suppressions.iter().enumerate().filter(|(_, one)| one.covers(line));
    let named = all.filter_map(|(index, one)| {
        let code = one.codes.iter().position(|code| code.name == finding.code)?;
        Some((one.scope == Scope::File, (index, code)))
    });
    named.min_by_key(|(of_file, _)| *of_file).map(|(_, place)| place)
}

fn can_be_silenced(code: &str) -> bool {
    !rules::is_unreadable(code) && !OWN.contains(&code)
}

/// What is wrong with a suppression.
fn said_of(
    file: &Marked,
    suppression: &Suppression,
    used: &[bool],
    unsure: bool,
    findings: &mut Vec<Finding>,
) {
    let source = &file.source;
    let mut idle = Vec::new();
    for (code, used) in suppression.codes.iter().zip(used) {
        let name = code.name.as_str();
        let invalid = |message: String, label: &str| {
            Finding::warning("invalid-suppression", message, source, code.span, label)
        };
        match rules::find(name) {
            None => {
                let finding = invalid(format!("no finding has the code `{name}`"), "unknown");
                findings.push(match rules::meant(name) {
                    Some(meant) => finding.help(format!("write `{meant}`")).suggest(
                        format!("Write `{meant}`"),
                        vec![Edit { span: code.span, replacement: meant.to_owned() }],
                    ),
                    None => finding.help("docs/rules.md lists the codes"),
                });
            }
            Some(_) if !can_be_silenced(name) => {
                let message = format!("`{name}` cannot be silenced");
                findings.push(invalid(message, "always reported").help("remove it"));
            }
            Some(rule) if !used && !unsure && is_looked_for(rule, file) => idle.push(code),
            Some(_) => {}
        }
    }
    if idle.len() == suppression.codes.len() {
        findings.push(all_unused(source, suppression));
    } else {
        findings.extend(idle.into_iter().map(|code| unused(source, suppression, code)));
        if suppression.reason.is_empty() {
            let message = "this suppression does not say why";
            let finding = Finding::advice(
                "suppression-without-reason",
                message,
                source,
                suppression.span,
                "no reason here",
            );
            findings.push(finding.help("write a few words after the bracket"));
        }
    }
}

/// Whether the absence of a finding means anything: what files say of each other shows only when all are checked.
fn is_looked_for(rule: &Rule, file: &Marked) -> bool {
    match rule.check {
        Check::Called(_) | Check::Across(_) | Check::Built(_) | Check::Pipelines(_) | Check::Starting => {
            file.is_among_all
        }
        Check::Reading | Check::Text(_) | Check::Broken(_) | Check::AppSpec(_) | Check::Buildspec(_) => true,
    }
}

fn all_unused(source: &Arc<SourceFile>, suppression: &Suppression) -> Finding {
    let codes: Vec<_> = suppression.codes.iter().map(|code| format!("`{}`", code.name)).collect();
    let (message, label) = (format!("{} is not found here", codes.join(", ")), "silences nothing");
    let finding =
        Finding::warning("unused-suppression", message, source, suppression.span, label).help("remove it");
    match suppression.removal {
        Some(span) => finding.fix("Remove the comment", vec![Edit { span, replacement: String::new() }]),
        None => finding,
    }
}

fn unused(source: &Arc<SourceFile>, suppression: &Suppression, code: &Code) -> Finding {
    let message = format!("`{}` is not found here", code.name);
    let finding = Finding::warning("unused-suppression", message, source, code.span, "silences nothing")
        .help("remove it");
    match suppression.removal {
        Some(_) => {
            let edit = Edit { span: code.removal, replacement: String::new() };
            finding.fix("Remove the code from the list", vec![edit])
        }
        None => finding,
    }
}

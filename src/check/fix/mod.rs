//! Repairing files: `rehearsal check --fix`.
//!
//! Owns: which of the safe fixes are made together, and that each is tried on a copy first: the result is read again, and a
//! fix stands only when its finding is gone, nothing that AWS would refuse came for it, and there is less to report than
//! before. Whatever is not part of an edit stays as it is, byte for byte. Leaves to `cli`: writing files.

use std::collections::BTreeMap;

use super::{Content, Input, Place, Report, check};
use crate::diagnostic::{Edit, Finding};
use crate::syntax::{self, Span};

/// Looks at one file, at most: fixes that spoil each other are tried one by one.
const MOST_TRIES: usize = 200;

/// What came of repairing a file.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// Which of the inputs.
    pub index: usize,
    /// The content as it was.
    pub before: Vec<u8>,
    /// The new content.
    pub bytes: Vec<u8>,
    /// How many findings were repaired.
    pub repaired: usize,
    /// Findings whose fix did more harm than good.
    pub left_out: Vec<Finding>,
}

/// Repairs what is `wanted` and has a safe fix, in each file that has any. Nothing is written.
pub fn fix(
    inputs: &[Input],
    place: &Place<'_>,
    report: &Report,
    wanted: &dyn Fn(&Finding) -> bool,
) -> Vec<Fixed> {
    let fixable = |input: &Input| {
        let of_file = report.findings.iter().filter(|finding| finding.source.name() == input.name);
        of_file.into_iter().any(|finding| wanted(finding) && is_safe(finding))
    };
    let inputs = inputs.iter().enumerate().filter(|(_, input)| fixable(input));
    // One that is gone meanwhile has nothing that could be repaired.
    let read =
        inputs.filter_map(|(index, input)| Some((index, input, input.read(place.files).ok()?.into_owned())));
    read.map(|(index, input, before)| Repair { input, place, wanted, tries: 0 }.run(index, before)).collect()
}

/// The inputs with the repaired ones in place of the others.
pub fn repaired(inputs: &[Input], fixed: &[Fixed]) -> Vec<Input> {
    let mut inputs = inputs.to_vec();
    for file in fixed {
        if let Some(input) = inputs.get_mut(file.index) {
            input.content = Content::Bytes(file.bytes.clone());
        }
    }
    inputs
}

fn is_safe(finding: &Finding) -> bool {
    finding.fix.as_ref().is_some_and(|fix| fix.is_safe && !fix.edits.is_empty())
}

struct Repair<'a> {
    input: &'a Input,
    place: &'a Place<'a>,
    wanted: &'a dyn Fn(&Finding) -> bool,
    tries: usize,
}

impl Repair<'_> {
    fn run(mut self, index: usize, before: Vec<u8>) -> Fixed {
        let source = syntax::decode(&self.input.name, &before);
        let mut fixed = Fixed { index, bytes: before.clone(), before, repaired: 0, left_out: Vec::new() };
        let Ok(source) = source else { return fixed };
        let mut text = source.text().to_owned();
        let mut now = self.look(&text);
        while self.tries < MOST_TRIES {
            let possible: Vec<_> = now
                .iter()
                .filter(|finding| (self.wanted)(finding) && is_safe(finding))
                .filter(|finding| !fixed.left_out.iter().any(|left| is_same(left, finding)))
                .collect();
            let together = apart(&possible);
            if together.is_empty() {
                break;
            }
            if let Some((better, after)) = self.attempt(&text, &now, &together) {
                fixed.repaired += together.len();
                (text, now) = (better, after);
                continue;
            }
            // One of them does harm: the first that does none alone is made, those before it are not.
            let mut made = None;
            for finding in &together {
                let group = with_those_below(finding, &together);
                made = self.attempt(&text, &now, &group).map(|made| (group.len(), made));
                if made.is_some() || self.tries >= MOST_TRIES {
                    break;
                }
                fixed.left_out.push((*finding).clone());
            }
            if let Some((count, (better, after))) = made {
                fixed.repaired += count;
                (text, now) = (better, after);
            }
        }
        fixed.bytes = text.into_bytes();
        fixed
    }

    /// What is said of the file with this text.
    fn look(&mut self, text: &str) -> Vec<Finding> {
        self.tries += 1;
        let input = Input { content: Content::Bytes(text.as_bytes().to_owned()), ..self.input.clone() };
        let place = Place { complete: false, shellcheck: None, ..*self.place };
        check(vec![input], &place).findings
    }

    /// The text with these fixes and what is said of it, when they do only good.
    fn attempt(
        &mut self,
        text: &str,
        before: &[Finding],
        fixes: &[&Finding],
    ) -> Option<(String, Vec<Finding>)> {
        let edits = fixes.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.edits);
        let better = edited(text, edits.collect())?;
        // What other programs read as JSON stays JSON.
        if is_json(text) && !is_json(&better) {
            return None;
        }
        let after = self.look(&better);
        is_better(before, &after, fixes).then_some((better, after))
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// A finding with those that stand below its key, and below theirs: they are wrong only once it is repaired.
fn with_those_below<'f>(finding: &'f Finding, all: &[&'f Finding]) -> Vec<&'f Finding> {
    let mut group = vec![finding];
    let mut next = 0;
    while let Some(above) = group.get(next).map(|above| above.primary.span) {
        group.extend(all.iter().filter(|other| other.below == Some(above) && other.primary.span != above));
        next += 1;
    }
    group
}

/// Whether two findings of different states of a file are the same one.
fn is_same(one: &Finding, other: &Finding) -> bool {
    one.code == other.code && one.message == other.message
}

/// The fixes that can be made together, in the order of the text: of two that touch each other the first.
fn apart<'f>(findings: &[&'f Finding]) -> Vec<&'f Finding> {
    let edits = |finding: &'f Finding| finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
    let mut ordered = findings.to_vec();
    ordered.sort_by_key(|finding| edits(finding).min());
    let mut taken: Vec<Span> = Vec::new();
    let touches = |a: Span, b: Span| a.start <= b.end && b.start <= a.end;
    ordered.retain(|finding| {
        let free = edits(finding).all(|span| !taken.iter().any(|other| touches(span, *other)));
        if free {
            taken.extend(edits(finding));
        }
        free
    });
    ordered
}

/// The text with the edits; none when they do not fit it. Line breaks are written as the file writes them.
pub(super) fn edited(text: &str, mut edits: Vec<&Edit>) -> Option<String> {
    edits.sort_by_key(|edit| edit.span);
    let crlf = text.contains("\r\n");
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        result.push_str(text.get(at..edit.span.start as usize)?);
        if crlf && !edit.replacement.contains("\r\n") {
            result.push_str(&edit.replacement.replace('\n', "\r\n"));
        } else {
            result.push_str(&edit.replacement);
        }
        at = edit.span.end as usize;
    }
    result.push_str(text.get(at..)?);
    Some(result)
}

fn is_better(before: &[Finding], after: &[Finding], fixes: &[&Finding]) -> bool {
    let count = |findings: &mut dyn Iterator<Item = &Finding>| {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        findings.for_each(|finding| *counts.entry(finding.code).or_default() += 1);
        counts
    };
    let of = |counts: &BTreeMap<&str, usize>, code: &str| counts.get(code).copied().unwrap_or_default();
    let (all_before, all_after) = (count(&mut before.iter()), count(&mut after.iter()));
    let refused_before = count(&mut before.iter().filter(|finding| finding.is_error()));
    let refused_after = count(&mut after.iter().filter(|finding| finding.is_error()));
    let fixed = count(&mut fixes.iter().copied());
    after.len() + fixes.len() <= before.len()
        && fixed.iter().all(|(code, fixed)| of(&all_after, code) + fixed <= of(&all_before, code))
        && refused_after.iter().all(|(code, count)| *count <= of(&refused_before, code))
}

#[cfg(test)]
mod tests;

//! A `- ` that is not there before the first key of an item: YAML takes its keys for those of the item above.
//!
//! Owns: telling such an item from keys that stand twice by mistake, and reading the file as if the `- ` were there, so that what
//! follows from its absence is not told.

use std::sync::Arc;

use crate::diagnostic::{Edit, Finding, Severity};
use crate::rules::yaml_duplicate_key;
use crate::spec::FileKind;
use crate::syntax::{self, Parsed, ProblemKind, SourceFile, Span};

/// A file with the dashes that it lacks. It is as long as the one that was written.
pub(super) struct Repaired {
    pub(super) source: Arc<SourceFile>,
    pub(super) parsed: Parsed,
    /// Where items begin that have no dash, and what their keys are called.
    lost: Vec<Lost>,
}

/// Keys that stand twice, as far as is worth looking.
const MANY: usize = 300;

struct Lost {
    key: Span,
    dash: Span,
    words: &'static str,
}

/// The file with its dashes; none where none is missing.
pub(super) fn repaired(kind: FileKind, source: &Arc<SourceFile>, parsed: &Parsed) -> Option<Repaired> {
    if matches!(kind, FileKind::Buildspec | FileKind::Config) {
        return None;
    }
    let twice: Vec<_> = parsed
        .problems
        .iter()
        .filter_map(|problem| match problem.kind {
            ProblemKind::DuplicateKey { first } => Some((first, problem.span)),
            _ => None,
        })
        .collect();
    // A hostile file has more.
    if twice.len() > MANY {
        return None;
    }
    let mut lost: Vec<Lost> = Vec::new();
    for (first, second) in &twice {
        // An item that has a dash, or was just given one.
        let given = lost.iter().find(|known| known.key == *first).map(|known| column(source, known.dash));
        let Some(dash) = given.or_else(|| dash_of(source, *first)) else { continue };
        let line = start_of_line(source, *second);
        let is_blank = |span: Span| source.slice(span).chars().all(|c| c == ' ');
        let before = Span::new(line, second.start);
        if column(source, *second) != column(source, *first) || !is_blank(before) {
            continue;
        }
        // The same item written twice is no other one.
        if rest_of_line(source, *first) == rest_of_line(source, *second) {
            continue;
        }
        // With the first key others of the item stand twice: one alone may be there by mistake.
        let of_item: Vec<_> = twice
            .iter()
            .filter(|(one, other)| first < one && one < second && second < other)
            .filter(|(_, other)| column(source, *other) == column(source, *second))
            .map(|(_, other)| source.slice(*other).trim_matches(['"', '\'']).to_ascii_lowercase())
            .collect();
        if of_item.is_empty() {
            continue;
        }
        let has = |key: &str| of_item.iter().any(|other| other == key);
        let words = match kind {
            FileKind::Pipeline | FileKind::Template if has("actions") => "stage",
            FileKind::Pipeline | FileKind::Template if has("actiontypeid") => "action",
            _ => "item",
        };
        let dash = Span::new(line + dash, line + dash + 1);
        lost.push(Lost { key: *second, dash, words });
    }
    if lost.is_empty() {
        return None;
    }
    let mut text = source.text().to_owned();
    for known in &lost {
        text.replace_range(known.dash.start as usize..known.dash.end as usize, "-");
    }
    let source = Arc::new(SourceFile::new(source.name(), text));
    let parsed = syntax::parse(&source);
    let is_twice = |problem: &syntax::Problem| lost.iter().any(|known| known.key == problem.span);
    (!parsed.problems.iter().any(is_twice)).then_some(Repaired { source, parsed, lost })
}

/// What is wrong with the file, given what is wrong with it as it is `written` and with its dashes.
pub(super) fn findings(
    source: &Arc<SourceFile>,
    repaired: &Repaired,
    written: &[Finding],
    found: Vec<Finding>,
) -> Vec<Finding> {
    let is_refused = |finding: &Finding| {
        finding.is_error() && found.iter().all(|other| other.primary.span != finding.primary.span)
    };
    let severity =
        if written.iter().any(is_refused) { Severity::Error } else { yaml_duplicate_key::RULE.severity };
    let told = repaired.lost.iter().map(|known| {
        let message = format!("a `- ` is missing here: these keys begin another {}", known.words);
        let label = "they overwrite those above";
        let finding = yaml_duplicate_key::RULE.at(source, known.key, message, label);
        let key = source.slice(known.key);
        let edits = vec![Edit { span: known.dash, replacement: "-".to_owned() }];
        let finding = finding.help(format!("write `- {key}:`")).suggest("Write the dash", edits);
        Finding { severity, ..finding }
    });
    let is_written = |finding: &Finding| {
        written.iter().any(|other| (other.code, other.primary.span) == (finding.code, finding.primary.span))
    };
    // What is only wrong with the dash is no worse than that there is none.
    let found = found.into_iter().map(|finding| {
        let most = if is_written(&finding) { finding.severity } else { severity };
        Finding { source: Arc::clone(source), severity: finding.severity.min(most), ..finding }
    });
    told.chain(found).collect()
}

/// What stands behind a key in its line.
fn rest_of_line(source: &SourceFile, key: Span) -> &str {
    let rest = source.slice(Span::new(key.end, source.len()));
    rest.lines().next().unwrap_or_default().trim()
}

fn start_of_line(source: &SourceFile, at: Span) -> u32 {
    at.start - column(source, at)
}

fn column(source: &SourceFile, at: Span) -> u32 {
    let before = source.slice(Span::new(0, at.start));
    let line = before.rfind('\n').map_or(before, |end| &before[end + 1..]);
    u32::try_from(line.len()).unwrap_or_default()
}

/// The column of the dash before the first key of an item.
fn dash_of(source: &SourceFile, key: Span) -> Option<u32> {
    let line = source.slice(Span::new(start_of_line(source, key), key.start));
    let before = line.trim_end_matches(' ').strip_suffix('-')?;
    let is_item = line.ends_with(' ') && before.chars().all(|c| c == ' ');
    is_item.then(|| u32::try_from(before.len()).unwrap_or_default())
}

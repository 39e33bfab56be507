//! From bytes to a model: the way every file a user wrote comes in.
//!
//! Owns: the order (decode, parse, read), and how bad each problem of the text is. Leaves to the readers: meaning.

use std::sync::Arc;

use super::Read;
use super::not_json;
use super::spelling::nearest;
use crate::diagnostic::Finding;
use crate::syntax::{self, Kind, Parsed, Problem, ProblemKind, Refused, SourceFile, Tree};

/// Whose file it is, which decides what may be quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// CodeBuild reads it, with a parser of libyaml's family.
    CodeBuild,
    /// Somebody else does.
    Other,
}

/// Findings of one file, at most.
const MOST_FINDINGS: usize = 100;

/// What stands below the place where a parser stops.
const UNREADABLE: &str = "the text cannot be read from here";

/// Decodes, parses and reads a file.
pub(super) fn load<T>(
    name: &str,
    bytes: &[u8],
    origin: Origin,
    reader: impl FnOnce(&Tree) -> Read<T>,
) -> Read<T> {
    match syntax::decode(name, bytes) {
        Ok(source) => load_source(&source, origin, reader),
        Err(refused) => {
            Read { value: None, findings: vec![finding_of(&refused.problem, &refused.source, origin)] }
        }
    }
}

/// Parses and reads a text. Of one that could not be read as a whole only that is said: `check` says what else can be told.
pub(super) fn load_source<T>(
    source: &Arc<SourceFile>,
    origin: Origin,
    reader: impl FnOnce(&Tree) -> Read<T>,
) -> Read<T> {
    let parsed = syntax::parse(source);
    let mut read = load_parsed(source, &parsed, origin, reader);
    if parsed.tree.is_some_and(|tree| tree.is_partial()) {
        read.findings.retain(|finding| finding.code.starts_with("yaml-"));
    }
    bound(&mut read.findings);
    read
}

/// Reads a parsed text. The findings are all there are, however many.
pub(super) fn load_parsed<T>(
    source: &Arc<SourceFile>,
    parsed: &Parsed,
    origin: Origin,
    reader: impl FnOnce(&Tree) -> Read<T>,
) -> Read<T> {
    let mut findings = of_text(source, &parsed.problems, origin);
    let broken = crate::diagnostic::any_error(&findings);
    let mut value = None;
    if let Some(tree) = &parsed.tree {
        let mut read = reader(tree);
        value = read.value.filter(|_| !broken);
        // What the first document lacks may be in the others.
        if parsed.problems.iter().any(|problem| matches!(problem.kind, ProblemKind::MultipleDocuments)) {
            read.findings.retain(|finding| finding.code != "missing-key");
        }
        findings.append(&mut read.findings);
        // Problems come in the order of the text, and so do the reader's findings: keep it that way for both.
        findings.sort_by_key(|finding| finding.primary.span);
    }
    Read { value, findings }
}

/// What is wrong with a text. A file that is called JSON and cannot be read is wrong where a parser of JSON stops, and what else
/// is said of its syntax follows from that.
fn of_text(source: &Arc<SourceFile>, problems: &[Problem], origin: Origin) -> Vec<Finding> {
    let is_syntax = |problem: &Problem| matches!(problem.kind, ProblemKind::Syntax { .. });
    let is_json = source.name().to_ascii_lowercase().ends_with(".json")
        && source.text().trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[', '"']);
    let first = problems.iter().position(is_syntax).filter(|_| is_json);
    // Comments are told by themselves.
    let wrong = first.and_then(|_| not_json::why(&syntax::without_comments(source.text())));
    let findings = problems.iter().enumerate().filter_map(|(index, problem)| {
        let known = finding_of(problem, source, origin);
        let Some(wrong) = wrong.as_ref().filter(|_| is_syntax(problem)) else { return Some(known) };
        let mut told = not_json::finding_of(wrong, source, known.code, UNREADABLE);
        // A text that ends too early has a bracket that is open still.
        if wrong.ends_early {
            told.secondary = known.secondary;
        }
        told.aws_message = known.aws_message;
        (Some(index) == first).then_some(told)
    });
    findings.collect()
}

/// What is wrong with bytes that are no text.
pub fn refused(refused: &Refused) -> Finding {
    finding_of(&refused.problem, &refused.source, Origin::Other)
}

/// Nobody reads the thousandth finding, and drawing each takes a look at the whole text: a hostile file must not cost
/// minutes. Errors stay before warnings.
pub fn bound(findings: &mut Vec<Finding>) {
    if findings.len() <= MOST_FINDINGS {
        return;
    }
    let more = findings.len() - MOST_FINDINGS;
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings.truncate(MOST_FINDINGS);
    findings.sort_by_key(|finding| finding.primary.span);
    // Who does not ask for advice sees it too: it goes to one of the worst.
    let worst = findings.iter().map(|finding| finding.severity).max();
    if let Some(last) = findings.iter_mut().rfind(|finding| Some(finding.severity) == worst) {
        last.left_out = more;
        let note = format!("{more} more findings in this file are not shown");
        last.help = Some(last.help.take().map_or(note.clone(), |help| format!("{help}\n{note}")));
    }
}

fn finding_of(problem: &Problem, source: &Arc<SourceFile>, origin: Origin) -> Finding {
    let error =
        |code, label: &str| Finding::error(code, problem.message.clone(), source, problem.span, label);
    match problem.kind {
        ProblemKind::Syntax { libyaml, open } => {
            let mut finding = error("yaml-syntax", UNREADABLE);
            if let Some(open) = open {
                let is_quote = source.slice(open).starts_with(['"', '\'']);
                let label = if is_quote { "the quoted text begins here" } else { "this is still open" };
                finding = finding.label(open, label);
            }
            match libyaml {
                Some(words) if origin == Origin::CodeBuild => {
                    finding.aws(format!("YAML_FILE_ERROR: {words}"))
                }
                _ => finding,
            }
        }
        ProblemKind::JsonComments => error("yaml-syntax", UNREADABLE),
        ProblemKind::UnknownAnchor => {
            let text = source.slice(problem.span);
            let finding = error("yaml-unknown-anchor", "an alias, because it begins with `*`");
            let finding = finding.help(match near_anchor(source, text) {
                Some(anchor) => format!("write `*{anchor}`"),
                None => format!("quote it to mean the text: \"{text}\""),
            });
            // libyaml allows only letters, digits, `_` and `-` in an alias, and stops at the first other character.
            let named = text
                .strip_prefix('*')
                .and_then(|name| name.chars().next())
                .is_some_and(|first| first.is_ascii_alphanumeric() || first == '_' || first == '-');
            match origin {
                Origin::CodeBuild if !named => {
                    finding.aws("YAML_FILE_ERROR: did not find expected alphabetic or numeric character")
                }
                Origin::CodeBuild | Origin::Other => finding,
            }
        }
        ProblemKind::DuplicateKey { first } => Finding::warning(
            "yaml-duplicate-key",
            problem.message.clone(),
            source,
            problem.span,
            "this one counts",
        )
        .label(first, "this one has no effect")
        .help("remove one of them"),
        ProblemKind::BadMerge => error("yaml-merge", "this cannot be merged"),
        ProblemKind::TooDeep => error("yaml-too-deep", "here"),
        ProblemKind::TooManyAliases => error("yaml-too-many-aliases", "here"),
        ProblemKind::RecursiveAlias => error("yaml-recursive-alias", "it would never end"),
        ProblemKind::TooLarge => error("file-too-large", ""),
        ProblemKind::NotUtf8 => error("not-utf8", "").help("save the file as UTF-8"),
        ProblemKind::ControlCharacter => error("control-character", "here"),
        ProblemKind::MultipleDocuments => {
            error("several-documents", "nothing from here on is read").help("keep one document in the file")
        }
    }
}

/// The anchor that an alias was probably meant to refer to.
fn near_anchor<'t>(source: &'t SourceFile, alias: &str) -> Option<&'t str> {
    const MANY: usize = 50;
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let names = source.text().match_indices('&').take(MANY).map(|(at, _)| {
        let rest = &source.text()[at + 1..];
        &rest[..rest.find(|c| !is_of_name(c)).unwrap_or(rest.len())]
    });
    let names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
    nearest(alias.strip_prefix('*')?, &names)
}

/// What a node is, for people.
pub(super) fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Scalar => "a single value",
        Kind::Sequence => "a list",
        Kind::Mapping => "a mapping",
    }
}

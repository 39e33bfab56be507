//! What is wrong with the answers of rehearsal.yml, before anything runs.
//!
//! Owns: the findings, at the key, at the path, or in the answer file itself. Leaves to whoever asks where the files are.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::names::{self, Misnamed};
use crate::aws::catalog::Operation;
use crate::aws::shims;
use crate::diagnostic::Finding;
use crate::spec::config::{Answered, Given};
use crate::spec::nearest;
use crate::syntax::{self, LIMITS, SourceFile, Span};

/// Members that help lists at most.
const LISTED: usize = 12;

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A file.
    File(Vec<u8>),
    /// A folder.
    Folder,
    /// Nothing.
    Nothing,
    /// Something else, or something that cannot be read: a phrase that follows "is".
    Other(String),
}

/// The files that answers name.
pub struct AnswerPlace<'a> {
    /// Where they are, in words: `the working tree`.
    pub place: String,
    /// What is at a path there.
    pub look: &'a dyn Fn(&Path) -> Content,
    /// How findings call a path there.
    pub name: &'a dyn Fn(&Path) -> String,
}

/// What is wrong with `given`, the answers that `source` names. Without files only names are judged.
pub fn judge_answers(
    source: &Arc<SourceFile>,
    given: &BTreeMap<Answered, Given>,
    files: Option<&AnswerPlace<'_>>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut given: Vec<_> = given.iter().collect();
    given.sort_by_key(|(_, given)| given.key);
    for (answered, given) in given {
        let operation = match answered {
            Answered::Operation { service, operation } => match names::find(service, operation) {
                Ok(found) => Some(found),
                Err(misnamed) => {
                    let finding = misnamed_finding(source, (service, operation), given.key, &misnamed);
                    let is_error = finding.is_error();
                    findings.push(finding);
                    if is_error {
                        continue;
                    }
                    None
                }
            },
            Answered::Bucket(_) => None,
            Answered::Command(words) => {
                let tool = words.split(' ').next().unwrap_or_default();
                let known = shims::names();
                if !known.contains(&tool) {
                    let message =
                        format!("`{tool}` is run as it is: only tools that are not run can be answered for");
                    let finding = Finding::error(
                        "unknown-operation",
                        message,
                        source,
                        given.key,
                        "no answer is asked for",
                    );
                    findings.push(match nearest(tool, &known) {
                        Some(meant) => finding.help(format!("write `{}`", words.replacen(tool, meant, 1))),
                        None => finding.help("docs/tools.md lists the tools that are recorded only"),
                    });
                    continue;
                }
                None
            }
        };
        if let Some(files) = files {
            findings.extend(content(source, answered, given, operation, files));
        }
    }
    findings
}

fn misnamed_finding(
    source: &Arc<SourceFile>,
    (service, operation): (&str, &str),
    key: Span,
    misnamed: &Misnamed,
) -> Finding {
    match misnamed {
        Misnamed::Service { meant } => {
            let message = format!("there is no service `{service}`");
            Finding::error("unknown-operation", message, source, key, "no call has this name")
                .help(format!("write `{meant}:{operation}`"))
        }
        Misnamed::Unheard => {
            let message = format!("`{service}` is no service that Rehearsal knows");
            Finding::warning("unknown-operation", message, source, key, "unknown")
                .help("the answer counts for calls whose signature names this service")
        }
        Misnamed::Operation { meant } => {
            let message = format!("`{service}` has no operation `{operation}`");
            let finding = Finding::error("unknown-operation", message, source, key, "no call has this name");
            match meant {
                Some(meant) => finding.help(format!("write `{service}:{meant}`")),
                None => finding.help("operations are spelt as in the API reference: `DescribeVpcs`"),
            }
        }
    }
}

/// What is wrong with the file or folder.
fn content(
    source: &Arc<SourceFile>,
    answered: &Answered,
    given: &Given,
    operation: Option<&'static Operation>,
    files: &AnswerPlace<'_>,
) -> Vec<Finding> {
    let path = given.path.display();
    let unusable = |message: String, label: &str| {
        let help = match answered {
            Answered::Operation { .. } => {
                format!("it is to hold the output of {answered} as JSON, as the AWS CLI prints it")
            }
            Answered::Command(_) => format!("it is to hold what {answered} prints"),
            Answered::Bucket(_) => format!("it is to be a folder whose files are the objects of {answered}"),
        };
        vec![Finding::error("answer-file", message, source, given.value, label).help(help)]
    };
    match ((files.look)(&given.path), answered) {
        (Content::Folder, Answered::Bucket(_)) | (Content::File(_), Answered::Command(_)) => Vec::new(),
        (Content::File(bytes), Answered::Operation { .. }) => {
            // Longer ones are looked at when the call comes.
            if bytes.len() > LIMITS.bytes {
                return Vec::new();
            }
            if bytes.trim_ascii().is_empty() {
                return unusable(format!("`{path}` is empty"), "no JSON");
            }
            match syntax::decode(&(files.name)(&given.path), &bytes) {
                Ok(answer) => output(&answer, &answered.to_string(), operation),
                Err(_) => unusable(format!("`{path}` is no text in UTF-8"), "cannot be read"),
            }
        }
        (Content::Nothing, _) => unusable(format!("{} has no `{path}`", files.place), "nothing is there"),
        (Content::Folder, Answered::Operation { .. } | Answered::Command(_)) => {
            unusable(format!("`{path}` is a folder"), "not a file")
        }
        (Content::File(_), Answered::Bucket(_)) => unusable(format!("`{path}` is a file"), "not a folder"),
        (Content::Other(what), _) => unusable(format!("`{path}` is {what}"), "cannot be used"),
    }
}

/// What is wrong with an output.
fn output(answer: &Arc<SourceFile>, answered: &str, operation: Option<&'static Operation>) -> Vec<Finding> {
    let members = match serde_json::from_str(answer.text()) {
        Ok(Value::Object(members)) => members,
        Ok(_) => {
            let message = format!("the output of {answered} is a JSON object");
            let whole = syntax::parse(answer).tree.map_or(Span::empty(0), |tree| tree.root().span());
            return vec![Finding::error("answer-file", message, answer, head(answer, whole), "this is none")];
        }
        Err(error) => {
            let text = error.to_string();
            let why = text.rsplit_once(" at line ").map_or(text.as_str(), |(why, _)| why);
            let message = format!("the answer to {answered} is no JSON");
            return vec![Finding::error("answer-file", message, answer, place(answer, &error), why)];
        }
    };
    let Some(operation) = operation else { return Vec::new() };
    let known: Vec<&str> = operation.output_members().collect();
    let tree = syntax::parse(answer).tree;
    let span = |name: &str| {
        let entry = tree.as_ref().and_then(|tree| tree.root().entry(name));
        entry.map_or(Span::empty(0), |entry| entry.key.span())
    };
    let unknown = members.keys().filter(|name| !known.contains(&name.as_str()));
    let findings = unknown.map(|name| {
        let message = format!("the output of {answered} has no member `{name}`");
        let finding =
            Finding::error("unknown-operation", message, answer, span(name), "no client looks for it");
        let listed = known.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
        match nearest(name, &known) {
            Some(meant) => finding.help(format!("write `{meant}`")),
            None if known.is_empty() => finding.help("the output has none: write {}"),
            None if known.len() > LISTED => finding.help(format!("it has {listed}, …")),
            None => finding.help(format!("it has {listed}")),
        }
    });
    findings.collect()
}

/// The byte that an error of JSON is about.
fn place(answer: &SourceFile, error: &serde_json::Error) -> Span {
    let line = u32::try_from(error.line()).ok().and_then(|line| answer.line_span(line));
    let Some(line) = line else { return Span::empty(answer.len()) };
    let column = u32::try_from(error.column()).unwrap_or(u32::MAX).saturating_sub(1);
    let start = line.start.saturating_add(column).min(line.end);
    // An error lies behind a character of several bytes, never in it.
    let is_whole = answer.text().is_char_boundary(start as usize);
    if is_whole { Span::empty(start) } else { Span::empty(line.start) }
}

/// The first line of a span.
fn head(answer: &SourceFile, span: Span) -> Span {
    let line = answer.line_span(answer.position(span.start).line);
    line.map_or(span, |line| Span::new(span.start, span.end.min(line.end.max(span.start))))
}

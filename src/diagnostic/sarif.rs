//! Findings as SARIF 2.1.0, the format of code scanning services.
//!
//! Owns: the document. Columns count characters, as in all our output; silenced findings are listed with what silences
//! them. Leaves to its caller: what rules say of themselves, and where the top of the repository is.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{Finding, Fix, Label, Severity};
use crate::syntax::{SourceFile, Span};

/// What a rule says of itself.
#[derive(Debug, Clone)]
pub struct About {
    /// The code.
    pub code: &'static str,
    /// How bad it is, at its worst.
    pub severity: Severity,
    /// What it finds: a phrase.
    pub summary: &'static str,
    /// What it finds and why that matters: paragraphs.
    pub doc: &'static str,
    /// Its page, in Markdown.
    pub page: String,
    /// Where AWS documents it.
    pub url: Option<&'static str>,
}

/// A finding with what silences it.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// The path of its file from the top of the repository.
    pub path: &'a str,
    /// What silences it.
    pub silenced: Option<Silenced<'a>>,
}

/// What silences a finding.
#[derive(Debug, Clone, Copy)]
pub enum Silenced<'a> {
    /// A comment, with its reason.
    InSource(&'a str),
    /// Settings elsewhere.
    External,
}

/// The document.
pub fn render(found: &[Found<'_>], about: &dyn Fn(&str) -> Option<About>) -> Value {
    let mut codes: Vec<&str> = Vec::new();
    let results: Vec<_> = found
        .iter()
        .map(|found| {
            let code = found.finding.code;
            let index = codes.iter().position(|known| *known == code).unwrap_or_else(|| {
                codes.push(code);
                codes.len() - 1
            });
            result(found, index)
        })
        .collect();
    let rules: Vec<_> = codes
        .iter()
        .map(|code| about(code).map_or_else(|| json!({ "id": code }), |about| rule(&about)))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Rehearsal",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(about: &About) -> Value {
    let doc = about.doc.split("\n\n").map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let doc = doc.collect::<Vec<_>>().join("\n\n");
    let mut rule = json!({
        "id": about.code,
        "shortDescription": { "text": about.summary },
        "fullDescription": { "text": doc },
        "help": { "text": doc, "markdown": about.page },
        "defaultConfiguration": { "level": level(about.severity) },
    });
    if let (Some(url), Some(rule)) = (about.url, rule.as_object_mut()) {
        rule.insert("helpUri".to_owned(), json!(url));
    }
    rule
}

fn result(found: &Found<'_>, index: usize) -> Value {
    let finding = found.finding;
    let location = |label: &Label, message: bool| {
        let mut location = json!({ "physicalLocation": {
            "artifactLocation": artifact(found.path),
            "region": region(&finding.source, label.span),
        } });
        if let (true, Some(location)) = (message && !label.text.is_empty(), location.as_object_mut()) {
            location.insert("message".to_owned(), json!({ "text": label.text }));
        }
        location
    };
    let mut result = Map::new();
    let mut put = |key: &str, value: Value| result.insert(key.to_owned(), value);
    put("ruleId", json!(finding.code));
    put("ruleIndex", json!(index));
    put("level", json!(level(finding.severity)));
    put("message", json!({ "text": finding.told() }));
    put("locations", json!([location(&finding.primary, true)]));
    if !finding.secondary.is_empty() {
        let others: Vec<_> = finding.secondary.iter().map(|label| location(label, true)).collect();
        put("relatedLocations", json!(others));
    }
    if let Some(fix) = &finding.fix {
        put("fixes", json!([change(fix, finding, found.path)]));
    }
    // Where one result tells of suppressions, all do.
    put(
        "suppressions",
        match found.silenced {
            None => json!([]),
            Some(Silenced::External) => json!([{ "kind": "external" }]),
            Some(Silenced::InSource("")) => json!([{ "kind": "inSource" }]),
            Some(Silenced::InSource(reason)) => json!([{ "kind": "inSource", "justification": reason }]),
        },
    );
    Value::Object(result)
}

fn change(fix: &Fix, finding: &Finding, path: &str) -> Value {
    let replacements = fix.edits.iter().map(|edit| {
        json!({
            "deletedRegion": region(&finding.source, edit.span),
            "insertedContent": { "text": edit.replacement },
        })
    });
    json!({
        "description": { "text": fix.title },
        "artifactChanges": [{
            "artifactLocation": artifact(path),
            "replacements": replacements.collect::<Vec<_>>(),
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "note",
    }
}

fn region(source: &SourceFile, span: Span) -> Value {
    let (start, end) = (source.position(span.start), source.position(span.end));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "byteOffset": span.start,
        "byteLength": span.len(),
    })
}

/// A path from the top of the repository; elsewhere it stands for itself.
fn artifact(path: &str) -> Value {
    if path.starts_with('/') {
        return json!({ "uri": format!("file://{}", percent(path)) });
    }
    if path.starts_with("../") {
        return json!({ "uri": percent(path) });
    }
    json!({ "uri": percent(path), "uriBaseId": "%SRCROOT%" })
}

/// A path as a part of a URI (RFC 3986): what is neither unreserved nor `/` becomes bytes.
fn percent(path: &str) -> String {
    let mut text = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

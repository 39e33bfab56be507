//! Templates: from YAML or JSON to one tree of values.
//!
//! Owns: short forms (`!Ref x` is `{Ref: x}`), and AWS's words for a text that is no template. Scalars stay texts as
//! written, but for `true`, `false` and null: CloudFormation compares texts. Leaves to `structure`: what a template has
//! to hold.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::validation;
use crate::aws::call::ApiError;
use crate::syntax::{self, Kind, Node, ProblemKind, SourceFile, Style};

/// The longest `TemplateBody`, in bytes (CloudFormation quotas).
const LONGEST_BODY: usize = 51_200;

/// A template as sent in a call's body.
pub(super) fn parse_body(text: &str) -> Result<Value, ApiError> {
    if text.len() > LONGEST_BODY {
        return Err(validation(format!(
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have \
             length less than or equal to {LONGEST_BODY}"
        )));
    }
    parse(text)
}

/// Reads a template.
pub(super) fn parse(text: &str) -> Result<Value, ApiError> {
    let source = Arc::new(SourceFile::new("template", text));
    let parsed = syntax::parse(&source);
    let notation = if text.trim_start().starts_with('{') { "JSON" } else { "YAML" };
    for problem in &parsed.problems {
        match problem.kind {
            // The later key counts, here as there.
            ProblemKind::DuplicateKey { .. } | ProblemKind::MultipleDocuments => {}
            ProblemKind::Syntax { .. }
            | ProblemKind::JsonComments
            | ProblemKind::UnknownAnchor
            | ProblemKind::BadMerge
            | ProblemKind::TooDeep
            | ProblemKind::TooManyAliases
            | ProblemKind::RecursiveAlias
            | ProblemKind::TooLarge
            | ProblemKind::NotUtf8
            | ProblemKind::ControlCharacter => {
                let place = source.position(problem.span.start);
                return Err(validation(format!(
                    "Template format error: {notation} not well-formed. (line {}, column {})",
                    place.line, place.column
                )));
            }
        }
    }
    let root = parsed.tree.as_ref().map(syntax::Tree::root);
    match root.filter(|root| root.kind() == Kind::Mapping) {
        Some(root) => Ok(value(root)),
        None => Err(validation("Template format error: unsupported structure.")),
    }
}

fn value(node: Node<'_>) -> Value {
    let written = match node.kind() {
        Kind::Mapping => Value::Object(node.entries().filter_map(member).collect()),
        Kind::Sequence => node.items().map(value).collect(),
        Kind::Scalar => scalar(node),
    };
    match node.tag().and_then(|tag| tag.strip_prefix('!')) {
        Some("Ref") => json!({ "Ref": written }),
        Some("Condition") => json!({ "Condition": written }),
        Some("GetAtt") => json!({ "Fn::GetAtt": attribute(written) }),
        Some(function) if function.starts_with(|c: char| c.is_ascii_uppercase()) => {
            Value::Object(Map::from_iter([(format!("Fn::{function}"), written)]))
        }
        Some(_) | None => written,
    }
}

fn member(entry: syntax::Entry<'_>) -> Option<(String, Value)> {
    let key = entry.key.scalar()?.text;
    let value = value(entry.value);
    Some((key.to_owned(), if key == "Fn::GetAtt" { attribute(value) } else { value }))
}

/// `A.B.C` as `[A, B.C]`.
fn attribute(written: Value) -> Value {
    match written.as_str().and_then(|text| text.split_once('.')) {
        Some((resource, attribute)) => json!([resource, attribute]),
        None => written,
    }
}

fn scalar(node: Node<'_>) -> Value {
    let Some(scalar) = node.scalar() else { return Value::Null };
    match scalar.text {
        _ if node.is_null() && node.tag().is_none() => Value::Null,
        "true" if scalar.style == Style::Plain => Value::Bool(true),
        "false" if scalar.style == Style::Plain => Value::Bool(false),
        text => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_are_the_long_ones() {
        let template = parse(
            "A: !Ref b\nB: !GetAtt x.y.z\nC: {'Fn::GetAtt': x.y}\nD: !Sub 'a${b}'\nE: !Join [',', [!Ref c, d]]\n\
             F: !Not [!Condition g]\nG: 3.10\nH: true\nI: 'true'\nJ: 2010-09-09\nK: !If [p, !Ref 'AWS::NoValue', 1]\n",
        );
        let expected = json!({
            "A": {"Ref": "b"}, "B": {"Fn::GetAtt": ["x", "y.z"]}, "C": {"Fn::GetAtt": ["x", "y"]},
            "D": {"Fn::Sub": "a${b}"}, "E": {"Fn::Join": [",", [{"Ref": "c"}, "d"]]},
            "F": {"Fn::Not": [{"Condition": "g"}]}, "G": "3.10", "H": true, "I": "true", "J": "2010-09-09",
            "K": {"Fn::If": ["p", {"Ref": "AWS::NoValue"}, "1"]},
        });
        assert_eq!(template, Ok(expected));
    }

    #[test]
    fn what_is_no_template_is_told_as_aws_does() {
        let long = format!("Description: {}\n", "x".repeat(LONGEST_BODY));
        for (text, message) in [
            ("Resources: [\n", "Template format error: YAML not well-formed. (line "),
            ("{\"Resources\": {\n", "Template format error: JSON not well-formed. (line "),
            ("- a\n", "Template format error: unsupported structure."),
            ("", "Template format error: unsupported structure."),
            ("A: *b\n", "Template format error: YAML not well-formed. (line 1, column 4)"),
            (&long, "Member must have length less than or equal to 51200"),
        ] {
            let error = parse_body(text).unwrap_err();
            assert_eq!(error.code, "ValidationError");
            assert!(error.message.contains(message), "{}", error.message);
        }
    }
}

//! Texts of a configuration that hold JSON (codepipeline.md 0 trap 15): environment variables, parameters.
//!
//! Owns: whether the text is JSON of the right shape, with places inside the text. A reference `#{…}` stands for a text
//! without quotes: it is JSON where it is inside quotes, and is not held against it elsewhere.

use std::sync::Arc;

use super::configuration::{CODE, Of};
use crate::spec::not_json;
use crate::spec::reading::{Reader, head, place};
use crate::spec::spelling::nearest;
use crate::syntax::{self, Entry, Kind, Node, SourceFile, Span, TextMap, UNKNOWN};

const EXAMPLE: &str = r#"write "[{\"name\":\"KEY\",\"value\":\"text\",\"type\":\"PLAINTEXT\"}]""#;
/// `ParameterOverrides` in bytes (codepipeline.md 2.9, 7).
const OVERRIDES: usize = 1024;

/// What `Fn::GetArtifactAtt` can ask for.
const ATTRIBUTES: [&str; 3] = ["BucketName", "ObjectKey", "URL"];

/// The text of a value, parsed, with the way back to the file.
struct Inner<'t> {
    entry: Entry<'t>,
    map: TextMap,
    tree: syntax::Tree,
}

impl Inner<'_> {
    fn span(&self, span: Span) -> Span {
        let source = self.entry.value.source();
        if self.map.is_exact() { self.map.span(span) } else { head(source, place(self.entry)) }
    }
}

/// The JSON of a value; none, and a finding, when it is none.
fn parse<'t>(reader: &mut Reader<'t>, key: &str, entry: Entry<'t>, help: &str) -> Option<Inner<'t>> {
    let text = entry.value.text().unwrap_or_default();
    let map = TextMap::of(entry.value);
    let (filled, first_outside) = filled(text);
    if let Some(not_json::Wrong { span: at, words, .. }) = not_json::why(&filled) {
        if text.contains("#{") && not_json::why(&resolved(&filled)).is_none() {
            return None;
        }
        // What is not known may be any part of the JSON, where it is not between quotes.
        if first_outside.is_some_and(|first| first <= at.start as usize) {
            return None;
        }
        let is_exact = map.is_exact() && text.starts_with(['[', '{']);
        let span = if is_exact { map.span(at) } else { head(entry.value.source(), place(entry)) };
        let finding = reader.error(CODE, format!("the text of `{key}` is no JSON: {words}"), span, "here");
        reader.push_within(finding.help(help));
        return None;
    }
    let source = Arc::new(SourceFile::new(entry.value.source().name(), syntax::masked(text)));
    let tree = syntax::parse(&source).tree?;
    (!tree.root().is_unknown()).then_some(Inner { entry, map, tree })
}

/// The text with a number in place of each part that is not known, each byte where it was, and where the first of these begins
/// that is not between quotes.
fn filled(text: &str) -> (String, Option<usize>) {
    let mut out = String::with_capacity(text.len());
    let mut first_outside = None;
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (index, part) in text.split(UNKNOWN).enumerate() {
        if index % 2 == 1 {
            if !is_quoted {
                first_outside.get_or_insert(out.len());
            }
            out.push('0');
            out.extend(std::iter::repeat_n(' ', part.len() + 2 * UNKNOWN.len_utf8() - 1));
            continue;
        }
        for c in part.chars() {
            match c {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = is_quoted,
                '"' => is_quoted = !is_quoted,
                _ => {}
            }
        }
        out.push_str(part);
    }
    (out, first_outside)
}

/// The text with a number in place of each reference.
fn resolved(text: &str) -> String {
    super::reference::substitute(text, |_, _| Some("0".to_owned())).unwrap_or_default()
}

fn push(reader: &mut Reader<'_>, inner: &Inner<'_>, node: Node<'_>, message: String, help: String) {
    let finding = reader.error(CODE, message, inner.span(node.span()), "in this text");
    reader.push_within(finding.help(help));
}

/// What a value that is JSON looks like; none for a key whose values are none.
pub(super) fn example(key: &str) -> Option<&'static str> {
    Some(match key {
        "EnvironmentVariables" => r#"[{"name": "KEY", "value": "…", "type": "PLAINTEXT"}]"#,
        "ParameterOverrides" => r#"{"Name": "value"}"#,
        _ => return None,
    })
}

/// Any JSON.
pub(super) fn any<'t>(reader: &mut Reader<'t>, key: &str, entry: Entry<'t>) {
    parse(reader, key, entry, "write JSON, such as \"{\\\"key\\\": \\\"value\\\"}\"");
}

/// Parameters of a template, whose values may be taken from input artifacts of the action (codepipeline.md 2.9).
pub(super) fn overrides<'t>(
    reader: &mut Reader<'t>,
    (artifacts, of): (&[String], &Of<'_>),
    key: &str,
    entry: Entry<'t>,
) {
    let Some(inner) = parse(reader, key, entry, "write \"{\\\"Name\\\": \\\"value\\\"}\"") else { return };
    let root = inner.tree.root();
    if root.kind() != Kind::Mapping {
        push(
            reader,
            &inner,
            root,
            format!("the text of `{key}` is no JSON object"),
            "write { … }".to_owned(),
        );
    } else if known_bytes(root.source().text()) > OVERRIDES {
        let message = format!("the text of `{key}` has more than {OVERRIDES} bytes");
        let span = head(entry.value.source(), place(entry));
        reader.push_within(reader.error("pipeline-limit", message, span, "too long"));
        return;
    }
    for parameter in root.entries() {
        for function in parameter.value.entries() {
            let name = function.key.text().unwrap_or_default();
            let arguments: Vec<_> =
                function.value.items().map(|item| item.text().unwrap_or_default()).collect();
            let (form, is_right) = match name {
                "Fn::GetArtifactAtt" => ("[\"Artifact\", \"Attribute\"]", arguments.len() == 2),
                "Fn::GetParam" => ("[\"Artifact\", \"file.json\", \"Key\"]", arguments.len() == 3),
                _ if name.starts_with("Fn::") => {
                    let message = format!("`{name}` in `{key}` is no function that CodePipeline knows");
                    let help = "Fn::GetArtifactAtt and Fn::GetParam are all there are".to_owned();
                    push(reader, &inner, function.key, message, help);
                    continue;
                }
                _ => continue,
            };
            if !is_right {
                let message =
                    format!("`{name}` in `{key}` does not have {} arguments", form.split(',').count());
                push(reader, &inner, function.value, message, format!("write {form}"));
                continue;
            }
            let (artifact, attribute) = (arguments[0], arguments[1]);
            let known = |known: &String| known == artifact || known.contains(UNKNOWN);
            let named = || function.value.items().next().unwrap_or(function.value);
            let is_known = |text: &str| !text.contains("#{") && !text.contains(UNKNOWN);
            if is_known(artifact) && !artifacts.iter().any(known) {
                let message =
                    format!("`{name}` names `{artifact}`, which is no input artifact of `{}`", of.name);
                push(reader, &inner, named(), message, format!("add {artifact} to `inputArtifacts`"));
            }
            if name == "Fn::GetArtifactAtt" && is_known(attribute) && !ATTRIBUTES.contains(&attribute) {
                let help = nearest(attribute, &ATTRIBUTES).map_or_else(
                    || format!("write one of {}", ATTRIBUTES.join(", ")),
                    |near| format!("write {near}"),
                );
                let node = function.value.items().nth(1).unwrap_or(function.value);
                push(reader, &inner, node, format!("an artifact has no attribute `{attribute}`"), help);
            }
        }
    }
}

/// How long a text is at least.
fn known_bytes(text: &str) -> usize {
    text.split(UNKNOWN).step_by(2).map(str::len).sum()
}

/// A JSON list of objects that have these keys.
pub(super) fn list<'t>(reader: &mut Reader<'t>, key: &str, entry: Entry<'t>, keys: &[&str]) {
    let members: Vec<_> = keys.iter().map(|key| format!("\\\"{key}\\\":\\\"…\\\"")).collect();
    let Some(inner) = parse(reader, key, entry, &format!("write \"[{{{}}}]\"", members.join(","))) else {
        return;
    };
    items(reader, &inner, key, keys, keys);
    for node in inner.tree.root().items().filter_map(|item| item.get("revisionType")) {
        let text = node.text().unwrap_or_default();
        if !REVISION_TYPES.contains(&text) && !is_open(node) {
            let message = format!("`{text}` is no type of a revision");
            push(reader, &inner, node, message, format!("write one of {}", REVISION_TYPES.join(", ")));
        }
    }
}

/// What a start may give for a source (codepipeline.md 4.11).
const REVISION_TYPES: [&str; 4] = ["COMMIT_ID", "IMAGE_DIGEST", "S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY"];

/// CodeBuild's environment variables (codepipeline.md 2.4).
pub(super) fn build_variables<'t>(reader: &mut Reader<'t>, key: &str, entry: Entry<'t>) {
    let Some(inner) = parse(reader, key, entry, EXAMPLE) else { return };
    let kinds = ["PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"];
    items(reader, &inner, key, &["name", "value"], &["name", "value", "type"]);
    for item in inner.tree.root().items() {
        let Some(node) = item.get("type") else { continue };
        let text = node.text().unwrap_or_default();
        if !kinds.contains(&text) && !is_open(node) {
            let help = nearest(text, &kinds).map_or_else(|| kinds.join(", "), str::to_owned);
            push(
                reader,
                &inner,
                node,
                format!("`{text}` is no type of an environment variable"),
                format!("write {help}"),
            );
        }
    }
}

/// Whether a value is told only when the action starts, or when the template is deployed.
fn is_open(node: Node<'_>) -> bool {
    node.is_unknown() || node.text().is_some_and(|text| text.contains("#{"))
}

fn items<'t>(reader: &mut Reader<'t>, inner: &Inner<'t>, outer: &str, required: &[&str], known: &[&str]) {
    let root = inner.tree.root();
    if root.kind() != Kind::Sequence {
        let message = format!("`{outer}` is no JSON list");
        return push(reader, inner, root, message, "put it between [ and ]".to_owned());
    }
    for item in root.items().filter(|item| !item.is_unknown()) {
        if item.kind() != Kind::Mapping {
            let message = format!("an item of `{outer}` is no JSON object");
            push(reader, inner, item, message, format!("its keys are {}", known.join(", ")));
            continue;
        }
        for name in required.iter().filter(|name| item.get(name).is_none()) {
            let strange = item.entries().find(|entry| {
                entry
                    .key
                    .text()
                    .is_some_and(|text| !known.contains(&text) && nearest(text, &[name]).is_some())
            });
            let message = format!("an item of `{outer}` has no `\"{name}\"`");
            let node = strange.map_or(item, |entry| entry.key);
            push(reader, inner, node, message, format!("write \"{name}\""));
        }
        let absent = |name: &&str| item.get(name).is_none();
        for key in item.entries().map(|entry| entry.key) {
            let Some(text) = key.text().filter(|text| !known.contains(text)) else { continue };
            // What stands for one that is required has been said.
            let stands_for =
                required.iter().copied().filter(absent).any(|name| nearest(text, &[name]).is_some());
            if !stands_for && !key.is_unknown() {
                let message = format!("an item of `{outer}` has no key `\"{text}\"`");
                let finding = reader.warning(CODE, message, inner.span(key.span()), "not looked at");
                let help = nearest(text, known).map_or_else(
                    || format!("its keys are {}", known.join(", ")),
                    |meant| format!("write \"{meant}\""),
                );
                reader.push_within(finding.help(help));
            }
        }
    }
}

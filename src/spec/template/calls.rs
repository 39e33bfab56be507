//! Calls of functions that CloudFormation refuses by their form.
//!
//! Owns: functions that do not exist, arguments that are too few or too many, and `${AWS::…}` in a text that no `Fn::Sub` looks
//! at. Leaves to `references`: what the arguments name.

use super::function::{Function, function};
use crate::diagnostic::Finding;
use crate::spec::reading::{Reader, head};
use crate::spec::spelling::nearest;
use crate::syntax::{Kind, Node, Span, TextMap};

const CODE: &str = "template-reference";

/// The functions of CloudFormation, without `Fn::`.
const FUNCTIONS: [&str; 26] = [
    "And",
    "Base64",
    "Cidr",
    "Condition",
    "Contains",
    "EachMemberEquals",
    "EachMemberIn",
    "Equals",
    "FindInMap",
    "ForEach",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Ref",
    "RefAll",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
    "ValueOf",
];
/// Other functions that are there; they are too long to be near to a misspelt one.
const OTHERS: [&str; 2] = ["GetStackOutput", "ValueOfAll"];
/// Functions of CodePipeline, in the text of an action's ParameterOverrides (codepipeline.md 2.9).
const OF_PIPELINES: [&str; 2] = ["GetArtifactAtt", "GetParam"];

/// What is wrong with a call, whatever its arguments name.
pub(super) fn check<'t>(reader: &mut Reader<'t>, call: Function<'t>) {
    if !FUNCTIONS.contains(&call.name) && !OTHERS.contains(&call.name) {
        return unknown(reader, call);
    }
    let count = call.argument.items().len();
    let is_list = call.argument.kind() == Kind::Sequence;
    let is_text = |node: Node<'_>| node.kind() == Kind::Scalar || function(node).is_some();
    let (is_right, form, aws) = match call.name {
        "Ref" => {
            let aws = "Template error: every Ref object must have a single String value.";
            (call.argument.kind() == Kind::Scalar, "one name", aws)
        }
        "GetAtt" => {
            let text = call.argument.text().map(|text| text.contains('.'));
            // A nested name has dots in its first part.
            let is_right = text.unwrap_or(count == 2 && call.argument.items().all(is_text));
            let aws = "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the \
                       resource attribute";
            (is_right, "the resource and its attribute: `Resource.Attribute`", aws)
        }
        "Join" => {
            let aws = "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of \
                       strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.";
            (is_list && count == 2, "a separator and a list: `[\"-\", [a, b]]`", aws)
        }
        "Select" => {
            let aws = "Template error: Fn::Select requires a list argument with two elements: an integer index and a list";
            (is_list && count == 2, "an index and a list: `[0, [a, b]]`", aws)
        }
        "Split" => {
            let aws = "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string \
                       to be split or a function that returns a string to be split.";
            (is_list && count == 2, "a separator and a text: `[\",\", text]`", aws)
        }
        "If" => {
            let aws = "Template error: Fn::If requires a list argument with three parameters";
            (is_list && count == 3, "a condition, and a value for each case: `[Condition, a, b]`", aws)
        }
        "FindInMap" => {
            let aws = "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the \
                       attribute for return value";
            let are_texts = call.argument.items().take(3).all(is_text);
            (
                is_list && matches!(count, 3 | 4) && are_texts,
                "a mapping and two keys: `[Mapping, key, key]`",
                aws,
            )
        }
        "Equals" => {
            let aws = "Template error: every Fn::Equals object requires a list of 2 string parameters.";
            (is_list && count == 2, "two values: `[a, b]`", aws)
        }
        "And" | "Or" => {
            let aws = "Template error: every Fn::And and Fn::Or object requires a list of at least 2 and at most 10 boolean \
                       parameters.";
            (is_list && (2..=10).contains(&count), "2 to 10 conditions", aws)
        }
        "Not" => {
            let aws = "Template error: every Fn::Not object requires one boolean parameter.";
            (is_list && count == 1, "a list of one condition", aws)
        }
        "Sub" => {
            let is_text = call.argument.items().next().is_none_or(|first| first.kind() == Kind::Scalar);
            let is_right = !is_list && call.argument.kind() != Kind::Mapping || count == 2 && is_text;
            let aws = "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a \
                       string as first argument, and an optional second argument to specify a mapping of values to replace \
                       in the string";
            (is_right, "a text, or a text and a mapping of its variables", aws)
        }
        _ => return,
    };
    // The list may be what another function gives.
    let is_open = !call.is_short() && function(call.argument).is_some();
    if !is_right && !is_open {
        let span = place(call);
        let message = format!("`{}` has other arguments than it takes", written(call.name));
        let finding = reader.error(CODE, message, span, "its arguments do not fit");
        reader.push(finding.help(format!("it takes {form}")).aws(aws));
    }
}

fn unknown(reader: &mut Reader<'_>, call: Function<'_>) {
    if OF_PIPELINES.contains(&call.name) {
        let message =
            format!("`{}` is a function of CodePipeline, not of CloudFormation", written(call.name));
        let finding = reader.error(CODE, message, place(call), "not here");
        let help = "it stands in the text of ParameterOverrides: '{\"Name\": {\"Fn::GetArtifactAtt\": [\"Artifact\", \"BucketName\"]}}'";
        reader.push(finding.help(help));
        return;
    }
    let called = if call.is_short() { format!("!{}", call.name) } else { written(call.name) };
    let message = format!("there is no function `{called}`");
    let finding = reader.error(CODE, message, place(call), "unknown");
    let name = call.name.get(..4).filter(|begin| begin.eq_ignore_ascii_case("Fn::")).map_or(0, str::len);
    let finding = match nearest(&call.name[name..], &FUNCTIONS) {
        Some(meant) => finding
            .help(format!("write `{}`", if call.is_short() { format!("!{meant}") } else { written(meant) })),
        None => finding,
    };
    reader.push(finding);
}

fn written(name: &str) -> String {
    let is_whole = name == "Ref" || name.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("Fn::"));
    if is_whole { name.to_owned() } else { format!("Fn::{name}") }
}

fn place(call: Function<'_>) -> Span {
    match call.key {
        Some(key) => key.span(),
        None => head(call.argument.source(), call.argument.span()),
    }
}

/// Whether a tag is the name of a function in other letters.
pub(super) fn is_slip(name: &str) -> bool {
    FUNCTIONS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The function that the one key of a mapping was probably meant to be, as it is written there.
pub(super) fn meant(node: Node<'_>) -> Option<String> {
    let mut entries = node.entries();
    let (entry, None) = (entries.next()?, entries.next()) else { return None };
    let key = entry.key.text()?;
    let name = key.strip_prefix("Fn::").or_else(|| key.strip_prefix("Fn:")).unwrap_or(key);
    let meant = nearest(name, &FUNCTIONS)?;
    Some(if ["Ref", "Condition"].contains(&meant) { meant.to_owned() } else { format!("Fn::{meant}") })
}

/// Functions and pseudo parameters in a text that stays as it is.
pub(super) fn literal<'t>(reader: &mut Reader<'t>, node: Node<'t>, is_known: impl Fn(&str) -> bool) {
    let Some(text) = node.text() else { return };
    let word = text.split_whitespace().next().unwrap_or_default();
    if node.tag() == Some("!") && FUNCTIONS.contains(&word) {
        let message = format!("`! {word}` is no function: this stays the text `{text}`");
        let finding = reader.warning(CODE, message, head(node.source(), node.span()), "a text");
        return reader.push(finding.help(format!("write `!{word}`, without a blank")));
    }
    // A text of one line that names what the template has: others are scripts, and a shell has names of its own.
    let is_line = !text.trim_end().contains('\n');
    let named = |at: &usize| {
        let name = text[at + 2..].split('}').next().unwrap_or_default();
        name.starts_with("AWS::") || is_line && is_known(name.split('.').next().unwrap_or_default())
    };
    // Each takes a look at the rest of the text.
    let mut all = text.match_indices("${").map(|(at, _)| at).take(100);
    let Some(at) = all.find(named) else { return };
    let Some(length) = text[at..].find('}') else { return };
    let [start, end] = [at, at + length + 1].map(|at| u32::try_from(at).unwrap_or_default());
    let map = TextMap::of(node);
    let span =
        if map.is_exact() { map.span(Span::new(start, end)) } else { head(node.source(), node.span()) };
    let message = format!("`{}` stays as it is: no `Fn::Sub` looks at this text", &text[at..=at + length]);
    let finding: Finding = reader.warning(CODE, message, span, "not replaced");
    let is_json = node.source().text().trim_start().starts_with('{');
    reader.push(finding.help(if is_json {
        "write {\"Fn::Sub\": \"…\"} around the text"
    } else {
        "write `!Sub` before the text"
    }));
}

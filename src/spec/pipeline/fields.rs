//! Single fields of a definition, typed as the API types them.
//!
//! Owns: strings that are strings, whole numbers in their range, names in their alphabet, lists of names, keys that
//! exist. Leaves to the readers: which field has which type.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::strays;
use crate::diagnostic::Finding;
use crate::spec::document::kind_words;
use crate::spec::reading::{Reader, place, replace};
use crate::spec::schema::Section;
use crate::spec::schema::pipeline::PIPELINE;
use crate::spec::spelling::{is_misspelt, is_there, nearest, rename};
use crate::syntax::{Entry, Kind, Node, Style};

/// The alphabets of names (codepipeline.md 1.2 to 1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// `[A-Za-z0-9.@\-_]`: pipelines, stages, actions.
    Name,
    /// `[A-Za-z0-9@\-_]`: namespaces, variables.
    Namespace,
    /// `[A-Za-z0-9_\-]`: artifacts, providers, versions.
    Artifact,
    /// `[A-Za-z0-9_]`: environment variables.
    Environment,
    /// Anything.
    Any,
}

impl Alphabet {
    fn has(self, c: char) -> bool {
        let more = match self {
            Self::Name => ".@-_",
            Self::Namespace => "@-_",
            Self::Artifact => "-_",
            Self::Environment => "_",
            Self::Any => return true,
        };
        c.is_ascii_alphanumeric() || more.contains(c)
    }

    fn words(self) -> &'static str {
        match self {
            Self::Name => "letters, digits and . @ - _",
            Self::Namespace => "letters, digits and @ - _",
            Self::Artifact => "letters, digits, - and _",
            Self::Environment => "letters, digits and _",
            Self::Any => "anything",
        }
    }
}

/// A string. The API takes no number and no flag for one: `1` and `true` must be quoted.
pub(super) fn string<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Option<String> {
    let Some(scalar) = entry.value.scalar() else {
        reader.wrong_kind(path, entry, "a string");
        return None;
    };
    if entry.value.is_null() {
        return nothing(reader, path, entry, "a string");
    }
    if scalar.style == Style::Plain
        && let Some(is) = typed(scalar.text)
    {
        let quoted = format!("\"{}\"", scalar.text);
        let message = format!("`{path}` is {is}; CodePipeline expects a string");
        let finding = reader.error("wrong-kind", message, entry.value.span(), is);
        let fix = replace(entry.value.span(), quoted.clone());
        reader.push(finding.help(format!("write {quoted}")).fix("Put the value in quotes", fix));
    }
    Some(scalar.text.to_owned())
}

/// Whether a value is a number or a flag for want of quotes.
fn is_bare(entry: Entry<'_>) -> bool {
    entry.value.scalar().is_some_and(|scalar| scalar.style == Style::Plain && typed(scalar.text).is_some())
}

/// Says that nothing is there: the API takes no `null` (fidelity.md 2).
pub(super) fn nothing<'t, T>(
    reader: &mut Reader<'t>,
    path: &str,
    entry: Entry<'t>,
    expected: &str,
) -> Option<T> {
    // A value in a line that could not be read is not there for us.
    if !entry.value.tree().is_partial() {
        let written = entry.value.span();
        let span = if written.is_empty() { entry.key.span() } else { written };
        let message = format!("`{path}` is empty; CodePipeline expects {expected}");
        reader.push(
            reader
                .error("wrong-kind", message, span, "nothing here")
                .help("write the value, or remove the key"),
        );
    }
    None
}

/// A region.
pub(super) fn region<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Option<String> {
    let text = named(reader, path, entry, Alphabet::Artifact, 4..=30)?;
    if let Some(meant) = meant_region(&text) {
        let message = format!("there is no region `{text}`");
        let finding = reader.error("invalid-value", message, place(entry), "no region");
        reader.push(finding.help(format!("write {meant}")));
        return None;
    }
    // What is no region is not held against others.
    (4..=30).contains(&text.chars().count()).then_some(text)
}

/// The region that a misspelt one was probably meant to be. There may be others than those that are known, but all lie in a
/// direction.
pub(super) fn meant_region(text: &str) -> Option<String> {
    const DIRECTIONS: [&str; 9] =
        ["north", "south", "east", "west", "central", "northeast", "southeast", "northwest", "southwest"];
    let (before, number) = text.rsplit_once('-')?;
    let (area, direction) = before.rsplit_once('-')?;
    let is_region = number.parse::<u8>().is_ok() && area.len() >= 2 && direction.len() >= 4;
    if !is_region || DIRECTIONS.contains(&direction) || direction.contains(|c: char| !c.is_ascii_lowercase())
    {
        return None;
    }
    let meant = nearest(direction, &DIRECTIONS)?;
    Some(format!("{area}-{meant}-{number}"))
}

/// A string of bounded length in an alphabet.
pub(super) fn name<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    entry: Entry<'t>,
    alphabet: Alphabet,
    longest: usize,
) -> Option<String> {
    named(reader, path, entry, alphabet, 1..=longest)
}

fn named<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    entry: Entry<'t>,
    alphabet: Alphabet,
    lengths: RangeInclusive<usize>,
) -> Option<String> {
    // Of a number that would be no name in quotes either, that is said.
    let is_name =
        |text: &str| text.chars().all(|c| alphabet.has(c)) && lengths.contains(&text.chars().count());
    let bare = entry.value.text().filter(|text| is_bare(entry) && !is_name(text));
    let text = bare.map_or_else(|| string(reader, path, entry), |text| Some(text.to_owned()))?;
    let length = text.chars().count();
    if let Some(stranger) = text.chars().find(|c| !alphabet.has(*c)) {
        let message = format!("`{path}` has the character {stranger:?}, which is not allowed there");
        let finding = reader.error("pipeline-name", message, place(entry), "not a valid name");
        reader.push(finding.help(format!("use {}", alphabet.words())));
    } else if !lengths.contains(&length) {
        let (least, most) = (lengths.start(), lengths.end());
        let message = format!("`{path}` has {length} characters; {least} to {most} are allowed");
        reader.push(reader.error("pipeline-name", message, place(entry), "length"));
    }
    Some(text)
}

/// The ARN of a role.
pub(super) fn role<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Option<String> {
    // A number or a flag is no role in quotes either.
    let text = match entry.value.text().filter(|_| is_bare(entry)) {
        Some(text) => text.to_owned(),
        None => name(reader, path, entry, Alphabet::Any, 1024)?,
    };
    if let Some((why, severity)) = super::arns::wrong_role(&text) {
        let finding = reader.error("invalid-value", format!("`{path}` {why}"), place(entry), "no role");
        let finding = finding.help("it looks like arn:aws:iam::111122223333:role/NAME");
        reader.push(Finding { severity, ..finding });
    }
    Some(text)
}

/// A whole number in a range.
pub(super) fn integer<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    entry: Entry<'t>,
    range: RangeInclusive<u32>,
) -> Option<u32> {
    let text = entry.value.scalar().filter(|scalar| scalar.style == Style::Plain)?.text;
    match text.parse::<u32>() {
        Ok(number) if range.contains(&number) => Some(number),
        _ if entry.value.is_null() => nothing(reader, path, entry, "a number"),
        _ => {
            let message = format!("`{path}` is no whole number from {} to {}", range.start(), range.end());
            reader.push(reader.error("invalid-value", message, place(entry), "not in range"));
            None
        }
    }
}

/// Like [`integer`], and says so when the value is no plain number at all.
pub(super) fn number<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    entry: Entry<'t>,
    range: RangeInclusive<u32>,
) -> Option<u32> {
    if entry.value.scalar().is_none_or(|scalar| scalar.style != Style::Plain) {
        let message = format!("`{path}` is not a number");
        reader.push(reader.error("wrong-kind", message, place(entry), kind_words(entry.value.kind())));
        return None;
    }
    integer(reader, path, entry, range)
}

/// One of a closed set of words.
pub(super) fn choice<'t, T: Copy>(
    reader: &mut Reader<'t>,
    path: &str,
    entry: Entry<'t>,
    choices: &[(&'static str, T)],
) -> Option<T> {
    // Of a number or a flag it is told that it is none of the words.
    let plain =
        entry.value.scalar().filter(|scalar| scalar.style == Style::Plain && typed(scalar.text).is_some());
    let text = match plain.filter(|scalar| choices.iter().all(|(word, _)| *word != scalar.text)) {
        Some(scalar) => scalar.text.to_owned(),
        None => string(reader, path, entry)?,
    };
    let found = choices.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice);
    if found.is_none() {
        let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
        let finding =
            reader.error("invalid-value", format!("`{text}` is no `{path}`"), place(entry), "unknown");
        let help = nearest(&text, &words).map_or_else(|| words.join(", "), str::to_owned);
        reader.push(finding.help(format!("write {help}")));
    }
    found
}

/// The items of a list, each as an entry under the list's key.
pub(super) fn list<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Vec<Entry<'t>> {
    match entry.value.kind() {
        Kind::Sequence => entry.value.items().map(|value| Entry { key: entry.key, value }).collect(),
        Kind::Scalar if entry.value.is_null() => {
            nothing::<()>(reader, path, entry, "a list");
            Vec::new()
        }
        Kind::Scalar | Kind::Mapping => {
            reader.wrong_kind(path, entry, "a list");
            Vec::new()
        }
    }
}

/// A list of strings, with a bound on their number.
pub(super) fn strings<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    entry: Entry<'t>,
    (most, longest): (usize, usize),
) -> Vec<String> {
    let items = list(reader, path, entry);
    if items.len() > most {
        too_many(reader, path, entry, most);
    }
    let mut texts = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        texts.extend(name(reader, &format!("{path}[{index}]"), item, Alphabet::Any, longest));
    }
    texts
}

/// Says that a list is too long.
pub(super) fn too_many<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>, most: impl Display) {
    let message = format!("`{path}` has more than {most} entries");
    reader.push(reader.error("pipeline-limit", message, entry.key.span(), "too many"));
}

/// The mapping of an item of a list, which must be there.
pub(super) fn object<'t>(reader: &mut Reader<'t>, path: &str, item: Entry<'t>) -> Option<Node<'t>> {
    if item.value.kind() == Kind::Mapping {
        return Some(item.value);
    }
    reader.wrong_kind(path, item, "a mapping");
    None
}

/// The entry of a required key.
pub(super) fn required<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    mapping: Node<'t>,
    key: &str,
) -> Option<Entry<'t>> {
    let entry = mapping.entry(key).filter(|entry| !entry.value.is_null());
    // Of a misspelt key that is said, and not that it is missing too.
    if entry.is_none() && !mapping.tree().is_partial() && !is_misspelt(mapping, &[key], key) {
        let first = || mapping.entries().next().map_or(mapping.span(), |entry| entry.key.span());
        let span = mapping.entry(key).map_or_else(first, |entry| entry.key.span());
        let message =
            if path.is_empty() { format!("`{key}` is missing") } else { format!("`{path}` has no `{key}`") };
        reader.push(reader.error("missing-key", message, span, format!("no `{key}` here")));
    }
    entry
}

/// The API refuses parameters it does not know.
pub(super) fn only<'t>(reader: &mut Reader<'t>, path: &str, mapping: Node<'t>, known: &Section) {
    let known = known.names;
    let told = strays::tell(reader, mapping, known);
    for entry in mapping.entries() {
        let Some(key) = reader.key(path, entry) else { continue };
        if known.contains(&key) || told.contains(&entry.key.span()) {
            continue;
        }
        // A bracket that was lost may have ended the mapping too early.
        if path.is_empty() && mapping.tree().is_partial() && PIPELINE.names.contains(&key) {
            continue;
        }
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        let mut finding = reader.error(
            "unknown-key",
            format!("CodePipeline does not know `{path}`"),
            entry.key.span(),
            "unknown",
        );
        if key == "tags" && path == "tags" {
            finding = finding.help("`tags` stand beside `pipeline`, not in it");
        } else if let Some(meant) = nearest(key, known) {
            finding = rename(finding, entry.key.span(), known, meant, is_there(mapping, meant));
        }
        reader.push(finding);
    }
}

/// What YAML and JSON make of a plain scalar that is no text.
fn typed(text: &str) -> Option<&'static str> {
    match text {
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => return Some("a flag"),
        _ => {}
    }
    let looks_numeric = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    (looks_numeric && text.parse::<f64>().is_ok()).then_some("a number")
}

/// A node as JSON, for parts that are kept as written.
pub(super) fn json(node: Node<'_>) -> serde_json::Value {
    match node.kind() {
        Kind::Sequence => node.items().map(json).collect(),
        Kind::Mapping => {
            let pair = |entry: Entry<'_>| Some((entry.key.scalar()?.text.to_owned(), json(entry.value)));
            serde_json::Value::Object(node.entries().filter_map(pair).collect())
        }
        Kind::Scalar => match node.scalar() {
            Some(scalar) if scalar.style == Style::Plain && typed(scalar.text).is_some() => {
                serde_json::from_str(scalar.text).unwrap_or_else(|_| scalar.text.into())
            }
            _ => node.text().map_or(serde_json::Value::Null, Into::into),
        },
    }
}

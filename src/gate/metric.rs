//! A number in a JSON document, found by its path (ml-release.md 5, 6).
//!
//! Owns: paths, and what is found where a number should be. The number is taken as it is written. A key that stands twice
//! has no meaning, so it is never chosen from.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::spec::{Decimal, nearest};

/// The members of an object in their order, keys that stand twice included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// What people call the metric at a path: `accuracy` of `binary_classification_metrics.accuracy.value`.
pub(super) fn name(path: &str) -> &str {
    let mut parts = path.rsplit('.');
    let last = parts.next().unwrap_or(path);
    if last == "value" { parts.next().unwrap_or(last) } else { last }
}

/// The number at `path`; else what there is instead, in words.
pub(super) fn look_up(document: &[u8], path: &str) -> Result<Decimal, String> {
    let text = std::str::from_utf8(document).map_err(|_| "it is not UTF-8".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let whole: &RawValue = serde_json::from_str(text).map_err(|error| no_json(text, &error))?;
    let mut value = whole.get();
    let mut way = String::new();
    for part in path.split('.') {
        value = step(value, part, &way)?;
        if !way.is_empty() {
            way.push('.');
        }
        way.push_str(part);
    }
    let shown = brief(value);
    match value.as_bytes().first() {
        Some(b'{') => {
            let keys = members(value)?.0.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
            let hint = if keys.iter().any(|key| key == "value") {
                format!("; its number is {path}.value")
            } else {
                String::new()
            };
            Err(format!("{path} is an object with {}{hint}", listed(&keys)))
        }
        Some(b'[') => Err(format!("{path} is a list")),
        Some(b'"') => Err(format!("{path} is the text {shown}, not a number")),
        Some(b't' | b'f' | b'n') => Err(format!("{path} is {shown}, not a number")),
        _ => value.parse().map_err(|_| format!("{path} is {shown}, which is too long for a number")),
    }
}

fn no_json(text: &str, error: &serde_json::Error) -> String {
    let message = error.to_string();
    let why = message.rsplit_once(" at line ").map_or(message.as_str(), |(why, _)| why);
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let hint = match ["NaN", "Infinity"].iter().find(|word| line.contains(**word)) {
        Some(word) => format!("; JSON has no {word}"),
        None => String::new(),
    };
    format!("it is no JSON: line {}: {why}{hint}", error.line().max(1))
}

/// The value of a key, or of an item of a list; `way` is how far the path has come.
fn step<'a>(value: &'a str, part: &str, way: &str) -> Result<&'a str, String> {
    let place = if way.is_empty() { "the document".to_owned() } else { way.to_owned() };
    match value.as_bytes().first() {
        Some(b'{') => {
            let members = members(value)?.0;
            let mut found = members.iter().filter(|(key, _)| key == part);
            match (found.next(), found.next()) {
                (Some((_, value)), None) => Ok(value.get()),
                (Some(_), Some(_)) => Err(format!("{place} has `{part}` twice")),
                (None, _) => {
                    let keys: Vec<_> = members.into_iter().map(|(key, _)| key).collect();
                    let names: Vec<_> = keys.iter().map(String::as_str).collect();
                    let there = match nearest(part, &names) {
                        Some(near) => format!("there is `{}`", brief(near)),
                        None if names.is_empty() => "it is empty".to_owned(),
                        None => format!("there is {}", listed(&keys)),
                    };
                    Err(format!("{place} has no `{part}`; {there}"))
                }
            }
        }
        Some(b'[') => {
            let items: Vec<&RawValue> =
                serde_json::from_str(value).map_err(|error| no_json(value, &error))?;
            let index: Option<usize> = part.parse().ok();
            let item = index.and_then(|index| items.get(index));
            item.map(|item| item.get()).ok_or_else(|| {
                format!("{place} is a list of {}, which has no `{part}`; items count from 0", items.len())
            })
        }
        _ => Err(format!("{place} is {}, which has no `{part}`", brief(value))),
    }
}

fn members(value: &str) -> Result<Members<'_>, String> {
    serde_json::from_str(value).map_err(|error| no_json(value, &error))
}

fn listed(keys: &[String]) -> String {
    const SHOWN: usize = 5;
    let mut shown: Vec<_> = keys.iter().take(SHOWN).map(|key| brief(key)).collect();
    match keys.len() {
        0 => return "nothing in it".to_owned(),
        count if count > SHOWN => shown.push(format!("{} more", count - SHOWN)),
        _ => {}
    }
    shown.join(", ")
}

fn brief(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(document: &str, path: &str) -> String {
        look_up(document.as_bytes(), path).map_or_else(|why| why, |number| format!("= {number}"))
    }

    #[test]
    fn only_a_number_is_a_number() {
        // ml-release.md 6: metrics are objects with `value`; a standard deviation can be the text "NaN".
        let document = r#"{"binary_classification_metrics": {"accuracy": {"value": 0.8999999, "standard_deviation": "NaN"},
            "auc": 1, "count": 123456789012345678901234567890, "none": null, "yes": true, "list": [1, {"a": 2e-3}],
            "twice": 1, "twice": 2, "e": {}}, "inf": 1e999}"#;
        let of = |path: &str| found(document, &format!("binary_classification_metrics.{path}"));
        let table = [
            of("accuracy.value"),
            of("auc"),
            of("count"),
            of("list.0"),
            of("list.1.a"),
            found(document, "inf"),
            of("accuracy"),
            of("accuracy.standard_deviation"),
            of("none"),
            of("yes"),
            of("list"),
            of("list.2"),
            of("list.x"),
            of("twice"),
            of("acuracy.value"),
            of("precision"),
            of("e.f"),
            of("auc.value"),
            found(document, "regression_metrics.mse.value"),
            found("3", "a"),
            found("[]", "0"),
        ];
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn what_is_no_json_is_told_with_its_line() {
        let deep = "[".repeat(1_000_000);
        let table = [
            found("", "a"),
            found("{\"a\": 1", "a"),
            found("{\n\"a\": NaN}", "a"),
            found("{\"a\": -Infinity}", "a"),
            found("{\"a\": 01}", "a"),
            found("{\"a\": 1} {}", "a"),
            found("accuracy: 0.9", "accuracy"),
            found(&deep, "a"),
            found(&format!("{{\"a\": {}}}", "1".repeat(500)), "a"),
            look_up(b"{\"a\": \"\xff\"}", "a").unwrap_err(),
            found("\u{feff}{\"a\": 1}", "a"),
        ];
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn a_metric_is_called_by_its_name() {
        for (path, expected) in [
            ("binary_classification_metrics.accuracy.value", "accuracy"),
            ("accuracy", "accuracy"),
            ("value", "value"),
            ("a.auc", "auc"),
        ] {
            assert_eq!(name(path), expected);
        }
    }
}

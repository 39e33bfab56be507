//! `#{namespace.key}` in the text of an action (codepipeline.md 5).
//!
//! Owns: finding the references. Leaves to `structure`: whether they can be resolved; to `pipeline`: resolving them.

use std::ops::Range;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text that stays.
    Text(&'a str),
    /// A reference to a variable.
    Variable {
        /// Before the first dot.
        namespace: &'a str,
        /// After it.
        key: &'a str,
        /// Where the reference stands in the text, braces included.
        range: Range<usize>,
    },
    /// `#{…}` that is no `namespace.key`, which CodePipeline refuses.
    Malformed {
        /// What stands between the braces.
        inner: &'a str,
        /// Where it stands in the text, braces included.
        range: Range<usize>,
    },
    /// `#{namespace.key` without its `}`.
    Unclosed {
        /// Where it stands in the text.
        range: Range<usize>,
    },
}

/// Takes a text apart.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("#{") {
        let start = at + found;
        let length = text[start..].find('}').filter(|length| !is_beyond(&text[start + 2..start + length]));
        let Some(length) = length else {
            let length = text[start + 2..].find(|c| !is_of_reference(c));
            let end = length.map_or(text.len(), |length| start + 2 + length);
            if !is_reference(&text[start + 2..end]) {
                break;
            }
            if start > at {
                parts.push(Part::Text(&text[at..start]));
            }
            parts.push(Part::Unclosed { range: start..end });
            at = end;
            continue;
        };
        let end = start + length + 1;
        if start > at {
            parts.push(Part::Text(&text[at..start]));
        }
        let inner = &text[start + 2..end - 1];
        let range = start..end;
        parts.push(match inner.split_once('.') {
            Some((namespace, key)) if is_name(namespace) && is_key(key) => {
                Part::Variable { namespace, key, range }
            }
            _ => Part::Malformed { inner, range },
        });
        at = end;
    }
    if at < text.len() {
        parts.push(Part::Text(&text[at..]));
    }
    parts
}

/// The text with every well-formed reference replaced by what `lookup` gives, or the first reference it does not know,
/// as `namespace.key`. Malformed references stay as they are.
pub fn substitute(text: &str, lookup: impl Fn(&str, &str) -> Option<String>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Variable { namespace, key, .. } => match lookup(namespace, key) {
                Some(value) => out.push_str(&value),
                None => return Err(format!("{namespace}.{key}")),
            },
            Part::Malformed { range, .. } | Part::Unclosed { range } => out.push_str(&text[range]),
        }
    }
    Ok(out)
}

fn is_reference(text: &str) -> bool {
    text.split_once('.').is_some_and(|(namespace, key)| is_name(namespace) && is_key(key))
}

/// Whether the next `}` belongs to something else: another reference, or JSON around this one.
fn is_beyond(inner: &str) -> bool {
    let begins = inner.find(|c| !is_of_reference(c)).map(|end| &inner[..end]);
    begins.is_some_and(is_reference) && (inner.contains(['"', '\n']) || inner.contains("#{"))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c != '.' && is_of_reference(c))
}

fn is_of_reference(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '@' | '-' | '_' | '.')
}

/// Keys may also have dots: output variables of `Lambda` and `CloudFormation` actions are named by others.
fn is_key(text: &str) -> bool {
    !text.is_empty() && text.split('.').all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(namespace: &str, key: &str) -> Option<String> {
        (namespace == "Source" && key == "CommitId").then(|| "abc".to_owned())
    }

    #[test]
    fn references_are_replaced_as_plain_text() {
        for (text, expected) in [
            ("", Ok("")),
            ("no reference", Ok("no reference")),
            ("é #{Source.CommitId} ✅", Ok("é abc ✅")),
            ("#{Source.CommitId}#{Source.CommitId}", Ok("abcabc")),
            ("$#{Source.CommitId}", Ok("$abc")),
            ("#{ Source.CommitId }", Ok("#{ Source.CommitId }")),
            ("#{nodot} #{} #{open", Ok("#{nodot} #{} #{open")),
            ("a #{Source.CommitId", Ok("a #{Source.CommitId")),
            ("#{Source.Other}", Err("Source.Other")),
        ] {
            assert_eq!(substitute(text, known), expected.map(str::to_owned).map_err(str::to_owned), "{text}");
        }
    }

    #[test]
    fn what_is_no_namespace_and_key_is_malformed() {
        assert_eq!(parts("a#{b.c d"), [Part::Text("a"), Part::Unclosed { range: 1..6 }, Part::Text(" d")]);
        assert_eq!(
            parts("{\"a\":\"#{b.c\"}"),
            [Part::Text("{\"a\":\""), Part::Unclosed { range: 6..11 }, Part::Text("\"}")]
        );
        assert_eq!(parts("a#{b c.d"), [Part::Text("a#{b c.d")]);
        assert_eq!(parts("a#{b}"), [Part::Text("a"), Part::Malformed { inner: "b", range: 1..5 }]);
    }
}

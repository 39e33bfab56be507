//! Two parsers, one meaning: wherever our tree and serde_yaml (libyaml's code) both take a text, they agree; and where
//! both refuse it, the words we quote are libyaml's.
//!
//! Texts are made of fragments and of small damages to a sound file, from a fixed seed. `REHEARSAL_CASES` sets how many.

use std::cell::Cell;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_yaml::Value;

use super::*;
use crate::testing::cases;

const SOUND: &str = "version: 0.2\nenv:\n  variables:\n    A: \"b\"\n    É: ✅ # comment\nphases:\n  build: &build\n    commands:\n      - echo 'x'\n      - |\n        two\n        lines\n      - [a, b]\n      - {c: d}\n  test: *build\nartifacts:\n  files:\n  - a\n  base-directory: ~\n";

const FRAGMENTS: [&str; 48] = [
    "a", "b: ", "c:\n", "- ", "-\n", "\n", "\n  ", "\n    ", "  ", "\"x\"", "'y z'", "\"", "'", "[", "]",
    "{", "}", ",", ": ", ":", "|\n", ">-\n", "#", " # c\n", "&a ", "*a", "*", "<<: ", "é", "✅", "~", "true",
    "3.10", "0x1F", "!t ", "? ", "---\n", "\t", "\\", "%", "\n\t", "\n \t\n", "-\t", ":\t", "{a: b}", "#c",
    "...\n", "\r\n",
];

pub(crate) fn runner(few: u32) -> TestRunner {
    let config = Config { cases: cases(few), failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Fragments in a row: mostly rubbish, and now and then a document nobody would think of.
fn made() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&FRAGMENTS[..]), 0..24).prop_map(|parts| parts.concat())
}

/// A sound file with so many small damages.
pub(crate) fn damaged(sound: &'static str, most: usize) -> impl Strategy<Value = String> {
    let places: Vec<usize> = sound.char_indices().map(|(at, _)| at).collect();
    let damage = (prop::sample::select(places), prop::sample::select(&FRAGMENTS[..]), 0..3_usize);
    prop::collection::vec(damage, 0..=most).prop_map(move |mut damages| {
        let mut text = sound.to_owned();
        damages.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
        for (at, fragment, removed) in damages {
            let end = text[at..].char_indices().nth(removed).map_or(text.len(), |(length, _)| at + length);
            text.replace_range(at..end, fragment);
        }
        text
    })
}

/// Whether the tree and the value say the same. Scalars are text here and typed there.
fn agree(node: Node<'_>, value: &Value) -> bool {
    match value {
        Value::Tagged(tagged) => agree(node, &tagged.value),
        Value::Null => node.is_null() || node.tag().is_some(),
        Value::Bool(_) | Value::Number(_) => node.scalar().is_some_and(|scalar| scalar.style == Style::Plain),
        Value::String(text) => node.scalar().is_some_and(|scalar| scalar.text == text),
        Value::Sequence(items) => {
            node.kind() == Kind::Sequence
                && node.items().len() == items.len()
                && node.items().zip(items).all(|(node, value)| agree(node, value))
        }
        Value::Mapping(mapping) => {
            node.kind() == Kind::Mapping
                && node.written_entries().count() == mapping.len()
                && node
                    .written_entries()
                    .zip(mapping)
                    .all(|(entry, (key, value))| agree(entry.key, key) && agree(entry.value, value))
        }
    }
}

/// Every place lies inside the text, on characters, and inside its parent's place.
fn places_are_sound(node: Node<'_>, around: Span) -> Result<(), TestCaseError> {
    let span = node.content_span();
    let text = node.source().text();
    prop_assert!(text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize));
    prop_assert!(span.end <= node.source().len());
    prop_assert!(
        node.span() != span || (around.start <= span.start && span.end <= around.end),
        "{span:?} {around:?}"
    );
    for item in node.items() {
        places_are_sound(item, span)?;
    }
    for entry in node.written_entries() {
        places_are_sound(entry.key, span)?;
        places_are_sound(entry.value, span)?;
    }
    Ok(())
}

#[test]
fn tree_and_serde_yaml_agree_where_both_accept() {
    let both = Cell::new(0);
    let outcome = runner(2_000).run(&prop_oneof![made(), damaged(SOUND, 2)], |text| {
        let source = Arc::new(SourceFile::new("case.yml", text.as_str()));
        let parsed = parse(&source);
        let Some(tree) = &parsed.tree else { return Ok(()) };
        places_are_sound(tree.root(), Span::new(0, source.len()))?;
        // A file that is one bare block is no file anybody reads; the two differ on a `#` at its left edge.
        let block =
            tree.root().scalar().is_some_and(|scalar| matches!(scalar.style, Style::Literal | Style::Folded));
        if parsed.problems.is_empty()
            && !block
            && let Ok(value) = serde_yaml::from_str::<Value>(&text)
        {
            both.set(both.get() + 1);
            prop_assert!(agree(tree.root(), &value), "{text:?}\n{value:?}");
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(both.get() > cases(2_000) / 20, "only {} texts were accepted by both", both.get());
}

/// What libyaml says of a text; `None` when it takes it. Its limits and a second document are another matter.
fn libyaml(text: &str) -> Result<Option<String>, ()> {
    let Err(error) = serde_yaml::from_str::<serde::de::IgnoredAny>(text) else { return Ok(None) };
    let words = error.to_string();
    let other = ["more than one document", "recursion limit", "repetition limit"];
    if other.iter().any(|other| words.contains(other)) { Err(()) } else { Ok(Some(words)) }
}

/// What we say of it: the words for people, and those of libyaml.
fn ours(text: &str) -> Result<Option<(String, Option<&'static str>)>, ()> {
    let parsed = parse(&Arc::new(SourceFile::new("case.yml", text)));
    let mut first = None;
    for problem in parsed.problems {
        match problem.kind {
            ProblemKind::Syntax { libyaml, .. } => {
                first = first.or(Some((problem.message, libyaml)));
            }
            ProblemKind::UnknownAnchor => first = first.or(Some((problem.message, Some("unknown anchor")))),
            ProblemKind::DuplicateKey { .. } | ProblemKind::BadMerge => {}
            _ => return Err(()),
        }
    }
    Ok(first)
}

/// Differences that stand (docs/fidelity.md): files that are one block of text, tags, and anchors that end in `:`.
fn is_known(text: &str, ours: Option<&str>, theirs: Option<&str>) -> bool {
    let block =
        text.lines().any(|line| line.trim_start_matches(['-', ' ', '!', '.']).starts_with(['|', '>']));
    let tag =
        theirs.is_some_and(|words| words.contains("tag")) || ours.is_some_and(|words| words.contains("tag"));
    let anchor = text.contains('&') && ours.is_some();
    block || tag || anchor
}

#[test]
fn what_libyaml_refuses_is_refused_and_nothing_else() {
    let (taken, refused) = (Cell::new(0), Cell::new(0));
    let outcome = runner(4_000).run(&prop_oneof![made(), damaged(SOUND, 2)], |text| {
        let (Ok(ours), Ok(theirs)) = (ours(&text), libyaml(&text)) else { return Ok(()) };
        let words = ours.as_ref().map(|(message, _)| message.as_str());
        let count = if ours.is_some() { &refused } else { &taken };
        count.set(count.get() + 1);
        prop_assert!(
            ours.is_some() == theirs.is_some() || is_known(&text, words, theirs.as_deref()),
            "{text:?}\n ours: {ours:?}\n libyaml: {theirs:?}"
        );
        Ok(())
    });
    outcome.unwrap();
    let few = cases(4_000) / 20;
    assert!(taken.get() > few && refused.get() > few, "{} taken, {} refused", taken.get(), refused.get());
}

/// Where our parser alone would say something else: both say the same, in the same words.
#[test]
fn libyamls_habits_are_ours() {
    let token = Some("found character that cannot start any token");
    let plain = Some("found a tab character that violates indentation");
    let block = Some("found a tab character where an indentation space is expected");
    let separator = Some("did not find expected ',' or '}'");
    for (text, words) in [
        // Tabs.
        ("a:\n  \tb: c\n", token),
        ("a:\n\tb: c\n", token),
        ("\ta: b\n", token),
        ("a:\n  -\tb\n", token),
        ("a:\n  - \tb\n", token),
        ("a:\n  - -\tb\n", token),
        ("a:\n\n\t\n  - b\n", token),
        ("a:\n\t# c\n  b: c\n", token),
        ("a: 'b'\n\t\nc: d\n", token),
        ("a: b\n\t\nc: d\n", plain),
        ("a:\n  - b\n \t\n  - c\n", plain),
        ("a:\n  - b\n    \t\n  - c\n", None),
        ("a: b\n \tc\n", None),
        ("a: [b\n\t]\n", plain),
        ("a: [b,\n\tc]\n", None),
        ("a:\n  b: [\n\t\"c\",\n\t{\n\t\t\"d\": \"e\"\n\t}\n  ]\n  f: g\n", None),
        ("a:\n  b: [\n\tc\n  ]\n\td: e\n", token),
        ("a:\n  b: [\n\t'c'\n  ]\na:\n  b: [\n\t'd'\n  ]\n", None),
        ("{\n\t\"a\": 1,\n\t\"b\": [\n\t\t2\n\t]\n}\n", None),
        ("a: \"b\n\tc\"\n", None),
        ("a: |\n  b\n\t\nc: d\n", block),
        ("a: |\n  b\n  \t\nc: d\n", None),
        ("a: |\n  b\n  \tc\n", None),
        ("a:\tb\nc: d\t\ne: f\t# g\n", None),
        // Keys.
        (": a\n", Some("did not find expected key")),
        ("a:\n  - : b\n", Some("did not find expected key")),
        ("? a\n: b\n", None),
        ("{\"a\"\n: 1}", separator),
        ("a: {b\n  c: d}\n", separator),
        ("a: {b:\n  c}\n", None),
        ("a: {:}\n", Some("did not find expected node content")),
        // Comments.
        ("a: 'b'# c\nd: [e]# f\n", None),
        ("a: |# b\n  c\n", None),
        // Breaks of YAML 1.1, and marks in the middle.
        ("a: b\u{2028}c\n", Some("could not find expected ':'")),
        ("a: b\u{85}\n", None),
        ("# a\u{2028}b: c\n", None),
        ("a: 'b\u{2028}c'\n", None),
        ("a: b\u{feff}c\n", None),
        // What comes first.
        ("...\na: b\n", Some("did not find expected node content")),
        ("%FOO\n---\na: b\n", Some("found unknown directive name")),
        ("%YAML 1.1\n---\na: b\n", None),
    ] {
        let theirs = libyaml(text).unwrap();
        let ours = ours(text).unwrap();
        let starts = |theirs: &String| words.is_some_and(|words| theirs.starts_with(words));
        assert!(theirs.as_ref().map_or(words.is_none(), starts), "{text:?}: libyaml says {theirs:?}");
        assert_eq!(ours.and_then(|(_, words)| words), words, "{text:?}");
    }
}

#[test]
fn values_keep_their_marks_and_breaks() {
    let value = |text: &str| {
        let tree = parse(&Arc::new(SourceFile::new("case.yml", text))).tree.unwrap();
        tree.root().get("a").unwrap().text().unwrap().to_owned()
    };
    assert_eq!(value("a: b\u{feff}c\n"), "b\u{feff}c");
    assert_eq!(value("a: 'b\u{2028}c'\n"), "b\u{2028}c");
    assert_eq!(value("a: b\u{2028}\n"), "b");
}

#[test]
fn the_words_we_quote_are_libyamls() {
    let (quoted, same) = (Cell::new(0), Cell::new(0));
    let outcome = runner(1_000).run(&damaged(SOUND, 1), |text| {
        let parsed = parse(&Arc::new(SourceFile::new("case.yml", text.as_str())));
        let ours = parsed.problems.iter().find_map(|problem| match problem.kind {
            ProblemKind::Syntax { libyaml, .. } => libyaml,
            _ => None,
        });
        if let (Some(ours), Err(theirs)) = (ours, serde_yaml::from_str::<Value>(&text)) {
            quoted.set(quoted.get() + 1);
            same.set(same.get() + u32::from(theirs.to_string().starts_with(ours)));
        }
        Ok(())
    });
    outcome.unwrap();
    let (quoted, same) = (quoted.get(), same.get());
    assert!(quoted > 100 && f64::from(same) > 0.9 * f64::from(quoted), "{same} of {quoted} quotations");
}

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

const FRAGMENTS: [&str; 40] = [
    "a", "b: ", "c:\n", "- ", "-\n", "\n", "\n  ", "\n    ", "  ", "\"x\"", "'y z'", "\"", "'", "[", "]",
    "{", "}", ",", ": ", ":", "|\n", ">-\n", "#", " # c\n", "&a ", "*a", "*", "<<: ", "é", "✅", "~", "true",
    "3.10", "0x1F", "!t ", "? ", "---\n", "\t", "\\", "%",
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

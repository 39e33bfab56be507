//! Where the words of scalars stand, in each way of writing them; damaged texts too.

use std::sync::Arc;

use super::*;
use crate::syntax::agreement::{damaged, runner};
use crate::syntax::{Kind, SourceFile, parse};

/// Every scalar below a node.
fn scalars<'t>(node: Node<'t>, found: &mut Vec<Node<'t>>) {
    match node.kind() {
        Kind::Scalar => found.push(node),
        Kind::Sequence => node.items().for_each(|item| scalars(item, found)),
        Kind::Mapping => node.written_entries().for_each(|entry| {
            scalars(entry.key, found);
            scalars(entry.value, found);
        }),
    }
}

/// What stands in the file where the value has `word`.
fn written(text: &str, word: &str) -> String {
    let tree = parse(&Arc::new(SourceFile::new("test.yml", text))).tree.unwrap();
    let node = tree.root().get("a").unwrap();
    let value = node.text().unwrap();
    let at = value.find(word).unwrap_or_else(|| panic!("{word:?} in {value:?}"));
    let map = TextMap::of(node);
    assert!(map.is_exact(), "{text:?}");
    let span = map.span(Span::new(offset(at), offset(at + word.len())));
    tree.source().slice(span).to_owned()
}

#[test]
fn words_are_found_where_they_were_written() {
    for (text, word, expected) in [
        ("a: make all", "all", "all"),
        ("a: make\n  all  of\n\n  it\n", "all  of", "all  of"),
        ("a: make\n  all\n", "make all", "make\n  all"),
        ("a: make\n\n  all\n", "\nall", "\n\n  all"),
        ("a: 'it''s all'", "s all", "s all"),
        ("a: 'it''s all'", "it's", "it''s"),
        ("a: 'one\n  two'", "two", "two"),
        (r#"a: "x\ty \u00e9 z""#, "z", "z"),
        (r#"a: "x\ty \u00e9 z""#, "é", r"\u00e9"),
        (r#"a: "x\ty \u00e9 z""#, "\ty", r"\ty"),
        (r#"{"a": "\ud83d\ude00 b\/c"}"#, "b/c", r"b\/c"),
        ("a: \"one \\\n   two\"", "two", "two"),
        ("a: \"one\\n\n   two\"", "two", "two"),
        ("a: |\n  one\n  two\n", "two", "two"),
        ("a: |\r\n  one\r\n  two\r\n", "two", "two"),
        ("a: |\n  one\n    two\n  three\n", "  two\nthree", "  two\n  three"),
        ("a: |2\n    one\n  two\n", "two", "two"),
        ("a: |2\n    one\n  two\n", "  one", "  one"),
        ("a: |\n\n\n  one\n\n  two\n", "one\n\ntwo", "one\n\n  two"),
        ("a: |-\n  éé\n  ✅ two\n\n", "two", "two"),
        ("a: >\n  one\n  two\n\n  three\n", "two\nthree", "two\n\n  three"),
        ("a: >\n  one\n  two\n", "one two", "one\n  two"),
        ("a: >-\n  one\n    - two\n    - three\n  four\n", "  - three", "  - three"),
        ("a: >-\n  one\n    - two\n    - three\n  four\n", "four", "four"),
        ("b: &b [x]\na: |\n  one\n\nc: *b\n", "one", "one"),
    ] {
        assert_eq!(written(text, word), expected, "{word:?} in {text:?}");
    }
}

#[test]
fn an_end_belongs_to_what_is_before_it_and_nothing_is_beyond_the_scalar() {
    let tree = parse(&Arc::new(SourceFile::new("test.yml", "a: |\n  one\n  two\nb: c\n"))).tree.unwrap();
    let map = TextMap::of(tree.root().get("a").unwrap());
    let slice = |start, end| tree.source().slice(map.span(Span::new(start, end)));
    assert_eq!(slice(0, 3), "one");
    assert_eq!(slice(0, 4), "one\n  ");
    assert_eq!(slice(4, 8), "two");
    assert_eq!(slice(8, 8), "");
    assert_eq!(slice(4, 99), "two");
    assert_eq!(map.span(Span::empty(99)).start, 16);
}

#[test]
fn what_is_no_scalar_is_known_by_its_first_line() {
    let tree = parse(&Arc::new(SourceFile::new("test.yml", "a:\n  - b\n  - c\n"))).tree.unwrap();
    let map = TextMap::of(tree.root().get("a").unwrap());
    assert!(!map.is_exact());
    assert_eq!(tree.source().slice(map.span(Span::new(3, 4))), "- b");
}

/// Whether each character of the value stands in the file where the map says.
fn holds(text: &str) {
    let Some(tree) = parse(&Arc::new(SourceFile::new("test.yml", text))).tree else { return };
    let mut found = Vec::new();
    scalars(tree.root(), &mut found);
    for node in found {
        let (value, style) = node.scalar().map(|scalar| (scalar.text, scalar.style)).unwrap();
        let map = TextMap::of(node);
        if node.is_null() || node.content_span().is_empty() || value.is_empty() {
            continue;
        }
        // What could not be read was read as space, also in the middle of a text.
        if tree.is_partial() && !map.is_exact() {
            continue;
        }
        assert!(map.is_exact(), "{style:?} {value:?} in {text:?}");
        for (at, c) in value.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            let slice = tree.source().slice(map.span(Span::new(offset(at), offset(at + c.len_utf8()))));
            let escaped = style == Style::DoubleQuoted && slice.starts_with('\\')
                || style == Style::SingleQuoted && slice == "''";
            assert!(escaped || slice.chars().eq([c]), "{c:?} of {value:?} is {slice:?} in {text:?}");
        }
    }
}

#[test]
fn every_character_is_where_the_map_says() {
    const SOUND: &str = "a: |\n  one\n    two\n\n  three\nb: >-\n  one\n  two\n\n    - x\n  y\nc: 'it''s\n  all'\nd: \"x\\ty \\u00e9\\\n  z \\\"q\\\" ✅\"\ne: plain text\n  goes on\nf: {g: h, i: \"j\"}\n";
    runner(2_000)
        .run(&damaged(SOUND, 3), |text| {
            holds(&text);
            Ok(())
        })
        .unwrap();
}

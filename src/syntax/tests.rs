//! What the tree promises, by example.

use std::sync::Arc;

use super::*;

fn parsed(text: &str) -> Parsed {
    parse(&Arc::new(SourceFile::new("test.yml", text)))
}

/// The tree as one line: mappings in braces, lists in brackets, every scalar in quotes.
fn drawn(node: Node<'_>) -> String {
    match node.kind() {
        Kind::Scalar => node.text().map_or("null".to_owned(), |text| format!("{text:?}")),
        Kind::Sequence => format!("[{}]", node.items().map(drawn).collect::<Vec<_>>().join(", ")),
        Kind::Mapping => {
            let entry = |entry: Entry<'_>| format!("{}: {}", drawn(entry.key), drawn(entry.value));
            format!("{{{}}}", node.entries().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

fn kinds(parsed: &Parsed) -> Vec<ProblemKind> {
    parsed.problems.iter().map(|problem| problem.kind).collect()
}

#[test]
fn texts_become_trees() {
    for (text, expected) in [
        ("", "null"),
        ("# nothing\n", "null"),
        ("a: 3.10\nb: 0.20\nc: no\nd: 0x1F\n", r#"{"a": "3.10", "b": "0.20", "c": "no", "d": "0x1F"}"#),
        (
            "a:\nb: ~\nc: null\nd: \"\"\ne: ''\nf: \"~\"\n",
            r#"{"a": null, "b": null, "c": null, "d": "", "e": "", "f": "~"}"#,
        ),
        ("a:\n- x\n-\n- - y\n", r#"{"a": ["x", null, ["y"]]}"#),
        ("a: |\n  one\n  two\nb: >-\n  one\n  two\n", r#"{"a": "one\ntwo\n", "b": "one two"}"#),
        ("a: one\n  two\n", r#"{"a": "one two"}"#),
        ("a: 'it''s'\nb: \"\\u00e9\\n\"\n", "{\"a\": \"it's\", \"b\": \"é\\n\"}"),
        ("{\"a\":[1,{\"b\":\"\\/\\ud83d\\ude00\"}]}", r#"{"a": ["1", {"b": "/😀"}]}"#),
        ("\u{feff}a: b\r\nc: d\r\n", r#"{"a": "b", "c": "d"}"#),
        (
            "x: &x {a: b}\ny: *x\nz: [*x, *x]\n",
            r#"{"x": {"a": "b"}, "y": {"a": "b"}, "z": [{"a": "b"}, {"a": "b"}]}"#,
        ),
        ("? [a, b]\n: c\n", r#"{["a", "b"]: "c"}"#),
        ("a: 1\n---\n", r#"{"a": "1"}"#),
        ("--- # first\na: 1\n...\n", r#"{"a": "1"}"#),
    ] {
        let parsed = parsed(text);
        assert_eq!(kinds(&parsed), [], "{text:?}");
        assert_eq!(drawn(parsed.tree.unwrap().root()), expected, "{text:?}");
    }
}

#[test]
fn merge_keys_give_what_the_mapping_does_not_say_itself() {
    for (text, expected) in [
        (
            "b: &b {x: 1, y: 2}\nm:\n  <<: *b\n  y: 3\n",
            r#"{"b": {"x": "1", "y": "2"}, "m": {"y": "3", "x": "1"}}"#,
        ),
        ("m: {<<: [{x: 1}, {x: 2, y: 2}]}\n", r#"{"m": {"x": "1", "y": "2"}}"#),
        (
            "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n",
            r#"{"a": {"x": "1"}, "b": {"y": "2", "x": "1"}, "c": {"y": "2", "x": "1"}}"#,
        ),
        ("m: {\"<<\": {x: 1}}\n", r#"{"m": {"<<": {"x": "1"}}}"#),
    ] {
        let parsed = parsed(text);
        assert_eq!(kinds(&parsed), [], "{text:?}");
        assert_eq!(drawn(parsed.tree.unwrap().root()), expected, "{text:?}");
    }
    assert_eq!(kinds(&parsed("m: {<<: text}\n")), [ProblemKind::BadMerge]);
    assert_eq!(kinds(&parsed("m: {<<: [{a: b}, text]}\n")), [ProblemKind::BadMerge]);
}

#[test]
fn of_a_key_that_stands_twice_both_places_are_known_and_the_later_counts() {
    let parsed = parsed("a: 1\nb: 2\n\"a\": 3\na: 4\n");
    let first = |start, end| ProblemKind::DuplicateKey { first: Span::new(start, end) };
    assert_eq!(kinds(&parsed), [first(0, 1), first(10, 13)]);
    let tree = parsed.tree.unwrap();
    assert_eq!(drawn(tree.root()), r#"{"b": "2", "a": "4"}"#);
    assert_eq!(tree.root().get("a").unwrap().text(), Some("4"));
}

#[test]
fn every_key_value_and_comment_knows_its_bytes() {
    let text = "é: ✅ # ok\nlist:\n  - \"two\n    lines\"\n  - |\n    block\n\nx: &x [1]\ny: *x\n";
    let parsed = parsed(text);
    let tree = parsed.tree.as_ref().unwrap();
    let slice = |node: Node<'_>| tree.source().slice(node.span());
    let root = tree.root();
    let entry = root.entry("é").unwrap();
    assert_eq!((slice(entry.key), slice(entry.value)), ("é", "✅"));
    let items: Vec<_> = root.get("list").unwrap().items().map(slice).collect();
    assert_eq!(items, ["\"two\n    lines\"", "block"]);
    let alias = root.get("y").unwrap();
    assert_eq!((slice(alias), tree.source().slice(alias.content_span())), ("*x", "[1]"));
    let comments: Vec<_> =
        parsed.comments().iter().map(|comment| tree.source().slice(comment.span)).collect();
    assert_eq!(comments, ["# ok"]);
}

#[test]
fn positions_count_from_one_in_characters() {
    let source = SourceFile::new("x", "\u{feff}a: é\r\n✅b\n\nlast");
    for (offset, line, column) in [
        (0, 1, 1),
        (3, 1, 1),
        (4, 1, 2),
        (8, 1, 5),
        (10, 2, 1),
        (13, 2, 2),
        (15, 3, 1),
        (16, 4, 1),
        (20, 4, 5),
        (99, 4, 5),
    ] {
        let position = source.position(offset);
        assert_eq!((position.line, position.column), (line, column), "{offset}");
    }
    let lines: Vec<_> = (1..=5).map(|line| source.line_span(line).map(|span| source.slice(span))).collect();
    assert_eq!(lines, [Some("\u{feff}a: é"), Some("✅b"), Some(""), Some("last"), None]);
    assert_eq!(SourceFile::new("empty", "").position(0), Position { line: 1, column: 1, offset: 0 });
}

#[test]
fn spans_join_and_contain() {
    let (a, b) = (Span::new(2, 5), Span::new(7, 9));
    assert_eq!(a.join(b), Span::new(2, 9));
    assert!(a.contains(2) && a.contains(4) && !a.contains(5));
    assert_eq!(Span::new(5, 3), Span::empty(5));
    assert_eq!((a.len(), b.is_empty(), Span::empty(4).is_empty()), (3, false, true));
}

/// The sections around the broken one are still there, at their places.
#[test]
fn reading_goes_on_after_a_syntax_error() {
    for (text, left, errors) in [
        ("a: [x\nb: 2\nc: 3\n", r#"{"b": "2", "c": "3"}"#, 1),
        ("a: \"x\nb: 2\n", r#"{"b": "2"}"#, 1),
        ("a: b: c\nd: 1\n", r#"{"d": "1"}"#, 1),
        ("a:\n\tb: 1\nc: 1\n", r#"{"a": null, "c": "1"}"#, 1),
        ("a:\n  - x\n b: 1\nc:\n- d\n- e\n", r#"{"a": {"b": "1"}, "c": ["d", "e"]}"#, 1),
        // Lines within a section, with what is below them; two of them.
        ("a:\n  b:\n    - @x\n    - y\n  c: z\n", r#"{"a": {"b": ["y"], "c": "z"}}"#, 1),
        ("a:\n  b: @x\n    - y\n  c: z\n", r#"{"a": {"c": "z"}}"#, 1),
        ("a:\n  b: @x\n  c: y\n  d: @z\n", r#"{"a": {"c": "y"}}"#, 2),
        // One behind the other; lines at column 0 that follow from each other; an anchor that is left out.
        ("a:\n  - @x\n  - @y\n  - z\n", r#"{"a": ["z"]}"#, 2),
        ("a:\n  - b: |\n      c\nd\ne\n  - f\ng: h\n", r#"{"a": [{"b": "c\n"}], "g": "h"}"#, 1),
        ("a: &x @\nb: *x\n", r#"{"b": "*x"}"#, 1),
        // What is still open further up: a bracket, quotes.
        ("a:\n  - [x\n  - y\n  - z\nb: 1\n", r#"{"a": ["y", "z"], "b": "1"}"#, 1),
        ("a:\n  - \"x\n  - y\n  - a \"z\"\nb: 1\n", r#"{"a": ["y", "a \"z\""], "b": "1"}"#, 1),
        ("one: @\ntwo: 2\nthree: `\nfour: 4\n", r#"{"two": "2", "four": "4"}"#, 2),
        ("a: 1\nb: }\n", r#"{"a": "1"}"#, 1),
    ] {
        let parsed = parsed(text);
        assert_eq!(parsed.problems.len(), errors, "{text:?} {:?}", parsed.problems);
        let tree = parsed.tree.unwrap();
        assert!(tree.is_partial() && !tree.left_out().is_empty());
        assert_eq!(drawn(tree.root()), left, "{text:?}");
        for entry in tree.root().entries() {
            assert_eq!(Some(tree.source().slice(entry.key.span())), entry.key.text());
        }
    }
}

#[test]
fn reading_stops_after_eight_new_beginnings() {
    let text = (0..20).map(|n| format!("key{n}: @\n")).collect::<Vec<_>>().concat();
    let parsed = parsed(&text);
    assert!(parsed.tree.is_none());
    assert_eq!(parsed.problems.len(), LIMITS.recoveries + 1);
}

#[test]
fn one_broken_section_alone_leaves_nothing() {
    for text in ["{\"a\": [1,\n", "- a\n- b: [\n- c\n", "a: [", "\"", "%"] {
        let parsed = parsed(text);
        assert!(parsed.tree.is_none(), "{text:?}");
        assert!(!parsed.problems.is_empty(), "{text:?}");
    }
}

#[test]
fn an_alias_without_an_anchor_is_one_problem_and_reading_goes_on() {
    let parsed = parsed("files:\n  - **/*\n  - *.log\n  - a\n");
    assert_eq!(kinds(&parsed), [ProblemKind::UnknownAnchor, ProblemKind::UnknownAnchor]);
    assert_eq!(parsed.tree.unwrap().root().get("files").unwrap().items().len(), 3);
}

#[test]
fn only_the_first_document_is_read() {
    let parsed = parsed("a: 1\n---\nb: 2\n---\nc: 3\n");
    assert_eq!(kinds(&parsed), [ProblemKind::MultipleDocuments]);
    assert_eq!(parsed.problems[0].span, Span::new(5, 8));
    assert_eq!(drawn(parsed.tree.unwrap().root()), r#"{"a": "1"}"#);
}

#[test]
fn tags_are_kept() {
    let parsed = parsed("a: !Ref x\nb: !!str 3\nc: y\n");
    let tree = parsed.tree.unwrap();
    let tag = |key: &str| tree.root().get(key).unwrap().tag();
    assert_eq!((tag("a"), tag("b"), tag("c")), (Some("!Ref"), Some("tag:yaml.org,2002:str"), None));
}

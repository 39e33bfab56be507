//! What users and programs see of a finding.

use std::sync::Arc;

use super::human::{Style, render, visible};
use super::*;

fn sample() -> Finding {
    let text = "version: 0.2\nphases:\n  biuld:\n    commands:\n      - make\n";
    let source = Arc::new(SourceFile::new("buildspec.yml", text));
    Finding::error("unknown-phase", "`biuld` is not a build phase", &source, Span::new(23, 28), "never run")
        .label(Span::new(13, 19), "in here")
        .help("write `build`")
        .aws("YAML_FILE_ERROR: Invalid buildspec phase name: biuld. Expecting: build,install,post_build,pre_build")
        .fix("Rename the phase", vec![Edit { span: Span::new(23, 28), replacement: "build".to_owned() }])
}

#[test]
fn a_finding_shows_the_place_and_what_to_write() {
    insta::assert_snapshot!(render(&[sample()], Style::plain(100)));
}

#[test]
fn without_graphics_a_finding_is_told_in_sentences() {
    insta::assert_snapshot!(render(&[sample()], Style { graphics: false, ..Style::plain(100) }));
}

#[test]
fn colour_and_links_come_only_when_asked_for() {
    let plain = render(&[sample()], Style::plain(100));
    assert!(!plain.contains('\u{1b}'));
    let coloured = render(&[sample()], Style { color: true, ..Style::plain(100) });
    assert!(coloured.contains('\u{1b}'));
}

#[test]
fn the_json_document_has_its_documented_shape() {
    let mut document = Vec::new();
    json::write(&mut document, &[sample()], 1, None, &[]).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&document).unwrap();
    insta::assert_json_snapshot!(document);
}

#[test]
fn a_file_cannot_talk_to_the_terminal() {
    let text = "a: \u{1b}]0;title\u{7}\u{85}\u{202e}b\n";
    assert_eq!(visible(text), "a: ?]0;title?\u{b7}\u{fffd}b\n");
    assert_eq!(visible(text).len(), text.len());
    let source = Arc::new(SourceFile::new("a\u{1b}[2J.yml", text));
    let finding = Finding::error("x", "\u{1b}[31m", &source, Span::new(3, 4), "\u{1b}[1m").help("\u{1b}c");
    assert!(!render(&[finding], Style::plain(100)).contains('\u{1b}'));
}

#[test]
fn a_line_of_a_hundred_thousand_characters_is_not_drawn() {
    let source = Arc::new(SourceFile::new("long.yml", format!("a: [{}", "x, ".repeat(100_000))));
    let finding = Finding::error("yaml-syntax", "broken", &source, Span::new(4, 5), "here");
    let drawn = render(&[finding], Style::plain(100));
    assert!(drawn.len() < 500 && drawn.contains("long.yml:1:5"), "{drawn}");
}

/// What is around the place is drawn, under the number of its own line and column.
#[test]
fn of_a_long_line_a_part_is_drawn() {
    let text = format!("{{\"a\": \"{}\", \"biuld\": 1, \"z\": \"{}\"}}\n", "é".repeat(300), "y".repeat(300));
    let at = |word: &str| u32::try_from(text.find(word).unwrap()).unwrap();
    let (bad, end) = (at("biuld"), at("yyy") + 200);
    let source = Arc::new(SourceFile::new("long.json", text.as_str()));
    let finding = Finding::error("unknown-phase", "no phase", &source, Span::new(bad, bad + 5), "never run")
        .label(Span::new(bad + 8, bad + 9), "near")
        .label(Span::new(end, end + 1), "far");
    insta::assert_snapshot!(render(&[finding], Style::plain(100)));
}

#[test]
fn a_byte_order_mark_is_not_drawn() {
    let source = Arc::new(SourceFile::new("marked.yml", "\u{feff}verison: 0.2\n"));
    let drawn =
        render(&[Finding::error("x", "no key", &source, Span::new(3, 10), "here")], Style::plain(100));
    assert!(!drawn.contains(['\u{fffd}', '\u{feff}']) && drawn.contains("marked.yml:1:1"), "{drawn}");
}

#[test]
fn json_says_how_many_findings_are_left_out() {
    let mut document = Vec::new();
    json::write(&mut document, &[sample(), Finding { left_out: 7, ..sample() }], 1, None, &[]).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&document).unwrap();
    assert_eq!(
        document["summary"],
        serde_json::json!({"files": 1, "errors": 2, "warnings": 0, "left_out": 7})
    );
}

#[test]
fn labels_may_touch_the_end_of_the_file_or_be_empty() {
    for text in ["", "a", "a\n", "\u{feff}a: é"] {
        let source = Arc::new(SourceFile::new("edge.yml", text));
        let end = source.len();
        for span in [Span::empty(0), Span::empty(end), Span::new(0, end)] {
            let finding = Finding::warning("edge", "at the edge", &source, span, "here");
            assert!(render(&[finding], Style::plain(100)).contains("at the edge"));
        }
    }
}

/// A finding with all that it can have, silenced and not.
#[test]
fn sarif_is_what_its_schema_asks_for() {
    let schema = include_str!("../../fixtures/sarif/sarif-schema-2.1.0.json");
    let mut schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    // The pattern of a key that we do not write has a bracket too many, and is no regular expression.
    for thing in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][thing]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    let schema = jsonschema::validator_for(&schema).unwrap();
    let finding = Finding { url: Some("https://docs.aws.amazon.com/"), ..sample() };
    let advice = Finding { severity: Severity::Advice, ..sample() };
    let found = |finding, path, silenced| sarif::Found { finding, path, silenced };
    let found = [
        found(&finding, "a b/%:é.yml", None),
        found(&advice, "../elsewhere.yml", Some(sarif::Silenced::InSource("a reason"))),
        found(&finding, "/tmp/elsewhere.yml", Some(sarif::Silenced::InSource(""))),
        found(&finding, "<stdin>", Some(sarif::Silenced::External)),
    ];
    let about = |code: &str| {
        (code == "unknown-phase").then(|| sarif::About {
            code: "unknown-phase",
            severity: Severity::Error,
            summary: "a phrase",
            doc: "Some\nlines.\n\nMore.",
            page: "# A page".to_owned(),
            url: finding.url,
        })
    };
    for document in
        [sarif::render(&found, &about), sarif::render(&[], &about), sarif::render(&found, &|_| None)]
    {
        let wrong: Vec<_> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
    // The schema tells right from wrong.
    let mut document = sarif::render(&found, &about);
    document["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(!schema.is_valid(&document));
}

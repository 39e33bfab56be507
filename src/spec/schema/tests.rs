//! The documents themselves, and that the tables and the readers know the same keys. What files they accept stands in
//! `check`, which knows all files.

use std::path::Path;

use super::*;
use crate::spec::appspec as reader;
use crate::testing;

/// `REHEARSAL_UPDATE=1` writes them anew.
#[test]
fn the_schemas_of_the_documentation_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas");
    for schema in Schema::ALL {
        let path = folder.join(format!("{}.json", schema.word()));
        if testing::updates() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, schema.text()).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        let name = path.display();
        assert!(written == schema.text(), "{name} is stale: run the tests with REHEARSAL_UPDATE=1");
    }
}

#[test]
fn each_is_a_schema_that_refers_to_nothing_outside_and_defines_nothing_in_vain() {
    for schema in Schema::ALL {
        let text = schema.text();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        jsonschema::draft7::meta::validate(&document).unwrap();
        jsonschema::draft7::new(&document).unwrap();
        let definitions = document["definitions"].as_object().unwrap();
        for name in definitions.keys() {
            assert!(text.contains(&format!("\"#/definitions/{name}\"")), "{}: {name}", schema.word());
        }
        for reference in text.split("\"$ref\": \"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let name = reference.strip_prefix("#/definitions/").unwrap();
            assert!(definitions.contains_key(name), "{}: {name}", schema.word());
        }
        let described = text.matches("\"description\": \"\"").count();
        assert_eq!(described, 0, "{}", schema.word());
    }
}

/// Where the section of an appspec stands, around its keys.
const APPSPEC: [(&Section, &str, &str); 5] = [
    (&appspec::SERVER, "", ""),
    (&appspec::FILE, "files: [{", "}]"),
    (&appspec::PERMISSION, "permissions: [{", "}]"),
    (&appspec::CONTEXT, "permissions: [{ context: {", "}}]"),
    (&appspec::SCRIPT, "hooks: { AfterInstall: [{", "}]}"),
];

/// The readers of other files take their keys from the tables.
#[test]
fn the_reader_of_appspecs_knows_the_keys_of_the_tables_and_no_others() {
    let sections = APPSPEC.map(|(section, ..)| section.names);
    let mut all: Vec<_> = sections.into_iter().flatten().chain(appspec::HOOKS.names).copied().collect();
    all.extend(["Hooks", "nothing", "overwrite", "resource", "user"]);
    let codes = |text: &str, key: &str| {
        let found = reader::load("appspec.yml", text.as_bytes()).findings.into_iter();
        let at_key = found.filter(|finding| finding.source.slice(finding.primary.span) == key);
        at_key.map(|finding| finding.code).collect::<Vec<_>>()
    };
    for (section, before, after) in APPSPEC {
        for key in &all {
            let text = match before {
                "" => format!("{key}: x\n"),
                _ => format!("{before} {key}: x {after}\n"),
            };
            let is_unknown = codes(&text, key).contains(&"unknown-key");
            let is_known = section.names.contains(key);
            assert_eq!(is_unknown, !is_known, "{key} in {}", section.name);
        }
    }
    for event in all {
        let unknown =
            codes(&format!("hooks: {{ {event}: [] }}\n"), event).contains(&"unknown-lifecycle-event");
        assert_eq!(unknown, !appspec::HOOKS.names.contains(&event), "{event}");
    }
}

#[test]
fn what_is_on_one_line_is_decided_by_its_width() {
    let short = json::object([("a", Json::texts(&["x", "y"])), ("b", json::object([("type", "null")]))]);
    assert_eq!(short.text(), "{ \"a\": [\"x\", \"y\"], \"b\": { \"type\": \"null\" } }\n");
    let long = "word ".repeat(30);
    let long = json::object([("a", Json::texts(&["x", &long])), ("b", json::object::<&str, Json>([]))]);
    let expected =
        format!("{{\n  \"a\": [\n    \"x\",\n    \"{}\"\n  ],\n  \"b\": {{}}\n}}\n", "word ".repeat(30));
    assert_eq!(long.text(), expected);
}

//! From tables of keys to the members of a schema.
//!
//! Owns: how each kind of value is written in draft-07, and the definitions that a document needs. Two habits are for
//! yaml-language-server. It proposes `null`, `true` and `false` wherever `type` names them: a single value is a condition
//! instead. And its `yaml.disableAdditionalProperties` closes what is of exactly the type `object` and says nothing of
//! other keys: open sections are, and nothing else is.

use super::json::{Json, object};
use super::{ANY, Key, Section, Together, Value};
use crate::spec::buildspec::belongs;

/// The sections a document refers to, each once.
#[derive(Default)]
pub(super) struct Definitions {
    found: Vec<(String, Option<Json>)>,
}

/// A document: its head, what is asked of its root, and the sections that are referred to from there.
pub(super) fn document(
    title: &str,
    description: &str,
    root: Vec<(String, Json)>,
    definitions: Definitions,
) -> Json {
    let single = object([
        ("if", object([("type", Json::texts(&["object", "array"]))])),
        ("then", object([("type", "string")])),
    ]);
    // What the AWS CLI prints for things that are not used.
    let unused = object([(
        "anyOf",
        Json::List(vec![
            object([("type", "null")]),
            object([("type", Json::from("array")), ("maxItems", 0.into())]),
            object([("type", Json::from("object")), ("maxProperties", 0.into())]),
            object([
                ("properties", object([("type", constant("NO_CACHE"))])),
                ("required", Json::texts(&["type"])),
            ]),
            object([
                ("properties", object([("enabled", object([("const", false)]))])),
                ("required", Json::texts(&["enabled"])),
            ]),
        ]),
    )]);
    let mut members = vec![
        ("$schema".to_owned(), Json::from("http://json-schema.org/draft-07/schema#")),
        ("title".to_owned(), Json::from(title)),
        ("description".to_owned(), Json::from(description)),
    ];
    members.extend(root);
    let found = definitions.found.into_iter();
    let mut all: Vec<_> = found.filter_map(|(name, json)| Some((name, json?))).collect();
    all.extend([("single".to_owned(), single), ("unused".to_owned(), unused)]);
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    let needed = |all: &[(String, Json)], name: &str| {
        let reference = format!("#/definitions/{name}");
        members.iter().any(|(_, json)| mentions(json, &reference))
            || all.iter().any(|(_, json)| mentions(json, &reference))
    };
    let used: Vec<_> = all.iter().filter(|(name, _)| needed(&all, name)).cloned().collect();
    members.push(("definitions".to_owned(), object(used)));
    Json::Object(members)
}

fn mentions(json: &Json, text: &str) -> bool {
    match json {
        Json::Text(own) => own == text,
        Json::Bare(_) => false,
        Json::List(items) => items.iter().any(|item| mentions(item, text)),
        Json::Object(members) => members.iter().any(|(_, value)| mentions(value, text)),
    }
}

impl Definitions {
    /// A definition that no table makes.
    pub(super) fn add(&mut self, name: String, json: Json) {
        self.found.push((name, Some(json)));
    }

    /// A reference to a section.
    pub(super) fn reference(&mut self, section: &Section) -> Json {
        if !self.found.iter().any(|(name, _)| *name == section.name) {
            self.found.push((section.name.to_owned(), None));
            let json = Json::Object(self.section(section));
            if let Some(place) = self.found.iter_mut().find(|(name, _)| *name == section.name) {
                place.1 = Some(json);
            }
        }
        reference(section.name)
    }

    /// The members of a section's schema.
    pub(super) fn section(&mut self, section: &Section) -> Vec<(String, Json)> {
        let mut members =
            vec![("title".to_owned(), section.name.into()), ("type".to_owned(), "object".into())];
        let mut all_of = Vec::new();
        let required: Vec<_> =
            section.keys.iter().filter(|key| key.is_required).map(|key| key.name).collect();
        if section.in_any_case {
            all_of.extend(required.iter().map(|name| {
                let each = std::iter::once((*name).to_owned()).chain(other_spellings(name));
                object([("anyOf", Json::List(each.map(|name| required_keys(&[&name])).collect()))])
            }));
        } else if !required.is_empty() {
            members.push(("required".to_owned(), Json::texts(&required)));
        }
        members.push(("properties".to_owned(), Json::Object(self.properties(section))));
        if section.is_closed {
            members.push(("additionalProperties".to_owned(), false.into()));
        }
        all_of.extend(section.together.iter().map(together));
        all_of.extend(section.more.map(|more| more()).unwrap_or_default());
        if !all_of.is_empty() {
            members.push(("allOf".to_owned(), all_of.into()));
        }
        members
    }

    fn properties(&mut self, section: &Section) -> Vec<(String, Json)> {
        let mut properties = Vec::new();
        for key in section.keys {
            properties.push((key.name.to_owned(), self.key(key)));
            if section.in_any_case {
                for name in other_spellings(key.name) {
                    properties.push((name, self.key(&key.unproposed())));
                }
            }
        }
        let aside = "Of AWS's shape; nothing on this machine depends on it.";
        properties.extend(section.elsewhere.iter().map(|name| {
            ((*name).to_owned(), object([("description", Json::from(aside)), ("doNotSuggest", true.into())]))
        }));
        let later = "Not supported yet: may stand here only as what is not used.";
        properties.extend(section.later.iter().map(|name| {
            let unused = Json::List(vec![reference("unused")]);
            let members =
                [("description", Json::from(later)), ("allOf", unused), ("doNotSuggest", true.into())];
            ((*name).to_owned(), object(members))
        }));
        if let Some(path) = section.sends_home {
            let strangers =
                super::buildspec::all_names().into_iter().filter(|name| !section.names.contains(name));
            properties.extend(strangers.filter_map(|name| {
                let message = Json::Text(belongs(path, name)?);
                Some((
                    name.to_owned(),
                    object([("deprecationMessage", message), ("doNotSuggest", true.into())]),
                ))
            }));
        }
        properties
    }

    fn key(&mut self, key: &Key) -> Json {
        let mut members = vec![("description".to_owned(), Json::from(key.text))];
        // Nothing may stand beside a reference.
        match self.value(&key.value, key.may_be_empty) {
            asked if asked.iter().any(|(name, _)| name == "$ref") => {
                members.push(("allOf".to_owned(), Json::List(vec![Json::Object(asked)])));
            }
            asked => members.extend(asked),
        }
        if let Some(default) = key.default {
            let default = match key.value {
                Value::Boolean | Value::Switch | Value::Whole(..) => Json::Bare(default.to_owned()),
                _ => default.into(),
            };
            members.push(("default".to_owned(), default));
        }
        if !key.is_proposed {
            members.push(("doNotSuggest".to_owned(), true.into()));
        }
        Json::Object(members)
    }

    /// What is asked of a value; `empty` when nothing is fine too.
    pub(super) fn value(&mut self, value: &Value, empty: bool) -> Vec<(String, Json)> {
        let typed = |name: &str| {
            let json = if empty { Json::texts(&[name, "null"]) } else { name.into() };
            ("type".to_owned(), json)
        };
        let single = || ("allOf".to_owned(), Json::List(vec![reference("single")]));
        let alone = |reference: Json| match reference {
            Json::Object(members) => members,
            Json::Text(_) | Json::Bare(_) | Json::List(_) => Vec::new(),
        };
        let bounds = |least: (&str, u32), most: (&str, u32)| {
            let some =
                [(least.0, Some(least.1).filter(|n| *n > 0)), (most.0, Some(most.1).filter(|n| *n < ANY))];
            some.into_iter()
                .filter_map(|(name, number)| Some((name.to_owned(), number?.into())))
                .collect::<Vec<_>>()
        };
        match *value {
            Value::Anything => Vec::new(),
            Value::Single => alone(reference("single")),
            Value::Proposed(words) => vec![single(), ("examples".to_owned(), Json::texts(words))],
            Value::Flag => vec![single(), ("examples".to_owned(), Json::texts(&["yes", "no"]))],
            Value::Switch => {
                let words = [true, false].map(Json::from);
                vec![single(), ("examples".to_owned(), words.to_vec().into())]
            }
            Value::Said => vec![
                ("type".to_owned(), Json::texts(&["string", "number", "boolean"])),
                ("minLength".to_owned(), 1.into()),
            ],
            Value::Word(words) => {
                let mut words: Vec<_> = words.iter().map(|word| Json::from(*word)).collect();
                words.extend(empty.then(Json::null));
                vec![("enum".to_owned(), words.into())]
            }
            Value::Text(least, most) => {
                [vec![typed("string")], bounds(("minLength", least), ("maxLength", most))].concat()
            }
            Value::TextProposed(words) => {
                vec![typed("string"), ("examples".to_owned(), Json::texts(words))]
            }
            Value::Pattern(pattern, says, proposed) => {
                let mut members = vec![
                    typed("string"),
                    ("pattern".to_owned(), pattern.into()),
                    ("patternErrorMessage".to_owned(), says.into()),
                ];
                if !proposed.is_empty() {
                    members.push(("examples".to_owned(), Json::texts(proposed)));
                }
                members
            }
            Value::Boolean => vec![typed("boolean")],
            Value::Whole(least, most) => {
                // A least number of 0 says something here.
                let mut members = vec![typed("integer"), ("minimum".to_owned(), least.into())];
                members.extend(bounds(("", 0), ("maximum", most)));
                members
            }
            Value::List(of, least, most) => {
                let items = Json::Object(self.value(of, false));
                let bounds = bounds(("minItems", least), ("maxItems", most));
                [vec![typed("array"), ("items".to_owned(), items)], bounds].concat()
            }
            Value::ListOrOne(of, least) => {
                let items = Json::Object(self.value(of, false));
                let mut members = vec![("items".to_owned(), items)];
                members.extend(bounds(("minItems", least), ("", ANY)));
                members.extend([
                    ("if".to_owned(), object([("type", Json::texts(&["object"]))])),
                    ("then".to_owned(), object([("type", "array")])),
                ]);
                members
            }
            Value::Map(of, most) => {
                let values = Json::Object(self.value(of, false));
                let bounds = bounds(("", 0), ("maxProperties", most));
                [vec![typed("object"), ("additionalProperties".to_owned(), values)], bounds].concat()
            }
            Value::Section(section) => {
                let section = self.reference(section);
                if !empty {
                    return alone(section);
                }
                vec![("anyOf".to_owned(), Json::List(vec![section, object([("type", "null")])]))]
            }
            Value::Either(values) => {
                let mut list: Vec<_> =
                    values.iter().map(|value| Json::Object(self.value(value, false))).collect();
                list.extend(empty.then(|| object([("type", "null")])));
                vec![("anyOf".to_owned(), list.into())]
            }
            Value::OrNothing(value) => self.value(value, true),
            Value::Made(made) => alone(made()),
        }
    }
}

fn together(together: &Together) -> Json {
    let each = |keys: &[&str]| Json::List(keys.iter().map(|key| required_keys(&[key])).collect());
    match *together {
        Together::AtLeastOne(keys) => object([("anyOf", each(keys))]),
        Together::ExactlyOne(keys) => object([("oneOf", each(keys))]),
        Together::NotBoth(one, other) => object([("not", required_keys(&[one, other]))]),
    }
}

/// A reference to a definition.
pub(super) fn reference(name: &str) -> Json {
    object([("$ref", Json::Text(format!("#/definitions/{name}")))])
}

/// That these keys are there.
pub(super) fn required_keys(keys: &[&str]) -> Json {
    object([("required", Json::texts(keys))])
}

/// That a value is this text.
pub(super) fn constant(text: &str) -> Json {
    object([("const", text)])
}

/// How a name is also met where its letters' case is no matter: `targetVersion` and `targetversion`. A schema cannot say
/// all the ways.
pub(super) fn other_spellings(name: &str) -> impl Iterator<Item = String> {
    let camel = name.get(..1).map(|first| first.to_ascii_lowercase() + &name[1..]);
    let lower = name.to_ascii_lowercase();
    let camel = camel.filter(|camel| camel != name && *camel != lower);
    let lower = Some(lower).filter(|lower| lower != name);
    camel.into_iter().chain(lower)
}

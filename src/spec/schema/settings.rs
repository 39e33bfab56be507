//! `configuration` of actions and rules, provider by provider (codepipeline.md 2.2 to 2.14, 4.9).
//!
//! Owns: how the table of `spec::pipeline` is written as a schema. A value may hold a reference `#{…}`, of which only its
//! action knows more.

use super::ANY;
use super::json::{Json, object};
use super::write::{constant, reference};
use crate::spec::pipeline::{Known, Setting, SettingValue};

/// For each provider whose keys are known: when it is this one, its configuration.
pub(super) fn configurations(all: &[Known], type_key: &str) -> Vec<Json> {
    all.iter().map(|known| configured(known, type_key)).collect()
}

fn configured(known: &Known, type_key: &str) -> Json {
    let parts = known.told_by.iter().map(|(key, value)| (*key, constant(value)));
    let keys: Vec<_> = known.told_by.iter().map(|(key, _)| *key).collect();
    let is_this = object([("required", Json::texts(&keys)), ("properties", object(parts))]);
    let own = reference(&known.name);
    let then = if known.settings.keys.iter().any(|setting| setting.is_required) {
        vec![("required", Json::texts(&["configuration"])), ("properties", object([("configuration", own)]))]
    } else {
        let or_nothing = object([("anyOf", Json::List(vec![own, object([("type", "null")])]))]);
        vec![("properties", object([("configuration", or_nothing)]))]
    };
    let told =
        object([("required", Json::texts(&[type_key])), ("properties", object([(type_key, is_this)]))]);
    object([("if", told), ("then", object(then))])
}

/// The configuration of a provider (2.2 to 2.14, 4.9).
pub(super) fn configuration(known: &Known) -> Json {
    let settings = &known.settings;
    let required: Vec<_> =
        settings.keys.iter().filter(|setting| setting.is_required).map(|setting| setting.key).collect();
    let mut members = vec![("type", Json::from("object"))];
    if !required.is_empty() {
        members.push(("required", Json::texts(&required)));
    }
    let property = |setting: &Setting| (setting.key, value(setting.value));
    members.push(("properties", object(settings.keys.iter().map(property))));
    if !settings.has_others {
        members.push(("additionalProperties", false.into()));
    }
    object(members)
}

/// A value of a configuration. Each may hold a reference `#{…}`, of which only its action knows more.
fn value(value: SettingValue) -> Json {
    let open = || object([("pattern", "#\\{")]);
    let described = |text: &str| object([("description", text)]);
    match value {
        SettingValue::Text | SettingValue::Bucket | SettingValue::Branch | SettingValue::Placeholder => {
            object::<&str, Json>([])
        }
        SettingValue::Flag => object([
            ("pattern", Json::from("^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$|#\\{")),
            ("examples", Json::texts(&["true", "false"])),
        ]),
        SettingValue::Word(words) => {
            let mut known: Vec<_> = words.iter().map(|word| Json::from(*word)).collect();
            known.push(Json::null());
            object([("anyOf", Json::List(vec![object([("enum", Json::List(known))]), open()]))])
        }
        SettingValue::Words(words) => object([("examples", Json::texts(words))]),
        SettingValue::Number(least, ANY) => object([
            ("description", Json::Text(format!("A whole number in quotes, {least} or more."))),
            ("pattern", "^\\+?[0-9]+$|#\\{".into()),
        ]),
        SettingValue::Number(least, most) => object([
            ("description", Json::Text(format!("A whole number in quotes, from {least} to {most}."))),
            ("pattern", "^\\+?[0-9]+$|#\\{".into()),
        ]),
        SettingValue::Artifact => described("The name of an input artifact."),
        SettingValue::File => described("A file of an input artifact: `Artifact::path`."),
        SettingValue::Repository => described("`owner/name`."),
        SettingValue::StackName => described("The name of a stack, or its ARN."),
        SettingValue::Arn(services) => {
            object([("description", Json::Text(format!("An ARN of {}.", services.join(" or "))))])
        }
        SettingValue::Overrides => described("An object, as JSON in a text."),
        SettingValue::BuildVariables => described(
            "A list as JSON in a text: `[{\"name\":\"KEY\",\"value\":\"text\",\"type\":\"PLAINTEXT\"}]`.",
        ),
        SettingValue::JsonList(keys) => object([(
            "description",
            Json::Text(format!("A list of objects with {}, as JSON in a text.", keys.join(", "))),
        )]),
    }
}

//! What the functions of a template come to.
//!
//! Owns: `Ref`, `Fn::*` and conditions, as far as parameters, names and the stacks rehearsed so far tell. What only AWS
//! could know (an address, a certificate, an export of a stack that was never rehearsed) becomes a text that begins with
//! [`MADE_UP`]. Leaves to `physical`: ids of resources.

use std::cell::Cell;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::physical;
use crate::aws::answers::input::{inner, is_true};
use crate::spec::template::{SubPart, sub_parts};

/// How a text begins that stands for something unknown.
pub(super) const MADE_UP: &str = "rehearsal-made-up-";

/// How many functions are evaluated for one stack at most: a template may make them double at each step.
const MOST_STEPS: u32 = 50_000;

/// How many functions may wait for each other: with a macro, resources may name themselves.
const DEEPEST: u32 = 60;

/// The longest text that is put together, in bytes.
const LONGEST_TEXT: usize = 64 * 1024;

/// What a template is evaluated with.
pub(super) struct Scope<'t> {
    pub(super) template: &'t Value,
    pub(super) parameters: &'t BTreeMap<String, String>,
    pub(super) exports: &'t BTreeMap<String, String>,
    pub(super) account: &'t str,
    pub(super) region: &'t str,
    pub(super) stack: &'t str,
    pub(super) stack_id: &'t str,
    pub(super) budget: Budget,
}

/// What evaluating one stack may take.
#[derive(Default)]
pub(super) struct Budget {
    steps: Cell<u32>,
    depth: Cell<u32>,
}

impl<'t> Scope<'t> {
    /// A member of a section.
    fn member(&self, section: &str, name: &str) -> Option<&'t Value> {
        self.template.get(section)?.get(name)
    }

    /// A resource.
    pub(super) fn resource(&self, name: &str) -> Option<&'t Value> {
        self.member("Resources", name)
    }

    /// A property of a resource as a text, when it is given and known.
    pub(super) fn property(&self, resource: &Value, name: &str) -> Option<String> {
        let value = self.value(resource.get("Properties")?.get(name)?);
        value.as_str().filter(|text| !text.contains(MADE_UP)).map(str::to_owned)
    }

    /// Whether a resource or output is there under its condition.
    pub(super) fn is_there(&self, member: &Value) -> bool {
        inner(member, "Condition").is_none_or(|name| self.condition(name))
    }

    /// What a condition comes to; one that nothing defines holds.
    fn condition(&self, name: &str) -> bool {
        self.member("Conditions", name).is_none_or(|condition| self.holds(condition))
    }

    fn holds(&self, condition: &Value) -> bool {
        self.step(|| self.comes_true(condition)).unwrap_or_default()
    }

    fn comes_true(&self, condition: &Value) -> bool {
        let Some((function, argument)) = sole(condition) else { return is_true(&self.value(condition)) };
        let mut parts = argument.as_array().into_iter().flatten();
        match function {
            "Condition" => argument.as_str().is_none_or(|name| self.condition(name)),
            "Fn::And" => parts.all(|part| self.holds(part)),
            "Fn::Or" => parts.any(|part| self.holds(part)),
            "Fn::Not" => parts.all(|part| !self.holds(part)),
            "Fn::Equals" => {
                let sides: Vec<_> = parts.map(|part| text(&self.value(part))).collect();
                sides.windows(2).all(|pair| pair[0] == pair[1])
            }
            _ => is_true(&self.value(condition)),
        }
    }

    /// What a value comes to.
    pub(super) fn value(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => {
                items.iter().map(|item| self.value(item)).filter(|item| !gone(item)).collect()
            }
            Value::Object(members) => match sole(value) {
                Some((function, argument)) if function == "Ref" || function.starts_with("Fn::") => {
                    self.step(|| self.function(function, argument)).unwrap_or_else(|| made_up("too-long"))
                }
                Some(_) | None => {
                    let pairs = members.iter().map(|(name, member)| (name.clone(), self.value(member)));
                    Value::Object(pairs.filter(|(_, member)| !gone(member)).collect())
                }
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        }
    }

    /// Takes a step, unless there were too many or too many wait for it.
    fn step<T>(&self, go: impl FnOnce() -> T) -> Option<T> {
        let Budget { steps, depth } = &self.budget;
        if steps.get() >= MOST_STEPS || depth.get() >= DEEPEST {
            return None;
        }
        steps.set(steps.get() + 1);
        depth.set(depth.get() + 1);
        let out = go();
        depth.set(depth.get() - 1);
        Some(out)
    }

    fn function(&self, function: &str, argument: &Value) -> Value {
        let part = |at: usize| argument.get(at).map_or(Value::Null, |part| self.value(part));
        match function {
            "Ref" => self.reference(argument.as_str().unwrap_or_default()),
            "Fn::GetAtt" => {
                let attribute = text(&part(1));
                Value::String(self.attribute(argument[0].as_str().unwrap_or_default(), &attribute))
            }
            "Fn::Sub" => self.substituted(argument),
            "Fn::Join" => {
                let parts = part(1);
                let texts: Vec<_> = listed(&parts).iter().map(text).collect();
                joined(&texts.join(&text(&part(0))))
            }
            "Fn::Split" => {
                let (by, whole) = (text(&part(0)), text(&part(1)));
                match by.as_str() {
                    "" => json!([whole]),
                    by => whole.split(by).collect(),
                }
            }
            "Fn::Select" => {
                let at = text(&part(0)).parse::<usize>().unwrap_or_default();
                listed(&part(1)).get(at).cloned().unwrap_or_else(|| made_up("selected"))
            }
            "Fn::If" => {
                let holds = argument.get(0).and_then(Value::as_str).is_none_or(|name| self.condition(name));
                part(if holds { 1 } else { 2 })
            }
            "Fn::FindInMap" => {
                let (map, first, second) = (text(&part(0)), text(&part(1)), text(&part(2)));
                let found = self.member("Mappings", &map).and_then(|map| map.get(&first)?.get(&second));
                let default = || argument.get(3).and_then(|more| more.get("DefaultValue"));
                found
                    .or_else(default)
                    .map_or_else(|| made_up(&format!("{map}.{first}.{second}")), |it| self.value(it))
            }
            "Fn::ImportValue" => {
                let name = text(&self.value(argument));
                self.exports.get(&name).map_or_else(|| made_up(&name), |value| json!(value))
            }
            "Fn::Base64" => Value::String(STANDARD.encode(text(&self.value(argument)))),
            "Fn::GetAZs" => {
                let region = text(&self.value(argument));
                let region = if region.is_empty() { self.region } else { &region };
                ["a", "b", "c"].iter().map(|letter| format!("{region}{letter}")).collect()
            }
            "Fn::Length" => json!(listed(&self.value(argument)).len().to_string()),
            "Fn::ToJsonString" => joined(&self.value(argument).to_string()),
            other => made_up(other.trim_start_matches("Fn::")),
        }
    }

    fn reference(&self, name: &str) -> Value {
        if let Some(value) = self.parameters.get(name) {
            let kind = self.member("Parameters", name).and_then(|parameter| inner(parameter, "Type"));
            let is_list = kind.is_some_and(|kind| kind.starts_with("List<") || kind.contains("List"));
            return if is_list { value.split(',').map(str::trim).collect() } else { json!(value) };
        }
        let text = match name {
            "AWS::AccountId" => self.account,
            "AWS::Region" => self.region,
            "AWS::StackName" => self.stack,
            "AWS::StackId" => self.stack_id,
            "AWS::Partition" => "aws",
            "AWS::URLSuffix" => "amazonaws.com",
            "AWS::NotificationARNs" => return json!([]),
            "AWS::NoValue" => return json!({ "Ref": "AWS::NoValue" }),
            _ => return json!(physical::id(self, name)),
        };
        json!(text)
    }

    fn attribute(&self, resource: &str, attribute: &str) -> String {
        physical::attribute(self, resource, attribute)
            .unwrap_or_else(|| format!("{MADE_UP}{resource}.{attribute}"))
    }

    fn substituted(&self, argument: &Value) -> Value {
        let (template, own) = match argument {
            Value::Array(parts) => (parts.first().and_then(Value::as_str), parts.get(1)),
            other => (other.as_str(), None),
        };
        let mut out = String::new();
        for (part, _) in sub_parts(template.unwrap_or_default()) {
            let name = match part {
                SubPart::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                SubPart::Literal(name) => {
                    out.extend(["${", name, "}"]);
                    continue;
                }
                SubPart::Variable(name) => name,
            };
            if out.len() > LONGEST_TEXT {
                return made_up("too-long");
            }
            let value = self.step(|| match (own.and_then(|own| own.get(name)), name.split_once('.')) {
                (Some(value), _) => self.value(value),
                (None, Some((resource, attribute))) => Value::String(self.attribute(resource, attribute)),
                (None, None) => self.reference(name),
            });
            let Some(value) = value else { return made_up("too-long") };
            out.push_str(&text(&value));
        }
        joined(&out)
    }
}

/// The only member of a mapping with one.
fn sole(value: &Value) -> Option<(&str, &Value)> {
    let mut members = value.as_object().map(Map::iter)?;
    let (name, argument) = members.next()?;
    members.next().is_none().then_some((name.as_str(), argument))
}

/// Whether this is `AWS::NoValue`.
fn gone(value: &Value) -> bool {
    inner(value, "Ref") == Some("AWS::NoValue")
}

fn joined(text: &str) -> Value {
    if text.len() > LONGEST_TEXT { made_up("too-long") } else { json!(text) }
}

/// What stands for something unknown.
fn made_up(what: &str) -> Value {
    Value::String(format!("{MADE_UP}{what}"))
}

/// A value as a list: a text is one with commas.
fn listed(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        Value::String(text) => text.split(',').map(|item| json!(item)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

/// A value as a text.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::template::parse;
    use super::*;

    fn outputs(text: &str) -> BTreeMap<String, String> {
        let template = parse(text).unwrap();
        let parameters = BTreeMap::from([
            ("Stage".to_owned(), "prod".to_owned()),
            ("Zones".to_owned(), "a, b".to_owned()),
        ]);
        let exports = BTreeMap::from([("network-vpc".to_owned(), "vpc-1".to_owned())]);
        let scope = Scope {
            template: &template,
            parameters: &parameters,
            exports: &exports,
            account: "111122223333",
            region: "eu-west-1",
            stack: "web",
            stack_id: "arn:aws:cloudformation:eu-west-1:111122223333:stack/web/1",
            budget: Budget::default(),
        };
        let there =
            super::super::structure::section(&template, "Outputs").filter(|(_, it)| scope.is_there(it));
        there.map(|(name, output)| (name.clone(), super::text(&scope.value(&output["Value"])))).collect()
    }

    #[test]
    fn functions_come_to_what_they_come_to_on_aws() {
        let rows = [
            ("!Ref Stage", "prod"),
            ("!Ref AWS::Region", "eu-west-1"),
            ("!Sub '${AWS::StackName}-${Stage}-${!Literal}'", "web-prod-${Literal}"),
            ("!Sub ['${A}/${Stage}', {A: !Ref AWS::AccountId}]", "111122223333/prod"),
            ("!Join ['-', [a, !Ref Stage, !Ref AWS::NoValue]]", "a-prod"),
            ("!Select [1, !Split ['/', 'a/b/c']]", "b"),
            ("!Select ['1', !Ref Zones]", "b"),
            ("!Select [0, !GetAZs '']", "eu-west-1a"),
            ("!If [IsProd, big, small]", "big"),
            ("!If [IsTest, big, small]", "small"),
            ("!FindInMap [Sizes, !Ref Stage, size]", "large"),
            ("!ImportValue network-vpc", "vpc-1"),
            ("!ImportValue network-subnet", "rehearsal-made-up-network-subnet"),
            ("{'Fn::ImportValue': !Sub 'network-${Vpc}'}", "rehearsal-made-up-network-"),
            ("!Base64 hello", "aGVsbG8="),
            ("!Ref Bucket", "site-prod"),
            ("!GetAtt Bucket.Arn", "arn:aws:s3:::site-prod"),
            ("!GetAtt Bucket.WebsiteURL", "rehearsal-made-up-Bucket.WebsiteURL"),
            ("!Sub '${Bucket.Arn}/*'", "arn:aws:s3:::site-prod/*"),
            ("!Length [a, b]", "2"),
        ];
        for (value, expected) in rows {
            let found = outputs(&format!(
                "Mappings: {{Sizes: {{prod: {{size: large}}}}}}\nParameters: {{Zones: {{Type: CommaDelimitedList}}}}\n\
                 Conditions:\n  IsProd: !Equals [!Ref Stage, prod]\n  IsTest: !Not [!Condition IsProd]\n\
                 Resources: {{Bucket: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: !Sub 'site-${{Stage}}'}}}}}}\n\
                 Outputs: {{O: {{Value: {value}}}, Gone: {{Value: x, Condition: IsTest}}}}\n"
            ));
            assert!(found["O"].starts_with(expected), "{value}: {}", found["O"]);
            assert!(!found.contains_key("Gone"));
        }
    }

    #[test]
    fn a_template_that_doubles_at_each_step_ends() {
        let condition = |step: u32| format!("  C{step}: !And [!Condition C{0}, !Condition C{0}]\n", step - 1);
        let bucket = |step: u32| {
            let name = format!("!Sub '${{R{0}}}${{R{0}}}'", step - 1);
            format!("  R{step}: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: {name}}}}}\n")
        };
        let mut text = String::from("Conditions:\n  C0: !Equals [a, a]\n");
        text.extend((1..40).map(condition));
        text.push_str("Resources:\n  R0: {Type: 'AWS::S3::Bucket', Properties: {BucketName: xx}}\n");
        text.extend((1..40).map(bucket));
        text.push_str("Outputs: {A: {Value: !Ref R39}, B: {Value: !If [C39, a, b]}}\n");
        assert_eq!(outputs(&text).len(), 2);
        let circle = "Resources: {A: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Ref A}}}\n\
                      Outputs: {O: {Value: !Ref A}}\n";
        assert_eq!(outputs(circle).len(), 1);
        let circle = "Conditions: {C: !Not [!Condition C]}\nOutputs: {O: {Value: !If [C, a, b]}}\n";
        assert_eq!(outputs(circle).len(), 1);
    }
}

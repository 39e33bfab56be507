//! What is known of a value before the template is used.
//!
//! Owns: following functions as far as the file alone decides them. A parameter's default is no knowledge: whoever makes
//! the stack may give another value. Leaves to `properties`: which values are looked at.

use std::cell::Cell;

use super::Template;
use super::function::{Function, SubPart, function, sub_parts};
use crate::syntax::{Kind, Node, UNKNOWN};

/// What comes of a value.
#[derive(Debug, Clone)]
pub(super) enum Value<'t> {
    /// `AWS::NoValue`: as if it had not been written.
    Absent,
    /// What is written at a node, which calls no function itself.
    Written(Node<'t>),
    /// A text that functions make.
    Text(String),
    /// Not known. Two of the same identity are the same value.
    Unknown(String),
}

/// One way the conditions of a template may turn out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Assumption<'t> {
    /// The condition.
    pub(super) condition: &'t str,
    /// Whether it holds.
    pub(super) holds: bool,
}

/// Functions inside one another that are followed.
const DEEPEST: u32 = 32;
/// Functions that are followed for one template.
const MOST_STEPS: u32 = 200_000;
/// The longest text that is put together, in bytes.
const LONGEST_TEXT: usize = 64 * 1024;

/// Follows the functions of a template.
pub(super) struct Evaluation<'a, 't> {
    template: &'a Template<'t>,
    assumed: Option<Assumption<'t>>,
    steps: &'a Cell<u32>,
    depth: Cell<u32>,
}

impl Value<'_> {
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<'a, 't> Evaluation<'a, 't> {
    /// `steps` are those taken so far.
    pub(super) fn new(
        template: &'a Template<'t>,
        assumed: Option<Assumption<'t>>,
        steps: &'a Cell<u32>,
    ) -> Self {
        Self { template, assumed, steps, depth: Cell::new(0) }
    }

    /// What comes of a node.
    pub(super) fn value(&self, node: Node<'t>) -> Value<'t> {
        let Some(call) = function(node) else {
            return if node.text().is_some_and(is_open) { unknown(node) } else { Value::Written(node) };
        };
        self.steps.set(self.steps.get() + 1);
        if self.depth.get() >= DEEPEST || self.steps.get() > MOST_STEPS {
            return Value::Unknown("deep".to_owned());
        }
        self.depth.set(self.depth.get() + 1);
        let value = self.call(call).unwrap_or_else(|| unknown(node));
        self.depth.set(self.depth.get() - 1);
        value
    }

    /// The text of a node, when it is known.
    pub(super) fn text(&self, node: Node<'t>) -> Option<String> {
        match self.value(node) {
            Value::Written(node) => node.text().map(str::to_owned),
            Value::Text(text) => Some(text),
            Value::Absent | Value::Unknown(_) => None,
        }
    }

    /// What a function gives; none when that is not known.
    fn call(&self, call: Function<'t>) -> Option<Value<'t>> {
        let argument = |index: usize| call.argument.items().nth(index);
        match call.name {
            "Ref" => Some(self.reference(call.argument.text()?)),
            "If" => {
                let assumed = self.assumed?;
                let name = argument(0)?.text()?;
                (name == assumed.condition).then_some(())?;
                Some(self.value(argument(if assumed.holds { 1 } else { 2 })?))
            }
            "Sub" => self.substituted(call.argument),
            "Join" => {
                let by = argument(0)?.text().unwrap_or_default();
                let Value::Written(list) = self.value(argument(1)?) else { return None };
                (list.kind() == Kind::Sequence).then_some(())?;
                let mut joined = String::new();
                for (index, item) in list.items().enumerate() {
                    let text = self.text(item)?;
                    joined.push_str(if index > 0 { by } else { "" });
                    joined.push_str(&text);
                    bounded(&joined)?;
                }
                Some(Value::Text(joined))
            }
            "Select" => {
                let index: usize = argument(0)?.text()?.parse().ok()?;
                let Value::Written(list) = self.value(argument(1)?) else { return None };
                // An item that may be absent moves those behind it.
                list.items().all(|item| function(item).is_none_or(|call| call.name != "If")).then_some(())?;
                Some(self.value(list.items().nth(index)?))
            }
            "FindInMap" => {
                let [map, first, second] = [argument(0)?, argument(1)?, argument(2)?];
                let name = |node: Node<'t>| function(node).is_none().then(|| node.text()).flatten();
                let map = self.template.mappings.get(name(map)?)?;
                let found = map.get(name(first)?)?.get(name(second)?)?;
                let plain = function(found).is_none() && found.items().all(|item| function(item).is_none());
                plain.then_some(Value::Written(found))
            }
            _ => None,
        }
    }

    /// `Ref`: of our resources it gives the name.
    fn reference(&self, name: &str) -> Value<'t> {
        if name == "AWS::NoValue" {
            return Value::Absent;
        }
        let identity = || Value::Unknown(format!("Ref {name}"));
        let Some(resource) = self.template.resource(name) else { return identity() };
        let property = match resource.kind {
            "AWS::CodeBuild::Project" | "AWS::CodePipeline::Pipeline" => "Name",
            "AWS::CodeDeploy::Application" => "ApplicationName",
            "AWS::CodeDeploy::DeploymentGroup" => "DeploymentGroupName",
            "AWS::CodeDeploy::DeploymentConfig" => "DeploymentConfigName",
            _ => return identity(),
        };
        let written = resource.properties.and_then(|properties| properties.value.get(property));
        written.and_then(|node| self.text(node)).map_or_else(identity, Value::Text)
    }

    fn substituted(&self, argument: Node<'t>) -> Option<Value<'t>> {
        let (text, own) = match argument.kind() {
            Kind::Scalar => (argument.text()?, None),
            Kind::Sequence => (argument.items().next()?.text()?, argument.items().nth(1)),
            Kind::Mapping => return None,
        };
        let mut out = String::new();
        let mut is_known = true;
        for (part, _) in sub_parts(text) {
            match part {
                SubPart::Text(text) => out.push_str(text),
                SubPart::Literal(name) => out.extend(["${", name, "}"]),
                SubPart::Variable(name) => {
                    let value = match own.and_then(|own| own.get(name)) {
                        Some(node) => self.text(node),
                        None => match self.reference(name) {
                            Value::Text(text) => Some(text),
                            Value::Absent | Value::Written(_) | Value::Unknown(_) => None,
                        },
                    };
                    if let Some(text) = value {
                        out.push_str(&text);
                    } else {
                        is_known = false;
                        out.push(UNKNOWN);
                        out.push_str(name);
                        out.push(UNKNOWN);
                    }
                }
            }
            bounded(&out)?;
        }
        Some(if is_known { Value::Text(out) } else { Value::Unknown(out) })
    }
}

/// What is only known by how it is written.
fn unknown(node: Node<'_>) -> Value<'_> {
    let written = node.source().slice(node.span());
    let tag = node.tag().unwrap_or_default();
    Value::Unknown(format!("{tag} {}", written.get(..written.len().min(200)).unwrap_or(tag)))
}

/// Whether a text is completed by somebody: by CloudFormation (`{{resolve:ssm:…}}`), or by a tool that makes templates
/// (`${self:…}`).
fn is_open(text: &str) -> bool {
    text.contains("{{resolve:") || text.contains("${")
}

fn bounded(text: &str) -> Option<()> {
    (text.len() <= LONGEST_TEXT).then_some(())
}

//! What is known of a value before the template is used.
//!
//! Owns: following functions as far as the file alone decides them. A parameter's default is no knowledge: whoever makes
//! the stack may give another value. Leaves to `properties`: which values are looked at.

use std::cell::Cell;
use std::ops::Range;

use super::Template;
use super::assembled::{self, Assembled};
use super::function::{Function, SubPart, Substitution, function, sub_parts};
use crate::syntax::{Kind, Node};

/// What comes of a value.
#[derive(Debug, Clone)]
pub(super) enum Value<'t> {
    /// `AWS::NoValue`: as if it had not been written.
    Absent,
    /// What is written at a node, which calls no function itself.
    Written(Node<'t>),
    /// A text that functions make.
    Text(Assembled<'t>),
    /// Not known as a whole. Two of the same text are the same value.
    Unknown(Assembled<'t>),
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

    /// Whether this is the name of a resource.
    pub(super) fn is_resource(&self, name: &str) -> bool {
        self.template.resource(name).is_some()
    }

    /// What comes of a node.
    pub(super) fn value(&self, node: Node<'t>) -> Value<'t> {
        let Some(call) = function(node) else {
            return if node.text().is_some_and(is_open) { unknown(node) } else { Value::Written(node) };
        };
        self.called(node, call).unwrap_or_else(|| unknown(node))
    }

    fn called(&self, node: Node<'t>, call: Function<'t>) -> Option<Value<'t>> {
        self.steps.set(self.steps.get() + 1);
        if self.depth.get() >= DEEPEST || self.steps.get() > MOST_STEPS {
            return Some(Value::Unknown(Assembled::unknown(node, "deep")));
        }
        self.depth.set(self.depth.get() + 1);
        let value = self.call(call);
        self.depth.set(self.depth.get() - 1);
        value
    }

    /// The text of a node, when it is known.
    pub(super) fn text(&self, node: Node<'t>) -> Option<String> {
        match self.value(node) {
            Value::Written(node) => node.text().map(str::to_owned),
            Value::Text(text) => Some(text.text().to_owned()),
            Value::Absent | Value::Unknown(_) => None,
        }
    }

    /// The text of a node as far as it is known; none when nothing of it is, or it is no text.
    pub(super) fn assembled(&self, node: Node<'t>) -> Option<Assembled<'t>> {
        let Some(call) = function(node) else {
            return (node.kind() == Kind::Scalar).then(|| Assembled::of_scalar(node));
        };
        match self.called(node, call)? {
            Value::Written(node) => (node.kind() == Kind::Scalar).then(|| Assembled::of_scalar(node)),
            Value::Text(text) | Value::Unknown(text) => Some(text),
            Value::Absent => None,
        }
    }

    /// What a function gives; none when that is not known.
    fn call(&self, call: Function<'t>) -> Option<Value<'t>> {
        let argument = |index: usize| call.argument.items().nth(index);
        match call.name {
            "Ref" => {
                Some(self.reference(call.argument, 0..call.argument.text()?.len(), call.argument.text()?))
            }
            "If" => {
                let assumed = self.assumed?;
                let name = argument(0)?.text()?;
                (name == assumed.condition).then_some(())?;
                Some(self.value(argument(if assumed.holds { 1 } else { 2 })?))
            }
            "Sub" => self.substituted(call.argument),
            "Join" => self.joined(argument(0)?, argument(1)?),
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

    /// `Ref` of a name that a part of a scalar's text is: of our resources it gives the name.
    fn reference(&self, node: Node<'t>, written: Range<usize>, name: &str) -> Value<'t> {
        if name == "AWS::NoValue" {
            return Value::Absent;
        }
        let mut text = Assembled::default();
        let resource = self.template.resource(name);
        let property = resource.and_then(|resource| match resource.kind {
            "AWS::CodeBuild::Project" | "AWS::CodePipeline::Pipeline" => Some("Name"),
            "AWS::CodeDeploy::Application" => Some("ApplicationName"),
            "AWS::CodeDeploy::DeploymentGroup" => Some("DeploymentGroupName"),
            "AWS::CodeDeploy::DeploymentConfig" => Some("DeploymentConfigName"),
            _ => None,
        });
        let properties = resource.and_then(|resource| resource.properties);
        let own = property.and_then(|property| properties?.value.get(property));
        if let Some(name) = own.and_then(|own| self.text(own)) {
            text.add(node, written, &name);
            return Value::Text(text);
        }
        text.mark(node, written, &assembled::reference(name));
        Value::Unknown(text)
    }

    fn joined(&self, by: Node<'t>, list: Node<'t>) -> Option<Value<'t>> {
        let separator = by.scalar()?;
        let Value::Written(list) = self.value(list) else { return None };
        (list.kind() == Kind::Sequence).then_some(())?;
        let mut joined = Assembled::default();
        let mut is_known = true;
        for (index, item) in list.items().enumerate() {
            if index > 0 {
                joined.add(by, 0..separator.text.len(), separator.text);
            }
            let value = function(item).map_or(Some(Value::Written(item)), |call| self.called(item, call));
            match value {
                Some(Value::Written(item)) if item.kind() == Kind::Scalar => joined.scalar(item),
                Some(Value::Text(text)) => joined.append(text),
                Some(Value::Unknown(text)) => {
                    is_known = false;
                    joined.append(text);
                }
                Some(Value::Absent | Value::Written(_)) | None => {
                    is_known = false;
                    joined.append(Assembled::unknown(item, &identity(item)));
                }
            }
            bounded(joined.text())?;
        }
        Some(if is_known { Value::Text(joined) } else { Value::Unknown(joined) })
    }

    fn substituted(&self, argument: Node<'t>) -> Option<Value<'t>> {
        let Substitution { node, text, own } = Substitution::of(argument)?;
        let mut out = Assembled::default();
        let mut is_known = true;
        for (part, range) in sub_parts(text) {
            match part {
                SubPart::Text(text) => out.add(node, range, text),
                SubPart::Literal(name) => {
                    out.add(node, range.start..range.start + 2, "${");
                    // Behind the `!`.
                    out.add(node, range.end - 1 - name.len()..range.end - 1, name);
                    out.add(node, range.end - 1..range.end, "}");
                }
                SubPart::Variable(name) => {
                    let value = match own.get(name) {
                        Some(own) => match self.value(*own) {
                            Value::Written(own) if own.kind() == Kind::Scalar => {
                                Value::Text(Assembled::of_scalar(own))
                            }
                            value => value,
                        },
                        None => self.reference(node, range.clone(), name),
                    };
                    match value {
                        Value::Text(text) => out.add(node, range, text.text()),
                        Value::Unknown(text) => {
                            is_known = false;
                            out.add(node, range, text.text());
                        }
                        Value::Absent | Value::Written(_) => {
                            is_known = false;
                            out.mark(node, range, name);
                        }
                    }
                }
            }
            bounded(out.text())?;
        }
        Some(if is_known { Value::Text(out) } else { Value::Unknown(out) })
    }
}

/// What is only known by how it is written.
fn unknown(node: Node<'_>) -> Value<'_> {
    Value::Unknown(Assembled::unknown(node, &identity(node)))
}

fn identity(node: Node<'_>) -> String {
    let written = node.source().slice(node.span());
    let tag = node.tag().unwrap_or_default();
    format!("{tag} {}", written.get(..written.len().min(200)).unwrap_or(tag))
}

/// Whether a text is completed by somebody: by CloudFormation (`{{resolve:ssm:…}}`), or by a tool that makes templates
/// (`${self:…}`).
fn is_open(text: &str) -> bool {
    text.contains("{{resolve:") || text.contains("${")
}

fn bounded(text: &str) -> Option<()> {
    (text.len() <= LONGEST_TEXT).then_some(())
}

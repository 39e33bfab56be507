//! The section `Conditions` of a template.
//!
//! Owns: what a condition is made of (functions that are true or false), what it may name (parameters and other conditions, for
//! nothing else is there when it is decided), and conditions that wait for each other. Leaves to `calls`: how many arguments a
//! function takes; to `references`: who names a condition.

use std::collections::HashSet;

use super::function::{Function, function, long};
use super::references::{CODE, Walk};
use crate::spec::reading::head;
use crate::syntax::{Entry, Kind, Node, Span};

/// Functions that are true or false.
const TRUE_OR_FALSE: [&str; 5] = ["And", "Condition", "Equals", "Not", "Or"];
/// Functions that ask for what is not there when conditions are decided.
const TOO_EARLY: [&str; 2] = ["GetAtt", "ImportValue"];
/// Conditions on one way that are followed.
const LONGEST_WAY: usize = 100;
const ONLY_BOOLEAN: &str =
    "Template format error: Conditions can only be boolean operations on parameters and other conditions";

impl<'t> Walk<'_, '_, 't> {
    /// Each condition of the template.
    pub(super) fn conditions(&mut self) {
        let section = self.template.tree.root().get("Conditions");
        let conditions: Vec<_> = section.into_iter().flat_map(Node::entries).collect();
        for condition in &conditions {
            if !is_boolean(condition.value) {
                self.no_condition(condition);
            }
            self.within_condition(condition.value);
        }
        self.circles(&conditions);
    }

    fn no_condition(&mut self, condition: &Entry<'t>) {
        let name = condition.key.text().unwrap_or_default();
        let message = format!("`{name}` is neither true nor false: it is no condition");
        let node = condition.value;
        let span = Some(head(node.source(), node.span())).filter(|span| !span.is_empty());
        let span = span.unwrap_or(condition.key.span());
        let finding = self.reader.error(CODE, message, span, "no comparison");
        self.reader
            .push(finding.help("write `!Equals [a, b]`, or !And, !Or, !Not of such").aws(ONLY_BOOLEAN));
    }

    /// Conditions name each other, and parameters; resources are not there yet.
    fn within_condition(&mut self, node: Node<'t>) {
        if let Some((_, name)) = named(node) {
            return self.condition(name);
        }
        if let Some(call) = function(node) {
            self.called_in_condition(call);
            if call.is_short()
                && let Some(inner) = long(node)
            {
                self.called_in_condition(inner);
            }
        }
        node.items().for_each(|item| self.within_condition(item));
        node.entries().for_each(|entry| self.within_condition(entry.value));
    }

    /// A resource that a condition asks for.
    pub(super) fn too_early(&mut self, name: &str, span: Span) {
        let message = format!("a condition cannot refer to the resource `{name}`");
        let finding = self.reader.error(CODE, message, span, "not there yet");
        self.reader.push(finding.help("conditions are decided by parameters").aws(self.words(name)));
    }

    fn called_in_condition(&mut self, call: Function<'t>) {
        let argument = call.argument;
        match call.name {
            "Ref" => {
                let Some(name) = argument.text() else { return };
                if self.template.resource(name).is_some() {
                    self.too_early(name, argument.span());
                } else {
                    self.call(call);
                }
            }
            name if TOO_EARLY.contains(&name) => {
                let message = format!("a condition cannot ask for `Fn::{name}`");
                let span = head(argument.source(), argument.span());
                let finding = self.reader.error(CODE, message, span, "not there yet");
                self.reader.push(finding.help("conditions are decided by parameters"));
            }
            "And" | "Or" | "Not" => {
                self.call(call);
                for item in argument.items().filter(|item| !is_boolean(*item)) {
                    let message = format!("`Fn::{}` asks for conditions", call.name);
                    let span = head(item.source(), item.span());
                    let finding = self.reader.error(CODE, message, span, "neither true nor false");
                    let finding = match item.text().filter(|name| self.template.conditions.contains_key(name))
                    {
                        Some(name) if function(item).is_none() => {
                            finding.help(format!("write `!Condition {name}`"))
                        }
                        _ => finding.help("write `!Equals [a, b]`, or `!Condition NAME`"),
                    };
                    self.reader.push(finding.aws(match call.name {
                        "Not" => "Template error: every Fn::Not object requires one boolean parameter.",
                        _ => {
                            "Template error: every Fn::And and Fn::Or object requires a list of at least 2 and at most \
                             10 boolean parameters."
                        }
                    }));
                }
            }
            "Equals" => {
                self.call(call);
                let is_value = |item: &Node<'t>| item.kind() == Kind::Scalar || function(*item).is_some();
                for item in argument.items().filter(|item| !is_value(item)) {
                    let span = head(item.source(), item.span());
                    let message = "a comparison takes texts and functions";
                    let finding = self.reader.error(CODE, message, span, "neither of them");
                    self.reader.push(
                        finding.help("write a text, or a function such as `!Ref Parameter`").aws(
                            "Template error: every Fn::Equals object requires a list of 2 string parameters.",
                        ),
                    );
                }
            }
            _ => self.call(call),
        }
    }

    /// Conditions that are decided by themselves.
    fn circles(&mut self, conditions: &[Entry<'t>]) {
        let mut done = HashSet::new();
        for condition in conditions {
            let Some(name) = condition.key.text() else { continue };
            let mut way = vec![name];
            if let Some(span) = self.back(condition.value, &mut way, &mut done) {
                let message = match &way[..] {
                    [name] => format!("the condition `{name}` is decided by itself"),
                    _ => format!("these conditions are decided by each other: {}", way.join(", ")),
                };
                self.reader.push(self.reader.error(CODE, message, span, "closes the circle"));
                done.extend(way);
            }
            done.insert(name);
        }
    }

    /// The place where the way from a condition leads back into the way, which is then cut to the circle.
    fn back(&self, node: Node<'t>, way: &mut Vec<&'t str>, done: &mut HashSet<&'t str>) -> Option<Span> {
        if let Some((name, at)) = named(node) {
            if let Some(first) = way.iter().position(|before| *before == name) {
                way.drain(..first);
                return Some(at.span());
            }
            let is_open = way.len() < LONGEST_WAY && !done.contains(name);
            let next = *self.template.conditions.get(name).filter(|_| is_open)?;
            way.push(name);
            let found = self.back(next, way, done);
            if found.is_none() {
                way.pop();
                done.insert(name);
            }
            return found;
        }
        let items = node.items().find_map(|item| self.back(item, way, done));
        items.or_else(|| node.entries().find_map(|entry| self.back(entry.value, way, done)))
    }
}

/// The condition that `!Condition NAME` or `{Condition: NAME}` names.
fn named(node: Node<'_>) -> Option<(&str, Node<'_>)> {
    let long = node.get("Condition").filter(|_| node.entries().count() == 1);
    let short = Some(node).filter(|node| node.tag() == Some("!Condition"));
    let name = long.or(short).filter(|node| node.kind() == Kind::Scalar)?;
    Some((name.text()?, name))
}

/// Whether a node is true or false, as far as it can be told: what a function gives that we do not know may be.
fn is_boolean(node: Node<'_>) -> bool {
    match function(node) {
        Some(call) => TRUE_OR_FALSE.contains(&call.name) || !is_value(call.name),
        None => named(node).is_some(),
    }
}

/// Whether a function gives a text or a list.
fn is_value(name: &str) -> bool {
    ["FindInMap", "GetAZs", "GetAtt", "If", "ImportValue", "Join", "Ref", "Select", "Split", "Sub"]
        .contains(&name)
}

//! Resources that wait for each other.
//!
//! Owns: finding a circle among what resources refer to and depend on. What stands below an `Fn::If` counts only when its
//! condition holds, and a resource with a condition may not be there: neither is taken for certain.

use std::collections::HashSet;

use super::function::{SubPart, Substitution, attribute_of, function, sub_parts};
use super::{Resource, Template};
use crate::spec::reading::{Reader, head};
use crate::syntax::{Kind, Node, Span};

const CODE: &str = "template-reference";

/// Reports each circle once, at the reference that closes it.
pub(super) fn check<'t>(reader: &mut Reader<'t>, template: &Template<'t>) {
    let resources = template.resources();
    let edges: Vec<Vec<(usize, Span)>> =
        resources.iter().map(|resource| needed(template, resource)).collect();
    // 0: not seen, 1: on the way, 2: done.
    let mut state = vec![0_u8; resources.len()];
    for start in 0..resources.len() {
        if state[start] != 0 {
            continue;
        }
        let mut way = vec![(start, 0)];
        state[start] = 1;
        while let Some((at, next)) = way.last_mut() {
            let Some((to, span)) = edges[*at].get(*next) else {
                state[*at] = 2;
                way.pop();
                continue;
            };
            *next += 1;
            match state[*to] {
                0 => {
                    state[*to] = 1;
                    way.push((*to, 0));
                }
                1 => {
                    let from = way.iter().position(|(at, _)| at == to).unwrap_or_default();
                    let ids: Vec<_> = way[from..]
                        .iter()
                        .map(|(at, _)| resources[*at].id.text().unwrap_or_default())
                        .collect();
                    circle(reader, &ids, *span);
                }
                _ => {}
            }
        }
    }
}

fn circle(reader: &mut Reader<'_>, ids: &[&str], span: Span) {
    let message = match ids {
        [id] => format!("`{id}` refers to itself"),
        _ => format!("these resources wait for each other: {}", ids.join(", ")),
    };
    let finding = reader.error(CODE, message, span, "closes the circle");
    let finding = finding.help("write the name itself, or move what they share to a resource of its own");
    reader.push(finding.aws(format!("Circular dependency between resources: [{}]", ids.join(", "))));
}

/// What a resource waits for, with the places that say so.
fn needed<'t>(template: &Template<'t>, resource: &Resource<'t>) -> Vec<(usize, Span)> {
    let mut found = Vec::new();
    if resource.node.get("Condition").is_some() {
        return found;
    }
    let mut add = |name: &str, node: Node<'_>| {
        let index = template.ids.get(name).copied();
        let is_sure = |index: &usize| template.resources()[*index].node.get("Condition").is_none();
        if let Some(index) = index.filter(is_sure) {
            found.push((index, head(node.source(), node.span())));
        }
    };
    if let Some(node) = resource.node.get("DependsOn") {
        let one = Some(node).filter(|node| node.kind() == Kind::Scalar);
        one.into_iter().chain(node.items()).for_each(|node| add(node.text().unwrap_or_default(), node));
    }
    if let Some(properties) = resource.properties {
        within(properties.value, &mut add);
    }
    let mut seen = HashSet::new();
    found.retain(|(index, _)| seen.insert(*index));
    found
}

fn within<'t>(node: Node<'t>, add: &mut impl FnMut(&str, Node<'t>)) {
    if let Some(call) = function(node) {
        match call.name {
            "If" => return,
            "Ref" => return add(call.argument.text().unwrap_or_default(), call.argument),
            "GetAtt" => {
                if let Some((name, node)) = attribute_of(call.argument) {
                    add(name, node);
                }
                return;
            }
            "Sub" => {
                let Some(Substitution { text, own, .. }) = Substitution::of(call.argument) else { return };
                for (part, _) in sub_parts(text) {
                    if let SubPart::Variable(name) = part
                        && !own.contains_key(name)
                    {
                        add(name.split('.').next().unwrap_or(name), call.argument);
                    }
                }
                for value in own.into_values() {
                    within(value, add);
                }
                return;
            }
            _ if !call.is_short() => return within(call.argument, add),
            _ => {}
        }
    }
    node.items().for_each(|item| within(item, add));
    node.entries().for_each(|entry| within(entry.value, add));
}

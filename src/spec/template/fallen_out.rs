//! Properties that stand where others are expected: beside the one they belong below, or under the name that they have elsewhere.
//!
//! Owns: finding where they belong. Leaves to `properties`: what else there is not.

use super::frame;
use super::properties::{Walk, joined};
use super::schema::{Of, Shape};
use crate::spec::pipeline;
use crate::spec::spelling::nearest;
use crate::syntax::{Entry, Node, Span};

impl<'t> Walk<'_, '_, 't> {
    /// Properties that stand beside the one they belong below. Where nothing is below that, it is said once; gives the places of these
    /// properties, and of those that have nothing below them.
    pub(super) fn fallen_out(&mut self, path: &str, node: Node<'t>, shape: Shape) -> (Vec<Span>, Vec<Span>) {
        const MANY: usize = 100;
        let (mut told, mut empty) = (Vec::new(), Vec::new());
        let is_stray = |entry: &Entry<'t>| {
            entry.key.text().is_some_and(|name| shape.iter().all(|field| field.name != name))
        };
        let strays: Vec<_> = node.entries().take(MANY).filter(is_stray).collect();
        if strays.is_empty() {
            return (told, empty);
        }
        for property in node.entries().take(MANY).filter(|entry| entry.value.is_null()) {
            let field = shape.iter().find(|field| Some(field.name) == property.key.text());
            let has = |entry: &&Entry<'t>| {
                entry.key.text().is_some_and(|name| match field.map(|field| field.of) {
                    Some(Of::Object(inner)) => inner.iter().any(|field| field.name == name),
                    Some(Of::Map) => is_of_configuration(shape, name),
                    _ => false,
                })
            };
            let own: Vec<_> =
                strays.iter().filter(has).filter(|entry| !told.contains(&entry.key.span())).collect();
            let names: Vec<_> =
                own.iter().filter_map(|entry| Some(format!("`{}`", entry.key.text()?))).collect();
            if names.is_empty() {
                continue;
            }
            let name = joined(path, property.key.text().unwrap_or_default());
            let message = format!("`{name}` is empty: what belongs to it stands beside it, not below it");
            let finding =
                self.reader.error("wrong-kind", message, property.key.span(), "nothing is below this");
            let verb = if names.len() == 1 { "it stands" } else { "they stand" };
            let help = format!("indent {} deeper, so that {verb} below `{name}`", names.join(", "));
            self.reader.push(finding.help(help).aws(frame::NULL));
            told.extend(own.iter().map(|entry| entry.key.span()));
            empty.push(property.key.span());
        }
        for stray in strays.iter().filter_map(|entry| entry.key.text()) {
            if let Some(home) = home(shape, stray) {
                self.elsewhere.push(joined(&joined(path, &home), stray));
            }
        }
        (told, empty)
    }
}

/// Whether a name is one of the configuration of an action, where an action's own stand.
pub(super) fn is_of_configuration(shape: Shape, name: &str) -> bool {
    shape.iter().any(|field| field.name == "Configuration")
        && shape.iter().all(|field| field.name != name)
        && pipeline::is_setting(name)
}

/// The property that a name was probably meant to be: a misspelt one, or one that is called so elsewhere.
pub(super) fn meant<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    nearest(name, known).or_else(|| {
        let other = match name {
            "Key" => "Name",
            "Name" => "Key",
            _ => return None,
        };
        known.iter().find(|known| **known == other).copied()
    })
}

/// The one property below which a property of this name stands.
pub(super) fn home(shape: Shape, name: &str) -> Option<String> {
    let mut homes = shape.iter().filter(|field| match field.of {
        Of::Object(inner) => inner.iter().any(|field| field.name == name),
        _ => false,
    });
    let home = homes.next()?.name.to_owned();
    homes.next().is_none().then_some(home)
}

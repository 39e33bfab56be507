//! CloudFormation's functions, in their short form (`!Ref x`) and their long one (`{Ref: x}`).
//!
//! Owns: telling whether a node is a call of one, and the parts of an `Fn::Sub` text. Leaves to `evaluate`: what comes of
//! it; to `references`: whether what it names exists.

use std::collections::BTreeMap;
use std::ops::Range;

use super::calls;
use crate::syntax::{Kind, Node};

/// A call of a function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Function<'t> {
    /// `Ref`, `GetAtt`, `Sub` and so on, without `Fn::`.
    pub(super) name: &'t str,
    /// What it is called with. In the short form this is the node of the call itself.
    pub(super) argument: Node<'t>,
    /// Its key, in the long form; none where it is written as a tag.
    pub(super) key: Option<Node<'t>>,
}

impl Function<'_> {
    /// Whether it is written as a tag.
    pub(super) fn is_short(&self) -> bool {
        self.key.is_none()
    }
}

/// The call that a node is.
pub(super) fn function(node: Node<'_>) -> Option<Function<'_>> {
    match node.tag().and_then(|tag| tag.strip_prefix('!')) {
        // `!ref` is none, and no other tag either.
        Some(name) if name.starts_with(|c: char| c.is_ascii_uppercase()) || calls::is_slip(name) => {
            Some(Function { name, argument: node, key: None })
        }
        Some(_) | None => long(node),
    }
}

/// The call in its long form.
pub(super) fn long(node: Node<'_>) -> Option<Function<'_>> {
    if node.kind() != Kind::Mapping {
        return None;
    }
    let mut entries = node.entries();
    let (entry, None) = (entries.next()?, entries.next()) else { return None };
    let key = entry.key.text()?;
    let is_function = |prefix: &str| prefix.eq_ignore_ascii_case("Fn::");
    let name = match key.strip_prefix("Fn::") {
        Some(name) => name,
        None => (key == "Ref" || key.get(..4).is_some_and(is_function)).then_some(key)?,
    };
    Some(Function { name, argument: entry.value, key: Some(entry.key) })
}

/// The resource of a `GetAtt`, with the node that names it.
pub(super) fn attribute_of(argument: Node<'_>) -> Option<(&str, Node<'_>)> {
    match argument.kind() {
        Kind::Scalar => {
            let (resource, _) = argument.text()?.split_once('.')?;
            Some((resource, argument))
        }
        Kind::Sequence => {
            let first = argument.items().next()?;
            // A resource of a nested name (`Module.Resource`) is named by its first part.
            let text = function(first).is_none().then(|| first.text()).flatten()?;
            Some((text.split('.').next().unwrap_or(text), first))
        }
        Kind::Mapping => None,
    }
}

/// A part of the text of an `Fn::Sub`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubPart<'t> {
    /// Text that stays as it is.
    Text(&'t str),
    /// `${Name}`, without blanks around the name.
    Variable(&'t str),
    /// `${!Name}`, which becomes `${Name}`.
    Literal(&'t str),
}

/// What an `Fn::Sub` is called with.
pub(super) struct Substitution<'t> {
    /// The scalar it looks at.
    pub(super) node: Node<'t>,
    /// Its text.
    pub(super) text: &'t str,
    /// Variables of this text alone. A hostile file can bring as many as references to them.
    pub(super) own: BTreeMap<&'t str, Node<'t>>,
}

impl<'t> Substitution<'t> {
    /// Reads the argument; none when it is nothing that `Fn::Sub` takes.
    pub(super) fn of(argument: Node<'t>) -> Option<Self> {
        let (node, own) = match argument.kind() {
            Kind::Scalar => (argument, None),
            Kind::Sequence => (argument.items().next()?, argument.items().nth(1)),
            Kind::Mapping => return None,
        };
        let entries = own.into_iter().flat_map(Node::entries);
        let own = entries.filter_map(|entry| Some((entry.key.text()?, entry.value))).collect();
        Some(Self { node, text: node.text()?, own })
    }
}

/// The parts of the text of an `Fn::Sub`, with the bytes each was written in.
pub fn sub_parts(text: &str) -> Vec<(SubPart<'_>, Range<usize>)> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find("${")).map(|found| at + found) {
        let Some(close) = text.get(open..).and_then(|rest| rest.find('}')).map(|found| open + found) else {
            break;
        };
        if open > at {
            parts.push((SubPart::Text(&text[at..open]), at..open));
        }
        let name = text[open + 2..close].trim();
        let part = match name.strip_prefix('!') {
            Some(literal) => SubPart::Literal(literal),
            None => SubPart::Variable(name),
        };
        parts.push((part, open..close + 1));
        at = close + 1;
    }
    if at < text.len() {
        parts.push((SubPart::Text(&text[at..]), at..text.len()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{SourceFile, parse};

    #[test]
    fn both_forms_are_calls() {
        let text =
            "a: !Ref x\nb: {Ref: x}\nc: !Sub 'x'\nd: {'Fn::Sub': x}\ne: {Ref: x, y: z}\nf: !lower x\ng: x\n";
        let source = std::sync::Arc::new(SourceFile::new("t", text));
        let tree = parse(&source).tree.unwrap();
        let name = |key: &str| function(tree.root().get(key).unwrap()).map(|call| call.name.to_owned());
        let names: Vec<_> = ["a", "b", "c", "d", "e", "f", "g"].into_iter().map(name).collect();
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(names, [some("Ref"), some("Ref"), some("Sub"), some("Sub"), None, None, None]);
    }

    #[test]
    fn a_text_of_sub_falls_into_its_parts() {
        use SubPart::{Literal, Text, Variable};
        for (text, parts) in [
            ("", vec![]),
            ("a", vec![Text("a")]),
            ("a${B}c", vec![Text("a"), Variable("B"), Text("c")]),
            ("${ AWS::Region }${!B}", vec![Variable("AWS::Region"), Literal("B")]),
            ("${A.B", vec![Text("${A.B")]),
            ("ä${}ö", vec![Text("ä"), Variable(""), Text("ö")]),
        ] {
            let found: Vec<_> = sub_parts(text).into_iter().map(|(part, _)| part).collect();
            assert_eq!(found, parts, "{text}");
        }
    }
}

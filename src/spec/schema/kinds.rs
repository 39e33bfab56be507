//! Values of another kind, or numbers of another size, than the table of keys says.
//!
//! Owns: finding all of them, where a decoder would stop at the first. Leaves to the readers whatever else may be wrong.

use super::{ANY, Section, Value};
use crate::syntax::{Kind, Node};

impl Section {
    /// Tells every value below `node` that is of another kind than its key takes: its path, its place, and what was
    /// expected.
    pub(in crate::spec) fn misfits<'t>(
        &self,
        node: Node<'t>,
        path: &str,
        tell: &mut dyn FnMut(&str, Node<'t>, &str),
    ) {
        if node.kind() != Kind::Mapping {
            if !node.is_null() {
                tell(path, node, "a mapping");
            }
            return;
        }
        for entry in node.entries() {
            let Some(key) = self.keys.iter().find(|key| entry.key.text() == Some(key.name)) else { continue };
            let path = if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
            key.value.misfits(entry.value, &path, tell);
        }
    }
}

impl Value {
    fn misfits<'t>(&self, node: Node<'t>, path: &str, tell: &mut dyn FnMut(&str, Node<'t>, &str)) {
        if node.is_null() {
            return;
        }
        match self {
            Self::Section(section) => section.misfits(node, path, tell),
            Self::List(value, ..) => match node.kind() {
                Kind::Sequence => {
                    let path = format!("{path}[]");
                    node.items().for_each(|item| value.misfits(item, &path, tell));
                }
                Kind::Scalar | Kind::Mapping => tell(path, node, "a list"),
            },
            Self::Map(value, _) => match node.kind() {
                Kind::Mapping => {
                    let path = format!("{path}.*");
                    node.entries().for_each(|entry| value.misfits(entry.value, &path, tell));
                }
                Kind::Scalar | Kind::Sequence => tell(path, node, "a mapping"),
            },
            Self::OrNothing(value) => value.misfits(node, path, tell),
            Self::Boolean => {
                if !matches!(node.text(), Some("true" | "false")) {
                    tell(path, node, "`true` or `false`");
                }
            }
            Self::Whole(least, most) => {
                let number = node.text().and_then(|text| text.parse::<u32>().ok());
                if !number.is_some_and(|number| (*least..=*most).contains(&number)) {
                    let expected = match (*least, *most) {
                        (0, ANY) => "a whole number".to_owned(),
                        (least, ANY) => format!("a whole number from {least} on"),
                        (least, most) => format!("a whole number from {least} to {most}"),
                    };
                    tell(path, node, &expected);
                }
            }
            Self::Single
            | Self::Proposed(_)
            | Self::Said
            | Self::Flag
            | Self::Switch
            | Self::Word(_)
            | Self::Text(..)
            | Self::TextProposed(_)
            | Self::Pattern(..) => {
                if node.kind() != Kind::Scalar {
                    tell(path, node, "a text");
                }
            }
            // Several kinds fit, or a reader of its own knows.
            Self::Anything | Self::Either(_) | Self::ListOrOne(..) | Self::Made(_) => {}
        }
    }
}

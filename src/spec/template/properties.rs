//! The properties of one resource, taken to the shape that the service's own API has for them.
//!
//! Owns: properties that do not exist, are missing or of another type, as CloudFormation refuses them; and the derived tree,
//! in which each known value stands under its name in the API and every other one is marked as unknown. What was refused
//! here is unknown there, so that nothing is said twice. Leaves to the readers of that tree: what values mean.

use super::assembled::Assembled;
use super::attributes;
use super::calls;
use super::evaluate::{Evaluation, Value};
use super::fallen_out::{home, is_of_configuration, meant};
use super::frame;
use super::function::function;
use super::schema::{Field, Of, Shape};
use crate::spec::document::kind_words;
use crate::spec::reading::{Reader, head};
use crate::spec::spelling::is_misspelt;
use crate::syntax::{Deriving, Entry, Kind, Made, Node, Span, Style, Tree};

/// Walks properties and derives the tree.
pub(super) struct Walk<'a, 'r, 't> {
    pub(super) evaluation: &'a Evaluation<'a, 't>,
    pub(super) reader: &'r mut Reader<'t>,
    /// The resource's type, for people.
    pub(super) kind: &'t str,
    pub(super) deriving: Deriving,
    /// Paths of properties that stand beside the one they belong below, which is told.
    pub(super) elsewhere: Vec<String>,
}

impl<'t> Walk<'_, '_, 't> {
    /// The whole of the properties. `more` are entries that the API needs and the template need not have.
    pub(super) fn properties(mut self, properties: Entry<'t>, shape: Shape, more: &[(&str, String)]) -> Tree {
        let span = properties.value.span();
        let mut entries = pairs_of(self.fields("", properties, shape));
        for (name, identity) in more {
            if properties.value.entry(&capital(name)).is_none() {
                let at = Span::empty(span.end);
                let key = self.deriving.scalar(at, name, Style::Plain);
                entries.push((key, self.deriving.unknown(at, identity)));
            }
        }
        let root = self.deriving.mapping(span, entries);
        self.deriving.finish(root)
    }

    fn value(&mut self, path: &str, entry: Entry<'t>, of: Of) -> Option<Made> {
        let (key, node) = (entry.key, entry.value);
        if self.deriving.is_full() {
            return Some(self.hidden(entry, of));
        }
        let node = match self.evaluation.value(node) {
            Value::Absent => return None,
            Value::Unknown(_) if matches!(of, Of::Object(_)) && self.is_text(node) => {
                return Some(self.wrong(path, entry, of));
            }
            Value::Unknown(text) => return Some(self.unknown(entry, of, &text)),
            Value::Text(text) => return Some(self.composed(path, entry, &text, of)),
            // What a map holds is written elsewhere; here is where it counts.
            Value::Written(written) => written,
        };
        let entry = Entry { key, value: node };
        match of {
            Of::Text | Of::Filled | Of::Number | Of::Flag if node.kind() == Kind::Scalar => match node.text()
            {
                Some(text) => Some(self.text(path, entry, text, of)),
                None => Some(self.wrong(path, entry, of)),
            },
            Of::List(inner) if node.kind() == Kind::Sequence => {
                let items = items(path, entry);
                let made = items.into_iter().filter_map(|(path, item)| self.value(&path, item, *inner));
                let made: Vec<_> = made.collect();
                Some(self.deriving.sequence(node.span(), made))
            }
            Of::Object(shape) if node.kind() == Kind::Mapping => {
                let entries = pairs_of(self.fields(path, entry, shape));
                Some(self.deriving.mapping(node.span(), entries))
            }
            Of::Map if node.kind() == Kind::Mapping => Some(self.any(entry)),
            Of::Pairs(shape, from, to) if node.kind() == Kind::Sequence => {
                Some(self.pairs(path, entry, shape, (from, to)))
            }
            Of::Wrapped(shape, property) if node.kind() == Kind::Sequence => {
                Some(self.wrapped(path, entry, shape, property))
            }
            Of::Any => Some(self.any(entry)),
            Of::Text
            | Of::Filled
            | Of::Number
            | Of::Flag
            | Of::List(_)
            | Of::Object(_)
            | Of::Map
            | Of::Pairs(..)
            | Of::Wrapped(..) => Some(self.wrong(path, entry, of)),
        }
    }

    /// The entries of a mapping of known properties.
    fn fields(&mut self, path: &str, entry: Entry<'t>, shape: Shape) -> Vec<Property> {
        let node = entry.value;
        let mut made = Vec::new();
        let mut is_open = node.tree().is_partial();
        let (told, empty) = self.fallen_out(path, node, shape);
        for property in node.entries() {
            let Some(name) = property.key.text() else { continue };
            if told.contains(&property.key.span()) {
                continue;
            }
            if empty.contains(&property.key.span()) {
                if let Some(field) = shape.iter().find(|field| field.name == name)
                    && let Some(api) = field.api_name()
                {
                    let key = self.deriving.scalar(property.key.span(), &api, Style::Plain);
                    let value = self.hidden(property, field.of);
                    made.push(Property { name: field.name, key, value });
                }
                continue;
            }
            if name.starts_with("Fn::") {
                is_open = true;
                continue;
            }
            let Some(field) = shape.iter().find(|field| field.name == name) else {
                self.unknown_property(path, property, shape);
                let known: Vec<_> = shape.iter().map(|field| field.name).collect();
                let meant = meant(name, &known).filter(|meant| node.entry(meant).is_none());
                // What follows from its absence is not told too.
                if let Some(field) = shape.iter().find(|field| Some(field.name) == meant)
                    && let Some(api) = field.api_name()
                {
                    let key = self.deriving.scalar(property.key.span(), &api, Style::Plain);
                    let value = self.hidden(property, field.of);
                    made.push(Property { name: field.name, key, value });
                } else if let Some(stray) = STRAYS.iter().find(|stray| capital(stray) == name) {
                    // Its readers know that it may be meant to stand where it does not.
                    let key = self.deriving.scalar(property.key.span(), stray, Style::Plain);
                    let value = self.hidden(property, Of::Any);
                    made.push(Property { name: "", key, value });
                } else if is_of_configuration(shape, name) {
                    let key = self.deriving.scalar(property.key.span(), name, Style::Plain);
                    let value = self.hidden(property, Of::Any);
                    made.push(Property { name: "", key, value });
                }
                continue;
            };
            let path = joined(path, name);
            let Some(value) = self.value(&path, property, field.of) else { continue };
            if let Some(api) = field.api_name() {
                let key = self.deriving.scalar(property.key.span(), &api, Style::Plain);
                made.push(Property { name: field.name, key, value });
            }
        }
        let names: Vec<_> = shape.iter().map(|field| field.name).collect();
        for field in shape.iter().filter(|field| field.is_required) {
            let is_there = node
                .entry(field.name)
                .is_some_and(|property| !self.evaluation.value(property.value).is_absent());
            if !is_there {
                let is_said = is_open
                    || is_misspelt(node, &names, field.name)
                    || node.entries().any(|other| {
                        let name = other.key.text().filter(|name| !names.contains(name));
                        name.is_some_and(|name| meant(name, &names) == Some(field.name))
                    })
                    || self.elsewhere.contains(&joined(path, field.name));
                made.extend(self.missing(path, entry, field, is_said));
            }
        }
        made
    }

    fn missing(&mut self, path: &str, entry: Entry<'t>, field: &Field, is_said: bool) -> Option<Property> {
        let name = field.name;
        if !is_said {
            let node = entry.value;
            let span = node.entries().next().map_or(entry.key.span(), |first| first.key.span());
            let message = if path.is_empty() {
                format!("{} needs the property `{name}`", self.kind)
            } else {
                format!("`{path}` has no `{name}`")
            };
            let finding = self.reader.error("missing-key", message, span, format!("no `{name}` here"));
            self.reader.push(finding.aws(format!("#: required key [{name}] not found")));
        }
        let at = Span::empty(entry.value.span().end);
        let key = self.deriving.scalar(at, &field.api_name()?, Style::Plain);
        Some(Property { name, key, value: self.deriving.unknown(at, "missing") })
    }

    fn unknown_property(&mut self, path: &str, property: Entry<'t>, shape: Shape) {
        let name = property.key.text().unwrap_or_default();
        let message = format!("{} has no property `{}`", self.kind, joined(path, name));
        let finding = self.reader.error("unknown-key", message, property.key.span(), "unknown");
        let known: Vec<_> = shape.iter().map(|field| field.name).collect();
        let finding = match (meant(name, &known), home(shape, name)) {
            (Some(meant), _) => finding.help(format!("write `{meant}`")),
            (None, Some(home)) => finding.help(format!("it stands below `{home}`")),
            (None, None) if is_of_configuration(shape, name) => {
                finding.help("it stands below `Configuration`")
            }
            (None, None) => finding.help(format!("known here: {}", known.join(", "))),
        };
        self.reader.push(finding.aws(format!("#: extraneous key [{name}] is not permitted")));
    }

    /// A list of mappings as one mapping.
    fn pairs(&mut self, path: &str, entry: Entry<'t>, shape: Shape, (from, to): (&str, &str)) -> Made {
        let mut entries = Vec::new();
        for (path, item) in items(path, entry) {
            let Value::Written(node) = self.evaluation.value(item.value) else { continue };
            if node.kind() != Kind::Mapping {
                self.wrong(&path, Entry { value: node, ..item }, Of::Object(shape));
                continue;
            }
            // All of its properties are looked at; two of them make the pair.
            let fields = self.fields(&path, Entry { value: node, ..item }, shape);
            let value = fields.iter().find(|property| property.name == to).map(|property| property.value);
            let (Some(key), Some(value)) = (node.get(from), value) else { continue };
            let key = match self.evaluation.text(key) {
                Some(text) => self.deriving.scalar(key.span(), &text, Style::Plain),
                None => self.deriving.unknown(key.span(), "key"),
            };
            entries.push((key, value));
        }
        self.deriving.mapping(entry.value.span(), entries)
    }

    /// A list of mappings of one property as a list of its values.
    fn wrapped(&mut self, path: &str, entry: Entry<'t>, shape: Shape, property: &str) -> Made {
        let mut made = Vec::new();
        for (path, item) in items(path, entry) {
            match self.evaluation.value(item.value) {
                Value::Absent => {}
                Value::Written(node) if node.kind() == Kind::Mapping => {
                    let fields = self.fields(&path, Entry { value: node, ..item }, shape);
                    made.extend(fields.iter().find(|field| field.name == property).map(|field| field.value));
                }
                Value::Written(node) => {
                    made.push(self.wrong(&path, Entry { value: node, ..item }, Of::Object(shape)));
                }
                Value::Unknown(_) if self.is_text(item.value) => {
                    made.push(self.wrong(&path, item, Of::Object(shape)));
                }
                Value::Text(_) | Value::Unknown(_) => made.push(self.hidden(item, Of::Any)),
            }
        }
        self.deriving.sequence(entry.value.span(), made)
    }

    /// A text that must be of a type.
    fn text(&mut self, path: &str, entry: Entry<'t>, text: &str, of: Of) -> Made {
        match style(text, entry.value, of) {
            Some(style) => self.deriving.scalar(entry.value.span(), text, style),
            None => self.wrong(path, entry, of),
        }
    }

    /// A text that functions make, which must be of a type.
    fn composed(&mut self, path: &str, entry: Entry<'t>, text: &Assembled<'t>, of: Of) -> Made {
        match style(text.text(), entry.value, of) {
            Some(style) => {
                let map = text.map(head(entry.value.source(), entry.value.span()));
                self.deriving.composed(entry.value.span(), text.text(), style, map)
            }
            None => self.wrong(path, entry, of),
        }
    }

    fn any(&mut self, entry: Entry<'t>) -> Made {
        let node = match self.evaluation.value(entry.value) {
            Value::Absent => return self.deriving.scalar(entry.value.span(), "", Style::Plain),
            // Its key is known, whatever it is.
            Value::Unknown(text) => return self.unknown(entry, Of::Text, &text),
            Value::Text(text) => return self.composed("", entry, &text, Of::Any),
            Value::Written(node) => node,
        };
        match node.kind() {
            Kind::Scalar => match node.text() {
                Some(text) => self.text("", Entry { key: entry.key, value: node }, text, Of::Any),
                None => self.deriving.copy(node),
            },
            Kind::Sequence => {
                let is_there = |item: &Node<'t>| !self.evaluation.value(*item).is_absent();
                let items: Vec<_> = node.items().filter(is_there).collect();
                let made: Vec<_> =
                    items.into_iter().map(|value| self.any(Entry { key: entry.key, value })).collect();
                self.deriving.sequence(node.span(), made)
            }
            Kind::Mapping => {
                let is_there = |entry: &Entry<'t>| !self.evaluation.value(entry.value).is_absent();
                let entries: Vec<_> = node.entries().filter(is_there).collect();
                let mut made = Vec::new();
                for entry in entries {
                    let key = self.deriving.copy(entry.key);
                    made.push((key, self.any(entry)));
                }
                self.deriving.mapping(node.span(), made)
            }
        }
    }

    /// A text that is not known as a whole.
    fn unknown(&mut self, entry: Entry<'t>, of: Of, text: &Assembled<'t>) -> Made {
        self.obscure(entry, of);
        let map = text.map(head(entry.value.source(), entry.value.span()));
        self.deriving.composed(entry.value.span(), text.text(), Style::SingleQuoted, map)
    }

    /// Whether what a function gives is a text, whatever it says.
    fn is_text(&self, node: Node<'t>) -> bool {
        function(node).is_some_and(|call| match call.name {
            "Join" | "Sub" => true,
            "Ref" => call.argument.text().is_some_and(|name| self.evaluation.is_resource(name)),
            "GetAtt" => {
                attributes::named(call.argument).is_some_and(|(attribute, _)| attribute.ends_with("Arn"))
            }
            _ => false,
        })
    }

    /// A value of which nothing is known.
    fn hidden(&mut self, entry: Entry<'t>, of: Of) -> Made {
        self.obscure(entry, of);
        self.deriving.unknown(entry.value.span(), "hidden")
    }

    /// Of a collection nothing can be said at its key either, nor of one that may have more or fewer items.
    fn obscure(&mut self, entry: Entry<'t>, of: Of) {
        let is_single = matches!(of, Of::Text | Of::Filled | Of::Number | Of::Flag);
        if !is_single || function(entry.value).is_some_and(|call| call.name == "If") {
            self.deriving.obscure(entry.key.span());
        }
    }

    fn wrong(&mut self, path: &str, entry: Entry<'t>, of: Of) -> Made {
        let node = entry.value;
        let expected = match of {
            Of::Text | Of::Filled | Of::Any => "a text",
            Of::Number => "a whole number",
            Of::Flag => "true or false",
            Of::List(_) | Of::Pairs(..) | Of::Wrapped(..) => "a list",
            Of::Object(_) | Of::Map => "a mapping",
        };
        let is = match node.text() {
            _ if node.is_blank() => "empty".to_owned(),
            Some(text) if matches!(of, Of::Number | Of::Flag) => format!("`{text}`"),
            _ => kind_words(node.kind()).to_owned(),
        };
        let message = format!("`{path}` is {is}; {} expects {expected}", self.kind);
        let span = head(node.source(), node.span());
        let span = if span.is_empty() {
            // Whoever reads the value says it of its key, too.
            self.deriving.obscure(entry.key.span());
            entry.key.span()
        } else {
            span
        };
        let label = if node.is_blank() { "nothing here" } else { "does not fit" };
        let finding = self.reader.error("wrong-kind", message, span, label);
        let finding = if node.is_null() { finding.aws(frame::NULL) } else { finding };
        let finding = match of {
            Of::Pairs(shape, ..) | Of::Wrapped(shape, _) if node.kind() == Kind::Mapping => {
                let names: Vec<_> = shape.iter().map(|field| field.name).collect();
                finding.help(format!("write a list of mappings, each with {}", names.join(", ")))
            }
            Of::Text | Of::Filled if calls::meant(node).is_some() => {
                let meant = calls::meant(node).unwrap_or_default();
                finding.help(format!("write `{meant}` to call the function"))
            }
            Of::Text if node.kind() == Kind::Mapping && path.ends_with("BuildSpec") => {
                finding.help("write `BuildSpec: |` and the buildspec below it: the `|` makes a text of it")
            }
            Of::List(_) if node.kind() == Kind::Mapping && path.ends_with(']') => {
                finding.help("each of these is a list of its own: begin it with `- - `")
            }
            _ => finding,
        };
        self.reader.push(finding);
        self.hidden(entry, of)
    }
}

/// How the API has a text of a type: its readers see numbers and flags bare, and texts quoted. None when it is of another type.
fn style(text: &str, written: Node<'_>, of: Of) -> Option<Style> {
    let fits = match of {
        Of::Text | Of::Any | Of::Map => true,
        // What functions make of texts that are not known yet is not told.
        Of::Filled => !text.trim().is_empty() || function(written).is_some(),
        Of::Number => text.trim().parse::<i64>().is_ok(),
        Of::Flag => matches!(text, "true" | "false" | "True" | "False" | "TRUE" | "FALSE"),
        Of::List(_) | Of::Object(_) | Of::Pairs(..) | Of::Wrapped(..) => false,
    };
    fits.then(|| match (of, written.scalar().map(|scalar| scalar.style)) {
        (Of::Number | Of::Flag, _) => Style::Plain,
        (_, Some(Style::Plain)) if is_typed(text) => Style::SingleQuoted,
        (_, Some(style)) => style,
        (_, None) => Style::SingleQuoted,
    })
}

/// The items of a list, each as an entry under the list's key.
fn items<'t>(path: &str, list: Entry<'t>) -> Vec<(String, Entry<'t>)> {
    let items = list.value.items().enumerate();
    items.map(|(index, value)| (format!("{path}[{index}]"), Entry { key: list.key, value })).collect()
}

/// Properties of an action of which something else would seem to be missing when they stand at another depth.
const STRAYS: [&str; 5] = ["commands", "configuration", "inputArtifacts", "namespace", "outputArtifacts"];

/// A property that was made.
struct Property {
    name: &'static str,
    key: Made,
    value: Made,
}

fn pairs_of(properties: Vec<Property>) -> Vec<(Made, Made)> {
    properties.into_iter().map(|property| (property.key, property.value)).collect()
}

pub(super) fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// What YAML and JSON make no text of.
fn is_typed(text: &str) -> bool {
    matches!(text, "true" | "false" | "True" | "False" | "TRUE" | "FALSE") || text.parse::<f64>().is_ok()
}

//! Reading XML of strangers: elements and attributes, one after the other.
//!
//! Owns: the bounds (depth, and that a document declares no entities of its own), what is no XML at all, and the line of
//! what is wrong. Leaves to each format: what elements mean. Texts between tags are never looked at.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::Malformed;

/// Elements inside each other, at most.
const DEEPEST: usize = 200;

/// Attributes of an element, at most: each is compared with all before it.
const MOST_ATTRIBUTES: usize = 1000;

/// What reads a document.
pub(super) trait Visitor {
    /// An element begins, inside `parents`, the outermost first.
    fn open(&mut self, element: &Element<'_>, parents: &[String]) -> Result<(), String>;

    /// An element ends.
    fn close(&mut self, name: &str) -> Result<(), String>;
}

/// The start tag of an element.
pub(super) struct Element<'a> {
    /// Its name, without a namespace's prefix.
    pub(super) name: &'a str,
    tag: &'a BytesStart<'a>,
}

impl Element<'_> {
    /// The value of an attribute; entities other than XML's own five are an error.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, String> {
        let found = self.tag.try_get_attribute(name).map_err(|error| error.to_string())?;
        let value = found.map(|found| found.normalized_value(XmlVersion::Implicit1_0)).transpose();
        Ok(value.map_err(|error| error.to_string())?.map(std::borrow::Cow::into_owned))
    }

    /// The value of an attribute that counts something. Empty counts as absent.
    pub(super) fn count(&self, name: &str) -> Result<Option<u64>, String> {
        let Some(text) = self.text(name)?.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
        let digits = text.trim();
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("{name}=\"{}\" of <{}> is no count", brief(digits), self.name));
        }
        // More than fits is only ever compared with zero or with other counts.
        Ok(Some(digits.parse().unwrap_or(u64::MAX)))
    }

    /// The value of an attribute that must be there.
    pub(super) fn required(&self, name: &str) -> Result<String, String> {
        self.text(name)?.ok_or_else(|| format!("<{}> has no {name}", self.name))
    }

    /// The count in an attribute that must be there.
    pub(super) fn required_count(&self, name: &str) -> Result<u64, String> {
        self.count(name)?.ok_or_else(|| format!("<{}> has no {name}", self.name))
    }
}

/// Reads a document whose outermost element has one of the names `roots`.
pub(super) fn read(text: &str, roots: &[&str], visitor: &mut dyn Visitor) -> Result<(), Malformed> {
    let mut reader = Reader::from_str(text);
    let mut parents: Vec<String> = Vec::new();
    let mut seen_root = false;
    loop {
        let event = reader.read_event();
        let offset = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let malformed = |why: String| Malformed::at(text, offset, why);
        let event = event.map_err(|error| {
            let offset = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
            Malformed::at(text, offset, error.to_string())
        })?;
        match event {
            Event::Start(tag) => {
                if parents.len() >= DEEPEST {
                    return Err(malformed(format!("elements are nested deeper than {DEEPEST}")));
                }
                let name = opened(&tag, &parents, roots, seen_root, visitor).map_err(malformed)?;
                parents.push(name);
                seen_root = true;
            }
            Event::Empty(tag) => {
                let name = opened(&tag, &parents, roots, seen_root, visitor).map_err(malformed)?;
                visitor.close(&name).map_err(malformed)?;
                seen_root = true;
            }
            Event::End(_) => {
                if let Some(name) = parents.pop() {
                    visitor.close(&name).map_err(malformed)?;
                }
            }
            Event::DocType(declaration) if declaration.contains('[') => {
                return Err(malformed("it declares entities of its own".to_owned()));
            }
            Event::Eof => break,
            Event::Text(text) if parents.is_empty() && !text.trim().is_empty() => {
                return Err(malformed("there is text outside any element".to_owned()));
            }
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => {}
        }
    }
    let end = |why: String| Err(Malformed::at(text, text.len(), why));
    match parents.last() {
        Some(open) => end(format!("it ends inside <{}>", brief(open))),
        None if !seen_root => end("it has no element".to_owned()),
        None => Ok(()),
    }
}

/// Tells the visitor of a start tag, and gives its name.
fn opened(
    tag: &BytesStart<'_>,
    parents: &[String],
    roots: &[&str],
    seen_root: bool,
    visitor: &mut dyn Visitor,
) -> Result<String, String> {
    let name = tag.local_name();
    let name: &str = name.as_ref();
    if parents.is_empty() {
        if seen_root {
            return Err(format!("<{}> stands behind the end of the document", brief(name)));
        }
        if !roots.contains(&name) {
            let expected = roots.iter().map(|root| format!("<{root}>")).collect::<Vec<_>>().join(" or ");
            return Err(format!("it begins with <{}>, where {expected} was expected", brief(name)));
        }
    }
    for (index, attribute) in tag.attributes().enumerate() {
        attribute.map_err(|error| error.to_string())?;
        if index >= MOST_ATTRIBUTES {
            return Err(format!("<{}> has more than {MOST_ATTRIBUTES} attributes", brief(name)));
        }
    }
    visitor.open(&Element { name, tag }, parents)?;
    Ok(name.to_owned())
}

/// A text of a stranger, as far as a message can bear it.
pub(super) fn brief(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

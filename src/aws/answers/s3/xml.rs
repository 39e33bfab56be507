//! S3's documents.
//!
//! Owns: writing elements with the escapes that S3 writes, and reading the few documents that clients send. Leaves to the
//! operations which elements there are.

use std::fmt::{Display, Write};
use std::io::Read;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

use super::errors::{Fallible, malformed_xml, while_trying};
use crate::aws::call::{Answer, Body, Payload};

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// The longest document that is read, in bytes: the parts of the largest upload take a third of it.
const LONGEST: u64 = 8 << 20;

/// Elements inside each other, at most. S3's own documents have six.
const DEEPEST: usize = 16;

/// A document on its way.
pub(super) struct Document(String);

impl Document {
    /// A document whose outermost element is `root`.
    pub(super) fn of(root: &str, fill: impl FnOnce(&mut Self)) -> Self {
        let mut document =
            Self(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{NAMESPACE}\">"));
        fill(&mut document);
        document.end(root);
        document
    }

    /// An element that holds others.
    pub(super) fn node(&mut self, name: &str, fill: impl FnOnce(&mut Self)) {
        self.start(name, "");
        fill(self);
        self.end(name);
    }

    /// The same, with attributes as they are written.
    pub(super) fn node_with(&mut self, name: &str, attributes: &str, fill: impl FnOnce(&mut Self)) {
        self.start(name, attributes);
        fill(self);
        self.end(name);
    }

    /// An element that holds a text.
    pub(super) fn leaf(&mut self, name: &str, text: impl Display) {
        self.start(name, "");
        self.text(&text.to_string());
        self.end(name);
    }

    /// An element that holds a text, when there is one.
    pub(super) fn optional(&mut self, name: &str, text: Option<impl Display>) {
        if let Some(text) = text {
            self.leaf(name, text);
        }
    }

    /// A text as it is.
    pub(super) fn raw(&mut self, text: &str) {
        self.text(text);
    }

    /// The answer that brings it, with status 200.
    pub(super) fn answer(self) -> Answer {
        let headers = vec![("content-type".to_owned(), "application/xml".to_owned())];
        Answer::Raw { status: 200, headers, body: Payload::Memory(self.0.into_bytes()) }
    }

    // Writing to a String cannot fail.
    fn start(&mut self, name: &str, attributes: &str) {
        let _ = write!(self.0, "<{name}{attributes}>");
    }

    fn end(&mut self, name: &str) {
        let _ = write!(self.0, "</{name}>");
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                // S3 writes these too, although XML 1.0 has no way to: clients ask for `encoding-type=url` therefore.
                c if c.is_control() => {
                    let _ = write!(self.0, "&#x{:X};", u32::from(c));
                }
                c => self.0.push(c),
            }
        }
    }
}

/// An element that was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    /// Its name, without a prefix.
    pub(super) name: String,
    /// Its text, all pieces together.
    pub(super) text: String,
    /// What it holds.
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The texts and elements of this name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first element of this name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.children.iter().find(|child| child.name == name).map(|child| child.text.as_str())
    }
}

/// Reads the document in a body: its outermost element, which is called `root`.
pub(super) fn read(body: &Body, root: &str) -> Fallible<Element> {
    let text = match body {
        Body::Memory(bytes) => bytes.clone(),
        Body::File { length, .. } if *length > LONGEST => return Err(malformed_xml()),
        Body::File { path, .. } => {
            let file = std::fs::File::open(path).map_err(while_trying("read from"))?;
            let mut bytes = Vec::new();
            file.take(LONGEST).read_to_end(&mut bytes).map_err(while_trying("read from"))?;
            bytes
        }
    };
    let text = std::str::from_utf8(&text).map_err(|_| malformed_xml())?;
    parsed(text).filter(|element| element.name == root).ok_or_else(malformed_xml)
}

/// The outermost element of a text; none when it is no document.
fn parsed(text: &str) -> Option<Element> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) if open.len() < DEEPEST => open.push(named(tag.local_name().as_ref())),
            Event::Empty(tag) if !open.is_empty() => {
                open.last_mut()?.children.push(named(tag.local_name().as_ref()));
            }
            Event::Empty(tag) => return Some(named(tag.local_name().as_ref())),
            Event::End(_) => {
                let element = open.pop()?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => return Some(element),
                }
            }
            Event::Text(piece) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&piece.xml10_content());
                }
            }
            Event::CData(piece) => open.last_mut()?.text.push_str(&piece),
            Event::GeneralRef(name) => {
                let element = open.last_mut()?;
                match name.resolve_char_ref().ok()? {
                    Some(c) => element.text.push(c),
                    None => element.text.push_str(resolve_predefined_entity(&name)?),
                }
            }
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Start(_) | Event::DocType(_) | Event::Eof => return None,
        }
    }
}

fn named(name: &str) -> Element {
    Element { name: name.to_owned(), ..Element::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let text = "a<b>&\"c'\u{1}\té\r\n";
        let document = Document::of("Root", |root| {
            root.leaf("Size", 3);
            root.node("Inner", |inner| inner.leaf("Key", text));
            root.optional("Absent", None::<&str>);
        });
        let Answer::Raw { status: 200, body: Payload::Memory(bytes), .. } = document.answer() else {
            panic!()
        };
        let root = read(&Body::Memory(bytes), "Root").unwrap();
        assert_eq!(root.get("Size"), Some("3"));
        assert_eq!(root.all("Inner").next().and_then(|inner| inner.get("Key")), Some(text));
        assert_eq!(root.get("Absent"), None);
    }

    #[test]
    fn documents_of_clients_are_read_and_nothing_else() {
        for good in [
            "<Delete><Object><Key>a&amp;b</Key></Object></Delete>",
            "<?xml version='1.0'?>\n<!-- x --><n:Delete xmlns:n='u'><Object><Key><![CDATA[a&b]]></Key></Object></n:Delete>",
            "<Delete>\n  <Object>\n    <Key>a&#38;b</Key><Other/>\n  </Object></Delete>",
        ] {
            let root = read(&Body::Memory(good.into()), "Delete").unwrap();
            let keys: Vec<_> = root.all("Object").filter_map(|object| object.get("Key")).collect();
            assert_eq!(keys, ["a&b"], "{good}");
        }
        let deep = "<Delete>".repeat(50);
        for bad in [
            "",
            "x",
            "<Other/>",
            "<Delete>",
            "<Delete></Other>",
            "<!DOCTYPE x [<!ENTITY y 'z'>]><Delete/>",
            "<Delete>&y;</Delete>",
            &deep,
        ] {
            assert_eq!(read(&Body::Memory(bad.into()), "Delete").unwrap_err().code, "MalformedXML", "{bad}");
        }
        assert!(read(&Body::Memory(vec![0xff]), "Delete").is_err());
    }
}

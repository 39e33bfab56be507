//! `check` of rehearsal.yml: which findings `rehearsal check` reports.
//!
//! Owns: the shape. Leaves to the module `check`: which codes there are, and what the patterns match.

use super::read::{Keys, keys};
use crate::spec::glob::Glob;
use crate::spec::reading::{Reader, head, place};
use crate::spec::schema::config::{CHECK, CHECK_PATH};
use crate::syntax::{Entry, Kind, Node, Span, Tree};

/// What `check` says.
#[derive(Debug, Clone, Default)]
pub struct Checking {
    /// `select`: only these codes are reported; none means all.
    pub select: Vec<Named>,
    /// `ignore`: these are not.
    pub ignore: Vec<Named>,
    /// `paths`: what is ignored in some files only.
    pub paths: Vec<InFiles>,
}

/// A text with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// One item of `paths`.
#[derive(Debug, Clone)]
pub struct InFiles {
    /// `match`: patterns of paths from the top of the repository.
    pub patterns: Vec<(Named, Glob)>,
    /// `ignore`: codes that are not reported there.
    pub ignore: Vec<Named>,
}

const KEYS: Keys = Keys { path: "check", of: &CHECK };
const ITEM: Keys = Keys { path: "check.paths[]", of: &CHECK_PATH };

/// What `check` says in the tree of a rehearsal.yml, however much else in it is wrong.
pub fn checking(tree: &Tree) -> Checking {
    let mut reader = Reader::new(tree, "Rehearsal");
    tree.root().entry("check").map(|entry| read(&mut reader, entry)).unwrap_or_default()
}

pub(super) fn read<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> Checking {
    let Some(mapping) = reader.mapping("check", entry) else { return Checking::default() };
    keys(reader, mapping, &KEYS);
    let mut checking = Checking::default();
    for (key, list) in [("select", &mut checking.select), ("ignore", &mut checking.ignore)] {
        if let Some(entry) = mapping.entry(key) {
            *list = names(reader, &format!("check.{key}"), entry);
        }
    }
    let Some(entry) = mapping.entry("paths") else { return checking };
    if entry.value.kind() != Kind::Sequence && !entry.value.is_null() {
        reader.wrong_kind("check.paths", entry, "a list of `match` and `ignore`");
    }
    for (index, value) in entry.value.items().enumerate() {
        let path = format!("check.paths[{index}]");
        if let Some(item) = reader.mapping(&path, Entry { key: entry.key, value }) {
            checking.paths.push(in_files(reader, &path, item));
        }
    }
    checking
}

fn in_files<'t>(reader: &mut Reader<'t>, path: &str, item: Node<'t>) -> InFiles {
    keys(reader, item, &ITEM);
    let mut list = |key: &str| {
        if let Some(entry) = item.entry(key).filter(|entry| !entry.value.is_null()) {
            return names(reader, &format!("{path}.{key}"), entry);
        }
        let message = format!("`{path}` has no `{key}`");
        let span = item.entry(key).map_or_else(|| head(item.source(), item.span()), |entry| entry.key.span());
        reader.push(reader.error("missing-key", message, span, "this would do nothing"));
        Vec::new()
    };
    let (written, ignore) = (list("match"), list("ignore"));
    let mut patterns = Vec::new();
    for name in written {
        match Glob::new(&name.text) {
            Ok(glob) => patterns.push((name, glob)),
            Err(error) => {
                let finding =
                    reader.error("invalid-value", error.to_string(), name.span, "a pattern of paths");
                reader.push(finding);
            }
        }
    }
    InFiles { patterns, ignore }
}

/// A list of texts, or one alone.
fn names<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Vec<Named> {
    let items: Vec<_> = match entry.value.kind() {
        Kind::Sequence => entry.value.items().collect(),
        Kind::Scalar | Kind::Mapping => vec![entry.value],
    };
    let mut names = Vec::new();
    for value in items {
        let item = Entry { key: entry.key, value };
        if let Some(text) = reader.filled(path, item) {
            names.push(Named { text, span: place(item) });
        }
    }
    names
}

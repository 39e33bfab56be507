//! The git attributes of a commit, read from that commit alone.
//!
//! Owns: parsing `.gitattributes` files and finding what they say of a path. Leaves to `convert` and `export`: what an
//! attribute does.
//!
//! libgit2 is not asked, because its answers depend on the machine: even through a handle made by
//! `Repository::from_odb` with an index in memory, an empty configuration, index-only and no-system flags, it reads
//! `$XDG_CONFIG_HOME/git/attributes` and the macros of `/etc/gitattributes`; it also never matches `folder/` patterns
//! in such a handle and does not know quoted patterns. Here nothing but the given bytes can have an effect.

mod pattern;

use std::collections::HashMap;
use std::rc::Rc;

use pattern::Pattern;

/// git ignores longer lines, and larger files.
const LONGEST_LINE: usize = 2048;
const LARGEST_FILE: usize = 100 * 1024 * 1024;

/// What a line says of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// `name`
    True,
    /// `-name`
    False,
    /// `!name`: as if nothing had been said.
    Unspecified,
    /// `name=value`
    Value(Vec<u8>),
}

/// A number given to each attribute name on first sight.
type Name = usize;

type Assignments = Vec<(Name, State)>;

/// The names and macros met so far in one commit.
#[derive(Debug)]
pub(super) struct Vocabulary {
    names: HashMap<Vec<u8>, Name>,
    macros: HashMap<Name, Assignments>,
}

/// What the `.gitattributes` files from the root down to one folder say; made by [`Vocabulary::enter`].
#[derive(Debug)]
pub(super) struct Scope {
    /// The folder, without a slash at its end; empty for the root.
    folder: Vec<u8>,
    rules: Vec<(Pattern, Assignments)>,
    above: Option<Rc<Scope>>,
}

/// The answer for one path, for the attributes that matter when files are written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Attributes {
    /// `text`, or `crlf`, its older name, where `text` is not given.
    pub(super) text: Text,
    /// `eol`.
    pub(super) eol: Option<Eol>,
    /// `export-ignore` is set.
    pub(super) export_ignore: bool,
    /// `export-subst` is set.
    pub(super) export_subst: bool,
    /// `ident` is set.
    pub(super) ident: bool,
    /// `filter=NAME`.
    pub(super) filter: Option<String>,
    /// `working-tree-encoding=NAME`.
    pub(super) encoding: Option<String>,
}

/// What `text` says.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// Nothing was said.
    #[default]
    Unspecified,
    /// `-text`
    Binary,
    /// `text`
    Set,
    /// `text=input`
    Input,
    /// `text=auto`
    Auto,
}

/// What `eol` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Eol {
    /// `eol=lf`
    Lf,
    /// `eol=crlf`
    Crlf,
}

impl Vocabulary {
    /// Knows the names asked for and the one macro that git itself defines.
    pub(super) fn new() -> Self {
        let mut vocabulary = Self { names: HashMap::new(), macros: HashMap::new() };
        let binary = vocabulary.intern(b"binary");
        let unset = [&b"diff"[..], b"merge", b"text"].map(|name| (vocabulary.intern(name), State::False));
        vocabulary.macros.insert(binary, unset.into());
        vocabulary
    }

    /// The scope of `folder` below `above`, with the content of the folder's own `.gitattributes`.
    pub(super) fn enter(&mut self, above: Option<Rc<Scope>>, folder: &[u8], content: &[u8]) -> Scope {
        let mut scope = Scope { folder: folder.to_vec(), rules: Vec::new(), above };
        if content.len() > LARGEST_FILE {
            return scope;
        }
        let content = content.strip_prefix("\u{feff}".as_bytes()).unwrap_or(content);
        let content = content.split(|byte| *byte == 0).next().unwrap_or_default();
        for line in content.split(|byte| *byte == b'\n') {
            self.line(line, &mut scope);
        }
        scope
    }

    fn line(&mut self, line: &[u8], scope: &mut Scope) {
        if line.len() >= LONGEST_LINE {
            return;
        }
        let blanks = line.iter().take_while(|byte| is_blank(**byte)).count();
        let line = &line[blanks..];
        let (pattern, rest) = match line.first() {
            None | Some(b'#') => return,
            Some(b'"') => unquote(&line[1..]).unwrap_or_else(|| word(line)),
            Some(_) => word(line),
        };
        let Some(assignments) = self.assignments(rest) else { return };
        if let Some(name) = pattern.strip_prefix(b"[attr]").filter(|name| !name.is_empty()) {
            // git takes macros from the top-level file only.
            if scope.folder.is_empty() && is_name(name) {
                let name = self.intern(name);
                self.macros.insert(name, assignments);
            }
        } else if let Some(pattern) = Pattern::new(&pattern) {
            scope.rules.push((pattern, assignments));
        }
    }

    /// `None` when one name is impossible, which makes git ignore the line.
    fn assignments(&mut self, text: &[u8]) -> Option<Assignments> {
        let words = text.split(|byte| is_blank(*byte)).filter(|word| !word.is_empty());
        words.map(|word| self.assignment(word)).collect()
    }

    fn assignment(&mut self, word: &[u8]) -> Option<(Name, State)> {
        let (left, value) = match word.iter().position(|byte| *byte == b'=') {
            Some(equals) => (&word[..equals], Some(&word[equals + 1..])),
            None => (word, None),
        };
        let (name, state) = match (left, value) {
            ([b'-', name @ ..], _) => (name, State::False),
            ([b'!', name @ ..], _) => (name, State::Unspecified),
            (name, None) => (name, State::True),
            (name, Some(value)) => (name, State::Value(value.to_vec())),
        };
        is_name(name).then(|| (self.intern(name), state))
    }

    fn intern(&mut self, name: &[u8]) -> Name {
        let fresh = self.names.len();
        *self.names.entry(name.to_vec()).or_insert(fresh)
    }

    /// What `scope` and those above it say of `path`, which is relative to the root.
    pub(super) fn look_up(&self, scope: &Rc<Scope>, path: &[u8], is_folder: bool) -> Attributes {
        let mut found: Vec<Option<&State>> = vec![None; self.names.len()];
        let mut next = Some(scope);
        // The deeper file wins over the higher one, the later line over the earlier.
        while let Some(scope) = next {
            let folder = if scope.folder.is_empty() { 0 } else { scope.folder.len() + 1 };
            let relative = path.get(folder..).unwrap_or_default();
            for (_, assignments) in
                scope.rules.iter().rev().filter(|(rule, _)| rule.matches(relative, is_folder))
            {
                self.assign(assignments, &mut found);
            }
            next = scope.above.as_ref();
        }
        self.attributes(&found)
    }

    /// Takes what is not yet decided, from the right, each macro in its place.
    fn assign<'a>(&'a self, assignments: &'a Assignments, found: &mut [Option<&'a State>]) {
        let mut pending = vec![assignments.iter().rev()];
        while let Some(last) = pending.last_mut() {
            let Some((name, state)) = last.next() else {
                pending.pop();
                continue;
            };
            if found[*name].is_none() {
                found[*name] = Some(state);
                if *state == State::True {
                    pending.extend(self.macros.get(name).map(|assignments| assignments.iter().rev()));
                }
            }
        }
    }

    fn attributes(&self, found: &[Option<&State>]) -> Attributes {
        let state = |name: &str| self.names.get(name.as_bytes()).and_then(|name| found[*name]);
        let is_set = |name: &str| state(name) == Some(&State::True);
        let value = |name: &str| match state(name) {
            Some(State::Value(value)) => Some(String::from_utf8_lossy(value).into_owned()),
            Some(State::True | State::False | State::Unspecified) | None => None,
        };
        Attributes {
            text: text(state("text")).or_else(|| text(state("crlf"))).unwrap_or_default(),
            eol: match value("eol").as_deref() {
                Some("lf") => Some(Eol::Lf),
                Some("crlf") => Some(Eol::Crlf),
                Some(_) | None => None,
            },
            export_ignore: is_set("export-ignore"),
            export_subst: is_set("export-subst"),
            ident: is_set("ident"),
            filter: value("filter"),
            encoding: value("working-tree-encoding"),
        }
    }
}

fn text(state: Option<&State>) -> Option<Text> {
    match state? {
        State::True => Some(Text::Set),
        State::False => Some(Text::Binary),
        State::Value(value) if value == b"input" => Some(Text::Input),
        State::Value(value) if value == b"auto" => Some(Text::Auto),
        State::Value(_) | State::Unspecified => None,
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

/// Names that git accepts and does not keep for itself.
fn is_name(name: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !name.is_empty() && name[0] != b'-' && name.iter().all(plain) && !name.starts_with(b"builtin_")
}

/// The first word, and what follows it.
fn word(line: &[u8]) -> (Vec<u8>, &[u8]) {
    let end = line.iter().position(|byte| is_blank(*byte)).unwrap_or(line.len());
    (line[..end].to_vec(), &line[end..])
}

/// Reads a C-style quoted word after its opening quote, and says what follows it. `None` when it is not one.
fn unquote(mut text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut word = Vec::new();
    loop {
        let (byte, rest) = text.split_first()?;
        text = rest;
        match byte {
            b'"' => return Some((word, text)),
            b'\\' => {
                let (escape, rest) = text.split_first()?;
                text = rest;
                word.push(match escape {
                    b'a' => 7,
                    b'b' => 8,
                    b'f' => 12,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'v' => 11,
                    b'\\' | b'"' => *escape,
                    b'0'..=b'3' => {
                        let [second @ b'0'..=b'7', third @ b'0'..=b'7', rest @ ..] = text else {
                            return None;
                        };
                        text = rest;
                        (escape - b'0') * 64 + (second - b'0') * 8 + (third - b'0')
                    }
                    _ => return None,
                });
            }
            _ => word.push(*byte),
        }
    }
}

#[cfg(test)]
mod tests;

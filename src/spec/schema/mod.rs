//! JSON Schemas (draft-07) of the files a user writes, for editors.
//!
//! Owns: one table of keys for each kind of file (name, kind of value, what it is for), from which the readers take the
//! keys they know and [`Schema::text`] makes the schema. Leaves to the readers: meaning, and all that has to be said of a
//! value in words. A schema accepts whatever a reader accepts without an error: it has one voice only, so what a reader
//! would merely warn about passes.

pub(super) mod appspec;
pub(super) mod buildspec;
pub(super) mod config;
pub(super) mod gates;
mod json;
mod kinds;
pub(super) mod pipeline;
mod settings;
mod write;

#[cfg(test)]
mod tests;

use json::Json;

/// The schemas there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Of buildspecs.
    Buildspec,
    /// Of appspecs.
    AppSpec,
    /// Of pipeline definitions.
    Pipeline,
    /// Of rehearsal.yml.
    Rehearsal,
}

impl Schema {
    /// All of them, in the order they are listed.
    pub const ALL: [Self; 4] = [Self::Buildspec, Self::AppSpec, Self::Pipeline, Self::Rehearsal];

    /// The word users type.
    pub fn word(self) -> &'static str {
        match self {
            Self::Buildspec => "buildspec",
            Self::AppSpec => "appspec",
            Self::Pipeline => "pipeline",
            Self::Rehearsal => "rehearsal",
        }
    }

    /// What it describes, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Buildspec => "buildspecs of CodeBuild, versions 0.2 and 0.1",
            Self::AppSpec => "appspecs of CodeDeploy: Server, Lambda and ECS",
            Self::Pipeline => "pipeline definitions, as `aws codepipeline get-pipeline` prints them",
            Self::Rehearsal => "rehearsal.yml",
        }
    }

    /// The whole document, the same bytes each time.
    pub fn text(self) -> String {
        let document = match self {
            Self::Buildspec => buildspec::document(),
            Self::AppSpec => appspec::document(),
            Self::Pipeline => pipeline::document(),
            Self::Rehearsal => config::document(),
        };
        document.text()
    }
}

/// A key of a mapping.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    pub(super) name: &'static str,
    value: Value,
    /// What it is for, in a sentence.
    text: &'static str,
    default: Option<&'static str>,
    is_required: bool,
    /// Whether the key may stand without a value.
    may_be_empty: bool,
    /// Whether editors propose it.
    is_proposed: bool,
}

/// A key that may be left out, or stand without a value.
const fn key(name: &'static str, value: Value, text: &'static str) -> Key {
    Key { name, value, text, default: None, is_required: false, may_be_empty: true, is_proposed: true }
}

impl Key {
    /// It must be there, and say something.
    const fn required(self) -> Self {
        Self { is_required: true, may_be_empty: false, ..self }
    }

    /// It may be left out, but says something when it is there.
    const fn filled(self) -> Self {
        Self { may_be_empty: false, ..self }
    }

    /// What its absence means.
    const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// Understood, and not what new files should have.
    const fn unproposed(self) -> Self {
        Self { is_proposed: false, ..self }
    }
}

/// What a value may be.
#[derive(Debug, Clone, Copy)]
enum Value {
    /// Anything at all.
    Anything,
    /// A single value of any type, or none: text for CodeBuild and the CodeDeploy agent.
    Single,
    /// The same; these are proposed.
    Proposed(&'static [&'static str]),
    /// A single value that says something.
    Said,
    /// A flag as CodeBuild reads it: `yes` and `no`; whatever else counts as no.
    Flag,
    /// A flag of a batch: `true` and `false` are documented.
    Switch,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A text in the strict sense, with a least and a greatest number of characters.
    Text(u32, u32),
    /// Any text in the strict sense; these are proposed.
    TextProposed(&'static [&'static str]),
    /// A text that fits a pattern, which is also said in words; some are proposed.
    Pattern(&'static str, &'static str, &'static [&'static str]),
    /// `true` or `false`.
    Boolean,
    /// A whole number in a range.
    Whole(u32, u32),
    /// A list, with a least and a greatest number of items.
    List(&'static Value, u32, u32),
    /// A list with so many items at least, or one item alone.
    ListOrOne(&'static Value, u32),
    /// Names that the author chooses, so many at most, each with a value.
    Map(&'static Value, u32),
    /// A mapping with keys of its own.
    Section(&'static Section),
    /// One or the other.
    Either(&'static [Value]),
    /// This, or nothing.
    OrNothing(&'static Value),
    /// What a table cannot say.
    Made(fn() -> Json),
}

/// No limit to a number.
const ANY: u32 = u32::MAX;

/// A mapping with known keys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Section {
    name: &'static str,
    keys: &'static [Key],
    /// The names of the keys, in the same order: what a reader knows.
    pub(super) names: &'static [&'static str],
    /// Of AWS's shape, and without a meaning on this machine.
    pub(super) elsewhere: &'static [&'static str],
    /// With a meaning, and not there yet.
    pub(super) later: &'static [&'static str],
    /// Whether other keys are errors.
    is_closed: bool,
    /// Whether keys may be written in small letters too.
    in_any_case: bool,
    together: &'static [Together],
    /// The section's path for `buildspec::keys`, which knows where keys belong that stand in a wrong one.
    sends_home: Option<&'static str>,
    /// What a table cannot say.
    more: Option<fn() -> Vec<Json>>,
}

/// What keys of a section say about each other.
#[derive(Debug, Clone, Copy)]
enum Together {
    /// One of them must be there.
    AtLeastOne(&'static [&'static str]),
    /// One of them must be there, and no other.
    ExactlyOne(&'static [&'static str]),
    /// They exclude each other.
    NotBoth(&'static str, &'static str),
}

impl Section {
    const fn new(name: &'static str, keys: &'static [Key], names: &'static [&'static str]) -> Self {
        Self {
            name,
            keys,
            names,
            elsewhere: &[],
            later: &[],
            is_closed: false,
            in_any_case: false,
            together: &[],
            sends_home: None,
            more: None,
        }
    }

    /// Other keys are errors.
    const fn closed(self) -> Self {
        Self { is_closed: true, ..self }
    }

    /// Other keys are ignored by CodeBuild; those that belong elsewhere are told so.
    const fn sends_home(self, path: &'static str) -> Self {
        Self { sends_home: Some(path), ..self }
    }

    const fn in_any_case(self) -> Self {
        Self { in_any_case: true, ..self }
    }

    const fn together(self, together: &'static [Together]) -> Self {
        Self { together, ..self }
    }

    const fn elsewhere(self, elsewhere: &'static [&'static str]) -> Self {
        Self { elsewhere, ..self }
    }

    const fn later(self, later: &'static [&'static str]) -> Self {
        Self { later, ..self }
    }

    const fn more(self, more: fn() -> Vec<Json>) -> Self {
        Self { more: Some(more), ..self }
    }
}

/// The names of keys.
const fn names<const N: usize>(keys: &[Key]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut at = 0;
    while at < N {
        names[at] = keys[at].name;
        at += 1;
    }
    names
}

/// Keys and one more.
const fn and<const N: usize>(keys: &[Key], last: Key) -> [Key; N] {
    let mut all = [last; N];
    let mut at = 0;
    while at < keys.len() {
        all[at] = keys[at];
        at += 1;
    }
    all
}

/// A section with the names of its keys.
macro_rules! section {
    ($name:literal, $keys:expr) => {{
        const KEYS: &[$crate::spec::schema::Key] = $keys;
        const NAMES: &[&str] = &$crate::spec::schema::names::<{ KEYS.len() }>(KEYS);
        $crate::spec::schema::Section::new($name, KEYS, NAMES)
    }};
}
use section;

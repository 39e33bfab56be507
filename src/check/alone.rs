//! One file by itself: what is wrong with it, and what is kept of it for looking at all of them together.

use std::path::PathBuf;

use super::{inline, shellcheck, suppress};
use crate::diagnostic::Finding;
use crate::rules;
use crate::rules::subject::{self, Called};
use crate::spec::config::Config;
use crate::spec::template::Derived;
use crate::spec::{self, FileKind};
use crate::syntax::{self, Tree};

/// What is done with each file besides looking at it by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Also {
    /// Whether the files are all there are, so that they are held against each other.
    pub(super) complete: bool,
    /// Whether commands are wanted for shellcheck.
    pub(super) commands: bool,
}

/// What came of a file by itself.
pub(super) struct Alone {
    pub(super) name: String,
    pub(super) path: Option<PathBuf>,
    pub(super) kind: FileKind,
    pub(super) findings: Vec<Finding>,
    /// What a rehearsal.yml says.
    pub(super) config: Option<Box<Config>>,
    pub(super) marked: Option<suppress::Marked>,
    /// Its commands, for shellcheck.
    pub(super) texts: Vec<shellcheck::Text>,
    /// Its tree, where other files are looked at with it.
    pub(super) tree: Option<Tree>,
    /// The pipelines and projects of a template.
    pub(super) derived: Vec<Derived>,
    /// The scripts that a buildspec runs.
    pub(super) called: Vec<Called>,
}

impl Alone {
    /// Checks a file. `bytes` is its content.
    pub(super) fn check(
        name: String,
        path: Option<PathBuf>,
        kind: FileKind,
        bytes: Vec<u8>,
        also: Also,
    ) -> Self {
        let mut alone = Self {
            name,
            path,
            kind,
            findings: Vec::new(),
            config: None,
            marked: None,
            texts: Vec::new(),
            tree: None,
            derived: Vec::new(),
            called: Vec::new(),
        };
        let source = match syntax::decode(&alone.name, bytes) {
            Ok(source) => source,
            Err(refused) => {
                alone.findings.push(spec::refused(&refused));
                return alone;
            }
        };
        let parsed = syntax::parse(&source);
        let checked = rules::check(kind, &source, &parsed);
        alone.findings = checked.findings;
        alone.called = checked.called;
        let Some(tree) = parsed.tree else { return alone };
        alone.marked = suppress::Marked::of(&tree, also.complete && alone.path.is_some());
        if also.commands && kind == FileKind::Buildspec {
            alone.texts = shellcheck::texts(&tree);
        }
        match checked.model {
            Some(rules::Model::Config(config)) => alone.config = Some(config),
            Some(rules::Model::Template(derived)) => alone.derived = derived,
            Some(rules::Model::Buildspec(_) | rules::Model::Pipeline(_) | rules::Model::AppSpec(_))
            | None => {}
        }
        if kind == FileKind::Config {
            alone.findings.extend(inline::check(&tree));
        }
        if kind == FileKind::Pipeline {
            alone.findings.extend(inline::in_definition(&tree));
        }
        if kind == FileKind::Template {
            alone.findings.extend(inline::in_template(&tree, &alone.derived));
        }
        // What is said of others by a file that could not be read as a whole may be wrong.
        alone.tree = (is_wanted(kind, &tree) && !tree.is_partial()).then_some(tree);
        alone
    }
}

/// Whether a file has something to say about others. Most files are buildspecs that name no other.
fn is_wanted(kind: FileKind, tree: &Tree) -> bool {
    match kind {
        FileKind::Config | FileKind::Pipeline | FileKind::Template => true,
        FileKind::Buildspec => {
            subject::named_buildspecs(tree).next().is_some() || rules::has_bare_names(tree)
        }
        FileKind::AppSpec => tree.root().get("hooks").is_some(),
    }
}

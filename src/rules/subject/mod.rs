//! What rules look at.
//!
//! Owns: a buildspec's tree with the questions that several rules ask of it, and the files of a repository together.
//! Nothing here minds a value of a wrong kind: a reader says that.

mod built;
mod commands;
mod daemon;
mod definition;
mod deployed;
mod directory;
mod letters;
pub mod programs;
mod project;
mod scripts;
pub mod secrets;
mod writes;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::spec::FileKind;
use crate::spec::template::Derived;
use crate::syntax::{Entry, Kind, Node, SourceFile, Span, Tree};

pub use built::{Absence, Built, Lack, Origin, weighed};
pub use commands::{Command, Commands, RunsIn, Scripts};
pub use daemon::use_of_daemon;
pub use definition::{Belongs, Definition, definitions, repository_name};
pub use deployed::Deployed;
pub use directory::{Directory, from};
pub use letters::{Letters, Words};
pub use project::{Build, Described, Project, Projects};
pub use scripts::{Called, ScriptFile, Surroundings, scripts};
pub use writes::{Folder, writes};

/// A buildspec's tree.
#[derive(Debug, Clone, Copy)]
pub struct Buildspec<'t> {
    /// The whole tree.
    pub tree: &'t Tree,
    /// Its commands.
    pub shell: &'t Commands<'t>,
}

/// A task of `batch.build-list` or `batch.build-graph`.
#[derive(Debug, Clone, Copy)]
pub struct Task<'t> {
    /// `build-list` or `build-graph`.
    pub list: &'static str,
    /// Its place in the list.
    pub index: usize,
    /// Where it stands.
    pub node: Node<'t>,
}

impl<'t> Buildspec<'t> {
    /// The file.
    pub fn source(&self) -> &'t Arc<SourceFile> {
        self.tree.source()
    }

    /// The root.
    pub fn root(&self) -> Node<'t> {
        self.tree.root()
    }

    /// Whether nothing of the file is missing from the tree: only then is an absence one.
    pub fn is_whole(&self) -> bool {
        !self.tree.is_partial()
    }

    /// The node at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<Node<'t>> {
        path.iter().try_fold(self.root(), |node, key| node.get(key))
    }

    /// The entries of the mapping at a path of keys.
    pub fn entries(&self, path: &[&str]) -> impl Iterator<Item = Entry<'t>> + use<'t> {
        self.at(path).into_iter().flat_map(Node::entries)
    }

    /// The variables that `env` sets, of whatever origin.
    pub fn variables(&self) -> impl Iterator<Item = Entry<'t>> + use<'t> {
        let file = *self;
        let sections = ["variables", "parameter-store", "secrets-manager"].into_iter();
        let old = self.entries(&["environment_variables", "plaintext"]);
        sections.flat_map(move |section| file.entries(&["env", section])).chain(old)
    }

    /// The variables that tasks of a batch set for themselves, in plain text.
    pub fn variables_of_tasks(&self) -> impl Iterator<Item = Entry<'t>> + use<'t> {
        let file = *self;
        let lists = ["build-list", "build-graph"].into_iter();
        let tasks = lists.filter_map(move |list| file.at(&["batch", list])).flat_map(Node::items);
        let of_matrix = ["static", "dynamic"].into_iter();
        let of_matrix = of_matrix.filter_map(move |part| file.at(&["batch", "build-matrix", part]));
        let all = tasks.chain(of_matrix).chain(file.at(&["batch", "build-fanout"]));
        all.filter_map(|task| task.get("env")?.get("variables")).flat_map(Node::entries)
    }

    /// Every command, in the order they run.
    pub fn commands(&self) -> &'t [Command<'t>] {
        self.shell.all()
    }

    /// Every task of a batch that names its tasks.
    pub fn tasks(&self) -> Vec<Task<'t>> {
        tasks(self.tree).collect()
    }
}

fn tasks(tree: &Tree) -> impl Iterator<Item = Task<'_>> {
    let batch = tree.root().get("batch");
    ["build-list", "build-graph"].into_iter().flat_map(move |list| {
        let items = batch.and_then(|batch| batch.get(list)).into_iter().flat_map(Node::items).enumerate();
        items.map(move |(index, node)| Task { list, index, node })
    })
}

/// The buildspecs that the tasks of a batch name, and those of a matrix's axis.
pub fn named_buildspecs(tree: &Tree) -> impl Iterator<Item = Node<'_>> {
    let dynamic = tree.root().get("batch").and_then(|batch| batch.get("build-matrix")?.get("dynamic"));
    let axis = dynamic.and_then(|axes| axes.get("buildspec")).into_iter().flat_map(Node::items);
    let named = tasks(tree).filter_map(|task| task.node.get("buildspec"));
    named.chain(axis).filter(|node| node.kind() == Kind::Scalar)
}

impl<'t> Task<'t> {
    /// Its identifier, with its place.
    pub fn identifier(&self) -> Option<(&'t str, Span)> {
        let node = self.node.get("identifier")?;
        Some((node.text()?, node.span()))
    }

    /// Its path, for people.
    pub fn path(&self) -> String {
        format!("batch.{}[{}]", self.list, self.index)
    }
}

/// Several files that belong together, and what else is where they are.
pub struct Whole<'a> {
    /// The files that were parsed.
    pub files: &'a [Parsed<'a>],
    /// rehearsal.yml, also when it is not among the files.
    pub config: Option<Parsed<'a>>,
    /// The pipelines of definitions and templates.
    pub definitions: Vec<Definition<'a>>,
    /// The projects of rehearsal.yml and of templates.
    pub described: Projects<'a>,
    /// The names of the repository at its remotes.
    pub remotes: &'a [String],
    /// Whether they are all there are.
    pub complete: bool,
    /// How many buildspecs are among them: where there are some, builds of this repository read them from it.
    pub buildspecs: usize,
    /// What is at a path relative to the top.
    pub look: &'a dyn Fn(&str) -> Presence,
    /// Whether no commit would have what is at a path: git ignores it, or it is a folder without files.
    pub is_passed_over: &'a dyn Fn(&str) -> bool,
    /// The paths of the files near the top, as their folders spell them.
    pub near: &'a dyn Fn() -> Vec<PathBuf>,
    /// The tree of a file at a path relative to the top.
    pub read: &'a dyn Fn(&str) -> Option<Tree>,
    /// The tree of the buildspec that is the text of a value.
    pub inline: &'a dyn Fn(Node<'a>) -> Option<Tree>,
}

/// A parsed file.
#[derive(Debug, Clone, Copy)]
pub struct Parsed<'a> {
    /// What it is.
    pub kind: FileKind,
    /// Where it is, relative to the top; none for a file from elsewhere.
    pub path: Option<&'a Path>,
    /// Its tree.
    pub tree: &'a Tree,
    /// The pipelines and projects of a template.
    pub derived: &'a [Derived],
}

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// A file.
    File,
    /// Nothing.
    Nothing,
    /// Something else; the words follow "is".
    Other(&'static str),
}

/// An action of a pipeline definition.
#[derive(Debug, Clone, Copy)]
pub struct Action<'t> {
    /// The name of its stage.
    pub stage: &'t str,
    /// Its name.
    pub name: &'t str,
    /// Where it stands.
    pub node: Node<'t>,
}

impl<'a> Whole<'a> {
    /// The trees of the files of a kind.
    pub fn of_kind(&self, kind: FileKind) -> impl Iterator<Item = &'a Tree> {
        self.files.iter().filter(move |file| file.kind == kind).map(|file| file.tree)
    }

    /// The build actions of all definitions.
    pub fn built(&self) -> Vec<Built<'a>> {
        built::all(self)
    }

    /// The projects of rehearsal.yml: name and place.
    pub fn projects(&self) -> Vec<(&'a str, Node<'a>)> {
        let own = self.described.all().iter().filter(|project| project.template.is_none());
        own.map(|project| (project.name, project.node)).collect()
    }
}

/// The actions of a pipeline definition, in their order.
pub fn actions(tree: &Tree) -> Vec<Action<'_>> {
    let root = tree.root();
    let stages = root.get("pipeline").unwrap_or(root).get("stages");
    let mut all = Vec::new();
    for stage in stages.into_iter().flat_map(Node::items) {
        let Some(name) = stage.get("name").and_then(Node::text) else { continue };
        for node in stage.get("actions").into_iter().flat_map(Node::items) {
            let action = node.get("name").and_then(Node::text).unwrap_or_default();
            all.push(Action { stage: name, name: action, node });
        }
    }
    all
}

impl<'t> Action<'t> {
    /// A value of `actionTypeId`.
    pub fn type_id(&self, key: &str) -> Option<&'t str> {
        self.node.get("actionTypeId")?.get(key)?.text()
    }

    /// A value of `configuration`, with its place.
    pub fn configuration(&self, key: &str) -> Option<Node<'t>> {
        self.node.get("configuration")?.get(key)
    }

    /// Whether CodeBuild performs it.
    pub fn is_codebuild(&self) -> bool {
        self.type_id("provider") == Some("CodeBuild") && self.type_id("owner") == Some("AWS")
    }

    /// The names of its input artifacts.
    pub fn inputs(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        self.artifacts("inputArtifacts")
    }

    /// The names of its output artifacts.
    pub fn outputs(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        self.artifacts("outputArtifacts")
    }

    /// Whether all its output artifacts are known.
    pub fn has_known_outputs(&self) -> bool {
        let Some(outputs) = self.node.get("outputArtifacts") else { return true };
        let is_open = |item: Node<'_>| item.is_unknown() || item.get("name").is_some_and(Node::is_unknown);
        !outputs.is_unknown() && !outputs.items().any(is_open)
    }

    fn artifacts(&self, list: &str) -> impl Iterator<Item = &'t str> + use<'t> {
        let items = self.node.get(list).into_iter().flat_map(Node::items);
        items.filter_map(|item| item.get("name")?.text())
    }
}

/// The first line of a place: a label under a hundred lines helps nobody.
pub fn head(node: Node<'_>) -> Span {
    let span = node.span();
    let first = node.source().slice(span).lines().next().unwrap_or_default().trim_end().len();
    Span::new(span.start, span.start + u32::try_from(first).unwrap_or_default())
}

/// Where to point for an entry's value: at the key when there is nothing to point at.
pub fn place(entry: Entry<'_>) -> Span {
    let span = head(entry.value);
    if span.is_empty() { entry.key.span() } else { span }
}

//! Build actions of pipelines with the buildspec each builds by, and what their artifacts hold.
//!
//! Owns: following an action to its project, its buildspec and back along its artifacts, as far as files tell. What cannot
//! be known is left out, so that nobody has to guess.

use std::collections::HashMap;
use std::rc::Rc;

use globset::GlobBuilder;

use super::{Action, Presence, Whole, actions};
use crate::spec::FileKind;
use crate::spec::buildspec::BuildspecFile;
use crate::syntax::{Node, Tree};

/// A build action of a pipeline.
#[derive(Debug, Clone)]
pub struct Built<'a> {
    /// The action.
    pub action: Action<'a>,
    /// The definition it stands in.
    pub definition: &'a Tree,
    /// Its project in rehearsal.yml.
    pub project: Option<Node<'a>>,
    /// The source action whose files it builds.
    pub source: Option<Action<'a>>,
    /// Its buildspec, when that is a whole file of this repository.
    pub file: Option<Rc<Tree>>,
}

/// Where an artifact comes from.
#[derive(Debug, Clone, Copy)]
pub enum Origin<'b, 'a> {
    /// It is this repository.
    Repository,
    /// A build makes it.
    Build(&'b Built<'a>),
    /// Anything else.
    Elsewhere,
}

/// The build actions of all definitions.
pub(super) fn all<'a>(whole: &Whole<'a>) -> Vec<Built<'a>> {
    let projects = whole.projects();
    let mut files: HashMap<String, Option<Rc<Tree>>> = HashMap::new();
    let mut built = Vec::new();
    for definition in whole.of_kind(FileKind::Pipeline) {
        let all = actions(definition);
        let repository = repository(&all);
        for action in all.iter().filter(|action| action.is_codebuild()) {
            let name = action.configuration("ProjectName").and_then(Node::text);
            let project = projects.iter().find(|(project, _)| Some(*project) == name).map(|found| found.1);
            let primary = primary(action);
            let source = repository
                .filter(|source| primary.is_some_and(|name| source.outputs().any(|output| output == name)));
            let file = source.and_then(|_| path_of(action, project)).and_then(|path| {
                let read = || (whole.read)(&path).filter(|tree| !tree.is_partial()).map(Rc::new);
                files.entry(path.clone()).or_insert_with(read).clone()
            });
            built.push(Built { action: *action, definition, project, source, file });
        }
    }
    built
}

/// The one source action that can be this repository.
fn repository<'a>(all: &[Action<'a>]) -> Option<Action<'a>> {
    let git = ["CodeStarSourceConnection", "CodeCommit", "GitHub"];
    let mut sources = all.iter().filter(|action| {
        action.type_id("category") == Some("Source")
            && action.type_id("provider").is_some_and(|provider| git.contains(&provider))
    });
    let first = sources.next()?;
    sources.next().is_none().then_some(*first)
}

fn primary<'a>(action: &Action<'a>) -> Option<&'a str> {
    action.configuration("PrimarySource").and_then(Node::text).or_else(|| action.inputs().next())
}

/// The path of a buildspec, relative to the top of the repository.
fn path_of(action: &Action<'_>, project: Option<Node<'_>>) -> Option<String> {
    let setting = match action.configuration("BuildspecOverride") {
        Some(node) => node.text(),
        // What a project says that is not described here, nobody knows.
        None => project?.get("source").and_then(|source| source.get("buildspec")).and_then(Node::text),
    };
    match BuildspecFile::from_setting(setting) {
        BuildspecFile::Default => Some("buildspec.yml".to_owned()),
        BuildspecFile::Path(path) => Some(path),
        BuildspecFile::Inline(_) | BuildspecFile::Remote(_) => None,
    }
}

impl Built<'_> {
    /// The node at a path of keys of its buildspec.
    pub fn at(&self, path: &[&str]) -> Option<Node<'_>> {
        let root = self.file.as_ref()?.root();
        path.iter().try_fold(root, |node, key| node.get(key))
    }

    /// Whether it is a batch, whose builds have buildspecs of their own.
    pub fn is_batch(&self) -> bool {
        let flag = self.action.configuration("BatchEnabled").and_then(Node::text);
        flag.is_some_and(|flag| !flag.eq_ignore_ascii_case("false"))
    }

    /// The section of the buildspec that makes an output artifact: with one output it is the top one.
    fn section(&self, artifact: &str) -> Option<Node<'_>> {
        if self.action.outputs().count() > 1 {
            return self.at(&["artifacts", "secondary-artifacts", artifact]);
        }
        self.at(&["artifacts"])
    }

    /// Whether an output artifact cannot hold a file at a path. Patterns with variables may be anything.
    fn cannot_hold(&self, artifact: &str, path: &str) -> bool {
        if self.is_batch() || self.file.is_none() {
            return false;
        }
        let Some(section) = self.section(artifact) else { return false };
        let Some(files) = section.get("files") else { return false };
        let patterns: Vec<_> = files.text().into_iter().chain(files.items().filter_map(Node::text)).collect();
        if patterns.is_empty() || patterns.iter().any(|pattern| pattern.contains('$')) {
            return false;
        }
        let flat = section
            .get("discard-paths")
            .and_then(Node::text)
            .is_some_and(|flag| !["no", "false", "off", "n"].contains(&flag.to_ascii_lowercase().as_str()));
        !patterns.iter().any(|pattern| gives(pattern, path, flat))
    }
}

/// Whether a pattern of `artifacts.files` can give a file at a path of the artifact.
fn gives(pattern: &str, path: &str, flat: bool) -> bool {
    let pattern = pattern.trim_start_matches("./");
    let pattern = if flat { pattern.rsplit('/').next().unwrap_or(pattern) } else { pattern };
    if pattern == path
        || path.strip_prefix(pattern.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
    {
        return true;
    }
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    // What is no pattern is nothing to judge by.
    glob.map_or(true, |glob| glob.compile_matcher().is_match(path))
}

impl<'a> Whole<'a> {
    /// Where an artifact of a definition comes from.
    pub fn origin<'b>(&self, built: &'b [Built<'a>], definition: &'a Tree, artifact: &str) -> Origin<'b, 'a> {
        let gives = |action: &Action<'_>| action.outputs().any(|output| output == artifact);
        let of = |other: &Built<'_>| std::ptr::eq(other.definition, definition) && gives(&other.action);
        if let Some(found) = built.iter().find(|other| of(other)) {
            return Origin::Build(found);
        }
        match self.repository(definition) {
            Some(source) if gives(&source) => Origin::Repository,
            _ => Origin::Elsewhere,
        }
    }

    /// The source action of a definition that is this repository. Where there is no rehearsal.yml the definition may be
    /// one of another repository.
    pub fn repository(&self, definition: &'a Tree) -> Option<Action<'a>> {
        self.config.and_then(|_| repository(&actions(definition)))
    }

    /// Whether an artifact cannot hold any of these files, and who is to blame.
    pub fn lacks(
        &self,
        built: &[Built<'a>],
        definition: &'a Tree,
        artifact: &str,
        paths: &[&str],
    ) -> Option<&'static str> {
        let paths: Vec<_> = paths.iter().map(|path| path.trim_start_matches("./")).collect();
        if paths.iter().any(|path| path.is_empty() || path.contains(['$', '#', '{'])) {
            return None;
        }
        match self.origin(built, definition, artifact) {
            Origin::Repository => paths
                .iter()
                .all(|path| (self.look)(path) == Presence::Nothing)
                .then_some("it is this repository, which has no such file"),
            Origin::Build(built) => paths
                .iter()
                .all(|path| built.cannot_hold(artifact, path))
                .then_some("no pattern of `artifacts.files` gives it"),
            Origin::Elsewhere => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::gives;

    #[test]
    fn patterns_give_what_they_can() {
        for (pattern, path, flat, expected) in [
            ("**/*", "appspec.yml", false, true),
            ("*", "appspec.yml", false, true),
            ("appspec.*", "appspec.yml", false, true),
            ("./appspec.yml", "appspec.yml", false, true),
            ("deploy/appspec.yml", "appspec.yml", false, false),
            ("deploy/appspec.yml", "appspec.yml", true, true),
            ("dist/**/*", "appspec.yml", false, false),
            ("dist/**/*", "appspec.yml", true, true),
            ("dist", "dist/appspec.yml", false, true),
            ("**/appspec.yml", "appspec.yml", false, true),
            ("app.zip", "appspec.yml", false, false),
            ("[", "appspec.yml", false, true),
        ] {
            assert_eq!(gives(pattern, path, flat), expected, "{pattern} {path} {flat}");
        }
    }
}

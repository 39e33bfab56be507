//! Build actions of pipelines with the buildspec each builds by, and what their artifacts hold.
//!
//! Owns: following an action to its project, its buildspec and back along its artifacts, as far as files tell. What cannot
//! be known is left out, so that nobody has to guess.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use globset::GlobBuilder;

use super::project::path_named;
use super::{Action, Belongs, Definition, Described, Presence, Whole};
use crate::diagnostic::{Finding, Severity};
use crate::spec::buildspec::BuildspecFile;
use crate::syntax::{Node, Tree, UNKNOWN};

/// A build action of a pipeline.
#[derive(Debug, Clone)]
pub struct Built<'a> {
    /// The action.
    pub action: Action<'a>,
    /// The definition it stands in.
    pub definition: &'a Tree,
    /// Its project, where a file describes it.
    pub project: Option<Described<'a>>,
    /// The git source action whose files it builds.
    pub source: Option<Action<'a>>,
    /// Its buildspec, when that is known as a whole: a file of this repository, or the text of a value.
    pub file: Option<Rc<Tree>>,
    /// Whether that is certainly its buildspec: it stands in the definition or template itself, or the definition is surely
    /// about this repository.
    pub is_sure: bool,
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
    let mut files: HashMap<String, Option<Rc<Tree>>> = HashMap::new();
    let mut texts: Vec<(Node<'a>, Option<Rc<Tree>>)> = Vec::new();
    let mut built = Vec::new();
    for definition in &whole.definitions {
        let repository = definition.repository();
        for action in definition.actions.iter().filter(|action| action.is_codebuild()) {
            let project = whole.project_of(action);
            let ours = repository.filter(|source| source.gives_to(action));
            let named = ours.and_then(|_| path_named(action, project.as_ref()));
            let guess = ours.filter(|_| named.is_none()).and_then(|_| guess(whole, action, project.as_ref()));
            let is_ours = guess.is_none() && definition.belongs == Belongs::Ours;
            let path = named.or(guess);
            let is_sure = is_ours || path.is_none();
            let file = match path {
                Some(path) => {
                    let read = || (whole.read)(&path).filter(|tree| !tree.is_partial()).map(Rc::new);
                    files.entry(path.clone()).or_insert_with(read).clone()
                }
                None => inline(whole, &mut texts, action, project.as_ref()),
            };
            let file = file.filter(|_| action.has_known_outputs());
            let source = definition.source_of(action);
            built.push(Built {
                action: *action,
                definition: definition.tree,
                project,
                source,
                file,
                is_sure,
            });
        }
    }
    built
}

/// The buildspec of a project that nobody describes: the usual one, where the repository has no other.
fn guess(whole: &Whole<'_>, action: &Action<'_>, project: Option<&Described<'_>>) -> Option<String> {
    let is_open = project.is_none() && action.configuration("BuildspecOverride").is_none();
    let is_only = whole.config.is_none() && whole.complete && whole.buildspecs == 1;
    let path = "buildspec.yml";
    (is_open && is_only && (whole.look)(path) == Presence::File).then(|| path.to_owned())
}

/// The buildspec that stands inside a project or an action, read once.
fn inline<'a>(
    whole: &Whole<'a>,
    texts: &mut Vec<(Node<'a>, Option<Rc<Tree>>)>,
    action: &Action<'a>,
    project: Option<&Described<'a>>,
) -> Option<Rc<Tree>> {
    let own = || project.and_then(Described::setting);
    let node = action.configuration("BuildspecOverride").or_else(own)?;
    let BuildspecFile::Inline(_) = BuildspecFile::from_setting(node.text()) else { return None };
    let is_same =
        |other: &Node<'_>| other.span() == node.span() && Arc::ptr_eq(other.source(), node.source());
    if let Some((_, known)) = texts.iter().find(|(other, _)| is_same(other)) {
        return known.clone();
    }
    let read = (whole.inline)(node).filter(|tree| !tree.is_partial()).map(Rc::new);
    texts.push((node, read.clone()));
    read
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
        if patterns.is_empty() || patterns.iter().any(|pattern| pattern.contains(['$', UNKNOWN])) {
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

impl Whole<'_> {
    /// Where an artifact of a definition comes from.
    pub fn origin<'b, 'x>(
        &self,
        built: &'b [Built<'x>],
        definition: &Definition<'_>,
        artifact: &str,
    ) -> Origin<'b, 'x> {
        let gives = |action: &Action<'_>| action.outputs().any(|output| output == artifact);
        let of = |other: &Built<'_>| std::ptr::eq(other.definition, definition.tree) && gives(&other.action);
        if let Some(found) = built.iter().find(|other| of(other)) {
            return Origin::Build(found);
        }
        match definition.repository() {
            Some(source) if gives(&source) => Origin::Repository,
            _ => Origin::Elsewhere,
        }
    }

    /// Whether an artifact cannot hold any of these files, and who is to blame.
    pub fn lacks(
        &self,
        built: &[Built<'_>],
        definition: &Definition<'_>,
        artifact: &str,
        paths: &[&str],
    ) -> Option<Lack> {
        let paths: Vec<_> = paths.iter().map(|path| path.trim_start_matches("./")).collect();
        if paths.iter().any(|path| path.is_empty() || path.contains(['$', '#', '{', UNKNOWN])) {
            return None;
        }
        match self.origin(built, definition, artifact) {
            Origin::Repository => {
                let is_so = paths.iter().all(|path| (self.look)(path) == Presence::Nothing);
                let why = "it is this repository, which has no such file";
                is_so.then_some(Lack { why, is_sure: definition.belongs == Belongs::Ours })
            }
            Origin::Build(built) => {
                let is_so = paths.iter().all(|path| built.cannot_hold(artifact, path));
                is_so.then_some(Lack {
                    why: "no pattern of `artifacts.files` gives it",
                    is_sure: built.is_sure,
                })
            }
            Origin::Elsewhere => None,
        }
    }
}

/// What an artifact cannot hold.
#[derive(Debug, Clone, Copy)]
pub struct Lack {
    /// Who is to blame.
    pub why: &'static str,
    /// Whether the definition certainly means these files.
    pub is_sure: bool,
}

/// A finding as bad as it is sure: what rests on a likelihood is no error.
pub fn weighed(finding: Finding, is_sure: bool) -> Finding {
    let most = if is_sure { Severity::Error } else { Severity::Warning };
    Finding { severity: finding.severity.min(most), ..finding }
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

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
    /// Whether that is the text of a value.
    pub is_inline: bool,
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
            let is_inline = path.is_none();
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
                is_inline,
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
    /// What to call its buildspec: the name of the file, unless it stands in another one.
    pub fn buildspec_name(&self) -> &str {
        let name = self.file.as_ref().map_or("", |tree| tree.source().name());
        if self.is_inline { "its buildspec" } else { name }
    }

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

    /// What an output artifact is put together from; none where that is not known.
    fn selection(&self, artifact: &str) -> Option<Selection<'_>> {
        let section = self.section(artifact).filter(|_| !self.is_batch())?;
        let patterns = texts(section.get("files"));
        if patterns.is_empty() || patterns.iter().any(|pattern| pattern.contains(['$', UNKNOWN])) {
            return None;
        }
        let is_flat = section
            .get("discard-paths")
            .and_then(Node::text)
            .is_some_and(|flag| !["no", "false", "off", "n"].contains(&flag.to_ascii_lowercase().as_str()));
        let base = section.get("base-directory").and_then(Node::text);
        Some(Selection { patterns, excluded: texts(section.get("exclude-paths")), is_flat, base })
    }

    /// Why an output artifact cannot hold a file at a path, or a folder if it may be one. Patterns with variables may be anything.
    pub fn why_not(&self, artifact: &str, path: &str, or_folder: bool) -> Option<Absence> {
        let selection = self.selection(artifact)?;
        if selection.is_flat && path.contains('/') {
            return Some(Absence::Flat);
        }
        if selection.excludes(path, or_folder) {
            return Some(Absence::Excluded);
        }
        let or_folder = or_folder && !selection.is_flat;
        let is_given = |pattern: &&str| gives(pattern, path, selection.is_flat, or_folder);
        (!selection.patterns.iter().any(is_given)).then_some(Absence::Unselected)
    }

    /// A path of an artifact, or a pattern of it, that gives a file of this name in another folder of it.
    pub fn gives_elsewhere(&self, artifact: &str, path: &str) -> Option<String> {
        let selection = self.selection(artifact)?;
        if selection.is_flat {
            let (_, name) = path.rsplit_once('/')?;
            let is_given = selection.patterns.iter().any(|pattern| gives(pattern, path, false, false));
            return is_given.then(|| name.to_owned());
        }
        let mut patterns = selection.patterns.iter().map(|pattern| pattern.trim_start_matches("./"));
        let found = patterns.find(|pattern| {
            pattern.strip_suffix(path).is_some_and(|folder| folder.ends_with('/') && !folder.contains('*'))
        });
        found.map(str::to_owned)
    }

    /// A path of an artifact that differs from this one in the case of its letters only.
    pub fn gives_in_other_letters(&self, artifact: &str, path: &str) -> Option<&str> {
        let selection = self.selection(artifact)?;
        let mut patterns = selection.patterns.into_iter().map(|pattern| pattern.trim_start_matches("./"));
        patterns.find(|pattern| pattern.eq_ignore_ascii_case(path) && *pattern != path)
    }

    /// Whether its source is the repository that a definition is about.
    pub(super) fn is_of(&self, definition: &Definition<'_>) -> bool {
        definition.repository().is_some_and(|source| source.gives_to(&self.action))
    }

    /// The path of the source whose file an output artifact holds at a path, where no command seems to write it.
    pub fn copies(&self, artifact: &str, path: &str) -> Option<String> {
        let selection = self.selection(artifact)?;
        let mut patterns = selection.patterns.iter();
        let pattern = patterns.find(|pattern| gives(pattern, path, selection.is_flat, false))?;
        if selection.excludes(path, false) {
            return None;
        }
        // What becomes flat may come from a folder.
        let is_path = selection.is_flat && !pattern.contains(['*', '[', '?']);
        let from = if is_path { pattern.trim_start_matches("./") } else { path };
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = name.split('.').next().unwrap_or(name);
        if self.at(&["phases"]).is_some_and(|phases| may_write(phases, stem)) {
            return None;
        }
        match selection.base.map(|base| base.trim_start_matches("./").trim_end_matches('/')) {
            None | Some("" | "." | "$CODEBUILD_SRC_DIR" | "${CODEBUILD_SRC_DIR}") => Some(from.to_owned()),
            Some(base) if base.contains(['$', '*', UNKNOWN]) => None,
            Some(base) => Some(format!("{base}/{from}")),
        }
    }
}

/// Why an artifact has no file at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// `files` has no pattern for it.
    Unselected,
    /// `exclude-paths` takes it out.
    Excluded,
    /// `discard-paths` leaves no folders.
    Flat,
}

/// The files of an artifact.
struct Selection<'t> {
    patterns: Vec<&'t str>,
    excluded: Vec<&'t str>,
    is_flat: bool,
    base: Option<&'t str>,
}

impl Selection<'_> {
    /// Whether `exclude-paths` takes a file out, or all that is in a folder. What is flat is told by other paths.
    fn excludes(&self, path: &str, or_folder: bool) -> bool {
        let takes = |path: &str| self.excluded.iter().any(|pattern| gives(pattern, path, false, false));
        let takes_all = || takes(&format!("{path}/a")) && takes(&format!("{path}/a.b/c"));
        let is_known = !self.is_flat && !self.excluded.iter().any(|pattern| pattern.contains(['$', UNKNOWN]));
        is_known && if or_folder { takes(path) || takes_all() } else { takes(path) }
    }
}

/// The texts of a list, or of one alone.
fn texts(node: Option<Node<'_>>) -> Vec<&str> {
    let Some(node) = node else { return Vec::new() };
    node.text().into_iter().chain(node.items().filter_map(Node::text)).collect()
}

/// Whether a command below a node may write a file of this name at the top: it speaks of it, or brings files that are not seen here.
fn may_write(node: Node<'_>, stem: &str) -> bool {
    let below = || node.entries().any(|entry| may_write(entry.value, stem));
    let Some(text) = node.text() else { return node.items().any(|item| may_write(item, stem)) || below() };
    let brings = |line: &str| {
        let words: Vec<_> = line.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
        let has = |names: &[&str]| words.iter().any(|word| names.contains(word));
        let top = [".", "./", "$CODEBUILD_SRC_DIR", "$CODEBUILD_SRC_DIR/", "${CODEBUILD_SRC_DIR}"];
        let is_to_top = words.last().is_some_and(|word| top.contains(word));
        has(&["unzip", "tar", "git"]) || (is_to_top && has(&["cp", "mv", "rsync", "sync", "install"]))
    };
    text.contains(stem)
        || ["*.y", "> $", ">$", "> \"$", ">\"$"].iter().any(|word| text.contains(word))
        || text.lines().any(brings)
}

/// Whether a pattern of `artifacts.files` can give a file at a path of the artifact, or, if it may be a folder, files below it.
fn gives(pattern: &str, path: &str, flat: bool, or_folder: bool) -> bool {
    // Builds on Windows write paths its way.
    let pattern = pattern.replace('\\', "/");
    let pattern = pattern.trim_start_matches("./");
    let pattern = if flat { pattern.rsplit('/').next().unwrap_or(pattern) } else { pattern };
    if pattern == path
        || path.strip_prefix(pattern.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
    {
        return true;
    }
    let matches = |pattern: &str, path: &str| {
        let glob = GlobBuilder::new(pattern).literal_separator(true).build();
        // What is no pattern is nothing to judge by.
        glob.map_or(true, |glob| glob.compile_matcher().is_match(path))
    };
    let is_above = || {
        let mut both = pattern.split('/').zip(path.split('/')).take_while(|(pattern, _)| *pattern != "**");
        let is_longer = pattern.contains("**") || pattern.split('/').count() > path.split('/').count();
        is_longer && both.all(|(pattern, path)| matches(pattern, path))
    };
    matches(pattern, path) || (or_folder && is_above())
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
                let is_absent =
                    |path: &&str| (self.look)(path) == Presence::Nothing || (self.is_passed_over)(path);
                let is_so = paths.iter().all(is_absent);
                let why = "it is this repository, which has no such file";
                is_so.then_some(Lack { why, is_sure: definition.belongs == Belongs::Ours })
            }
            Origin::Build(built) => {
                let is_so = paths.iter().all(|path| built.why_not(artifact, path, false).is_some());
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
        for (pattern, path, flat, or_folder, expected) in [
            ("**/*", "appspec.yml", false, false, true),
            ("*", "appspec.yml", false, false, true),
            ("appspec.*", "appspec.yml", false, false, true),
            ("./appspec.yml", "appspec.yml", false, false, true),
            ("deploy/appspec.yml", "appspec.yml", false, false, false),
            ("deploy/appspec.yml", "appspec.yml", true, false, true),
            ("dist/**/*", "appspec.yml", false, false, false),
            ("dist/**/*", "appspec.yml", true, false, true),
            ("dist", "dist/appspec.yml", false, false, true),
            ("**/appspec.yml", "appspec.yml", false, false, true),
            ("app.zip", "appspec.yml", false, false, false),
            ("[", "appspec.yml", false, false, true),
            (".\\bin\\**\\*", "bin/app.dll", false, false, true),
            ("**\\*", "appspec.yml", false, false, true),
            ("target/app.jar", "app.jar", false, true, false),
            ("target/app.jar", "target", false, true, true),
            ("target/app.jar", "target", false, false, false),
            ("target/*/app.jar", "target/x", false, true, true),
            ("target/*.jar", "target/x", false, true, false),
            ("target/*.jar", "target/x/y", false, true, false),
            ("**/*.jar", "lib", false, true, true),
            ("**/*.jar", "lib", false, false, false),
            ("dist/**/*", "dist/lib", false, true, true),
            ("dist/**/*.js", "lib", false, true, false),
        ] {
            let found = gives(pattern, path, flat, or_folder);
            assert_eq!(found, expected, "{pattern} {path} {flat} {or_folder}");
        }
    }
}

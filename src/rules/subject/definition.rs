//! Pipelines of definitions and templates, and whether they are about the repository they lie in.
//!
//! Owns: the evidence for that. A definition may lie in the repository it builds, or in one that keeps the pipelines of many; what it says
//! of files is held against those here only where something says that they are meant.

use std::collections::HashSet;
use std::path::Path;

use super::project::path_named;
use super::{Action, Parsed, Presence, Projects, actions};
use crate::spec::FileKind;
use crate::spec::template::DerivedKind;
use crate::syntax::{Node, Tree};

/// A pipeline.
#[derive(Debug, Clone)]
pub struct Definition<'a> {
    /// It, in the shape of the API.
    pub tree: &'a Tree,
    /// Whether it stands in a template.
    pub is_in_template: bool,
    /// Its actions, in their order.
    pub actions: Vec<Action<'a>>,
    /// Whether it is about this repository.
    pub belongs: Belongs,
    source: Option<Action<'a>>,
}

/// Whether a definition is about the repository it lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belongs {
    /// rehearsal.yml, a remote, or a file that only it can mean says so.
    Ours,
    /// Files of usual names are here as it wants them. What would be an error is a warning.
    Likely,
    /// Nothing says so.
    Unknown,
    /// It names another repository than the remotes do.
    Elsewhere,
}

/// What speaks for or against it.
#[derive(Debug, Clone, Copy)]
struct Evidence<'e> {
    /// Whether there is a rehearsal.yml that speaks of it.
    has_config: bool,
    /// The name of the repository of its source action.
    name: Option<&'e str>,
    /// The names of this repository at its remotes.
    remotes: &'e [String],
    /// The files it names that are here.
    named: Named,
    /// Whether no definition here is about another repository.
    is_alone: bool,
}

/// Files that a definition names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    /// None is here.
    Nothing,
    /// Such as any repository may have, `buildspec.yml`.
    Usual,
    /// One with a name of its own.
    Own,
}

impl Evidence<'_> {
    fn verdict(&self) -> Belongs {
        if self.has_config {
            return Belongs::Ours;
        }
        if let Some(name) = self.name.filter(|_| !self.remotes.is_empty()) {
            let is_ours = self.remotes.iter().any(|remote| remote.eq_ignore_ascii_case(name));
            return match self.named {
                _ if is_ours => Belongs::Ours,
                // A fork may have a name of its own.
                Named::Own if self.is_alone => Belongs::Likely,
                _ => Belongs::Elsewhere,
            };
        }
        match self.named {
            Named::Own => Belongs::Ours,
            Named::Usual if self.is_alone => Belongs::Likely,
            Named::Usual | Named::Nothing => Belongs::Unknown,
        }
    }
}

impl<'a> Definition<'a> {
    /// The source action that is this repository.
    pub fn repository(&self) -> Option<Action<'a>> {
        self.source.filter(|_| matches!(self.belongs, Belongs::Ours | Belongs::Likely))
    }

    /// The git source action whose files an action gets as its primary input.
    pub(super) fn source_of(&self, action: &Action<'_>) -> Option<Action<'a>> {
        self.actions.iter().find(|source| is_git(source) && source.gives_to(action)).copied()
    }

    /// The repository that the source names, as it is written.
    pub fn names(&self) -> Option<&'a str> {
        name_of(self.source.as_ref()?)
    }

    /// Whether it has a source that could be this repository, and something that could be held against its files, and was not.
    pub fn is_apart(&self) -> bool {
        let reads = ["CodeBuild", "CodeDeploy", "CodeDeployToECS", "ECS", "CloudFormation"];
        let is_read =
            |action: &Action<'_>| action.type_id("provider").is_some_and(|name| reads.contains(&name));
        self.source.is_some()
            && matches!(self.belongs, Belongs::Unknown | Belongs::Elsewhere)
            && self.actions.iter().any(is_read)
    }
}

impl Action<'_> {
    /// Whether another action has what this one gives as its primary input.
    pub fn gives_to(&self, other: &Action<'_>) -> bool {
        let primary =
            other.configuration("PrimarySource").and_then(Node::text).or_else(|| other.inputs().next());
        primary.is_some_and(|name| self.outputs().any(|output| output == name))
    }
}

/// The pipelines among the files.
pub fn definitions<'a>(
    files: &[Parsed<'a>],
    projects: &Projects<'a>,
    has_config: bool,
    remotes: &[String],
    look: &dyn Fn(&str) -> Presence,
) -> Vec<Definition<'a>> {
    let mut all: Vec<(Option<&Path>, Definition<'a>)> = Vec::new();
    for file in files {
        let own = (file.kind == FileKind::Pipeline).then_some(file.tree);
        let derived = file.derived.iter().filter(|derived| derived.kind == DerivedKind::Pipeline);
        for (tree, is_in_template) in
            own.map(|tree| (tree, false)).into_iter().chain(derived.map(|derived| (&derived.tree, true)))
        {
            let actions = actions(tree);
            let source = source(&actions);
            all.push((
                file.path,
                Definition { tree, is_in_template, actions, belongs: Belongs::Unknown, source },
            ));
        }
    }
    let names = all.iter().filter_map(|(_, definition)| Some(name_of(definition.source.as_ref()?)));
    let is_alone = names.collect::<HashSet<_>>().len() <= 1;
    for (path, definition) in &mut all {
        let Some(source) = &definition.source else { continue };
        let name = name_of(source).map(repository_name);
        let has_config = has_config && !definition.is_in_template;
        let named =
            if has_config { Named::Nothing } else { named(&definition.actions, projects, *path, look) };
        definition.belongs = Evidence { has_config, name, remotes, named, is_alone }.verdict();
    }
    all.into_iter().map(|(_, definition)| definition).collect()
}

/// The one source action that can be this repository.
fn source<'a>(all: &[Action<'a>]) -> Option<Action<'a>> {
    let mut sources = all.iter().filter(|action| is_git(action));
    let first = sources.next()?;
    sources.next().is_none().then_some(*first)
}

fn is_git(action: &Action<'_>) -> bool {
    let git = ["CodeStarSourceConnection", "CodeCommit", "GitHub"];
    action.type_id("category") == Some("Source")
        && action.type_id("provider").is_some_and(|provider| git.contains(&provider))
}

/// The repository that a source action names, when it is known.
fn name_of<'a>(source: &Action<'a>) -> Option<&'a str> {
    let key = match source.type_id("provider")? {
        "CodeStarSourceConnection" => "FullRepositoryId",
        "CodeCommit" => "RepositoryName",
        _ => "Repo",
    };
    let node = source.configuration(key).filter(|node| !node.is_unknown())?;
    node.text().filter(|name| !name.is_empty() && !name.contains(['$', '#', '{', '<', '%']))
}

/// The last part of a repository's address or full name, without `.git`.
pub fn repository_name(address: &str) -> &str {
    let address = address.trim_end_matches('/');
    let name = address.rsplit(['/', ':', '@']).next().unwrap_or(address);
    name.strip_suffix(".git").unwrap_or(name)
}

/// Whether a path is one that a repository has for reasons of its own.
pub(super) fn is_own_name(path: &str) -> bool {
    let usual = [
        "buildspec.yml",
        "buildspec.yaml",
        "appspec.yml",
        "appspec.yaml",
        "taskdef.json",
        "template.yml",
        "template.yaml",
        "template.json",
    ];
    !usual.contains(&path)
}

/// The files of the repository that a pipeline names. One that lies with its files in a folder of their own is an example of something,
/// and not about the repository.
fn named(
    actions: &[Action<'_>],
    projects: &Projects<'_>,
    path: Option<&Path>,
    look: &dyn Fn(&str) -> Presence,
) -> Named {
    let beside = path.and_then(Path::parent).and_then(Path::to_str).filter(|folder| !folder.is_empty());
    let mut best = Named::Nothing;
    for path in actions.iter().flat_map(|action| paths(action, projects)) {
        let path = path.trim_start_matches("./");
        let is_plain = !path.is_empty() && !path.starts_with('/') && !path.contains(['$', '#', '{', '*']);
        if !is_plain || look(path) != Presence::File {
            continue;
        }
        if beside.is_some_and(|folder| look(&format!("{folder}/{path}")) == Presence::File) {
            return Named::Nothing;
        }
        best = best.max(if is_own_name(path) { Named::Own } else { Named::Usual });
    }
    best
}

/// The files that an action reads of its artifacts.
fn paths(action: &Action<'_>, projects: &Projects<'_>) -> Vec<String> {
    let text = |key: &str| {
        let node = action.configuration(key).filter(|node| !node.is_unknown())?;
        node.text().map(str::to_owned)
    };
    let or = |key: &str, usual: &str| text(key).unwrap_or_else(|| usual.to_owned());
    match action.type_id("provider") {
        Some("CodeBuild") => {
            let project = projects.of_action(action);
            let usual =
                || action.configuration("BuildspecOverride").is_none().then(|| "buildspec.yml".to_owned());
            match project {
                Some(project) => path_named(action, Some(&project)),
                None => path_named(action, None).or_else(usual),
            }
            .into_iter()
            .collect()
        }
        Some("CodeDeploy") => vec!["appspec.yml".to_owned(), "appspec.yaml".to_owned()],
        Some("CodeDeployToECS") => {
            vec![or("AppSpecTemplatePath", "appspec.yaml"), or("TaskDefinitionTemplatePath", "taskdef.json")]
        }
        Some("CloudFormation") => {
            let path = text("TemplatePath");
            path.and_then(|path| Some(path.split_once("::")?.1.to_owned())).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_about_this_repository_where_something_says_so() {
        use Belongs::{Elsewhere, Likely, Ours, Unknown};
        let here: &[&str] = &["service", "old-service"];
        let nothing: &[&str] = &[];
        for (has_config, name, remotes, named, is_alone, expected) in [
            (true, Some("other"), here, Named::Nothing, false, Ours),
            (false, Some("service"), here, Named::Nothing, false, Ours),
            (false, Some("Old-Service"), here, Named::Nothing, true, Ours),
            (false, Some("other"), here, Named::Own, true, Likely),
            (false, Some("other"), here, Named::Own, false, Elsewhere),
            (false, Some("other"), here, Named::Usual, true, Elsewhere),
            (false, Some("other"), here, Named::Nothing, true, Elsewhere),
            (false, None, here, Named::Own, false, Ours),
            (false, None, here, Named::Usual, true, Likely),
            (false, None, here, Named::Nothing, true, Unknown),
            (false, Some("service"), nothing, Named::Own, false, Ours),
            (false, Some("service"), nothing, Named::Usual, true, Likely),
            (false, Some("service"), nothing, Named::Usual, false, Unknown),
            (false, Some("service"), nothing, Named::Nothing, true, Unknown),
        ] {
            let remotes: Vec<_> = remotes.iter().map(|name| (*name).to_owned()).collect();
            let evidence = Evidence { has_config, name, remotes: &remotes, named, is_alone };
            assert_eq!(evidence.verdict(), expected, "{evidence:?}");
        }
    }

    #[test]
    fn a_repository_is_named_at_the_end_of_its_address() {
        for (address, name) in [
            ("git@github.com:acme/service.git", "service"),
            ("https://github.com/acme/service", "service"),
            ("https://user@host.example/acme/service.git/", "service"),
            ("codecommit::eu-central-1://profile@service", "service"),
            ("ssh://git-codecommit.eu-central-1.amazonaws.com/v1/repos/service", "service"),
            ("host:service.git", "service"),
            ("/srv/git/service.git", "service"),
            ("acme/service", "service"),
            ("service", "service"),
        ] {
            assert_eq!(repository_name(address), name, "{address}");
        }
    }
}

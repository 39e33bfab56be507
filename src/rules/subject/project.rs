//! CodeBuild projects, wherever they are described, and the files they build by.
//!
//! Owns: one notion of a project for rehearsal.yml and templates (both have, or are taken to, the shape of `CreateProject`), what a rule may
//! know of one, and which of this repository's files are its buildspecs. A value that is not known is none.

use std::collections::{HashMap, HashSet};

use super::{Action, Definition, Parsed, Whole};
use crate::spec::buildspec::BuildspecFile;
use crate::spec::nearest;
use crate::spec::shell::{self, Sh};
use crate::spec::template::DerivedKind;
use crate::syntax::{Kind, Node};

/// What is known of a project that builds by a buildspec. Where nothing is said, nothing is known, but for what a missing
/// key itself means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Project<'t> {
    /// Its name, for people.
    pub name: Option<&'t str>,
    /// `environment.image`
    pub image: Option<&'t str>,
    /// `environment.type`
    pub kind: Option<&'t str>,
    /// `artifacts.type`
    pub artifacts: Option<&'t str>,
    /// `artifacts.packaging`
    pub packaging: Option<&'t str>,
    /// `artifacts.namespaceType`
    pub namespace: Option<&'t str>,
    /// `artifacts.overrideArtifactName`
    pub overrides_name: bool,
    /// Whether its builds can start a Docker daemon of their own: `environment.privilegedMode`, on Linux.
    pub privileged: Option<bool>,
}

impl<'t> Project<'t> {
    /// A project in the shape of `CreateProject`, as rehearsal.yml has it.
    pub fn of(node: Node<'t>) -> Self {
        let at = |path: [&str; 2]| path.iter().try_fold(node, |node, key| node.get(key));
        let text = |path| at(path).and_then(known);
        let flag = |text: &str| matches!(text, "true" | "yes" | "on" | "True" | "TRUE");
        let output = node.get("artifacts");
        let is_known = output.is_none_or(|output| {
            !output.is_unknown() && output.entries().all(|entry| !entry.value.is_unknown())
        });
        let of_output = |key| output.filter(|_| is_known)?.get(key).and_then(known);
        Self {
            name: node.get("name").and_then(known),
            image: text(["environment", "image"]),
            kind: text(["environment", "type"]),
            artifacts: of_output("type"),
            packaging: of_output("packaging"),
            namespace: of_output("namespaceType"),
            overrides_name: of_output("overrideArtifactName").is_some_and(flag),
            privileged: match node.get("environment") {
                // Of a misspelt one that is said.
                None if node.entries().any(|entry| is_environment(entry.key)) => None,
                environment => privileged(environment),
            },
        }
    }

    /// What `sh` is where it builds, and whether that is a guess; none when it does not say.
    pub fn sh(&self) -> Option<(Sh, bool)> {
        match self.kind {
            Some(kind) if kind.starts_with("WINDOWS") => Some((Sh::PowerShell, false)),
            _ => self.image.filter(|image| !image.contains('$')).map(shell::sh_of),
        }
    }

    /// What to call it.
    pub fn called(&self) -> String {
        self.name.map_or_else(|| "the project".to_owned(), |name| format!("the project `{name}`"))
    }
}

/// Whether a key is a misspelt `environment`.
fn is_environment(key: Node<'_>) -> bool {
    key.text().is_some_and(|name| nearest(name, &["environment"]).is_some())
}

/// The text of a value that is known.
pub(super) fn known(node: Node<'_>) -> Option<&str> {
    node.text().filter(|_| !node.is_unknown())
}

fn privileged(environment: Option<Node<'_>>) -> Option<bool> {
    let Some(environment) = environment else { return Some(false) };
    // A server of its own builds images for it, and the old images for Docker were privileged by themselves.
    let is_old = |image: &str| image.starts_with("aws/codebuild/docker:");
    let has_daemon = environment.get("dockerServer").is_some()
        || environment.get("image").and_then(known).is_some_and(is_old);
    if environment.kind() != Kind::Mapping || has_daemon {
        return None;
    }
    let linux = ["LINUX_CONTAINER", "ARM_CONTAINER", "LINUX_GPU_CONTAINER"];
    let is_linux =
        environment.get("type").is_none_or(|kind| known(kind).is_some_and(|kind| linux.contains(&kind)));
    match environment.get("privilegedMode").filter(|flag| !flag.is_null()) {
        _ if !is_linux => None,
        Some(flag) => known(flag).map(|flag| !flag.eq_ignore_ascii_case("false")),
        None => Some(false),
    }
}

/// A project, and where it is described.
#[derive(Debug, Clone, Copy)]
pub struct Described<'a> {
    /// Its name; in a template it may be no more than what stands for the name.
    pub name: &'a str,
    /// What to call it.
    pub called: &'a str,
    /// The project, in the shape of `CreateProject`.
    pub node: Node<'a>,
    /// The name of the template it stands in; none for rehearsal.yml.
    pub template: Option<&'a str>,
    /// Its logical id there.
    pub id: Option<&'a str>,
}

/// The projects that files describe: those of rehearsal.yml, then those of templates. A repository may have thousands, so they are found
/// by their names.
#[derive(Debug, Clone, Default)]
pub struct Projects<'a> {
    all: Vec<Described<'a>>,
    by_name: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Projects<'a> {
    /// Those among the files.
    pub fn of(files: &[Parsed<'a>], config: Option<Parsed<'a>>) -> Self {
        let own = config.and_then(|config| config.tree.root().get("projects"));
        let own = own.into_iter().flat_map(Node::items).filter_map(|node| {
            let name = node.get("name")?.text()?;
            Some(Described { name, called: name, node, template: None, id: None })
        });
        let derived =
            files.iter().flat_map(|file| file.derived).filter(|derived| derived.kind == DerivedKind::Project);
        let templates = derived.filter_map(|derived| {
            let node = derived.tree.root();
            let name = node.get("name")?;
            let called = known(name).unwrap_or(&derived.id);
            let template = Some(derived.tree.source().name());
            Some(Described { name: name.text()?, called, node, template, id: Some(&derived.id) })
        });
        let all: Vec<_> = own.chain(templates).collect();
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        for (index, project) in all.iter().enumerate() {
            by_name.entry(project.name).or_default().push(index);
        }
        Self { all, by_name }
    }

    /// All, in their order.
    pub fn all(&self) -> &[Described<'a>] {
        &self.all
    }

    /// Whether one has this name, wherever it is described.
    pub fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The places of those that an action builds.
    fn built_by(&self, action: &Action<'_>) -> impl Iterator<Item = usize> {
        let named = action.is_codebuild().then(|| action.configuration("ProjectName")).flatten();
        let places = named.and_then(|name| Some((name, self.by_name.get(name.text()?)?)));
        let places = places.map(|(name, places)| places.iter().map(move |place| (name, *place)));
        places
            .into_iter()
            .flatten()
            .filter(|(name, place)| self.all[*place].is_meant(*name))
            .map(|(_, place)| place)
    }

    /// The one that an action builds; the first, where several have its name.
    pub(super) fn of_action(&self, action: &Action<'_>) -> Option<Described<'a>> {
        self.built_by(action).next().map(|place| self.all[place])
    }
}

impl<'a> Described<'a> {
    /// What rules may know of it.
    pub fn project(&self) -> Project<'a> {
        Project { name: Some(self.called), ..Project::of(self.node) }
    }

    /// Its `source.type`.
    pub fn source_kind(&self) -> Option<&'a str> {
        self.node.get("source")?.get("type").and_then(known)
    }

    /// `source.buildspec`, when it is written, known or not.
    pub fn setting(&self) -> Option<Node<'a>> {
        self.node.get("source")?.get("buildspec")
    }

    /// Whether a use of this name in a definition means this project: names that are not known are those of their template alone.
    fn is_meant(&self, name: Node<'_>) -> bool {
        let is_here = || self.template == Some(name.source().name());
        name.text() == Some(self.name) && (!name.is_unknown() || is_here())
    }
}

/// An action that builds a project, in its definition.
type Use<'u, 'a> = (&'u Definition<'a>, &'u Action<'a>);

/// What builds by a buildspec in a file of the repository.
#[derive(Debug, Clone)]
pub struct Build<'a> {
    /// The path of the buildspec.
    pub path: String,
    /// The project.
    pub project: Described<'a>,
}

impl<'a> Whole<'a> {
    /// The project that an action builds, where a file describes it.
    pub fn project_of(&self, action: &Action<'_>) -> Option<Described<'a>> {
        self.described.of_action(action)
    }

    /// Which projects build by which files: their own buildspec, unless all actions that use them name
    /// another, and those. Of a template's projects only those whose source is this repository, as far as files tell.
    pub fn builds(&self) -> Vec<Build<'a>> {
        let mut uses: Vec<Vec<Use<'_, 'a>>> = vec![Vec::new(); self.described.all.len()];
        for definition in &self.definitions {
            for action in &definition.actions {
                for place in self.described.built_by(action) {
                    uses[place].push((definition, action));
                }
            }
        }
        let mut builds = Vec::new();
        for (project, uses) in self.described.all().iter().zip(&uses) {
            let mut seen = HashSet::new();
            let paths = self.paths(project, uses).into_iter().filter(|path| seen.insert(path.clone()));
            builds.extend(paths.map(|path| Build { path, project: *project }));
        }
        builds
    }

    fn paths(&self, project: &Described<'_>, uses: &[Use<'_, 'a>]) -> Vec<String> {
        let own = || path_of(project.setting());
        if project.template.is_some() {
            let is_ours = |(definition, action): &&Use<'_, '_>| {
                definition.repository().is_some_and(|source| source.gives_to(action))
            };
            if uses.is_empty() && self.is_source_of(project) {
                return own().into_iter().collect();
            }
            let named = uses.iter().filter(is_ours);
            return named.filter_map(|(_, action)| path_named(action, Some(project))).collect();
        }
        let named: Vec<_> =
            uses.iter().map(|(_, action)| action.configuration("BuildspecOverride")).collect();
        let is_own = named.is_empty() || named.iter().any(Option::is_none);
        let named = named.into_iter().flatten().filter_map(|node| path_of(Some(node)));
        is_own.then(own).flatten().into_iter().chain(named).collect()
    }

    /// Whether the source of a template's project that no pipeline uses is this repository: its address says so, or the buildspec it
    /// names, which is no usual name, is here.
    fn is_source_of(&self, project: &Described<'_>) -> bool {
        match project.source_kind() {
            Some("CODEPIPELINE") | None => {}
            Some("NO_SOURCE" | "S3") => return false,
            Some(_) => {
                let location = project.node.get("source").and_then(|source| source.get("location"));
                if let Some(location) = location.and_then(known)
                    && !self.remotes.is_empty()
                {
                    let name = super::definition::repository_name(location);
                    return self.remotes.iter().any(|remote| remote.eq_ignore_ascii_case(name));
                }
            }
        }
        let path = path_of(project.setting());
        path.is_some_and(|path| {
            super::definition::is_own_name(&path) && (self.look)(&path) == super::Presence::File
        })
    }
}

/// The path that an action builds by; none when it is no file, or nobody knows.
pub(super) fn path_named(action: &Action<'_>, project: Option<&Described<'_>>) -> Option<String> {
    match action.configuration("BuildspecOverride") {
        Some(node) => path_of(Some(node)),
        // What a project says that is not described here, nobody knows.
        None => path_of(project?.setting()),
    }
}

/// The path that a setting names, relative to the top of the source.
fn path_of(setting: Option<Node<'_>>) -> Option<String> {
    if setting.is_some_and(Node::is_unknown) {
        return None;
    }
    match BuildspecFile::from_setting(setting.and_then(Node::text)) {
        BuildspecFile::Default => Some("buildspec.yml".to_owned()),
        BuildspecFile::Path(path) => Some(path),
        BuildspecFile::Inline(_) | BuildspecFile::Remote(_) => None,
    }
}

//! Which of the files of a release a file is.
//!
//! Owns: telling the kinds apart, by what is in a file and, where that does not say it, by its name. Leaves to each
//! reader: whether it is a good one.

use std::path::Path;

use super::{pipeline, spelling};
use crate::syntax::{Entry, Kind, Node, Tree};

/// The kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// A buildspec of CodeBuild.
    Buildspec,
    /// A pipeline definition, as `aws codepipeline get-pipeline` prints it.
    Pipeline,
    /// rehearsal.yml.
    Config,
    /// An appspec of CodeDeploy.
    AppSpec,
    /// A CloudFormation template.
    Template,
}

impl FileKind {
    /// All of them, in the order they are asked whether a file is theirs.
    pub const ALL: [Self; 5] = [Self::Config, Self::Template, Self::Pipeline, Self::AppSpec, Self::Buildspec];

    /// The word users type and read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Buildspec => "buildspec",
            Self::Pipeline => "pipeline",
            Self::Config => "config",
            Self::AppSpec => "appspec",
            Self::Template => "template",
        }
    }

    /// What it is, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Buildspec => "a buildspec",
            Self::Pipeline => "a pipeline definition",
            Self::Config => "rehearsal.yml",
            Self::AppSpec => "an appspec",
            Self::Template => "a CloudFormation template",
        }
    }

    /// The kind of a file, as its content says, else its name. `tree` is none when the text could not be parsed at all.
    pub fn of(path: &Path, tree: Option<&Tree>) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
        if name == "rehearsal.yml" {
            return Some(Self::Config);
        }
        // Kubernetes, GitHub and writers of schemas have files of any name, and whatever in them.
        let is_there = |key: &str| tree.is_some_and(|tree| tree.root().get(key).is_some());
        let is_workflow = is_there("jobs") && (is_there("on") || is_there("name"));
        let is_schema = is_there("$schema") && is_there("type");
        if is_there("apiVersion") && is_there("kind") || is_workflow || is_schema {
            return None;
        }
        if let Some(tree) = tree
            && let Some(kind) = Self::ALL.into_iter().find(|kind| *kind != Self::Config && kind.is_in(tree))
        {
            return Some(kind);
        }
        let whole = tree.is_some_and(|tree| !tree.is_partial() && tree.root().kind() == Kind::Mapping);
        let by_words =
            || tree.filter(|tree| tree.is_partial()).and_then(|tree| Self::of_broken(tree.source().text()));
        Self::by_name(path, &name, tree, whole).or_else(by_words)
    }

    /// The kind of a file that is called like a buildspec, has a version that only buildspecs have, and no word that makes
    /// it anything else: what [`FileKind::of`] says of it, without parsing it.
    pub fn at_a_glance(path: &Path, bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let name = path.file_name()?.to_str()?;
        let (stem, extension) = name.rsplit_once('.')?;
        let named = stem.contains("buildspec") && matches!(extension, "yml" | "yaml");
        let versioned = |line: &str| {
            line.strip_prefix("version: 0.").is_some_and(|rest| matches!(rest.trim(), "1" | "2"))
        };
        let elsewhere = ["Resources", "AWSTemplateFormatVersion", "stages"];
        (named && text.lines().take(20).any(versioned) && !elsewhere.iter().any(|word| text.contains(word)))
            .then_some(Self::Buildspec)
    }

    /// The kind of a text that has no name.
    pub fn of_content(tree: &Tree) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.is_in(tree))
    }

    /// The kind of a text that cannot be read as a whole, by words that hardly anything else has. One for a template engine is none.
    pub fn of_broken(text: &str) -> Option<Self> {
        let has = |words: &[&str]| words.iter().all(|word| text.contains(word));
        if is_for_engine(text) {
            None
        } else if has(&["AWSTemplateFormatVersion"]) || has(&["Resources", "Properties", "AWS::Code"]) {
            Some(Self::Template)
        } else if has(&["actionTypeId"]) {
            Some(Self::Pipeline)
        } else if has(&["version", "0.2", "phases", "commands"]) {
            Some(Self::Buildspec)
        } else if has(&["version", "0.0"]) && (has(&["hooks", "location"]) || has(&["TargetService"])) {
            Some(Self::AppSpec)
        } else {
            None
        }
    }

    /// Whether the outermost keys are those of this kind.
    fn is_in(self, tree: &Tree) -> bool {
        let root = tree.root();
        let kind_of = |key: &str| root.get(key).map(Node::kind);
        let version = || root.get("version").and_then(Node::text).map(str::trim);
        match self {
            Self::Config => {
                let ours = ["projects", "deploymentGroups", "branching", "gates", "pipelines"];
                ours.iter().any(|key| root.get(key).is_some())
            }
            Self::Template => {
                let resources = kind_of("Resources") == Some(Kind::Mapping) && !is_appspec(version());
                root.get("AWSTemplateFormatVersion").is_some() || resources
            }
            Self::Pipeline => {
                let root = pipeline::envelope(root).map_or(root, |entry| entry.value);
                let inner = tree.root().get("pipeline").is_some_and(has_own_keys);
                (pipeline::is_definition(root) && has_actions(root)) || has_own_keys(root) || inner
            }
            Self::AppSpec => {
                let keys = ["os", "Resources", "resources", "hooks", "Hooks", "files"];
                is_appspec(version()) && keys.iter().any(|key| root.get(key).is_some())
                    || is_appspec_but_for_its_version(root)
            }
            Self::Buildspec => {
                let versioned = version().is_some_and(|text| text.starts_with("0.") && text != "0.0");
                let phases = root.get("phases");
                let named = ["install", "pre_build", "build", "post_build"]
                    .iter()
                    .any(|name| phases.is_some_and(|phases| phases.get(name).is_some()));
                let batch = root.get("batch").is_some_and(|batch| {
                    batch.entries().any(|entry| entry.key.text().is_some_and(|key| key.starts_with("build-")))
                });
                // No other file has these versions beside phases, whatever they are called.
                let misspelt = || {
                    let is_near = |key: &str| spelling::nearest(key, &["phases"]).is_some();
                    let has_commands =
                        |value: Node<'_>| value.entries().any(|phase| phase.value.get("commands").is_some());
                    root.entries()
                        .any(|entry| entry.key.text().is_some_and(is_near) && has_commands(entry.value))
                };
                // Plans of other things have phases that are called so.
                let has_commands = || {
                    let near = |entry: Entry<'_>| {
                        entry.key.text().is_some_and(|key| spelling::nearest(key, &["commands"]).is_some())
                    };
                    phases.is_some_and(|phases| {
                        phases.entries().any(|phase| {
                            phase.value.kind() != Kind::Mapping || phase.value.entries().any(near)
                        })
                    })
                };
                (versioned && (phases.is_some() || misspelt())) || named && has_commands() || batch
            }
        }
    }

    /// What the name says. A JSON file that has none of a buildspec's keys is none, whatever it is called.
    fn by_name(path: &Path, name: &str, tree: Option<&Tree>, whole: bool) -> Option<Self> {
        let (stem, extension) = name.rsplit_once('.')?;
        let yaml = matches!(extension, "yml" | "yaml");
        if !yaml && extension != "json" {
            return None;
        }
        let folder = |known: &[&str]| {
            path.parent()
                .into_iter()
                .flat_map(Path::components)
                .any(|part| known.iter().any(|name| part.as_os_str().eq_ignore_ascii_case(name)))
        };
        if stem == "appspec" {
            Some(Self::AppSpec)
        } else if stem == "pipeline" && extension == "json" && is_empty_envelope(tree) {
            Some(Self::Pipeline)
        } else if stem.contains("buildspec") && (yaml || !whole) {
            Some(Self::Buildspec)
        } else if whole {
            None
        } else if stem == "pipeline" {
            // That of a chart or of another tool is rendered before anybody reads it.
            let is_rendered = tree.is_some_and(|tree| is_for_engine(tree.source().text()));
            (!is_rendered).then_some(Self::Pipeline)
        } else if folder(&["buildspec", "buildspecs", "codebuild", ".codebuild"]) {
            Some(Self::Buildspec)
        } else {
            None
        }
    }
}

/// Whether a text has marks of a template engine.
pub(crate) fn is_for_engine(text: &str) -> bool {
    ["{{", "{%", "<%"].iter().any(|mark| text.contains(mark))
}

/// Whether a file holds nothing but `pipeline`, and that has nothing.
fn is_empty_envelope(tree: Option<&Tree>) -> bool {
    let pipeline = tree.and_then(|tree| tree.root().get("pipeline"));
    pipeline.is_some_and(|pipeline| pipeline.entries().next().is_none())
}

/// Version 0.0 is the only one there is (codedeploy.md 2).
fn is_appspec(version: Option<&str>) -> bool {
    version.is_some_and(|text| text == "0.0" || text == "0")
}

/// Whether it is an appspec whose version is misspelt or missing: a system, and files or scripts for its agent; or an event and a
/// function to call beside what is deployed.
fn is_appspec_but_for_its_version(root: Node<'_>) -> bool {
    let is_version = |entry: Entry<'_>| {
        entry.key.text().is_some_and(|key| spelling::nearest(key, &["version"]).is_some())
            && entry.value.text().is_none_or(|text| is_appspec(Some(text.trim())))
    };
    let is_of_system = root.get("os").and_then(Node::text).is_some_and(|os| os == "linux" || os == "windows");
    let is_of_agent = is_of_system && ["files", "hooks"].iter().any(|key| root.get(key).is_some());
    let resources = root.get("Resources").or_else(|| root.get("resources"));
    let is_deployed = resources.is_some_and(|resources| {
        resources.kind() == Kind::Sequence
            && resources.items().any(|item| item.get("TargetService").is_some())
    });
    is_deployed || is_of_agent && root.entries().any(is_version)
}

/// Whether it is a definition whatever its stages are: nothing else has a role beside a store for artifacts.
fn has_own_keys(root: Node<'_>) -> bool {
    let is_there = |key: &str| root.get(key).is_some();
    is_there("roleArn") && (is_there("artifactStore") || is_there("artifactStores"))
}

/// Other tools' pipelines have stages too, as a list of names, or with jobs.
fn has_actions(root: Node<'_>) -> bool {
    let typed = root.get("roleArn").is_some() || root.get("artifactStore").is_some();
    typed
        || root.get("stages").is_some_and(|stages| {
            stages.items().any(|stage| stage.kind() == Kind::Mapping && stage.get("actions").is_some())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{SourceFile, parse};

    fn kind(path: &str, text: &str) -> Option<FileKind> {
        let source = std::sync::Arc::new(SourceFile::new(path, text));
        FileKind::of(Path::new(path), parse(&source).tree.as_ref())
    }

    #[test]
    fn content_comes_before_the_name() {
        for (path, text, expected) in [
            ("rehearsal.yml", "", Some(FileKind::Config)),
            ("x.yml", "version: 0.2\nphases: {}", Some(FileKind::Buildspec)),
            ("x.yml", "phases: {build: {commands: [a]}}", Some(FileKind::Buildspec)),
            ("x.yml", "batch: {build-list: []}", Some(FileKind::Buildspec)),
            ("x.json", r#"{"version": 0.2, "phases": {}}"#, Some(FileKind::Buildspec)),
            ("buildspec.yml", "version: 0.2", Some(FileKind::Buildspec)),
            ("buildspec.yml", "version: 0.2\nstages: [{name: a, actions: []}]", Some(FileKind::Pipeline)),
            ("buildspec.yml", "version: 0.2\nResources: {A: {Type: x}}", Some(FileKind::Template)),
            ("buildspec.yml", "version: 0.0\nos: linux", Some(FileKind::AppSpec)),
            ("ci/buildspec-deploy.yaml", "", Some(FileKind::Buildspec)),
            ("buildspec.json", "{\"Parameters\": {}}", None),
            ("buildspecs/x.yml", "phases: [", Some(FileKind::Buildspec)),
            ("buildspecs/x.yml", "services: {}", None),
            ("x.yml", "Resources: {\"Fn::ForEach::P\": [N, [a], {}]}", Some(FileKind::Template)),
            ("buildspec-project.yml", "Resources: {A: {Type: x}}", Some(FileKind::Template)),
            ("x.yml", "stages: [{name: a, actions: []}]", Some(FileKind::Pipeline)),
            (
                "x.json",
                r#"{"pipeline": {"name": "p", "roleArn": "r", "stages": []}}"#,
                Some(FileKind::Pipeline),
            ),
            ("pipeline.yml", "name: [", Some(FileKind::Pipeline)),
            ("x.yml", "{stages: {}, roleArn: r, artifactStore: {}}", Some(FileKind::Pipeline)),
            (
                "x.json",
                r#"{"Pipeline": {"stages": [{"name": "a", "actions": []}]}}"#,
                Some(FileKind::Pipeline),
            ),
            ("pipeline.json", r#"{"pipeline": {}}"#, Some(FileKind::Pipeline)),
            ("pipeline.yml", "pipeline: {build: {image: a}}", None),
            ("x.yml", "version: 0.2\nphaess: {build: {commands: [a]}}", Some(FileKind::Buildspec)),
            ("x.yml", "version: 0.2\nphrases: {build: {text: a}}", None),
            (".gitlab-ci.yml", "stages: [build, test]", None),
            ("azure-pipelines.yml", "stages: [{stage: a, jobs: []}]", None),
            ("appspec.yml", "", Some(FileKind::AppSpec)),
            ("deploy.yml", "version: 0.0\nos: linux", Some(FileKind::AppSpec)),
            ("taskdef.yml", "version: 0.0\nResources: [{TargetService: {}}]", Some(FileKind::AppSpec)),
            ("x.yml", "version: 0.0\nResources: {TargetService: {Type: x}}", Some(FileKind::AppSpec)),
            ("docker-compose.yml", "version: \"3\"\nservices: {}", None),
            ("x.yml", "projects: [{name: a}]", None),
            ("README", "version: 0.2", None),
            // A slip in the very key that tells.
            (
                "x.yml",
                "pipeline: {name: p, roleArn: r, artifactStore: {}, stage: []}",
                Some(FileKind::Pipeline),
            ),
            (
                "x.json",
                r#"{"pipeline": {"roleArn": "r", "artifactStore": {}, "Stages": []}}"#,
                Some(FileKind::Pipeline),
            ),
            ("x.yml", "vesrion: 0.0\nos: linux\nfiles: []", Some(FileKind::AppSpec)),
            ("plan.yml", "phases: {design: {weeks: 3}, build: {weeks: 5}}", None),
            (".github/workflows/buildspec.yml", "name: a\non: push\njobs: {}", None),
            ("buildspec.yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {}", None),
            ("x.yml", "language: go\nos: linux\nhooks: {}", None),
            ("x.json", r#"{"Resources": [{"TargetService": {}}]}"#, Some(FileKind::AppSpec)),
        ] {
            assert_eq!(kind(path, text), expected, "{path}: {text}");
            let glance = FileKind::at_a_glance(Path::new(path), text.as_bytes());
            assert!(glance.is_none() || glance == expected, "{path}: {text}");
        }
    }

    #[test]
    fn a_text_that_cannot_be_read_is_told_by_its_words() {
        for (text, expected) in [
            (
                "{\"stages\": [\n{\"actions\": [{\"actionTypeId\": {}\n \"name\": \"a\"}]}]}",
                Some(FileKind::Pipeline),
            ),
            ("{\n\"AWSTemplateFormatVersion\": \"2010-09-09\"\n\"Resources\": {}}", Some(FileKind::Template)),
            ("Resources:\n  A: {{ name }}\n  Properties: [AWS::CodeBuild\n", None),
            ("version: 0.2\nphases:\n  build:\n  commands: [\n", Some(FileKind::Buildspec)),
            ("version: 0.0\nhooks:\n  AfterInstall: [{location: a\n", Some(FileKind::AppSpec)),
            ("services:\n  a: [\n", None),
        ] {
            assert_eq!(FileKind::of_broken(text), expected, "{text}");
        }
    }
}

//! Appspecs that a pipeline deploys by just as this repository has them.
//!
//! Owns: following a deployment to its appspec, also through a build that only puts it into its artifact, and knowing its platform.
//! A file that a build writes or changes is not known, and nothing is said of it.

use super::{Action, Belongs, Built, Definition, Origin, Whole};
use crate::spec::FileKind;
use crate::spec::appspec::Platform;
use crate::syntax::{Node, Tree};

/// A deployment by an appspec of this repository.
pub struct Deployed<'b, 'a> {
    /// The action.
    pub action: Action<'a>,
    /// Where the definition says which file that is.
    pub at: Node<'a>,
    /// The path of the appspec, relative to the top.
    pub path: String,
    /// What is in it.
    pub tree: Tree,
    /// The artifact that is deployed.
    pub artifact: &'a str,
    /// The build that makes it; none where it is this repository.
    pub made_by: Option<&'b Built<'b>>,
    /// Whether the definition is surely about this repository, and the appspec surely as it is here.
    pub is_sure: bool,
}

impl<'a> Whole<'a> {
    /// The deployments of all definitions whose appspec is a whole file of this repository.
    pub fn deployed<'b>(&self, built: &'b [Built<'_>]) -> Vec<Deployed<'b, 'a>> {
        let mut found = Vec::new();
        for definition in &self.definitions {
            for action in &definition.actions {
                let Some((artifact, at, paths)) = revision(action) else { continue };
                let Some((made_by, tree, path)) = self.in_artifact(built, definition, artifact, &paths)
                else {
                    continue;
                };
                let is_sure = definition.belongs == Belongs::Ours && made_by.is_none();
                found.push(Deployed { action: *action, at, path, tree, artifact, made_by, is_sure });
            }
        }
        found
    }

    /// The task definitions that CodeDeployToECS fills in, where they are whole files of this repository.
    pub fn task_definitions(&self, built: &[Built<'_>]) -> Vec<(Action<'a>, String, Tree)> {
        let mut found = Vec::new();
        for definition in &self.definitions {
            for action in &definition.actions {
                let is_it = action.type_id("owner") == Some("AWS")
                    && action.type_id("provider") == Some("CodeDeployToECS");
                let text = |key: &str| action.configuration(key).and_then(Node::text);
                let Some(artifact) = text("TaskDefinitionTemplateArtifact").filter(|_| is_it) else {
                    continue;
                };
                let path =
                    text("TaskDefinitionTemplatePath").unwrap_or("taskdef.json").trim_start_matches("./");
                let read = self.in_artifact(built, definition, artifact, &[path.to_owned()]);
                found.extend(read.map(|(_, tree, path)| (*action, path, tree)));
            }
        }
        found
    }

    /// The first file of these that an artifact has as this repository has it, and the build that copies it.
    fn in_artifact<'b>(
        &self,
        built: &'b [Built<'_>],
        definition: &Definition<'a>,
        artifact: &str,
        paths: &[String],
    ) -> Option<(Option<&'b Built<'b>>, Tree, String)> {
        let made_by = match self.origin(built, definition, artifact) {
            Origin::Repository => None,
            Origin::Build(built) => Some(built),
            Origin::Elsewhere => return None,
        };
        let here = |path: &String| match made_by {
            None => Some(path.clone()),
            Some(built) if built.is_of(definition) => built.copies(artifact, path),
            Some(_) => None,
        };
        let read = |path: String| Some(((self.read)(&path)?, path));
        let (tree, path) = paths.iter().filter_map(here).find_map(read)?;
        (!tree.is_partial()).then_some((made_by, tree, path))
    }

    /// The platform of a CodeDeploy application, where this repository describes it: its groups in rehearsal.yml are of the
    /// Server platform, and a template says its own.
    pub fn platform_of(&self, application: &str) -> Option<Platform> {
        let groups = self.config.and_then(|config| config.tree.root().get("deploymentGroups"));
        let is_ours =
            |group: Node<'_>| group.get("applicationName").and_then(Node::text) == Some(application);
        if groups.into_iter().flat_map(Node::items).any(is_ours) {
            return Some(Platform::Server);
        }
        let resources = self.of_kind(FileKind::Template).filter_map(|tree| tree.root().get("Resources"));
        for resource in resources.flat_map(Node::entries).map(|entry| entry.value) {
            if resource.get("Type").and_then(Node::text) != Some("AWS::CodeDeploy::Application") {
                continue;
            }
            let property = |key: &str| resource.get("Properties").and_then(|properties| properties.get(key));
            if property("ApplicationName").and_then(Node::text) != Some(application) {
                continue;
            }
            return match property("ComputePlatform").map(Node::text) {
                None | Some(Some("Server")) => Some(Platform::Server),
                Some(Some("Lambda")) => Some(Platform::Lambda),
                Some(Some("ECS")) => Some(Platform::Ecs),
                Some(_) => None,
            };
        }
        None
    }
}

/// The artifact and the names of the appspec of a deployment, with the place that names them.
fn revision<'a>(action: &Action<'a>) -> Option<(&'a str, Node<'a>, Vec<String>)> {
    if action.type_id("owner") != Some("AWS") {
        return None;
    }
    match action.type_id("provider")? {
        "CodeDeploy" => {
            let inputs = action.node.get("inputArtifacts")?;
            let at = inputs.items().find_map(|item| item.get("name"))?;
            Some((at.text()?, at, vec!["appspec.yml".to_owned(), "appspec.yaml".to_owned()]))
        }
        "CodeDeployToECS" => {
            let artifact = action.configuration("AppSpecTemplateArtifact")?;
            let named = action.configuration("AppSpecTemplatePath");
            let path = named.and_then(Node::text).unwrap_or("appspec.yaml").trim_start_matches("./");
            Some((artifact.text()?, named.unwrap_or(artifact), vec![path.to_owned()]))
        }
        _ => None,
    }
}

//! Buildspecs in and beside a template.
//!
//! Owns: what each project's `Source.BuildSpec` and each action's `BuildspecOverride` are, put together from the texts they
//! are written in. Leaves to `assembled`: the place of every part; to `check`: checking them.

use std::cell::Cell;
use std::collections::HashSet;

use super::assembled::Assembled;
use super::derived::{Derived, DerivedKind};
use super::evaluate::{Evaluation, Value};
use super::function::function;
use super::{Resource, Template, resources};
use crate::syntax::Node;

/// What a template says about the buildspec of a build.
#[derive(Debug, Clone)]
pub struct BuildspecSetting<'t> {
    /// The value.
    pub node: Node<'t>,
    /// Its text, as far as it is known.
    pub text: Assembled<'t>,
    /// `Source.Type` of the project, when it is known.
    pub source: Option<&'t str>,
    /// The project that builds by it.
    pub project: Option<SettingOf<'t>>,
}

/// What stands for the project that a setting belongs to.
#[derive(Debug, Clone, Copy)]
pub enum SettingOf<'t> {
    /// It is the project's own; its logical id.
    Project(&'t str),
    /// An action's, which names the project so.
    Action(Node<'t>),
}

impl SettingOf<'_> {
    /// Whether it is this project of the same template.
    pub fn is(&self, derived: &Derived) -> bool {
        if derived.kind != DerivedKind::Project {
            return false;
        }
        match self {
            Self::Project(id) => *id == derived.id,
            Self::Action(name) => {
                if let Some(call) = function(*name) {
                    return call.name == "Ref" && call.argument.text() == Some(&*derived.id);
                }
                let own = derived.tree.root().get("name").filter(|own| !own.is_unknown());
                name.text().is_some_and(|name| own.and_then(Node::text) == Some(name))
            }
        }
    }
}

impl<'t> Template<'t> {
    /// The buildspecs that projects and actions name or hold, whichever way the conditions turn out.
    pub fn buildspecs(&self) -> Vec<BuildspecSetting<'t>> {
        let steps = Cell::new(0);
        let mut all = Vec::new();
        for resource in self.resources() {
            let Some(properties) = resource.properties else { continue };
            let mut seen = HashSet::new();
            for assumed in resources::assumptions(resource) {
                let evaluation = Evaluation::new(self, assumed, &steps);
                let found = match resource.kind {
                    "AWS::CodeBuild::Project" => of_project(&evaluation, resource, properties.value),
                    "AWS::CodePipeline::Pipeline" => of_actions(&evaluation, properties.value),
                    _ => break,
                };
                let is_new = |setting: &BuildspecSetting<'_>| {
                    seen.insert((setting.node.span(), setting.text.text().to_owned()))
                };
                all.extend(found.into_iter().filter(is_new));
            }
        }
        all
    }
}

fn of_project<'t>(
    evaluation: &Evaluation<'_, 't>,
    resource: &Resource<'t>,
    properties: Node<'t>,
) -> Vec<BuildspecSetting<'t>> {
    let setting = written(evaluation, properties.get("Source")).and_then(|source| {
        let (node, text) = text(evaluation, source.get("BuildSpec")?)?;
        let kind = source.get("Type").and_then(|kind| written(evaluation, Some(kind)));
        let project = resource.id.text().map(SettingOf::Project);
        Some(BuildspecSetting { node, text, source: kind.and_then(Node::text), project })
    });
    setting.into_iter().collect()
}

fn of_actions<'t>(evaluation: &Evaluation<'_, 't>, properties: Node<'t>) -> Vec<BuildspecSetting<'t>> {
    let items = |node: Option<Node<'t>>| {
        let items = written(evaluation, node).into_iter().flat_map(Node::items);
        items.filter_map(|item| written(evaluation, Some(item)))
    };
    let actions = items(properties.get("Stages")).flat_map(|stage| items(stage.get("Actions")));
    let setting = |action: Node<'t>| {
        let configuration = written(evaluation, action.get("Configuration"))?;
        let (node, text) = text(evaluation, configuration.get("BuildspecOverride")?)?;
        let project = configuration.get("ProjectName").map(SettingOf::Action);
        Some(BuildspecSetting { node, text, source: None, project })
    };
    actions.filter_map(setting).collect()
}

fn written<'t>(evaluation: &Evaluation<'_, 't>, node: Option<Node<'t>>) -> Option<Node<'t>> {
    match evaluation.value(node?) {
        Value::Written(node) => Some(node),
        Value::Absent | Value::Text(_) | Value::Unknown(_) => None,
    }
}

/// A text for readers of commands, with the node to say things at.
fn text<'t>(evaluation: &Evaluation<'_, 't>, node: Node<'t>) -> Option<(Node<'t>, Assembled<'t>)> {
    let text = evaluation.assembled(node)?;
    let node = if function(node).is_none_or(|call| call.name == "If") { text.first()? } else { node };
    Some((node, text.for_commands()))
}

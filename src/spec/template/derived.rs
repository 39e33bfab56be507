//! The pipelines and projects of a template as their own services have them, for what files say of each other.

use std::cell::Cell;

use super::evaluate::Evaluation;
use super::properties::Walk;
use super::{Resource, Template, schema};
use crate::spec::reading::Reader;
use crate::syntax::{Deriving, Tree};

/// A pipeline or a project of a template, in the shape of the API. What is not known is marked
/// ([`Node::is_unknown`](crate::syntax::Node::is_unknown)); whatever hangs on a condition is not known either.
#[derive(Debug, Clone)]
pub struct Derived {
    /// What it is.
    pub kind: DerivedKind,
    /// Its logical id.
    pub id: String,
    /// Its settings, with their places in the template.
    pub tree: Tree,
}

/// What is taken from a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DerivedKind {
    /// `AWS::CodePipeline::Pipeline`
    Pipeline,
    /// `AWS::CodeBuild::Project`
    Project,
}

impl Derived {
    /// Of a resource; none when it is of another type, or nothing is known of its properties.
    pub(super) fn of(template: &Template<'_>, resource: &Resource<'_>, steps: &Cell<u32>) -> Option<Self> {
        let kind = DerivedKind::of(resource.kind)?;
        let properties = resource.properties?;
        let shape = schema::of(resource.kind)?;
        let evaluation = Evaluation::new(template, None, steps);
        // What is wrong with it is said elsewhere.
        let mut reader = Reader::new(template.tree, "CloudFormation");
        let deriving = Deriving::new(template.tree.source());
        let walk = Walk {
            evaluation: &evaluation,
            reader: &mut reader,
            kind: resource.kind,
            deriving,
            elsewhere: Vec::new(),
        };
        let id = resource.id.text()?;
        let tree = walk.properties(properties, shape, &[("name", format!("Ref {id}"))]);
        Some(Self { kind, id: id.to_owned(), tree })
    }
}

impl DerivedKind {
    fn of(kind: &str) -> Option<Self> {
        match kind {
            "AWS::CodePipeline::Pipeline" => Some(Self::Pipeline),
            "AWS::CodeBuild::Project" => Some(Self::Project),
            _ => None,
        }
    }
}

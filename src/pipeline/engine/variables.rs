//! `#{namespace.key}`: variables of the pipeline and of earlier actions (codepipeline.md 5).
//!
//! Owns: which names an action can see, and the substitution, which is plain text: a value with quotes inside a JSON
//! string breaks that JSON here as it does there. Leaves to `spec` the syntax of references, and what can be refused
//! before anything runs.

use std::collections::BTreeMap;

use crate::spec::pipeline::reference::{Part, parts};
use crate::spec::pipeline::{Action, Category};

use super::execution::Execution;
use super::status::ActionStatus;

/// A reference that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// Text between `#{` and `}` that is no reference.
    #[error("`#{{{0}}}` is not a variable reference: write `#{{namespace.key}}`")]
    Malformed(String),
    /// No such namespace is visible to the action.
    #[error(
        "`#{{{namespace}.{key}}}` cannot be resolved: no action that runs earlier has the namespace `{namespace}`"
    )]
    Namespace {
        /// The namespace.
        namespace: String,
        /// The key.
        key: String,
    },
    /// The namespace is there, and has no such variable.
    #[error("`#{{{namespace}.{key}}}` cannot be resolved: `{namespace}` has no variable `{key}`")]
    Key {
        /// The namespace.
        namespace: String,
        /// The key.
        key: String,
    },
}

/// The variables an action can see: namespace, then key, then value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope(BTreeMap<String, BTreeMap<String, String>>);

impl Scope {
    /// What `action` of the stage numbered `stage` can see: the pipeline's variables (not in source actions), the
    /// execution's identifier, and the output of actions with a namespace that run before it: in an earlier stage, or
    /// in the same one with a lower `runOrder`.
    pub fn of(execution: &Execution, stage: usize, action: &Action) -> Self {
        let mut namespaces = BTreeMap::new();
        let own = BTreeMap::from([("PipelineExecutionId".to_owned(), execution.id.clone())]);
        namespaces.insert("codepipeline".to_owned(), own);
        if action.category != Category::Source {
            namespaces.insert("variables".to_owned(), execution.variables.clone());
        }
        for (index, declared) in execution.definition.stages.iter().enumerate().take(stage + 1) {
            for (producer, slot) in declared.actions.iter().zip(&execution.stages[index].actions) {
                let earlier = index < stage || producer.run_order < action.run_order;
                let Some(namespace) = producer.namespace.as_ref().filter(|_| earlier) else { continue };
                let mut runs = slot.runs.iter().rev().map(|run| &run.result);
                let result = runs.find(|result| result.status == ActionStatus::Succeeded);
                let variables = result.map(|result| result.variables.clone()).unwrap_or_default();
                namespaces.insert(namespace.clone(), variables);
            }
        }
        Self(namespaces)
    }

    /// `text` with every reference replaced by its value. Values are not looked at again.
    pub fn substitute(&self, text: &str) -> Result<String, Unresolved> {
        let mut resolved = String::with_capacity(text.len());
        for part in parts(text) {
            resolved.push_str(match part {
                Part::Text(text) => text,
                Part::Unclosed { range } => &text[range],
                Part::Variable { namespace, key, .. } => self.lookup(namespace, key)?,
                Part::Malformed { inner, .. } => return Err(Unresolved::Malformed(inner.into())),
            });
        }
        Ok(resolved)
    }

    fn lookup(&self, namespace: &str, key: &str) -> Result<&str, Unresolved> {
        let names = || (namespace.to_owned(), key.to_owned());
        let variables = self.0.get(namespace).ok_or_else(|| {
            let (namespace, key) = names();
            Unresolved::Namespace { namespace, key }
        })?;
        variables.get(key).map(String::as_str).ok_or_else(|| {
            let (namespace, key) = names();
            Unresolved::Key { namespace, key }
        })
    }
}

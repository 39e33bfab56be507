//! `branching`: which refs start pipelines of which nothing else says so (design brief 5 and 6).
//!
//! Owns: the model and its reading. Leaves to `pipeline::trigger`: what a model starts.

use serde::{Deserialize, Serialize};

use crate::spec::document::kind_words;
use crate::spec::glob::Glob;
use crate::spec::reading::{Reader, place};
use crate::spec::spelling::nearest;
use crate::syntax::{Entry, Kind, Node};

/// How branches of a repository are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Branching {
    /// One of the known models.
    Model(Model),
    /// Patterns of refs with the pipelines that they start, in the order of the file.
    Map(Vec<RefRule>),
}

/// The known branching models (codepipeline.md 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// Short branches off `main`, which is always what runs in production (9.2).
    GithubFlow,
    /// `develop`, release branches, and a `main` that mirrors production (9.1).
    Gitflow,
}

impl Model {
    /// The name, as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::GithubFlow => "github-flow",
            Self::Gitflow => "gitflow",
        }
    }
}

/// One entry of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefRule {
    /// A pattern of branches; of tags when it begins with `refs/tags/`.
    pub pattern: String,
    /// Names of the pipelines that a matching ref starts.
    pub pipelines: Vec<String>,
}

const MODELS: [(&str, Model); 2] = [("github-flow", Model::GithubFlow), ("gitflow", Model::Gitflow)];

pub(super) fn read<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> Option<Branching> {
    let value = entry.value;
    match value.kind() {
        Kind::Scalar if value.is_null() => None,
        Kind::Scalar => {
            let text = value.text().unwrap_or_default();
            let known = MODELS.iter().find(|(name, _)| *name == text);
            if known.is_none() {
                let message = format!("there is no branching model `{text}`");
                let finding = reader.error("invalid-value", message, place(entry), "unknown");
                let names = MODELS.map(|(name, _)| name);
                reader.push(match nearest(text, &names) {
                    Some(meant) => finding.help(format!("write `{meant}`")),
                    None => finding.help(
                        "write `github-flow`, `gitflow`, or a map of ref patterns to pipelines, for example:\n\
                         branching:\n  main: service\n  refs/tags/v*: release",
                    ),
                });
            }
            known.map(|(_, model)| Branching::Model(*model))
        }
        Kind::Mapping => {
            Some(Branching::Map(value.entries().filter_map(|entry| rule(reader, entry)).collect()))
        }
        Kind::Sequence => {
            let message =
                format!("`branching` is {}; a model or a mapping was expected", kind_words(value.kind()));
            reader.push(reader.error("wrong-kind", message, place(entry), "here"));
            None
        }
    }
}

fn rule<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> Option<RefRule> {
    let pattern = reader.key("branching", entry)?.to_owned();
    if let Err(error) = Glob::new(&pattern) {
        let message = error.to_string();
        reader.push(reader.error(
            "invalid-value",
            message,
            entry.key.span(),
            "a pattern of branches or tags",
        ));
    }
    let names: Vec<Node<'t>> = match entry.value.kind() {
        Kind::Sequence => entry.value.items().collect(),
        Kind::Scalar | Kind::Mapping => vec![entry.value],
    };
    let texts: Vec<_> =
        names.iter().filter_map(|name| name.text().filter(|_| !name.is_null()).map(str::to_owned)).collect();
    if texts.len() != names.len() || texts.is_empty() {
        let message = format!("`branching.{pattern}` names no pipelines");
        let finding = reader.error("wrong-kind", message, place(entry), "here");
        reader.push(finding.help("write the name of a pipeline, or a list of names"));
    }
    Some(RefRule { pattern, pipelines: texts })
}

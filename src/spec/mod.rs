//! Typed models of the files a user writes, read from the span tree.
//!
//! Owns: appspec, buildspec, pipeline definition, CloudFormation template, rehearsal.yml (`config`), exact numbers, the tables of
//! quotas, images and compute types. Each reader reports *all* that is
//! wrong as findings and gives a value when AWS would go on with the file. Leaves to `rules`: what can be said of a file
//! beyond reading it.

pub mod appspec;
pub mod buildspec;
pub mod compute;
pub mod config;
mod decimal;
mod deployment;
mod document;
pub mod glob;
pub mod image;
mod kind;
mod not_json;
pub mod pipeline;
mod project;
pub mod quotas;
mod reading;
pub mod schema;
mod settings;
pub mod shell;
mod spelling;
mod tags;
pub mod template;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod hostile;

pub use decimal::{Decimal, NotANumber};

use crate::diagnostic::Finding;

pub use document::{bound, refused};
pub use kind::FileKind;
pub(crate) use kind::is_for_engine;
pub use spelling::{is_slip, is_there, nearest, rename};

/// What came of reading a file.
#[derive(Debug, Clone)]
pub struct Read<T> {
    /// The model, when AWS would go on with the file.
    pub value: Option<T>,
    /// All that is worth saying, in the order of the text.
    pub findings: Vec<Finding>,
}

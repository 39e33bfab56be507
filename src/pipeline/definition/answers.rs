//! The answers that rehearsal.yml gives for calls of AWS, judged before anything starts.
//!
//! Owns: where their files are looked for. Leaves to `aws`: what is wrong with them.

use std::path::Path;
use std::sync::Arc;

use super::Files;
use crate::aws::{AnswerPlace, Content, judge_answers};
use crate::diagnostic::Finding;
use crate::repo::Found;
use crate::spec::config::WorkingTree;
use crate::syntax::SourceFile;

/// What is wrong with the answers that `source`, a rehearsal.yml, names. Its files are among `files`, and `name` is what
/// findings call them; without them only names of services and operations are judged.
pub fn answers(
    source: &Arc<SourceFile>,
    own: &WorkingTree,
    files: Option<&dyn Files>,
    name: &dyn Fn(&Path) -> String,
) -> Vec<Finding> {
    let Some(files) = files else { return judge_answers(source, &own.aws, None) };
    let look = |path: &Path| match files.look(path) {
        Ok(found) if found.is_folder() => Content::Folder,
        Ok(Found::File(bytes)) => Content::File(bytes),
        Ok(Found::Nothing) => Content::Nothing,
        Ok(Found::Other(what)) => Content::Other(what.to_owned()),
        Err(error) => Content::Other(format!("not to be read: {}", error_chain(&error))),
    };
    judge_answers(source, &own.aws, Some(&AnswerPlace { place: files.place(), look: &look, name }))
}

/// An error and what is behind it, in one line.
fn error_chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

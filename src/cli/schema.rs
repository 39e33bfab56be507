//! `rehearsal schema`: JSON Schemas for editors, or the list of them.

use super::arguments::{self, SchemaKind};
use super::ending::{Ending, Failure};
use super::output::Output;
use crate::spec::schema::Schema;

pub(super) fn perform(arguments: &arguments::Schema, output: &Output) -> Result<Ending, Failure> {
    let asked = arguments.kind.map(|kind| match kind {
        SchemaKind::Buildspec => Schema::Buildspec,
        SchemaKind::Appspec => Schema::AppSpec,
        SchemaKind::Pipeline => Schema::Pipeline,
        SchemaKind::Rehearsal => Schema::Rehearsal,
    });
    if let Some(schema) = asked {
        output.raw(schema.text().as_bytes())?;
        return Ok(Ending::Well);
    }
    let widest = Schema::ALL.map(|schema| schema.word().len()).into_iter().max().unwrap_or_default();
    let lines = Schema::ALL.map(|schema| format!("{:widest$}  {}", schema.word(), schema.words()));
    output.result(lines.join("\n"))?;
    output.note("`rehearsal schema buildspec > buildspec.schema.json` writes one for an editor");
    Ok(Ending::Well)
}

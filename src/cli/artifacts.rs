//! `rehearsal artifacts`: what an execution's actions gave, and unpacking it.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::arguments::Artifacts;
use super::ending::{Ending, Failure};
use super::history;
use super::host::Host;
use super::output::{Ink, Output};
use super::place::Place;
use super::view;
use super::view::table::{self, Cell};
use super::words;
use crate::pipeline::engine::Execution;
use crate::store::{Digest, Store, archive};

/// An artifact that is still kept.
pub(super) struct Kept {
    pub(super) name: String,
    /// `Stage/Action`.
    action: String,
    digest: String,
    pub(super) path: PathBuf,
    bytes: u64,
}

pub(super) fn perform(arguments: &Artifacts, host: &Host, output: &Output) -> Result<Ending, Failure> {
    let Some(place) = Place::of_history(host, output)? else {
        return Err(history::not_found(arguments.execution.as_deref()));
    };
    let record = history::find(&place.store, arguments.execution.as_deref())?;
    let kept = kept(&place.store, &record.execution);
    if let Some([name, folder]) =
        arguments.extract.as_deref().and_then(|both| <&[String; 2]>::try_from(both).ok())
    {
        let artifact = kept.iter().find(|artifact| artifact.name == *name);
        let artifact = artifact.ok_or_else(|| unknown(&record.execution, name, &kept))?;
        return extract(artifact, &host.directory.join(folder), output);
    }
    if arguments.json {
        let artifacts: Vec<_> = kept
            .iter()
            .map(|artifact| {
                json!({
                    "name": artifact.name,
                    "action": artifact.action,
                    "sha256": artifact.digest,
                    "bytes": artifact.bytes,
                    "path": artifact.path,
                })
            })
            .collect();
        let document = json!({"version": 1, "execution": record.execution.id, "artifacts": artifacts});
        output.result(view::json::text(&document))?;
    } else if kept.is_empty() {
        output.talk(format_args!("{} gave no artifacts", words::short(&record.execution.id)));
    } else {
        let row = |artifact: &Kept| {
            vec![
                Cell::inked(Ink::Strong, artifact.name.as_str()),
                artifact.action.as_str().into(),
                size(artifact.bytes).into(),
                artifact.path.display().to_string().into(),
            ]
        };
        let rows: Vec<_> = kept.iter().map(row).collect();
        // Paths are there to be copied: they are never cut.
        output.result(table::table(output.out, usize::MAX, &["name", "action", "size", "archive"], &rows))?;
    }
    Ok(Ending::Well)
}

/// The newest artifact of each name, in the order of the definition.
pub(super) fn kept(store: &Store, execution: &Execution) -> Vec<Kept> {
    let newest = execution.artifacts();
    let mut kept: Vec<Kept> = Vec::new();
    for stage in &execution.stages {
        for action in &stage.actions {
            for artifact in action.runs.iter().rev().flat_map(|run| &run.result.artifacts) {
                let current =
                    newest.get(artifact.name.as_str()).is_some_and(|newest| newest.digest == artifact.digest);
                if !current || kept.iter().any(|known| known.name == artifact.name) {
                    continue;
                }
                let path = artifact.digest.parse::<Digest>().ok().and_then(|digest| store.artifact(&digest));
                let Some(path) = path else { continue };
                let bytes = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
                let action = format!("{}/{}", stage.name, action.name);
                let (name, digest) = (artifact.name.clone(), artifact.digest.clone());
                kept.push(Kept { name, action, digest, path, bytes });
            }
        }
    }
    kept
}

fn extract(artifact: &Kept, folder: &Path, output: &Output) -> Result<Ending, Failure> {
    must_be_empty(folder)?;
    let unpacked = archive::unpack(&artifact.path, folder, archive::Limits::default())?;
    for link in unpacked.escaping {
        output.warn(format_args!("{} leads out of {}", link.display(), folder.display()));
    }
    output.talk(format_args!(
        "unpacked {} into {}",
        words::count(usize::try_from(unpacked.entries).unwrap_or(usize::MAX), "entry", "entries"),
        folder.display()
    ));
    Ok(Ending::Well)
}

/// Refuses a folder that holds something.
pub(super) fn must_be_empty(folder: &Path) -> Result<(), Failure> {
    match std::fs::read_dir(folder).map(|mut entries| entries.next().is_some()) {
        Ok(false) => Ok(()),
        Ok(true) => Err(Failure::unusable(format!("{} is not empty", folder.display()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::unusable(format!("cannot use {}: {error}", folder.display()))),
    }
}

fn unknown(execution: &Execution, name: &str, kept: &[Kept]) -> Failure {
    let id = words::short(&execution.id);
    let failure = Failure::unusable(format!("{id} gave no artifact `{name}`"));
    let names: Vec<_> = kept.iter().map(|artifact| artifact.name.as_str()).collect();
    match words::nearest(name, names.iter().copied()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None if names.is_empty() => failure,
        None => failure.hint(format!("it gave {}", names.join(", "))),
    }
}

/// A number of bytes as people read it.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut tenths = bytes / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_people_say_them() {
        for (bytes, expected) in
            [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (12_345, "12.3 kB"), (2_500_000_000, "2.5 GB")]
        {
            assert_eq!(size(bytes), expected);
        }
    }
}

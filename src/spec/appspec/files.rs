//! `files` (codedeploy.md 3.1).
//!
//! Owns: sources and destinations as they are written. Leaves to `deploy`: what is at them.

use super::agent::Refusal;
use super::read::{URL, is_meant, mappings, unknown_keys};
use super::{FileMapping, Os, reach};
use crate::spec::reading::{Reader, head, place};
use crate::syntax::Entry;

const KNOWN: [&str; 2] = ["source", "destination"];

pub(super) fn read<'t>(reader: &mut Reader<'t>, entry: Entry<'t>, os: Os) -> Vec<FileMapping> {
    let mut files = Vec::new();
    for (path, item) in mappings(reader, "files", entry) {
        let text = |reader: &mut Reader<'t>, key: &str| {
            let entry = item.value.entry(key)?;
            reader.text(&format!("{path}.{key}"), entry).filter(|text| !text.is_empty())
        };
        let (source, destination) = (text(reader, "source"), text(reader, "destination"));
        let span = head(item.value.source(), item.value.span());
        // What is of a wrong kind is there, and was said.
        let is_absent = |key: &str| {
            item.value.get(key).is_none_or(|value| value.scalar().is_some())
                && !is_meant(item.value, &KNOWN, key)
        };
        match (source, destination) {
            (Some(source), Some(destination)) => {
                if let Some(entry) = item.value.entry("source") {
                    check_source(reader, &path, entry, &source);
                }
                if let Some(entry) = item.value.entry("destination") {
                    check_destination(reader, &path, entry, &destination, os);
                    reach::folder(reader, &path, entry, &source, &destination);
                }
                files.push(FileMapping { source, destination, span });
            }
            (None, _) if is_absent("source") => {
                let message = format!("`{path}` has no `source`");
                let finding = reader.error("missing-key", message, span, "no `source` here");
                let help = "write `source:` and a path in the bundle, or `/` for all of it";
                reader.push(finding.help(help).aws(Refusal::NoSource.to_string()).url(URL));
            }
            (Some(source), None) if is_absent("destination") => {
                let message = format!("`{path}` has no `destination`");
                let finding = reader.error("missing-key", message, span, "no `destination` here");
                let finding = finding.aws(Refusal::NoDestination(&source).to_string());
                reader.push(finding.help("write `destination:` and the full path of a folder").url(URL));
            }
            (None, _) | (Some(_), None) => {}
        }
        unknown_keys(reader, &path, item.value, &KNOWN);
    }
    files
}

/// A source is a path: the agent knows no patterns there.
fn check_source<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>, source: &str) {
    if source.contains('*') {
        let message = format!("`{path}.source` is a pattern; the agent looks for a file of that name");
        let span = head(entry.value.source(), place(entry));
        let finding = reader.error("invalid-value", message, span, "no file is called this");
        reader.push(finding.help("name the folder: all that is in it is copied").url(URL));
    }
}

/// A destination is the full path of a folder, as the system has it.
fn check_destination<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>, destination: &str, os: Os) {
    let has_drive = destination.as_bytes().get(1) == Some(&b':');
    let span = head(entry.value.source(), place(entry));
    let name = format!("{path}.destination");
    let finding = match os {
        Os::Linux if has_drive || destination.starts_with('\\') => {
            let finding = reader.warning(
                "invalid-value",
                format!("`{name}` is a path of Windows, and `os` is linux"),
                span,
                "not a full path on Linux",
            );
            finding.help("write a path that begins with `/`, or `os: windows`")
        }
        Os::Linux if destination.starts_with(['~', '$']) => {
            let finding = reader.warning(
                "invalid-value",
                format!("`{name}` is no full path"),
                span,
                "taken as it is written",
            );
            finding.help("no shell reads it: write the whole path, such as /home/ec2-user/app")
        }
        Os::Linux if !destination.starts_with('/') => {
            let finding =
                reader.warning("invalid-value", format!("`{name}` is no full path"), span, "relative");
            finding.help(format!("write `/{}`", destination.trim_start_matches("./")))
        }
        Os::Windows if !(has_drive || destination.starts_with(['\\', '/', '%', '$'])) => {
            let finding =
                reader.warning("invalid-value", format!("`{name}` is no full path"), span, "relative");
            finding.help(format!("write `C:\\{}`", destination.trim_start_matches(".\\")))
        }
        Os::Linux | Os::Windows => return,
    };
    reader.push(finding.url(URL));
}

//! A revision as it comes out of its archive (codedeploy.md 2, 8.3).
//!
//! Owns: unpacking, the level that is stripped, finding and reading the appspec.

use std::fs;
use std::path::Path;

use super::hooks::Fault;
use super::layout::followed;
use crate::action::Error;
use crate::diagnostic::Severity;
use crate::diagnostic::human::{Style, render};
use crate::spec::appspec::{self, AppSpec, Os};
use crate::store::archive::{self, Limits};

/// The names of an appspec, in the order in which the agent looks for them.
const NAMES: [&str; 2] = ["appspec.yml", "appspec.yaml"];

/// Unpacks the bundle into `folder`, which is made. Returns how many files, links and folders there are.
pub(super) fn unpack(bundle: &Path, folder: &Path) -> Result<u64, Fault> {
    let unpacked = archive::unpack(bundle, folder, Limits::default()).map_err(|error| match error {
        archive::Error::System(error) => Fault::Broken(error.into()),
        refused => Fault::unknown(refused.to_string()),
    })?;
    strip(folder)?;
    Ok(unpacked.entries)
}

/// An archive of exactly one folder that holds an appspec is taken as that folder.
fn strip(folder: &Path) -> Result<(), Error> {
    let list = |folder: &Path| -> Result<Vec<_>, Error> {
        let entries = fs::read_dir(folder).map_err(Error::at("list", folder))?;
        entries.collect::<Result<_, _>>().map_err(Error::at("list", folder))
    };
    let entries = list(folder)?;
    let [only] = entries.as_slice() else { return Ok(()) };
    if !only.file_type().is_ok_and(|kind| kind.is_dir()) {
        return Ok(());
    }
    let appspec =
        |entry: &fs::DirEntry| entry.file_name().to_string_lossy().to_ascii_lowercase().contains("appspec");
    if !list(&only.path())?.iter().any(appspec) {
        return Ok(());
    }
    let beside = folder.with_extension("stripped");
    fs::rename(only.path(), &beside).map_err(Error::at("move", &only.path()))?;
    fs::remove_dir(folder).map_err(Error::at("remove", folder))?;
    fs::rename(&beside, folder).map_err(Error::at("move", &beside))
}

/// Reads the appspec of an unpacked revision. Warnings go to `say`.
pub(super) fn appspec(folder: &Path, say: &mut dyn FnMut(&str)) -> Result<AppSpec, Fault> {
    let found = NAMES.iter().find(|name| folder.join(name).symlink_metadata().is_ok());
    let Some(name) = found else {
        let message = format!(
            "The CodeDeploy agent did not find an AppSpec file within the unpacked revision directory at \
             revision-relative path \"{}\". The revision was unpacked to directory \"{}\".",
            NAMES[0],
            folder.display()
        );
        return Err(Fault::unknown(message));
    };
    let real = folder.canonicalize().map_err(Error::at("find", folder))?;
    let path = followed(&real, real.join(name))
        .map_err(|_| Fault::unknown(format!("{name} is a link that leads out of the revision")))?;
    let bytes = fs::read(&path).map_err(Error::at("read", &path))?;
    let read = appspec::load(name, &bytes);
    let drawn = |severity: Severity| {
        let findings: Vec<_> =
            read.findings.iter().filter(|finding| finding.severity == severity).cloned().collect();
        render(&findings, Style::plain(100))
    };
    for severity in [Severity::Error, Severity::Warning] {
        let text = drawn(severity);
        if !text.is_empty() {
            say(text.trim_end());
        }
    }
    let Some(spec) = read.value else {
        let messages = read.findings.iter().filter(|finding| finding.is_error());
        let messages: Vec<_> = messages.map(|finding| finding.message.as_str()).collect();
        return Err(Fault::unknown(format!("{name} cannot be used: {}", messages.join("; "))));
    };
    if spec.os == Os::Windows {
        return Err(Fault::unknown(format!("{name} is for windows, and this machine is not")));
    }
    Ok(spec)
}

//! `rehearsal check --fix` and `--fix-dry-run`: repaired files written, or shown as a diff.
//!
//! A file is replaced as a whole, or not at all: what is written goes to a file beside it, which takes its place. Its
//! permissions stay; a symbolic link stays one, and what it leads to is replaced.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use similar::TextDiff;

use super::gather::Repair;
use crate::cli::ending::Failure;
use crate::cli::host::Host;
use crate::cli::output::{Ink, Output};
use crate::cli::words;
use crate::diagnostic::human::visible;

/// What became of the repairs.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Findings that were repaired.
    pub(super) findings: usize,
    /// Files that were changed.
    pub(super) files: usize,
}

impl Outcome {
    /// Of these repairs, when all are made.
    pub(super) fn of(repairs: &[Repair]) -> Self {
        let changed = repairs.iter().filter(|repair| repair.fixed.repaired > 0);
        let findings = changed.clone().map(|repair| repair.fixed.repaired).sum();
        Self { findings, files: changed.count() }
    }

    /// In words: `fixed 3 problems in 1 file`.
    pub(super) fn words(&self, done: &str) -> String {
        match self.findings {
            0 => format!("{done} nothing"),
            findings => format!(
                "{done} {} in {}",
                words::count(findings, "problem", "problems"),
                words::count(self.files, "file", "files")
            ),
        }
    }
}

/// Writes the files. One that goes by two names, because a link leads to it, is written once.
pub(super) fn write(repairs: &[Repair], host: &Host) -> Result<(), Failure> {
    let mut written: HashMap<PathBuf, &[u8]> = HashMap::new();
    for repair in repairs.iter().filter(|repair| repair.fixed.repaired > 0) {
        let cannot = |error| Failure::unusable(format!("cannot write {}: {error}", visible(&repair.name)));
        let target = host.directory.join(&repair.name).canonicalize().map_err(cannot)?;
        if written.get(&target) == Some(&&*repair.fixed.bytes) {
            continue;
        }
        replace(&target, &repair.fixed.before, &repair.fixed.bytes).map_err(cannot)?;
        written.insert(target, &repair.fixed.bytes);
    }
    Ok(())
}

/// Tells which repairs were left out.
pub(super) fn left_out(repairs: &[Repair], output: &Output) {
    for repair in repairs {
        for finding in &repair.fixed.left_out {
            let line = finding.source.position(finding.primary.span.start).line;
            output.note(format_args!(
                "{}:{line}: {} was not repaired: something else would be wrong then",
                visible(&repair.name),
                finding.code
            ));
        }
    }
}

/// The changes as a unified diff.
pub(super) fn diff(repairs: &[Repair], output: &Output) -> String {
    let mut text = String::new();
    for repair in repairs.iter().filter(|repair| repair.fixed.repaired > 0) {
        let (before, after) =
            (String::from_utf8_lossy(&repair.fixed.before), String::from_utf8_lossy(&repair.fixed.bytes));
        let name = &repair.name;
        let diff = TextDiff::from_lines(before.as_ref(), after.as_ref());
        let diff = diff.unified_diff().header(&format!("a/{name}"), &format!("b/{name}")).to_string();
        if output.columns == usize::MAX && !output.out.0 {
            // For a program, which wants every byte.
            text.push_str(&diff);
            continue;
        }
        for line in visible(&diff).lines() {
            let ink = match line.as_bytes().first() {
                Some(b'+') => Some(Ink::Good),
                Some(b'-') => Some(Ink::Bad),
                Some(b'@') => Some(Ink::Active),
                _ => None,
            };
            let line = ink.map_or_else(|| line.to_owned(), |ink| output.out.ink(ink, line));
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

/// Puts new content in the place of a file that still has the content it was read with.
fn replace(path: &Path, before: &[u8], after: &[u8]) -> io::Result<()> {
    let target = path.canonicalize()?;
    let metadata = std::fs::metadata(&target)?;
    if metadata.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    if std::fs::read(&target)? != before {
        return Err(io::Error::other("it changed while it was checked"));
    }
    let folder = target.parent().ok_or(io::ErrorKind::NotFound)?;
    let mut beside = tempfile::Builder::new().prefix(".rehearsal-").tempfile_in(folder)?;
    beside.write_all(after)?;
    beside.as_file().set_permissions(metadata.permissions())?;
    beside.as_file().sync_all()?;
    beside.persist(&target)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_keeps_what_is_not_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file.yml"), folder.path().join("link.yml"));
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o754)).unwrap();
        symlink("file.yml", &link).unwrap();
        replace(&link, b"old", b"new").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o754);
        assert_eq!(std::fs::read_link(&link).unwrap(), Path::new("file.yml"));

        let error = replace(&file, b"old", b"newer").unwrap_err();
        assert_eq!(error.to_string(), "it changed while it was checked");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
        let error = replace(&file, b"new", b"newer").unwrap_err();
        assert_eq!(error.to_string(), "it is read-only");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}

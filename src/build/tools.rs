//! The commands that CodeBuild adds to a build's PATH (codebuild.md 3.4).
//!
//! Owns: stand-ins for them. Those of a session connection do nothing, as on AWS without one; the others fail and say why.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Ignored unless a session connection is enabled, which a rehearsal never has.
const IGNORED: [&str; 2] = ["codebuild-breakpoint", "codebuild-resume"];

/// Not there yet.
const MISSING: [&str; 3] = ["codebuild-glob-search", "codebuild-hash-files", "codebuild-tests-run"];

/// Writes the commands into `folder`.
pub(super) fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let ignored = IGNORED.map(|name| (name, "no session connection, so the build goes on", 0));
    let missing = MISSING.map(|name| (name, "a rehearsal does not have this command yet", 127));
    for (name, words, status) in ignored.into_iter().chain(missing) {
        let path = folder.join(name);
        fs::write(&path, format!("#!/bin/sh\necho '{name}: {words}' >&2\nexit {status}\n"))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

//! The file that git runs before a push: written and removed.
//!
//! Owns: which folder, whose file it is, and its text. A hook that is not ours is never touched: what to add to it is
//! said instead.

use std::fs::Permissions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use crate::cli::ending::{Ending, Failure};
use crate::cli::host::Host;
use crate::cli::output::Output;
use crate::cli::place::Ground;
use crate::repo::{GitRepository, HooksDir, Repository as _};

const NAME: &str = "pre-push";

/// The line by which our own file is known.
const MARK: &str =
    "# Written by `rehearsal hook install`, removed by `rehearsal hook uninstall`. Changes are lost.";

/// The line that makes a hook of somebody else ask us, too, while we are there to be asked.
const LINE: &str = "! command -v rehearsal >/dev/null || rehearsal hook pre-push \"$@\" >&2 || exit 1";

/// Whose file is at a path.
enum Whose {
    Nobodys,
    Ours(String),
    Foreign(String),
}

pub(super) fn install(host: &Host, output: &Output) -> Result<Ending, Failure> {
    let repository = repository(host)?;
    let HooksDir { path: folder, configured, shared } = repository.hooks_dir()?;
    let path = folder.join(NAME);
    let text = script(&host.program);
    match whose(&path)? {
        Whose::Ours(there) if there == text => {
            output.talk(format_args!("{} is installed already", path.display()));
            return Ok(Ending::Well);
        }
        Whose::Foreign(there) if there.contains("hook pre-push") && there.contains("rehearsal") => {
            output.talk(format_args!("{} calls rehearsal already", path.display()));
            return Ok(Ending::Well);
        }
        Whose::Foreign(_) => {
            let message = format!("{} is there, and not ours: it was left as it is", path.display());
            return Err(Failure::unusable(message)
                .hint(format!("add this line to it, before anything that reads standard input:\n  {LINE}")));
        }
        Whose::Nobodys if shared => {
            let message = format!(
                "core.hooksPath is set outside of this repository: a hook in {} would run in all of them",
                folder.display()
            );
            return Err(Failure::unusable(message).hint(format!(
                "for this repository alone: git config core.hooksPath {}; for all: put this line into {}:\n  {LINE}",
                repository.common_dir().join("hooks").display(),
                path.display()
            )));
        }
        Whose::Ours(_) | Whose::Nobodys => {}
    }
    write(&folder, &path, &text)
        .map_err(|error| Failure::unusable(format!("cannot write {}: {error}", path.display())))?;
    output.talk(format_args!("installed {}", path.display()));
    if configured {
        output.note("core.hooksPath names that folder");
    }
    output.talk("a push is held back when what it would start is known to fail; `git push --no-verify` pushes all the same");
    Ok(Ending::Well)
}

pub(super) fn uninstall(host: &Host, output: &Output) -> Result<Ending, Failure> {
    let path = repository(host)?.hooks_dir()?.path.join(NAME);
    match whose(&path)? {
        Whose::Nobodys => output.talk(format_args!("there is no {}", path.display())),
        Whose::Foreign(_) => {
            let message = format!("{} is not ours: it was left as it is", path.display());
            return Err(Failure::unusable(message).hint("remove the line that calls rehearsal from it"));
        }
        Whose::Ours(_) => {
            std::fs::remove_file(&path)
                .map_err(|error| Failure::unusable(format!("cannot remove {}: {error}", path.display())))?;
            output.talk(format_args!("removed {}", path.display()));
        }
    }
    Ok(Ending::Well)
}

fn repository(host: &Host) -> Result<Arc<GitRepository>, Failure> {
    let missing =
        || Failure::unusable(format!("{} is not inside a git repository", host.directory.display()));
    Ground::find(host)?.repository.ok_or_else(missing)
}

fn whose(path: &Path) -> Result<Whose, Failure> {
    let unreadable =
        |error: &std::io::Error| Failure::unusable(format!("cannot read {}: {error}", path.display()));
    match path.symlink_metadata() {
        Ok(found) if found.is_file() => {}
        // A link, even a broken one, was made by somebody for something.
        Ok(_) => return Ok(Whose::Foreign(String::new())),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Whose::Nobodys),
        Err(error) => return Err(unreadable(&error)),
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(&error))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(if text.lines().nth(1) == Some(MARK) { Whose::Ours(text) } else { Whose::Foreign(text) })
}

/// Whole or not at all: git may push while this happens.
fn write(folder: &Path, path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".pre-push-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(Permissions::from_mode(0o755))?;
    file.persist(path)?;
    Ok(())
}

/// The text of the hook. A program that is gone must not keep anybody from pushing. Standard output is git's own: what
/// `git push --porcelain` prints there is read by programs.
fn script(program: &Path) -> String {
    let program = program.to_string_lossy().replace('\'', r"'\''");
    format!(
        "#!/bin/sh
{MARK}
for rehearsal in '{program}' \"$(command -v rehearsal)\"; do
    if [ -x \"$rehearsal\" ]; then
        exec \"$rehearsal\" hook pre-push \"$@\" >&2
    fi
done
echo 'rehearsal is neither where it was nor in PATH: the push goes on, not rehearsed' >&2
"
    )
}

//! The commands that CodeBuild adds to a build's PATH (codebuild.md 3.4).
//!
//! Owns: stand-ins for them. Those of a session connection do nothing, as on AWS without one; the others fail and say why.
//! Also what the shims of other tools are told of a build; the shims themselves are of [`shims`].

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::layout::Layout;
use super::request::{BuildRequest, Content, Host};
use super::{DEFAULT_IMAGE, image};
use crate::aws::{Loopback, Session, shims};
use crate::process::environment::find_program;

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

/// Writes the shims of tools that would act on something real. `program` is the `rehearsal` binary.
pub(super) fn write_shims(layout: &Layout, program: &Path, session: &Session) -> io::Result<()> {
    let desk = session.desk();
    let folder = layout.shims();
    let place = shims::Place {
        folder: &folder,
        seen_as: &layout.inside(&folder),
        program: &layout.inside(&program.canonicalize()?),
        port: session.port(),
        token: desk.access_key(),
    };
    shims::write(&place, &shims::names())
}

/// What the shims of a build are answered from: the user's engine, and the folders that the build may hand to it.
pub(super) fn settings(
    host: &Host,
    request: &BuildRequest,
    layout: &Layout,
    loopback: &Loopback,
) -> shims::Tools {
    let path =
        host.environment.get(OsStr::new("PATH")).map(std::ffi::OsString::as_os_str).unwrap_or_default();
    // The client's own settings are in a folder that builds do not write to.
    let settings = loopback.folder().join("docker");
    // An engine acts outside of every sandbox, with its own network and with the user's rights, and finds the paths that it is
    // handed once more by itself (docs/decisions.md). So builds in the isolated sandbox have none, and on the host, where they
    // could reach it themselves, it is theirs.
    let found = find_program("docker", path)
        .and_then(|program| shims::Engine::find(program, &host.environment, &settings));
    let kept = found.is_some() && !layout.view().is_host();
    let engine = found.filter(|_| !kept);
    let sources = std::iter::once(&request.primary).chain(request.secondary.iter().map(|(_, source)| source));
    let folders = sources.filter_map(|source| match &source.content {
        Content::Folder(folder) => folder.canonicalize().ok(),
        Content::Archive(_) => None,
    });
    let folders = folders.map(|folder| (layout.inside(&folder), folder));
    let image = request.project.environment.image.as_deref().unwrap_or(DEFAULT_IMAGE);
    let folders = layout.writable().into_iter().chain(folders).collect();
    let mut tools = shims::Tools::new(engine, folders, &request.run);
    tools.kept = kept;
    tools.with_second_cli(image::has_second_cli(image))
}

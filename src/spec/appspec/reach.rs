//! Where the files of an appspec get to (codedeploy.md 3.1, 3.2).
//!
//! Owns: destinations that are the names of files, permissions of what is at none of them, and scripts that are named by a
//! destination. Leaves to `deploy`: what is there.

use super::read::URL;
use super::{AppSpec, Permission};
use crate::spec::reading::{Reader, head, place};
use crate::syntax::Entry;

/// Entries of `files` that are looked at: everything else is held against each of them.
const MOST_FILES: usize = 200;

/// Objects that no entry of `files` reaches: permissions are for what the deployment makes (codedeploy.md 3.2). `written` is how
/// many entries the file has, read or not.
pub(super) fn unreached(reader: &mut Reader<'_>, spec: &AppSpec, written: usize) {
    let is_open = |path: &str| path.contains(['$', '{', '<']);
    // `/` is every folder's.
    let clean = |path: &str| {
        let parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
        let begin = if path.starts_with('/') { "/" } else { "" };
        parts.map(|part| format!("{begin}{part}")).collect::<Vec<_>>().join(if begin.is_empty() {
            "/"
        } else {
            ""
        })
    };
    let destinations: Vec<_> = spec.files.iter().map(|file| clean(&file.destination)).collect();
    for permission in spec.permissions.iter().filter(|permission| permission.object.contains('*')) {
        let message = format!("`object: {}` is a path: stars belong to `pattern`", permission.object);
        let finding = reader.warning("invalid-value", message, permission.span, "nothing is called this");
        let folder = permission.object.split('*').next().unwrap_or_default().trim_end_matches('/');
        reader.push(finding.help(format!("write `object: {folder}` and `pattern: \"*\"`")).url(URL));
    }
    // What is no full path, or no path at all, was said; and what is open may be anywhere.
    if destinations.len() < written
        || destinations.is_empty()
        || destinations.len() > MOST_FILES
        || destinations.iter().any(|path| is_open(path) || !path.starts_with('/') && !path.is_empty())
    {
        return;
    }
    let is_within = |path: &str, folder: &str| {
        path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let plain = |permission: &&Permission| !is_open(&permission.object) && !permission.object.contains('*');
    for permission in spec.permissions.iter().filter(plain) {
        let object = clean(&permission.object);
        if destinations.iter().any(|path| is_within(&object, path) || is_within(path, &object)) {
            continue;
        }
        let message = if permission.object.starts_with('/') {
            format!(
                "no entry of `files` puts anything at {}, so nothing there gets these permissions",
                permission.object
            )
        } else {
            format!("`object: {}` is no full path, so nothing gets these permissions", permission.object)
        };
        let finding = reader.warning("invalid-value", message, permission.span, "never applied");
        let help = format!("name what is at a destination, such as {}", spec.files[0].destination);
        reader.push(finding.help(help).url(URL));
    }
}

/// Endings of files that are hardly the name of a folder.
const ENDINGS: [&str; 32] = [
    "bat",
    "cfg",
    "cnf",
    "conf",
    "css",
    "dll",
    "ear",
    "env",
    "exe",
    "gz",
    "html",
    "ini",
    "jar",
    "js",
    "json",
    "key",
    "pem",
    "php",
    "properties",
    "ps1",
    "py",
    "rb",
    "service",
    "sh",
    "tar",
    "tgz",
    "toml",
    "war",
    "xml",
    "yaml",
    "yml",
    "zip",
];

/// A destination is a folder, which CodeDeploy makes: the name of a file there is one folder too many.
pub(super) fn folder<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    entry: Entry<'t>,
    source: &str,
    destination: &str,
) {
    let separators = ['/', '\\'];
    let (from, to) =
        (source.rsplit(separators).next().unwrap_or_default(), destination.rsplit_once(separators));
    let Some((folder, to)) = to else { return };
    let ending = |name: &str| name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let is_file = ending(from).is_some_and(|of| ENDINGS.contains(&&*of) && ending(to) == Some(of));
    if is_file {
        let message =
            format!("`{path}.destination` is a folder to CodeDeploy: the file goes to {destination}/{from}");
        let span = head(entry.value.source(), place(entry));
        let finding = reader.warning("invalid-value", message, span, "becomes a folder");
        let folder = if folder.is_empty() { "/" } else { folder };
        reader.push(finding.help(format!("write {folder}")).url(URL));
    }
}

/// Scripts that are named by where they get to, and not by where they are in the bundle.
pub(super) fn scripts(reader: &mut Reader<'_>, spec: &AppSpec) {
    if spec.files.len() > MOST_FILES {
        return;
    }
    for script in spec.hooks.iter().flat_map(|hook| &hook.scripts) {
        let path = script.location.as_str();
        let destination =
            spec.files.iter().map(|file| file.destination.trim_end_matches('/')).find(|folder| {
                // Of one that is no full path that is told.
                let is_full = folder.len() > 1 && folder.starts_with('/');
                let rest = path.strip_prefix(folder).filter(|_| is_full);
                rest.is_some_and(|rest| rest.starts_with('/'))
            });
        let is_outside = path.starts_with(['~', '$']) || path.starts_with("../");
        if destination.is_none() && !is_outside {
            continue;
        }
        let message = format!("`location: {path}` is looked for in the bundle");
        let finding = reader.warning("invalid-value", message, script.span, "no path in the bundle");
        let finding = match destination.and_then(|folder| path.strip_prefix(folder)) {
            Some(rest) => finding
                .help(format!("write where it is in the bundle, such as {}", rest.trim_start_matches('/'))),
            None => finding.help("write where it is in the bundle"),
        };
        reader.push(finding.url(URL));
    }
}

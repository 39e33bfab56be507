//! The private HOME.
//!
//! Owns: its files and folders, the cache folders that outlive it, an ssh that does not know the user's keys. Leaves to
//! `mod`: the variables that point here.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

use super::{Basis, SYSTEM, find_program, python};

pub(super) const AWS_CONFIG: &str = ".aws/config";
pub(super) const AWS_CREDENTIALS: &str = ".aws/credentials";
pub(super) const GIT_CONFIG: &str = ".gitconfig";
pub(super) const CARGO: &str = ".cargo";
pub(super) const GRADLE: &str = ".gradle";
pub(super) const GEMS: &str = ".gem";
pub(super) const NPM_PREFIX: &str = ".npm-global";

/// Rehearsal's own tools, first among the folders of [`PROGRAMS`].
const TOOLS: &str = ".rehearsal/bin";
const SSH_CONFIG: &str = ".rehearsal/ssh_config";
const SSH: &str = ".ssh";

/// Folders with programs: Rehearsal's own, then those that a build fills by installing something for its user.
pub(in crate::process) const PROGRAMS: [&str; 8] = [
    TOOLS,
    ".local/bin",
    ".cargo/bin",
    ".npm-global/bin",
    "go/bin",
    ".gem/bin",
    python::STAND_INS,
    python::INSTALLED,
];

/// Caches that are moved by a variable.
pub(super) const CACHES_BY_VARIABLE: [(&str, &str); 3] =
    [("npm_config_cache", "npm"), ("PIP_CACHE_DIR", "pip"), ("GOMODCACHE", "go/mod")];

/// Caches that are moved by a link in the private HOME, because what lies beside them (settings, passwords, installed
/// programs) must not outlive a build: the link and the folder.
const CACHES_BY_LINK: [(&str, &str); 5] = [
    (".cargo/registry", "cargo/registry"),
    (".cargo/git", "cargo/git"),
    (".m2/repository", "m2/repository"),
    (".gradle/caches", "gradle/caches"),
    (".gradle/wrapper", "gradle/wrapper"),
];

/// Lock files of shared caches: builds at the same time must lock the same file. The link and the file.
const LOCKS_BY_LINK: [(&str, &str); 2] = [
    (".cargo/.package-cache", "cargo/.package-cache"),
    (".cargo/.package-cache-mutate", "cargo/.package-cache-mutate"),
];

/// Keys that a build may put into its HOME, by their usual names.
const KEYS: [&str; 4] = ["id_rsa", "id_ecdsa", "id_ed25519", "id_ed25519_sk"];

/// Makes the folders and files of the private HOME that [`super::base`] speaks of: empty AWS settings and git
/// configuration, cache folders, and an ssh that does not know the user's keys (ssh, like Java, goes by the user
/// database and not by `HOME`). May be called again for the same HOME. Nothing of it may be in the hands of commands yet.
pub fn prepare(basis: &Basis<'_>) -> io::Result<()> {
    let home = outside(basis, basis.home)?;
    for folder in [&home, &outside(basis, basis.temp)?] {
        private_folder(folder)?;
    }
    for folder in [".aws", ".cargo", ".m2", ".gradle", SSH, TOOLS] {
        private_folder(&home.join(folder))?;
    }
    for file in [AWS_CONFIG, AWS_CREDENTIALS, GIT_CONFIG] {
        private_file(&home.join(file))?;
    }
    if let Some(inside) = basis.caches {
        let caches = outside(basis, inside)?;
        let folders = CACHES_BY_VARIABLE.iter().chain(&CACHES_BY_LINK).map(|(_, folder)| *folder);
        for place in folders.chain(LOCKS_BY_LINK.iter().map(|(_, file)| *file)) {
            without_links(&caches, place)?;
        }
        for (_, folder) in CACHES_BY_VARIABLE {
            private_folder(&caches.join(folder))?;
        }
        for (link, folder) in CACHES_BY_LINK {
            private_folder(&caches.join(folder))?;
            link_to(&inside.join(folder), &home.join(link))?;
        }
        for (link, file) in LOCKS_BY_LINK {
            private_file(&caches.join(file))?;
            link_to(&inside.join(file), &home.join(link))?;
        }
    }
    let users = basis.host.get(OsStr::new("PATH")).cloned().unwrap_or_default();
    let path = [users.as_os_str(), OsStr::new(&SYSTEM.join(":"))].join(OsStr::new(":"));
    python::write(&home, &path)?;
    wrap_ssh(basis, &home, &path)
}

/// Where a folder of commands is for this process.
fn outside(basis: &Basis<'_>, inside: &Path) -> io::Result<PathBuf> {
    let missing = || io::Error::other(format!("{} is not a folder of this machine", inside.display()));
    basis.view.outside(inside).ok_or_else(missing)
}

/// Puts ssh, scp and sftp before the system's: the same programs with a configuration of the private HOME.
fn wrap_ssh(basis: &Basis<'_>, home: &Path, path: &OsStr) -> io::Result<()> {
    let inside = |name: &str| quoted('"', basis.home.join(SSH).join(name).as_os_str());
    let mut text =
        OsString::from("# Written by rehearsal. Settings of the build come first and win.\nInclude ");
    text.push(inside("config"));
    text.push("\nHost *\n  IdentityAgent none\n  UserKnownHostsFile ");
    text.push(inside("known_hosts"));
    for key in KEYS {
        text.push("\n  IdentityFile ");
        text.push(inside(key));
    }
    text.push("\n");
    fs::write(home.join(SSH_CONFIG), text.as_encoded_bytes())?;

    for name in ["ssh", "scp", "sftp"] {
        let Some(program) = find_program(name, path).and_then(|program| basis.view.inside(&program)) else {
            continue;
        };
        let mut script = OsString::from("#!/bin/sh\nexec ");
        script.push(quoted('\'', program.as_os_str()));
        script.push(" -F ");
        script.push(quoted('\'', basis.home.join(SSH_CONFIG).as_os_str()));
        script.push(" \"$@\"\n");
        let file = home.join(TOOLS).join(name);
        fs::write(&file, script.as_encoded_bytes())?;
        fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    }
    Ok(())
}

/// A path between quotes of this kind: for the shell (`'`), or for ssh's configuration (`"`, which knows no way to write
/// the quote itself; such a path is then not found, and nothing else is used instead).
fn quoted(quote: char, text: &OsStr) -> OsString {
    let mut quoted = OsString::from(quote.to_string());
    let mut pieces = text.as_encoded_bytes().split(|byte| quote == '\'' && *byte == b'\'');
    quoted.push(os(pieces.next().unwrap_or_default()));
    for piece in pieces {
        quoted.push("'\\''");
        quoted.push(os(piece));
    }
    quoted.push(quote.to_string());
    quoted
}

fn os(bytes: &[u8]) -> &OsStr {
    std::os::unix::ffi::OsStrExt::from_bytes(bytes)
}

/// Removes whatever a build left in place of a folder on the way to `place`: a link would lead the next build's files out.
fn without_links(caches: &Path, place: &str) -> io::Result<()> {
    let mut path = caches.to_owned();
    let mut parts = Path::new(place).components().peekable();
    while let Some(part) = parts.next() {
        path.push(part);
        let Ok(found) = fs::symlink_metadata(&path) else { return Ok(()) };
        let last = parts.peek().is_none();
        let fits = found.is_dir() || (last && found.is_file());
        if !fits {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

pub(super) fn private_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn private_file(file: &Path) -> io::Result<()> {
    fs::OpenOptions::new().create(true).append(true).mode(0o600).open(file).map(drop)
}

fn link_to(target: &Path, link: &Path) -> io::Result<()> {
    match symlink(target, link) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}

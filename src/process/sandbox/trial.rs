//! Whether the isolated sandbox works on this machine.
//!
//! Owns: trying it once, and the words about why it does not work and what can be done.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{Isolated, Processes, Room};
use crate::action::Error;
use crate::process::environment::find_program;
use crate::process::{Guard, GuardOptions};

/// Why the isolated sandbox does not work here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unusable {
    /// What is missing or refused.
    pub why: String,
    /// What makes it work.
    pub remedy: String,
}

/// Switches of the kernel that keep ordinary users from making namespaces: the file, the value that does, the remedy.
const SWITCHES: [(&str, &str, &str); 3] = [
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "allow user namespaces: sysctl kernel.unprivileged_userns_clone=1",
    ),
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "allow user namespaces: sysctl user.max_user_namespaces=10000",
    ),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "give bwrap an AppArmor profile, without which Ubuntu lets it make no user namespaces (the package \
         apparmor-profiles has bwrap-userns-restrict), or sysctl kernel.apparmor_restrict_unprivileged_userns=0",
    ),
];

/// What was found out: the wrapper, the program, and what came of it.
type Tried = (PathBuf, PathBuf, Result<Isolated, Unusable>);

/// Tries it, unless this process did before.
pub(super) fn run(options: &GuardOptions, host: &BTreeMap<OsString, OsString>) -> Result<Isolated, Unusable> {
    static TRIED: Mutex<Vec<Tried>> = Mutex::new(Vec::new());
    let path = host.get(OsStr::new("PATH")).cloned().unwrap_or_default();
    let path = [path.as_os_str(), OsStr::new("/usr/local/bin:/usr/bin:/bin")].join(OsStr::new(":"));
    let Some(bwrap) = find_program("bwrap", &path) else {
        return Err(Unusable {
            why: "bubblewrap (the program bwrap) is not installed".to_owned(),
            remedy: "install the package bubblewrap (apt install bubblewrap, dnf install bubblewrap, …)"
                .to_owned(),
        });
    };
    let mut tried = TRIED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = tried.iter().find(|(with, program, _)| (with, program) == (&bwrap, &options.program));
    if let Some((_, _, result)) = known {
        return result.clone();
    }
    let result = attempt(&bwrap, options, host);
    tried.push((bwrap, options.program.clone(), result.clone()));
    result
}

fn attempt(
    bwrap: &Path,
    options: &GuardOptions,
    host: &BTreeMap<OsString, OsString>,
) -> Result<Isolated, Unusable> {
    let mut first = None;
    for processes in [Processes::Own, Processes::Outer] {
        let isolated = Isolated { bwrap: bwrap.to_owned(), processes };
        match start(&isolated, options, host) {
            Ok(()) => return Ok(isolated),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(unusable(&first.map(|error| error.to_string()).unwrap_or_default()))
}

/// Starts a guard as builds do, and ends it.
fn start(
    isolated: &Isolated,
    options: &GuardOptions,
    host: &BTreeMap<OsString, OsString>,
) -> Result<(), Error> {
    let files = tempfile::tempdir().map_err(Error::during("make a folder"))?;
    let room = Room { host, writable: &[], readable: &[], private: &[], files: files.path() };
    let entered = isolated.enter(options, &room).map_err(Error::at("write to", files.path()))?;
    Guard::start(&entered.guard)?.finish(&mut |_, _, _| {}).map(drop)
}

/// What bwrap's words mean.
fn unusable(error: &str) -> Unusable {
    // What bwrap itself said is last.
    let why = error.split_once("bwrap: ").map_or(error, |(_, said)| said).trim();
    let closed = SWITCHES
        .iter()
        .find(|(file, value, _)| fs::read_to_string(file).is_ok_and(|content| content.trim() == *value));
    let remedy = match closed {
        _ if why.starts_with("Unknown option") => "install a newer bubblewrap: 0.5 or later",
        Some((_, _, remedy)) if !rustix::process::geteuid().is_root() => remedy,
        _ => {
            "let the container that Rehearsal runs in make namespaces (docker run --security-opt seccomp=unconfined, \
             or --privileged)"
        }
    };
    Unusable { why: format!("bwrap does not work here: {why}"), remedy: remedy.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_what_bwrap_said_and_comes_with_a_remedy() {
        for (error, why, remedy) in [
            (
                "cannot start the guard process: the guard process 7 ended with status 1: bwrap: Creating new namespace \
                 failed: Operation not permitted\n",
                "bwrap does not work here: Creating new namespace failed: Operation not permitted",
                "",
            ),
            (
                "the guard process 7 ended with status 1: bwrap: Unknown option --clearenv",
                "bwrap does not work here: Unknown option --clearenv",
                "install a newer bubblewrap: 0.5 or later",
            ),
            (
                "the guard process 7 did not answer",
                "bwrap does not work here: the guard process 7 did not answer",
                "",
            ),
        ] {
            let unusable = unusable(error);
            assert_eq!(unusable.to_string(), why);
            assert!(
                unusable.remedy.starts_with(remedy) && !unusable.remedy.is_empty(),
                "{}",
                unusable.remedy
            );
        }
    }
}

//! What tests take from whoever runs them: how many cases to try, and the programs that they start. Unit tests and
//! `tests/it` share this file.

use std::ffi::OsString;
use std::path::PathBuf;

/// How many cases a test of chance tries: `few`, or what `REHEARSAL_CASES` says.
#[expect(clippy::disallowed_methods, reason = "the number of cases is for whoever runs the tests to say")]
pub(crate) fn cases(few: u32) -> u32 {
    std::env::var("REHEARSAL_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(few)
}

/// Where the caller's programs are.
#[expect(clippy::disallowed_methods, reason = "tests have no cli::host to ask")]
pub(crate) fn callers_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

/// Says in one line which of the programs that tests start is missing.
pub(crate) fn require_tools() {
    let folders: Vec<_> = std::env::split_paths(&callers_path()).collect();
    let missing: Vec<_> = ["python3", "git", "bash", "dash", "unshare", "bwrap"]
        .into_iter()
        .filter(|tool| !folders.iter().any(|folder| folder.join(tool).is_file()))
        .collect();
    assert!(missing.is_empty(), "the tests also need: {} (not found in PATH)", missing.join(", "));
}

/// Whether tests write what they would compare: `REHEARSAL_UPDATE=1`. What they wrote is then read by a person.
#[expect(clippy::disallowed_methods, reason = "whether to write is for whoever runs the tests to say")]
#[allow(dead_code, reason = "tests/it, which shares this file, has nothing to write")]
pub(crate) fn updates() -> bool {
    std::env::var_os("REHEARSAL_UPDATE").is_some_and(|value| !value.is_empty())
}

/// The folder of real AWS clients that `.ci/run` fills, where there is one.
#[allow(clippy::disallowed_methods, reason = "tests are told of it by the environment")]
#[allow(dead_code, reason = "only the end-to-end tests run clients")]
pub(crate) fn clients() -> Option<PathBuf> {
    std::env::var_os("REHEARSAL_CLIENTS").map(PathBuf::from)
}

/// Says what a test left out.
#[allow(clippy::print_stderr, reason = "whoever runs the tests is to know")]
#[allow(dead_code, reason = "only the end-to-end tests leave something out")]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

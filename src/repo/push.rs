//! What git tells a pre-push hook (githooks(5)), and where hooks are.
//!
//! Owns: the lines on standard input, and the folder that git looks for hooks in. Leaves to `cli`: writing a hook.

use std::path::{Path, PathBuf};

use git2::ConfigLevel;

use super::error::Error;

/// A ref that is about to be pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// What is pushed, as it was named here; `(delete)` when the remote's ref is to be deleted.
    pub local: String,
    /// The object that is pushed, an annotated tag for instance; none for a deletion.
    pub object: Option<String>,
    /// The full name of the remote's ref.
    pub remote: String,
    /// The object that the remote has there now; none when the ref is new.
    pub before: Option<String>,
}

/// A line that is not of the protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no line of git's pre-push protocol: LOCAL-REF LOCAL-OBJECT REMOTE-REF REMOTE-OBJECT")]
pub struct NotPushed(pub String);

/// Reads what git writes to the hook's standard input.
pub fn pushed(text: &str) -> Result<Vec<Pushed>, NotPushed> {
    text.lines().filter(|line| !line.trim().is_empty()).map(line).collect()
}

fn line(line: &str) -> Result<Pushed, NotPushed> {
    let refused = || NotPushed(line.chars().take(200).collect());
    let object = |text: &str| -> Option<Option<String>> {
        let digits = (40..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        // A name of nothing but zeros stands for nothing.
        digits.then(|| text.bytes().any(|byte| byte != b'0').then(|| text.to_owned()))
    };
    // From the end: what is pushed may be named by a text with blanks in it (`:/fix the bug`).
    let mut parts = line.rsplitn(4, ' ');
    let mut next = || parts.next().ok_or_else(refused);
    let (before, remote, pushed, local) = (next()?, next()?, next()?, next()?);
    Ok(Pushed {
        local: local.to_owned(),
        object: object(pushed).ok_or_else(refused)?,
        remote: remote.to_owned(),
        before: object(before).ok_or_else(refused)?,
    })
}

/// Where git looks for hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HooksDir {
    /// The folder; it need not exist.
    pub path: PathBuf,
    /// Whether `core.hooksPath` of this repository names it.
    pub configured: bool,
    /// Whether other repositories of the user or the machine have the same: it is named outside of this one.
    pub shared: bool,
}

/// Finds the folder (git-config(1), `core.hooksPath`).
pub(super) fn hooks_dir(
    repository: &git2::Repository,
    work: Option<&Path>,
    common: &Path,
) -> Result<HooksDir, Error> {
    let failed = || Error::git("read the setting core.hooksPath");
    let config = repository.config().and_then(|mut config| config.snapshot()).map_err(failed())?;
    let level = match config.get_entry("core.hooksPath") {
        Ok(entry) => entry.level(),
        Err(error) if error.code() == git2::ErrorCode::NotFound => {
            return Ok(HooksDir { path: common.join("hooks"), configured: false, shared: false });
        }
        Err(error) => return Err(failed()(error)),
    };
    let path = config.get_path("core.hooksPath").map_err(failed())?;
    let shared = match level {
        ConfigLevel::Local | ConfigLevel::Worktree | ConfigLevel::App | ConfigLevel::Highest => false,
        ConfigLevel::ProgramData | ConfigLevel::System | ConfigLevel::XDG | ConfigLevel::Global => true,
    };
    // A relative path counts from where hooks run: the top of the working tree, or the git directory of a bare one.
    Ok(HooksDir { path: work.unwrap_or(common).join(path), configured: true, shared })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::fixture::Grown;

    const ONE: &str = "1111111111111111111111111111111111111111";
    const ZERO: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn the_lines_of_git_are_read() {
        let text = format!(
            "refs/heads/main {ONE} refs/heads/other {ONE}\n(delete) {ZERO} refs/tags/v1 {ONE}\n\
             :/fix the bug {ONE} refs/heads/new {ZERO}\n"
        );
        let pushed = |local: &str, object: Option<&str>, remote: &str, before: Option<&str>| Pushed {
            local: local.to_owned(),
            object: object.map(str::to_owned),
            remote: remote.to_owned(),
            before: before.map(str::to_owned),
        };
        assert_eq!(
            super::pushed(&text).unwrap(),
            [
                pushed("refs/heads/main", Some(ONE), "refs/heads/other", Some(ONE)),
                pushed("(delete)", None, "refs/tags/v1", Some(ONE)),
                pushed(":/fix the bug", Some(ONE), "refs/heads/new", None),
            ]
        );
        assert_eq!(super::pushed("").unwrap(), []);
        for wrong in ["main", &format!("a {ONE} b"), &format!("a {ONE} b main"), &format!("a 12 b {ONE}")] {
            assert!(super::pushed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn hooks_are_where_git_looks_for_them() {
        let grown = Grown::from("history");
        let hooks = |grown: &Grown| grown.open().hooks_dir().unwrap();
        assert_eq!(hooks(&grown).path, grown.path().join(".git/hooks"));
        let worktree = grown.beside("worktree");
        grown.git(&["worktree", "add", "--quiet", worktree.to_str().unwrap(), "feature/login"]);
        let other = crate::repo::discover(&worktree).unwrap();
        assert_eq!(other.hooks_dir().unwrap().path, grown.path().join(".git/hooks"));
        grown.git(&["config", "core.hooksPath", ".hooks"]);
        let found = hooks(&grown);
        assert_eq!((found.path, found.configured, found.shared), (grown.path().join(".hooks"), true, false));
        // Each worktree has the folder of its own working tree, as git has it.
        assert_eq!(other.hooks_dir().unwrap().path, worktree.join(".hooks"));
        let expected = grown.git(&["rev-parse", "--git-path", "hooks"]);
        assert_eq!(expected, ".hooks");
    }
}

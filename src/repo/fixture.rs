//! Repositories for tests: grown by the scripts in `fixtures/repos`, looked at with a git that knows nothing of this
//! machine.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{CommitId, GitRepository, Repository, discover};
use crate::testing::{callers_path, require_tools};

/// A repository in a folder of its own, and room beside it.
pub(super) struct Grown {
    folder: TempDir,
}

impl Grown {
    /// Runs `fixtures/repos/SCRIPT.sh`.
    pub(super) fn from(script: &str) -> Self {
        let grown = Self { folder: tempfile::tempdir().unwrap() };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/repos/{script}.sh"));
        let output = command("sh").arg(&script).arg(grown.path()).output().unwrap();
        assert!(output.status.success(), "{}: {}", script.display(), String::from_utf8_lossy(&output.stderr));
        grown
    }

    /// An empty repository, made with these options of `git init`.
    pub(super) fn empty(options: &[&str]) -> Self {
        let grown = Self { folder: tempfile::tempdir().unwrap() };
        let name = grown.path();
        let arguments =
            [&["init", "--quiet", "--initial-branch=main"], options, &[name.to_str().unwrap()]].concat();
        grown.git_in(grown.folder.path(), &arguments);
        grown
    }

    /// The repository's working tree.
    pub(super) fn path(&self) -> PathBuf {
        self.beside("repository")
    }

    /// A path beside the repository.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    pub(super) fn open(&self) -> GitRepository {
        discover(&self.path()).unwrap()
    }

    /// The id of what git takes `rev` for.
    pub(super) fn id(&self, rev: &str) -> CommitId {
        CommitId::parse(&self.git(&["rev-parse", &format!("{rev}^{{commit}}")])).unwrap()
    }

    /// The standard output of a git command in the repository, without the last line feed.
    pub(super) fn git(&self, arguments: &[&str]) -> String {
        self.git_in(&self.path(), arguments)
    }

    /// The same in another folder.
    #[expect(clippy::unused_self, reason = "reads as the other commands do")]
    pub(super) fn git_in(&self, folder: &Path, arguments: &[&str]) -> String {
        let output = command("git").current_dir(folder).args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end_matches('\n').to_owned()
    }

    pub(super) fn write(&self, name: &str, content: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// What [`Repository::export`] makes of `rev`.
    pub(super) fn exported(&self, rev: &str) -> BTreeMap<String, String> {
        let into = tempfile::tempdir().unwrap();
        self.open().export(&self.id(rev), into.path()).unwrap();
        listing(into.path())
    }
}

/// A command whose environment holds nothing of the user's, but for PATH.
#[expect(clippy::disallowed_methods, reason = "tests start git and shells of their own")]
pub(super) fn command(program: &str) -> Command {
    require_tools();
    let mut command = Command::new(program);
    command.env_clear().env("PATH", callers_path()).envs([
        ("LC_ALL", "C"),
        ("HOME", "/nonexistent"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ("GIT_ATTR_NOSYSTEM", "1"),
        ("GIT_TEMPLATE_DIR", ""),
        ("GIT_AUTHOR_NAME", "Ada Author"),
        ("GIT_AUTHOR_EMAIL", "ada@example.com"),
        ("GIT_AUTHOR_DATE", "2024-02-01T12:00:00Z"),
        ("GIT_COMMITTER_NAME", "Carl Committer"),
        ("GIT_COMMITTER_EMAIL", "carl@example.com"),
        ("GIT_COMMITTER_DATE", "2024-02-01T13:00:00Z"),
    ]);
    command
}

/// Every file and link below a folder, except what is in a `.git`: how it is made up, and what is in it.
pub(super) fn listing(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut pending = vec![folder.to_path_buf()];
    while let Some(next) = pending.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let metadata = std::fs::symlink_metadata(&path).unwrap();
            let name = path.strip_prefix(folder).unwrap().as_os_str().as_bytes().escape_ascii().to_string();
            let content = if metadata.is_symlink() {
                format!("-> {}", std::fs::read_link(&path).unwrap().display())
            } else if metadata.is_dir() {
                let is_empty = std::fs::read_dir(&path).unwrap().next().is_none();
                if path.ends_with(".git") {
                    continue;
                }
                pending.push(path);
                if !is_empty {
                    continue;
                }
                "empty folder".to_owned()
            } else {
                let executable = if metadata.permissions().mode() & 0o111 == 0 { "" } else { "* " };
                format!("{executable}{}", std::fs::read(&path).unwrap().escape_ascii())
            };
            found.insert(name, content);
        }
    }
    found
}

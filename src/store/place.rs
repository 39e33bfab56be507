//! Where things are kept.
//!
//! Owns: choosing the folders for state, workspaces and package caches (design 2), by trying and not by mode bits,
//! which root ignores. Leaves to `cli::host`: reading the environment the choice is made from.

use std::fs::{DirBuilder, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::digest::Digest;
use super::error::{Error, is_full};
use super::{DATABASE, name};

/// What the choice is made from. Relative paths in the XDG variables are ignored, as their specification says.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The repository's common git directory, when there is a repository.
    pub git_common_dir: Option<&'a Path>,
    /// The top of the working tree, or the working directory outside a repository: it names the folder.
    pub project: &'a Path,
    /// `HOME`.
    pub home: Option<&'a Path>,
    /// `XDG_STATE_HOME`.
    pub xdg_state_home: Option<&'a Path>,
    /// `XDG_CACHE_HOME`.
    pub xdg_cache_home: Option<&'a Path>,
    /// `TMPDIR`, or the system's folder for temporary files.
    pub temp: &'a Path,
}

/// The folders in use. All can be written to, and all exist but the one for packages, which the first build makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    state: PathBuf,
    work: PathBuf,
    packages: PathBuf,
    notes: Vec<String>,
}

impl Paths {
    /// Chooses the folders, and makes them.
    ///
    /// State lies in `<common git dir>/rehearsal`; when that cannot be written to, or there is no repository, in a
    /// folder of this project's own below the XDG state directory. Workspaces and package caches lie below the XDG
    /// cache directory, else below the folder for temporary files; workspaces never below a git directory or a
    /// working tree. A full disk is an error, no reason to go elsewhere.
    pub fn choose(surroundings: &Surroundings<'_>) -> Result<Self, Error> {
        let mut notes = Vec::new();
        let (state, tried) = Candidates::for_state(surroundings).first_writable()?;
        if let (Some(wanted), Some(reason)) = (in_git(surroundings), tried.first()) {
            notes.push(format!(
                "{} cannot be used ({reason}): history and logs are kept in {}",
                wanted.display(),
                state.display()
            ));
        }

        let (work, tried) = Candidates::for_work(surroundings).first_writable()?;
        if let (Some(wanted), Some(reason)) = (in_cache(surroundings), tried.first()) {
            notes.push(format!(
                "{} cannot be used ({reason}): workspaces are made in {}",
                wanted.join("work").display(),
                work.display()
            ));
        }

        let (packages, _) = Candidates::for_packages(surroundings).first_writable()?;

        Ok(Self { state, work, packages: packages.join(project_key(surroundings)), notes })
    }

    /// The folders where something was run before; none when nothing was. Makes nothing. The store is the one that
    /// [`Paths::choose`] would take; one on a full disk can still be read.
    pub fn existing(surroundings: &Surroundings<'_>) -> Option<Self> {
        let state = Candidates::for_state(surroundings).dirs.into_iter().find(|(dir, shared)| {
            dir.join(DATABASE).is_file()
                && attempt(dir, shared.as_deref(), false).map_or_else(|error| is_full(&error), |()| true)
        });
        let first = |candidates: Candidates| {
            let there = candidates.dirs.iter().find(|(dir, _)| dir.is_dir());
            there.or(candidates.dirs.first()).map(|(dir, _)| dir.clone())
        };
        Some(Self {
            state: state?.0,
            work: first(Candidates::for_work(surroundings))?,
            packages: first(Candidates::for_packages(surroundings))?.join(project_key(surroundings)),
            notes: Vec::new(),
        })
    }

    /// Folders below `root`, for tests and for whoever has one place for everything.
    pub fn under(root: &Path) -> Result<Self, Error> {
        let make = |name: &str| {
            let dir = root.join(name);
            std::fs::create_dir_all(&dir).map_err(Error::at("create", &dir))?;
            Ok(dir)
        };
        Ok(Self {
            state: make("state")?,
            work: make("work")?,
            packages: make("packages")?,
            notes: Vec::new(),
        })
    }

    /// The event log, logs and artifacts: see [`super::Store::open`].
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// Where [`super::Workspace::create`] makes workspaces.
    pub fn work(&self) -> &Path {
        &self.work
    }

    /// Where package managers keep what they downloaded; this repository's own.
    pub fn packages(&self) -> &Path {
        &self.packages
    }

    /// What the user should know about the choice, a sentence each.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

/// The best place for the state.
fn in_git(surroundings: &Surroundings<'_>) -> Option<PathBuf> {
    surroundings.git_common_dir.map(|dir| dir.join("rehearsal"))
}

/// The best place for what can be made again.
fn in_cache(surroundings: &Surroundings<'_>) -> Option<PathBuf> {
    in_xdg(surroundings, surroundings.xdg_cache_home, ".cache")
}

fn in_xdg(surroundings: &Surroundings<'_>, set: Option<&Path>, default: &str) -> Option<PathBuf> {
    let set = set.filter(|path| path.is_absolute()).map(Path::to_owned);
    let home = surroundings.home.filter(|home| home.is_absolute());
    Some(set.or_else(|| Some(home?.join(default)))?.join("rehearsal"))
}

/// The last resort, which no other user may have prepared.
fn temporary(surroundings: &Surroundings<'_>) -> PathBuf {
    surroundings.temp.join(format!("rehearsal-{}", rustix::process::geteuid().as_raw()))
}

/// A folder name that people recognise and no two projects share.
fn project_key(surroundings: &Surroundings<'_>) -> String {
    let identity = surroundings.git_common_dir.unwrap_or(surroundings.project);
    let identity = identity.canonicalize().unwrap_or_else(|_| identity.to_owned());
    let name =
        surroundings.project.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let digest = Digest::of(identity.as_os_str().as_encoded_bytes());
    format!("{}-{}", name::readable(&name), digest.short())
}

/// Folders to try, best first.
struct Candidates {
    what: &'static str,
    dirs: Vec<(PathBuf, Option<PathBuf>)>,
    outside_git: bool,
}

impl Candidates {
    fn new(what: &'static str) -> Self {
        Self { what, dirs: Vec::new(), outside_git: false }
    }

    fn for_state(surroundings: &Surroundings<'_>) -> Self {
        let (key, temporary) = (project_key(surroundings), temporary(surroundings));
        let in_xdg = in_xdg(surroundings, surroundings.xdg_state_home, ".local/state");
        let mut state = Self::new("history and logs");
        state.extend(in_git(surroundings));
        state.extend(in_xdg.map(|dir| dir.join(&key)));
        state.extend_private(temporary.join("state").join(&key), &temporary);
        state
    }

    fn for_work(surroundings: &Surroundings<'_>) -> Self {
        let temporary = temporary(surroundings);
        let mut work = Self::new("workspaces");
        work.outside_git = true;
        work.extend(in_cache(surroundings).map(|dir| dir.join("work")));
        work.extend_private(temporary.join("work"), &temporary);
        work
    }

    fn for_packages(surroundings: &Surroundings<'_>) -> Self {
        let temporary = temporary(surroundings);
        let mut packages = Self::new("package caches");
        packages.extend(in_cache(surroundings).map(|dir| dir.join("packages")));
        packages.extend_private(temporary.join("packages"), &temporary);
        packages
    }

    fn extend(&mut self, dir: Option<PathBuf>) {
        self.dirs.extend(dir.map(|dir| (dir, None)));
    }

    /// A folder below `shared`, which lies where others may have put something of that name.
    fn extend_private(&mut self, dir: PathBuf, shared: &Path) {
        self.dirs.push((dir, Some(shared.to_owned())));
    }

    /// The first that can be written to, and why those before it could not.
    fn first_writable(self) -> Result<(PathBuf, Vec<String>), Error> {
        let mut reasons = Vec::new();
        let mut tried = Vec::new();
        for (dir, shared) in self.dirs {
            match attempt(&dir, shared.as_deref(), self.outside_git) {
                Ok(()) => return Ok((dir, reasons)),
                Err(error) if is_full(&error) => return Err(Error::io("write to", &dir, error)),
                Err(error) => {
                    tried.push(format!("{}: {error}", dir.display()));
                    reasons.push(error.to_string());
                }
            }
        }
        Err(Error::NoPlace { what: self.what, tried: tried.join("; ") })
    }
}

/// Makes `dir` and a file in it, locks the file, and removes it again.
fn attempt(dir: &Path, shared: Option<&Path>, outside_git: bool) -> io::Result<()> {
    if outside_git && let Some(repository) = repository_above(dir) {
        return Err(io::Error::other(format!("it is below the git repository {}", repository.display())));
    }
    let private = |path: &Path| DirBuilder::new().recursive(true).mode(0o700).create(path);
    if let Some(shared) = shared {
        private(shared)?;
        let found = std::fs::symlink_metadata(shared)?;
        if !found.is_dir() || found.uid() != rustix::process::geteuid().as_raw() || found.mode() & 0o022 != 0
        {
            return Err(io::Error::other(format!("{} belongs to somebody else", shared.display())));
        }
    }
    private(dir)?;
    let trial = tempfile::Builder::new().prefix(".trial-").tempfile_in(dir)?;
    // Some network file systems take files and no locks, without which nobody could own anything.
    if let Err(TryLockError::Error(error)) = trial.as_file().try_lock() {
        return Err(error);
    }
    trial.close()
}

/// The git directory or working tree that `dir`, which need not exist yet, is below.
fn repository_above(dir: &Path) -> Option<PathBuf> {
    // The part that exists may be a link into a repository.
    let existing = dir.ancestors().find_map(|ancestor| ancestor.canonicalize().ok());
    let real = existing.as_deref().unwrap_or(dir);
    let is_git_dir = |dir: &Path| dir.join("HEAD").is_file() && dir.join("objects").is_dir();
    let found = |dir: &&Path| is_git_dir(dir) || std::fs::symlink_metadata(dir.join(".git")).is_ok();
    real.ancestors().chain(dir.ancestors()).find(found).map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine with a home, a folder for temporary files, and a repository with its git directory.
    struct Machine {
        root: tempfile::TempDir,
        git: Option<PathBuf>,
        project: PathBuf,
        home: Option<PathBuf>,
        state: Option<PathBuf>,
        cache: Option<PathBuf>,
        temp: PathBuf,
    }

    impl Machine {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            let at = |path: &str| root.path().join(path);
            for dir in ["home", "tmp", "repo/.git/objects"] {
                std::fs::create_dir_all(at(dir)).unwrap();
            }
            std::fs::write(at("repo/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
            Self {
                git: Some(at("repo/.git")),
                project: at("repo"),
                home: Some(at("home")),
                state: None,
                cache: Some(PathBuf::from("relative/is/ignored")),
                temp: at("tmp"),
                root,
            }
        }

        fn at(&self, path: &str) -> PathBuf {
            self.root.path().join(path)
        }

        fn choose(&self) -> Result<Paths, Error> {
            Paths::choose(&Surroundings {
                git_common_dir: self.git.as_deref(),
                project: &self.project,
                home: self.home.as_deref(),
                xdg_state_home: self.state.as_deref(),
                xdg_cache_home: self.cache.as_deref(),
                temp: &self.temp,
            })
        }

        /// A file where a folder is wanted: even root cannot make a folder there.
        fn block(&self, path: &str) {
            let path = self.at(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
    }

    #[test]
    fn state_lies_in_the_common_git_directory_and_workspaces_in_the_cache() {
        let machine = Machine::new();
        let paths = machine.choose().unwrap();
        assert_eq!(paths.state(), machine.at("repo/.git/rehearsal"));
        assert_eq!(paths.work(), machine.at("home/.cache/rehearsal/work"));
        assert!(paths.packages().starts_with(machine.at("home/.cache/rehearsal/packages")));
        assert!(!paths.packages().exists(), "a command that builds nothing left {paths:?}");
        assert_eq!(paths.notes(), Vec::<String>::new());
        let left: Vec<_> = std::fs::read_dir(paths.state()).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn state_moves_to_the_xdg_directory_when_the_git_directory_cannot_be_written_to() {
        let machine = Machine::new();
        machine.block("repo/.git/rehearsal");
        let paths = machine.choose().unwrap();
        assert!(paths.state().starts_with(machine.at("home/.local/state/rehearsal")), "{paths:?}");
        assert!(paths.state().file_name().unwrap().to_str().unwrap().starts_with("repo-"));
        assert_eq!(paths.notes().len(), 1);
        assert!(paths.notes()[0].contains("history and logs are kept in"), "{paths:?}");
    }

    #[test]
    fn two_projects_of_one_name_have_two_folders() {
        let mut machine = Machine::new();
        (machine.git, machine.state) = (None, Some(machine.at("xdg")));
        let mut seen = Vec::new();
        for project in ["a/app", "b/app"] {
            machine.project = machine.at(project);
            std::fs::create_dir_all(&machine.project).unwrap();
            let paths = machine.choose().unwrap();
            assert!(paths.state().starts_with(machine.at("xdg/rehearsal")), "{paths:?}");
            assert_eq!(paths.notes(), Vec::<String>::new());
            seen.push(paths.state().to_owned());
        }
        assert_ne!(seen[0], seen[1]);
    }

    #[test]
    fn without_a_home_everything_is_below_the_folder_for_temporary_files() {
        let mut machine = Machine::new();
        (machine.home, machine.git) = (None, None);
        let paths = machine.choose().unwrap();
        for path in [paths.state(), paths.work(), paths.packages()] {
            assert!(path.starts_with(machine.at("tmp")), "{paths:?}");
        }
    }

    #[test]
    fn workspaces_are_never_below_a_git_directory() {
        for (case, cache) in
            [("the git directory", "repo/.git/cache"), ("the working tree", "repo/target/cache")]
        {
            let mut machine = Machine::new();
            machine.cache = Some(machine.at(cache));
            let paths = machine.choose().unwrap();
            assert!(paths.work().starts_with(machine.at("tmp")), "{case}: {paths:?}");
            assert!(paths.notes()[0].contains("is below the git repository"), "{case}: {paths:?}");
        }
        let mut machine = Machine::new();
        std::os::unix::fs::symlink(machine.at("repo"), machine.at("link")).unwrap();
        (machine.cache, machine.temp) = (Some(machine.at("link/cache")), machine.at("repo/tmp"));
        let error = machine.choose().unwrap_err();
        assert!(matches!(error, Error::NoPlace { what: "workspaces", .. }), "{error}");
    }

    #[test]
    fn a_folder_for_temporary_files_that_others_prepared_is_not_used() {
        let mut machine = Machine::new();
        let uid = rustix::process::geteuid().as_raw();
        std::os::unix::fs::symlink(machine.at("home"), machine.at(&format!("tmp/rehearsal-{uid}"))).unwrap();
        machine.home = None;
        let error = machine.choose().unwrap_err();
        assert!(error.to_string().contains("belongs to somebody else"), "{error}");
    }
}

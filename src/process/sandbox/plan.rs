//! What a sandbox consists of, in the order in which it is put together.
//!
//! Owns: the entries, and what they are as arguments of bubblewrap and as a [`View`]. Leaves to `system` and `users`: which
//! entries there are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::view::{Mount, View};

/// One thing in a sandbox; later ones lie over earlier ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// A file or folder of this machine.
    Bind { outside: PathBuf, inside: PathBuf, writable: bool },
    /// A link.
    Link { target: PathBuf, inside: PathBuf },
    /// An empty folder in the sandbox's root, which is in memory.
    Folder(PathBuf),
    /// An empty folder in memory of its own.
    Memory(PathBuf),
    /// A folder in memory of its own that from here on takes nothing more.
    Sealed(PathBuf),
    /// The processes of the sandbox's own PID namespace.
    Proc,
    /// The usual few devices.
    Dev,
}

/// All of a sandbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Plan {
    entries: Vec<Entry>,
    mounts: Vec<Mount>,
    relocated: usize,
}

impl Plan {
    pub(super) fn push(&mut self, entry: Entry) {
        let mount = |inside: &Path, outside| Mount { inside: inside.to_owned(), outside, called: None };
        self.mounts.extend(match &entry {
            // What it says depends on who reads it: it is never read from here for commands.
            Entry::Bind { inside, .. } if inside.starts_with("/proc") => Some(mount(inside, None)),
            // What is bound is what a link leads to.
            Entry::Bind { outside, inside, .. } => {
                Some(mount(inside, Some(outside.canonicalize().unwrap_or_else(|_| outside.clone()))))
            }
            // This machine has the same one.
            Entry::Link { inside, .. } => Some(mount(inside, Some(inside.clone()))),
            Entry::Folder(inside) | Entry::Memory(inside) => Some(mount(inside, None)),
            Entry::Proc => Some(mount(Path::new("/proc"), None)),
            Entry::Dev => Some(mount(Path::new("/dev"), None)),
            Entry::Sealed(_) => None,
        });
        self.entries.push(entry);
    }

    pub(super) fn read_only(&mut self, outside: &Path, inside: &Path) {
        self.bind(outside, inside, false);
    }

    pub(super) fn bind(&mut self, outside: &Path, inside: &Path, writable: bool) {
        let (outside, inside) = (outside.to_owned(), inside.to_owned());
        self.push(Entry::Bind { outside, inside, writable });
    }

    /// Shows the build's `own` folder in place of one of this machine, whose content is at `below` from then on; links in
    /// `own` lead there.
    pub(super) fn layer(&mut self, at: &Path, own: &Path, below: &Path) {
        self.read_only(at, below);
        if let Some(mount) = self.mounts.last_mut() {
            mount.called = Some(at.to_owned());
        }
        self.bind(own, at, true);
    }

    /// Puts nothing over the file or folder that the sandbox would show as `inside`; `empty` is what lies over files.
    pub(super) fn hide(&mut self, outside: &Path, inside: &Path, empty: &Path) {
        if outside.is_dir() {
            self.push(Entry::Memory(inside.to_owned()));
            self.push(Entry::Sealed(inside.to_owned()));
        } else if outside.exists() {
            self.read_only(empty, inside);
        }
    }

    /// The next number for something that cannot be at its own place.
    pub(super) fn relocated(&mut self) -> usize {
        self.relocated += 1;
        self.relocated
    }

    /// What commands call a file of this machine, as far as the plan has come.
    pub(super) fn inside(&self, outside: &Path) -> Option<PathBuf> {
        View::of(self.mounts.clone()).inside(outside)
    }

    /// Where a file of this machine is, likewise, though commands may call it otherwise.
    pub(super) fn place(&self, outside: &Path) -> Option<PathBuf> {
        View::of(self.mounts.clone()).place(outside)
    }

    /// What it looks like.
    pub(super) fn view(&self) -> View {
        View::of(self.mounts.clone())
    }

    /// The arguments of bubblewrap.
    pub(super) fn arguments(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = Vec::new();
        let mut add = |option: &str, paths: &[&Path]| {
            arguments.push(option.into());
            arguments.extend(paths.iter().map(|path| path.as_os_str().to_owned()));
        };
        for entry in &self.entries {
            match entry {
                Entry::Bind { outside, inside, writable: false } => add("--ro-bind", &[outside, inside]),
                Entry::Bind { outside, inside, writable: true } => add("--bind", &[outside, inside]),
                Entry::Link { target, inside } => add("--symlink", &[target, inside]),
                Entry::Folder(inside) => add("--dir", &[inside]),
                Entry::Memory(inside) => {
                    // Without this, nobody but root may look into it.
                    add("--perms", &[Path::new("0755")]);
                    add("--tmpfs", &[inside]);
                }
                Entry::Sealed(inside) => add("--remount-ro", &[inside]),
                Entry::Proc => add("--proc", &[Path::new("/proc")]),
                Entry::Dev => add("--dev", &[Path::new("/dev")]),
            }
        }
        arguments
    }
}

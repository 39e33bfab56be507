//! What things are called inside a sandbox, and what they are called outside of it.
//!
//! Owns: the mapping of paths both ways, and opening what commands made without following links that they made. On the
//! host both names are the same, and links lead where they lead.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;

/// As many links as the kernel follows on one way.
const MOST_LINKS: u32 = 40;

/// How commands see the files of this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// None on the host.
    mounts: Option<Arc<[Mount]>>,
}

/// One folder or file of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    pub(super) inside: PathBuf,
    /// None where only the sandbox itself has something.
    pub(super) outside: Option<PathBuf>,
    /// What commands call it, where links at its name on this machine lead to it.
    pub(super) called: Option<PathBuf>,
}

impl View {
    /// The view of the host: everything is what it is.
    pub fn host() -> Self {
        Self::default()
    }

    /// The view of a sandbox with these mounts, later ones on top.
    pub(super) fn of(mounts: Vec<Mount>) -> Self {
        Self { mounts: Some(mounts.into()) }
    }

    /// Whether commands see this machine as it is.
    pub fn is_host(&self) -> bool {
        self.mounts.is_none()
    }

    /// What commands call the file `outside`; `None` when they cannot see it.
    pub fn inside(&self, outside: &Path) -> Option<PathBuf> {
        let place = self.place(outside)?;
        let called =
            self.mounts.iter().flat_map(|mounts| mounts.iter()).find_map(|mount| {
                Some(join(mount.called.as_deref()?, place.strip_prefix(&mount.inside).ok()?))
            });
        Some(called.unwrap_or(place))
    }

    /// Where the file `outside` itself is, inside.
    pub(super) fn place(&self, outside: &Path) -> Option<PathBuf> {
        // What is shown goes by its real name.
        self.name_of(outside).or_else(|| self.name_of(&outside.canonicalize().ok()?))
    }

    fn name_of(&self, outside: &Path) -> Option<PathBuf> {
        let Some(mounts) = &self.mounts else { return Some(outside.to_owned()) };
        // A file can have several names; one that another mount hides is none.
        let names = mounts.iter().filter_map(|mount| {
            let of = mount.outside.as_deref()?;
            Some((of, join(&mount.inside, outside.strip_prefix(of).ok()?)))
        });
        let seen = names.filter(|(_, name)| self.outside(name).as_deref() == Some(outside));
        seen.max_by_key(|(of, _)| of.as_os_str().len()).map(|(_, name)| name)
    }

    /// The file that commands call `inside`, where it is one outside too. Links on the way are not looked at.
    pub fn outside(&self, inside: &Path) -> Option<PathBuf> {
        let Some(mounts) = &self.mounts else { return Some(inside.to_owned()) };
        // Of mounts at the same place the last one counts.
        let mount = mounts
            .iter()
            .filter(|mount| inside.starts_with(&mount.inside))
            .max_by_key(|mount| mount.inside.as_os_str().len())?;
        Some(join(mount.outside.as_deref()?, inside.strip_prefix(&mount.inside).ok()?))
    }

    /// `outside` without links, all of them followed as commands would follow them. `None` when that leads nowhere, or
    /// to what only the sandbox has.
    pub fn resolve(&self, outside: &Path) -> Option<PathBuf> {
        if self.is_host() {
            return outside.canonicalize().ok();
        }
        let mut steps: VecDeque<OsString> = steps(&self.inside(outside)?);
        let mut resolved = PathBuf::from("/");
        let mut links = 0;
        while let Some(step) = steps.pop_front() {
            if step == ".." {
                resolved.pop();
                continue;
            }
            let next = resolved.join(&step);
            let Some(file) = self.outside(&next) else {
                // A folder that only leads to a mount.
                let leads = |mount: &Mount| mount.inside.starts_with(&next) && mount.outside.is_some();
                if self.mounts.as_deref().is_some_and(|mounts| mounts.iter().any(leads)) {
                    resolved = next;
                    continue;
                }
                return None;
            };
            if !fs::symlink_metadata(&file).ok()?.is_symlink() {
                resolved = next;
                continue;
            }
            links += 1;
            if links > MOST_LINKS {
                return None;
            }
            let target = fs::read_link(&file).ok()?;
            if target.is_absolute() {
                resolved = PathBuf::from("/");
            }
            for step in self::steps(&target).into_iter().rev() {
                steps.push_front(step);
            }
        }
        self.outside(&resolved)
    }

    /// Whether the folder that commands call `inside` is there; one that only the sandbox has is taken to be.
    pub fn is_folder(&self, inside: &Path) -> bool {
        match self.outside(inside) {
            Some(outside) => self.resolve(&outside).is_some_and(|folder| folder.is_dir()),
            // Only the sandbox has it, and tells when it has not.
            None => true,
        }
    }

    /// Opens a file to read it. In a sandbox no link is followed, neither at the end of `outside`, which
    /// [`View::resolve`] gave, nor on the way: what was no link a moment ago can be one by now. A pipe does not block.
    pub fn open(&self, outside: &Path) -> io::Result<File> {
        let read = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        if self.is_host() {
            return Ok(openat(CWD, outside, read, Mode::empty())?.into());
        }
        let name = outside.file_name().ok_or(Errno::INVAL)?;
        let folder = folder_of(outside)?;
        Ok(openat(&folder, name, read | OFlags::NOFOLLOW, Mode::empty())?.into())
    }
}

/// The folder that holds `outside`, reached without a link.
fn folder_of(outside: &Path) -> io::Result<OwnedFd> {
    let path = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut folder = openat(CWD, "/", path, Mode::empty())?;
    for component in outside.parent().into_iter().flat_map(Path::components) {
        match component {
            Component::RootDir | Component::CurDir => {}
            Component::Normal(name) => folder = openat(&folder, name, path, Mode::empty())?,
            Component::ParentDir | Component::Prefix(_) => return Err(Errno::INVAL.into()),
        }
    }
    Ok(folder)
}

/// The names along a path; a root and `.` are none.
fn steps(path: &Path) -> VecDeque<OsString> {
    let names = path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsStr::new("..").to_owned()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    });
    names.collect()
}

/// `folder/rest`, without a slash at the end when there is no rest.
fn join(folder: &Path, rest: &Path) -> PathBuf {
    if rest.as_os_str().is_empty() { folder.to_owned() } else { folder.join(rest) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn mount(inside: &str, outside: Option<&Path>) -> Mount {
        Mount { inside: inside.into(), outside: outside.map(Path::to_owned), called: None }
    }

    #[test]
    fn paths_have_two_names_and_what_is_hidden_has_none() {
        let view = View::of(vec![
            mount("/usr", Some(Path::new("/usr"))),
            mount("/usr/local/etc", None),
            mount("/root", Some(Path::new("/w/home"))),
            mount("/root/.pyenv", Some(Path::new("/root/.pyenv"))),
            mount("/rehearsal/path/0", Some(Path::new("/root/.cargo/bin"))),
        ]);
        for (outside, inside) in [
            ("/w/home", Some("/root")),
            ("/w/home/.aws/config", Some("/root/.aws/config")),
            // Something of the real home lies over it.
            ("/w/home/.pyenv/x", None),
            ("/root/.pyenv/shims", Some("/root/.pyenv/shims")),
            ("/root/.cargo/bin/cargo", Some("/rehearsal/path/0/cargo")),
            ("/root/.cargo/credentials.toml", None),
            ("/root", None),
            ("/usr/bin/env", Some("/usr/bin/env")),
            ("/usr/local/etc/npmrc", None),
            ("/w", None),
        ] {
            assert_eq!(view.inside(Path::new(outside)).as_deref(), inside.map(Path::new), "{outside}");
            if let Some(inside) = inside {
                assert_eq!(view.outside(Path::new(inside)).as_deref(), Some(Path::new(outside)), "{inside}");
            }
        }
        for inside in ["/", "/etc/passwd", "/usr/local/etc", "/rehearsal"] {
            assert_eq!(view.outside(Path::new(inside)), None, "{inside}");
        }
        let host = View::host();
        assert_eq!(host.inside(Path::new("/x")).as_deref(), Some(Path::new("/x")));
        assert_eq!(host.outside(Path::new("/x")).as_deref(), Some(Path::new("/x")));
    }

    #[test]
    fn what_links_of_the_builds_own_lead_to_goes_by_its_name_on_this_machine() {
        let machine = Mount { called: Some("/opt".into()), ..mount("/below/opt", Some(Path::new("/opt"))) };
        let view = View::of(vec![
            mount("/opt", Some(Path::new("/opt"))),
            machine,
            mount("/opt", Some(Path::new("/w/opt"))),
        ]);
        for (outside, place, inside) in [
            ("/opt/tool/bin", "/below/opt/tool/bin", "/opt/tool/bin"),
            ("/w/opt/new", "/opt/new", "/opt/new"),
        ] {
            assert_eq!(view.place(Path::new(outside)).as_deref(), Some(Path::new(place)), "{outside}");
            assert_eq!(view.inside(Path::new(outside)).as_deref(), Some(Path::new(inside)), "{outside}");
        }
        assert_eq!(view.outside(Path::new("/opt/tool")), Some(PathBuf::from("/w/opt/tool")));
        assert_eq!(view.outside(Path::new("/below/opt/tool")), Some(PathBuf::from("/opt/tool")));
    }

    #[test]
    fn links_lead_where_they_lead_for_commands() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let (work, secret) = (root.join("work/src"), root.join("secret"));
        fs::create_dir_all(work.join("deep")).unwrap();
        fs::create_dir_all(root.join("home")).unwrap();
        for file in [&secret, &work.join("file"), &root.join("home/kept")] {
            fs::write(file, file.as_os_str().as_encoded_bytes()).unwrap();
        }
        let view = View::of(vec![
            mount("/codebuild", Some(&root.join("work"))),
            mount("/root", Some(&root.join("home"))),
        ]);
        let up = "../".repeat(20);
        for (link, target, leads) in [
            ("plain", "file".to_owned(), Some("work/src/file")),
            ("absolute", "/codebuild/src/file".to_owned(), Some("work/src/file")),
            ("home", "/root/kept".to_owned(), Some("home/kept")),
            ("folder", "deep/../../src/deep".to_owned(), Some("work/src/deep")),
            ("through", "folder/../file".to_owned(), Some("work/src/file")),
            ("above", format!("{up}root/kept"), Some("home/kept")),
            // Names of the host that mean nothing inside.
            ("host", secret.display().to_string(), None),
            ("climbing", "../../secret".to_owned(), None),
            ("passwd", "/etc/passwd".to_owned(), None),
            ("circle", "circle".to_owned(), None),
            ("nowhere", "gone".to_owned(), None),
        ] {
            symlink(&target, work.join(link)).unwrap();
            let resolved = view.resolve(&work.join(link));
            assert_eq!(resolved, leads.map(|leads| root.join(leads)), "{link}");
        }
        assert_eq!(View::host().resolve(&work.join("climbing")), Some(secret));
    }

    #[test]
    fn nothing_is_opened_through_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir(root.join("folder")).unwrap();
        fs::write(root.join("folder/file"), "text").unwrap();
        symlink("folder", root.join("link")).unwrap();
        symlink("folder/file", root.join("to-file")).unwrap();
        let inside = View::of(vec![mount("/codebuild", Some(&root))]);
        for (path, opens) in [("folder/file", true), ("link/file", false), ("to-file", false)] {
            assert_eq!(inside.open(&root.join(path)).is_ok(), opens, "{path}");
            assert!(View::host().open(&root.join(path)).is_ok(), "{path}");
        }
    }
}

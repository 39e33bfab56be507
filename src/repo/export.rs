//! Writing the files of a commit into a folder.
//!
//! Owns: modes, links, folders, what is left out, and that nothing is ever written outside the folder. Leaves to
//! `attributes` and `convert`: what a commit says about its own files. Leaves to `history`: a `.git` to go with them.
//!
//! Nothing but the commit has an effect, and a commit may be hostile. Every file, link and folder is made, never
//! opened or reused: a name that is there already is an error, so a link of the commit cannot be written through.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use git2::{Oid, Tree, TreeEntry};

use super::attributes::{Attributes, Scope, Vocabulary};
use super::convert;
use super::error::Error;
use super::notice::{Exported, Notice, path_of};
use super::tree::{self, Kind};

/// What the files are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// As `git archive` does: `export-ignore` counts.
    Archive,
    /// As `git checkout` does: every file is there.
    Checkout,
}

/// Git LFS's limit for its pointer files, and the ways they begin (the second is its name of 2014).
const LARGEST_POINTER: usize = 1024;
const POINTER_STARTS: [&[u8]; 2] =
    [b"version https://git-lfs.github.com/spec/v", b"version https://hawser.github.com/spec/v"];

/// Writes the files of `root` into `into`, which is made if need be and must be empty.
pub(super) fn export(
    objects: &git2::Repository,
    root: &Tree<'_>,
    manner: Manner,
    into: &Path,
) -> Result<Exported, Error> {
    prepare(into)?;
    // Before the first file is written, lest a commit that is too large fills the disk.
    tree::walk(objects, root, |_, _| ())?;
    let mut export = Export { objects, manner, vocabulary: Vocabulary::new(), exported: Exported::default() };
    let top = Folder { target: into.to_path_buf(), path: Vec::new(), scope: None };
    let mut pending = vec![(root.id(), top)];
    while let Some((id, folder)) = pending.pop() {
        export.folder(id, &folder, &mut pending)?;
    }
    export.exported.notices.sort_unstable();
    Ok(export.exported)
}

/// Makes `into`, or sees to it that it is empty.
pub(super) fn prepare(into: &Path) -> Result<(), Error> {
    fs::create_dir_all(into).map_err(Error::io("make the folder", into))?;
    let mut entries = fs::read_dir(into).map_err(Error::io("read the folder", into))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(Error::io("export into", into)(io::ErrorKind::DirectoryNotEmpty.into())),
    }
}

/// A folder of the commit, already made.
struct Folder {
    target: PathBuf,
    path: Vec<u8>,
    /// The attributes that hold for the folder itself; what it contains may add to them.
    scope: Option<Rc<Scope>>,
}

impl Folder {
    fn target_of(&self, name: &[u8]) -> PathBuf {
        self.target.join(OsStr::from_bytes(name))
    }
}

/// A name that exists already can only have come from the same commit: the folder was empty.
fn making(verb: &str, folder: &Folder, name: &[u8], error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::AlreadyExists {
        let path = tree::join(&folder.path, name);
        return Error::InvalidTree { reason: "two entries have one name", path: path_of(&path) };
    }
    Error::io(verb, &folder.target_of(name))(error)
}

/// Refuses what git itself would not check out.
fn check(name: &[u8], path: &[u8]) -> Result<(), Error> {
    if matches!(name, b"" | b"." | b"..") || name.contains(&b'/') || name.eq_ignore_ascii_case(b".git") {
        return Err(Error::InvalidTree { reason: "a file cannot have this name", path: path_of(path) });
    }
    Ok(())
}

struct Export<'r> {
    objects: &'r git2::Repository,
    manner: Manner,
    vocabulary: Vocabulary,
    exported: Exported,
}

impl Export<'_> {
    /// Writes what is directly in a folder, and adds the folders in it to `pending`.
    fn folder(&mut self, id: Oid, folder: &Folder, pending: &mut Vec<(Oid, Folder)>) -> Result<(), Error> {
        let entries = tree::find(self.objects, id, &folder.path)?;
        let scope = self.scope(&entries, folder)?;
        for entry in &entries {
            let path = tree::join(&folder.path, entry.name_bytes());
            check(entry.name_bytes(), &path)?;
            let kind = tree::kind_of(&entry).ok_or_else(|| Error::InvalidTree {
                reason: "it has an unknown mode",
                path: path_of(&path),
            })?;
            let attributes = match &scope {
                Some(scope) => self.vocabulary.look_up(scope, &path, kind == Kind::Folder),
                None => Attributes::default(),
            };
            if attributes.export_ignore && self.manner == Manner::Archive {
                self.exported.notices.push(Notice::ExportIgnored { path: path_of(&path) });
                continue;
            }
            self.write(&entry, kind, folder, &path, &attributes)?;
            if kind == Kind::Folder {
                let target = folder.target_of(entry.name_bytes());
                pending.push((entry.id(), Folder { target, path, scope: scope.clone() }));
            }
        }
        Ok(())
    }

    /// The attributes for what is in the folder. git does not follow a `.gitattributes` that is a link.
    fn scope(&mut self, entries: &Tree<'_>, folder: &Folder) -> Result<Option<Rc<Scope>>, Error> {
        let file = entries.get_name_bytes(b".gitattributes");
        let Some(file) = file.filter(|file| matches!(tree::kind_of(file), Some(Kind::File { .. }))) else {
            return Ok(folder.scope.clone());
        };
        let path = tree::join(&folder.path, b".gitattributes");
        let content = tree::content(self.objects, file.id(), &path)?;
        let scope = self.vocabulary.enter(folder.scope.clone(), &folder.path, content.content());
        Ok(Some(Rc::new(scope)))
    }

    fn write(
        &mut self,
        entry: &TreeEntry<'_>,
        kind: Kind,
        folder: &Folder,
        path: &[u8],
        attributes: &Attributes,
    ) -> Result<(), Error> {
        let name = entry.name_bytes();
        let target = folder.target_of(name);
        match kind {
            Kind::Folder | Kind::Submodule => {
                fs::create_dir(&target).map_err(|error| making("make the folder", folder, name, error))?;
                if kind == Kind::Submodule {
                    self.exported.notices.push(Notice::Submodule { path: path_of(path) });
                }
            }
            Kind::Link => {
                let content = tree::content(self.objects, entry.id(), path)?;
                let content = content.content();
                if content.is_empty() || content.contains(&0) {
                    return Err(Error::InvalidTree { reason: "a link leads nowhere", path: path_of(path) });
                }
                symlink(OsStr::from_bytes(content), &target)
                    .map_err(|error| making("make the link", folder, name, error))?;
                self.exported.files += 1;
            }
            Kind::File { executable } => {
                let content = tree::content(self.objects, entry.id(), path)?;
                let mode = if executable { 0o755 } else { 0o644 };
                let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&target);
                let mut file = file.map_err(|error| making("make the file", folder, name, error))?;
                file.write_all(&convert::to_work_tree(content.content(), attributes))
                    .map_err(Error::io("write", &target))?;
                self.exported.files += 1;
                self.notice_content(content.content(), attributes, path);
            }
        }
        Ok(())
    }

    /// Says where the file is not what git with all its filters would have written.
    fn notice_content(&mut self, content: &[u8], attributes: &Attributes, path: &[u8]) {
        if content.len() < LARGEST_POINTER && POINTER_STARTS.iter().any(|start| content.starts_with(start)) {
            self.exported.notices.push(Notice::LfsPointer { path: path_of(path) });
            return;
        }
        let contains = |needle: &[u8]| content.windows(needle.len()).any(|window| window == needle);
        let mut not_applied = Vec::new();
        // Content that stands in the commit itself needs no filter of Git LFS.
        if let Some(filter) = attributes.filter.as_ref().filter(|filter| *filter != "lfs") {
            not_applied.push(format!("filter={filter}"));
        }
        if let Some(encoding) = &attributes.encoding {
            not_applied.push(format!("working-tree-encoding={encoding}"));
        }
        if attributes.ident && (contains(b"$Id$") || contains(b"$Id:")) {
            not_applied.push("ident".into());
        }
        if self.manner == Manner::Archive && attributes.export_subst && contains(b"$Format:") {
            not_applied.push("export-subst".into());
        }
        for attribute in not_applied {
            self.exported.notices.push(Notice::NotApplied { attribute, path: path_of(path) });
        }
    }
}

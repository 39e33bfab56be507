//! Reading archives, also those made to do harm.
//!
//! Nothing is written outside the folder, whatever the archive says: names that are absolute or lead upwards are
//! refused, no file replaces another, and links are made last, when everything else has been written, so that
//! nothing is ever written through one. A link may point anywhere, as it may on AWS; those that lead out of the
//! folder are reported, and whoever reads files there decides about them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{DirBuilder, File, FileTimes, OpenOptions, Permissions};
use std::io::{self, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{DIRECTORY, Error, FILE_TYPE, REGULAR, SYMLINK};

/// How much may come out of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of content, as they are written, whatever the archive declares.
    pub bytes: u64,
    /// Files, links and folders.
    pub entries: u64,
}

impl Default for Limits {
    /// 7 GB and a million entries: the largest source that CodePipeline takes (codepipeline.md 6), and ten times as
    /// many files.
    fn default() -> Self {
        Self { bytes: 7_000_000_000, entries: 1_000_000 }
    }
}

/// What came out of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unpacked {
    /// Files, links and folders.
    pub entries: u64,
    /// Bytes of content.
    pub bytes: u64,
    /// Links that are absolute or lead out of the folder, relative to it.
    pub escaping: Vec<PathBuf>,
}

/// Unpacks `archive` into `folder`, which is made when it is not there and must otherwise be empty.
///
/// All files get the archive's own date, so that none looks newer than another. After an error, `folder` holds what
/// came before it.
pub fn unpack(archive: &Path, folder: &Path, limits: Limits) -> Result<Unpacked, Error> {
    let file = File::open(archive).map_err(Error::at("read", archive))?;
    let modified =
        file.metadata().and_then(|metadata| metadata.modified()).map_err(Error::at("examine", archive))?;
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(archive, error))?;
    if zip.len() as u64 > limits.entries {
        return Err(Error::TooLarge { archive: archive.to_owned(), limit: limits.entries, unit: "entries" });
    }
    std::fs::create_dir_all(folder).map_err(Error::at("create", folder))?;
    if std::fs::read_dir(folder).map_err(Error::at("list", folder))?.next().is_some() {
        return Err(Error::at("unpack into", folder)(io::ErrorKind::DirectoryNotEmpty.into()));
    }
    let mut reader = Unpacker {
        archive,
        folder,
        limits,
        times: FileTimes::new().set_modified(modified),
        folders: BTreeMap::new(),
        links: BTreeMap::new(),
        buffer: vec![0; 256 * 1024],
        unpacked: Unpacked::default(),
    };
    for index in 0..zip.len() {
        let entry = zip.by_index(index).map_err(|error| damaged(archive, error))?;
        let name = PathBuf::from(OsStr::from_bytes(entry.name_raw()));
        let is_dir = entry.name_raw().ends_with(b"/");
        reader.entry(&name, is_dir, entry.unix_mode(), entry)?;
    }
    reader.links()?;
    reader.modes()?;
    Ok(reader.unpacked)
}

struct Unpacker<'a> {
    archive: &'a Path,
    folder: &'a Path,
    limits: Limits,
    times: FileTimes,
    /// Folders whose mode is set when nothing more is written into them.
    folders: BTreeMap<PathBuf, u32>,
    links: BTreeMap<PathBuf, Vec<u8>>,
    buffer: Vec<u8>,
    unpacked: Unpacked,
}

impl Unpacker<'_> {
    fn entry(
        &mut self,
        name: &Path,
        is_dir: bool,
        mode: Option<u32>,
        content: impl Read,
    ) -> Result<(), Error> {
        let inside = self.inside(name)?;
        // Archives made elsewhere have no modes.
        let mode = mode.filter(|mode| *mode != 0);
        let kind = mode.map_or(0, |mode| mode & FILE_TYPE);
        if is_dir || kind == DIRECTORY {
            self.make_folder(&inside, name)?;
            if let Some(mode) = mode {
                self.folders.insert(inside, mode & 0o777);
            }
        } else if kind == SYMLINK {
            self.make_parent(&inside, name)?;
            let target = self.target(name, content)?;
            if self.links.insert(inside, target).is_some() {
                return Err(self.refused(name, "is there twice"));
            }
        } else if kind == REGULAR || kind == 0 {
            self.make_parent(&inside, name)?;
            self.make_file(
                &self.folder.join(&inside),
                name,
                mode.map_or(0o644, |mode| mode & 0o777),
                content,
            )?;
        } else {
            return Err(self.refused(name, "is neither a file, a folder nor a link"));
        }
        self.unpacked.entries += 1;
        Ok(())
    }

    /// `name`, when it stays inside the folder.
    fn inside(&self, name: &Path) -> Result<PathBuf, Error> {
        if name.as_os_str().as_bytes().contains(&0) {
            return Err(self.refused(name, "has a zero byte in its name"));
        }
        let mut inside = PathBuf::new();
        for component in name.components() {
            match component {
                Component::Normal(part) => inside.push(part),
                Component::CurDir => {}
                Component::ParentDir => return Err(self.refused(name, "leads out of the archive")),
                Component::RootDir | Component::Prefix(_) => return Err(self.refused(name, "is absolute")),
            }
        }
        Ok(inside)
    }

    fn make_parent(&self, inside: &Path, name: &Path) -> Result<(), Error> {
        match inside.parent() {
            Some(parent) => self.make_folder(parent, name),
            None => Err(self.refused(name, "has no name")),
        }
    }

    fn make_folder(&self, inside: &Path, name: &Path) -> Result<(), Error> {
        let path = self.folder.join(inside);
        match DirBuilder::new().recursive(true).mode(0o755).create(&path) {
            Ok(()) => Ok(()),
            Err(error)
                if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory) =>
            {
                Err(self.refused(name, "is in the way of another"))
            }
            Err(error) => Err(Error::at("create", &path)(error)),
        }
    }

    fn make_file(
        &mut self,
        path: &Path,
        name: &Path,
        mode: u32,
        mut content: impl Read,
    ) -> Result<(), Error> {
        // Never replaces: neither another entry nor, on a file system that folds case, its namesake.
        let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(self.refused(name, "is in the way of another"));
            }
            Err(error) => return Err(Error::at("create", path)(error)),
        };
        loop {
            let read = match content.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(damaged(self.archive, error.into())),
            };
            self.count(read)?;
            file.write_all(&self.buffer[..read]).map_err(Error::at("write", path))?;
        }
        file.set_times(self.times)
            .and_then(|()| file.set_permissions(Permissions::from_mode(mode)))
            .map_err(Error::at("write", path))
    }

    fn target(&mut self, name: &Path, content: impl Read) -> Result<Vec<u8>, Error> {
        // No system takes a longer path.
        const LONGEST: u64 = 4096;
        let mut target = Vec::new();
        content
            .take(LONGEST)
            .read_to_end(&mut target)
            .map_err(|error| damaged(self.archive, error.into()))?;
        self.count(target.len())?;
        if target.is_empty() || target.len() as u64 == LONGEST || target.contains(&0) {
            return Err(self.refused(name, "is a link without a usable target"));
        }
        Ok(target)
    }

    fn count(&mut self, bytes: usize) -> Result<(), Error> {
        self.unpacked.bytes += bytes as u64;
        if self.unpacked.bytes > self.limits.bytes {
            let archive = self.archive.to_owned();
            return Err(Error::TooLarge { archive, limit: self.limits.bytes, unit: "bytes" });
        }
        Ok(())
    }

    /// Makes the links. Their folders are there already and are real ones, and no link is in another's way.
    fn links(&mut self) -> Result<(), Error> {
        for (inside, target) in &self.links {
            let path = self.folder.join(inside);
            let target = Path::new(OsStr::from_bytes(target));
            match std::os::unix::fs::symlink(target, &path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    return Err(self.refused(inside, "is in the way of another"));
                }
                Err(error) => return Err(Error::at("create", &path)(error)),
            }
            if leads_out(inside, target) {
                self.unpacked.escaping.push(inside.clone());
            }
        }
        Ok(())
    }

    /// Sets the folders' modes, the deepest first: the one above may not let us in any more.
    fn modes(&self) -> Result<(), Error> {
        for (inside, mode) in self.folders.iter().rev().filter(|(inside, _)| !inside.as_os_str().is_empty()) {
            let path = self.folder.join(inside);
            std::fs::set_permissions(&path, Permissions::from_mode(*mode))
                .map_err(Error::at("change", &path))?;
        }
        Ok(())
    }

    fn refused(&self, name: &Path, why: &'static str) -> Error {
        let entry = name.as_os_str().as_bytes().escape_ascii().to_string();
        Error::Refused { archive: self.archive.to_owned(), entry, why }
    }
}

/// Whether the link `inside` leads above the folder by its own words. (By way of another link it may even so.)
fn leads_out(inside: &Path, target: &Path) -> bool {
    let mut depth = inside.components().count().saturating_sub(1);
    for component in target.components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return true,
        }
    }
    false
}

pub(super) fn damaged(archive: &Path, error: ZipError) -> Error {
    match error {
        // What the decoder finds wrong comes as these; the rest is the system's.
        ZipError::Io(error)
            if !matches!(
                error.kind(),
                io::ErrorKind::InvalidData
                    | io::ErrorKind::InvalidInput
                    | io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::Other
            ) =>
        {
            Error::at("read", archive)(error)
        }
        source => Error::Damaged { archive: archive.to_owned(), source },
    }
}

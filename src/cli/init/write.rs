//! Writing files into the user's working tree: all of them or none, and none that is there already unless that is asked
//! for.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::plan::File;
use crate::cli::ending::Failure;

/// What new files may be; the user's umask takes from it.
const MODE: u32 = 0o666;

/// Says what is in the way, before anything is written.
pub(super) fn check(root: &Path, files: &[File], force: bool) -> Result<(), Failure> {
    let mut there = Vec::new();
    for file in files {
        let folders =
            Path::new(&file.path).ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
        for folder in folders {
            match fs::symlink_metadata(root.join(folder)) {
                Ok(found) if !found.is_dir() => {
                    let what = format!("{} is there already and is no folder", folder.display());
                    return Err(Failure::unusable(what).hint("nothing was written; move it out of the way"));
                }
                Ok(_) | Err(_) => {}
            }
        }
        match fs::symlink_metadata(root.join(&file.path)) {
            Ok(found) if !found.is_file() => {
                let what = format!("{} is there already and is no regular file", file.path);
                return Err(Failure::unusable(what).hint("nothing was written; move it out of the way"));
            }
            Ok(_) => there.push(file.path.as_str()),
            Err(_) => {}
        }
    }
    match (there.as_slice(), force) {
        ([], _) | (_, true) => Ok(()),
        ([only], false) => Err(Failure::unusable(format!("{only} is there already"))
            .hint("nothing was written; --force overwrites it")),
        (several, false) => Err(Failure::unusable(format!("{} files are there already", several.len()))
            .hint(format!("nothing was written; --force overwrites them:\n  {}", several.join("\n  ")))),
    }
}

/// Writes the files and gives the paths of those that were there before. After an error everything is as it was.
pub(super) fn write(root: &Path, files: &[File], force: bool) -> Result<Vec<String>, Failure> {
    let mut undo = Undo::default();
    // Everything that can fail for want of room or rights comes first, beside the files' places.
    let mut ready = Vec::new();
    for file in files {
        ready.push((prepare(root, file, &mut undo).map_err(cannot_write(file))?, file));
    }
    let mut overwritten = Vec::new();
    for (temporary, file) in ready {
        if place(root, file, temporary, force, &mut undo).map_err(cannot_write(file))? {
            overwritten.push(file.path.clone());
        }
    }
    undo.steps.clear();
    Ok(overwritten)
}

fn cannot_write(file: &File) -> impl FnOnce(io::Error) -> Failure {
    let path = file.path.clone();
    move |error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::unusable(format!("{path} is there already"))
            .hint("nothing was written; --force overwrites it"),
        _ => Failure::broken(format!("cannot write {path}: {error}")).hint("everything is as it was"),
    }
}

/// The file's text in a file of its own, in the folder where it belongs.
fn prepare(root: &Path, file: &File, undo: &mut Undo) -> io::Result<NamedTempFile> {
    let target = root.join(&file.path);
    let folder = target.parent().unwrap_or(root);
    if !folder.exists() {
        fs::create_dir(folder)?;
        undo.steps.push(Step::Folder(folder.to_owned()));
    }
    let mut temporary = Builder::new().permissions(Permissions::from_mode(MODE)).tempfile_in(folder)?;
    io::Write::write_all(&mut temporary, file.text.as_bytes())?;
    Ok(temporary)
}

/// Moves it to its place, and tells whether something was there.
fn place(
    root: &Path,
    file: &File,
    temporary: NamedTempFile,
    force: bool,
    undo: &mut Undo,
) -> io::Result<bool> {
    let target = root.join(&file.path);
    let before = match fs::read(&target) {
        Ok(before) if force => Some(before),
        Ok(_) => return Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let overwrites = before.is_some();
    if overwrites {
        // What was executable, or private, stays so.
        let permissions = fs::metadata(&target)?.permissions();
        temporary.as_file().set_permissions(permissions)?;
        temporary.persist(&target).map_err(|error| error.error)?;
    } else {
        temporary.persist_noclobber(&target).map_err(|error| error.error)?;
    }
    undo.steps.push(Step::File(target, before));
    Ok(overwrites)
}

/// What was done so far; undone when it is dropped before everything is done.
#[derive(Default)]
struct Undo {
    steps: Vec<Step>,
}

enum Step {
    /// This folder was made.
    Folder(PathBuf),
    /// This file was written; before, it held this, or was not there.
    File(PathBuf, Option<Vec<u8>>),
}

impl Drop for Undo {
    fn drop(&mut self) {
        // The error that led here is told; one of undoing would only hide it.
        for step in self.steps.drain(..).rev() {
            let _ = match step {
                Step::Folder(path) => fs::remove_dir(path),
                Step::File(path, None) => fs::remove_file(path),
                Step::File(path, Some(before)) => fs::write(path, before),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn file(path: &str) -> File {
        File { path: path.to_owned(), text: format!("new {path}\n") }
    }

    /// Everything below a folder, with the content of files.
    fn content(folder: &Path) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.path().is_dir() {
                all.insert(name.clone(), "folder".to_owned());
                let below = content(&entry.path());
                all.extend(below.into_iter().map(|(path, text)| (format!("{name}/{path}"), text)));
            } else {
                all.insert(name, fs::read_to_string(entry.path()).unwrap());
            }
        }
        all
    }

    #[test]
    fn when_one_file_cannot_be_written_none_is() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("old.yml"), "old\n").unwrap();
        fs::write(root.path().join("late.yml"), "mine\n").unwrap();
        fs::write(root.path().join("no-folder"), "mine\n").unwrap();
        let before = content(root.path());
        for (paths, force) in [
            (["a.yml", "folder/b.yml", "no-folder/c.yml"], false),
            (["old.yml", "folder/b.yml", "no-folder/c.yml"], true),
            (["a.yml", "folder/b.yml", "late.yml"], false),
        ] {
            let files = paths.map(file);
            write(root.path(), &files, force).unwrap_err();
            assert_eq!(content(root.path()), before, "{paths:?}");
        }
        // A folder in the place of the last file, once the first one is overwritten.
        fs::create_dir(root.path().join("taken.yml")).unwrap();
        let before = content(root.path());
        write(root.path(), &["old.yml", "folder/b.yml", "taken.yml"].map(file), true).unwrap_err();
        assert_eq!(content(root.path()), before);
    }

    #[test]
    fn what_is_overwritten_is_told_and_keeps_its_mode() {
        let root = tempfile::tempdir().unwrap();
        let old = root.path().join("old.yml");
        fs::write(&old, "old\n").unwrap();
        fs::set_permissions(&old, Permissions::from_mode(0o640)).unwrap();
        let told = write(root.path(), &["old.yml", "folder/b.yml"].map(file), true).unwrap();
        assert_eq!(told, ["old.yml"]);
        assert_eq!(content(root.path())["old.yml"], "new old.yml\n");
        assert_eq!(content(root.path())["folder/b.yml"], "new folder/b.yml\n");
        assert_eq!(fs::metadata(&old).unwrap().permissions().mode() & 0o777, 0o640);
    }
}

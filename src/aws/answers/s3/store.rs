//! Buckets on disk.
//!
//! Owns: `s3/BUCKET/` in the folder of the execution, and who may change it when. Leaves to `content` the bytes, to
//! `stand_in` what lies underneath, to the operations what they make of objects.
//!
//! ```text
//! s3/BUCKET/
//!   bucket.json        whether it is there
//!   lock               held by whoever changes something, shared by whoever looks
//!   objects/KEY.json   an object: everything but its bytes; written aside and renamed
//!   objects/KEY.gone   an object of the stand-in that was deleted
//!   content/ID         bytes, which never change
//!   uploads/ID/        an upload in parts
//!   files/             the objects as people expect them, as far as file systems can: for looking only
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::checksum::Checksums;
use super::content::Staged;
use super::errors::{Fallible, invalid_request, no_such_bucket, while_trying};
use super::{key, stand_in};
use crate::aws::world::{AnswerFile, World};
use crate::clock::{self, Timestamp};

/// Everything of an object but its bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Object {
    /// The name of its content.
    pub(super) content: String,
    /// Bytes.
    pub(super) size: u64,
    /// The entity tag, without its quotes.
    pub(super) etag: String,
    /// When it was put.
    pub(super) modified: Timestamp,
    /// Headers that come back with it, names in lower case.
    pub(super) headers: BTreeMap<String, String>,
    /// What the client said of its content.
    pub(super) checksums: Checksums,
    /// Its tags.
    pub(super) tags: Vec<(String, String)>,
    /// The sizes of the parts that it was put together from; none for one that came whole.
    pub(super) parts: Vec<u64>,
}

/// An object, and where its bytes are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// The object.
    pub(super) object: Object,
    /// The file with its bytes.
    pub(super) path: PathBuf,
    /// Whether that file is a content of ours, which never changes.
    pub(super) ours: bool,
}

/// Whether a bucket is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// When it was made, or first written to.
    pub(super) since: Timestamp,
    /// The region it was made in; none when nobody made it here.
    pub(super) region: Option<String>,
    /// Whether it was deleted.
    pub(super) deleted: bool,
}

/// A bucket.
pub(super) struct Bucket<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// The world it is in.
    pub(super) world: &'a World,
    folder: PathBuf,
    stand_in: Option<&'a Path>,
}

/// Leave to change a bucket. Nobody else changes or looks meanwhile: hold it shortly.
pub(super) struct Change<'a> {
    bucket: &'a Bucket<'a>,
    _lock: File,
}

impl<'a> Bucket<'a> {
    /// The bucket of this name, which is one that a bucket can have. Every bucket is there that was not deleted in this
    /// execution: which ones the account has is not known here.
    pub(super) fn open(world: &'a World, name: &'a str) -> Fallible<Self> {
        let bucket = Self::any(world, name)?;
        match bucket.state()? {
            Some(State { deleted: true, .. }) => Err(no_such_bucket()),
            Some(_) | None => Ok(bucket),
        }
    }

    /// The same, deleted or not.
    pub(super) fn any(world: &'a World, name: &'a str) -> Fallible<Self> {
        let stand_in = match world.answers.get(&format!("s3://{name}")) {
            Some(Ok(AnswerFile::Folder(folder))) => Some(folder.as_path()),
            Some(Err(reason)) => {
                let message = format!("the folder that stands in for s3://{name} cannot be used: {reason}");
                return Err(invalid_request(message));
            }
            Some(Ok(AnswerFile::Output(_))) | None => None,
        };
        Ok(Self { name, world, folder: folder(world).join(name), stand_in })
    }

    /// Whether it is there; none when nothing was done to it yet.
    pub(super) fn state(&self) -> Fallible<Option<State>> {
        read(&self.folder.join("bucket.json"))
    }

    /// Whether a folder stands in for it.
    pub(super) fn stands_in(&self) -> bool {
        self.stand_in.is_some()
    }

    /// Where contents are staged: a folder that is there.
    pub(super) fn contents(&self) -> Fallible<PathBuf> {
        let contents = self.folder.join("content");
        fs::create_dir_all(&contents).map_err(while_trying("make"))?;
        Ok(contents)
    }

    /// Where uploads in parts are kept. It may not be there.
    pub(super) fn uploads(&self) -> PathBuf {
        self.folder.join("uploads")
    }

    /// The file of a content.
    pub(super) fn content(&self, name: &str) -> PathBuf {
        self.folder.join("content").join(name)
    }

    /// The object with this key.
    pub(super) fn find(&self, key: &str) -> Fallible<Option<Found>> {
        let _lock = self.look()?;
        self.found(key)
    }

    /// The keys of all objects.
    pub(super) fn keys(&self) -> Fallible<BTreeSet<String>> {
        let _lock = self.look()?;
        self.all()
    }

    /// Asks for leave to change it.
    pub(super) fn change(&'a self) -> Fallible<Change<'a>> {
        fs::create_dir_all(&self.folder).map_err(while_trying("make"))?;
        let lock = File::options().create(true).append(true).open(self.folder.join("lock"));
        let lock = lock.map_err(while_trying("lock"))?;
        lock.lock().map_err(while_trying("lock"))?;
        Ok(Change { bucket: self, _lock: lock })
    }

    /// Keeps changes away as long as the file is open: contents that were found stay. None when nothing was ever
    /// changed. Whoever looks must not ask for [`Bucket::change`] meanwhile.
    pub(super) fn look(&self) -> Fallible<Option<File>> {
        match File::open(self.folder.join("lock")) {
            Ok(lock) => {
                lock.lock_shared().map_err(while_trying("lock"))?;
                Ok(Some(lock))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(while_trying("lock")(error)),
        }
    }

    fn object(&self, key: &str, ending: &str) -> PathBuf {
        let mut path = self.folder.join("objects").join(key::file(key)).into_os_string();
        path.push(ending);
        path.into()
    }

    fn found(&self, key: &str) -> Fallible<Option<Found>> {
        if let Some(object) = read::<Object>(&self.object(key, ".json"))? {
            let path = self.content(&object.content);
            return Ok(Some(Found { object, path, ours: true }));
        }
        match self.stand_in {
            Some(folder) if !self.object(key, ".gone").exists() => Ok(stand_in::find(folder, key)),
            Some(_) | None => Ok(None),
        }
    }

    fn all(&self) -> Fallible<BTreeSet<String>> {
        let mut keys = self.stand_in.map(stand_in::keys).unwrap_or_default();
        let mut gone = Vec::new();
        let mut folders = vec![(self.folder.join("objects"), String::new())];
        while let Some((folder, name)) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(while_trying("list")(error)),
            };
            for entry in entries {
                let entry = entry.map_err(while_trying("list"))?;
                let Ok(last) = entry.file_name().into_string() else { continue };
                if key::is_folder(&last) {
                    folders.push((entry.path(), format!("{name}{last}")));
                } else if let Some(last) = last.strip_suffix(".json") {
                    keys.extend(key::of_file(&name, last));
                } else if let Some(last) = last.strip_suffix(".gone") {
                    gone.extend(key::of_file(&name, last));
                }
            }
        }
        for key in gone {
            keys.remove(&key);
        }
        Ok(keys)
    }
}

impl Change<'_> {
    /// The object with this key.
    pub(super) fn find(&self, key: &str) -> Fallible<Option<Found>> {
        self.bucket.found(key)
    }

    /// Whether there is any object.
    pub(super) fn is_empty(&self) -> Fallible<bool> {
        Ok(self.bucket.all()?.is_empty())
    }

    /// Whether the bucket is there.
    pub(super) fn state(&self) -> Fallible<Option<State>> {
        self.bucket.state()
    }

    /// Says whether it is there from now on.
    pub(super) fn set_state(&self, state: &State) -> Fallible<()> {
        write(&self.bucket.folder.join("bucket.json"), state)
    }

    /// Puts an object, with the staged content, in place of the one that has this key.
    pub(super) fn put(&self, key: &str, mut object: Object, content: Staged) -> Fallible<()> {
        match self.state()? {
            Some(State { deleted: true, .. }) => return Err(no_such_bucket()),
            Some(_) => {}
            None => {
                let state = State { since: self.bucket.world.clock.now(), region: None, deleted: false };
                self.set_state(&state)?;
            }
        }
        let before = self.find(key)?;
        let path = content.path().to_owned();
        object.content = content.keep();
        if let Err(error) = write(&self.bucket.object(key, ".json"), &object) {
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        forget(&self.bucket.object(key, ".gone"));
        self.hide(key);
        self.show(key, &path);
        if let Some(before) = before.filter(|before| before.ours) {
            forget(&before.path);
        }
        Ok(())
    }

    /// Writes an object anew that keeps its content: its tags changed.
    pub(super) fn rewrite(&self, key: &str, object: &Object) -> Fallible<()> {
        write(&self.bucket.object(key, ".json"), object)
    }

    /// Takes an object away, if it is there.
    pub(super) fn delete(&self, key: &str) -> Fallible<()> {
        let Some(before) = self.find(key)? else { return Ok(()) };
        if self.bucket.stands_in() {
            let gone = self.bucket.object(key, ".gone");
            make_parent(&gone).and_then(|()| fs::write(&gone, "")).map_err(while_trying("write to"))?;
        }
        if before.ours {
            fs::remove_file(self.bucket.object(key, ".json")).map_err(while_trying("write to"))?;
            self.hide(key);
            forget(&before.path);
        }
        Ok(())
    }

    /// Lets people see an object under its own name, where that can be.
    fn show(&self, key: &str, content: &Path) {
        if let Some(plain) = key::plain(key) {
            let path = self.bucket.folder.join("files").join(plain);
            let _ = make_parent(&path).and_then(|()| fs::hard_link(content, path));
        }
    }

    /// The opposite.
    fn hide(&self, key: &str) {
        let Some(plain) = key::plain(key) else { return };
        let files = self.bucket.folder.join("files");
        let path = files.join(plain);
        if path.is_file() {
            forget(&path);
            // Folders that are empty now. The first that is not ends it.
            let folders = path.ancestors().skip(1).take_while(|folder| *folder != files);
            folders.map(fs::remove_dir).take_while(Result::is_ok).for_each(drop);
        }
    }
}

/// The folder of all buckets.
pub(super) fn folder(world: &World) -> PathBuf {
    world.folder.join("s3")
}

/// Reads a document of ours; none when it is not there.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Fallible<Option<T>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(while_trying("read from")(error)),
    };
    let document = serde_json::from_slice(&bytes).map_err(io::Error::from);
    document.map(Some).map_err(while_trying("read from"))
}

/// Writes a document of ours: all of it, or nothing.
pub(super) fn write<T: Serialize>(path: &Path, document: &T) -> Fallible<()> {
    let attempt = || -> io::Result<()> {
        make_parent(path)?;
        let aside = path.with_file_name(format!("{}.tmp", clock::new_id()));
        let written =
            fs::write(&aside, serde_json::to_vec(document)?).and_then(|()| fs::rename(&aside, path));
        if written.is_err() {
            forget(&aside);
        }
        written
    };
    attempt().map_err(while_trying("write to"))
}

/// Removes a file, if it is there. What stays behind is only waste.
pub(super) fn forget(path: &Path) {
    let _ = fs::remove_file(path);
}

fn make_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

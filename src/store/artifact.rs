//! Artifacts: files found again by their content.
//!
//! Owns: taking a file in (hashed while it is copied, on the disk before it has its name, one copy for equal
//! content) and which executions hold it. Leaves to `retention`: removing what no execution holds.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rusqlite::TransactionBehavior;
use sha2::{Digest as _, Sha256};

use super::digest::Digest;
use super::error::Error;
use super::lock::{Claim, Locks};
use super::{Store, remove_tree};
use crate::clock;

/// Files on their way in, each claimed by whoever writes it.
const INCOMING: &str = ".incoming";

impl Store {
    /// Keeps a copy of `file` for `execution`. It stays for as long as the events of an execution that keeps it.
    pub fn keep_artifact(&self, execution: &str, file: &Path) -> Result<Digest, Error> {
        let folder = self.artifacts();
        let mut incoming = Incoming::create(&folder)?;
        let digest = incoming.fill(file)?;

        // Retention looks for artifacts that nobody holds under the same lock.
        let failed = self.failed("record an artifact in");
        let mut connection = self.connection();
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        transaction
            .execute(
                "INSERT OR IGNORE INTO artifacts (execution, digest) VALUES (?, ?)",
                [execution, digest.as_str()],
            )
            .map_err(failed)?;
        let kept = folder.join(digest.as_str());
        if !kept.exists() {
            std::fs::rename(&incoming.path, &kept).map_err(Error::at("create", &kept))?;
            File::open(&folder).and_then(|folder| folder.sync_all()).map_err(Error::at("write", &folder))?;
        }
        transaction.commit().map_err(failed)?;
        Ok(digest)
    }

    /// The file that holds an artifact, not to be changed; `None` when it is not (or no longer) kept.
    pub fn artifact(&self, digest: &Digest) -> Option<PathBuf> {
        let path = self.artifacts().join(digest.as_str());
        path.is_file().then_some(path)
    }

    /// The folder of all artifacts, each named by its digest.
    pub(super) fn artifacts(&self) -> PathBuf {
        self.path().join("artifacts")
    }

    /// Removes the files whose writer died, and returns how many bytes that were.
    pub(super) fn remove_abandoned(&self) -> Result<u64, Error> {
        let incoming = self.artifacts().join(INCOMING);
        let locks = Locks::at(incoming.clone())?;
        let mut freed = 0;
        for name in locks.names()? {
            let name = name.strip_suffix(".part").unwrap_or(&name);
            if let Some(_claim) = locks.claim(name)? {
                let path = part(&incoming, name);
                freed += path.metadata().map_or(0, |metadata| metadata.len());
                remove_tree(&path).map_err(Error::at("remove", &path))?;
            }
        }
        Ok(freed)
    }
}

/// A file on its way in, removed when this is dropped unless it has been renamed.
struct Incoming {
    path: PathBuf,
    file: File,
    _claim: Claim,
}

impl Incoming {
    fn create(artifacts: &Path) -> Result<Self, Error> {
        let folder = artifacts.join(INCOMING);
        let locks = Locks::at(folder.clone())?;
        let name = clock::new_id();
        let taken = || Error::io("create", &part(&folder, &name), io::ErrorKind::AlreadyExists.into());
        let claim = locks.claim(&name)?.ok_or_else(taken)?;
        let path = part(&folder, &name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let file = file.map_err(Error::at("create", &path))?;
        Ok(Self { path, file, _claim: claim })
    }

    /// Copies `source` in, to the disk.
    fn fill(&mut self, source: &Path) -> Result<Digest, Error> {
        let mut from = File::open(source).map_err(Error::at("read", source))?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => {
                    hasher.update(&buffer[..read]);
                    self.file.write_all(&buffer[..read]).map_err(Error::at("write", &self.path))?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::io("read", source, error)),
            }
        }
        self.file
            .set_permissions(Permissions::from_mode(0o444))
            .and_then(|()| self.file.sync_all())
            .map_err(Error::at("write", &self.path))?;
        Ok(Digest::finish(hasher))
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn part(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.part"))
}

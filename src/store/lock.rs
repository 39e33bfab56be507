//! Claims on names that the kernel releases when their holder dies.
//!
//! Owns: a folder of lock files and the gate in front of it. Whoever claims, asks, or gives back does so while
//! holding the gate, for microseconds; so asking never makes a claim fail, and a lock file can be removed without
//! two processes ever holding the same name. Locks are `flock` locks: they belong to the open file, not the process.
//! Leaves to `ownership` and `workspace`: what is claimed.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::Error;
use super::name;

const GATE: &str = ".gate";

/// A folder in which names can be claimed.
#[derive(Debug, Clone)]
pub(super) struct Locks {
    dir: PathBuf,
}

/// A name held until this is dropped, or its process dies.
#[derive(Debug)]
pub(super) struct Claim {
    locks: Locks,
    path: PathBuf,
    /// Held for its lock, which closing it releases.
    file: File,
}

impl Locks {
    /// Uses the folder `dir`, which is made when it is not there.
    pub(super) fn at(dir: PathBuf) -> Result<Self, Error> {
        std::fs::create_dir_all(&dir).map_err(Error::at("create", &dir))?;
        Ok(Self { dir })
    }

    /// Claims `name`; `None` when somebody holds it.
    pub(super) fn claim(&self, name: &str) -> Result<Option<Claim>, Error> {
        let path = self.dir.join(name::checked("a lock", name)?);
        let _gate = self.gate()?;
        let file = open(&path).map_err(Error::at("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Claim { locks: self.clone(), path, file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(Error::io("lock", &path, source)),
        }
    }

    /// Whether somebody holds `name`.
    pub(super) fn is_claimed(&self, name: &str) -> Result<bool, Error> {
        let path = self.dir.join(name::checked("a lock", name)?);
        let _gate = self.gate()?;
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(Error::io("open", &path, error)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(source)) => Err(Error::io("lock", &path, source)),
        }
    }

    /// All names that have a lock file, held or left behind by the dead, in order.
    pub(super) fn names(&self) -> Result<Vec<String>, Error> {
        let mut names: Vec<String> = std::fs::read_dir(&self.dir)
            .map_err(Error::at("list", &self.dir))?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name != GATE)
            .collect();
        names.sort();
        Ok(names)
    }

    /// The file of a name.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// What the holder of `name` noted; empty when it is gone meanwhile.
    pub(super) fn noted(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn gate(&self) -> Result<File, Error> {
        let path = self.dir.join(GATE);
        let gate = open(&path).map_err(Error::at("open", &path))?;
        loop {
            match gate.lock() {
                Ok(()) => return Ok(gate),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::io("lock", &path, error)),
            }
        }
    }
}

impl Claim {
    /// Notes something for those who ask who holds the name.
    pub(super) fn note(&self, text: &str) -> Result<(), Error> {
        let mut file = &self.file;
        file.set_len(0).and_then(|()| file.write_all(text.as_bytes())).map_err(Error::at("write", &self.path))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Without the gate the file must stay: somebody may have opened it and be about to lock it.
        if let Ok(_gate) = self.locks.gate() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn a_name_has_one_holder_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let locks = Locks::at(dir.path().join("locks")).unwrap();
        assert!(!locks.is_claimed("a").unwrap());
        let held = locks.claim("a").unwrap().unwrap();
        assert!(locks.claim("a").unwrap().is_none());
        assert!(locks.is_claimed("a").unwrap());
        assert!(locks.claim("b").unwrap().is_some());
        drop(held);
        assert!(!locks.is_claimed("a").unwrap());
        assert_eq!(locks.names().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn asking_never_makes_a_claim_fail() {
        let dir = tempfile::tempdir().unwrap();
        let locks = Locks::at(dir.path().to_owned()).unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    locks.is_claimed("a").unwrap();
                }
            });
            for round in 0..2_000 {
                // A dead holder's file: without one there is nothing to ask.
                std::fs::write(dir.path().join("a"), "").unwrap();
                let claim = locks.claim("a").unwrap();
                if claim.is_none() {
                    done.store(true, Ordering::SeqCst);
                }
                assert!(claim.is_some(), "round {round}");
            }
            done.store(true, Ordering::SeqCst);
        });
    }

    #[test]
    fn no_two_hold_one_name_however_often_it_changes_hands() {
        let dir = tempfile::tempdir().unwrap();
        let locks = Locks::at(dir.path().to_owned()).unwrap();
        let holders = AtomicUsize::new(0);
        let claims = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..2_000 {
                        if let Some(_claim) = locks.claim("a").unwrap() {
                            assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0);
                            claims.fetch_add(1, Ordering::SeqCst);
                            std::thread::yield_now();
                            holders.fetch_sub(1, Ordering::SeqCst);
                        }
                    }
                });
            }
        });
        assert!(claims.load(Ordering::SeqCst) > 0);
    }

    #[test]
    fn names_stay_in_their_folder() {
        let dir = tempfile::tempdir().unwrap();
        let locks = Locks::at(dir.path().to_owned()).unwrap();
        for name in ["", ".", "..", ".gate", "a/b", "a\0b", "ü"] {
            assert!(matches!(locks.claim(name), Err(Error::Name { .. })), "{name:?}");
        }
    }
}

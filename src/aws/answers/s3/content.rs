//! Bytes of objects, on disk.
//!
//! Owns: bringing a body, a copy or a piece of another object into a bucket's folder without holding it in memory, and
//! its sums. Contents have names of their own and never change: whoever reads one reads it whole, whatever is written
//! meanwhile. Leaves to `store` which object has which content.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::checksum::{Claims, Sums};
use super::errors::{Fallible, entity_too_large, while_trying};
use crate::aws::call::Body;
use crate::clock;

/// How much is read at once, in bytes.
const PIECE: usize = 256 << 10;

/// The most bytes of one upload (S3 user guide, "Uploading objects").
const LARGEST: u64 = 5 << 30;

/// A content that no object has yet. Dropped, it is removed.
pub(super) struct Staged {
    path: PathBuf,
    name: String,
    kept: bool,
}

impl Staged {
    /// A content in `folder` that is not there yet.
    fn new(folder: &Path) -> Self {
        let name = clock::new_id();
        Self { path: folder.join(&name), name, kept: false }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its name, for the object that has it from now on.
    pub(super) fn keep(mut self) -> String {
        self.kept = true;
        self.name.clone()
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.kept {
            // It may never have come to be; what stays behind is only waste.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Brings in a body, and checks it.
pub(super) fn of_body(folder: &Path, body: &Body, claims: &Claims) -> Fallible<(Staged, Sums)> {
    let mut hasher = claims.hasher();
    let staged = Staged::new(folder);
    match body {
        Body::Memory(bytes) => {
            hasher.update(bytes);
            let sums = hasher.finish();
            claims.check(&sums)?;
            fs::write(&staged.path, bytes).map_err(while_trying("write to"))?;
            Ok((staged, sums))
        }
        Body::File { length, .. } if *length > LARGEST => Err(entity_too_large()),
        Body::File { path, .. } => {
            let mut file = File::open(path).map_err(while_trying("read a body for"))?;
            each_piece(&mut file, u64::MAX, |piece| {
                hasher.update(piece);
                Ok(())
            })
            .map_err(while_trying("read a body for"))?;
            let sums = hasher.finish();
            claims.check(&sums)?;
            fs::rename(path, &staged.path).map_err(while_trying("move a body into"))?;
            Ok((staged, sums))
        }
    }
}

/// Brings in the whole of a content that is never changed: a second name for it, or a copy where that cannot be.
pub(super) fn again(folder: &Path, source: &Path) -> Fallible<Staged> {
    let staged = Staged::new(folder);
    if fs::hard_link(source, &staged.path).is_err() {
        fs::copy(source, &staged.path).map_err(while_trying("copy within"))?;
    }
    Ok(staged)
}

/// Brings in a piece of a file that may change, or belongs to somebody: a copy.
pub(super) fn piece(folder: &Path, source: &Path, offset: u64, length: u64) -> Fallible<(Staged, Sums)> {
    let mut hasher = Claims::default().hasher();
    let staged = Staged::new(folder);
    let mut copy = || {
        let mut file = File::open(source)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut target = File::create_new(&staged.path)?;
        each_piece(&mut file, length, |piece| {
            hasher.update(piece);
            target.write_all(piece)
        })
    };
    copy().map_err(while_trying("copy into"))?;
    Ok((staged, hasher.finish()))
}

/// Puts the contents at `more` behind the one at `first`, and makes a content of it. Takes them all away.
pub(super) fn joined(folder: &Path, first: &Path, more: &[PathBuf]) -> Fallible<Staged> {
    let staged = Staged::new(folder);
    let join = || -> io::Result<()> {
        // Parts are nobody else's: the first may grow.
        fs::rename(first, &staged.path)?;
        let mut target = File::options().append(true).open(&staged.path)?;
        for part in more {
            io::copy(&mut File::open(part)?, &mut target)?;
            fs::remove_file(part)?;
        }
        Ok(())
    };
    join().map_err(while_trying("put parts together in"))?;
    Ok(staged)
}

/// Reads up to `length` bytes in pieces.
fn each_piece(file: &mut File, length: u64, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut buffer = vec![0; PIECE];
    let mut file = file.take(length);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            count => take(&buffer[..count])?,
        }
    }
}

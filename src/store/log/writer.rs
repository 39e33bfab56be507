//! Writing a log.
//!
//! Nothing is held back: what was written is there for readers, and for those who look after a SIGKILL. Callers hand
//! over what one read from a pipe gave them, which is much at a time when there is much; that is the buffering.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::{RECORD, Record, index_path, stream_code};
use crate::action::Stream;
use crate::clock::Timestamp;
use crate::store::error::Error;

/// Writes an action's output to its log.
#[derive(Debug)]
pub struct LogWriter {
    path: PathBuf,
    log: File,
    index: File,
    length: u64,
    records: u64,
    last: Option<Record>,
}

impl LogWriter {
    /// Opens the log at `path` (its folder must be there), after what it holds already.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let open = |path: &Path| {
            let file = OpenOptions::new().read(true).append(true).create(true).open(path);
            file.map_err(Error::at("open", path))
        };
        let (log, index) = (open(path)?, open(&index_path(path))?);
        let length = log.metadata().map_err(Error::at("examine", path))?.len();
        let records = whole_records(&index, length)
            .and_then(|records| cut(&index, records).map(|()| records))
            .map_err(Error::at("repair", &index_path(path)))?;
        Ok(Self { path: path.to_owned(), log, index, length, records, last: None })
    }

    /// Appends `bytes`, which came from `stream` at `at`.
    pub fn write(&mut self, at: Timestamp, stream: Stream, bytes: &[u8]) -> Result<(), Error> {
        if bytes.is_empty() {
            return Ok(());
        }
        let record =
            Record { offset: self.length, millisecond: at.as_millisecond(), stream: stream_code(stream) };
        let continues = |last: Record| (last.millisecond, last.stream) == (record.millisecond, record.stream);
        if !self.last.is_some_and(continues) {
            self.last = None;
            if let Err(error) = self.index.write_all(&record.encode()) {
                // On a full disk part of it may have been written.
                let _ = cut(&self.index, self.records);
                return Err(Error::io("write", &self.path, error));
            }
            self.records += 1;
            self.last = Some(record);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.log.write(rest) {
                Ok(0) => return Err(Error::io("write", &self.path, io::ErrorKind::WriteZero.into())),
                Ok(written) => {
                    self.length += written as u64;
                    rest = &rest[written..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::io("write", &self.path, error)),
            }
        }
        Ok(())
    }

    /// The log's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes the log holds.
    pub fn length(&self) -> u64 {
        self.length
    }
}

/// The number of records in the index, without what a killed writer may have left: half a record, and records of
/// bytes that never came.
fn whole_records(index: &File, length: u64) -> io::Result<u64> {
    let mut records = index.metadata()?.len() / RECORD as u64;
    let mut bytes = [0; RECORD];
    while records > 0 {
        index.read_exact_at(&mut bytes, (records - 1) * RECORD as u64)?;
        if Record::decode(&bytes).offset < length {
            break;
        }
        records -= 1;
    }
    Ok(records)
}

fn cut(index: &File, records: u64) -> io::Result<()> {
    index.set_len(records * RECORD as u64)
}

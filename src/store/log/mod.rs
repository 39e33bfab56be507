//! Logs: what actions wrote, byte by byte, and when.
//!
//! A log is two files. `ACTION.log` holds the bytes as they came, for any tool to read. `ACTION.index` holds records
//! of 17 bytes: where a piece begins (8), its time in milliseconds (8) and its stream (1), numbers with the lowest
//! byte first. A record is written before its bytes; so whoever reads the log's length first and the index after it
//! knows the time of every byte, and the only damage that a killed writer leaves is a record without bytes.
//!
//! `writer` owns writing, `reader` reading, also of what is being written.

mod reader;
mod writer;

use std::path::{Path, PathBuf};

pub use reader::{LogChunk, LogLine, LogReader};
pub use writer::LogWriter;

use super::error::Error;
use super::{Store, name};
use crate::action::Stream;

impl Store {
    /// Opens the log of an action execution for writing; what it holds already stays.
    pub fn log_writer(&self, execution: &str, action_execution: &str) -> Result<LogWriter, Error> {
        let path = self.log_path(execution, action_execution)?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(Error::at("create", folder))?;
        }
        LogWriter::open(&path)
    }

    /// Opens the log of an action execution for reading; `None` when nothing was ever written.
    pub fn log_reader(&self, execution: &str, action_execution: &str) -> Result<Option<LogReader>, Error> {
        LogReader::open(&self.log_path(execution, action_execution)?)
    }

    /// Where the log of an action execution is.
    pub fn log_path(&self, execution: &str, action_execution: &str) -> Result<PathBuf, Error> {
        let folder = self.logs().join(name::checked("the logs of an execution", execution)?);
        Ok(folder.join(format!("{}.log", name::checked("a log", action_execution)?)))
    }

    /// Where the record of what an action execution asked of AWS and of tools is.
    pub fn effects_path(&self, execution: &str, action_execution: &str) -> Result<PathBuf, Error> {
        Ok(self.log_path(execution, action_execution)?.with_extension("effects"))
    }

    /// The folder of what an execution wrote to AWS here (buckets). It goes with the execution's logs.
    pub fn aws_folder(&self, execution: &str) -> Result<PathBuf, Error> {
        Ok(self.logs().join(name::checked("the logs of an execution", execution)?).join("aws"))
    }

    /// The folder of all logs, with a folder for each execution.
    pub(super) fn logs(&self) -> PathBuf {
        self.path().join("logs")
    }
}

/// A record of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Record {
    offset: u64,
    millisecond: i64,
    stream: u8,
}

/// Bytes of a record.
const RECORD: usize = 17;

impl Record {
    fn encode(self) -> [u8; RECORD] {
        let mut bytes = [0; RECORD];
        bytes[..8].copy_from_slice(&self.offset.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.millisecond.to_le_bytes());
        bytes[16] = self.stream;
        bytes
    }

    fn decode(bytes: &[u8; RECORD]) -> Self {
        let mut number = [0; 8];
        number.copy_from_slice(&bytes[..8]);
        let offset = u64::from_le_bytes(number);
        number.copy_from_slice(&bytes[8..16]);
        Self { offset, millisecond: i64::from_le_bytes(number), stream: bytes[16] }
    }
}

fn stream_code(stream: Stream) -> u8 {
    match stream {
        Stream::Stdout => 1,
        Stream::Stderr => 2,
        Stream::Agent => 3,
    }
}

fn code_stream(code: u8) -> Stream {
    match code {
        2 => Stream::Stderr,
        3 => Stream::Agent,
        // Also what a damaged index says.
        _ => Stream::Stdout,
    }
}

fn index_path(log: &Path) -> PathBuf {
    log.with_extension("index")
}

#[cfg(test)]
mod tests;

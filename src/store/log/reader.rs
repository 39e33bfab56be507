//! Reading a log, whole, from a place on, or the end only; also while it is being written.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::{RECORD, Record, code_stream, index_path};
use crate::action::Stream;
use crate::clock::Timestamp;
use crate::store::error::Error;

/// How much of a log's end is looked at for its last lines. Longer lines are cut at their beginning.
const TAIL: u64 = 1024 * 1024;
const BLOCK: u64 = 64 * 1024;

/// A piece of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogChunk {
    /// Where it begins in the log.
    pub offset: u64,
    /// When it came, to the millisecond; `None` where the index is lost.
    pub at: Option<Timestamp>,
    /// Where it came from.
    pub stream: Stream,
    /// What came. It may begin and end anywhere, also inside a character.
    pub bytes: Vec<u8>,
}

impl LogChunk {
    /// Where the next piece begins.
    pub fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }
}

/// A line of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When its first byte came.
    pub at: Option<Timestamp>,
    /// Where its first byte came from.
    pub stream: Stream,
    /// The line, without its line feed. What is not UTF-8 is replaced.
    pub text: String,
}

/// Reads an action's log.
#[derive(Debug)]
pub struct LogReader {
    path: PathBuf,
    log: File,
    index: Option<File>,
}

impl LogReader {
    /// Opens the log at `path`; `None` when there is none.
    pub fn open(path: &Path) -> Result<Option<Self>, Error> {
        let open = |path: &Path| match File::open(path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("open", path, error)),
        };
        let Some(log) = open(path)? else { return Ok(None) };
        Ok(Some(Self { path: path.to_owned(), log, index: open(&index_path(path))? }))
    }

    /// The log's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes the log holds now.
    pub fn length(&self) -> Result<u64, Error> {
        Ok(self.log.metadata().map_err(Error::at("examine", &self.path))?.len())
    }

    /// Up to `most` bytes from `from` on, in the pieces they came in. Empty at the end of the log, for now:
    /// whoever follows a log asks again, from the last piece's [`LogChunk::end`] on.
    pub fn read(&self, from: u64, most: usize) -> Result<Vec<LogChunk>, Error> {
        // The length comes first: the index that is read after it covers all of that.
        let end = self.length()?.min(from.saturating_add(most as u64));
        if from >= end {
            return Ok(Vec::new());
        }
        let bytes = self.bytes(from, end)?;
        let records = self.records(from, end).map_err(Error::at("read", &index_path(&self.path)))?;
        let mut chunks = Vec::new();
        let mut offset = from;
        let mut rest = bytes.as_slice();
        for (position, record) in records.iter().enumerate() {
            // A damaged index may say anything: a piece ends neither before its beginning nor after the log.
            let next = records.get(position + 1).map_or(end, |next| next.offset).clamp(offset, end);
            let length = usize::try_from(next - offset).unwrap_or(usize::MAX).min(rest.len());
            let (piece, behind) = rest.split_at(length);
            if !piece.is_empty() {
                let at = Timestamp::from_millisecond(record.millisecond).ok();
                chunks.push(LogChunk {
                    offset,
                    at,
                    stream: code_stream(record.stream),
                    bytes: piece.to_vec(),
                });
            }
            (rest, offset) = (behind, next);
        }
        if !rest.is_empty() {
            chunks.push(LogChunk { offset, at: None, stream: Stream::Stdout, bytes: rest.to_vec() });
        }
        Ok(chunks)
    }

    /// The last `lines` lines. Reads no more than the end of the log.
    pub fn tail(&self, lines: usize) -> Result<Vec<LogLine>, Error> {
        let end = self.length()?;
        let earliest = end.saturating_sub(TAIL);
        let mut start = end;
        let mut bytes = Vec::new();
        let mut begin = None;
        while lines > 0 && begin.is_none() && start > earliest {
            let from = start.saturating_sub(BLOCK).max(earliest);
            let mut block = self.bytes(from, start)?;
            block.append(&mut bytes);
            (bytes, start) = (block, from);
            begin = start_of_last(&bytes, lines);
        }
        let skip = begin.unwrap_or(if lines == 0 { bytes.len() } else { 0 });
        let chunks = self.read(start + skip as u64, bytes.len() - skip)?;
        Ok(split(&chunks))
    }

    fn bytes(&self, from: u64, end: u64) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; usize::try_from(end.saturating_sub(from)).unwrap_or(usize::MAX)];
        self.log.read_exact_at(&mut bytes, from).map_err(Error::at("read", &self.path))?;
        Ok(bytes)
    }

    /// The records of the bytes from `from` to `end`: the last one that begins at or before `from`, and those after.
    fn records(&self, from: u64, end: u64) -> io::Result<Vec<Record>> {
        let Some(index) = &self.index else { return Ok(Vec::new()) };
        let count = index.metadata()?.len() / RECORD as u64;
        let record = |position: u64| {
            let mut bytes = [0; RECORD];
            index.read_exact_at(&mut bytes, position * RECORD as u64)?;
            Ok::<_, io::Error>(Record::decode(&bytes))
        };
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            if record(middle)?.offset <= from { low = middle + 1 } else { high = middle }
        }
        let mut records = Vec::new();
        for position in low.saturating_sub(1)..count {
            let next = record(position)?;
            if next.offset >= end {
                break;
            }
            records.push(next);
        }
        Ok(records)
    }
}

/// Where the last `lines` lines of `bytes` begin; `None` when that is further back.
fn start_of_last(bytes: &[u8], lines: usize) -> Option<usize> {
    // The line feed at the very end ends the last line and begins none.
    let before_last = bytes.len().saturating_sub(1);
    let feeds = bytes[..before_last].iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
    feeds.map(|(position, _)| position + 1).nth(lines - 1)
}

fn split(chunks: &[LogChunk]) -> Vec<LogLine> {
    let mut lines = Vec::new();
    let mut open: Option<(Option<Timestamp>, Stream, Vec<u8>)> = None;
    let close = |(at, stream, text): (Option<Timestamp>, Stream, Vec<u8>)| LogLine {
        at,
        stream,
        text: String::from_utf8_lossy(&text).into_owned(),
    };
    for chunk in chunks {
        for part in chunk.bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ended) = part.strip_suffix(b"\n").map_or((part, false), |text| (text, true));
            open.get_or_insert_with(|| (chunk.at, chunk.stream, Vec::new())).2.extend_from_slice(text);
            if ended {
                lines.extend(open.take().map(close));
            }
        }
    }
    lines.extend(open.map(close));
    lines
}

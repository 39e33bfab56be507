//! Events as the store keeps them: their order, their owner's execution, and a body it does not read.
//!
//! Owns: appending under an expected sequence number, and reading back.
//! Leaves to `pipeline` and `build`: what the events mean.

use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::Store;
use super::error::Error;
use crate::clock::Timestamp;

/// An event to append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The execution it belongs to, and with which retention removes it; `None` for those of the stream itself.
    pub execution: Option<String>,
    /// When it happened. Kept to the nanosecond, from 1678 to 2262.
    pub at: Timestamp,
    /// Its kind, in the writer's words.
    pub kind: String,
    /// Its content, in the writer's format.
    pub body: String,
}

/// An event as it was appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// The stream, such as `pipeline/NAME` or `build/PROJECT`.
    pub stream: String,
    /// Its place in the stream, from 1. Retention leaves gaps; no number is given twice.
    pub seq: u64,
    /// As [`NewEvent::execution`].
    pub execution: Option<String>,
    /// As [`NewEvent::at`].
    pub at: Timestamp,
    /// As [`NewEvent::kind`].
    pub kind: String,
    /// As [`NewEvent::body`].
    pub body: String,
}

/// The places that appended events got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The first event's sequence number.
    pub first: u64,
    /// The last one's: what the next append expects.
    pub last: u64,
}

/// Why events were not appended. None of them was.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else appended first: read what they wrote, decide again.
    #[error("stream {stream} is at {current}, not at {expected}")]
    Conflict {
        /// The stream.
        stream: String,
        /// What the writer took for the last sequence number.
        expected: u64,
        /// The last sequence number.
        current: u64,
    },
    /// The store could not be written to.
    #[error(transparent)]
    Store(#[from] Error),
}

/// What a (part of an) execution's identifier stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// One execution.
    Found {
        /// Its whole identifier.
        execution: String,
        /// The stream that holds its first event.
        stream: String,
    },
    /// Several executions begin so; these are some of them.
    Ambiguous(Vec<String>),
    /// No execution begins so.
    Unknown,
}

impl Store {
    /// Appends `events` to `stream`, all or none, when its last sequence number is still `expected` (0 when it has
    /// no events), and rings its bell. On return they are on the disk.
    pub fn append(&self, stream: &str, expected: u64, events: &[NewEvent]) -> Result<Appended, AppendError> {
        let failed = self.failed("record events in");
        let mut connection = self.connection();
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let current = last_seq(&transaction, stream).map_err(failed)?;
        if current != expected {
            return Err(AppendError::Conflict { stream: stream.to_owned(), expected, current });
        }
        let mut last = current;
        if events.is_empty() {
            return Ok(Appended { first: current + 1, last });
        }
        {
            let mut insert = transaction
                .prepare_cached(
                    "INSERT INTO events (stream, seq, execution, at, kind, body) VALUES (?, ?, ?, ?, ?, ?)",
                )
                .map_err(failed)?;
            for event in events {
                last += 1;
                let NewEvent { execution, at, kind, body } = event;
                insert
                    .execute(params![stream, to_row(last), execution, nanoseconds(*at), kind, body])
                    .map_err(failed)?;
            }
        }
        transaction
            .execute(
                "INSERT OR REPLACE INTO streams (stream, last_seq) VALUES (?, ?)",
                params![stream, to_row(last)],
            )
            .map_err(failed)?;
        transaction.commit().map_err(failed)?;
        drop(connection);
        self.ring(stream);
        Ok(Appended { first: current + 1, last })
    }

    /// The events of `stream` after `after` (0: all), in order.
    pub fn events(&self, stream: &str, after: u64) -> Result<Vec<StoredEvent>, Error> {
        let failed = self.failed("read");
        let connection = self.connection();
        let mut query = connection
            .prepare_cached(
                "SELECT seq, execution, at, kind, body FROM events WHERE stream = ? AND seq > ? ORDER BY seq",
            )
            .map_err(failed)?;
        let rows = query
            .query_map(params![stream, to_row(after)], |row| {
                Ok(StoredEvent {
                    stream: stream.to_owned(),
                    seq: from_row(row.get(0)?),
                    execution: row.get(1)?,
                    at: timestamp(row.get(2)?),
                    kind: row.get(3)?,
                    body: row.get(4)?,
                })
            })
            .map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }

    /// The last sequence number of `stream`; 0 when it has no events.
    pub fn last_seq(&self, stream: &str) -> Result<u64, Error> {
        last_seq(&self.connection(), stream).map_err(self.failed("read"))
    }

    /// All streams that hold events, in order.
    pub fn streams(&self) -> Result<Vec<String>, Error> {
        let failed = self.failed("read");
        let connection = self.connection();
        let mut query = connection
            .prepare_cached(
                "SELECT stream FROM streams
             WHERE EXISTS (SELECT 1 FROM events WHERE events.stream = streams.stream) ORDER BY stream",
            )
            .map_err(failed)?;
        let rows = query.query_map([], |row| row.get(0)).map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }

    /// The execution whose identifier is `part`, or the only one that begins so.
    pub fn stream_of(&self, part: &str) -> Result<Lookup, Error> {
        const SOME: u32 = 10;
        let failed = self.failed("read");
        let connection = self.connection();
        // With a single min(), SQLite takes the other columns from the row that holds it.
        let mut query = connection
            .prepare_cached(
                "SELECT execution, stream, min(at) FROM events
                 WHERE execution >= ?1 AND execution < ?1 || char(0x10ffff)
                 GROUP BY execution ORDER BY execution LIMIT ?2",
            )
            .map_err(failed)?;
        let rows =
            query.query_map(params![part, SOME], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
        let found: Vec<(String, String)> = rows.collect::<Result<_, _>>().map_err(failed)?;
        // Whoever begins like `part` comes after `part` itself.
        if let [(execution, stream), others @ ..] = found.as_slice()
            && !part.is_empty()
            && (others.is_empty() || execution == part)
        {
            return Ok(Lookup::Found { execution: execution.clone(), stream: stream.clone() });
        }
        if found.is_empty() {
            return Ok(Lookup::Unknown);
        }
        Ok(Lookup::Ambiguous(found.into_iter().map(|(execution, _)| execution).collect()))
    }
}

fn last_seq(connection: &rusqlite::Connection, stream: &str) -> rusqlite::Result<u64> {
    let mut query = connection.prepare_cached("SELECT last_seq FROM streams WHERE stream = ?")?;
    Ok(query.query_row([stream], |row| row.get(0)).optional()?.map_or(0, from_row))
}

fn to_row(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

fn from_row(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or(0)
}

fn nanoseconds(at: Timestamp) -> i64 {
    let nanoseconds = at.as_nanosecond();
    i64::try_from(nanoseconds).unwrap_or(if nanoseconds < 0 { i64::MIN } else { i64::MAX })
}

fn timestamp(nanoseconds: i64) -> Timestamp {
    // All of i64 is within the years that a timestamp can hold.
    Timestamp::from_nanosecond(nanoseconds.into()).unwrap_or(Timestamp::UNIX_EPOCH)
}

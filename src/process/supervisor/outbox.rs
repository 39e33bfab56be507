//! What the guard has to say and the owner has not yet taken.
//!
//! Owns: frames on their way to the owner, and the bound on how many wait. The owner may read slowly or be stopped;
//! the guard must go on holding limits meanwhile, so nothing here ever blocks.

use std::io::{self, PipeReader};

use rustix::io::Errno;

use super::super::wire::{Header, Kind, Reply};
use crate::action::Stream;
use crate::clock::{Clock, SystemClock};

/// No more output is taken from commands while this much waits.
const ENOUGH: usize = 1 << 20;

/// How much is read from a command at once.
const CHUNK: usize = 256 << 10;

/// Frames waiting for the guard's standard output.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: Vec<u8>,
    sent: usize,
    closed: bool,
}

/// What reading from a command brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Bytes(usize),
    NothingNow,
    EndOfFile,
}

impl Outbox {
    /// Whether output may be taken from commands.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() - self.sent < ENOUGH
    }

    /// Whether everything was taken, or nobody is left to take it.
    pub(super) fn is_empty(&self) -> bool {
        self.closed || self.sent == self.waiting.len()
    }

    /// Adds a reply.
    pub(super) fn reply(&mut self, reply: &Reply) -> io::Result<()> {
        let body = serde_json::to_vec(reply)?;
        let header = Header { kind: Kind::Reply, length: body.len(), at: SystemClock.now() };
        self.waiting.extend_from_slice(&header.encode());
        self.waiting.extend_from_slice(&body);
        Ok(())
    }

    /// Adds a chunk of what waits in `pipe`, which must not block.
    pub(super) fn take_from(&mut self, pipe: &PipeReader, stream: Stream) -> io::Result<Taken> {
        let frame = self.waiting.len();
        self.waiting.reserve(Header::SIZE + CHUNK);
        self.waiting.extend_from_slice(&[0; Header::SIZE]);
        let read = rustix::io::read(pipe, rustix::buffer::spare_capacity(&mut self.waiting));
        let length = read.unwrap_or(0);
        if length > 0 {
            let header = Header { kind: Kind::Output(stream), length, at: SystemClock.now() };
            self.waiting[frame..frame + Header::SIZE].copy_from_slice(&header.encode());
            return Ok(Taken::Bytes(length));
        }
        self.waiting.truncate(frame);
        match read {
            Ok(_) => Ok(Taken::EndOfFile),
            Err(Errno::AGAIN | Errno::INTR) => Ok(Taken::NothingNow),
            Err(error) => Err(error.into()),
        }
    }

    /// Hands over as much as the owner takes now.
    pub(super) fn flush(&mut self) {
        while !self.is_empty() {
            match rustix::io::write(rustix::stdio::stdout(), &self.waiting[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                // The owner is gone. Its death is noticed at the other pipe.
                Err(_) => self.closed = true,
            }
        }
        if self.is_empty() {
            self.waiting.clear();
            self.sent = 0;
        } else if self.sent >= ENOUGH {
            self.waiting.drain(..self.sent);
            self.sent = 0;
        }
    }
}

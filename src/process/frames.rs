//! Reading what a guard says.
//!
//! Owns: taking frames apart as they come, without copying output. Leaves to `guard`: when to read.

use std::io::{self, PipeReader, Read};
use std::os::fd::{AsFd, BorrowedFd};

use super::OnOutput;
use super::wire::{Header, Kind, Reply};

/// How much is read at once.
const BUFFER: usize = 1 << 20;

/// The reading end of a guard's output.
#[derive(Debug)]
pub(super) struct Frames {
    pipe: PipeReader,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// The frame that is being read, and how much of it is still to come.
    frame: Option<(Header, usize)>,
    reply: Vec<u8>,
}

impl Frames {
    pub(super) fn new(pipe: PipeReader) -> Self {
        Self { pipe, buffer: vec![0; BUFFER], start: 0, end: 0, frame: None, reply: Vec::new() }
    }

    /// Hands over the output that was read, up to the next reply. None when there is nothing more without
    /// [`Frames::fill`].
    pub(super) fn next(&mut self, on_output: OnOutput<'_>) -> io::Result<Option<Reply>> {
        loop {
            let unread = &self.buffer[self.start..self.end];
            match self.frame {
                None => {
                    let Some((header, _)) = unread.split_first_chunk() else { return Ok(None) };
                    let header = Header::decode(*header)?;
                    self.start += Header::SIZE;
                    self.frame = Some((header, header.length));
                }
                Some((header, left)) => {
                    let chunk = &unread[..left.min(unread.len())];
                    match header.kind {
                        Kind::Reply => self.reply.extend_from_slice(chunk),
                        Kind::Output(_) if chunk.is_empty() => {}
                        Kind::Output(stream) => on_output(header.at, stream, chunk),
                    }
                    self.start += chunk.len();
                    let left = left - chunk.len();
                    self.frame = Some((header, left)).filter(|_| left > 0);
                    if left > 0 {
                        return Ok(None);
                    }
                    if header.kind == Kind::Reply {
                        let reply = serde_json::from_slice(&self.reply)?;
                        self.reply.clear();
                        return Ok(Some(reply));
                    }
                }
            }
        }
    }

    /// Reads more, blocking until there is some; 0 at the end.
    pub(super) fn fill(&mut self) -> io::Result<usize> {
        // What is left is less than a header.
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        let count = self.pipe.read(&mut self.buffer[self.end..])?;
        self.end += count;
        Ok(count)
    }

    /// Reads and forgets; 0 at the end.
    pub(super) fn skip(&mut self) -> io::Result<usize> {
        self.pipe.read(&mut self.buffer)
    }
}

impl AsFd for Frames {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::action::Stream;
    use crate::clock::Timestamp;
    use crate::process::{Exit, How};

    #[test]
    fn frames_may_be_cut_anywhere() {
        let at = Timestamp::from_microsecond(7).unwrap();
        let exit = Reply::Ended(Exit { how: How::Exited(3), left_open: true });
        let body = serde_json::to_vec(&exit).unwrap();
        let mut sent = Vec::new();
        for (kind, payload) in [
            (Kind::Output(Stream::Stdout), &b"one\n"[..]),
            (Kind::Output(Stream::Stderr), &[0xff, 0, 10]),
            (Kind::Output(Stream::Stdout), b""),
            (Kind::Reply, &body),
            (Kind::Output(Stream::Stdout), b"late"),
        ] {
            sent.extend(Header { kind, length: payload.len(), at }.encode());
            sent.extend(payload);
        }
        let (reader, mut writer) = io::pipe().unwrap();
        let mut frames = Frames::new(reader);
        let (mut out, mut err, mut replies) = (Vec::new(), Vec::new(), Vec::new());
        for piece in sent.chunks(5) {
            writer.write_all(piece).unwrap();
            assert_eq!(frames.fill().unwrap(), piece.len());
            while let Some(reply) = frames
                .next(&mut |time, stream, bytes| {
                    assert_eq!(time, at);
                    let to = if stream == Stream::Stdout { &mut out } else { &mut err };
                    to.extend_from_slice(bytes);
                })
                .unwrap()
            {
                replies.push((reply, out.len()));
            }
        }
        assert_eq!((out, err), (b"one\nlate".to_vec(), vec![0xff, 0, 10]));
        assert_eq!(replies, [(exit, 4)]);
        drop(writer);
        assert_eq!(frames.fill().unwrap(), 0);
    }
}

//! What a guard and its owner say to each other.
//!
//! Owns: the form of requests (guard's standard input) and frames (guard's standard output), and how a descriptor is
//! handed out. Leaves to `guard` and `supervisor`: when which of them is said.
//!
//! A request is a length (u32, little endian) and that much JSON. A frame is a header of 16 bytes and a payload: output
//! as it is, or a reply as JSON. The guard's standard input is one end of a pair of sockets, so that descriptors can go the
//! other way: each with one byte, before the reply that speaks of it. Both ends are the same binary unless it was replaced in between; the version tells.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Exit, Leftover};
use crate::action::{StopReason, Stream};
use crate::clock::Timestamp;

/// The version of everything in this file.
pub(super) const VERSION: u32 = 3;

/// A request or reply beyond this size is nonsense. The kernel takes a few MB of arguments at most.
const LARGEST: usize = 64 << 20;

/// What the owner asks of the guard.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// The first request, answered by [`Reply::Ready`] or [`Reply::Refused`].
    Begin { version: u32, id: String, grace_ms: u64, drain_ms: u64 },
    /// Run a command, answered by [`Reply::Ended`].
    Run(Run),
    /// End the command that runs now; without one, nothing happens.
    Stop(StopReason),
    /// Open a listener on the loopback address of the guard's network, at this port or (0) any, answered by
    /// [`Reply::Listening`]; the descriptor was sent before.
    Listen(u16),
    /// End everything, answered by [`Reply::Finished`].
    Finish,
}

/// A command, as it goes over the wire.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) argv: Vec<Text>,
    pub(super) cwd: Text,
    pub(super) env: Vec<(Text, Text)>,
    pub(super) limit_ms: Option<u64>,
    pub(super) merged: bool,
}

/// What the guard answers.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Reply {
    Ready {
        version: u32,
        pid: u32,
        marker: String,
    },
    Refused(String),
    Ended(Exit),
    /// The listener was sent, or why there is none.
    Listening(Result<(), String>),
    Finished(Vec<Leftover>),
}

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Reply,
    Output(Stream),
}

/// The header of a frame: kind (1 byte, then 3 of zero), length (u32), time (i64, microseconds since 1970); all little
/// endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) length: usize,
    pub(super) at: Timestamp,
}

impl Header {
    pub(super) const SIZE: usize = 16;

    pub(super) fn encode(self) -> [u8; Self::SIZE] {
        let kind = match self.kind {
            Kind::Reply => 0,
            Kind::Output(Stream::Stdout) => 1,
            Kind::Output(Stream::Stderr) => 2,
            Kind::Output(Stream::Agent) => 3,
        };
        let mut bytes = [0; Self::SIZE];
        bytes[0] = kind;
        bytes[4..8].copy_from_slice(&u32::try_from(self.length).unwrap_or(u32::MAX).to_le_bytes());
        bytes[8..].copy_from_slice(&self.at.as_microsecond().to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: [u8; Self::SIZE]) -> io::Result<Self> {
        let [kind, _, _, _, l0, l1, l2, l3, time @ ..] = bytes;
        let kind = match kind {
            0 => Kind::Reply,
            1 => Kind::Output(Stream::Stdout),
            2 => Kind::Output(Stream::Stderr),
            3 => Kind::Output(Stream::Agent),
            other => return Err(nonsense(format!("a frame of kind {other}"))),
        };
        let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        if length > LARGEST {
            return Err(nonsense(format!("a frame of {length} bytes")));
        }
        let at = Timestamp::from_microsecond(i64::from_le_bytes(time)).map_err(nonsense)?;
        Ok(Self { kind, length, at })
    }
}

/// Sends a descriptor through a socket that has room for it, which one that is not otherwise written to always has.
pub(super) fn send_descriptor(socket: impl AsFd, descriptor: impl AsFd) -> io::Result<()> {
    let descriptors = [descriptor.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(io::Error::other("no room for a descriptor"));
    }
    sendmsg(socket, &[IoSlice::new(b".")], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Takes the descriptor that was sent through a socket, without waiting for one.
pub(super) fn receive_descriptor(socket: impl AsFd) -> io::Result<OwnedFd> {
    let mut byte = [0];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
    loop {
        match recvmsg(&socket, &mut [IoSliceMut::new(&mut byte)], &mut control, flags) {
            Ok(_) => break,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let found = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    found.ok_or_else(|| nonsense("a message without a descriptor"))
}

/// A request as bytes.
pub(super) fn encode_request(request: &Request) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, request)?;
    let length = u32::try_from(bytes.len() - 4).map_err(io::Error::other)?;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}

/// Takes the first whole request out of `buffer`.
pub(super) fn take_request(buffer: &mut Vec<u8>) -> io::Result<Option<Request>> {
    let Some((length, rest)) = buffer.split_first_chunk::<4>() else { return Ok(None) };
    let length = u32::from_le_bytes(*length) as usize;
    if length > LARGEST {
        return Err(nonsense(format!("a request of {length} bytes")));
    }
    let Some(body) = rest.get(..length) else { return Ok(None) };
    let request = serde_json::from_slice(body)?;
    buffer.drain(..4 + length);
    Ok(Some(request))
}

fn nonsense(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// A string of the system: text where it is UTF-8, a list of bytes where it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text(pub(super) OsString);

impl<T: AsRef<OsStr>> From<T> for Text {
    fn from(value: T) -> Self {
        Self(value.as_ref().to_owned())
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.to_str() {
            Some(text) => serializer.serialize_str(text),
            None => serializer.collect_seq(self.0.as_bytes()),
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of bytes")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut bytes: A) -> Result<Text, A::Error> {
                let mut all = Vec::new();
                while let Some(byte) = bytes.next_element()? {
                    all.push(byte);
                }
                Ok(Text(OsString::from_vec(all)))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_survives_the_way() {
        let kinds = [Kind::Reply, Kind::Output(Stream::Stdout), Kind::Output(Stream::Stderr)];
        for (kind, length) in kinds.into_iter().zip([0, 1, LARGEST]) {
            let at = Timestamp::from_microsecond(1_771_000_000_123_456).unwrap();
            let header = Header { kind, length, at };
            assert_eq!(Header::decode(header.encode()).unwrap(), header);
        }
    }

    #[test]
    fn a_descriptor_goes_through_a_socket_and_what_is_none_is_refused() {
        let (here, there) = std::os::unix::net::UnixStream::pair().unwrap();
        assert_eq!(receive_descriptor(&here).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        let (reader, mut writer) = io::pipe().unwrap();
        send_descriptor(&there, &reader).unwrap();
        let mut received = std::fs::File::from(receive_descriptor(&here).unwrap());
        io::Write::write_all(&mut writer, b"through").unwrap();
        drop(writer);
        let mut text = String::new();
        io::Read::read_to_string(&mut received, &mut text).unwrap();
        assert_eq!(text, "through");
        io::Write::write_all(&mut &there, b"x").unwrap();
        assert_eq!(receive_descriptor(&here).unwrap_err().to_string(), "a message without a descriptor");
    }

    #[test]
    fn nonsense_is_refused() {
        let mut bytes = Header { kind: Kind::Reply, length: 0, at: Timestamp::UNIX_EPOCH }.encode();
        bytes[0] = 9;
        assert_eq!(Header::decode(bytes).unwrap_err().to_string(), "a frame of kind 9");
        bytes[0] = 1;
        bytes[4..8].fill(0xff);
        assert_eq!(Header::decode(bytes).unwrap_err().to_string(), "a frame of 4294967295 bytes");
        let mut request = vec![0xff; 8];
        assert!(take_request(&mut request).is_err());
    }

    #[test]
    fn requests_are_taken_one_by_one_and_only_whole() {
        let run = Run {
            argv: vec!["sh".into(), "-c".into(), "printf '%s\n' \"$x\"".into()],
            cwd: "/".into(),
            env: vec![("x".into(), Text(OsString::from_vec(vec![0xff, 0x0a])))],
            limit_ms: Some(1500),
            merged: true,
        };
        let mut bytes = encode_request(&Request::Run(run)).unwrap();
        let whole = bytes.len();
        bytes.extend(encode_request(&Request::Finish).unwrap());
        let mut buffer = Vec::new();
        for byte in &bytes[..whole - 1] {
            buffer.push(*byte);
            assert!(take_request(&mut buffer).unwrap().is_none());
        }
        buffer.extend_from_slice(&bytes[whole - 1..]);
        let Some(Request::Run(run)) = take_request(&mut buffer).unwrap() else { panic!("not a run") };
        assert_eq!(run.env[0].1.0.as_bytes(), [0xff, 0x0a]);
        assert_eq!(run.argv[2].0, "printf '%s\n' \"$x\"");
        assert!(matches!(take_request(&mut buffer), Ok(Some(Request::Finish))));
        assert!(take_request(&mut buffer).unwrap().is_none());
    }
}

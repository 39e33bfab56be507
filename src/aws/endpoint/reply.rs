//! Responses on their way out.
//!
//! Owns: bodies that are short, a piece of a file, or written bit by bit by a thread that may block.

use std::convert::Infallible;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::sync::mpsc;

use crate::aws::call::Payload;

/// Bytes that are read from a file and sent at a time.
const PIECE: usize = 256 * 1024;

/// A response before it is on the wire.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Payload,
}

impl Reply {
    /// A short response.
    pub(super) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: Payload::Memory(body.into()) }
    }

    /// The same with one more header.
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// As hyper sends it. Headers that HTTP does not allow are left out. To be called inside the runtime.
    pub(super) fn send(self, head_only: bool) -> Response<Outgoing> {
        let body = match self.body {
            Payload::Memory(bytes) => Outgoing::Whole(Bytes::from(bytes)),
            Payload::File { length, .. } if head_only => Outgoing::Unsent(length),
            Payload::File { path, offset, length } => Outgoing::file(path, offset, length),
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            // How long a body is says the body; what is said of it here counts only where there is none.
            let framing = matches!(name.as_str(), "transfer-encoding" | "connection");
            if framing || (name == "content-length" && !head_only) {
                continue;
            }
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

/// The body of a response.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// All of it.
    Whole(Bytes),
    /// Nothing is sent, but this is how long it would be (HEAD).
    Unsent(u64),
    /// Piece by piece, with how many bytes are left when that is known.
    Pieces { from: mpsc::Receiver<io::Result<Bytes>>, left: Option<u64> },
}

impl Outgoing {
    /// A piece of a file, read by a thread as fast as the client takes it.
    fn file(path: PathBuf, offset: u64, length: u64) -> Self {
        let (to, from) = mpsc::channel(2);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = send_file(&path, offset, length, &to) {
                // Whoever listened may be gone.
                let _ = to.blocking_send(Err(error));
            }
        });
        Self::Pieces { from, left: Some(length) }
    }

    /// What `write` writes, on a thread of its own, as it comes.
    pub(super) fn written(write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static) -> Self {
        let (to, from) = mpsc::channel(16);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = write(&mut Pipe(&to)) {
                let _ = to.blocking_send(Err(error));
            }
        });
        Self::Pieces { from, left: None }
    }
}

fn send_file(
    path: &PathBuf,
    offset: u64,
    length: u64,
    to: &mpsc::Sender<io::Result<Bytes>>,
) -> io::Result<()> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut left = length;
    while left > 0 {
        let size = PIECE.min(usize::try_from(left).unwrap_or(PIECE));
        let mut piece = vec![0; size];
        file.read_exact(&mut piece)?;
        left -= size as u64;
        if to.blocking_send(Ok(Bytes::from(piece))).is_err() {
            break;
        }
    }
    Ok(())
}

/// Writes become pieces of a body.
struct Pipe<'a>(&'a mpsc::Sender<io::Result<Bytes>>);

impl Write for Pipe<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Unsent(_) => Poll::Ready(None),
            Self::Pieces { from, left } => from.poll_recv(context).map(|piece| {
                let piece = piece?;
                if let (Some(left), Ok(bytes)) = (left, &piece) {
                    *left = left.saturating_sub(bytes.len() as u64);
                }
                Some(piece.map(Frame::data))
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Unsent(_) => false,
            Self::Pieces { left, .. } => *left == Some(0),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Unsent(length) => SizeHint::with_exact(*length),
            Self::Pieces { left, .. } => left.map_or_else(SizeHint::default, SizeHint::with_exact),
        }
    }
}

/// What hyper asks of a service that never fails.
pub(super) type Served = Result<Response<Outgoing>, Infallible>;

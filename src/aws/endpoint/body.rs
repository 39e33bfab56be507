//! Receiving bodies.
//!
//! Owns: how much of a body stays in memory, the files of longer ones, undoing what clients wrap bodies in. Leaves to
//! `understand` what is in them.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use tempfile::TempPath;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use super::chunked::Decoder;
use super::understand::Head;
use crate::aws::call::{ApiError, Body};

/// The longest body that is kept in memory, in bytes.
const SHORT: usize = 1024 * 1024;

/// Bytes that are gathered before they are written to a file.
const GATHERED: usize = 256 * 1024;

/// A body that has come.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) body: Body,
    /// Removes the file of a long body, unless an answer moved it away.
    pub(super) file: Option<TempPath>,
    /// Headers that came behind the body.
    pub(super) trailers: Vec<(String, String)>,
}

/// Why a body did not come.
#[derive(Debug)]
pub(super) enum Failure {
    /// The client is gone, or broke HTTP.
    Gone,
    /// The client is to be told.
    Told(ApiError),
}

/// Receives a body. Long ones go to a file in `folder`, which is made for it.
pub(super) async fn receive(
    head: &Head,
    mut incoming: Incoming,
    folder: &Path,
    patience: Duration,
) -> Result<Received, Failure> {
    let mut decoder = is_chunked(head).then(Decoder::default);
    let mut spool = Spool { folder, memory: Vec::new(), file: None, length: 0 };
    loop {
        let frame = match tokio::time::timeout(patience, incoming.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) => return Err(Failure::Gone),
            Ok(None) => break,
            Err(_) => {
                let message = "Your socket connection to the server was not read from or written to within the \
                               timeout period. Idle connections will be closed.";
                return Err(Failure::Told(ApiError::new("RequestTimeout", message)));
            }
        };
        let Ok(bytes) = frame.into_data() else { continue };
        if let Some(decoder) = &mut decoder {
            let memory = &mut spool.memory;
            let mut length = 0;
            let fed = decoder.feed(&bytes, &mut |piece| {
                memory.extend_from_slice(piece);
                length += piece.len() as u64;
            });
            spool.length += length;
            fed.map_err(|why| Failure::Told(ApiError::new("IncompleteBody", why)))?;
        } else {
            spool.memory.extend_from_slice(&bytes);
            spool.length += bytes.len() as u64;
        }
        spool.settle().await.map_err(|error| Failure::Told(unkept(&error)))?;
    }
    let trailers = match decoder {
        Some(decoder) => {
            decoder.finish().map_err(|why| Failure::Told(ApiError::new("IncompleteBody", why)))?
        }
        None => Vec::new(),
    };
    let promised = head.header("x-amz-decoded-content-length").and_then(|length| length.parse::<u64>().ok());
    if promised.is_some_and(|promised| promised != spool.length) {
        let message =
            "You did not provide the number of bytes specified by the x-amz-decoded-content-length header.";
        return Err(Failure::Told(ApiError::new("IncompleteBody", message)));
    }
    let (body, file) = spool.done().await.map_err(|error| Failure::Told(unkept(&error)))?;
    Ok(Received { body, file, trailers })
}

/// All of a body, unless it is longer than `longest` bytes or cannot be read.
pub(super) fn read(body: &Body, longest: u64) -> Option<Cow<'_, [u8]>> {
    match body {
        Body::Memory(bytes) => Some(Cow::Borrowed(bytes)),
        Body::File { path, length } if *length <= longest => fs::read(path).ok().map(Cow::Owned),
        Body::File { .. } => None,
    }
}

/// Bytes.
pub(super) fn length(body: &Body) -> u64 {
    match body {
        Body::Memory(bytes) => bytes.len() as u64,
        Body::File { length, .. } => *length,
    }
}

fn is_chunked(head: &Head) -> bool {
    let encoded = head.header("content-encoding").is_some_and(|encoding| encoding.contains("aws-chunked"));
    encoded || head.header("x-amz-content-sha256").is_some_and(|hash| hash.starts_with("STREAMING-"))
}

/// The disk is full, or the folder is not to be written: nothing that asking again would help.
fn unkept(error: &io::Error) -> ApiError {
    ApiError::new("RehearsalCannotKeep", format!("rehearsal cannot keep the body of this call: {error}"))
}

/// A body on its way to memory or a file.
struct Spool<'a> {
    folder: &'a Path,
    memory: Vec<u8>,
    file: Option<(File, TempPath)>,
    length: u64,
}

impl Spool<'_> {
    /// Moves what was gathered to the file, if there is enough of it.
    async fn settle(&mut self) -> io::Result<()> {
        match &mut self.file {
            None if self.memory.len() <= SHORT => return Ok(()),
            None => {
                let folder = self.folder.to_owned();
                let made = tokio::task::spawn_blocking(move || {
                    fs::create_dir_all(&folder)?;
                    Ok(tempfile::Builder::new().prefix("body-").tempfile_in(&folder)?.into_parts())
                });
                let (file, path) = made.await.map_err(io::Error::other).and_then(|made| made)?;
                let file = self.file.insert((File::from_std(file), path));
                file.0.write_all(&self.memory).await?;
            }
            Some(_) if self.memory.len() < GATHERED => return Ok(()),
            Some((file, _)) => file.write_all(&self.memory).await?,
        }
        self.memory.clear();
        Ok(())
    }

    async fn done(mut self) -> io::Result<(Body, Option<TempPath>)> {
        let Some((mut file, path)) = self.file.take() else { return Ok((Body::Memory(self.memory), None)) };
        file.write_all(&self.memory).await?;
        file.flush().await?;
        Ok((Body::File { path: path.to_path_buf(), length: self.length }, Some(path)))
    }
}

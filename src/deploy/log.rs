//! What a deployment tells, in the form of the agent's scripts.log (codedeploy.md 8.1).
//!
//! Owns: the form of the lines, and the file in the deployment's folder. Leaves to the sink: where the log of the action
//! goes, and when each line came.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use crate::action::{Error, PhaseStatus, Progress, Sink, Stream};
use crate::clock::{Clock, Timestamp};

/// A line of a script that is longer than this is passed on in pieces.
const LONGEST_LINE: usize = 64 * 1024;

/// The log of a deployment.
pub(super) struct Log<'a> {
    sink: &'a mut dyn Sink,
    clock: &'a dyn Clock,
    file: Option<File>,
    /// Begun lines of the two streams.
    lines: [(Stream, Vec<u8>); 2],
}

impl<'a> Log<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink, clock: &'a dyn Clock) -> Self {
        let lines = [(Stream::Stdout, Vec::new()), (Stream::Stderr, Vec::new())];
        Self { sink, clock, file: None, lines }
    }

    /// From now on, lines also go to scripts.log in `folder`.
    pub(super) fn keep_in(&mut self, folder: &Path) -> Result<(), Error> {
        std::fs::create_dir_all(folder).map_err(Error::at("create", folder))?;
        let path = folder.join("scripts.log");
        let file = OpenOptions::new().create(true).append(true).open(&path);
        self.file = Some(file.map_err(Error::at("write", &path))?);
        Ok(())
    }

    /// A line of the agent.
    pub(super) fn agent(&mut self, text: &str) {
        self.line(self.clock.now(), Stream::Agent, text.as_bytes());
    }

    /// Something that the agent would not say, for those who read the log.
    pub(super) fn remark(&mut self, text: &str) {
        self.agent(&format!("[rehearsal]{text}"));
    }

    /// Something that the agent would not say, and the user should know.
    pub(super) fn note(&mut self, text: &str) {
        self.remark(text);
        self.sink.progress(Progress::Note(text.to_owned()));
    }

    /// A lifecycle event began.
    pub(super) fn began(&mut self, event: &str) {
        self.sink.progress(Progress::PhaseStarted { phase: event.to_owned() });
        self.agent(&format!("LifecycleEvent - {event}"));
    }

    /// A lifecycle event ended.
    pub(super) fn ended(&mut self, event: &str, status: PhaseStatus, context: Option<String>) {
        self.sink.progress(Progress::PhaseEnded { phase: event.to_owned(), status, context });
    }

    /// Output of a script, which becomes lines with the name of their stream before them.
    pub(super) fn output(&mut self, at: Timestamp, stream: Stream, bytes: &[u8]) {
        let index = usize::from(stream == Stream::Stderr);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (_, line) = &mut self.lines[index];
            line.extend_from_slice(piece.strip_suffix(b"\n").unwrap_or(piece));
            if piece.ends_with(b"\n") || line.len() >= LONGEST_LINE {
                self.end_line(at, index);
            }
        }
    }

    /// Shows lines that were begun; the script they came from is over.
    pub(super) fn flush(&mut self) {
        let at = self.clock.now();
        for index in 0..self.lines.len() {
            if !self.lines[index].1.is_empty() {
                self.end_line(at, index);
            }
        }
    }

    fn end_line(&mut self, at: Timestamp, index: usize) {
        let (stream, line) = &mut self.lines[index];
        let name: &[u8] = if *stream == Stream::Stderr { b"[stderr]" } else { b"[stdout]" };
        let (stream, text) = (*stream, [name, line].concat());
        line.clear();
        self.line(at, stream, &text);
    }

    fn line(&mut self, at: Timestamp, stream: Stream, text: &[u8]) {
        let line = [text, b"\n"].concat();
        if let Some(file) = &mut self.file {
            let stamp = at.strftime("%Y-%m-%d %H:%M:%S ").to_string();
            // A convenience for those who look in the folder; the action's own log is what counts.
            let _ = file.write_all(&[stamp.as_bytes(), &line].concat());
        }
        self.sink.output(at, stream, &line);
    }
}

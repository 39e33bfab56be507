//! What a build tells: CodeBuild's own lines, the output of commands with secrets hidden, and progress.
//!
//! Owns: the form of the lines (codebuild.md 3.5), masking whatever leaves the build, remembering the end of the output.
//! Leaves to the sink: where all of it goes.

use std::collections::VecDeque;

use super::mask::Mask;
use super::phase::Phase;
use super::retry::SEARCHED;
use crate::action::{Failure, PhaseStatus, Progress, Sink, Stream};
use crate::clock::{Clock, Timestamp};

/// The log of one build.
pub(super) struct Log<'a> {
    sink: &'a mut dyn Sink,
    clock: &'a dyn Clock,
    mask: Mask,
    last: VecDeque<u8>,
    in_line: bool,
}

impl<'a> Log<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink, clock: &'a dyn Clock) -> Self {
        Self { sink, clock, mask: Mask::new([]), last: VecDeque::new(), in_line: false }
    }

    /// From now on these values are hidden.
    pub(super) fn hide(&mut self, secrets: &[String]) {
        self.mask = Mask::new(secrets.iter().map(String::as_bytes));
    }

    /// A line of CodeBuild's agent.
    pub(super) fn agent(&mut self, text: &str) {
        self.line("Container", text);
    }

    /// Something that CodeBuild would not say, and the user should know.
    pub(super) fn note(&mut self, text: &str) {
        self.line("Rehearsal", text);
        let text = self.mask.text(text);
        self.sink.progress(Progress::Note(text));
    }

    /// Something that CodeBuild would not say, for those who read the log.
    pub(super) fn remark(&mut self, text: &str) {
        self.line("Rehearsal", text);
    }

    /// Several lines as they are.
    pub(super) fn block(&mut self, text: &str) {
        self.flush();
        let start = if std::mem::take(&mut self.in_line) { "\n" } else { "" };
        let text = self.mask.text(text.trim_end());
        self.sink.output(self.clock.now(), Stream::Agent, format!("{start}{text}\n").as_bytes());
    }

    fn line(&mut self, who: &str, text: &str) {
        self.flush();
        let at = self.clock.now();
        let stamp = at.strftime("%Y/%m/%d %H:%M:%S.%6f");
        let start = if std::mem::take(&mut self.in_line) { "\n" } else { "" };
        let line = format!("{start}[{who}] {stamp} {}\n", self.mask.text(text));
        self.sink.output(at, Stream::Agent, line.as_bytes());
    }

    /// Output of a command.
    pub(super) fn output(&mut self, at: Timestamp, stream: Stream, bytes: &[u8]) {
        let shown = self.mask.pass(bytes);
        self.show(at, stream, &shown);
    }

    /// Shows what was held back; the command it came from is over.
    pub(super) fn flush(&mut self) {
        let shown = self.mask.flush();
        let at = self.clock.now();
        self.show(at, Stream::Stdout, &shown);
    }

    fn show(&mut self, at: Timestamp, stream: Stream, bytes: &[u8]) {
        let Some(end) = bytes.last() else { return };
        self.in_line = *end != b'\n';
        let recent = &bytes[bytes.len().saturating_sub(SEARCHED)..];
        let surplus = (self.last.len() + recent.len()).saturating_sub(SEARCHED);
        self.last.drain(..surplus);
        self.last.extend(recent);
        self.sink.output(at, stream, bytes);
    }

    /// A command begins: from here on its output is remembered.
    pub(super) fn forget_output(&mut self) {
        self.last.clear();
    }

    /// The last of the output since then.
    pub(super) fn last_output(&mut self) -> &[u8] {
        self.last.make_contiguous()
    }

    /// A phase began. DOWNLOAD_SOURCE has a line of its own.
    pub(super) fn entered(&mut self, phase: Phase) {
        self.sink.progress(Progress::PhaseStarted { phase: phase.api_name().to_owned() });
    }

    /// A phase ended. `state` is what CodeBuild calls it, which for a phase that aborts the build is not its status.
    pub(super) fn ended(
        &mut self,
        phase: Phase,
        state: &str,
        status: PhaseStatus,
        failure: Option<&Failure>,
    ) {
        let name = phase.api_name();
        let (code, message) = failure.map_or(("", ""), |failure| (&failure.code, &failure.message));
        // One line of the log; what follows, such as lines to paste, is told with the failure.
        let message = message.lines().next().unwrap_or_default();
        // FINALIZING is not in CodeBuild's log; it ends when the log has ended.
        if phase != Phase::Finalizing {
            self.agent(&format!("Phase complete: {name} State: {state}"));
            self.agent(&format!("Phase context status code: {code} Message: {message}"));
        }
        let context = failure.map(|failure| self.mask.text(&format!("{}: {message}", failure.code)));
        self.sink.progress(Progress::PhaseEnded { phase: name.to_owned(), status, context });
    }

    /// A text as it may leave the build.
    pub(super) fn masked_text(&self, text: &str) -> String {
        self.mask.text(text)
    }

    /// A failure as it may leave the build.
    pub(super) fn masked(&self, failure: Failure) -> Failure {
        Failure {
            message: self.mask.text(&failure.message),
            command: failure.command.map(|command| self.mask.text(&command)),
            ..failure
        }
    }
}

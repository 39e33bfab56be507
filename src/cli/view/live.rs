//! One line per running action at a terminal, drawn over again while time passes.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// How often the lines are drawn.
const TICK: Duration = Duration::from_millis(120);

/// The lines of what is going on: an action execution runs, or an execution waits.
pub(crate) struct Live {
    lines: MultiProgress,
    running: BTreeMap<String, ProgressBar>,
}

impl Live {
    /// No lines yet.
    pub(crate) fn new() -> Self {
        Self { lines: MultiProgress::new(), running: BTreeMap::new() }
    }

    /// An action began.
    pub(crate) fn start(&mut self, id: &str, name: &str) {
        self.add(id, name);
    }

    /// An execution waits for somebody else.
    pub(crate) fn wait(&mut self, id: &str, what: &str) {
        self.end(id);
        self.add(id, what);
    }

    /// An action entered a phase.
    pub(crate) fn phase(&mut self, id: &str, phase: &str) {
        if let Some(line) = self.running.get(id) {
            line.set_message(phase.to_owned());
        }
    }

    /// An action ended, or a wait.
    pub(crate) fn end(&mut self, id: &str) {
        if let Some(line) = self.running.remove(id) {
            line.finish_and_clear();
            self.lines.remove(&line);
        }
    }

    /// Lets `print` write lines that stay, above the others.
    pub(crate) fn above(&self, print: impl FnOnce()) {
        self.lines.suspend(print);
    }

    /// Removes all lines.
    pub(crate) fn close(&mut self) {
        for (_, line) in std::mem::take(&mut self.running) {
            line.finish_and_clear();
        }
        let _ = self.lines.clear();
    }

    fn add(&mut self, id: &str, name: &str) {
        let line = self.lines.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}  {elapsed}  {wide_msg}") {
            line.set_style(style);
        }
        line.set_prefix(name.to_owned());
        line.enable_steady_tick(TICK);
        self.running.insert(id.to_owned(), line);
    }
}

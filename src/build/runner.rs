//! Where the commands of a build run: the one seam between CodeBuild's semantics and processes.

use crate::action::{Cancel, Error};
use crate::process::{Command, Exit, Guard, Leftover, OnOutput};

/// Runs the commands of one build, one after the other.
pub(super) trait Runner {
    /// Runs one command to its end.
    fn run(&mut self, command: &Command, on_output: OnOutput<'_>, cancel: &Cancel) -> Result<Exit, Error>;

    /// Ends what still runs, and lists it.
    fn finish(self: Box<Self>, on_output: OnOutput<'_>) -> Result<Vec<Leftover>, Error>;
}

impl Runner for Guard {
    fn run(&mut self, command: &Command, on_output: OnOutput<'_>, cancel: &Cancel) -> Result<Exit, Error> {
        Self::run(self, command, on_output, cancel)
    }

    fn finish(self: Box<Self>, on_output: OnOutput<'_>) -> Result<Vec<Leftover>, Error> {
        Self::finish(*self, on_output)
    }
}

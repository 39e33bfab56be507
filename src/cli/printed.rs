//! What a program of the user prints.
//!
//! Owns: running one to its end under a guard, with a time limit, and what is said of one that fails. Nothing of it is left
//! behind, whatever it starts.

use std::time::Duration;

use crate::action::{self, Cancel, StopReason, Stream};
use crate::process::{Command, Guard, GuardOptions, How};

/// Runs a command, and gives its standard output when its status is one of these; else says what happened.
pub(super) fn printed(guard: &GuardOptions, command: &Command, well: &[i32]) -> Result<Vec<u8>, String> {
    let mut printed = Vec::new();
    let mut run = || -> Result<How, action::Error> {
        let cancel = Cancel::new().map_err(action::Error::during("make a pipe"))?;
        let mut guard = Guard::start(guard)?;
        let mut keep = |_: crate::clock::Timestamp, stream: Stream, bytes: &[u8]| {
            if stream == Stream::Stdout {
                printed.extend_from_slice(bytes);
            }
        };
        let exit = guard.run(command, &mut keep, &cancel)?;
        guard.finish(&mut |_, _, _| {})?;
        Ok(exit.how)
    };
    match run().map_err(|error| error.to_string())? {
        How::Exited(status) if well.contains(&status) => Ok(printed),
        How::Exited(status) => Err(format!("exit status {status}")),
        How::Signaled(number) => Err(format!("ended by signal {number}")),
        How::TimedOut | How::Stopped(StopReason::TimedOut) => {
            let limit = command.time_limit.unwrap_or(Duration::ZERO);
            Err(format!("took longer than {} seconds", limit.as_secs()))
        }
        How::Stopped(StopReason::Stopped | StopReason::Signal(_)) => Err("it was stopped".to_owned()),
        How::NotStarted(why) => Err(why),
    }
}

//! `rehearsal hook`: what is pushed is rehearsed before it leaves this machine.
//!
//! `install` owns the file that git runs, `pre_push` the judgement, `verdict` what is known of it from before.

mod install;
mod pre_push;
mod verdict;

use super::arguments::{Command, Hook};
use super::ending::{Ending, Failure};
use super::host::Host;
use super::output::Output;

pub(super) fn perform(arguments: &Hook, host: &Host, output: &Output) -> Result<Ending, Failure> {
    match arguments {
        Hook::Install => install::install(host, output),
        Hook::Uninstall => install::uninstall(host, output),
        Hook::PrePush(arguments) => pre_push::perform(arguments, host, output),
    }
}

/// The ending of a command that failed: a push is held back by a known red only, not by what Rehearsal could not do.
pub(super) fn let_pass(command: &Command, output: &Output, ending: Ending) -> Ending {
    if !matches!(command, Command::Hook(Hook::PrePush(_))) || matches!(ending, Ending::Signal(_)) {
        return ending;
    }
    output.talk("the push goes on, not rehearsed");
    Ending::Well
}

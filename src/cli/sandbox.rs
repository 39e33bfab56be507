//! Where commands run: what was asked for, and what works on this machine.
//!
//! Owns: the choice among `--sandbox`, its variable, rehearsal.yml and what works, and what is said about it. Leaves to
//! `process::sandbox`: making one.

use std::ffi::OsStr;

use clap::ValueEnum;

use super::arguments;
use super::ending::Failure;
use super::host::Host;
use super::output::Output;
use crate::process::GuardOptions;
use crate::process::sandbox::Sandbox;
use crate::spec::config;

/// What the bare host does not hold back.
const ON_THE_HOST: &str = "they see your files, your processes and your network; their environment and HOME are made anew, \
                           and that is all that is held back (docs/fidelity.md, 4)";

/// What being nested costs.
const NESTED: &str = "this is itself in a sandbox, where nobody may mount /proc: commands see the processes around them, and \
                      can signal yours";

/// The variable that names a sandbox where no flag does.
const VARIABLE: &str = "REHEARSAL_SANDBOX";

/// The sandbox that was asked for by flag or variable.
pub(crate) fn asked(
    typed: Option<arguments::Sandbox>,
    host: &Host,
) -> Result<Option<arguments::Sandbox>, Failure> {
    let value = host.variables.get(OsStr::new(VARIABLE)).filter(|value| !value.is_empty());
    let of_variable = value.filter(|_| typed.is_none()).map(|value| {
        arguments::Sandbox::from_str(&value.to_string_lossy(), false).map_err(|_| {
            Failure::unusable(format!("{VARIABLE} is `{}`, which is no sandbox", value.display()))
                .hint("it can be isolated or host")
        })
    });
    match typed.or(of_variable.transpose()?) {
        Some(arguments::Sandbox::Container) => Err(no_containers()),
        asked @ (None | Some(arguments::Sandbox::Host | arguments::Sandbox::Isolated)) => Ok(asked),
    }
}

/// The sandbox for commands. What was asked for and does not work is an error; when nothing was asked for, the isolated
/// one is taken where it works.
pub(crate) fn choose(
    own: Option<config::Sandbox>,
    guard: &GuardOptions,
    host: &Host,
    output: &Output,
) -> Result<Sandbox, Failure> {
    let of_file = own.map(|own| match own {
        config::Sandbox::Host => arguments::Sandbox::Host,
        config::Sandbox::Isolated => arguments::Sandbox::Isolated,
    });
    let asked = host.sandbox.or(of_file);
    match asked {
        Some(arguments::Sandbox::Host) => {
            // A variable is a decision for good, which needs no telling each time.
            if host.variables.get(OsStr::new(VARIABLE)).is_none_or(|value| value != "host") {
                output.note(format_args!("commands run on this machine itself: {ON_THE_HOST}"));
            }
            return Ok(Sandbox::Host);
        }
        Some(arguments::Sandbox::Container) => return Err(no_containers()),
        Some(arguments::Sandbox::Isolated) | None => {}
    }
    match (Sandbox::isolated(guard, &host.variables), asked) {
        (Ok(sandbox), _) => {
            if sandbox.shows_outer_processes() {
                output.note(NESTED);
            }
            Ok(sandbox)
        }
        (Err(unusable), Some(_)) => Err(Failure::unusable(format!("no isolated sandbox: {unusable}"))
            .hint(unusable.remedy)
            .hint("or use --sandbox host: commands then run on this machine itself")),
        (Err(unusable), None) => {
            output.note(format_args!("{unusable}, so commands run on this machine itself: {ON_THE_HOST}"));
            output.note(format_args!("to isolate them, {}", unusable.remedy));
            Ok(Sandbox::Host)
        }
    }
}

/// There are no containers yet.
fn no_containers() -> Failure {
    Failure::unusable(
        "the sandbox `container` is not there yet: this version runs nothing in the project's image",
    )
    .hint("use --sandbox isolated: held back as in a container, with the programs of this machine")
    .hint("or --sandbox host: on this machine itself")
}

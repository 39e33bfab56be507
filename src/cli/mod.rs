//! The command line: arguments in, one library call, a view out.
//!
//! Owns: what can be typed ([`arguments`]), what is known of the machine ([`host`]), the exit codes ([`ending`]), and all
//! printing. One file per command. Leaves every decision about builds and pipelines to the library.

mod allowing;
mod answer;
pub mod arguments;
mod artifacts;
mod build;
mod check;
mod drive;
pub mod ending;
mod equip;
mod history;
mod hook;
pub mod host;
mod init;
mod list;
mod logs;
mod output;
mod permissions;
mod place;
mod plan;
mod printed;
mod prompt;
mod pushes;
mod quotas;
mod retry;
mod run;
mod sandbox;
mod schema;
mod show;
mod signals;
mod stop;
mod usage;
mod view;
mod watch;
mod words;

mod demo;

use std::ffi::OsString;

use clap::Parser;

use arguments::{Arguments, Command};
use ending::{Ending, Failure};
use host::Host;
use output::Output;

use crate::pipeline::engine::Answer;

/// Runs the program with the arguments it was started with and gives its exit code.
pub fn main() -> u8 {
    run_with(std::env::args_os())
}

fn run_with(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let typed: Vec<_> = arguments.into_iter().collect();
    let arguments = match Arguments::try_parse_from(&typed) {
        Ok(arguments) => arguments,
        Err(error) => {
            let words = || typed.iter().skip(1).map(|word| word.to_string_lossy());
            let error = usage::explained(allowing::explained(error, words()), words());
            // Help and version are results, wrong usage is talk; clap knows which. Nobody to tell is no error.
            let _ = error.print();
            return if error.use_stderr() { Ending::Unusable } else { Ending::Well }.code();
        }
    };
    let host = match Host::read() {
        Ok(host) => Host { typed, ..host },
        Err(error) => {
            let _ = std::io::Write::write_fmt(
                &mut std::io::stderr(),
                format_args!("error: cannot tell the working directory: {error}\n"),
            );
            return Ending::Unusable.code();
        }
    };
    let output = Output::new(&host, arguments.color);
    let ending = perform(&arguments, &host, &output).unwrap_or_else(|failure| {
        let ending = output.failure(&failure);
        hook::let_pass(&arguments.command, &output, ending)
    });
    ending.code()
}

fn perform(arguments: &Arguments, host: &Host, output: &Output) -> Result<Ending, Failure> {
    let sandbox = sandbox::asked(arguments.sandbox, host)?;
    let host = &Host { sandbox, no_network: arguments.no_network, ..host.clone() };
    match &arguments.command {
        Command::Check(arguments) => check::perform(arguments, host, output),
        Command::Build(arguments) => build::perform(arguments, host, output),
        Command::Run(arguments) => run::perform(arguments, host, output),
        Command::List(arguments) => list::perform(arguments, host, output),
        Command::Show(arguments) => show::perform(arguments, host, output),
        Command::Logs(arguments) => logs::perform(arguments, host, output),
        Command::Artifacts(arguments) => artifacts::perform(arguments, host, output),
        Command::Permissions(arguments) => permissions::perform(arguments, host, output),
        Command::Retry(arguments) => retry::perform(arguments, host, output),
        Command::Approve(arguments) => answer::perform(arguments, Answer::Approved, host, output),
        Command::Reject(arguments) => answer::perform(arguments, Answer::Rejected, host, output),
        Command::Demo(arguments) => demo::perform(arguments, host, output),
        Command::Quotas(arguments) => quotas::perform(arguments, host, output),
        Command::Schema(arguments) => schema::perform(arguments, output),
        Command::Stop(arguments) => stop::perform(arguments, host, output),
        Command::Watch(arguments) => watch::perform(arguments, host, output),
        Command::Hook(arguments) => hook::perform(arguments, host, output),
        Command::Init(arguments) => init::perform(arguments, host, output),
    }
}

//! The `rehearsal` command: arguments, one call into the library, an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(argument) = std::env::args_os().nth(1) {
        if argument == rehearsal::process::GUARD_ARGUMENT {
            return rehearsal::process::guard_main().into();
        }
        if argument == rehearsal::aws::shims::ARGUMENT {
            return rehearsal::aws::shims::main().into();
        }
    }
    rehearsal::cli::main().into()
}

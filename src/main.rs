//! The `rehearsal` command: arguments, one call into the library, an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == rehearsal::process::GUARD_ARGUMENT) {
        return rehearsal::process::guard_main().into();
    }
    rehearsal::cli::main().into()
}

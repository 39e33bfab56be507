//! Wrong usage that clap has no good tip for.
//!
//! Owns: that the one command has `--format` and others have `--json`. Leaves to `allowing` what is said of its flags.

use std::borrow::Cow;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use clap::CommandFactory;

use super::arguments::Arguments;

/// Says how JSON is asked for where it was tried with the flag of another command.
pub(super) fn explained<'a>(
    mut error: clap::Error,
    mut typed: impl Iterator<Item = Cow<'a, str>>,
) -> clap::Error {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else { return error };
    let program = Arguments::command();
    let Some(command) = typed.find_map(|word| program.find_subcommand(word.as_ref())) else { return error };
    let has = |name: &str| command.get_arguments().any(|argument| argument.get_long() == Some(name));
    let name = command.get_name();
    let why = match (error.kind(), flag.as_str()) {
        (ErrorKind::UnknownArgument, "--format") if has("json") => {
            format!("`rehearsal {name}` gives JSON with `--json`")
        }
        (ErrorKind::UnknownArgument, "--json") if has("format") => {
            format!("`rehearsal {name}` gives JSON with `--format json`")
        }
        _ => return error,
    };
    error.remove(ContextKind::SuggestedArg);
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![why.into()]));
    error
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[test]
    fn json_is_asked_for_with_the_commands_own_flag() {
        let told = |typed: &str| {
            let words = || typed.split(' ');
            let error = Arguments::try_parse_from(words()).unwrap_err();
            explained(error, words().skip(1).map(Cow::Borrowed)).to_string()
        };
        for (typed, tip) in [
            ("rehearsal show --format json", "`rehearsal show` gives JSON with `--json`"),
            ("rehearsal show --format=json abc", "`rehearsal show` gives JSON with `--json`"),
            ("rehearsal build --format json", "`rehearsal build` gives JSON with `--json`"),
            ("rehearsal list --format json", "`rehearsal list` gives JSON with `--json`"),
            ("rehearsal check --json", "`rehearsal check` gives JSON with `--format json`"),
        ] {
            let text = told(typed);
            assert!(text.contains(tip) && text.matches("tip:").count() == 1, "{typed}: {text}");
        }
        // What has neither is told what clap has to say.
        assert!(!told("rehearsal init --format json").contains("gives JSON"));
        assert!(!told("rehearsal show --frmat json").contains("gives JSON"));
    }
}

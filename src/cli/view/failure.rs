//! What is shown of an action that failed: where, what, with which status, and the end of its log.

use std::path::Path;

use super::table;
use crate::action::{Failure, Stream};
use crate::build::STAND_IN_MISSING;
use crate::cli::output::{Ink, Paint};
use crate::cli::words;
use crate::store::LogLine;

/// How many lines of the log are shown.
pub(crate) const TAIL: usize = 20;

/// How many lines of a long command are shown.
const COMMAND_LINES: usize = 10;

/// An action that did not succeed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FailedAction<'a> {
    /// `Stage/Action`, or the project of a build.
    pub(crate) name: &'a str,
    /// In words: `failed`, `timed out`, `was stopped`.
    pub(crate) verb: &'a str,
    /// What the action says went wrong.
    pub(crate) failure: Option<&'a Failure>,
    /// Its log, where there is one.
    pub(crate) log: Option<&'a Path>,
    /// The end of its log.
    pub(crate) tail: &'a [String],
}

/// The report on one action.
pub(crate) fn report(paint: Paint, action: &FailedAction<'_>) -> String {
    let phase = action.failure.and_then(|failure| failure.phase.as_deref());
    let place = phase.map_or(String::new(), |phase| format!(" in phase {phase}"));
    let mut text = paint.ink(Ink::Bad, format_args!("{} {}{place}", action.name, action.verb));
    let mut fields = Vec::new();
    let mut block = "";
    if let Some(failure) = action.failure {
        if let Some(command) = &failure.command {
            fields.push(("command", shortened(command)));
        }
        if let Some(status) = failure.exit_status {
            fields.push(("exit status", status.to_string()));
        }
        let mut message = failure.message.as_str();
        if failure.code == STAND_IN_MISSING {
            (message, block) = message.split_once('\n').unwrap_or((message, ""));
        }
        let reason = match (failure.code.as_str(), message) {
            ("", message) => message.to_owned(),
            (code, "") => code.to_owned(),
            (code, message) => format!("{code}: {message}"),
        };
        if !reason.is_empty() {
            fields.push(("reason", shortened(&reason)));
        }
    }
    if let Some(log) = action.log {
        fields.push(("log", log.display().to_string()));
    }
    if !fields.is_empty() {
        text.push('\n');
        text.push_str(&table::fields(paint, "  ", &fields));
    }
    if !block.is_empty() {
        // From the left edge and whole, to be pasted.
        let lines: Vec<_> = block.lines().map(words::printable).collect();
        text.push_str("\n\n");
        text.push_str(&lines.join("\n"));
    }
    if !action.tail.is_empty() {
        text.push('\n');
        for line in action.tail {
            text.push_str(
                format!("\n  {} {}", paint.ink(Ink::Faint, "│"), words::printable(line)).trim_end(),
            );
        }
    }
    text
}

/// A text of at most [`COMMAND_LINES`] lines that is safe to show.
fn shortened(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let mut shown: Vec<_> = lines.iter().take(COMMAND_LINES).map(|line| words::printable(line)).collect();
    if lines.len() > COMMAND_LINES {
        shown.push(format!("… {} more", words::count(lines.len() - COMMAND_LINES, "line", "lines")));
    }
    shown.join("\n")
}

/// How far back the failure of a command is looked for.
pub(crate) const SEARCHED: usize = 5000;

/// The lines of a log that tell why an action failed. Those of `command`, up to its failure: earlier commands have
/// their say in the log, and later phases still write to it (codebuild.md 3.2). Without a command, the last lines.
pub(crate) fn tail(lines: &[LogLine], command: Option<&str>) -> Vec<String> {
    let first = command.and_then(|command| command.lines().next()).unwrap_or_default().trim();
    // The agent's lines of codebuild.md 3.5.
    let says = |line: &LogLine, what: &str| {
        line.stream == Stream::Agent && line.text.contains(what) && line.text.contains(first)
    };
    let failed =
        command.and_then(|_| lines.iter().position(|line| says(line, "Command did not exit successfully")));
    let end = failed.map_or(lines.len(), |index| index + 1);
    let began = command.and_then(|_| lines[..end].iter().rposition(|line| says(line, "Running command")));
    let start = end.saturating_sub(TAIL).max(began.unwrap_or(0));
    lines[start..end].iter().map(|line| last_drawn(&line.text).to_owned()).collect()
}

/// What remains of a line that was drawn over with carriage returns, as progress bars do.
fn last_drawn(line: &str) -> &str {
    line.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_is_reported_whole() {
        let failure = Failure {
            code: "COMMAND_EXECUTION_ERROR".into(),
            message: "Error while executing command: make test. Reason: exit status 2".into(),
            phase: Some("BUILD".into()),
            command: Some("make test\necho done".into()),
            exit_status: Some(2),
        };
        let tail =
            ["\u{1b}[31mred\u{1b}[0m".to_owned(), String::new(), "make: *** [test] Error 1".to_owned()];
        let action = FailedAction {
            name: "Build/Compile",
            verb: "failed",
            failure: Some(&failure),
            log: Some(Path::new("/state/log")),
            tail: &tail,
        };
        insta::assert_snapshot!(report(Paint(false), &action), @"
        Build/Compile failed in phase BUILD
          command      make test
                       echo done
          exit status  2
          reason       COMMAND_EXECUTION_ERROR: Error while executing command: make test. Reason: exit status 2
          log          /state/log

          │ red
          │
          │ make: *** [test] Error 1
        ");
    }

    #[test]
    fn what_is_not_known_is_not_shown() {
        let action = FailedAction {
            name: "Source/Checkout",
            verb: "was stopped",
            failure: None,
            log: None,
            tail: &[],
        };
        assert_eq!(report(Paint(false), &action), "Source/Checkout was stopped");
    }

    fn lines(texts: &[(Stream, &str)]) -> Vec<LogLine> {
        let line =
            |(stream, text): &(Stream, &str)| LogLine { at: None, stream: *stream, text: (*text).to_owned() };
        texts.iter().map(line).collect()
    }

    #[test]
    fn the_log_is_cut_where_the_command_failed() {
        let told = "[Container] t Command did not exit successfully make test exit status 2";
        let log = lines(&[
            (Stream::Stdout, "of an earlier command"),
            (Stream::Agent, "[Container] t Running command make test"),
            (Stream::Stdout, "one"),
            (Stream::Stdout, told),
            (Stream::Stdout, "two"),
            (Stream::Agent, told),
            (Stream::Agent, "[Container] t Entering phase POST_BUILD"),
            (Stream::Stderr, "after"),
        ]);
        assert_eq!(tail(&log, Some("make test\nmore")), [log[1].text.as_str(), "one", told, "two", told]);
        assert_eq!(tail(&log, Some("other")).last().unwrap(), "after");
        assert_eq!(tail(&log, None).last().unwrap(), "after");
        let numbers: Vec<_> = (0..100).map(|number| number.to_string()).collect();
        let long = lines(&numbers.iter().map(|text| (Stream::Stdout, text.as_str())).collect::<Vec<_>>());
        assert_eq!(tail(&long, None).first().unwrap(), "80");
        assert_eq!(tail(&lines(&[(Stream::Stderr, "10%\r50%\r100%\r")]), None), ["100%"]);
    }

    #[test]
    fn long_commands_are_cut() {
        let command = "line\n".repeat(12);
        assert!(shortened(&command).ends_with("… 2 lines more"));
    }
}

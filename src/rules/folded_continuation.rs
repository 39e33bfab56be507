//! `folded-continuation`: a `\` at the end of a line that YAML joins with the next one.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, RunsIn};
use crate::diagnostic::{Finding, Severity};
use crate::syntax::{Span, Style};

pub(super) const RULE: Rule = Rule {
    code: "folded-continuation",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A `\\` at the end of a line that YAML joins with the next one",
    doc: "In a text without quotes, in one below `>` and in single quotes, YAML makes one line of several before any shell sees it. \
          The `\\` then stands before a blank, and the shell takes both for a part of the next word: `make \\ -j4` gives make one \
          argument, ` -j4` with a blank before it. Below `|` lines stay lines, and a `\\` at their end does what it is written for.\n\n\
          At the end of an item nothing follows that a `\\` could lead to: each item is a script of its own.",
    example: Example::buildspec(
        r"version: 0.2
phases:
  build:
    commands:
      - docker build \
        --tag service .
",
        r"version: 0.2
phases:
  build:
    commands:
      - docker build
        --tag service .
",
    ),
    reference: "codebuild.md 3.4",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-cmd.html"),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    if file.shell.runs_in == RunsIn::Windows {
        return;
    }
    trailing(file, findings);
    for command in file.commands() {
        let folds = command
            .node
            .scalar()
            .is_some_and(|scalar| matches!(scalar.style, Style::Plain | Style::Folded | Style::SingleQuoted));
        if !folds || !command.has("\\ ") {
            continue;
        }
        let folded = command.text.match_indices("\\ ").find_map(|(at, _)| {
            let offset = |at: usize| u32::try_from(at).unwrap_or_default();
            let before = &command.text[..at];
            // Two of them are one that is meant.
            let is_escaped = before.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
            // `C:\folder\ && dir`
            let begin = before.rfind(' ').map_or(0, |blank| blank + 1);
            let is_path = before.get(begin + 1..begin + 3) == Some(":\\");
            if is_escaped || is_path {
                return None;
            }
            let written = command.at(Span::new(offset(at), offset(at + 1)));
            let behind = file.source().text().get(written.end as usize..).unwrap_or_default();
            let is_break = behind.trim_start_matches([' ', '\t']).starts_with(['\n', '\r']);
            is_break.then_some(written)
        });
        let Some(span) = folded else { continue };
        let message =
            "YAML joins this line with the next one, and the `\\` makes a blank a part of the next word";
        let finding = RULE.at(file.source(), span, message, "the shell reads `\\ ` here");
        let help = if command.node.scalar().is_some_and(|scalar| scalar.style == Style::Folded) {
            "write `|` for `>`, or leave the `\\` out"
        } else {
            "leave the `\\` out, or put the lines below `- |`"
        };
        findings.push(finding.help(help));
    }
}

/// Commands that end in a `\`, behind which their item has nothing.
fn trailing(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let commands = file.commands();
    for (index, command) in commands.iter().enumerate() {
        let text = command.text.trim_end();
        let count = text.bytes().rev().take_while(|byte| *byte == b'\\').count();
        if count % 2 == 0 {
            continue;
        }
        // An option that stands as the next item is told there.
        let is_told = commands.get(index + 1).is_some_and(|next| next.text.starts_with('-'));
        let is_comment =
            text.lines().next_back().is_some_and(|line| line.starts_with('#') || line.contains(" #"));
        // Of a command that no shell would begin that is said.
        if is_told || is_comment || command.script.error.is_some() {
            continue;
        }
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let span = command.at(Span::new(end - 1, end));
        let message = "the command ends in a `\\`, and nothing follows in its item";
        let finding = RULE.at(file.source(), span, message, "leads to nothing");
        findings.push(finding.help("leave the `\\` out, or put the lines of the command below `- |`"));
    }
}

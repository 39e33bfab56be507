//! `removed-command`: a command that current images no longer have.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Command};
use crate::diagnostic::{Finding, Severity};
use crate::syntax::{Node, Span};

pub(super) const RULE: Rule = Rule {
    code: "removed-command",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A command that current images no longer have",
    doc: "`aws ecr get-login` is gone from version 2 of the AWS CLI, which the current images hold: the command fails there. \
          `aws ecr get-login-password` prints the password for `docker login`.",
    example: Example::buildspec(
        "version: 0.2
phases:
  pre_build:
    commands:
      - $(aws ecr get-login --no-include-email)
",
        r#"version: 0.2
phases:
  pre_build:
    commands:
      - aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"
"#,
    ),
    reference: "codebuild.md 5",
    url: Some("https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html"),
    check: Check::Buildspec(check),
};

/// The words, which may be apart by several blanks.
const WORDS: [&str; 3] = ["aws", "ecr", "get-login"];

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for command in file.commands() {
        if uses(&command) {
            let span = place(command.node);
            let message = "`aws ecr get-login` is gone from version 2 of the AWS CLI";
            let finding = RULE.at(file.source(), span, message, "fails on current images");
            findings.push(finding.help(
                "write: aws ecr get-login-password | docker login --username AWS --password-stdin REGISTRY",
            ));
        }
    }
}

fn uses(command: &Command<'_>) -> bool {
    let lines = command.text.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.into_iter().any(|line| {
        let words: Vec<_> = line
            .split(|c: char| c.is_whitespace() || "()`\"';|&".contains(c))
            .filter(|w| !w.is_empty())
            .collect();
        words.windows(3).any(|window| window == WORDS)
    })
}

/// The words themselves, where the text of the file has them in one line.
fn place(node: Node<'_>) -> Span {
    let span = node.content_span();
    let written = node.source().slice(span);
    let ends = written.match_indices(WORDS[2]).map(|(at, word)| at + word.len());
    let end = ends.into_iter().find(|end| !written[*end..].starts_with('-'));
    let found = end.and_then(|end| {
        let line = written[..end].rfind('\n').map_or(0, |at| at + 1);
        Some((line + written[line..end].rfind(WORDS[0])?, end))
    });
    found.map_or_else(
        || super::subject::head(node),
        |(start, end)| {
            let at = |offset: usize| span.start + u32::try_from(offset).unwrap_or_default();
            Span::new(at(start), at(end))
        },
    )
}

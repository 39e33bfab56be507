//! `test-without-blanks`: a comparison that is one word, and so is always true.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Command, RunsIn};
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{Simple, Word};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "test-without-blanks",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A comparison that is one word, and so is always true",
    doc: "`[ \"$STAGE\"=\"test\" ]` has one word between its brackets, and a word that is not empty is true: the branch is taken whatever \
          the variable holds. Blanks around the sign make a comparison of it. With a blank on one side only, as in \
          `[ \"$STAGE\"= \"test\" ]`, the test fails with an error.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - if [ \"$STAGE\"=\"production\" ]; then make deploy; fi
",
        "version: 0.2
phases:
  build:
    commands:
      - if [ \"$STAGE\" = \"production\" ]; then make deploy; fi
",
    ),
    reference: "codebuild.md 3.4",
    url: None,
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    if !matches!(file.shell.runs_in, RunsIn::Sh | RunsIn::Bash) {
        return;
    }
    let compares = |command: &&Command<'_>| command.letters.has(b'=');
    for command in file.commands().iter().filter(compares) {
        for (simple, _) in command.simples() {
            let Some((span, is_one)) = joined(simple, command) else { continue };
            let (message, label) = if is_one {
                ("this test is one word, and always true", "not empty, and so true")
            } else {
                ("this test has a blank on one side of its sign only", "an error, and so false")
            };
            let finding = RULE.at(file.source(), command.at(span), message, label);
            findings.push(finding.help("write blanks on both sides of the sign: [ \"$NAME\" = value ]"));
        }
    }
}

/// The words of a comparison without its blanks, and whether they are one.
fn joined(simple: &Simple<'_>, command: &Command<'_>) -> Option<(Span, bool)> {
    let arguments = match simple.name()? {
        "test" => simple.arguments(),
        "[" => {
            let (last, arguments) = simple.arguments().split_last()?;
            (last.text == "]" && !last.quoted).then_some(arguments)?
        }
        _ => return None,
    };
    let arguments = match arguments {
        [not, rest @ ..] if not.text == "!" => rest,
        all => all,
    };
    match arguments {
        [word] => (sign(word, command)? == Place::Inside).then_some((word.span, true)),
        [left, right] => {
            // `-n "$A"` asks something else.
            let is_option = !left.quoted && left.text.starts_with('-');
            let (before, behind) = (sign(left, command), sign(right, command));
            let is_torn = before == Some(Place::End) || behind == Some(Place::Start);
            (!is_option && is_torn).then(|| (left.span.join(right.span), false))
        }
        _ => None,
    }
}

/// Where in a word the sign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Inside,
    End,
}

/// The place of a `=`, `==` or `!=` outside of quotes; none where a part of the word is a command of its own.
fn sign(word: &Word<'_>, command: &Command<'_>) -> Option<Place> {
    let written = command.text.get(word.span.start as usize..word.span.end as usize)?;
    if written.contains("$(") || written.contains(['`', '\\']) {
        return None;
    }
    let mut open = None;
    let at = written.char_indices().find_map(|(at, c)| {
        match (open, c) {
            (None, '"' | '\'') => open = Some(c),
            (Some(quote), _) if quote == c => open = None,
            (None, '{') => open = Some('}'),
            (None, '=') => return Some(at),
            _ => {}
        }
        None
    })?;
    let behind = written[at..].trim_start_matches('=');
    let before = written[..at].trim_end_matches('!');
    Some(match (before.is_empty(), behind.is_empty()) {
        (true, false) => Place::Start,
        (false, false) => Place::Inside,
        (false, true) => Place::End,
        // The sign alone.
        (true, true) => return None,
    })
}

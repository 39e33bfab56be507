//! `curl-pipe-shell`: a program from the network that runs unseen.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Command};
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{self, Part, Pipeline, Simple, Step};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "curl-pipe-shell",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A program from the network that runs unseen",
    doc: "`curl … | sh`, `bash <(curl …)` and `sh -c \"$(wget -O- …)\"` run whatever the other side sends, with the rights of \
          the build's role; a transfer that breaks off runs its first half. Half of the installers on the web are documented this \
          way, so it is advice: download, compare with a checksum, then run, or keep the program in the image. Over `http://` \
          anybody in between can send something else: a warning.",
    example: Example::buildspec(
        "version: 0.2
phases:
  install:
    commands:
      - curl -s http://tools.example.com/install.sh | bash
",
        "version: 0.2
phases:
  install:
    commands:
      - curl -sSfo install.sh https://tools.example.com/install.sh
      - echo \"$INSTALLER_SHA256  install.sh\" | sha256sum -c
      - bash install.sh
",
    ),
    reference: "codebuild.md 3.4",
    url: None,
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for command in file.commands() {
        if !command.has("curl") && !command.has("wget") {
            continue;
        }
        for &(step, _) in &command.steps {
            let found = match step {
                Step::Pipeline(pipeline) => piped(pipeline),
                Step::Simple(simple) if runs_a_script(simple) => {
                    simple.words.iter().flat_map(|word| &word.parts).find_map(|part| match part {
                        Part::Substitution(list, _) | Part::Process(list, _) => {
                            let only = list.items.first().filter(|_| list.items.len() == 1)?;
                            let fetches = only.first.commands.iter().find_map(|command| fetch(command))?;
                            Some((fetches, simple.span))
                        }
                        Part::Variable(_) => None,
                    })
                }
                _ => None,
            };
            findings.extend(found.map(|(plain, span)| finding(file, command, plain, span)));
        }
    }
}

fn finding(file: Buildspec<'_>, command: &Command<'_>, plain: bool, span: Span) -> Finding {
    let severity = if plain { Severity::Warning } else { Severity::Advice };
    let (message, label) = if plain {
        ("a program that comes over http:// runs unseen", "anybody in between can send another")
    } else {
        ("a program from the network runs unseen", "runs whatever the other side sends")
    };
    let finding = RULE.at(file.source(), command.at(span), message, label);
    Finding { severity, ..finding }.help("download it into a file, compare that with a checksum, then run it")
}

/// Whether a command fetches something: then whether anybody can change it on the way.
fn fetch(command: &shell::Command<'_>) -> Option<bool> {
    let shell::Command::Simple(simple) = command else { return None };
    matches!(simple.name(), Some("curl" | "wget")).then(|| {
        simple.arguments().iter().any(|word| {
            let host = word.text.strip_prefix("http://");
            host.is_some_and(|host| {
                !["localhost", "127.", "169.254.", "$", "[::1]"].iter().any(|own| host.starts_with(own))
            })
        })
    })
}

/// `curl … | sh`
fn piped(pipeline: &Pipeline<'_>) -> Option<(bool, Span)> {
    let at = pipeline.commands.iter().position(|command| fetch(command).is_some())?;
    let plain = fetch(&pipeline.commands[at])?;
    let runs = pipeline.commands[at + 1..].iter().any(|command| match command {
        // `sh script` reads a file, and its input is that script's.
        shell::Command::Simple(simple) => {
            is_shell(simple) && simple.arguments().iter().all(|word| word.text.starts_with('-'))
                || is_shell(simple) && simple.arguments().iter().any(|word| matches!(&*word.text, "-s" | "-"))
        }
        shell::Command::Compound(_) | shell::Command::Function(_) => false,
    });
    runs.then_some((plain, pipeline.span))
}

fn is_shell(simple: &Simple<'_>) -> bool {
    matches!(simple.name(), Some("sh" | "bash" | "dash" | "zsh" | "ash"))
}

/// Whether a command runs what its words say.
fn runs_a_script(simple: &Simple<'_>) -> bool {
    is_shell(simple) || matches!(simple.name(), Some("source" | "." | "eval"))
}

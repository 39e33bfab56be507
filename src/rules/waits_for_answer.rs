//! `waits-for-answer`: a command that asks somebody, where nobody answers.

use std::collections::HashMap;

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, RunsIn, Words};
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{Redirection, Simple, Word};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "waits-for-answer",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A command that asks somebody, where nobody answers",
    doc: "A build has no terminal: whatever asks a question gets no answer, takes that for a no, and fails. Package managers ask before \
          they install (`-y` answers), `terraform apply` before it changes anything, `aws configure` and `docker login` for what they are not \
          given; and `docker run -it` wants a terminal. What is fed by a pipe or a file is not meant.",
    example: Example::buildspec(
        "version: 0.2
phases:
  install:
    commands:
      - apt-get install jq
  build:
    commands:
      - terraform apply
",
        "version: 0.2
phases:
  install:
    commands:
      - apt-get install -y jq
  build:
    commands:
      - terraform apply -auto-approve
",
    ),
    reference: "codebuild.md 3.4",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html"),
    check: Check::Buildspec(check),
};

/// The names of what asks, which are looked for before anything else is.
const ASKERS: Words<13> = Words::of([
    "apt",
    "yum",
    "dnf",
    "pip",
    "terraform",
    "pulumi",
    "cdk",
    "amplify",
    "docker",
    "podman",
    "configure",
    "--guided",
    "sam deploy",
]);

/// A program whose commands ask: its name, and the options of which any answers.
struct Asks {
    name: &'static str,
    commands: &'static [&'static str],
    answers: &'static [&'static str],
    help: &'static str,
}

/// Package managers, whose settings may answer.
const MANAGERS: [&str; 4] = ["apt", "apt-get", "dnf", "yum"];
const APT: &[&str] = &["dist-upgrade", "full-upgrade", "install", "upgrade"];
const YUM: &[&str] =
    &["downgrade", "groupinstall", "install", "localinstall", "reinstall", "update", "upgrade"];
const APT_YES: &[&str] = &[
    "--assume-yes",
    "--download-only",
    "--dry-run",
    "--help",
    "--just-print",
    "--no-act",
    "--quiet=2",
    "--simulate",
    "--yes",
    "-d",
    "-q=2",
    "-qq",
    "-qqq",
    "-s",
    "-y",
];
const YUM_YES: &[&str] = &["--assumeno", "--assumeyes", "--downloadonly", "--help", "-y"];
const YES: &[&str] = &["--yes", "-y"];
const APPROVE: &[&str] = &["--auto-approve", "-auto-approve", "-help"];

const ASKING: [Asks; 11] = [
    Asks { name: "apt", commands: APT, answers: APT_YES, help: "add `-y`" },
    Asks { name: "apt-get", commands: APT, answers: APT_YES, help: "add `-y`" },
    Asks { name: "yum", commands: YUM, answers: YUM_YES, help: "add `-y`" },
    Asks { name: "dnf", commands: YUM, answers: YUM_YES, help: "add `-y`" },
    Asks { name: "pip", commands: &["uninstall"], answers: YES, help: "add `-y`" },
    Asks { name: "pip3", commands: &["uninstall"], answers: YES, help: "add `-y`" },
    Asks {
        name: "terraform",
        commands: &["apply", "destroy"],
        answers: APPROVE,
        help: "add `-auto-approve`, or apply the file of a plan",
    },
    Asks {
        name: "pulumi",
        commands: &["destroy", "up"],
        answers: &["--help", "--yes", "-y"],
        help: "add `--yes`",
    },
    Asks { name: "cdk", commands: &["destroy"], answers: &["--force", "-f"], help: "add `--force`" },
    Asks {
        name: "amplify",
        commands: &["delete", "init", "publish", "push"],
        answers: YES,
        help: "add `--yes`",
    },
    Asks {
        name: "docker",
        commands: &["login"],
        answers: &["--help", "--password", "--password-stdin", "-p"],
        help: "write: … | docker login --username … --password-stdin",
    },
];

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    if !matches!(file.shell.runs_in, RunsIn::Sh | RunsIn::Bash) {
        return;
    }
    let text = file.source().text();
    let mut answered = HashMap::new();
    for command in file.commands().iter().filter(|command| command.has_any(&ASKERS)) {
        // What is fed may be all of a group, or of the script.
        let feeds = ["| (", "|(", "| {", ") <", "} <", "fi <", "done <", "exec <"];
        if feeds.iter().any(|feed| command.text.contains(feed)) {
            continue;
        }
        for (simple, place) in command.simples() {
            let is_fed = place.stage.0 > 0 || simple.redirections.iter().any(Redirection::gives_input);
            if is_fed {
                continue;
            }
            let Some((span, message, help)) = asks(simple).or_else(|| terminal(simple)) else { continue };
            // A function, an alias or a setting of the file may answer.
            let name = simple.name().unwrap_or_default();
            let is_answered = *answered.entry(name.to_owned()).or_insert_with(|| {
                let answers: &[&str] = match name {
                    "terraform" => &["TF_CLI_ARGS"],
                    _ if MANAGERS.contains(&name) => &["Assume-Yes", "assumeyes="],
                    _ => &[],
                };
                answers.iter().any(|answer| text.contains(answer))
                    || text.contains(&format!("{name}()"))
                    || text.contains(&format!("alias {name}="))
            });
            if is_answered {
                continue;
            }
            let finding = RULE.at(file.source(), command.at(span), message, "nobody answers");
            findings.push(finding.help(help));
        }
    }
}

/// What asks a question.
fn asks(simple: &Simple<'_>) -> Option<(Span, String, &'static str)> {
    let name = simple.name()?;
    let asking = ASKING.iter().find(|asks| asks.name == name);
    if asking.is_none() && !matches!(name, "aws" | "sam") {
        return None;
    }
    let arguments = simple.arguments();
    let has = |option: &str| arguments.iter().any(|word| word.text == option);
    let names: Vec<&str> =
        arguments.iter().map(|word| &*word.text).filter(|text| !text.starts_with('-')).collect();
    let asked = |what: &str| (simple.head(), format!("`{what}` asks for an answer"));
    // All that it is to do may come from elsewhere.
    if arguments.iter().any(|word| !word.literal && word.text.starts_with('$')) {
        return None;
    }
    match (name, &names[..]) {
        ("aws", ["configure"]) => {
            let (span, message) = asked("aws configure");
            return Some((
                span,
                message,
                "a build has the credentials of its role; `aws configure set` writes a setting",
            ));
        }
        ("sam", ["deploy", ..]) if has("--guided") || has("-g") => {
            let (span, message) = asked("sam deploy --guided");
            return Some((span, message, "keep the answers in samconfig.toml, and leave `--guided` out"));
        }
        _ => {}
    }
    let asking = asking?;
    let command = asking.commands.iter().find(|command| names.first() == Some(*command))?;
    let is_answered = arguments.iter().any(|word| answers(word, asking.answers));
    // The file of a plan was agreed to when it was made.
    let is_planned = name == "terraform" && *command == "apply" && names.len() > 1;
    if is_answered || is_planned {
        return None;
    }
    let (span, message) = asked(&format!("{name} {command}"));
    Some((span, message, asking.help))
}

/// Whether a word is one of the options that answer, by itself, with a value, or among short ones: `-qy`.
fn answers(word: &Word<'_>, options: &[&str]) -> bool {
    let text = &*word.text;
    let short = |option: &str| {
        option.len() == 2 && !text.starts_with("--") && text.starts_with('-') && {
            let letters = &text[1..];
            letters.bytes().all(|byte| byte.is_ascii_alphabetic()) && letters.contains(&option[1..])
        }
    };
    options.iter().any(|option| {
        // `-p$PASSWORD`
        let is_tight = option.len() == 2 && text.starts_with(option);
        text == *option
            || is_tight
            || text.strip_prefix(option).is_some_and(|rest| rest.starts_with('='))
            || short(option)
    })
}

/// Options of `docker run` and `docker exec` that take no value.
const FLAGS: [&str; 7] =
    ["--detach", "--init", "--interactive", "--privileged", "--read-only", "--rm", "--tty"];

/// `docker run -it` and the like: what they begin is to have the terminal of whoever begins it.
fn terminal(simple: &Simple<'_>) -> Option<(Span, String, &'static str)> {
    let name = simple.name().filter(|name| ["docker", "podman"].contains(name))?;
    let mut arguments = simple.arguments().iter();
    let command = arguments.find(|word| !word.text.starts_with('-'))?;
    if !["run", "exec"].contains(&&*command.text) {
        return None;
    }
    // The options of the program itself stand behind the image, or the container.
    let mut options = Vec::new();
    let mut is_value = false;
    for word in arguments {
        let text = &*word.text;
        if !text.starts_with('-') && !is_value {
            break;
        }
        let letters =
            text.strip_prefix('-').filter(|rest| rest.bytes().all(|byte| byte.is_ascii_alphabetic()));
        let is_bare = letters.is_some_and(|letters| letters.bytes().all(|byte| b"Pditq".contains(&byte)));
        if text.starts_with('-') {
            options.push((word, text, letters.unwrap_or_default()));
        }
        is_value = text.starts_with('-') && !text.contains('=') && !is_bare && !FLAGS.contains(&text);
    }
    let find = |long: &str, short: char| {
        options
            .iter()
            .rev()
            .find(|(_, text, letters)| *text == long || letters.contains(short))
            .map(|(word, ..)| *word)
    };
    let (input, terminal) = (find("--interactive", 'i')?, find("--tty", 't')?);
    // What runs by itself is given no terminal.
    if find("--detach", 'd').is_some() {
        return None;
    }
    let last = if input.span.start > terminal.span.start { input } else { terminal };
    let message =
        format!("`{name} {}` with `-i` and `-t` wants a terminal, and a build has none", command.text);
    Some((last.span, message, "leave `-t` out"))
}

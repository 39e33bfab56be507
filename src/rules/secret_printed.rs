//! `secret-printed`: a secret that goes to the log.

use super::record::{Check, Example, Rule};
use super::subject::secrets::{Secret, secret};
use super::subject::{Buildspec, Command};
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{self, Redirection, Simple, Step, Variable, Word};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "secret-printed",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A secret that goes to the log",
    doc: "`echo` and `printf` of a variable whose name says that it is a secret (`…_PASSWORD`, `…_TOKEN`), `set -x` before a \
          command with such a variable: the log shows it to everybody who can read the log.\n\n\
          CodeBuild masks the values that come from Parameter Store and Secrets Manager, and only the very text: printing one \
          of those, and `env` or `printenv` beside them, is advice. A part of one, or an encoded one, is not masked: a warning. \
          Nor is what a command fetches by itself: `aws secretsmanager get-secret-value` alone in a line prints it.",
    example: Example::buildspec(
        r#"version: 0.2
phases:
  build:
    commands:
      - echo "token is $SERVICE_TOKEN"
"#,
        r#"version: 0.2
phases:
  build:
    commands:
      - echo "there is a token of ${#SERVICE_TOKEN} characters"
"#,
    ),
    reference: "codebuild.md 6",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.secrets-manager",
    ),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let stores = file.entries(&["env", "secrets-manager"]).next();
    // What prints a variable, fetches a secret, or prints all.
    let may_print = |command: &&Command<'_>| {
        command.letters.has(b'$') || command.has("aws") || stores.is_some() && command.letters.has(b'e')
    };
    for command in file.commands().iter().filter(may_print) {
        let (mut traced, mut is_elsewhere): (Option<Span>, bool) = (None, false);
        for &(step, place) in &command.steps {
            match step {
                Step::Pipeline(pipeline) => {
                    let Some(shell::Command::Simple(first)) = pipeline.commands.first() else { continue };
                    if place.in_substitution || place.is_taken || is_elsewhere {
                        continue;
                    }
                    if !place.in_function && fetches(first) && is_shown(&pipeline.commands) {
                        let span = command.at(first.head());
                        let message = "a secret that this command fetches goes to the log";
                        let finding = RULE.at(
                            file.source(),
                            span,
                            message,
                            "CodeBuild does not mask what it did not fetch",
                        );
                        findings.push(finding.help(
                            "keep it in a variable, `NAME=$(…)`, or name it below env.secrets-manager",
                        ));
                        continue;
                    }
                    if !prints(first) {
                        continue;
                    }
                    let encodes = match &pipeline.commands[1..] {
                        [] => false,
                        [shell::Command::Simple(next)] if goes_on(next) => true,
                        _ => continue,
                    };
                    findings.extend(printed(file, command, first, encodes));
                }
                Step::Simple(simple) if !place.in_substitution => {
                    // `exec > file` takes all that follows.
                    is_elsewhere |= simple.runs(&["exec"]) && simple.words.len() == 1 && is_taken(simple);
                    if simple.runs(&["set"]) {
                        let option = |word: &str| {
                            word.strip_prefix('-')
                                .is_some_and(|letters| !letters.starts_with('-') && letters.contains('x'))
                        };
                        let traces =
                            simple.arguments().iter().any(|word| option(&word.text) || word.text == "xtrace");
                        let ends = simple.arguments().iter().any(|word| word.text.starts_with("+x"));
                        traced = if ends { None } else { traced.or(traces.then_some(simple.span)) };
                    }
                    if let Some(entry) = stores.filter(|_| prints_all(simple, place.stage)) {
                        let message = "the whole environment goes to the log, secrets too";
                        let finding =
                            RULE.at(file.source(), command.at(simple.span), message, "prints every variable");
                        let finding = finding
                            .label(entry.key.span(), "a secret, which CodeBuild masks as a whole only");
                        findings.push(Finding { severity: Severity::Advice, ..finding });
                    }
                }
                Step::Word(word) => {
                    let Some(set) = traced else { continue };
                    let named = |variable: &&Variable<'_>| secret(file, variable.name) == Some(Secret::Named);
                    if let Some(variable) = word.variables().find(named) {
                        traced = None;
                        let message = format!("`set -x` prints `{}`", variable.name);
                        let finding = RULE.at(
                            file.source(),
                            command.at(set),
                            message,
                            "prints each command with its values",
                        );
                        let finding = finding.label(command.at(variable.span), "and so this");
                        findings.push(finding.help("write `set +x` before the command"));
                    }
                }
                Step::Simple(_)
                | Step::List(_)
                | Step::AndOr(_)
                | Step::Function(_)
                | Step::For(_)
                | Step::Redirection(_) => {}
            }
        }
    }
}

/// Whether a command of the AWS CLI prints a secret.
fn fetches(simple: &Simple<'_>) -> bool {
    if simple.name() != Some("aws") {
        return false;
    }
    let has = |text: &str| simple.words.iter().any(|word| word.text == text);
    let query = simple.words.iter().skip_while(|word| word.text != "--query").nth(1);
    let asks = |part: &str| query.is_none_or(|query| query.text.contains(part));
    // Of a `|` that is lost that is said.
    if is_taken(simple) || has("help") || has("docker") {
        return false;
    }
    simple.runs(&["aws", "secretsmanager", "get-secret-value"]) && (asks("Secret") || asks("@"))
        || ["get-parameter", "get-parameters", "get-parameters-by-path"]
            .into_iter()
            .any(|command| simple.runs(&["aws", "ssm", command]) && has("--with-decryption") && asks("Value"))
        || simple.runs(&["aws", "ecr", "get-login-password"])
        || simple.runs(&["aws", "codeartifact", "get-authorization-token"]) && asks("Token")
}

/// Whether what the first command of a pipeline prints goes to the log.
fn is_shown(commands: &[shell::Command<'_>]) -> bool {
    commands[1..].iter().all(|command| match command {
        shell::Command::Simple(next) => {
            matches!(next.name(), Some("base64" | "cat" | "cut" | "jq" | "rev" | "sed" | "tee" | "tr"))
                && !is_taken(next)
        }
        _ => false,
    })
}

/// Whether what a command prints goes elsewhere.
fn is_taken(simple: &Simple<'_>) -> bool {
    simple.redirections.iter().any(Redirection::takes_output)
}

/// Whether a command prints its arguments to the log.
fn prints(simple: &Simple<'_>) -> bool {
    matches!(simple.name(), Some("echo" | "printf"))
        && !is_taken(simple)
        && !simple.words.iter().any(|word| word.text == "-v")
}

/// Whether what a command reads goes to the log in another shape.
fn goes_on(simple: &Simple<'_>) -> bool {
    matches!(simple.name(), Some("base64" | "rev" | "xxd" | "od" | "hexdump" | "cut" | "head" | "fold"))
        && !is_taken(simple)
        && !simple.words.iter().any(|word| matches!(&*word.text, "-d" | "--decode" | "-D"))
}

/// Whether a command prints every variable.
fn prints_all(simple: &Simple<'_>, (index, count): (usize, usize)) -> bool {
    let alone = !is_taken(simple) && index + 1 == count;
    let [word] = &simple.words[..] else {
        return simple.runs(&["export", "-p"]) && simple.words.len() == 2 && alone;
    };
    alone && matches!(&*word.text, "env" | "printenv" | "set")
}

fn printed(
    file: Buildspec<'_>,
    command: &Command<'_>,
    simple: &Simple<'_>,
    encodes: bool,
) -> Option<Finding> {
    simple.arguments().iter().flat_map(Word::variables).find_map(|variable| {
        let kind = secret(file, variable.name)?;
        let written = command.text.get(variable.span.start as usize..variable.span.end as usize)?;
        // Whether it is there, how long it is, and what replaces it are no secrets.
        if written.starts_with("${#")
            || variable.operator.starts_with([':', '+']) && variable.operator.contains('+')
        {
            return None;
        }
        let part = !variable.operator.is_empty() && !variable.operator.starts_with([':', '-'])
            || is_substring(variable.operator);
        let masked = kind == Secret::Stored && !part && !encodes;
        let message = match (kind, masked) {
            (Secret::Stored, false) => {
                format!("`{}` goes to the log in a shape that CodeBuild does not mask", variable.name)
            }
            (Secret::Stored, true) | (Secret::Named, _) => {
                format!("the secret `{}` goes to the log", variable.name)
            }
        };
        let label = if masked {
            "CodeBuild masks it, as a whole only"
        } else {
            "readable for everybody who reads the log"
        };
        let finding = RULE.at(file.source(), command.at(variable.span), message, label);
        let severity = if masked { Severity::Advice } else { Severity::Warning };
        Some(
            Finding { severity, ..finding }
                .help("print its length, `${#NAME}`, when all that matters is whether it is there"),
        )
    })
}

fn is_substring(operator: &str) -> bool {
    operator.strip_prefix(':').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == ' '))
}

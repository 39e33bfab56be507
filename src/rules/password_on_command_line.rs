//! `password-on-command-line`: a password among the arguments of a command.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use super::subject::secrets::is_placeholder;
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{Part, Simple, Word};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "password-on-command-line",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A password among the arguments of a command",
    doc: "What stands on a command line is seen by every process of the build, and in the log when the shell traces its \
          commands. A password that is written out is also readable for everybody who can read the repository: a warning. One \
          from a variable or a command is advice: `docker login --password-stdin` and the files and variables of other programs \
          (`~/.netrc`, `MYSQL_PWD`, `REDISCLI_AUTH`, `TWINE_PASSWORD`) take it without showing it.",
    example: Example::buildspec(
        "version: 0.2
phases:
  pre_build:
    commands:
      - docker login -u ci -p s3same registry.example.com
",
        r#"version: 0.2
env:
  secrets-manager:
    REGISTRY_PASSWORD: registry:password
phases:
  pre_build:
    commands:
      - printf %s "$REGISTRY_PASSWORD" | docker login -u ci --password-stdin registry.example.com
"#,
    ),
    reference: "codebuild.md 6",
    url: None,
    check: Check::Buildspec(check),
};

/// A program that takes a password: its words, the options before it, whether it stands right behind a short one, and
/// what to use instead.
struct Taker(&'static [&'static str], &'static [&'static str], bool, &'static str);

const TAKERS: [Taker; 14] = [
    Taker(
        &["docker", "login"],
        &["-p", "--password"],
        true,
        "write: … | docker login --username … --password-stdin",
    ),
    Taker(&["podman", "login"], &["-p", "--password"], true, "use `--password-stdin`"),
    Taker(&["buildah", "login"], &["-p", "--password"], true, "use `--password-stdin`"),
    Taker(&["skopeo", "login"], &["-p", "--password"], true, "use `--password-stdin`"),
    Taker(&["helm", "registry", "login"], &["-p", "--password"], false, "use `--password-stdin`"),
    Taker(&["crane", "auth", "login"], &["-p", "--password"], false, "use `--password-stdin`"),
    Taker(&["mysql"], &["-p", "--password"], true, "set `MYSQL_PWD`"),
    Taker(&["mysqldump"], &["-p", "--password"], true, "set `MYSQL_PWD`"),
    Taker(&["mysqladmin"], &["-p", "--password"], true, "set `MYSQL_PWD`"),
    Taker(&["redis-cli"], &["-a", "--pass"], false, "set `REDISCLI_AUTH`"),
    Taker(&["sshpass"], &["-p"], true, "use a key, or `sshpass -e`"),
    Taker(&["twine", "upload"], &["-p", "--password"], true, "set `TWINE_PASSWORD`"),
    Taker(&["poetry", "publish"], &["-p", "--password"], true, "set `POETRY_PYPI_TOKEN_PYPI`"),
    Taker(&["curl"], &["-u", "--user", "--proxy-user"], true, "use `--netrc`, or `--config -` from a pipe"),
];

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for command in file.commands().iter().filter(|command| command.letters.has(b'-')) {
        for (simple, _) in command.simples() {
            let Some(name) = simple.name() else { continue };
            let mut takers = TAKERS.iter().filter(|Taker(words, ..)| words.first() == Some(&name));
            let Some((taker, password)) = takers.find_map(|taker| Some((taker, password(simple, taker)?)))
            else {
                continue;
            };
            let Taker(words, _, _, help) = taker;
            let severity = if password.literal { Severity::Warning } else { Severity::Advice };
            let message = format!("a password on the command line of `{}`", words.join(" "));
            let label = if password.literal { "readable for everybody" } else { "seen by every process" };
            let finding = RULE.at(file.source(), command.at(password.span), message, label);
            findings.push(Finding { severity, ..finding }.help(*help));
        }
    }
}

struct Password {
    span: Span,
    literal: bool,
}

fn password(simple: &Simple<'_>, Taker(words, options, attached, _): &Taker) -> Option<Password> {
    if !simple.runs(words) {
        return None;
    }
    let arguments = &simple.arguments()[words.len() - 1..];
    for (index, word) in arguments.iter().enumerate() {
        for option in *options {
            let value = match word.text.strip_prefix(option) {
                // `mysql -p` asks, and takes no next word.
                Some("") if words[0].starts_with("mysql") => None,
                Some("") => arguments.get(index + 1).map(|value| (value, &*value.text)),
                Some(rest) if option.starts_with("--") => rest.strip_prefix('=').map(|rest| (word, rest)),
                // `-password-stdin` lacks a dash, which is told.
                Some("assword-stdin") => None,
                Some(rest) if *attached => Some((word, rest)),
                Some(_) | None => None,
            };
            if let Some((value, text)) = value {
                return judged(value, if words[0] == "curl" { text.split_once(':')?.1 } else { text });
            }
        }
    }
    None
}

/// A password that was found; one that is empty or stands for another is none.
fn judged(word: &Word<'_>, text: &str) -> Option<Password> {
    let expands = word.parts.iter().any(|part| match part {
        Part::Variable(variable) => text.contains(variable.name),
        Part::Substitution(..) | Part::Process(..) => true,
    });
    // The password in `user:$(…)` is made; `$USER:password` is not.
    let literal = !(expands && text.contains(['$', '`']));
    let is_one = !(text.is_empty() || literal && is_placeholder(text));
    is_one.then_some(Password { span: word.span, literal })
}

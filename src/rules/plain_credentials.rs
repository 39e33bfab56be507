//! `plain-credentials`: credentials where everybody can read them.

use super::record::{Check, Example, Rule};
use super::subject::secrets::{credential, is_placeholder, password_of_url};
use super::subject::{Buildspec, Command};
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{self, Word};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "plain-credentials",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "Credentials in plain text",
    doc: "Values of `env.variables` stand in the repository, in the console and in the API, and are not masked in logs. The \
          build's own role gives it credentials; others belong to Secrets Manager or Parameter Store. The same goes for \
          commands: ids of access keys, tokens that are known by their shape, private keys, passwords in addresses \
          (`https://user:password@host`), values given to `AWS_SECRET_ACCESS_KEY`.",
    example: Example::buildspec(
        "version: 0.2
env:
  variables:
    AWS_SECRET_ACCESS_KEY: made-up
phases:
  build:
    commands:
      - make
",
        "version: 0.2
env:
  secrets-manager:
    SERVICE_KEY: service/key
phases:
  build:
    commands:
      - make
",
    ),
    reference: "codebuild.md 6",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.variables",
    ),
    check: Check::Buildspec(check),
};

/// The variables that the AWS SDKs take credentials from.
const VARIABLES: [&str; 3] = ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"];

const HELP: &str =
    "remove it: the project's role gives builds their credentials; keep other secrets in Secrets Manager";

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for entry in file.entries(&["env", "variables"]) {
        let (Some(name), Some(value)) = (entry.key.text(), entry.value.text()) else { continue };
        let what = if VARIABLES.contains(&name) && !value.is_empty() {
            "credentials of AWS"
        } else if let Some((what, ..)) = credential(value) {
            what
        } else if password_of_url(value).is_some() {
            "a password"
        } else {
            continue;
        };
        let message = format!("`{name}` holds {what} in plain text");
        let finding = RULE.at(file.source(), entry.key.span(), message, "readable for everybody");
        findings.push(finding.help(HELP));
    }
    for command in file.commands() {
        let found = |(what, at, length): (&str, usize, usize)| {
            let offset = |at: usize| u32::try_from(at).unwrap_or_default();
            let span = command.at(Span::new(offset(at), offset(at + length)));
            RULE.at(file.source(), span, format!("this is {what}, in plain text"), "readable for everybody")
                .help(HELP)
        };
        if let Some(shape) = credential(command.text) {
            findings.push(found(shape));
        } else if let Some((at, length)) = password_of_url(command.text) {
            findings.push(found(("a password", at, length)));
        } else {
            findings.extend(assigned(command).map(|span| {
                let message = "these are credentials of AWS, in plain text";
                RULE.at(file.source(), command.at(span), message, "readable for everybody").help(HELP)
            }));
        }
    }
}

/// `AWS_SECRET_ACCESS_KEY=text`, `aws configure set aws_secret_access_key text`: where the text is.
fn assigned(command: &Command<'_>) -> Option<Span> {
    // What makes it worth a walk.
    let marks = ["AWS_SECRET_ACCESS_KEY=", "AWS_SESSION_TOKEN=", "aws_secret_access_key"];
    if !command.text.contains('_') || !marks.iter().any(|mark| command.text.contains(mark)) {
        return None;
    }
    let mut found = None;
    shell::each_simple(&command.script, &mut |simple, _| {
        let value = |word: &Word<'_>| word.literal && !is_placeholder(&word.text);
        for assignment in &simple.assignments {
            if VARIABLES.contains(&assignment.name) && value(&assignment.value) {
                found.get_or_insert(assignment.value.span);
            }
        }
        for word in simple.arguments().iter().filter(|word| word.literal) {
            let named = word.text.split_once('=').filter(|(name, _)| VARIABLES.contains(name));
            if named.is_some_and(|(_, value)| !is_placeholder(value)) {
                found.get_or_insert(word.span);
            }
        }
        if simple.runs(&["aws", "configure", "set", "aws_secret_access_key"])
            && let Some(word) = simple.arguments().get(3).filter(|word| value(word))
        {
            found.get_or_insert(word.span);
        }
    });
    found
}

//! `plain-credentials`: credentials where everybody can read them.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    code: "plain-credentials",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "Credentials in plain variables",
    doc: "Values of `env.variables` stand in the repository, in the console and in the API, and are not masked in logs. The \
          build's own role gives it credentials; others belong to Secrets Manager or Parameter Store.",
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

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for entry in file.entries(&["env", "variables"]) {
        let (Some(name), Some(value)) = (entry.key.text(), entry.value.text()) else { continue };
        let named = ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"].contains(&name);
        if (named && !value.is_empty()) || holds_key_id(value) {
            let message = format!("`{name}` holds credentials of AWS in plain text");
            let finding = RULE.at(file.source(), entry.key.span(), message, "readable for everybody");
            findings.push(finding.help(
                "remove it: the project's role gives builds their credentials; keep other secrets in Secrets Manager",
            ));
        }
    }
}

/// Whether a text holds the id of an access key: `AKIA` or `ASIA` and sixteen capitals or digits.
fn holds_key_id(text: &str) -> bool {
    ["AKIA", "ASIA"].iter().any(|prefix| {
        text.match_indices(prefix).any(|(at, _)| {
            let rest = text[at + prefix.len()..].bytes();
            rest.take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()).count() == 16
        })
    })
}

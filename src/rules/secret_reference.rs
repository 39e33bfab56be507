//! `secret-reference`: a reference to a secret that cannot be followed.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, head};
use crate::diagnostic::{Finding, Severity};
use crate::spec::buildspec::SecretReference;

pub(super) const RULE: Rule = Rule {
    code: "secret-reference",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A reference to a secret that cannot be followed",
    doc: "A value of `env.secrets-manager` is `secret-id:json-key:version-stage:version-id`. The secret is required; of stage \
          and id only one may be given, and an empty field keeps its place: `db:password::VERSION-ID`. More fields than these are a warning. \
          So is a value of `env.parameter-store` that no parameter can have for its name, which has letters, digits and `_.-/`: it is \
          mostly the value itself.",
    example: Example::buildspec(
        "version: 0.2
env:
  secrets-manager:
    PASSWORD: service/db:password:AWSPREVIOUS:6cc0c6c5
phases:
  build:
    commands:
      - make
",
        "version: 0.2
env:
  secrets-manager:
    PASSWORD: service/db:password:AWSPREVIOUS
phases:
  build:
    commands:
      - make
",
    ),
    reference: "codebuild.md 1.5, 9",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.secrets-manager",
    ),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for entry in file.entries(&["env", "parameter-store"]) {
        let Some(text) = entry.value.text().filter(|text| !entry.value.is_null() && !text.contains('$'))
        else {
            continue;
        };
        // What something else writes in; and names of secrets, which have more letters.
        let is_open =
            text.contains(['{', '<', '%', '#']) || text.starts_with("/aws/reference/secretsmanager/");
        // With its ARN, and with a version or a label behind it.
        let is_part = |c: char| is_open || c.is_ascii_alphanumeric() || "_.-/:".contains(c);
        if text.is_empty() || !text.chars().all(is_part) {
            let message = if text.is_empty() {
                "the reference names no parameter".to_owned()
            } else {
                format!("no parameter can be named `{text}`: this is the name of a parameter, not its value")
            };
            let span = head(entry.value);
            let finding = RULE.at(file.source(), span, message, "no parameter is named so");
            let finding = finding.help("write the parameter's name, such as /build/token");
            findings.push(Finding { severity: Severity::Warning, ..finding });
        }
    }
    for entry in file.entries(&["env", "secrets-manager"]) {
        let Some(text) = entry.value.text().filter(|_| !entry.value.is_null()) else { continue };
        let reference = SecretReference::parse(text);
        let finding = |message: &str, label: &str| RULE.at(file.source(), entry.value.span(), message, label);
        let fields: Vec<_> = text.split(':').collect();
        let is_arn = text.starts_with("arn:");
        if reference.id.is_empty() {
            findings.push(finding(
                "the reference names no secret",
                if text.is_empty() { "nothing here" } else { "begins with `:`" },
            ));
        } else if is_arn && !matches!(fields[..], [_, _, "secretsmanager", _, _, "secret", _, ..]) {
            findings.push(
                finding("this is no ARN of a secret", "no secret is named so")
                    .help("write arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME"),
            );
        } else if reference.version_stage.is_some() && reference.version_id.is_some() {
            let finding =
                finding("the reference has a version's stage and its id", "only one of them is allowed");
            findings.push(finding.help("leave the stage empty to mean the id: `secret:key::id`"));
        } else if fields.len() > if is_arn { 10 } else { 4 } && !text.contains('$') {
            let finding =
                finding("the reference has more than four fields", "what the last ones mean is not known");
            let finding = finding.help("write secret-id:json-key:version-stage:version-id");
            findings.push(Finding { severity: Severity::Warning, ..finding });
        }
    }
}

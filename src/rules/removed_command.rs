//! `removed-command`: a command that current images no longer have.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Project};
use crate::diagnostic::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    code: "removed-command",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A command that current images no longer have",
    doc: "`aws ecr get-login` is gone from version 2 of the AWS CLI, which the current images hold: the command fails there. \
          `aws ecr get-login-password` prints the password for `docker login`. A file that installs `awscli` with pip gets version 1, \
          and is not spoken of; where the project has an image of before `standard:5.0`, which holds version 1 too, it is advice.",
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
    check: Check::Built(check),
};

/// Whether an image is one of those before `standard:5.0`, which hold version 1 of the AWS CLI.
fn is_old(image: &str) -> bool {
    image.strip_prefix("aws/codebuild/").is_some_and(|name| match name.strip_prefix("standard:") {
        Some(version) => ["1.", "2.", "3.", "4."].iter().any(|old| version.starts_with(old)),
        None => FAMILIES.iter().any(|family| name.starts_with(family)),
    })
}

/// The first images of CodeBuild, one for each language.
const FAMILIES: [&str; 10] = [
    "android-java-",
    "docker:",
    "dot-net:",
    "eb-",
    "golang:",
    "java:",
    "nodejs:",
    "php:",
    "python:",
    "ruby:",
];

fn check(file: Buildspec<'_>, project: &Project<'_>, findings: &mut Vec<Finding>) {
    // `pip install awscli` brings version 1, which has it.
    if file.commands().iter().any(|command| command.has("pip") && command.has("awscli")) {
        return;
    }
    for command in file.commands().iter().filter(|command| command.has("get-login")) {
        for (simple, _) in command.simples() {
            let program = simple.program();
            if let ([first, ..], [_, last, ..]) = (program, simple.arguments())
                && simple.runs(&["aws", "ecr", "get-login"])
            {
                let span = command.at(first.span.join(last.span));
                let message = "`aws ecr get-login` is gone from version 2 of the AWS CLI";
                let is_old = project.image.is_some_and(is_old);
                let (label, severity) = if is_old {
                    ("works on this old image, and on no newer one", Severity::Advice)
                } else {
                    ("fails on current images", Severity::Warning)
                };
                let finding = Finding { severity, ..RULE.at(file.source(), span, message, label) };
                findings.push(finding.help(
                    "write: aws ecr get-login-password | docker login --username AWS --password-stdin REGISTRY",
                ));
            }
        }
    }
}

//! `removed-command`: a command that current images no longer have.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell;

pub(super) const RULE: Rule = Rule {
    code: "removed-command",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A command that current images no longer have",
    doc: "`aws ecr get-login` is gone from version 2 of the AWS CLI, which the current images hold: the command fails there. \
          `aws ecr get-login-password` prints the password for `docker login`. A file that installs `awscli` with pip gets version 1, \
          and is not spoken of.",
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

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    // `pip install awscli` brings version 1, which has it.
    let installs = |text: &str| text.contains("pip") && text.contains("awscli");
    if file.commands().iter().any(|command| installs(command.text)) {
        return;
    }
    for command in file.commands().iter().filter(|command| command.text.contains("get-login")) {
        shell::each_simple(&command.script, &mut |simple, _| {
            let program = simple.program();
            if let ([first, ..], [_, last, ..]) = (program, simple.arguments())
                && simple.runs(&["aws", "ecr", "get-login"])
            {
                let span = command.at(first.span.join(last.span));
                let message = "`aws ecr get-login` is gone from version 2 of the AWS CLI";
                let finding = RULE.at(file.source(), span, message, "fails on current images");
                findings.push(finding.help(
                    "write: aws ecr get-login-password | docker login --username AWS --password-stdin REGISTRY",
                ));
            }
        });
    }
}

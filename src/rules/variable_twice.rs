//! `variable-twice`: a variable that two sections of `env` set.

use std::collections::HashMap;

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    code: "variable-twice",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A variable that two sections of `env` set",
    doc: "`variables`, `parameter-store` and `secrets-manager` set variables of one build. AWS does not say which of them wins \
          when a name stands in two; a rehearsal takes `secrets-manager` before `parameter-store` before `variables`.",
    example: Example::buildspec(
        "version: 0.2
env:
  variables:
    PASSWORD: made-up
  secrets-manager:
    PASSWORD: service/db:password
phases:
  build:
    commands:
      - make
",
        "version: 0.2
env:
  secrets-manager:
    PASSWORD: service/db:password
phases:
  build:
    commands:
      - make
",
    ),
    reference: "codebuild.md 1.5",
    url: None,
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let mut seen = HashMap::new();
    for section in ["variables", "parameter-store", "secrets-manager"] {
        for entry in file.entries(&["env", section]) {
            let Some(name) = entry.key.text() else { continue };
            let span = entry.key.span();
            // Twice in one section is a key that stands twice, which is said of any mapping.
            match seen.insert(name, (section, span)) {
                Some((other, first)) if other != section => {
                    let message = format!("`{name}` stands in `env.{other}` and in `env.{section}`");
                    let finding =
                        RULE.at(file.source(), span, message, "which of them counts is not documented");
                    findings.push(finding.label(first, "first here").help("remove one of them"));
                }
                _ => {}
            }
        }
    }
}

//! `version-0-1`: a buildspec of the first version.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, place};
use crate::diagnostic::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    code: "version-0-1",
    severity: Severity::Advice,
    since: "0.1.0",
    summary: "A buildspec of version 0.1",
    doc: "Version 0.1 still works. Each of its commands runs in a shell of its own, so a `cd` or an `export` is gone with the \
          next command; in version 0.2, which AWS recommends, both last.",
    example: Example::buildspec(
        "version: 0.1
phases:
  build:
    commands:
      - make
",
        "version: 0.2
phases:
  build:
    commands:
      - make
",
    ),
    reference: "codebuild.md 1.3",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec-ref-versions",
    ),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let Some(entry) = file.root().entry("version") else { return };
    let number = entry.value.text().and_then(|text| text.trim().parse::<f64>().ok());
    if number.is_some_and(|number| (number - 0.1).abs() < 1e-9) {
        let message = "version 0.1 forgets directory and variables after each command";
        let finding = RULE.at(file.source(), place(entry), message, "0.2 is recommended");
        let old = file.root().get("environment_variables").is_some();
        findings.push(finding.help(if old {
            "write `version: 0.2`, and `env:` with `variables:` for `environment_variables:` with `plaintext:`"
        } else {
            "write `version: 0.2`"
        }));
    }
}

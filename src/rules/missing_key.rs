//! `missing-key`: a required key that is not there.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "missing-key",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A required key that is not there",
    doc: "Without `version` or `phases` CodeBuild stops before the first command; a file with nothing but a `batch` needs \
          neither, as real files show. A phase without `commands`, artifacts or reports without `files` are accepted, and do \
          nothing: a warning. Artifacts with only `secondary-artifacts` are documented as incomplete and live: advice. CloudFormation refuses a resource without a property that it requires.",
    example: Example::buildspec(
        "phases:
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
    reference: "codebuild.md 1.2, 1.7 to 1.9; codepipeline.md 1.2 to 1.5",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html"),
    check: Check::Reading,
};

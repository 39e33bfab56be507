//! `unknown-key`: a key that AWS does not know.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "unknown-key",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A key that AWS does not know",
    doc: "CodeBuild ignores it and says so in the build's log, which few people read: a misspelt `env` sets nothing. A misspelt `version` or `phases` stops the build: an error. \
          A key at the top that holds what aliases refer to, or whose name begins with `x-`, is there on purpose: advice. \
          CodePipeline refuses a definition with such a field, CloudFormation a template with such a property, and Rehearsal its own rehearsal.yml: there it is an error. \
          What stands below a key that is misspelt by a slip is looked at as below the right one, in the same run.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make
artifact:
  files:
    - app.zip
",
        "version: 0.2
phases:
  build:
    commands:
      - make
artifacts:
  files:
    - app.zip
",
    ),
    reference: "codebuild.md 0 (5), 8.2; codepipeline.md 1.2",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html"),
    check: Check::Reading,
};

//! `unknown-phase`: a phase that CodeBuild does not have.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "unknown-phase",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A phase that CodeBuild does not have",
    doc: "There are four: `install`, `pre_build`, `build` and `post_build`. Any other key below `phases` stops the build at \
          once. The usual causes: `prebuild` or `pre-build`, and `artifacts`, `cache` or `runtime-versions` indented too far or \
          too little.",
    example: Example::buildspec(
        "version: 0.2
phases:
  pre-build:
    commands:
      - make
",
        "version: 0.2
phases:
  pre_build:
    commands:
      - make
",
    ),
    reference: "codebuild.md 1.7",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html"),
    check: Check::Reading,
};

//! `image-without-digest`: a build image whose tag can be moved.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "image-without-digest",
    severity: Severity::Advice,
    since: "0.1.0",
    summary: "A build image whose tag can be moved",
    doc: "Whoever may push to the repository can move a tag, so that the same project builds with another image tomorrow. A digest \
          names one image for ever. The images that AWS keeps are not meant: a digest takes them out of the cache of its hosts.",
    example: Example::config(
        "projects:
  - name: service
    source:
      type: CODEPIPELINE
      buildspec: |
        version: 0.2
        phases:
          build:
            commands:
              - make
    environment:
      image: node:24
",
        "projects:
  - name: service
    source:
      type: CODEPIPELINE
      buildspec: |
        version: 0.2
        phases:
          build:
            commands:
              - make
    environment:
      image: node@sha256:2a4f1c5e8f0b6f3d9f1f0c7e6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b
",
    ),
    reference: "codebuild.md 5.4",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html"),
    check: Check::Reading,
};

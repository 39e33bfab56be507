//! `project-settings`: settings of a CodeBuild project that do not go together.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "project-settings",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "Settings of a CodeBuild project that do not go together",
    doc: "Each environment type has its own compute types and runs its own images; the type CODEPIPELINE is for the source and \
          the artifacts, or for neither; a project without a source has its buildspec's text in the setting. CodeBuild refuses \
          the project, or no build of it can start. Settings that are taken and have no effect are a warning: a local cache on \
          GPU, on the largest compute or in a VPC, Docker layers without privileged mode, and what Lambda compute does not have.",
    example: Example::template(
        "Resources:
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      Artifacts:
        Type: CODEPIPELINE
      Environment:
        ComputeType: BUILD_GENERAL1_SMALL
        Image: aws/codebuild/amazonlinux-aarch64-standard:3.0
        Type: LINUX_CONTAINER
      ServiceRole: arn:aws:iam::111122223333:role/build
      Source:
        Type: CODEPIPELINE
",
        "Resources:
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      Artifacts:
        Type: CODEPIPELINE
      Environment:
        ComputeType: BUILD_GENERAL1_SMALL
        Image: aws/codebuild/amazonlinux-aarch64-standard:3.0
        Type: ARM_CONTAINER
      ServiceRole: arn:aws:iam::111122223333:role/build
      Source:
        Type: CODEPIPELINE
",
    ),
    reference: "codebuild.md 1.1, 3.7, 3.8, 5; codepipeline.md 6",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html"),
    check: Check::Reading,
};

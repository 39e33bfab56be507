//! `pipeline-structure`: stages and actions that do not fit together.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "pipeline-structure",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "Stages and actions that do not fit together",
    doc: "A pipeline has at least two stages, the first with source actions and nothing else, no later one with any; names are \
          unique; a stage has actions. Variables, triggers, conditions and \
          execution modes make it a V2 pipeline, even where `pipelineType` says V1, which is a warning.",
    example: Example::pipeline(
        r#"pipeline:
  name: service
  roleArn: arn:aws:iam::111122223333:role/pipeline
  artifactStore: { type: S3, location: artifacts }
  stages:
    - name: Source
      actions:
        - name: Checkout
          actionTypeId: { category: Source, owner: AWS, provider: CodeCommit, version: "1" }
          configuration: { RepositoryName: service, BranchName: main }
          outputArtifacts: [{ name: Sources }]
"#,
        r#"pipeline:
  name: service
  roleArn: arn:aws:iam::111122223333:role/pipeline
  artifactStore: { type: S3, location: artifacts }
  stages:
    - name: Source
      actions:
        - name: Checkout
          actionTypeId: { category: Source, owner: AWS, provider: CodeCommit, version: "1" }
          configuration: { RepositoryName: service, BranchName: main }
          outputArtifacts: [{ name: Sources }]
    - name: Build
      actions:
        - name: Compile
          actionTypeId: { category: Build, owner: AWS, provider: CodeBuild, version: "1" }
          configuration: { ProjectName: service-build }
          inputArtifacts: [{ name: Sources }]
"#,
    ),
    reference: "codepipeline.md 1.6",
    url: Some("https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html"),
    check: Check::Reading,
};

//! `pipeline-incomplete`: a definition that Rehearsal can use and AWS cannot yet.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "pipeline-incomplete",
    severity: Severity::Advice,
    since: "0.1.0",
    summary: "A definition that Rehearsal can use and AWS cannot yet",
    doc: "AWS needs `roleArn` and an artifact store to create a pipeline; a rehearsal does not.",
    example: Example::pipeline(
        r#"pipeline:
  name: service
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
    reference: "codepipeline.md 1.2",
    url: Some("https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html"),
    check: Check::Reading,
};

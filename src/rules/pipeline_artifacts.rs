//! `pipeline-artifacts`: an input artifact that is not there when it is needed.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "pipeline-artifacts",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "An input artifact that is not there when it is needed",
    doc: "An input artifact is the output of an action of an earlier stage, or of the same stage with a lower `runOrder`. Names \
          of outputs are unique in the pipeline, and each provider has its own least and greatest number of both.",
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
    - name: Build
      actions:
        - name: Compile
          actionTypeId: { category: Build, owner: AWS, provider: CodeBuild, version: "1" }
          configuration: { ProjectName: service-build }
          inputArtifacts: [{ name: Source }]
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
    reference: "codepipeline.md 1.6, 2",
    url: Some("https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html"),
    check: Check::Reading,
};

//! `pipeline-name`: a name with characters or of a length that CodePipeline refuses.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "pipeline-name",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A name with characters or of a length that CodePipeline refuses",
    doc: "Pipelines, stages and actions take letters, digits and `. @ - _`, up to 100 of them; namespaces, variables and \
          artifacts fewer kinds.",
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
    - name: Build it
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
    reference: "codepipeline.md 1.2 to 1.4",
    url: Some("https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html"),
    check: Check::Reading,
};

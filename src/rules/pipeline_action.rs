//! `pipeline-action`: a field that only other actions have, or a Commands action without commands.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "pipeline-action",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A field that only other actions have, or a Commands action without commands",
    doc: "`commands` and `outputVariables` belong to Commands actions, `timeoutInMinutes` to manual approvals. A command of a \
          Commands action has one line.",
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
    - name: Test
      actions:
        - name: Unit
          actionTypeId: { category: Compute, owner: AWS, provider: Commands, version: "1" }
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
    - name: Test
      actions:
        - name: Unit
          actionTypeId: { category: Compute, owner: AWS, provider: Commands, version: "1" }
          inputArtifacts: [{ name: Sources }]
          commands: [make test]
"#,
    ),
    reference: "codepipeline.md 1.4, 2.14",
    url: Some("https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html"),
    check: Check::Reading,
};

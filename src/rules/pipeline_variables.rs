//! `pipeline-variables`: a reference to a variable that will not be there.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "pipeline-variables",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A reference to a variable that will not be there",
    doc: "`#{namespace.name}` names an action's namespace, and one of its output variables, of an earlier action; or \
          `#{variables.name}` a variable of the pipeline; or `#{codepipeline.…}`. Namespaces are unique.",
    example: Example::pipeline(
        r##"pipeline:
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
          configuration: { ProjectName: service-build, EnvironmentVariables: '[{"name":"V","value":"#{Sorce.CommitId}"}]' }
          inputArtifacts: [{ name: Sources }]
"##,
        r##"pipeline:
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
          configuration: { ProjectName: service-build, EnvironmentVariables: '[{"name":"V","value":"#{codepipeline.PipelineExecutionId}"}]' }
          inputArtifacts: [{ name: Sources }]
"##,
    ),
    reference: "codepipeline.md 5",
    url: Some("https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html"),
    check: Check::Reading,
};

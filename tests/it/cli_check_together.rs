//! `rehearsal check`: which files are held against each other.

use crate::env::Env;

/// A pipeline that deploys what its source action gives, which names a repository.
fn deploys(repository: &str) -> String {
    format!(
        r#"pipeline:
  name: service
  roleArn: arn:aws:iam::111122223333:role/pipeline
  artifactStore: {{ type: S3, location: artifacts }}
  stages:
    - name: Source
      actions:
        - name: Checkout
          actionTypeId: {{ category: Source, owner: AWS, provider: CodeCommit, version: "1" }}
          configuration: {{ RepositoryName: {repository}, BranchName: main }}
          outputArtifacts: [{{ name: Sources }}]
    - name: Deploy
      actions:
        - name: Fleet
          actionTypeId: {{ category: Deploy, owner: AWS, provider: CodeDeploy, version: "1" }}
          configuration: {{ ApplicationName: a, DeploymentGroupName: g }}
          inputArtifacts: [{{ name: Sources }}]
"#
    )
}

#[test]
fn a_remote_tells_which_pipelines_are_about_the_repository() {
    let env = Env::with(&[("pipeline.yml", &deploys("service"))]);
    insta::assert_snapshot!("remote_none", env.run(["check"]));
    env.git(["remote", "add", "origin", "git@git.example:acme/service.git"]);
    insta::assert_snapshot!("remote_of_this_repository", env.run(["check"]));
    env.git(["remote", "set-url", "origin", "git@git.example:acme/infrastructure.git"]);
    insta::assert_snapshot!("remote_of_another", env.run(["check"]));
    insta::assert_snapshot!("remote_of_another_for_programs", env.run(["check", "--format", "json"]));
    env.file("web.yml", &deploys("web"));
    insta::assert_snapshot!("remote_of_others", env.run(["check"]));
}

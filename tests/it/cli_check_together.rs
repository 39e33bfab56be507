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

/// A template whose pipeline builds by a file, in a project without privileges.
fn template(repository: &str, buildspec: &str) -> String {
    format!(
        r"Resources:
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      Name: build
      ServiceRole: arn:aws:iam::111122223333:role/build
      Artifacts: {{ Type: CODEPIPELINE }}
      Source: {{ Type: CODEPIPELINE, BuildSpec: {buildspec} }}
      Environment: {{ Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_SMALL, Image: aws/codebuild/standard:7.0 }}
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: arn:aws:iam::111122223333:role/pipeline
      ArtifactStore: {{ Type: S3, Location: artifacts }}
      Stages:
        - Name: Source
          Actions:
            - Name: Checkout
              ActionTypeId: {{ Category: Source, Owner: AWS, Provider: CodeCommit, Version: '1' }}
              Configuration: {{ RepositoryName: {repository}, BranchName: main }}
              OutputArtifacts: [{{ Name: Sources }}]
        - Name: Build
          Actions:
            - Name: Compile
              ActionTypeId: {{ Category: Build, Owner: AWS, Provider: CodeBuild, Version: '1' }}
              Configuration: {{ ProjectName: !Ref Project }}
              InputArtifacts: [{{ Name: Sources }}]
"
    )
}

const DOCKER: &str = "version: 0.2\nphases:\n  build:\n    commands: [docker build .]\n";

#[test]
fn a_template_of_another_repository_is_set_apart_and_that_is_said() {
    let env = Env::with(&[("template.yml", &template("web", "buildspec.yml")), ("buildspec.yml", DOCKER)]);
    env.git(["remote", "add", "origin", "git@git.example:acme/infrastructure.git"]);
    insta::assert_snapshot!("template_of_another", env.run(["check"]));
    // Nor is what it names missing here.
    env.file("template.yml", &template("web", "ci/image.yml"));
    insta::assert_snapshot!("template_of_another", env.run(["check"]));
    env.git(["remote", "set-url", "origin", "git@git.example:acme/web.git"]);
    let found = env.run(["check", "--format", "concise"]);
    assert!(found.contains("warning[buildspec-missing]"), "{found}");
}

#[test]
fn a_renamed_fork_is_known_by_a_file_of_a_name_of_its_own() {
    let env = Env::with(&[("template.yml", &template("web", "ci/image.yml")), ("ci/image.yml", DOCKER)]);
    env.git(["remote", "add", "origin", "git@git.example:me/web-of-mine.git"]);
    insta::assert_snapshot!("renamed_fork", env.run(["check"]));
}

#[test]
fn whether_a_script_can_be_run_is_asked_of_the_file_of_git_and_of_the_commit() {
    let buildspec = "version: 0.2\nphases:\n  build:\n    commands:\n      - ./gradlew build\n";
    let env = Env::with(&[("buildspec.yml", buildspec), ("gradlew", "#!/bin/sh\n")]);
    let says = |arguments: &[&str]| env.run(arguments.iter().copied()).contains("script-not-executable");
    assert!(says(&["check"]));
    // As on a file system that knows no such thing: git has it.
    env.git(["update-index", "--chmod=+x", "gradlew"]);
    assert!(!says(&["check"]));
    assert!(says(&["check", "--at", "HEAD"]));
    env.git(["commit", "--message", "with its mode"]);
    assert!(!says(&["check", "--at", "HEAD"]));
}

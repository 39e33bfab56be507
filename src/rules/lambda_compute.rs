//! `lambda-compute`: commands that Lambda compute cannot run.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Project, use_of_daemon};
use crate::diagnostic::{Finding, Severity};
use crate::spec::compute;
use crate::spec::image::{Image, Made};

/// Programs that only root may run to any effect.
const OF_ROOT: [&str; 8] = ["apk", "apt", "apt-get", "dnf", "microdnf", "rpm", "sudo", "yum"];

/// What they do for everybody.
const READING: [&str; 14] = [
    "--help",
    "--version",
    "-V",
    "-h",
    "check-update",
    "help",
    "info",
    "list",
    "policy",
    "provides",
    "repolist",
    "search",
    "show",
    "version",
];

pub(super) const RULE: Rule = Rule {
    code: "lambda-compute",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A command that Lambda compute cannot run",
    doc: "On Lambda compute a build has no Docker daemon and is not root, so nothing can be installed by `yum`, `dnf` or `rpm`. \
          The project says where it builds by its `environment.type`, or by an image that is made for Lambda. Projects that \
          neither rehearsal.yml nor a template describes are not spoken of. Its other limits are those of the project's settings \
          and of `environment-mismatch`.",
    example: Example::template(
        "Resources:
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      Artifacts:
        Type: NO_ARTIFACTS
      Environment:
        ComputeType: BUILD_LAMBDA_1GB
        Image: aws/codebuild/amazonlinux-x86_64-lambda-standard:python3.12
        Type: LINUX_LAMBDA_CONTAINER
      ServiceRole: arn:aws:iam::111122223333:role/build
      Source:
        Type: NO_SOURCE
        BuildSpec: |
          version: 0.2
          phases:
            build:
              commands:
                - docker build -t service .
",
        "Resources:
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      Artifacts:
        Type: NO_ARTIFACTS
      Environment:
        ComputeType: BUILD_GENERAL1_SMALL
        Image: aws/codebuild/amazonlinux-x86_64-standard:5.0
        Type: LINUX_CONTAINER
        PrivilegedMode: true
      ServiceRole: arn:aws:iam::111122223333:role/build
      Source:
        Type: NO_SOURCE
        BuildSpec: |
          version: 0.2
          phases:
            build:
              commands:
                - docker build -t service .
",
    ),
    reference: "codebuild.md 5.2",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/lambda.html"),
    check: Check::Built(check),
};

fn check(file: Buildspec<'_>, project: &Project<'_>, findings: &mut Vec<Finding>) {
    let made = project.image.and_then(Image::named).and_then(|image| image.made);
    let is_lambda = project.kind.map_or(matches!(made, Some(Made::Lambda(_))), compute::is_lambda);
    // The builds of a batch have settings of their own.
    if !is_lambda || file.root().get("batch").is_some() {
        return;
    }
    if let Some((words, span)) = use_of_daemon(file) {
        let message = format!(
            "`{words}` needs a Docker daemon; {} runs on Lambda compute, which has none",
            project.called()
        );
        let finding = RULE.at(file.source(), span, message, "no daemon to connect to");
        findings.push(finding.help("let a project on EC2 compute, with privilegedMode: true, build images"));
    }
    for command in file.commands() {
        let found = command.simples().find_map(|(simple, place)| {
            let name = simple.name().filter(|name| OF_ROOT.contains(name))?;
            let reads = simple.arguments().first().is_none_or(|first| {
                READING.contains(&&*first.text) || name == "rpm" && first.text.starts_with("-q")
            });
            (!place.judged && !place.guarded && !place.in_function && !reads).then(|| (name, simple.head()))
        });
        let Some((name, span)) = found else { continue };
        let message =
            format!("`{name}` needs root; {} runs on Lambda compute, where nobody is root", project.called());
        let finding = RULE.at(file.source(), command.at(span), message, "not permitted there");
        findings.push(finding.help("take an image that has it, or build on EC2 compute"));
    }
}

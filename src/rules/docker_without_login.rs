//! `docker-without-login`: a push to a registry of ECR without a login.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};
use crate::syntax::Node;

pub(super) const RULE: Rule = Rule {
    code: "docker-without-login",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A push to a registry of ECR without a login",
    doc: "`docker push` to a private registry of ECR needs `aws ecr get-login-password | docker login` before it, or the credential \
          helper `docker-credential-ecr-login`. Without either it fails with `no basic auth credentials`. Only pushes whose registry can \
          be seen to be one of ECR are spoken of, and only in buildspecs that run no script of their own before.",
    example: Example::buildspec(
        "version: 0.2
env:
  variables:
    IMAGE: 111122223333.dkr.ecr.eu-central-1.amazonaws.com/service:1
phases:
  build:
    commands:
      - docker build -t $IMAGE .
      - docker push $IMAGE
",
        "version: 0.2
env:
  variables:
    REGISTRY: 111122223333.dkr.ecr.eu-central-1.amazonaws.com
phases:
  pre_build:
    commands:
      - aws ecr get-login-password | docker login --username AWS --password-stdin $REGISTRY
  build:
    commands:
      - docker build -t $REGISTRY/service:1 .
      - docker push $REGISTRY/service:1
",
    ),
    reference: "codebuild.md 2.5",
    url: Some("https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-push-ecr-image.html"),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let text = file.source().text();
    if !file.is_whole() || !text.contains("docker") || !text.contains("push") || !text.contains("dkr.ecr") {
        return;
    }
    // Whoever says something of a login before, or may do so in a script, is not to be told. A password alone is no login.
    let knows = |text: &str| {
        let text = text.replace("get-login-password", "");
        ["login", "credential", "config.json", ".docker", "source ", ".sh", "make"]
            .iter()
            .any(|word| text.contains(word))
    };
    let values: Vec<(&str, &str)> = file
        .entries(&["env", "variables"])
        .filter_map(|entry| Some((entry.key.text()?, Node::text(entry.value)?)))
        .collect();
    let mut assigned: Vec<String> = Vec::new();
    for command in file.commands() {
        if knows(command.text) {
            return;
        }
        let mut found = None;
        for (simple, _) in command.simples() {
            for assignment in &simple.assignments {
                if assignment.value.text.contains("dkr.ecr") {
                    assigned.push(assignment.name.to_owned());
                }
            }
            let is_push = simple.runs(&["docker", "push"]) || simple.runs(&["docker", "image", "push"]);
            let Some(target) = simple.arguments().last().filter(|_| is_push) else { continue };
            let of_ecr = |name: &str| {
                values.iter().any(|(known, value)| *known == name && value.contains("dkr.ecr"))
                    || assigned.iter().any(|known| known == name)
            };
            if target.text.contains("dkr.ecr") || target.variables().any(|variable| of_ecr(variable.name)) {
                found.get_or_insert(simple.head());
            }
        }
        let Some(span) = found else { continue };
        let message = "`docker push` to a registry of ECR, and no login before it";
        let finding = RULE.at(file.source(), command.at(span), message, "no basic auth credentials");
        findings.push(finding.help(
            "before it: - aws ecr get-login-password | docker login --username AWS --password-stdin REGISTRY",
        ));
        return;
    }
}

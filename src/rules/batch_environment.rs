//! `batch-environment`: a compute type or environment type that CodeBuild does not have.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};
use crate::spec::{nearest, rename};
use crate::syntax::{Kind, Node};

pub(super) const RULE: Rule = Rule {
    code: "batch-environment",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A compute type or environment type that CodeBuild does not have",
    doc: "`compute-type` and `type` of a task's `env` take the names of the API. AWS's own samples hold two that the API does \
          not have, so this is a warning; the task will most likely not start.",
    example: Example::buildspec(
        "version: 0.2
batch:
  build-list:
    - identifier: unit
      buildspec: unit.yml
      env:
        compute-type: BUILD_GENERAL1_SMAL
",
        "version: 0.2
batch:
  build-list:
    - identifier: unit
      buildspec: unit.yml
      env:
        compute-type: BUILD_GENERAL1_SMALL
",
    ),
    reference: "codebuild.md 1.11, 5.1",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html"),
    check: Check::Buildspec(check),
};

const COMPUTE: [&str; 12] = [
    "BUILD_GENERAL1_SMALL",
    "BUILD_GENERAL1_MEDIUM",
    "BUILD_GENERAL1_LARGE",
    "BUILD_GENERAL1_XLARGE",
    "BUILD_GENERAL1_2XLARGE",
    "BUILD_LAMBDA_1GB",
    "BUILD_LAMBDA_2GB",
    "BUILD_LAMBDA_4GB",
    "BUILD_LAMBDA_8GB",
    "BUILD_LAMBDA_10GB",
    "ATTRIBUTE_BASED_COMPUTE",
    "CUSTOM_INSTANCE_TYPE",
];

const TYPES: [&str; 12] = [
    "LINUX_CONTAINER",
    "LINUX_GPU_CONTAINER",
    "ARM_CONTAINER",
    "WINDOWS_CONTAINER",
    "WINDOWS_SERVER_2019_CONTAINER",
    "WINDOWS_SERVER_2022_CONTAINER",
    "LINUX_LAMBDA_CONTAINER",
    "ARM_LAMBDA_CONTAINER",
    "LINUX_EC2",
    "ARM_EC2",
    "WINDOWS_EC2",
    "MAC_ARM",
];

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for task in file.tasks() {
        let value = |key| task.node.get("env").and_then(|env| env.get(key));
        one(file, value("compute-type"), "compute type", &COMPUTE, findings);
        one(file, value("type"), "environment type", &TYPES, findings);
    }
    let matrix = ["batch", "build-matrix"];
    one(
        file,
        file.at(&[&matrix[..], &["static", "env", "type"]].concat()),
        "environment type",
        &TYPES,
        findings,
    );
    let axis = file.at(&[&matrix[..], &["dynamic", "env", "compute-type"]].concat());
    for value in axis.into_iter().flat_map(Node::items) {
        one(file, Some(value), "compute type", &COMPUTE, findings);
    }
}

fn one(
    file: Buildspec<'_>,
    value: Option<Node<'_>>,
    what: &str,
    known: &[&'static str],
    findings: &mut Vec<Finding>,
) {
    let Some(value) = value.filter(|value| value.kind() == Kind::Scalar) else { return };
    let Some(text) = value.text().filter(|text| !text.contains('$') && !known.contains(text)) else { return };
    let message = format!("CodeBuild has no {what} `{text}`");
    let finding = RULE.at(file.source(), value.span(), message, "unknown");
    let begun = known.iter().find(|name| name.strip_suffix("_CONTAINER") == Some(text)).copied();
    findings.push(match begun.or_else(|| nearest(text, known)) {
        Some(meant) => rename(finding, value.span(), known, meant, false),
        None => finding.help(format!("known: {}", known.join(", "))),
    });
}

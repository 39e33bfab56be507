//! `batch-environment`: a compute type or environment type that CodeBuild does not have.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};
use crate::spec::compute::{self, COMPUTE_TYPES, ENVIRONMENT_TYPES};
use crate::spec::{nearest, rename};
use crate::syntax::{Kind, Node};

pub(super) const RULE: Rule = Rule {
    code: "batch-environment",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A compute type or environment type that CodeBuild does not have, or that do not go together",
    doc: "`compute-type` and `type` of a task's `env` take the names of the API. AWS's own samples hold two that the API does \
          not have, so this is a warning; the task will most likely not start. Not every size is there for every type: EC2 \
          environments end at LARGE, Windows begins at MEDIUM, Lambda compute has sizes of its own. Windows and Lambda have no \
          privileged mode.",
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
    reference: "codebuild.md 1.11, 5.1, 5.2",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html"),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for task in file.tasks() {
        let value = |key| task.node.get("env").and_then(|env| env.get(key));
        one(file, value("compute-type"), "compute type", &COMPUTE_TYPES, findings);
        one(file, value("type"), "environment type", &ENVIRONMENT_TYPES, findings);
        together(file, value("compute-type"), value("type"), findings);
        privileged(file, value("privileged-mode"), value("type"), findings);
    }
    let matrix = ["batch", "build-matrix"];
    one(
        file,
        file.at(&[&matrix[..], &["static", "env", "type"]].concat()),
        "environment type",
        &ENVIRONMENT_TYPES,
        findings,
    );
    let axis = file.at(&[&matrix[..], &["dynamic", "env", "compute-type"]].concat());
    let fixed = |key: &str| file.at(&[&matrix[..], &["static", "env", key]].concat());
    for value in axis.into_iter().flat_map(|axis| axis.items().chain(Some(axis))) {
        one(file, Some(value), "compute type", &COMPUTE_TYPES, findings);
        together(file, Some(value), fixed("type"), findings);
    }
    privileged(file, fixed("privileged-mode"), fixed("type"), findings);
}

/// A size and a type that AWS does not offer together.
fn together(
    file: Buildspec<'_>,
    size: Option<Node<'_>>,
    kind: Option<Node<'_>>,
    findings: &mut Vec<Finding>,
) {
    let (Some(size), Some(kind)) = (size, kind) else { return };
    let (Some(compute), Some(name)) = (size.text(), kind.text()) else { return };
    if size.is_blank() || kind.is_blank() || compute::go_together(compute, name) {
        return;
    }
    let message = format!("AWS offers no {compute} for {name}");
    let finding = RULE.at(file.source(), size.span(), message, "not for this type");
    let offered = compute::offered(name).unwrap_or_default().join(", ");
    findings.push(finding.label(kind.span(), "the type").help(format!("there is {offered}")));
}

/// Privileged mode where there is none.
fn privileged(
    file: Buildspec<'_>,
    mode: Option<Node<'_>>,
    kind: Option<Node<'_>>,
    findings: &mut Vec<Finding>,
) {
    let (Some(mode), Some(kind)) = (mode, kind) else { return };
    let on = mode.text().is_some_and(|text| matches!(text, "true" | "yes" | "on"));
    let Some(name) = kind.text().filter(|name| compute::is_lambda(name) || compute::is_windows(name)) else {
        return;
    };
    if on {
        let message = format!("there is no privileged mode for {name}");
        let finding = RULE.at(file.source(), mode.span(), message, "not for this type");
        findings.push(finding.label(kind.span(), "the type").help("remove `privileged-mode:`"));
    }
}

fn one(
    file: Buildspec<'_>,
    value: Option<Node<'_>>,
    what: &str,
    known: &[&'static str],
    findings: &mut Vec<Finding>,
) {
    // Of what is empty that is said.
    let Some(value) = value.filter(|value| value.kind() == Kind::Scalar && !value.is_blank()) else { return };
    let Some(text) = value.text().filter(|text| !text.contains('$') && !known.contains(text)) else { return };
    let message = format!("CodeBuild has no {what} `{text}`");
    let finding = RULE.at(file.source(), value.span(), message, "unknown");
    let begun = known.iter().find(|name| name.strip_suffix("_CONTAINER") == Some(text)).copied();
    findings.push(match begun.or_else(|| nearest(text, known)) {
        Some(meant) => rename(finding, value.span(), known, meant, false),
        None => finding.help(format!("known: {}", known.join(", "))),
    });
}

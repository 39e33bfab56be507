//! `exported-variable`: a variable that CodeBuild will not hand on.

use std::collections::HashMap;

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use super::variable_name::is_name;
use crate::diagnostic::{Finding, Severity};
use crate::syntax::{Kind, Node};

pub(super) const RULE: Rule = Rule {
    code: "exported-variable",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "An exported variable that CodeBuild will not hand on",
    doc: "`exported-variables` lists names, without `$` and without values. Names that begin with `AWS_` are not exported. \
          A name listed twice is exported once. A variable that holds a secret becomes readable for everybody who may see the \
          build or the pipeline.",
    example: Example::buildspec(
        "version: 0.2
env:
  exported-variables:
    - $IMAGE
phases:
  build:
    commands:
      - IMAGE=service:1
",
        "version: 0.2
env:
  exported-variables:
    - IMAGE
phases:
  build:
    commands:
      - IMAGE=service:1
",
    ),
    reference: "codebuild.md 3.9",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.exported-variables",
    ),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let Some(list) = file.at(&["env", "exported-variables"]) else { return };
    let one = Some(list).filter(|list| list.kind() == Kind::Scalar && !list.is_null());
    let mut seen = HashMap::new();
    for node in one.into_iter().chain(list.items()) {
        let Some(name) = node.text() else { continue };
        if let Some(first) = seen.insert(name, node.span()) {
            let message = format!("`{name}` is exported twice");
            findings
                .push(RULE.at(file.source(), node.span(), message, "again here").label(first, "first here"));
            continue;
        }
        let finding = |message: String, label: &str| RULE.at(file.source(), node.span(), message, label);
        if !is_name(name) {
            let bare = name.trim_start_matches('$').trim_matches(['{', '}']);
            let bare = bare.split('=').next().unwrap_or_default();
            let finding = finding(format!("`{name}` is no name of a variable"), "nothing is exported");
            findings.push(if is_name(bare) { finding.help(format!("write `{bare}`")) } else { finding });
        } else if name.starts_with("AWS_") {
            let finding = finding(format!("`{name}` is not exported: it begins with `AWS_`"), "left out");
            findings.push(finding.help("copy it into a variable of another name in a command"));
        } else if let Some(secret) = secret(file, name) {
            let finding =
                finding(format!("`{name}` is a secret, and readable once it is exported"), "exported here");
            findings.push(
                finding.label(secret.span(), "a secret").help("let the consumer fetch the secret itself"),
            );
        }
    }
}

/// Where a variable gets a secret.
fn secret<'t>(file: Buildspec<'t>, name: &str) -> Option<Node<'t>> {
    file.at(&["env", "secrets-manager"])?.entry(name).map(|entry| entry.key)
}

//! `version-in-quotes`: a version that a batch build cannot read.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, place};
use crate::diagnostic::{Edit, Finding, Severity};
use crate::syntax::Style;

pub(super) const RULE: Rule = Rule {
    code: "version-in-quotes",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A quoted `version` in a buildspec with a `batch`",
    doc: "A plain build takes `\"0.2\"` for 0.2. A batch build reads the file another way, wants a number, and stops.",
    example: Example::buildspec(
        r#"version: "0.2"
batch:
  build-list:
    - identifier: unit
    - identifier: lint
phases:
  build:
    commands:
      - make
"#,
        "version: 0.2
batch:
  build-list:
    - identifier: unit
    - identifier: lint
phases:
  build:
    commands:
      - make
",
    ),
    reference: "codebuild.md 0 (3), 8.2",
    url: None,
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let (Some(entry), Some(_)) = (file.root().entry("version"), file.root().entry("batch")) else { return };
    let Some(scalar) = entry.value.scalar().filter(|scalar| scalar.style != Style::Plain) else { return };
    let number = scalar.text.trim();
    if number.parse::<f64>().is_err() {
        return;
    }
    let message = "a batch build cannot read a `version` in quotes";
    let finding = RULE.at(file.source(), place(entry), message, "a text, not a number");
    let edits = vec![Edit { span: entry.value.span(), replacement: number.to_owned() }];
    findings.push(
        finding
            .help(format!("write `version: {number}`"))
            .aws(format!("cannot unmarshal !!str `{number}` into float64"))
            .fix("Remove the quotes", edits),
    );
}

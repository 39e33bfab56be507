//! `report-format`: report files that their format cannot be read from.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};
use crate::syntax::{Kind, Node};

pub(super) const RULE: Rule = Rule {
    code: "report-format",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "Report files of another kind than their `file-format`",
    doc: "`file-format` is JUNITXML unless it is written. CUCUMBERJSON and SIMPLECOV are read from JSON, the other formats from \
          XML. A report of files that cannot be read is INCOMPLETE, and shows no test.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make test
reports:
  unit:
    files:
      - cucumber.json
",
        "version: 0.2
phases:
  build:
    commands:
      - make test
reports:
  unit:
    files:
      - cucumber.json
    file-format: CUCUMBERJSON
",
    ),
    reference: "codebuild.md 0 (17), 1.8",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/test-reporting.html"),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for group in file.entries(&["reports"]) {
        let written = group.value.entry("file-format").filter(|entry| entry.value.text().is_some());
        // Of an empty one that is said.
        if group.value.get("file-format").is_some_and(Node::is_blank) {
            continue;
        }
        let format = written.and_then(|entry| entry.value.text()).unwrap_or("JUNITXML").to_ascii_uppercase();
        let wrong = match format.as_str() {
            "CUCUMBERJSON" | "SIMPLECOV" => ".xml",
            "JUNITXML" | "NUNITXML" | "NUNIT3XML" | "TESTNGXML" | "VISUALSTUDIOTRX" | "CLOVERXML"
            | "COBERTURAXML" | "JACOCOXML" => ".json",
            _ => continue,
        };
        let Some(files) = group.value.get("files") else { continue };
        let one = Some(files).filter(|files| files.kind() == Kind::Scalar);
        for node in one.into_iter().chain(files.items()) {
            if !node.text().is_some_and(|text| text.ends_with(wrong)) {
                continue;
            }
            let message = format!("no report of the format {format} can be read from a {wrong} file");
            let finding = RULE.at(file.source(), node.span(), message, "nothing is reported from it");
            // AWS's own example names a file so.
            let is_example = written.is_some() && format == "CUCUMBERJSON";
            let severity = if is_example { Severity::Advice } else { finding.severity };
            let finding = Finding { severity, ..finding };
            findings.push(match written {
                Some(entry) => {
                    finding.label(entry.value.span(), "the format").help("name the format of the files")
                }
                None => finding.help("add `file-format:`; without it the files are taken for JUNITXML"),
            });
        }
    }
}

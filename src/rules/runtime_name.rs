//! `runtime-name`: a runtime that no image has.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Edit, Finding, Severity};
use crate::spec::{is_there, nearest, rename};

pub(super) const RULE: Rule = Rule {
    code: "runtime-name",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A runtime that no image of CodeBuild has",
    doc: "`runtime-versions` takes android (old images), dotnet, golang, java, nodejs, php, python, ruby and rust. `docker` is \
          a name of the past: some images print a word about it and select nothing, and the current ones for x86 refuse it.",
    example: Example::buildspec(
        "version: 0.2
phases:
  install:
    runtime-versions:
      node: 22
    commands:
      - npm ci
",
        "version: 0.2
phases:
  install:
    runtime-versions:
      nodejs: 22
    commands:
      - npm ci
",
    ),
    reference: "codebuild.md 2.1",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/runtime-versions.html"),
    check: Check::Buildspec(check),
};

const KNOWN: [&str; 9] = ["android", "dotnet", "golang", "java", "nodejs", "php", "python", "ruby", "rust"];

/// What people write for it.
const MEANT: [(&str, &str); 8] = [
    ("go", "golang"),
    ("node", "nodejs"),
    ("node.js", "nodejs"),
    ("npm", "nodejs"),
    ("jdk", "java"),
    ("openjdk", "java"),
    ("python3", "python"),
    (".net", "dotnet"),
];

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for entry in file.entries(&["phases", "install", "runtime-versions"]) {
        let Some(name) = entry.key.text().filter(|name| !KNOWN.contains(name)) else { continue };
        let span = entry.key.span();
        if name == "docker" {
            let finding = RULE.at(
                file.source(),
                span,
                "the runtime `docker` is a name of the past",
                "no effect, or refused",
            );
            let finding = finding.help("remove it: images with Docker have it without being asked");
            findings.push(finding.aws("YAML_FILE_ERROR: Unknown runtime named 'docker'"));
            continue;
        }
        let finding =
            RULE.at(file.source(), span, format!("no image has a runtime `{name}`"), "unknown runtime");
        let alias =
            MEANT.iter().find(|(written, _)| written.eq_ignore_ascii_case(name)).map(|(_, meant)| *meant);
        findings.push(match (alias, nearest(name, &KNOWN)) {
            (Some(meant), _) => finding
                .help(format!("write `{meant}`"))
                .suggest(format!("Rename to `{meant}`"), vec![Edit { span, replacement: meant.to_owned() }]),
            (None, Some(meant)) => {
                let runtimes = file.at(&["phases", "install", "runtime-versions"]);
                let there = runtimes.is_none_or(|runtimes| is_there(runtimes, meant));
                rename(finding, span, &KNOWN, meant, there)
            }
            (None, None) => finding.help(format!("the runtimes are {}", KNOWN.join(", "))),
        });
    }
}

//! `unknown-report-group`: a gate that asks for a report group that its build does not have.

use super::record::{Check, Rule};
use super::subject::{Built, Whole, head};
use crate::diagnostic::{Finding, Severity};
use crate::spec::nearest;
use crate::syntax::Node;

pub(super) const RULE: Rule = Rule {
    code: "unknown-report-group",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A gate that asks for a report group that its build does not have",
    doc: "A gate names an action and a report group of it: a key of `reports` in the buildspec that the action builds by. A group that is \
          not there never has a report, and the gate lets nothing through.",
    example: None,
    reference: "codebuild.md 1.8; design of gates",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html"),
    check: Check::Pipelines(check),
};

fn check(whole: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    let gates = whole.config.and_then(|config| config.tree.root().get("gates"));
    for gate in gates.into_iter().flat_map(Node::items) {
        for kind in ["unit", "integration"] {
            let reports = gate.get(kind).and_then(|kind| kind.get("reports"));
            for report in reports.into_iter().flat_map(Node::items) {
                let action = report.get("action").and_then(Node::text).and_then(|text| text.split_once('/'));
                if let Some((action, node)) = action.zip(report.get("group")) {
                    group(built, action, node, findings);
                }
            }
        }
    }
}

fn group(built: &[Built<'_>], (stage, name): (&str, &str), node: Node<'_>, findings: &mut Vec<Finding>) {
    let Some(group) = node.text() else { return };
    let mut builds =
        built.iter().filter(|build| (build.action.stage, build.action.name) == (stage, name)).peekable();
    let Some(first) = builds.peek().and_then(|build| build.file.clone()) else { return };
    // With several pipelines, one that has it is enough.
    let mut known = Vec::new();
    for build in builds {
        if build.file.is_none() || build.is_batch() {
            return;
        }
        let reports = build.at(&["reports"]);
        let names = reports.into_iter().flat_map(Node::entries).filter_map(|entry| entry.key.text());
        known.extend(names.map(str::to_owned));
    }
    if known.iter().any(|name| name == group) {
        return;
    }
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    let file = first.source().name();
    let message = format!("`{stage}/{name}` has no report group `{group}`");
    let finding = RULE.at(node.source(), head(node), message, format!("not in `reports` of {file}"));
    findings.push(match nearest(group, &known) {
        Some(meant) => finding.help(format!("write `{meant}`")),
        None if known.is_empty() => finding.help(format!("add `{group}` below `reports:` of {file}")),
        None => finding.help(format!("it has {}", known.join(", "))),
    });
}

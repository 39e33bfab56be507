//! `not-exported`: a variable of a build that its buildspec does not export.

use super::record::{Check, Rule};
use super::subject::{Built, Whole, actions, weighed};
use crate::diagnostic::{Finding, Severity};
use crate::spec::nearest;
use crate::spec::pipeline::reference::{Part, parts};
use crate::syntax::{Kind, Node, Span, TextMap, UNKNOWN};

pub(super) const RULE: Rule = Rule {
    code: "not-exported",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A variable of a build that its buildspec does not export",
    doc: "`#{Build.IMAGE}` is what the build named by that namespace exports: a name under `env.exported-variables` of its \
          buildspec. The action that uses another name fails before it starts. Batch builds, and builds whose buildspec is not in this \
          repository, are not judged.",
    example: None,
    reference: "codepipeline.md 2.4, 5; codebuild.md 3.9",
    url: Some("https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-variables.html"),
    check: Check::Pipelines(check),
};

fn check(_: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    for build in built.iter().filter(|build| build.file.is_some() && !build.is_batch()) {
        let Some(namespace) = build.action.node.get("namespace").and_then(Node::text) else { continue };
        let list = build.at(&["env", "exported-variables"]);
        // One name without a list counts.
        let exported: Vec<&str> = list
            .into_iter()
            .flat_map(|list| list.text().into_iter().chain(list.items().filter_map(Node::text)))
            .collect();
        if exported.iter().any(|name| name.contains(UNKNOWN)) {
            continue;
        }
        for action in actions(build.definition) {
            for key in ["configuration", "commands", "environmentVariables"] {
                let Some(node) = action.node.get(key) else { continue };
                uses(node, namespace, &exported, build, findings);
            }
        }
    }
}

/// The uses of a namespace inside a node.
fn uses(node: Node<'_>, namespace: &str, exported: &[&str], build: &Built<'_>, findings: &mut Vec<Finding>) {
    match node.kind() {
        Kind::Sequence => node.items().for_each(|item| uses(item, namespace, exported, build, findings)),
        Kind::Mapping => {
            node.entries().for_each(|entry| uses(entry.value, namespace, exported, build, findings));
        }
        Kind::Scalar => {
            let Some(text) = node.text().filter(|text| text.contains("#{")) else { return };
            for part in parts(text) {
                let Part::Variable { namespace: of, key, range } = part else { continue };
                if of != namespace || exported.contains(&key) {
                    continue;
                }
                let [start, end] = [range.start, range.end].map(|at| u32::try_from(at).unwrap_or_default());
                let span = TextMap::of(node).span(Span::new(start, end));
                let file = build.buildspec_name();
                let message = format!("`{}` does not export `{key}`", build.action.name);
                let label = format!("not among `exported-variables` of {file}");
                let finding = RULE.at(node.source(), span, message, label);
                let finding = weighed(finding, build.is_sure);
                findings.push(match nearest(key, exported) {
                    Some(meant) => finding.help(format!("write #{{{namespace}.{meant}}}")),
                    None => finding.help(format!("add {key} to `env.exported-variables` of {file}")),
                });
            }
        }
    }
}

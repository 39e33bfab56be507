//! `output-artifact`: an output artifact that its buildspec does not make.

use super::record::{Check, Rule};
use super::subject::{Built, Whole, head, weighed};
use crate::diagnostic::{Finding, Severity};
use crate::spec::nearest;
use crate::syntax::{Node, UNKNOWN};

pub(super) const RULE: Rule = Rule {
    code: "output-artifact",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "An output artifact that its buildspec does not make",
    doc: "With one output artifact, a build gives what `artifacts` of its buildspec says. With several, each is named like one of the \
          `secondary-artifacts`. Anything else fails in UPLOAD_ARTIFACTS. Batch builds, and builds whose buildspec is not in this \
          repository, are not judged.",
    example: None,
    reference: "codepipeline.md 2.4, 6; codebuild.md 1.9",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/sample-multi-in-out.html"),
    check: Check::Pipelines(check),
};

fn check(_: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    for build in built.iter().filter(|build| build.file.is_some() && !build.is_batch()) {
        let file = build.buildspec_name();
        let outputs = build.action.node.get("outputArtifacts");
        let names: Vec<_> = outputs
            .into_iter()
            .flat_map(Node::items)
            .filter_map(|item| item.get("name"))
            .filter_map(|name| Some((name.text()?, name)))
            .collect();
        if let [(name, node)] = names[..] {
            if build.at(&["artifacts"]).is_none_or(Node::is_null) {
                let message = format!("nothing makes the artifact `{name}`: {file} has no `artifacts`");
                let finding = RULE.at(node.source(), head(node), message, "given by this action");
                let finding = weighed(finding, build.is_sure);
                findings.push(
                    finding
                        .help(format!("add `artifacts:` with `files:` to {file}"))
                        .aws("no definition for primary artifacts in buildspec"),
                );
            }
            continue;
        }
        let secondary = build.at(&["artifacts", "secondary-artifacts"]);
        let known: Vec<_> =
            secondary.into_iter().flat_map(Node::entries).filter_map(|entry| entry.key.text()).collect();
        if known.iter().any(|name| name.contains(UNKNOWN)) {
            continue;
        }
        for (name, node) in
            names.into_iter().filter(|(name, _)| !known.contains(name) && !name.contains(UNKNOWN))
        {
            let message = format!(
                "nothing makes the artifact `{name}`: it is none of the secondary artifacts of {file}"
            );
            let finding = RULE.at(node.source(), head(node), message, "one of several outputs");
            let finding = weighed(finding, build.is_sure);
            let finding = match nearest(name, &known) {
                Some(meant) => {
                    finding.help(format!("write `{meant}`, or name the secondary artifact `{name}`"))
                }
                None => finding.help(format!("add `{name}` below `artifacts.secondary-artifacts` of {file}")),
            };
            findings.push(finding.aws(format!("no definition for secondary artifacts {name} in buildspec")));
        }
    }
}

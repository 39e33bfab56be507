//! `output-artifact`: an output artifact that its buildspec does not make.

use super::record::{Check, Rule};
use super::subject::{Action, Built, Whole, actions, head, weighed};
use crate::diagnostic::{Finding, Severity};
use crate::spec::nearest;
use crate::syntax::{Node, UNKNOWN};

pub(super) const RULE: Rule = Rule {
    code: "output-artifact",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "An output artifact that its buildspec does not make",
    doc: "With one output artifact, a build gives what `artifacts` of its buildspec says. With several, each is named like one of the \
          `secondary-artifacts`. Anything else fails in UPLOAD_ARTIFACTS. \
          A build without any `artifacts` uploads nothing, which only the action that takes the artifact fails for: it is a \
          warning where none does. A batch gives the artifacts of its builds: `one` of the \
          build `one`, and `one_docs` of its secondary artifact `docs`; of a matrix and a fan-out the names are not known before. \
          Builds whose buildspec is not in this repository are not judged.",
    example: None,
    reference: "codepipeline.md 2.4, 6; codebuild.md 1.9",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/sample-multi-in-out.html"),
    check: Check::Pipelines(check),
};

fn check(_: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    for build in built.iter().filter(|build| build.file.is_some()) {
        if build.is_batch() {
            batch(build, findings);
            continue;
        }
        let file = build.buildspec_name();
        let names = names(build);
        if let [(name, node)] = names[..] {
            if build.at(&["artifacts"]).is_none_or(Node::is_null) {
                let message = format!("nothing makes the artifact `{name}`: {file} has no `artifacts`");
                let finding = RULE.at(node.source(), head(node), message, "given by this action");
                // A build that uploads nothing succeeds; the action that asks for it does not.
                let finding = weighed(finding, build.is_sure && is_taken(build, name));
                findings.push(
                    finding
                        .help(format!("add `artifacts:` with `files:` to {file}"))
                        .aws("no definition for primary artifacts in buildspec"),
                );
            } else if build.at(&["artifacts", "secondary-artifacts"]).is_some()
                && build.at(&["artifacts", "files"]).is_none()
            {
                let message =
                    format!("`{name}` is the only output: {file} has only `secondary-artifacts` for it");
                let finding = RULE.at(node.source(), head(node), message, "made of `artifacts` itself");
                let help = format!("add `files:` to `artifacts:` of {file}, beside `secondary-artifacts:`");
                findings.push(weighed(finding, false).help(help));
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

/// Whether an action of the pipeline takes the artifact.
fn is_taken(build: &Built<'_>, name: &str) -> bool {
    let actions = actions(build.definition);
    actions.iter().flat_map(Action::inputs).any(|taken| taken == name || taken.contains(UNKNOWN))
}

/// The names of the action's output artifacts.
fn names<'a>(build: &Built<'a>) -> Vec<(&'a str, Node<'a>)> {
    let outputs = build.action.node.get("outputArtifacts").into_iter().flat_map(Node::items);
    let names = outputs.filter_map(|item| item.get("name"));
    names.filter_map(|name| Some((name.text()?, name))).collect()
}

/// A batch whose builds have names: each gives an artifact of its name, and secondary ones whose names begin with it.
fn batch(build: &Built<'_>, findings: &mut Vec<Finding>) {
    let Some(batch) = build.at(&["batch"]) else { return };
    let combines = build.action.configuration("CombineArtifacts");
    let is_dynamic = ["build-matrix", "build-fanout"].iter().any(|kind| batch.get(kind).is_some());
    if is_dynamic
        || combines.is_some_and(|flag| !flag.text().unwrap_or_default().eq_ignore_ascii_case("false"))
    {
        return;
    }
    let lists = ["build-list", "build-graph"].into_iter().filter_map(|kind| batch.get(kind));
    let tasks: Vec<_> = lists.flat_map(Node::items).collect();
    let known: Vec<_> = tasks.iter().filter_map(|task| task.get("identifier")?.text()).collect();
    if known.is_empty() || known.len() < tasks.len() || known.iter().any(|name| name.contains(UNKNOWN)) {
        return;
    }
    let is_given = |name: &str| {
        let of =
            |id: &&str| name.strip_prefix(*id).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
        known.iter().any(of)
    };
    let file = build.buildspec_name();
    for (name, node) in
        names(build).into_iter().filter(|(name, _)| !name.contains(UNKNOWN) && !is_given(name))
    {
        let message =
            format!("nothing makes the artifact `{name}`: no build of the batch in {file} is called so");
        let finding = RULE.at(node.source(), head(node), message, "an output of a batch");
        let help = match nearest(name, &known) {
            Some(meant) => format!("write `{meant}`"),
            None => format!("it has {}; a secondary artifact is BUILD_NAME", known.join(", ")),
        };
        findings.push(weighed(finding, build.is_sure).help(help));
    }
}

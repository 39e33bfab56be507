//! `revision-lacks-file`: a file that an appspec names, and the repository it is deployed from has not.

use std::collections::HashSet;

use super::record::{Check, Rule};
use super::subject::{Built, Presence, Whole, head};
use crate::diagnostic::{Finding, Severity};
use crate::spec::appspec::{Platform, platform};
use crate::syntax::{Kind, Node};

pub(super) const RULE: Rule = Rule {
    code: "revision-lacks-file",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A file or script of an appspec that the repository has not",
    doc: "A CodeDeploy action deploys what a source action gave, this repository, by the appspec at its top. A `source` below \
          `files` that is not there fails the Install event; a `location` below `hooks` that is not there fails its event, \
          with ScriptMissing. Both are relative to the top of the repository, whatever the appspec's own place is. Nothing is \
          said where a build makes the artifact, or where a path has a variable.",
    example: None,
    reference: "codedeploy.md 3.1, 3.3",
    url: Some(
        "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-files.html",
    ),
    check: Check::Pipelines(check),
};

fn check(whole: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    for deployed in whole.deployed(built) {
        if platform(&deployed.tree) != Some(Platform::Server) || !seen.insert(deployed.path.clone()) {
            continue;
        }
        let root = deployed.tree.root();
        let sources =
            root.get("files").into_iter().flat_map(Node::items).filter_map(|file| file.get("source"));
        for source in sources {
            lacks(whole, source, "Install fails without it", findings);
        }
        let hooks = root.get("hooks").into_iter().flat_map(Node::entries);
        let scripts = hooks.flat_map(|hook| hook.value.items());
        for location in scripts.filter_map(|script| script.get("location")) {
            lacks(whole, location, "the event fails without it: ScriptMissing", findings);
        }
    }
}

fn lacks(whole: &Whole<'_>, node: Node<'_>, so: &str, findings: &mut Vec<Finding>) {
    let Some(text) = node.text().filter(|_| node.kind() == Kind::Scalar) else { return };
    let path = text.trim().replace('\\', "/");
    let path = path.trim_start_matches("./").trim_matches('/');
    if path.is_empty()
        || path == "."
        || path.contains(['$', '*', '{', '<', '%'])
        || path.split('/').any(|part| part == "..")
    {
        return;
    }
    if (whole.look)(path) == Presence::Nothing {
        let message = format!("the repository that is deployed has no {path}");
        let finding = RULE.at(node.source(), head(node), message, so);
        findings.push(finding.help("paths of an appspec begin at the top of the repository"));
    }
}

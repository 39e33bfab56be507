//! `revision-lacks-file`: a file that an appspec names, and the revision that is deployed has not.

use std::collections::HashSet;

use super::record::{Check, Rule};
use super::subject::{Absence, Built, Deployed, Presence, Whole, head};
use crate::diagnostic::{Finding, Severity};
use crate::spec::appspec::{Platform, platform};
use crate::syntax::{Kind, Node};

pub(super) const RULE: Rule = Rule {
    code: "revision-lacks-file",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A file or script of an appspec that the revision has not",
    doc: "A CodeDeploy action deploys what a source action gave, this repository, or what a build put together, by the appspec \
          at its top. A `source` below `files` that is not there fails the Install event; a `location` below `hooks` that is \
          not there fails its event, with ScriptMissing. Both are relative to the top of the revision, whatever the appspec's \
          own place is. Of a build's artifact only what no pattern of `artifacts.files` can give is told, and only where the \
          build takes the appspec from this repository as it is. Nothing is said where a path has a variable.",
    example: None,
    reference: "codedeploy.md 3.1, 3.3",
    url: Some(
        "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-files.html",
    ),
    check: Check::Pipelines(check),
};

fn check(whole: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    // Several pipelines may deploy by the same, and each file is told once.
    let mut seen = HashSet::new();
    for deployed in whole.deployed(built) {
        if platform(&deployed.tree) != Some(Platform::Server) {
            continue;
        }
        let mut tell = |finding: Option<Finding>| {
            let is_new = |finding: &Finding| seen.insert((deployed.path.clone(), finding.primary.span));
            findings.extend(finding.filter(is_new));
        };
        let root = deployed.tree.root();
        let sources =
            root.get("files").into_iter().flat_map(Node::items).filter_map(|file| file.get("source"));
        for source in sources {
            tell(lacks(whole, &deployed, source, true));
        }
        let hooks = root.get("hooks").into_iter().flat_map(Node::entries);
        let scripts = hooks.flat_map(|hook| hook.value.items());
        for location in scripts.filter_map(|script| script.get("location")) {
            tell(lacks(whole, &deployed, location, false));
        }
    }
}

/// What is wrong with a path of an appspec; a source may be a folder.
fn lacks(whole: &Whole<'_>, deployed: &Deployed<'_, '_>, node: Node<'_>, is_source: bool) -> Option<Finding> {
    let text = node.text().filter(|_| node.kind() == Kind::Scalar)?;
    let path = text.trim().replace('\\', "/");
    let path = path.trim_start_matches("./").trim_matches('/');
    if path.is_empty()
        || path == "."
        || path.contains(['$', '*', '{', '<', '%'])
        || path.split('/').any(|part| part == "..")
    {
        return None;
    }
    let so = if is_source { "Install fails without it" } else { "the event fails without it: ScriptMissing" };
    let artifact = deployed.artifact;
    let (message, help) = match deployed.made_by {
        None if (whole.look)(path) == Presence::Nothing => (
            format!("the repository that is deployed has no {path}"),
            "paths of an appspec begin at the top of the repository".to_owned(),
        ),
        None if (whole.is_passed_over)(path) => (
            format!("the repository that is deployed has no {path}: it is only in this folder"),
            "git ignores it, or it is a folder without files; a build can make it".to_owned(),
        ),
        Some(built) => {
            let of = format!("`{artifact}`, which is deployed");
            let message = match built.why_not(artifact, path, is_source)? {
                Absence::Unselected => format!("no pattern of `artifacts.files` gives {path} to {of}"),
                Absence::Excluded => format!("`exclude-paths` keeps {path} out of {of}"),
                Absence::Flat => format!("`discard-paths` leaves no folder for {path} in {of}"),
            };
            let help = match built.gives_elsewhere(artifact, path) {
                Some(given) => format!("the build gives `{given}`: write that path here"),
                None => format!("give it with `artifacts` of the build {}", built.action.name),
            };
            (message, help)
        }
        None => return None,
    };
    Some(RULE.at(node.source(), head(node), message, so).help(help))
}

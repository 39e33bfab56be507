//! `trigger-pattern`: a pattern of a trigger that nothing can fit.

use super::record::{Check, Rule};
use super::subject::{Presence, Whole, head};
use crate::diagnostic::{Finding, Severity};
use crate::syntax::Node;

pub(super) const RULE: Rule = Rule {
    code: "trigger-pattern",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A pattern of a trigger that nothing can fit",
    doc: "Branches and tags are compared by their names, without `refs/heads/` and `refs/tags/`; file paths begin at the top of \
          the repository, without `/` or `./`. CodePipeline takes any text for a pattern, and the trigger never fires. Paths whose first folders are not in \
          the repository match nothing as yet.",
    example: None,
    reference: "codepipeline.md 3.4, 3.5",
    url: Some("https://docs.aws.amazon.com/codepipeline/latest/userguide/syntax-glob.html"),
    check: Check::Across(check),
};

/// File paths whose folders are not there. What is wrong with a pattern by itself is found while it is read.
fn check(whole: &Whole<'_>, findings: &mut Vec<Finding>) {
    if !whole.complete {
        return;
    }
    for definition in whole.definitions.iter().filter(|definition| definition.repository().is_some()) {
        let root = definition.tree.root();
        let triggers = root.get("pipeline").unwrap_or(root).get("triggers");
        for trigger in triggers.into_iter().flat_map(Node::items) {
            for event in ["push", "pullRequest"] {
                let filters = trigger.get("gitConfiguration").and_then(|git| git.get(event));
                for filter in filters.into_iter().flat_map(Node::items) {
                    let includes = filter.get("filePaths").and_then(|paths| paths.get("includes"));
                    includes.into_iter().flat_map(Node::items).for_each(|node| path(whole, node, findings));
                }
            }
        }
    }
}

fn path(whole: &Whole<'_>, node: Node<'_>, findings: &mut Vec<Finding>) {
    let Some(pattern) = node.text().filter(|_| !node.is_unknown()) else { return };
    let is_literal = |part: &&str| !part.contains(['*', '?', '[', '{', '\\']);
    let fixed: Vec<_> = pattern.split('/').take_while(is_literal).collect();
    let fixed = fixed.join("/");
    if fixed.is_empty() || fixed.starts_with('.') || pattern.starts_with('/') || pattern.ends_with('/') {
        return;
    }
    let message = format!("`{pattern}` matches no file of this repository");
    match (whole.look)(&fixed) {
        Presence::Nothing => {
            findings.push(RULE.at(node.source(), head(node), message, format!("there is no {fixed}")));
        }
        Presence::Other("a folder") if fixed == pattern => {
            let finding = RULE.at(node.source(), head(node), message, "a folder, and files are matched");
            findings.push(finding.help(format!("write `{fixed}/**`")));
        }
        Presence::File | Presence::Other(_) => {}
    }
}

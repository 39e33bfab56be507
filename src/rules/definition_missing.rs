//! `definition-missing`: rehearsal.yml names a pipeline definition that is not there.

use super::record::{Check, Rule};
use super::subject::{Presence, Whole};
use crate::diagnostic::{Finding, Severity};
use crate::syntax::{Kind, Node};

pub(super) const RULE: Rule = Rule {
    code: "definition-missing",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A pipeline definition that rehearsal.yml names and that is not there",
    doc: "Paths under `pipelines:` are relative to the top of the repository. Leave the key out, and definitions are found by \
          their content.",
    example: None,
    reference: "design of rehearsal.yml",
    url: None,
    check: Check::Across(check),
};

fn check(whole: &Whole<'_>, findings: &mut Vec<Finding>) {
    let Some(list) = whole.config.and_then(|config| config.tree.root().get("pipelines")) else { return };
    let one = Some(list).filter(|list| list.kind() == Kind::Scalar);
    for node in one.into_iter().chain(list.items()) {
        let Some(path) = node.text().filter(|path| !path.is_empty()) else { continue };
        let message = match (whole.look)(path) {
            Presence::File => continue,
            Presence::Nothing => format!("there is no file {path}"),
            Presence::Other(what) => format!("{path} is {what}, not a file"),
        };
        findings.push(RULE.at(node.source(), Node::span(node), message, "named here"));
    }
}

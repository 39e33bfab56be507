//! `unknown-project`: an action builds a project that nobody describes.

use super::record::{Check, Rule};
use super::subject::{Action, Whole, actions, head};
use crate::diagnostic::{Finding, Severity};
use crate::spec::template::DerivedKind;
use crate::spec::{FileKind, is_slip, nearest};
use crate::syntax::Node;

pub(super) const RULE: Rule = Rule {
    code: "unknown-project",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A CodeBuild action whose project rehearsal.yml does not describe",
    doc: "The project says which buildspec, image and time limit count. AWS has it in the account; here it is described in \
          rehearsal.yml, under `projects:`. `check` warns, since AWS may well have the project; `run` cannot go on without \
          it. A project that a template of the repository describes under that name is known; where a template gives a project \
          no name that can be read, nothing is said. In a template a name one slip beside that of its own project is told, too.",
    example: None,
    reference: "codepipeline.md 2.4; design of rehearsal.yml",
    url: None,
    check: Check::Across(check),
};

fn check(whole: &Whole<'_>, findings: &mut Vec<Finding>) {
    in_templates(whole, findings);
    // Without a rehearsal.yml nobody has said that projects are described here.
    let Some(config) = whole.config else { return };
    // A project whose name only its stack knows may be any.
    let mut templates = whole.described.all().iter().filter(|project| project.template.is_some());
    if templates.any(|project| project.node.get("name").is_none_or(Node::is_unknown)) {
        return;
    }
    let projects: Vec<&str> = whole.described.all().iter().map(|project| project.name).collect();
    for tree in whole.of_kind(FileKind::Pipeline) {
        for action in actions(tree).into_iter().filter(Action::is_codebuild) {
            let Some(node) = action.configuration("ProjectName") else { continue };
            let Some(name) = node.text().filter(|name| !name.contains("#{") && !whole.described.has(name))
            else {
                continue;
            };
            let config = config.tree.source().name();
            let message =
                format!("{}/{} builds `{name}`, which {config} does not describe", action.stage, action.name);
            let finding = RULE.at(tree.source(), head(node), message, "no such project here");
            let finding = match nearest(name, &projects) {
                Some(meant) => finding.help(format!("write `{meant}`, or describe `{name}` under `projects:`")),
                None => finding.help(format!(
                    "describe it under `projects:` (`aws codebuild batch-get-projects --names {name}` prints it)"
                )),
            };
            findings.push(Finding { severity: Severity::Warning, ..finding });
        }
    }
}

/// Actions of templates that name their own project with a slip.
fn in_templates(whole: &Whole<'_>, findings: &mut Vec<Finding>) {
    for file in whole.files.iter().filter(|file| file.kind == FileKind::Template) {
        let of_kind = |kind| file.derived.iter().filter(move |derived| derived.kind == kind);
        let own = of_kind(DerivedKind::Project).filter_map(|project| project.tree.root().get("name")?.text());
        let own: Vec<&str> = own.collect();
        for action in of_kind(DerivedKind::Pipeline).flat_map(|pipeline| actions(&pipeline.tree)) {
            let node = action.configuration("ProjectName").filter(|_| action.is_codebuild());
            let Some((node, name)) = node.and_then(|node| Some((node, node.text()?))) else { continue };
            if own.contains(&name) || whole.described.has(name) {
                continue;
            }
            let Some(meant) = own.iter().find(|own| is_slip(name.as_bytes(), own.as_bytes())) else {
                continue;
            };
            let message = format!(
                "{}/{} builds `{name}`; the project of this template is `{meant}`",
                action.stage, action.name
            );
            let finding = RULE.at(node.source(), head(node), message, "no project of this template");
            findings
                .push(Finding { severity: Severity::Warning, ..finding.help(format!("write `{meant}`")) });
        }
    }
}

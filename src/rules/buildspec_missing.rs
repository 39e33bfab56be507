//! `buildspec-missing`: a buildspec that is named and not there.

use std::collections::HashSet;

use super::record::{Check, Rule};
use super::subject::{Action, Belongs, Definition, Presence, Whole, head, named_buildspecs, weighed};
use crate::diagnostic::{Finding, Severity};
use crate::spec::FileKind;
use crate::spec::buildspec::BuildspecFile;
use crate::spec::template::{SettingOf, Template};
use crate::syntax::{Node, Tree};

pub(super) const RULE: Rule = Rule {
    code: "buildspec-missing",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A buildspec that is named and not there",
    doc: "A project names its buildspec in `source.buildspec`, an action in `BuildspecOverride`, a task of a batch in \
          `buildspec`; a project that names none reads `buildspec.yml`. The path is relative to the top of the source. The \
          build stops in DOWNLOAD_SOURCE. What a template's project names is a warning: the source may be another \
          repository.",
    example: None,
    reference: "codebuild.md 1.1, 8.2; codepipeline.md 2.4",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec-ref-name-storage",
    ),
    check: Check::Across(check),
};

fn check(whole: &Whole<'_>, findings: &mut Vec<Finding>) {
    // What a template's projects and actions name is looked at below.
    let own =
        |definition: &&Definition<'_>| !definition.is_in_template && definition.belongs != Belongs::Elsewhere;
    let uses: Vec<_> = whole
        .definitions
        .iter()
        .filter(own)
        .flat_map(|definition| {
            let all = &definition.actions;
            let builds = all.iter().filter(|action| action.is_codebuild());
            let is_sure = definition.belongs == Belongs::Ours;
            builds.map(move |action| (*action, is_from_source(all, action), is_sure))
        })
        .collect();
    for (action, from_source, is_sure) in &uses {
        let Some(node) = action.configuration("BuildspecOverride").filter(|_| *from_source) else { continue };
        if let BuildspecFile::Path(path) = BuildspecFile::from_setting(node.text()) {
            let finding = missing(whole, &path, node, "this action builds by it");
            findings.extend(finding.map(|finding| weighed(finding, *is_sure)));
        }
    }
    overrides_of_templates(whole, findings);
    for (name, project) in whole.projects() {
        let mut own = uses.iter().filter(|(action, ..)| {
            action.configuration("ProjectName").and_then(Node::text) == Some(name)
                && action.configuration("BuildspecOverride").is_none()
        });
        let used = uses
            .iter()
            .any(|(action, ..)| action.configuration("ProjectName").and_then(Node::text) == Some(name));
        // A project that only builds what other actions made has its buildspec there.
        if (used && !own.any(|(_, from_source, _)| *from_source)) || !builds_this(project) {
            continue;
        }
        let setting = project.get("source").and_then(|source| source.get("buildspec"));
        let at = setting.or_else(|| project.get("name")).unwrap_or(project);
        match BuildspecFile::from_setting(setting.and_then(Node::text)) {
            BuildspecFile::Default => {
                findings.extend(missing(whole, "buildspec.yml", at, "this project builds by it"));
            }
            BuildspecFile::Path(path) => {
                findings.extend(missing(whole, &path, at, "this project builds by it"));
            }
            BuildspecFile::Inline(_) | BuildspecFile::Remote(_) => {}
        }
    }
    if whole.complete && whole.buildspecs > 0 {
        let elsewhere = of_others(whole);
        for tree in whole.of_kind(FileKind::Template) {
            in_template(whole, tree, &elsewhere, findings);
        }
    }
    if whole.complete {
        for tree in whole.of_kind(FileKind::Buildspec) {
            tasks(whole, tree, findings);
        }
    }
}

/// The buildspecs that actions of a template's pipelines name, where these are about this repository.
fn overrides_of_templates(whole: &Whole<'_>, findings: &mut Vec<Finding>) {
    for definition in whole.definitions.iter().filter(|definition| definition.is_in_template) {
        let Some(source) = definition.repository() else { continue };
        for action in definition.actions.iter().filter(|action| action.is_codebuild()) {
            let named = action.configuration("BuildspecOverride").filter(|node| !node.is_unknown());
            let Some(node) = named.filter(|_| source.gives_to(action)) else { continue };
            if let BuildspecFile::Path(path) = BuildspecFile::from_setting(node.text()) {
                let finding = missing(whole, &path, node, "this action builds by it");
                findings.extend(finding.map(|finding| weighed(finding, definition.belongs == Belongs::Ours)));
            }
        }
    }
}

/// The projects of templates that pipelines of other repositories use: template and logical id.
fn of_others<'a>(whole: &Whole<'a>) -> HashSet<(&'a str, &'a str)> {
    let others = whole.definitions.iter().filter(|definition| definition.belongs == Belongs::Elsewhere);
    let used =
        others.flat_map(|definition| &definition.actions).filter_map(|action| whole.project_of(action));
    used.filter_map(|project| project.template.zip(project.id)).collect()
}

/// The buildspecs that a template's projects name. What a pipeline brings may be another repository than the template's:
/// a warning, and only where buildspecs are kept.
fn in_template(
    whole: &Whole<'_>,
    tree: &Tree,
    elsewhere: &HashSet<(&str, &str)>,
    findings: &mut Vec<Finding>,
) {
    for setting in Template::of(tree).buildspecs() {
        let is_elsewhere = matches!(setting.project, Some(SettingOf::Project(id))
            if elsewhere.contains(&(tree.source().name(), id)));
        if let BuildspecFile::Path(path) = setting.text.setting()
            && !is_elsewhere
            && setting.source == Some("CODEPIPELINE")
            && setting.text.is_known()
        {
            let finding = missing(whole, &path, setting.node, "this project builds by it");
            findings.extend(finding.map(|finding| weighed(finding, false)));
        }
    }
}

/// The buildspecs of a batch's tasks and of a matrix's axis.
fn tasks(whole: &Whole<'_>, tree: &Tree, findings: &mut Vec<Finding>) {
    for node in named_buildspecs(tree) {
        if let BuildspecFile::Path(path) = BuildspecFile::from_setting(node.text())
            && !path.contains('$')
        {
            findings.extend(missing(whole, &path, node, "a task of the batch builds by it"));
        }
    }
}

fn missing(whole: &Whole<'_>, path: &str, at: Node<'_>, label: &str) -> Option<Finding> {
    let message = match (whole.look)(path) {
        Presence::File if (whole.is_passed_over)(path) => {
            format!("git ignores {path}, so that no source has it")
        }
        Presence::File => return None,
        Presence::Nothing => format!("there is no file {path}"),
        Presence::Other(what) => format!("{path} is {what}, not a file"),
    };
    let finding = RULE.at(at.source(), head(at), message, label);
    let finding = finding.help("the path is relative to the top of the repository");
    Some(finding.aws(format!("YAML_FILE_ERROR: stat {path}: no such file or directory")))
}

/// Whether a project's source is this repository, as far as can be told: a pipeline's, or nobody's in particular.
fn builds_this(project: Node<'_>) -> bool {
    let kind = project.get("source").and_then(|source| source.get("type")).and_then(Node::text);
    kind.is_none_or(|kind| kind == "CODEPIPELINE")
}

/// Whether the primary input of an action is what a source action gave, unchanged.
fn is_from_source(all: &[Action<'_>], action: &Action<'_>) -> bool {
    let primary =
        action.configuration("PrimarySource").and_then(Node::text).or_else(|| action.inputs().next());
    primary.is_some_and(|primary| {
        let sources = all.iter().filter(|other| other.type_id("category") == Some("Source"));
        sources.flat_map(Action::outputs).any(|output| output == primary)
    })
}

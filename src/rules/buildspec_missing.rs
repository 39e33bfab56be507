//! `buildspec-missing`: a buildspec that is named and not there.

use super::record::{Check, Rule};
use super::subject::{Action, Presence, Whole, actions, head, named_buildspecs};
use crate::diagnostic::{Finding, Severity};
use crate::spec::FileKind;
use crate::spec::buildspec::BuildspecFile;
use crate::spec::template::Template;
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
    let pipelines: Vec<&Tree> = whole.of_kind(FileKind::Pipeline).collect();
    let uses: Vec<_> = pipelines
        .iter()
        .flat_map(|tree| {
            let all = actions(tree);
            let from_source = |action: &Action<'_>| is_from_source(&all, action);
            let builds = all.iter().filter(|action| action.is_codebuild());
            builds.map(|action| (*action, from_source(action))).collect::<Vec<_>>()
        })
        .collect();
    for (action, from_source) in &uses {
        let Some(node) = action.configuration("BuildspecOverride").filter(|_| *from_source) else { continue };
        if let BuildspecFile::Path(path) = BuildspecFile::from_setting(node.text()) {
            missing(whole, &path, node, "this action builds by it", findings);
        }
    }
    for (name, project) in whole.projects() {
        let mut own = uses.iter().filter(|(action, _)| {
            action.configuration("ProjectName").and_then(Node::text) == Some(name)
                && action.configuration("BuildspecOverride").is_none()
        });
        let used = uses
            .iter()
            .any(|(action, _)| action.configuration("ProjectName").and_then(Node::text) == Some(name));
        // A project that only builds what other actions made has its buildspec there.
        if (used && !own.any(|(_, from_source)| *from_source)) || !builds_this(project) {
            continue;
        }
        let setting = project.get("source").and_then(|source| source.get("buildspec"));
        let at = setting.or_else(|| project.get("name")).unwrap_or(project);
        match BuildspecFile::from_setting(setting.and_then(Node::text)) {
            BuildspecFile::Default => {
                missing(whole, "buildspec.yml", at, "this project builds by it", findings);
            }
            BuildspecFile::Path(path) => missing(whole, &path, at, "this project builds by it", findings),
            BuildspecFile::Inline(_) | BuildspecFile::Remote(_) => {}
        }
    }
    if whole.complete && whole.has_buildspecs {
        for tree in whole.of_kind(FileKind::Template) {
            in_template(whole, tree, findings);
        }
    }
    if whole.complete {
        for tree in whole.of_kind(FileKind::Buildspec) {
            tasks(whole, tree, findings);
        }
    }
}

/// The buildspecs that a template's projects name. What a pipeline brings may be another repository than the template's:
/// a warning, and only where buildspecs are kept.
fn in_template(whole: &Whole<'_>, tree: &Tree, findings: &mut Vec<Finding>) {
    for setting in Template::of(tree).buildspecs() {
        if let BuildspecFile::Path(path) = setting.text.setting()
            && setting.source == Some("CODEPIPELINE")
            && setting.text.is_known()
        {
            let before = findings.len();
            missing(whole, &path, setting.node, "this project builds by it", findings);
            findings.iter_mut().skip(before).for_each(|finding| finding.severity = Severity::Warning);
        }
    }
}

/// The buildspecs of a batch's tasks and of a matrix's axis.
fn tasks(whole: &Whole<'_>, tree: &Tree, findings: &mut Vec<Finding>) {
    for node in named_buildspecs(tree) {
        if let BuildspecFile::Path(path) = BuildspecFile::from_setting(node.text())
            && !path.contains('$')
        {
            missing(whole, &path, node, "a task of the batch builds by it", findings);
        }
    }
}

fn missing(whole: &Whole<'_>, path: &str, at: Node<'_>, label: &str, findings: &mut Vec<Finding>) {
    let message = match (whole.look)(path) {
        Presence::File => return,
        Presence::Nothing => format!("there is no file {path}"),
        Presence::Other(what) => format!("{path} is {what}, not a file"),
    };
    let finding = RULE.at(at.source(), head(at), message, label);
    findings.push(
        finding
            .help("the path is relative to the top of the repository")
            .aws(format!("YAML_FILE_ERROR: stat {path}: no such file or directory")),
    );
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

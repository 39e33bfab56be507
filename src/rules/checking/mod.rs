//! Holding files against the rules: one by itself, a buildspec beside its project and with the scripts it runs, all together.

mod commands_action;
mod followers;
mod lost_dash;
mod misspelt;
mod partial;

use std::collections::HashSet;
use std::sync::Arc;

use super::record::Check;
use super::subject::{self, Called, Commands, Project, Scripts, Surroundings, Whole};
use super::{all, plain_credentials, stray_quote, unknown_key, yaml_syntax};
use crate::diagnostic::Finding;
use crate::spec::appspec::AppSpec;
use crate::spec::buildspec::Buildspec;
use crate::spec::config::Config;
use crate::spec::pipeline::Pipeline;
use crate::spec::template::Derived;
use crate::spec::{self, FileKind, Read, appspec, buildspec, config, pipeline, template};
use crate::syntax::{Parsed, SourceFile, Tree};

pub use misspelt::{Slips, as_meant, drop_orphans, follow_slips, is_slip};

/// What came of checking one file.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What is wrong with it, in the order of the text.
    pub findings: Vec<Finding>,
    /// What it says; none of its kind's readers is there yet, or it cannot be used.
    pub model: Option<Model>,
    /// The scripts that a buildspec runs.
    pub called: Vec<Called>,
}

/// What a file says.
#[derive(Debug, Clone)]
pub enum Model {
    /// A buildspec.
    Buildspec(Box<Buildspec>),
    /// A pipeline definition.
    Pipeline(Box<Pipeline>),
    /// rehearsal.yml.
    Config(Box<Config>),
    /// An appspec of the Server platform.
    AppSpec(Box<AppSpec>),
    /// The pipelines and projects of a template.
    Template(Vec<Derived>),
}

/// Checks a file of a known kind by itself.
pub fn check(kind: FileKind, source: &Arc<SourceFile>, parsed: &Parsed) -> Checked {
    let mut checked = by_itself(kind, source, parsed);
    if let Some(repaired) = lost_dash::repaired(kind, source, parsed) {
        let found = by_itself(kind, &repaired.source, &repaired.parsed).findings;
        checked.findings = lost_dash::findings(source, &repaired, &checked.findings, found);
    }
    finish(&mut checked.findings);
    checked
}

fn by_itself(kind: FileKind, source: &Arc<SourceFile>, parsed: &Parsed) -> Checked {
    let mut checked = once(kind, source, parsed);
    misspelt::below(kind, source, parsed, &mut checked.findings);
    if let Some(tree) = &parsed.tree {
        followers::gather(kind, tree, &mut checked.findings);
        partial::sift(kind, tree, &mut checked.findings);
        followers::go_on(tree, &mut checked.findings);
    }
    checked
}

/// The same for the file as it is written: what stands below keys that AWS does not know is passed over.
fn once(kind: FileKind, source: &Arc<SourceFile>, parsed: &Parsed) -> Checked {
    // The table of kinds: a new reader is one line here.
    let mut checked = match kind {
        FileKind::Buildspec => {
            take(buildspec::load_parsed(source, parsed), |value| Model::Buildspec(Box::new(value)))
        }
        FileKind::Pipeline => {
            take(pipeline::load_parsed(source, parsed), |value| Model::Pipeline(Box::new(value)))
        }
        FileKind::Config => take(config::load_parsed(source, parsed), |value| Model::Config(Box::new(value))),
        FileKind::AppSpec => {
            take(appspec::load_parsed(source, parsed), |value| Model::AppSpec(Box::new(value)))
        }
        FileKind::Template => take(template::load_parsed(source, parsed), Model::Template),
    };
    if let Some(whole) = whole_file(source, &checked.findings) {
        // What else is wrong with such a file follows from this.
        return Checked { findings: vec![whole], model: None, called: Vec::new() };
    }
    if let (FileKind::Buildspec, Some(tree)) = (kind, &parsed.tree) {
        let scripts = Scripts::of(tree);
        let commands = Commands::of(&scripts);
        let subject = subject::Buildspec { tree, shell: &commands };
        for rule in all() {
            rule.check.of_buildspec(subject, &mut checked.findings);
        }
        checked.called = subject::scripts(subject);
    }
    if let Some(tree) = &parsed.tree {
        let made;
        let derived = match &checked.model {
            Some(Model::Template(derived)) => derived.as_slice(),
            None if kind == FileKind::Template => {
                made = template::derived(tree);
                &made
            }
            Some(_) | None => &[],
        };
        plain_credentials::in_settings(kind, tree, derived, &mut checked.findings);
        stray_quote::in_values(kind, tree, &mut checked.findings);
        commands_action::check(kind, tree, derived, &mut checked.findings);
    }
    if let (FileKind::AppSpec, Some(tree)) = (kind, &parsed.tree) {
        for rule in all() {
            if let Check::AppSpec(check) = rule.check {
                check(tree, &mut checked.findings);
            }
        }
    }
    checked
}

/// What a project makes of a buildspec, beside what is said of it alone.
#[derive(Debug, Clone, Default)]
pub struct Built {
    /// What is wrong with it for the project only.
    pub findings: Vec<Finding>,
    /// What is said of it alone, and is not so for the project: it knows more.
    pub refuted: Vec<Finding>,
}

/// What is wrong with a buildspec for a project that builds by it, and is not wrong with it alone.
pub fn check_built(tree: &Tree, project: &Project<'_>) -> Built {
    let scripts = Scripts::of(tree);
    let commands = Commands::of(&scripts);
    let subject = subject::Buildspec { tree, shell: &commands };
    let (mut alone, mut built) = (Vec::new(), Vec::new());
    for rule in all() {
        match rule.check {
            Check::Built(check) => {
                check(subject, &Project::default(), &mut alone);
                check(subject, project, &mut built);
            }
            Check::Reading
            | Check::Text(_)
            | Check::Broken(_)
            | Check::AppSpec(_)
            | Check::Buildspec(_)
            | Check::Called(_)
            | Check::Across(_)
            | Check::Pipelines(_)
            | Check::Starting => {}
        }
    }
    let refuted = alone.iter().filter(|finding| !built.contains(finding)).cloned().collect();
    built.retain(|finding| !alone.contains(finding));
    Built { findings: built, refuted }
}

/// Checks files together.
pub fn check_together(whole: &Whole<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let built = whole.built();
    for rule in all() {
        match rule.check {
            Check::Across(check) => check(whole, &mut findings),
            Check::Pipelines(check) => check(whole, &built, &mut findings),
            Check::Reading
            | Check::Text(_)
            | Check::Broken(_)
            | Check::AppSpec(_)
            | Check::Buildspec(_)
            | Check::Built(_)
            | Check::Called(_)
            | Check::Starting => {}
        }
    }
    findings
}

/// Checks the scripts that a buildspec runs.
pub fn check_called(called: &[Called], around: &Surroundings<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in all() {
        if let Check::Called(check) = rule.check {
            check(called, around, &mut findings);
        }
    }
    findings
}

fn take<T>(read: Read<T>, model: impl FnOnce(T) -> Model) -> Checked {
    Checked { findings: read.findings, model: read.value.map(model), called: Vec::new() }
}

/// A finding that makes all others of its file worthless; it quotes AWS as the first of them did.
fn whole_file(source: &Arc<SourceFile>, findings: &[Finding]) -> Option<Finding> {
    let broken = findings.iter().find(|finding| finding.code == yaml_syntax::RULE.code);
    let found = all().find_map(|rule| match rule.check {
        Check::Text(check) => check(source),
        Check::Broken(check) if broken.is_some() => check(source),
        Check::Broken(_)
        | Check::Reading
        | Check::AppSpec(_)
        | Check::Buildspec(_)
        | Check::Built(_)
        | Check::Called(_)
        | Check::Across(_)
        | Check::Pipelines(_)
        | Check::Starting => None,
    })?;
    Some(Finding { aws_message: broken.and_then(|finding| finding.aws_message.clone()), ..found })
}

fn finish(findings: &mut Vec<Finding>) {
    findings.sort_by_key(|finding| finding.primary.span);
    // What an alias stands for is met more than once.
    let mut seen = HashSet::new();
    let is_key = |finding: &Finding| finding.code == unknown_key::RULE.code;
    // A key of such a section has another path each time.
    let said = |finding: &Finding| if is_key(finding) { String::new() } else { finding.message.clone() };
    findings.retain(|finding| seen.insert((finding.primary.span, finding.code, said(finding))));
    spec::bound(findings);
}

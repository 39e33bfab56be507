//! `exported-variable`: a variable that CodeBuild will not hand on.

use std::collections::{BTreeSet, HashMap};

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Command};
use super::variable_name::is_name;
use crate::diagnostic::{Finding, Severity};
use crate::spec;
use crate::spec::shell::{Simple, Step};
use crate::syntax::{Kind, Node, Span};

pub(super) const RULE: Rule = Rule {
    code: "exported-variable",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "An exported variable that CodeBuild will not hand on",
    doc: "`exported-variables` lists names, without `$` and without values. Names that begin with `AWS_` are not exported. \
          A name listed twice is exported once. A variable that holds a secret becomes readable for everybody who may see the \
          build or the pipeline. Where nothing in the file sets a variable that reads like one that is set, that is a slip; \
          where nothing like it is set it is advice, since a project or a pipeline may set it. A file that reads other scripts is \
          not judged. What `( … )`, a pipe or a command in the background sets is gone behind it. `outputVariables` of an action of \
          the Commands provider are looked at in the same way.",
    example: Example::buildspec(
        "version: 0.2
env:
  exported-variables:
    - $IMAGE
phases:
  build:
    commands:
      - IMAGE=service:1
",
        "version: 0.2
env:
  exported-variables:
    - IMAGE
phases:
  build:
    commands:
      - IMAGE=service:1
",
    ),
    reference: "codebuild.md 3.9",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.exported-variables",
    ),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let Some(list) = file.at(&["env", "exported-variables"]) else { return };
    let one = Some(list).filter(|list| list.kind() == Kind::Scalar && !list.is_null());
    let mut seen = HashMap::new();
    let mut unset = Vec::new();
    for node in one.into_iter().chain(list.items()) {
        let Some(name) = node.text().filter(|_| !node.is_blank()) else { continue };
        if let Some(first) = seen.insert(name, node.span()) {
            let message = format!("`{name}` is exported twice");
            findings
                .push(RULE.at(file.source(), node.span(), message, "again here").label(first, "first here"));
            continue;
        }
        let finding = |message: String, label: &str| RULE.at(file.source(), node.span(), message, label);
        if !is_name(name) {
            let bare = name.trim_start_matches('$').trim_matches(['{', '}']);
            let bare = bare.split('=').next().unwrap_or_default();
            let finding = finding(format!("`{name}` is no name of a variable"), "nothing is exported");
            findings.push(if is_name(bare) { finding.help(format!("write `{bare}`")) } else { finding });
        } else if name.starts_with("AWS_") {
            let finding = finding(format!("`{name}` is not exported: it begins with `AWS_`"), "left out");
            findings.push(finding.help("copy it into a variable of another name in a command"));
        } else if let Some(secret) = secret(file, name) {
            let finding =
                finding(format!("`{name}` is a secret, and readable once it is exported"), "exported here");
            findings.push(
                finding.label(secret.span(), "a secret").help("let the consumer fetch the secret itself"),
            );
        } else {
            unset.push((name, node));
        }
    }
    if unset.is_empty() {
        return;
    }
    let Some(Assigned { set, lost }) = Assigned::by(file) else { return };
    for (name, node) in unset.into_iter().filter(|(name, _)| !set.contains(name) && !is_given(name)) {
        if let Some((command, _)) = lost.iter().find(|(_, lost)| *lost == name) {
            let message = format!("`{name}` is set in a part of a command that has a shell of its own");
            let finding = RULE.at(file.source(), node.span(), message, "nothing to export");
            let whole = Span::new(0, u32::try_from(command.text.len()).unwrap_or_default());
            let finding =
                finding.label(command.at(whole), "`( … )`, `| …` and `… &` set it for themselves only");
            let finding = Finding { severity: Severity::Warning, ..finding };
            findings.push(finding.help("set it outside of these: NAME=$(…), or read it from a file"));
            continue;
        }
        let message = format!("nothing in this buildspec sets `{name}`");
        let names: Vec<_> = set.iter().copied().take(100).collect();
        let (severity, help) = match spec::nearest(name, &names) {
            Some(near) => (Severity::Warning, format!("did you mean `{near}`?")),
            // The project or the pipeline's action may set it.
            None => {
                (Severity::Advice, "set it in a command, unless the project or the pipeline does".to_owned())
            }
        };
        let finding = RULE.at(file.source(), node.span(), message, "nothing to export");
        findings.push(Finding { severity, ..finding }.help(help));
    }
}

/// Whether a variable is there without anybody setting it.
fn is_given(name: &str) -> bool {
    name.starts_with("CODEBUILD_") || ["HOME", "PATH", "PWD", "USER", "HOSTNAME", "LANG"].contains(&name)
}

/// Adds the variables that a command sets; whether it can be told what they are.
fn set_by_command<'t>(command: &Command<'t>, simple: &Simple<'t>, set: &mut BTreeSet<&'t str>) -> bool {
    set.extend(simple.assignments.iter().map(|assignment| assignment.name));
    match simple.name() {
        Some(
            "export" | "declare" | "typeset" | "readonly" | "local" | "read" | "getopts" | "printf"
            | "mapfile",
        ) => {
            let mut known = true;
            for word in simple.arguments() {
                let written = command.text.get(word.span.start as usize..word.span.end as usize);
                let name = written.unwrap_or_default().trim_start_matches(['"', '\'']);
                let length = name.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
                set.extend(name.get(..length.count()));
                // `export $(cat file)`
                known &= !name.starts_with(['$', '`']) || simple.name() == Some("printf");
            }
            known
        }
        Some("." | "source" | "eval") => false,
        _ => true,
    }
}

/// The variables that a buildspec sets.
struct Assigned<'t> {
    set: BTreeSet<&'t str>,
    /// Those that are set for a shell of their own only, and where.
    lost: Vec<(&'t Command<'t>, &'t str)>,
}

impl<'t> Assigned<'t> {
    /// None when that cannot be told, as a file is read or words are run.
    fn by(file: Buildspec<'t>) -> Option<Self> {
        if !file.is_whole() || !file.shell.are_read() {
            return None;
        }
        let mut set: BTreeSet<&str> = file.variables().filter_map(|entry| entry.key.text()).collect();
        let mut lost = Vec::new();
        let mut known = true;
        for command in file.commands() {
            known &= command.script.error.is_none();
            for &(step, place) in &command.steps {
                let mut sets = BTreeSet::new();
                match step {
                    Step::Simple(simple) => known &= set_by_command(command, simple, &mut sets),
                    Step::Word(word) => {
                        let assigns =
                            |operator: &str| operator.starts_with([':', '=']) && operator.contains('=');
                        let variables = word.variables().filter(|variable| assigns(variable.operator));
                        sets.extend(variables.map(|variable| variable.name));
                    }
                    Step::For(name) => sets.extend([name]),
                    Step::List(_)
                    | Step::AndOr(_)
                    | Step::Pipeline(_)
                    | Step::Function(_)
                    | Step::Redirection(_) => {}
                }
                if place.in_subshell {
                    lost.extend(sets.into_iter().map(|name| (command, name)));
                } else {
                    set.extend(sets);
                }
            }
        }
        known.then_some(Self { set, lost })
    }
}

/// Where a variable gets a secret.
fn secret<'t>(file: Buildspec<'t>, name: &str) -> Option<Node<'t>> {
    file.at(&["env", "secrets-manager"])?.entry(name).map(|entry| entry.key)
}

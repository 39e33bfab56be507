//! The commands of an action of the Commands provider: CodeBuild runs them, so they are looked at as those of a buildspec.
//!
//! Owns: making a buildspec of such an action, and which rules of buildspecs hold for it. Leaves to those rules: all they say.

use super::super::record::Rule;
use super::super::subject::{self, Action, Commands, Scripts};
use super::super::{
    bad_expansion, curl_pipe_shell, docker_command, exported_variable, misspelt_command, not_a_command,
    password_on_command_line, plain_credentials, redirection_slip, secret_printed, shell_syntax,
    test_without_blanks, waits_for_answer,
};
use crate::diagnostic::Finding;
use crate::spec::FileKind;
use crate::spec::template::{Derived, DerivedKind};
use crate::syntax::{Deriving, Kind, Made, Node, Span, Style, Tree};

/// Those that look at nothing but commands, each by itself.
const RULES: [&Rule; 13] = [
    &bad_expansion::RULE,
    &curl_pipe_shell::RULE,
    &docker_command::RULE,
    &exported_variable::RULE,
    &misspelt_command::RULE,
    &not_a_command::RULE,
    &password_on_command_line::RULE,
    &plain_credentials::RULE,
    &redirection_slip::RULE,
    &secret_printed::RULE,
    &shell_syntax::RULE,
    &test_without_blanks::RULE,
    &waits_for_answer::RULE,
];

/// Looks at the commands of the actions of a file.
pub(super) fn check(kind: FileKind, tree: &Tree, derived: &[Derived], findings: &mut Vec<Finding>) {
    if kind == FileKind::Pipeline {
        of_pipeline(tree, findings);
    }
    for derived in derived.iter().filter(|derived| derived.kind == DerivedKind::Pipeline) {
        of_pipeline(&derived.tree, findings);
    }
}

fn of_pipeline(tree: &Tree, findings: &mut Vec<Finding>) {
    if tree.is_partial() {
        return;
    }
    let is_commands = |action: &Action<'_>| action.type_id("provider") == Some("Commands");
    for action in subject::actions(tree).into_iter().filter(is_commands) {
        let Some(made) = buildspec(&action) else { continue };
        let scripts = Scripts::of(&made);
        let commands = Commands::of(&scripts);
        let file = subject::Buildspec { tree: &made, shell: &commands };
        let mut found = Vec::new();
        for rule in RULES {
            rule.check.of_buildspec(file, &mut found);
        }
        let is_known = |finding: &Finding| !tree.is_unknown(finding.primary.span);
        findings.extend(found.into_iter().filter(is_known).map(|finding| {
            let message = finding.message.replace("nothing in this buildspec sets", "no command sets");
            // What it says of projects is not so here.
            let of_project = |help: &String| help.contains("unless the project");
            let help = finding
                .help
                .map(|help| if of_project(&help) { "set it in a command".to_owned() } else { help });
            Finding { message, help, url: None, ..finding }
        }));
    }
}

/// The buildspec of an action; none where its commands are not those of a shell of Unix, or are not known.
fn buildspec(action: &Action<'_>) -> Option<Tree> {
    let environment = action.configuration("EnvironmentType");
    let is_unix = environment.is_none_or(|kind| kind.text().is_some_and(|text| text.starts_with(['L', 'A'])));
    let list = action.node.get("commands").filter(|list| is_unix && list.kind() == Kind::Sequence)?;
    // What the pipeline puts in may be anything, and several lines are told.
    let is_plain = |text: &str| !text.contains("#{") && !text.trim_end_matches('\n').contains('\n');
    if !list.items().all(|item| item.text().is_some_and(is_plain)) {
        return None;
    }
    let mut deriving = Deriving::new(action.node.source());
    let commands = copied(&mut deriving, list.items(), list.span());
    let exported = action.node.get("outputVariables").filter(|list| list.kind() == Kind::Sequence);
    let variables = action.node.get("environmentVariables").into_iter().flat_map(Node::items);
    let at = Span::empty(list.span().start);
    let named: Vec<_> = variables.filter_map(|variable| variable.get("name")).collect();
    let named: Vec<_> = named
        .into_iter()
        .map(|name| {
            let key = deriving.copy(name);
            (key, deriving.scalar(at, "", Style::SingleQuoted))
        })
        .collect();
    let variables = deriving.mapping(at, named);
    let mut entries = vec![("variables", variables)];
    if let Some(exported) = exported {
        let exported = copied(&mut deriving, exported.items(), exported.span());
        entries.push(("exported-variables", exported));
    }
    let env = mapping(&mut deriving, at, entries);
    let build = mapping(&mut deriving, at, vec![("commands", commands)]);
    let phases = mapping(&mut deriving, at, vec![("build", build)]);
    let root = mapping(&mut deriving, at, vec![("env", env), ("phases", phases)]);
    Some(deriving.finish(root))
}

fn copied<'t>(deriving: &mut Deriving, items: impl Iterator<Item = Node<'t>>, span: Span) -> Made {
    let items: Vec<_> = items.map(|item| deriving.copy(item)).collect();
    deriving.sequence(span, items)
}

fn mapping(deriving: &mut Deriving, at: Span, entries: Vec<(&str, Made)>) -> Made {
    let entries =
        entries.into_iter().map(|(key, value)| (deriving.scalar(at, key, Style::Plain), value)).collect();
    deriving.mapping(at, entries)
}

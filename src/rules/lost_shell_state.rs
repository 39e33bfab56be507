//! `lost-shell-state`: something of the shell that is gone with the next command.

use std::collections::HashMap;

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Command};
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{self, AndOr, CompoundKind, FeatureKind, Step};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "lost-shell-state",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "Something of the shell that is gone with the next command",
    doc: "Each item of `commands` is a script of its own. The directory and variables last; `set -e`, `set -o pipefail`, \
          `shopt`, `alias`, `trap`, `umask`, functions (also those of a file that is read by `.`: `nvm`, `sdk`) and arrays do not. An item that holds nothing else has no effect: the \
          commands behind it run without it. A function that another item defined is not found.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - set -e
      - make
",
        "version: 0.2
phases:
  build:
    commands:
      - |
        set -e
        make
",
    ),
    reference: "codebuild.md 0 (8), 3.4",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-cmd.html"),
    check: Check::Buildspec(check),
};

/// Files that define a function and nothing that lasts, and the function.
const SOURCED: [(&str, &str); 4] =
    [("nvm.sh", "nvm"), ("sdkman-init.sh", "sdk"), ("rvm.sh", "rvm"), ("scripts/rvm", "rvm")];

/// What was set in one script, and where in the file.
type Known<'t> = HashMap<&'t str, Span>;

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let mut functions = Known::new();
    let mut arrays = Known::new();
    let mut defined_alone: Vec<(&str, Span)> = Vec::new();
    for command in file.commands() {
        if let Some((what, span)) = setting(command) {
            let message = format!("`{what}` is gone with the next command");
            let finding =
                RULE.at(file.source(), command.at(span), message, "each command is a script of its own");
            findings.push(finding.help("put it and what it is for into one item, below `- |`"));
            continue;
        }
        let text = &command.script;
        let mut own = defined(command);
        let alone = text.list.items.iter().all(|item| {
            item.rest.is_empty() && matches!(&item.first.commands[..], [shell::Command::Function(_)])
        });
        // What is read from a file may define anything.
        let mut reads = false;
        for &(step, _) in &command.steps {
            match step {
                Step::Simple(simple) => {
                    reads |= matches!(simple.name(), Some("." | "source" | "eval"));
                    let Some(word) = simple.words.first().filter(|word| word.literal && !reads) else {
                        continue;
                    };
                    if own.functions.contains_key(&*word.text) {
                        continue;
                    }
                    let Some(at) = functions.remove(&*word.text) else { continue };
                    defined_alone.retain(|(name, _)| *name != word.text);
                    let message = format!("the function `{}` is gone here", word.text);
                    let finding = RULE.at(file.source(), command.at(word.span), message, "not found");
                    findings.push(
                        finding
                            .label(at, "defined in another command, which is a script of its own")
                            .help("define it in the item that uses it, or in a file that both read with `.`"),
                    );
                }
                Step::Word(word) => {
                    for variable in word.variables().filter(|variable| variable.operator.starts_with('[')) {
                        if reads || own.arrays.contains_key(variable.name) {
                            continue;
                        }
                        let Some(at) = arrays.remove(variable.name) else { continue };
                        let message = format!("the array `{}` is gone here", variable.name);
                        let finding = RULE.at(file.source(), command.at(variable.span), message, "empty");
                        findings.push(
                            finding
                                .label(at, "set in another command, which is a script of its own")
                                .help("use it in the item that sets it, or keep one text in a variable"),
                        );
                    }
                }
                Step::List(_)
                | Step::AndOr(_)
                | Step::Pipeline(_)
                | Step::Function(_)
                | Step::For(_)
                | Step::Redirection(_) => {}
            }
        }
        for (name, span) in own.functions.drain() {
            functions.insert(name, command.at(span));
            if alone {
                defined_alone.push((name, command.at(span)));
            }
        }
        for (name, span) in own.arrays.drain() {
            arrays.insert(name, command.at(span));
        }
    }
    for (name, span) in defined_alone {
        let message = format!("the function `{name}` is gone with the next command");
        let finding = RULE.at(file.source(), span, message, "each command is a script of its own");
        findings.push(finding.help("define it in the item that uses it"));
    }
}

/// What a command itself defines.
struct Own<'t> {
    functions: HashMap<&'t str, Span>,
    arrays: HashMap<&'t str, Span>,
}

fn defined<'t>(command: &Command<'t>) -> Own<'t> {
    let mut own = Own { functions: HashMap::new(), arrays: HashMap::new() };
    let is_one = command.letters.has(b'(') || command.has("function");
    if !is_one && !SOURCED.iter().any(|(name, _)| command.has(name)) {
        return own;
    }
    for &(step, _) in &command.steps {
        match step {
            Step::Function(function) => {
                own.functions.insert(function.name, function.at);
            }
            Step::Simple(simple) if matches!(simple.name(), Some("." | "source")) => {
                let file = simple.arguments().first();
                let known =
                    SOURCED.iter().find(|(name, _)| file.is_some_and(|file| file.text.ends_with(name)));
                if let Some((_, function)) = known {
                    own.functions.insert(function, simple.head());
                }
            }
            _ => {}
        }
    }
    for feature in command.script.features.iter().filter(|feature| feature.kind == FeatureKind::Array) {
        let written = &command.text[feature.span.start as usize..feature.span.end as usize];
        if !written.starts_with('$')
            && let Some(end) = written.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        {
            own.arrays.insert(&written[..end], feature.span);
        }
    }
    own
}

/// The setting, when a command does nothing else: as it is written, and where.
fn setting(command: &Command<'_>) -> Option<(String, Span)> {
    let script = &command.script;
    if script.error.is_some() || script.list.items.is_empty() {
        return None;
    }
    let mut first = None;
    for item in &script.list.items {
        let found = setting_of(item)?;
        first.get_or_insert(found);
    }
    let (words, span) = first?;
    let written = command.text.get(span.start as usize..span.end as usize)?;
    let what =
        if words == "set" || words == "cd" { written.chars().take(40).collect() } else { words.to_owned() };
    Some((what, span))
}

fn setting_of<'a>(item: &'a AndOr<'_>) -> Option<(&'a str, Span)> {
    let [command] = &item.first.commands[..] else { return None };
    if !item.rest.is_empty() || item.background.is_some() || item.first.negated {
        return None;
    }
    let simple = match command {
        shell::Command::Simple(simple) => simple,
        // `(cd folder)`
        shell::Command::Compound(compound) => match &compound.kind {
            CompoundKind::Subshell(list) => match &list.items[..] {
                [only] => match (&only.first.commands[..], only.rest.is_empty()) {
                    ([shell::Command::Simple(simple)], true) if simple.runs(&["cd"]) => {
                        return Some(("cd", compound.span));
                    }
                    _ => return None,
                },
                _ => return None,
            },
            _ => return None,
        },
        shell::Command::Function(_) => return None,
    };
    let (name, arguments) = simple.words.split_first()?;
    let option = arguments.first()?;
    match &*name.text {
        "set" if option.text.starts_with(['-', '+']) && option.text != "--" => Some(("set", simple.span)),
        word @ ("shopt" | "alias" | "trap" | "umask" | "ulimit") => Some((word, simple.span)),
        _ => None,
    }
}

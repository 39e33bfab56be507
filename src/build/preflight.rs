//! Which commands of a buildspec this machine will not find, before the first of them runs.
//!
//! Owns: what is said about those that are missing. It is cautious: a name
//! that may come from somewhere (a function, an installation, a script that is read) is not spoken of. Leaves to `shell_text`
//! reading the names, to `installs` what installations bring, to `image` what the curated images have.

use std::collections::BTreeSet;

use super::image;
use super::installs::{Brings, brings};
use super::shell_text::{DEFINITION, read};
use crate::aws::shims::needs_program;
use crate::spec::buildspec::{Buildspec, PhaseName, Shell};

/// What POSIX shells and bash do themselves, and the words of their grammar.
const BUILT_IN: &[&str] = &[
    ".",
    ":",
    "[",
    "[[",
    "alias",
    "bg",
    "bind",
    "break",
    "builtin",
    "caller",
    "cd",
    "command",
    "compgen",
    "complete",
    "continue",
    "declare",
    "dirs",
    "disown",
    "echo",
    "enable",
    "eval",
    "exec",
    "exit",
    "export",
    "false",
    "fc",
    "fg",
    "getopts",
    "hash",
    "help",
    "history",
    "jobs",
    "kill",
    "let",
    "local",
    "logout",
    "mapfile",
    "popd",
    "printf",
    "pushd",
    "pwd",
    "read",
    "readarray",
    "readonly",
    "return",
    "set",
    "shift",
    "shopt",
    "source",
    "suspend",
    "test",
    "times",
    "trap",
    "true",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unset",
    "wait",
];

/// A package's name that is shorter is in too many others.
const SHORTEST: usize = 3;

/// What is said of commands that are missing; `None` when none is. `is_program` says which programs there are, shims among
/// them.
pub(super) fn note(buildspec: &Buildspec, image: &str, is_program: &dyn Fn(&str) -> bool) -> Option<String> {
    if matches!(buildspec.env.shell, Some(Shell::PowerShell | Shell::Cmd)) || image.contains("windows") {
        return None;
    }
    let phases = PhaseName::ALL.into_iter().filter_map(|name| buildspec.phases.get(name));
    let commands: Vec<&str> = phases
        .flat_map(|phase| phase.commands.iter().chain(&phase.finally))
        .map(|command| command.text.as_str())
        .collect();
    let missing = missing(&commands, image, is_program);
    if missing.is_empty() {
        return None;
    }
    let of = |kind: Option<bool>| -> Vec<&str> {
        missing.iter().filter(|name| image::has(image, name) == kind).map(String::as_str).collect()
    };
    let parts = [
        (of(Some(true)), format!("which {image} has")),
        (of(Some(false)), format!("which {image} does not have either")),
        (of(None), format!("and whether {image} has it is not known")),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(names, _)| !names.is_empty())
        .map(|(names, words)| format!("{}, {words}", names.join(", ")))
        .collect();
    let cli = missing.iter().any(|name| name == "aws");
    let cli = if cli {
        ". The AWS CLI is needed to rehearse what calls it; it only talks to a server of ours. Install version 2 from \
         https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html, or `pip install awscli`"
    } else {
        ""
    };
    let acting: Vec<&str> = missing.iter().map(String::as_str).filter(|name| needs_program(name)).collect();
    let acting = if acting.is_empty() {
        String::new()
    } else {
        format!(". Of {}, what would act on something real is recorded, unchecked", acting.join(", "))
    };
    Some(format!("this machine does not have commands of this build: {}{acting}{cli}", parts.join("; ")))
}

/// The names that will be missing, in the order in which they come.
fn missing(commands: &[&str], image: &str, is_program: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut missing: Vec<String> = Vec::new();
    let mut mentioned = BTreeSet::new();
    // What was installed before, by name, and whether something may have brought programs that nobody names.
    let mut installed: Vec<String> = Vec::new();
    let mut opaque = false;
    for text in commands {
        let simple = read(text);
        // What is defined further down in the same text may be called by a function before it.
        mentioned.extend(
            simple
                .iter()
                .filter(|one| one.name.as_deref() == Some(DEFINITION))
                .flat_map(|one| one.words.clone()),
        );
        for one in &simple {
            if let Some(name) = one.name.as_deref().filter(|name| is_name(name)) {
                let known =
                    BUILT_IN.contains(&name) || is_program(name) || missing.iter().any(|other| other == name);
                let named = mentioned.iter().any(|word: &String| word.contains(name))
                    || installed.iter().any(|package| provides(package, name));
                let from_image = image::has(image, name) == Some(true);
                if !known && !named && (!opaque || from_image) {
                    missing.push(name.to_owned());
                }
            }
            match brings(one) {
                Brings::Nothing => {}
                Brings::Named(names) => installed.extend(names),
                Brings::Anything => opaque = true,
            }
            mentioned.extend(one.words.iter().cloned());
        }
    }
    missing
}

/// Whether a package may have a program of this name: `sphinx` has `sphinx-build`.
fn provides(package: &str, name: &str) -> bool {
    package == name || (package.len() >= SHORTEST && name.contains(package))
}

/// Whether a word may be a program's name and no more than that.
fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+'))
}

#[cfg(test)]
#[path = "preflight_tests.rs"]
mod tests;

//! The scripts that commands of a buildspec run by their paths.
//!
//! Owns: which files those are, and whether a command may have made or changed them before. Leaves to the rules: whether they are there,
//! and whether they can be run.

use std::rc::Rc;
use std::sync::Arc;

use super::{Buildspec, Command, Directory, Presence};
use crate::spec::shell::{Simple, Step, Word};
use crate::syntax::{Node, SourceFile, Span};

/// Whether a program runs a script which is its first argument.
fn runs_scripts(name: &str) -> bool {
    matches!(name, "." | "bash" | "node" | "perl" | "python" | "python3" | "ruby" | "sh" | "source" | "zsh")
}

/// Whether a program brings no file to where a script of the repository would be.
fn is_quiet(name: &str) -> bool {
    matches!(
        name,
        ":" | "["
            | "alias"
            | "apk"
            | "apt"
            | "apt-get"
            | "cat"
            | "cd"
            | "chmod"
            | "corepack"
            | "date"
            | "dnf"
            | "echo"
            | "env"
            | "exit"
            | "export"
            | "false"
            | "id"
            | "ls"
            | "mkdir"
            | "n"
            | "nvm"
            | "pip"
            | "pip3"
            | "printenv"
            | "printf"
            | "pwd"
            | "set"
            | "sleep"
            | "test"
            | "true"
            | "type"
            | "umask"
            | "which"
            | "whoami"
            | "yum"
    )
}

/// Whether a program brings files with their modes, or changes these.
fn brings_files(name: &str) -> bool {
    matches!(
        name,
        "7z" | "aws"
            | "cp"
            | "curl"
            | "dos2unix"
            | "find"
            | "gh"
            | "git"
            | "gradle"
            | "install"
            | "ln"
            | "mv"
            | "mvn"
            | "npx"
            | "rsync"
            | "svn"
            | "tar"
            | "unzip"
            | "wget"
            | "xargs"
            | "rpm"
            | "docker"
    )
}

/// A script that is run.
#[derive(Debug, Clone)]
pub struct Called {
    /// Its path from the top of the source.
    pub path: String,
    /// As it is written.
    pub written: String,
    /// Whether the shell runs it by itself, and not a program that reads it.
    pub is_direct: bool,
    /// Whether commands before may have made it: one of them does more than prepare the machine.
    pub may_be_made: bool,
    /// Whether commands may make it executable, or bring it as an executable file.
    pub may_be_executable: bool,
    /// The buildspec.
    pub source: Arc<SourceFile>,
    /// Where its path stands there.
    pub span: Span,
}

/// What is around a buildspec.
pub struct Surroundings<'a> {
    /// What is at a path relative to the top.
    pub look: &'a dyn Fn(&str) -> Presence,
    /// The script at a path relative to the top; none when there is no such file.
    pub script: &'a dyn Fn(&str) -> Option<ScriptFile>,
    /// The paths of scripts near the top; none where there are too many to look for one that is meant.
    pub near: &'a dyn Fn() -> Rc<[String]>,
}

/// What matters of a script, to whoever runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScriptFile {
    /// Whether it may be executed; none where that is not known.
    pub is_executable: Option<bool>,
}

/// The most scripts of a buildspec that are looked at.
const MOST: usize = 100;

/// The scripts that a buildspec certainly runs, without those that a command speaks of otherwise: it may make them.
pub fn scripts(file: Buildspec<'_>) -> Vec<Called> {
    let mut called = Vec::new();
    let all = || file.commands().iter().flat_map(Command::simples);
    if !all().any(|(simple, _)| script(simple).is_some()) {
        return called;
    }
    let is_old = file.at(&["version"]).and_then(Node::text) == Some("0.1");
    let mut directory = Directory::top();
    let (mut prepares, mut brings) = (true, false);
    for command in file.commands() {
        if called.len() >= MOST {
            break;
        }
        if is_old {
            directory = Directory::top();
        }
        prepares &= command.script.error.is_none();
        for (simple, place) in command.simples() {
            let before = (prepares, brings);
            let name = simple.name().unwrap_or_default();
            prepares = prepares && (simple.words.is_empty() || is_quiet(name));
            brings |= brings_files(name) || simple.words.iter().any(|word| word.text == "xargs");
            let (prepared, brought) = before;
            // A subshell leaves its directory behind, and what is perhaps not run says nothing.
            if place.in_subshell {
                continue;
            }
            let is_sure = !place.in_function && !place.guarded && !place.tolerated;
            if let Some((word, is_direct)) = script(simple).filter(|_| is_sure)
                && let Some(path) = directory.path(&word.text)
            {
                called.push(Called {
                    may_be_made: !prepared,
                    may_be_executable: is_direct && (brought || is_made_executable(file, &path)),
                    path,
                    written: word.text.to_string(),
                    is_direct,
                    source: Arc::clone(file.source()),
                    span: command.at(word.span),
                });
            }
            directory.follow(simple, place);
        }
    }
    if called.is_empty() {
        return called;
    }
    let mut named: Vec<&str> = Vec::new();
    for (step, _) in file.commands().iter().flat_map(|command| &command.steps) {
        match step {
            // What makes it executable does not make it.
            Step::Simple(simple) if simple.name() != Some("chmod") => {
                let script = script(simple).map(|(script, _)| script.span);
                named.extend(
                    simple.words.iter().filter(|word| script != Some(word.span)).map(|word| &*word.text),
                );
                named.extend(simple.redirections.iter().map(|redirection| &*redirection.target.text));
            }
            Step::Redirection(redirection) => named.push(&redirection.target.text),
            _ => {}
        }
    }
    called.retain(|called| {
        let name = called.path.rsplit('/').next().unwrap_or(&called.path);
        !named.iter().any(|text| text.contains(name))
    });
    called
}

/// The script that a command runs, and whether by itself.
fn script<'a, 't>(simple: &'a Simple<'t>) -> Option<(&'a Word<'t>, bool)> {
    let program = simple.program().first().filter(|word| word.literal)?;
    if program.text.contains('/') && !program.text.starts_with(['/', '~']) {
        return Some((program, true));
    }
    let script = simple.arguments().first().filter(|word| word.literal && !word.text.starts_with('-'))?;
    let is_path = script.text.contains('.') && !script.text.contains(['*', '?', '[', ' ']);
    (runs_scripts(&program.text) && is_path).then_some((script, false))
}

/// Whether commands may have made a file executable: they name it, its folder or a pattern behind `chmod`, or nothing at all, as below
/// `find` and `xargs`.
fn is_made_executable(file: Buildspec<'_>, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let may_be = |word: &Word<'_>| {
        let text = word.text.trim_end_matches('/').trim_start_matches("./");
        let is_open = !word.literal || text.contains(['*', '?', '[', '{']);
        is_open || text.contains(name) || matches!(text, "" | "." | "-R") || path.contains(text)
    };
    file.commands().iter().filter(|command| command.has("chmod")).any(|command| {
        command.simples().any(|(simple, _)| {
            let mut arguments = simple.words.iter().skip_while(|word| word.text != "chmod").skip(1);
            let has_mode = arguments.next().is_some();
            let files: Vec<_> = arguments.collect();
            has_mode && (files.is_empty() || files.into_iter().any(may_be))
        })
    })
}

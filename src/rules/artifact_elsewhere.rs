//! `artifact-elsewhere`: a file that the commands write in another place than where the artifact looks for it.

use super::record::{Check, Example, Rule};
use super::subject::{self, Buildspec, Command, Directory, from};
use crate::diagnostic::{Finding, Severity};
use crate::spec;
use crate::spec::shell::{Simple, Step, Word};
use crate::syntax::{Node, Span};

pub(super) const RULE: Rule = Rule {
    code: "artifact-elsewhere",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A file that the commands write elsewhere than where the artifact looks",
    doc: "`files` are looked for in the source's folder, or below `base-directory`. A command that has gone to another folder with `cd` writes \
          there, and what it writes at the top is not below a base directory; a letter makes another name of it. Where nothing at all \
          matches, the upload fails: \"no matching artifact paths found\".",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - cd app
      - zip -r app.zip .
artifacts:
  files:
    - app.zip
",
        "version: 0.2
phases:
  build:
    commands:
      - cd app
      - zip -r ../app.zip .
artifacts:
  files:
    - app.zip
",
    ),
    reference: "codebuild.md 1.9, 8.2",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts.files",
    ),
    check: Check::Buildspec(check),
};

/// The most files of an artifact, and the most that are written, which are held against each other.
const MOST: usize = 100;

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let secondary = file.entries(&["artifacts", "secondary-artifacts"]).map(|entry| entry.value);
    let sections = file.at(&["artifacts"]).into_iter().chain(secondary);
    let wanted: Vec<_> = sections.flat_map(wanted).take(MOST).collect();
    // Without a folder of its own each command begins at the top.
    let is_old = file.at(&["version"]).and_then(Node::text) == Some("0.1");
    if wanted.is_empty() || is_old || !file.shell.are_read() || !file.is_whole() {
        return;
    }
    let made = Made::by(file);
    if made.writes.len() >= MOST {
        return;
    }
    let is_wanted = |path: &str| wanted.iter().any(|(_, wanted)| wanted == path);
    for (node, path) in &wanted {
        let name = last(path);
        // Who names the file elsewhere may move it, or know.
        if made.writes.iter().any(|write| write.path.as_deref().is_none_or(|written| written == path))
            || made.is_named(name)
        {
            continue;
        }
        let same = made
            .writes
            .iter()
            .find(|write| write.path.as_deref().is_some_and(|written| last(written) == name));
        let near = || {
            made.writes.iter().find(|write| {
                let written = write.path.as_deref().unwrap_or_default();
                let (dot, other) = (name.rsplit_once('.'), last(written).rsplit_once('.'));
                let (Some((stem, ending)), Some((other, its))) = (dot, other) else { return false };
                ending == its
                    && stem.len() >= 5
                    && folder(written) == folder(path)
                    && spec::is_slip(stem.as_bytes(), other.as_bytes())
            })
        };
        let Some(write) = same.or_else(near) else { continue };
        let written = write.path.as_deref().unwrap_or_default();
        // What comes behind it may bring it there, and what is wanted itself is no slip.
        if !write.is_last || is_wanted(written) {
            continue;
        }
        let message = format!("`{path}` is looked for, and the commands write `{written}`");
        let finding = RULE.at(file.source(), node.span(), message, "not there, most likely");
        let finding = finding.label(write.command.at(write.span), "written here");
        findings.push(finding.help(if same.is_some() {
            "write it where the artifact looks, or name the folder in `files` or `base-directory`"
        } else {
            "write the same name in both places"
        }));
    }
}

/// The files of an artifact that have no pattern, by their paths from the top.
fn wanted(section: Node<'_>) -> Vec<(Node<'_>, String)> {
    let is_plain =
        |path: &str| !path.contains(['*', '?', '[', '{', '$', '`', '\\', ':']) && !path.starts_with('/');
    let base = match section.get("base-directory") {
        None => "",
        Some(base) => match base.text().filter(|base| is_plain(base)) {
            Some(base) => base,
            None => return Vec::new(),
        },
    };
    let Some(files) = section.get("files") else { return Vec::new() };
    let all = files.text().is_some().then_some(files).into_iter().chain(files.items());
    all.filter_map(|item| {
        let path = item.text().filter(|path| is_plain(path) && path.contains('.'))?;
        Some((item, from(base, path).filter(|path| !path.is_empty())?))
    })
    .collect()
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A file that a command writes.
struct Write<'t> {
    /// Its path from the top; none when that is not known.
    path: Option<String>,
    command: &'t Command<'t>,
    span: Span,
    /// Whether nothing behind it does more than show and name files.
    is_last: bool,
}

/// What the commands write, and what else they name.
struct Made<'t> {
    writes: Vec<Write<'t>>,
    named: Vec<&'t str>,
}

/// Whether a program brings no file to another place.
fn is_quiet(name: &str) -> bool {
    matches!(
        name,
        ":" | "["
            | "cat"
            | "cd"
            | "chmod"
            | "date"
            | "docker"
            | "echo"
            | "exit"
            | "export"
            | "head"
            | "ls"
            | "printf"
            | "pwd"
            | "set"
            | "stat"
            | "test"
            | "true"
    )
}

/// Whether a program shows a file, or makes one executable, and puts it nowhere.
fn shows(name: &str) -> bool {
    matches!(name, "cat" | "chmod" | "echo" | "head" | "ls" | "stat" | "tail")
}

impl<'t> Made<'t> {
    fn by(file: Buildspec<'t>) -> Self {
        let mut made = Self { writes: Vec::new(), named: Vec::new() };
        let mut here = Directory::top();
        for command in file.commands() {
            let mut inner: Option<Directory> = None;
            for &(step, place) in &command.steps {
                let now =
                    if place.in_subshell { inner.get_or_insert_with(|| here.clone()) } else { &mut here };
                match step {
                    Step::Simple(simple) => {
                        made.add(command, simple, now);
                        now.follow(simple, place);
                    }
                    Step::Redirection(to) if to.operator.starts_with('>') && to.operator != ">&" => {
                        made.write(command, &to.target, now);
                    }
                    Step::AndOr(_) if !place.in_subshell => inner = None,
                    _ => {}
                }
            }
        }
        made
    }

    fn add(&mut self, command: &'t Command<'t>, simple: &'t Simple<'t>, here: &Directory) {
        let is_quiet = simple.words.is_empty() || simple.name().is_some_and(is_quiet);
        if !is_quiet {
            self.writes.iter_mut().for_each(|write| write.is_last = false);
        }
        let written = subject::writes(simple);
        for word in &written {
            self.write(command, word, here);
        }
        let is_shown = simple.name().is_some_and(shows);
        let is_other =
            |word: &&Word<'_>| !is_shown && !written.iter().any(|written| written.span == word.span);
        let read = simple.redirections.iter().map(|redirection| &redirection.target);
        self.named.extend(simple.words.iter().chain(read).filter(is_other).map(|word| &*word.text));
    }

    fn write(&mut self, command: &'t Command<'t>, word: &Word<'t>, here: &Directory) {
        let is_known = word.literal && !word.text.contains(['*', '?', '[']);
        let path = Some(here).filter(|_| is_known).and_then(|here| here.path(&word.text));
        // What lies beside the source, or has another ending, is no file of an artifact.
        if self.writes.len() < MOST && (path.is_some() || !word.literal || !here.is_known()) {
            self.writes.push(Write { path, command, span: word.span, is_last: true });
        }
    }

    /// Whether the commands say something of a file of this name that is no writing of it.
    fn is_named(&self, name: &str) -> bool {
        self.named.iter().any(|text| text.contains(name))
    }
}

//! `redirection-slip`: a redirection that reads or writes another file than is meant.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Command, RunsIn};
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{self, Pipeline, Redirection, Simple, Step, Word};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "redirection-slip",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A redirection that reads or writes another file than is meant",
    doc: "`2>1` writes into a file called `1`; `2>&1` sends the errors to where the output goes. `cat <EOF` reads a file called `EOF`; a \
          text that follows begins with `<<EOF`. And in `jq . package.json > package.json` the shell empties the file before the \
          program reads it: write into another file, and move that over the first one.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - jq '.version = \"1.0\"' package.json > package.json
",
        "version: 0.2
phases:
  build:
    commands:
      - jq '.version = \"1.0\"' package.json > package.new && mv package.new package.json
",
    ),
    reference: "codebuild.md 3.4",
    url: None,
    check: Check::Buildspec(check),
};

/// Options of filters that stand alone.
const FLAGS: [&str; 16] = [
    "-E",
    "-S",
    "-V",
    "-c",
    "-cr",
    "-h",
    "-i",
    "-n",
    "-nr",
    "-r",
    "-rn",
    "-s",
    "-u",
    "-v",
    "-x",
    "--raw-output",
];

/// What people begin and end a here-document with.
const MARKS: [&str; 6] = ["END", "EOF", "EOL", "EOM", "EOT", "HEREDOC"];

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    if !matches!(file.shell.runs_in, RunsIn::Sh | RunsIn::Bash) {
        return;
    }
    let redirects = |command: &&Command<'_>| command.letters.has(b'>') || command.letters.has(b'<');
    for command in file.commands().iter().filter(redirects) {
        for &(step, _) in &command.steps {
            let found = match step {
                Step::Simple(simple) => simple.redirections.iter().find_map(of),
                Step::Redirection(redirection) => of(redirection),
                Step::Pipeline(pipeline) => emptied(pipeline),
                _ => None,
            };
            let Some(Slip { span, message, label, help }) = found else { continue };
            findings.push(RULE.at(file.source(), command.at(span), message, label).help(help));
        }
    }
}

/// What is wrong with a redirection.
struct Slip {
    span: Span,
    message: String,
    label: &'static str,
    help: String,
}

/// `2>1` and `<EOF`.
fn of(redirection: &Redirection<'_>) -> Option<Slip> {
    let Redirection { descriptor, operator, target, .. } = redirection;
    let is_plain = target.literal && !target.quoted;
    match (*descriptor, *operator, &*target.text) {
        ("", ">", "2") if is_plain => Some(Slip {
            span: redirection.span,
            message: "`>2` writes into a file called `2`".to_owned(),
            label: "a file, and not the errors",
            help: "write >&2".to_owned(),
        }),
        (from @ ("2" | "1"), ">", to @ ("1" | "2")) if is_plain && from != to => Some(Slip {
            span: redirection.span,
            message: format!("`{from}>{to}` writes into a file called `{to}`"),
            label: "a file, and not the other stream",
            help: format!("write {from}>&{to}"),
        }),
        ("" | "0", "<", mark) if is_plain && MARKS.contains(&mark) => Some(Slip {
            span: redirection.span,
            message: format!("`<{mark}` reads a file called `{mark}`"),
            label: "no text that follows",
            help: format!("write <<{mark}"),
        }),
        _ => None,
    }
}

/// `jq . a > a`, also with the programs of a pipeline between them.
fn emptied(pipeline: &Pipeline<'_>) -> Option<Slip> {
    let simple = |command: &'_ shell::Command<'_>| matches!(command, shell::Command::Simple(_));
    if !pipeline.commands.iter().all(simple) {
        return None;
    }
    let (shell::Command::Simple(first), shell::Command::Simple(last)) =
        (pipeline.commands.first()?, pipeline.commands.last()?)
    else {
        return None;
    };
    let written =
        last.redirections.iter().find(|to| to.takes_output() && matches!(to.operator, ">" | ">|"))?;
    let file = &written.target;
    let is_file = !file.text.is_empty() && !file.text.starts_with("/dev/");
    let is_emptied = is_file && reads(first, &file.text);
    is_emptied.then(|| Slip {
        span: written.span,
        message: format!("`{}` is empty before it is read", file.text),
        label: "the shell empties it first",
        help: "write into another file, and move that over this one".to_owned(),
    })
}

/// Whether a command reads a file of this name.
fn reads(simple: &Simple<'_>, file: &str) -> bool {
    let given = simple.redirections.iter().any(|from| from.operator == "<" && from.target.text == file);
    given || files(simple).iter().any(|word| word.text == file)
}

/// The arguments of a filter that are certainly files.
fn files<'a, 't>(simple: &'a Simple<'t>) -> Vec<&'a Word<'t>> {
    let name = simple.name().unwrap_or_default();
    // The first argument of some is what they look for, or do.
    let mut other = match name {
        "awk" | "egrep" | "fgrep" | "gawk" | "grep" | "jq" | "sed" | "yq" => 1,
        "cat" | "cut" | "head" | "nl" | "sort" | "tac" | "tail" | "uniq" | "xmllint" | "xsltproc" => 0,
        _ => return Vec::new(),
    };
    let mut found = Vec::new();
    let mut is_value = false;
    for word in simple.arguments() {
        if word.text.starts_with('-') && word.text.len() > 1 {
            // An option may take what stands behind it, but for these.
            is_value = !(FLAGS.contains(&&*word.text) || word.text.contains('='));
        } else if is_value {
            is_value = false;
        } else if other > 0 {
            // `yq eval '.a' file`
            let is_verb = name == "yq" && ["e", "ea", "eval", "eval-all"].contains(&&*word.text);
            other -= usize::from(!is_verb);
        } else {
            found.push(word);
        }
    }
    found
}

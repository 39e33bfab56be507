//! `hidden-failure`: a command whose failure nobody will see.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Command, RunsIn, programs};
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{self, AndOr, CompoundKind, Connector, List, Pipeline, Simple, Step, Word};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "hidden-failure",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A command whose failure nobody will see",
    doc: "A command's status is that of the last thing it does. In `make test | tee test.log` that is the status of `tee`, so the \
          build goes on after a failed test. The same happens to `make test &` without `wait \"$pid\"`, since `wait` alone succeeds, and in a loop, whose status is that \
          of its last round.\n\n\
          As advice: `|| true` behind a test, and an item of several lines that neither begins with `set -e` nor connects \
          them with `&&`, where only the last one counts. Pipelines from `echo`, `cat` and other commands that merely print are \
          not spoken of, nor those whose last command fails by itself when it gets nothing, such as \
          `docker login --password-stdin`.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make test | tee test.log
",
        "version: 0.2
env:
  shell: bash
phases:
  build:
    commands:
      - |
        set -o pipefail
        make test | tee test.log
",
    ),
    reference: "codebuild.md 0 (9), 3.4",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-cmd.html"),
    check: Check::Buildspec(check),
};

/// Commands that succeed whatever they read.
const PASSES_ON: [&str; 18] = [
    "awk",
    "cat",
    "column",
    "cut",
    "go-junit-report",
    "head",
    "junitify",
    "less",
    "more",
    "sed",
    "sort",
    "tail",
    "tap-junit",
    "tap-xunit",
    "tee",
    "tr",
    "ts",
    "uniq",
];

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    // One command by itself hides nothing.
    let is_several = |command: &&Command<'_>| {
        b"|&;(`!".iter().any(|sign| command.letters.has(*sign))
            || command.letters.has(b'\n') && command.text.trim_end().contains('\n')
    };
    for command in file.commands().iter().filter(is_several) {
        let script = &command.script;
        if script.error.is_some() || command.has("PIPESTATUS") || command.has("pipefail") {
            continue;
        }
        let waits = waits(command);
        let before = findings.len();
        for &(step, place) in &command.steps {
            let found = match step {
                Step::Pipeline(pipeline) if !place.judged && !place.in_substitution => {
                    piped(file, command, pipeline)
                }
                Step::AndOr(item) if !place.judged && !place.in_substitution => {
                    ignored(file, command, item).or_else(|| background(file, command, item, waits))
                }
                _ => None,
            };
            findings.extend(found);
        }
        findings.extend(not_the_last(file, command));
        let looped = looped(file, command);
        // What hides it within a round is told.
        let is_told = |finding: &Finding| {
            findings[before..].iter().any(|told| told.primary.span == finding.primary.span)
        };
        let looped = looped.filter(|finding| !is_told(finding));
        findings.extend(looped);
    }
}

/// `make test | tee log`
fn piped(file: Buildspec<'_>, command: &Command<'_>, pipeline: &Pipeline<'_>) -> Option<Finding> {
    let (last, before) = pipeline.commands.split_last()?;
    let last = simple(last)?;
    if last.words.iter().any(|word| word.text.contains("set-exit-code")) {
        return None;
    }
    let last = last.name().filter(|name| PASSES_ON.contains(name))?;
    let (what, span) = before.iter().find_map(|command| {
        let simple = simple(command)?;
        Some((programs::works(simple)?, simple.head()))
    })?;
    let message = format!("a failure of `{what}` is hidden by `{last}`");
    let label = format!("the status is that of `{last}`");
    let finding = RULE.at(file.source(), command.at(span), message, label);
    Some(finding.help(if file.shell.runs_in == RunsIn::Bash {
        "begin the item with `set -o pipefail`, below `- |`"
    } else {
        "write `shell: bash` below `env`, and begin the item with `set -o pipefail`, below `- |`"
    }))
}

/// `make test || true`
fn ignored(file: Buildspec<'_>, command: &Command<'_>, item: &AndOr<'_>) -> Option<Finding> {
    let (Connector::Or, last) = item.rest.last()? else { return None };
    let [last] = &last.commands[..] else { return None };
    let last = simple(last)?;
    if !matches!(last.name(), Some("true" | ":" | "echo")) {
        return None;
    }
    let before = std::iter::once(&item.first).chain(item.rest.iter().map(|(_, pipeline)| pipeline));
    let (what, span) = before.flat_map(|pipeline| &pipeline.commands).find_map(|command| {
        let simple = simple(command)?;
        Some((programs::tests(simple)?, simple.head()))
    })?;
    let message = format!("a failure of `{what}` is ignored");
    let finding = RULE.at(file.source(), command.at(span), message, "the build goes on whatever it finds");
    let finding = finding.label(command.at(last.span), "succeeds");
    Some(Finding { severity: Severity::Advice, ..finding }.help("remove it, or let `on-failure` decide"))
}

/// What an item does with its jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waits {
    /// It leaves them alone.
    No,
    /// `wait` alone, which ends well whatever they did.
    ForAll,
    /// `wait "$pid"`: it asks how they have ended.
    Asks,
}

fn waits(command: &Command<'_>) -> Waits {
    let mut waits = Waits::No;
    if !command.has("wait") {
        return waits;
    }
    for (simple, _) in command.simples() {
        if simple.runs(&["wait"]) && waits != Waits::Asks {
            waits = if simple.arguments().is_empty() { Waits::ForAll } else { Waits::Asks };
        }
    }
    waits
}

/// `make test &`
fn background(file: Buildspec<'_>, command: &Command<'_>, item: &AndOr<'_>, waits: Waits) -> Option<Finding> {
    let sign = item.background.filter(|_| waits != Waits::Asks)?;
    let [only] = &item.first.commands[..] else { return None };
    let what = programs::tests(simple(only)?)?;
    let message = match waits {
        Waits::ForAll => format!("nobody asks how `{what}` has ended: `wait` alone succeeds"),
        Waits::No | Waits::Asks => format!("nobody waits for `{what}`"),
    };
    let finding = RULE.at(file.source(), command.at(sign), message, "its failure is not seen");
    Some(finding.help("remove the `&`, or keep its number, `pid=$!`, and `wait \"$pid\"` in the same item"))
}

/// `for part in one two; do make test; done`: the status is that of the last round.
fn looped(file: Buildspec<'_>, command: &Command<'_>) -> Option<Finding> {
    let asks = ["$?", "set -", "errexit", "trap ", "exit", "break", "return", "||"];
    if !command.has("done") || asks.iter().any(|word| command.text.contains(word)) {
        return None;
    }
    command.script.list.items.iter().find_map(|item| {
        let [shell::Command::Compound(compound)] = &item.first.commands[..] else { return None };
        let (is_one, body) = match &compound.kind {
            CompoundKind::For(_, words, body) => {
                let is_pattern = |word: &Word<'_>| word.text.contains(['*', '?', '{']);
                // `"$DIR"` is one word, `"$@"` may be many.
                let is_single = |word: &Word<'_>| word.literal || word.quoted && !word.text.contains('@');
                (matches!(&words[..], [word] if is_single(word) && !is_pattern(word)), body)
            }
            // `while read line; do …`; others try again.
            CompoundKind::Loop(test, body) if reads(test) => (false, body),
            _ => return None,
        };
        let (what, span) = tested(body).filter(|_| !is_one && item.background.is_none())?;
        let message = format!("a failure of `{what}` is hidden by the next round of the loop");
        let finding =
            RULE.at(file.source(), command.at(span), message, "only the last round's status counts");
        Some(finding.help("write `|| exit 1` behind it"))
    })
}

/// Whether a loop goes through lines.
fn reads(test: &List<'_>) -> bool {
    let first = test.items.first().and_then(|item| item.first.commands.first());
    first.and_then(simple).is_some_and(|simple| simple.runs(&["read"]))
}

/// The first command of a list whose failure matters, also between parentheses and in the branches of an `if`.
fn tested(list: &List<'_>) -> Option<(String, Span)> {
    let pipelines = list
        .items
        .iter()
        .filter(|item| item.background.is_none())
        .flat_map(|item| std::iter::once(&item.first).chain(item.rest.iter().map(|(_, next)| next)));
    pipelines.flat_map(|pipeline| &pipeline.commands).find_map(|command| match command {
        shell::Command::Simple(simple) => Some((programs::works(simple)?, simple.head())),
        shell::Command::Compound(compound) => match &compound.kind {
            CompoundKind::Group(list) | CompoundKind::Subshell(list) => tested(list),
            CompoundKind::If(branches, otherwise) => {
                branches.iter().map(|(_, body)| body).chain(otherwise).find_map(tested)
            }
            _ => None,
        },
        shell::Command::Function(_) => None,
    })
}

/// Several lines of which only the last one counts.
fn not_the_last(file: Buildspec<'_>, command: &Command<'_>) -> Option<Finding> {
    let items = &command.script.list.items;
    let (last, before) = items.split_last()?;
    let asks = ["$?", "CODEBUILD_LAST_EXIT", "errexit", "trap "];
    if before.is_empty() || asks.iter().any(|word| command.text.contains(word)) {
        return None;
    }
    let mut found = None;
    for item in before {
        let [only] = &item.first.commands[..] else { continue };
        let Some(simple) = simple(only) else { continue };
        if simple.runs(&["set"]) && simple.arguments().iter().any(|word| sets_errexit(&word.text)) {
            return None;
        }
        if item.rest.is_empty() && item.background.is_none() && !item.first.negated && found.is_none() {
            found = programs::works(simple).map(|what| (what, simple.head()));
        }
    }
    let (what, span): (String, Span) = found?;
    // A last line that is an `exit` or a mere message says that somebody has thought of it, or has not.
    let last = last.first.span.join(last.rest.last().map_or(last.first.span, |(_, pipeline)| pipeline.span));
    let message = format!("a failure of `{what}` does not stop this command");
    let finding = RULE.at(file.source(), command.at(span), message, "the next line runs all the same");
    let finding = finding.label(command.at(last), "only its status counts");
    Some(
        Finding { severity: Severity::Advice, ..finding }
            .help("begin the item with `set -e`, or make each line an item"),
    )
}

fn sets_errexit(option: &str) -> bool {
    option.strip_prefix('-').is_some_and(|letters| !letters.starts_with('-') && letters.contains('e'))
}

fn simple<'a, 't>(command: &'a shell::Command<'t>) -> Option<&'a Simple<'t>> {
    match command {
        shell::Command::Simple(simple) => Some(simple),
        shell::Command::Compound(_) | shell::Command::Function(_) => None,
    }
}

//! `codebuild-variable`: a variable of CodeBuild by a name, or with a value, that it never has.

use std::collections::HashMap;

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Command, RunsIn};
use crate::diagnostic::{Finding, Severity};
use crate::spec::is_slip;
use crate::spec::shell::{Part, Simple, Word};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "codebuild-variable",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A variable of CodeBuild by a name, or with a value, that it never has",
    doc: "`CODEBUILD_BUILD_SUCCEEDING` is `1` or `0`, never `true`: a comparison with anything else always goes one way, and so does \
          `test \"$CODEBUILD_BUILD_SUCCEEDING\"`, since `0` is a text too. `CODEBUILD_WEBHOOK_HEAD_REF` and its like are whole references, \
          `refs/heads/main`; `CODEBUILD_INITIATOR` is `codepipeline/NAME` in a pipeline. A name one slip beside one of CodeBuild's is empty.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make
  post_build:
    commands:
      - if [ \"$CODEBUILD_BUILD_SUCCEEDING\" = true ]; then make publish; fi
",
        "version: 0.2
phases:
  build:
    commands:
      - make
  post_build:
    commands:
      - if [ \"$CODEBUILD_BUILD_SUCCEEDING\" = 1 ]; then make publish; fi
",
    ),
    reference: "codebuild.md 3.2, 3.6",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html"),
    check: Check::Buildspec(check),
};

const PREFIX: &str = "CODEBUILD_";
/// The most names of a file that are looked for in all of it.
const MOST: usize = 100;
const SUCCEEDING: &str = "CODEBUILD_BUILD_SUCCEEDING";

/// What follows `CODEBUILD_` in the names that every build, or some, have.
const NAMES: [&str; 35] = [
    "BATCH_BUILD_IDENTIFIER",
    "BUILD_ARN",
    "BUILD_ID",
    "BUILD_IMAGE",
    "BUILD_NUMBER",
    "BUILD_SUCCEEDING",
    "BUILD_URL",
    "CI",
    "CURRENT_SHARD_FILES",
    "GOPATH",
    "INITIATOR",
    "KMS_KEY_ID",
    "LAST_EXIT",
    "LOCAL_BUILD",
    "LOG_PATH",
    "PROJECT_ARN",
    "PROJECT_UUID",
    "PUBLIC_BUILD_URL",
    "RESOLVED_SOURCE_VERSION",
    "SOURCE_REPO_URL",
    "SOURCE_VERSION",
    "SRC_DIR",
    "START_TIME",
    "VPC_AZ",
    "WEBHOOK_ACTOR_ACCOUNT_ID",
    "WEBHOOK_BASE_REF",
    "WEBHOOK_EVENT",
    "WEBHOOK_HEAD_REF",
    "WEBHOOK_JOB_ID",
    "WEBHOOK_LABEL",
    "WEBHOOK_MERGE_COMMIT",
    "WEBHOOK_PREV_COMMIT",
    "WEBHOOK_RUN_ID",
    "WEBHOOK_TRIGGER",
    "WEBHOOK_WORKFLOW_NAME",
];

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let mut own = HashMap::new();
    for command in file.commands().iter().filter(|command| command.has(PREFIX)) {
        slips(file, command, &mut own, findings);
        if !matches!(file.shell.runs_in, RunsIn::Sh | RunsIn::Bash) {
            continue;
        }
        for (simple, _) in command.simples() {
            let Some(wrong) = compared(simple).or_else(|| tested(simple)) else { continue };
            // What the file sets it to is the file's own.
            if *own.entry(wrong.name).or_insert_with(|| is_own(file, wrong.name)) {
                continue;
            }
            let finding = RULE.at(file.source(), command.at(wrong.span), wrong.message, wrong.label);
            findings.push(finding.help(wrong.help));
        }
    }
}

/// Names one slip beside one of CodeBuild's, that nothing in the file sets.
fn slips<'t>(
    file: Buildspec<'_>,
    command: &Command<'t>,
    own: &mut HashMap<&'t str, bool>,
    findings: &mut Vec<Finding>,
) {
    for (at, _) in command.text.match_indices(PREFIX) {
        let before = &command.text[..at];
        if !before.ends_with('$') && !before.ends_with("${") && !before.ends_with("env:") {
            continue;
        }
        let rest = &command.text[at + PREFIX.len()..];
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = &rest[..length];
        if NAMES.contains(&name) {
            continue;
        }
        let Some(meant) = NAMES.iter().find(|known| is_slip(name.as_bytes(), known.as_bytes())) else {
            continue;
        };
        if own.len() >= MOST && !own.contains_key(name)
            || *own.entry(name).or_insert_with(|| is_own(file, name))
        {
            continue;
        }
        let whole = format!("{PREFIX}{name}");
        let [start, end] = [at, at + whole.len()].map(|at| u32::try_from(at).unwrap_or(u32::MAX));
        let message = format!("CodeBuild sets no `{whole}`");
        let finding = RULE.at(file.source(), command.at(Span::new(start, end)), message, "empty");
        findings.push(finding.help(format!("write {PREFIX}{meant}")));
    }
}

/// Whether the file sets such a variable itself; a source directory of a second source has a name of any letters.
fn is_own(file: Buildspec<'_>, name: &str) -> bool {
    let text = file.source().text();
    let sets = |sign: char| text.contains(&format!("{PREFIX}{name}{sign}"));
    sets('=') || sets(':') || name.starts_with("SRC_DIR_")
}

struct Wrong {
    /// Which variable, without what all of them begin with.
    name: &'static str,
    span: Span,
    message: String,
    label: &'static str,
    help: String,
}

/// The variable that a word is, and nothing else.
fn variable<'t>(word: &Word<'t>) -> Option<&'t str> {
    let [Part::Variable(variable)] = &word.parts[..] else { return None };
    let is_all = variable.operator.is_empty()
        && [variable.name.len() + 1, variable.name.len() + 3].contains(&word.text.len());
    (is_all && variable.name.starts_with(PREFIX)).then_some(variable.name)
}

/// `[ "$CODEBUILD_BUILD_SUCCEEDING" = true ]`
fn compared(simple: &Simple<'_>) -> Option<Wrong> {
    if !matches!(simple.name(), Some("[" | "test")) {
        return None;
    }
    let words = simple.arguments();
    words.windows(3).find_map(|three| {
        let [left, operator, right] = three else { return None };
        if !matches!(&*operator.text, "=" | "==" | "!=" | "-eq" | "-ne") {
            return None;
        }
        let (name, other) = match (variable(left), variable(right)) {
            (Some(name), None) => (name, right),
            (None, Some(name)) => (name, left),
            _ => return None,
        };
        let value = other.literal.then_some(&*other.text)?;
        let (is, help) = match name {
            SUCCEEDING if !["0", "1"].contains(&value) => ("`1` or `0`", "compare it with 1 or 0".to_owned()),
            "CODEBUILD_WEBHOOK_HEAD_REF" | "CODEBUILD_WEBHOOK_BASE_REF" if is_bare(value) => {
                ("a whole reference", format!("write refs/heads/{value}, or refs/tags/{value}"))
            }
            "CODEBUILD_INITIATOR" if value == "codepipeline" => (
                "`codepipeline/` and the pipeline's name",
                "compare it with a pattern in `case`: codepipeline/*)".to_owned(),
            ),
            _ => return None,
        };
        let message = format!("`{name}` is {is}, never `{value}`");
        let name = NAMES.into_iter().find(|known| name.strip_prefix(PREFIX) == Some(known))?;
        Some(Wrong { name, span: other.span, message, label: "always goes one way", help })
    })
}

/// Whether a name of a branch or tag stands without what it is of.
fn is_bare(value: &str) -> bool {
    !value.is_empty() && !value.starts_with("refs/") && !value.contains(['*', '$'])
}

/// `test "$CODEBUILD_BUILD_SUCCEEDING"`, and the variable as a command.
fn tested(simple: &Simple<'_>) -> Option<Wrong> {
    let first = simple.words.first()?;
    if variable(first) == Some(SUCCEEDING) && simple.words.len() == 1 {
        let message = format!("`{SUCCEEDING}` is run as a command: `1` or `0`");
        let help = format!("write [ \"${SUCCEEDING}\" = 1 ]");
        return Some(Wrong {
            name: "BUILD_SUCCEEDING",
            span: first.span,
            message,
            label: "no program of this name",
            help,
        });
    }
    if !matches!(simple.name(), Some("[" | "test")) {
        return None;
    }
    let words: Vec<_> = simple.arguments().iter().filter(|word| word.text != "]").collect();
    let [word] = words[..] else { return None };
    (variable(word) == Some(SUCCEEDING)).then(|| Wrong {
        name: "BUILD_SUCCEEDING",
        span: word.span,
        message: format!("`{SUCCEEDING}` is a text in any case: `0` is one, too"),
        label: "always true",
        help: format!("write [ \"${SUCCEEDING}\" = 1 ]"),
    })
}

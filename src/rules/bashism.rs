//! `bashism`: what only bash understands, where `sh` runs the commands.

use std::collections::BTreeSet;

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Command, Project, RunsIn};
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{Feature, FeatureKind, Part, Sh, Simple, Word};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "bashism",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "Something that only bash understands, where `sh` runs the commands",
    doc: "Without `env: shell: bash` commands run in the image's `sh`. That is dash on the Ubuntu images, which knows no `[[ ]]`, \
          no arrays, no `source`, no `pipefail`: some of it is a syntax error there, some is not found, and some does something \
          else without a word. On Amazon Linux `sh` is bash, and all of it works.\n\n\
          It is a warning where the image is known (from the project in rehearsal.yml or in a template) and has dash, advice where \
          no project says what the image is, and nothing where bash runs the commands.",
    example: Example::buildspec(
        r#"version: 0.2
phases:
  build:
    commands:
      - if [[ "$CODEBUILD_WEBHOOK_TRIGGER" == tag/* ]]; then make release; fi
"#,
        r#"version: 0.2
env:
  shell: bash
phases:
  build:
    commands:
      - if [[ "$CODEBUILD_WEBHOOK_TRIGGER" == tag/* ]]; then make release; fi
"#,
    ),
    reference: "codebuild.md 3.4",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.shell",
    ),
    check: Check::Built(check),
};

/// Something found: what it is called, where, and how it is written for `sh`.
struct Found {
    what: &'static str,
    span: Span,
    instead: &'static str,
}

fn check(file: Buildspec<'_>, project: &Project<'_>, findings: &mut Vec<Finding>) {
    let severity = match (file.shell.runs_in, project.sh()) {
        (RunsIn::Sh, Some((Sh::Dash, false))) => Severity::Warning,
        (RunsIn::Sh, None | Some((Sh::Dash, true))) => Severity::Advice,
        (RunsIn::Bash | RunsIn::Windows | RunsIn::Unknown, _)
        | (RunsIn::Sh, Some((Sh::BashPosix | Sh::PowerShell, _))) => {
            return;
        }
    };
    let mut said = BTreeSet::new();
    for command in file.commands() {
        for found in all(command) {
            // The same thing twice in a file is one mistake.
            if !said.insert(found.what) {
                continue;
            }
            let Found { what, span, instead } = found;
            let (message, label) = match severity {
                Severity::Warning => (format!("{what}: only bash knows that"), "the image's `sh` is dash"),
                _ => (format!("{what}: only bash knows that"), "not known to `sh` of the Ubuntu images"),
            };
            let finding = RULE.at(file.source(), command.at(span), message, label);
            let help = match instead {
                "" => "write `shell: bash` below `env`".to_owned(),
                _ => format!("write `shell: bash` below `env`, or {instead}"),
            };
            findings.push(Finding { severity, ..finding }.help(help));
        }
    }
}

/// All of it in a command, in order.
fn all(command: &Command<'_>) -> Vec<Found> {
    let grammar = |feature: &Feature| grammar(*feature, command.text);
    let mut found: Vec<_> = command.script.features.iter().map(grammar).collect();
    for (simple, _) in command.simples() {
        found.extend(words(simple));
        let read = simple.words.iter().chain(simple.assignments.iter().map(|assignment| &assignment.value));
        found.extend(read.flat_map(|word| variables(&word.parts)));
    }
    found.sort_by_key(|found| found.span);
    found
}

fn grammar(feature: Feature, text: &str) -> Found {
    use FeatureKind as F;
    let written = text.get(feature.span.start as usize..feature.span.end as usize).unwrap_or_default();
    let (what, instead) = match feature.kind {
        F::DoubleBracket => ("`[[ … ]]`", "use `[ … ]` and `case`"),
        F::ArithmeticCommand => ("`(( … ))`", "write `[ \"$((…))\" -ne 0 ]`"),
        F::ArithmeticFor => ("`for (( … ))`", "count in a `while`"),
        F::OldArithmetic => ("`$[ … ]`", "write `$(( … ))`"),
        F::Array => ("an array", "use `set -- a b` and `\"$@\"`"),
        F::Append => ("`+=`", "write `a=\"$a…\"`"),
        F::FunctionKeyword => ("`function`", "write `name() { … }`"),
        F::ProcessSubstitution => ("`<( … )`", "use a file or a pipe"),
        F::HereString => ("`<<<`", "write `printf '%s\\n' … |`"),
        F::Braces if written.contains("..") => ("`{1..3}`", "use `seq`, or write the words out"),
        F::Braces => ("`{a,b}`", "write the words out"),
        F::Substring => ("`${x:0:3}`", "use `cut -c` or `${x%…}`"),
        F::Replace => ("`${x/a/b}`", "use `sed`"),
        F::ChangeCase if written.contains(',') => ("`${x,,}`", "use `tr`"),
        F::ChangeCase => ("`${x^^}`", "use `tr`"),
        F::Indirect => ("`${!x}`", "use `eval` or `printenv`"),
        F::Transform => ("`${x@…}`", ""),
        F::RedirectBoth => ("`&>`", "write `>file 2>&1`"),
        F::PipeBoth => ("`|&`", "write `2>&1 |`"),
        F::AnsiQuote => ("`$'…'`", "use `printf`"),
        F::Select => ("`select`", ""),
        F::Coproc => ("`coproc`", "use `&` and a named pipe"),
        F::FallThrough => ("`;&`", "repeat the commands"),
        F::NamedDescriptor => ("`{name}>`", "write a number"),
        F::ExtendedPattern => ("a pattern like `@(a|b)`", "use `case` with `|`"),
    };
    Found { what, span: feature.span, instead }
}

/// What programs of the shell do only in bash.
fn words(simple: &Simple<'_>) -> Option<Found> {
    let first = simple.words.first()?;
    let arguments = simple.words.get(1..).unwrap_or_default();
    let found = |what, span, instead| Some(Found { what, span, instead });
    let option = |letters: &str| {
        let options = arguments.iter().take_while(|word| word.text.starts_with('-') && word.text.len() > 1);
        let mut options = options.filter(|word| word.literal && !word.text.starts_with("--"));
        options.find(|word| word.text.contains(|c| letters.contains(c))).map(|word| word.span)
    };
    let equals = || arguments.iter().find(|word| word.text == "==" && !word.quoted).map(|word| word.span);
    if !first.literal {
        return None;
    }
    match &*first.text {
        "source" => found("`source`", first.span, "write `.`, and `./` before a file of this folder"),
        "[" | "test" => found("`==` of a test", equals()?, "write `=`"),
        "echo" => found("`echo -e`", option("e")?, "use `printf`"),
        "read" => found("`read` with such an option", option("asntNdue")?, ""),
        "printf" => match option("v") {
            Some(span) => found("`printf -v`", span, "write `name=$(printf …)`"),
            None => {
                found("`%q` of `printf`", arguments.first().filter(|word| word.text.contains("%q"))?.span, "")
            }
        },
        "export" => match option("f") {
            Some(span) => found("`export -f`", span, "put the function into a script"),
            None => found("`export -n`", option("n")?, ""),
        },
        "local" | "readonly" => found("an option of `local` or `readonly`", option("aAirnfx")?, ""),
        "type" => found("`type -t`", option("tpPaf")?, "use `command -v`"),
        "set" => {
            let option = options_of_set(arguments)?;
            let what = if option.text == "pipefail" { "`set -o pipefail`" } else { "an option of `set`" };
            found(what, option.span, "")
        }
        "trap" => {
            let of_bash = |word: &&Word<'_>| matches!(&*word.text, "ERR" | "DEBUG" | "RETURN");
            found("`trap … ERR`", arguments.iter().skip(1).find(of_bash)?.span, "use `trap … EXIT`")
        }
        "let" => found("`let`", first.span, "write `x=$((…))`"),
        "pushd" | "popd" | "dirs" => {
            found("`pushd`", first.span, "use `cd` in a subshell: `(cd folder && …)`")
        }
        "declare" | "typeset" => found("`declare`", first.span, "assign without it"),
        "shopt" => found("`shopt`", first.span, ""),
        "mapfile" | "readarray" => found("`mapfile`", first.span, "use `while read -r`"),
        "disown" => found("`disown`", first.span, "`nohup` alone does it"),
        "builtin" => found("`builtin`", first.span, "use `command`"),
        "wait" => found("`wait -n`", option("n")?, ""),
        _ => None,
    }
}

/// Options that dash refuses: `-o pipefail` and their like, `-E`, `-T`.
fn options_of_set<'a, 't>(arguments: &'a [Word<'t>]) -> Option<&'a Word<'t>> {
    let mut named = false;
    for word in arguments {
        if std::mem::take(&mut named) {
            let known = [
                "allexport",
                "errexit",
                "ignoreeof",
                "interactive",
                "monitor",
                "noclobber",
                "noexec",
                "noglob",
                "nolog",
                "notify",
                "nounset",
                "stdin",
                "verbose",
                "vi",
                "emacs",
                "xtrace",
                "privileged",
                "debug",
            ];
            if word.literal && !known.contains(&&*word.text) {
                return Some(word);
            }
            continue;
        }
        let letters = word.text.strip_prefix(['-', '+']).filter(|letters| !letters.starts_with('-'))?;
        if letters.contains(['E', 'T', 'B', 'H', 'k', 'P', 't']) {
            return Some(word);
        }
        named = letters.ends_with('o');
    }
    None
}

/// Variables that bash alone sets.
fn variables<'a>(parts: &'a [Part<'_>]) -> impl Iterator<Item = Found> + use<'a> {
    parts.iter().filter_map(|part| match part {
        Part::Variable(variable) => {
            let what = match variable.name {
                "RANDOM" => "`$RANDOM`",
                "PIPESTATUS" if !variable.operator.starts_with('[') => "`$PIPESTATUS`",
                "BASH_SOURCE" if !variable.operator.starts_with('[') => "`$BASH_SOURCE`",
                "FUNCNAME" if !variable.operator.starts_with('[') => "`$FUNCNAME`",
                "SECONDS" => "`$SECONDS`",
                "OSTYPE" => "`$OSTYPE`",
                _ => return None,
            };
            Some(Found { what, span: variable.span, instead: "" })
        }
        Part::Substitution(..) | Part::Process(..) => None,
    })
}

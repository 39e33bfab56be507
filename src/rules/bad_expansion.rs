//! `bad-expansion`: `${…}` that no shell expands.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Command, RunsIn};
use super::variable_name::is_name;
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{Part, Step, Variable};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "bad-expansion",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "`${…}` that no shell expands",
    doc: "`${{ env.STAGE }}` is GitHub's, `${self.name}` that of other tools: a shell says \"bad substitution\" and ends the command with a \
          failure. A variable of the build is `$STAGE` or `${STAGE}`; the name of one has letters, digits and `_` only. What is \
          meant for another program stands in single quotes.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - echo ${{ env.STAGE }}
",
        "version: 0.2
phases:
  build:
    commands:
      - echo \"${STAGE}\"
",
    ),
    reference: "codebuild.md 3.4",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-cmd.html"),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    if !matches!(file.shell.runs_in, RunsIn::Sh | RunsIn::Bash) {
        return;
    }
    for command in file.commands().iter().filter(|command| command.has("${")) {
        let words = command.steps.iter().flat_map(|(step, _)| match step {
            Step::Word(word) => &word.parts[..],
            _ => &[],
        });
        let bodies = command.script.heredocs.iter().flat_map(|heredoc| &heredoc.parts);
        // One of them ends the command.
        let found = words.chain(bodies).find_map(|part| match part {
            Part::Variable(variable) if is_bad(variable, command) => Some(variable),
            _ => None,
        });
        let Some(variable) = found else { continue };
        let mut span = variable.span;
        // `${{ … }}`: the shell reads up to the first brace, people write both.
        let is_double = |text: &str| text.starts_with("${{");
        if is_double(written(span, command)) && command.text[span.end as usize..].starts_with('}') {
            span.end += 1;
        }
        let written = written(span, command);
        let message = format!("no shell expands `{written}`");
        let finding = RULE.at(file.source(), command.at(span), message, "bad substitution");
        let inner = written.trim_start_matches(['$', '{', ' ']).trim_end_matches(['}', ' ']);
        let name = inner.strip_prefix("env.").filter(|name| is_name(name)).unwrap_or("NAME");
        let help = "what another program reads stands in single quotes";
        findings.push(finding.help(format!("write ${{{name}}} for a variable of the build; {help}")));
    }
}

/// What stands at a place of a command.
fn written<'t>(span: Span, command: &Command<'t>) -> &'t str {
    command.text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

/// Whether both bash and `sh` refuse it.
fn is_bad(variable: &Variable<'_>, command: &Command<'_>) -> bool {
    let written = written(variable.span, command);
    // What a template puts in may be a name.
    if !written.starts_with("${") || !written.is_ascii() {
        return false;
    }
    match variable.operator.bytes().next() {
        None => variable.name.is_empty(),
        // `${ list; }` and `${| list; }` are of new versions of bash.
        Some(b' ' | b'\t' | b'\n' | b'|') => !variable.name.is_empty(),
        Some(sign) => !b":-+=?#%/^,~[@*!".contains(&sign),
    }
}

//! `version-0-1`: a buildspec of the first version.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, place};
use crate::diagnostic::{Finding, Severity};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "version-0-1",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A buildspec of version 0.1",
    doc: "Version 0.1 still works. Each of its commands runs in a shell of its own, so a `cd` or an `export` is gone with the \
          next command; in version 0.2, which AWS recommends, both last. It is advice where no command leaves anything to the next one.",
    example: Example::buildspec(
        "version: 0.1
phases:
  build:
    commands:
      - make
",
        "version: 0.2
phases:
  build:
    commands:
      - make
",
    ),
    reference: "codebuild.md 1.3",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec-ref-versions",
    ),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let Some(entry) = file.root().entry("version") else { return };
    let number = entry.value.text().and_then(|text| text.trim().parse::<f64>().ok());
    if number.is_some_and(|number| (number - 0.1).abs() < 1e-9) {
        let message = "version 0.1 forgets directory and variables after each command";
        let finding = RULE.at(file.source(), place(entry), message, "0.2 is recommended");
        // With a command that means to leave something to the next one it is more than advice.
        let finding = match lost(file) {
            Some(command) => finding.label(command, "forgotten with the next command"),
            None => Finding { severity: Severity::Advice, ..finding },
        };
        if let Some(env) = file.root().entry("env") {
            let message = "version 0.1 has no `env`: its variables stand below `environment_variables`";
            let finding = RULE.at(file.source(), env.key.span(), message, "a block of version 0.2");
            findings.push(finding.label(entry.value.span(), "0.1").help("write `version: 0.2`"));
        }
        let old = file.root().get("environment_variables").is_some();
        findings.push(finding.help(if old {
            "write `version: 0.2`, and `env:` with `variables:` for `environment_variables:` with `plaintext:`"
        } else {
            "write `version: 0.2`"
        }));
    }
}

/// The first command that does nothing but leave a directory or a variable to the next one of its phase.
fn lost(file: Buildspec<'_>) -> Option<Span> {
    let commands = file.commands();
    let mut pairs = commands.windows(2).filter(|pair| pair[0].phase == pair[1].phase);
    pairs.find_map(|pair| {
        let mut simples = pair[0].simples();
        let (Some((simple, _)), None) = (simples.next(), simples.next()) else { return None };
        let is_left = matches!(simple.name(), Some("cd" | "export")) || simple.words.is_empty();
        is_left.then(|| pair[0].at(simple.span))
    })
}

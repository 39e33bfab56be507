//! `lost-shell-state`: a setting of the shell that is gone with the next command.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    code: "lost-shell-state",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A setting of the shell that is gone with the next command",
    doc: "Each item of `commands` is a script of its own. The directory and variables last; `set -e`, `set -o pipefail`, \
          `shopt`, `alias`, `trap`, `umask` and functions do not. An item that holds nothing else has no effect: the commands \
          behind it run without it.",
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

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for command in file.commands() {
        let Some(what) = setting(command.text) else { continue };
        let span = super::subject::head(command.node);
        let message = format!("`{what}` is gone with the next command");
        let finding = RULE.at(file.source(), span, message, "each command is a script of its own");
        findings.push(finding.help("put it and what it is for into one item, below `- |`"));
    }
}

/// The setting, when a command is one line that does nothing else.
fn setting(text: &str) -> Option<String> {
    let text = text.trim();
    if text.contains(['\n', ';', '|']) || text.contains("&&") {
        return None;
    }
    let mut words = text.split_whitespace();
    match (words.next()?, words.next()) {
        ("set", Some(option)) if option.starts_with(['-', '+']) && option != "--" => {
            Some(text.chars().take(40).collect())
        }
        (command @ ("shopt" | "alias" | "trap" | "umask"), Some(_)) => Some(command.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_said_only_when_it_stands_alone() {
        for (text, expected) in [
            ("set -e", Some("set -e")),
            ("set -euo pipefail", Some("set -euo pipefail")),
            ("set +x", Some("set +x")),
            ("shopt -s globstar", Some("shopt")),
            ("set -e; make", None),
            ("set -e && make", None),
            ("set -e\nmake", None),
            ("set", None),
            ("set -- a b", None),
            ("settle -e", None),
            ("trap", None),
        ] {
            assert_eq!(setting(text).as_deref(), expected, "{text}");
        }
    }
}

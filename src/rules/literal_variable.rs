//! `literal-variable`: a value with a `$` that nobody expands.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use super::variable_name::is_name;
use crate::diagnostic::{Finding, Severity};
use crate::syntax::Node;

pub(super) const RULE: Rule = Rule {
    code: "literal-variable",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A variable's value with a `$NAME` or `$(command)` that stays as it is",
    doc: "Values of `env.variables` are literal: `PATH: \"$PATH:/opt/bin\"` sets that very text, and no program is found any \
          more. A command can set what needs other variables. The names in `parameter-store` and `secrets-manager` are literal too. \
          `#{…}` is replaced in the configuration of a pipeline's action, \
          and not in a project's own variables. A `\\$` is meant as it stands, and a JSON text may have a `$` of its own: advice.",
    example: Example::buildspec(
        r#"version: 0.2
env:
  variables:
    IMAGE: "service:$CODEBUILD_RESOLVED_SOURCE_VERSION"
phases:
  build:
    commands:
      - make
"#,
        r#"version: 0.2
phases:
  build:
    commands:
      - IMAGE="service:$CODEBUILD_RESOLVED_SOURCE_VERSION"
      - make
"#,
    ),
    reference: "codebuild.md 0 (11), 1.5",
    url: None,
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for entry in file.variables_of_tasks() {
        let (Some(name), Some(meant)) = (entry.key.text(), entry.value.text().and_then(expansion)) else {
            continue;
        };
        let message = format!("`{meant}` in the variable `{name}` of a task is not expanded");
        let finding = RULE.at(file.source(), entry.value.span(), message, "set as it stands here");
        findings.push(finding.help("set it in a command of the task's buildspec"));
    }
    for section in ["variables", "parameter-store", "secrets-manager"] {
        for entry in file.entries(&["env", section]) {
            let (Some(name), Some(value)) = (entry.key.text(), entry.value.text()) else { continue };
            if let Some(finding) = reference(file, section, name, entry.value) {
                findings.push(finding);
                continue;
            }
            // A function of CloudFormation is told by `yaml-tag`.
            let Some(meant) = expansion(value).filter(|_| entry.value.tag().is_none()) else { continue };
            let message = format!("`{meant}` in `env.{section}.{name}` is not expanded");
            let finding = |label: &str| RULE.at(file.source(), entry.value.span(), message.as_str(), label);
            findings.push(match section {
                "variables" => {
                    let help = if value.contains(['"', '\n']) {
                        "set it in a command".to_owned()
                    } else {
                        format!("set it in a command: - {name}=\"{value}\"")
                    };
                    let finding = finding("set as it stands here");
                    // A document may well have a `$` of its own.
                    let severity = if is_json(value) { Severity::Advice } else { finding.severity };
                    Finding { severity, ..finding }.help(help)
                }
                "parameter-store" => finding("looked for by this very name")
                    .help("fetch it in a command: aws ssm get-parameter --with-decryption --name …"),
                _ => finding("looked for by this very name")
                    .help("fetch it in a command: aws secretsmanager get-secret-value --secret-id …"),
            });
        }
    }
}

/// `{{resolve:ssm:/a/b}}`, which CloudFormation fills in, in a file that it does not read.
fn reference(file: Buildspec<'_>, section: &str, name: &str, value: Node<'_>) -> Option<Finding> {
    let text = value.text()?;
    let at = text.find("{{resolve:")?;
    let length = text[at..].find("}}")? + 2;
    let written = &text[at..at + length];
    let message =
        format!("`{written}` in `env.{section}.{name}` is filled in by CloudFormation, and not here");
    let finding = RULE.at(file.source(), value.span(), message, "used as it stands here");
    let (place, what) = match written.split(':').nth(1)? {
        "secretsmanager" => ("secrets-manager", "secret-id:json-key"),
        "ssm" | "ssm-secure" => ("parameter-store", "the parameter's name"),
        _ => return None,
    };
    Some(finding.help(format!("write {name} below env.{place}, with {what} as its value")))
}

/// Whether a value looks like a JSON document.
fn is_json(value: &str) -> bool {
    let value = value.trim();
    [('{', '}'), ('[', ']')].iter().any(|(open, close)| value.starts_with(*open) && value.ends_with(*close))
}

/// The first part of a value that a shell would expand. Who writes `\$` means the sign.
fn expansion(value: &str) -> Option<&str> {
    if is_hash(value) {
        return None;
    }
    backquoted(value).or_else(|| dollar(value))
}

/// `$2b$12$…`, `$6$…`: a password as crypt(3) keeps it.
fn is_hash(value: &str) -> bool {
    let scheme = value.strip_prefix('$').and_then(|rest| rest.split_once('$')).map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        (1..=8).contains(&scheme.len()) && scheme.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// `` `command` ``: words of a command between two backquotes.
fn backquoted(value: &str) -> Option<&str> {
    let start = value.find('`')?;
    let length = value[start + 1..].find('`')?;
    (length > 0).then(|| &value[start..start + length + 2])
}

fn dollar(value: &str) -> Option<&str> {
    value.match_indices('$').filter(|(at, _)| !value[..*at].ends_with('\\')).find_map(|(at, _)| {
        let rest = &value[at + 1..];
        if let Some(end) = rest.strip_prefix('(').and_then(|_| rest.find(')')) {
            return Some(&value[at..at + end + 2]);
        }
        if let Some(inside) = rest.strip_prefix('{') {
            let end = inside.find('}')?;
            let name = inside[..end].split([':', '-', '%', '#', '/']).next()?;
            return is_name(name).then(|| &value[at..at + end + 3]);
        }
        let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        is_name(&rest[..length]).then(|| &value[at..=at + length])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_shell_would_expand_is_said() {
        for (value, expected) in [
            ("plain", None),
            ("5$", None),
            ("$2b$12$abcdefghij", None),
            ("$6$salt$hash", None),
            ("$1", None),
            ("a$$b", Some("$b")),
            ("$PATH:/x", Some("$PATH")),
            ("x${HOME}/y", Some("${HOME}")),
            ("${HOME:-/}", Some("${HOME:-/}")),
            ("$(date)", Some("$(date)")),
            ("v`date +%Y`", Some("`date +%Y`")),
            ("a`b", None),
            ("``", None),
            ("${", None),
            ("${{ x }}", None),
            (r"\$HOME", None),
            (r"\${HOME}$A", Some("$A")),
        ] {
            assert_eq!(expansion(value), expected, "{value}");
        }
    }
}

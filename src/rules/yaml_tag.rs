//! `yaml-tag`: a command that loses its `!`.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Edit, Finding, Severity};
use crate::syntax::{Kind, Node, Span};

pub(super) const RULE: Rule = Rule {
    code: "yaml-tag",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A command that begins with `!`, which YAML takes for a tag",
    doc: "YAML reads a `!` at the beginning of a value as a tag: a remark on its type, not a part of the text. `! grep -q TODO` \
          becomes `grep -q TODO`, and means the opposite; with a word close behind it, `!grep`, that word is lost as well, or \
          CodeBuild's parser stops. Put the command in quotes.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - ! grep -q TODO notes.txt
",
        "version: 0.2
phases:
  build:
    commands:
      - '! grep -q TODO notes.txt'
",
    ),
    reference: "codebuild.md 1.1",
    url: None,
    check: Check::Buildspec(check),
};

/// The functions of CloudFormation that people write into buildspecs.
const FUNCTIONS: [&str; 7] = ["FindInMap", "GetAtt", "ImportValue", "Join", "Ref", "Select", "Sub"];

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for command in file.commands() {
        if command.node.tag().is_none_or(|tag| tag.starts_with("tag:yaml.org")) {
            continue;
        }
        let Some(span) = whole(command.node) else { continue };
        let written = file.source().slice(span);
        let quoted = format!("'{}'", written.replace('\'', "''"));
        let message = "the `!` is a tag of YAML, no part of the command";
        let finding = RULE.at(file.source(), span, message, format!("the command is `{}`", command.text));
        let edits = vec![Edit { span, replacement: quoted.clone() }];
        findings.push(
            finding.help(format!("put it in quotes: - {quoted}")).fix("Put the command in quotes", edits),
        );
    }
    for section in ["env", "artifacts", "cache", "reports", "batch", "proxy"] {
        file.at(&[section]).into_iter().for_each(|node| functions(node, findings));
    }
}

/// Functions of CloudFormation, which are no part of a buildspec.
fn functions(node: Node<'_>, findings: &mut Vec<Finding>) {
    // What an alias stands for is looked at where it is written.
    if node.span() != node.content_span() && node.kind() != Kind::Scalar {
        return;
    }
    if let Some(name) =
        node.tag().and_then(|tag| tag.strip_prefix('!')).filter(|name| FUNCTIONS.contains(name))
        && let Some(span) = whole(node)
    {
        let message = format!("`!{name}` is a function of CloudFormation, and a buildspec has none");
        let finding = RULE.at(node.source(), span, message, "not filled in by anybody");
        findings.push(finding.help(
            "set it in the project's EnvironmentVariables in the template, and read it as a variable here",
        ));
    }
    node.items().for_each(|item| functions(item, findings));
    node.written_entries().for_each(|entry| functions(entry.value, findings));
}

/// The value with its tag, which stands before it on the same line.
fn whole(node: Node<'_>) -> Option<Span> {
    let source = node.source();
    let line = source.line_span(source.position(node.span().start).line)?;
    let before = source.slice(Span::new(line.start, node.span().start.max(line.start)));
    let at = if source.slice(node.span()).starts_with('!') { before.len() } else { before.rfind('!')? };
    let start = line.start + u32::try_from(at).ok()?;
    Some(Span::new(start, node.span().end.min(line.end)))
}
